"""快手小店 and 视频号小店 order exports: one row an order, amounts behind `¥`, creators' ids as floats with NaN.

They tell no time of payment: sold orders count at their creation, marked as estimated.
"""

from connectors.exports._taobao import parcel, waybill_of
from connectors.exports.doudian_orders import SOLD
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

_BACK = "coalesce(after_sale LIKE '%退款成功%' OR after_sale LIKE '%全额退款%' OR after_sale LIKE '%部分退款%', false)"
_PAID = f"(coalesce({SOLD}, false) OR coalesce(status = 'closed' AND {_BACK}, false))"
_CREATOR = "CASE WHEN lower(creator) NOT IN ('nan', '0') THEN creator END"

KIND = ExportKind(
    id="kuaishou_orders",
    zh="快手 / 视频号小店 订单导出",
    en="Kuaishou / WeChat Channels order export",
    platform="kuaishou",
    description_zh="快手小店后台 → 订单 → 导出；视频号小店同样版式时请选平台 wechat。一行一单；"
    "没有付款时间，已付款订单按创建时间计并标为估计；"
    "退款按退款金额计，没有该列时状态为已关闭且退款成功的订单按全额退款计。",
    description_en="Order export of 快手小店; for 视频号小店 files of the same form give --platform wechat. One row"
    " an order; no time of payment is told, so paid orders count at their creation, marked as estimated; refunds"
    " count with their 退款金额, without that column closed orders with a refund count as refunded in full.",
    columns=(
        Column("order_id", "id", ("订单号", "订单编号"), required=True),
        Column("created_at", "time", ("订单创建时间", "下单时间"), required=True),
        Column("paid_at", "time", ("支付时间", "付款时间")),
        Column("status", "status", ("订单状态",)),
        Column("paid", "money", ("实付款", "实付金额"), required=True),
        Column("commission", "money", ("预估推广佣金",)),
        Column("product_name", "text", ("商品名称",)),
        Column("product_id", "id", ("商品ID",)),
        Column("quantity", "int", ("成交数量", "商品数量"), required=True),
        Column("after_sale", "text", ("售后状态",)),
        Column("refunded", "money", ("退款金额", "退款金额(元)", "售后退款金额")),
        Column("sku_id", "id", ("SKU编码", "商家编码")),
        Column("creator", "id", ("CPS达人ID", "达人ID")),
        Column("creator_name", "text", ("CPS达人昵称",)),
        Column("price", "money", ("商品单价",)),
        Column("leader", "text", ("团长ID",)),
        Column("shipped_at", "time", ("发货时间",)),
        Column("waybill", "text", ("快递单号",)),
        Column("carrier", "text", ("快递公司",)),
        Column("province", "province", ("省", "省份", "收货地址")),
        Column("city", "text", ("市", "城市")),
    ),
    key=("order_id", "created_at", "paid", "status", "quantity", "creator|leader|commission"),
    statuses={
        "待付款": "unpaid",
        "待支付": "unpaid",
        "已付款": "paid",
        "待发货": "paid",
        "部分发货": "part_shipped",
        "已发货": "shipped",
        "待收货": "shipped",
        "已收货": "finished",
        "交易成功": "finished",
        "已完成": "finished",
        "交易关闭": "closed",
        "已关闭": "closed",
        "已取消": "closed",
    },
    checks=(
        Check("paid < 0", "negative_amount", "paid"),
        Check("refunded < 0", "negative_amount", "refunded"),
        Check("quantity < 0", "negative_amount", "quantity"),
    ),
    into=(
        Into(
            "order_line",
            {
                "line_id": "order_id",
                "list_amount": "price * quantity",
                "payable_amount": "paid",
                "paid_amount": "CASE WHEN paid_at IS NOT NULL THEN paid END",
                "commission_amount": "commission",
                "creator": _CREATOR,
                "time_estimated": "false",
                **same("order_id", "product_name", "product_id", "sku_id", "quantity", "province", "city"),
                **same("status", "created_at", "paid_at", "shipped_at"),
            },
            keep=("product_name", "product_id", "sku_id", "creator", "province", "city"),
        ),
        Into(
            "refund",
            {
                "refund_id": "'refund-' || order_id",
                "order_id": "order_id",
                "line_id": "order_id",
                "kind": "'other'",
                "status": "'success'",
                "amount": "coalesce(refunded, paid)",
                "success_at": "coalesce(paid_at, created_at)",
                "estimated": "true",
            },
            where=f"{_BACK} AND (status = 'closed' OR refunded > 0) AND coalesce(refunded, paid) > 0",
        ),
        parcel(waybill_of("waybill"), "carrier", also={"shipped_at": "shipped_at"}),
    ),
    without={
        "paid_at": {
            "order_line": {
                "paid_at": f"CASE WHEN {_PAID} THEN created_at END",
                "paid_amount": f"CASE WHEN {_PAID} THEN paid END",
                "time_estimated": _PAID,
            }
        }
    },
    event_time="coalesce(paid_at, created_at)",
)
