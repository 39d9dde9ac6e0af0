"""The formula trees along which a change is split: lines of the tree, other lines that hold too, and own formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one

from metrics.catalogue import TREE, Identity, catalogue
from metrics.decompose import Node

Pair = tuple[float | None, float | None]  # before, after
Values = Mapping[str, Pair]

# Lines beside those of the tree, taken where the tree's own cannot be: no visitors, no buyers.
_OTHERWISE: tuple[Identity, ...] = (
    Identity("gmv", "product", (("buyers", 1), ("aov", 1))),
    Identity("gmv", "product", (("orders", 1), ("order_value", 1))),
)
CLOSING = {
    "live_gmv": "value_per_live_buyer",
    "ad_gmv": "value_per_ad_order",
    "visitors": "visitors_per_click",
    "turnover_days": "rest_factor",
}
"""What a product of the tree leaves open: the last factor that makes it exact. Names of texts, not of metrics."""
_AS_IS = 1e-9


@dataclass(frozen=True)
class Line:
    """One way to split a metric: its terms with sign or power."""

    metric: str
    kind: str  # 'sum' or 'product'
    terms: tuple[tuple[str, int], ...]

    @property
    def text(self) -> str:
        """The line as people write it, in metric ids."""
        marks = ("+", "−") if self.kind == "sum" else ("×", "÷")
        words = []
        for number, (name, way) in enumerate(self.terms):
            words += [name] if number == 0 and way > 0 else [marks[way < 0], name]
        return " ".join(words)


def lines(metric: str) -> tuple[Line, ...]:
    """Every line that splits the metric, the preferred one first: products before sums, the tree before others."""
    told = [item for item in (*TREE, *_OTHERWISE) if item.metric == metric]
    products = [item for item in told if item.kind != "sum"]
    sums = [item for item in told if item.kind == "sum"]
    return tuple(
        Line(item.metric, "sum" if item.kind == "sum" else "product", item.terms) for item in (*products, *sums)
    )


def wanted(metric: str) -> tuple[str, ...]:
    """Every metric whose value may be needed to split this one, itself first."""
    found: dict[str, None] = {metric: None}
    queue = [metric]
    while queue:
        name = queue.pop()
        names = [term for line in lines(name) for term, _ in line.terms]
        if name == metric and not names:
            names = sorted(_names(catalogue()[metric].formula))
        for term in names:
            if term not in found:
                found[term] = None
                queue.append(term)
    return tuple(name for name in found if name in catalogue())


def trees(metric: str, values: Values) -> list[tuple[str, Node]]:
    """(line, tree) for every line of the metric that holds with these values, the preferred first."""
    found = []
    for line in lines(metric):
        node = _by_line(line, values, frozenset({metric}))
        if node is not None:
            found.append((_said(line, node), node))
    if not found and (formula := catalogue()[metric].formula) and not lines(metric):
        node = _by_formula(metric, formula, values)
        if node is not None:
            found.append((formula, node))
    return found


def quotient(metric: str) -> tuple[str, str | None, float] | None:
    """(denominator, numerator, constant) of a metric that is a quotient: metric = constant · numerator / denominator.

    The numerator is None where it is no metric of the catalogue; the answer is None where the denominator is none.
    """
    formula = catalogue()[metric].formula
    if not formula:
        return None
    over, under, constant = _factors(parse_one(formula, read="duckdb"))
    if len(under) != 1 or not isinstance(under[0], exp.Column) or under[0].name not in catalogue():
        return None
    single = over[0].name if len(over) == 1 and isinstance(over[0], exp.Column) else None
    return under[0].name, single if single in catalogue() else None, constant


# Lines ----------------------------------------------------------------------------------------------------------------


def _said(line: Line, node: Node) -> str:
    closing = node.terms[len(line.terms) :]
    return line.text + "".join(f" × {term.name}" for term, _ in closing)


def _node(metric: str, values: Values, path: frozenset[str]) -> Node:
    """A metric with its own split, if it has one that does not come back to where we are."""
    for line in lines(metric):
        if path & {name for name, _ in line.terms}:
            continue
        node = _by_line(line, values, path | {metric})
        if node is not None:
            return node
    return Node(metric, *values[metric])


def _by_line(line: Line, values: Values, path: frozenset[str]) -> Node | None:
    """The tree of a line, or None where a part of it is not known."""
    if line.metric not in values or any(name not in values for name, _ in line.terms):
        return None
    whole = values[line.metric]
    if None in whole:
        return None
    if line.kind == "sum":
        return _sum(line, values, path)
    return _product(line, values, path)


def _sum(line: Line, values: Values, path: frozenset[str]) -> Node | None:
    if any(values[name] == (None, None) for name, _ in line.terms):
        return None
    terms = tuple((_node(name, values, path), sign) for name, sign in line.terms)
    return Node(line.metric, *values[line.metric], "sum", terms)


def _product(line: Line, values: Values, path: frozenset[str]) -> Node | None:
    whole = values[line.metric]
    pairs = _settled([values[name] for name, _ in line.terms], whole)
    if pairs is None:
        return None
    terms: list[tuple[Node, int]] = []
    for (name, power), pair in zip(line.terms, pairs, strict=True):
        known = pair == values[name]
        terms.append((_node(name, values, path) if known else Node(name, *pair), power))
    made = [
        math.prod(pair[side] ** power for pair, (_, power) in zip(pairs, line.terms, strict=True)) for side in (0, 1)
    ]
    if any(abs(have - (need or 0)) > _AS_IS * abs(need or 0) for have, need in zip(made, whole, strict=True)):
        close = _closing(made, whole)
        if close is None:
            return None
        terms.append((Node(CLOSING.get(line.metric, "rest_factor"), *close), 1))
    return Node(line.metric, *whole, "product", tuple(terms))


def _settled(pairs: list[Pair], whole: Pair) -> list[tuple[float, float]] | None:
    """The factors with what is undefined beside a zero taken from the other side, where it does nothing.

    No visitors: nobody can convert, and the conversion rate is not to blame.
    """
    found = []
    for side in (0, 1):
        unknown = any(pair[side] is None for pair in pairs)
        if unknown and (whole[side] or not any(pair[side] == 0 for pair in pairs)):
            return None
    for before, after in pairs:
        if before is None and after is None:
            return None
        first, last = before if before is not None else after, after if after is not None else before
        found.append((float(first or 0), float(last or 0)))
    return found


def _closing(made: list[float], whole: Pair) -> tuple[float, float] | None:
    """The factor that makes a product exact; where both are zero it stays what it is on the other side."""
    found: list[float | None] = []
    for have, need in zip(made, whole, strict=True):
        if have == 0 and need:
            return None
        found.append((need or 0.0) / have if have else None)
    before, after = found
    if before is None and after is None:
        return None
    return (before if before is not None else after or 0.0), (after if after is not None else before or 0.0)


# Formulas -------------------------------------------------------------------------------------------------------------


def _names(formula: str) -> set[str]:
    if not formula:
        return set()
    return {column.name for column in parse_one(formula, read="duckdb").find_all(exp.Column)}


def _by_formula(metric: str, formula: str, values: Values) -> Node | None:
    """The tree of a metric's own formula: a quotient, a product or a sum of metrics."""
    whole = values[metric]
    if None in whole:
        return None
    tree = parse_one(formula, read="duckdb")
    node = _parsed(tree, values)
    if node is not None and node.kind != "leaf":
        return Node(metric, *whole, node.kind, node.terms)
    return _half_known(metric, tree, values)


def _half_known(metric: str, tree: exp.Expr, values: Values) -> Node | None:
    """A quotient of which one part is no metric: that part is what the other leaves."""
    over, under, _ = _factors(tree)
    if len(over) != 1 or len(under) != 1:
        return None
    parts = [_parsed(part, values) for part in (over[0], under[0])]
    if [part is None for part in parts] not in ([True, False], [False, True]):
        return None
    known, missing = (parts[1], 0) if parts[0] is None else (parts[0], 1)
    if known is None or not (known.before and known.after) or None in values[metric]:
        return None
    ratios = [float(value or 0) for value in values[metric]]
    if missing == 1 and not all(ratios):
        return None
    sides = [
        ratio * side if missing == 0 else side / ratio
        for ratio, side in zip(ratios, (known.before, known.after), strict=True)
    ]
    other = (over[0], under[0])[missing]
    rest = Node(other.name if isinstance(other, exp.Column) else "rest_factor", sides[0], sides[1])
    terms = ((rest, 1), (known, -1)) if missing == 0 else ((known, 1), (rest, -1))
    return Node(metric, *values[metric], "product", terms)


def _parsed(tree: exp.Expr, values: Values) -> Node | None:
    """The tree of an expression over metrics; None where it needs what is not known."""
    if isinstance(tree, exp.Paren | exp.Coalesce):
        return _parsed(tree.this, values)
    if isinstance(tree, exp.Column):
        pair = values.get(tree.name)
        return Node(tree.name, *pair) if pair is not None and pair != (None, None) else None
    if isinstance(tree, exp.Add | exp.Sub):
        return _added(tree, values)
    if isinstance(tree, exp.Mul | exp.Div):
        over, under, _ = _factors(tree)
        parts = [(_parsed(part, values), 1) for part in over] + [(_parsed(part, values), -1) for part in under]
        terms = tuple((part, power) for part, power in parts if part is not None)
        if len(terms) < len(parts):
            return None
        return Node("", _made(terms, "before"), _made(terms, "after"), "product", terms)
    return None


def _made(terms: tuple[tuple[Node, int], ...], side: str) -> float | None:
    values = [(getattr(term, side), power) for term, power in terms]
    if any(value is None or (value == 0 and power < 0) for value, power in values):
        return None
    return math.prod(value**power for value, power in values)


def _added(tree: exp.Expr, values: Values) -> Node | None:
    first, last = _parsed(tree.this, values), _parsed(tree.expression, values)
    if first is None or last is None:
        return None
    sign = 1 if isinstance(tree, exp.Add) else -1
    before, after = (
        (getattr(first, side) or 0.0) + sign * (getattr(last, side) or 0.0) for side in ("before", "after")
    )
    return Node("", before, after, "sum", ((first, 1), (last, sign)))


def _factors(tree: exp.Expr) -> tuple[list[exp.Expr], list[exp.Expr], float]:
    """(factors above, factors below, constant) of a chain of × and ÷."""
    if isinstance(tree, exp.Paren):
        return _factors(tree.this)
    if isinstance(tree, exp.Literal):
        return [], [], float(tree.this)
    if isinstance(tree, exp.Mul | exp.Div):
        over, under, constant = _factors(tree.this)
        more, less, factor = _factors(tree.expression)
        if isinstance(tree, exp.Mul):
            return over + more, under + less, constant * factor
        return over + less, under + more, constant / factor
    return [tree], [], 1.0
