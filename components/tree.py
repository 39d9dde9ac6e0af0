"""A strip of the metric tree: what a number is made of, each part with its value and change, joined by the signs of
the formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import html

import metrics
from components import alert_badge, cards, delta, names
from components import format as fmt
from components.view import View
from metrics.types import Result

Part = tuple[str, str]  # (sign before it, metric id); the sign '|' starts a second formula


def ask(view: View, parts: tuple[Part, ...]) -> dict[str, Result]:
    """The newest values (`now`), and the changes in as few questions as do not cut each other short.

    A compared answer that is not cut tells the newest values as well; only the others are asked for them.
    """
    wanted = tuple(dict.fromkeys(metric for _, metric in parts))
    changes = [
        view.ask(*group, compare=view.compare, newest=False)
        for group in cards.groups(view, wanted)
        if any(view.answerable(metric) for metric in group)
    ]
    told = [one for one in changes if _newest(one)]
    known = {name for one in told for name in one.metrics}
    rest = tuple(name for name in wanted if name not in known)
    left_out = {name: why for name in rest if (why := view.left_out(name))} if told else {}
    if asked := tuple(name for name in rest if name not in left_out):
        told.append(view.ask(*asked))
    now = replace(
        told[-1],
        metrics=wanted,
        rows=[{name: value for one in told for name, value in _first(one).items()}],
        units={name: metrics.catalogue()[name].unit for name in wanted},
        notes=left_out | {name: why for one in told for name, why in one.notes.items()},
    )
    return {"now": now} | {f"change {number}": one for number, one in enumerate(changes)}


def _first(result: Result) -> dict[str, Any]:
    row = result.rows[0] if result.rows else {}
    return {name: row[name] for name in result.metrics if name in row}


def _newest(result: Result) -> bool:
    """Whether a compared answer ends where its period or its newest event does; what is told of the system's own work
    is of this very moment."""
    known = metrics.catalogue()
    system = any(name in known and known[name].layer == "system" for name in result.metrics)
    return bool(result.rows) and not system and not any(name.endswith("__cut") for name in result.rows[0])


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
