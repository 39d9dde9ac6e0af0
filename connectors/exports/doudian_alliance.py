"""精选联盟, the merchant's side: what a sale is expected to cost in commission, before it is settled."""

from connectors.exports._money import numbered, settles
from connectors.kinds import TOTALS, Column, ExportKind, same

_AMOUNT = "-abs(commission)"

KIND = ExportKind(
    id="doudian_alliance",
    zh="精选联盟 订单明细（商家侧）",
    en="Douyin alliance orders (merchant side)",
    platform="douyin",
    description_zh="精选联盟商家侧订单明细：预估佣金支出按子订单记为预估，结算以结算账单为准。",
    description_en="Order details of 精选联盟, the merchant's side: the expected commission of a sub-order is kept as"
    " an estimate; what counts as settled is the settlement statement.",
    columns=(
        Column("line_id", "id", ("订单id", "订单ID", "订单编号"), required=True),
        Column("product_id", "id", ("商品id", "商品ID"), required=True),
        Column("commission", "money", ("预估佣金支出",), required=True),
        Column("rate", "rate", ("佣金率",)),
        Column("amount", "money", ("成交金额", "订单支付金额")),
        Column("creator", "id", ("达人ID", "作者ID", "作者账号ID")),
        Column("ordered_at", "time", ("付款时间", "支付时间", "下单时间")),
    ),
    key=("line_id", "product_id", "commission"),
    into=(
        settles(
            "'creator_commission'",
            _AMOUNT,
            "estimate",
            {
                "settlement_id": numbered("'alliance'", "line_id"),
                **same("line_id", "product_id", "creator", "ordered_at"),
            },
            "'预估佣金支出'",
        ),
    ),
    event_time="ordered_at",
    totals=TOTALS,
)
