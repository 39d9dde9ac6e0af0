"""Black holes over answers written by hand: what each rule loses, and what it leaves out."""

from __future__ import annotations

from typing import Any

from metrics.leaks import leaks
from metrics.types import Result
from tests.components.made import result

ANSWERS: dict[str, list[dict[str, Any]]] = {
    "": [{"gross_margin": 0.4}],
    "sku": [
        {"sku": "good", "gross_profit": 5.0, "gmv": 20.0},
        {"sku": "bad", "gross_profit": -12.5, "gmv": 100.0},
        {"sku": "untold", "gross_profit": None, "gmv": 100.0},
        {"sku": None, "gross_profit": -99.0, "gmv": 100.0},
    ],
    "channel": [
        {"channel": "live", "creator_commission": 30.0, "gross_profit": 20.0, "gmv": 100.0},
        {"channel": "video", "creator_commission": 30.0, "gross_profit": -5.0, "gmv": 100.0},
        {"channel": "card", "creator_commission": 5.0, "gross_profit": 20.0, "gmv": 100.0},
    ],
    "category": [
        {"category": "衣", "refund_amount": 50.0, "logistics_cost": 10.0, "gross_profit": 40.0, "gmv": 200.0},
        {"category": "鞋", "refund_amount": 5.0, "logistics_cost": 10.0, "gross_profit": 40.0, "gmv": 200.0},
    ],
    "ad_plan": [
        {"ad_plan": "poor", "ad_gmv": 100.0, "ad_spend": 50.0},  # brings 40 of gross profit
        {"ad_plan": "fair", "ad_gmv": 125.0, "ad_spend": 50.0},
    ],
}


def ask(names: tuple[str, ...], by: tuple[str, ...]) -> Result | None:
    return result(ANSWERS[by[0] if by else ""], *names)


def test_every_rule_names_its_part_and_its_yuan() -> None:
    found = [(leak.rule, leak.value, leak.yuan) for leak in leaks(ask)]
    assert found == [
        ("commission", "video", 30),
        ("after_sale", "衣", 20),
        ("negative_margin", "bad", 12.5),
        ("ads", "poor", 10),
        ("commission", "live", 10),
    ]


def test_without_a_margin_no_plan_is_judged_and_what_may_not_be_asked_is_left_out() -> None:
    def blind(names: tuple[str, ...], by: tuple[str, ...]) -> Result | None:
        return None if not by or by == ("sku",) else ask(names, by)

    assert {leak.rule for leak in leaks(blind)} == {"commission", "after_sale"}
