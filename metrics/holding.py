"""What the rows of a corner count, and what that is held against: the watches of one fact on one day.

Sums of what lies behind the day are kept with its rows where nothing of them is left out or weighed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from metrics.airtime import NOWHERE, Airtime
from metrics.habits import hazards, mix, prices
from metrics.leaves import Grouped, Leaves, Panel
from metrics.scan import Common, Judged, Numbers, judge
from metrics.watch import CHANNEL_OF, PLANNED, Watch


class Held:
    """Rows of one day beside those of its history; `keep` and `weight` say which count, and how much."""

    def __init__(self, leaves: Leaves, panel: Panel, airtime: Airtime = NOWHERE) -> None:
        self.leaves, self.panel, self.airtime = leaves, panel, airtime
        self.tick = leaves.hour if panel.hours > 1 else np.zeros(leaves.rows, np.int8)
        self.keep = leaves.hour < panel.upto
        self.whole = True  # nothing has been left out or weighed
        self.weight: Numbers | None = None
        self._groups: dict[tuple[str, ...], Grouped] = {}
        self._totals: dict[str, Numbers] = {}

    def leave_out(self, rows: np.ndarray) -> None:
        """Judge as if these rows were not."""
        self.keep &= ~rows
        self.whole = False

    def _group(self, corner: tuple[str, ...]) -> Grouped:
        if corner not in self._groups:
            names = tuple(part for name in corner for part in (("platform", "shop") if name == "shop" else (name,)))
            self._groups[corner] = self.leaves.group(names)
        return self._groups[corner]

    def _value(self, name: str, row: int) -> Any:
        return self.leaves.values[name][self.leaves.codes[name][row]]

    @property
    def _kept(self) -> np.ndarray | None:
        return None if self.whole else self.keep

    def _judge(
        self, watch: Watch, corner: tuple[str, ...], grouped: Grouped, kept: np.ndarray, common: tuple[Common, ...]
    ) -> Judged:
        plain = self.whole and self.weight is None and not self._is_mixed(watch, corner)
        names = [name for name in (watch.count, watch.per or "") if name in self.leaves.columns]
        few = [self.panel.of_few(self.leaves, grouped, kept, name) for name in names] if plain else [None]
        if any(cube is None for cube in few):
            few = self._cubes(watch, corner, *grouped.rows(kept), len(kept))
        held = watch.per is None or watch.per in self.leaves.columns
        rows = (np.zeros(0, int), np.zeros(0, int)) if held and watch.theta is not None else grouped.rows(kept)
        return self._held(watch, corner, few, *rows, len(kept), common)

    def _held(
        self, watch: Watch, corner: tuple[str, ...], cubes: Sequence[Numbers | None], rows: np.ndarray,
        group: np.ndarray, groups: int, common: tuple[Common, ...],
    ) -> Judged:  # fmt: skip
        """What is counted of some groups of rows against what it is held against."""
        count, per = cubes[0], cubes[1] if len(cubes) > 1 else None
        assert count is not None
        total = self._total(watch.count) if corner in watch.tidal else None
        if watch.per is None:
            return judge(count, None, watch.theta, common=common, total=total)
        if watch.per == "due":
            return judge(count, self._due(rows, group, groups), watch.theta, 1.0, common)
        if watch.per == PLANNED:
            per = self._planned(rows, group, groups)
            return judge(count, per, watch.theta, (count[:, 1:].sum() + 0.5) / (per[:, 1:].sum() + 1.0), common, total)
        if watch.theta is None:
            return judge(count, per, None, self._elsewhere(watch, corner, rows, group, groups), common)
        over, under = (self._past_sum(name) for name in (watch.count, watch.per))
        return judge(count, per, watch.theta, (over + 0.5) / (under + 1.0), common)

    def _cubes(
        self, watch: Watch, corner: tuple[str, ...], rows: np.ndarray, group: np.ndarray, groups: int
    ) -> list[Numbers | None]:
        """What is counted, and what it is held against where that is counted too, as (group, sample, hour)."""
        columns = [self.leaves.columns[name] for name in (watch.count, watch.per or "") if name in self.leaves.columns]
        if self._is_mixed(watch, corner):
            columns[1] = columns[1] * self._mix(watch)[self.leaves.codes["sku"]]
        places = self.panel.places(self.leaves, rows, group, self._kept)
        return [self.panel.cube(*places, groups, column, self.weight) for column in columns]

    @staticmethod
    def _is_mixed(watch: Watch, corner: tuple[str, ...]) -> bool:
        """Whether pieces of several prices are counted together."""
        return watch.theta is None and watch.per is not None and "product" in corner

    def _mix(self, watch: Watch) -> Numbers:
        """What a piece of each SKU counts, by code; of those that the history does not know, one."""
        assert watch.per is not None
        block, order, count, per = self.leaves.past, self.panel.order, watch.count, watch.per
        known = block.once(("mix", count, per, self.panel.held(block)), lambda: mix(block, order, count, per))
        return np.concatenate([known, np.ones(max(0, len(self.leaves.values["sku"]) - len(known)))])

    def _total(self, column: str) -> Numbers:
        """(1, sample, hour) sums of a column over all rows that are kept."""
        if column not in self._totals:
            every, one = self._group(()), np.zeros(1, np.int64)
            known = self.panel.of_few(self.leaves, every, one, column) if self.whole and self.weight is None else None
            if known is None:
                places = self.panel.places(self.leaves, *every.rows(one), self._kept)
                known = self.panel.cube(*places, 1, self.leaves.columns[column], self.weight)
            self._totals[column] = known
        return self._totals[column]

    def _planned(self, rows: np.ndarray, group: np.ndarray, groups: int) -> Numbers:
        """(group, sample, hour) minutes that the rooms of each group's shop were to be on the air; 0 where it is not
        rooms that sell."""
        found = np.zeros((groups, self.panel.samples, self.panel.hours))
        some = np.full(groups, -1)
        some[group] = rows
        days = self._days()
        for number, row in enumerate(some):
            if row >= 0 and self._value("channel", row) in CHANNEL_OF:
                place = self._value("platform", row), self._value("shop", row)
                found[number] = self.airtime.minutes(place, days, self.panel.hours)
        return found

    def _days(self) -> list[date | None]:
        """The day of each sample."""
        found: list[date | None] = [None] * self.panel.samples
        for place in np.flatnonzero(self.panel.order >= 0):
            found[self.panel.order[place]] = self.leaves.first + timedelta(days=int(place))
        return found

    def _past_sum(self, name: str) -> float:
        """All of a column in the history."""
        past, order = self.leaves.past, self.panel.order
        key = ("sum", name, self.panel.held(past))
        return past.once(key, lambda: float(past.columns[name][order[past.day] > 0].sum()))

    def _elsewhere(
        self, watch: Watch, corner: tuple[str, ...], rows: np.ndarray, group: np.ndarray, groups: int
    ) -> Numbers:
        """What a piece of a SKU costs over all shops, for shops that have hardly sold it; 0 where nobody knows."""
        assert watch.per is not None
        count, per, order = watch.count, watch.per, self.panel.order
        block = self.leaves.past
        price = block.once(("price", count, per, self.panel.held(block)), lambda: prices(block, order, count, per))
        codes = self.leaves.codes["sku"][rows]
        least, most = np.full(groups, len(self.leaves.values["sku"])), np.full(groups, -1)
        np.minimum.at(least, group, codes)
        np.maximum.at(most, group, codes)
        one = (least == most) & (least > 0) & (least < len(price))
        found = np.zeros(groups)
        found[one] = price[least[one]]
        if self._is_mixed(watch, corner):
            found[one] /= self._mix(watch)[least[one]]
        return found

    def _due(self, rows: np.ndarray, group: np.ndarray, groups: int) -> Numbers:
        """Refunds to be expected of each corner on each day by the ages of its orders: as many days after the order
        as usual. Ages are learnt from the history of all."""
        leaves, panel = self.leaves, self.panel
        used = np.flatnonzero(self.keep[rows])
        rows, group = rows[used], group[used]
        sold = np.bincount(group * leaves.days + leaves.day[rows], leaves.columns["sold"][rows],
                           groups * leaves.days).reshape(groups, leaves.days)  # fmt: skip
        past, order = leaves.past, panel.order
        hazard = past.once(("hazards", panel.upto, panel.held(past)), lambda: hazards(past, order, panel.upto))
        due = np.zeros(sold.shape)
        for age, rate in enumerate(hazard[: leaves.days]):
            due[:, age:] += rate * sold[:, : leaves.days - age]
        found = np.zeros((groups, panel.samples, 1))
        days = np.flatnonzero(order[: leaves.days] >= 0)
        found[:, order[days], 0] = due[:, days]
        return found
