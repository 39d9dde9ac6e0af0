"""Parts of a question: one SELECT per fact, time and way of counting, grouped by the keys of the question.

Each part gives the key columns, `found` (how many rows it saw) and its measures, so that parts can be put side by side
by their keys without ever multiplying each other's rows.
"""

from __future__ import annotations

from collections import defaultdict

from sqlglot import exp

from metrics.buyer_cuts import axis_of
from metrics.declare import Axis, Measure
from metrics.facts import AXES
from metrics.measures import MEASURES
from metrics.pace import MAIN
from metrics.planner import orders_of_lines, rollup_for
from metrics.shape import (
    Shape,
    SideShape,
    alias,
    all_of,
    any_of,
    call,
    cast,
    column,
    in_period,
    keys,
    matches,
    named,
    null_if_unknown,
    param,
    parse,
    select,
    shifted,
    table,
    trunc,
)
from metrics.stock import stock_parts
from metrics.supply import supply_parts
from metrics.traffic import traffic_part
from warehouse.rollup import BUYER_ORDER, Rollup

Part = tuple[tuple[str, ...], exp.Select]
"""Measures it gives, and the SELECT."""


def parts_of(shape: Shape, side: SideShape, measures: tuple[str, ...]) -> list[Part]:
    """Every part that one side of the question needs."""
    found: list[Part] = []
    rolled: dict[tuple[str, str], list[tuple[Measure, str]]] = defaultdict(list)
    rollups: dict[str, Rollup] = {}
    rest: dict[tuple[str, str], list[Measure]] = defaultdict(list)
    for name in measures:
        measure = MEASURES[name]
        if name not in side.known or measure.kind == "length":
            continue
        if choice := rollup_for(measure, shape, side):
            rollups[choice[0].table] = choice[0]
            rolled[measure.axis, choice[0].table].append((measure, choice[1]))
        else:
            rest[measure.axis, _family(measure)].append(measure)
    for (axis_id, name), chosen in rolled.items():
        found.append(_rollup_part(shape, side, AXES[axis_id], rollups[name], chosen))
    for (axis_id, family), group in rest.items():
        found.extend(_BUILDERS[family](shape, side, axis_of(AXES[axis_id], shape, side), tuple(group)))
    return found


def _family(measure: Measure) -> str:
    if measure.axis == "traffic":
        return "traffic"
    if measure.kind in ("orders", "orders_any"):
        return "plain"
    if measure.kind in ("reorder", "lost"):
        return "supply"
    return "stock" if measure.kind in ("stock", "cover", "stock_mean") else measure.kind


def _names(group: tuple[Measure, ...]) -> tuple[str, ...]:
    return tuple(measure.id for measure in group)


def _timed(tree: exp.Expr, side: SideShape) -> exp.Expr:
    """`$watermark` and `$clock` (the present, or the side's end) of a declaration as parameters."""
    names = {"watermark": "watermark", "clock": f"{side.prefix}_clock"}

    def place(node: exp.Expr) -> exp.Expr:
        if isinstance(node, (exp.Parameter, exp.Placeholder)):
            return cast(param(names[node.sql("duckdb").lstrip("$:@?")]), "TIMESTAMP")
        return node

    return tree.transform(place)


def _rollup_part(shape: Shape, side: SideShape, axis: Axis, rollup: Rollup, chosen: list[tuple[Measure, str]]) -> Part:
    values = [*keys(shape, side, axis, "day"), alias(call("sum", column("line_count")), "found")]
    if shape.as_known:
        return _names(tuple(measure for measure, _ in chosen)), _vintage(shape, side, axis, rollup, chosen, values)
    values += [alias(call("sum", column(name)), measure.id) for measure, name in chosen]
    last = "mid" if side.tail else "end"
    where = [*in_period(side, column("day"), last=last), *matches(shape, axis, "day")]
    group = tuple(measure for measure, _ in chosen)
    whole = select(values, rollup.table, where, shape.keys)
    return _names(group), _with_tail(shape, side, axis, group, whole) if side.tail else whole


def _vintage(
    shape: Shape,
    side: SideShape,
    axis: Axis,
    cells: Rollup,
    chosen: list[tuple[Measure, str]],
    values: list[exp.Expr],
) -> exp.Select:
    """What had been made known by then adds up to what was known; keys whose rows are all gone are no keys."""
    for measure, name in chosen:
        total = call("sum", column(name))
        if cells.sums.get(name, "").startswith("sum("):
            some = exp.GT(this=call("sum", column(f"{name}_n")), expression=parse("0"))
            total = exp.Case(ifs=[exp.If(this=some, true=total)])
        values.append(alias(total, measure.id))
    known = exp.LTE(this=column("known_at"), expression=param("known"))
    where = [*in_period(side, column("day")), known, *matches(shape, axis, "day")]
    tree = select(values, cells.table, where, shape.keys)
    return tree.having(parse("sum(line_count) > 0"), copy=False) if shape.keys else tree


def _with_tail(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...], whole: exp.Select) -> exp.Select:
    """Whole days from the rollup and the begun one from the fact: whatever a rollup holds adds up over days."""
    both = exp.Union(this=whole, expression=_rows(shape, side, axis, group, first="mid"), distinct=False)
    values = [*(column(name) for name in shape.keys), alias(parse("sum(found)"), "found")]
    values += [alias(call("sum", column(measure.id)), measure.id) for measure in group]
    return select(values, named(both, "days"), [], shape.keys)


def _plain(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    return [(_names(group), _rows(shape, side, axis, group))]


def _rows(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...], first: str = "start") -> exp.Select:
    """Measures from the rows of the fact themselves."""
    values = [*keys(shape, side, axis, axis.time), alias(exp.Count(this=exp.Star()), "found")]
    for measure in group:
        if measure.kind in ("orders", "orders_any"):
            counted = orders_of_lines(axis, shape, measure.sql, measure.kind == "orders_any")
        else:
            counted = parse(measure.sql)
        values.append(alias(_timed(counted, side), measure.id))
    where = [*in_period(side, column(axis.time), first), *matches(shape, axis, axis.time)]
    if axis.where != "TRUE":
        where.append(parse(axis.where))
    return select(values, axis.table, where, shape.keys)


def _traffic(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    return [(_names(group), traffic_part(shape, side, axis, group))]


def _buyers(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """Distinct buyers, those with two or more orders, those who are new.

    By one scan of the chained orders where they can tell, else per buyer from the lines.
    """
    if shape.history and shape.touched <= {"platform", "shop"}:
        return [(_names(group), _chained(shape, side, axis, group))]
    found = []
    new = tuple(measure for measure in group if measure.id == "new_buyers")
    if new:
        found += _new(shape, side, axis, new)
    rest = tuple(measure for measure in group if measure not in new)
    return found + ([(_names(rest), _per_buyer(shape, side, axis, rest))] if rest else [])


def _chained(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> exp.Select:
    """A buyer's first order of the cell counts the buyer, the second the repeat, the first ever the new one."""
    time, prev, prev2 = column("paid_at"), column(f"prev_{shape.history}"), column(f"prev2_{shape.history}")

    def before(moment: exp.Expr) -> exp.Expr:
        earlier: exp.Expr = exp.LT(this=moment.copy(), expression=param(f"{side.prefix}_start"))
        if shape.grain:
            bucket = trunc(shape.grain, shifted(time.copy(), side))
            earlier = any_of(earlier, exp.LT(this=shifted(moment.copy(), side), expression=bucket))
        return exp.paren(any_of(exp.Is(this=moment.copy(), expression=exp.null()), earlier), copy=False)

    known = parse("NOT buyer IS NULL")
    tests = {
        "buyers": all_of(known, before(prev)),
        "repeat_buyers": all_of(known.copy(), exp.not_(before(prev), copy=False), before(prev2)),
        "new_buyers": all_of(known.copy(), exp.Is(this=prev.copy(), expression=exp.null())),
    }
    values = [*keys(shape, side, axis, "paid_at"), alias(parse("count(*)"), "found")]
    for measure in group:
        counted = _filtered(exp.Count(this=exp.Star()), tests[measure.id])
        values.append(alias(null_if_unknown(counted, parse("count(buyer)")), measure.id))
    where = [*in_period(side, time.copy()), *matches(shape, axis, "paid_at")]
    return select(values, BUYER_ORDER, where, shape.keys)


def _per_buyer(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> exp.Select:
    inner = select(
        [*keys(shape, side, axis, axis.time), column("buyer"), alias(orders_of_lines(axis, shape, "TRUE"), "bought")],
        axis.table,
        [*in_period(side, column(axis.time)), *matches(shape, axis, axis.time), parse(axis.where)],
        (*shape.keys, "buyer"),
    )
    known = parse("count(buyer)")
    counted = {"buyers": known, "repeat_buyers": parse("count(*) FILTER (WHERE bought >= 2 AND NOT buyer IS NULL)")}
    values = [*(column(name) for name in shape.keys), alias(parse("count(*)"), "found")]
    values += [alias(null_if_unknown(counted[measure.id], known.copy()), measure.id) for measure in group]
    return select(values, named(inner, "per_buyer"), [], shape.keys)


def _first_orders(shape: Shape, axis: Axis) -> exp.Select:
    """Each buyer's first order in each shop asked for."""
    values = [column("buyer"), alias(column("paid_at"), "first_at")]
    own = [
        parse("prev_own IS NULL"),
        parse("NOT buyer IS NULL"),
        *matches(shape, axis, "paid_at", only=("platform", "shop")),
    ]
    return select(values, BUYER_ORDER, own)


def _new(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """Lines of buyers whose first paid order ever falls in the period, or in the bucket where there is a grain."""
    firsts = _first_orders(shape, axis)
    candidates = select([column("buyer")], named(firsts, "firsts"), in_period(side, column("first_at")))
    first = select(
        [column("buyer"), alias(parse("min(first_at)"), "first_at")],
        named(firsts.copy(), "firsts"),
        [exp.In(this=column("buyer"), query=candidates.subquery(copy=False))],
        ("buyer",),
    ).having(exp.GTE(this=parse("min(first_at)"), expression=param(f"{side.prefix}_start")), copy=False)
    is_new: exp.Expr = exp.Not(this=exp.Is(this=column("first_at", "f"), expression=exp.null()))
    if shape.grain:
        bucket = trunc(shape.grain, shifted(column(axis.time, "l"), side))
        is_new = all_of(is_new, exp.GTE(this=shifted(column("first_at", "f"), side), expression=bucket))
    counted = {
        "new_buyers": _filtered(exp.Count(this=exp.Distinct(expressions=[column("buyer", "l")])), is_new),
        "new_buyer_gmv": call("coalesce", _filtered(call("sum", column("paid_amount", "l")), is_new), parse("0")),
    }
    known = exp.Count(this=column("buyer", "l"))
    values = [*keys(shape, side, axis, axis.time, "l"), alias(parse("count(*)"), "found")]
    values += [alias(null_if_unknown(counted[measure.id], known.copy()), measure.id) for measure in group]
    where = [*in_period(side, column(axis.time, "l")), *matches(shape, axis, axis.time, "l"), parse("NOT l.is_test")]
    tree = select(values, table(axis.table, "l"), where, shape.keys)
    return [(_names(group), tree.join(named(first, "f"), on=parse("l.buyer = f.buyer"), join_type="left", copy=False))]


def _filtered(value: exp.Expr, test: exp.Expr) -> exp.Expr:
    return exp.Filter(this=value, expression=exp.Where(this=test.copy()))


def _repurchase(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """Per buyer the first order of the period, and whether another paid order follows within so many days."""
    found: list[Part] = []
    for days in sorted({measure.sql for measure in group}):
        window = exp.Interval(this=exp.Literal.string(days), unit=exp.var("DAY"))
        first = select(
            [*keys(shape, side, axis, axis.time), column("buyer"), alias(call("min", column(axis.time)), "first_at")],
            axis.table,
            [
                *in_period(side, column(axis.time)),
                *matches(shape, axis, axis.time),
                parse(axis.where),
                parse("NOT buyer IS NULL"),
            ],
            (*shape.keys, "buyer"),
        )
        able = select(
            [exp.Star()],
            named(first, "all_first"),
            [
                exp.LTE(
                    this=exp.Add(this=column("first_at"), expression=window),
                    expression=cast(param("watermark"), "TIMESTAMP"),
                )
            ],
        )
        later = select(
            [column("buyer"), column(axis.time)],
            axis.table,
            [
                parse(axis.where),
                exp.GTE(this=column(axis.time), expression=param(f"{side.prefix}_start")),
                exp.LT(
                    this=column(axis.time),
                    expression=exp.Add(this=cast(param(f"{side.prefix}_end"), "TIMESTAMP"), expression=window.copy()),
                ),
                *matches(shape, axis, axis.time, only=("platform", "shop")),
            ],
        )
        within = all_of(
            "o.buyer = f.buyer",
            "o.paid_at > f.first_at",
            exp.LTE(
                this=column(axis.time, "o"), expression=exp.Add(this=column("first_at", "f"), expression=window.copy())
            ),
        )
        per_buyer = select(
            [
                *(column(name, "f") for name in shape.keys),
                column("buyer", "f"),
                alias(parse("count(o.buyer) > 0"), "again"),
            ],
            named(able, "f"),
            [],
        ).join(named(later, "o"), on=within, join_type="left", copy=False)
        per_buyer = per_buyer.group_by(*(column(name, "f") for name in shape.keys), column("buyer", "f"), copy=False)
        counted = {"able": parse("count(*)"), "again": parse("count(*) FILTER (WHERE again)")}
        mine = tuple(measure for measure in group if measure.sql == days)
        values = [*(column(name) for name in shape.keys), alias(parse("count(*)"), "found")]
        values += [alias(counted[measure.id.rsplit("_", 1)[1]], measure.id) for measure in mine]
        found.append((_names(mine), select(values, named(per_buyer, "per_buyer"), [], shape.keys)))
    return found


def _funnel(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """Users by what they did, in any order."""
    inner = select(
        [
            *keys(shape, side, axis, axis.time),
            column("buyer"),
            alias(parse("count(*) FILTER (WHERE event = 'view')"), "views"),
            alias(parse("count(*) FILTER (WHERE event IN ('cart', 'favourite'))"), "interests"),
            alias(parse("count(*) FILTER (WHERE event = 'buy')"), "buys"),
        ],
        axis.table,
        [*in_period(side, column(axis.time)), *matches(shape, axis, axis.time)],
        (*shape.keys, "buyer"),
    )
    return [_counted(shape, inner, group)]


def _pairs(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """(User, item) pairs by when each step was first taken, and last bought."""
    pair = (*shape.keys, "buyer", "product_id")
    steps = select(
        [
            *keys(shape, side, axis, axis.time),
            column("buyer"),
            column("product_id"),
            alias(parse("""min("at") FILTER (WHERE event = 'view')"""), "view_at"),
            alias(parse("""min("at") FILTER (WHERE event IN ('cart', 'favourite'))"""), "interest_at"),
            alias(parse("""max("at") FILTER (WHERE event = 'buy')"""), "buy_at"),
        ],
        axis.table,
        [*in_period(side, column(axis.time)), *matches(shape, axis, axis.time)],
        pair,
    )
    return [_counted(shape, steps, group)]


def _counted(shape: Shape, inner: exp.Select, group: tuple[Measure, ...]) -> Part:
    values = [*(column(name) for name in shape.keys), alias(parse("count(*)"), "found")]
    values += [alias(parse(f"count(*) FILTER (WHERE {measure.sql})"), measure.id) for measure in group]
    return _names(group), select(values, named(inner, "per_one"), [], shape.keys)


def _target(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    columns = {"target": "sum(amount)", "paced_target": "sum(paced)"}
    values = [alias(parse(columns[measure.id]), measure.id) for measure in group]
    return [(_names(group), target_select(shape, side, MAIN, values))]


def target_select(shape: Shape, side: SideShape, metric: str, values: list[exp.Expr]) -> exp.Select:
    """Targets come as rows of days already (see `pace.py`), in list parameters."""
    kinds = {
        "day": "TIMESTAMP[]",
        "platform": "VARCHAR[]",
        "shop": "VARCHAR[]",
        "category": "VARCHAR[]",
        "amount": "DOUBLE[]",
        "paced": "DOUBLE[]",
    }
    rows = exp.select(
        *(
            alias(call("unnest", cast(param(f"{side.prefix}_t_{metric}_{name}"), kind)), name)
            for name, kind in kinds.items()
        )
    )
    first = [*keys(shape, side, AXES["target"], "day"), alias(parse("count(*)"), "found")]
    return select([*first, *values], named(rows, "targets"), [], shape.keys)


def _lag(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """How far sources are behind right now, from list parameters; nothing is known of how far they were."""
    if side.prefix != "a":
        return []
    kinds = {
        "at": "TIMESTAMP[]",
        "source": "VARCHAR[]",
        "platform": "VARCHAR[]",
        "shop": "VARCHAR[]",
        "lag": "DOUBLE[]",
    }
    rows = exp.select(*(alias(call("unnest", cast(param(f"lag_{name}"), kind)), name) for name, kind in kinds.items()))
    values = [*keys(shape, side, axis, "at"), alias(parse("count(*)"), "found")]
    values += [alias(parse(measure.sql), measure.id) for measure in group]
    return [(_names(group), select(values, named(rows, "lags"), matches(shape, axis, "at"), shape.keys))]


_BUILDERS = {
    "lag": _lag,
    "plain": _plain,
    "traffic": _traffic,
    "buyers": _buyers,
    "new": _new,
    "repurchase": _repurchase,
    "funnel": _funnel,
    "pairs": _pairs,
    "target": _target,
    "stock": stock_parts,
    "supply": supply_parts,
}
