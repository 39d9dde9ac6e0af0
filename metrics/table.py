"""Answers as columns, for those who read tens of thousands of rows to reckon with them.

They are kept for as long as the days they read stand (`Warehouse.changed_at`), not for one data version only: of a
comparison with last month a load of today changes nothing. The key is the SQL with its parameters, in which the filters
and the rights of the reader are, so what one may see never comes out of what was kept for another.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from metrics.catalogue import book, catalogue, expression, using
from metrics.compile import compiled, measures_of
from metrics.declare import Axis
from metrics.dimensions import PERSONAL
from metrics.facts import AXES
from metrics.measures import MEASURES
from metrics.query import check, filters_of, plan_of
from metrics.shape import Shape, column, in_period, keys, matches, number_text, parse, select
from metrics.types import Period, Query, Scope
from warehouse.engine import Parsed

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse import Warehouse

_PARSED = Parsed()
BYTES = 64 << 20  # of a warehouse
ROWS = 4  # times as many rows are looked at to see whether there are more than so many combinations
_ADDS_UP = re.compile(r"(sum|count)\((?!DISTINCT)", re.IGNORECASE)
_OTHER_ROWS = {
    "traffic",
    "target",
    "length",
    "subsidy",
    "sources",
    "batches",
    "jobs",
    "calls",
    "process",
    "unconnected",
}


def columns(warehouse: Warehouse, asked: Query, scope: Scope) -> pa.Table:
    """The rows that `query` gives to this question.

    Raises:
        UserError: as `query`.
    """
    with using(book()):
        plan = plan_of(warehouse, asked, scope, check(asked, scope), filters_of(asked, scope))
        sql, names = compiled(plan.shape)
        values = tuple(plan.params[name] for name in names)
        sources = _sources(plan.shape)
    return _answers(warehouse).once(warehouse, sql, values, sources, plan.period)


def adds_up(metric: str) -> bool:
    """Whether the metric of a period is the sum of those of its parts, read from the rows of each."""
    told = expression(metric)
    if (
        not isinstance(told, exp.Column)
        or told.name not in MEASURES
        or catalogue()[metric].unit not in ("yuan", "count")
    ):
        return False
    measure = MEASURES[told.name]
    plain = measure.kind == "plain" and not measure.instead and measure.axis not in _OTHER_ROWS
    return plain and _ADDS_UP.match(measure.sql) is not None


def more_than(warehouse: Warehouse, asked: Query, scope: Scope, most: int) -> bool:
    """Whether a look at some of the rows shows that this question has more than `most` answers. False says nothing."""
    metric = next((name for name in asked.metrics if adds_up(name)), None)
    if metric is None:
        return False
    own = Query((metric,), asked.dimensions, period=asked.period, filters=asked.filters)
    with using(book()):
        plan = plan_of(warehouse, own, scope, check(own, scope), filters_of(own, scope))
        measure = measures_of(plan.shape)[0]
        axis = AXES[MEASURES[measure].axis]
        if measure not in plan.shape.sides[0].known or PERSONAL & plan.shape.touched:
            return False
        text, names = number_text(_some(plan.shape, axis, most))
    values = tuple(plan.params[name] for name in names)
    found = _answers(warehouse).once(warehouse, text, values, _sources(plan.shape), plan.period)
    return bool(found.column(0)[0].as_py() > most)


def _some(shape: Shape, axis: Axis, most: int) -> str:
    side = shape.sides[0]
    where = [
        *in_period(side, column(axis.time)),
        *matches(shape, axis, axis.time),
        parse(axis.condition(shape.touched)),
    ]
    rows = select(keys(shape, side, axis, axis.time), axis.table, where).sql("duckdb", identify=True)
    return f"SELECT count(*) FROM (SELECT DISTINCT * FROM ({rows} LIMIT {ROWS * most}) LIMIT {most + 1})"


def _sources(shape: Shape) -> frozenset[tuple[str, str]] | None:
    """(fact, time) of all rows that are read, where those of the period are all; None where nobody can say."""
    measures = [MEASURES[name] for name in measures_of(shape)]
    if PERSONAL & shape.touched or any(one.kind != "plain" or one.axis in _OTHER_ROWS for one in measures):
        return None
    return frozenset((AXES[one.axis].table, AXES[one.axis].time) for one in measures)


# What is kept ---------------------------------------------------------------------------------------------------------


class _Answers:
    """A store bounded by bytes; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, tuple[Any, ...]], tuple[int, pa.Table]] = OrderedDict()
        self._bytes = 0

    def once(
        self,
        warehouse: Warehouse,
        sql: str,
        values: tuple[Any, ...],
        sources: frozenset[tuple[str, str]] | None,
        period: Period,
    ) -> pa.Table:
        """The kept answer, if its days stand; else a new one."""
        if sources is None:
            return _run(warehouse, sql, values)
        version = _version(warehouse, sources, period)  # before the rows are read: what changes meanwhile is read again
        key = (sql, values)
        with self._lock:
            known = self._known.get(key)
            if known is not None and known[0] >= version:
                self._known.move_to_end(key)
                return known[1]
        found = _run(warehouse, sql, values)
        with self._lock:
            old = self._known.pop(key, None)
            self._bytes += found.nbytes - (old[1].nbytes if old else 0)
            self._known[key] = (version, found)
            while self._bytes > BYTES:
                self._bytes -= self._known.popitem(last=False)[1][1].nbytes
        return found


def _run(warehouse: Warehouse, sql: str, values: tuple[Any, ...]) -> pa.Table:
    with warehouse.reader() as cursor:
        return cursor.sql(_PARSED.of(cursor, sql), params=list(values) or None).to_arrow_table()


def _version(warehouse: Warehouse, sources: frozenset[tuple[str, str]], period: Period) -> int:
    count = (period.end - timedelta(microseconds=1)).date() - period.start.date()
    days = [period.start.date() + timedelta(days=number) for number in range(count.days + 1)]
    return max(warehouse.changed_at(fact, time, day) for fact, time in sources for day in days)


_kept: weakref.WeakKeyDictionary[Warehouse, _Answers] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def _answers(warehouse: Warehouse) -> _Answers:
    with _lock:
        return _kept.setdefault(warehouse, _Answers())
