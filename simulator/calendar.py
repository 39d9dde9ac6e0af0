"""The trading year: growth, season, weekday, paydays, campaigns with their pre-sales and returns, the shape of a day.

Days are whole numbers since 1970-01-01, instants are seconds since then on the business's wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from simulator.rng import Floats, Ints

DAY = 86_400
EPOCH = date(1970, 1, 1)
GROWTH = 6.5  # times from two years before a world's anchor until it
_GROWING = 731  # days
_LUNAR_NEW_YEAR = {
    2022: (2, 1),
    2023: (1, 22),
    2024: (2, 10),
    2025: (1, 29),
    2026: (2, 17),
    2027: (2, 6),
    2028: (1, 26),
    2029: (2, 13),
    2030: (2, 3),
    2031: (1, 23),
    2032: (2, 11),
}
_MONTH = (1.02, 0.86, 1.02, 0.98, 1.02, 1.0, 0.93, 0.95, 1.03, 1.04, 1.05, 1.06)
_WEEKDAY = (0.97, 0.95, 0.96, 0.98, 1.04, 1.09, 1.07)
_PLAIN = (
    1.9,
    1.1,
    0.7,
    0.5,
    0.4,
    0.5,
    1.0,
    1.9,
    3.0,
    4.1,
    5.0,
    4.9,
    4.8,
    4.6,
    4.5,
    4.7,
    4.7,
    4.5,
    4.9,
    6.0,
    7.6,
    8.3,
    7.4,
    4.6,
)
_MIDNIGHT = (
    14.0,
    5.0,
    2.0,
    1.0,
    0.6,
    0.6,
    1.2,
    2.2,
    3.5,
    4.4,
    5.0,
    4.6,
    4.4,
    4.1,
    4.0,
    4.1,
    4.1,
    4.0,
    4.4,
    5.2,
    7.5,
    7.5,
    6.8,
    6.2,
)
_EVENING = (
    1.5,
    0.8,
    0.5,
    0.3,
    0.3,
    0.4,
    0.8,
    1.5,
    2.3,
    3.0,
    3.4,
    3.3,
    3.3,
    3.1,
    3.0,
    3.1,
    3.1,
    3.1,
    3.6,
    6.0,
    24.0,
    13.0,
    9.0,
    6.0,
)
HOURS = np.array([_PLAIN, _MIDNIGHT, _EVENING])
HOURS /= HOURS.sum(axis=1, keepdims=True)
PLAIN, MIDNIGHT, EVENING = 0, 1, 2


@dataclass(frozen=True)
class Campaign:
    """One promotion: `presale` is when deposits open (None without), `balance` when they can be paid off."""

    name: str
    family: str
    starts: datetime
    ends: datetime
    presale: date | None = None
    balance: datetime | None = None


def day_of(moment: date | datetime) -> int:
    """Day number of a date."""
    plain = moment.date() if isinstance(moment, datetime) else moment
    return (plain - EPOCH).days


def seconds(moment: datetime) -> int:
    """Wall-clock seconds since 1970."""
    return int((moment - datetime(1970, 1, 1)).total_seconds())


def moment(second: int) -> datetime:
    """The other way round."""
    return datetime(1970, 1, 1) + timedelta(seconds=int(second))


def lunar_new_year(year: int) -> date:
    """First day of the lunar year that begins in `year` (2022 to 2032)."""
    month, day = _LUNAR_NEW_YEAR[year]
    return date(year, month, day)


def campaigns(first_year: int, last_year: int) -> list[Campaign]:
    """Every campaign of these years, in time order."""
    found: list[Campaign] = []
    for year in range(first_year, last_year + 1):
        spring = lunar_new_year(year)
        at = datetime.combine
        midnight = datetime.min.time()
        found += [
            Campaign(
                f"{year}年货节", "new_year", at(spring - timedelta(30), midnight), at(spring - timedelta(9), midnight)
            ),
            Campaign(f"{year}女王节", "women", datetime(year, 3, 4), datetime(year, 3, 9)),
            Campaign(
                f"{year}年618",
                "618",
                datetime(year, 5, 31, 20),
                datetime(year, 6, 19),
                date(year, 5, 24),
                datetime(year, 5, 31, 20),
            ),
            Campaign(
                f"{year}双11",
                "double11",
                datetime(year, 10, 31, 20),
                datetime(year, 11, 12),
                date(year, 10, 20),
                datetime(year, 10, 31, 20),
            ),
            Campaign(f"{year}双12", "double12", datetime(year, 12, 10), datetime(year, 12, 13)),
        ]
    return sorted(found, key=lambda campaign: campaign.starts)


def _campaign_factor(day: date) -> float:
    at = (day.month, day.day)
    peaks = {
        (5, 31): 1.7,
        (6, 1): 2.4,
        (6, 16): 1.5,
        (6, 17): 1.8,
        (6, 18): 4.6,
        (10, 31): 1.7,
        (11, 1): 2.6,
        (11, 10): 1.9,
        (11, 11): 5.6,
        (11, 12): 1.05,
        (12, 12): 1.9,
        (3, 8): 1.7,
        (9, 9): 1.3,
    }
    if at in peaks:
        return peaks[at]
    spans = (
        ((5, 24), (5, 30), 1.15),
        ((6, 2), (6, 15), 1.15),
        ((6, 19), (6, 27), 0.93),
        ((10, 20), (10, 30), 1.12),
        ((11, 2), (11, 9), 1.2),
        ((11, 13), (11, 22), 0.98),
        ((12, 10), (12, 11), 1.3),
        ((3, 4), (3, 7), 1.3),
    )
    return next((factor for first, last, factor in spans if first <= at <= last), 1.0)


def _spring_factor(day: date) -> float:
    gap = (day - lunar_new_year(day.year)).days
    if -30 <= gap < -9:
        return 1.35
    if -9 <= gap < -2:
        return 0.8
    return 0.38 if -2 <= gap <= 6 else 1.0


def growth(days: Ints, anchor: int) -> Floats:
    """Size of the merchant on each day, 1.0 on day `anchor`: a small shop that grew by the month, and stays big."""
    return np.clip(GROWTH ** ((days - anchor) / _GROWING), 1 / GROWTH, 1.0)


def demand(days: Ints) -> Floats:
    """How many orders a day draws, 1.0 being a plain day; growth apart."""
    return np.array([_demand_on(int(day)) for day in days], dtype=np.float64)


@cache
def _demand_on(number: int) -> float:
    day = EPOCH + timedelta(number)
    payday = 1.08 if day.day in (10, 15) else 1.04 if day.day == 25 else 1.0
    plain = _MONTH[day.month - 1] * _WEEKDAY[day.weekday()]
    return payday * plain * _campaign_factor(day) * _spring_factor(day)


def curve_of(days: Ints) -> Ints:
    """Shape of each day's hours: plain, with a rush at midnight, or with a rush at eight in the evening."""
    rush = {
        (6, 1): MIDNIGHT,
        (6, 18): MIDNIGHT,
        (11, 1): MIDNIGHT,
        (11, 11): MIDNIGHT,
        (5, 31): EVENING,
        (10, 31): EVENING,
        (11, 10): EVENING,
        (6, 17): EVENING,
    }
    dates = [EPOCH + timedelta(int(day)) for day in days]
    return np.array([rush.get((day.month, day.day), PLAIN) for day in dates], dtype=np.int64)


def presale_balance(days: Ints) -> Ints:
    """For each day the second from which deposits paid on it can be completed; 0 outside pre-sales."""
    result = np.zeros(len(days), dtype=np.int64)
    for index, day in enumerate(days):
        at = EPOCH + timedelta(int(day))
        if (10, 20) <= (at.month, at.day) <= (10, 30):
            result[index] = seconds(datetime(at.year, 10, 31, 20))
        elif (5, 24) <= (at.month, at.day) <= (5, 30):
            result[index] = seconds(datetime(at.year, 5, 31, 20))
    return result


def waking(second: Ints, curve: int) -> Ints:
    """Moves instants within their day, as many to each hour as one of HOURS says; keeps their order."""
    edges = np.concatenate([[0.0], np.cumsum(HOURS[curve])])
    moved = np.interp(second % DAY / DAY, edges, np.arange(25) * 3600.0)
    return second // DAY * DAY + np.minimum(moved.astype(np.int64), DAY - 1)


def months(days: Ints) -> Ints:
    """Months since 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def is_promotion(days: Ints) -> npt.NDArray[np.bool_]:
    """Days on which the big campaigns run (deeper discounts, more returns)."""
    inside = np.zeros(len(days), dtype=bool)
    for index, day in enumerate(days):
        at = EPOCH + timedelta(int(day))
        inside[index] = (5, 31) <= (at.month, at.day) <= (6, 18) or (10, 31) <= (at.month, at.day) <= (11, 11)
    return inside
