"""What a day usually brings, with campaigns apart: a 双11 is no usual Tuesday, and no usual Tuesday is a 双11.

Usual weekdays are learnt from days on which no campaign ran. A campaign's day brings so many times its usual weekday as
the same day of the family's last edition did; without one that was sold in, it is taken as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse import Warehouse

HISTORY, ENOUGH = 56, 14  # days that weekdays are learnt from, and needed
_REACH = 2 * 366  # days in which a last edition is looked for
_APART = timedelta(days=60)  # two rows of one edition (a platform's own start) are not two editions


@dataclass(frozen=True)
class Edition:
    """One campaign, by its days (both included); `family` '' where it has none."""

    family: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Season:
    """Sales by day before some day, and the campaigns known."""

    before: date
    sales: Mapping[date, float]
    editions: tuple[Edition, ...]
    _usual: dict[date, list[float]] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, warehouse: Warehouse, before: date) -> Season:
        with warehouse.reader() as cursor:
            sales = cursor.execute(
                "SELECT day, CAST(sum(paid_amount) AS DOUBLE) FROM sales_by_province WHERE day >= ? AND day < ?"
                " GROUP BY day",
                [before - timedelta(days=_REACH), before],
            ).fetchall()
            rows = cursor.execute("SELECT coalesce(family, ''), starts_at, ends_at FROM campaign").fetchall()
        editions = (
            Edition(family, starts.date(), (ends - timedelta(microseconds=1)).date()) for family, starts, ends in rows
        )
        return cls(before, {day: max(value or 0.0, 0.0) for day, value in sales}, tuple(editions))

    def weight(self, day: date) -> float:
        """What `day` usually brings, in proportion to other days; all are even where too little is known."""
        usual = self.weekdays(self.before)
        return usual[day.weekday()] * self.uplift(day)

    def weekdays(self, before: date) -> list[float]:
        """Mean sales of each weekday (Monday first) over the eight weeks before a day, campaigns left out where enough
        other days remain; all 1 without two weeks."""
        if before not in self._usual:
            self._usual[before] = self._learn(before)
        return self._usual[before]

    def _learn(self, before: date) -> list[float]:
        days = [before - timedelta(days=number) for number in range(1, HISTORY + 1)]
        days = [day for day in days if day in self.sales]
        plain = [day for day in days if not any(one.holds(day) for one in self.editions)]
        for chosen in (plain, days):
            found = [[self.sales[day] for day in chosen if day.weekday() == number] for number in range(7)]
            if len(chosen) >= ENOUGH and all(found) and any(map(sum, found)):
                return [fmean(values) for values in found]
        return [1.0] * 7

    def uplift(self, day: date) -> float:
        """How many times its usual weekday a day of a campaign brings; 1 outside campaigns and without an edition."""
        then = self.stand_in(day)
        if then is None:
            return 1.0
        here, last = then
        usual = self.weekdays(last.first)
        moved = last.first + (day - here.first)
        if last.holds(moved) and usual[moved.weekday()] > 0 and moved in self.sales:
            return self.sales[moved] / usual[moved.weekday()]
        days = [last.first + timedelta(days=number) for number in range((last.last - last.first).days + 1)]
        expected = sum(usual[one.weekday()] for one in days)
        return sum(self.sales.get(one, 0.0) for one in days) / expected if expected > 0 else 1.0

    def stand_in(self, day: date) -> tuple[Edition, Edition] | None:
        """The campaign that runs on `day` (the one begun last) and its last edition; None where none was sold in."""
        for here in sorted((one for one in self.editions if one.holds(day)), key=lambda one: one.first, reverse=True):
            earlier = [
                one
                for one in self.editions
                if here.family and one.family == here.family and one.first < here.first - _APART
            ]
            earlier = [one for one in earlier if one.last < self.before and self._known(one)]
            if earlier:
                return here, max(earlier, key=lambda one: one.first)
        return None

    def _known(self, one: Edition) -> bool:
        """Whether the edition and two weeks before it were sold in."""
        return any(one.holds(day) for day in self.sales) and any(weight != 1.0 for weight in self.weekdays(one.first))
