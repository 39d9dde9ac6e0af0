"""Slips planted in statements and movements: each is found with exactly its orders, in exactly the pairs it touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

import connectors
from config import Settings
from metrics import Period, Scope, reconcile
from metrics.reconcile import cases
from simulator.calendar import moment
from simulator.exports import (
    alipay_files,
    doudian_aftersales,
    doudian_money,
    doudian_orders,
    jd_files,
    pdd_files,
    qianchuan_report,
    slips,
    tmall_orders,
)
from simulator.exports.settled import settled_lines
from simulator.exports.slips import Slip
from simulator.world import World
from warehouse import Warehouse

START, END = datetime(2026, 9, 1), datetime(2026, 10, 10, 12)
SPAN = Period(START, datetime(2026, 10, 11))
DOUYIN, TMALL, JD, PDD = 0, 2, 3, 4
PAIRS = ("settlement", "funds", "fees", "commissions", "ad_funds", "refunds")


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, START, END, 2_500, platforms=("douyin", "tmall"))


@pytest.fixture(scope="module")
def others() -> World:
    return World(7, START, END, 2_500, platforms=("jd", "pdd"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(replace(Settings(), home=tmp_path / "home", default_shop="店")) as warehouse:
        yield warehouse


def loaded(house: Warehouse, world: World, folder: Path, shop: int) -> None:
    """Orders, refunds and money of a shop as the demo writes them."""
    if shop == DOUYIN:
        doudian_orders.write(world, shop, folder / "orders.csv")
        doudian_aftersales.write(world, shop, folder / "refunds.csv")
        doudian_money.write_settlement(world, shop, folder / "bills.csv", slipped=True)
        doudian_money.write_fund_flow(world, shop, folder / "flow.csv", slipped=True, ads=True)
        qianchuan_report.write(world, shop, folder / "ads.csv")
    elif shop == JD:
        jd_files.write_orders(world, shop, folder / "orders.csv")
        jd_files.write_settlement(world, shop, folder / "bills.csv", slipped=True)
    elif shop == PDD:
        pdd_files.write_orders(world, shop, folder / "orders.csv")
        pdd_files.write_account(world, shop, folder / "account.csv", slipped=True)
    else:
        tmall_orders.write(world, shop, folder / "orders.csv")
        alipay_files.write_account(world, shop, folder / "account.csv", slipped=True)
    for path in sorted(folder.glob("*.csv")):
        for batch in connectors.read_file(path, settings=house.settings):
            assert house.load(batch).quarantined == 0


def found(house: Warehouse) -> dict[str, dict[str, str]]:
    """Pair → order (or day) → reason, of everything that is open."""
    told: dict[str, dict[str, str]] = {}
    everything = Scope.everything()
    for row in reconcile(house, SPAN, everything, pairs=PAIRS).rows:
        if row["odd"]:
            assert row["state"] == "open"
            for one in cases(house, row["pair"], row["platform"], row["shop"], row["day"], everything).rows:
                told.setdefault(row["pair"], {})[one["ref"] or str(row["day"])] = one["reason"]
    return told


CASES: dict[str, tuple[Slip, dict[str, set[str]]]] = {
    "nothing": (Slip(9, 0, "lost"), {}),
    "the fee doubled in both files": (Slip(0, 10, "fee_rate", every=3), {"fees": {"fee"}}),
    "a fee in the statement only": (Slip(0, 8, "fee", ("bill",), every=2), {"funds": {"fee"}, "fees": {"fee"}}),
    "a day missing in the statement": (Slip(0, 9, "lost", ("bill",)), {"funds": {"missing_file"}}),
    "orders that were never settled": (Slip(0, 17, "lost", every=3), {"settlement": {"not_settled", "late_settlement",
                                                                                     "unknown", "missing_file"}}),
    "less than was sold": (Slip(2, 11, "short", every=2), {"settlement": {"unknown", "freight"}, "fees": {"fee"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_slip_is_found_with_its_orders(
    world: World, house: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    slip, expected = CASES[name]
    monkeypatch.setattr(slips, "SLIPS", (slip,))
    shop = slip.shop if slip.shop in world.shops else DOUYIN
    loaded(house, world, tmp_path, shop)
    rows = settled_lines(world, shop)
    hit = rows[slips.chosen(world, slip, rows)] if slip.shop in world.shops else rows.iloc[:0]
    orders = {str(order) for order in hit["order"]}
    told = found(house)
    assert set(told) == set(expected) and (not expected or len(orders) > 3)
    for pair, reasons in expected.items():
        assert set(told[pair]) == orders, pair
        assert set(told[pair].values()) <= reasons


OTHERS: dict[str, tuple[Slip, dict[str, set[str]]]] = {
    "京东: nothing": (Slip(JD, 9, "debit"), {}),
    "京东: less than was sold": (Slip(JD, 10, "short", every=2), {"settlement": {"unknown"}, "fees": {"fee"}}),
    "京东: the fee doubled": (Slip(JD, 9, "fee_rate", every=3), {"fees": {"fee"}}),
    "拼多多: nothing": (Slip(PDD, 9, "debit"), {}),
    "拼多多: never settled": (
        Slip(PDD, 12, "lost"),
        {"settlement": {"not_settled", "late_settlement", "missing_file"}},
    ),
    "拼多多: less than was sold": (Slip(PDD, 10, "short", every=2), {"settlement": {"unknown"}, "fees": {"fee"}}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_slip_of_jd_and_pinduoduo_is_found_with_its_orders(
    others: World, house: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    slip, expected = OTHERS[name]
    monkeypatch.setattr(slips, "SLIPS", (slip,))
    loaded(house, others, tmp_path, slip.shop)
    rows = settled_lines(others, slip.shop)
    hit = rows[slips.chosen(others, slip, rows)] if expected else rows.iloc[:0]
    orders = {_number(others, slip.shop, order) for order in hit["order"]}
    told = found(house)
    assert set(told) == set(expected) and (not expected or len(orders) > 3)
    for pair, reasons in expected.items():
        assert set(told[pair]) == orders, pair
        assert set(told[pair].values()) <= reasons


def _number(world: World, shop: int, order: int) -> str:
    """An order's number as the platform writes it."""
    if shop != PDD:
        return str(order)
    created = int(world.lines.loc[world.lines["order"] == order, "created"].iloc[0])
    return f"{moment(created):%y%m%d}-{order % 10**15:015}"


def test_half_as_much_commission_again_is_found_with_its_orders(
    house: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip, busy = Slip(DOUYIN, 10, "commission", every=2), World(7, START, END, 15_000, platforms=("douyin",))
    monkeypatch.setattr(slips, "SLIPS", (slip,))
    loaded(house, busy, tmp_path, DOUYIN)
    rows = settled_lines(busy, DOUYIN)
    hit = rows[slips.chosen(busy, slip, rows) & (rows["commission"] > 1)]
    told = found(house)
    assert set(told) == {"commissions"} and len(hit) > 10
    assert told["commissions"] == {str(order): "commission" for order in hit["order"]}


def test_a_debit_that_is_too_high_is_found_on_its_day(
    world: World, house: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slips, "SLIPS", (Slip(0, 6, "debit", ("flow",)),))
    loaded(house, world, tmp_path, DOUYIN)
    day: date = END.date() - timedelta(6)
    assert found(house) == {"ad_funds": {str(day): "unknown"}}
    (cell,) = [row for row in reconcile(house, SPAN, Scope.everything(), pairs=("ad_funds",)).rows if row["odd"]]
    assert round(cell["difference"], 2) == 88
