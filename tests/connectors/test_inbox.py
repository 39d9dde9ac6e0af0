"""The inbox folder: whole files only, nothing written over, failures with their reason."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

import config
from config import Settings
from connectors import inbox
from connectors.inbox import InboxOutcome, owner_of, scan
from errors import RetryableError
from tests.connectors.conftest import text_of
from tests.connectors.samples import SAMPLES
from warehouse.batch import Batch, LoadReport

ORDERS = text_of(SAMPLES["tmall_orders"])
OLD = 1_700_000_000


class Door:
    """A warehouse that only remembers."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.fail: Exception | None = None

    def __call__(self, batch: Batch) -> LoadReport:
        if self.fail:
            raise self.fail
        self.batches.append(batch)
        return LoadReport(batch.file_name, batch.spec.kind, "", 4, 4, 0, 0, 1, 0.0)


@pytest.fixture
def door() -> Door:
    inbox._seen.clear()
    return Door()


def put(settings: Settings, name: str, text: str = ORDERS, age: float = 100) -> Path:
    path = settings.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="")
    os.utime(path, (time.time() - age,) * 2)
    return path


def later(settings: Settings, door: Door, seconds: float = 60) -> list[InboxOutcome]:
    return scan(settings, door, clock=lambda: time.time() + seconds)


def test_a_whole_file_is_loaded_and_moved(settings: Settings, door: Door) -> None:
    config.freeze(config.datetime(2026, 11, 12, 10))
    path = put(settings, "orders.csv")
    (outcome,) = later(settings, door)
    assert outcome.error is None
    assert outcome.moved_to == settings.inbox / "done" / "2026-11-12" / "orders.csv"
    assert not path.exists()
    assert outcome.moved_to.read_text("utf-8").replace("\n", "") == ORDERS.replace("\r\n", "")
    assert later(settings, door) == []


def test_a_growing_file_waits(settings: Settings, door: Door) -> None:
    now = time.time()
    path = put(settings, "orders.csv", ORDERS[:200], age=0)
    assert scan(settings, door, clock=lambda: now + 0.5) == []
    path.write_text(ORDERS, "utf-8", newline="")
    os.utime(path, (OLD, OLD))  # copied with its old time: only its own stillness counts
    assert scan(settings, door, clock=lambda: now + 1.5) == []
    assert len(scan(settings, door, clock=lambda: now + 60)) == 1
    assert door.batches[0].rows.columns[0] == "order_id"


@pytest.mark.parametrize("name", ["a.csv.crdownload", "a.csv.part", "~$a.xlsx", ".hidden.csv", "a.tmp", "desktop.ini"])
def test_unfinished_downloads_are_left_alone(settings: Settings, door: Door, name: str) -> None:
    path = put(settings, name)
    assert later(settings, door) == []
    assert path.exists()


def test_a_failed_file_is_set_aside_with_its_reason_in_both_languages(settings: Settings, door: Door) -> None:
    put(settings, "x.csv", "甲,乙\n1,2\n")
    (outcome,) = later(settings, door)
    assert outcome.error is not None
    assert outcome.error.code == "unknown_kind"
    assert outcome.moved_to == settings.inbox / "failed" / "x.csv"
    reason = (settings.inbox / "failed" / "x.csv.txt").read_text("utf-8")
    assert "不认识这个文件" in reason
    assert "Nobody knows this file" in reason
    assert "甲, 乙" in reason
    assert later(settings, door) == []


def test_nothing_is_written_over(settings: Settings, door: Door) -> None:
    config.freeze(config.datetime(2026, 11, 12, 10))  # a midnight in between would give another folder
    for _ in range(3):
        put(settings, "orders.csv")
        later(settings, door)
    names = sorted(path.name for path in (settings.inbox / "done").rglob("*.csv"))
    assert names == ["orders-2.csv", "orders-3.csv", "orders.csv"]


def test_a_busy_warehouse_leaves_the_file(settings: Settings, door: Door) -> None:
    path = put(settings, "orders.csv")
    door.fail = RetryableError("source_busy", source="x", method="y", detail="z")
    assert later(settings, door) == []
    assert path.exists()
    door.fail = None
    assert len(later(settings, door)) == 1


def test_an_unforeseen_failure_does_not_stop_the_others(settings: Settings, door: Door) -> None:
    put(settings, "a.csv", age=200)
    put(settings, "b.csv", "甲\n1\n", age=100)
    door.fail = ZeroDivisionError("boom")
    outcomes = later(settings, door)
    assert [outcome.error.code if outcome.error else None for outcome in outcomes] == [
        "inbox_unexpected",
        "unknown_kind",
    ]
    assert "boom" in (settings.inbox / "failed" / "a.csv.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("folder", "platform", "shop"),
    [
        ("抖音@旗舰店", "douyin", "旗舰店"),
        ("天猫", "tmall", None),
        ("@专卖店", None, "专卖店"),
        ("专卖店", None, "专卖店"),
        ("JD@甲", "jd", "甲"),
    ],
)
def test_folders_name_platform_and_shop(
    settings: Settings, door: Door, folder: str, platform: str | None, shop: str | None
) -> None:
    path = put(settings, f"{folder}/orders.csv")
    assert owner_of(path, settings.inbox) == (platform, shop)
    (outcome,) = later(settings, door)
    assert (door.batches[0].platform, door.batches[0].shop) == (platform or "tmall", shop or settings.default_shop)
    assert outcome.moved_to is not None
    assert outcome.moved_to.parent.name == folder


def test_an_empty_home_has_an_inbox_afterwards(settings: Settings, door: Door) -> None:
    fresh = replace(settings, home=settings.home / "fresh")
    assert scan(fresh, door) == []
    assert fresh.inbox.is_dir()
