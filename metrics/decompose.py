"""Splitting a change exactly: sums by difference, products by LMDI-I, ratios over a dimension by rate and mix effect.

LMDI-I is the additive logarithmic mean Divisia index: a factor's share of V = x₁·x₂·… is L(V¹, V⁰)·ln(xᵢ¹/xᵢ⁰) with the
logarithmic mean L(a, b) = (a − b)/ln(a/b). It leaves no residual and does not depend on the order of the factors
(B. W. Ang, "Decomposition analysis for policymaking in energy", Energy Policy 32, 2004; "The LMDI approach to
decomposition analysis: a practical guide", Energy Policy 33, 2005). Zeros take the limits of B. W. Ang and N. Liu,
"Handling zero values in the logarithmic mean Divisia index decomposition approach", Energy Policy 35, 2007.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Literal

Kind = Literal["leaf", "sum", "product"]
FEN, FINE = Decimal("0.01"), Decimal("1e-12")
WIDE = Context(prec=400)  # no amount is too large to be summed exactly


@dataclass(frozen=True)
class Node:
    """A value on both sides and what it is made of.

    `terms` are (node, sign) in a sum and (node, power 1 or -1) in a product. A side that is None counts as nothing (0).
    A node without a `name` is an inner part of a formula: its terms take its place in the answer.
    """

    name: str
    before: float | None
    after: float | None
    kind: Kind = "leaf"
    terms: tuple[tuple[Node, int], ...] = ()


@dataclass(frozen=True)
class Branch:
    """A part of a change: `amount` in the unit of the whole. `parts` sum to `amount` exactly.

    `rounding` is what was added to this part so that its level sums exactly.
    """

    name: str
    before: float | None
    after: float | None
    amount: Decimal
    parts: tuple[Branch, ...] = ()
    rounding: Decimal = Decimal(0)


REST = "rest"


def log_mean(one: float, other: float) -> float:
    """The logarithmic mean of two numbers of one sign; 0 when either is 0."""
    if one == 0 or other == 0:
        return 0.0
    step = (one - other) / other
    if step == 0:
        return other
    return other * (step / math.log1p(step)) if abs(step) < 0.5 else (one - other) / math.log(one / other)


def product_weights(node: Node) -> list[float]:
    """For each factor the number w with share = w · (after − before) of the factor.

    A factor that is zero on one side, or changes its sign, carries what the product loses on the way to zero and gains
    on the way back; several such factors carry it in equal parts. These are the limits of LMDI-I for small values.
    """
    v0, v1 = node.before or 0.0, node.after or 0.0
    sides = [(term.before or 0.0, term.after or 0.0) for term, _ in node.terms]
    flips = [(x0 > 0 > x1) or (x0 < 0 < x1) for x0, x1 in sides]
    away = [flip or (x1 == 0 and x0 != 0) for flip, (x0, x1) in zip(flips, sides, strict=True)]
    back = [flip or (x0 == 0 and x1 != 0) for flip, (x0, x1) in zip(flips, sides, strict=True)]
    if any(away) or any(back) or v0 == 0 or v1 == 0:
        return [
            _carried(v0, v1, (gone, sum(away)), (come, sum(back)), x1 - x0)
            for (x0, x1), gone, come in zip(sides, away, back, strict=True)
        ]
    mean = log_mean(v1, v0) if (v0 > 0) == (v1 > 0) else 0.0
    return [
        power * mean / log_mean(x1, x0) if x0 and x1 else 0.0
        for (x0, x1), (_, power) in zip(sides, node.terms, strict=True)
    ]


def _carried(v0: float, v1: float, gone: tuple[bool, int], come: tuple[bool, int], step: float) -> float:
    amount = (-v0 / gone[1] if gone[0] else 0.0) + (v1 / come[1] if come[0] else 0.0)
    return amount / step if step else 0.0


def split(node: Node) -> list[tuple[Node, float]]:
    """The terms of a node with their weights: Σ weight · (after − before) of the terms is the node's own change.

    Where the terms do not make up the change (a term was missing on one side), a last term `rest` does.
    """
    if node.kind == "leaf" or not node.terms:
        return []
    weights = product_weights(node) if node.kind == "product" else [float(sign) for _, sign in node.terms]
    found = [(term, weight) for (term, _), weight in zip(node.terms, weights, strict=True)]
    shares = [weight * change(term) for term, weight in found]
    rest = change(node) - math.fsum(shares)
    scale = max([abs(share) for share in shares] + [abs(node.before or 0.0), abs(node.after or 0.0)])
    if abs(rest) > 1e-9 * scale:
        found.append((Node(REST, 0.0, rest), 1.0))
    return found


def change(node: Node) -> float:
    """After less before."""
    return (node.after or 0.0) - (node.before or 0.0)


def branches(node: Node, total: Decimal, step: Decimal = FEN) -> tuple[Branch, ...]:
    """The split of `node`, whose change is `total`, down to its leaves; every level sums to its parent exactly.

    Amounts are whole multiples of `step`; what rounding leaves goes to the largest part, which says so.
    """
    return _level(node, 1.0, total, step)


def _level(node: Node, weight: float, total: Decimal, step: Decimal) -> tuple[Branch, ...]:
    terms = _named(node, weight)
    if not terms:
        return ()
    amounts = [inner * change(term) for term, inner in terms]
    settled, place, rounding = settle(amounts, total, step)
    return tuple(
        Branch(
            term.name,
            term.before,
            term.after,
            amount,
            _level(term, inner, amount, step),
            rounding if number == place else Decimal(0),
        )
        for number, ((term, inner), amount) in enumerate(zip(terms, settled, strict=True))
    )


def _named(node: Node, weight: float) -> list[tuple[Node, float]]:
    found: list[tuple[Node, float]] = []
    for term, inner in split(node):
        found += [(term, weight * inner)] if term.name else _named(term, weight * inner)
    return found


def settle(amounts: Sequence[float], total: Decimal, step: Decimal) -> tuple[list[Decimal], int, Decimal]:
    """(amounts as multiples of `step` that sum to `total`, the place that took the rounding, the rounding)."""
    with localcontext(WIDE):
        rounded = [Decimal(repr(float(amount))).quantize(step, ROUND_HALF_EVEN) for amount in amounts]
        place = max(range(len(rounded)), key=lambda number: abs(rounded[number]))
        rounding = total - sum(rounded, Decimal(0))
        rounded[place] += rounding
    return rounded, place, rounding


@dataclass(frozen=True)
class Effect:
    """A value's part in the change of a ratio: `rate` from its own ratio, `mix` from its weight among the others."""

    rate: float
    mix: float

    @property
    def amount(self) -> float:
        return self.rate + self.mix


def rate_and_mix(
    tops: Sequence[tuple[float, float]],
    bottoms: Sequence[tuple[float, float]],
    whole: tuple[float, float],
    under: tuple[float, float],
) -> list[Effect]:
    """Effects of the values of a dimension on `whole` = Σ tops / `under`; (before, after) pairs throughout.

    With weights s = bottom/under and rates r: rate effect s̄·Δr, mix effect Δs·(r̄ − R̄), means over both sides
    (Marshall–Edgeworth), so that nothing is left over when the bottoms add up to `under`. A value that has no rate on
    one side works by its weight alone.
    """
    mean = (whole[0] + whole[1]) / 2
    found = []
    for (n0, n1), (d0, d1) in zip(tops, bottoms, strict=True):
        s0, s1 = d0 / under[0], d1 / under[1]
        amount = n1 / under[1] - n0 / under[0] - (s1 - s0) * mean
        rate = (s0 + s1) / 2 * (n1 / d1 - n0 / d0) if d0 and d1 else 0.0
        found.append(Effect(rate, amount - rate))
    return found
