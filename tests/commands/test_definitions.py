"""A metric that a person defined is in the command line and in a server as soon as their home is opened, and only
then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import metrics
from commands.serve import start
from config import Settings, load_settings
from metrics import definitions
from metrics.catalogue import declared
from tests.commands.conftest import Cockpit
from warehouse.ledger import Ledger


def define(metric_id: str, formula: str) -> None:
    """What the form keeps, written straight into the home's ledger."""
    with Ledger.open(load_settings()) as ledger:
        metric = definitions.changed(declared()["gmv"], id=metric_id, formula=formula)
        definitions.save(ledger, definitions.check(metric, ()), "boss", "2026-11-22T10:00:00", "", {})


def rows(cockpit: Cockpit, *asked: str) -> list[dict[str, Any]]:
    said = cockpit("query", *asked, "--format", "json")
    assert said.code == 0, said.err
    return json.loads(said.out)["rows"]


def test_commands_ask_and_list_it(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    define("kept_each", "(gmv - refund_amount) / orders")
    define("order_value", "order_value * 2")
    assert rows(cockpit, "kept_each", "order_value") == [{"kept_each": 200.5 / 4, "order_value": 125.25}]
    by = rows(cockpit, "kept_each", "--by", "province", "--order", "-kept_each", "--limit", "1")
    assert by == [{"province": "上海", "kept_each": 90.25}]
    listed = {row["id"]: row for row in json.loads(cockpit("metrics", "--json").out)["metrics"]}
    assert listed["kept_each"]["formula"] == "(gmv - refund_amount) / orders"
    assert listed["order_value"]["formula"] == "order_value * 2"
    assert "kept_each" not in metrics.catalogue()  # the home is closed again


def test_a_definition_that_holds_no_more_does_not_stop_a_command(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    with Ledger.open(load_settings()) as ledger:
        metric = definitions.changed(declared()["gmv"], id="stale", formula="gone_metric + gmv")
        definitions.save(ledger, metric, "boss", "2026-11-22T10:00:00", "", {})
    assert rows(cockpit, "gmv") == [{"gmv": 250.5}]
    said = cockpit("query", "stale")
    assert said.code == 1 and "stale" in said.err


def test_a_server_has_it_from_its_start_and_leaves_nothing_behind(settings: Settings) -> None:
    with Ledger.open(settings) as ledger:
        metric = definitions.changed(declared()["gmv"], id="kept", formula="gmv - refund_amount")
        definitions.save(ledger, definitions.check(metric, ()), "boss", "2026-11-22T10:00:00", "", {})
    running = start(settings)
    try:
        assert metrics.catalogue()["kept"].origin == "custom"
    finally:
        running.stop()
    assert "kept" not in metrics.catalogue()
