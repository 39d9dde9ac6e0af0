"""The wall's live tile: as old as its data, however long the session has been running."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from components.wall_blocks import live
from components.wall_day import Day
from tests.components.made import DAY, NOW, result, view
from warehouse.labels import Session

START = datetime(2026, 11, 11, 13)


def _day(told: datetime | None) -> Day:
    """A room on air since 13:00, seen at 16:47, of which its source has told up to `told`."""
    row: dict[str, Any] = {"live_session": "s1", "live_gmv": 100.0, "acu": 9.0, "live_gpm": 3.0}
    answer = replace(result([row], "live_gmv", "acu", "live_gpm"), as_of=START, complete_through=told)
    seen = view(query=lambda warehouse, query, scope: answer)
    kept: Future[Any] = Future()
    kept.set_result({"s1": Session("晚场", "主播甲", START, None)})
    seen.context.memo[(1, ("sessions", DAY))] = kept
    names: Future[Any] = Future()
    names.set_result({"s1": "晚场"})
    seen.context.memo[(1, ("names", "live_session"))] = names
    return Day(seen, NOW.date(), NOW)


def test_a_room_on_air_is_as_old_as_what_its_source_has_told() -> None:
    told = NOW - timedelta(minutes=4)
    tile = live(_day(told))
    assert tile["as_of"] == told and "limit" not in tile


def test_a_source_that_stopped_before_the_start_counts_from_the_start() -> None:
    assert live(_day(START - timedelta(hours=2)))["as_of"] == START
    assert live(_day(None))["as_of"] == START
