"""Targets by day, and the usual curves they are paced by.

A month's target is spread over its days by what each weekday usually brings and what each day of a campaign brought in
its last edition (`season.py`), a day's target through the day by what is usually sold by each hour. The curves are read
from the sales before the time they are used for, so that history does not move. A target of a ratio is not spread: it
holds every day.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlglot import exp

from metrics.catalogue import catalogue, expression
from metrics.season import Season
from metrics.types import Period

if TYPE_CHECKING:
    from warehouse import Warehouse

T = TypeVar("T")
_PLACES = ("platform", "shop", "category")
_FINEST_FIRST = ("day", "month", "quarter", "year")
_DAY_HISTORY = 28  # days
_ENOUGH_LINES = 100  # of a campaign's day, to go by its own hours
MAIN = "gmv"  # the metric that `target`, `attainment` and `pace_gap` speak of


@dataclass(frozen=True)
class Goal:
    """One target: of which metric, for which days, for which part of the business."""

    metric: str
    kind: str
    first: date
    end: date
    places: tuple[str | None, str | None, str | None]
    amount: float

    @property
    def level(self) -> frozenset[str]:
        """Dimensions this target is set for."""
        return frozenset(name for name, value in zip(_PLACES, self.places, strict=True) if value)


def target_params(
    warehouse: Warehouse,
    prefix: str,
    metric: str,
    dims: Iterable[str],
    filters: Mapping[str, tuple[Any, ...]],
    period: Period,
    moment: datetime | None,
) -> dict[str, list[Any]]:
    """Columns of day targets under their parameter names: the day's amount, and its part usually done by `moment`.

    Without a moment (nothing of the period is told in full) nobody can say what is due: the part is null.
    """
    rows = _day_rows(warehouse, metric, frozenset(dims) | set(filters), filters, period, moment)
    names = ("day", *_PLACES, "amount", "paced")
    return {f"{prefix}_t_{metric}_{name}": [row[number] for row in rows] for number, name in enumerate(names)}


def targeted(warehouse: Warehouse) -> frozenset[str]:
    """Metrics that any target is set for."""
    return frozenset(goal.metric for goal in _goals(warehouse))


def spread(metric: str) -> bool:
    """Whether targets of `metric` add up over days."""
    return catalogue()[metric].unit in ("yuan", "count") and not expression(metric).find(exp.Div)


def _day_rows(
    warehouse: Warehouse,
    metric: str,
    needed: frozenset[str],
    filters: Mapping[str, tuple[Any, ...]],
    period: Period,
    moment: datetime | None,
) -> list[tuple[Any, ...]]:
    goals = [goal for goal in _goals(warehouse) if goal.metric == metric and needed & set(_PLACES) <= goal.level]
    goals = [goal for goal in goals if _allowed(goal, filters)]
    rows: list[tuple[Any, ...]] = []
    day, last = period.start.date(), (period.end - timedelta(microseconds=1)).date()
    while day <= last and goals:
        for goal in _for_day(goals, day):
            amount = goal.amount * (_day_share(warehouse, goal, day) if spread(metric) else 1.0)
            paced = None if moment is None else amount * _part_due(warehouse, metric, day, moment)
            rows.append((datetime.combine(day, time.min), *goal.places, amount, paced))
        day += timedelta(days=1)
    return rows


def _part_due(warehouse: Warehouse, metric: str, day: date, moment: datetime) -> float:
    return _share_done(warehouse, day, moment) if spread(metric) else float(day <= moment.date())


def _allowed(goal: Goal, filters: Mapping[str, tuple[Any, ...]]) -> bool:
    return all(
        value is None or name not in filters or value in filters[name]
        for name, value in zip(_PLACES, goal.places, strict=True)
    )


def _for_day(goals: list[Goal], day: date) -> list[Goal]:
    """The targets that speak for a day: of the coarsest parts of the business, and of these the finest in time."""
    covering = [goal for goal in goals if goal.first <= day < goal.end]
    if not covering:
        return []
    level = min((goal.level for goal in covering), key=lambda names: (len(names), sorted(names)))
    covering = [goal for goal in covering if goal.level == level]
    best: dict[Hashable, Goal] = {}
    for goal in sorted(covering, key=lambda item: _FINEST_FIRST.index(item.kind)):
        best.setdefault(goal.places, goal)
    return list(best.values())


def hours_done(warehouse: Warehouse, day: date) -> list[float]:
    """The share of a usual day's sales done by each full hour: 25 numbers from 0 to 1, from the four weeks before."""
    done = [0.0]
    for share in _hours(warehouse, day):
        done.append(done[-1] + share)
    return done


# Curves ---------------------------------------------------------------------------------------------------------------


def _day_share(warehouse: Warehouse, goal: Goal, day: date) -> float:
    """The share of the goal's period that usually falls on `day`."""
    if goal.kind == "day":
        return 1.0
    weights = _weights(warehouse, goal.first, goal.end)
    total = sum(weights.values())
    return weights[day] / total if total > 0 else 1 / len(weights)


def _share_done(warehouse: Warehouse, day: date, moment: datetime) -> float:
    """The share of a day's sales that is usually done by `moment`."""
    start = datetime.combine(day, time.min)
    if moment >= start + timedelta(days=1):
        return 1.0
    if moment <= start:
        return 0.0
    hours = _hours(warehouse, day)
    hour, rest = divmod((moment - start).total_seconds() / 3600, 1)
    return sum(hours[: int(hour)]) + hours[int(hour)] * rest


def _weights(warehouse: Warehouse, first: date, end: date) -> dict[date, float]:
    """What each day of [first, end) usually brings, in proportion, from the sales before `first`."""

    def read() -> dict[date, float]:
        season = _season(warehouse, first)
        days = (first + timedelta(days=number) for number in range((end - first).days))
        return {day: season.weight(day) for day in days}

    return _kept(warehouse, ("weights", first, end), read)


def _season(warehouse: Warehouse, before: date) -> Season:
    return _kept(warehouse, ("season", before), lambda: Season.read(warehouse, before))


def _hours(warehouse: Warehouse, day: date) -> list[float]:
    """Usual share of each hour in a day's sales: of a campaign's day from the same day of its last edition, of any
    other from the days of the four weeks before on which no campaign ran; even without history."""

    def read() -> list[float]:
        season = _season(warehouse, day)
        then = season.stand_in(day)
        if then is not None:
            moved = then[1].first + (day - then[0].first)
            found, lines = _by_hour(warehouse, [moved])
            if then[1].holds(moved) and lines >= _ENOUGH_LINES:
                return _shares(found)
        days = [day - timedelta(days=number) for number in range(1, _DAY_HISTORY + 1)]
        plain = [one for one in days if not any(edition.holds(one) for edition in season.editions)]
        found, _ = _by_hour(warehouse, plain if sum(one in season.sales for one in plain) >= 7 else days)
        return _shares(found)

    return _kept(warehouse, ("hours", day), read)


def _by_hour(warehouse: Warehouse, days: list[date]) -> tuple[dict[int, float], int]:
    """Sales by hour over some days, and their lines."""
    with warehouse.reader() as cursor:
        rows = cursor.execute(
            """
            SELECT hour(paid_at), CAST(sum(paid_amount) AS DOUBLE), count(*) FROM order_line
            WHERE paid_at >= $1 AND paid_at < $2 AND list_contains($3, paid_at::DATE) AND NOT is_test GROUP BY 1""",
            [datetime.combine(min(days), time.min), datetime.combine(max(days) + timedelta(days=1), time.min), days],
        ).fetchall()
    return {row[0]: row[1] or 0.0 for row in rows}, sum(row[2] for row in rows)


def _shares(found: dict[int, float]) -> list[float]:
    total = sum(found.values())
    return [found.get(hour, 0.0) / total for hour in range(24)] if total > 0 else [1 / 24] * 24


def _goals(warehouse: Warehouse) -> list[Goal]:
    def read() -> list[Goal]:
        with warehouse.reader() as cursor:
            rows = cursor.execute("""
                SELECT metric, period, period_start, platform, shop, category, CAST(amount AS DOUBLE),
                       CASE period WHEN 'day' THEN period_start + INTERVAL 1 DAY
                                   WHEN 'month' THEN period_start + INTERVAL 1 MONTH
                                   WHEN 'quarter' THEN period_start + INTERVAL 3 MONTH
                                   ELSE period_start + INTERVAL 1 YEAR END
                FROM target WHERE period IN ('day', 'month', 'quarter', 'year')""").fetchall()
        return [
            Goal(row[0], row[1], row[2], row[7].date(), (row[3] or None, row[4] or None, row[5] or None), row[6])
            for row in rows
        ]

    return _kept(warehouse, ("goals",), read)


_known: weakref.WeakKeyDictionary[Warehouse, tuple[int, dict[Hashable, Any]]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def _kept(warehouse: Warehouse, name: Hashable, read: Callable[[], T]) -> T:
    """A small store for one data version of a warehouse: curves are asked again and again by one screen."""
    version = warehouse.data_version
    with _lock:
        held = _known.get(warehouse)
        if held is None or held[0] != version:
            held = _known[warehouse] = (version, {})
        if name in held[1]:
            return cast(T, held[1][name])
    value = read()
    held[1][name] = value
    return value
