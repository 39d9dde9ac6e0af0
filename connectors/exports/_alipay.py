"""What 支付宝's two account files fill: movements of the account, and the settlement of the orders they name."""

from connectors.exports._money import item_of, settles, side_of, total_of
from connectors.kinds import Column, same
from warehouse.batch import Check, Into

_AMOUNT = "(coalesce(abs(income), 0) - coalesce(abs(expense), 0))"
_ITEM = item_of("concat_ws(' ', scene, note, description)")
# Taobao's order numbers stand behind a prefix such as T200P
_ORDER = "regexp_replace(coalesce(base_order, merchant_order), '^T[0-9]+P', '')"

COLUMNS = (
    Column("flow_id", "id", ("账务流水号", "支付宝流水号"), required=True),
    Column("business_id", "id", ("业务流水号", "支付宝交易号")),
    Column("merchant_order", "id", ("商户订单号",)),
    Column("at", "time", ("发生时间", "入账时间"), required=True),
    Column("income", "money", ("收入金额（+元）", "收入（+元）")),
    Column("expense", "money", ("支出金额（-元）", "支出（-元）")),
    Column("balance", "money", ("账户余额（元）",)),
    Column("scene", "text", ("业务类型", "账务类型")),
    Column("note", "text", ("备注",)),
    Column("description", "text", ("业务描述",)),
    Column("base_order", "id", ("业务基础订单号",)),
)
CHECKS = (Check("income IS NULL AND expense IS NULL", "missing", "income"),)
INTO = (
    Into(
        "fund_flow",
        {
            "flow_id": "flow_id",
            "at": '"at"',
            "amount": _AMOUNT,
            "direction": side_of(_AMOUNT),
            "account": "'alipay'",
            "item": _ITEM,
            "order_id": _ORDER,
            "note": "coalesce(note, description)",
            **same("scene", "balance"),
        },
    ),
    Into(
        "settlement",
        {
            **settles(_ITEM, _AMOUNT, "flow", {}).columns,
            "settlement_id": "flow_id",
            "order_id": _ORDER,
            "settled_at": '"at"',
            "detail": "scene",
        },
        where=f"({_ORDER}) IS NOT NULL AND {total_of('income', 'expense')} <> 0",
    ),
)
