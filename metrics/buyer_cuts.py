"""Cutting sales by who bought: by segment, by RFM class, by the month of the first order.

What a buyer is holds for a moment, not for an order: it is told from all he bought, within the platforms and other
filters of the question, up to the midnight after the asked period (or after the present, where the period is not
over). Each side of a comparison is told at its own end. The lines of the question then carry it as a column:

    a_state AS (one row a buyer), a_cut AS (means and quantiles over them),
    a_buyer AS (buyer → segment, rfm, cohort), a_order_line AS (order_line LEFT JOIN a_buyer)

A buyer is one row of `a_buyer`, so the join multiplies nothing. Lines of unknown buyers have no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlglot import exp

from metrics.declare import Axis
from metrics.dimensions import PERSONAL
from metrics.people import CLASSES, Cuts, buyer_rows, cut_params, segment_sql
from metrics.planner import orders_of_lines
from metrics.shape import Shape, SideShape, matches, parse

_AXES = ("sales", "created")
_CLASS = " ".join(
    f"WHEN (recency < mean_r) = {recent} AND (frequency > mean_f) = {often} AND (money > mean_m) = {much} THEN '{name}'"
    for (recent, often, much), name in CLASSES.items()
)


def personal(names: Iterable[str]) -> frozenset[str]:
    """Those of the dimensions that tell who bought."""
    return PERSONAL & frozenset(names)


def axis_of(axis: Axis, shape: Shape, side: SideShape) -> Axis:
    """The axis as this question reads it: with the lines that know their buyer, where it asks who bought."""
    if axis.id in _AXES and personal(shape.touched):
        return replace(axis, table=f"{side.prefix}_order_line")
    return axis


def define(tree: exp.Select, axis: Axis, shape: Shape, side: SideShape) -> None:
    """Add to a statement what `axis_of` reads, where anything is needed."""
    asked = personal(shape.touched)
    if not asked:
        return
    before, prefix = replace(shape, filters=_others(shape)), side.prefix
    tests = [exp.paren(test, copy=False).sql("duckdb", identify=True) for test in matches(before, axis, axis.time)]
    where = " AND ".join(["NOT is_test", "buyer IS NOT NULL", f"paid_at < ${prefix}_asof", *tests])
    orders = orders_of_lines(axis, replace(before, dims=()), "TRUE").sql("duckdb", identify=True)
    state, cut = f"{prefix}_state", f"{prefix}_cut"
    columns = {
        "segment": segment_sql("high_money"),
        "rfm": f"CASE {_CLASS} END",
        "cohort": f"strftime(${prefix}_asof::DATE - age::INT, '%Y-%m')",
    }
    told = ", ".join(f"{columns[name]} AS {name}" for name in sorted(asked))
    parts = {
        state: buyer_rows(where, orders, f"{prefix}_asof"),
        cut: "SELECT avg(recency) AS mean_r, avg(frequency) AS mean_f, avg(money) AS mean_m, "
        f"quantile_disc(money, $high_from) AS high_money FROM {state}",
        f"{prefix}_buyer": f"SELECT buyer, {told} FROM {state} CROSS JOIN {cut}",
        f"{prefix}_order_line": f"SELECT l.*, {', '.join(f'p.{name}' for name in sorted(asked))} "
        f"FROM order_line AS l LEFT JOIN {prefix}_buyer AS p ON l.buyer = p.buyer",
    }
    for name, sql in parts.items():
        once = name in (state, f"{prefix}_buyer")  # read by every part of the question
        tree.with_(exp.TableAlias(this=exp.to_identifier(name)), as_=parse(sql), materialized=once or None, copy=False)


def _others(shape: Shape) -> tuple[Any, ...]:
    """The filters that say within what a buyer is judged."""
    return tuple(item for item in shape.filters if item.dimension not in PERSONAL)


def params_of(sides: Mapping[str, Any], clock: datetime, cuts: Cuts) -> dict[str, Any]:
    """What `define` reads: where segments are parted, and the midnight each side is judged at."""
    return cut_params(cuts) | {
        f"{prefix}_asof": _midnight(min(clock, side.end)) for prefix, side in sides.items() if side is not None
    }


def _midnight(moment: datetime) -> datetime:
    """The first midnight at or after a moment."""
    start = datetime.combine(moment.date(), time.min)
    return start if start == moment else start + timedelta(days=1)
