"""Pinduoduo 订单导出: one row an order of one product. Without 订单成交时间 the number says the day (`261001-…`).

Some forms tell 退款金额. Without it, where the order's state says that it ended by a refund, all that was paid went
back; the time is not told, so it stands at the time of payment, marked as estimated.
"""

from connectors.exports._taobao import parcel, waybill_of
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

_DAY = "TRY(CAST(strptime('20' || left(order_id, 6), '%Y%m%d') AS TIMESTAMP))"
_BACK = "coalesce(status IN ('back', 'back_unshipped'), false)"
_SOLD = "coalesce(status IN ('paid', 'part_shipped', 'shipped', 'finished', 'back', 'back_unshipped'), false)"
_PART = "coalesce(after_sale LIKE '%退款成功%' AND refunded > 0, false)"
_PAID_AT = f"coalesce(paid_at, CASE WHEN {_SOLD} THEN {_DAY} END)"
_AMOUNT = "coalesce(paid, received)"

KIND = ExportKind(
    id="pdd_orders",
    zh="拼多多 订单导出",
    en="Pinduoduo order export",
    platform="pdd",
    description_zh="拼多多商家后台 → 订单查询 → 导出。一行一单；成交时间为空时按订单号前缀的日期；"
    "退款成功的订单按退款金额计，没有该列时状态为退款成功的按全额退款计；时间为估计。",
    description_en="Order export of the Pinduoduo back office. One row an order; where the deal's time is empty the"
    " order number's prefix gives the day; refunds count with their 退款金额, without that column orders"
    " that ended by a refund count as refunded in full; their time is estimated.",
    columns=(
        Column("order_id", "id", ("订单号", "订单编号"), required=True),
        Column("product_name", "text", ("商品", "商品名称")),
        Column("status", "status", ("订单状态",)),
        Column("list_total", "money", ("商品总价(元)", "商品总价")),
        Column("freight", "money", ("邮费(元)", "邮费")),
        Column("shop_discount", "money", ("店铺优惠折扣(元)", "店铺优惠折扣")),
        Column("platform_discount", "money", ("平台优惠折扣(元)", "平台优惠折扣")),
        Column("instant_off", "money", ("多多支付立减金额(元)", "多多支付立减金额")),
        Column("paid", "money", ("用户实付金额(元)", "用户实付金额")),
        Column("received", "money", ("商家实收金额(元)", "商家实收金额"), required=True),
        Column("quantity", "int", ("商品数量(件)", "商品数量"), required=True),
        Column("shipped_at", "time", ("发货时间",)),
        Column("finished_at", "time", ("确认收货时间",)),
        Column("product_id", "id", ("商品id", "商品ID")),
        Column("spec", "text", ("商品规格",)),
        Column("style_id", "id", ("样式ID",)),
        Column("sku_code", "id", ("商家编码-规格维度",)),
        Column("product_code", "id", ("商家编码-商品维度",)),
        Column("after_sale", "text", ("售后状态",)),
        Column("refunded", "money", ("退款金额(元)", "退款金额", "售后退款金额(元)")),
        Column("waybill", "text", ("快递单号", "运单号")),
        Column("carrier", "text", ("快递公司",)),
        Column("province", "province", ("省", "省份", "收货地址")),
        Column("city", "text", ("市", "城市")),
        Column("paid_at", "time", ("订单成交时间", "支付时间")),
        Column("promised_ship_at", "time", ("承诺发货时间",)),
    ),
    key=("order_id", "status", "received", "quantity", "style_id|spec|product_id"),
    statuses={
        "待支付": "unpaid",
        "待付款": "unpaid",
        "待成团": "paid",
        "待发货": "paid",
        "部分发货": "part_shipped",
        "已发货": "shipped",
        "已发货，待签收": "shipped",
        "已发货,待签收": "shipped",
        "已签收": "shipped",
        "已收货": "finished",
        "交易成功": "finished",
        "已取消": "closed",
        "交易已取消": "closed",
        "已取消，退款成功": "back_unshipped",
        "已取消,退款成功": "back_unshipped",
        "未发货，退款成功": "back_unshipped",
        "未发货,退款成功": "back_unshipped",
        "已发货，退款成功": "back",
        "已发货,退款成功": "back",
        "已签收，退款成功": "back",
        "已收货，退款成功": "back",
        "已收货,退款成功": "back",
        "退款成功": "back",
    },
    checks=(
        Check("paid < 0 OR received < 0", "negative_amount", "received"),
        Check("refunded < 0", "negative_amount", "refunded"),
        Check("quantity < 0", "negative_amount", "quantity"),
    ),
    into=(
        Into(
            "order_line",
            {
                "line_id": "order_id",
                "sku_id": "coalesce(sku_code, style_id)",
                "list_amount": "list_total",
                "payable_amount": _AMOUNT,
                "paid_amount": f"CASE WHEN ({_PAID_AT}) IS NOT NULL THEN {_AMOUNT} END",
                "freight_amount": "freight",
                "status": f"CASE WHEN {_BACK} THEN 'closed' ELSE status END",
                "created_at": f"coalesce(paid_at, {_DAY})",
                "paid_at": _PAID_AT,
                "time_estimated": f"paid_at IS NULL AND {_SOLD}",
                **same("order_id", "product_name", "product_id", "quantity", "province", "city"),
                **same("promised_ship_at", "shipped_at", "finished_at"),
            },
            keep=("product_name", "product_id", "sku_id", "province", "city"),
        ),
        Into(
            "refund",
            {
                "refund_id": "'refund-' || order_id",
                "order_id": "order_id",
                "line_id": "order_id",
                "kind": "CASE status WHEN 'back_unshipped' THEN 'refund_unshipped' ELSE 'other' END",
                "before_ship": "status = 'back_unshipped'",
                "status": "'success'",
                "amount": f"coalesce(refunded, {_AMOUNT})",
                "success_at": _PAID_AT,
                "estimated": "true",
            },
            where=f"({_BACK} OR {_PART}) AND coalesce(refunded, {_AMOUNT}) > 0",
        ),
        parcel(waybill_of("waybill"), "carrier", also={"shipped_at": "shipped_at"}),
    ),
    event_time=f"coalesce(paid_at, {_DAY})",
)
