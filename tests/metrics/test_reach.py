"""Which metrics can share one compared question: those whose own comparisons would be cut alike."""

from __future__ import annotations

import config
import metrics
from tests.metrics.facts import ALL, Facts, at, days
from tests.metrics.test_compare import _batch

TODAY = days("2024-03-05", "2024-03-05")
ASKED = ("gmv", "orders", "refund_amount", "net_sales", "visitors")


def test_the_reach_of_a_metric_is_where_its_own_comparison_is_cut(facts: Facts) -> None:
    config.freeze(at("2024-03-05 12:10"))
    for day in ("2024-03-04", "2024-03-05"):
        facts.line(f"{day} 09:00", 10)
        facts.line(f"{day} 12:00", 20)
        facts.refund(f"{day} 11:00", 5)
    _batch(facts, 1, "api", "orders_api", "2024-03-05 12:00")
    facts.ready()
    found = metrics.reach(facts.warehouse, ASKED, {}, TODAY, ALL)
    for metric in ASKED:
        alone = facts.ask(metric, period=TODAY, compare="yesterday")
        assert found[metric] == (alone.complete_through, alone.late_sources) or found[metric][0] is None
    assert found["gmv"] == found["orders"] != (None, ())
    assert found["visitors"] != found["gmv"]


def test_metrics_of_one_reach_keep_their_numbers_when_asked_together(facts: Facts) -> None:
    config.freeze(at("2024-03-05 15:00"))
    for hour in (9, 12, 14):
        facts.line(f"2024-03-04 {hour:02d}:00", hour)
        facts.line(f"2024-03-05 {hour:02d}:00", hour * 3)
    facts.ready()
    found = metrics.reach(facts.warehouse, ("gmv", "orders"), {"platform": ("douyin",)}, TODAY, ALL)
    assert found["gmv"] == found["orders"]
    filters = {"platform": ("douyin",)}
    both = facts.ask("gmv", "orders", period=TODAY, compare="yesterday", filters=filters).rows[0]
    for metric in ("gmv", "orders"):
        alone = facts.ask(metric, period=TODAY, compare="yesterday", filters=filters).rows[0]
        assert {key: both[key] for key in alone} == alone


def test_only_metrics_with_a_target_are_targeted(facts: Facts) -> None:
    facts.line("2024-03-05 12:00", 20)
    facts.row("target", period="day", period_start=TODAY.start.date(), metric="net_sales", amount=100)
    facts.ready()
    assert metrics.targeted(facts.warehouse) == {"net_sales"}
