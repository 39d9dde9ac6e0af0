"""The catalogue: every declared metric, checked and completed; formulas as syntax trees over measures; the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

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
    exp.Nullif,
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


class Book:
    """The catalogue at one moment: what this code declares, with what people defined on top. It never changes.

    `version` is told by the content, so that answers kept under it hold again when a change is taken back.
    """

    def __init__(self, own: Iterable[Metric] = ()) -> None:
        self.own = {item.id: item for item in own}
        self.version = _digest(self.own.values()) if self.own else ""
        self._source = {**declared(), **self.own}
        self._expressions: dict[str, exp.Expr] = {}
        base = declared_book().metrics if self.own else {}
        moved = self.own.keys()
        self.metrics: dict[str, Metric] = {
            name: base[name] if name in base and not base[name].uses & moved else self._complete(item)
            for name, item in self._source.items()
        }

    def expression(self, name: str) -> exp.Expr:
        """The formula of a metric over measures only: columns are measure ids, divisions are null-safe."""
        if name not in self._expressions:
            self._expressions[name] = self._expand(name, ())[0]
        return self._expressions[name]

    def _complete(self, metric: Metric) -> Metric:
        tree_, uses = self._expand(metric.id, ())
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
            uses=frozenset(uses) | self._guards(metric),
            parents=metric.parents or parents,
        )

    def _guards(self, metric: Metric) -> frozenset[str]:
        """The metrics that speak of a measure named by a person, where one role answers for all of them: whoever may
        not see those may not see the measure under a new name either."""
        if metric.origin == "declared":
            return frozenset()
        found: set[str] = set()
        for word in words(metric.formula) - self._source.keys():
            mine = [item for item in declared().values() if word in words(item.formula)]
            if len({item.owner for item in mine}) == 1:
                found.update(item.id for item in mine)
        return frozenset(found)

    def _expand(self, name: str, path: tuple[str, ...]) -> tuple[exp.Expr, set[str]]:
        if name in path:
            raise FatalError("metric_declaration", metric=name, detail=f"goes in a circle: {' → '.join(path)}")
        item = self._source[name]
        if not item.formula:
            if name not in MEASURES:
                raise FatalError("metric_declaration", metric=name, detail="has neither formula nor measure")
            return exp.column(name), {name}
        tree_, uses = self._read(item, name, path)
        return tree_, uses | {name}

    def _read(self, item: Metric, name: str, path: tuple[str, ...]) -> tuple[exp.Expr, set[str]]:
        """The formula of `item` with every word of it put in, as part of the metric `name`."""
        uses: set[str] = set()

        def resolve(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, _ALLOWED):
                raise FatalError("metric_declaration", metric=name, detail=f"may not use {type(node).__name__}")
            if isinstance(node, exp.Column):
                inner, used = self._named(node.name, name, path)
                uses.update(used)
                return node if isinstance(inner, exp.Column) and inner.name == node.name else exp.paren(inner)
            return node

        tree_ = parse_one(item.formula, read="duckdb").transform(resolve)
        if item.origin != "declared":
            tree_ = _deep(tree_, exp.Mul, _wide_product)
        return _deep(tree_, exp.Div, _safe_division), uses

    def _named(self, word: str, name: str, path: tuple[str, ...]) -> tuple[exp.Expr, set[str]]:
        """What a formula of the metric `name` means by a word: a metric, a measure, or in a definition put in another's
        place the one that was declared."""
        if word in self._source and word != name:
            return self._expand(word, (*path, name))
        if word in MEASURES:
            return exp.column(word), set()
        first = declared().get(word)
        if first is None or not first.formula:
            raise FatalError("metric_declaration", metric=name, detail=f"knows no {word}")
        return self._read(first, name, path)


@cache
def words(formula: str) -> frozenset[str]:
    """The ids that a formula names itself."""
    return (
        frozenset(column.name for column in parse_one(formula, read="duckdb").find_all(exp.Column))
        if formula
        else frozenset()
    )


@cache
def declared() -> dict[str, Metric]:
    """The metrics as this code declares them, not completed yet.

    Raises:
        FatalError: `metric_declaration` when one is declared twice.
    """
    found: dict[str, Metric] = {}
    for module in (strategic, management, execution, execution_goods, system):
        for metric in module.METRICS:
            if metric.id in found:
                raise FatalError("metric_declaration", metric=metric.id, detail="declared twice")
            found[metric.id] = metric
    return found


@cache
def declared_book() -> Book:
    """The catalogue as this code declares it.

    Raises:
        FatalError: `metric_declaration` when a formula names what does not exist, or goes in a circle.
    """
    return Book()


_installed: Book | None = None
_pinned: ContextVar[Book | None] = ContextVar("book", default=None)


def book() -> Book:
    """The catalogue that holds here and now."""
    return _pinned.get() or _installed or declared_book()


def install(new: Book | None) -> None:
    """Make `new` the catalogue of this process; None for what is declared."""
    global _installed
    _installed = new


@contextmanager
def using(one: Book) -> Iterator[Book]:
    """Hold to one catalogue in this thread: a question from its check to its answer, or to try a definition."""
    token = _pinned.set(one)
    try:
        yield one
    finally:
        _pinned.reset(token)


def catalogue() -> dict[str, Metric]:
    """Every metric by id, with its dimensions, measures and parents filled in."""
    return book().metrics


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UserError: `unknown_metric`, with the nearest names.
    """
    known = catalogue()
    if name not in known:
        raise UserError("unknown_metric", name=name, near=suggest(name, known))
    return known[name]


def expression(name: str) -> exp.Expr:
    """The formula of a metric over measures only: columns are measure ids, divisions are null-safe."""
    return book().expression(name)


def _digest(own: Iterable[Metric]) -> str:
    told = sorted(f"{item.id}\x1f{item.unit}\x1f{item.formula}" for item in own)
    return sha256("\x1e".join(told).encode()).hexdigest()[:16]


def _fact(axes: list[Axis]) -> str:
    return next((axis.table for axis in axes if axis.table), "target")


def _deep(tree_: exp.Expr, kind: type[exp.Expr], change: Callable[[Any], exp.Expr]) -> exp.Expr:
    """Every node of a kind changed, the inner ones first."""
    for node in reversed(list(tree_.find_all(kind))):
        new = change(node)
        if node is tree_:
            tree_ = new
        elif new is not node:
            node.replace(new)
    return tree_


def _wide_product(node: exp.Mul) -> exp.Expr:
    """Products of what people multiply are over doubles: digits of exact numbers would add up until there are too
    many."""
    return exp.Mul(this=exp.cast(node.this, "DOUBLE"), expression=exp.cast(node.expression, "DOUBLE"))


def _safe_division(node: exp.Div) -> exp.Expr:
    """x / 0 is null. Divisions are over doubles, whatever the parts are."""
    under = node.expression
    if isinstance(under, exp.Nullif) and under.expression == exp.Literal.number(0):
        return node  # an inner formula's, safe already
    return exp.Div(
        this=exp.cast(node.this, "DOUBLE"),
        expression=exp.Nullif(this=under.copy(), expression=exp.Literal.number(0)),
    )
