"""Numbers as they were known at an earlier moment: what can be said of then, and how far the data reached then.

The values come from the vintages (`warehouse/vintage.py`) by the same SQL as the present ones; the planner reads the
vintages in place of the rollups, up to the moment asked. What is not kept so (people, distinct orders of a category,
stock) is null with the reason `as_known_unkept`. Targets and benchmarks have no vintages.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING

from errors import UserError
from metrics.catalogue import GRAINS
from metrics.coverage import Coverage
from metrics.knowledge import Known
from metrics.measures import MEASURES
from metrics.periods import cut, is_whole_days
from metrics.planner import rollup_for
from metrics.shape import Filter, Shape, SideShape
from metrics.types import Period, Query
from warehouse.freshness import Told, told
from warehouse.vintage import as_of_coverage

if TYPE_CHECKING:
    from warehouse import Warehouse

DIMENSIONS = ("platform", "shop", "category", "weekday")
UNKEPT = "as_known_unkept"
_STATES = 16  # moments whose coverage is held per warehouse


def check_as_known(asked: Query) -> None:
    """Whether the question may be asked of an earlier moment at all.

    Raises:
        UserError: `as_known_grain`, `as_known_dimension`, `as_known_days`, `as_known_compare`.
    """
    if asked.grain is not None and GRAINS.index(asked.grain) < GRAINS.index("day"):
        raise UserError("as_known_grain", grain=asked.grain)
    for name in (*asked.dimensions, *asked.filters):
        if name not in DIMENSIONS:
            raise UserError("as_known_dimension", dimension=name, allowed=", ".join(DIMENSIONS))
    if isinstance(asked.period, Period) and not is_whole_days(asked.period):
        raise UserError("as_known_days", start=asked.period.start, end=asked.period.end)
    if asked.compare in ("target", "benchmark"):
        raise UserError("as_known_compare", compare=asked.compare)


def kept_only(known: Known, dims: tuple[str, ...], filters: tuple[Filter, ...]) -> Known:
    """What of the known is kept by vintage; the rest says so."""
    shape = Shape((), (), dims, None, filters, (), None, None, False, as_known=True)
    stand_in = dict(known.stand_in)
    whole = SideShape("a", frozenset(), True)

    def kept(name: str) -> bool:
        measure = MEASURES[stand_in.get(name, name)]
        return measure.kind == "length" or rollup_for(measure, shape, whole) is not None

    names = (*known.measures, *known.why)
    unkept = {name: UNKEPT for name in names if not kept(name)}
    unkept |= {name: UNKEPT for name, other in known.stand_in if other in unkept}
    return replace(known, measures=frozenset(name for name in known.measures if kept(name)), why=known.why | unkept)


def whole_days_told(period: Period, moment: datetime | None, clock: datetime) -> Period | None:
    """`period` up to the last midnight before the data end, for comparisons; None when they end on its first day."""
    told_by = cut(period, moment, clock)
    end = datetime.combine(told_by.end.date(), time.min)
    return Period(told_by.start, end) if end > told_by.start else None


class _Held:
    def __init__(self, version: int) -> None:
        self.version = version
        self.states: OrderedDict[datetime, Coverage] = OrderedDict()


_held: weakref.WeakKeyDictionary[Warehouse, _Held] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def coverage_as_known(warehouse: Warehouse, moment: datetime) -> Coverage:
    """What the facts could say at `moment`, and how far the sources had told everything."""
    version = warehouse.data_version
    with _lock:
        held = _held.get(warehouse)
        if held is None or held.version != version:
            held = _held[warehouse] = _Held(version)
        if moment in held.states:
            return held.states[moment]
    state = _read(warehouse, moment)
    with _lock:
        held.states[moment] = state
        while len(held.states) > _STATES:
            held.states.popitem(last=False)
    return state


def _read(warehouse: Warehouse, moment: datetime) -> Coverage:
    with warehouse.reader() as cursor:
        cells = cursor.execute(
            "SELECT subject, platform, shop, CAST(sum(row_count) AS BIGINT), min(first_at), max(last_at)"
            f" FROM ({as_of_coverage('known_at <= ?')}) GROUP BY subject, platform, shop",
            [moment],
        ).fetchall()
    return Coverage(cells, _told_then(warehouse, moment))


def _told_then(warehouse: Warehouse, moment: datetime) -> list[Told]:
    """The sources as of `moment`. How far one had told is on record for its last load; before, by its last event."""
    with warehouse.reader() as cursor:
        rows = cursor.execute(
            "SELECT source, kind, platform, shop, max(last_event_at), max(loaded_at), max(batch_id), count(*)"
            " FROM load_batch WHERE loaded_at <= ? GROUP BY ALL",
            [moment],
        ).fetchall()
    then = {row[:4]: row[4:] for row in rows}
    found = []
    for one in told(warehouse):
        key = (one.source, one.kind, one.platform, one.shop)
        if key not in then:
            continue
        through, loaded_at, batch, batches = then[key]
        if batch == one.last_batch_id:
            through = one.complete_through
        found.append(
            replace(one, complete_through=through, last_loaded_at=loaded_at, last_batch_id=batch, batches=batches)
        )
    return found
