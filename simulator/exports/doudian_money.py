# ruff: noqa: E501 - cells of files stand as they are
"""抖店's money and parcels: settlement statement, fund flow, parcels, and 精选联盟 as the merchant sees it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator.calendar import DAY, seconds
from simulator.exports import slips
from simulator.exports.common import write_csv
from simulator.exports.dimensions import creators, skus
from simulator.exports.settled import settled_lines
from simulator.world import World

_MINUS = "CASE WHEN {0} > 0 THEN '-' ELSE '' END || yuan({0})"
_SIGNED = "CASE WHEN {0} < 0 THEN '-' ELSE '' END || yuan(abs({0}))"
_SHOP = "lines l JOIN skus s USING (sku) LEFT JOIN creators a USING (creator)"
_SETTLED = {
    "结算时间": "wall(l.settled)",
    "订单号": "'''' || l.\"order\"",
    "子订单号": "'''' || l.line",
    "结算金额": _SIGNED.format("l.net"),
    "结算账户": "'聚合账户'",
    "结算单类型": "CASE WHEN l.late THEN '结算后退款' ELSE '已结算' END",
    "有结算前退款": "CASE WHEN l.back > 0 THEN '是' ELSE '否' END",
    "下单时间": "wall(l.created)",
    "商品ID": "'''' || s.product_id",
    "收入合计": _SIGNED.format("l.income"),
    "平台服务费": _MINUS.format("l.fee_amount"),
    "佣金": _MINUS.format("l.commission"),
    "渠道分成": "'0.00'",
    "招商服务费": "'0.00'",
    "站外推广费": "'0.00'",
    "其他分成": "'0.00'",
    "支出合计": _MINUS.format("(l.fee_amount + l.commission)"),
    "是否免佣": "'否'",
    "免佣金额": "'0.00'",
    "备注": "''",
}
_FLOW_FROM = {
    "动账时间": "wall(l.settled)",
    "动帐流水号": "CASE WHEN l.late THEN '''75' ELSE '''74' END || l.line",
    "动账方向": "CASE WHEN l.late THEN '出账' ELSE '入账' END",
    "动账金额": "yuan_commas(abs(l.net))",
    "动账账户": "'聚合账户'",
    "动账场景": "CASE WHEN l.late THEN '结算后退款' ELSE '货款结算' END",
    "计费类型": "'-'",
    "子订单号": "'''' || l.line",
    "订单号": "'''' || l.\"order\"",
    "售后编号": "CASE WHEN l.back > 0 THEN '''' || l.refund_id ELSE '-' END",
    "下单时间": "wall(l.created)",
    "商品ID": "'''' || s.product_id",
    "商品名称": "s.name",
    "达人ID": "coalesce('''' || a.creator_id, '-')",
    "达人名称": "coalesce(a.creator_name, '-')",
    "订单类型": "'普通订单'",
    "订单实付应结": "yuan(l.spent)",
    "运费实付": "'0.00'",
    "实际平台补贴_运费": "'0.00'",
    "实际平台补贴": "'0.00'",
    "实际达人补贴": "'0.00'",
    "实际抖音支付补贴": "'0.00'",
    "实际抖音月付营销补贴": "'0.00'",
    "订单退款": _MINUS.format("l.back"),
    "平台服务费": _MINUS.format("l.fee_amount"),
    "佣金": _MINUS.format("l.commission"),
    "服务商佣金": "'0.00'",
    "渠道分成": "'0.00'",
    "招商服务费": "'0.00'",
    "站外推广费": "'0.00'",
    "其他分成": "'0.00'",
    "是否免佣": "'否'",
    "免佣金额": "'0.00'",
    "备注": "'订单结算'",
}
_DEBITED = {
    "动账时间": "wall((day + 1) * 86400 - 1)",
    "动帐流水号": "'''73' || day",
    "动账方向": "'出账'",
    "动账金额": "yuan_commas(cost)",
    "动账账户": "'聚合账户'",
    "动账场景": "'千川推广扣款'",
    "备注": "'巨量千川'",
}
_DEBIT = {header: _DEBITED.get(header, "'-'") for header in _FLOW_FROM}
_PARCELS = {
    "运单号": "chr(9) || 'SF' || waybill",
    "订单编号": "chr(9) || orders || chr(9)",
    "揽件时间": "wall(shipped + 7200)",
    "发货时间": "wall(shipped)",
    "异常类型": "exception",
}
_ALLIANCE = {
    "订单id": "chr(9) || l.line",
    "商品id": "chr(9) || s.product_id",
    "商品名称": "s.name",
    "达人ID": "a.creator_id",
    "成交金额": "yuan_commas(l.spent)",
    "佣金率": "a.commission || '%'",
    "预估佣金支出": "yuan((l.spent - l.freight) * a.commission // 100)",
    "付款时间": "wall(l.paid)",
}


def write_settlement(world: World, shop: int, path: Path, *, since: int = 0, slipped: bool = False) -> int:
    """结算账单: the summary right below the header. `slipped` with the demo's slips."""
    lines = settled_lines(world, shop, since)
    lines = slips.slipped(world, shop, lines, "bill") if slipped else lines
    sums = {name: int(lines[name].sum()) for name in ("net", "income", "fee_amount", "commission")}
    told = {
        "结算时间": "汇总",
        "结算金额": f"{sums['net'] / 100:.2f}",
        "收入合计": f"{sums['income'] / 100:.2f}",
        "平台服务费": f"{-sums['fee_amount'] / 100:.2f}",
        "佣金": f"{-sums['commission'] / 100:.2f}",
    }
    summary = ",".join(told.get(header, "") for header in _SETTLED)
    tables = {"lines": lines, "skus": skus(world, shop), "creators": creators().drop(columns="commission")}
    count = write_csv(path, _SETTLED, _SHOP, tables, bom=True, order="l.settled, l.line")
    head, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(b"\n".join([head, summary.encode(), rest]))
    return count


def write_fund_flow(
    world: World, shop: int, path: Path, *, since: int = 0, slipped: bool = False, ads: bool = False
) -> int:
    """动账明细, long form; with `ads` each day's ad money is taken off at its end."""
    lines = settled_lines(world, shop, since)
    lines = slips.slipped(world, shop, lines, "flow") if slipped else lines
    tables = {
        "lines": lines.query("net != 0"),
        "skus": skus(world, shop),
        "creators": creators().drop(columns="commission"),
    }
    count = write_csv(path, _FLOW_FROM, _SHOP, tables, bom=True, order="l.settled, l.line")
    if not ads:
        return count
    taken = _debits(world, shop, since, slipped)
    more = path.with_name(path.name + ".ads")
    count += write_csv(more, _DEBIT, "taken", {"taken": taken}, order="day")
    with path.open("ab") as out:
        out.write(more.read_bytes().partition(b"\n")[2])
    more.unlink()
    return count


def _debits(world: World, shop: int, since: int, slipped: bool) -> pd.DataFrame:
    """`day`, `cost` (fen) of ads of each whole day."""
    hours = world.ad_hours[world.ad_hours["shop"] == shop]
    days = hours.assign(day=hours["at"] // DAY).groupby("day", as_index=False)["cost"].sum()
    days = days[((days["day"] + 1) * DAY > since) & ((days["day"] + 1) * DAY <= seconds(world.end))]
    more = [slips.debit(world, shop, int(day)) if slipped else 0 for day in days["day"]]
    return days.assign(cost=days["cost"] + more)


def write_parcels(world: World, shop: int, path: Path) -> int:
    """运单/包裹: what one buyer ordered and was sent on one day goes in one parcel; some parcels are late as well."""
    lines = world.lines[(world.lines["shop"] == shop) & (world.lines["shipped"] > 0)].drop(columns=["key", "line_key"])
    parcels = """(SELECT min(line) AS waybill, string_agg(DISTINCT "order"::VARCHAR, ',' ORDER BY "order"::VARCHAR) AS orders,
        min(shipped) AS shipped FROM lines GROUP BY buyer, shipped // 86400)"""
    source = f"""(SELECT *, '-' AS exception FROM {parcels} UNION ALL
        SELECT *, '派送超时' FROM {parcels} WHERE waybill // 10 % 50 = 0)"""
    return write_csv(path, _PARCELS, source, {"lines": lines}, order="shipped, waybill, exception")


def write_alliance(world: World, shop: int, path: Path) -> int:
    """精选联盟: expected commission of what outside creators sold."""
    lines = world.lines[(world.lines["shop"] == shop) & (world.lines["paid"] > 0)].drop(columns=["key", "line_key"])
    tables = {"lines": lines, "skus": skus(world, shop), "creators": creators()}
    source = "lines l JOIN skus s USING (sku) JOIN creators a USING (creator)"
    return write_csv(path, _ALLIANCE, f"{source} WHERE a.commission > 0", tables, order="l.paid, l.line")
