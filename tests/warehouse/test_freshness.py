"""The one rule of lateness: by rhythm, by the clock, and by who has told most."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.metrics.facts import Facts
from warehouse import Warehouse, freshness

START = datetime(2024, 3, 1)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("lag", "expected", "state"),
    [
        (HOUR * 36, DAY, "fresh"),
        (HOUR * 37, DAY, "late"),
        (DAY * 5, DAY, "silent"),
        (DAY * 31, DAY, "ended"),
        (DAY * 31, DAY * 30, "fresh"),
        (DAY * 100, DAY * 30, "late"),
        (timedelta(minutes=22), timedelta(minutes=5), "fresh"),
        (timedelta(minutes=23), timedelta(minutes=5), "late"),
        (timedelta(minutes=36), timedelta(minutes=5), "silent"),
        (None, DAY, "silent"),
    ],
)
def test_a_state_is_a_lag_held_against_a_rhythm(lag: timedelta | None, expected: timedelta, state: str) -> None:
    assert freshness.state_of(lag, expected) == state


@pytest.mark.parametrize(("behind", "tells"), [(45, True), (46, False), (60 * 24, False), (-5, True)])
def test_a_daily_file_in_time_does_not_tell_of_the_present(behind: int, tells: bool) -> None:
    assert freshness.tells_of(START - timedelta(minutes=behind), START) is tells


def _batches(warehouse: Warehouse, *loaded: datetime) -> freshness.Source:
    facts = Facts(warehouse)
    for number, moment in enumerate(loaded, start=1):
        facts.row(
            "load_batch", batch_id=number, source="file", kind="k", sha256="x", options="{}", rows_read=1, accepted=1,
            unchanged=0, quarantined=0, loaded_at=moment, seconds=1.0, data_version=1,
        )  # fmt: skip
    facts.row("source_state", source="file", kind="k", complete_through=loaded[-1])
    (source,) = freshness.sources(facts.ready().warehouse, loaded[-1])
    return source


def test_files_of_one_sitting_are_no_rhythm(warehouse: Warehouse) -> None:
    months = [START + timedelta(seconds=4 * number) for number in range(12)]
    assert _batches(warehouse, *months).expected == DAY


def test_weekly_files_are_expected_weekly(warehouse: Warehouse) -> None:
    found = _batches(warehouse, *(START + timedelta(days=7 * number) for number in range(5)))
    assert (found.expected, found.batches, found.state) == (timedelta(days=7), 5, "fresh")
