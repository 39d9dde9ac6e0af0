"""The system line: how sources, jobs, calls and the process itself do today, each with its definition at hand."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

import metrics
from components import format as fmt
from components import freshness, layout, names
from components.view import View
from config import now
from metrics.types import Period, Query, Result


def draw(view: View) -> Component | None:
    """Every metric of the layer `system` that the reader may ask, of the present day; None when there is none.

    Asked without the pages' memory of answers: these move without a new data version.
    """
    asked = tuple(
        item.id for item in metrics.catalogue().values() if item.layer == "system" and view.answerable(item.id)
    )
    if not asked:
        return None
    today = now(view.context.settings).date()
    found = view.context.query(view.context.warehouse, Query(asked, period=Period.days(today, today)), view.scope)
    rows = [_row(view, found, name) for name in asked]
    return layout.card(
        html.Dl([part for row in rows for part in row], className="facts process"),
        title=view.text("data.process.title"),
        note=view.text("data.process.note", day=today.isoformat()),
    )


def _row(view: View, found: Result, name: str) -> tuple[Component, Component]:
    item = metrics.catalogue()[name]
    value = found.rows[0].get(name) if found.rows else None
    shown: Any = fmt.plain(value, item.unit, view.lang)
    if value is None:
        shown = html.Span(freshness.reason(view, found.notes.get(name, "")), className="muted")
    told = item.definition_zh if view.lang == "zh" else item.definition_en
    return html.Dt(names.metric(view, name), title=told), html.Dd(shown, **{"data-metric": name})
