"""Buyers who are alike, counted: cells of the rows of `warehouse/people.py`, kept with them.

What a touched buyer counted for is taken out of the cells and what he counts for now is added; counts and sums of money
are exact, so that they equal those made from all rows again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

Connection = duckdb.DuckDBPyConnection

ALIKE, YUAN, RETURN = "buyer_alike", "buyer_yuan", "buyer_return"
TABLES = (ALIKE, YUAN, RETURN)
SPAN = 62
"""Most days between a first and a last order for which `buyer_alike` tells the first."""
MOST_GAP = 400
"""Days until the second order, from which on they are counted as so many."""
_ROWS = ("NULL::VARCHAR AS platform, NULL::VARCHAR AS shop, * FROM buyer_ever", "* FROM buyer_place")


def band(yuan: str) -> str:
    """SQL: the least whole yuan of the band that holds `yuan` (BIGINT): sixteen bands to each doubling."""
    step = f"(floor(log2(greatest({yuan}, 1)))::INTEGER - 4)"
    return (
        f"CASE WHEN {yuan} < 16 THEN greatest({yuan}, -1) WHEN {yuan} >= 1::BIGINT << 40 THEN {yuan} "
        f"ELSE ({yuan} >> {step}) << {step} END"
    )


@dataclass(frozen=True)
class _Cells:
    """The columns of a table of cells besides the place: what tells cells apart, and what adds up."""

    keys: Mapping[str, str]
    sums: Mapping[str, str]


_GAP = f"least(ceil((epoch_us(second_at) - epoch_us(first_at)) / 86400e6), {MOST_GAP})::SMALLINT"
_BUYERS = {"buyers": "count(*)::BIGINT"}
_PAID = _BUYERS | {"paid_amount": "sum(paid_amount)"}
_CELLS = {
    ALIKE: _Cells(
        {
            "last_day": "last_day",
            "first_day": f"CASE WHEN last_day - first_day <= {SPAN} THEN first_day END",
            "orders": "orders",
            "band": band("yuan"),
        },
        _PAID,
    ),
    YUAN: _Cells({"yuan": "yuan"}, _PAID),
    RETURN: _Cells({"first_day": "first_day", "gap": _GAP}, _BUYERS),
}


def fill(connection: Connection) -> None:
    """Make all cells from the rows of all buyers."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")
        connection.execute(f"INSERT INTO {table} {_counted(table, 'TRUE')}")


@contextmanager
def moving(connection: Connection, moved: str) -> Iterator[None]:
    """Within it the rows of the buyers for whom `moved` holds are made again; the cells follow."""
    for table in TABLES:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE was_{table} AS {_counted(table, moved)}")
    yield
    for table in TABLES:
        sums = _CELLS[table].sums
        keys = ", ".join(("platform", "shop", *_CELLS[table].keys))
        added = ", ".join(f"sum({name})::{'BIGINT' if name == 'buyers' else 'DECIMAL(38,6)'}" for name in sums)
        less = ", ".join(f"-{name}" for name in sums)
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE now_{table} AS
            SELECT {keys}, {added}
            FROM (SELECT * FROM {table} UNION ALL {_counted(table, moved)}
                  UNION ALL SELECT {keys}, {less} FROM was_{table})
            GROUP BY ALL HAVING sum(buyers) <> 0""")
        connection.execute(f"DELETE FROM {table}")
        connection.execute(f"INSERT INTO {table} SELECT * FROM now_{table}")
        for state in ("was", "now"):
            connection.execute(f"DROP TABLE {state}_{table}")


def seed(connection: Connection) -> None:
    """Fill the cells of a warehouse loaded before they were kept. Does nothing where they are filled."""
    if not connection.execute(f"SELECT 1 FROM {ALIKE} LIMIT 1").fetchone():
        fill(connection)


def _counted(table: str, which: str) -> str:
    """SQL: the cells of some buyers, anywhere and in each shop."""
    made = {"platform": "platform", "shop": "shop"} | dict(_CELLS[table].keys) | dict(_CELLS[table].sums)
    values = ", ".join(f"{sql} AS {name}" for name, sql in made.items())
    return " UNION ALL ".join(f"SELECT {values} FROM (SELECT {rows} WHERE {which}) GROUP BY ALL" for rows in _ROWS)
