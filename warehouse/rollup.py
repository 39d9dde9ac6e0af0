"""Rollups: sums of the facts by day, declared as data, kept exact at load for the days a batch touched.

A cell is deleted and computed again, never added to, so that a correction of an old row is right by construction.
`metrics` reads the same declarations to answer from the coarsest rollup that is exact:

* sums are additive over every dimension;
* `order_count` of a rollup counts the distinct orders of a cell. An order has one day, platform, shop, province and
  city, but its lines may differ in category, channel or SKU: over those the count is exact only where each is
  grouped by or pinned to one value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from warehouse import chain, people, refund_cases, skus
from warehouse.days import in_days
from warehouse.model import Touched

Connection = duckdb.DuckDBPyConnection

ORDER_DIMENSIONS = frozenset({"platform", "shop", "province", "city"})
"""Columns that are the same on every line of an order."""

_LINE_SUMS = {
    "line_count": "count(*)",
    "paid_amount": "sum(paid_amount)",
    "quantity": "sum(quantity)",
    "list_amount": "sum(list_amount)",
    "listed_paid": "sum(paid_amount) FILTER (WHERE list_amount IS NOT NULL)",
    "cost_amount": "sum(quantity * unit_cost)",
    "pay_seconds": "sum(date_diff('second', created_at, paid_at)) FILTER (WHERE is_head)",
}


@dataclass(frozen=True)
class Rollup:
    """Sums of `fact` by day of `time` and `dims`; `sums` maps a column to the aggregate over the fact it holds."""

    table: str
    fact: str
    time: str
    where: str
    dims: tuple[str, ...]
    sums: Mapping[str, str]
    order_count: str | None = None  # aggregate that counts the distinct orders of a cell

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order of the table."""
        return ("day", *self.dims, *self.sums, *(("order_count",) if self.order_count else ()))


_HEADS = "count(*) FILTER (WHERE is_head)"


def _sales(table: str, dims: tuple[str, ...], orders: str | None) -> Rollup:
    return Rollup(table, "order_line", "paid_at", "NOT is_test", ("platform", "shop", *dims), _LINE_SUMS, orders)


SHIPPING = Rollup(
    "shipping_by_province",
    "order_line",
    "paid_at",
    "NOT is_test",
    ("platform", "shop", "province"),
    {
        "line_count": "count(*)",
        "due_shipped": "count(*) FILTER (WHERE promised_ship_at IS NOT NULL AND shipped_at IS NOT NULL)",
        "on_time": "count(*) FILTER (WHERE shipped_at <= promised_ship_at)",
        "ship_seconds": "sum(date_diff('second', paid_at, shipped_at))",
        "shipped_lines": "count(shipped_at)",
    },
)

PRODUCTS = Rollup(
    "sales_by_product",
    "order_line",
    "paid_at",
    "NOT is_test",
    ("platform", "shop", "product_id"),
    {name: _LINE_SUMS[name] for name in ("line_count", "paid_amount", "quantity", "cost_amount")}
    | {"pieces": "sum(coalesce(quantity, 1))"},
)

ROLLUPS: tuple[Rollup, ...] = (
    _sales("sales_by_province", ("province",), _HEADS),
    _sales("sales_by_channel", ("channel", "category"), None),
    Rollup(
        "created_by_province",
        "order_line",
        "created_at",
        "NOT is_test",
        ("platform", "shop", "province"),
        {
            "line_count": "count(*)",
            "payable_amount": "sum(payable_amount)",
            "order_count": _HEADS,
            "paid_count": "count(*) FILTER (WHERE is_head AND paid_at IS NOT NULL)",
            "cancelled_count": "count(*) FILTER (WHERE is_head AND paid_at IS NULL AND status = 'closed')",
        },
    ),
    SHIPPING,
    PRODUCTS,
)
"""Coarsest first: the planner takes the first that answers.

SKUs by day are not here: a day has nearly as many of them as lines, so the lines themselves are as quick to read, and
keeping such cells costs more than the rest of a load; which of them were sold is kept as bits (`warehouse/skus.py`).
Buyers do not add up over days at all: an order that knows its buyer's order before it lets them be counted exactly in
one scan (`warehouse/chain.py`).
"""

UNSHIPPED = "unshipped_line"
"""Paid lines without a shipping time that wait for one or have a promise: few, and what is late depends on the hour."""
_UNSHIPPED = ("paid_at", "platform", "shop", "province", "order_id", "status", "promised_ship_at")
_WAITS = "NOT is_test AND shipped_at IS NULL AND (promised_ship_at IS NOT NULL OR status IN ('paid', 'part_shipped'))"

KEPT = (
    *(rollup.table for rollup in ROLLUPS),
    "coverage",
    UNSHIPPED,
    *chain.TABLES,
    *people.TABLES,
    skus.SKU_DAY,
    refund_cases.REFUND_CASE,
)
"""All that can be computed again from the facts. Numbers of SKUs stay: any that are given are right."""


@dataclass(frozen=True)
class Coverage:
    """What is counted per platform, shop and day of one fact: `subjects` maps a name to the rows it means."""

    fact: str
    time: str
    where: str
    subjects: Mapping[str, str] = field(default_factory=dict)


def _traffic_subjects() -> dict[str, str]:
    levels = {
        "total": "channel IS NULL AND product_id IS NULL",
        "channel": "channel IS NOT NULL AND product_id IS NULL",
        "product": "channel IS NULL AND product_id IS NOT NULL",
        "product_channel": "channel IS NOT NULL AND product_id IS NOT NULL",
    }
    spans = ("hour", "day")
    return {
        f"traffic.{level}.{span}": f"{rows} AND span = '{span}'" for level, rows in levels.items() for span in spans
    }


COVERAGES: tuple[Coverage, ...] = (
    Coverage(
        "order_line",
        "paid_at",
        "NOT is_test",
        {
            "sales": "true",
            "sales.buyer": "buyer IS NOT NULL",
            "sales.cost": "unit_cost IS NOT NULL",
            "sales.list": "list_amount IS NOT NULL",
            "sales.quantity": "quantity IS NOT NULL",
            "sales.commission": "commission_amount IS NOT NULL",
            "sales.promised": "promised_ship_at IS NOT NULL",
            "sales.shipped": "shipped_at IS NOT NULL",
        },
    ),
    Coverage("order_line", "created_at", "NOT is_test", {"created": "true"}),
    Coverage(
        "refund",
        "success_at",
        "status = 'success'",
        {
            "refunds": "true",
            "refunds.estimated": "estimated",
            "refunds.applied": "applied_at IS NOT NULL",
            "refunds.before_ship": "before_ship IS NOT NULL",
            "refunds.returned": "goods_returned IS NOT NULL",
        },
    ),
    Coverage("refund", "order_paid_at", "status = 'success'", {"refund_cohort": "true"}),
    Coverage("traffic", "at", "true", {"traffic": "true"} | _traffic_subjects()),
    Coverage("behaviour", "at", "true", {"behaviour": "true"}),
    Coverage("ad_spend", "at", "attribution IS DISTINCT FROM 'creative' AND aside IS NOT true", {"ads": "true"}),
    Coverage("live_session", "started_at", "true", {"live": "true"}),
    Coverage("video_day", "day", "true", {"video": "true"}),
    Coverage("stock", "snapshot_at", "true", {"stock": "true", "stock.cost": "unit_cost IS NOT NULL"}),
    Coverage("shipment", "shipped_at", "true", {"shipments": "true", "shipments.cost": "cost IS NOT NULL"}),
    Coverage("shipment", "delivered_at", "shipped_at IS NOT NULL", {"deliveries": "true"}),
    Coverage(
        "ticket",
        "opened_at",
        "true",
        {
            "tickets": "true",
            "tickets.replied": "replied_at IS NOT NULL",
            "tickets.resolved": "resolved_at IS NOT NULL",
            "tickets.rated": "score IS NOT NULL",
            "tickets.complaint": "complaint IS NOT NULL",
        },
    ),
    Coverage("review", "reviewed_at", "true", {"reviews": "true", "reviews.scored": "score IS NOT NULL"}),
    Coverage("purchase", "arrived_at", "ordered_at IS NOT NULL", {"arrivals": "true"}),
    Coverage("purchase", "ordered_at", "true", {"purchases": "true"}),
    Coverage(
        "cost",
        "day",
        "true",
        {"cost": "true"}
        | {
            f"cost.{item}": f"item = '{item}'"
            for item in ("platform_fee", "creator_commission", "logistics", "subsidy", "other")
        },
    ),
)


def refresh(connection: Connection, touched: Touched) -> None:
    """Compute every cell again whose day was touched. Runs inside the transaction of the load."""
    for rollup in ROLLUPS:
        if days := touched.of(rollup.fact, rollup.time):
            _refill(connection, rollup.table, rollup.columns, _rollup_select(rollup), rollup.time, days)
    for coverage in COVERAGES:
        if days := touched.of(coverage.fact, coverage.time):
            _refill_coverage(connection, coverage, days)
    if days := touched.of("order_line", "paid_at"):
        _refill_unshipped(connection, days)
        chain.refill(connection, days)
        skus.refill(connection, days)
    refund_cases.refresh(connection, touched)


def rebuild(connection: Connection) -> None:
    """Compute everything again from the facts."""
    for table in KEPT:
        connection.execute(f"DELETE FROM {table}")
    touched = Touched()
    placed = {(item.fact, item.time) for item in ROLLUPS} | {(item.fact, item.time) for item in COVERAGES}
    for fact, column in sorted(placed):
        days = f'SELECT DISTINCT "{column}"::DATE FROM {fact} WHERE "{column}" IS NOT NULL'
        rows = connection.execute(days).fetchall()
        touched.add(fact, column, (row[0] for row in rows))
    refresh(connection, touched)


def seed(connection: Connection) -> None:
    """Fill what was not kept yet when a warehouse was loaded. Does nothing where it is filled."""
    days = {row[0] for row in connection.execute("SELECT DISTINCT day FROM sales_by_province").fetchall()}
    if days:
        for rollup in (SHIPPING, PRODUCTS):
            if not connection.execute(f"SELECT 1 FROM {rollup.table} LIMIT 1").fetchone():
                _refill(connection, rollup.table, rollup.columns, _rollup_select(rollup), rollup.time, days)
                if rollup is SHIPPING:
                    _refill_unshipped(connection, days)
        chain.seed(connection, days)
        skus.seed(connection, days)
    refund_cases.seed(connection)


def _rollup_select(rollup: Rollup) -> str:
    values = [f"{rollup.time}::DATE AS day", *rollup.dims, *(f"{sql} AS {name}" for name, sql in rollup.sums.items())]
    if rollup.order_count:
        values.append(f"{rollup.order_count} AS order_count")
    keys = ", ".join(["day", *rollup.dims])
    return f"SELECT {', '.join(values)} FROM {rollup.fact} WHERE {rollup.where} AND {{days}} GROUP BY {keys}"


def _refill(
    connection: Connection, table: str, columns: tuple[str, ...], select: str, time: str, days: set[date]
) -> None:
    connection.execute(f"DELETE FROM {table} WHERE {in_days('day', days)}")
    connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) {select.format(days=in_days(time, days))}")


def _refill_unshipped(connection: Connection, days: set[date]) -> None:
    connection.execute(f"DELETE FROM {UNSHIPPED} WHERE {in_days('paid_at', days)}")
    connection.execute(f"""
        INSERT INTO {UNSHIPPED} ({", ".join(_UNSHIPPED)})
        SELECT {", ".join(_UNSHIPPED)} FROM order_line
        WHERE {_WAITS} AND {in_days("paid_at", days)} ORDER BY paid_at""")


def _refill_coverage(connection: Connection, coverage: Coverage, days: set[date]) -> None:
    names = ", ".join(f"'{name}'" for name in coverage.subjects)
    connection.execute(f"DELETE FROM coverage WHERE subject IN ({names}) AND {in_days('day', days)}")
    time = f'"{coverage.time}"::TIMESTAMP'
    cells = ", ".join(
        f"{{'subject': '{name}', 'n': count(*) FILTER (WHERE {rows}), 'a': min({time}) FILTER (WHERE {rows}), "
        f"'z': max({time}) FILTER (WHERE {rows}), 'b': max(batch_id) FILTER (WHERE {rows})}}"
        for name, rows in coverage.subjects.items()
    )
    connection.execute(f"""
        INSERT INTO coverage
        SELECT cell.subject, platform, shop, day, cell.n, cell.a, cell.z, cell.b
        FROM (SELECT platform, shop, {time}::DATE AS day, unnest([{cells}]) AS cell
              FROM {coverage.fact} WHERE {coverage.where} AND {in_days(time, days)}
              GROUP BY platform, shop, day)
        WHERE cell.n > 0""")
