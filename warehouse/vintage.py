"""Vintages: daily values as they were known at every moment, kept as the differences that each load made.

A load adds, in its own transaction, one row per cell (day, platform, shop, category) whose additive parts it changed:
new value − value known so far. The sum over the rows of a cell up to a moment is the value as known then, so a
question about then is the question about now over other tables, with one condition more. What a load does not change
costs nothing. Cells are summed from the rollups just refreshed where there are some, else from the fact.

`rebuild` replays the same batches in the same order under their first times, so the vintages come back with them.
Batches that were removed never were: their rows go, and what still differs is put right by one row of batch 0.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from warehouse.days import in_days
from warehouse.model import Touched
from warehouse.rollup import COVERAGES, ROLLUPS, Coverage, Rollup

Connection = duckdb.DuckDBPyConnection
REMOVED = 0
"""The batch of rows that put right what a removal left."""

_COUNT = {"line_count": "count(*)"}
_REFUNDED = "status = 'success' AND (kind IS DISTINCT FROM 'exchange' OR amount > 0)"
_LIVE_COUNTS = ("exposures", "entries", "viewers", "new_followers", "product_clickers", "buyers", "orders", "gmv")
_INTERACTIONS = (
    "sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) "
    "FILTER (WHERE coalesce(likes, comments, shares) IS NOT NULL)"
)
_COSTS = ("platform_fee", "creator_commission", "logistics", "other")


@dataclass(frozen=True)
class Vintage:
    """`cells` says what one cell holds, in the words of a rollup; it is summed from `source`, else from the fact."""

    cells: Rollup
    source: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells one cell from another."""
        return ("day", *self.cells.dims)

    @property
    def values(self) -> tuple[str, ...]:
        """The additive columns."""
        return (*self.cells.sums, *(("order_count",) if self.cells.order_count else ()))

    @property
    def nullable(self) -> tuple[str, ...]:
        """Of them, those that are null where nothing is known; `NAME_n` counts where something is."""
        return tuple(name for name, sql in self.cells.sums.items() if sql.startswith("sum("))

    @property
    def columns(self) -> tuple[str, ...]:
        """Values and their counts."""
        return (*self.values, *(f"{name}_n" for name in self.nullable))


def _of_rollup(table: str, source: str, dims: tuple[str, ...]) -> Vintage:
    rolled = next(item for item in ROLLUPS if item.table == source)
    kept = Rollup(table, rolled.fact, rolled.time, rolled.where, dims, rolled.sums, rolled.order_count)
    return Vintage(kept, source)


_PLACE = ("platform", "shop")
_CATEGORY = (*_PLACE, "category")

VINTAGES: tuple[Vintage, ...] = (
    _of_rollup("vintage_sales", "sales_by_province", _PLACE),
    _of_rollup("vintage_sales_category", "sales_by_channel", _CATEGORY),
    _of_rollup("vintage_created", "created_by_province", _PLACE),
    Vintage(
        Rollup(
            "vintage_refunds",
            "refund",
            "success_at",
            _REFUNDED,
            _CATEGORY,
            _COUNT
            | {
                "amount": "sum(amount)",
                "timed_seconds": "sum(date_diff('second', applied_at, success_at)) FILTER (WHERE NOT estimated)",
                "timed": "count(applied_at) FILTER (WHERE NOT estimated)",
                "returned_cost": "sum(quantity * unit_cost) FILTER (WHERE goods_returned)",
            },
        )
    ),
    Vintage(
        Rollup(
            "vintage_refund_cohort",
            "refund",
            "order_paid_at",
            _REFUNDED,
            _CATEGORY,
            _COUNT | {"amount": "sum(amount)"},
        )
    ),
    Vintage(
        Rollup(
            "vintage_ads",
            "ad_spend",
            "at",
            "attribution IS DISTINCT FROM 'creative' AND aside IS NOT true",
            _CATEGORY,
            _COUNT | {name: f"sum({name})" for name in ("cost", "exposures", "clicks", "orders", "gmv")},
        )
    ),
    Vintage(
        Rollup(
            "vintage_cost",
            "cost",
            "day",
            "TRUE",
            _CATEGORY,
            _COUNT | {item: f"coalesce(sum(amount) FILTER (WHERE item = '{item}'), 0)" for item in _COSTS},
        )
    ),
    Vintage(
        Rollup(
            "vintage_live",
            "live_session",
            "started_at",
            "TRUE",
            _PLACE,
            _COUNT | {name: f"sum({name})" for name in _LIVE_COUNTS} | {"interactions": _INTERACTIONS},
        )
    ),
)
"""Coarsest first, as the rollups. People, distinct orders of a category and states of stock do not add up: not kept
(docs/metrics.md says so of each)."""

COVERAGE = "vintage_coverage"
_FACTS = frozenset(item.cells.fact for item in VINTAGES)
_COVERED = tuple(item for item in COVERAGES if item.fact in _FACTS)


def record(connection: Connection, touched: Touched, batch_id: int, known_at: datetime) -> None:
    """Keep what changed on the touched days. After the rollups are refreshed, in the transaction of the load."""
    for item in VINTAGES:
        if days := touched.of(item.cells.fact, item.cells.time):
            connection.execute(_differences(item, days), [known_at, batch_id])
    covered = [_of_days(item, days) for item in _COVERED if (days := touched.of(item.fact, item.time))]
    if covered:
        connection.execute(_coverage_changes(" OR ".join(covered)), [known_at, batch_id])


def forget(connection: Connection, batches: str, touched: Touched) -> None:
    """Take away what batches (SQL of their numbers) made known; their days count as touched."""
    gone = f"WHERE batch_id IN ({batches})"
    for item in VINTAGES:
        days = connection.execute(f"SELECT DISTINCT day FROM {item.cells.table} {gone}").fetchall()
        touched.add(item.cells.fact, item.cells.time, (day for (day,) in days))
        connection.execute(f"DELETE FROM {item.cells.table} {gone}")
    for covered in _COVERED:
        subjects = ", ".join(f"'{name}'" for name in covered.subjects)
        days = connection.execute(f"SELECT DISTINCT day FROM {COVERAGE} {gone} AND subject IN ({subjects})").fetchall()
        touched.add(covered.fact, covered.time, (day for (day,) in days))
    connection.execute(f"DELETE FROM {COVERAGE} {gone}")


def seed(connection: Connection, moment: datetime) -> None:
    """Vintages of a warehouse loaded before they were kept: each day as known when it was last loaded.

    `moment` stands for loads that are not on record. Does nothing where vintages are kept already.
    """
    kept = connection.execute(f"SELECT 1 FROM {COVERAGE} LIMIT 1").fetchone()
    if kept or not connection.execute("SELECT 1 FROM coverage LIMIT 1").fetchone():
        return
    for item in VINTAGES:
        subject = next(
            name
            for covered in _COVERED
            for name in covered.subjects
            if (covered.fact, covered.time) == (item.cells.fact, item.cells.time)
        )
        names = ", ".join((*item.keys, *item.columns))
        connection.execute(
            f"INSERT INTO {item.cells.table} ({names}, known_at, batch_id)"
            f" SELECT {', '.join(f'f.{name}' for name in item.keys)},"
            f" {', '.join(f'coalesce(f.{name}, 0)' for name in item.columns)},"
            f" coalesce(b.loaded_at, ?), coalesce(c.batch_id, {REMOVED}) FROM ({_fresh(item, 'true')}) f"
            " LEFT JOIN coverage c ON c.subject = ? AND c.day = f.day AND c.platform = f.platform AND c.shop = f.shop"
            " LEFT JOIN load_batch b USING (batch_id)",
            [moment, subject],
        )
    names = ", ".join(f"'{name}'" for covered in _COVERED for name in covered.subjects)
    connection.execute(
        f"INSERT INTO {COVERAGE} SELECT c.subject, c.day, c.platform, c.shop, coalesce(b.loaded_at, ?), c.batch_id,"
        f" c.row_count, c.first_at, c.last_at FROM coverage c LEFT JOIN load_batch b USING (batch_id)"
        f" WHERE c.subject IN ({names})",
        [moment],
    )


def _fresh(item: Vintage, where: str) -> str:
    """SQL: the cells as they stand now; `where` is over the column `{day}`."""
    cells = item.cells
    if item.source:
        values = [f"sum({name}) AS {name}" for name in item.values]
        values += [f"count({name}) AS {name}_n" for name in item.nullable]
        return (
            f"SELECT {', '.join((*item.keys, *values))} FROM {item.source}"
            f" WHERE {where.format(day='day')} GROUP BY {', '.join(item.keys)}"
        )
    time = f'"{cells.time}"'
    values = [f"{sql} AS {name}" for name, sql in cells.sums.items()]
    values += [f"count({cells.sums[name].removeprefix('sum(')} AS {name}_n" for name in item.nullable]
    return (
        f"SELECT {time}::DATE AS day, {', '.join((*cells.dims, *values))} FROM {cells.fact}"
        f" WHERE {cells.where} AND {time} IS NOT NULL AND {where.format(day=time)} GROUP BY ALL"
    )


def _differences(item: Vintage, days: Collection[date]) -> str:
    """SQL: append new − known per cell where they differ; both are stacked, so that a null category is a cell."""
    table, names = item.cells.table, ", ".join((*item.keys, *item.columns))
    known = ", ".join(f"-sum({name}) AS {name}" for name in item.columns)
    values = ", ".join(f"coalesce(sum({name}), 0)" for name in item.columns)
    changed = " OR ".join(f"coalesce(sum({name}), 0) <> 0" for name in item.columns)
    keys = ", ".join(item.keys)
    return (
        f"INSERT INTO {table} ({keys}, known_at, batch_id, {', '.join(item.columns)})"
        f" SELECT {keys}, ?::TIMESTAMP, ?::BIGINT, {values}"
        f" FROM (SELECT {names} FROM ({_fresh(item, in_days('{day}', days))})"
        f" UNION ALL SELECT {keys}, {known} FROM {table} WHERE {in_days('day', days)} GROUP BY {keys})"
        f" GROUP BY {keys} HAVING {changed}"
    )


def _of_days(covered: Coverage, days: Collection[date]) -> str:
    names = ", ".join(f"'{name}'" for name in covered.subjects)
    return f"(subject IN ({names}) AND {in_days('day', days)})"


def _coverage_changes(where: str) -> str:
    """SQL: append what changed of the coverage cells that meet `where`."""
    keys = "subject, day, platform, shop"
    return (
        f"INSERT INTO {COVERAGE} SELECT {keys}, ?::TIMESTAMP, ?::BIGINT,"
        " coalesce(f.row_count, 0) - coalesce(k.row_count, 0), f.first_at, f.last_at"
        f" FROM (SELECT {keys}, row_count, first_at, last_at FROM coverage WHERE {where}) f"
        f" FULL JOIN ({as_of_coverage(where)}) k USING ({keys})"
        " WHERE (f.row_count, f.first_at, f.last_at) IS DISTINCT FROM (k.row_count, k.first_at, k.last_at)"
    )


def as_of_coverage(where: str) -> str:
    """SQL: coverage by subject, day, platform and shop over the vintages that meet `where`."""
    return (
        "SELECT subject, day, platform, shop, CAST(sum(row_count) AS BIGINT) AS row_count,"
        " arg_max(first_at, (known_at, batch_id)) AS first_at, arg_max(last_at, (known_at, batch_id)) AS last_at"
        f" FROM {COVERAGE} WHERE {where} GROUP BY ALL HAVING sum(row_count) > 0"
    )
