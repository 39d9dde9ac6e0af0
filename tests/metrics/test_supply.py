"""Buying again and being sold out, by numbers that can be followed on paper."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate
from math import ceil, sqrt
from random import Random
from statistics import NormalDist, mean, stdev

import pytest

from tests.metrics.facts import Facts, at, days

FEBRUARY_END = days("2024-03-01", "2024-03-01")
Z = NormalDist().inv_cdf(0.95)


def _stock(facts: Facts, moment: str, available: int, sku: str = "s", **more: object) -> None:
    facts.row(
        "stock",
        sku_id=sku,
        snapshot_at=at(moment),
        **({"on_hand": available, "available": available} | more),
        active=True,
    )


def _daily(facts: Facts, first: str, items: list[int], sku: str = "s") -> None:
    for number, quantity in enumerate(items):
        if quantity:
            day = date.fromisoformat(first) + timedelta(number)
            facts.line(f"{day} 10:00", 10 * quantity, sku_id=sku, quantity=quantity)


@pytest.fixture
def selling(facts: Facts) -> tuple[Facts, list[int]]:
    """28 days in February 2024 (up to the 29th) of 2, 3, 4, 0, 2 … items a day; seen since the month before."""
    items = [(2, 3, 4, 0)[number % 4] for number in range(28)]
    _stock(facts, "2024-01-20 06:00", 50)
    _daily(facts, "2024-02-02", items)
    _stock(facts, "2024-03-01 06:00", 20, category="A")
    return facts, items


def _purchase(facts: Facts, number: int, lead: int | None, quantity: int = 60) -> None:
    ordered = at("2024-01-01") + timedelta(number)
    arrived = None if lead is None else ordered + timedelta(lead)
    facts.row(
        "purchase", purchase_id=f"p{number}", sku_id="s", quantity=quantity, ordered_at=ordered,
        expected_at=ordered + timedelta(12), arrived_at=arrived,
    )  # fmt: skip


def test_the_reorder_point_follows_its_formula(selling: tuple[Facts, list[int]]) -> None:
    facts, items = selling
    for number, lead in enumerate((10, 12, 14)):
        _purchase(facts, number, lead)
    facts.ready()
    demand, spread = mean(items), stdev(items)
    point = ceil(demand * 12 + Z * sqrt(12 * spread**2 + demand**2 * 2**2))
    assert facts.one("reorder_point", period=FEBRUARY_END) == point
    assert facts.one("suggested_qty", period=FEBRUARY_END) == ceil(point + demand * 7 - 20)


def test_what_is_on_its_way_is_not_ordered_again(selling: tuple[Facts, list[int]]) -> None:
    facts, _ = selling
    for number, lead in enumerate((10, 12, 14)):
        _purchase(facts, number, lead)
    _purchase(facts, 50, None, 100)
    facts.ready()
    assert facts.one("suggested_qty", period=FEBRUARY_END) == 0


def test_without_purchases_the_lead_time_is_the_setting(selling: tuple[Facts, list[int]]) -> None:
    facts, items = selling
    facts.ready()
    point = ceil(mean(items) * 15 + Z * sqrt(15) * stdev(items))
    assert facts.one("reorder_point", period=FEBRUARY_END) == point
    assert facts.ask("reorder_point", dimensions=("category",), period=FEBRUARY_END).rows == [
        {"category": "A", "reorder_point": point}
    ]


def test_days_out_of_stock_are_not_days_without_demand(facts: Facts) -> None:
    _stock(facts, "2024-01-01 06:00", 50)
    _daily(facts, "2024-01-03", [2] * 28)  # to January 30
    for day in range(1, 30):
        _stock(facts, f"2024-02-{day:02} 06:00", 0)
    _daily(facts, "2024-01-31", [2])
    _stock(facts, "2024-03-01 06:00", 0)
    facts.ready()
    # in the last 84 days the last 28 in stock are January 4 to 31, two items each: no spread
    assert facts.one("reorder_point", period=FEBRUARY_END) == 30


def test_arrivals_on_time_and_lead_days(facts: Facts) -> None:
    for number, lead in enumerate((10, 12, 14, None)):
        _purchase(facts, number, lead)
    _purchase(facts, 40, None)  # the sheet tells up to February 10, so the fourth is overdue
    facts.ready()
    january = days("2024-01-01", "2024-01-31")
    assert facts.one("purchase_lead_days", period=january) == 12
    assert facts.one("inbound_on_time_rate", period=january) == pytest.approx(2 / 4)


@pytest.fixture
def sold_out(facts: Facts) -> Facts:
    """100 yuan a day for 28 days, a tenth of it each hour from 10 to 20; out on March 1 from noon to midnight."""
    _stock(facts, "2024-02-01 06:00", 500)
    for number in range(28):
        for hour in range(10, 20):
            facts.line(f"{date(2024, 2, 2) + timedelta(number)} {hour}:30", 10, sku_id="s")
    _stock(facts, "2024-03-01 12:00", 0, category="A")
    _stock(facts, "2024-03-02 00:00", 9, category="A")
    facts.line("2024-03-03 12:00", 10, sku_id="s")
    return facts.ready()


def test_lost_sales_are_the_usual_sales_of_the_hours_out(sold_out: Facts) -> None:
    assert sold_out.one("lost_sales", period=days("2024-03-01", "2024-03-01")) == 80.0
    assert sold_out.one("lost_sales", period=days("2024-03-02", "2024-03-03")) == 0
    assert sold_out.one("lost_sales", period=days("2024-02-01", "2024-02-29")) == 0


def test_lost_sales_add_up_over_days_and_dimensions(sold_out: Facts) -> None:
    rows = sold_out.ask("lost_sales", dimensions=("category",), grain="day", period=days("2024-02-20", "2024-03-03"))
    assert [row for row in rows.rows if row["lost_sales"]] == [
        {"day": "2024-03-01", "category": "A", "lost_sales": 80.0}
    ]


def test_stock_in_one_warehouse_is_not_out(facts: Facts) -> None:
    _daily(facts, "2024-02-02", [2] * 28)
    _stock(facts, "2024-02-28 06:00", 9, warehouse="north")
    _stock(facts, "2024-03-01 06:00", 0, warehouse="south")
    _stock(facts, "2024-03-02 06:00", 0, warehouse="north")
    _stock(facts, "2024-03-03 06:00", 9, sku="other")
    facts.ready()
    rows = facts.ask("lost_sales", grain="day", period=days("2024-03-01", "2024-03-02")).rows
    assert [row["day"] for row in rows if row["lost_sales"]] == ["2024-03-02"]


def test_a_snapshot_speaks_for_a_day_at_most(facts: Facts) -> None:
    _daily(facts, "2024-02-02", [2] * 27)
    _stock(facts, "2024-02-29 00:00", 0)
    _stock(facts, "2024-03-09 06:00", 9, sku="other")
    facts.ready()
    rows = facts.ask("lost_sales", grain="day", period=days("2024-02-29", "2024-03-09")).rows
    assert [row["day"] for row in rows if row["lost_sales"]] == ["2024-02-29"]


def test_a_single_sale_says_nothing_about_the_next(facts: Facts) -> None:
    _stock(facts, "2024-01-01 06:00", 1)
    facts.line("2024-02-20 10:00", 500, sku_id="s")
    _stock(facts, "2024-03-01 00:00", 0)
    _stock(facts, "2024-03-02 00:00", 0)
    facts.ready()
    assert facts.one("lost_sales", period=days("2024-03-01", "2024-03-01")) == 0


def test_lost_sales_of_what_sells_seldom_are_not_overstated(facts: Facts) -> None:
    """Each of 150 SKUs sells one item of 100 yuan in ten days, by chance, and is out once its fourth is sold."""
    chance, truth = Random(7), 0.0
    for number in range(150):
        arrivals = list(accumulate(chance.expovariate(0.1) for _ in range(4)))
        if arrivals[-1] > 80:
            continue
        truth += 0.1 * 100
        out = at("2024-03-01")
        opened = out - timedelta(days=arrivals[-1])
        _stock(facts, str(opened)[:19], 4, f"s{number}")
        for one in arrivals:
            facts.line(str(opened + timedelta(days=one) - timedelta(seconds=60))[:19], 100, sku_id=f"s{number}")
        _stock(facts, "2024-03-01 00:00", 0, f"s{number}")
        _stock(facts, "2024-03-02 00:00", 0, f"s{number}")
    facts.ready()
    assert facts.one("lost_sales", period=days("2024-03-01", "2024-03-01")) == pytest.approx(truth, rel=0.15)
