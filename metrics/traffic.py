"""Traffic: which rows answer, and when people may be added up.

A source may give a shop's total, a row per channel, a row per product, by hour and by day: five ways of saying the
same thing. Per platform, shop and day exactly one way is read, the best that answers the question. People (visitors,
users who added to cart) add up over platform, shop and day only; hours count each visitor where first seen, so the
hours of a day add up too. Over channels or products they do not: then the answer is null. A shop's day that is told
by its products or channels only is left out of a sum that other days and shops can give, and is named (`left_out`).
"""

from __future__ import annotations

from datetime import date

from sqlglot import exp

from metrics.coverage import Coverage, Where
from metrics.declare import Axis, Measure
from metrics.shape import (
    Shape,
    SideShape,
    alias,
    all_of,
    call,
    cast,
    column,
    filtered,
    in_period,
    keys,
    matches,
    named,
    param,
    parse,
    select,
    table,
)
from metrics.types import Period

_ROWS = {
    "total": "t.channel IS NULL AND t.product_id IS NULL",
    "channel": "NOT t.channel IS NULL AND t.product_id IS NULL",
    "product": "t.channel IS NULL AND NOT t.product_id IS NULL",
    "product_channel": "NOT t.channel IS NULL AND NOT t.product_id IS NULL",
}


def _levels(shape: Shape) -> tuple[str, ...]:
    """Ways that can answer, best first."""
    product = shape.touches("product") or shape.touches("category")
    if shape.touches("channel"):
        return ("product_channel",) if product else ("channel", "product_channel")
    return ("product", "product_channel") if product else ("total", "channel", "product")


def _ways(shape: Shape, side: SideShape) -> list[tuple[str, str, bool]]:
    """(level, span, people add up over what is not asked for)."""
    fine = shape.grain in ("minute", "hour") or shape.touches("hour") or not side.whole_days
    spans = ("hour",) if fine else ("hour", "day")
    found = []
    for level in _levels(shape):
        by_channel = level in ("channel", "product_channel")
        by_product = level in ("product", "product_channel")
        adds = (not by_channel or shape.pinned("channel")) and (not by_product or shape.pinned("product"))
        found += [(level, span, adds) for span in spans]
    return found


def left_out(shape: Shape, side: SideShape, period: Period, state: Coverage, where: Where) -> tuple[date, ...]:
    """Days of which some shop's people are in no sum, because they are told in a way that does not add up.

    Empty where nothing adds up by this question: then it is the question that cannot be answered, not a day.
    """
    ways = {f"traffic.{level}.{span}": adds for level, span, adds in _ways(shape, side)}
    if all(ways.values()) or not any(ways.values()):
        return ()
    told = (
        (day, next((adds for way, adds in ways.items() if way in by), True)) for day, by in state.ways(period, where)
    )
    return tuple(sorted({day for day, adds in told if not adds}))


def traffic_part(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> exp.Select:
    """The part that reads the measures of `group` from the best rows of each shop and day."""
    ways = _ways(shape, side)
    rank_of_subject = exp.Case(
        ifs=[
            exp.If(this=parse(f"subject = 'traffic.{level}.{span}'"), true=exp.Literal.number(rank))
            for rank, (level, span, _) in enumerate(ways)
        ]
    )
    rank_of_row = exp.Case(
        ifs=[
            exp.If(this=parse(f"{_ROWS[level]} AND t.span = '{span}'"), true=exp.Literal.number(rank))
            for rank, (level, span, _) in enumerate(ways)
        ]
    )
    place = ("platform", "shop", "day")
    best = select(
        [*(column(name) for name in place), alias(call("min", rank_of_subject), "best")],
        "coverage",
        [
            parse("subject LIKE 'traffic.%'"),
            exp.GTE(this=column("day"), expression=cast(param(f"{side.prefix}_start"), "DATE")),
            exp.LT(this=column("day"), expression=param(f"{side.prefix}_end")),
        ],
        place,
    )
    values = [*keys(shape, side, axis, axis.time, "t"), alias(parse("count(*)"), "found")]
    apart = [str(rank) for rank, way in enumerate(ways) if not way[2]]
    for measure in group:
        values.append(alias(_people(measure, apart) if measure.kind == "people" else parse(measure.sql), measure.id))
    tree = select(
        values,
        table(axis.table, "t"),
        [*in_period(side, column(axis.time, "t")), *matches(shape, axis, axis.time, "t")],
        shape.keys,
    )
    on = all_of(
        "t.platform = b.platform",
        "t.shop = b.shop",
        exp.EQ(this=cast(column(axis.time, "t"), "DATE"), expression=column("day", "b")),
        exp.EQ(this=rank_of_row, expression=column("best", "b")),
    )
    return tree.join(named(best, "b"), on=on, copy=False)


def _people(measure: Measure, apart: list[str]) -> exp.Expr:
    """The sum over the rows whose people add up; null where there are none."""
    total = call("sum", column(measure.sql, "t"))
    return filtered(total, parse(f"NOT b.best IN ({', '.join(apart)})")) if apart else total
