"""The words of the metrics engine: what is asked, by whom, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

Grain = Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
Layer = Literal["strategic", "management", "execution", "system"]
Direction = Literal["up", "down", "none"]  # good when it rises, good when it falls, neither
Unit = Literal["yuan", "count", "rate", "seconds", "hours", "days", "minutes", "ms", "ratio", "bytes", "score"]


@dataclass(frozen=True)
class Scope:
    """What the asker may see. An argument of every query, with no default, so that it cannot be forgotten.

    `rows` keeps, per dimension, the values allowed (a dimension that is absent is not restricted);
    a metric in `hidden`, or built on one, is answered with the error `not_allowed`.
    """

    user: str
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @classmethod
    def everything(cls, user: str = "system") -> Scope:
        """The boss's and the machine's own view."""
        return cls(user)


@dataclass(frozen=True)
class Period:
    """Half-open [start, end) in business wall clock."""

    start: datetime
    end: datetime

    @classmethod
    def days(cls, first: date, last: date) -> Period:
        """Whole days, both inclusive."""
        from datetime import time, timedelta

        return cls(datetime.combine(first, time.min), datetime.combine(last + timedelta(days=1), time.min))


@dataclass(frozen=True)
class Query:
    """One question. `period` None means all data; a word is one of the CONTRACT's period words."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    grain: Grain | None = None
    period: Period | str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    compare: str | None = None
    order: str | None = None  # '+metric' or '-metric'
    limit: int | None = None
    as_known: datetime | None = None
    expected: bool = False  # say what young numbers will come to (`metrics/arrival.py`)


@dataclass(frozen=True)
class Expected:
    """What a young number will come to, and how good such sayings were."""

    known: float
    value: float
    low: float  # between low and high lie four in five of the past cases
    high: float
    error: float | None  # back test: median of |told / final − 1|; None without enough past cases
    tested: int  # cases of the back test
    cases: int  # past periods learnt from

    def at_least(self, told: float | None) -> Expected:
        """The same, where more is told already than what it was reckoned from."""
        if told is None or told <= self.known:
            return self
        return replace(
            self, known=told, value=max(self.value, told), low=max(self.low, told), high=max(self.high, told)
        )

    def per(self, size: float) -> Expected:
        """The same as a rate."""
        return replace(
            self, known=self.known / size, value=self.value / size, low=self.low / size, high=self.high / size
        )


@dataclass(frozen=True)
class Result:
    """An answer, with what is needed to trust it."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    grain: str | None
    period: Period
    compare: str | None
    rows: list[dict[str, Any]]  # dimension values as codes; money in yuan (exact cents), rates as fractions
    as_of: datetime | None  # newest event seen by the sources that were used
    complete_through: datetime | None  # every source in time has told everything up to here; comparisons are cut here
    units: dict[str, str]
    sql: str
    seconds: float
    notes: dict[str, str]  # metric → code of the reason why it is null or partial
    late_sources: tuple[str, ...] = ()
    base_period: Period | None = None
    data_version: int = 0
    as_known: datetime | None = None  # the moment asked about, where it is not the present
    left_out: tuple[date, ...] = ()  # days some shop's people are not in the sum of (note `partial_people`)
    expected: Mapping[str, Expected] = field(default_factory=dict)  # where asked for, of a question in one row
    expected_rows: list[dict[str, Expected]] = field(default_factory=list)  # beside `rows`: of each source by itself
