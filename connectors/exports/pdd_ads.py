"""拼多多 推广报表: a banner row, one row a day, product and promotion; last a total that may exceed the sum."""

from connectors.exports._ads import ENDS, span, until
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

KIND = ExportKind(
    id="pdd_ads",
    zh="拼多多 推广报表",
    en="Pinduoduo ad report",
    platform="pdd",
    description_zh="拼多多 推广中心 → 报表 → 导出，按日、商品与推广。花费取总花费，没有时取成交花费；"
    "总计行只核对，不入库。",
    description_en="Ad report of Pinduoduo by day, product and promotion. Cost is the total cost, else that of sales;"
    " the total row is compared, not kept.",
    columns=(
        Column("day", "time", ("日期", "统计日期"), required=True),
        Column("day_text", "text", ("日期(原文)",)),
        Column("product_id", "id", ("商品ID", "商品id"), required=True),
        Column("product_name", "text", ("商品名称",)),
        Column("scene", "text", ("推广场景",)),
        Column("promotion", "text", ("推广名称", "推广计划")),
        Column("bid", "text", ("出价方式",)),
        Column("grouping", "text", ("分组",)),
        Column("deal_cost", "money", ("成交花费(元)", "成交花费（元）", "成交花费")),
        Column("gmv", "money", ("交易额(元)", "交易额（元）", "交易额")),
        Column("orders", "int", ("成交笔数", "成交订单数")),
        Column("total_cost", "money", ("总花费(元)", "总花费（元）", "总花费")),
        Column("exposures", "int", ("曝光量",)),
        Column("clicks", "int", ("点击量",)),
    ),
    key=("day", "product_id", "deal_cost|total_cost"),
    copies={"day_text": "day"},
    checks=(
        Check("coalesce(total_cost, deal_cost) IS NULL", "missing", "total_cost"),
        Check("coalesce(total_cost, deal_cost) < 0", "negative_amount", "total_cost"),
    ),
    into=(
        Into(
            "ad_spend",
            {
                "at": "date_trunc('day', day)",
                "span": span(),
                "until": until(),
                "ad_plan": "concat_ws('/', product_id, scene, promotion)",
                "ad_plan_name": "coalesce(promotion, product_name)",
                "channel": "CASE WHEN scene LIKE '%搜索%' THEN 'search' WHEN scene LIKE '%直播%' THEN "
                "'live' ELSE 'ad' END",
                "cost": "coalesce(total_cost, deal_cost)",
                **same("product_id", "exposures", "clicks", "orders", "gmv"),
            },
            keep=("ad_plan_name", "channel"),
        ),
    ),
    event_time=f"coalesce({ENDS}, day)",
    totals=TOTALS,
    epoch_in_name=True,
)
