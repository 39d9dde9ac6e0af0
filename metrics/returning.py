"""Buyers who are new and buyers who come back, from the chained orders where they can tell, else from the lines.

`buyer_order` holds with each order the moments of the two before it, anywhere (`prev_any`) and in its own shop
(`prev_own`): so the first order of a period is one whose last lies before it, and the next order after a moment is the
one whose last is that moment. Neither needs an order compared with all others of its buyer.
"""

from __future__ import annotations

from sqlglot import exp

from metrics.declare import Axis, Measure
from metrics.shape import (
    Part,
    Shape,
    SideShape,
    alias,
    all_of,
    any_of,
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
from warehouse.chain import BUYER_CHANNEL, BUYER_ORDER

PLACES = ("platform", "shop")


def chained(shape: Shape) -> bool:
    """Whether the chained orders carry everything the question touches."""
    return bool(shape.history) and shape.touched <= set(PLACES)


def chain_of(shape: Shape) -> str | None:
    """The chained orders that tell a group's first from its second: those of each channel where one is told apart."""
    if chained(shape):
        return BUYER_ORDER
    by_channel = bool(shape.history) and shape.touched <= {*PLACES, "channel"} and shape.pinned("channel")
    return BUYER_CHANNEL if by_channel else None


def new_by_chain(shape: Shape) -> bool:
    """Whether a buyer's first order of a group is his first in the shops asked for, when he has none before it."""
    return chained(shape) and shape.history == shape.first_of


def first_of_cell(shape: Shape, side: SideShape, before: exp.Expr) -> exp.Expr:
    """An order is the first of its group when the one before it, at `before`, is none or of an earlier group."""
    earlier: exp.Expr = exp.LT(this=before.copy(), expression=param(f"{side.prefix}_start"))
    if shape.grain == "day" and all(one.whole_days or one.tail for one in shape.sides):
        # both sides begin at midnight, so they lie whole days apart: a day there is a day here
        earlier = exp.LT(this=before.copy(), expression=trunc("day", column("paid_at")))
    elif shape.grain:
        bucket = trunc(shape.grain, shifted(column("paid_at"), side))
        earlier = any_of(earlier, exp.LT(this=shifted(before.copy(), side), expression=bucket))
    return exp.paren(any_of(exp.Is(this=before.copy(), expression=exp.null()), earlier), copy=False)


# New ------------------------------------------------------------------------------------------------------------------


def new_parts(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """Lines of buyers whose first paid order ever falls in the period, or in the bucket where there is a grain."""
    if chained(shape) and shape.first_of:
        orders = [new_of_orders(shape, side, axis) for measure in group if measure.id == "new_buyers"]
        lines = tuple(measure for measure in group if measure.id != "new_buyers")
        return orders + (_new_of_lines(shape, side, axis, lines) if lines else [])
    return _new_of_lines(shape, side, axis, group)


def _new_of_lines(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    first = _firsts_of_period(shape, side, axis) if shape.first_of else _firsts_of_shops(shape, side, axis)
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


def new_of_orders(shape: Shape, side: SideShape, axis: Axis) -> Part:
    """New buyers alone, where the chain knows a buyer's first order of a group, and his first anywhere."""
    is_new = all_of(first_of_cell(shape, side, column(f"prev_{shape.history}")), "NOT f.buyer IS NULL")
    if shape.grain:
        bucket = trunc(shape.grain, shifted(column("paid_at"), side))
        is_new = all_of(is_new, exp.GTE(this=shifted(column("first_at", "f"), side), expression=bucket))
    counted = null_if_unknown(filtered(exp.Count(this=exp.Star()), is_new), parse("count(l.buyer)"))
    values = [*keys(shape, side, axis, "paid_at", "l"), alias(parse("count(*)"), "found"), alias(counted, "new_buyers")]
    where = [*in_period(side, column("paid_at")), *matches(shape, axis, "paid_at", "l")]
    tree = select(values, table(BUYER_ORDER, "l"), where, shape.keys)
    first = named(_firsts_of_period(shape, side, axis), "f")
    return ("new_buyers",), tree.join(first, on=parse("l.buyer = f.buyer"), join_type="left", copy=False)


def _firsts_of_period(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    """Buyers whose first order ever lies in the period: the chain says so of each order by itself."""
    where = [
        *in_period(side, column("paid_at")),
        exp.Is(this=column(f"prev_{shape.first_of}"), expression=exp.null()),
        parse("NOT buyer IS NULL"),
        *matches(shape, axis, "paid_at", only=PLACES),
    ]
    return select([column("buyer"), alias(column("paid_at"), "first_at")], BUYER_ORDER, where)


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
    by_chain = chained(shape) and shape.first_of is not None
    for days in sorted({measure.sql for measure in group}):
        mine = tuple(measure for measure in group if measure.sql == days)
        window = exp.Interval(this=exp.Literal.string(days), unit=exp.var("DAY"))
        per_buyer = (_again_by_chain if by_chain else _again_by_lines)(shape, side, axis, window)
        counted = {"able": parse("count(*)"), "again": parse("count(*) FILTER (WHERE again)")}
        values = [*(column(name) for name in shape.keys), alias(parse("count(*)"), "found")]
        values += [alias(counted[measure.id.rsplit("_", 1)[1]], measure.id) for measure in mine]
        found.append((names_of(mine), select(values, named(per_buyer, "per_buyer"), [], shape.keys)))
    return found


def _over(moment: exp.Expr, window: exp.Expr) -> exp.Expr:
    """The window after `moment` is over at the data's end. As only the earliest moment of a buyer is asked about,
    later ones may be left out before it is looked for."""
    end = exp.Sub(this=cast(param("watermark"), "TIMESTAMP"), expression=window.copy())
    return exp.LTE(this=moment, expression=end)


def _again_by_chain(shape: Shape, side: SideShape, axis: Axis, window: exp.Expr) -> exp.Select:
    """The next order after a moment is the one, later than it, whose last order was then: at most one a buyer."""
    first = select(
        [*keys(shape, side, axis, "paid_at"), column("buyer"), column("paid_at")],
        BUYER_ORDER,
        [
            *in_period(side, column("paid_at")),
            _over(column("paid_at"), window),
            parse("NOT buyer IS NULL"),
            first_of_cell(shape, side, column(f"prev_{shape.history}")),
            *matches(shape, axis, "paid_at"),
        ],
    )
    last = column(f"prev_{shape.first_of}")
    until = exp.Add(this=cast(param(f"{side.prefix}_end"), "TIMESTAMP"), expression=window.copy())
    following = select(
        [column("buyer"), alias(last.copy(), "after")],
        BUYER_ORDER,
        [
            exp.GTE(this=column("paid_at"), expression=param(f"{side.prefix}_start")),
            exp.LT(this=column("paid_at"), expression=until),
            exp.GTE(this=last.copy(), expression=param(f"{side.prefix}_start")),
            _over(last.copy(), window),
            exp.GT(this=column("paid_at"), expression=last.copy()),
            exp.LTE(this=column("paid_at"), expression=exp.Add(this=last.copy(), expression=window.copy())),
            *matches(shape, axis, "paid_at", only=PLACES),
        ],
    )
    again = exp.Not(this=exp.Is(this=column("buyer", "o"), expression=exp.null()))
    tree = select([*(column(name, "f") for name in shape.keys), alias(again, "again")], named(first, "f"), [])
    same = parse("o.buyer = f.buyer AND o.after = f.paid_at")
    return tree.join(named(following, "o"), on=same, join_type="left", copy=False)


def _again_by_lines(shape: Shape, side: SideShape, axis: Axis, window: exp.Expr) -> exp.Select:
    time = column(axis.time)
    first = select(
        [*keys(shape, side, axis, axis.time), column("buyer"), alias(call("min", time.copy()), "first_at")],
        axis.table,
        [
            *in_period(side, time.copy()),
            _over(time.copy(), window),
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
