"""Which parts moved a number: bars left and right of zero for the change of each value of a dimension."""

from __future__ import annotations

from typing import Any

from dash import html

from components import bars, names, states
from components import format as fmt
from components.view import View
from metrics.types import Result


def movers(view: View, result: Result, metric: str, dimension: str, *, most: int = 6) -> Any:
    """The largest changes of a compared result, ordered from gain to loss."""
    key = f"{metric}__diff"
    moved = sorted((row for row in result.rows if row.get(key)), key=lambda row: -abs(row[key]))[:most]
    if not moved:
        return states.nothing(view)
    top = max(abs(row[key]) for row in moved)
    unit = result.units.get(metric, "count")
    return html.Div(
        [
            _row(view, row, metric, dimension, unit, top)
            for row in sorted(moved, key=lambda row: (row[dimension] is None, -row[key]))
        ],
        className="movers",
    )


def _row(view: View, row: dict[str, Any], metric: str, dimension: str, unit: str, top: float) -> html.Div:
    diff, code = row[f"{metric}__diff"], row.get(dimension)
    way = "up" if diff > 0 else "down"
    label = names.value(view, dimension, code)
    told = f"{label} {fmt.signed(diff, unit, view.lang)}"
    if code is None:
        name: Any = html.Span(label, className="bar-label muted", title=names.hint(view, code))
    else:
        href = view.toggled(dimension, str(code)).href()
        name = html.A(label, href=href, className="bar-label stretched", title=told, **{"data-nav": "1"})
    return html.Div(
        [
            name,
            html.Div(
                [html.Span(className=f"mover {way}", style={"width": f"{abs(diff) / top * 50:.1f}%"})],
                className="mover-track",
                **{"aria-hidden": "true"},
            ),
            html.Span(fmt.signed(diff, unit, view.lang), className=f"delta {way} num"),
        ],
        className="mover-row",
        **{"data-drill": bars.drill_link(view, metric, dimension, code)},
    )
