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
_ROWS = """
    SELECT NULL::VARCHAR AS platform, NULL::VARCHAR AS shop, * FROM buyer_ever WHERE {which}
    UNION ALL SELECT * FROM buyer_place WHERE {which}"""


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
    everybody = f"({_ROWS.format(which='TRUE')})"
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")
        connection.execute(f"INSERT INTO {table} {_counted(table, everybody)}")


@contextmanager
def moving(connection: Connection, moved: str) -> Iterator[None]:
    """Within it the rows of the buyers for whom `moved` holds are made again; the cells follow."""
    rows = _ROWS.format(which=moved)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE was_alike AS {rows}")
    yield
    connection.execute(f"CREATE OR REPLACE TEMP TABLE now_alike AS {rows}")
    for table in TABLES:
        _follow(connection, table)
    for name in ("was_alike", "now_alike", "changed_cell", "made_cell"):
        connection.execute(f"DROP TABLE {name}")


def _follow(connection: Connection, table: str) -> None:
    """Bring the cells up to date in which the buyers of `was_alike` counted, or those of `now_alike` do."""
    names, sums = ("platform", "shop", *_CELLS[table].keys), _CELLS[table].sums
    keys, less = ", ".join(names), ", ".join(f"-{name}" for name in sums)
    total = ", ".join(f"sum({name})::{'BIGINT' if name == 'buyers' else 'DECIMAL(38,6)'} AS {name}" for name in sums)
    same = " AND ".join(f"c.{name} IS NOT DISTINCT FROM d.{name}" for name in names)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE changed_cell AS
        SELECT {keys}, {total}
        FROM ({_counted(table, "now_alike")} UNION ALL SELECT {keys}, {less} FROM ({_counted(table, "was_alike")}))
        GROUP BY ALL HAVING {" OR ".join(f"sum({name}) <> 0" for name in sums)}""")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE made_cell AS
        SELECT {keys}, {total}
        FROM (SELECT * FROM {table} c SEMI JOIN changed_cell d ON {same} UNION ALL SELECT * FROM changed_cell)
        GROUP BY ALL HAVING sum(buyers) <> 0""")
    connection.execute(f"DELETE FROM {table} AS c USING changed_cell d WHERE {same}")
    connection.execute(f"INSERT INTO {table} SELECT * FROM made_cell")


def seed(connection: Connection) -> None:
    """Fill the cells of a warehouse loaded before they were kept. Does nothing where they are filled."""
    if not connection.execute(f"SELECT 1 FROM {ALIKE} LIMIT 1").fetchone():
        fill(connection)


def _counted(table: str, rows: str) -> str:
    """SQL: the cells of some buyers, anywhere and in each shop."""
    made = {"platform": "platform", "shop": "shop"} | dict(_CELLS[table].keys) | dict(_CELLS[table].sums)
    values = ", ".join(f"{sql} AS {name}" for name, sql in made.items())
    return f"SELECT {values} FROM {rows} GROUP BY ALL"
