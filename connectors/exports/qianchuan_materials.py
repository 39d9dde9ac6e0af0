"""巨量千川 素材报表: one row a creative. Its cost is spent within plans that other reports tell: it stands apart.

Header cells may hold tabs and line feeds. ROI is not kept; it is computed again where amounts are told.
"""

from connectors.exports._ads import DATED, ENDS, span, until
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

KIND = ExportKind(
    id="qianchuan_materials",
    zh="巨量千川 素材报表",
    en="Qianchuan creative report",
    platform="douyin",
    description_zh="千川后台 → 素材 → 导出。同一笔消耗也在计划或全域报表里，所以素材的消耗单独存放，不与计划相加。"
    "没有日期列时取文件名或表头上方的日期。",
    description_en="Creatives of Qianchuan. The same money stands in plan reports too, so it is kept "
    "apart and not added"
    " to them. Without a date column the date of the file name or above the header is taken.",
    columns=(
        Column("day", "time", ("日期", "统计日期", "时间")),
        Column("day_text", "text", ("日期(原文)",)),
        Column("creative", "id", ("素材ID", "素材id"), required=True),
        Column("creative_name", "text", ("素材名称", "素材标题")),
        Column("cost", "money", ("整体消耗", "整体消耗(元)"), required=True),
        Column("base_cost", "money", ("基础消耗", "基础消耗(元)")),
        Column("boost_cost", "money", ("追投调控消耗", "追投调控消耗(元)")),
        Column("exposures", "int", ("整体展现次数", "展现次数", "整体展示次数")),
        Column("clicks", "int", ("整体点击次数", "点击次数")),
        Column("orders", "int", ("整体成交订单数",)),
        Column("gmv", "money", ("整体成交金额", "整体成交金额(元)")),
    ),
    key=("day", "creative", "cost", "creative_name|base_cost|boost_cost"),
    copies={"day_text": "day"},
    above={"day": DATED},
    checks=(Check("cost < 0", "negative_amount", "cost"), Check("day IS NULL", "missing", "day")),
    into=(
        Into(
            "ad_spend",
            {
                "at": "date_trunc('day', day)",
                "span": span(),
                "until": until(),
                "ad_plan_name": "creative_name",
                "channel": "'ad'",
                "attribution": "'creative'",
                **same("creative", "cost", "exposures", "clicks", "orders", "gmv"),
            },
            keep=("ad_plan_name",),
        ),
    ),
    event_time=f"coalesce({ENDS}, day)",
    totals=TOTALS,
    epoch_in_name=True,
)
