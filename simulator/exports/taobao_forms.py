# ruff: noqa: E501 - cells of files stand as they are
"""千牛's other files: item reports new and old, the classic order list, the new order form with its trailing tabs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator.exports.common import write_csv
from simulator.exports.dimensions import cities, skus
from simulator.refunds import EXCHANGE
from simulator.world import World

_STATUS = """CASE status WHEN 'unpaid' THEN '等待买家付款' WHEN 'paid' THEN '买家已付款，等待卖家发货'
    WHEN 'part_shipped' THEN '卖家部分发货' WHEN 'shipped' THEN '卖家已发货，等待买家确认' WHEN 'finished' THEN '交易成功'
    ELSE '交易关闭' END"""
_PAID = "CASE WHEN paid > 0 THEN wall(paid) END"
_NET = "CASE WHEN paid > 0 THEN yuan(total - back) ELSE '0.00' END"

ITEMS = {
    "主订单编号": "'=\"' || l.\"order\" || '\"'",
    "子订单编号": "'=\"' || own || '\"'",
    "标题": "s.name",
    "商家编码": "s.code",
    "购买数量": "l.quantity",
    "买家应付货款": "yuan(l.payable - l.freight)",
    "订单状态": _STATUS,
    "退款状态": "CASE WHEN back > 0 THEN '退款成功' ELSE '没有申请退款' END",
    "退款金额": "CASE WHEN back > 0 THEN yuan(back) ELSE '无退款申请' END",
    "订单创建时间": "wall(l.created)",
    "发货时间": "CASE WHEN l.shipped > 0 THEN wall(l.shipped) ELSE '' END",
    "物流单号": "CASE WHEN l.shipped > 0 THEN CASE WHEN l.\"order\" % 20 < 10 THEN 'No:' ELSE ' ' END || 'YT' || l.\"order\" END",
    "物流公司": "CASE WHEN l.shipped > 0 THEN '圆通速递' END",
}
OLD_ITEMS = {
    "订单编号": 'l."order"',
    "标题": "s.name",
    "价格": "yuan(l.price)",
    "购买数量": "l.quantity",
    "外部系统编号": "s.code",
    "商品属性": "s.spec",
    "套餐信息": "''",
    "备注": "''",
    "订单状态": _STATUS,
    "商家编码": "s.code",
}
CLASSIC = {
    "订单编号": '"order"',
    "买家会员名": "'tb' || buyer",
    "买家支付宝账号": "'tb' || buyer || '@example.com'",
    "买家应付货款": "yuan(total - freight)",
    "买家应付邮费": "yuan(freight)",
    "买家支付积分": "'0'",
    "总金额": "yuan(total)",
    "返点积分": "'0'",
    "买家实际支付金额": _NET,
    "买家实际支付积分": "'0'",
    "订单状态": _STATUS,
    "买家留言": "''",
    "收货人姓名": "'收货人'",
    "收货地址": "province_full || ' ' || city_name || ' 某路 1 号'",
    "运送方式": "'快递'",
    "联系电话": "''''",
    "联系手机": "'''13800000000'",
    "订单创建时间": "wall(created)",
    "订单付款时间": _PAID,
    "宝贝标题": "title",
    "宝贝种类": "sorts",
    "物流单号": "CASE WHEN shipped > 0 THEN 'No:YT' || \"order\" END",
    "物流公司": "CASE WHEN shipped > 0 THEN '圆通速递' END",
    "订单备注": "''",
    "宝贝总数量": "quantity",
    "店铺Id": "'58501236'",
    "店铺名称": "''",
    "订单关闭原因": "CASE WHEN status = 'closed' THEN '买家未付款' ELSE '订单未关闭' END",
    "卖家服务费": "'0.00元'",
    "退款金额": "CASE WHEN back > 0 THEN yuan(back) END",
}
_QIANNIU = {
    "订单编号": '"order"',
    "支付单号": "CASE WHEN paid > 0 THEN '20' || \"order\" ELSE '' END",
    "支付详情": "CASE WHEN paid > 0 THEN '支付宝' ELSE '' END",
    "买家应付货款": "yuan_commas(total - freight)",
    "买家应付邮费": "yuan(freight)",
    "总金额": "yuan_commas(total)",
    "买家实付金额": _NET,
    "订单创建时间": "wall(created)",
    "订单付款时间": f"coalesce({_PAID}, '')",
    "商品标题": "title",
    "退款金额": "CASE WHEN back > 0 THEN yuan(back) ELSE '无退款申请' END",
    "是否主动赔付": "'否'",
    "主动赔付金额": "''",
    "主动赔付出账时间": "''",
    "商品属性SKU": "spec",
    "C2B小额收款": "'0.00'",
    "确认收货打款金额": "CASE WHEN finished > 0 THEN yuan(total - back) ELSE '' END",
    "含应开票给个人红包": "'0.00'",
    "总金额(旧版)": "yuan(total)",
}
QIANNIU = {header: f"({cell}) || chr(9)" for header, cell in _QIANNIU.items()}


def _lines(world: World, shop: int, since: int) -> pd.DataFrame:
    """Lines with what went back, and the sub-order's number: an order of one line has its own."""
    lines = world.lines[world.lines["shop"] == shop]
    if since:
        lines = lines[lines["order"].isin(lines.loc[lines["updated"] >= since, "order"])]
    lines = lines.drop(columns=["key", "line_key"])
    alone = lines.groupby("order")["line"].transform("size") == 1
    back = lines["refunded"].where(lines["refund_kind"] != EXCHANGE, 0)
    return lines.assign(back=back, own=lines["order"].where(alone, lines["line"]))


_ORDERS = """(SELECT l."order", sum(payable)::BIGINT AS total, sum(freight)::BIGINT AS freight, sum(back)::BIGINT AS back,
    any_value(buyer) AS buyer, any_value(city) AS city, min(created) AS created, max(paid) AS paid,
    max(shipped) AS shipped, max(finished) AS finished, min_by(status, place) AS status, sum(quantity)::BIGINT AS quantity,
    count(*) AS sorts, string_agg(s.name, '，' ORDER BY place) AS title, string_agg(s.spec, ';' ORDER BY place) AS spec
    FROM lines l JOIN skus s USING (sku) GROUP BY 1) JOIN cities USING (city)"""


def write_items(world: World, shop: int, path: Path, *, since: int = 0, encoding: str = "gb18030") -> int:
    """宝贝报表: sub-orders, ids in `="…"`, no time of payment."""
    return _write(path, ITEMS, "lines l JOIN skus s USING (sku)", world, shop, since, encoding, "l.created, own")


def write_old_items(world: World, shop: int, path: Path, *, since: int = 0, encoding: str = "gb18030") -> int:
    """ExportItemList: items without sub-order numbers and times."""
    return _write(path, OLD_ITEMS, "lines l JOIN skus s USING (sku)", world, shop, since, encoding, "l.created, own")


def write_classic(world: World, shop: int, path: Path, *, since: int = 0, encoding: str = "gb18030") -> int:
    """ExportOrderList: every cell quoted."""
    return _write(path, CLASSIC, _ORDERS, world, shop, since, encoding, 'created, "order"', quoted=True)


def write_qianniu(world: World, shop: int, path: Path, *, since: int = 0, encoding: str = "utf-8") -> int:
    """The new order form: a tab behind every value."""
    return _write(path, QIANNIU, _ORDERS, world, shop, since, encoding, 'created, "order"')


def _write(
    path: Path, columns: dict[str, str], source: str, world: World, shop: int, since: int, encoding: str, order: str,
    quoted: bool = False,
) -> int:  # fmt: skip
    tables = {"lines": _lines(world, shop, since), "skus": skus(world, shop), "cities": cities()}
    return write_csv(path, columns, source, tables, encoding=encoding, order=order, force_quote=quoted)
