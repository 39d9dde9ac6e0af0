"""Answers computed once: equal questions at one data version, by whoever may see the same, share one result.

Readers who ask while the answer is being computed wait for it instead of computing it again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from datetime import date
from typing import Any

import metrics
from components.context import Context
from metrics.types import Query, Result, Scope

SIZE = 512


def _frozen(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple(sorted((name, _frozen(item)) for name, item in value.items()))
    return value if isinstance(value, Hashable) else repr(value)


def _scope_key(scope: Scope) -> Hashable:
    return (_frozen(dict(scope.rows)), scope.hidden)


def once(context: Context, key: Hashable, compute: Callable[[], Any]) -> Any:
    """The value of `key` at the warehouse's present data version; errors are not kept."""
    full, kept = (context.warehouse.data_version, key), context.memo
    with context.memo_lock:
        future: Future[Any] | None = kept.get(full)
        mine = future is None
        if future is None:
            future = kept[full] = Future()
            while len(kept) > SIZE:
                kept.popitem(last=False)
        else:
            kept.move_to_end(full)
    if mine:
        try:
            future.set_result(compute())
        except BaseException as error:
            with context.memo_lock:
                kept.pop(full, None)
            future.set_exception(error)
    return future.result(timeout=60)


def ask(context: Context, query: Query, scope: Scope) -> Result:
    """`metrics.query` through the shared answers."""
    key = ("query", query.metrics, query.dimensions, query.grain, query.period, _frozen(dict(query.filters)),
           query.compare, query.order, query.limit, query.as_known, _scope_key(scope))
    result: Result = once(context, key, lambda: context.query(context.warehouse, query, scope))
    return result


def anchor(context: Context, scope: Scope) -> date:
    """The last day with data, once per version."""
    day: date = once(context, ("anchor", _scope_key(scope)), lambda: metrics.anchor(context.warehouse, scope))
    return day


def _values(context: Context, dimension: str, scope: Scope) -> tuple[str, ...]:
    query = Query(metrics=("orders",), dimensions=(dimension,), order="-orders", limit=500)
    rows = context.query(context.warehouse, query, scope).rows
    return tuple(str(row[dimension]) for row in rows if row[dimension] is not None)


def values(context: Context, dimension: str, scope: Scope) -> tuple[str, ...]:
    """The values of a dimension that the reader may see, those with most orders first."""
    found: tuple[str, ...] = once(context, ("values", dimension, _scope_key(scope)),
                                  lambda: _values(context, dimension, scope))
    return found


def is_empty(context: Context, scope: Scope) -> bool:
    """Whether nothing has been loaded yet."""
    return context.warehouse.data_version == 0


def _skus(context: Context, scope: Scope) -> tuple[tuple[str, str], ...]:
    query = Query(metrics=("items",), dimensions=("sku", "product"), order="-items", limit=20000)
    rows = context.query(context.warehouse, query, scope).rows
    return tuple((str(row["sku"]), str(row["product"] or "")) for row in rows if row["sku"] is not None)


def skus(context: Context, scope: Scope) -> tuple[tuple[str, str], ...]:
    """(SKU, product) of everything ever sold, best sellers first."""
    found: tuple[tuple[str, str], ...] = once(context, ("skus", _scope_key(scope)), lambda: _skus(context, scope))
    return found
