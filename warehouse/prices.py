"""What goods usually cost, for orders that tell a total and pieces only: their lines are shared out by pieces × price.

A price is what the product went for in orders that held nothing else: the mean of the seven days up to the last such
order before (at most 60 days ago), else up to the first one after. Where a good of an order was never sold alone, unit
costs of all its goods say how to share; where these are not known either, pieces do. Only what is told by the time of
the order counts where it can, so that a file loaded again changes nothing.
"""

from __future__ import annotations

from warehouse.engine import Connection
from warehouse.parse import name

_KEY = "platform, shop, line_id"
_GOOD = "platform, shop, product_id"
_LONG_AGO, _MEAN = "INTERVAL 60 DAYS", "INTERVAL 7 DAYS"


def weigh_by_price(connection: Connection, columns: tuple[str, ...]) -> None:
    """Put pieces × price in the place of the weights of `order_lines` (and of their sums in `total_orders`).

    Only of orders none of whose lines tells a price: `pieces` of a line is null where it does.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE unpriced AS SELECT * FROM order_lines SEMI JOIN total_orders USING (o)"
        " QUALIFY count(pieces) OVER (PARTITION BY o) = count(*) OVER (PARTITION BY o)"
    )
    if connection.execute("SELECT 1 FROM unpriced LIMIT 1").fetchone() is None:
        return
    connection.execute(f"CREATE OR REPLACE TEMP TABLE price_told AS {_told()}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE weighed AS {_weighed()}")
    connection.execute(
        "UPDATE order_lines AS l SET weight = w.weight FROM weighed w"
        " WHERE l.o = w.o AND l._row IS NOT DISTINCT FROM w._row AND l._at IS NOT DISTINCT FROM w._at"
    )
    sums = ", ".join(
        f"sum(weight) FILTER ({name(column)} IS NOT NULL) AS w{index}" for index, column in enumerate(columns)
    )
    sets = ", ".join(f"w{index} = s.w{index}" for index in range(len(columns)))
    connection.execute(
        f"UPDATE total_orders AS t SET {sets} FROM (SELECT o, {sums} FROM order_lines SEMI JOIN weighed USING (o)"
        " GROUP BY o) s WHERE t.o = s.o"
    )


def _told() -> str:
    """The price of a product at the moments at which it was ordered alone."""
    columns = f"{_KEY}, order_id, product_id, created_at, payable_amount, quantity"
    stored = (
        f"SELECT {columns} FROM order_line f ANTI JOIN unshared USING ({_KEY})"
        " WHERE (platform, shop) IN (SELECT DISTINCT platform, shop FROM unpriced)"
        f" AND created_at >= (SELECT min(created_at) FROM unpriced) - {_LONG_AGO} - {_MEAN}"
    )
    alone = (
        "SELECT platform, shop, any_value(product_id) AS product_id, any_value(created_at) AS created_at,"
        " any_value(payable_amount) AS amount, any_value(quantity) AS quantity"
        f" FROM (SELECT {columns} FROM unshared UNION ALL {stored}) GROUP BY platform, shop, order_id"
        " HAVING count(*) = 1 AND any_value(payable_amount) > 0 AND any_value(quantity) > 0"
    )
    week = f"PARTITION BY {_GOOD} ORDER BY created_at RANGE BETWEEN {_MEAN} PRECEDING AND CURRENT ROW"
    return (
        f"SELECT DISTINCT {_GOOD}, created_at,"
        f" CAST(CAST(sum(amount) OVER w AS DOUBLE) / sum(quantity) OVER w AS DECIMAL(18,6)) AS price"
        f" FROM ({alone}) SEMI JOIN unpriced USING ({_GOOD}) WHERE created_at IS NOT NULL WINDOW w AS ({week})"
    )


def _weighed() -> str:
    """Lines with their new weight: of orders all of whose goods have a price, else all of whose goods have a cost."""
    same = " AND ".join(f"u.{column} = {{0}}.{column}" for column in ("platform", "shop", "product_id"))
    priced = (
        f"SELECT u.*, CASE WHEN b.created_at >= u.created_at - {_LONG_AGO} THEN b.price ELSE a.price END AS price,"
        " c.amount AS cost FROM unpriced u"
        f" ASOF LEFT JOIN price_told b ON {same.format('b')} AND u.created_at >= b.created_at"
        f" ASOF LEFT JOIN price_told a ON {same.format('a')} AND u.created_at <= a.created_at"
        " ASOF LEFT JOIN unit_cost c ON u.sku_id = c.sku_id AND CAST(u.created_at AS DATE) >= c.valid_from"
    )
    each = (
        "CASE WHEN count(price) OVER p = count(*) OVER p THEN price"
        " WHEN count(cost) OVER p = count(*) OVER p THEN cost END"
    )
    lines = f"SELECT o, _row, _at, greatest(pieces, 0) * {each} AS weight FROM ({priced}) WINDOW p AS (PARTITION BY o)"
    return f"SELECT * FROM ({lines}) QUALIFY sum(weight) OVER (PARTITION BY o) > 0"
