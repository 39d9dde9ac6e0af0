"""A strip of the metric tree: what a number is made of, each part with its value and change, joined by the signs of
the formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from components import alert_badge, delta, names
from components import format as fmt
from components.view import View
from metrics.types import Result

Part = tuple[str, str]  # (sign before it, metric id); the sign '|' starts a second formula


def tree(view: View, results: Sequence[Result], parts: tuple[Part, ...]) -> html.Div:
    """The parts in reading order, each from the answer that holds it; every node leads to its drill page."""
    shown: list[Any] = []
    for sign, metric in parts:
        if sign:
            shown.append(
                html.Span(
                    "" if sign == "|" else sign,
                    className="tree-sign" + (" tree-break" if sign == "|" else ""),
                    **{"aria-hidden": "true" if sign == "|" else "false"},
                )
            )
        shown.append(_node(view, next(found for found in results if metric in found.metrics), metric))
    return html.Div(shown, className="tree")


def _node(view: View, result: Result, metric: str) -> html.A:
    row = result.rows[0] if result.rows else {}
    value = fmt.number(row.get(metric), result.units.get(metric, "count"), view.lang)
    moved = delta.change(view, result, metric)
    alarmed = " alarmed" if alert_badge.badge(view, metric) is not None else ""
    return html.A(
        [
            html.Span(names.metric(view, metric), className="node-name"),
            html.Span([html.B(value.main), html.Small(value.unit)], className="node-value", title=value.exact),
            delta.figure(view, moved, mark=True),
        ],
        href=view.href(f"/drill/{metric}"),
        className="node" + alarmed,
        **{"data-nav": "1"},
    )
