"""What a funnel loses, in people and in yuan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.funnel import Leak, Loss, leak, losses

STEPS = ("visitors", "add_to_cart", "buyers")


def test_those_lost_are_worth_what_those_who_went_on_were() -> None:
    found = losses(STEPS, {"visitors": 1000, "add_to_cart": 200, "buyers": 50}, 80.0)
    assert found == [Loss("visitors", 800.0, pytest.approx(800 * 50 / 200 * 80)), Loss("add_to_cart", 150.0, 12000.0)]
    # had the 800 gone on, they would have brought what 200 brought, four times over
    assert found[0].yuan == pytest.approx(4 * 50 * 80)


def test_steps_nobody_told_are_left_out_and_no_loss_is_negative() -> None:
    found = losses(STEPS, {"visitors": 40, "add_to_cart": None, "buyers": 50}, 80.0)
    assert found == [Loss("visitors", 0.0, 0.0)]
    assert losses(STEPS, {"visitors": 40}, 80.0) == []


@pytest.mark.parametrize("row", [{"visitors": 100, "add_to_cart": 20}, {"visitors": 100, "buyers": 20}])
def test_money_is_unknown_without_buyers_or_their_spend(row: dict[str, int]) -> None:
    spend = None if "buyers" in row else 80.0
    assert [loss.yuan for loss in losses(STEPS, row, spend)] == [None]


def test_behind_the_paying_step_people_are_lost_and_no_money_is_made_up() -> None:
    steps = (*STEPS, "repeat_buyers")
    row = {"visitors": 1000, "add_to_cart": 200, "buyers": 50, "repeat_buyers": 5}
    assert losses(steps, row, 80.0, "buyers")[:2] == losses(STEPS, row, 80.0)
    assert losses(steps, row, 80.0, "buyers")[2] == Loss("buyers", 45.0, None)


def test_the_leak_is_the_step_that_costs_most_buyers_against_the_base() -> None:
    base = {"visitors": 2000, "add_to_cart": 500, "buyers": 100}
    row = {"visitors": 1000, "add_to_cart": 200, "buyers": 36}
    found = leak(STEPS, row, base, 80.0)
    # 25 % put into the cart, now 20 %: 50 people, of whom 18 % would have bought; 20 % bought, now 18 %: 4 people
    assert found == Leak("visitors", "add_to_cart", 0.2, 0.25, pytest.approx(50), pytest.approx(9), pytest.approx(720))
    assert leak(STEPS, base, row, 80.0) is None
    assert leak(STEPS, row, {"visitors": 10}, 80.0) is None
    without = leak(STEPS, row, base, None)
    assert without is not None and without.yuan is None and without.step == "visitors"


@given(
    st.lists(st.integers(1, 10_000), min_size=2, max_size=6), st.lists(st.integers(1, 10_000), min_size=6, max_size=6)
)
def test_what_goes_on_and_what_is_lost_make_the_step(counts: list[int], other: list[int]) -> None:
    steps = tuple(f"s{number}" for number in range(len(counts)))
    row = dict(zip(steps, sorted(counts, reverse=True), strict=True))
    for loss, after in zip(losses(steps, row, 2.0), steps[1:], strict=True):
        assert loss.people + row[after] == row[loss.step] and loss.yuan is not None and loss.yuan >= 0
    base = dict(zip(steps, sorted(other[: len(steps)], reverse=True), strict=True))
    found = leak(steps, row, base, 2.0)
    fell = [a for a, b in zip(steps, steps[1:], strict=False) if row[b] / row[a] < base[b] / base[a]]
    assert (found.step in fell) if found else not fell
