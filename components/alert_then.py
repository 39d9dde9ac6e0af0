"""What an alarm stood on when it fired, beside what is known of the same span now; shown where they differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import html

import alerts
import metrics
from alerts.types import Incident
from components import alert_words as words
from components import format as fmt
from components.view import View
from config import now
from metrics.as_known import DIMENSIONS
from metrics.types import Query, Result


def as_fired(item: Incident) -> Incident:
    """The incident with the number that it fired on."""
    if item.fired_value is None:
        return item
    return replace(item, value=item.fired_value, base=item.fired_base)


def line(view: View, item: Incident) -> Any:
    """Then and now, whether it would still fire, and the way to the number as known then; None where nothing moved."""

    def ask(query: Query) -> Result:
        return metrics.query(view.context.warehouse, query, view.scope)

    found = alerts.hindsight(item, ask, now(view.context.settings))
    if found is None or not found.moved:
        return None
    told = view.text("alerts.then.chip", then=_figure(view, found.then, item), now=_figure(view, found.now, item))
    if found.then_base is not None and found.then_base != found.now_base:
        bases = {"then": _figure(view, found.then_base, item), "now": _figure(view, found.now_base, item)}
        told += view.text("alerts.then.base", **bases)
    parts: list[Any] = [html.Span(told, className="chip chip-note", title=view.text("alerts.then.hint"))]
    if found.stands is False:
        parts.append(html.Span(view.text("alerts.then.would_not"), className="muted"))
    return html.Div([*parts, _look(view, item)], className="incident-then", **{"data-then": str(item.id)})


def _figure(view: View, value: float | None, item: Incident) -> str:
    return "–" if value is None else words.figure(view, value, item.metric)


def _look(view: View, item: Incident) -> Any:
    """The number's page as it was known when the alarm fired, where that is kept."""
    if item.fired_at is None or not set(item.slice) <= set(DIMENSIONS):
        return None
    return html.A(
        view.text("alerts.then.look", at=fmt.moment(item.fired_at)),
        href=words.drill(replace(view, as_known=item.fired_at + timedelta(seconds=59)), item),
        className="inline",
        **{"data-nav": "1"},
    )
