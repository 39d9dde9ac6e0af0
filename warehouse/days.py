"""Touched days as conditions, so that the facts' zone maps can skip what lies between them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta


def in_days(column: str, days: Iterable[date]) -> str:
    """SQL for 'on one of these days'; dates cannot carry anything but digits, so they are written in place."""
    parts = [f"({column} >= TIMESTAMP '{first}' AND {column} < TIMESTAMP '{end}')" for first, end in _ranges(days)]
    return f"({' OR '.join(parts)})" if parts else "FALSE"


def around(days: Iterable[date]) -> set[date]:
    """The days, those before and those after them."""
    return {day + timedelta(days=step) for day in days for step in (-1, 0, 1)}


def _ranges(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as half-open runs."""
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and day <= runs[-1][1]:
            runs[-1] = (runs[-1][0], day + timedelta(days=1))
        else:
            runs.append((day, day + timedelta(days=1)))
    return runs
