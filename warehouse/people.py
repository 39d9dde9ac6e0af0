"""One row a buyer, counts of those alike (`alike.py`) and the cells of the repurchase triangle, kept exact at load for
the buyers a batch touched.

`buyer_place` holds a buyer in one shop, `buyer_ever` anywhere: the first order, the first at a later moment, the last,
how many, what was paid, and the province last known. Rows of several shops make one by the least, the greatest and the
sum. `yuan` is what was paid in whole yuan, cut down, so that an exact quantile sorts one yuan's buyers only.

`cohort_day` adds up over days: a buyer counts on the day of the first order of a month, by the month of the first ever.

A touched buyer's rows are deleted and made again from the facts, never added to.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse import alike

Connection = duckdb.DuckDBPyConnection

PLACE, EVER, COHORT = "buyer_place", "buyer_ever", "cohort_day"
_OWN = (PLACE, EVER, COHORT)
TABLES = (*_OWN, *alike.TABLES)
MOST_YUAN = 10**15  # beyond it buyers share one `yuan`, and are still told apart by what they paid
_KEPT = "first_at, second_at, last_at, first_day, last_day, orders, paid_amount, yuan, province, province_at"
_PAID = f"greatest(least(k.paid_amount, {MOST_YUAN}), -{MOST_YUAN})"
_COLUMNS = (
    "k.first_at, s.second_at, k.last_at, k.first_at::DATE, k.last_at::DATE, k.orders, k.paid_amount, "
    f"floor({_PAID})::BIGINT, k.province, k.province_at"
)
_LINES = "NOT is_test AND buyer IS NOT NULL AND paid_at IS NOT NULL"


@dataclass(frozen=True)
class _From:
    """What is made from what: tables of lines and of chained orders, and whose rows are made or read."""

    lines: str = "order_line"
    orders: str = "buyer_order"
    buyers: str = "TRUE"


def fill(connection: Connection, one_shop: bool) -> None:
    """Make every row and cell. The orders must be chained already (`buyer_order`).

    `one_shop` says that all orders are of one shop, so that there and anywhere are the same.
    """
    for table in _OWN:
        connection.execute(f"DELETE FROM {table}")
    _make(connection, one_shop, _From())
    _make_cohorts(connection, one_shop, _From())
    alike.fill(connection)


def refresh(connection: Connection, one_shop: bool, days: str) -> None:
    """Make the rows of the buyers in the table `moved_buyer` again, whose chained orders are in `moved_chain`, and the
    cells of `days`, a condition on `paid_at` that holds wherever one of their orders is new, moved or gone."""
    moved = "buyer IN (SELECT buyer FROM moved_buyer)"
    with alike.moving(connection, moved):
        for table in (PLACE, EVER):
            connection.execute(f"DELETE FROM {table} WHERE {moved}")
        _make(connection, one_shop, _From(orders="moved_chain", buyers=moved))
    # small tables of their own, so that they are the side of the join that is kept in memory
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE day_line AS
        SELECT platform, shop, buyer, paid_at, is_head, is_test, paid_amount FROM order_line WHERE {days}""")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE day_order AS
        SELECT platform, shop, buyer, paid_at, prev_any, prev_own FROM buyer_order WHERE {days}""")
    source = _From("day_line", "day_order", "buyer IN (SELECT buyer FROM day_line)")
    connection.execute(f"DELETE FROM {COHORT} WHERE {days.replace('paid_at', 'day')}")
    _make_cohorts(connection, one_shop, source, days.replace("paid_at", "day"))
    for name in ("day_line", "day_order"):
        connection.execute(f"DROP TABLE {name}")


def seed(connection: Connection) -> None:
    """Fill the tables of a warehouse loaded before they were kept. Does nothing where they are filled."""
    if connection.execute(f"SELECT 1 FROM {EVER} LIMIT 1").fetchone():
        alike.seed(connection)
        return
    if connection.execute("SELECT 1 FROM buyer_order WHERE buyer IS NOT NULL LIMIT 1").fetchone():
        fill(connection, in_one_shop(connection))


def in_one_shop(connection: Connection) -> bool:
    """Whether all sales are of one shop."""
    row = connection.execute("SELECT count(DISTINCT (platform, shop)) FROM coverage WHERE subject = 'sales'").fetchone()
    return row is None or row[0] <= 1


def _make(connection: Connection, one_shop: bool, source: _From) -> None:
    connection.execute(f"INSERT INTO {PLACE} (platform, shop, buyer, {_KEPT}) {_places(source, one_shop)}")
    if one_shop:
        connection.execute(f"INSERT INTO {EVER} SELECT buyer, {_KEPT} FROM {PLACE} WHERE {source.buyers}")
    else:
        connection.execute(f"INSERT INTO {EVER} (buyer, {_KEPT}) {_ever(source)}")


def _places(source: _From, one_shop: bool) -> str:
    """Rows of `buyer_place` from the lines; the second moment from the chained orders."""
    place = "any_value(platform) AS platform, any_value(shop) AS shop" if one_shop else "platform, shop"
    keys = "buyer" if one_shop else "platform, shop, buyer"
    return f"""
        SELECT k.platform, k.shop, k.buyer, {_COLUMNS}
        FROM (SELECT {place}, buyer, min(paid_at) AS first_at, max(paid_at) AS last_at,
                     count(*) FILTER (WHERE is_head) AS orders, coalesce(sum(paid_amount), 0) AS paid_amount,
                     arg_max(province, paid_at) AS province,
                     max(paid_at) FILTER (WHERE province IS NOT NULL) AS province_at
              FROM {source.lines} WHERE {_LINES} AND {source.buyers} GROUP BY {keys}) k
        LEFT JOIN ({_second(keys, "own", source)}) s USING ({keys})"""


def _ever(source: _From) -> str:
    """Rows of `buyer_ever` from those of `buyer_place`."""
    return f"""
        SELECT k.buyer, {_COLUMNS}
        FROM (SELECT buyer, min(first_at) AS first_at, max(last_at) AS last_at, sum(orders) AS orders,
                     sum(paid_amount) AS paid_amount, arg_max(province, province_at) AS province,
                     max(province_at) AS province_at
              FROM {PLACE} WHERE {source.buyers} GROUP BY buyer) k
        LEFT JOIN ({_second("buyer", "any", source)}) s USING (buyer)"""


def _second(keys: str, history: str, source: _From) -> str:
    """The first moment after the first: of the orders later than the one before, those with no third moment between."""
    before, earlier = f"prev_{history}", f"prev2_{history}"
    return f"""
        SELECT {keys}, min(paid_at) AS second_at FROM {source.orders}
        WHERE paid_at > {before} AND ({earlier} IS NULL OR {earlier} = {before}) GROUP BY {keys}"""


def _make_cohorts(connection: Connection, one_shop: bool, source: _From, days: str = "TRUE") -> None:
    """Cells from all that `source` holds; `days` is where those of `cohort_day` lie."""
    names = "day, platform, shop, cohort, buyers, orders, paid_amount"
    anywhere = _cells(source, EVER, "any", "buyer", "NULL AS platform, NULL AS shop")
    connection.execute(f"INSERT INTO {COHORT} ({names}) {anywhere}")
    if one_shop:
        connection.execute(f"""
            INSERT INTO {COHORT} ({names})
            SELECT day, p.platform, p.shop, cohort, buyers, orders, paid_amount
            FROM {COHORT} CROSS JOIN (SELECT DISTINCT platform, shop FROM {PLACE}) p
            WHERE {COHORT}.platform IS NULL AND {days}""")
    else:
        own = _cells(source, PLACE, "own", "platform, shop, buyer", "o.platform, o.shop")
        connection.execute(f"INSERT INTO {COHORT} ({names}) {own}")


def _cells(source: _From, table: str, history: str, keys: str, place: str) -> str:
    """Cells by the month of the first order: buyers from the chained orders, orders and money from the lines."""
    first = f"(SELECT {keys}, date_trunc('month', first_day)::DATE AS cohort FROM {table} WHERE {source.buyers}) f"
    at = f"{place}, o.paid_at::DATE AS day, f.cohort"
    newly = f"(o.prev_{history} IS NULL OR o.prev_{history} < date_trunc('month', o.paid_at))"
    return f"""
        SELECT day, platform, shop, cohort, sum(buyers), sum(orders), coalesce(sum(paid), 0)
        FROM (SELECT {at}, count(*) AS buyers, 0 AS orders, NULL::DECIMAL(38,6) AS paid
              FROM {source.orders} o JOIN {first} USING ({keys}) WHERE {newly} GROUP BY ALL
              UNION ALL
              SELECT {at}, 0, count(*) FILTER (WHERE o.is_head), sum(o.paid_amount)
              FROM (SELECT * FROM {source.lines} WHERE {_LINES}) o JOIN {first} USING ({keys}) GROUP BY ALL)
        GROUP BY ALL"""
