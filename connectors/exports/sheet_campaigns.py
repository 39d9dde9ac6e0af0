"""The campaign calendar (大促日历) as a sheet."""

from connectors.exports._words import platform_of
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

_FAMILY = """CASE WHEN campaign LIKE '%618%' THEN '618'
    WHEN campaign LIKE '%双11%' OR campaign LIKE '%双十一%' OR campaign LIKE '%11.11%' THEN 'double11'
    WHEN campaign LIKE '%双12%' OR campaign LIKE '%双十二%' THEN 'double12'
    WHEN campaign LIKE '%年货%' THEN 'spring_festival'
    WHEN campaign LIKE '%38%' OR campaign LIKE '%三八%' OR campaign LIKE '%女神%' THEN 'women'
    WHEN campaign LIKE '%99%' OR campaign LIKE '%九九%' THEN 'double9' END"""

KIND = ExportKind(
    id="sheet_campaigns",
    zh="大促日历",
    en="Campaign calendar",
    platform=None,
    description_zh="自制表格：活动、开始时间、结束时间，可带平台、大促类型、补贴。只写日期的结束时间包含当天。",
    description_en="Your own sheet: campaign, start, end; also platform, family, subsidy."
    " An end that is a bare date includes that day.",
    columns=(
        Column("campaign", "text", ("活动", "活动名称", "大促", "campaign"), required=True),
        Column("platform_name", "text", ("平台", "platform")),
        Column("family", "text", ("大促类型", "活动类型", "系列", "family")),
        Column("starts_at", "time", ("开始时间", "开始日期", "开始", "starts_at", "start"), required=True),
        Column("ends_at", "time", ("结束时间", "结束日期", "结束", "ends_at", "end"), required=True),
        Column("subsidy", "money", ("补贴", "补贴金额", "商家补贴", "subsidy")),
    ),
    key=("campaign", "starts_at", "ends_at"),
    checks=(Check("ends_at < starts_at", "ends_before_start", "ends_at"),),
    into=(
        Into(
            "campaign",
            {
                "platform": platform_of("platform_name"),
                "family": f"coalesce(family, {_FAMILY})",
                "ends_at": "CASE WHEN ends_at = date_trunc('day', ends_at)"
                " THEN ends_at + INTERVAL 1 DAY ELSE ends_at END",
                **same("campaign", "starts_at", "subsidy"),
            },
        ),
    ),
)
