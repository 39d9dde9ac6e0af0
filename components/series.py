"""A result by grain as an unbroken row of times: the engine leaves out times without rows, a curve must not.

Inside the known time an absent time means nothing happened: zero for sums and counts, no value for rates.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from metrics.types import Result

ADDITIVE = frozenset({"yuan", "count"})
_STEP = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


def moment(value: Any) -> datetime:
    """A grain's value (text or time) as a time."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _next(at: datetime, grain: str) -> datetime:
    if grain in _STEP:
        return at + _STEP[grain]
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    month = at.month - 1 + months
    return at.replace(year=at.year + month // 12, month=month % 12 + 1)


def _first(start: datetime, grain: str) -> datetime:
    """The first time of a grain that touches `start`."""
    minute = start.replace(second=0, microsecond=0)
    day = minute.replace(hour=0, minute=0)
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}
    if grain in month:
        return day.replace(month=month[grain], day=1)
    fine = {"minute": minute, "hour": minute.replace(minute=0), "week": day - timedelta(days=day.weekday())}
    return fine.get(grain, day)


def until(result: Result) -> datetime:
    """The end of what is known: the newest event if it lies inside the period, else the period's end."""
    known = result.as_of or result.period.end
    return min(result.period.end, max(known, result.period.start))


def series(result: Result, key: str, metric: str) -> tuple[list[datetime], list[float | None]]:
    """Times of the period up to the end of what is known, and the values of `key` (`metric` or `metric__base`) at
    them."""
    grain = result.grain or "day"
    found = {moment(row[grain]): row.get(key) for row in result.rows}
    if not found:
        return [], []
    zero = 0.0 if result.units.get(metric) in ADDITIVE else None
    times: list[datetime] = []
    at, end = _first(result.period.start, grain), max(until(result), max(found))
    while at < end or at in found:
        times.append(at)
        at = _next(at, grain)
    return times, [found.get(at, zero) for at in times]


def whole(
    result: Result, times: list[datetime], values: list[float | None]
) -> tuple[list[datetime], list[float | None]]:
    """Without the hour or minute that is still running: its small part would be drawn as a fall."""
    grain = result.grain or "day"
    running = grain in ("minute", "hour") and len(times) > 1 and until(result) < _next(times[-1], grain)
    return (times[:-1], values[:-1]) if running else (times, values)
