"""抖店 动账明细 / 资金流水: one row a movement; ids behind an apostrophe, amounts positive, a direction beside them.

The long form says what a movement is made of, the short one only its scene.
"""

from connectors.exports._money import DIRECTIONS, directed, item_of, numbered, settles, side_of, total_of
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Into

_AMOUNT = directed("amount", "direction")
_ITEM = item_of("concat_ws(' ', charge, scene, note)")
_MADE_OF = {
    "income": ("order_income",),
    "freight": ("freight",),
    "subsidy": ("freight_subsidy", "platform_subsidy", "creator_subsidy", "pay_subsidy", "credit_subsidy"),
    "refund": ("refunded",),
    "platform_fee": ("platform_fee",),
    "creator_commission": ("commission",),
    "service_fee": ("service_commission", "investment_fee"),
    "channel_share": ("channel_share",),
    "promotion": ("promotion",),
}
_PARTS = tuple(field for fields in _MADE_OF.values() for field in fields)
_REST = f"({_AMOUNT} - {total_of(*_PARTS)})"
_ID = numbered("flow_id")
_ROW = {
    "settlement_id": _ID,
    "settled_at": '"at"',
    **same("order_id", "line_id", "refund_id", "product_id", "creator", "ordered_at"),
}
_MONEY_HEADERS = {
    "order_income": ("订单实付应结",),
    "freight": ("运费实付",),
    "freight_subsidy": ("实际平台补贴_运费",),
    "platform_subsidy": ("实际平台补贴",),
    "creator_subsidy": ("实际达人补贴",),
    "pay_subsidy": ("实际抖音支付补贴",),
    "credit_subsidy": ("实际抖音月付营销补贴",),
    "refunded": ("订单退款",),
    "platform_fee": ("平台服务费",),
    "commission": ("佣金",),
    "service_commission": ("服务商佣金",),
    "channel_share": ("渠道分成",),
    "investment_fee": ("招商服务费",),
    "promotion": ("站外推广费",),
}

KIND = ExportKind(
    id="doudian_fund_flow",
    zh="抖店 动账明细 / 资金流水",
    en="Doudian fund flow",
    platform="douyin",
    description_zh="抖店后台 → 资金 → 动账明细或资金流水。编号前带撇号；金额总为正，正负看动账方向。"
    "没有结算账单的订单，结算明细取自这里。",
    description_en="Fund flow of the Doudian back office. Ids stand behind an apostrophe; amounts are positive and get"
    " their sign from the direction. Orders without a settlement statement take their settlement from here.",
    columns=(
        Column("at", "time", ("动账时间",), required=True),
        Column("flow_id", "id", ("动账流水号",), required=True),
        Column("direction", "status", ("动账方向", "账户方向"), required=True),
        Column("amount", "money", ("动账金额", "动账金额(元)"), required=True),
        Column("account", "text", ("动账账户",)),
        Column("balance", "money", ("账户余额(元)", "账户余额")),
        Column("scene", "text", ("动账场景", "动账摘要")),
        Column("charge", "text", ("计费类型",)),
        Column("line_id", "id", ("子订单号", "关联子订单号")),
        Column("order_id", "id", ("订单号", "关联订单号")),
        Column("refund_id", "id", ("售后编号",)),
        Column("ordered_at", "time", ("下单时间",)),
        Column("product_id", "id", ("商品ID",)),
        Column("creator", "id", ("达人ID",)),
        Column("creator_name", "text", ("达人名称", "达人昵称")),
        *(Column(field, "money", headers) for field, headers in _MONEY_HEADERS.items()),
        Column("note", "text", ("备注",)),
    ),
    key=("at", "flow_id", "direction", "amount"),
    statuses=DIRECTIONS,
    into=(
        Into(
            "fund_flow",
            {
                "flow_id": _ID,
                "at": '"at"',
                "amount": _AMOUNT,
                "direction": side_of(_AMOUNT),
                "item": _ITEM,
                **same("account", "balance", "scene", "order_id", "line_id", "refund_id", "note"),
            },
        ),
        *(settles(f"'{item}'", total_of(*fields), "flow", _ROW, "scene") for item, fields in _MADE_OF.items()),
        settles(
            f"CASE WHEN {total_of(*(f'abs({part})' for part in _PARTS))} = 0 THEN {_ITEM} ELSE 'other' END",
            _REST,
            "flow",
            _ROW,
            "scene",
        ),
        Into(
            "creator",
            {"creator": "creator", "name": "creator_name"},
            where="creator IS NOT NULL AND creator_name IS NOT NULL",
        ),
    ),
    event_time='"at"',
    totals=TOTALS,
)
