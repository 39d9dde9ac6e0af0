"""Distinct SKUs sold: of whole days from their bits (`warehouse/skus.py`), else from the lines, each SKU once."""

from __future__ import annotations

from sqlglot import exp

from metrics.declare import Axis, Measure
from metrics.measures import SKUS
from metrics.planner import DAY_GRAINS
from metrics.shape import (
    PLACES,
    Part,
    Shape,
    SideShape,
    alias,
    column,
    in_period,
    keys,
    matches,
    named,
    names_of,
    parse,
    select,
    table,
)
from warehouse.skus import BIT, CHUNK, SKU_DAY, SKU_NUMBER

COUNTED = SKUS.partition("{}")[0]
"""How the SQL of a measure begins that counts SKUs."""


def sku_parts(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """One part: what is sold of each shop at least once, and then how much that is.

    A set of SKUs for each key would be several times as dear.
    """
    if not by_bits(shape, side):
        return [(names_of(group), _by_lines(shape, side, axis, group))]
    own, columns = (*shape.keys, *PLACES, "chunk"), ("skus", "found")
    days: exp.Query = _days(shape, side, axis)
    if side.tail:
        days = exp.Union(this=days, expression=_begun(shape, side, axis), distinct=False)
    summed = [alias(parse("bit_or(skus)"), columns[0]), alias(parse("sum(found)"), columns[1])]
    shops = select([*(column(name) for name in own), *summed], named(days, "days"), [], own)
    values = [*(column(name) for name in shape.keys), alias(parse("sum(found)"), "found")]
    for measure in group:
        condition = _condition(measure).replace("sku_id IS NOT NULL", "chunk IS NOT NULL")
        counted = parse(f"coalesce(sum(bit_count(skus)) FILTER (WHERE {condition}), 0)")
        values.append(alias(counted, measure.id))
    return [(names_of(group), select(values, named(shops, "skus"), [], shape.keys))]


def _condition(measure: Measure) -> str:
    return measure.sql.removeprefix(COUNTED).removesuffix(")")


def by_bits(shape: Shape, side: SideShape) -> bool:
    """Whether the bits of whole days carry everything the question touches."""
    whole = (side.whole_days or side.tail) and shape.grain in DAY_GRAINS
    return whole and not shape.as_known and shape.touched <= {*PLACES, "weekday"}


def _days(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    found = [*(column(name) for name in (*PLACES, "chunk", "skus")), alias(parse("1"), "found")]
    where = [*in_period(side, column("day"), last="mid" if side.tail else "end"), *matches(shape, axis, "day")]
    return select([*keys(shape, side, axis, "day"), *found], SKU_DAY, where)


def _begun(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    """The bits of the begun day from its lines."""
    where = [*in_period(side, column(axis.time), "mid"), *matches(shape, axis, axis.time), parse(axis.where)]
    given = (axis.time, *PLACES, "sku_id")
    lines = named(select([column(name) for name in given], axis.table, where), "l")
    values = [*keys(shape, side, axis, axis.time), *(column(name) for name in PLACES)]
    values += [alias(parse(CHUNK), "chunk"), alias(parse(BIT), "skus"), alias(parse("count(*)"), "found")]
    tree = exp.select(*values, copy=False).from_(lines, copy=False)
    tree = tree.join(table(SKU_NUMBER), using=[*PLACES, "sku_id"], join_type="left", copy=False)
    return tree.group_by(*(column(name) for name in (*shape.keys, *PLACES, "chunk")), copy=False)


def _by_lines(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> exp.Select:
    sku = (*PLACES, "sku_id")
    once = select(
        [*keys(shape, side, axis, axis.time), *(column(name) for name in sku)],
        axis.table,
        [*in_period(side, column(axis.time)), *matches(shape, axis, axis.time), parse(axis.where)],
        (*shape.keys, *sku),
    )
    values = [*(column(name) for name in shape.keys), alias(parse("count(*)"), "found")]
    for measure in group:
        values.append(alias(parse(f"count(*) FILTER (WHERE {_condition(measure)})"), measure.id))
    return select(values, named(once, "skus"), [], shape.keys)
