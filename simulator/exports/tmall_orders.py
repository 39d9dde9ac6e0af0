"""Tmall 订单报表, small form: one row an order, two headers ending in a blank, the pay column net of refunds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator.exports.common import write_csv
from simulator.exports.dimensions import cities
from simulator.refunds import EXCHANGE
from simulator.world import World

HEADERS = ("订单编号", "总金额", "买家实际支付金额", "收货地址 ", "订单创建时间", "订单付款时间 ", "退款金额")
_SQL = (
    '"order"::VARCHAR',
    "yuan(total)",
    "CASE WHEN paid > 0 THEN yuan(total - back) ELSE '0.00' END",
    "province_full",
    "wall(created)",
    "CASE WHEN paid > 0 THEN wall(paid) END",
    "yuan(back)",
)


def write(world: World, shop: int, path: Path, *, since: int = 0, encoding: str = "utf-8") -> int:
    """Orders of a shop that changed at or after second `since`, as they stand at the world's end."""
    lines = world.lines[(world.lines["shop"] == shop)]
    money_back = lines["refunded"].where(lines["refund_kind"] != EXCHANGE, 0)
    orders: pd.DataFrame = (
        lines.assign(back=money_back)
        .groupby("order", as_index=False, sort=False)
        .agg(
            total=("payable", "sum"),
            back=("back", "sum"),
            city=("city", "first"),
            created=("created", "first"),
            paid=("paid", "first"),
            updated=("updated", "max"),
        )
    )
    orders = orders[orders["updated"] >= since]
    return write_csv(
        path,
        dict(zip(HEADERS, _SQL, strict=True)),
        "orders JOIN cities USING (city)",
        {"orders": orders, "cities": cities()},
        order='created, "order"',
        encoding=encoding,
    )
