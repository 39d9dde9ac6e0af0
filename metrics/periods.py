"""Periods: the words for them, what they are compared with, and where the data end."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from errors import UserError
from metrics.types import Period

WORDS = ("today", "yesterday", "last_7_days", "last_30_days", "this_week", "this_month", "this_quarter", "this_year")
COMPARISONS = (
    "previous",
    "yesterday",
    "last_week",
    "last_year",
    "last_campaign",
    "lunar_year",
    "target",
    "benchmark",
)
_OVER_BUT_SHORT = timedelta(hours=1)


def resolve_period(word: str, anchor: date) -> Period:
    """The period a word means when `anchor` is today. Weeks start on Monday; calendar periods run to their end.

    Raises:
        UserError: `unknown_period`.
    """
    month = anchor.replace(day=1)
    quarter = anchor.replace(month=(anchor.month - 1) // 3 * 3 + 1, day=1)
    monday = anchor - timedelta(days=anchor.weekday())
    spans = {
        "today": (anchor, anchor),
        "yesterday": (anchor - timedelta(days=1), anchor - timedelta(days=1)),
        "last_7_days": (anchor - timedelta(days=6), anchor),
        "last_30_days": (anchor - timedelta(days=29), anchor),
        "this_week": (monday, monday + timedelta(days=6)),
        "this_month": (month, _add_months(month, 1) - timedelta(days=1)),
        "this_quarter": (quarter, _add_months(quarter, 3) - timedelta(days=1)),
        "this_year": (anchor.replace(month=1, day=1), anchor.replace(month=12, day=31)),
    }
    if word not in spans:
        raise UserError("unknown_period", name=word, known=", ".join(WORDS))
    return Period.days(*spans[word])


@dataclass(frozen=True)
class Shift:
    """How far the base lies before the period: base time + months + days = asked time."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def back(self, moment: datetime) -> datetime:
        """The base moment that stands beside `moment`."""
        day = _add_months((moment - timedelta(days=self.days, seconds=self.seconds)).date(), -self.months)
        return datetime.combine(day, (moment - timedelta(seconds=self.seconds)).time())


def shift_for(compare: str, period: Period) -> Shift:
    """The shift that a comparison word means by arithmetic alone (the others: `editions.shift_of`).

    `previous` of whole calendar months is as many months before; of anything else the same length just before.

    Raises:
        UserError: `unknown_comparison`.
    """
    if compare == "yesterday":
        return Shift(days=1)
    if compare == "last_week":
        return Shift(days=7)
    if compare == "last_year":
        return Shift(months=12)
    if compare != "previous":
        raise UserError("unknown_comparison", name=compare, known=", ".join(COMPARISONS))
    if months := _whole_months(period):
        return Shift(months=months)
    length = period.end - period.start
    return Shift(days=length.days, seconds=length.seconds)


def base_period(period: Period, shift: Shift) -> Period:
    """The base of `period`; a whole month's base is the whole month before, whatever their lengths."""
    return Period(shift.back(period.start), shift.back(period.end))


def cut(period: Period, watermark: datetime | None, now: datetime) -> Period:
    """`period` up to where the data end.

    A period that is over by the clock and whose data stop within its last hour is taken as told in full: a file's
    last event is not the moment up to which the file was complete.
    """
    if watermark is None or watermark >= period.end or watermark < period.start:
        return period
    if now >= period.end and period.end - watermark <= _OVER_BUT_SHORT:
        return period
    return Period(period.start, watermark + timedelta(microseconds=1))


def told_part(period: Period, watermark: datetime | None, now: datetime) -> Period | None:
    """The part of `period` that the data tell in full; None when they tell nothing of it."""
    return None if watermark is None or watermark <= period.start else cut(period, watermark, now)


def is_whole_days(period: Period) -> bool:
    """Both ends at midnight."""
    return period.start.time() == time.min and period.end.time() == time.min


def has_tail(period: Period) -> bool:
    """It starts at midnight and ends within a later day."""
    return period.start.time() == time.min != period.end.time() and period.end.date() > period.start.date()


def _whole_months(period: Period) -> int:
    if not is_whole_days(period) or period.start.day != 1 or period.end.day != 1:
        return 0
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month


def _add_months(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
