"""Behaviour logs as a way of steps: who took them in order, and within how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from errors import UserError
from metrics import cache
from metrics.facts import AXES
from metrics.query import check, merged_filters, query, shape_filters
from metrics.shape import Shape, SideShape, matches, number_text
from metrics.types import Period, Query, Result, Scope

if TYPE_CHECKING:
    from warehouse import Warehouse

EVENTS = ("view", "cart", "favourite", "buy")
STEPS: tuple[tuple[str, ...], ...] = (("view",), ("cart", "favourite"), ("buy",))
_AXIS = AXES["behaviour"]


@dataclass(frozen=True)
class Path:
    """Steps to be taken one after the other, each by any of its events; `pairs` counts (user, item) pairs and wants all
    steps on one item. With `within_hours` the last step must follow the first within that time."""

    steps: tuple[tuple[str, ...], ...] = STEPS
    within_hours: float | None = None
    unit: Literal["pairs", "users"] = "pairs"
    period: Period | str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def path(warehouse: Warehouse, asked: Path, scope: Scope) -> Result:
    """One row a step: `step` (its events, joined by +), `reached`, `share` (of the first step), `rate` (of the one
    before), `dropped` (before the next).

    A step counts when it is at or after the one before. Every event of the first step may begin a way and the next step
    is always the earliest that follows, so a way that fits the window is found if there is one.

    Raises:
        UserError: `unknown_event`, and what `query` raises for filters, periods and rights.
    """
    for name in (name for step in asked.steps for name in step):
        if name not in EVENTS:
            raise UserError("unknown_event", name=name, known=", ".join(EVENTS))
    # the question itself, for its checks, its period, its reasons and how far it can be trusted
    question = Query(("behaviour_events",), period=asked.period, filters=asked.filters)
    check(question, scope)
    total = query(warehouse, question, scope)
    filters, params = merged_filters(question, scope)
    shape = Shape(question.metrics, (), (), None, shape_filters(filters), (SideShape("a", frozenset(), False),),
                  None, None, False)  # fmt: skip
    tests = [test.sql("duckdb", identify=True) for test in matches(shape, _AXIS, _AXIS.time)]
    where = " AND ".join(['"at" >= $start', '"at" < $end', *(f"({test})" for test in tests)])
    params |= {"start": total.period.start, "end": total.period.end}
    if asked.within_hours is not None:
        params["within"] = timedelta(hours=asked.within_hours)
    base = replace(
        total,
        metrics=("reached", "share", "rate", "dropped"),
        dimensions=("step",),
        units={"reached": "count", "share": "rate", "rate": "rate", "dropped": "count"},
        rows=[],
        notes={"reached": total.notes["behaviour_events"]} if "behaviour_events" in total.notes else {},
    )
    given = tuple((name, str(value)) for name, value in sorted(params.items()))
    key = ("path", warehouse.data_version, asked.steps, asked.unit, given)
    return cache.once(warehouse, key, lambda: _run(warehouse, asked, base, where, params))


def _run(warehouse: Warehouse, asked: Path, base: Result, where: str, params: dict[str, Any]) -> Result:
    started = perf_counter()
    text, names = number_text(_sql(asked, where))
    with warehouse.reader() as cursor:
        counts = [int(n) for n in cursor.execute(text, [params[name] for name in names]).fetchall()[0]]
    rows = []
    for number, (step, reached) in enumerate(zip(asked.steps, counts, strict=True)):
        before, after = counts[number - 1] if number else None, counts[number + 1] if number + 1 < len(counts) else None
        rows.append(
            {
                "step": "+".join(step),
                "reached": reached,
                "share": reached / counts[0] if counts[0] else None,
                "rate": reached / before if before else None,
                "dropped": None if after is None else reached - after,
            }
        )
    return replace(base, rows=rows if counts[0] else [], sql=text, seconds=perf_counter() - started)


def _sql(asked: Path, where: str) -> str:
    keys = ("buyer", "product_id") if asked.unit == "pairs" else ("buyer",)
    key = ", ".join(keys)
    parts = []
    for number, step in enumerate(asked.steps):
        events = ", ".join(f"'{name}'" for name in step)
        rows = f'SELECT {key}, "at" AS t FROM behaviour WHERE event IN ({events}) AND {where}'
        if number == 0:
            # without a window the earliest start is as good as any
            first = "min(t)" if asked.within_hours is None else "t"
            group = f"GROUP BY {key}" if asked.within_hours is None else ""
            parts.append(f"s0 AS (SELECT {key}, {first} AS t0, {first} AS t FROM ({rows}) {group})")
            continue
        late = " WHERE e.t <= s.t0 + $within" if asked.within_hours is not None else ""
        same = " AND ".join(f"s.{name} = e.{name}" for name in keys)
        named = ", ".join(f"s.{name}" for name in keys)
        parts.append(f"e{number} AS ({rows})")
        parts.append(
            f"s{number} AS (SELECT {named}, s.t0, e.t FROM s{number - 1} s ASOF JOIN e{number} e "
            f"ON {same} AND s.t <= e.t{late})"
        )
    counts = ", ".join(f"(SELECT count(DISTINCT ({key})) FROM s{number})" for number in range(len(asked.steps)))
    return f"WITH {', '.join(parts)} SELECT {counts}"
