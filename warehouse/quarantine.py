"""Rows that could not be used: look at them, mend them in bulk, replay them, dismiss them, take them away as CSV.

A row is named by (batch_id, source_row). Personal data stand in `raw` as hashes only.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict

import pyarrow as pa

from config import now
from errors import UserError
from warehouse.batch import Batch, LoadReport, RowSpec, TableRows
from warehouse.engine import Connection
from warehouse.load import load
from warehouse.model import Touched
from warehouse.parse import quote
from warehouse.store import Warehouse

MEND_SOURCE = "mend"
Key = tuple[int, int]


class Filters(TypedDict, total=False):
    """What to list; everything left out is not restricted. `state` is 'open', 'replayed' or 'dismissed'."""

    kind: str
    reason: str
    field: str
    state: str
    batch_id: int
    text: str


@dataclass(frozen=True)
class Counted:
    """A page of rows and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int


def list_rows(warehouse: Warehouse, filters: Filters | None = None, limit: int = 100, offset: int = 0) -> Counted:
    """Quarantined rows, newest first, with the file they came from."""
    where, params = _where(filters or {})
    source = f"FROM quarantine q LEFT JOIN load_batch b USING (batch_id) WHERE {where}"
    total = warehouse.read(f"SELECT count(*) AS n {source}", params).to_pylist()[0]["n"]
    rows = warehouse.read(
        f"SELECT q.*, b.file_name, b.platform, b.shop {source}"
        f" ORDER BY q.created_at DESC, q.batch_id, q.source_row LIMIT {int(limit)} OFFSET {int(offset)}",
        params,
    )
    return Counted([_with_raw(row) for row in rows.to_pylist()], total)


def summary(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Open rows by kind, reason and field, the most frequent first."""
    return warehouse.read(
        "SELECT kind, reason, field, count(*) AS rows, min(created_at) AS since FROM quarantine WHERE state = 'open'"
        " GROUP BY ALL ORDER BY rows DESC, kind, reason, field"
    ).to_pylist()


def show(warehouse: Warehouse, batch_id: int, source_row: int) -> dict[str, Any]:
    """One row in full.

    Raises:
        UserError: `quarantine_row_unknown`.
    """
    rows = warehouse.read(
        "SELECT q.*, b.file_name, b.platform, b.shop FROM quarantine q LEFT JOIN load_batch b USING (batch_id)"
        " WHERE q.batch_id = ? AND q.source_row = ?",
        (batch_id, source_row),
    ).to_pylist()
    if not rows:
        raise UserError("quarantine_row_unknown", batch=batch_id, row=source_row)
    return _with_raw(rows[0])


def export_csv(warehouse: Warehouse, filters: Filters | None = None) -> str:
    """All rows that match, as CSV text: what is wrong first, then the row's fields."""
    rows = list_rows(warehouse, filters, limit=1_000_000).rows
    fields = list(dict.fromkeys(name for row in rows for name in row["raw"]))
    head = ["batch_id", "source_row", "file_name", "kind", "reason", "field", "value", "state"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*head, *fields])
    for row in rows:
        writer.writerow([guarded(row[name]) for name in head] + [guarded(row["raw"].get(name)) for name in fields])
    return out.getvalue()


def mend(
    warehouse: Warehouse,
    rows: Sequence[Key],
    field: str,
    *,
    value: str | None = None,
    find: str | None = None,
    put: str = "",
) -> int:
    """Set `field` to `value` on open rows, or replace the text `find` in it by `put`; returns how many rows changed.

    Mending alone loads nothing: `replay` does.
    """
    path = quote(f'$."{field}"')
    new = "CAST(? AS VARCHAR)" if find is None else f"replace(json_extract_string(q.raw, {path}), ?, ?)"
    params = [value] if find is None else [find, put]

    def change(connection: Connection) -> int:
        _select(connection, rows)
        return _changed(
            connection.execute(
                f"UPDATE quarantine AS q SET raw ="
                f" CAST(json_merge_patch(CAST(q.raw AS JSON), json_object(?, {new})) AS VARCHAR),"
                f" value = CASE WHEN q.field = ? THEN {new} ELSE q.value END FROM picked p"
                " WHERE q.batch_id = p.batch_id AND q.source_row = p.source_row AND q.state = 'open'",
                [field, *params, field, *params],
            ).fetchone()
        )

    return warehouse.write(change)


def dismiss(warehouse: Warehouse, rows: Sequence[Key]) -> int:
    """Close open rows without using them; returns how many."""
    moment = now(warehouse.settings)

    def change(connection: Connection) -> int:
        count = close_dismissed(connection, rows, moment)
        if count:
            warehouse.engine.raise_version(connection, Touched())
        return count

    count = warehouse.write(change)
    warehouse.archive.record({"event": "dismissed", "rows": [list(key) for key in rows], "at": moment.isoformat()})
    return count


def close_dismissed(connection: Connection, rows: Iterable[Key], moment: datetime) -> int:
    """Mark rows as dismissed, inside a transaction."""
    _select(connection, rows)
    return _changed(
        connection.execute(
            "UPDATE quarantine AS q SET state = 'dismissed', closed_at = ? FROM picked p"
            " WHERE q.batch_id = p.batch_id AND q.source_row = p.source_row AND q.state = 'open'",
            [moment],
        ).fetchone()
    )


def replay(warehouse: Warehouse, spec: RowSpec, rows: Sequence[Key] | None = None) -> list[LoadReport]:
    """Send open rows of `spec.kind` (all, or those named) through refining again, one batch per original batch.

    Rows that pass are closed as 'replayed'; the others stay open with what is wrong with them now. Torn lines stay.
    """
    picked = [
        row for row in _open_rows(warehouse, spec.kind) if rows is None or (row["batch_id"], row["source_row"]) in rows
    ]
    usable = [row for row in picked if "#line" not in row["raw"]]
    reports = []
    for batch_id in sorted({row["batch_id"] for row in usable}):
        group = [row for row in usable if row["batch_id"] == batch_id]
        content = "\n".join(
            json.dumps({"source_row": row["source_row"], **row["raw"]}, ensure_ascii=False, sort_keys=True)
            for row in group
        ).encode()
        batch = mended_batch(spec, content, batch_id, group[0])
        reports.append(load_mended(warehouse, batch, batch_id))
    return reports


def mended_batch(spec: RowSpec, content: bytes, of_batch: int, original: Mapping[str, Any]) -> Batch:
    """The batch of mended rows: `content` is JSON lines, `original` the row of `load_batch` (or of a listing)."""
    rows = [json.loads(line) for line in content.decode().splitlines()]
    names = list(dict.fromkeys(name for row in rows for name in row if name != "source_row"))
    columns = {
        name: pa.array([None if row.get(name) is None else str(row[name]) for row in rows], pa.string())
        for name in names
    }
    table = pa.table({**columns, "source_row": pa.array([row["source_row"] for row in rows], pa.int64())})
    options = json.loads(original["options"])
    return Batch(
        source=MEND_SOURCE,
        spec=replace(spec, stray_days=False),
        platform=original["platform"],
        shop=original["shop"],
        original=content,
        file_name=original["file_name"] or "",
        rows=TableRows(table),
        observed_at=datetime.fromisoformat(options["_observed_at"]),
        options={"_mend_of": of_batch},
    )


def load_mended(warehouse: Warehouse, batch: Batch, of_batch: int, batch_id: int | None = None) -> LoadReport:
    """Load mended rows and close the rows they stand for, in one transaction."""
    sha256 = warehouse.archive.keep(batch.original)
    report = load(warehouse.engine, batch, lambda: sha256, lambda stage, share: None, batch_id, mend_of=of_batch)
    warehouse.remember(report.batch_id)
    return report


def _open_rows(warehouse: Warehouse, kind: str) -> list[dict[str, Any]]:
    rows = warehouse.read(
        "SELECT q.batch_id, q.source_row, q.raw, b.platform, b.shop, b.file_name, b.options FROM quarantine q"
        " JOIN load_batch b USING (batch_id) WHERE q.state = 'open' AND q.kind = ? ORDER BY 1, 2",
        (kind,),
    )
    return [_with_raw(row) for row in rows.to_pylist()]


def _select(connection: Connection, rows: Iterable[Key]) -> None:
    keys = list(rows)
    connection.register(
        "picked_rows",
        pa.table(
            {
                "batch_id": pa.array([key[0] for key in keys], pa.int64()),
                "source_row": pa.array([key[1] for key in keys], pa.int64()),
            }
        ),
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE picked AS SELECT DISTINCT * FROM picked_rows")
    connection.unregister("picked_rows")


def _changed(row: tuple[Any, ...] | None) -> int:
    return int(row[0]) if row else 0


def _where(filters: Filters) -> tuple[str, list[Any]]:
    conditions, params = ["true"], []
    for column in ("kind", "reason", "field", "state", "batch_id"):
        if filters.get(column) is not None:
            conditions.append(f"q.{column} = ?")
            params.append(filters.get(column))
    if filters.get("text"):
        conditions.append("contains(q.raw, ?)")
        params.append(filters["text"])
    return " AND ".join(conditions), params


def _with_raw(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "raw": json.loads(row["raw"])}


def guarded(value: object) -> object:
    """Text that a spreadsheet would run as a formula is kept from it by an apostrophe."""
    if (
        isinstance(value, str)
        and value[:1] in ("=", "+", "-", "@", "\t", "\r")
        and not value[1:].replace(".", "").isdigit()
    ):
        return "'" + value if len(value) > 1 else value
    return value
