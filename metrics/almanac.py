"""The Chinese calendar: lunar dates and official holidays, both from kept libraries.

Lunar dates by `lunardate` (1900 to 2099). Holidays with their moved working days by `chinesecalendar`: the State
Council's yearly notices, so they are known for past years and the running one, until the next notice is published.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import chinese_calendar
from lunardate import LunarDate

LUNAR_YEARS = (1900, 2099)
_ZH = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利日",
}


def lunar_year_before(day: date) -> date | None:
    """The day with the same lunar date a lunar year before; None outside the years of the library.

    A day of a leap month stands beside the month of that name; the thirtieth of a month that had 29 days beside its
    last.
    """
    if not LUNAR_YEARS[0] + 2 <= day.year <= LUNAR_YEARS[1]:
        return None
    here = LunarDate.from_solar_date(day.year, day.month, day.day)
    try:
        return LunarDate(here.year - 1, here.month, here.day).to_solar_date()
    except ValueError:
        return LunarDate(here.year - 1, here.month, here.day - 1).to_solar_date()


def lunar_stretches(first: date, last: date) -> list[tuple[date, date]]:
    """[first, last] cut into stretches of days that all lie equally far from their lunar date a year before: a leap
    month, and months of 29 and 30 days, part them."""
    found: list[tuple[date, date]] = []
    apart = None
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        before = lunar_year_before(day)
        gap = None if before is None else day - before
        if found and gap == apart:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
        apart = gap
    return found


@cache
def holidays_until() -> date:
    """The last day of the last year whose holidays the library knows."""
    last: date = max(chinese_calendar.holidays)
    return date(last.year, 12, 31)


def holiday(day: date) -> tuple[str, str] | None:
    """(Chinese, English) name of the official holiday that makes `day` free; None on other days and unknown years."""
    if day not in chinese_calendar.holidays:
        return None
    name = str(chinese_calendar.holidays[day])
    return _ZH.get(name, name), name


def working_weekend(day: date) -> bool:
    """Whether a Saturday or Sunday is worked to make up for a holiday (调休)."""
    return day.weekday() >= 5 and day in chinese_calendar.workdays


def holidays(first: date, last: date) -> dict[date, tuple[str, str]]:
    """Holidays within [first, last] by day."""
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    return {day: name for day in days if (name := holiday(day))}
