"""A sheet of costs kept by people: unit costs by SKU, and other costs by day and item."""

from connectors.exports._words import cases, channel_of, place_of, unless_all
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

_ITEMS = {
    "platform_fee": (
        "platform_fee",
        "平台扣点",
        "平台佣金",
        "平台服务费",
        "技术服务费",
        "平台费用",
        "软件服务费",
    ),
    "creator_commission": ("creator_commission", "达人佣金", "主播佣金", "佣金", "达人费用"),
    "logistics": ("logistics", "物流", "物流费", "物流成本", "快递费", "运费", "仓储物流"),
    "subsidy": ("subsidy", "补贴", "活动补贴", "商家补贴"),
}

_CODES = (*_ITEMS, "other")
# Two costs of one sort are two costs: what the sheet calls them tells them apart.
_DETAIL = (
    f"CASE WHEN detail IS NULL THEN item WHEN lower(item) IN {_CODES} THEN detail ELSE item || ' · ' || detail END"
)

KIND = ExportKind(
    id="sheet_costs",
    zh="成本表",
    en="Cost sheet",
    platform=None,
    description_zh="自制表格：SKU 单位成本（SKU编码、生效日期、单位成本），"
    "或其他费用（日期、费用项目、金额，可带明细、平台、店铺、类目、渠道、活动）。",
    description_en="Your own sheet: unit costs (SKU, valid from, unit cost) or other costs (day, item, amount;"
    " also detail, platform, shop, category, channel, campaign).",
    columns=(
        Column("sku_id", "id", ("SKU编码", "商家编码", "SKU", "sku_id", "货号")),
        Column("unit_cost", "number", ("单位成本", "成本价", "成本", "unit_cost", "进货价")),
        Column("day", "date", ("生效日期", "日期", "费用日期", "valid_from", "day", "date"), required=True),
        Column("item", "text", ("费用项目", "费用类型", "费用项", "项目", "item")),
        Column("detail", "text", ("明细", "费用明细", "费用名称", "detail")),
        Column("amount", "money", ("金额", "费用", "费用金额", "金额(元)", "amount")),
        Column("platform_name", "text", ("平台", "platform")),
        Column("shop_name", "text", ("店铺", "店铺名称", "shop")),
        Column("category", "text", ("类目", "商品类目", "category")),
        Column("channel", "text", ("渠道", "channel")),
        Column("campaign", "text", ("活动", "活动名称", "campaign")),
    ),
    key=("day", "sku_id|item", "unit_cost|amount"),
    checks=(
        Check("sku_id IS NULL AND item IS NULL", "missing", "item"),
        Check("sku_id IS NOT NULL AND item IS NULL AND unit_cost IS NULL", "missing", "unit_cost"),
        Check("item IS NOT NULL AND amount IS NULL", "missing", "amount"),
        Check("unit_cost < 0", "negative_amount", "unit_cost"),
    ),
    into=(
        Into(
            "unit_cost",
            {"sku_id": "sku_id", "valid_from": "day", "amount": "CAST(unit_cost AS DECIMAL(18,4))"},
            where="sku_id IS NOT NULL AND unit_cost IS NOT NULL",
        ),
        Into(
            "cost",
            {
                **place_of("platform_name", "shop_name"),
                "item": cases("item", _ITEMS, "'other'"),
                "detail": _DETAIL,
                "category": unless_all("category"),
                "channel": channel_of("channel"),
                **same("day", "amount", "campaign"),
            },
            where="item IS NOT NULL AND amount IS NOT NULL",
        ),
    ),
    event_time=None,
    totals=TOTALS,
)
