"""What a comparison word holds a period against, where that takes more than arithmetic: the same day of the lunar year
before, the last edition of a campaign."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from metrics.almanac import lunar_year_before
from metrics.periods import Shift, base_period, shift_for
from metrics.types import Period

if TYPE_CHECKING:
    from warehouse import Warehouse

NO_BASE = {"last_campaign": "no_last_campaign", "lunar_year": "no_lunar_year"}
"""Code of the reason why there is nothing to compare with."""


def shift_of(
    warehouse: Warehouse, compare: str, period: Period, platforms: Collection[str] | None = None
) -> Shift | None:
    """The shift of `compare` for this period; None when there is nothing to compare with.

    `lunar_year` moves the whole period by as many days as lie between its first day and the day of that lunar date a
    year before. `last_campaign` moves it by what lies between the start of its campaign and that of the family's last
    edition, to the second, so that minute N of one stands beside minute N of the other.

    Raises:
        UserError: as `periods.shift_for`.
    """
    if compare == "lunar_year":
        before = lunar_year_before(period.start.date())
        return None if before is None else Shift(days=(period.start.date() - before).days)
    if compare == "last_campaign":
        return _between_editions(warehouse, period, platforms)
    return shift_for(compare, period)


def base_of(
    warehouse: Warehouse, compare: str, period: Period, platforms: Collection[str] | None = None
) -> Period | None:
    """The whole base period of a comparison; None without one, and for comparisons with no period of their own."""
    if compare in ("target", "benchmark"):
        return None
    shift = shift_of(warehouse, compare, period, platforms)
    return None if shift is None else base_period(period, shift)


def _between_editions(warehouse: Warehouse, period: Period, platforms: Collection[str] | None) -> Shift | None:
    """From the family's last edition to the campaign that runs at the period's start, else begins within it."""
    rows = _campaigns(warehouse, platforms)
    running = [row for row in rows if row[1] <= period.start < row[2]]
    begun = [row for row in rows if period.start <= row[1] < period.end]
    for family, starts, _ in sorted(running, key=_start, reverse=True) + sorted(begun, key=_start):
        # an edition is about a year: two rows of one (a platform's own start) are not two editions
        earlier = [row for row in rows if row[0] == family and row[1] < starts - timedelta(days=60)]
        if earlier:
            gap = starts - max(earlier, key=_start)[1]
            return Shift(days=gap.days, seconds=gap.seconds)
    return None


def _start(row: tuple[str, datetime, datetime]) -> datetime:
    return row[1]


def _campaigns(warehouse: Warehouse, platforms: Collection[str] | None) -> list[tuple[str, datetime, datetime]]:
    """Family, start and end of every campaign of these platforms; those of no platform are everybody's."""
    with warehouse.reader() as cursor:
        rows = cursor.execute(
            "SELECT family, starts_at, ends_at, platform FROM campaign WHERE NOT family IS NULL"
        ).fetchall()
    return [row[:3] for row in rows if row[3] is None or not platforms or row[3] in platforms]
