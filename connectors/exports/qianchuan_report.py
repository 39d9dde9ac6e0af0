"""巨量千川 reports: 标准推广 and 全域, by hour or day, plan and creative. Rates are not kept but computed again."""

from connectors.exports._ads import DATED, ENDS, span, until
from connectors.exports._words import channel_of, hour_start
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

_AT = hour_start("moment", "day", "hour")

KIND = ExportKind(
    id="qianchuan_report",
    zh="巨量千川 投放报表",
    en="Qianchuan ad report",
    platform="douyin",
    description_zh="千川后台 → 报表 → 导出，标准推广或全域，按小时或按日，可到计划和素材。没有日期列时取文件名"
    "或表头上方的日期；一段日期的合计记为一段，不算在第一天。比率不入库，由次数重新计算。",
    description_en="Report of the Qianchuan back office, standard or all-domain, by hour or day,"
    " down to plan and creative. Without a date column the date of the file name or above the header is taken;"
    " sums of a range of days are kept as such.",
    columns=(
        Column("moment", "time", ("统计时间", "时间", "数据时间")),
        Column("day", "time", ("日期", "统计日期", "时间-天", "投放日期", "date")),
        Column("day_text", "text", ("日期(原文)",)),
        Column("hour", "text", ("小时", "时段", "时间-小时", "小时段", "hour")),
        Column("ad_plan", "id", ("计划ID", "广告计划ID", "推广计划ID", "项目ID", "计划id")),
        Column("ad_plan_name", "text", ("计划名称", "广告计划名称", "推广计划名称", "项目名称", "计划")),
        Column("creative", "id", ("创意ID", "素材ID")),
        Column("product_id", "id", ("商品ID",)),
        Column("channel", "text", ("营销目标", "推广渠道", "渠道", "投放渠道")),
        Column(
            "cost",
            "money",
            ("消耗(元)", "整体消耗", "消耗", "总消耗(元)", "总消耗", "整体消耗(元)"),
            required=True,
        ),
        Column("exposures", "int", ("展示次数", "整体展现次数", "展现次数", "整体展示次数", "展示数", "曝光次数")),
        Column("clicks", "int", ("点击次数", "整体点击次数", "点击数")),
        Column("total_orders", "int", ("整体成交订单数", "成交订单数")),
        Column("total_gmv", "money", ("整体成交金额", "整体成交金额(元)", "成交金额(元)", "成交金额")),
        Column("direct_orders", "int", ("直接成交订单数",)),
        Column("direct_gmv", "money", ("直接成交金额(元)", "直接成交金额")),
    ),
    copies={"day_text": "day"},
    above={"day": DATED},
    key=("cost", "moment|day", "exposures|clicks|total_orders|total_gmv|direct_orders|direct_gmv"),
    checks=(Check(f"({_AT}) IS NULL", "missing", "day"), Check("cost < 0", "negative_amount", "cost")),
    into=(
        Into(
            "ad_spend",
            {
                "at": _AT,
                "span": f"CASE WHEN moment IS NULL AND hour IS NULL THEN {span()} ELSE 'hour' END",
                "until": f"CASE WHEN moment IS NULL AND hour IS NULL THEN {until()} END",
                "ad_plan": "coalesce(ad_plan, ad_plan_name)",
                "channel": channel_of("channel"),
                "orders": "coalesce(total_orders, direct_orders)",
                "gmv": "coalesce(total_gmv, direct_gmv)",
                "attribution": "CASE WHEN total_gmv IS NOT NULL OR total_orders IS NOT NULL THEN 'overall'"
                " WHEN direct_gmv IS NOT NULL OR direct_orders IS NOT NULL THEN 'direct' END",
                **same("ad_plan_name", "creative", "product_id", "cost", "exposures", "clicks"),
            },
            keep=("ad_plan_name", "channel", "product_id"),
        ),
    ),
    event_time=f"coalesce({ENDS}, {_AT})",
    totals=TOTALS,
    epoch_in_name=True,
)
