"""Buyers by their chained orders: who bought, again, for the first time ever, and came back within some days.

`buyer_order` holds with each order the moments of the two before it, anywhere (`prev_any`) and in its own shop
(`prev_own`): so the first order of a period is one whose last lies before it, and the next order after a moment is the
one whose last is that moment. Neither needs an order compared with all others of its buyer.
"""

from __future__ import annotations

from sqlglot import exp

from metrics.declare import Axis, Measure
from metrics.shape import (
    PLACES,
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
    """Whether the chain knows a buyer's first order of a group, and his first in the shops asked for."""
    return chained(shape) and shape.first_of is not None


def first_of_cell(shape: Shape, side: SideShape, before: exp.Expr, at: exp.Column | None = None) -> exp.Expr:
    """The order of `at` (paid_at) is the first of its group when the one before it is none or of an earlier group."""
    moment = at or column("paid_at")
    earlier: exp.Expr = exp.LT(this=before.copy(), expression=param(f"{side.prefix}_start"))
    if shape.grain == "day" and all(one.whole_days or one.tail for one in shape.sides):
        # both sides begin at midnight, so they lie whole days apart: a day there is a day here
        earlier = exp.LT(this=before.copy(), expression=trunc("day", moment.copy()))
    elif shape.grain:
        bucket = trunc(shape.grain, shifted(moment.copy(), side))
        earlier = any_of(earlier, exp.LT(this=shifted(before.copy(), side), expression=bucket))
    return exp.paren(any_of(_none(before.copy()), earlier), copy=False)


def _none(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value, expression=exp.null())


def united(pieces: list[exp.Select]) -> exp.Query:
    """Pieces with the same columns under each other."""
    tree: exp.Query = pieces[0]
    for piece in pieces[1:]:
        tree = exp.Union(this=tree, expression=piece, distinct=False)
    return tree


def _added(shape: Shape, pieces: list[exp.Select], names: tuple[str, ...]) -> exp.Select:
    """Pieces with the same columns, added up by the keys."""
    values: list[exp.Expr] = [*(column(name) for name in shape.keys)]
    values += [alias(call("sum", column(name)), name) for name in names]
    return select(values, named(united(pieces), "pieces"), [], shape.keys)


# Who bought, again, for the first time ------------------------------------------------------------------------------


def chained_part(chain: str, shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> exp.Select:
    """A buyer's first order of the cell counts the buyer, the second the repeat; who has none before it is new; and
    those that another could follow by now are counted.

    Only who is new but not with his first order ever (that was in another group of the period), and what new buyers
    paid, is looked for among the few firsts of the period.
    """
    prev, prev2 = column(f"prev_{shape.history}"), column(f"prev2_{shape.history}")
    known, first = parse("NOT buyer IS NULL"), first_of_cell(shape, side, prev)
    tests = {
        "buyers": all_of(known, first),
        "repeat_buyers": all_of(known.copy(), exp.not_(first, copy=True), first_of_cell(shape, side, prev2)),
        "new_buyers": all_of(known.copy(), _none(column(f"prev_{shape.first_of}"))),
    }
    names = names_of(group)
    tests |= {measure.id: able_test(shape, side, measure) for measure in group if measure.kind == "repurchase"}
    values = [*keys(shape, side, axis, "paid_at"), alias(parse("count(*)"), "found")]
    for name in names:
        counted = (
            parse("0") if name == "new_buyer_gmv" else filtered(exp.Count(this=exp.Star()), tests.get(name, known))
        )
        value = parse("count(*)") if name == "orders" else null_if_unknown(counted, parse("count(buyer)"))
        values.append(alias(value, name))
    where = [*in_period(side, column("paid_at")), *matches(shape, axis, "paid_at")]
    pieces = [select(values, chain, where, shape.keys)]
    if "new_buyers" in names and shape.history != shape.first_of:
        pieces.append(_new_elsewhere(shape, side, axis, names))
    if "new_buyer_gmv" in names:
        pieces.append(_paid_by_new(shape, side, axis, names))
    return pieces[0] if len(pieces) == 1 else _added(shape, pieces, ("found", *names))


def _only(names: tuple[str, ...], name: str, value: exp.Expr) -> list[exp.Expr]:
    """`found` and all measures of a piece that tells but one of them."""
    return [alias(parse("0"), "found"), *(alias(value if one == name else parse("0"), one) for one in names)]


def _new_elsewhere(shape: Shape, side: SideShape, axis: Axis, names: tuple[str, ...]) -> exp.Select:
    """Buyers whose first order ever lies in the period, and in another group of it."""
    before = column(f"prev_{shape.first_of}", "l")
    where = [
        *in_period(side, column("paid_at", "l")),
        *matches(shape, axis, "paid_at", "l"),
        exp.GTE(this=before, expression=param(f"{side.prefix}_start")),
        first_of_cell(shape, side, column(f"prev_{shape.history}", "l"), column("paid_at", "l")),
        *_in_bucket(shape, side, "paid_at"),
    ]
    values = [*keys(shape, side, axis, "paid_at", "l"), *_only(names, "new_buyers", parse("count(*)"))]
    tree = select(values, table(BUYER_ORDER, "l"), where, shape.keys)
    first = named(firsts_of_period(shape, side, axis), "f")
    return tree.join(first, on=parse("l.buyer = f.buyer"), copy=False)


def _paid_by_new(shape: Shape, side: SideShape, axis: Axis, names: tuple[str, ...]) -> exp.Select:
    """What buyers paid whose first order ever lies in the period, or in the bucket where there is a grain."""
    where = [
        *in_period(side, column(axis.time, "l")),
        *matches(shape, axis, axis.time, "l"),
        parse("NOT l.is_test"),
        *_in_bucket(shape, side, axis.time),
    ]
    paid = parse("coalesce(sum(l.paid_amount), 0)")
    values = [*keys(shape, side, axis, axis.time, "l"), *_only(names, "new_buyer_gmv", paid)]
    tree = select(values, table(axis.table, "l"), where, shape.keys)
    first = named(firsts_of_period(shape, side, axis), "f")
    return tree.join(first, on=parse("l.buyer = f.buyer"), copy=False)


def _in_bucket(shape: Shape, side: SideShape, time: str) -> list[exp.Expr]:
    """A first order counts in its own bucket and in no later one."""
    if not shape.grain:
        return []
    bucket = trunc(shape.grain, shifted(column(time, "l"), side))
    return [exp.GTE(this=shifted(column("first_at", "f"), side), expression=bucket)]


def firsts_of_period(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    """Buyers whose first order ever lies in the period: the chain says so of each order by itself."""
    where = [
        *in_period(side, column("paid_at")),
        _none(column(f"prev_{shape.first_of}")),
        parse("NOT buyer IS NULL"),
        *matches(shape, axis, "paid_at", only=PLACES),
    ]
    return select([column("buyer"), alias(column("paid_at"), "first_at")], BUYER_ORDER, where)


# Back again -----------------------------------------------------------------------------------------------------------


def over(moment: exp.Expr, window: exp.Expr) -> exp.Expr:
    """The window after `moment` is over at the data's end. As only the earliest moment of a buyer is asked about,
    later ones may be left out before it is looked for."""
    end = exp.Sub(this=cast(param("watermark"), "TIMESTAMP"), expression=window.copy())
    return exp.LTE(this=moment, expression=end)


def able_test(shape: Shape, side: SideShape, measure: Measure) -> exp.Expr:
    """A buyer's first order of a group whose window (of so many days) is over."""
    first = first_of_cell(shape, side, column(f"prev_{shape.history}"))
    return all_of("NOT buyer IS NULL", first, over(column("paid_at"), days_of(measure)))


def days_of(measure: Measure) -> exp.Interval:
    """The window of a measure of repurchase."""
    return exp.Interval(this=exp.Literal.string(measure.sql), unit=exp.var("DAY"))


def able_by_chain(shape: Shape, side: SideShape, axis: Axis, window: exp.Expr) -> exp.Select:
    """By key: `able`, first orders of the group; `again` is 0."""
    values = [*keys(shape, side, axis, "paid_at"), alias(parse("count(*)"), "able"), alias(parse("0"), "again")]
    return select(values, BUYER_ORDER, _firsts(shape, side, axis, window), shape.keys)


def again_by_chain(shape: Shape, side: SideShape, axis: Axis, window: exp.Expr) -> exp.Select:
    """By key: `again`, first orders of the group that another follows, at most one a buyer; `able` is 0.

    The next order after a moment is the one, later than it, whose last order was then. Where that was in the same
    group and alone at its moment, the later order tells by itself whether it was the first; else the two are joined.
    """
    last = column(f"prev_{shape.first_of}")
    straight = all_of(_alone(shape), first_of_cell(shape, side, column(f"prev2_{shape.history}"), last))
    values = [*keys(shape, side, axis, last.name), column("buyer"), alias(last, "after")]
    values += [alias(_alone(shape), "alone"), alias(straight, "straight")]
    following = select(values, BUYER_ORDER, _following(shape, side, axis, window))
    told = [*(column(name) for name in shape.keys), *_none_able()]
    pieces = [select(told, "following", [column("straight")], shape.keys), _joined(shape, side, axis, window)]
    tree = _added(shape, pieces, ("able", "again"))
    return tree.with_("following", as_=following, materialized=True, copy=False)


def _none_able() -> list[exp.Expr]:
    return [alias(parse("0"), "able"), alias(parse("count(*)"), "again")]


def _firsts(shape: Shape, side: SideShape, axis: Axis, window: exp.Expr) -> list[exp.Expr]:
    return [
        *in_period(side, column("paid_at")),
        over(column("paid_at"), window),
        parse("NOT buyer IS NULL"),
        first_of_cell(shape, side, column(f"prev_{shape.history}")),
        *matches(shape, axis, "paid_at"),
    ]


def _following(shape: Shape, side: SideShape, axis: Axis, window: exp.Expr) -> list[exp.Expr]:
    """Orders that follow one of the period within the window."""
    last = column(f"prev_{shape.first_of}")
    until = exp.Add(this=cast(param(f"{side.prefix}_end"), "TIMESTAMP"), expression=window.copy())
    return [
        exp.GTE(this=column("paid_at"), expression=param(f"{side.prefix}_start")),
        exp.LT(this=column("paid_at"), expression=until),
        *in_period(side, last),
        over(last.copy(), window),
        exp.GT(this=column("paid_at"), expression=last.copy()),
        exp.LTE(this=column("paid_at"), expression=exp.Add(this=last.copy(), expression=window.copy())),
        parse("NOT buyer IS NULL"),
        *matches(shape, axis, "paid_at", only=PLACES),
    ]


def _alone(shape: Shape) -> exp.Expr:
    """The last order was the only one at its moment, and in the same group."""
    last, earlier = column(f"prev_{shape.first_of}"), column(f"prev2_{shape.first_of}")
    alone = exp.paren(any_of(_none(earlier), exp.LT(this=earlier.copy(), expression=last)), copy=False)
    if shape.history == shape.first_of:
        return alone
    own = column(f"prev_{shape.history}")
    return all_of(alone, exp.NullSafeEQ(this=own, expression=last.copy()))


def _joined(shape: Shape, side: SideShape, axis: Axis, window: exp.Expr) -> exp.Select:
    own = [*keys(shape, side, axis, "paid_at"), column("buyer"), column("paid_at")]
    first = select(own, BUYER_ORDER, _firsts(shape, side, axis, window))
    other = select([column("buyer"), column("after")], "following", [parse("NOT alone")])
    values: list[exp.Expr] = [alias(column(name, "f"), name) for name in shape.keys]
    tree = select([*values, *_none_able()], named(first, "f"), [])
    same = parse("o.buyer = f.buyer AND o.after = f.paid_at")
    tree = tree.join(named(other, "o"), on=same, copy=False)
    return tree.group_by(*(column(name, "f") for name in shape.keys), copy=False) if shape.keys else tree
