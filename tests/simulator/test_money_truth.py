"""Orders and money through every platform's own files: what the cockpit says is what the world knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import connectors
from config import Settings
from metrics import Query, Scope, query
from simulator.exports import (
    alipay_files,
    doudian_money,
    jd_files,
    kuaishou_orders,
    pdd_files,
    taobao_forms,
    tmall_orders,
)
from simulator.exports.settled import returned_lines, settled_lines
from simulator.refunds import EXCHANGE
from simulator.world import World
from warehouse import LoadReport, Warehouse

DOUYIN, TMALL, JD, PDD = 0, 2, 3, 4


@pytest.fixture(scope="module")
def world() -> World:
    """Forty days of all platforms."""
    everywhere = ("douyin", "tmall", "jd", "pdd")
    return World(7, datetime(2026, 9, 1), datetime(2026, 10, 10, 12), 3_000, platforms=everywhere)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Warehouse, Settings]]:
    settings = replace(Settings(), home=tmp_path / "home")
    with Warehouse.open(settings) as warehouse:
        yield warehouse, settings


def load(house: tuple[Warehouse, Settings], path: Path, kind: str) -> list[LoadReport]:
    """Load a file that must be recognised by itself, every row of it."""
    warehouse, settings = house
    reports = [warehouse.load(batch) for batch in connectors.read_file(path, settings=settings)]
    assert {report.kind for report in reports} == {kind} and not any(report.quarantined for report in reports)
    return reports


def sales(house: tuple[Warehouse, Settings], platform: str, *metrics: str) -> dict[str, float]:
    found = query(house[0], Query(metrics, filters={"platform": (platform,)}), Scope.everything()).rows[0]
    return {name: round(float(found[name] or 0), 2) for name in metrics}


def truth(world: World, platform: str, *metrics: str) -> dict[str, float]:
    found = world.truth(metrics, platform=platform, refunds_at_payment=True).iloc[0]
    return {name: round(float(found[name]), 2) for name in metrics}


def sums(house: tuple[Warehouse, Settings], sql: str) -> dict[str, Decimal]:
    rows = house[0].read(sql).to_pylist()
    return {str(row["item"]): row["amount"] for row in rows}


SETTLED = "SELECT item, sum(amount) AS amount FROM {} GROUP BY item ORDER BY item"


def yuan(fen: Any) -> Decimal:
    return Decimal(int(fen)) / 100


ORDERS: dict[str, tuple[str, int, Callable[..., int], tuple[str, ...]]] = {
    "jd_orders": ("jd", JD, jd_files.write_orders, ("gmv", "orders", "items", "orders_created")),
    "pdd_orders": ("pdd", PDD, pdd_files.write_orders, ("gmv", "orders", "items", "orders_created")),
    "tmall_orders": ("tmall", TMALL, tmall_orders.write, ("gmv", "orders", "orders_created", "refund_amount")),
    "taobao_orders_classic": ("tmall", TMALL, taobao_forms.write_classic, ("gmv", "orders", "items", "refund_amount")),
    "taobao_orders_qianniu": ("tmall", TMALL, taobao_forms.write_qianniu, ("gmv", "orders", "refund_amount")),
}


@pytest.mark.parametrize("kind", ORDERS)
def test_orders_of_every_platform_are_the_worlds(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path, kind: str
) -> None:
    platform, shop, write, metrics = ORDERS[kind]
    count = write(world, shop, tmp_path / "a.csv")
    (report,) = load(house, tmp_path / "a.csv", kind)
    assert report.rows_read == report.accepted == count > 50
    assert sales(house, platform, *metrics) == truth(world, platform, *metrics)
    (again,) = load(house, tmp_path / "a.csv", kind)
    assert (again.accepted, again.unchanged) == (0, count)


@pytest.mark.parametrize("order", list(permutations(("orders", "items"))))
def test_items_beside_orders_double_nothing_and_tell_what_was_sold(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path, order: tuple[str, ...]
) -> None:
    tmall_orders.write(world, TMALL, tmp_path / "orders.csv")
    taobao_forms.write_items(world, TMALL, tmp_path / "items.csv")
    for name in order:
        load(house, tmp_path / f"{name}.csv", "tmall_orders" if name == "orders" else "taobao_items")
    told = ("gmv", "orders", "items", "refund_amount", "orders_created")
    assert sales(house, "tmall", *told) == truth(world, "tmall", *told)
    found = query(
        house[0], Query(("gmv", "orders"), ("province",), filters={"platform": ("tmall",)}), Scope.everything()
    ).rows
    known = world.truth(("gmv", "orders"), ("province",), platform="tmall")
    assert {row["province"]: row["orders"] for row in found} == dict(known["orders"])
    by_sku = (
        house[0]
        .read("SELECT sku_id, sum(paid_amount) AS gmv FROM order_line WHERE paid_amount > 0 GROUP BY 1")
        .to_pylist()
    )
    expected = world.truth(("gmv",), ("sku",), platform="tmall")["gmv"]
    assert all(abs(float(row["gmv"]) - expected[row["sku_id"]]) < 0.05 for row in by_sku)


def test_old_items_and_the_classic_list(world: World, house: tuple[Warehouse, Settings], tmp_path: Path) -> None:
    taobao_forms.write_old_items(world, TMALL, tmp_path / "items.csv")
    taobao_forms.write_classic(world, TMALL, tmp_path / "orders.csv")
    load(house, tmp_path / "items.csv", "taobao_items_old")
    assert sales(house, "tmall", "gmv") == {"gmv": 0.0}
    load(house, tmp_path / "orders.csv", "taobao_orders_classic")
    told = ("gmv", "orders", "items", "refund_amount")
    assert sales(house, "tmall", *told) == truth(world, "tmall", *told)


def test_kuaishou_orders_are_the_worlds(world: World, house: tuple[Warehouse, Settings], tmp_path: Path) -> None:
    kuaishou_orders.write(world, PDD, tmp_path / "a.csv")
    load(house, tmp_path / "a.csv", "kuaishou_orders")
    told = ("gmv", "orders", "items")
    assert sales(house, "kuaishou", *told) == truth(world, "pdd", *told)


@pytest.mark.parametrize("kind", ["pdd_orders", "kuaishou_orders"])
def test_refunds_in_part_and_in_full(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path, kind: str
) -> None:
    (pdd_files.write_orders if kind == "pdd_orders" else kuaishou_orders.write)(world, PDD, tmp_path / "a.csv")
    load(house, tmp_path / "a.csv", kind)
    lines = world.lines[(world.lines["shop"] == PDD) & (world.lines["succeeded"] > 0)]
    back = lines[(lines["refund_kind"] != EXCHANGE) & (lines["refunded"] > 0)]
    assert (back["refunded"] < back["spent"]).any() and (back["refunded"] >= back["spent"]).any()
    assert sales(house, kind.split("_")[0], "refund_amount")["refund_amount"] == back["refunded"].sum() / 100


@pytest.mark.parametrize("layout", jd_files.LAYOUTS)
def test_jd_statements_in_every_layout(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path, layout: str
) -> None:
    jd_files.write_settlement(world, JD, tmp_path / "a.csv", layout=layout)
    load(house, tmp_path / "a.csv", "jd_settlement")
    lines, returned = settled_lines(world, JD), returned_lines(world, JD)
    assert sums(house, SETTLED.format("settled")) == {
        "income": yuan(lines["income"].sum() + returned["income"].sum()),
        "platform_fee": yuan(-lines["fee_amount"].sum() - returned["fee_amount"].sum()),
    }
    told = sales(house, "jd", "refund_amount")["refund_amount"]
    assert told == ((lines["back"].sum() + returned["back"].sum()) / 100 if layout == "before" else 0)


def test_pinduoduos_account(world: World, house: tuple[Warehouse, Settings], tmp_path: Path) -> None:
    pdd_files.write_account(world, PDD, tmp_path / "a.csv")
    load(house, tmp_path / "a.csv", "pdd_account")
    pdd_files.write_orders(world, PDD, tmp_path / "b.csv")
    load(house, tmp_path / "b.csv", "pdd_orders")
    lines = settled_lines(world, PDD)
    expected = {"income": yuan(lines["income"].sum()), "platform_fee": yuan(-lines["fee_amount"].sum())}
    assert sums(house, SETTLED.format("fund_flow")) == sums(house, SETTLED.format("settled")) == expected
    strangers = "SELECT count(*) AS n FROM fund_flow ANTI JOIN order_line USING (platform, shop, order_id)"
    assert house[0].read(strangers).to_pylist() == [{"n": 0}]


def test_alipays_two_files_tell_the_same_movements(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path
) -> None:
    count = alipay_files.write_account(world, TMALL, tmp_path / "a.csv")
    alipay_files.write_combined(world, TMALL, tmp_path / "b.xlsx", per_sheet=count // 3 + 1)
    (report,) = load(house, tmp_path / "a.csv", "alipay_account")
    assert report.accepted == count and report.notes == ("total_rows|count=2",)
    lines = settled_lines(world, TMALL)
    expected = {"income": yuan(lines["income"].sum()), "platform_fee": yuan(-lines["fee_amount"].sum())}
    assert sums(house, SETTLED.format("fund_flow")) == expected
    sheets = load(house, tmp_path / "b.xlsx", "alipay_combined")
    assert [report.rows_read for report in sheets] == [count // 3 + 1, count // 3 + 1, count - 2 * (count // 3 + 1)]
    assert house[0].read("SELECT count(*) AS n FROM fund_flow").to_pylist() == [{"n": count}]
    assert sums(house, SETTLED.format("settled")) == expected


def test_a_sheet_that_goes_on_is_read_again_by_itself(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path
) -> None:
    """A rebuild asks for one sheet; its columns are those of the first."""
    path = tmp_path / "b.xlsx"
    count = alipay_files.write_combined(world, TMALL, path, per_sheet=200)
    batches = list(connectors.read_file(path, settings=house[1]))
    again = list(connectors.read_archived(path.read_bytes(), path.name, batches[-1].options, settings=house[1]))
    assert len(batches) == -(-count // 200) > 1 and len(again) == 1
    assert again[0].rows.table.equals(batches[-1].rows.table)  # type: ignore[union-attr]


def test_doudian_statement_wins_over_the_fund_flow(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path
) -> None:
    doudian_money.write_settlement(world, DOUYIN, tmp_path / "a.csv")
    doudian_money.write_fund_flow(world, DOUYIN, tmp_path / "b.csv")
    (report,) = load(house, tmp_path / "a.csv", "doudian_settlement")
    lines = settled_lines(world, DOUYIN)
    assert report.rows_read == len(lines) and report.notes[0].startswith("total_agrees")
    expected = {
        "income": yuan(lines["income"].sum()),
        "platform_fee": yuan(-lines["fee_amount"].sum()),
        "creator_commission": yuan(-lines["commission"].sum()),
    }
    assert sums(house, SETTLED.format("settled")) == {name: value for name, value in expected.items() if value}
    load(house, tmp_path / "b.csv", "doudian_fund_flow")
    assert sums(house, SETTLED.format("settled")) == {name: value for name, value in expected.items() if value}
    flowed = house[0].read("SELECT sum(amount) AS n FROM fund_flow").to_pylist()[0]["n"]
    assert flowed == yuan(lines["net"].sum())


def test_the_fund_flow_alone_tells_the_settlement(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path
) -> None:
    doudian_money.write_fund_flow(world, DOUYIN, tmp_path / "b.csv")
    load(house, tmp_path / "b.csv", "doudian_fund_flow")
    lines = settled_lines(world, DOUYIN)
    found = sums(house, SETTLED.format("settled"))
    assert found["income"] + found.get("refund", Decimal()) == yuan(lines["income"].sum())
    assert found["platform_fee"] == yuan(-lines["fee_amount"].sum()) and "other" not in found


def test_parcels_hold_every_order_once(world: World, house: tuple[Warehouse, Settings], tmp_path: Path) -> None:
    count = doudian_money.write_parcels(world, DOUYIN, tmp_path / "a.csv")
    (report,) = load(house, tmp_path / "a.csv", "doudian_parcels")
    assert report.rows_read == count
    (found,) = house[0].read("SELECT count(*) AS parcels, count(exception) AS late FROM shipment").to_pylist()
    assert found["parcels"] == count - found["late"] and found["late"] > 0
    orders = house[0].read("SELECT count(DISTINCT order_id) AS n FROM shipment_order").to_pylist()[0]["n"]
    shipped = world.lines[(world.lines["shop"] == DOUYIN) & (world.lines["shipped"] > 0)]
    assert orders == shipped["order"].nunique()


def test_expected_commissions_are_no_settlement(
    world: World, house: tuple[Warehouse, Settings], tmp_path: Path
) -> None:
    count = doudian_money.write_alliance(world, DOUYIN, tmp_path / "a.csv")
    (report,) = load(house, tmp_path / "a.csv", "doudian_alliance")
    assert report.rows_read == count > 0
    assert house[0].read("SELECT count(*) AS n FROM settled").to_pylist() == [{"n": 0}]
    assert house[0].read("SELECT count(*) AS n FROM order_line").to_pylist() == [{"n": 0}]
