"""When a period's numbers were first published, and whether they have moved since.

A period counts as published an hour after the first load that came when it was over and told of its last day: what one
sitting of files brings together is one publication. What was said then comes from `Query.as_known`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from metrics.as_known import DIMENSIONS
from metrics.catalogue import catalogue
from metrics.measures import MEASURES
from metrics.planner import rollup_for
from metrics.query import merged_filters
from metrics.shape import Filter, Shape, SideShape
from metrics.types import Period, Query, Scope
from warehouse.squash import SITTING
from warehouse.vintage import VINTAGES

if TYPE_CHECKING:
    from warehouse import Warehouse

LEAST = 0.001  # of the number: what moves less is not worth a word
_PLACES = ("platform", "shop")


def _tests(filters: Mapping[str, tuple[str | None, ...]]) -> tuple[str, list[str]]:
    """SQL of filters by column, and its values; None and an empty text mean 'without a value'."""
    tests: list[str] = ["true"]
    values: list[str] = []
    for name, wanted in filters.items():
        tests.append(f"coalesce({name}, '') IN ({', '.join('?' for _ in wanted) or 'NULL'})")
        values += [value or "" for value in wanted]
    return " AND ".join(tests), values


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
    where, values = _tests({name: filters[name] for name in _PLACES if name in filters})
    last = (period.end - timedelta(microseconds=1)).date()
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


def moved_days(
    warehouse: Warehouse, metric: str, period: Period, asked: Mapping[str, tuple[str, ...]], scope: Scope
) -> dict[date, tuple[float, float]]:
    """Days whose sum has moved since it was first published: day → (first, now). Of metrics that are one kept sum, in
    what is asked and what the asker may see."""
    filters = merged_filters(Query((metric,), filters=asked), scope)[0]
    if (
        metric in scope.hidden
        or not restatable(metric)
        or catalogue()[metric].formula
        or not set(filters) <= set(DIMENSIONS) - {"weekday"}
    ):
        return {}
    shape = Shape(
        (),
        (),
        (),
        None,
        tuple(Filter(name, len(wanted)) for name, wanted in filters.items()),
        (),
        None,
        None,
        False,
        as_known=True,
    )
    choice = rollup_for(MEASURES[metric], shape, SideShape("a", frozenset(), True))
    if choice is None:
        return {}
    tests, values = _tests(filters)
    with warehouse.reader() as cursor:
        rows = cursor.execute(
            f"""
            WITH load AS (SELECT loaded_at, last_event_at FROM load_batch
                          WHERE kind IN (SELECT kind FROM kind_fact WHERE fact = '{choice[0].fact}')),
            change AS (SELECT day, known_at, sum({choice[1]}) AS value FROM {choice[0].table}
                       WHERE day >= ? AND day < ? AND {tests} GROUP BY day, known_at),
            published AS (SELECT day, min(loaded_at) + INTERVAL '{SITTING.seconds} seconds' AS first_at
                          FROM (SELECT DISTINCT day FROM change) JOIN load
                          ON loaded_at >= day + INTERVAL 1 DAY AND last_event_at >= day GROUP BY day)
            SELECT day, CAST(sum(value) FILTER (WHERE known_at <= first_at) AS DOUBLE), CAST(sum(value) AS DOUBLE)
            FROM change JOIN published USING (day) GROUP BY day""",
            [period.start, period.end, *values],
        ).fetchall()
    return {day: (was, value) for day, was, value in rows if has_moved(was, value)}


def has_moved(was: float | None, value: float | None) -> bool:
    """Whether a number differs from what was published by enough to say so."""
    if was is None or value is None:
        return False
    return abs(value - was) > LEAST * max(abs(was), abs(value))


def restatable(metric: str) -> bool:
    """Whether a move of this number is a restatement: refunds of a cohort come in by nature."""
    found = catalogue().get(metric)
    return found is not None and all(MEASURES[name].axis != "refund_cohort" for name in found.measures)
