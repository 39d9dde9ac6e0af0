"""The mapping of a file's columns to fields: proposals, the table a person works on, and what is remembered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

import connectors
from components import data_frame, layout, loading, names, states, uploads, work
from components import format as fmt
from components.context import Context
from components.view import View
from config import now
from connectors.mapping import MappingFile, Proposal, guess_mapping, remember
from connectors.mapping_store import LedgerMappings
from connectors.recognise import header_row
from errors import UserError

SAMPLES = 3
PLATFORMS = ("douyin", "taobao", "tmall", "jd", "pdd", "kuaishou", "wechat", "xiaohongshu", "own")


def proposals(context: Context, path: Path, kind: str | None = None) -> list[Proposal]:
    """Guesses for a file, the best first.

    Raises:
        UserError: `file_empty` and what reading the file raises.
    """
    grid = loading.first_grid(context, path)
    found = guess_mapping(grid, kind) if grid else []
    if not found:
        raise UserError("file_empty", file=path.name)
    return found


def head(view: View, kinds: list[dict[str, str]], chosen: str) -> Component:
    """Kind, platform and shop that hold for the whole file."""
    platforms = [{"label": view.text(f"components.value.platform.{name}"), "value": name} for name in PLATFORMS]
    fields = (
        ("kind", dcc.Dropdown(kinds, chosen, id="map-kind", clearable=False, className="drop")),
        (
            "platform",
            dcc.Dropdown(
                platforms, None, id="map-platform", placeholder=view.text("data.upload.platform_auto"), className="drop"
            ),
        ),
        (
            "shop",
            dcc.Input(id="map-shop", type="text", className="field", placeholder=view.text("data.upload.shop_hint")),
        ),
    )
    return html.Div(
        [
            html.Label([html.Span(view.text(f"data.mapping.{name}"), className="muted"), field], className="labelled")
            for name, field in fields
        ],
        className="upload-options",
    )


def columns(view: View, proposal: Proposal) -> Component:
    """One row a column of the file: header, samples, the field it is taken for."""
    kind = connectors.kind_named(proposal.kind)
    assert kind is not None
    need = {name for one in kind.key for name in one.split("|")} | {
        column.field for column in kind.columns if column.required
    }
    choices = [
        {
            "label": column.headers[0] + (f" · {view.text('data.mapping.required')}" if column.field in need else ""),
            "value": column.field,
        }
        for column in kind.columns
    ]
    rows = []
    for at, header in enumerate(proposal.headers):
        if not header:
            continue
        samples = [row[at] for row in proposal.sample if at < len(row) and row[at].strip()][:SAMPLES]
        sure = proposal.certainty.get(header, 0.0)
        rows.append(
            html.Tr(
                [
                    html.Td(html.B(header), title=header),
                    html.Td(" · ".join(samples) or fmt.DASH, className="samples", title="\n".join(samples)),
                    html.Td(
                        dcc.Dropdown(
                            choices,
                            proposal.columns.get(header),
                            id={"map": header},
                            className="drop",
                            placeholder=view.text("data.mapping.skip"),
                        )
                    ),
                    html.Td(
                        html.Span(className="sure", style={"--sure": f"{sure * 100:.0f}%"}, title=fmt.share(sure))
                        if sure
                        else fmt.DASH
                    ),
                ]
            )
        )
    heads = [html.Th(view.text(f"data.mapping.{name}"), scope="col") for name in ("column", "sample", "field", "sure")]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="table map-table")


def problem(view: View, kind: str, chosen: Sequence[str | None]) -> str:
    """Why this choice cannot be loaded yet; empty when it can."""
    declared = connectors.kind_named(kind)
    assert declared is not None
    counts = Counter(name for name in chosen if name)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice:
        return view.text("data.mapping.twice", field=declared.usual_header(twice))
    missing = ["/".join(declared.usual_header(name) for name in need.split("|")) for need in declared.missing(counts)]
    return view.text("data.mapping.missing", fields=names.several(view, missing)) if missing else ""


def confirm(
    context: Context,
    upload: str,
    kind: str,
    fields: dict[str, str],
    platform: str | None,
    shop: str | None,
    user: str,
    barred: frozenset[str] = frozenset(),
) -> work.Job:
    """Remember the mapping and load the file with it.

    Raises:
        UserError: `mapping_twice`, `mapping_invalid`, `upload_unknown`.
    """
    twice = next((name for name, count in Counter(fields.values()).items() if count > 1), None)
    if twice:
        raise UserError("mapping_twice", field=twice)
    path = uploads.file_of(context, upload)
    mapping = MappingFile.from_dict(
        {"kind": kind, "columns": fields, "platform": platform or None, "shop": (shop or "").strip() or None}
    )
    grid = loading.first_grid(context, path)
    if grid is None:
        raise UserError("file_empty", file=path.name)
    remember(LedgerMappings(context.ledger, user), header_row(grid), mapping)
    return uploads.submit(context, upload, path, loading.Asked(mapping=mapping, barred=barred), user)


def forget(context: Context, signature: str) -> None:
    """Ask again the next time."""
    LedgerMappings(context.ledger).forget(signature)


def remembered(view: View) -> Component:
    """The mappings in the ledger, each with who confirmed it."""
    rows = LedgerMappings(view.context.ledger).kept()
    if not rows:
        body: Any = states.message("∅", view.text("data.mapping.no_saved"))
    else:
        body = html.Div(
            html.Table(html.Tbody([_remembered(view, row) for row in rows]), className="table"),
            className="table-scroll",
        )
    return layout.card(body, title=view.text("data.mapping.saved"), note=view.text("data.mapping.saved_note"))


def _remembered(view: View, row: dict[str, Any]) -> Component:
    fields: dict[str, str] = json.loads(row["columns"]).get("columns", {})
    told = view.text("data.mapping.saved_by", user=row["created_by"] or fmt.DASH, time=_moment(view, row["created_at"]))
    button = html.Button(view.text("data.mapping.forget"), id={"forget": row["signature"]}, className="button small")
    return html.Tr(
        [
            html.Td(html.B(data_frame.kind_name(view, row["kind"]))),
            html.Td(" · ".join(fields), title=", ".join(f"{h} → {f}" for h, f in fields.items())),
            html.Td(view.text("data.mapping.columns_count", n=len(fields))),
            html.Td(told, className="muted"),
            html.Td(button if data_frame.may_change(view) else None, className="num"),
        ]
    )


def _moment(view: View, stamp: str) -> str:
    from datetime import datetime

    return fmt.moment(datetime.fromisoformat(stamp), now(view.context.settings))
