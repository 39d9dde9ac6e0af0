"""From text to typed rows, in one pass: the temporary table `staged` and the quarantine of what cannot be used.

Types are read directly in the scan (see `scan`), so that the wide text is never stored; only rows with a fault keep
their text.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from errors import FatalError
from warehouse import parse, tolerant
from warehouse.batch import Batch, TextRows
from warehouse.engine import Connection
from warehouse.faults import TOTAL, of_rows, of_types, table_columns, words
from warehouse.parse import Zone, name, quote
from warehouse.scan import Scan, absent_fields, own_names, read_clean, read_in_full
from warehouse.tolerant import Torn

log = logging.getLogger(__name__)


@dataclass
class Staged:
    """What `stage` made of a batch: the faults by number, rows read and lost, and which fields the rows have at all."""

    faults: list[tuple[str, str | None]] = field(default_factory=list)  # number - 1 → (reason, field)
    present: frozenset[str] = frozenset()
    torn: list[Torn] = field(default_factory=list)
    rows_read: int = 0
    quarantined: int = 0
    notes: list[str] = field(default_factory=list)
    number: str = "source_row"  # SQL over `staged` for the row's number in its file


def stage(connection: Connection, batch: Batch, zone: Zone) -> Staged:
    """Fill `staged` and make `usable`, the view of its rows without fault, with `_row` and the batch's own names.

    Runs outside a transaction, because a failed strict scan would abort it.
    """
    rows = batch.rows
    totals: list[int] = []
    if isinstance(rows, TextRows):
        try:
            return _stage(connection, batch, zone, _csv(rows), _csv_raws(rows), rows.first_line, [])
        except duckdb.Error as error:
            if isinstance(error, duckdb.BinderException | duckdb.ParserException | duckdb.CatalogException):
                raise FatalError("spec_wrong", kind=batch.spec.kind, detail=error) from error
            log.info("%s: strict reading failed, reading line by line: %s", batch.file_name, str(error)[:300])
        table, torn = tolerant.read(rows, totals)
    else:
        table, torn = rows.table, [(row, text, "torn") for row, text in rows.torn]
    connection.register("incoming_rows", table)
    try:
        known = {spec.name for spec in batch.spec.fields}
        raws = {column: name(column) for column in table.column_names if column in known}
        staged = _stage(connection, batch, zone, "incoming_rows", raws, None, torn)
        staged.notes += _passed_over(len(totals))
        return staged
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException) as error:
        raise FatalError("spec_wrong", kind=batch.spec.kind, detail=error) from error
    finally:
        connection.execute("SELECT 1").fetchall()  # DuckDB refuses to unregister beside an unfinished result
        connection.unregister("incoming_rows")


def _csv(rows: TextRows) -> str:
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(rows.columns)))
    return (
        f"read_csv({quote(str(rows.path))}, auto_detect=false, header=false, skip={rows.first_line - 1},"
        f" delim={quote(rows.delimiter)}, quote='\"', escape='\"', strict_mode=true, columns={{{columns}}})"
    )


def _csv_raws(rows: TextRows) -> dict[str, str]:
    return {column: f"c{index}" for index, column in enumerate(rows.columns) if column}


def _stage(
    connection: Connection,
    batch: Batch,
    zone: Zone,
    source: str,
    raws: dict[str, str],
    first_line: int | None,
    torn: list[Torn],
) -> Staged:
    fields = [spec for spec in batch.spec.fields if spec.name in raws]
    scan = Scan(batch, zone, fields, raws)
    own_row = 'c0 AS "r:"' if first_line is not None else "source_row"
    scan.faults += [*of_types(fields), *of_rows(connection, batch, scan.typed(source, raws, own_row))]
    staged = Staged([(fault.reason, fault.column) for fault in scan.faults], frozenset(raws), torn)
    if isinstance(batch.rows, TextRows) and first_line is not None:
        scan.totals = batch.rows.skip_totals
        read_clean(connection, scan, source, own_row)
        lowest = connection.execute("SELECT coalesce(min(rowid), 0) FROM staged").fetchone()
        staged.number = f"rowid + {first_line - (lowest or (0,))[0]}"
    else:
        read_in_full(connection, scan, source, own_row, own_row)
    extra = ", ".join([f"{staged.number} AS _row", *own_names(batch), *absent_fields(batch, raws)])
    connection.execute(f"CREATE OR REPLACE TEMP VIEW numbered AS SELECT *, {extra} FROM staged")
    connection.execute("CREATE OR REPLACE TEMP VIEW usable AS SELECT * FROM numbered WHERE _fault = 0")
    _count(connection, staged, "rows_left_out" if batch.spec.only else "total_rows")
    _note_unknown(connection, scan, staged)
    return staged


def _count(connection: Connection, staged: Staged, passed_over: str) -> None:
    counts = connection.execute(
        f"SELECT count(*) FILTER (_fault <> {TOTAL}), count(*) FILTER (_fault > 0), count(*) FILTER (_fault = {TOTAL})"
        " FROM staged"
    ).fetchone() or (0, 0, 0)
    staged.notes += _passed_over(counts[2], passed_over)
    staged.rows_read = counts[0] + len(staged.torn)
    staged.quarantined = counts[1] + len(staged.torn)


def _passed_over(rows: int, code: str = "total_rows") -> list[str]:
    """The remark on total rows and footers, or on rows left out (`connectors.note_text` reads it)."""
    return [f"{code}|count={rows}"] if rows else []


def set_out_of_range_aside(connection: Connection, batch: Batch, staged: Staged) -> int:
    """Find the rows whose amounts do not fit their columns and count them as unusable; returns how many.

    Called only after a merge has failed on one: looking at every expression of every row costs as much as loading it.
    """
    tests: list[str] = []
    for into in batch.spec.into:
        types = table_columns(connection, into.fact)
        tests += [
            f"(TRY({into.where}) IS NOT false AND TRY(CAST({sql} AS {types[column][0]})) IS NULL"
            f" AND TRY(({sql}) IS NULL) IS NOT true)"
            for column, sql in into.columns.items()
            if not words(sql) & {"OVER", "unnest"}  # of other rows, or several: TRY cannot look at these
        ]
    staged.faults.append(("bad_range", None))
    fields = [spec for spec in batch.spec.fields if spec.name in staged.present]
    raw = ", ".join(
        f"{quote(spec.name)}, "
        + (
            parse.person_text(f"s.{name(spec.name)}")
            if spec.type == "person"
            else f"CAST(s.{name(spec.name)} AS VARCHAR)"
        )
        for spec in fields
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE out_of_range AS SELECT _row FROM usable WHERE {' OR '.join(tests)}"
    )
    row = connection.execute(
        f"UPDATE staged AS s SET _fault = {len(staged.faults)}, _raw = CAST(json_object({raw}) AS VARCHAR)"
        f" FROM out_of_range o WHERE {staged.number.replace('rowid', 's.rowid')} = o._row"
    ).fetchone()
    count = _count_of(row)
    staged.quarantined += count
    return count


def _note_unknown(connection: Connection, scan: Scan, staged: Staged) -> None:
    for spec in scan.noted:
        column = name("?" + spec.name)
        found = connection.execute(
            f"SELECT {column}, count(*) AS n FROM staged WHERE {column} IS NOT NULL"
            f" GROUP BY ALL ORDER BY n DESC, 1 LIMIT 5"
        ).fetchall()
        staged.notes += [f"unknown_{spec.type}: {spec.name} = {text} ({count})" for text, count in found]


def quarantine(
    connection: Connection, batch: Batch, batch_id: int, staged: Staged, moment: datetime, mend_of: int | None = None
) -> int:
    """Put the unusable rows into the quarantine; returns how many of its rows changed.

    The same row of the same kind that an earlier batch brought stays where it is, be it open, mended or dismissed:
    loading a file again, or one that overlaps it, asks nobody twice. With `mend_of` the rows are those of that batch,
    mended: the ones that pass now are closed, the others told anew.
    """
    if not staged.quarantined and mend_of is None:
        return 0
    _collect_unusable(connection, staged)
    if mend_of is not None:
        return _close_mended(connection, batch_id, mend_of, moment)
    kind, platform, shop = batch.spec.kind, batch.platform, batch.shop
    return _count_of(
        connection.execute(
            "INSERT INTO quarantine (batch_id, source_row, kind, reason, field, value, raw, state, created_at)"
            " SELECT ?, _row, ?, reason, fault_field, value, raw, 'open', ? FROM unusable u"
            " WHERE NOT EXISTS (SELECT 1 FROM quarantine q JOIN load_batch b USING (batch_id) WHERE q.kind = ?"
            " AND b.platform = ? AND b.shop = ? AND q.raw = u.raw AND q.reason = u.reason)",
            [batch_id, kind, moment, kind, platform, shop],
        ).fetchone()
    )


def _collect_unusable(connection: Connection, staged: Staged) -> None:
    """`unusable`: the rows with a fault and the torn lines, each with reason, field, value and raw text."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE unusable AS SELECT _row, (CAST(CAST(? AS JSON) AS VARCHAR[]))[_fault] AS reason,"
        " (CAST(CAST(? AS JSON) AS VARCHAR[]))[_fault] AS fault_field,"
        " json_extract_string(_raw, '$.\"' || fault_field || '\"') AS value, _raw AS raw"
        " FROM numbered WHERE _fault > 0",
        [json.dumps([reason for reason, _ in staged.faults]), json.dumps([column for _, column in staged.faults])],
    )
    if staged.torn:
        connection.register(
            "torn_rows",
            pa.table(
                {
                    "source_row": pa.array([row for row, _, _ in staged.torn], pa.int64()),
                    "reason": pa.array([reason for _, _, reason in staged.torn], pa.string()),
                    "raw": pa.array([json.dumps({"#line": text}, ensure_ascii=False) for _, text, _ in staged.torn]),
                }
            ),
        )
        connection.execute("INSERT INTO unusable SELECT source_row, reason, NULL, NULL, raw FROM torn_rows")
        connection.unregister("torn_rows")


def _close_mended(connection: Connection, batch_id: int, mend_of: int, moment: datetime) -> int:
    told = connection.execute(
        "UPDATE quarantine AS q SET reason = u.reason, field = u.fault_field, value = u.value FROM unusable u"
        " WHERE q.batch_id = ? AND q.source_row = u._row AND q.state = 'open'",
        [mend_of],
    ).fetchone()
    closed = connection.execute(
        "UPDATE quarantine AS q SET state = 'replayed', closed_at = ?, closed_by_batch = ? FROM usable u"
        " WHERE q.batch_id = ? AND q.source_row = u._row AND q.state = 'open'",
        [moment, batch_id, mend_of],
    ).fetchone()
    return _count_of(told) + _count_of(closed)


def _count_of(row: tuple[int, ...] | None) -> int:
    return int(row[0]) if row else 0
