"""When a period's numbers were first published, and whether they have moved since.

A period counts as published an hour after the first load that came when it was over and told of its last day: what one
sitting of files brings together is one publication. What was said then comes from `Query.as_known`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from metrics.as_known import DIMENSIONS
from metrics.catalogue import catalogue
from metrics.measures import MEASURES
from metrics.types import Period
from warehouse.vintage import VINTAGES

if TYPE_CHECKING:
    from warehouse import Warehouse

SITTING = timedelta(hours=1)
LEAST = 0.001  # of the number: what moves less is not worth a word
_PLACES = ("platform", "shop")


@dataclass(frozen=True)
class Published:
    """Ask `as_known=at` for what was said first; `changed_at` is the last load that changed anything of the period."""

    at: datetime
    changed_at: datetime


def published(warehouse: Warehouse, period: Period, filters: Mapping[str, tuple[str, ...]]) -> Published | None:
    """When the period was published, if anything of it has changed since; `filters` beyond platform and shop are
    passed over, so that more may have changed than what is asked about."""
    if not set(filters) <= set(DIMENSIONS):
        return None
    tests: list[str] = ["true"]
    values: list[str] = []
    for name in _PLACES:
        if wanted := filters.get(name):
            tests.append(f"{name} IN ({', '.join('?' for _ in wanted)})")
            values += list(wanted)
    where, last = " AND ".join(tests), (period.end - timedelta(microseconds=1)).date()
    changes = " UNION ALL ".join(
        f"SELECT max(known_at) AS changed FROM {item.cells.table}"
        f" WHERE day >= DATE '{period.start.date()}' AND day <= DATE '{last}' AND {where}"
        for item in VINTAGES
    )
    with warehouse.reader() as cursor:
        first = cursor.execute(
            "SELECT min(loaded_at) FROM load_batch WHERE kind IN (SELECT kind FROM kind_fact WHERE fact = 'order_line')"
            f" AND loaded_at >= ? AND last_event_at >= ? AND {where}",
            [period.end, period.end - timedelta(days=1), *values],
        ).fetchone()
        if not first or first[0] is None:
            return None
        changed = cursor.execute(f"SELECT max(changed) FROM ({changes})", values * len(VINTAGES)).fetchone()
    at = first[0] + SITTING
    return Published(at, changed[0]) if changed and changed[0] is not None and changed[0] > at else None


def has_moved(was: float | None, value: float | None) -> bool:
    """Whether a number differs from what was published by enough to say so."""
    if was is None or value is None:
        return False
    return abs(value - was) > LEAST * max(abs(was), abs(value))


def restatable(metric: str) -> bool:
    """Whether a move of this number is a restatement: refunds of a cohort come in by nature."""
    found = catalogue().get(metric)
    return found is not None and all(MEASURES[name].axis != "refund_cohort" for name in found.measures)
