"""How a metric came to mean what it means: every change of its definition, by whom, when, and what it moved."""

from __future__ import annotations

from typing import Any

from dash import html

from components import format as fmt
from components import names
from components.view import View
from metrics import definitions
from metrics.catalogue import declared
from metrics.declare import Metric
from metrics.definitions import Version


def history(view: View, metric_id: str) -> html.Ol:
    """The newest first; at the end what this release declares."""
    found = definitions.history(view.context.ledger, metric_id) if view.context.ledger is not None else []
    first = declared().get(metric_id)
    older = [one.metric or first for one in found[1:]] + [first]
    items = [_item(view, one, before) for one, before in zip(found, older, strict=False)]
    if first is not None:
        told = view.text("definitions.history.declared")
        items.append(html.Li([html.Span(told), _formula(first.formula or first.id)]))
    return html.Ol(items, className="history")


def _formula(formula: str) -> html.Code:
    return html.Code(formula, className="break")


def _item(view: View, one: Version, before: Metric | None) -> html.Li:
    head = view.text(f"definitions.history.{one.change}", by=one.by, at=one.at.replace("T", " ")[:16], version=one.id)
    parts: list[Any] = [html.Div(head)]
    if one.metric is not None:
        parts.append(html.Div(_formula(one.metric.formula)))
        if before is not None and (fields := _changed(view, before, one.metric)):
            parts.append(html.Div(view.text("definitions.history.fields", names=fields), className="muted"))
    if one.note:
        parts.append(html.Div(one.note, className="muted"))
    if moved := _moved(view, one):
        parts.append(html.Div(moved, className="muted"))
    return html.Li(parts, **{"data-version": str(one.id)})


def _changed(view: View, before: Metric, after: Metric) -> str:
    fields = ("zh", "en", "formula", "direction", "layer", "owner", "definition_zh", "definition_en")
    found = [name for name in fields if getattr(before, name) != getattr(after, name)]
    return names.several(view, (view.text(f"definitions.form.{name}") for name in found))


def _moved(view: View, one: Version) -> str:
    """What was shown to move when it was saved."""
    values = one.effect.get("values") or []
    mine = next((value for value in values if value["name"] == one.metric_id), None)
    if mine is None or mine["old"] is None or mine["new"] is None:
        return ""
    item = one.metric or declared().get(one.metric_id)
    unit = item.unit if item else "count"
    old, new = (str(fmt.number(mine[side], unit, view.lang)) for side in ("old", "new"))
    counts = {name: len(one.effect.get(name) or []) for name in ("rules", "decisions")}
    return view.text("definitions.history.moved", old=old, new=new, others=max(0, len(values) - 1), **counts)
