"""Pinduoduo 账务明细: banner lines, header in row 5, one row a movement of the shop's account, without a number."""

from connectors.exports._money import item_of, numbered, settles, side_of, total_of
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

_AMOUNT = "(coalesce(abs(income), 0) - coalesce(abs(expense), 0))"
_ITEM = item_of("concat_ws(' ', scene, description, note)")
_ID = numbered("order_id", '"at"', "income", "expense", "scene", "description")

KIND = ExportKind(
    id="pdd_account",
    zh="拼多多 账务明细",
    en="Pinduoduo account statement",
    platform="pdd",
    description_zh="拼多多商家后台 → 资金中心 → 账务明细（GB18030，前四行为说明）。一行一笔收支；"
    "带订单号的同时记为该订单的结算。",
    description_en="Account statement of the Pinduoduo back office (GB18030, four lines of banner). One row a movement;"
    " those with an order number also count as that order's settlement.",
    columns=(
        Column("order_id", "id", ("商户订单号",)),
        Column("at", "time", ("发生时间",), required=True),
        Column("income", "money", ("收入金额（+元）", "收入金额(+元)")),
        Column("expense", "money", ("支出金额（-元）", "支出金额(-元)")),
        Column("scene", "text", ("账务类型",), required=True),
        Column("note", "text", ("备注",)),
        Column("description", "text", ("业务描述",)),
    ),
    key=("order_id", "at", "income", "expense", "scene"),
    checks=(Check("income IS NULL AND expense IS NULL", "missing", "income"),),
    into=(
        Into(
            "fund_flow",
            {
                "flow_id": _ID,
                "at": '"at"',
                "amount": _AMOUNT,
                "direction": side_of(_AMOUNT),
                "account": "'pdd'",
                "item": _ITEM,
                "note": "coalesce(note, description)",
                **same("scene", "order_id"),
            },
        ),
        Into(
            "settlement",
            {
                **settles(_ITEM, _AMOUNT, "flow", {}).columns,
                "settlement_id": _ID,
                "order_id": "order_id",
                "line_id": "order_id",
                "settled_at": '"at"',
                "detail": "scene",
            },
            where=f"order_id IS NOT NULL AND {total_of('income', 'expense')} <> 0",
        ),
    ),
    event_time='"at"',
    totals=TOTALS,
)
