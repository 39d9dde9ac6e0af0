"""What a funnel loses, in people and in yuan."""

import pytest

from metrics.funnel import Loss, losses

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
