"""Paid orders chained by their buyers: each knows when its buyer ordered before it, so that buyers of a period are
counted exactly in one scan.

`buyer_order` holds every order once. `buyer_channel` holds it once in each channel that its lines of the day came
through, chained to the orders of the same buyer in the same channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from warehouse import people
from warehouse.days import in_days

Connection = duckdb.DuckDBPyConnection

BUYER_ORDER, BUYER_CHANNEL = "buyer_order", "buyer_channel"
TABLES = (BUYER_ORDER, BUYER_CHANNEL)
_TEMPORARY = ("moved_buyer", "moved_order", "moved_chain")


@dataclass(frozen=True)
class _Chain:
    """A table of chained orders: its columns between shop and buyer, by which orders are told apart as well."""

    table: str
    by: str  # each ends with a comma

    @property
    def columns(self) -> str:
        return f"paid_at, platform, shop, {self.by}buyer"


_ORDERS, _CHANNELS = _Chain(BUYER_ORDER, ""), _Chain(BUYER_CHANNEL, "channel, ")


def refill(connection: Connection, days: set[date]) -> None:
    """Chain the orders of the touched days, and of the same buyers ever after, and keep their buyers.

    Orders before the first touched day stand: what precedes them has not changed. They lie in time order, so that a
    question about a month skips the years around it.
    """
    one_shop = people.in_one_shop(connection)
    if not connection.execute(f"SELECT 1 FROM {BUYER_ORDER} LIMIT 1").fetchall():
        _fill(connection, one_shop, _ORDERS, _heads(days))
        people.fill(connection, one_shop)
        _fill(connection, one_shop, _CHANNELS, _in_channels(days))
        return
    later = _relink(connection, one_shop, _ORDERS, _heads(days), days)
    people.refresh(connection, one_shop, in_days("paid_at", days | later))
    _relink(connection, one_shop, _CHANNELS, _in_channels(days), days)
    for name in _TEMPORARY:
        connection.execute(f"DROP TABLE {name}")


def seed(connection: Connection, days: Iterable[date]) -> None:
    """Fill the channels of a warehouse loaded before they were kept. Does nothing where they are filled."""
    if not connection.execute(f"SELECT 1 FROM {BUYER_CHANNEL} LIMIT 1").fetchone():
        _fill(connection, people.in_one_shop(connection), _CHANNELS, _in_channels(days))


def _fill(connection: Connection, one_shop: bool, chain: _Chain, fresh: str) -> None:
    rows = _linked(one_shop, chain, fresh)
    connection.execute(f"INSERT INTO {chain.table} SELECT * FROM ({rows}) ORDER BY paid_at")


def _relink(connection: Connection, one_shop: bool, chain: _Chain, fresh: str, days: set[date]) -> set[date]:
    """The rows of the touched days and of their buyers made again; the days on which any such row lies."""
    touched, first = in_days("paid_at", days), f"paid_at >= TIMESTAMP '{min(days)}'"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE moved_buyer AS
        SELECT buyer FROM ({fresh}) UNION SELECT buyer FROM {chain.table} WHERE {touched}""")
    moved = "buyer IN (SELECT buyer FROM moved_buyer)"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE moved_order AS
        SELECT {chain.columns} FROM {chain.table} WHERE NOT {touched} AND {moved}
        UNION ALL {fresh}""")
    connection.execute(f"DELETE FROM {chain.table} WHERE {touched} OR ({first} AND {moved})")
    linked = _linked(one_shop, chain, "SELECT * FROM moved_order")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE moved_chain AS {linked}")
    connection.execute(f"INSERT INTO {chain.table} SELECT * FROM moved_chain WHERE {first} ORDER BY paid_at")
    later = connection.execute(f"SELECT DISTINCT paid_at::DATE FROM moved_chain WHERE {first}").fetchall()
    return {row[0] for row in later}


def _heads(days: Iterable[date]) -> str:
    return f"""
        SELECT paid_at, platform, shop, buyer FROM order_line
        WHERE is_head AND NOT is_test AND {in_days("paid_at", days)}"""


def _in_channels(days: Iterable[date]) -> str:
    """Every order in its head's channel, and in those of its other lines of that day: few orders have any."""
    lines = f"FROM order_line WHERE NOT is_test AND {in_days('paid_at', days)}"
    return f"""
        SELECT paid_at, platform, shop, channel, buyer {lines} AND is_head
        UNION ALL
        SELECT paid_at, platform, shop, channel, buyer FROM (
            SELECT DISTINCT h.paid_at, platform, shop, order_id, f.channel, h.buyer
            FROM (SELECT platform, shop, order_id, channel, paid_at {lines} AND NOT is_head) f
            JOIN (SELECT platform, shop, order_id, channel, paid_at, buyer {lines} AND is_head) h
            USING (platform, shop, order_id)
            WHERE f.channel IS DISTINCT FROM h.channel AND f.paid_at::DATE = h.paid_at::DATE)"""


def _linked(one_shop: bool, chain: _Chain, orders: str) -> str:
    """SQL: `orders` with the two orders of the same buyer before each, anywhere and in the same shop."""
    own = f"{chain.by}buyer" if one_shop else f"platform, shop, {chain.by}buyer"
    return f"""
        SELECT {chain.columns},
               lag(paid_at) OVER everywhere AS prev_any, lag(paid_at, 2) OVER everywhere AS prev2_any,
               lag(paid_at) OVER own AS prev_own, lag(paid_at, 2) OVER own AS prev2_own
        FROM ({orders}) WHERE buyer IS NOT NULL
        WINDOW everywhere AS (PARTITION BY {chain.by}buyer ORDER BY paid_at, platform, shop),
               own AS (PARTITION BY {own} ORDER BY paid_at)
        UNION ALL
        SELECT {chain.columns}, NULL, NULL, NULL, NULL FROM ({orders}) WHERE buyer IS NULL"""
