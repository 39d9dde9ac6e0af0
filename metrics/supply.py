"""Supply: when to buy again and how much, and what being sold out has cost.

Demand is what each SKU sold over its last 28 days in stock: days whose every snapshot had nothing available are left
out, days without a snapshot count as in stock, and a SKU that is new is looked at from the day it was first seen.
"""

from __future__ import annotations

from sqlglot import exp

from metrics.declare import Axis, Measure
from metrics.shape import (
    Shape,
    SideShape,
    alias,
    column,
    keys,
    matches,
    named,
    param,
    parse,
    select,
)
from metrics.stock import counted_skus, per_sku

_SKU = ("platform", "shop", "sku_id")
_DAYS, _REACH = 28, 84  # days in stock that are looked at, and how far back they are looked for
_SPARSE = 10  # sales in that many days; of what sells less, a longer time is asked
_STATE_DAYS = 40  # how far back a warehouse's last snapshot is looked for


def supply_parts(
    shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]
) -> list[tuple[tuple[str, ...], exp.Select]]:
    """The part that one of the axes `reorder` and `lost` needs."""
    if axis.id == "lost":
        return [(tuple(measure.id for measure in group), _lost(shape, side, axis, group))]
    return [counted_skus(shape, group, _to_order(shape, side, axis))]


# When to buy again ----------------------------------------------------------------------------------------------------


def _to_order(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    """Each SKU's reorder point and what to order by it.

    With mean daily demand d and its deviation s, mean lead time L in days and its deviation t, and z of the service
    level: reorder point = d·L + z·√(L·s² + d²·t²); a SKU whose available and ordered items are at or below it is
    ordered up to that point plus the demand until the next look. Silver, Pyke, Thomas: Inventory and Production
    Management in Supply Chains, 4th ed. 2017, section 6.10 (lead time that varies), (s, S) policy in 6.2.
    """
    skus = per_sku(shape, side, axis)
    text = f"""
        SELECT k.*, CASE
               WHEN coalesce(k.available, 0) + k.ordered <= k.reorder_point AND k.active IS DISTINCT FROM FALSE
               THEN greatest(ceil(k.reorder_point + k.demand * CAST($review_days AS DOUBLE)
                                  - coalesce(k.available, 0) - k.ordered), 0) ELSE 0 END AS suggested
        FROM (SELECT k.*, coalesce(d.demand, 0) AS demand, coalesce(o.ordered, 0) AS ordered,
                     ceil(round(coalesce(d.demand * l.days + CAST($service_z AS DOUBLE)
                          * sqrt(l.days * d.variance + d.demand * d.demand * l.variance), 0), 6)) AS reorder_point
              FROM skus AS k LEFT JOIN ({_demand(side)}) AS d ON {_same("k", "d")}
              LEFT JOIN ({_on_order(side)}) AS o ON {_same("k", "o")}
              LEFT JOIN ({_lead_times(side)}) AS l ON k.sku_id = l.sku_id) AS k"""
    return _with(parse(text), "skus", skus)


def _with(tree: exp.Expr, name: str, rows: exp.Select) -> exp.Select:
    """`tree` with `rows` in place of the table `name`."""
    assert isinstance(tree, exp.Select)
    for found in list(tree.find_all(exp.Table)):
        if found.name == name:
            found.replace(named(rows.copy(), found.alias or name))
    return tree


def _same(one: str, other: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in _SKU)


def _demand(side: SideShape) -> str:
    """SQL: mean items a day and their variance (days without sales are zeros) per SKU up to the side's end."""
    last = f"CAST(CAST(${side.prefix}_until AS TIMESTAMP) AS DATE)"
    sku = ", ".join(_SKU)
    return f"""
        WITH empty AS ({_empty_days(f"{last} - {_REACH}", last)}),
        cut AS (
            SELECT {sku}, min(day) AS first, count(*) AS days FROM (
                SELECT w.*, row_number() OVER (PARTITION BY w.platform, w.shop, w.sku_id ORDER BY w.day DESC) AS nth
                FROM (SELECT s.*, CAST(unnest(range({last} - {_REACH}, {last}, INTERVAL 1 DAY)) AS DATE) AS day
                      FROM (SELECT DISTINCT {sku} FROM empty) AS s) AS w
                LEFT JOIN empty AS e ON {_same("w", "e")} AND w.day = e.day WHERE e.day IS NULL)
            WHERE nth <= {_DAYS} GROUP BY {sku}),
        seen AS (SELECT {sku}, min(CAST(snapshot_at AS DATE)) AS first FROM stock
                 WHERE snapshot_at >= {last} - {_REACH} AND snapshot_at < {last} GROUP BY {sku}),
        sold AS ({_sold_days(f"{last} - {_REACH}", last)}),
        kept AS (
            SELECT s.platform, s.shop, s.sku_id, sum(s.quantity) AS items, sum(s.quantity * s.quantity) AS squares,
                   least(coalesce(any_value(c.days), {_DAYS}),
                         date_diff('day', least(coalesce(any_value(f.first), min(s.day)), min(s.day)), {last})) AS days
            FROM sold AS s LEFT JOIN cut AS c ON {_same("s", "c")} LEFT JOIN seen AS f ON {_same("s", "f")}
            LEFT JOIN empty AS e ON {_same("s", "e")} AND s.day = e.day
            WHERE e.day IS NULL AND s.day >= coalesce(c.first, {last} - {_DAYS}) GROUP BY s.platform, s.shop, s.sku_id)
        SELECT {sku}, CAST(items AS DOUBLE) / days AS demand,
               greatest(CAST(squares AS DOUBLE) - CAST(items AS DOUBLE) * CAST(items AS DOUBLE) / days, 0)
               / greatest(days - 1, 1) AS variance
        FROM kept"""


def _of(table: str) -> str:
    sku = ", ".join(_SKU)
    return f" AND ({sku}) IN (SELECT ({sku}) FROM {table})" if table else ""


def _empty_days(first: str, end: str, skus: str = "") -> str:
    """SQL: the days of [first, end) on which no snapshot of a SKU (of a table of them) had anything available."""
    return f"""
        SELECT platform, shop, sku_id, CAST(snapshot_at AS DATE) AS day FROM stock
        WHERE snapshot_at >= {first} AND snapshot_at < {end}{_of(skus)} GROUP BY platform, shop, sku_id, day
        HAVING max(available) <= 0"""


def _sold_days(first: str, end: str, skus: str = "") -> str:
    """SQL: items, money and lines by SKU (of a table of them) and day of payment."""
    return f"""
        SELECT platform, shop, sku_id, CAST(paid_at AS DATE) AS day, sum(quantity) AS quantity, count(*) AS lines,
               CAST(sum(paid_amount) AS DOUBLE) AS amount FROM order_line
        WHERE paid_at >= {first} AND paid_at < {end} AND NOT is_test AND NOT sku_id IS NULL{_of(skus)}
        GROUP BY platform, shop, sku_id, day"""


def _on_order(side: SideShape) -> str:
    """SQL: items ordered from suppliers and not arrived by the side's end."""
    until = f"CAST(${side.prefix}_until AS TIMESTAMP)"
    return f"""
        SELECT platform, shop, sku_id, sum(quantity) AS ordered FROM purchase
        WHERE ordered_at < {until} AND (arrived_at IS NULL OR arrived_at >= {until}) GROUP BY platform, shop, sku_id"""


def _lead_times(side: SideShape) -> str:
    """SQL: days from order to arrival per SKU over the year before; without them of all SKUs, else the setting."""
    until = f"CAST(${side.prefix}_until AS TIMESTAMP)"
    lines = f"""
        SELECT sku_id, date_diff('second', ordered_at, arrived_at) / 86400.0 AS days FROM purchase
        WHERE arrived_at < {until} AND arrived_at >= {until} - INTERVAL 365 DAY"""
    return f"""
        SELECT k.sku_id, coalesce(p.days, a.days, CAST($lead_days AS DOUBLE)) AS days,
               CASE WHEN p.lines > 1 THEN p.variance ELSE coalesce(a.variance, 0) END AS variance
        FROM (SELECT DISTINCT sku_id FROM stock) AS k
        LEFT JOIN (SELECT sku_id, avg(days) AS days, var_samp(days) AS variance, count(*) AS lines
                   FROM ({lines}) GROUP BY sku_id) AS p ON k.sku_id = p.sku_id
        CROSS JOIN (SELECT avg(days) AS days, var_samp(days) AS variance FROM ({lines})) AS a"""


# What being sold out has cost -----------------------------------------------------------------------------------------


def _lost(shape: Shape, side: SideShape, axis: Axis, group: tuple[Measure, ...]) -> exp.Select:
    """Money not made while SKUs were out: their usual day, times the usual share of the hours they were out.

    A SKU is out from a snapshot in which, over all warehouses' last known, nothing is available, until the next
    snapshot, at most for a day. The curve through the day is the whole business's: one SKU sells too little for one.
    What sells seldom runs out by a sale, and counting up to a sale overstates its rate: of n sales in so many days,
    n − 1 make the unbiased one (Girshick, Mosteller, Savage, "Unbiased estimates for certain binomial sampling
    problems", Annals of Mathematical Statistics 17, 1946); a single sale says nothing.
    """
    usual = parse(_usual(side))
    return select(
        [*keys(shape, side, axis, axis.time), alias(parse("count(*)"), "found")]
        + [alias(parse(measure.sql), measure.id) for measure in group],
        named(_with(usual, "stock_asked", _asked(shape, side, axis)), "lost"),
        [],
        shape.keys,
    )


def _asked(shape: Shape, side: SideShape, axis: Axis) -> exp.Select:
    """Snapshots of the SKUs asked for, back to every warehouse's last before the period."""
    since = exp.Sub(
        this=parse(f"CAST(${side.prefix}_start AS TIMESTAMP)"),
        expression=exp.Interval(this=exp.Literal.string(str(_STATE_DAYS)), unit=exp.var("DAY")),
    )
    sku_only = tuple(item.dimension for item in shape.filters if item.dimension != "weekday")
    return select(
        [exp.Star()],
        axis.table,
        [
            exp.GTE(this=column(axis.time), expression=since),
            exp.LT(this=column(axis.time), expression=param(f"{side.prefix}_until")),
            *matches(shape, axis, axis.time, only=sku_only),
        ],
    )


def _usual(side: SideShape) -> str:
    """SQL: one row a SKU and day it was out within the side: its place, goods, when it began, and `lost` in yuan."""
    start, until = (f"CAST(${side.prefix}_{end} AS TIMESTAMP)" for end in ("start", "until"))
    sku, since = ", ".join(_SKU), f"CAST({start} AS DATE) - {_REACH}"
    seen = f"SELECT {sku}, CAST(snapshot_at AS DATE) FROM stock"
    return f"""
        WITH {_gaps(start, until)},
        out AS (SELECT DISTINCT {sku} FROM piece),
        empty AS ({_empty_days(since, until, "out")}),
        sold AS ({_sold_days(since, until, "out")}),
        first_seen AS (
            SELECT {sku}, min(day) AS first FROM (
                SELECT {sku}, day FROM sold
                UNION ALL {seen} WHERE snapshot_at >= {since} AND snapshot_at < {until}{_of("out")}) GROUP BY {sku}),
        calendar AS (
            SELECT f.*, CAST(unnest(range(f.first, CAST({until} AS DATE) + 1, INTERVAL 1 DAY)) AS DATE) AS day
            FROM first_seen AS f),
        usual AS (
            SELECT platform, shop, sku_id, day,
                   CASE WHEN lines >= {_SPARSE} THEN amount
                        ELSE long_amount * greatest(long_lines - 1, 0) / nullif(long_lines, 0) END AS amount
            FROM (SELECT c.platform, c.shop, c.sku_id, c.day,
                         avg(coalesce(s.amount, 0)) OVER recent AS amount,
                         sum(coalesce(s.lines, 0)) OVER recent AS lines,
                         avg(coalesce(s.amount, 0)) OVER long AS long_amount,
                         sum(coalesce(s.lines, 0)) OVER long AS long_lines
                  FROM calendar AS c LEFT JOIN empty AS e ON {_same("c", "e")} AND c.day = e.day
                  LEFT JOIN sold AS s ON {_same("c", "s")} AND c.day = s.day WHERE e.day IS NULL
                  WINDOW recent AS (PARTITION BY c.platform, c.shop, c.sku_id ORDER BY c.day
                                    ROWS BETWEEN {_DAYS - 1} PRECEDING AND CURRENT ROW),
                         long AS (PARTITION BY c.platform, c.shop, c.sku_id ORDER BY c.day
                                  ROWS BETWEEN {_REACH - 1} PRECEDING AND CURRENT ROW)))
        SELECT p.platform, p.shop, p.sku_id, p.product_id, p.category, p.from_at AS snapshot_at,
               coalesce(u.amount, 0) * ({_done(side, "p.till_at")} - {_done(side, "p.from_at")}) AS lost
        FROM piece AS p ASOF LEFT JOIN usual AS u ON {_same("p", "u")} AND p.day > u.day"""


def _gaps(start: str, until: str) -> str:
    """SQL: common table expressions that end in `piece`: each SKU's time out of stock within the side, cut by day."""
    sku = ", ".join(_SKU)
    return f"""
        moved AS (
            SELECT {sku}, snapshot_at, product_id, category, active, greatest(available, 0) - coalesce(
                lag(greatest(available, 0)) OVER (PARTITION BY {sku}, warehouse ORDER BY snapshot_at), 0) AS change
            FROM stock_asked WHERE NOT available IS NULL),
        state AS (
            SELECT {sku}, snapshot_at, any_value(product_id) AS product_id, any_value(category) AS category,
                   bool_or(active) AS active, sum(change) AS change FROM moved GROUP BY {sku}, snapshot_at),
        level AS (
            SELECT *, sum(change) OVER (PARTITION BY {sku} ORDER BY snapshot_at) AS free,
                   lead(snapshot_at) OVER (PARTITION BY {sku} ORDER BY snapshot_at) AS next_at FROM state),
        gap AS (
            SELECT *, greatest(snapshot_at, {start}) AS from_at,
                   least(coalesce(next_at, {until}), snapshot_at + INTERVAL 1 DAY, {until}) AS till_at
            FROM level WHERE free <= 0 AND active IS DISTINCT FROM FALSE),
        piece AS (
            SELECT {sku}, product_id, category, day, greatest(from_at, CAST(day AS TIMESTAMP)) AS from_at,
                   least(till_at, CAST(day AS TIMESTAMP) + INTERVAL 1 DAY) AS till_at
            FROM (SELECT *, CAST(unnest(range(CAST(from_at AS DATE), CAST(till_at AS DATE) + 1, INTERVAL 1 DAY))
                                 AS DATE) AS day FROM gap WHERE from_at < till_at)
            WHERE CAST(day AS TIMESTAMP) < till_at)"""


def _done(side: SideShape, moment: str) -> str:
    """SQL: the share of a usual day's sales done by `moment` of the piece's day."""
    hours = f"CAST(${side.prefix}_hours AS DOUBLE[])"
    within = f"date_diff('second', CAST(p.day AS TIMESTAMP), {moment})"
    hour = f"least(CAST(floor({within} / 3600.0) AS INTEGER), 23)"
    before, after = f"list_extract({hours}, {hour} + 1)", f"list_extract({hours}, {hour} + 2)"
    return f"({before} + ({after} - {before}) * ({within} / 3600.0 - {hour}))"
