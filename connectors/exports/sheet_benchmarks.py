"""A sheet of what is usual in the trade: a metric, a month, a platform and category, a number."""

from connectors.exports._words import month_or_day, platform_of, unless_all
from connectors.kinds import Column, ExportKind
from warehouse.batch import Check, Into

_START = month_or_day("starts")

KIND = ExportKind(
    id="sheet_benchmarks",
    zh="行业基准表",
    en="Benchmark sheet",
    platform=None,
    description_zh="自制表格：指标、月份、行业值，可带平台、类目。比率可写 12.3% 或 0.123。",
    description_en="Your own sheet: metric, month, benchmark; also platform and category. Rates as 12.3% or 0.123.",
    columns=(
        Column("metric", "text", ("指标", "指标名称", "metric"), required=True),
        Column(
            "starts",
            "text",
            ("月份", "开始日期", "开始", "期间", "日期", "period_start", "month"),
            required=True,
        ),
        Column("platform_name", "text", ("平台", "platform")),
        Column("category", "text", ("类目", "商品类目", "行业", "category")),
        Column(
            "amount",
            "rate",
            ("行业值", "行业均值", "行业基准", "基准值", "行业平均", "benchmark"),
            required=True,
        ),
    ),
    key=("metric", "starts", "amount"),
    checks=(Check(f"({_START}) IS NULL", "bad_date", "starts"),),
    into=(
        Into(
            "benchmark",
            {
                "metric": "metric",
                "period_start": f"coalesce({_START}, DATE '1970-01-01')",  # the check above tells it better than a null
                "platform": platform_of("platform_name"),
                "category": unless_all("category"),
                "amount": "CAST(amount AS DECIMAL(18,6))",
            },
        ),
    ),
)
