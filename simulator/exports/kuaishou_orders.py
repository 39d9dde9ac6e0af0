# ruff: noqa: E501 - cells of files stand as they are
"""快手小店: one row an order, `¥` before amounts, ids of creators as floats, NaN where there is none."""

from __future__ import annotations

from pathlib import Path

from simulator.exports.common import write_csv
from simulator.exports.dimensions import creators, skus
from simulator.refunds import EXCHANGE
from simulator.world import World

_BACK = f"l.succeeded > 0 AND l.refund_kind <> {EXCHANGE} AND l.refunded >= l.spent AND l.spent > 0"
_PART = f"l.succeeded > 0 AND l.refund_kind <> {EXCHANGE} AND l.refunded > 0"
_WHEN = "CASE WHEN {0} > 0 THEN strftime(make_timestamp({0} * 1000000), '%Y/%-m/%-d %H:%M:%S') ELSE '-' END"
ORDERS = {
    "订单号": 'l."order"',
    "订单创建时间": _WHEN.format("l.created"),
    "订单状态": f"""CASE WHEN {_BACK} THEN '交易关闭' WHEN status = 'unpaid' THEN '待付款' WHEN status = 'paid' THEN '待发货'
        WHEN status = 'part_shipped' THEN '部分发货' WHEN status = 'shipped' THEN '已发货' WHEN l.paid > 0 THEN '交易成功'
        ELSE '交易关闭' END""",
    "实付款": "'¥' || yuan_commas(CASE WHEN l.paid > 0 THEN l.spent ELSE l.payable END)",
    "预估推广佣金": "'¥0.00'",
    "商品名称": "s.name",
    "商品ID": "s.product_id",
    "成交数量": "l.quantity",
    "售后状态": f"CASE WHEN {_BACK} THEN '退款成功' WHEN {_PART} THEN '部分退款成功' ELSE '无售后' END",
    "退款金额": f"CASE WHEN {_PART} THEN '¥' || yuan_commas(l.refunded) ELSE '-' END",
    "SKU编码": "s.code",
    "CPS达人ID": "coalesce(a.creator_id || '.0', 'NaN')",
    "CPS达人昵称": "coalesce(a.creator_name, 'NaN')",
    "商品单价": "'¥' || yuan(l.price)",
    "团长ID": "'NaN'",
    "发货时间": _WHEN.format("l.shipped"),
    "快递单号": "CASE WHEN l.shipped > 0 THEN 'YT' || l.\"order\" ELSE '-' END",
    "快递公司": "CASE WHEN l.shipped > 0 THEN '圆通速递' ELSE '-' END",
}


def write(world: World, shop: int, path: Path, *, since: int = 0) -> int:
    """Orders of a shop that has one line an order."""
    lines = world.lines[(world.lines["shop"] == shop) & (world.lines["updated"] >= since)]
    tables = {"lines": lines.drop(columns=["key", "line_key"]), "skus": skus(world, shop), "creators": creators()}
    source = "lines l JOIN skus s USING (sku) LEFT JOIN creators a USING (creator)"
    return write_csv(path, ORDERS, source, tables, order='l.created, l."order"')
