"""生意参谋 流量来源: one row a source, four levels deep, with a row 汇总 for each level that has levels below it.

Subtotals that the file breaks down are passed over, or everything would count twice and more. A source without levels
below it stands in its own 汇总 row, which is kept.
"""

from connectors.exports._ads import ENDS
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

KIND = ExportKind(
    id="sycm_sources",
    zh="生意参谋 流量来源",
    en="Sycm traffic sources",
    platform="tmall",
    description_zh="生意参谋 → 流量 → 店铺来源 → 按日下载。有下级的“汇总”行不入库，避免重复计算；访客不能跨来源相加。"
    "没有日期列时取表头上方或文件名里的日期。",
    description_en="Traffic sources of 生意参谋, by day. Subtotal rows 汇总 that are broken down are "
    "passed over; visitors"
    " do not add up over sources. Without a date column the date above the header or in the file name is taken.",
    columns=(
        Column("day", "time", ("统计日期", "日期")),
        Column("day_text", "text", ("统计日期(原文)",)),
        Column("first", "text", ("一级来源",), required=True),
        Column("second", "text", ("二级来源",)),
        Column("third", "text", ("三级来源",)),
        Column("fourth", "text", ("四级来源",)),
        Column("visitors", "int", ("访客数",)),
        Column("page_views", "int", ("浏览量",)),
        Column("add_to_cart", "int", ("加购人数",)),
        Column("favourites", "int", ("商品收藏人数", "收藏人数")),
        Column("buyers", "int", ("支付买家数",)),
        Column("gmv", "money", ("支付金额",)),
        Column("pay_rate", "rate", ("支付转化率",)),
    ),
    key=("day", "first", "second|third|fourth", "visitors"),
    copies={"day_text": "day"},
    above={"day": r"\d{4}-\d{1,2}-\d{1,2}(?:\s*[~至_]\s*\d{4}-\d{1,2}-\d{1,2})?"},
    levels=("first", "second", "third", "fourth"),
    checks=(
        Check("day IS NULL", "missing", "day"),
        Check(f"{ENDS} > day", "not_one_day", "day"),
    ),
    into=(
        Into(
            "traffic",
            {
                "at": "date_trunc('day', day)",
                "span": "'day'",
                "channel": "concat_ws('>', first, nullif(second, '汇总'), nullif(third, '汇总'), "
                "nullif(fourth, '汇总'))",
                **same("visitors", "page_views", "add_to_cart", "favourites", "buyers", "gmv"),
            },
        ),
    ),
    event_time="day",
    totals=TOTALS,
    epoch_in_name=True,
)
