"""Readings of the process: counted by rounded value, written by the minute, bounded, forgotten after thirty days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config import Settings, now
from warehouse import Warehouse, meter, readings
from warehouse.meter import Meter


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(Settings(home=tmp_path, threads=1)) as opened:
        yield opened


def kept(warehouse: Warehouse) -> dict[tuple[str, float], int]:
    rows = warehouse.read("SELECT name, value, times FROM process_sample").to_pylist()
    return {(row["name"], row["value"]): row["times"] for row in rows}


def test_alike_readings_share_a_row_and_are_written_once(warehouse):
    for ms in (101.0, 99.6, 104.0, 3.14159):
        warehouse.meter.took("query_ms", ms)
    readings.keep(warehouse)
    found = kept(warehouse)
    assert found["query_ms", 100.0] == 3 and found["query_ms", 3.1] == 1
    assert warehouse.meter.p95()["query_ms"] == 100.0
    readings.keep(warehouse)
    assert kept(warehouse)["query_ms", 100.0] == 3


def test_a_busy_minute_takes_few_rows(warehouse):
    for number in range(1, 20_001):
        warehouse.meter.took("page_ms", number / 7)
    assert readings.keep(warehouse) < 500
    assert sum(times for (name, _), times in kept(warehouse).items() if name == "page_ms") == 20_000


def test_gauges_are_those_of_the_file_and_the_disk(warehouse):
    found = readings.gauges(warehouse)
    assert found["db_bytes"] >= warehouse.settings.warehouse_file.stat().st_size > 0
    assert found["disk_free_bytes"] > 0 and found["viewers_online"] == 0


def test_the_wait_for_news_is_that_of_the_first_screen(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("warehouse.meter.time.monotonic", lambda: clock[0])
    watched = Meter()
    watched.ticked("a", 1)
    clock[0] = 110.0
    watched.changed(2)
    clock[0] = 112.0
    watched.changed(3)
    watched.ticked("a", 2)  # an answer on its way since before: the newest load has not been told
    assert "event_to_screen_ms" not in watched.take()
    clock[0] = 114.0
    watched.ticked("a", 3)
    watched.ticked("b", 3)
    assert watched.take()["event_to_screen_ms"] == {4000.0: 1}


def test_nobody_waits_for_what_came_while_nobody_looked(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("warehouse.meter.time.monotonic", lambda: clock[0])
    watched = Meter()
    watched.changed(2)
    clock[0] = 40_000.0
    watched.ticked("a", 2)
    assert not watched.take() and watched.online() == 1
    watched.changed(3)
    clock[0] = 50_000.0  # and who left before hearing did not wait all night
    watched.take()
    watched.ticked("b", 3)
    assert not watched.take()


def test_viewers_are_told_apart_and_forgotten_after_a_minute(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("warehouse.meter.time.monotonic", lambda: clock[0])
    watched = Meter()
    for viewer in ("a", "b", "a"):
        watched.ticked(viewer, 1)
    assert watched.online() == 2
    clock[0] = 130.0
    watched.ticked("a", 1)
    clock[0] = 170.0
    assert watched.online() == 1
    for number in range(meter.MOST_VIEWERS + 50):
        watched.ticked(f"robot {number}", 1)
    assert watched.online() <= meter.MOST_VIEWERS


def test_a_load_reaches_the_meter(warehouse):
    warehouse.meter.ticked("a", warehouse.data_version)
    warehouse.write(lambda connection: warehouse.engine.raise_version(connection))
    warehouse.meter.ticked("a", warehouse.data_version)
    assert warehouse.meter.take()["event_to_screen_ms"].total() == 1


def test_old_readings_are_dropped(warehouse):
    clock = now(warehouse.settings)
    readings.keep(warehouse)
    readings.prune(warehouse, clock + timedelta(days=29))
    assert kept(warehouse)
    readings.prune(warehouse, clock + timedelta(days=31))
    assert not kept(warehouse)
