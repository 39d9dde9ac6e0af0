"""`pull` from the command line, against the simulated platform: what it loads, what it says, what it repeats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

import config
from config import Settings
from simulator.doudian_api import APP_KEY, APP_SECRET, Platform, Server
from simulator.world import World
from tests.commands.conftest import Cockpit

END = datetime(2026, 11, 12, 10)


@pytest.fixture(scope="module")
def platform() -> Iterator[Server]:
    world = World(5, start=END - timedelta(days=3), end=END, lines=200)
    with Server(Platform(world, lambda: END)) as running:
        yield running


@pytest.fixture
def source(settings: Settings, platform: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    config.freeze(END)
    monkeypatch.setenv("SHOP_SECRET", APP_SECRET)
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / "config.toml").write_text(
        f'[source.main]\ntype = "doudian"\napp_key = "{APP_KEY}"\napp_secret_env = "SHOP_SECRET"\n'
        f'shop_id = "4463798"\nshop = "云杉官方旗舰店"\nbase_url = "{platform.url}"\nhistory_days = 4\n',
        "utf-8",
    )


def test_a_pull_fills_the_warehouse_and_a_second_changes_nothing(cockpit: Cockpit, source: None) -> None:
    first = cockpit("pull", "main", "--json")
    assert first.code == 0, first.err
    batches = json.loads(first.out)["batches"]
    assert {batch["kind"] for batch in batches} == {"doudian_api_orders", "doudian_api_aftersales"}
    assert sum(batch["accepted"] for batch in batches) > 20
    assert sum(batch["quarantined"] for batch in batches) == 0
    asked = ("query", "gmv", "orders", "refund_amount", "--format", "json")
    said = cockpit(*asked)
    assert said.code == 0, said.err
    before = json.loads(said.out)["rows"]
    assert before[0]["orders"] > 10
    again = cockpit("pull", "main", "--json", "--since", "2026-11-09")
    assert again.code == 0 and sum(batch["accepted"] for batch in json.loads(again.out)["batches"]) == 0
    assert json.loads(cockpit(*asked).out)["rows"] == before
    named = cockpit("sources")
    assert named.code == 0 and "main" in named.out


def test_a_source_nobody_set_up_is_a_sentence(cockpit: Cockpit, source: None) -> None:
    said = cockpit("pull", "nowhere")
    assert said.code == 1 and "nowhere" in said.err and "main" in said.err and "Traceback" not in said.err
