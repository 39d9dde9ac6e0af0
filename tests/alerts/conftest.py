"""A ledger in a temporary home, and a metrics engine that says what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import config
from alerts.types import Rule
from config import Settings
from metrics.types import Period, Query, Result
from warehouse.ledger import Ledger

NOW = datetime(2026, 11, 22, 16, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    config.freeze(NOW)
    with Ledger.open(settings) as opened:
        yield opened
    config.freeze(None)


class Engine:
    """Answers queries with the rows it was given, and counts how often it was asked."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = [{}]
        self.notes: dict[str, str] = {}
        self.late: tuple[str, ...] = ()
        self.complete_through: datetime | None = NOW - timedelta(minutes=3)
        self.as_of: datetime | None = None
        self.answer: Callable[[Query], dict[str, Any]] | None = None
        self.version = 1
        self.fails: Callable[[Query], bool] = lambda query: False
        self.asked: list[Query] = []

    def says(self, **row: Any) -> None:
        self.rows = [row]

    def __call__(self, query: Query) -> Result:
        self.asked.append(query)
        if self.fails(query):
            raise RuntimeError("the engine broke")
        assert isinstance(query.period, Period)
        return Result(
            metrics=query.metrics,
            dimensions=query.dimensions,
            grain=None,
            period=query.period,
            compare=query.compare,
            rows=[self.answer(query)] if self.answer else self.rows,
            as_of=self.as_of or self.complete_through,
            complete_through=self.complete_through,
            units={name: "yuan" if name in ("gmv", "refund_amount") else "rate" for name in query.metrics},
            sql="",
            seconds=0.0,
            notes=self.notes,
            late_sources=self.late,
            data_version=self.version,
        )


@pytest.fixture
def engine() -> Engine:
    return Engine()


def rule(**changes: Any) -> Rule:
    return Rule(**({"metric": "refund_rate", "threshold": 0.25} | changes))
