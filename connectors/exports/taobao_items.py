"""Taobao and Tmall 宝贝报表: one row a sub-order; the lines that order reports of the same orders give way to.

Ids stand in `="…"`. The usual form tells no payment time: a sold line counts at its creation, marked as estimated,
until an order report says when the order was paid. 退款金额 says 无退款申请 where nobody asked.
"""

from connectors.exports._taobao import STATUSES, parcel, waybill_of
from connectors.exports.doudian_orders import SOLD
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

_BACK = "coalesce(refund_state LIKE '%退款成功%', refund > 0, false)"
_PAID = f"(coalesce({SOLD}, false) OR coalesce(status = 'closed' AND refund > 0 AND {_BACK}, false))"

KIND = ExportKind(
    id="taobao_items",
    zh="淘宝/天猫 宝贝报表（子订单）",
    en="Taobao/Tmall item report (sub-orders)",
    platform="tmall",
    description_zh='千牛后台的宝贝报表：一行一个子订单，编号写成 ="…"。同一订单又在订单报表中时，行以本表为准，'
    "实付、付款时间、买家和地区取自订单报表并分摊到行，不会重复计算。",
    description_en='Item report of Qianniu: one row a sub-order, ids written ="…". Where an order report tells the same'
    " order, the lines stand, and what was paid, when, by whom and where comes from the order report; nothing doubles.",
    columns=(
        Column("line_id", "id", ("子订单编号", "子订单号"), required=True),
        Column("order_id", "id", ("主订单编号", "订单编号"), required=True),
        Column("product_name", "text", ("标题", "宝贝标题", "商品标题")),
        Column("product_id", "id", ("宝贝ID", "商品ID", "商品id")),
        Column("sku_id", "id", ("商家编码", "外部系统编号")),
        Column("price", "money", ("价格", "商品价格", "宝贝价格")),
        Column("quantity", "int", ("购买数量", "宝贝数量"), required=True),
        Column("payable", "money", ("买家应付货款",), required=True),
        Column("status", "status", ("订单状态",)),
        Column("refund_state", "text", ("退款状态",)),
        Column("refund", "money", ("退款金额",)),
        Column("created_at", "time", ("订单创建时间",), required=True),
        Column("paid_at", "time", ("订单付款时间",)),
        Column("shipped_at", "time", ("发货时间",)),
        Column("buyer", "person", ("买家会员名", "买家昵称")),
        Column("waybill", "text", ("物流单号",)),
        Column("carrier", "text", ("物流公司",)),
    ),
    key=("line_id", "order_id", "quantity", "payable", "created_at"),
    statuses=STATUSES,
    checks=(
        Check("payable < 0", "negative_amount", "payable"),
        Check("refund < 0", "negative_amount", "refund"),
        Check("quantity < 0", "negative_amount", "quantity"),
    ),
    into=(
        Into(
            "order_line",
            {
                "list_amount": "coalesce(price * quantity, payable)",
                "goods_amount": "payable",
                "payable_amount": "payable",
                "paid_amount": "CASE WHEN paid_at IS NOT NULL THEN payable END",
                "time_estimated": "false",
                **same("line_id", "order_id", "product_name", "product_id", "sku_id", "quantity"),
                **same("status", "created_at", "paid_at", "shipped_at", "buyer"),
            },
            keep=("product_name", "product_id", "sku_id", "buyer"),
        ),
        Into(
            "refund",
            {
                "refund_id": "'refund-' || line_id",
                "kind": "'other'",
                "status": f"CASE WHEN {_BACK} THEN 'success' WHEN refund_state LIKE '%关闭%' THEN 'closed'"
                " ELSE 'open' END",
                "amount": "refund",
                "success_at": f"CASE WHEN {_BACK} THEN coalesce(paid_at, created_at) END",
                "estimated": "true",
                **same("order_id", "line_id", "product_id", "sku_id"),
            },
            where="refund > 0",
        ),
        parcel(waybill_of("waybill"), "carrier", also={"shipped_at": "shipped_at"}),
    ),
    without={
        "paid_at": {
            "order_line": {
                "paid_at": f"CASE WHEN {_PAID} THEN created_at END",
                "paid_amount": f"CASE WHEN {_PAID} THEN payable END",
                "time_estimated": _PAID,
            }
        }
    },
    event_time="coalesce(paid_at, created_at)",
)
