"""抖店 售后单导出: one row an after-sale; its success text holds a full-width comma."""

from __future__ import annotations

from pathlib import Path

from simulator.exports.common import write_csv
from simulator.exports.dimensions import skus
from simulator.refunds import REASONS
from simulator.world import World

_STATUS = """CASE WHEN succeeded > 0 AND refund_kind = 3 THEN '换货成功' WHEN succeeded > 0 THEN '同意退款，退款成功'
    WHEN refused > 0 THEN '拒绝退款' WHEN refund_kind = 2 THEN '待买家退货' ELSE '售后待处理' END"""
_KIND = "CASE refund_kind WHEN 0 THEN '未发货仅退款' WHEN 1 THEN '已发货仅退款' WHEN 2 THEN '退货退款' ELSE '换货' END"
_ASKED = "CASE WHEN refund_kind = 3 THEN 0 WHEN succeeded > 0 THEN refunded ELSE l.spent - l.freight END"
_FREIGHT = "CASE WHEN refund_kind = 0 AND refunded = l.spent THEN l.freight ELSE 0 END"
_DISCOUNT_BACK = "yuan(CASE WHEN refunded > 0 AND refunded >= l.spent - l.freight THEN l.pay_discount ELSE 0 END)"
_REASON = (
    "CASE refund_kind "
    + " ".join(f"WHEN {kind} THEN {list(texts)}[reason + 1]" for kind, texts in enumerate(REASONS))
    + " END"
)

COLUMNS = {
    "售后单号": "chr(9) || refund_id",
    "订单号": 'chr(9) || "order"',
    "商品单号": "chr(9) || line",
    "商品名称": "s.name",
    "商品ID": "chr(9) || s.product_id",
    "应付金额（元）": "yuan(l.payable)",
    "商品运费（元）": "yuan(l.freight)",
    "支付优惠（元）": "yuan(l.pay_discount)",
    "商品税费（元）": "'0.00'",
    "商品发货状态": "CASE WHEN refund_kind = 0 THEN '未发货' ELSE '已发货' END",
    "售后类型": _KIND,
    "退商品金额（元）": f"yuan(({_ASKED}) - ({_FREIGHT}))",
    "退运费金额（元）": f"yuan({_FREIGHT})",
    "退支付优惠（元）": _DISCOUNT_BACK,
    "退税费金额（元）": "'0.00'",
    "售后状态": _STATUS,
    "售后申请时间": "wall(applied)",
    "退款成功时间": "wall_or_dash(succeeded)",
    "退款方式": "CASE WHEN refund_kind = 3 THEN '无需退款' WHEN succeeded > 0 THEN '原路退款' ELSE '-' END",
    "售后原因": _REASON,
    "售后数量": "l.quantity",
    "商品规格": "s.spec",
    "商家编码": "chr(9) || s.code",
    "门店名称": "'-'",
}
HEADERS = tuple(COLUMNS)


def write(world: World, shop: int, path: Path, *, since: int = 0) -> int:
    """After-sales of a shop that began or changed at or after second `since`, as they stand at the world's end."""
    lines = world.lines[(world.lines["shop"] == shop) & (world.lines["applied"] > 0)]
    changed = lines[["applied", "succeeded", "refused"]].max(axis=1)
    return write_csv(
        path,
        COLUMNS,
        "lines l JOIN skus s USING (sku)",
        {"lines": lines[changed >= since].drop(columns=["key", "line_key"]), "skus": skus(world, shop)},
        bom=True,
        order="applied, refund_id",
    )
