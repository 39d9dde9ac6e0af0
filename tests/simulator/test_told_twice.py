"""Orders that come by the platform's interface and by export files: what one of them lacks is found, order by order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import config
import connectors
from config import Settings
from connectors.http import Http
from connectors.platforms.doudian import DoudianSource
from connectors.platforms.doudian_client import Account
from connectors.sources import Secret
from metrics import Period, Scope, reconcile
from metrics.reconcile import cases
from simulator.doudian_api import APP_KEY, APP_SECRET, Platform, Server
from simulator.exports import doudian_orders
from simulator.shops import SHOPS
from simulator.world import World
from tests.simulator.test_reconciled import Row, changed
from warehouse import TableRows, Warehouse

START, END = datetime(2026, 11, 8), datetime(2026, 11, 12, 10)
SPAN = Period(datetime(2026, 11, 8), datetime(2026, 11, 13))
SHOP = SHOPS[0]


@pytest.fixture(scope="module")
def world() -> World:
    return World(5, START, END, 500, platforms=("douyin",))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Warehouse]:
    config.freeze(END)
    with Warehouse.open(replace(Settings(), home=tmp_path / "home", default_shop=SHOP.name)) as warehouse:
        yield warehouse
    config.freeze(None)


def by_file(house: Warehouse, path: Path) -> None:
    for batch in connectors.read_file(path, settings=house.settings):
        house.load(batch)


def by_api(house: Warehouse, world: World, lacking: frozenset[str] = frozenset()) -> None:
    """Pull everything, as a source does; `lacking` orders never arrive."""
    with Server(Platform(world, lambda: END)) as server:
        account = Account("api", APP_KEY, Secret(lambda: APP_SECRET), str(SHOP.platform_id), server.url)
        http = Http(house.settings, lambda call: None)
        try:
            for batch in DoudianSource("api", SHOP.name, account, house.settings).pull(http, since=START):
                assert isinstance(batch.rows, TableRows)
                table = batch.rows.table
                keep = [order not in lacking for order in table["order_id"].to_pylist()]
                told = table.filter(keep)
                if told.num_rows:
                    house.load(replace(batch, rows=replace(batch.rows, table=told)))
        finally:
            http.close()


def found(house: Warehouse) -> dict[str, str]:
    everything = Scope.everything()
    rows = reconcile(house, SPAN, everything, pairs=("api",)).rows
    return {
        one["ref"]: one["reason"]
        for row in rows
        if row["odd"]
        for one in cases(house, "api", "douyin", row["shop"], row["day"], everything).rows
    }


def states(house: Warehouse) -> set[str]:
    return {row["state"] for row in reconcile(house, SPAN, Scope.everything(), pairs=("api",)).rows}


@pytest.mark.parametrize("first", ["file", "api"])
def test_orders_that_one_way_lacks_are_found(world: World, house: Warehouse, tmp_path: Path, first: str) -> None:
    doudian_orders.write(world, 0, tmp_path / "all.csv")
    inside = world.lines["created"].between(config_seconds(START) + 43_200, config_seconds(END) - 43_200)
    numbers = sorted({str(order) for order in world.lines.loc[inside & (world.lines["shop"] == 0), "order"]})
    not_in_file, not_pulled = set(numbers[3::40]), frozenset(numbers[7::50])

    def edit(row: Row) -> Row | None:
        return None if row["主订单编号"].strip() in not_in_file else row

    part = changed(tmp_path / "all.csv", tmp_path / "part.csv", edit)
    if first == "file":
        by_file(house, part)
        assert states(house) == {"not_connected"}
        by_api(house, world, not_pulled)
    else:
        by_api(house, world, not_pulled)
        assert states(house) == {"not_connected"}
        by_file(house, part)
    expected = dict.fromkeys(not_in_file, "missing_file") | dict.fromkeys(not_pulled, "not_pulled")
    assert len(not_in_file) > 3 and len(not_pulled) > 3 and found(house) == expected
    by_file(house, tmp_path / "all.csv")
    assert found(house) == dict.fromkeys(not_pulled, "not_pulled")  # the right file came later


def test_a_removal_leaves_one_way_and_it_may_come_again(world: World, house: Warehouse, tmp_path: Path) -> None:
    doudian_orders.write(world, 0, tmp_path / "all.csv")
    by_file(house, tmp_path / "all.csv")
    by_api(house, world)
    assert found(house) == {} and "equal" in states(house)
    (source,) = house.read("SELECT DISTINCT source FROM load_batch WHERE kind LIKE '%_api_%'")["source"].to_pylist()
    house.remove_batches(source)
    assert states(house) == {"not_connected"}
    by_api(house, world)
    assert found(house) == {} and "equal" in states(house)
    twice = house.read("SELECT count(*) - count(DISTINCT (way, order_id)) AS n FROM order_told")["n"][0].as_py()
    assert twice == 0


def config_seconds(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1)) / timedelta(seconds=1))
