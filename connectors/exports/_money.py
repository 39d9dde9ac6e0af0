"""What bills and account statements share: signs, what an amount is for, names for rows that have none of their own."""

from warehouse.batch import Into

DIRECTIONS = {
    "入账": "in",
    "收入": "in",
    "收款": "in",
    "收": "in",
    "贷": "in",
    "出账": "out",
    "支出": "out",
    "付款": "out",
    "支": "out",
    "借": "out",
}

_ITEMS = (  # the first words found decide; what goes back and what is lent or drawn before what is earned
    ("transfer", ("提现", "转账", "充值", "保证金", "货款转", "转入", "转出")),
    ("creator_commission", ("达人佣金", "淘宝客佣金", "联盟佣金", "推广佣金", "cps佣金", "多多客", "京挑客")),
    ("platform_fee", ("平台服务费", "技术服务费", "软件服务费", "天猫佣金", "平台佣金", "扣点", "交易服务费", "佣金")),
    ("insurance", ("运费险", "保险")),
    ("promotion", ("推广", "营销", "广告")),
    ("service_fee", ("招商服务费", "服务商", "服务费", "手续费", "收费", "花呗")),
    ("channel_share", ("分成",)),
    ("refund", ("退款", "退货", "退返", "原路退", "退单")),
    ("subsidy", ("补贴", "优惠券", "红包", "返点", "奖励")),
    ("freight", ("运费", "邮费", "物流", "配送")),
    ("income", ("货款", "交易收入", "订单结算", "在线支付", "交易付款", "收入", "结算", "收款")),
)


def item_of(text: str) -> str:
    """What an amount is for, by the words of a bill; 'other' when none is known."""
    arms = " ".join(
        f"WHEN {' OR '.join(f'contains(lower({text}), {word!r})' for word in words)} THEN {item!r}"
        for item, words in _ITEMS
    )
    return f"CASE {arms} ELSE 'other' END"


def side_of(amount: str) -> str:
    """'in' or 'out' by the sign."""
    return f"CASE WHEN {amount} < 0 THEN 'out' ELSE 'in' END"


def directed(amount: str, direction: str) -> str:
    """The amount with the sign that its direction says; without a direction its own."""
    return f"CASE {direction} WHEN 'out' THEN -abs({amount}) WHEN 'in' THEN abs({amount}) ELSE {amount} END"


def numbered(*parts: str) -> str:
    """A name for a row: its parts, and `#2`, `#3` … for further rows of the same parts in the file.

    Files cut by time repeat such rows together, so the numbers are the same in each of them.
    """
    key = f"concat_ws('|', {', '.join(f'CAST({part} AS VARCHAR)' for part in parts)})"
    nth = f"row_number() OVER (PARTITION BY {key} ORDER BY _row)"
    return f"{key} || CASE WHEN {nth} > 1 THEN '#' || {nth} ELSE '' END"


def settles(item: str, amount: str, basis: str, columns: dict[str, str], detail: str = "NULL") -> Into:
    """One item of a bill's row, where it has an amount."""
    told = {"item": item, "amount": amount, "direction": side_of(amount), "basis": f"'{basis}'", "detail": detail}
    return Into("settlement", {**told, **columns}, where=f"coalesce({amount}, 0) <> 0")


def total_of(*fields: str) -> str:
    """The sum of fields, nulls as nothing."""
    return f"({' + '.join(f'coalesce({field}, 0)' for field in fields)})"
