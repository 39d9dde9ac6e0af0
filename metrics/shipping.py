"""Orders to ship, late ones and lines due: shipped lines from sums by day, the others from the few that wait."""

from __future__ import annotations

from sqlglot import exp

from metrics.declare import Axis, Measure
from metrics.facts import AXES
from metrics.planner import DAY_GRAINS, carries, orders_of_lines
from metrics.shape import (
    Part,
    Shape,
    SideShape,
    alias,
    call,
    column,
    in_period,
    keys,
    matches,
    named,
    names_of,
    parse,
    select,
    timed,
)
from warehouse.rollup import SHIPPING, UNSHIPPED

_LATE = ("waiting_orders", "late_orders")
_DUE = "due_lines"
_SHIPPED = "promised_ship_at IS NOT NULL AND shipped_at IS NOT NULL"
_BROKEN = "promised_ship_at < $watermark"
_WAITING = "status IN ('paid', 'part_shipped')"


def by_shipping(measure: Measure, shape: Shape, side: SideShape) -> bool:
    """Whether what is kept of shipping answers this measure exactly."""
    asked = measure.id in (*_LATE, _DUE) and not shape.as_known
    return (
        asked
        and (side.whole_days or side.tail)
        and shape.grain in DAY_GRAINS
        and carries(SHIPPING, AXES["sales"], shape)
    )


def shipping_parts(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """One part of up to three pieces: whole days summed, the begun day from its lines, and what is not shipped."""
    names = names_of(group)
    pieces: exp.Query = _summed(shape, side, axis, names)
    more = [_unshipped(shape, side, axis, names), *([_begun(shape, side, axis, names)] if side.tail else [])]
    for piece in more:
        pieces = exp.Union(this=pieces, expression=piece, distinct=False)
    values: list[exp.Expr] = [*(column(name) for name in shape.keys)]
    values += [alias(call("sum", column(name)), name) for name in ("found", *names)]
    return [(names, select(values, named(pieces, "pieces"), [], shape.keys))]


def _counted(names: tuple[str, ...], due: str) -> list[exp.Expr]:
    """Lines that are shipped wait for nothing; of them only those due are counted."""
    return [alias(parse(due if name == _DUE else "0"), name) for name in names]


def _summed(shape: Shape, side: SideShape, axis: Axis, names: tuple[str, ...]) -> exp.Select:
    values = [*keys(shape, side, axis, "day"), alias(parse("sum(line_count)"), "found")]
    where = [*in_period(side, column("day"), last="mid" if side.tail else "end"), *matches(shape, axis, "day")]
    return select([*values, *_counted(names, "sum(due_shipped)")], SHIPPING.table, where, shape.keys)


def _begun(shape: Shape, side: SideShape, axis: Axis, names: tuple[str, ...]) -> exp.Select:
    values = [*keys(shape, side, axis, axis.time), alias(parse("count(*)"), "found")]
    values += _counted(names, f"count(*) FILTER (WHERE {_SHIPPED})")
    where = [*in_period(side, column(axis.time), "mid"), *matches(shape, axis, axis.time), parse(axis.where)]
    return select(values, axis.table, where, shape.keys)


def _unshipped(shape: Shape, side: SideShape, axis: Axis, names: tuple[str, ...]) -> exp.Select:
    counted = {
        "waiting_orders": orders_of_lines(axis, shape, _WAITING, any_line=True),
        "late_orders": orders_of_lines(axis, shape, f"{_WAITING} AND {_BROKEN}", any_line=True),
        _DUE: parse(f"count(*) FILTER (WHERE {_BROKEN})"),
    }
    values = [*keys(shape, side, axis, axis.time), alias(parse("0"), "found")]
    values += [alias(timed(counted[name], side), name) for name in names]
    where = [*in_period(side, column(axis.time)), *matches(shape, axis, axis.time)]
    return select(values, UNSHIPPED, where, shape.keys)
