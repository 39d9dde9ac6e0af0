"""抖店 订单导出: one row a sub-order, 74 columns, ids behind a tab, order amounts on every row, `-` for nothing."""

from __future__ import annotations

from pathlib import Path

from simulator.exports.common import write_csv
from simulator.exports.dimensions import channels, cities, creators, skus
from simulator.world import World

_NOTHING = "'-'"
_STATUS = """CASE status WHEN 'unpaid' THEN '待支付' WHEN 'paid' THEN '待发货' WHEN 'part_shipped' THEN '部分发货'
    WHEN 'shipped' THEN '已发货'     WHEN 'finished' THEN '已完成' ELSE '已关闭' END"""
_AFTER_SALE = """CASE WHEN applied = 0 THEN '-' WHEN succeeded > 0 AND refund_kind = 3 THEN '换货成功'
    WHEN succeeded > 0 AND refunded >= spent THEN '已全额退款' WHEN succeeded > 0 THEN '退款成功'
    WHEN refused > 0 THEN '售后关闭' WHEN refund_kind = 2 THEN '待退货' ELSE '退款中' END"""
_FORM = """CASE channel_code WHEN 'live' THEN '直播' WHEN 'video' THEN '短视频' WHEN 'ad' THEN '短视频'
    WHEN 'other' THEN '其他' ELSE '商品卡' END"""
_PLACE = """CASE channel_code WHEN 'search' THEN '搜索' WHEN 'live' THEN '直播间' WHEN 'video' THEN '推荐feed'
    WHEN 'card' THEN '商城推荐' ELSE '-' END"""
_PAID_WITH = """CASE WHEN l.paid = 0 THEN '-' WHEN l."order" // 10 % 3 = 0 THEN '微信'
    WHEN l."order" // 10 % 3 = 1 THEN '支付宝' ELSE '抖音支付' END"""
_GOODS = "(l.payable - l.freight)"

_KNOWN = {
    "主订单编号": 'chr(9) || l."order"',
    "子订单编号": "chr(9) || l.line",
    "选购商品": "s.name",
    "商品规格": "s.spec",
    "商品数量": "l.quantity",
    "商品ID": "chr(9) || s.product_id",
    "商家编码": "chr(9) || s.code",
    "商品单价": "yuan(l.price)",
    "订单应付金额": 'yuan_commas(sum(l.payable) OVER (PARTITION BY l."order")::BIGINT)',
    "运费": 'yuan(sum(l.freight) OVER (PARTITION BY l."order")::BIGINT)',
    "优惠总金额": f"yuan(l.list_amount - {_GOODS})",
    "平台优惠": "'0.00'",
    "商家优惠": f"yuan(l.list_amount - {_GOODS})",
    "达人优惠": "'0.00'",
    "商家改价": "'0.00'",
    "支付优惠": 'yuan(sum(l.pay_discount) OVER (PARTITION BY l."order")::BIGINT)',
    "红包抵扣": "'0.00'",
    "支付方式": _PAID_WITH,
    "手续费": "'0.00'",
    "收件人": "cipher_name(l.buyer)",
    "收件人手机号": "cipher_tel(l.buyer)",
    "省": "c.province_full",
    "市": "c.city_name",
    "详细地址": "cipher_address(l.buyer)",
    "是否修改过地址": "'否'",
    "订单提交时间": "wall(l.created)",
    "订单完成时间": "wall_or_dash(l.finished)",
    "支付完成时间": "wall_or_dash(l.paid)",
    "APP渠道": "'抖音'",
    "流量来源": "'抖音电商'",
    "订单状态": _STATUS,
    "承诺发货时间": "wall_or_dash(l.promised)",
    "订单类型": "CASE WHEN l.presale THEN '预售订单' ELSE '普通订单' END",
    "达人ID": "coalesce(a.creator_id, '-')",
    "达人昵称": "coalesce(a.creator_name, '-')",
    "售后状态": _AFTER_SALE,
    "取消原因": "CASE WHEN status = 'closed' AND l.paid = 0 THEN '超时未支付' ELSE '-' END",
    "是否安心购": "'是'",
    "广告渠道": "CASE WHEN channel_code = 'ad' THEN '巨量千川' ELSE '-' END",
    "流量类型": "CASE WHEN channel_code = 'ad' THEN '付费' ELSE '自然' END",
    "流量体裁": _FORM,
    "流量渠道": _PLACE,
    "发货主体": "'商家自发货'",
    "发货时间": "wall_or_dash(l.shipped)",
    "降价类优惠": "'0.00'",
    "平台实际承担优惠金额": "'0.00'",
    "商家实际承担优惠金额": f"yuan(l.list_amount - {_GOODS})",
    "达人实际承担优惠金额": "'0.00'",
    "是否平台仓自流转": "'否'",
}

# fmt: off
HEADERS = (
    "主订单编号", "子订单编号", "选购商品", "商品规格", "商品数量", "商品ID", "商家编码", "商品单价",
    "订单应付金额", "运费", "优惠总金额", "平台优惠", "商家优惠", "达人优惠", "商家改价", "支付优惠",
    "红包抵扣", "支付方式", "手续费", "收件人", "收件人手机号", "省", "市", "区", "街道", "详细地址",
    "是否修改过地址", "地址修改时段", "买家留言", "订单提交时间", "旗帜颜色", "商家备注", "订单完成时间",
    "支付完成时间", "APP渠道", "流量来源", "订单状态", "承诺发货时间", "订单类型", "鲁班落地页ID", "达人ID",
    "达人昵称", "所属门店ID", "售后状态", "取消原因", "预约发货时间", "仓库ID", "仓库名称", "序列号",
    "是否安心购", "广告渠道", "流量类型", "流量体裁", "流量渠道", "发货主体", "发货主体明细", "发货时间",
    "降价类优惠", "平台实际承担优惠金额", "商家实际承担优惠金额", "达人实际承担优惠金额", "预计送达时间",
    "是否平台仓自流转", "车型", "商品69码", "发货SN码", "发货IMEI码1", "发货IMEI码2", "预约送达时间",
    "建议发货时间（起）", "建议发货时间（止）", "物流SN码", "物流IMEI码1", "物流IMEI码2",
)
# fmt: on


def write(
    world: World,
    shop: int,
    path: Path,
    *,
    since: int = 0,
    encoding: str = "utf-8",
    bom: bool = True,
    form_is_late: bool = False,
) -> int:
    """Sub-orders of a shop whose order changed at or after second `since`, as they stand at the world's end.

    With `form_is_late` the orders of the last day say that their traffic form comes tomorrow, as the platform does.
    """
    lines = world.lines[world.lines["shop"] == shop]
    if since:
        lines = lines[lines["order"].isin(lines.loc[lines["updated"] >= since, "order"])]
    known = dict(_KNOWN)
    if form_is_late:
        today = int(world.days[-1])
        known["流量体裁"] = f"CASE WHEN l.day = {today} THEN '数据将于第二天更新' ELSE {_FORM} END"
    columns = {header: known.get(header, _NOTHING) for header in HEADERS}
    source = """lines l JOIN skus s USING (sku) JOIN cities c USING (city) JOIN channels USING (channel)
        LEFT JOIN creators a USING (creator)"""
    tables = {
        "lines": lines.drop(columns=["key", "line_key"]),
        "skus": skus(world, shop),
        "cities": cities(),
        "channels": channels(),
        "creators": creators(),
    }
    return write_csv(path, columns, source, tables, encoding=encoding, bom=bom, order='l.created, l."order", l.place')
