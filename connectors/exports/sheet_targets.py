"""A sheet of targets: a metric, a period, a scope, a number. The metric's name is kept as it is written."""

from connectors.exports._words import cases, month_or_day, platform_of, unless_all
from connectors.kinds import TOTALS, Column, ExportKind
from warehouse.batch import Check, Into

_PERIODS = {
    "day": ("day", "日", "天", "每日", "日目标", "daily"),
    "month": ("month", "月", "每月", "月度", "月目标", "monthly"),
    "quarter": ("quarter", "季", "季度", "quarterly"),
    "year": ("year", "年", "年度", "全年", "yearly"),
}
_START = month_or_day("starts")
_BY_FORM = """CASE WHEN regexp_matches(upper(starts), 'Q[1-4]') THEN 'quarter'
    WHEN regexp_full_match(trim(starts), '[0-9]{4}年?') THEN 'year'
    WHEN regexp_full_match(trim(starts), '[0-9]{4}[-/.年]?[0-9]{1,2}月?') THEN 'month' ELSE 'day' END"""

KIND = ExportKind(
    id="sheet_targets",
    zh="目标表",
    en="Target sheet",
    platform=None,
    description_zh="自制表格：指标、周期（日/月/季/年）、开始、目标值，可带平台、店铺、类目。留空或写“全部”表示不限。",
    description_en="Your own sheet: metric, period (day, month, quarter, year), start, target;"
    " also platform, shop, category.",
    columns=(
        Column("metric", "text", ("指标", "指标名称", "目标指标", "metric"), required=True),
        Column("period", "text", ("周期", "目标周期", "期间类型", "period")),
        Column(
            "starts",
            "text",
            ("开始日期", "开始", "月份", "期间", "日期", "period_start", "start"),
            required=True,
        ),
        Column("platform_name", "text", ("平台", "platform")),
        Column("shop_name", "text", ("店铺", "店铺名称", "shop")),
        Column("category", "text", ("类目", "商品类目", "category")),
        Column("amount", "rate", ("目标值", "目标", "目标金额", "target", "amount", "value"), required=True),
    ),
    key=("metric", "starts", "amount"),
    checks=(
        Check(f"({_START}) IS NULL", "bad_date", "starts"),
        Check(f"period IS NOT NULL AND ({cases('period', _PERIODS)}) IS NULL", "unknown_value", "period"),
    ),
    into=(
        Into(
            "target",
            {
                "metric": "metric",
                "period": f"coalesce({cases('period', _PERIODS)}, {_BY_FORM})",
                "period_start": f"coalesce({_START}, DATE '1970-01-01')",  # the check above tells it better than a null
                "platform": platform_of("platform_name"),
                "shop": unless_all("shop_name"),
                "category": unless_all("category"),
                "amount": "CAST(amount AS DECIMAL(18,4))",
            },
        ),
    ),
    totals=TOTALS,
)
