"""What the facts can say: from when to when each subject has rows, and how far the sources have told everything.

Read once per data version from the `coverage` rollup, `source_state` and `load_batch`; a few hundred small rows.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from metrics.declare import Axis
from metrics.facts import AXES
from metrics.types import Period

if TYPE_CHECKING:
    from warehouse import Warehouse

_FILE_LATE, _API_LATE, _ENDED = timedelta(hours=36), timedelta(minutes=45), timedelta(days=30)
_FILE_SOURCES = ("file", "browser", "inbox", "cli", "demo")


@dataclass(frozen=True)
class Extent:
    """How many rows, and from when to when."""

    rows: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Source:
    """How far one source has told everything."""

    name: str
    subjects: frozenset[str]
    platform: str
    shop: str
    complete_through: datetime
    is_file: bool


class Coverage:
    """The state of one data version."""

    def __init__(
        self, cells: Iterable[tuple[str, str, str, int, datetime, datetime]], sources: Iterable[Source]
    ) -> None:
        self._cells: dict[str, dict[tuple[str, str], Extent]] = {}
        for subject, platform, shop, rows, first, last in cells:
            self._cells.setdefault(subject, {})[platform, shop] = Extent(rows, first, last)
        self._sources = tuple(sources)

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
        used = (s for s in self._sources if axis.subject in s.subjects and where.allows(s.platform, s.shop))
        first = min(span.first for span in spans).replace(hour=0, minute=0, second=0, microsecond=0)
        last = max([span.last for span in spans] + [source.complete_through for source in used])
        last = last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return period.start < last and period.end > first

    def place_by(self) -> frozenset[str]:
        """Of platform and shop, those that alone tell the shop: a platform has one shop, a shop name one platform."""
        places = list(self._cells.get("sales", {}))
        found = {"platform": [place[0] for place in places], "shop": [place[1] for place in places]}
        return frozenset(name for name, values in found.items() if len(set(values)) == len(values))

    def through(self, subjects: Collection[str], where: Where) -> tuple[datetime | None, tuple[str, ...]]:
        """(moment up to which every source in time has told everything, names of the late ones)."""
        used = [s for s in self._sources if s.subjects & set(subjects) and where.allows(s.platform, s.shop)]
        if not used:
            return None, ()
        newest = max(source.complete_through for source in used)
        in_time = [source for source in used if newest - source.complete_through <= _allowance(source)]
        late = [source.name for source in used if source not in in_time and newest - source.complete_through <= _ENDED]
        return min(source.complete_through for source in in_time), tuple(sorted(late))


def _allowance(source: Source) -> timedelta:
    return _FILE_LATE if source.is_file else _API_LATE


@dataclass(frozen=True)
class Where:
    """Platforms and shops asked for and allowed; None is all of them."""

    platforms: frozenset[str] | None = None
    shops: frozenset[str] | None = None

    def allows(self, platform: str, shop: str) -> bool:
        """Whether rows of this platform and shop are asked for."""
        return (self.platforms is None or platform in self.platforms) and (self.shops is None or shop in self.shops)


_known: weakref.WeakKeyDictionary[Warehouse, tuple[int, Coverage]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def coverage(warehouse: Warehouse) -> Coverage:
    """The coverage at the warehouse's present data version."""
    version = warehouse.data_version
    with _lock:
        held = _known.get(warehouse)
    if held and held[0] == version:
        return held[1]
    state = _read(warehouse)
    with _lock:
        _known[warehouse] = (version, state)
    return state


def _read(warehouse: Warehouse) -> Coverage:
    with warehouse.reader() as cursor:
        cells = cursor.execute("""
            SELECT subject, platform, shop, CAST(sum(row_count) AS BIGINT), min(first_at), max(last_at)
            FROM coverage GROUP BY subject, platform, shop""").fetchall()
        sources = cursor.execute("""
            WITH told AS (SELECT DISTINCT subject, platform, shop, batch_id FROM coverage),
                 kinds AS (SELECT DISTINCT told.subject, told.platform, told.shop, b.kind
                           FROM told JOIN load_batch AS b USING (batch_id))
            SELECT s.source, s.kind, s.platform, s.shop, max(s.complete_through), list(DISTINCT k.subject)
            FROM source_state AS s JOIN kinds AS k USING (kind, platform, shop)
            WHERE s.complete_through IS NOT NULL GROUP BY s.source, s.kind, s.platform, s.shop""").fetchall()
    return Coverage(
        cells,
        (
            Source(
                f"{source}:{kind}:{platform}:{shop}",
                frozenset(subjects),
                platform,
                shop,
                moment,
                source in _FILE_SOURCES,
            )
            for source, kind, platform, shop, moment, subjects in sources
        ),
    )


def axis_extent(warehouse: Warehouse, axis: Axis, where: Where) -> Extent | None:
    """The extent of an axis; system tables, which have no coverage, are asked themselves."""
    if axis.subject:
        return coverage(warehouse).extent(axis.subject, where)
    if not axis.table:
        return None
    with warehouse.reader() as cursor:
        row = cursor.execute(f'SELECT count(*), min("{axis.time}"), max("{axis.time}") FROM {axis.table}').fetchone()
    return Extent(*row) if row and row[0] else None


def subjects_of(axes: Iterable[str]) -> set[str]:
    """Coverage subjects of some axes."""
    return {AXES[name].subject for name in axes if AXES[name].subject}
