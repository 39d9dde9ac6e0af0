"""`is_head`: exactly one line of every order, over all batches, so that orders are counted without DISTINCT."""

from __future__ import annotations

from warehouse.engine import Connection

_ORDER = "platform, shop, order_id"


def number_orders(connection: Connection) -> None:
    """`orders`: each incoming order with its lines' count `n` and its number `o`, the `_row` of its first line."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE orders AS SELECT {_ORDER}, min(_row) AS o, count(*) AS n"
        f" FROM incoming GROUP BY ALL"
    )


def mark_heads(connection: Connection) -> None:
    """`heads`: the `_row` of each incoming line that is the first one of an order not seen before."""
    known = connection.execute("SELECT 1 FROM order_line LIMIT 1").fetchone()
    unseen = f"ANTI JOIN order_line USING ({_ORDER})" if known else ""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE heads AS SELECT o AS _row FROM orders {unseen}")
