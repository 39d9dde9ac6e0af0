"""What the trade usually reaches: values of the benchmark sheet by metric, month, platform and category.

A ratio's benchmark over several months is the mean by days; a sum's is spread evenly over the days of its month and
counted up to where the data end. A row for the platform and category asked for is taken before one for either, and
that before one for all.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from metrics.catalogue import catalogue
from metrics.pace import spread
from metrics.shape import Shape, alias, call, cast, column, param, parse, select, table, trunc
from metrics.types import Grain, Period

if TYPE_CHECKING:
    from warehouse import Warehouse

_KINDS = {"bucket": "TIMESTAMP[]", "platform": "VARCHAR[]", "category": "VARCHAR[]", "amount": "DOUBLE[]"}
Place = tuple[str | None, str | None]


def benchmark_params(
    warehouse: Warehouse,
    metric: str,
    dims: tuple[str, ...],
    filters: Mapping[str, tuple[Any, ...]],
    grain: Grain | None,
    period: Period,
) -> dict[str, list[Any]]:
    """Columns of benchmarks under their parameter names: one row a bucket, platform and category (None: all)."""
    months = _months(warehouse, metric, {name: filters.get(name) for name in ("platform", "category")}, dims)
    sums: dict[tuple[datetime, Place], list[float]] = defaultdict(list)
    day, end = period.start.date(), (period.end - timedelta(microseconds=1)).date()
    whole = spread(metric)
    while day <= end:
        for place, amount in months.get(day.replace(day=1), {}).items():
            share = amount / monthrange(day.year, day.month)[1] if whole else amount
            sums[_bucket(day, grain), place].append(share)
        day += timedelta(days=1)
    rows = [
        (bucket, *place, sum(values) if whole else sum(values) / len(values))
        for (bucket, place), values in sums.items()
        if not (whole and grain in ("minute", "hour"))
    ]
    return {f"b_{metric}_{name}": [row[number] for row in rows] for number, name in enumerate(_KINDS)}


def _months(
    warehouse: Warehouse, metric: str, held: Mapping[str, tuple[Any, ...] | None], dims: tuple[str, ...]
) -> dict[date, dict[Place, float]]:
    """The metric's rows that can speak for the question, by month; sheets may call the metric by its Chinese name."""
    with warehouse.reader() as cursor:
        rows = cursor.execute(
            "SELECT CAST(date_trunc('month', period_start) AS DATE), platform, category, CAST(amount AS DOUBLE)"
            " FROM benchmark WHERE metric IN ($1, $2)",
            [metric, catalogue()[metric].zh],
        ).fetchall()
    found: dict[date, dict[Place, float]] = defaultdict(dict)
    for month, platform, category, amount in rows:
        told = {"platform": platform, "category": category}
        if all(value is None or name in dims or held[name] == (value,) for name, value in told.items()):
            found[month][platform, category] = amount
    return found


def _bucket(day: date, grain: Grain | None) -> datetime:
    first = {
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }.get(grain or "", day)
    return datetime.combine(date(1970, 1, 1) if grain is None else first, time.min)


def benchmark_rows(metric: str) -> exp.Select:
    """The rows of `benchmark_params` as a table."""
    return exp.select(
        *(alias(call("unnest", cast(param(f"b_{metric}_{name}"), kind)), name) for name, kind in _KINDS.items())
    )


def benchmark_value(shape: Shape, metric: str) -> exp.Expr:
    """The most particular benchmark for the platform, category and time of a row of `beside`."""
    where: list[exp.Expr] = []
    for name in ("platform", "category"):
        mine = column(name, "b")
        anywhere: exp.Expr = exp.Is(this=mine, expression=exp.null())
        if name in shape.dims:
            same = exp.EQ(this=mine.copy(), expression=column(f"k_{name}", "beside"))
            where.append(exp.paren(exp.or_(anywhere, same, copy=False), copy=False))
        # a row that is held to a value by a filter was chosen before
    if shape.grain:
        step: Grain = "day" if shape.grain in ("minute", "hour") else shape.grain
        where.append(exp.EQ(this=column("bucket", "b"), expression=trunc(step, column("bucket", "beside"))))
    how = parse(
        "arg_max(b.amount, CAST(NOT b.platform IS NULL AS INTEGER) * 2 + CAST(NOT b.category IS NULL AS INTEGER))"
    )
    return exp.paren(select([how], table(f"benchmark_{metric}", "b"), where), copy=False)
