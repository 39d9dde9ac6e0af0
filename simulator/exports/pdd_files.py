# ruff: noqa: E501 - cells of files stand as they are
"""Pinduoduo: orders, some without the deal's time, and the account statement with its banner."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator.exports import slips
from simulator.exports.common import write_csv
from simulator.exports.dimensions import skus
from simulator.exports.settled import settled_lines
from simulator.refunds import EXCHANGE
from simulator.world import World

NUMBER = """strftime(make_timestamp(l.created * 1000000), '%y%m%d') || '-' || lpad((l."order" % 1000000000000000)::VARCHAR,
    15, '0')"""
_ALL_BACK = f"l.succeeded > 0 AND l.refund_kind <> {EXCHANGE} AND l.refunded >= l.spent AND l.spent > 0"
_PART = f"l.succeeded > 0 AND l.refund_kind <> {EXCHANGE} AND l.refunded > 0"
_STATUS = f"""CASE WHEN {_ALL_BACK} AND l.shipped = 0 THEN '未发货，退款成功' WHEN {_ALL_BACK} THEN '已发货，退款成功'
    WHEN status = 'unpaid' THEN '待支付' WHEN status = 'paid' THEN '待发货' WHEN status = 'part_shipped' THEN '部分发货'
    WHEN status = 'shipped' THEN '已发货，待签收' WHEN l.paid > 0 THEN '已收货' ELSE '已取消' END"""
_NO_TIME = 'l."order" // 10 % 40 = 0 AND l.paid // 86400 = l.created // 86400'
ORDERS = {
    "商品": "s.name",
    "订单号": NUMBER,
    "订单状态": _STATUS,
    "商品总价(元)": "yuan_commas(l.list_amount)",
    "邮费(元)": "yuan(l.freight)",
    "店铺优惠折扣(元)": "yuan(l.list_amount + l.freight - l.payable)",
    "平台优惠折扣(元)": "'0.00'",
    "多多支付立减金额(元)": "'0.00'",
    "用户实付金额(元)": "yuan_commas(CASE WHEN l.paid > 0 THEN l.spent ELSE l.payable END)",
    "商家实收金额(元)": "yuan_commas(l.payable)",
    "商品数量(件)": "l.quantity",
    "发货时间": "CASE WHEN l.shipped > 0 THEN wall(l.shipped) ELSE '' END",
    "确认收货时间": "CASE WHEN l.finished > 0 THEN wall(l.finished) ELSE '' END",
    "商品id": "chr(9) || s.product_id",
    "商品规格": "s.spec",
    "样式ID": "chr(9) || s.sku_id",
    "商家编码-规格维度": "s.code",
    "商家编码-商品维度": "''",
    "商家备注": "''",
    "售后状态": f"CASE WHEN {_PART} THEN '退款成功' ELSE '无售后或售后取消' END",
    "退款金额(元)": f"CASE WHEN {_PART} THEN yuan_commas(l.refunded) ELSE '' END",
    "快递单号": "CASE WHEN l.shipped > 0 THEN chr(9) || 'YS' || (l.\"order\" % 1000000000000000) || '0' || chr(9) ELSE '' END",
    "快递公司": "''",
    "订单成交时间": f"CASE WHEN l.paid > 0 AND NOT ({_NO_TIME}) THEN wall(l.paid) ELSE '' END",
}
ACCOUNT = {
    "商户订单号": NUMBER,
    "发生时间": "wall(l.settled)",
    "收入金额（+元）": "CASE WHEN l.out THEN '0.00' ELSE yuan_commas(l.amount) END",
    "支出金额（-元）": "CASE WHEN l.out THEN '-' || yuan(l.amount) ELSE '0.00' END",
    "账务类型": "CASE WHEN l.late THEN '退款' WHEN l.out THEN '技术服务费' ELSE '交易收入' END",
    "备注": "''",
    "业务描述": "CASE WHEN l.late THEN '0020001|退款-订单退款' WHEN l.out THEN '0030001|技术服务费-基础技术服务费' ELSE '0010002|交易收入-订单收入' END",
}
BANNER = "拼多多店铺账务明细查询\n\n起始时间：2026-01-01 00:00:00 终止时间：2026-12-31 23:59:59\n-----------列表-----------\n"


def write_orders(
    world: World, shop: int, path: Path, *, since: int = 0, encoding: str = "utf-8", parcels: bool = True
) -> int:
    """订单导出: one row an order. Without `parcels` the cells of the waybill are empty, where another file tells them."""
    columns = ORDERS if parcels else ORDERS | {"快递单号": "''"}
    lines = world.lines[(world.lines["shop"] == shop) & (world.lines["updated"] >= since)]
    tables = {"lines": lines.drop(columns=["key", "line_key"]), "skus": skus(world, shop)}
    source = "lines l JOIN skus s USING (sku)"
    return write_csv(path, columns, source, tables, encoding=encoding, bom=True, order='l.created, l."order"')


def write_account(world: World, shop: int, path: Path, *, since: int = 0, slipped: bool = False) -> int:
    """账务明细: what came in of each settled order, the fee that went out, and what was given back later."""
    lines = settled_lines(world, shop, since)
    lines = slips.slipped(world, shop, lines, "flow") if slipped else lines
    rows = pd.concat(
        [
            lines.assign(amount=lines["income"].abs(), out=lines["late"]),
            lines.assign(amount=lines["fee_amount"], out=True),
        ]
    )
    tables = {"lines": rows.query("amount > 0")}
    return write_csv(
        path, ACCOUNT, "lines l", tables, encoding="gb18030", before=BANNER, order='l.settled, l."order", l.out'
    )
