"""Which table answers a measure: the coarsest rollup that is exact, else the fact itself."""

from __future__ import annotations

from sqlglot import exp

from metrics.declare import Axis, Measure
from metrics.facts import AXES
from metrics.shape import Shape, SideShape, all_of, column, filtered, parse
from warehouse.rollup import ROLLUPS, Rollup
from warehouse.vintage import VINTAGES

_KEPT = tuple(item.cells for item in VINTAGES)

_HEADED = ("sales", "created")  # axes whose lines say which of an order's is the head
DAY_GRAINS = (None, "day", "week", "month", "quarter", "year")


def rollup_for(measure: Measure, shape: Shape, side: SideShape) -> tuple[Rollup, str] | None:
    """The first (coarsest) rollup (of an earlier moment: vintage) that answers `measure` exactly, and its column."""
    axis = AXES[measure.axis]
    if not (side.whole_days or side.tail) or shape.grain not in DAY_GRAINS or measure.kind not in ("plain", "orders"):
        return None
    for rollup in _KEPT if shape.as_known else ROLLUPS:
        if (rollup.fact, rollup.time, rollup.where) == (axis.table, axis.time, axis.where) and carries(
            rollup, axis, shape
        ):
            found = _column(rollup, measure, axis, shape)
            if found:
                return rollup, found
    return None


def carries(rollup: Rollup, axis: Axis, shape: Shape) -> bool:
    """Whether the rollup has every dimension of the question."""
    return all(name == "weekday" or axis.dims[name] in rollup.dims for name in shape.touched)


def _column(rollup: Rollup, measure: Measure, axis: Axis, shape: Shape) -> str | None:
    if measure.kind == "orders":
        text = "count(*) FILTER (WHERE is_head" + ("" if measure.sql == "TRUE" else f" AND {measure.sql}") + ")"
        if measure.sql == "TRUE" and rollup.order_count:
            return "order_count" if _orders_add_up(rollup, axis, shape) else None
    else:
        text = measure.sql
    return next((name for name, sql in rollup.sums.items() if sql == text), None)


def _orders_add_up(rollup: Rollup, axis: Axis, shape: Shape) -> bool:
    """An order's lines may lie in several cells of a line-level dimension, unless it is one value per group."""
    lines = {name for name in axis.line_dims if axis.dims[name] in rollup.dims}
    return all(shape.pinned(name) for name in lines)


def orders_of_lines(axis: Axis, shape: Shape, condition: str, any_line: bool = False) -> exp.Expr:
    """Distinct orders with a line that meets `condition`: by their head line where that is exact, else DISTINCT.

    With `any_line` the lines of one order may differ in the condition, so that its head does not speak for it.
    """
    wanted = None if condition == "TRUE" else parse(condition)
    if not (any_line or by_line(axis, shape)):
        test = column("is_head") if wanted is None else all_of(column("is_head"), wanted)
        return filtered(exp.Count(this=exp.Star()), test)
    parts = [column(name) for name in ("platform", "shop") if not shape.pinned(name)]
    order = column("order_id")
    item = exp.Tuple(expressions=[*parts, order]) if parts else order
    counted: exp.Expr = exp.Count(this=exp.Distinct(expressions=[item]))
    known = exp.Not(this=exp.Is(this=order.copy(), expression=exp.null()))
    test = known if wanted is None else all_of(known, wanted)
    return filtered(counted, test)


def by_line(axis: Axis, shape: Shape) -> bool:
    """Whether the lines of one order may lie in several groups, so that orders are told apart by their ids."""
    return axis.id not in _HEADED or any(name in axis.line_dims for name in shape.touched)
