# ruff: noqa: E501 - cells of files stand as they are
"""支付宝: the account statement (GBK, banner and footer lines) and the combined query (XLSX of several sheets)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.calendar import moment
from simulator.exports import slips
from simulator.exports.common import write_csv
from simulator.exports.settled import settled_lines
from simulator.world import World

BANNER = (
    "#支付宝账务明细查询\n#账号：[20880000000000000156]\n#起始日期：[2026年01月01日 00:00:00]   终止日期：[2026年12月31日 00:00:00]\n"
    "#-----------------------------------------账务明细列表----------------------------------------\n"
)
FOOTER = "#-----------------------------------------账务明细列表结束------------------------------------\n#导出时间：[2026年12月31日]\n"
_OUT = "CASE WHEN l.out THEN {} ELSE {} END"
ACCOUNT = {
    "账务流水号": "l.flow || chr(9)",
    "业务流水号": "'20' || l.flow || chr(9)",
    "商户订单号": "'T200P' || l.\"order\" || chr(9)",
    "商品名称": "'商品' || chr(9)",
    "发生时间": "wall(l.settled)",
    "对方账号": "'x***@example.com'",
    "收入金额（+元）": _OUT.format("''", "'  ' || yuan(l.amount)"),
    "支出金额（-元）": _OUT.format("' -' || yuan(l.amount)", "''"),
    "账户余额（元）": "yuan_commas(l.balance)",
    "交易渠道": "'支付宝'",
    "业务类型": _OUT.format("CASE WHEN l.late THEN '交易退款' ELSE '收费' END", "'在线支付  '"),
    "备注": _OUT.format("CASE WHEN l.late THEN '售后退款' ELSE '天猫佣金（类目）' END", "''"),
    "业务描述": "''",
    "业务基础订单号": "''",
}
COMBINED = (
    "入账时间", "支付宝交易号", "支付宝流水号", "商户订单号", "账务类型", "收入（+元）", "支出（-元）", "账户余额（元）", "服务费（元）", "支付渠道",
    "签约产品", "对方账户", "对方名称", "商品名称", "备注", "业务基础订单号", "业务描述",
)  # fmt: skip


def movements(world: World, shop: int, since: int = 0, *, slipped: bool = False) -> pd.DataFrame:
    """What came in of each settled line, the commission that went out, what was given back later; a running balance.

    Numbers of movements are those of the whole account, whatever part of it is asked for.
    """
    lines = settled_lines(world, shop)
    lines = slips.slipped(world, shop, lines, "flow") if slipped else lines
    rows = pd.concat(
        [
            lines.assign(amount=lines["income"].abs(), out=lines["late"]),
            lines.assign(amount=lines["fee_amount"], out=True),
        ]
    )
    rows = rows[rows["amount"] > 0].sort_values(["settled", "line", "out"]).reset_index(drop=True)
    signed = rows["amount"].where(~rows["out"], -rows["amount"])
    rows = rows.assign(flow=2_026_000_000_000_000 + rows["line"] % 10**12 * 10 + rows["out"] + 2 * rows["late"])
    return rows.assign(balance=1_000_000 + signed.cumsum()).query("settled >= @since")


def write_account(world: World, shop: int, path: Path, *, since: int = 0, slipped: bool = False) -> int:
    """账务明细 as CSV. `slipped` with the demo's slips."""
    rows = movements(world, shop, since, slipped=slipped)
    count = write_csv(
        path, ACCOUNT, "lines l", {"lines": rows}, encoding="gb18030", before=BANNER, order="l.settled, l.flow"
    )
    with path.open("ab") as out:
        out.write(FOOTER.encode("gb18030"))
    return count


def write_combined(world: World, shop: int, path: Path, *, per_sheet: int = 1000) -> int:
    """账务组合查询: banner and header in the first sheet only, a footer in the last row of the last."""
    import xlsxwriter

    rows = movements(world, shop)
    cells = [_combined(row) for row in rows.to_dict("records")]
    parts = [cells[at : at + per_sheet] for at in range(0, len(cells), per_sheet)] or [[]]
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        for number, part in enumerate(parts, 1):
            sheet = book.add_worksheet(f"账务组合查询{number}")
            above = [["支付宝账务组合查询"], ["账号：[20880000000000000156]"], list(COMBINED)] if number == 1 else []
            below = [["收入合计与支出合计见账单汇总"]] if number == len(parts) else []
            for at, line in enumerate([*above, *part, *below]):
                for column, text in enumerate(line):
                    sheet.write_string(at, column, text)
    return len(rows)


def _combined(row: Mapping[Hashable, Any]) -> list[str]:
    amount = f"{row['amount'] / 100:.2f}"
    income, expense = ("", f"-{amount}") if row["out"] else (amount, "")
    at, flow = str(moment(row["settled"])), str(row["flow"])
    taken = ("交易退款", "售后退款") if row["late"] else ("收费", "天猫佣金（类目）")
    kind, note = taken if row["out"] else ("交易付款", "")
    return [at, f"20{flow}", flow, f"T200P{row['order']}", kind, income, expense, f"{row['balance'] / 100:,.2f}",
            "0.00", "支付宝", "快捷", "x", "y", "商品", note, "", ""]  # fmt: skip
