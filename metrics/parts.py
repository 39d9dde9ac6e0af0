"""Parts of a question: one SELECT per fact, time and way of counting, grouped by the keys of the question.

Each part gives the key columns, `found` (how many rows it saw) and its measures, so that parts can be put side by side
by their keys without ever multiplying each other's rows.
"""

from __future__ import annotations

from collections import defaultdict

from sqlglot import exp

from metrics.buyer_cuts import axis_of
from metrics.chained import chain_of, chained_part, new_by_chain
from metrics.declare import Axis, Measure
from metrics.facts import AXES
from metrics.measures import MEASURES
from metrics.pace import MAIN
from metrics.planner import by_line, orders_of_lines, rollup_for
from metrics.returning import new_parts, repurchase_parts
from metrics.shape import (
    Part,
    Shape,
    SideShape,
    alias,
    call,
    cast,
    column,
    in_period,
    keys,
    matches,
    named,
    names_of,
    null_if_unknown,
    param,
    parse,
    select,
    timed,
)
from metrics.shipping import by_shipping, shipping_parts
from metrics.sold_skus import COUNTED as SKUS_COUNTED
from metrics.sold_skus import sku_parts
from metrics.stock import stock_parts
from metrics.supply import supply_parts
from metrics.traffic import traffic_part
from warehouse.rollup import Rollup


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
            family = "shipping" if by_shipping(measure, shape, side) else _family(measure, shape)
            rest[measure.axis, family].append(measure)
    _join_orders(shape, rest)
    _join_firsts(shape, rest)
    for (axis_id, name), chosen in rolled.items():
        found.append(_rollup_part(shape, side, AXES[axis_id], rollups[name], chosen))
    for (axis_id, family), group in rest.items():
        found.extend(_BUILDERS[family](shape, side, axis_of(AXES[axis_id], shape, side), tuple(group)))
    return found


def _family(measure: Measure, shape: Shape) -> str:
    if measure.id in ("new_buyers", "new_buyer_gmv"):
        return "buyers" if new_by_chain(shape) else "new"
    if measure.axis == "traffic":
        return "traffic"
    if measure.kind in ("orders", "orders_any"):
        return "plain"
    if measure.kind in ("reorder", "lost"):
        return "supply"
    if measure.sql.startswith(SKUS_COUNTED) and "sku" not in shape.dims:
        return "skus"
    return "stock" if measure.kind in ("stock", "cover", "stock_mean") else measure.kind


def _join_orders(shape: Shape, rest: dict[tuple[str, str], list[Measure]]) -> None:
    """Where orders are told apart by their ids anyway to see who bought twice, they are counted there as well; and
    where those of each channel are chained, there."""
    people, lines = rest.get(("sales", "buyers"), []), rest.get(("sales", "plain"), [])
    orders, chain = MEASURES["orders"], chain_of(shape)
    if orders not in lines or not by_line(AXES["sales"], shape):
        return
    if chain or MEASURES["repeat_buyers"] in people:
        rest["sales", "buyers"] = [*people, orders]
        lines.remove(orders)
        if not lines:
            del rest["sales", "plain"]


def _join_firsts(shape: Shape, rest: dict[tuple[str, str], list[Measure]]) -> None:
    """Where buyers are counted by their first orders anyway, those that another could follow by now are counted too."""
    people, again = rest.get(("sales", "buyers"), []), rest.get(("sales", "repurchase"), [])
    if people and new_by_chain(shape):
        able = [measure for measure in again if measure.id.endswith("_able")]
        people += able
        again[:] = [measure for measure in again if measure not in able]


def _rollup_part(shape: Shape, side: SideShape, axis: Axis, rollup: Rollup, chosen: list[tuple[Measure, str]]) -> Part:
    values = [*keys(shape, side, axis, "day"), alias(call("sum", column("line_count")), "found")]
    if shape.as_known:
        return names_of(tuple(measure for measure, _ in chosen)), _vintage(shape, side, axis, rollup, chosen, values)
    values += [alias(call("sum", column(name)), measure.id) for measure, name in chosen]
    last = "mid" if side.tail else "end"
    where = [*in_period(side, column("day"), last=last), *matches(shape, axis, "day")]
    group = tuple(measure for measure, _ in chosen)
    whole = select(values, rollup.table, where, shape.keys)
    return names_of(group), _with_tail(shape, side, axis, group, whole) if side.tail else whole


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
    return [(names_of(group), _rows(shape, side, axis, group))]


def _rows(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...], first: str = "start") -> exp.Select:
    """Measures from the rows of the fact themselves."""
    values = [*keys(shape, side, axis, axis.time), alias(exp.Count(this=exp.Star()), "found")]
    for measure in group:
        if measure.kind in ("orders", "orders_any"):
            counted = orders_of_lines(axis, shape, measure.sql, measure.kind == "orders_any")
        else:
            counted = parse(measure.sql)
        values.append(alias(timed(counted, side), measure.id))
    where = [*in_period(side, column(axis.time), first), *matches(shape, axis, axis.time)]
    if axis.condition(shape.touched) != "TRUE":
        where.append(parse(axis.condition(shape.touched)))
    return select(values, axis.table, where, shape.keys)


def _traffic(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    return [(names_of(group), traffic_part(shape, side, axis, group))]


def _buyers(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    """Distinct buyers and those with two or more orders.

    By one scan of the chained orders where they can tell, else per buyer from the lines.
    """
    chain = chain_of(shape)
    part = chained_part(chain, shape, side, axis, group) if chain else _per_buyer(shape, side, axis, group)
    return [(names_of(group), part)]


# Whether a buyer's lines are of several orders, without a set of orders for each buyer: orders are told apart by 64
# bits, as buyers are.
_SEVERAL = "min(hash(platform, shop, order_id)) <> max(hash(platform, shop, order_id))"


def _per_buyer(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> exp.Select:
    own = (*shape.keys, "buyer")
    values = [*keys(shape, side, axis, axis.time), column("buyer")]
    where = [*in_period(side, column(axis.time)), *matches(shape, axis, axis.time), parse(axis.where)]
    if all(measure.id == "buyers" for measure in group):
        inner = select(values, axis.table, where, own)
    elif by_line(axis, shape) and not any(measure.id == "orders" for measure in group):
        inner = select([*values, alias(parse(_SEVERAL), "several")], axis.table, where, own)
    elif by_line(axis, shape):  # each order once, and then each buyer
        order = tuple(name for name in ("platform", "shop", "order_id"))
        orders = select([*values, *(column(name) for name in order)], axis.table, where, (*own, *order))
        bought = [*(column(name) for name in own), alias(parse("count(*)"), "bought")]
        inner = select(bought, named(orders, "orders"), [], own)
    else:
        inner = select([*values, alias(orders_of_lines(axis, shape, "TRUE"), "bought")], axis.table, where, own)
    known = parse("count(buyer)")
    again = "several" if any(item.alias == "several" for item in inner.expressions) else "bought >= 2"
    counted = {
        "buyers": null_if_unknown(known, known.copy()),
        "repeat_buyers": null_if_unknown(parse(f"count(*) FILTER (WHERE {again} AND NOT buyer IS NULL)"), known),
        "orders": parse("sum(bought)"),
    }
    values = [*(column(name) for name in shape.keys), alias(parse("count(*)"), "found")]
    values += [alias(counted[measure.id], measure.id) for measure in group]
    return select(values, named(inner, "per_buyer"), [], shape.keys)


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
    return names_of(group), select(values, named(inner, "per_one"), [], shape.keys)


def _target(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> list[Part]:
    columns = {"target": "sum(amount)", "paced_target": "sum(paced)"}
    values = [alias(parse(columns[measure.id]), measure.id) for measure in group]
    return [(names_of(group), target_select(shape, side, MAIN, values))]


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
    return [(names_of(group), select(values, named(rows, "lags"), matches(shape, axis, "at"), shape.keys))]


_BUILDERS = {
    "lag": _lag,
    "plain": _plain,
    "skus": sku_parts,
    "traffic": _traffic,
    "buyers": _buyers,
    "new": new_parts,
    "repurchase": repurchase_parts,
    "funnel": _funnel,
    "pairs": _pairs,
    "target": _target,
    "stock": stock_parts,
    "supply": supply_parts,
    "shipping": shipping_parts,
}
