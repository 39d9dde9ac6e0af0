"""One row a buyer and the cells of the repurchase triangle, kept exact at load for the buyers a batch touched.

`buyer_place` holds a buyer in one shop, `buyer_ever` anywhere: the first order, the first at a later moment, the last,
how many, what was paid, and the province last known. Rows of several shops make one by the least, the greatest and the
sum. `yuan` is what was paid in whole yuan, cut down, so that an exact quantile sorts one yuan's buyers only.

`cohort_day` adds up over days: a buyer counts on the day of the first order of a month, by the month of the first ever.

A touched buyer's rows are deleted and made again from the facts, never added to.
"""

from __future__ import annotations

import duckdb

Connection = duckdb.DuckDBPyConnection

PLACE, EVER, COHORT = "buyer_place", "buyer_ever", "cohort_day"
TABLES = (PLACE, EVER, COHORT)
_MOST_YUAN = 10**15  # beyond it buyers share one `yuan`, and are still told apart by what they paid
_KEPT = "first_at, second_at, last_at, first_day, last_day, orders, paid_amount, yuan, province, province_at"
_LINES = "NOT is_test AND buyer IS NOT NULL AND paid_at IS NOT NULL"


def refill(connection: Connection, one_shop: bool, moved: str | None = None, days: str | None = None) -> None:
    """Make the rows of the buyers in the table `moved` again (None: of all), and the cells of `days`.

    `days` is a condition on `{time}`. The orders must be chained already (`buyer_order`), which also says who precedes
    whom; `one_shop` says that all orders are of one shop, so that here and anywhere are the same.
    """
    mine = f"buyer IN (SELECT buyer FROM {moved})" if moved else "TRUE"
    for table in (PLACE, EVER):
        connection.execute(f"DELETE FROM {table} WHERE {mine}" if moved else f"DELETE FROM {table}")
    connection.execute(f"INSERT INTO {PLACE} (platform, shop, buyer, {_KEPT}) {_places(mine, one_shop)}")
    if one_shop:
        connection.execute(f"INSERT INTO {EVER} SELECT buyer, {_KEPT} FROM {PLACE} WHERE {mine}")
    else:
        connection.execute(f"INSERT INTO {EVER} (buyer, {_KEPT}) {_ever(mine)}")
    _refill_cohorts(connection, one_shop, days or "TRUE")


def seed(connection: Connection) -> None:
    """Fill the tables of a warehouse loaded before they were kept. Does nothing where they are filled."""
    if connection.execute(f"SELECT 1 FROM {EVER} LIMIT 1").fetchone():
        return
    if connection.execute("SELECT 1 FROM buyer_order WHERE buyer IS NOT NULL LIMIT 1").fetchone():
        refill(connection, in_one_shop(connection))


def in_one_shop(connection: Connection) -> bool:
    """Whether all sales are of one shop."""
    row = connection.execute("SELECT count(DISTINCT (platform, shop)) FROM coverage WHERE subject = 'sales'").fetchone()
    return row is None or row[0] <= 1


def _places(mine: str, one_shop: bool) -> str:
    """Rows of `buyer_place` from the lines; the second moment from the orders that have one order before them."""
    place = "any_value(platform) AS platform, any_value(shop) AS shop" if one_shop else "platform, shop"
    keys = "buyer" if one_shop else "platform, shop, buyer"
    return f"""
        SELECT k.platform, k.shop, k.buyer, {_columns("k")}
        FROM (SELECT {place}, buyer, min(paid_at) AS first_at, max(paid_at) AS last_at,
                     count(*) FILTER (WHERE is_head) AS orders, coalesce(sum(paid_amount), 0) AS paid_amount,
                     arg_max(province, paid_at) AS province,
                     max(paid_at) FILTER (WHERE province IS NOT NULL) AS province_at
              FROM order_line WHERE {_LINES} AND {mine} GROUP BY {keys}) k
        LEFT JOIN ({_second(keys, "own", mine)}) s USING ({keys})"""


def _ever(mine: str) -> str:
    """Rows of `buyer_ever` from those of `buyer_place`."""
    return f"""
        SELECT k.buyer, {_columns("k")}
        FROM (SELECT buyer, min(first_at) AS first_at, max(last_at) AS last_at, sum(orders) AS orders,
                     sum(paid_amount) AS paid_amount, arg_max(province, province_at) AS province,
                     max(province_at) AS province_at
              FROM {PLACE} WHERE {mine} GROUP BY buyer) k
        LEFT JOIN ({_second("buyer", "any", mine)}) s USING (buyer)"""


def _columns(k: str) -> str:
    paid = f"greatest(least({k}.paid_amount, {_MOST_YUAN}), -{_MOST_YUAN})"
    return (
        f"{k}.first_at, s.second_at, {k}.last_at, {k}.first_at::DATE, {k}.last_at::DATE, {k}.orders, {k}.paid_amount, "
        f"floor({paid})::BIGINT, {k}.province, {k}.province_at"
    )


def _second(keys: str, history: str, mine: str) -> str:
    """The first moment after the first: of the orders later than the one before, those with no third moment between."""
    before, earlier = f"prev_{history}", f"prev2_{history}"
    return f"""
        SELECT {keys}, min(paid_at) AS second_at FROM buyer_order
        WHERE paid_at > {before} AND ({earlier} IS NULL OR {earlier} = {before}) AND {mine} GROUP BY {keys}"""


def _refill_cohorts(connection: Connection, one_shop: bool, days: str) -> None:
    connection.execute(f"DELETE FROM {COHORT} WHERE {days.format(time='day')}")
    names = "day, platform, shop, cohort, buyers, orders, paid_amount"
    orders = days.format(time="paid_at")
    connection.execute(f"INSERT INTO {COHORT} ({names}) {_cohorts(EVER, 'any', ('NULL', 'NULL'), 'buyer', orders)}")
    if one_shop:
        place = f"(SELECT DISTINCT platform, shop FROM {PLACE})"
        connection.execute(f"""
            INSERT INTO {COHORT} ({names})
            SELECT day, p.platform, p.shop, cohort, buyers, orders, paid_amount
            FROM {COHORT} CROSS JOIN {place} p WHERE {COHORT}.platform IS NULL AND {days.format(time="day")}""")
    else:
        cells = _cohorts(PLACE, "own", ("o.platform", "o.shop"), "platform, shop, buyer", orders)
        connection.execute(f"INSERT INTO {COHORT} ({names}) {cells}")


def _cohorts(table: str, history: str, place: tuple[str, str], keys: str, days: str) -> str:
    """Cells by the month of the first order: buyers from the chained orders, orders and money from the lines."""
    first = f"(SELECT {keys}, date_trunc('month', first_day)::DATE AS cohort FROM {table}) f"
    at = f"{place[0]} AS platform, {place[1]} AS shop, o.paid_at::DATE AS day, f.cohort"
    newly = f"(o.prev_{history} IS NULL OR o.prev_{history} < date_trunc('month', o.paid_at))"
    return f"""
        SELECT day, platform, shop, cohort, sum(buyers), sum(orders), coalesce(sum(paid), 0)
        FROM (SELECT {at}, count(*) AS buyers, 0 AS orders, NULL::DECIMAL(38,6) AS paid
              FROM (SELECT * FROM buyer_order WHERE {days}) o JOIN {first} USING ({keys})
              WHERE {newly} GROUP BY ALL
              UNION ALL
              SELECT {at}, 0, count(*) FILTER (WHERE o.is_head), sum(o.paid_amount)
              FROM (SELECT platform, shop, buyer, paid_at, is_head, paid_amount FROM order_line
                    WHERE {_LINES} AND {days}) o JOIN {first} USING ({keys}) GROUP BY ALL)
        GROUP BY ALL"""
