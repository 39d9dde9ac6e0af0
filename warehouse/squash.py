"""Vintages grow by a row for each cell and pull; this keeps them bounded, and answers at the kept moments as they were.

All moments of the last two days are kept, of the last `HOURLY` days the end of each hour, before that the end of each
day; and at any age the moments at which something counts as published: an hour after a load that first told of a day
(`metrics/restated.py`). Rows of a cell between two kept moments become one, under the last of their times, so that
nothing is ever answered that was not known by then. Rows of different sources stay apart: a source can be removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import duckdb

from warehouse.vintage import COVERAGE, VINTAGES

Connection = duckdb.DuckDBPyConnection

ALL, HOURLY = timedelta(days=2), timedelta(days=130)
SITTING = timedelta(hours=1)
"""What one sitting of files brings together is one publication."""


def kept_by(moment: datetime, now: datetime) -> datetime:
    """The last moment up to `moment` of which the vintages hold all that was known, by a clock at `now`."""
    if moment > now - ALL:
        return moment
    if moment > now - HOURLY:
        return moment.replace(minute=0, second=0, microsecond=0)
    return datetime(moment.year, moment.month, moment.day)


def squash(connection: Connection, now: datetime) -> int:
    """Merge what lies between kept moments; returns how many rows went. In one transaction of the caller."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE published_at AS {_publications()}")
    gone = 0
    for item in VINTAGES:
        sums = {name: f"sum({name})" for name in item.columns}
        gone += _merge(connection, item.cells.table, item.keys, sums, now)
    last = {name: f"arg_max({name}, (known_at, v.batch_id))" for name in ("first_at", "last_at")}
    gone += _merge(
        connection, COVERAGE, ("subject", "day", "platform", "shop"), {"row_count": "sum(row_count)"} | last, now
    )
    connection.execute("DROP TABLE published_at")
    return gone


def _publications() -> str:
    """SQL: `moment`: an hour an hour after each load that told of a later day than those before it on its day."""
    return f"""
        SELECT DISTINCT loaded_at + INTERVAL {int(SITTING.total_seconds())} SECOND AS moment FROM (
            SELECT loaded_at, last_event_at::DATE AS told, max(last_event_at::DATE) OVER (
                PARTITION BY source, kind, platform, shop, loaded_at::DATE ORDER BY loaded_at
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM load_batch WHERE NOT last_event_at IS NULL)
        WHERE before IS NULL OR told > before"""


def _merge(connection: Connection, table: str, keys: Iterable[str], values: dict[str, str], now: datetime) -> int:
    """Rows of one cell, source and span between kept moments become one."""
    cell = ", ".join(f"v.{name}" for name in keys)
    merged = ", ".join(f"{sql} AS {name}" for name, sql in values.items())
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE squashed AS
        SELECT {cell}, max(known_at) AS known_at, arg_max(v.batch_id, (known_at, v.batch_id)) AS batch_id, {merged},
               list(v.rowid) AS old
        FROM (SELECT *, rowid, known_at - INTERVAL 1 MICROSECOND AS inside, CASE WHEN known_at <= $hourly
                     THEN date_trunc('day', inside) ELSE date_trunc('hour', inside) END AS span
              FROM {table} WHERE known_at <= $all) v
        LEFT JOIN load_batch b ON b.batch_id = v.batch_id
        ASOF LEFT JOIN published_at p ON v.known_at > p.moment
        GROUP BY {cell}, coalesce(b.source, ''), json_extract(b.options, '$."_mend_of"'), v.span, p.moment
        HAVING count(*) > 1""",
        {"hourly": _floor(now - HOURLY, "day"), "all": _floor(now - ALL, "hour")},
    )
    count = connection.execute("SELECT coalesce(sum(len(old) - 1), 0) FROM squashed").fetchone()
    connection.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT unnest(old) FROM squashed)")
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * EXCLUDE (old) FROM squashed")
    connection.execute("DROP TABLE squashed")
    return int(count[0]) if count else 0


def _floor(moment: datetime, unit: str) -> datetime:
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if unit == "hour" else whole.replace(hour=0)
