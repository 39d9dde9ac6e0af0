"""Which SKUs were sold on which day, as bits, so that those of a period are counted exactly without a set of them.

A SKU of a shop has a number for good (`sku_number`), given when it is first sold; a day of a shop has the bits of the
numbers sold on it, 64 a row (`sku_day`). Bits of several days are or-ed and counted. Lines that name no SKU leave a row
without bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb

from warehouse.days import in_days

Connection = duckdb.DuckDBPyConnection

SKU_NUMBER, SKU_DAY = "sku_number", "sku_day"
CHUNK = "(number // 64)::INTEGER"
BIT = "coalesce(bit_or(1::UBIGINT << (number % 64)::UBIGINT), 0)"
"""The bits of some numbers of one chunk."""


def refill(connection: Connection, days: Iterable[date]) -> None:
    """Number the SKUs of the touched days that have none, and make those days' bits again."""
    lines = f"FROM order_line WHERE NOT is_test AND {in_days('paid_at', days)}"
    connection.execute(f"""
        INSERT INTO {SKU_NUMBER} (platform, shop, sku_id, number)
        SELECT platform, shop, sku_id,
               coalesce(most, -1) + row_number() OVER (PARTITION BY platform, shop ORDER BY sku_id)
        FROM (SELECT DISTINCT platform, shop, sku_id {lines} AND sku_id IS NOT NULL)
        ANTI JOIN {SKU_NUMBER} USING (platform, shop, sku_id)
        LEFT JOIN (SELECT platform, shop, max(number) AS most FROM {SKU_NUMBER} GROUP BY ALL) USING (platform, shop)""")
    connection.execute(f"DELETE FROM {SKU_DAY} WHERE {in_days('day', days)}")
    connection.execute(f"""
        INSERT INTO {SKU_DAY} (day, platform, shop, chunk, skus)
        SELECT paid_at::DATE AS day, platform, shop, {CHUNK} AS chunk, {BIT}
        FROM (SELECT paid_at, platform, shop, sku_id {lines})
        LEFT JOIN {SKU_NUMBER} USING (platform, shop, sku_id) GROUP BY ALL ORDER BY day""")


def seed(connection: Connection, days: Iterable[date]) -> None:
    """Fill the tables of a warehouse loaded before they were kept. Does nothing where they are filled."""
    if not connection.execute(f"SELECT 1 FROM {SKU_DAY} LIMIT 1").fetchone():
        refill(connection, days)
