"""What the facts can say: from when to when each subject has rows, and how far the sources have told everything.

The rows are read once per data version from the `coverage` rollup, the sources from `warehouse.freshness`, whose rule
says which are late.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from metrics.declare import Axis
from metrics.facts import AXES
from metrics.types import Period
from warehouse.freshness import LATE, Feed, Told, foremost, told
from warehouse.rollup import COVERAGES

if TYPE_CHECKING:
    from warehouse import Warehouse

_FACT_OF = {subject: item.fact for item in COVERAGES for subject in item.subjects}
_HELD_SECONDS = 1.0  # how long the sources' state is held: a source that brings nothing new raises no data version


@dataclass(frozen=True)
class Extent:
    """How many rows, and from when to when."""

    rows: int
    first: datetime
    last: datetime


class Coverage:
    """The state of one data version."""

    def __init__(
        self,
        cells: Iterable[tuple[str, str, str, int, datetime, datetime]],
        told: Iterable[Told] = (),
        ways: Iterable[tuple[str, str, date, list[str]]] = (),
    ) -> None:
        self._cells: dict[str, dict[tuple[str, str], Extent]] = {}
        for subject, platform, shop, rows, first, last in cells:
            self._cells.setdefault(subject, {})[platform, shop] = Extent(rows, first, last)
        self._ways = [(platform, shop, day, frozenset(subjects)) for platform, shop, day, subjects in ways]
        self._feeds: dict[Feed, Told] = {}
        self.hear(told)

    def hear(self, told: Iterable[Told]) -> Coverage:
        """The same facts with what the sources have told since."""
        places = {place for cells in self._cells.values() for place in cells}
        self._feeds = {feed: one for feed, one in foremost(told).items() if feed[1:] in places}
        return self

    def extent(self, subject: str, where: Where) -> Extent | None:
        """The extent of a subject over the platforms and shops asked for; None without rows."""
        found = [extent for place, extent in self._cells.get(subject, {}).items() if where.allows(*place)]
        if not found:
            return None
        return Extent(
            sum(item.rows for item in found), min(item.first for item in found), max(item.last for item in found)
        )

    def speaks(self, axis: Axis, period: Period | None, where: Where) -> bool:
        """Whether rows of this axis are known for (a part of) the period, so that no row means zero."""
        if not axis.subject:
            return True
        own = self.extent(axis.subject, where)
        if own is None:
            return False
        spans = [own, *(span for name in axis.within if (span := self.extent(name, where)))]
        if period is None:
            return True
        # a day counts as told from its start to its end, however sparse its events are
        used = self._speakers({axis.subject}, where)
        first = min(span.first for span in spans).replace(hour=0, minute=0, second=0, microsecond=0)
        last = max([span.last for span in spans] + [moment for moment, _ in used])
        last = last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return period.start < last and period.end > first

    def ways(self, period: Period, where: Where) -> list[tuple[date, frozenset[str]]]:
        """Days of a shop whose traffic is not told by the hour as a whole, with the subjects that do tell it."""
        first, last = period.start.date(), (period.end - timedelta(microseconds=1)).date()
        return [
            (day, subjects)
            for platform, shop, day, subjects in self._ways
            if first <= day <= last and where.allows(platform, shop)
        ]

    def place_by(self) -> frozenset[str]:
        """Of platform and shop, those that alone tell the shop: a platform has one shop, a shop name one platform."""
        places = list(self._cells.get("sales", {}))
        found = {"platform": [place[0] for place in places], "shop": [place[1] for place in places]}
        return frozenset(name for name, values in found.items() if len(set(values)) == len(values))

    def shops(self, where: Where) -> int:
        """How many shops with sales are asked for."""
        return sum(where.allows(*place) for place in self._cells.get("sales", {}))

    def _speakers(self, subjects: Collection[str], where: Where) -> list[tuple[datetime, Told]]:
        """The foremost source of every feed of these subjects, with the moment up to which it has told everything."""
        facts = {_FACT_OF[name] for name in subjects if name in _FACT_OF}
        return [
            (one.complete_through, one)
            for (fact, platform, shop), one in self._feeds.items()
            if fact in facts and where.allows(platform, shop) and one.complete_through is not None
        ]

    def heard(self, subjects: Collection[str], where: Where, clock: datetime) -> Hashable:
        """What a kept answer depends on besides the rows: how far each feed is told, and which are late by now."""
        return tuple(sorted((one.name, moment, one.state_at(clock)) for moment, one in self._speakers(subjects, where)))

    def through(
        self, subjects: Collection[str], where: Where, clock: datetime
    ) -> tuple[datetime | None, tuple[str, ...]]:
        """(moment up to which every feed in time has told everything, names of the late sources).

        Lateness is `warehouse.freshness`'s, by the clock. Where nothing is in time (a shop whose files are old), the
        newest source takes the clock's place, so that one that stopped long ago does not cut the others.
        """
        used = self._speakers(subjects, where)
        if not used:
            return None, ()
        late = {one.name for _, one in used if one.state_at(clock) in LATE}
        in_time = [moment for moment, one in used if one.state_at(clock) == "fresh"]
        if not in_time:
            newest = max(moment for moment, _ in used)
            in_time = [moment for moment, one in used if one.state_at(newest) == "fresh"]
        return min(in_time), tuple(sorted(late))


@dataclass(frozen=True)
class Where:
    """Platforms and shops asked for and allowed; None is all of them."""

    platforms: frozenset[str] | None = None
    shops: frozenset[str] | None = None

    def allows(self, platform: str, shop: str) -> bool:
        """Whether rows of this platform and shop are asked for."""
        return (self.platforms is None or platform in self.platforms) and (self.shops is None or shop in self.shops)


@dataclass
class _Held:
    version: int
    heard_at: float
    state: Coverage


_known: weakref.WeakKeyDictionary[Warehouse, _Held] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def coverage(warehouse: Warehouse) -> Coverage:
    """The coverage at the warehouse's present data version, with the sources as they stand now."""
    version = warehouse.data_version
    with _lock:
        held = _known.get(warehouse)
    if held is None or held.version != version:
        held = _Held(version, monotonic(), _read(warehouse).hear(told(warehouse)))
    elif monotonic() - held.heard_at > _HELD_SECONDS:
        held = _Held(version, monotonic(), held.state.hear(told(warehouse)))
    else:
        return held.state
    with _lock:
        _known[warehouse] = held
    return held.state


def _read(warehouse: Warehouse) -> Coverage:
    with warehouse.reader() as cursor:
        cells = cursor.execute("""
            SELECT subject, platform, shop, CAST(sum(row_count) AS BIGINT), min(first_at), max(last_at)
            FROM coverage GROUP BY subject, platform, shop""").fetchall()
        ways = cursor.execute("""
            SELECT platform, shop, day, list(subject) FROM coverage WHERE subject LIKE 'traffic.%'
            GROUP BY platform, shop, day HAVING NOT list_contains(list(subject), 'traffic.total.hour')""").fetchall()
    return Coverage(cells, ways=ways)


def axis_extent(warehouse: Warehouse, axis: Axis, where: Where, state: Coverage | None = None) -> Extent | None:
    """The extent of an axis (in `state`); system tables, which have no coverage, are asked themselves."""
    if axis.subject:
        return (state or coverage(warehouse)).extent(axis.subject, where)
    if not axis.table:
        return None
    with warehouse.reader() as cursor:
        time = f'"{axis.time}"'
        row = cursor.execute(f"SELECT count({time}), min({time}), max({time}) FROM {axis.table}").fetchall()[0]
    return Extent(*row) if row[0] else None


def subjects_of(axes: Iterable[str]) -> set[str]:
    """Coverage subjects of some axes."""
    return {AXES[name].subject for name in axes if AXES[name].subject}
