"""The limits of segments and RFM scores where they are shown: a form, and what a change would move."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dash import dcc, html

import metrics
from components import format as fmt
from components import people
from components.view import View
from metrics.limits import DAYS, FIELDS
from metrics.people import AXES, Cuts

Moved = dict[str, tuple[float | None, float | None, float | None, float | None]]


def form(view: View) -> html.Details:
    """Closed until asked for; every field as it stands now."""
    cuts = Cuts.of(view.context.settings)
    fields = [_field(view, name, written(cuts, name)) for name in FIELDS]
    buttons = [
        html.Button(view.text("buyers.limits.preview"), id="limits-preview", className="button", n_clicks=0),
        html.Button(view.text("buyers.limits.save"), id="limits-save", className="button primary", disabled=True),
    ]
    if cuts != Cuts.declared(view.context.settings):
        buttons.append(html.Button(view.text("buyers.limits.back"), id="limits-back", className="button"))
    else:
        buttons.append(html.Button(id="limits-back", hidden=True))
    note = dcc.Input(
        id="limits-note", type="text", maxLength=500, className="field", placeholder=view.text("buyers.limits.note")
    )
    return html.Details(
        [
            html.Summary(view.text("buyers.limits.open"), className="button"),
            html.P(view.text("buyers.limits.hint"), className="note"),
            html.Div(fields, className="limits-fields"),
            html.Div([note, *buttons], className="limits-acts"),
            html.Div(id="limits-answer", className="limits-answer", role="status"),
            dcc.Store(id="limits-seen"),
        ],
        className="limits",
    )


def _field(view: View, name: str, value: str) -> html.Label:
    label = view.text(f"buyers.limits.{name}")
    mode: Any = "numeric" if name in (*DAYS, "high_share") else "text"
    entry = dcc.Input(id=f"limit-{name}", type="text", inputMode=mode, value=value, className="field")
    return html.Label([html.Span(label), entry])


def written(cuts: Cuts, name: str) -> str:
    """A limit as people write it: the share per cent, cut points with commas."""
    value = getattr(cuts, name)
    if name == "high_share":
        return f"{value * 100:g}"
    return ", ".join(f"{one:.10g}" for one in value) if name in AXES else str(value)


def read(values: Mapping[str, Any]) -> Cuts:
    """The limits that a filled form means; what is no number fails in `limits.check`."""
    new, silent, lost = (_whole(values[name]) for name in DAYS)
    share = round(_number(values["high_share"]) / 100, 6)
    recency, frequency, money = (tuple(_number(part) for part in _parts(values[name])) for name in AXES)
    return Cuts(new, silent, lost, share, recency, frequency, money)


def _parts(told: Any) -> list[str]:
    return str(told or "").replace("，", ",").replace("、", ",").replace("/", ",").split(",")


def _number(told: Any) -> float:
    try:
        return float(told)
    except (TypeError, ValueError):
        return math.nan


def _whole(told: Any) -> int:
    value = _number(told)
    return int(value) if math.isfinite(value) and value == int(value) else 0


def moved(view: View, cuts: Cuts) -> Moved:
    """By segment: buyers and money before, and after with these limits."""
    asked = view.context.warehouse, people.slice_of(view), view.scope
    before, after = (
        {row["segment"]: row for row in metrics.segments(*asked, one).rows}
        for one in (Cuts.of(view.context.settings), cuts)
    )
    return {
        name: tuple(side.get(name, {}).get(part) for part in ("buyers", "gmv") for side in (before, after))  # type: ignore[misc]
        for name in metrics.SEGMENTS
    }


def effect(view: View, found: Moved, cuts: Cuts) -> html.Div:
    """Who would be counted where: by segment before and after, and the limits that change."""
    held = Cuts.of(view.context.settings)
    changes = [
        f"{view.text(f'buyers.limits.{name}')}: {written(held, name)} → {written(cuts, name)}"
        for name in FIELDS
        if getattr(held, name) != getattr(cuts, name)
    ]
    if not changes:
        return html.Div(view.text("buyers.limits.nothing"), className="muted")
    heads = (view.text("buyers.now"), view.text("buyers.size"), view.text("buyers.money"))
    rows = [
        html.Tr(
            [
                html.Th(people.segment_name(view, name), scope="row"),
                html.Td(_pair(view, one[0], one[1], "count"), className="num"),
                html.Td(_pair(view, one[2], one[3], "yuan"), className="num"),
            ]
        )
        for name, one in found.items()
    ]
    caption = html.Caption(view.text("buyers.limits.effect"), className="sr-only")
    head = html.Thead(
        html.Tr([html.Th(one, scope="col", className="num" if at else "") for at, one in enumerate(heads)])
    )
    return html.Div(
        [
            html.Ul([html.Li(one) for one in changes]),
            html.Table([caption, head, html.Tbody(rows)], className="table small"),
            html.P(view.text("buyers.limits.reach"), className="note"),
        ]
    )


def _pair(view: View, was: float | None, now: float | None, unit: str) -> str:
    one, other = (fmt.plain(value, unit, view.lang) for value in (was, now))
    return one if one == other else f"{one} → {other}"
