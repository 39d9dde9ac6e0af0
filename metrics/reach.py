"""Which metrics can be asked together: those told equally far by equally late sources, so that none cuts another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from config import now
from metrics.coverage import coverage, subjects_of
from metrics.knowledge import decide
from metrics.pace import targeted
from metrics.query import check, merged_filters, where_of
from metrics.types import Period, Query, Scope

if TYPE_CHECKING:
    from warehouse import Warehouse

__all__ = ["reach", "targeted"]

Reach = tuple[datetime | None, tuple[str, ...]]


def reach(
    warehouse: Warehouse, metrics: Sequence[str], filters: Mapping[str, tuple[str, ...]], period: Period, scope: Scope
) -> dict[str, Reach]:
    """Metric → (moment at which its comparisons are cut, names of its late sources); reads no facts.

    Metrics with equal answers can share one question without changing each other's numbers.

    Raises:
        UserError: as `query`.
    """
    merged, _ = merged_filters(Query(tuple(metrics), filters=filters, period=period), scope)
    state, where, clock = coverage(warehouse), where_of(merged), now(warehouse.settings)
    found: dict[str, Reach] = {}
    for item in check(Query(tuple(metrics), filters=filters, period=period), scope):
        known = decide([item], state, where, period, tuple(merged))
        found[item.id] = state.through(subjects_of(known.axes), where, clock)
    return found
