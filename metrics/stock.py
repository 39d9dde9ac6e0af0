"""Stock: the last snapshot of each SKU and warehouse in the period, and how long it will last."""

from __future__ import annotations

from sqlglot import exp

from metrics.declare import Axis, Measure
from metrics.shape import (
    Shape,
    SideShape,
    alias,
    all_of,
    cast,
    column,
    in_period,
    keys,
    matches,
    named,
    param,
    parse,
    select,
)

_RECENT_DAYS, _SLOW_DAYS = 14, 30
_SKU = ("platform", "shop", "sku_id")


def stock_parts(
    shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]
) -> list[tuple[tuple[str, ...], exp.Select]]:
    """Parts for stock as it stood, for cover and slow movers, and for mean stock value."""
    found = []
    plain = tuple(measure for measure in group if measure.kind == "stock")
    cover = tuple(measure for measure in group if measure.kind == "cover")
    mean = tuple(measure for measure in group if measure.kind == "stock_mean")
    if plain:
        found.append(counted_skus(shape, plain, per_sku(shape, side, axis)))
    if cover:
        found.append(counted_skus(shape, cover, _with_sales(shape, side, per_sku(shape, side, axis))))
    if mean:
        found.append((tuple(measure.id for measure in mean), _mean(shape, side, axis)))
    return found


def counted_skus(shape: Shape, group: tuple[Measure, ...], rows: exp.Select) -> tuple[tuple[str, ...], exp.Select]:
    """The measures of `group` over rows of SKUs."""
    values = [*(column(name) for name in shape.keys), alias(parse("count(*)"), "found")]
    values += [alias(parse(measure.sql), measure.id) for measure in group]
    return tuple(measure.id for measure in group), select(values, named(rows, "per_sku"), [], shape.keys)


def _last(shape: Shape, side: SideShape, axis: Axis, cell: tuple[str, ...]) -> exp.Select:
    """The last row of each SKU × warehouse in every cell."""
    wanted = ("on_hand", "available", "active", "unit_cost")
    return select(
        [
            *keys(shape, side, axis, axis.time),
            *(column(name) for name in (*_SKU, "warehouse")),
            *(alias(parse(f"arg_max({name}, snapshot_at)"), name) for name in wanted),
            alias(parse("max(snapshot_at)"), "seen_at"),
        ],
        axis.table,
        [*in_period(side, column(axis.time)), *matches(shape, axis, axis.time)],
        (*cell, *_SKU, "warehouse"),
    )


def _cost_of(rows: exp.Select, time: str) -> exp.Select:
    """Rows with `cost`: the snapshot's own unit cost, else the cost sheet's that was valid then."""
    sheet = select([column(name) for name in ("sku_id", "amount", "valid_from")], "unit_cost", [])
    values = [
        exp.Column(this=exp.Star(), table=exp.to_identifier("s")),
        alias(parse("coalesce(s.unit_cost, c.amount)"), "cost"),
    ]
    on = all_of("s.sku_id = c.sku_id", exp.GTE(this=column(time, "s"), expression=column("valid_from", "c")))
    join = exp.Join(this=named(sheet, "c"), method="ASOF", side="LEFT", on=on)
    return exp.select(*values).from_(named(rows, "s"), copy=False).join(join, copy=False)


def per_sku(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    """One row per cell and SKU, warehouses added up."""
    costed = _cost_of(_last(shape, side, axis, shape.keys), "seen_at")
    values = [
        *(column(name) for name in (*shape.keys, *_SKU)),
        *(alias(parse(f"sum({name})"), name) for name in ("on_hand", "available")),
        alias(parse("bool_or(active)"), "active"),
        alias(parse("max(cost)"), "cost"),
        alias(parse("max(seen_at)"), "seen_at"),
    ]
    return select(values, named(costed, "costed"), [], (*shape.keys, *_SKU))


def _with_sales(shape: Shape, side: SideShape, skus: exp.Select) -> exp.Select:
    """Beside each SKU: items of the last 14 days, days in stock in them, lines of the last 30 days.

    A day without any snapshot of the SKU counts as in stock; a day whose every snapshot has nothing available does not.
    """
    end = cast(param(f"{side.prefix}_until"), "TIMESTAMP")

    def since(days: int) -> exp.Expr:
        return exp.Sub(
            this=end.copy(), expression=exp.Interval(this=exp.Literal.string(str(days)), unit=exp.var("DAY"))
        )

    recent = exp.Filter(
        this=parse("sum(quantity)"),
        expression=exp.Where(this=exp.GTE(this=column("paid_at"), expression=since(_RECENT_DAYS))),
    )
    sold = select(
        [*(column(name) for name in _SKU), alias(recent, "recent"), alias(parse("count(*)"), "sold")],
        "order_line",
        [
            exp.GTE(this=column("paid_at"), expression=since(_SLOW_DAYS)),
            exp.LT(this=column("paid_at"), expression=end.copy()),
            parse("NOT is_test"),
            parse("NOT sku_id IS NULL"),
        ],
        _SKU,
    )
    empty_days = select(
        [*(column(name) for name in _SKU), alias(parse("CAST(snapshot_at AS DATE)"), "day")],
        "stock",
        [
            exp.GTE(this=column("snapshot_at"), expression=since(_RECENT_DAYS)),
            exp.LT(this=column("snapshot_at"), expression=end.copy()),
        ],
        (*_SKU, "day"),
    ).having(parse("max(available) <= 0"), copy=False)
    empty = select(
        [*(column(name) for name in _SKU), alias(parse("count(*)"), "empty")], named(empty_days, "d"), [], _SKU
    )
    on = " AND ".join(f"k.{name} = {{0}}.{name}" for name in _SKU)
    values = [
        exp.Column(this=exp.Star(), table=exp.to_identifier("k")),
        column("recent", "v"),
        column("sold", "v"),
        alias(parse(f"nullif({_RECENT_DAYS} - coalesce(e.empty, 0), 0)"), "days_in_stock"),
    ]
    tree = exp.select(*values).from_(named(skus, "k"), copy=False)
    tree = tree.join(named(sold, "v"), on=parse(on.format("v")), join_type="left", copy=False)
    return tree.join(named(empty, "e"), on=parse(on.format("e")), join_type="left", copy=False)


def _mean(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    """Stock value of each day's last snapshots, averaged over the days that have any."""
    day = alias(parse("CAST(snapshot_at AS DATE)"), "day")
    rows = _last(shape, side, axis, (*shape.keys, "day")).select(day, copy=False)
    values = [*(column(name) for name in (*shape.keys, "day")), alias(parse("sum(on_hand * cost)"), "value")]
    by_day = select(values, named(_cost_of(rows, "seen_at"), "costed"), [], (*shape.keys, "day"))
    outer = [
        *(column(name) for name in shape.keys),
        alias(parse("count(*)"), "found"),
        alias(parse("avg(value)"), "mean_stock_value"),
    ]
    return select(outer, named(by_day, "by_day"), [], shape.keys)
