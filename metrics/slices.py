"""Paid order lines of known buyers up to a day, as SQL, for questions about people that no sum can answer: segments,
cohorts, profiles. Rights, filters, reasons and kept answers are those of `query`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from config import now
from errors import UserError
from metrics import cache
from metrics.coverage import Coverage, Where, coverage
from metrics.dimensions import PERSONAL
from metrics.facts import AXES
from metrics.planner import orders_of_lines
from metrics.query import anchor, check, merged_filters, shape_filters
from metrics.shape import Shape, SideShape, matches, number_text
from metrics.types import Period, Query, Result, Scope, Unit
from warehouse.people import EVER, PLACE

if TYPE_CHECKING:
    from warehouse import Warehouse

_SIDE = SideShape("a", frozenset(), False)


@dataclass(frozen=True)
class Slice:
    """Which orders are looked at: those paid up to the end of `day` (None: the last day with data) within `filters`.

    A buyer's history is that within the filters: with a platform held, his first order there is his first.
    """

    day: date | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """Where the rows of the buyers of a slice are kept (`warehouse/people.py`): `where` holds on them.

    `history` says where their earlier orders count: 'any' shop, their 'own' one, None for several shops in part.
    """

    table: str
    where: str
    history: str | None

    @property
    def prev(self) -> str:
        """The column of `buyer_order` with the order before."""
        return f"prev_{self.history}"

    @property
    def cells(self) -> str:
        """What holds on the counts of these buyers, and of no others; known where `history` is."""
        return "platform IS NULL" if self.history == "any" else self.where


@dataclass(frozen=True)
class Lines:
    """A slice ready to be asked: `where` holds on its lines, `orders` counts their distinct orders.

    `end` is the midnight after the last day, `past` says that there are sales after it; `kept` is where its buyers are
    kept, if they are; `places` is the condition on platform and shop where nothing else is filtered; `why` is the code
    of the reason when buyers cannot be told at all.
    """

    warehouse: Warehouse
    end: datetime
    first: datetime | None
    where: str
    orders: str
    past: bool
    kept: Kept | None
    places: str | None
    params: dict[str, Any]
    key: tuple[Any, ...]
    why: str | None
    partial: str | None
    as_of: datetime | None
    through: datetime | None
    late: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """What the rows of an answer hold: what they are cut by, and their numbers with units."""

    dimensions: tuple[str, ...]
    units: Mapping[str, Unit]


def lines(
    warehouse: Warehouse,
    asked: Slice,
    scope: Scope,
    metrics: Sequence[str] = ("buyers", "orders", "gmv"),
    known: bool = True,
) -> Lines:
    """Check the question as `query` does one for `metrics`, and say how far it can be answered.

    `known=False` takes lines of unknown buyers as well.

    Raises:
        UserError: what `query` raises for filters and rights.
    """
    question = Query(tuple(metrics), filters=asked.filters)
    check(question, scope)
    for name in PERSONAL & asked.filters.keys():  # what a buyer is comes out of these questions
        raise UserError("dimension_not_allowed", metric="buyers", dimension=name, allowed="platform, shop, category, …")
    filters, params = merged_filters(question, scope)
    day = asked.day or anchor(warehouse, scope)
    end = datetime.combine(day + timedelta(days=1), time.min)
    where = Where(*(_places(filters, name) for name in ("platform", "shop")))
    state, axis = coverage(warehouse), AXES["sales"]
    sales, named = state.extent("sales", where), state.extent("sales.buyer", where)
    reason = "no_sales" if sales is None else "no_buyer" if named is None and known else None
    if sales is not None and sales.first >= end:
        reason = "no_data"
    shape = Shape(tuple(metrics), (), (), None, shape_filters(filters), (_SIDE,), None, None, False)
    tests = [exp.paren(test, copy=False).sql("duckdb", identify=True) for test in matches(shape, axis, axis.time)]
    through, late = state.through({"sales"}, where, now(warehouse.settings))
    return Lines(
        warehouse,
        end,
        sales.first if sales else None,
        " AND ".join(["NOT is_test", *(["buyer IS NOT NULL"] if known else []), "paid_at < $end", *tests]),
        orders_of_lines(axis, shape, "TRUE").sql("duckdb", identify=True),
        sales is not None and sales.last >= end,
        _kept(state, where, filters, tests) if known else None,
        (" AND ".join(tests) or "TRUE") if filters.keys() <= {"platform", "shop"} else None,
        params | {"end": end},
        (end, tuple(sorted(filters.items())), through, late),
        reason,
        "partial_buyers" if sales and named and named.rows < sales.rows else None,
        sales.last if sales else None,
        through,
        late,
    )


def _kept(state: Coverage, where: Where, filters: Mapping[str, Any], tests: list[str]) -> Kept | None:
    """A buyer's row holds for all his orders anywhere, or in one shop: nothing else may be filtered."""
    if not filters.keys() <= {"platform", "shop"}:
        return None
    shops = state.shops(where)
    if shops == state.shops(Where()):
        return Kept(EVER, "TRUE", "any")
    return Kept(PLACE, " AND ".join(tests), "own" if shops <= 1 else None)


def _places(filters: Mapping[str, tuple[Any, ...]], name: str) -> frozenset[str] | None:
    return frozenset(map(str, filters[name])) if name in filters else None


def answer(
    found: Lines,
    name: str,
    columns: Columns,
    sql: str,
    params: Mapping[str, Any] | None = None,
    more: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None = None,
) -> Result:
    """Run `sql` (with `$name` parameters) once per data version; `more` may work on the few rows that come back.

    Without buyers to be known there are no rows, and `notes` says why.
    """
    given = found.params | dict(params or {})
    key = (name, found.warehouse.data_version, found.key, tuple((k, str(v)) for k, v in sorted(given.items())))
    return cache.once(found.warehouse, key, lambda: _run(found, columns, sql, given, more))


def _run(
    found: Lines,
    columns: Columns,
    sql: str,
    params: Mapping[str, Any],
    more: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None,
) -> Result:
    started, rows = perf_counter(), []
    version = found.warehouse.data_version
    text, names = number_text(sql)
    if found.why is None:
        with found.warehouse.reader() as cursor:
            cursor.execute(text, [params[name] for name in names])
            titles = [item[0] for item in cursor.description or ()]
            rows = [dict(zip(titles, row, strict=True)) for row in cursor.fetchall()]
    note = found.why or found.partial
    return Result(
        metrics=tuple(columns.units),
        dimensions=columns.dimensions,
        grain=None,
        period=Period(min(found.first or found.end - timedelta(days=1), found.end - timedelta(days=1)), found.end),
        compare=None,
        rows=more(rows) if more and rows else rows,
        as_of=found.as_of,
        complete_through=found.through or found.as_of,
        units=dict(columns.units),
        sql=text,
        seconds=perf_counter() - started,
        notes=dict.fromkeys(columns.units, note) if note else {},
        late_sources=found.late,
        data_version=version,
    )
