"""Pages are computed ahead, the first one first, through the door pages use; their thread ends with the server."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

import config
import metrics
from commands.serve import start
from commands.web.warm import PATHS, Warmer
from components.context import Context
from components.page import find_pages
from components.view import View
from config import Settings
from pages.strategic import BLOCKS
from tests.metrics.facts import Facts
from warehouse import Warehouse

SECONDS = 120  # to wait for at most


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "warm-pages"]


def _sold(warehouse: Warehouse, amount: float) -> Facts:
    facts = Facts(warehouse)
    facts.line("2024-03-05 10:00", amount, buyer=1)
    return facts.ready()


def _ask_all(context: Context) -> dict[str, Any]:
    view = View(context, version=context.warehouse.data_version)
    return {part.name: part.ask(view) for part in BLOCKS}


def test_a_reader_finds_the_first_page_computed(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.freeze(datetime(2024, 3, 5, 12))
    context = Context(settings, warehouse)
    _sold(warehouse, 70.0)
    warmer = Warmer(context, 0.01).start()
    try:
        _until(lambda: warmer.rounds >= 1)
        rounds = warmer.rounds
        _sold(warehouse, 30.0)
        _until(lambda: warmer.rounds > rounds)
    finally:
        warmer.stop()
    assert not _threads()

    def again(*_: Any) -> None:
        raise AssertionError("asked of the warehouse again")

    monkeypatch.setattr(importlib.import_module("metrics.query"), "_answer", again)
    found = _ask_all(context)
    assert found["cards"]["now"].rows[0]["gmv"] == 100.0


def test_a_server_warms_when_asked_and_leaves_no_thread(settings: Settings) -> None:
    running = start(settings, warm_seconds=0.01)
    try:
        assert _threads()
        _sold(running.web.context.warehouse, 70.0)
    finally:
        running.stop()
    assert not _threads()


def test_every_page_named_is_there_and_asked_the_first_one_first(warehouse: Warehouse, settings: Settings) -> None:
    pages = find_pages()[0]
    asked: list[Any] = []

    def ask(own: Any, query: Any, scope: Any) -> Any:
        asked.append(query)
        return metrics.query(own, query, scope)

    assert all(any(page.match(path) is not None for page in pages) for path in PATHS)
    _sold(warehouse, 70.0)
    warmer = Warmer(Context(settings, warehouse, query=ask), 0.01).start()
    try:
        _until(lambda: warmer.rounds >= 1)
    finally:
        warmer.stop()
    named = [name for query in asked for name in query.metrics]
    assert named.index("gmv") < named.index("late_orders") and "contribution_profit" in named


def test_a_failing_block_keeps_nothing_else_from_being_warmed(warehouse: Warehouse, settings: Settings) -> None:
    asked: list[Any] = []

    def fail(_: Any, query: Any, __: Any) -> Any:
        asked.append(query)
        raise ValueError("out of order")

    _sold(warehouse, 70.0)
    warmer = Warmer(Context(settings, warehouse, query=fail), 0.01).start()
    try:
        _until(lambda: warmer.rounds >= 1)
    finally:
        warmer.stop()
    assert len(asked) >= len(BLOCKS)
    assert not _threads()


def test_no_question_is_asked_once_the_server_ends(warehouse: Warehouse, settings: Settings) -> None:
    running, go_on = threading.Event(), threading.Event()
    asked: list[Any] = []

    def slow(_: Any, query: Any, __: Any) -> Any:
        asked.append(query)
        running.set()
        assert go_on.wait(SECONDS)
        raise ValueError("nothing to say")

    _sold(warehouse, 70.0)
    warmer = Warmer(Context(settings, warehouse, query=slow), 0.01).start()
    assert running.wait(SECONDS)
    ending = threading.Thread(target=warmer.stop)
    ending.start()
    _until(lambda: warmer._stopped.is_set())
    go_on.set()
    ending.join(SECONDS)
    assert len(asked) == 1 and not _threads()
