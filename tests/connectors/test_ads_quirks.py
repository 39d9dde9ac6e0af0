# ruff: noqa: E501 - cells of files stand as they are
"""Quirks of ad, traffic and content exports: old Excel under a wrong name, notes above the header, subtotals, ranges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from errors import UserError
from simulator.exports import old_excel
from tests.connectors.conftest import text_of, workbook
from tests.connectors.samples import SAMPLES
from warehouse import LoadReport, Warehouse

Load = Callable[..., list[LoadReport]]
NOTES = [["生意参谋平台导出"], ["统计时间：2026-10-01"], ["说明：本数据仅供参考"], [""]]


def read(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in warehouse.read(sql).to_pylist()]


@pytest.mark.parametrize("name", ["商品.xls", "商品.csv"])
def test_old_excel_under_any_name_has_its_header_in_row_5(
    load: Load, warehouse: Warehouse, tmp_path: Path, name: str
) -> None:
    header, first, second = SAMPLES["sycm_products"]
    shifted = ["2026-10-01", "帽子", "610000000003", *second[3:]]
    old_excel.write(tmp_path / name, [*NOTES, header, first, second, shifted])
    (report,) = load(tmp_path / name)
    assert (report.kind, report.rows_read, report.accepted, report.quarantined) == ("sycm_products", 3, 2, 1)
    assert read(warehouse, "SELECT reason, field, source_row FROM quarantine") == [("bad_id", "product_id", 8)]
    rows = "SELECT product_id, visitors, page_views, gmv::DOUBLE, source_row FROM traffic ORDER BY 1"
    assert read(warehouse, rows) == [
        ("610000000001", 25000, 120000000, 10095.0, 6),
        ("610000000002", 300, 500, 0.0, 7),
    ]


def test_a_week_is_no_day(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    header, first, _ = SAMPLES["sycm_products"]
    (tmp_path / "a.csv").write_text(text_of([header, ["2026-10-01 ~ 2026-10-07", *first[1:]]]), "utf-8")
    (report,) = load(tmp_path / "a.csv")
    assert (report.accepted, report.quarantined) == (0, 1)
    assert read(warehouse, "SELECT reason FROM quarantine") == [("not_one_day",)]


def test_subtotals_of_sources_are_not_counted_twice(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    """The day stands above the header; a source without levels below keeps its 汇总 row."""
    rows = [
        ["一级来源", "二级来源", "三级来源", "四级来源", "访客数", "支付买家数", "支付金额", "支付转化率"],
        ["汇总", "汇总", "汇总", "汇总", "1,000", "90", "9,000.00", "9.00%"],
        ["淘内免费", "汇总", "汇总", "汇总", "800", "70", "7,000.00", "8.75%"],
        ["淘内免费", "手淘搜索", "汇总", "汇总", "500", "50", "5,000.00", "10.00%"],
        ["淘内免费", "手淘推荐", "汇总", "汇总", "400", "20", "2,000.00", "5.00%"],
        ["淘内免费", "手淘推荐", "首页", "汇总", "300", "15", "1,500.00", "5.00%"],
        ["淘内免费", "手淘推荐", "购后", "汇总", "150", "5", "500.00", "3.33%"],
        ["付费流量", "汇总", "汇总", "汇总", "250", "20", "2,000.00", "8.00%"],
    ]
    old_excel.write(tmp_path / "来源.xls", [*NOTES, *rows])
    (report,) = load(tmp_path / "来源.xls")
    assert (report.kind, report.rows_read, report.accepted, report.quarantined) == ("sycm_sources", 4, 4, 0)
    assert read(warehouse, 'SELECT channel, visitors, gmv::DOUBLE, "at"::DATE::VARCHAR FROM traffic ORDER BY 1') == [
        ("付费流量", 250, 2000.0, "2026-10-01"),
        ("淘内免费>手淘推荐>购后", 150, 500.0, "2026-10-01"),
        ("淘内免费>手淘推荐>首页", 300, 1500.0, "2026-10-01"),
        ("淘内免费>手淘搜索", 500, 5000.0, "2026-10-01"),
    ]


def test_pinduoduo_ads_stand_between_a_banner_and_a_total(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    banner = ["拼多多推广报表 2026-10-01 至 2026-10-01"]
    (tmp_path / "a.csv").write_text(text_of([banner, *SAMPLES["pdd_ads"]]), "utf-8")
    (report,) = load(tmp_path / "a.csv")
    assert (report.kind, report.rows_read, report.accepted) == ("pdd_ads", 2, 2)
    assert read(warehouse, "SELECT sum(cost)::DOUBLE FROM ad_spend") == [(370.0,)]
    assert any("total_differs" in note for note in report.notes)


def test_creatives_are_not_added_to_plans(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    from metrics import Query, Scope, query

    workbook(tmp_path / "plans.xlsx", SAMPLES["qianchuan_report"])
    workbook(tmp_path / "素材.xlsx", SAMPLES["qianchuan_materials"])
    kinds = [load(tmp_path / name)[0].kind for name in ("plans.xlsx", "素材.xlsx")]
    assert kinds == ["qianchuan_report", "qianchuan_materials"]
    assert query(warehouse, Query(("ad_spend",)), Scope.everything()).rows == [{"ad_spend": 1334.5}]


def test_the_whole_domain_report_takes_its_day_from_the_name(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [
        ["整体消耗", "整体成交订单数", "整体成交金额", "整体支付ROI", "整体成交订单成本"],
        ["1,000.00", "30", "4,500.00", "4.5", "33.3"],
    ]
    (tmp_path / "全域推广_2026-10-02.csv").write_text(text_of(rows), "utf-8")
    (report,) = load(tmp_path / "全域推广_2026-10-02.csv")
    assert report.kind == "qianchuan_report"
    found = 'SELECT "at"::DATE::VARCHAR, span, cost::DOUBLE, orders, gmv::DOUBLE, attribution FROM ad_spend'
    assert read(warehouse, found) == [("2026-10-02", "day", 1000.0, 30, 4500.0, "overall")]
    (tmp_path / "全域.csv").write_text(text_of(rows), "utf-8")
    with pytest.raises(UserError) as caught:
        load(tmp_path / "全域.csv")
    assert (caught.value.code, caught.value.fields["missing"]) == ("missing_columns", "日期")


@pytest.mark.parametrize(
    "told",
    ["2026-07-01~2026-07-07", "20260701~20260707", "2026/7/1 ~ 2026/7/7", "2026年7月1日至2026年7月7日", "the name"],
)
def test_a_report_over_several_days_is_not_spent_on_its_first(
    load: Load, warehouse: Warehouse, tmp_path: Path, told: str
) -> None:
    from metrics import Query, Scope, query

    header, row = ["消耗(元)", "展示次数", "直接成交订单数", "直接成交金额(元)"], ["700.00", "1000", "7", "2,100.00"]
    named = told == "the name"
    path = tmp_path / ("1791430000_千川_20260701_20260707.csv" if named else "千川.csv")
    path.write_text(text_of([header, row] if named else [["日期", *header], [told, *row]]), "utf-8")
    (report,) = load(path)
    assert (report.kind, report.accepted) == ("qianchuan_report", 1)
    found = 'SELECT "at"::DATE::VARCHAR, span, until::VARCHAR FROM ad_spend'
    assert read(warehouse, found) == [("2026-07-01", "period", "2026-07-07")]
    (whole,) = query(warehouse, Query(("ad_spend",)), Scope.everything()).rows
    assert whole == {"ad_spend": 700.0}


def test_a_later_export_of_works_replaces_their_counters(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    header, row = SAMPLES["douyin_works"]
    later = [*row[:4], "20000", *row[5:]]
    for name, cells in (("1791430000_a.csv", row), ("1791530000_b.csv", later), ("1791330000_old.csv", row)):
        (tmp_path / name).write_text(text_of([header, cells]), "utf-8")
        load(tmp_path / name)
    assert read(warehouse, "SELECT plays, finishes FROM video_day") == [(20000, 5000)]
    notes = [["笔记列表明细表"], *SAMPLES["xiaohongshu_notes"]]
    workbook(tmp_path / "笔记.xlsx", notes)
    assert [report.kind for report in load(tmp_path / "笔记.xlsx")] == ["xiaohongshu_notes"]


def test_the_simulators_marketing_files_are_the_worlds_own_numbers(
    load: Load, warehouse: Warehouse, tmp_path: Path
) -> None:
    from simulator.calendar import DAY, day_of
    from simulator.exports import marketing
    from simulator.world import World

    everywhere = ("douyin", "tmall", "jd", "pdd")
    world = World(3, datetime(2026, 10, 1), datetime(2026, 10, 4), 3_000, platforms=everywhere)
    made = marketing.write_day(world, tmp_path / "out")
    assert len(made) == 8
    for kind, path in made.items():
        (report,) = load(path)
        assert report.kind == kind and report.rows_read == report.accepted > 2 and not report.quarantined, kind
    day = day_of(datetime(2026, 10, 3))
    hours = world.ad_report[(world.ad_report["shop"] == 0) & (world.ad_report["day"] == day)]
    (told,) = warehouse.read(
        "SELECT sum(cost)::DOUBLE AS cost, sum(clicks) AS clicks, sum(orders) AS orders, sum(gmv)::DOUBLE AS gmv"
        " FROM ad_spend WHERE attribution = 'creative'"
    ).to_pylist()
    assert (round(told["cost"] * 100), told["clicks"], told["orders"], round(told["gmv"] * 100)) == tuple(
        hours[["cost", "clicks", "orders", "gmv"]].sum()
    )
    paid = world.lines[(world.lines["paid"] > 0) & (world.lines["paid"] // DAY == day)]
    sold = paid.groupby("shop")["spent"].sum()
    (channels,) = warehouse.read("SELECT sum(gmv)::DOUBLE AS n FROM traffic WHERE channel IS NOT NULL").to_pylist()
    assert round(channels["n"] * 100) == sold[2]
    for platform, shop in (("jd", 3), ("pdd", 4)):
        (most,) = warehouse.read(
            "SELECT sum(gmv)::DOUBLE AS gmv, sum(cost)::DOUBLE AS cost FROM ad_spend WHERE platform = ?", (platform,)
        ).to_pylist()
        product = world.catalogue.sku_product[paid["sku"].to_numpy()]
        by_product = paid.assign(product=product)[paid["shop"] == shop].groupby("product")["spent"].sum()
        assert round(most["gmv"] * 100) == by_product.nlargest(12).sum() and 0 < most["cost"] < most["gmv"]
