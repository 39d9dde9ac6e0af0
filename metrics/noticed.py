"""What the search for the unusual says of one metric in the days that `explain` is asked about.

Two periods beside each other cannot tell a broken page from a quiet afternoon where orders are few; four weeks of the
same hours can (`metrics/sweep.py`). An event that the metric was part of, and that moved it between the two sides as
well, is the first cause to name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from metrics.contributions import Measured
from metrics.corners import FLOOR, Cause, Located, asked_cause
from metrics.event import Event
from metrics.sides import Pair, Sides
from metrics.sweep import sweep
from metrics.types import Period
from metrics.watch import FACTS

MOST = 3
WATCHED = frozenset(watch.metric for fact in FACTS for watch in fact.watches) | {"live_gmv"}


def noticed(sides: Sides, how: Measured, located: Located, dims: tuple[str, ...], whole: Pair, under: Pair) -> Located:
    """`located` led by the unusual corners of `how.metric`, of the dimensions that may be named."""
    if how.metric not in WATCHED:
        return located
    days = Period(datetime.combine(sides.period.start.date(), time.min), sides.period.end)
    found: list[Cause] = []
    for event in sweep(sides.warehouse, days, sides.scope, sides.filters).events:
        where = {name: value for name, value in event.where.items() if name in dims}
        if where and len(found) < MOST and _of(event, how.metric, sides.period) and not _told(where, found):
            cause = asked_cause(sides, how, where, event.score, whole, under)
            cause = replace(cause, unusual=True, apart=not _told(where, located.causes))
            if _moved_so(event, how.metric, cause) and _matters(cause, whole):
                found.append(cause)
    others = [cause for cause in located.causes if not _told(cause.where, found)]
    return replace(located, causes=(*found, *others)) if found else located


def _of(event: Event, metric: str, period: Period) -> bool:
    """Whether the event is of the metric, within the period, and no accident of the calendar."""
    of = metric in {event.metric, *(other.metric for other in event.beside)}
    return of and event.start < period.end and event.end > period.start and not event.known and not event.off_air


def _told(where: Mapping[str, Any], causes: Sequence[Cause]) -> bool:
    return any(dict(cause.where) == dict(where) for cause in causes)


def _moved_so(event: Event, metric: str, cause: Cause) -> bool:
    """Whether the corner moved between the two sides as it did against its usual days."""
    way = next(one for one in (event, *event.beside) if one.metric == metric)
    usual, now = (way.usual, way.count) if way.value is None or way.base is None else (way.base, way.value)
    return ((cause.after or 0.0) - (cause.before or 0.0)) * (now - usual) > 0


def _matters(cause: Cause, whole: Pair) -> bool:
    return abs(cause.contribution) >= FLOOR * abs((whole[1] or 0.0) - (whole[0] or 0.0))
