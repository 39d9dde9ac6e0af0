"""What pages look up besides numbers, once a data version: the last day with data, values to filter by, names of codes.

Readers who ask while something is being computed wait for it instead of computing it again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, datetime
from typing import Any

import metrics
from components.context import Context
from metrics.catalogue import book
from metrics.types import Period, Query, Result, Scope

SIZE = 128
LABELLED = frozenset({"sku", "product", "creator", "live_session", "ad_plan"})  # codes that have names


def _scope_key(scope: Scope) -> Hashable:
    return (tuple(sorted(scope.rows.items())), scope.hidden)


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
    """`metrics.query`, which keeps its own answers; the names of codes in it are learnt at once."""
    result = context.query(context.warehouse, query, scope)
    for dimension in set(result.dimensions) & LABELLED:
        learn(context, dimension, [str(row[dimension]) for row in result.rows if row.get(dimension) is not None])
    return result


def learn(context: Context, dimension: str, codes: Sequence[str]) -> dict[str, str]:
    """Names of SKUs, products, sessions and plans, read in one question for those not known yet."""
    book: dict[str, str] = once(context, ("names", dimension), dict)
    missing = [code for code in codes if code not in book]
    if missing:
        book.update(dict.fromkeys(missing, ""), **metrics.labels(context.warehouse, dimension, missing))
    return book


def anchor(context: Context, scope: Scope, as_known: datetime | None = None) -> date:
    """The last day with data (as known at a moment), once per version."""
    key = ("anchor", _scope_key(scope)) if as_known is None else ("anchor", _scope_key(scope), as_known)
    day: date = once(context, key, lambda: metrics.anchor(context.warehouse, scope, as_known))
    return day


def published(context: Context, period: Period, filters: Mapping[str, tuple[str, ...]]) -> metrics.Published | None:
    """When a period was first published, if it has changed since."""
    key = ("published", period, tuple(sorted(filters.items())))
    found: metrics.Published | None = once(context, key, lambda: metrics.published(context.warehouse, period, filters))
    return found


def _values(context: Context, dimension: str, scope: Scope) -> tuple[str, ...]:
    query = Query(metrics=("orders",), dimensions=(dimension,), order="-orders", limit=500)
    rows = context.query(context.warehouse, query, scope).rows
    return tuple(str(row[dimension]) for row in rows if row[dimension] is not None)


def values(context: Context, dimension: str, scope: Scope) -> tuple[str, ...]:
    """The values of a dimension that the reader may see, those with most orders first."""
    found: tuple[str, ...] = once(
        context, ("values", dimension, _scope_key(scope), book().version), lambda: _values(context, dimension, scope)
    )
    return found


def is_empty(context: Context, scope: Scope) -> bool:
    """Whether nothing has been loaded yet."""
    return context.warehouse.data_version == 0


def _skus(context: Context, scope: Scope) -> tuple[tuple[str, str], ...]:
    query = Query(metrics=("items",), dimensions=("sku",), order="-items", limit=20000)
    codes = [str(row["sku"]) for row in context.query(context.warehouse, query, scope).rows if row["sku"] is not None]
    book = learn(context, "sku", codes)
    return tuple((code, book.get(code, "")) for code in codes)


def skus(context: Context, scope: Scope) -> tuple[tuple[str, str], ...]:
    """(SKU, name) of everything ever sold, best sellers first; the name is empty where no source tells it."""
    found: tuple[tuple[str, str], ...] = once(
        context, ("skus", _scope_key(scope), book().version), lambda: _skus(context, scope)
    )
    return found
