"""A simulated shop reconciles with itself; differences planted in its files are found, with their orders and sums."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

import connectors
from config import Settings
from metrics import Period, Scope, reconcile
from metrics.reconcile import cases
from simulator.exports import doudian_aftersales, doudian_money, doudian_orders
from simulator.world import World
from warehouse import Warehouse

DOUYIN, SHOP = 0, "云杉官方旗舰店"
SPAN = Period(datetime(2026, 9, 1), datetime(2026, 10, 11))
Row = dict[str, str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty days of one shop."""
    world = World(7, SPAN.start, datetime(2026, 10, 10, 12), 1_500, platforms=("douyin",))
    folder = tmp_path_factory.mktemp("files")
    doudian_orders.write(world, DOUYIN, folder / "orders.csv")
    doudian_aftersales.write(world, DOUYIN, folder / "refunds.csv")
    doudian_money.write_settlement(world, DOUYIN, folder / "bills.csv")
    doudian_money.write_fund_flow(world, DOUYIN, folder / "flow.csv")
    doudian_money.write_parcels(world, DOUYIN, folder / "parcels.csv")
    return folder


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(replace(Settings(), home=tmp_path / "home", default_shop=SHOP)) as warehouse:
        yield warehouse


def load(warehouse: Warehouse, *paths: Path) -> None:
    for path in paths:
        for batch in connectors.read_file(path, settings=warehouse.settings):
            warehouse.load(batch)


def changed(source: Path, target: Path, edit: Callable[[Row], Row | None]) -> Path:
    """A copy with rows edited, or left out where `edit` gives None."""
    with source.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        rows = [found for row in reader if (found := edit(row)) is not None]
        names = list(reader.fieldnames or ())
    with target.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, names)
        writer.writeheader()
        writer.writerows(rows)
    return target


def cells(warehouse: Warehouse, pair: str) -> list[dict[str, Any]]:
    return [row for row in reconcile(warehouse, SPAN, Scope.everything(), pairs=(pair,)).rows if row["odd"]]


def behind(warehouse: Warehouse, pair: str) -> dict[str, str]:
    """Order → reason of all cases of a pair."""
    return {
        one["ref"]: one["reason"]
        for row in cells(warehouse, pair)
        for one in cases(warehouse, pair, "douyin", row["shop"], row["day"], Scope.everything()).rows
    }


def test_a_shop_without_faults_is_even(files: Path, house: Warehouse) -> None:
    load(house, *(files / f"{name}.csv" for name in ("orders", "refunds", "bills", "flow", "parcels")))
    rows = reconcile(house, SPAN, Scope.everything(), pairs=("refunds", "settlement", "funds", "shipments")).rows
    for pair in ("refunds", "settlement", "funds", "shipments"):
        told = [row for row in rows if row["pair"] == pair and row["state"] != "waiting"]
        assert len(told) > 10, pair
        assert {row["state"] for row in told} == {"equal"}, [row for row in told if row["state"] != "equal"]


def test_changed_fees_are_found_on_their_days_with_their_sum(files: Path, house: Warehouse, tmp_path: Path) -> None:
    raised: list[str] = []

    def edit(row: Row) -> Row:
        if row["结算时间"][:10] == "2026-09-25":
            raised.append(row["订单号"].strip("'"))
            for name, more in (("平台服务费", -0.5), ("支出合计", -0.5), ("结算金额", -0.5)):
                row[name] = f"{float(row[name].replace(',', '')) + more:.2f}"
        return row

    bills = changed(files / "bills.csv", tmp_path / "bills.csv", edit)
    load(house, files / "orders.csv", files / "refunds.csv", bills, files / "flow.csv")
    found = cells(house, "funds")
    assert len(raised) > 3 and {(row["state"], row["reason"]) for row in found} == {("open", "fee")}
    assert max(row["day"] for row in found) == date(2026, 9, 25)  # an order's day is that of its first settled line
    assert round(sum(row["difference"] for row in found), 2) == round(len(raised) * 0.5, 2)
    assert set(behind(house, "funds")) == set(raised)
    assert not cells(house, "settlement")  # what was settled for the goods is the same


def test_a_missing_day_of_the_statement_is_found_as_missing(files: Path, house: Warehouse, tmp_path: Path) -> None:
    gone: dict[str, float] = {}

    def edit(row: Row) -> Row | None:
        if row["结算时间"][:10] != "2026-09-20":
            return row
        order = row["订单号"].strip("'")
        gone[order] = gone.get(order, 0) + float(row["收入合计"].replace(",", ""))
        return None

    bills = changed(files / "bills.csv", tmp_path / "bills.csv", edit)
    load(house, files / "orders.csv", files / "refunds.csv", bills)
    found = cells(house, "settlement")
    assert gone and {row["state"] for row in found} == {"open"} and {row["reason"] for row in found} == {"missing_file"}
    assert round(-sum(row["difference"] for row in found), 2) == round(sum(gone.values()), 2)
    assert set(behind(house, "settlement")) == set(gone)


def test_lost_parcels_are_found_by_their_orders(files: Path, house: Warehouse, tmp_path: Path) -> None:
    lost: set[str] = set()
    left: set[str] = set()

    def edit(row: Row) -> Row | None:
        gone = row["发货时间"][:10] == "2026-09-15"
        (lost if gone else left).update(row["订单编号"].strip("\t").split(","))
        return None if gone else row

    load(house, files / "orders.csv", files / "refunds.csv", changed(files / "parcels.csv", tmp_path / "p.csv", edit))
    found = behind(house, "shipments")
    assert lost and set(found) == lost - left  # an order with another parcel left has one
    assert set(found.values()) == {"missing_file"}
