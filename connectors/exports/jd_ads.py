"""京东 推广报表 (京准通): one row a followed SKU and a day or a range of days (20260601~20260630)."""

from connectors.exports._ads import ENDS, span, until
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

KIND = ExportKind(
    id="jd_ads",
    zh="京东 推广报表",
    en="JD ad report",
    platform="jd",
    description_zh="京准通 → 报表 → 商品报表 → 导出。日期可以是一段时间，合计记在第一天；"
    "同一计划分日与分段都载入时，只计分日的行。"
    "比率不入库。",
    description_en="SKU report of JD ads. A date may be a range, whose sums stand at its first day;"
    " where a plan has both days and a range around them, the days count. Rates are not kept.",
    columns=(
        Column("day", "time", ("日期", "时间", "统计日期"), required=True),
        Column("day_text", "text", ("日期(原文)",)),
        Column("sku", "id", ("跟单SKU ID", "跟单SKUID", "跟单SKU"), required=True),
        Column("sku_name", "text", ("跟单SKU名称",)),
        Column("product_id", "id", ("SPU ID", "SPUID")),
        Column("exposures", "int", ("展现数", "展现量")),
        Column("clicks", "int", ("点击数", "点击量")),
        Column("cost", "money", ("花费", "总费用", "花费(元)"), required=True),
        Column("orders", "int", ("总订单行", "总订单数", "订单行数")),
        Column("gmv", "money", ("总订单金额", "订单金额")),
    ),
    key=("day", "sku", "cost"),
    copies={"day_text": "day"},
    checks=(Check("cost < 0", "negative_amount", "cost"),),
    into=(
        Into(
            "ad_spend",
            {
                "at": "date_trunc('day', day)",
                "span": span(),
                "until": until(),
                "ad_plan": "sku",
                "ad_plan_name": "sku_name",
                "channel": "'ad'",
                **same("product_id", "cost", "exposures", "clicks", "orders", "gmv"),
            },
            keep=("ad_plan_name", "product_id"),
        ),
    ),
    event_time=f"coalesce({ENDS}, day)",
    totals=TOTALS,
    epoch_in_name=True,
)
