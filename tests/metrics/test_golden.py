"""Golden cases: small shops whose numbers can be added up in one's head, each guarding a way to be wrong."""

from __future__ import annotations

import json
from datetime import date

import pytest

from metrics import Scope, details
from tests.metrics.facts import ALL, Facts, at, days

MARCH = days("2024-03-01", "2024-03-31")


def test_many_facts_in_one_question_do_not_multiply_rows(facts: Facts) -> None:
    for hour in range(3):
        facts.line(f"2024-03-05 1{hour}:00", 100)
    for hour in range(4):
        facts.refund(f"2024-03-05 2{hour % 4}:00", 10)
    for hour in range(5):
        facts.row("ad_spend", at=at(f"2024-03-05 0{hour}:00"), span="hour", ad_plan="p", cost=7)
    facts.ready()
    rows = facts.ask(
        "gmv", "refund_amount", "ad_spend", "net_sales", "orders", dimensions=("platform",), period=MARCH
    ).rows
    assert rows == [
        {"platform": "douyin", "gmv": 300.0, "refund_amount": 40.0, "ad_spend": 35.0, "net_sales": 260.0, "orders": 3}
    ]


def test_orders_of_several_lines_count_once_under_every_cut(facts: Facts) -> None:
    facts.line("2024-03-05", 60, order="x", category="A", channel="live")
    facts.line("2024-03-05", 40, order="x", category="B", channel="live", is_head=False)
    facts.line("2024-03-06", 10, order="y", category="B", channel="card")
    facts.ready()
    assert facts.one("orders", period=MARCH) == 2
    assert facts.one("order_value", period=MARCH) == 55.0
    assert facts.one("orders", period=MARCH, filters={"category": ("B",)}) == 2  # the head of x lies in A
    assert facts.one("orders", period=MARCH, filters={"category": ("A", "B")}) == 2
    by_category = facts.ask("orders", dimensions=("category",), period=MARCH).rows
    assert by_category == [{"category": "A", "orders": 1}, {"category": "B", "orders": 2}]


def test_equal_order_numbers_of_two_shops_are_two_orders(facts: Facts) -> None:
    facts.line("2024-03-05", 1, order="7", shop="a", channel="live")
    facts.line("2024-03-05", 1, order="7", shop="b", channel="live")
    facts.ready()
    assert facts.one("orders", period=MARCH, filters={"channel": ("live",)}) == 2
    assert facts.one("orders", period=MARCH) == 2


def test_refund_after_the_day_counts_on_its_own_day_and_in_the_cohort_of_the_sale(facts: Facts) -> None:
    facts.line("2024-03-05 10:00", 100)
    facts.refund("2024-03-08 09:00", 30, paid="2024-03-05 10:00")
    facts.ready()
    fifth, eighth = days("2024-03-05", "2024-03-05"), days("2024-03-08", "2024-03-08")
    assert facts.ask("net_sales", "refund_amount", "refund_rate_cohort", period=fifth).rows == [
        {"net_sales": 100.0, "refund_amount": 0.0, "refund_rate_cohort": 0.3}
    ]
    assert facts.ask("net_sales", "refund_rate_cohort", "refund_rate", period=eighth).rows == [
        {"net_sales": -30.0, "refund_rate_cohort": None, "refund_rate": None}
    ]


def test_returns_across_months_lower_the_cost_of_the_month_they_come_back_in(facts: Facts) -> None:
    facts.line("2024-03-30", 100, quantity=2, unit_cost=20)
    facts.line("2024-04-02", 50, quantity=1, unit_cost=20)
    facts.refund("2024-04-03", 50, paid="2024-03-30", quantity=1, unit_cost=20, goods_returned=True)
    facts.ready()
    rows = facts.ask("cogs", "gross_profit", grain="month").rows
    assert rows == [
        {"month": "2024-03-01", "cogs": 40.0, "gross_profit": 60.0},
        {"month": "2024-04-01", "cogs": 0.0, "gross_profit": 0.0},
    ]


def test_a_buyer_of_two_shops_is_one_buyer(facts: Facts) -> None:
    facts.line("2024-03-05", 10, shop="a", buyer=1)
    facts.line("2024-03-06", 10, shop="b", buyer=1)
    facts.line("2024-03-06", 10, shop="b", buyer=2)
    facts.ready()
    assert facts.ask("buyers", "aov", "repeat_rate", "orders_per_buyer", period=MARCH).rows == [
        {"buyers": 2, "aov": 15.0, "repeat_rate": 0.5, "orders_per_buyer": 1.5}
    ]
    assert facts.ask("buyers", dimensions=("shop",), period=MARCH).rows == [
        {"shop": "a", "buyers": 1},
        {"shop": "b", "buyers": 2},
    ]


def test_new_buyers_are_new_within_the_shops_asked_for(facts: Facts) -> None:
    facts.line("2024-02-10", 5, shop="a", buyer=1)
    facts.line("2024-03-06", 7, shop="b", buyer=1)
    facts.line("2024-03-07", 11, shop="b", buyer=2)
    facts.line("2024-03-09", 13, shop="b", buyer=2)
    facts.ready()
    everywhere = facts.ask("new_buyers", "new_buyer_gmv", "returning_buyer_gmv", "new_buyer_share", period=MARCH).rows[
        0
    ]
    assert everywhere == {"new_buyers": 1, "new_buyer_gmv": 24.0, "returning_buyer_gmv": 7.0, "new_buyer_share": 0.5}
    assert facts.one("new_buyers", period=MARCH, filters={"shop": ("b",)}) == 2
    by_day = facts.ask("new_buyers", "new_buyer_gmv", grain="day", period=MARCH).rows
    assert by_day == [
        {"day": "2024-03-06", "new_buyers": 0, "new_buyer_gmv": 0.0},
        {"day": "2024-03-07", "new_buyers": 1, "new_buyer_gmv": 11.0},
        {"day": "2024-03-09", "new_buyers": 0, "new_buyer_gmv": 0.0},
    ]


def test_new_buyers_by_shop_are_those_new_in_all_shops_asked_for(facts: Facts) -> None:
    facts.line("2024-02-10", 5, shop="a", buyer=1)
    facts.line("2024-03-06", 7, shop="b", buyer=1)  # known from shop a
    facts.line("2024-03-07", 11, shop="b", buyer=2)
    facts.line("2024-03-07", 13, shop="a", buyer=2)  # paid at once in two shops: new in both
    facts.ready()
    asked = ("new_buyers", "new_buyer_gmv", "returning_buyer_gmv")
    assert facts.ask(*asked, dimensions=("shop",), period=MARCH).rows == [
        {"shop": "a", "new_buyers": 1, "new_buyer_gmv": 13.0, "returning_buyer_gmv": 0.0},
        {"shop": "b", "new_buyers": 1, "new_buyer_gmv": 11.0, "returning_buyer_gmv": 7.0},
    ]
    only = facts.ask(*asked, dimensions=("shop",), period=MARCH, filters={"shop": ("b",)}).rows
    assert only == [{"shop": "b", "new_buyers": 2, "new_buyer_gmv": 18.0, "returning_buyer_gmv": 0.0}]


def test_what_cannot_but_be_null_is_not_read_and_loses_no_row(facts: Facts) -> None:
    facts.line("2024-03-06", 7, channel="live", buyer=1)
    facts.line("2024-03-07", 11, channel="card", buyer=2)
    facts.ready()
    both = facts.ask("gmv", "cvr", dimensions=("channel",), period=MARCH)  # nobody tells visitors
    assert both.rows == [{"channel": "card", "gmv": 11.0, "cvr": None}, {"channel": "live", "gmv": 7.0, "cvr": None}]
    assert '"buyer"' not in both.sql and both.notes["cvr"] == "no_traffic"
    alone = facts.ask("cvr", dimensions=("channel",), period=MARCH).rows
    assert alone == [{"channel": "card", "cvr": None}, {"channel": "live", "cvr": None}]
    with_orders = facts.ask("gmv", "cvr", "buyers", dimensions=("channel",), period=MARCH).rows
    assert [row["buyers"] for row in with_orders] == [1, 1]


def test_repurchase_counts_an_order_at_another_moment_only(facts: Facts) -> None:
    facts.line("2024-01-01 10:00", 1, shop="a", buyer=1)
    facts.line("2024-01-01 10:00", 1, shop="b", buyer=1)  # one cart, two shops: not bought again
    facts.line("2024-01-01 10:00", 1, shop="a", buyer=2)
    facts.line("2024-01-01 10:00", 1, shop="b", buyer=2)
    facts.line("2024-01-09 10:00", 1, shop="b", buyer=2)
    facts.line("2024-03-01", 1, shop="a", buyer=3)
    facts.ready()
    january = days("2024-01-01", "2024-01-31")
    assert facts.one("repurchase_rate_30", period=january) == 0.5
    by_shop = facts.ask("repurchase_rate_30", dimensions=("shop",), period=january).rows
    assert by_shop == [{"shop": "a", "repurchase_rate_30": 0.5}, {"shop": "b", "repurchase_rate_30": 0.5}]


def test_repurchase_looks_only_at_buyers_whose_window_is_over(facts: Facts) -> None:
    facts.line("2024-01-01", 1, buyer=1)
    facts.line("2024-01-20", 1, buyer=1)  # again within 30 days
    facts.line("2024-01-02", 1, buyer=2)
    facts.line("2024-02-15", 1, buyer=2)  # again, but after 44 days
    facts.line("2024-02-25", 1, buyer=3)  # window still open on the last day
    facts.line("2024-03-01", 1, buyer=4)
    facts.ready()
    assert facts.one("repurchase_rate_30") == 0.5
    assert facts.one("repurchase_rate_90") is None  # nobody's 90 days are over
    assert facts.one("repurchase_rate_30", period=days("2024-01-02", "2024-01-31")) == 0.0  # buyer 1 starts on the 20th


def test_test_orders_and_unpaid_lines_are_left_out(facts: Facts) -> None:
    facts.line("2024-03-05", 10, buyer=1)
    facts.line("2024-03-05", 1000, buyer=2, is_test=True)
    facts.line(None, None, created_at="2024-03-05 08:00", payable_amount=77)
    facts.line(None, None, created_at="2024-03-05 08:30", payable_amount=3, status="closed")
    facts.ready()
    assert facts.ask(
        "gmv", "buyers", "orders_created", "order_amount", "payment_rate", "cancel_rate", period=MARCH
    ).rows == [
        {
            "gmv": 10.0,
            "buyers": 1,
            "orders_created": 3,
            "order_amount": 90.0,
            "payment_rate": pytest.approx(1 / 3),
            "cancel_rate": pytest.approx(1 / 3),
        }
    ]


def test_zero_over_zero_is_null_and_says_so(facts: Facts) -> None:
    facts.line("2024-03-01", 10)
    facts.line("2024-03-09", 10)
    facts.ready()
    found = facts.ask("order_value", "gmv", "orders", period=days("2024-03-05", "2024-03-05"))
    assert found.rows == [{"order_value": None, "gmv": 0.0, "orders": 0}]
    assert found.notes["order_value"] == "undefined"


def test_money_is_added_exactly(facts: Facts) -> None:
    for _ in range(10):
        facts.line("2024-03-05", 0.1)
    facts.ready()
    assert facts.one("gmv", period=MARCH) == 1.0
    assert facts.one("gmv", grain="hour", period=MARCH) == 1.0


def test_profit_walks_down_from_gmv(facts: Facts) -> None:
    facts.line("2024-03-05", 1000, quantity=10, unit_cost=30)
    facts.refund("2024-03-06", 100, paid="2024-03-05")
    facts.row("ad_spend", at=at("2024-03-05"), span="day", cost=50)
    for item, amount in (("platform_fee", 20), ("creator_commission", 30), ("logistics", 40), ("other", 10)):
        facts.row("cost", day=date(2024, 3, 5), item=item, amount=amount)
    facts.ready()
    found = facts.ask(
        "gross_profit",
        "gross_margin",
        "marketing_ratio",
        "contribution_profit",
        "operating_profit",
        "profit_margin",
        "logistics_cost_per_order",
        period=MARCH,
    ).rows[0]
    assert found == {
        "gross_profit": 600.0,
        "gross_margin": pytest.approx(600 / 900),
        "marketing_ratio": 0.08,
        "contribution_profit": 460.0,
        "operating_profit": 450.0,
        "profit_margin": 0.5,
        "logistics_cost_per_order": 40.0,
    }


def test_commission_falls_back_to_the_order_lines(facts: Facts) -> None:
    facts.line("2024-03-05", 100, commission_amount=12)
    facts.ready()
    assert facts.one("creator_commission", period=MARCH) == 12.0
    facts.row("cost", day=date(2024, 3, 5), item="creator_commission", amount=9)
    facts.ready()
    assert facts.one("creator_commission", period=MARCH) == 9.0


def test_values_that_nobody_gave_form_their_own_group_and_can_be_asked_for(facts: Facts) -> None:
    facts.line("2024-03-05", 10, province="江苏")
    facts.line("2024-03-05", 5)
    facts.ready()
    assert facts.ask("gmv", dimensions=("province",), period=MARCH).rows == [
        {"province": "江苏", "gmv": 10.0},
        {"province": None, "gmv": 5.0},
    ]
    assert facts.one("gmv", period=MARCH, filters={"province": ("",)}) == 5.0
    assert facts.one("gmv", period=MARCH, filters={"province": ("江苏省",)}) == 10.0
    assert facts.one("gmv", period=MARCH, scope=Scope("x", {"province": ("江苏",)})) == 10.0


def test_an_exchange_without_money_is_no_refund(facts: Facts) -> None:
    goods = {"quantity": 1, "unit_cost": 30, "goods_returned": True, "before_ship": True}
    for number, day in enumerate(("2024-03-04", "2024-03-05", "2024-03-06"), start=1):
        facts.line(day, 100, order=f"o{number}", unit_cost=30)
    for number, kind, amount in ((1, "exchange", 0), (2, "exchange", 5), (3, None, 0)):
        applied = f"2024-03-07 0{number}:00"
        facts.refund(
            "2024-03-07 10:00", amount, "2024-03-04", order_id=f"o{number}", kind=kind, applied_at=applied, **goods
        )
    facts.ready()
    found = facts.ask(
        "refund_orders", "refund_amount", "refund_before_ship_share", "return_rate", "refund_hours", "cogs"
    ).rows
    assert found == [
        {
            "refund_orders": 2,  # with money back, or a refund of goods that cost nothing
            "refund_amount": 5.0,
            "refund_before_ship_share": 1.0,
            "return_rate": pytest.approx(2 / 3),
            "refund_hours": pytest.approx(7.5),
            "cogs": 30.0,  # the exchanged one went out again
        }
    ]
    with_money = details(facts.warehouse, "refund", {}, None, ALL)
    assert sorted(str(row["order_id"]) for row in with_money) == ["o2", "o3"]


def test_money_has_no_dust(facts: Facts) -> None:
    for day, amounts in (("2024-03-04", (0.1, 43856.15)), ("2024-03-05", (0.1, 0.2, 43856.15))):
        for amount in amounts:
            facts.line(f"{day} 23:30", amount, unit_cost=0.0333, buyer=7)
    facts.row("target", metric="gmv", period="day", period_start=date(2024, 3, 5), amount=43856.1)
    facts.ready()
    day = days("2024-03-05", "2024-03-05")
    row = facts.ask("gmv", "cogs", "order_value", period=day, compare="yesterday").rows[0]
    assert (row["gmv"], row["gmv__base"], row["gmv__diff"]) == (43856.45, 43856.25, 0.2)
    assert (row["cogs"], row["cogs__base"], row["cogs__diff"]) == (0.1, 0.07, 0.03)  # 3 × 0.0333 and 2 ×
    assert row["order_value"] == 14618.816666667
    against = facts.ask("gmv", period=day, compare="target").rows[0]
    assert (against["gmv__target"], against["gmv__diff"]) == (43856.1, 0.35)


def test_numbers_of_the_clock_are_numbers(facts: Facts) -> None:
    facts.line("2024-03-05 09:30", 1)
    facts.refund("2024-03-05 21:00", 1)
    facts.ready()
    rows = facts.ask("gmv", "refund_amount", "net_sales", dimensions=("hour", "weekday", "shop")).rows
    assert [(row["hour"], row["weekday"], row["shop"]) for row in rows] == [(9, 2, "a"), (21, 2, "a")]
    assert all(type(row[name]) is int for row in rows for name in ("hour", "weekday"))
    assert json.loads(json.dumps(rows))[0]["hour"] == 9
