"""Every writer to the letter of the fact sheet: headers, blanks, tabs, commas, dashes, repeated order amounts."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import connectors
from config import ROOT, Settings
from simulator.calendar import seconds
from simulator.exports import (
    behaviour_log,
    compass_goods,
    compass_live,
    doudian_aftersales,
    doudian_orders,
    qianchuan_report,
    tmall_orders,
    write_all,
)
from simulator.world import World
from warehouse import Warehouse

REFERENCE = ROOT.parent / "shared" / "reference"
needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="the fact sheet is not on this machine")


def rows(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def written(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return {(item.kind, item.shop or item.path.stem): item for item in write_all(world, folder)}


FLAGSHIP = "云杉官方旗舰店"


@needs_reference
def test_doudian_order_headers_are_those_of_the_fact_sheet():
    sheet = (REFERENCE / "platform-apis.md").read_text("utf-8")
    line = next(line for line in sheet.splitlines() if line.startswith("主订单编号, 子订单编号, 选购商品, 商品规格"))
    assert [name.strip() for name in line.rstrip(".").split(",")] == list(doudian_orders.HEADERS)


@needs_reference
def test_other_headers_are_those_of_the_fact_sheet():
    shape = json.loads((REFERENCE / "export-shapes" / "douyin_compass_live_detail.json").read_text("utf-8"))
    assert [column["name"] for column in shape["columns"]] == list(compass_live.HEADERS)
    sheet = (REFERENCE / "platform-apis.md").read_text("utf-8")
    known = re.search(r"\*\*售后单导出\*\* \(50 columns\): (.+?)\. 售后状态 e\.g\.", sheet)
    assert known and {name.strip() for name in known[1].split(",")} - {"…"} <= set(doudian_aftersales.HEADERS)
    plans = re.search(r"标准推广 \(BBiwen\): (.+?) …", sheet)
    assert plans and {name.strip() for name in plans[1].split(",")} <= set(qianchuan_report.HEADERS)
    small = re.search(r"small form \(public tmall_order_report.csv\): (.+?) – \*\*two headers", sheet)
    assert small and [name.strip().strip("`") for name in small[1].split(",")] == list(tmall_orders.HEADERS)


def test_every_kind_is_written(written):
    assert {kind for kind, _ in written} == {
        "tmall_orders",
        "doudian_orders",
        "doudian_aftersales",
        "doudian_products",
        "doudian_stock",
        "behaviour_log",
        "compass_traffic",
        "compass_goods",  # read as compass_traffic
        "compass_live",
        "qianchuan_report",
        "qianchuan_materials",
        "doudian_settlement",
        "doudian_fund_flow",
        "alipay_account",
        "sheet_costs",
        "sheet_targets",
        "sheet_campaigns",
        "sheet_benchmarks",
        "sheet_category_owners",
        "sheet_shipments",
        "sheet_tickets",
        "sheet_reviews",
        "sheet_purchases",
        "sheet_videos",
    }
    for item in written.values():
        assert item.rows > 0 and item.path.stat().st_size > 100, item


def test_the_tmall_report_is_net_of_refunds_and_knows_who_paid(world, written):
    item = written["tmall_orders", "云杉天猫旗舰店"]
    raw = item.path.read_bytes()
    assert raw.startswith("订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额\n".encode())
    found = rows(item.path, "utf-8")
    paid = [row for row in found if row["订单付款时间 "]]
    assert all(Decimal(row["总金额"]) == Decimal(row["买家实际支付金额"]) + Decimal(row["退款金额"]) for row in paid)
    assert all(row["买家实际支付金额"] == "0.00" for row in found if not row["订单付款时间 "])
    truth = world.truth(("gmv", "orders", "orders_created", "net_sales"), platform="tmall").iloc[0]
    assert sum(Decimal(row["总金额"]) for row in paid) == Decimal(str(round(truth["gmv"], 2)))
    assert sum(Decimal(row["买家实际支付金额"]) for row in paid) == Decimal(str(round(truth["net_sales"], 2)))
    assert (len(paid), len(found), item.rows) == (truth["orders"], truth["orders_created"], truth["orders_created"])


def test_doudian_orders_repeat_the_orders_amounts(world, written):
    item = written["doudian_orders", FLAGSHIP]
    assert item.path.read_bytes().startswith(b"\xef\xbb\xbf") and item.path.name.startswith(
        f"{seconds(world.end) - 8 * 3600}_"
    )
    found = rows(item.path)
    lines = world.lines[world.lines["shop"] == 0]
    assert len(found) == len(lines) == item.rows
    totals, off = lines.groupby("order")["payable"].sum(), lines.groupby("order")["pay_discount"].sum()
    assert (off > 0).mean() > 0.1
    for row in found:
        assert (
            row["主订单编号"].startswith("\t")
            and len(row["主订单编号"].strip()) == 19
            and row["商家编码"].startswith("\t")
        )
        assert Decimal(row["订单应付金额"].replace(",", "")) * 100 == int(totals[int(row["主订单编号"].strip())])
        assert Decimal(row["支付优惠"]) * 100 == int(off[int(row["主订单编号"].strip())])
    large = [row["订单应付金额"] for row in found if totals[int(row["主订单编号"].strip())] >= 100_000]
    assert large and all(re.fullmatch(r"\d{1,3}(,\d{3})+\.\d\d", cell) for cell in large)
    assert {row["订单状态"] for row in found} <= {"待支付", "待发货", "部分发货", "已发货", "已完成", "已关闭"}
    assert all((row["支付完成时间"] == "-") == (row["取消原因"] != "-" or row["订单状态"] == "待支付") for row in found)
    assert all(
        row["收件人手机号"].startswith("$$") and row["收件人手机号"].endswith("$1$$") and row["收件人"].endswith("#1##")
        for row in found
    )


def test_the_late_traffic_form_and_gbk_on_request(world, tmp_path):
    doudian_orders.write(world, 0, tmp_path / "late.csv", form_is_late=True, since=seconds(world.end) - 3 * 86_400)
    late = rows(tmp_path / "late.csv")
    today = f"{world.end:%Y-%m-%d}"
    forms = {row["流量体裁"] for row in late if row["订单提交时间"].startswith(today)}
    assert (
        forms == {"数据将于第二天更新"}
        and len({row["流量体裁"] for row in late if not row["订单提交时间"].startswith(today)}) >= 3
    )
    tmall_orders.write(world, 2, tmp_path / "gbk.csv", encoding="gb18030")
    assert len(rows(tmp_path / "gbk.csv", "gb18030")) == len(world.lines[world.lines["shop"] == 2]["order"].unique())


def test_aftersales_hold_what_was_refunded(world, written):
    found = rows(written["doudian_aftersales", FLAGSHIP].path)
    done = [row for row in found if row["售后状态"] == "同意退款，退款成功"]
    money = sum(Decimal(row["退商品金额（元）"]) + Decimal(row["退运费金额（元）"]) for row in done)
    assert money * 100 == int(world.lines.loc[world.lines["shop"] == 0, "refunded"].sum())
    assert all(row["退款成功时间"] != "-" for row in done)
    assert {row["退款方式"] for row in found if row["售后类型"] == "换货"} == {"无需退款"}


def test_compass_traffic_has_a_row_for_the_whole_shop(written):
    found = rows(written["compass_traffic", FLAGSHIP].path)
    hours: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for row in found:
        hours.setdefault((row["日期"], row["小时"]), {})[row["流量渠道"]] = row
    for channels in hours.values():
        whole = channels.pop("全部")
        assert len(channels) == 6 and int(whole["访客数"]) == sum(int(row["访客数"]) for row in channels.values())
        assert int(whole["成交人数"]) <= sum(int(row["成交人数"]) for row in channels.values())


def test_a_late_source_stops_before_its_delay_and_delivers_afterwards(world, tmp_path, written):
    late = written["compass_traffic", "云杉严选店"]
    row = next(row for row in world.planned if row.kind == "late_source" and row.id.startswith("A"))
    assert late.through is not None and seconds(late.through) <= row.starts < seconds(world.end)
    later = world.until(world.end + timedelta(hours=4))
    item = next(
        item
        for item in write_all(later, tmp_path, since=world.end)
        if item.kind == "compass_traffic" and item.shop == "云杉严选店"
    )
    times = {f"{cell['日期']} {cell['小时'][:5]}" for cell in rows(item.path)}
    assert min(times) == f"{late.through:%Y-%m-%d %H:00}" and item.through > world.end


def test_the_qianchuan_total_is_no_row(world, written):
    item = written["qianchuan_report", FLAGSHIP]
    total, *found = rows(item.path)
    money = [Decimal(row["消耗(元)"].replace(",", "")) for row in found]
    assert (
        total["日期"] == "总计"
        and Decimal(total["消耗(元)"].replace(",", "")) == sum(money)
        and item.rows == len(found)
    )
    assert sum(money) * 100 == int(world.ad_hours.loc[world.ad_hours["shop"] == 0, "cost"].sum())


def test_since_writes_only_what_changed(world, tmp_path):
    since = world.end - timedelta(hours=2)
    for item in write_all(world, tmp_path, since=since):
        if item.kind == "doudian_orders" and item.shop == FLAGSHIP:
            changed = world.lines[(world.lines["shop"] == 0) & (world.lines["updated"] >= seconds(since))]["order"]
            assert {int(row["主订单编号"].strip()) for row in rows(item.path)} == set(changed)
        assert not item.kind.startswith(("sheet_targets", "sheet_campaigns", "doudian_products"))


def test_the_behaviour_log_has_no_header(world, tmp_path):
    path = tmp_path / "UserBehavior.csv"
    count = behaviour_log.write(world, path, users=80)
    with path.open(encoding="utf-8") as file:
        found = list(csv.reader(file))
    assert len(found) == count > 500 and {row[3] for row in found} == {"pv", "cart", "fav", "buy"}
    assert all(int(row[4]) <= seconds(world.end) - 8 * 3600 for row in found)


def test_a_session_that_still_runs_has_no_end_and_its_end_comes_with_the_next_report(tmp_path):
    settings = replace(Settings(), home=tmp_path / "home")
    whole = World(7, datetime(2026, 3, 1), datetime(2026, 3, 3), 300)
    first = whole.live_report.sort_values("starts").iloc[0]
    half = datetime(1970, 1, 1) + timedelta(seconds=int((first["starts"] + first["ends"]) // 2))
    ends = []
    with Warehouse.open(settings) as warehouse:
        for number, end in enumerate((half, datetime(2026, 3, 3))):
            path = tmp_path / f"直播明细{number}.csv"
            compass_live.write(whole.until(end), int(first["shop"]), path, with_room=True)
            for batch in connectors.read_file(path, kind="compass_live", shop="甲", settings=settings):
                warehouse.load(replace(batch, observed_at=end))
            rows = warehouse.read("SELECT started_at, ended_at FROM live_session ORDER BY started_at").to_pylist()
            ends.append(rows[0]["ended_at"])
    assert ends[0] is None and ends[1] is not None and ends[1] > half


def test_products_of_a_late_source_wait_with_the_shops_own_visits(tmp_path: Path) -> None:
    """Else the day's visitors would be told by product alone, and those add up to nobody's total."""
    anchor = datetime(2026, 10, 20, 23, 30)
    world = World(11, datetime(2026, 10, 14), datetime(2026, 10, 21, 2, 20), 6000, anchor=anchor)
    for shop, last in ((0, "2026-10-21"), (1, "2026-10-20")):  # the second shop's traffic is late from 19:30 on
        path = tmp_path / f"{shop}.csv"
        compass_goods.write(world, shop, path)
        days = {line.split(",")[0] for line in path.read_text("utf-8-sig").splitlines()[1:]}
        assert max(days) == last
