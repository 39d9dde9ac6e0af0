"""The catalogue: every declared metric, checked and completed; formulas as syntax trees over measures; the tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from sqlglot import exp, parse_one

from errors import FatalError, UserError
from metrics import execution, execution_goods, management, strategic, system
from metrics.declare import Axis, Metric
from metrics.dimensions import DIMENSIONS, suggest
from metrics.facts import AXES
from metrics.measures import MEASURES
from metrics.types import Grain

GRAINS: tuple[Grain, ...] = ("minute", "hour", "day", "week", "month", "quarter", "year")
_ALLOWED = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Neg,
    exp.Paren,
    exp.Coalesce,
)


@dataclass(frozen=True)
class Identity:
    """One line of the tree: `metric` is the sum (signed) or the product of its terms, or a ratio of two."""

    metric: str
    kind: str  # 'sum', 'product', 'ratio'
    terms: tuple[tuple[str, int], ...]  # (metric, sign); for ratio: numerator, denominator


def _sum(metric: str, *terms: str) -> Identity:
    return Identity(metric, "sum", tuple((term.lstrip("-"), -1 if term[0] == "-" else 1) for term in terms))


def _product(metric: str, *terms: str) -> Identity:
    return Identity(metric, "product", tuple((term, 1) for term in terms))


def _ratio(metric: str, over: str, under: str) -> Identity:
    return Identity(metric, "ratio", ((over, 1), (under, -1)))


TREE: tuple[Identity, ...] = (
    _sum("operating_profit", "contribution_profit", "-other_cost"),
    _sum("contribution_profit", "gross_profit", "-platform_fee", "-creator_commission", "-ad_spend", "-logistics_cost"),
    _sum("gross_profit", "net_sales", "-cogs"),
    _sum("net_sales", "gmv", "-refund_amount"),
    _product("gmv", "visitors", "cvr", "aov"),
    _sum("gmv", "new_buyer_gmv", "returning_buyer_gmv"),
    _product("aov", "orders_per_buyer", "order_value"),
    _product("order_value", "units_per_order", "unit_price"),
    _product("visitors", "exposures", "ctr"),
    _product("live_gmv", "live_exposures", "live_enter_rate", "live_click_rate", "live_pay_rate"),
    _product("ad_gmv", "ad_exposures", "ad_ctr", "ad_cvr"),
    _product("ad_gmv", "ad_spend", "ad_roi"),
    _ratio("turnover_days", "stock_value", "cogs"),
    _ratio("attainment", "gmv", "target"),
)


def tree() -> tuple[Identity, ...]:
    """The tree of INDICATORS.md; a metric may have several lines (GMV by drivers, GMV by new and returning buyers)."""
    return TREE


@cache
def catalogue() -> dict[str, Metric]:
    """Every metric by id, with its dimensions, measures and parents filled in.

    Raises:
        FatalError: `metric_declaration` when a formula names what does not exist, or goes in a circle.
    """
    declared: dict[str, Metric] = {}
    for module in (strategic, management, execution, execution_goods, system):
        for metric in module.METRICS:
            if metric.id in declared:
                raise FatalError("metric_declaration", metric=metric.id, detail="declared twice")
            declared[metric.id] = metric
    return {name: _complete(metric, declared) for name, metric in declared.items()}


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UserError: `unknown_metric`, with the nearest names.
    """
    known = catalogue()
    if name not in known:
        raise UserError("unknown_metric", name=name, near=suggest(name, known))
    return known[name]


@cache
def expression(name: str) -> exp.Expr:
    """The formula of a metric over measures only: columns are measure ids, divisions are null-safe."""
    return _expand(name, {item: catalogue()[item] for item in catalogue()}, ())[0]


def _complete(metric: Metric, declared: dict[str, Metric]) -> Metric:
    tree_, uses = _expand(metric.id, declared, ())
    measures = tuple(dict.fromkeys(column.name for column in tree_.find_all(exp.Column)))
    axes = [AXES[MEASURES[name].axis] for name in measures]
    shared = [name for name in DIMENSIONS if all(name in axis.dims for axis in axes)]
    parents = tuple(dict.fromkeys(line.metric for line in TREE if metric.id in dict(line.terms)))
    finest = max((axis.finest for axis in axes), key=GRAINS.index)
    return replace(
        metric,
        dimensions=tuple(shared),
        measures=measures,
        fact=_fact(axes),
        finest=finest,
        uses=frozenset(uses),
        parents=metric.parents or parents,
    )


def _fact(axes: list[Axis]) -> str:
    return next((axis.table for axis in axes if axis.table), "target")


def _expand(name: str, declared: dict[str, Metric], path: tuple[str, ...]) -> tuple[exp.Expr, set[str]]:
    if name in path:
        raise FatalError("metric_declaration", metric=name, detail=f"goes in a circle: {' → '.join(path)}")
    formula = declared[name].formula
    uses = {name}
    if not formula:
        if name not in MEASURES:
            raise FatalError("metric_declaration", metric=name, detail="has neither formula nor measure")
        return exp.column(name), uses

    def resolve(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, _ALLOWED):
            raise FatalError("metric_declaration", metric=name, detail=f"may not use {type(node).__name__}")
        if isinstance(node, exp.Column):
            if node.name in declared and node.name != name:
                inner, used = _expand(node.name, declared, (*path, name))
                uses.update(used)
                return exp.paren(inner, copy=True)
            if node.name not in MEASURES:
                raise FatalError("metric_declaration", metric=name, detail=f"knows no {node.name}")
        return node

    tree_ = parse_one(formula, read="duckdb").transform(resolve)
    return tree_.transform(_safe_division), uses


def _safe_division(node: exp.Expr) -> exp.Expr:
    """x / 0 is null. Divisions are over doubles, whatever the parts are."""
    if isinstance(node, exp.Div) and not isinstance(node.expression, exp.Nullif):
        return exp.Div(
            this=exp.cast(node.this, "DOUBLE"),
            expression=exp.Nullif(this=node.expression, expression=exp.Literal.number(0)),
        )
    return node
