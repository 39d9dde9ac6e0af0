"""A sheet of buyers' reviews (评价)."""

from connectors.exports._words import leaf_of, place_of
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

_GOOD, _BAD = ("好评", "中评", "good", "neutral"), ("差评", "bad")
_GRADED = f"CASE WHEN lower(grade) IN {_BAD} THEN true WHEN lower(grade) IN {_GOOD} THEN false END"

KIND = ExportKind(
    id="sheet_reviews",
    zh="评价表",
    en="Review sheet",
    platform=None,
    description_zh="自制表格或平台评价导出：一行一条评价，评价编号、评价时间、"
    "评分（1–5）或好评/中评/差评，可带订单编号、子订单编号、"
    "商品、平台、店铺。没有等级时 1、2 分算差评。",
    description_en="Your own sheet or a platform's: one review a row, with id, time, score (1–5) or grade; also order,"
    " line, product, platform, shop. Without a grade one and two stars are bad.",
    columns=(
        Column("review_id", "id", ("评价编号", "评价ID", "评论ID", "review_id"), required=True),
        Column("reviewed_at", "time", ("评价时间", "评论时间", "reviewed_at"), required=True),
        Column("score", "int", ("评分", "商品评分", "星级", "评价星级", "score")),
        Column("grade", "text", ("评价等级", "评价类型", "好中差评", "grade")),
        Column("order_id", "id", ("订单编号", "订单号", "主订单编号", "order_id")),
        Column("line_id", "id", ("子订单编号", "商品单号", "line_id")),
        Column("product_id", "id", ("商品ID", "product_id")),
        Column("sku_id", "id", ("SKU编码", "商家编码", "SKU", "sku_id")),
        Column("category", "text", ("类目", "商品类目", "category")),
        Column("platform_name", "text", ("平台", "platform")),
        Column("shop_name", "text", ("店铺", "店铺名称", "shop")),
    ),
    key=("review_id", "reviewed_at", "score|grade"),
    checks=(
        Check("score IS NULL AND grade IS NULL", "missing", "score"),
        Check("score NOT BETWEEN 1 AND 5", "unknown_value", "score"),
        Check(f"grade IS NOT NULL AND ({_GRADED}) IS NULL", "unknown_value", "grade"),
    ),
    into=(
        Into(
            "review",
            {
                **place_of("platform_name", "shop_name"),
                "category": leaf_of("category"),
                "bad": f"coalesce({_GRADED}, score <= 2)",
                **same("review_id", "order_id", "line_id", "product_id", "sku_id", "score", "reviewed_at"),
            },
        ),
    ),
    event_time="reviewed_at",
    totals=TOTALS,
)
