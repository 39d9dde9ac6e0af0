"""Every split of a change is exact: 10,000 random trees with zeros, sign flips and missing sides; and known answers."""

from __future__ import annotations

import math
import random
from decimal import Decimal, localcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.decompose import FEN, FINE, WIDE, Branch, Node, branches, change, log_mean, rate_and_mix, split

TREES = 10_000


def value_of(kind: str, terms: list[tuple[Node, int]], side: str) -> float | None:
    """What the engine would say: nothing counts as zero, a division by nothing is unknown."""
    values = [(getattr(term, side) or 0.0, way) for term, way in terms]
    if kind == "sum":
        return math.fsum(way * value for value, way in values)
    if any(way < 0 and value == 0 for value, way in values):
        return None
    return math.prod(value**way for value, way in values)


def leaf(dice: random.Random) -> Node:
    def side() -> float | None:
        kind = dice.random()
        if kind < 0.1:
            return 0.0
        if kind < 0.17:
            return None
        size = 10 ** dice.uniform(-2, 4)
        return -size if kind < 0.3 else size

    before = side()
    return Node("x", before, before if dice.random() < 0.1 else side())


def tree(dice: random.Random, depth: int) -> Node:
    if depth == 0 or dice.random() < 0.25:
        return leaf(dice)
    kind = dice.choice(["sum", "product"])
    terms = [(tree(dice, depth - 1), dice.choice([1, 1, 1, -1])) for _ in range(dice.randint(2, 3))]
    name = "" if dice.random() < 0.2 else kind
    before, after = (value_of(kind, terms, side) for side in ("before", "after"))
    return Node(name, before, after, kind, tuple(terms))


def check(node: Node) -> int:
    """Every level of the tree sums to its own change, without the help of a rest."""
    parts = split(node)
    shares = [weight * change(term) for term, weight in parts]
    scale = max([1.0, abs(node.before or 0), abs(node.after or 0), *map(abs, shares)])
    if parts:
        assert all(map(math.isfinite, shares))
        assert abs(math.fsum(shares) - change(node)) <= 1e-9 * scale
        assert all(term.name != "rest" for term, _ in parts)
    return 1 + sum(check(term) for term, _ in parts)


def sums(branch: Branch) -> None:
    if branch.parts:
        assert sum((part.amount for part in branch.parts), Decimal(0)) == branch.amount
    for part in branch.parts:
        sums(part)


@settings(max_examples=TREES // 100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_ten_thousand_random_trees_are_split_exactly(seed: int) -> None:
    dice, levels = random.Random(seed), 0
    for _ in range(100):
        root = tree(dice, 3)
        levels += check(root)
        with localcontext(WIDE):
            total = Decimal(repr(change(root))).quantize(FEN)
            sums(Branch("root", root.before, root.after, total, branches(root, total)))
    assert levels > 100


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((2, 3), (4, 3), (6, 0)),
        ((0, 3), (5, 3), (15, 0)),  # from nothing: the factor that was nothing carries it
        ((0, 0), (5, 4), (10, 10)),  # both were nothing: in equal parts
        ((5, 4), (5, 0), (0, -20)),
        ((0, 4), (5, 0), (0, 0)),
        ((-2, 3), (2, 3), (12, 0)),  # a change of sign goes through zero
        ((-2, 3), (2, -3), (0, 0)),
        ((-2, 5), (-4, 5), (-10, 0)),
    ],
)
def test_the_limits_of_a_product(before, after, expected):
    terms = tuple((Node(str(n), x0, x1), 1) for n, (x0, x1) in enumerate(zip(before, after, strict=True)))
    node = Node("v", math.prod(before), math.prod(after), "product", terms)
    assert [weight * change(term) for term, weight in split(node)] == pytest.approx(expected)


def test_the_limits_are_those_of_small_values():
    """With a tiny number for zero plain LMDI-I comes arbitrarily near (Ang and Liu 2007)."""
    tiny = 1e-200
    plain = log_mean(60.0, tiny * 12) * math.log(5 / tiny)
    node = Node("v", 0, 60, "product", ((Node("a", 0, 5), 1), (Node("b", 3, 4), 1), (Node("c", 4, 3), 1)))
    exact = [weight * change(term) for term, weight in split(node)]
    assert exact == [60, 0, 0] and plain == pytest.approx(60, rel=0.01)


def test_a_published_example():
    """GMV 100 × 0.05 × 80 → 120 × 0.04 × 90: the textbook formula written out."""
    node = Node(
        "gmv", 400, 432, "product", ((Node("v", 100, 120), 1), (Node("c", 0.05, 0.04), 1), (Node("a", 80, 90), 1))
    )
    mean = (432 - 400) / math.log(432 / 400)
    assert [weight * change(term) for term, weight in split(node)] == pytest.approx(
        [mean * math.log(1.2), mean * math.log(0.8), mean * math.log(9 / 8)], rel=1e-12
    )


def test_nearly_equal_numbers_keep_their_mean():
    assert log_mean(1.0, 1.0 + 1e-15) == pytest.approx(1, rel=1e-14)
    assert log_mean(-3.0, -3.0) == -3.0 and log_mean(0, 5) == 0


def test_a_part_missing_on_one_side_is_shown_as_rest():
    node = Node("profit", 100, 90, "sum", ((Node("sales", 150, 150), 1), (Node("cost", 50, None), -1)))
    parts = branches(node, Decimal("-10.00"))
    assert {part.name: part.amount for part in parts} == {"sales": 0, "cost": 50, "rest": Decimal("-60.00")}


def test_rounding_is_put_where_it_can_be_seen():
    thirds = tuple((Node(name, 0.0, 100 / 3), 1) for name in "abc")
    parts = branches(Node("v", 0.0, 100.0, "sum", thirds), Decimal("100.00"))
    assert sum(part.amount for part in parts) == 100 and [str(part.rounding) for part in parts].count("0.01") == 1


def test_inner_parts_of_a_formula_give_way_to_their_terms():
    cost = Node("", 30, 60, "sum", ((Node("ads", 10, 40), 1), (Node("commission", 20, 20), 1)))
    ratio = Node("marketing_ratio", 0.3, 0.5, "product", ((cost, 1), (Node("gmv", 100, 120), -1)))
    parts = branches(ratio, Decimal("0.2"), FINE)
    assert [part.name for part in parts] == ["ads", "commission", "gmv"]
    assert sum(part.amount for part in parts) == Decimal("0.2") and parts[2].amount < 0 < parts[0].amount


def test_rate_and_mix_of_a_known_case():
    """Both shops keep their rates; the dearer one grows: all of it is mix."""
    effects = rate_and_mix([(10, 30), (30, 30)], [(100, 300), (100, 100)], (0.2, 0.15), (200, 400))
    assert sum(effect.amount for effect in effects) == pytest.approx(-0.05)
    assert [effect.rate for effect in effects] == [0, 0] and effects[0].mix < 0 and effects[1].mix < 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 50)] * 4), min_size=1, max_size=8))
def test_rate_and_mix_sum_to_the_change(cells):
    under = tuple(float(sum(cell[side] for cell in cells)) for side in (2, 3))
    if not all(under):
        return
    over = tuple(sum(cell[side] for cell in cells) / under[side] for side in (0, 1))
    effects = rate_and_mix([cell[:2] for cell in cells], [cell[2:] for cell in cells], over, under)
    assert math.fsum(effect.amount for effect in effects) == pytest.approx(over[1] - over[0], abs=1e-9)
