"""Sources: how far each has told, how far that lies back, what is expected of it, and its last fault."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

import connectors
from components import data_frame, layout, names, process_view, states
from components import format as fmt
from components.view import View
from config import now
from warehouse import batches, freshness

HEADS = ("state", "platform", "shop", "kind", "source", "through", "lag", "expected", "loaded", "error")


def draw(view: View) -> Component:
    """The table of sources, the worst first, and what is broken beside it."""
    clock = now(view.context.settings)
    found = freshness.sources(view.context.warehouse, clock)
    if not found:
        body: Any = states.message(
            "∅",
            view.text("data.sources.nothing"),
            view.text("data.sources.nothing_hint"),
            [html.A(view.text("data.tab.inbox"), href="/data/inbox", className="button primary", **{"data-nav": "1"})],
        )
    else:
        faults = batches.faults(view.context.warehouse)
        order = {"silent": 0, "late": 1, "fresh": 2, "relieved": 3, "ended": 4, "unknown": 5}
        found.sort(key=lambda one: (order[state_of(one)], one.platform, one.shop, one.kind))
        head = [html.Th(view.text(f"data.sources.{name}"), scope="col") for name in HEADS]
        rows = [_row(view, one, faults.get(one.source)) for one in found]
        body = html.Div(
            html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="table listed sources"),
            className="table-scroll",
            tabIndex="0",
            role="region",
            **{"aria-label": view.text("data.sources.title")},
        )
    return html.Div(
        [
            layout.card(body, title=view.text("data.sources.title"), note=view.text("data.sources.note")),
            process_view.draw(view),
            _broken(view),
        ],
        className="data-page",
    )


def state_of(one: freshness.Source) -> str:
    """A source without a time of its own (a sheet of costs) is neither fresh nor late."""
    return one.state if one.complete_through is not None else "unknown"


def _row(view: View, one: freshness.Source, fault: dict[str, Any] | None) -> Component:
    clock, state = now(view.context.settings), state_of(one)
    chip = html.Span(view.text(f"data.sources.{state}"), className=f"chip state-{state}")
    error = " ".join(str(fault[name]) for name in ("method", "status", "code") if fault[name]) if fault else ""
    cells: list[Any] = [
        chip,
        names.value(view, "platform", one.platform),
        one.shop,
        data_frame.kind_name(view, one.kind),
        data_frame.door_name(view, one.source),
        fmt.moment(one.complete_through, clock),
        span(view, one.lag),
        span(view, one.expected),
        html.A(
            fmt.moment(one.last_loaded_at, clock),
            href=f"/data/batches?batch={one.last_batch_id}",
            className="inline",
            **{"data-nav": "1"},
        ),
        html.Span(error or fmt.DASH, className="data-error" if error else ""),
    ]
    named = [
        html.Td(cell, **{"data-label": view.text(f"data.sources.{head}")})
        for head, cell in zip(HEADS, cells, strict=True)
    ]
    return html.Tr(named, **{"data-source": one.source, "data-state": state})


def span(view: View, lag: timedelta | None) -> str:
    """A span of time in its largest fitting unit."""
    if lag is None:
        return fmt.DASH
    minutes = max(0, int(lag / timedelta(minutes=1)))
    for size, per, word in ((2880, 1440, "days"), (120, 60, "hours")):
        if minutes >= size:
            return view.text(f"wall.fresh.{word}", n=minutes // per)
    return view.text("wall.fresh.minutes", n=minutes)


def _broken(view: View) -> Component | None:
    """Kinds that could not be used, so that nobody wonders why a file is not recognised."""
    found = connectors.broken_kinds()
    if not found:
        return None
    return layout.card(
        html.Ul([html.Li([html.Code(name), f" {reason}"]) for name, reason in found]),
        title=view.text("data.sources.broken_kinds"),
    )
