"""Batches: the list, and one of them with its file, its counts and what rests on it."""

from __future__ import annotations

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from components import data_frame, layout, names, raw, states
from components import format as fmt
from components.table import Column, grid
from components.view import View
from config import now
from warehouse import batches

COUNTS = ("rows_read", "accepted", "unchanged", "quarantined")


def listing(view: View) -> Component:
    """Every batch in a grid that sorts and filters."""
    found = batches.recent(view.context.warehouse)
    if not found:
        body: Any = states.message(
            "∅",
            view.text("data.batches.nothing"),
            view.text("data.batches.nothing_hint"),
            [html.A(view.text("data.tab.inbox"), href="/data/inbox", className="button primary", **{"data-nav": "1"})],
        )
    else:
        body = grid(view, "batch-grid", [_told(view, row) for row in found], _columns(view), height=620, page_size=50)
        for row in body.rowData:  # an account of rows is told to the row, not in 万
            row |= {f"{name}__shown": row[f"{name}__exact"] for name in COUNTS}
    return layout.card(body, title=view.text("data.batches.title"), note=view.text("data.batches.note"))


def _told(view: View, row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "kind": data_frame.kind_name(view, row["kind"]),
        "source": data_frame.door_name(view, row["source"]),
        "platform": names.value(view, "platform", row["platform"]),
        "label": f"{row['batch_id']} · {row['file_name'] or fmt.DASH}",
    }


def _columns(view: View) -> list[Column]:
    def title(name: str) -> str:
        return view.text(f"data.batches.{name}")

    def link(row: dict[str, Any]) -> str:
        return f"/data/batches?batch={row['batch_id']}"

    text = [
        Column("label", f"{title('batch')} · {title('file')}", "text", link=link, filter=True, width=230),
        *(
            Column(name, title(name), "text", filter=True, width=width)
            for name, width in (("kind", 150), ("source", 84), ("platform", 84), ("shop", 132))
        ),
    ]
    counts = [Column(name, title(name), "number", "count", filter=True) for name in COUNTS]
    return [
        *text,
        *counts,
        Column("last_event_at", title("last"), "time", width=140),
        Column("loaded_at", title("loaded"), "time", width=140),
    ]


def detail(view: View, batch_id: str) -> Component:
    """One batch."""
    row = batches.one(view.context.warehouse, int(batch_id)) if batch_id.isdecimal() else None
    back = html.A(view.text("data.batches.back"), href="/data/batches", className="button", **{"data-nav": "1"})
    if row is None:
        return layout.card(
            states.message("?", view.text("data.batches.gone"), view.text("data.batches.gone_hint"), [back])
        )
    actions: list[Any] = [back]
    if data_frame.may_change(view) and raw.sees(view.scope, batches.kinds_in(view.context.warehouse, row["sha256"])):
        actions.append(
            html.A(
                view.text("data.batches.download"),
                href=f"/data/batches/{row['batch_id']}/original",
                className="button",
                download=row["file_name"] or "original",
            )
        )
    if row["quarantined"]:
        actions.append(
            html.A(
                view.text("data.batches.mend"),
                href=f"/data/quarantine?batch={row['batch_id']}",
                className="button primary",
                **{"data-nav": "1"},
            )
        )
    return data_frame.card(
        [_equation(view, row), _facts(view, row), _resting(view, row["batch_id"])],
        title=view.text("data.batches.detail", id=row["batch_id"], file=row["file_name"] or fmt.DASH),
        corner=html.Div(actions, className="mend-bar"),
    )


def _equation(view: View, row: dict[str, Any]) -> Component:
    """read = accepted + unchanged + quarantined, as it is."""
    parts: list[Any] = []
    for sign, name in zip(("", "=", "+", "+"), COUNTS, strict=True):
        parts += [html.Span(sign, className="equation")] if sign else []
        parts.append(
            html.Div(
                [html.Span(view.text(f"data.batches.{name}"), className="muted"), html.B(f"{row[name]:,}")],
                **{"data-count": name, "data-value": str(row[name])},
            )
        )
    return html.Div(parts, className="counts")


def _facts(view: View, row: dict[str, Any]) -> Component:
    clock = now(view.context.settings)
    options = {name: value for name, value in json.loads(row["options"]).items() if value not in (None, "")}
    told: list[tuple[str, Any]] = [
        ("kind", data_frame.kind_name(view, row["kind"])),
        ("source", data_frame.door_name(view, row["source"])),
        ("platform", names.value(view, "platform", row["platform"])),
        ("shop", row["shop"]),
        ("first", fmt.moment(row["first_event_at"])),
        ("last", fmt.moment(row["last_event_at"])),
        ("loaded", fmt.moment(row["loaded_at"], clock)),
        ("seconds", f"{row['seconds']:.2f}"),
        ("version", row["data_version"]),
        ("sha", html.Code(row["sha256"], className="break")),
        ("options", html.Code(" ".join(f"{name}={value}" for name, value in options.items()), className="break")),
    ]
    return html.Dl(
        [part for name, value in told for part in (html.Dt(view.text(f"data.batches.{name}")), html.Dd(value))],
        className="facts",
    )


def _resting(view: View, batch_id: int) -> Component:
    found = batches.resting(view.context.warehouse, batch_id)
    lines: Any = [
        html.Li(
            view.text("data.batches.facts_rows", fact=data_frame.fact_name(view, row["fact"]), rows=f"{row['rows']:,}")
        )
        for row in found
    ] or [html.Li(view.text("data.batches.facts_none"), className="muted")]
    return html.Div([html.H3(view.text("data.batches.facts")), html.Ul(lines)])
