"""What makes a row unusable, as SQL over its typed fields: numbered faults in the order in which they are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from warehouse import parse
from warehouse.batch import Batch, Field, Into
from warehouse.engine import Connection
from warehouse.parse import name, quote

TOTAL = -1  # no fault and no row: a total or a footer
_BAD = {"fen": "money", "epoch": "time", "percent": "rate"}  # reasons are told in the reader's words, not ours
_THIN_DAY = 0.05
_FEWEST_DAYS = 3


@dataclass(frozen=True)
class Fault:
    """A row is unusable when `condition` (SQL) is true."""

    condition: str
    reason: str
    column: str | None


def table_columns(connection: Connection, table: str) -> dict[str, tuple[str, bool]]:
    """Column → (SQL type, may be null) of a warehouse table."""
    rows = connection.execute(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns() "
        "WHERE database_name = 'warehouse' AND table_name = ? ORDER BY column_index",
        [table],
    ).fetchall()
    return {column: (sql_type, nullable) for column, sql_type, nullable in rows}


def words(sql: str) -> set[str]:
    """The identifiers that an expression may refer to."""
    return set(re.findall(r"[^\W\d]\w*", re.sub(r"'[^']*'", "", sql)))


def number_of(faults: list[Fault], totals: tuple[str, ...], only: str | None = None) -> str:
    """SQL for the number of a row's first fault, 0 for none, `TOTAL` for total rows and those left out by `only`."""
    branches = [f"WHEN {test} THEN {TOTAL}" for test in total_tests(totals)]
    branches += [f"WHEN TRY(NOT ({only})) THEN {TOTAL}"] if only else []
    branches += [f"WHEN {fault.condition} THEN {number}" for number, fault in enumerate(faults, 1)]
    return f"CASE {' '.join(branches)} ELSE 0 END" if branches else "0"


def of_types(fields: list[Field]) -> Iterator[Fault]:
    """Something is there but is no value: plain text `p:` left, or a value out of all range."""
    for spec in fields:
        if bad := parse.bad(spec.type, name("p:" + spec.name), name(spec.name)):
            yield Fault(bad, f"bad_{_BAD.get(spec.type, spec.type)}", spec.name)


def of_rows(connection: Connection, batch: Batch, typed: str) -> Iterator[Fault]:
    """What is missing, the declared checks, stray days; `typed` is the statement that gives the fields' values."""
    for spec in batch.spec.fields:
        if spec.required:
            yield Fault(f"{name(spec.name)} IS NULL", "missing", spec.name)
    for into in batch.spec.into:
        for column, sql in _needed(connection, into):
            mentioned = [spec.name for spec in batch.spec.fields if spec.name in words(sql)]
            condition = f"TRY(({into.where}) AND ({sql}) IS NULL)"
            yield Fault(condition, "missing", mentioned[0] if mentioned else column)
    for check in batch.spec.checks:
        yield Fault(f"TRY({check.bad})", check.reason, check.field)
    if stray := _stray(connection, batch, typed):
        yield Fault(stray, "stray_day", batch.spec.event_time)


def total_tests(marks: tuple[str, ...]) -> Iterator[str]:
    """SQL tests of the first cell `r:` for total rows and footers."""
    cell = f'trim("r:", {quote(chr(9) + chr(13) + chr(0xFEFF) + " ")})'
    for mark in marks:
        yield f"{cell} = {quote(mark)}" if mark.isalnum() else f"starts_with({cell}, {quote(mark)})"


def _needed(connection: Connection, into: Into) -> Iterator[tuple[str, str]]:
    """Fact columns that must not be null, with the expression that fills them."""
    for column, (_, nullable) in table_columns(connection, into.fact).items():
        if not nullable and column in into.columns:
            yield column, into.columns[column]


def _stray(connection: Connection, batch: Batch, typed: str) -> str | None:
    """SQL that is true on thin days (under 5 % of the median day's rows) at either end of the file."""
    if not batch.spec.stray_days or not batch.spec.event_time:
        return None
    event = f"TRY({batch.spec.event_time})"
    days = connection.execute(
        f"SELECT CAST({event} AS DATE) AS day, count(*) FROM ({typed}) WHERE ({event}) IS NOT NULL"
        f" GROUP BY day ORDER BY day"
    ).fetchall()
    if len(days) < _FEWEST_DAYS:
        return None
    least = median(count for _, count in days) * _THIN_DAY
    thick = [day for day, count in days if count >= least]
    if not thick:
        return None
    return f"(CAST({event} AS DATE) < DATE '{thick[0]}' OR CAST({event} AS DATE) > DATE '{thick[-1]}')"
