"""Quarantined rows: grouped by reason, shown with what they held, mended in bulk, replayed or dismissed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

import connectors
from components import data_frame, layout, loading, raw, states, work
from components.context import Context
from components.table import grid_locale
from components.tokens import grid_theme
from components.view import View
from errors import UserError
from warehouse import quarantine

SHOWN = 500
ALL = 1_000_000


@dataclass(frozen=True)
class Group:
    """Which rows are looked at: a kind with a reason, held to a batch where the address says so."""

    kind: str | None = None
    reason: str | None = None
    field: str | None = None
    batch: int | None = None

    @classmethod
    def of(cls, extra: dict[str, str]) -> Group:
        batch = extra.get("batch", "")
        return cls(
            extra.get("kind") or None,
            extra.get("reason") or None,
            extra.get("field") or None,
            int(batch) if batch.isdecimal() else None,
        )

    def filters(self) -> quarantine.Filters:
        found: dict[str, Any] = {
            "kind": self.kind,
            "reason": self.reason,
            "field": self.field,
            "batch_id": self.batch,
            "state": "open",
        }
        return {name: value for name, value in found.items() if value is not None}  # type: ignore[return-value]

    def href(self, path: str = "/data/quarantine") -> str:
        pairs = {"kind": self.kind, "reason": self.reason, "field": self.field, "batch": self.batch}
        query = urlencode({name: value for name, value in pairs.items() if value is not None})
        return f"{path}?{query}" if query else path


def groups(view: View, batch: int | None) -> list[dict[str, Any]]:
    """Open rows by kind, reason and field, of all batches or of one, as far as the reader may see them."""
    return [one for one in _groups(view.context, batch) if raw.sees(view.scope, [one["kind"]])]


def _groups(context: Context, batch: int | None) -> list[dict[str, Any]]:
    if batch is None:
        return quarantine.summary(context.warehouse)
    counts: dict[tuple[str, str, str | None], int] = {}
    for row in quarantine.list_rows(context.warehouse, {"batch_id": batch, "state": "open"}, ALL).rows:
        key = (row["kind"], row["reason"], row["field"])
        counts[key] = counts.get(key, 0) + 1
    return [
        {"kind": kind, "reason": reason, "field": field, "rows": count}
        for (kind, reason, field), count in sorted(counts.items(), key=lambda item: -item[1])
    ]


def draw(view: View, group: Group) -> Component:
    """Groups on the left, the rows of one on the right; the first group opens by itself."""
    if not raw.sees(view.scope, [group.kind] if group.kind else []):
        return states.not_allowed(view)
    found = groups(view, group.batch)
    if not found:
        clean = states.message("✓", view.text("data.quarantine.clean"), view.text("data.quarantine.clean_hint"))
        return layout.card(clean, title=view.text("data.quarantine.title"), note=view.text("data.quarantine.note"))
    if group.kind is None:
        group = Group(found[0]["kind"], found[0]["reason"], found[0]["field"], group.batch)
    left = layout.card(
        html.Div([_group(view, one, group) for one in found], className="reasons"),
        title=view.text("data.quarantine.groups"),
    )
    return layout.grid(left, _rows(view, group), columns="minmax(240px, 300px) minmax(0, 1fr)")


def _group(view: View, one: dict[str, Any], chosen: Group) -> Component:
    mine = Group(one["kind"], one["reason"], one["field"], chosen.batch)
    field = usual_name(one["kind"], one["field"])
    return html.A(
        [
            html.Span(field or data_frame.kind_name(view, one["kind"])),
            html.B(f"{one['rows']:,}"),
            html.Span(
                f"{data_frame.kind_name(view, one['kind'])} · {data_frame.reason_text(view, one['reason'])}",
                className="muted",
            ),
        ],
        href=mine.href(),
        className="reason" + (" on" if mine == chosen else ""),
        **{"data-nav": "1"},
    )


def usual_name(kind: str, field: str | None) -> str:
    """What a field is called in files of its kind."""
    found = connectors.kind_named(kind)
    return field or "" if found is None or field is None else found.usual_header(field)


def _rows(view: View, group: Group) -> Component:
    page = quarantine.list_rows(view.context.warehouse, group.filters(), SHOWN)
    if not page.rows:
        return layout.card(
            states.message("✓", view.text("data.quarantine.clean"), view.text("data.quarantine.clean_hint"))
        )
    more = html.P(view.text("data.quarantine.more", n=f"{SHOWN:,}"), className="muted") if page.total > SHOWN else None
    export = html.A(
        view.text("data.quarantine.export"),
        href=group.href("/data/quarantine.csv"),
        className="button small",
        download="quarantine.csv",
    )
    return data_frame.card(
        [_bar(view, group, page.total) if data_frame.may_change(view) else None, _grid(view, page.rows), more],
        title=data_frame.reason_text(view, group.reason or ""),
        note=view.text("data.quarantine.select", n=f"{page.total:,}"),
        corner=export,
    )


def _grid(view: View, rows: list[dict[str, Any]]) -> Component:
    fields = list(dict.fromkeys(name for row in rows for name in row["raw"]))
    kind = rows[0]["kind"]
    columns: list[dict[str, Any]] = [
        {"field": "batch_id", "headerName": view.text("data.quarantine.batch"), "width": 84, "pinned": "left"},
        {"field": "source_row", "headerName": view.text("data.quarantine.row"), "width": 84, "pinned": "left"},
        *(
            {
                "field": f"raw_{at}",
                "headerName": usual_name(kind, name),
                "minWidth": 112,
                "tooltipField": f"raw_{at}",
                "cellClass": "tone-warning" if name == rows[0]["field"] else "",
            }
            for at, name in enumerate(fields)
        ),
    ]
    data = [
        {
            "batch_id": row["batch_id"],
            "source_row": row["source_row"],
            **{f"raw_{at}": row["raw"].get(name) for at, name in enumerate(fields)},
        }
        for row in rows
    ]
    return dag.AgGrid(
        id="q-grid",
        rowData=data,
        columnDefs=columns,
        defaultColDef={"resizable": True, "sortable": True, "filter": True},
        dashGridOptions={
            "theme": grid_theme(),
            "rowSelection": {"mode": "multiRow"},
            "animateRows": False,
            "tooltipShowDelay": 300,
            "localeText": grid_locale(view),
        },
        style={"height": f"{min(460, 90 + 34 * len(rows))}px"},
        dangerously_allow_code=False,
    )


def _bar(view: View, group: Group, total: int) -> Component:
    kind = connectors.kind_named(group.kind or "")
    fields = [{"label": column.headers[0], "value": column.field} for column in kind.columns] if kind else []

    def labelled(name: str, field: Component) -> Component:
        return html.Label(
            [html.Span(view.text(f"data.quarantine.{name}"), className="muted"), field], className="labelled"
        )

    def button(name: str, style: str = "") -> Component:
        return html.Button(
            view.text(f"data.quarantine.{name}"), id=f"q-{name.replace('_', '-')}", className=f"button {style}".strip()
        )

    return html.Div(
        [
            labelled("which", dcc.Dropdown(fields, group.field, id="q-field", clearable=False, className="drop")),
            labelled(
                "action",
                dcc.Dropdown(
                    [{"label": view.text(f"data.quarantine.{name}"), "value": name} for name in ("set", "replace")],
                    "set",
                    id="q-how",
                    clearable=False,
                    className="drop",
                ),
            ),
            html.Div(
                labelled("find", dcc.Input(id="q-find", type="text", className="field")), id="q-find-box", hidden=True
            ),
            labelled(
                "value",
                dcc.Input(
                    id="q-value", type="text", className="field", placeholder=view.text("data.quarantine.value_hint")
                ),
            ),
            button("mend_replay", "primary"),
            button("mend"),
            button("replay"),
            button("dismiss", "danger"),
        ],
        className="mend-bar",
    )


# What is done ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What to do with the rows of a group: `act` is 'mend', 'mend-replay', 'replay' or 'dismiss'."""

    act: str
    group: Group
    picked: tuple[tuple[int, int], ...] = ()  # none: the whole group
    field: str = ""
    how: str = "set"
    find: str = ""
    value: str = ""
    barred: frozenset[str] = frozenset()  # facts that this person may not write


def submit(context: Context, change: Change, user: str) -> work.Job:
    """Queue a change."""
    return work.of(context).submit("quarantine", lambda report: carry_out(context, change), user, act=change.act)


def carry_out(context: Context, change: Change) -> dict[str, int]:
    """Do it; gives the counts for the sentence.

    Raises:
        UserError: `nothing_selected` when no open row is left in the group, `write_not_allowed`.
    """
    kind = connectors.kind_named(change.group.kind or "")
    if kind is not None:
        loading.may_write(kind.id, (into.fact for into in kind.into), change.barred)
    rows = quarantine.list_rows(context.warehouse, change.group.filters(), ALL).rows
    picked = set(change.picked)
    rows = [row for row in rows if not picked or (row["batch_id"], row["source_row"]) in picked]
    keys = [(row["batch_id"], row["source_row"]) for row in rows]
    if not keys:
        raise UserError("nothing_selected")
    if change.act == "dismiss":
        return {"n": quarantine.dismiss(context.warehouse, keys)}
    if change.act in ("mend", "mend-replay"):
        how: dict[str, Any] = (
            {"value": change.value} if change.how == "set" else {"find": change.find, "put": change.value}
        )
        count = quarantine.mend(context.warehouse, keys, change.field, **how)
        if change.act == "mend":
            return {"n": count}
    return _replay(context, rows, change)


def _replay(context: Context, rows: list[dict[str, Any]], change: Change) -> dict[str, int]:
    totals = {"n": 0, "accepted": 0, "unchanged": 0, "quarantined": 0}
    for name, batch in sorted({(row["kind"], _batch_of(row)) for row in rows}):
        kind = connectors.kind_named(name)
        mine = [row for row in rows if (row["kind"], _batch_of(row)) == (name, batch)]
        present = {field for row in mine for field in row["raw"]} | ({change.field} if change.field else set())
        keys = {(row["batch_id"], row["source_row"]) for row in mine}
        spec = kind.spec(present) if kind else connectors.spec_again(_options(context, batch))
        if spec is None:
            continue
        loading.may_write(spec.kind, (into.fact for into in spec.into), change.barred)
        for report in quarantine.replay(context.warehouse, spec, keys):  # type: ignore[arg-type]
            totals["n"] += report.rows_read
            for count in ("accepted", "unchanged", "quarantined"):
                totals[count] += getattr(report, count)
    return totals


def _batch_of(row: dict[str, Any]) -> int:
    """The batch whose options say what the row means; 0 where its kind alone does."""
    return 0 if connectors.kind_named(row["kind"]) else int(row["batch_id"])


def _options(context: Context, batch: int) -> str:
    rows = context.warehouse.read("SELECT options FROM load_batch WHERE batch_id = ?", (batch,)).to_pylist()
    return str(rows[0]["options"]) if rows else "{}"


def told(view: View, job: work.Job) -> Component:
    """What became of a change, in a sentence."""
    if job.state == "failed":
        return html.Span(job.sentence(view.lang), className="data-error", role="alert")
    key = {"mend": "mended", "dismiss": "dismissed"}.get(job.facts["act"], "replayed")
    good = not job.result.get("quarantined")
    return html.Span(view.text(f"data.quarantine.{key}", **job.result), className="data-told" if good else "data-error")
