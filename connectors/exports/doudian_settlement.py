"""抖店 结算账单: one row a settled sub-order, a summary right below the header, what is taken off as negative amounts.

The items of a row always sum to its 结算金额: what no named column explains is 'other'.
"""

from connectors.exports._money import numbered, settles, total_of
from connectors.kinds import Column, ExportKind, same

_FEES = {
    "platform_fee": ("platform_fee", "平台服务费"),
    "creator_commission": ("commission", "佣金"),
    "channel_share": ("channel_share", "渠道分成"),
    "service_fee": ("investment_fee", "招商服务费"),
    "promotion": ("promotion", "站外推广费"),
}
_TAKEN = total_of(*(field for field, _ in _FEES.values()))
# some forms write what is taken off without its sign: then income less outgo is what was settled
_SIGN = "CASE WHEN settled = income - outgo AND settled <> income + outgo THEN -1 ELSE 1 END"
_INCOME = f"coalesce(income, settled - ({_TAKEN}))"
_REST = f"(settled - {_INCOME} - ({_SIGN}) * {_TAKEN})"
_ROW = {
    "settlement_id": numbered("order_id", "line_id", "settled_at", "bill_sort", "settled"),
    **same("order_id", "line_id", "product_id", "creator", "settled_at", "ordered_at"),
}

KIND = ExportKind(
    id="doudian_settlement",
    zh="抖店 结算账单",
    en="Doudian settlement statement",
    platform="douyin",
    description_zh="抖店后台 → 资金 → 结算账单。表头下一行是汇总，不计；收入与各项扣费分别记账，合计等于结算金额。",
    description_en="Settlement statement of the Doudian back office. The row below the header is a summary and does not"
    " count; income and each fee are kept apart and sum to the settled amount.",
    columns=(
        Column("settled_at", "time", ("结算时间",), required=True),
        Column("order_id", "id", ("订单号", "主订单编号"), required=True),
        Column("line_id", "id", ("子订单号", "子订单编号"), required=True),
        Column("settled", "money", ("结算金额",), required=True),
        Column("account", "text", ("结算账户",)),
        Column("bill_sort", "text", ("结算单类型",)),
        Column("ordered_at", "time", ("下单时间",)),
        Column("product_id", "id", ("商品ID",)),
        Column("creator", "id", ("达人ID",)),
        Column("income", "money", ("收入合计",)),
        *(Column(field, "money", (header,)) for field, header in _FEES.values()),
        Column("other_share", "money", ("其他分成",)),
        Column("outgo", "money", ("支出合计",)),
        Column("note", "text", ("备注",)),
    ),
    key=("settled_at", "order_id", "line_id", "settled", "platform_fee|commission|income"),
    into=(
        settles("'income'", _INCOME, "statement", _ROW, "bill_sort"),
        *(
            settles(f"'{item}'", f"({_SIGN}) * {field}", "statement", _ROW, f"'{header}'")
            for item, (field, header) in _FEES.items()
        ),
        settles("'other'", _REST, "statement", _ROW, "bill_sort"),
    ),
    event_time="settled_at",
    totals_lack=("order_id", "line_id"),
)
