"""`is_head`: exactly one line of every order, over all batches, so that orders are counted without DISTINCT."""

from __future__ import annotations

from warehouse.engine import Connection

_ORDER = "platform, shop, order_id"


def mark_heads(connection: Connection) -> None:
    """Fill `heads` with the `_row` of each incoming line that is the first one of an order not seen before."""
    known = connection.execute("SELECT 1 FROM order_line LIMIT 1").fetchone()
    seen = f"ANTI JOIN order_line USING ({_ORDER})" if known else ""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE heads AS SELECT min(_row) AS _row FROM incoming {seen} GROUP BY {_ORDER}")
