"""A sheet of customer-service sessions (客服会话): who answered, how soon, how it ended."""

from connectors.exports._words import leaf_of, place_of
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

KIND = ExportKind(
    id="sheet_tickets",
    zh="客服会话表",
    en="Customer-service sheet",
    platform=None,
    description_zh="自制表格或客服系统导出：一行一次会话，会话编号、客服、"
    "进线/首次响应/解决时间、是否投诉、评价分（1–5），"
    "可带平台、店铺、订单编号、问题类型。",
    description_en="Your own sheet or a help desk's: one session a row, with id, staff, opened, replied and resolved"
    " times, complaint, score (1–5); also platform, shop, order, topic.",
    columns=(
        Column("ticket_id", "id", ("会话编号", "会话ID", "工单编号", "工单号", "ticket_id"), required=True),
        Column("staff", "text", ("客服", "客服昵称", "接待客服", "staff")),
        Column("topic", "text", ("问题类型", "会话类型", "topic")),
        Column("opened_at", "time", ("进线时间", "会话开始时间", "创建时间", "opened_at"), required=True),
        Column("replied_at", "time", ("首次响应时间", "首次回复时间", "首响时间", "replied_at")),
        Column("resolved_at", "time", ("解决时间", "会话结束时间", "完结时间", "resolved_at")),
        Column("complaint", "bool", ("是否投诉", "投诉", "complaint")),
        Column("score", "int", ("评价分", "满意度评分", "满意度", "score")),
        Column("order_id", "id", ("订单编号", "订单号", "主订单编号", "order_id")),
        Column("sku_id", "id", ("SKU编码", "商家编码", "SKU", "sku_id")),
        Column("product_id", "id", ("商品ID", "product_id")),
        Column("category", "text", ("类目", "商品类目", "category")),
        Column("platform_name", "text", ("平台", "platform")),
        Column("shop_name", "text", ("店铺", "店铺名称", "shop")),
    ),
    key=("ticket_id", "opened_at"),
    checks=(
        Check("replied_at < opened_at", "ends_before_start", "replied_at"),
        Check("resolved_at < opened_at", "ends_before_start", "resolved_at"),
        Check("score NOT BETWEEN 1 AND 5", "unknown_value", "score"),
    ),
    into=(
        Into(
            "ticket",
            {
                **place_of("platform_name", "shop_name"),
                "category": leaf_of("category"),
                **same("ticket_id", "order_id", "sku_id", "product_id", "staff", "topic", "complaint"),
                **same("opened_at", "replied_at", "resolved_at", "score"),
            },
        ),
    ),
    event_time="opened_at",
    totals=TOTALS,
)
