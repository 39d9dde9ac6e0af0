"""Buyers who are new and buyers who come back, from the lines where the chained orders (`chained.py`) cannot tell."""

from __future__ import annotations

from sqlglot import exp

from metrics.chained import able_by_chain, again_by_chain, days_of, firsts_of_period, new_by_chain, over, united
from metrics.declare import Axis, Measure
from metrics.shape import (
    PLACES,
    Part,
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
    names_of,
    null_if_unknown,
    param,
    parse,
    select,
    shifted,
    table,
    trunc,
)
from warehouse.chain import BUYER_ORDER

# New ------------------------------------------------------------------------------------------------------------------


def new_parts(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """Lines of buyers whose first paid order ever falls in the period, or in the bucket where there is a grain."""
    first = firsts_of_period(shape, side, axis) if shape.first_of else _firsts_of_shops(shape, side, axis)
    is_new: exp.Expr = exp.Not(this=exp.Is(this=column("first_at", "f"), expression=exp.null()))
    if shape.grain:
        bucket = trunc(shape.grain, shifted(column(axis.time, "l"), side))
        is_new = all_of(is_new, exp.GTE(this=shifted(column("first_at", "f"), side), expression=bucket))
    counted = {
        "new_buyers": filtered(exp.Count(this=exp.Distinct(expressions=[column("buyer", "l")])), is_new),
        "new_buyer_gmv": call("coalesce", filtered(call("sum", column("paid_amount", "l")), is_new), parse("0")),
    }
    known = exp.Count(this=column("buyer", "l"))
    values = [*keys(shape, side, axis, axis.time, "l"), alias(parse("count(*)"), "found")]
    values += [alias(null_if_unknown(counted[measure.id], known.copy()), measure.id) for measure in group]
    where = [*in_period(side, column(axis.time, "l")), *matches(shape, axis, axis.time, "l"), parse("NOT l.is_test")]
    tree = select(values, table(axis.table, "l"), where, shape.keys)
    joined = tree.join(named(first, "f"), on=parse("l.buyer = f.buyer"), join_type="left", copy=False)
    return [(names_of(group), joined)]


def _firsts_of_shops(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    """The same within some shops: the first of a buyer's first orders in each of them."""
    own = [parse("prev_own IS NULL"), parse("NOT buyer IS NULL"), *matches(shape, axis, "paid_at", only=PLACES)]
    firsts = select([column("buyer"), alias(column("paid_at"), "first_at")], BUYER_ORDER, own)
    candidates = select([column("buyer")], named(firsts, "firsts"), in_period(side, column("first_at")))
    return select(
        [column("buyer"), alias(parse("min(first_at)"), "first_at")],
        named(firsts.copy(), "firsts"),
        [exp.In(this=column("buyer"), query=candidates.subquery(copy=False))],
        ("buyer",),
    ).having(exp.GTE(this=parse("min(first_at)"), expression=param(f"{side.prefix}_start")), copy=False)


# Back again -----------------------------------------------------------------------------------------------------------


def repurchase_parts(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """Per buyer the first order of the period, and whether another paid order follows within so many days."""
    found: list[Part] = []
    for days in sorted({measure.sql for measure in group}):
        mine = tuple(measure for measure in group if measure.sql == days)
        window = days_of(mine[0])
        counted = {"able": parse("count(*)"), "again": parse("count(*) FILTER (WHERE again)")}
        seen, source = parse("count(*)"), named(_again_by_lines(shape, side, axis, window), "per_buyer")
        if new_by_chain(shape):
            counted = {"able": parse("sum(able)"), "again": parse("sum(again)")}
            seen, pieces = parse("sum(able + again)"), [again_by_chain(shape, side, axis, window)]
            if any(measure.id.endswith("_able") for measure in mine):
                pieces.append(able_by_chain(shape, side, axis, window))
            source = named(united(pieces), "per_buyer")
        values = [*(column(name) for name in shape.keys), alias(seen, "found")]
        values += [alias(counted[measure.id.rsplit("_", 1)[1]], measure.id) for measure in mine]
        found.append((names_of(mine), select(values, source, [], shape.keys)))
    return found


def _again_by_lines(shape: Shape, side: SideShape, axis: Axis, window: exp.Expr) -> exp.Select:
    time = column(axis.time)
    first = select(
        [*keys(shape, side, axis, axis.time), column("buyer"), alias(call("min", time.copy()), "first_at")],
        axis.table,
        [
            *in_period(side, time.copy()),
            over(time.copy(), window),
            *matches(shape, axis, axis.time),
            parse(axis.where),
            parse("NOT buyer IS NULL"),
        ],
        (*shape.keys, "buyer"),
    )
    until = exp.Add(this=cast(param(f"{side.prefix}_end"), "TIMESTAMP"), expression=window.copy())
    later = select(
        [column("buyer"), time.copy()],
        axis.table,
        [
            parse(axis.where),
            exp.GTE(this=time.copy(), expression=param(f"{side.prefix}_start")),
            exp.LT(this=time.copy(), expression=until),
            *matches(shape, axis, axis.time, only=PLACES),
        ],
    )
    latest = exp.Add(this=column("first_at", "f"), expression=window.copy())
    within = all_of(
        "o.buyer = f.buyer",
        exp.GT(this=column(axis.time, "o"), expression=column("first_at", "f")),
        exp.LTE(this=column(axis.time, "o"), expression=latest),
    )
    own = [*(column(name, "f") for name in shape.keys), column("buyer", "f")]
    tree = select([*own, alias(parse("count(o.buyer) > 0"), "again")], named(first, "f"), [])
    joined = tree.join(named(later, "o"), on=within, join_type="left", copy=False)
    return joined.group_by(*(item.copy() for item in own), copy=False)
