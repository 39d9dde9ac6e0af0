"""JD: orders with their amount on each row and ids as floats, and settlement statements in three layouts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator.exports import slips
from simulator.exports.common import write_csv
from simulator.exports.dimensions import skus
from simulator.exports.settled import returned_lines, settled_lines
from simulator.world import World

_STATUS = """CASE WHEN l.paid = 0 AND status = 'closed' THEN '(删除)等待付款确认' WHEN status = 'unpaid' THEN '等待付款'
    WHEN status = 'paid' THEN '等待出库' WHEN status = 'part_shipped' THEN '部分出库' WHEN status = 'shipped'
    THEN '等待确认收货' WHEN status = 'finished' THEN '完成' ELSE '取消' END"""
ORDERS = {
    "订单号": 'l."order"',
    "商品ID": "s.sku_id || '.0'",
    "商品名称": "s.name",
    "订购数量": "l.quantity",
    "结算金额": 'yuan(sum(l.payable) OVER (PARTITION BY l."order")::BIGINT)',
    "订单状态": _STATUS,
    "商家SKUID": "s.code",
    "下单时间": "wall(l.created)",
    "付款确认时间": "CASE WHEN l.paid > 0 THEN wall(l.paid) ELSE '' END",
}
_COMMON = {
    "订单编号": 'f."order"',
    "商品编号": "f.sku_id || '.0'",
    "商品名称": "f.name",
    "商品数量": "f.quantity",
    "费用名称": "f.fee",
    "应结金额": "yuan(f.amount)",
    "收支方向": "f.direction",
}
_TIMES = {
    "订单下单时间": "wall(f.created)",
    "订单完成时间": "CASE WHEN f.finished > 0 THEN wall(f.finished) WHEN f.closed > 0 THEN wall(f.closed) ELSE '' END",
}
LAYOUTS = {
    "before": {
        **{"订单编号": _COMMON["订单编号"], "父单号": "''", "订单状态": "'完成'"},
        **_TIMES,
        **{
            "售后服务单号": "CASE WHEN f.given THEN f.refund_id::VARCHAR ELSE '' END",
            "售后退款时间": "CASE WHEN f.given THEN wall(f.succeeded) ELSE '' END",
        },
        **{name: _COMMON[name] for name in ("商品编号", "商品名称", "商品数量")},
        **{"扣点类型": "''", "佣金比例": "''", "费用名称": "f.fee", "应结金额": "yuan(f.amount)", "币种": "'人民币'"},
        **{
            "收支方向": "f.direction",
            "结算状态": "'已结算'",
            "预计结算时间": "wall(f.settled)",
            "账单生成时间": "wall(f.settled)",
        },
        **{"到账时间": "wall(f.settled)", "商户订单号": "''", "资金动账备注": "''"},
    },
    "2026-08": {
        **{"订单编号": _COMMON["订单编号"], "父单号": "''", "订单状态": "'完成'"},
        **_TIMES,
        **{
            "商品编号": _COMMON["商品编号"],
            "商品名称": "f.name",
            "商品数量": "f.quantity",
            "商品单价": "yuan(f.price)",
        },
        **{"费用名称": "f.fee", "费用分类": "'订单'", "应结金额": "yuan(f.amount)", "收支方向": "f.direction"},
        **{
            "结算时间": "wall(f.settled)",
            "结算单类型": "'订单'",
            "结算单号": "'JS' || f.\"order\"",
            "结算主体": "'云杉'",
        },
    },
    "older": {
        "订单编号": _COMMON["订单编号"],
        "费用结算时间": "wall(f.settled)",
        "金额": "yuan(f.amount)",
        "单据类型": "'订单'",
        "费用项": "f.fee",
        "收支方向": "f.direction",
    },
}


def write_orders(world: World, shop: int, path: Path, *, since: int = 0, encoding: str = "gb18030") -> int:
    """订单导出: one row a product of an order."""
    lines = world.lines[world.lines["shop"] == shop]
    if since:
        lines = lines[lines["order"].isin(lines.loc[lines["updated"] >= since, "order"])]
    tables = {"lines": lines.drop(columns=["key", "line_key"]), "skus": skus(world, shop)}
    source = "lines l JOIN skus s USING (sku)"
    return write_csv(path, ORDERS, source, tables, encoding=encoding, order='l.created, l."order", l.place')


def write_settlement(
    world: World, shop: int, path: Path, *, layout: str = "before", encoding: str = "gb18030", since: int = 0,
    slipped: bool = False,
) -> int:  # fmt: skip
    """对账单: goods, what was given back of them, and commission as a payment, of each line settled so far."""
    lines = settled_lines(world, shop, since)
    lines = slips.slipped(world, shop, lines, "bill") if slipped else lines
    both = pd.concat([lines, returned_lines(world, shop, since)])
    sold = both[~both["late"]]
    goods = sold.assign(fee="货款", amount=sold["income"] + sold["back"], direction="收入", given=False)
    taken = sold.assign(fee="佣金", amount=sold["fee_amount"], direction="支出", given=False)
    back = both.assign(fee="货款", amount=both["back"], direction="支出", given=True)
    rows = pd.concat([goods, taken, back]).query("amount > 0")
    source = "(SELECT * FROM fees JOIN skus USING (sku)) f"
    tables = {"fees": rows, "skus": skus(world, shop).drop(columns="price")}
    return write_csv(
        path, LAYOUTS[layout], source, tables, encoding=encoding, order='f.settled, f."order", f.line, f.fee, f.given'
    )
