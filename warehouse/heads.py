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


def mark_followers(connection: Connection) -> None:
    """`followers`: the `_row` of each incoming line that is not its order's head (few: most orders have one line)."""
    several = f"SELECT i._row FROM incoming i JOIN orders o USING ({_ORDER}) WHERE o.n > 1 AND i._row <> o.o"
    known = connection.execute("SELECT 1 FROM order_line LIMIT 1").fetchone()
    seen = f" UNION SELECT i._row FROM incoming i SEMI JOIN order_line USING ({_ORDER})" if known else ""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE followers AS {several}{seen}")
