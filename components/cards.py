"""Rows of KPI cards chosen from candidates: those that the loaded sources can tell come first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from components.kpi_card import kpi_row
from components.page import Answers
from components.view import View
from metrics.types import Period, Result

COUNT = 6
TARGETED = {"platform", "shop", "category"}   # what targets can be set for
DAILY_CURVE = 14   # days of the sparkline of a metric that has no hours


def _row(result: Result) -> dict[str, Any]:
    return result.rows[0] if result.rows else {}


def choose(found: Result, candidates: tuple[str, ...], count: int = COUNT) -> tuple[str, ...]:
    """The first `count` candidates with a value, in their order; filled up with unknown ones when there are fewer."""
    row = _row(found)
    known = [metric for metric in candidates if row.get(metric) is not None]
    unknown = [metric for metric in candidates if metric not in known]
    picked = set((known + unknown)[:count])
    return tuple(metric for metric in candidates if metric in picked)


def ask(view: View, candidates: tuple[str, ...], count: int = COUNT) -> Answers:
    """The values with two comparisons, their curve, and targets."""
    now = view.ask(*candidates, compare=view.compare)
    picked = choose(now, candidates, count)
    second = "last_year" if view.compare != "last_year" else "previous"
    fine = tuple(metric for metric in picked if view.fits(metric, grain=view.grain))
    rest = tuple(metric for metric in picked if metric not in fine)
    found = {"now": now, "second": view.ask(*picked, compare=second)}
    if set(view.filters) <= TARGETED:
        found["target"] = view.ask(*picked, compare="target")
    if fine:
        found["curve"] = view.ask(*fine, grain=view.grain, compare=view.compare)
    if rest:
        found["days"] = view.ask(*rest, grain="day", compare="previous", period=recent(view))
    return found


def recent(view: View) -> Period:
    """The last two weeks up to the end of the asked period."""
    end = view.period.end
    return Period(end - timedelta(days=DAILY_CURVE), end)


def draw(view: View, found: Answers, candidates: tuple[str, ...], count: int = COUNT) -> Any:
    """The chosen cards."""
    return kpi_row(view, found, choose(found["now"], candidates, count))


def cover_tone(row: dict[str, Any]) -> str:
    """How loud a stock cover is: under one day critical, under three a warning."""
    days = row.get("days_of_cover")
    if days is None:
        return ""
    return "tone-critical" if days < 1 else "tone-warning" if days < 3 else ""
