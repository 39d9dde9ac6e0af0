"""What is unusual in one fact on one day: the scan over its watches, taken apart into events.

As in `metrics.localise`, the surest cell is taken first, what it holds is taken out of both sides, and the rest is
looked at again, so that what one event did to wider corners is not told a second time. Of the metrics that moved in
the same corner at the same time the one nearest to a cause gives the event its name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np

from metrics.airtime import NOWHERE, Airtime
from metrics.event import Event, alike
from metrics.holding import Held
from metrics.leaves import Asker, Leaves, Panel
from metrics.scan import PIECES, Common, Judged, chance, looked_at
from metrics.watch import CHANNEL_OF, NEAR_BRANCH, Fact, Watch

ROUNDS = 6  # events told of a fact and day
SURE = 0.1  # by chance alone in fewer sweeps of this fact and day than one in ten, by Bonferroni's bound
PLACES_SHARE = 3  # times what any other kind of corner gets
AROUND = 2  # hours before and after an event that are taken out with it
NOTED = 3.0  # score from which a corner may be where a surer event sits
HOLDS = 0.8  # of what moved in a corner: a narrower one that holds it is the place
MOST = 0.5  # of it, where no other of its kind stands out
TELLS, PARTS = 2.0, 50  # times the evidence of the rest that a part must have; parts looked at one by one
ALIKE = 0.5  # of the logarithm of the change: parts of a corner that moved so much moved with it


@dataclass(frozen=True)
class _Cell:
    watch: Watch
    corner: tuple[str, ...]
    row: int  # a row of the group
    rows: np.ndarray  # of the group
    span: tuple[int, int]
    actual: float
    expected: float
    score: float
    tests: int

    @property
    def evidence(self) -> float:
        return self.score**2 - 2 * math.log(self.tests)

    @property
    def moved(self) -> float:
        return self.actual - self.expected


def _weight(corner: tuple[str, ...]) -> int:
    """The share of chance that a kind of corner may use up: whole shops hold most pieces, so there it finds most."""
    return PLACES_SHARE if set(corner) <= {"shop"} else 1


def _finer(corner: tuple[str, ...], than: tuple[str, ...]) -> bool:
    """Whether a kind of corner lies within another: a product's SKUs, a shop's plans, anything within all."""
    return corner != than and set(than) <= set(corner) | ({"product"} if "sku" in corner else set())


def _rest_moved_alike(cell: _Cell, around: _Cell) -> bool:
    rest, usual = around.actual - cell.actual, around.expected - cell.expected
    if max(rest, usual) < PIECES or min(rest, usual) < 0:
        return False
    own = math.log((cell.actual + 0.5) / (cell.expected + 0.5))
    return bool(own) and math.log((rest + 0.5) / (usual + 0.5)) / own >= ALIKE


class Scan(Held):
    """One fact on one day."""

    def __init__(self, asker: Asker, fact: Fact, leaves: Leaves, panel: Panel, airtime: Airtime = NOWHERE) -> None:
        super().__init__(leaves, panel, airtime)
        self.fact = fact
        self.sets = [
            (watch, corner)
            for watch in fact.watches
            for corner in watch.corners
            if asker.may(watch.metric, watch.asked(corner))
        ]
        self._moved: list[dict[int, _Cell]] = [{} for _ in self.sets]  # by group
        self._common: list[tuple[Common, ...]] = [() for _ in self.sets]
        self._touched: np.ndarray | None = None  # rows whose corners are to be judged again; None: all
        self.cells = 0

    def events(self) -> list[Event]:
        """Events of the day, the surest first."""
        found: list[Event] = []
        while len(found) < ROUNDS:
            cells = self._cells()
            sure = [cell for cell in cells if chance(cell.score, cell.tests) <= SURE]
            if not sure:
                break
            top = max(sure, key=lambda cell: cell.evidence)
            named = self._nearest(top, sure, cells)
            found.append(self._event(named))
            self._touched = np.zeros(self.leaves.rows, bool)
            if top.corner or named is top:  # what was but a part's is not held against all others
                self._take_out(top)
            if named is not top:
                self._take_out(named)
        return found

    def _cells(self) -> list[_Cell]:
        """The cells that moved, those of corners which the last event touched looked at anew."""
        looked, self._totals = 0, {}
        for number, (watch, corner) in enumerate(self.sets):
            grouped = self._group(corner)
            group, some = grouped.group, grouped.some
            if not len(group):
                continue
            again = np.full(len(some), self._touched is None or corner in watch.tidal)  # all lean on what was taken out
            if again.all():
                self._moved[number].clear()
            else:
                again[group[self._touched]] = True
            for place in np.flatnonzero(again) if self._moved[number] else ():
                self._moved[number].pop(int(place), None)
            kept = np.flatnonzero(again & self._worth(watch, corner))
            if not len(kept):
                continue
            judged = self._judge(watch, corner, grouped, kept, self._common[number])
            self._common[number] = self._common[number] or judged.common
            shares = sum(_weight(one) for _, one in self.sets) / _weight(corner)
            tests = math.ceil(len(some) * looked_at(judged.spans) * shares)
            looked += judged.score.size
            for cell in self._best(watch, corner, judged, kept, tests):
                self._moved[number][int(group[cell.row])] = cell
        self.cells = max(self.cells, looked)
        return [cell for moved in self._moved for cell in moved.values()]

    def _worth(self, watch: Watch, corner: tuple[str, ...]) -> np.ndarray:
        """Corners that have a name and hold pieces enough to be judged."""
        grouped = self._group(corner)
        column = watch.count if watch.theta else (watch.per or watch.count)
        worth = self.panel.worth(self.leaves, grouped, column, self._kept, self.weight)
        for name in corner:  # nobody can look into what has no value
            worth &= self.leaves.codes[name][grouped.some] > 0
        return worth

    def _best(self, watch: Watch, corner: tuple[str, ...], judged: Judged, kept: np.ndarray, tests: int) -> list[_Cell]:
        """The best span of every corner that moved by more than a single look would find by chance."""
        score = judged.score if watch.both else np.maximum(judged.score, 0.0)
        best = np.abs(score).argmax(axis=1)
        rows = np.arange(len(score))
        grouped = self._group(corner)
        found = []
        for row in np.flatnonzero(np.abs(score[rows, best]) > NOTED):
            value = float(score[row, best[row]])
            span = judged.spans[best[row]]
            actual, usual = float(judged.actual[row, best[row]]), float(judged.expected[row, best[row]])
            members = grouped.rows(kept[row : row + 1])[0]
            some = int(grouped.some[kept[row]])
            found.append(_Cell(watch, corner, some, members, span, actual, usual, value, tests))
        return found

    def _nearest(self, top: _Cell, sure: Sequence[_Cell], cells: Sequence[_Cell]) -> _Cell:
        """Of the cells that tell of the same event the one whose metric is nearest to a cause."""
        if not top.corner:
            return self._part(top)
        same = [
            cell
            for cell in sure
            if cell.corner
            and cell.watch.near <= top.watch.near
            and self._meet(cell, top)
            and alike(self._full(cell), self._where(cell), self._full(top), self._where(top))
        ]
        here = [
            replace(cell, score=math.copysign(top.score, cell.score), tests=top.tests)  # the place is sure
            for cell in cells
            if cell.corner == top.corner and cell.row == top.row and cell.watch.near < top.watch.near
            if self._meet(cell, top) and not any(cell is one for one in sure)
        ]
        near = min((cell.watch.near for cell in (*same, *here)), default=top.watch.near)
        nearest = [cell for cell in here if cell.watch.near == near] or [
            cell for cell in same if cell.watch.near == near
        ]
        first = max(nearest, key=lambda cell: cell.evidence, default=top)
        return self._within(self._widest(self._part(self._finest(first, cells)), sure), sure)

    @staticmethod
    def _meet(one: _Cell, other: _Cell) -> bool:
        return one.span[0] < other.span[1] + AROUND and other.span[0] < one.span[1] + AROUND

    def _part(self, cell: _Cell) -> _Cell:
        """The one part of `cell` that holds what moved: where the rest without it is as usual, and it is not."""
        if cell.watch.per == "due":
            return cell
        found = []
        for number, (watch, corner) in enumerate(self.sets):
            if watch is not cell.watch or not _finer(corner, cell.corner):
                continue
            grouped = self._group(corner)
            parts = np.unique(grouped.group[cell.rows[self.keep[cell.rows]]])
            for name in corner:
                parts = parts[self.leaves.codes[name][grouped.some[parts]] > 0]
            if 1 < len(parts) <= PARTS:
                part = self._strongest(cell, corner, parts, number)
                rest = self._rest(cell, part) if part.moved * cell.moved > 0 else NOTED
                if abs(rest) < NOTED and part.score**2 >= TELLS * rest**2:
                    found.append(part)
        most = max(found, key=lambda part: abs(part.moved), default=cell)
        return replace(most, score=cell.score, tests=cell.tests)  # how sure it is, is known of the whole

    def _strongest(self, cell: _Cell, corner: tuple[str, ...], parts: np.ndarray, number: int) -> _Cell:
        """The part that moved most, as the whole did."""
        grouped = self._group(corner)
        judged = self._judge(cell.watch, corner, grouped, parts, self._common[number])
        span = judged.spans.index(cell.span)
        most = int(((judged.actual - judged.expected)[:, span] * np.sign(cell.moved)).argmax())
        actual, expected, score = (float(item[most, span]) for item in (judged.actual, judged.expected, judged.score))
        return replace(
            cell, corner=corner, row=int(grouped.some[parts[most]]), rows=grouped.rows(parts[most : most + 1])[0],
            actual=actual, expected=expected, score=score,
        )  # fmt: skip

    def _rest(self, cell: _Cell, part: _Cell) -> float:
        """The score of a cell without a part of it."""
        rows = cell.rows[~self._inside(part)[cell.rows]]
        group = np.zeros(len(rows), np.int32)
        number = next(place for place, one in enumerate(self.sets) if one == (cell.watch, cell.corner))
        cubes = self._cubes(cell.watch, cell.corner, rows, group, 1)
        judged = self._held(cell.watch, cell.corner, cubes, rows, group, 1, self._common[number])
        return float(judged.score[0, judged.spans.index(cell.span)])

    def _within(self, cell: _Cell, cells: Sequence[_Cell]) -> _Cell:
        """`cell` told of the narrowest corner in which another metric moved and nearly all of its pieces lie."""
        mine = self._asked(cell.rows, cell.span)
        inside = self._inside(cell)
        inner = [
            other
            for other in cells
            if other.corner
            and len(other.rows) < len(cell.rows)
            and inside[other.rows].all()
            and self._asked(other.rows, cell.span) >= HOLDS * mine
        ]
        if cell.actual <= cell.expected and cell.watch.per is None or not inner:  # less says nothing of where it was
            return cell
        other = min(inner, key=lambda other: len(other.rows))
        return replace(cell, corner=other.corner, row=other.row, rows=other.rows)

    def _inside(self, cell: _Cell) -> np.ndarray:
        """Which rows are the cell's."""
        found = np.zeros(self.leaves.rows, bool)
        found[cell.rows] = True
        return found

    def _asked(self, rows: np.ndarray, span: tuple[int, int]) -> int:
        tick = self.tick[rows]
        return int(((tick >= span[0]) & (tick < span[1]) & self.keep[rows] & (self.panel.sample[rows] == 0)).sum())

    def _finest(self, cell: _Cell, cells: Sequence[_Cell]) -> _Cell:
        """The narrowest corner within `cell` that holds nearly all of what moved in it, else the one of its kind that
        stands out there and holds most."""
        inside = self._inside(cell)
        within = [
            other
            for other in cells
            if other.watch.metric == cell.watch.metric
            and len(other.corner)
            and other.moved * cell.moved > 0
            and inside[other.rows].all()
        ]
        inner = [other for other in within if abs(other.moved) >= HOLDS * abs(cell.moved)]
        if all(len(other.rows) == len(cell.rows) for other in inner):
            inner += [
                other
                for other in within
                if abs(other.moved) >= MOST * abs(cell.moved)
                and not any(rival.corner == other.corner and rival.row != other.row for rival in within)
            ]
        place = min(inner, key=lambda other: (len(other.rows), "sku" not in other.corner), default=cell)
        return replace(place, score=cell.score, tests=cell.tests)  # how sure it is, is known of the whole

    def _widest(self, cell: _Cell, cells: Sequence[_Cell]) -> _Cell:
        """A corner around `cell` whose other parts moved alike (the ripple effect of Squeeze): then it is the cause."""
        for other in sorted(cells, key=lambda other: len(other.rows)):
            if (
                other.watch is cell.watch
                and other.corner
                and len(other.rows) > len(cell.rows)
                and self._inside(other)[cell.rows].all()
                and _rest_moved_alike(cell, other)
                and (cell.watch.theta is not None or self._came(other, cell) >= PIECES)
            ):
                cell = other
        return cell

    def _came(self, around: _Cell, cell: _Cell) -> int:
        """Rows in the rest of a corner around `cell`."""
        return self._asked(around.rows, cell.span) - self._asked(cell.rows, cell.span)

    def _take_out(self, cell: _Cell) -> None:
        hours = (self.tick >= cell.span[0] - AROUND) & (self.tick < cell.span[1] + AROUND)
        if cell.corner:
            out = self._inside(cell) & hours
            if self._touched is not None:
                self._touched |= out & self.keep
            self.leave_out(out)
        else:  # what all did is no news of any corner: each is held against it
            past = hours & (self.panel.sample > 0)
            self._touched, self._common = None, [() for _ in self.sets]
            weight = np.ones(self.leaves.rows) if self.weight is None else self.weight
            self.weight = np.where(past, weight * cell.actual / max(cell.expected, 1e-9), weight)

    # Telling ----------------------------------------------------------------------------------------------------------

    def _where(self, cell: _Cell) -> dict[str, Any]:
        return {name: self._value(name, cell.row) for name in cell.corner}

    def _full(self, cell: _Cell) -> dict[str, Any]:
        found = self._where(cell) | dict(self.fact.also)
        implied = {"sku": ("product", "category"), "product": ("category",), "shop": ("platform",)}
        for name in cell.corner:
            for other in implied.get(name, ()):
                if other in self.leaves.codes:
                    found.setdefault(other, self._value(other, cell.row))
        return found

    def _event(self, cell: _Cell) -> Event:
        watch, midnight = cell.watch, datetime.combine(self.panel.day, time.min)
        value, base, piece = self._numbers(cell)
        where, metric, near = self._where(cell), watch.metric, watch.near
        first, end = (0, 24) if self.panel.hours == 1 else cell.span
        moved = cell.actual - cell.expected
        event = Event(
            metric, where, self._full(cell), midnight + timedelta(hours=first), midnight + timedelta(hours=end),
            cell.actual, cell.expected, value, base, None if piece is None else watch.sign * moved * piece,
            cell.score, chance(cell.score, cell.tests), near, looked=math.log(cell.tests),
        )  # fmt: skip
        return self._branch(event, cell)

    def _branch(self, event: Event, cell: _Cell) -> Event:
        """Orders of a channel are its own branch of the tree."""
        branch = CHANNEL_OF.get(str(event.where.get("channel")))
        if event.metric not in ("orders", "visitors") or branch is None or "shop" not in event.where:
            return event
        sums = self._sums(cell)
        where = {"shop": event.where["shop"]}
        return replace(event, metric=branch, where=where, value=sums["gmv"][0], base=sums["gmv"][1], near=NEAR_BRANCH)

    def _sums(self, cell: _Cell) -> dict[str, tuple[float, float]]:
        """Column → (in the cell now, usually)."""
        tick = self.tick[cell.rows]
        rows = cell.rows[(tick >= cell.span[0]) & (tick < cell.span[1]) & self.keep[cell.rows]]
        now, past = rows[self.panel.sample[rows] == 0], rows[self.panel.sample[rows] > 0]
        weight = 1.0 if self.weight is None else self.weight[past]
        return {
            name: (float(column[now].sum()), float((column[past] * weight).sum()) / max(1, self.panel.samples - 1))
            for name, column in self.leaves.columns.items()
        }

    def _numbers(self, cell: _Cell) -> tuple[float | None, float | None, float | None]:
        """(value and usual value of the metric, yuan a piece)."""
        sums, watch = self._sums(cell), cell.watch
        over, under = _SHOWN.get(watch.metric, ((watch.count,), ()))
        shown = [_ratio(sums, over, under, side) for side in (0, 1)]
        if watch.piece is None:
            return shown[0], shown[1], None
        if watch.theta is None:
            return shown[0], shown[1], 1.0
        side = 1 if sums[watch.count][1] > 0 else 0
        count = sums[watch.count][side]
        if watch.per == "lines":  # orders of the same people are worth what orders are
            count = sums["lines"][side := 1 if sums["lines"][1] > 0 else 0]
        return shown[0], shown[1], sums[watch.piece][side] / count if count else None


_SHOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "unit_price": (("gmv",), ("pieces",)),
    "orders_per_buyer": (("lines",), ("lines", "-again")),
    "ad_roi": (("gmv",), ("cost",)),
    "cvr": (("buyers",), ("visitors",)),
    "live_gmv": (("gmv",), ()),
}
"""Metric → columns over columns, as it is shown."""


def _ratio(
    sums: Mapping[str, tuple[float, float]], over: tuple[str, ...], under: tuple[str, ...], side: int
) -> float | None:
    def total(names: tuple[str, ...]) -> float:
        return sum(-sums[name[1:]][side] if name[0] == "-" else sums[name][side] for name in names)

    if not under:
        return total(over)
    return total(over) / total(under) if total(under) else None
