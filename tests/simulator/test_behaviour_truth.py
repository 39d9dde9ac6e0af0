"""The demo's behaviour log: what its visitors did is what its traffic and its orders tell, hour after hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

import connectors
import metrics
from commands import demo
from config import Settings
from metrics import Path as Steps
from metrics import Period, Scope
from simulator.calendar import DAY, day_of, seconds
from simulator.exports import LOGGED, behaviour_log, write_all
from simulator.product_visits import product_days
from simulator.world import World
from warehouse import Warehouse

START, END = datetime(2026, 9, 20), datetime(2026, 10, 10, 4)
FIRST = day_of(datetime(2026, 10, 5))


@pytest.fixture(scope="module")
def world() -> World:
    return World(11, START, END, 9_000, platforms=("douyin",))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(replace(Settings(), home=tmp_path / "home")) as warehouse:
        yield warehouse


def test_every_look_cart_and_purchase_is_the_product_traffics(world: World) -> None:
    events, seen = behaviour_log.shop_events(world, LOGGED, FIRST), product_days(world, LOGGED, FIRST)
    assert len(events) > 1_000
    told = events.groupby("event").size()
    assert told["buy"] == seen["buyers"].sum() and told["cart"] >= seen["add_to_cart"].sum()
    for event, column in (("pv", "visitors"), ("cart", "add_to_cart"), ("fav", "favourites")):
        assert told[event] == pytest.approx(seen[column].sum(), rel=0.02)
    looked = events[events["event"] == "pv"].groupby(["user", "product"])["second"].min()
    later = events[events["event"] != "pv"].set_index(["user", "product"])
    assert (later["second"].to_numpy() > looked.reindex(later.index).to_numpy()).all(), "nobody acts before looking"


def test_later_hours_add_and_change_nothing(world: World) -> None:
    hour = datetime(2026, 10, 9, 15)
    before = behaviour_log.shop_events(world.until(hour), LOGGED, FIRST)
    after = behaviour_log.shop_events(world, LOGGED, FIRST)
    known = after[after["slot"] < seconds(hour)]
    order = ["second", "user", "product", "event", "slot"]
    assert len(after) > len(before) == len(known)
    pd.testing.assert_frame_equal(
        before[order].sort_values(order, ignore_index=True), known[order].sort_values(order, ignore_index=True)
    )


def test_the_log_is_loaded_whole_and_once_and_makes_a_path(world: World, house: Warehouse, tmp_path: Path) -> None:
    files = [item for item in write_all(world, tmp_path) if item.kind == "behaviour_log"]
    files += [
        item
        for item in write_all(world, tmp_path / "again", since=END - timedelta(hours=2))
        if item.kind == "behaviour_log"
    ]
    for item in files:
        for batch in connectors.read_file(item.path, platform=item.platform, shop=item.shop, settings=house.settings):
            assert house.load(batch).quarantined == 0
    events = behaviour_log.shop_events(world, LOGGED, FIRST)
    counted = house.read("SELECT count(*) AS n, count(DISTINCT shop) AS shops, min(platform) AS p FROM behaviour")
    assert counted.to_pylist() == [{"n": len(events), "shops": 1, "p": "douyin"}]
    found = metrics.path(house, Steps(period=Period(START, END)), Scope.everything())
    reached = [row["reached"] for row in found.rows]
    pairs = events[events["event"] == "pv"].groupby(["user", "product"]).ngroups
    assert reached[0] == pairs and pairs > reached[1] > reached[2] > 0
    assert seconds(END) // DAY == day_of(END), "today has begun and is not put aside as a thin day"


def test_in_the_first_hour_of_a_day_its_log_is_empty_and_passed_over(
    world: World, house: Warehouse, tmp_path: Path
) -> None:
    begun = world.until(datetime(2026, 10, 9, 0, 20))
    logs = [item for item in write_all(begun, tmp_path) if item.kind == "behaviour_log"]
    assert sorted(item.rows > 0 for item in logs) == [False, True]
    assert demo._load(house, house.settings, logs, lambda share: None) == sum(item.rows for item in logs)
