"""The process itself as metrics: percentiles over counted readings, last readings, and why nothing is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings
from metrics import catalogue
from tests.metrics.facts import Facts, at, days
from warehouse import Warehouse

DAY = days("2024-03-05", "2024-03-05")
UNCONNECTED = ("queue_lag", "webhook_reject_rate", "alert_delivery_seconds_p95")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Facts]:
    with Warehouse.open(Settings(home=tmp_path, threads=1)) as warehouse:
        yield Facts(warehouse)


def reading(shop: Facts, when: str, name: str, value: float, times: int = 1) -> None:
    shop.row("process_sample", read_at=at(when), name=name, value=value, times=times)


def test_a_percentile_counts_every_reading_of_a_row(shop):
    reading(shop, "2024-03-05 10:00", "query_ms", 10.0, 94)
    reading(shop, "2024-03-05 10:01", "query_ms", 500.0, 6)
    reading(shop, "2024-03-05 11:00", "query_ms", 20.0, 3)
    reading(shop, "2024-03-05 11:00", "page_ms", 9000.0, 3)
    shop.ready()
    assert shop.ask("query_ms_p95", period=DAY).rows == [{"query_ms_p95": 500.0}]
    hours = shop.ask("query_ms_p95", dimensions=("hour",), period=DAY).rows
    assert {row["hour"]: row["query_ms_p95"] for row in hours} == {10: 500.0, 11: 20.0}


def test_a_gauge_is_its_last_reading(shop):
    for when, value in (("2024-03-05 10:00", 7.0), ("2024-03-05 12:00", 3.0), ("2024-03-05 11:00", 9.0)):
        reading(shop, when, "viewers_online", value)
    shop.ready()
    assert shop.ask("viewers_online", period=DAY).rows == [{"viewers_online": 3.0}]


def test_what_nothing_is_read_from_says_so(shop):
    shop.ready()
    found = shop.ask(*UNCONNECTED, "query_ms_p95", "db_bytes", period=DAY)
    assert {found.notes[name] for name in UNCONNECTED} == {"not_connected"}
    assert {found.notes[name] for name in ("query_ms_p95", "db_bytes")} == {"no_readings"}
    assert all(found.rows[0][name] is None for name in UNCONNECTED)


def test_questions_are_measured_by_themselves(shop):
    shop.ready()
    shop.warehouse.meter.take()
    shop.ask("gmv", period=DAY)
    shop.ask("gmv", period=DAY)  # from memory: nothing was computed
    assert shop.warehouse.meter.take()["query_ms"].total() == 1


def test_they_belong_to_technology():
    names = {name for name, item in catalogue().items() if item.fact == "process_sample"}
    assert names >= {
        *UNCONNECTED,
        "query_ms_p95",
        "page_ms_p95",
        "event_to_screen_ms_p95",
        "viewers_online",
        "db_bytes",
    }
    assert {(catalogue()[name].layer, catalogue()[name].owner) for name in names} == {("system", "technology")}
