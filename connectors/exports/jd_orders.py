"""JD 订单导出: one row a product of an order, the order's amount on each of them, ids at times as Excel floats.

`(删除)等待付款确认` and `(删除)延迟付款确认` are orders that were never paid, whatever else their rows say.
"""

from connectors.exports.doudian_orders import SOLD
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

_VOID = "coalesce(status = 'void', false)"
_PAID = f"CASE WHEN NOT {_VOID} THEN amount END"
_LIVE = {
    "等待付款": "unpaid",
    "等待付款确认": "unpaid",
    "延迟付款确认": "unpaid",
    "等待出库": "paid",
    "等待打印": "paid",
    "待出库": "paid",
    "等待发货": "paid",
    "暂停": "paid",
    "锁定": "paid",
    "部分出库": "part_shipped",
    "等待确认收货": "shipped",
    "已出库": "shipped",
    "正在配送": "shipped",
    "等待自提": "shipped",
    "完成": "finished",
    "已完成": "finished",
    "取消": "closed",
    "已取消": "closed",
    "订单取消": "closed",
}
_NEVER_PAID = ("等待付款", "等待付款确认", "延迟付款确认")
_DELETED = {
    f"{mark}{text}": "void" if text in _NEVER_PAID else "closed"
    for mark in ("(删除)", "（删除）", "(已删除)")
    for text in _LIVE
}

KIND = ExportKind(
    id="jd_orders",
    zh="京东 订单导出",
    en="JD order export",
    platform="jd",
    description_zh="京麦后台 → 订单 → 订单导出。一行一个商品；同一订单的金额在各行重复，"
    "按价格分摊，没有价格列时按件数 × 该商品单独成交时的价格（再没有时按成本、按件数）；(删除) 的未付款订单不计。",
    description_en="Order export of the JD back office. One row a product; the order's amount repeats on its rows and"
    " is shared out by price; without a column of prices by pieces times what the product goes for in orders of its"
    " own (else by costs, else by pieces); unpaid orders marked (删除) do not count.",
    columns=(
        Column("order_id", "id", ("订单号", "订单编号"), required=True),
        Column("product_id", "id", ("商品ID", "商品编号", "商品编码"), required=True),
        Column("product_name", "text", ("商品名称",)),
        Column("quantity", "int", ("订购数量", "商品数量"), required=True),
        Column("price", "money", ("京东价", "商品单价", "单价")),
        Column("amount", "money", ("结算金额", "商家应收", "应付金额", "商家应收金额"), required=True),
        Column("freight", "money", ("运费金额", "运费")),
        Column("status", "status", ("订单状态",)),
        Column("sku_id", "id", ("商家SKUID", "商家SKU", "商家编码", "货号")),
        Column("buyer", "person", ("客户账号", "下单帐号", "客户姓名")),
        Column("province", "province", ("省", "省份", "客户地址", "收货地址")),
        Column("city", "text", ("市", "城市")),
        Column("created_at", "time", ("下单时间",), required=True),
        Column("paid_at", "time", ("付款确认时间", "付款时间")),
        Column("shipped_at", "time", ("出库时间", "发货时间")),
        Column("finished_at", "time", ("订单完成时间", "完成时间")),
        Column("shop_name", "text", ("店铺名称",)),
    ),
    key=("order_id", "product_id", "quantity", "amount", "status", "created_at"),
    statuses=_LIVE | _DELETED,
    checks=(
        Check("amount < 0", "negative_amount", "amount"),
        Check("quantity < 0", "negative_amount", "quantity"),
    ),
    into=(
        Into(
            "order_line",
            {
                "shop": "coalesce(shop_name, shop)",
                "line_id": "order_id || '-' || product_id",
                "list_amount": "price * quantity",
                "payable_amount": "amount",
                "paid_amount": f"CASE WHEN paid_at IS NOT NULL THEN {_PAID} END",
                "freight_amount": "freight",
                "status": f"CASE WHEN {_VOID} THEN 'closed' ELSE status END",
                "paid_at": f"CASE WHEN NOT {_VOID} THEN paid_at END",
                **same("order_id", "product_id", "product_name", "sku_id", "quantity", "buyer", "province", "city"),
                **same("created_at", "shipped_at", "finished_at"),
            },
            order_totals=("payable_amount", "paid_amount", "freight_amount"),
            weight="price * quantity",
            pieces="quantity",  # amounts that are equal on all rows are the order's, whatever goods usually cost
            keep=("product_name", "sku_id", "buyer", "province", "city"),
        ),
    ),
    without={
        "paid_at": {
            "order_line": {
                "paid_at": f"CASE WHEN {SOLD} THEN created_at END",
                "paid_amount": f"CASE WHEN {SOLD} THEN amount END",
                "time_estimated": f"coalesce({SOLD}, false)",
            }
        }
    },
    event_time="coalesce(paid_at, created_at)",
)
