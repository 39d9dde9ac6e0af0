"""Bars by a dimension: label, bar from zero, value, change. A click filters the page, the arrow drills."""

from __future__ import annotations

from typing import Any

from dash import html

from components import delta, names, states
from components import format as fmt
from components.view import View
from metrics.types import Result


def bars(view: View, result: Result, metric: str, dimension: str, *, most: int = 12) -> Any:
    """One row a value, in the order of the result."""
    rows = [row for row in result.rows if row.get(metric) is not None][:most]
    if not rows and result.notes.get(metric) == "not_allowed":
        return states.not_allowed(view)
    if not rows:
        return states.nothing(view)
    top = max(abs(row[metric]) for row in rows) or 1.0
    held = view.filters.get(dimension, ())
    return html.Div(
        [_row(view, result, metric, dimension, row, abs(row[metric]) / top, held) for row in rows], className="bars"
    )


def _row(
    view: View, result: Result, metric: str, dimension: str, row: dict[str, Any], width: float, held: tuple[str, ...]
) -> html.Div:
    code = row.get(dimension)
    label = names.value(view, dimension, code)
    shown = fmt.number(row[metric], result.units.get(metric, "count"), view.lang)
    moved = delta.figure(view, delta.change(view, result, metric, row)) if result.compare else None
    dim = " dim" if held and str(code) not in held else ""
    link = view.toggled(dimension, str(code)).href() if code is not None else None
    name = (
        html.A(label, href=link, className="bar-label stretched", title=label, **{"data-nav": "1"})
        if link
        else html.Span(label, className="bar-label muted", title=names.hint(view, code))
    )
    return html.Div(
        [
            name,
            html.Div(
                html.Span(style={"width": f"{width * 100:.1f}%"}), className="bar-track", **{"aria-hidden": "true"}
            ),
            html.Span([shown.main, html.Small(shown.unit)], className="bar-value", title=shown.exact),
            moved,
        ],
        className="bar-row" + dim,
        **{"data-drill": drill_link(view, metric, dimension, code)},
    )


def drill_link(view: View, metric: str, dimension: str, code: object) -> str:
    """Where a double click leads: the metric's drill page, held to this value."""
    held = view.with_filter(dimension, str(code)) if code is not None else view
    return held.href(f"/drill/{metric}", extra={})
