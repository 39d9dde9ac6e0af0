"""A strip of the metric tree: what a number is made of, each part with its value and change, joined by the signs of
the formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from components import alert_badge, cards, delta, names
from components import format as fmt
from components.view import View
from metrics.types import Result

Part = tuple[str, str]  # (sign before it, metric id); the sign '|' starts a second formula


def ask(view: View, parts: tuple[Part, ...]) -> dict[str, Result]:
    """The newest values (`now`), and the changes in as few questions as do not cut each other short."""
    wanted = tuple(dict.fromkeys(metric for _, metric in parts))
    found = {"now": view.ask(*wanted)}
    for i, group in enumerate(cards.groups(view, wanted)):
        if any(view.answerable(metric) for metric in group):
            found[f"change {i}"] = view.ask(*group, compare=view.compare, newest=False)
    return found


def tree(view: View, found: Mapping[str, Result], parts: tuple[Part, ...]) -> html.Div:
    """The parts in reading order, of `ask`'s answers; every node leads to its drill page."""
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
        shown.append(_node(view, found, metric))
    return html.Div(shown, className="tree")


def _node(view: View, found: Mapping[str, Result], metric: str) -> html.A:
    now = found["now"]
    row = now.rows[0] if now.rows else {}
    value = fmt.number(row.get(metric), now.units.get(metric, "count"), view.lang)
    compared = next((one for name, one in found.items() if name != "now" and metric in one.metrics), None)
    moved = None if compared is None else delta.change(view, compared, metric)
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
