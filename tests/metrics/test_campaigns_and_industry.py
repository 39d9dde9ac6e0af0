"""Comparisons that take more than arithmetic: campaigns, the lunar year, the industry; and the calendar behind them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import config
from metrics import Period
from metrics.almanac import holiday, holidays, holidays_until, lunar_year_before, working_weekend
from tests.metrics.facts import Facts, at, days

MARCH = days("2024-03-01", "2024-03-31")


@pytest.fixture
def campaigns(facts: Facts) -> Facts:
    """Two 618s that begin at different hours of different days, and a double 11 between them."""
    for name, family, starts, ends in (
        ("2023 618", "618", "2023-05-31 20:00", "2023-06-19"),
        ("2023 双11", "double11", "2023-10-31 20:00", "2023-11-12"),
        ("2024 618", "618", "2024-05-20 00:00", "2024-06-21"),
    ):
        facts.row("campaign", campaign=name, family=family, starts_at=at(starts), ends_at=at(ends), platform=None)
    facts.line("2023-05-31 20:00:30", 5)
    facts.line("2023-06-01 19:59", 7)
    facts.line("2023-06-01 20:01", 11)
    facts.line("2024-05-20 00:30", 100)
    facts.line("2024-05-20 23:59:59", 200)
    facts.line("2024-05-21 00:00:30", 400)
    return facts.ready()


def test_day_n_of_a_campaign_stands_beside_day_n_of_its_last_edition(campaigns: Facts) -> None:
    config.freeze(at("2024-07-01"))
    day = days("2024-05-20", "2024-05-20")
    found = campaigns.ask("gmv", period=day, compare="last_campaign")
    assert found.rows[0]["gmv"] == 300 and found.rows[0]["gmv__base"] == 12
    assert found.base_period == Period(at("2023-05-31 20:00"), at("2023-06-01 20:00"))
    by_hour = campaigns.ask("gmv", period=day, compare="last_campaign", grain="hour").rows
    assert [(row["hour"], row["gmv__base"]) for row in by_hour if row["gmv__base"]] == [
        ("2024-05-20 00:00", 5.0),
        ("2024-05-20 23:00", 7.0),
    ]


def test_a_young_campaign_day_is_cut_at_the_same_minute_of_the_last(campaigns: Facts) -> None:
    config.freeze(at("2024-05-21 00:00:31"))
    found = campaigns.ask("gmv", period=days("2024-05-21", "2024-05-21"), compare="last_campaign")
    assert found.rows[0]["gmv"] == 400 and found.rows[0]["gmv__base"] == 0
    assert found.base_period is not None and found.base_period.end == at("2023-06-01 20:00:30.000001")


@pytest.mark.parametrize("period", [days("2024-03-01", "2024-03-02"), days("2023-06-02", "2023-06-02")])
def test_without_a_last_edition_the_base_is_null_and_says_so(campaigns: Facts, period: Period) -> None:
    found = campaigns.ask("gmv", period=period, compare="last_campaign", order="-gmv__base")
    assert found.rows[0]["gmv__base"] is None and found.notes["gmv__base"] == "no_last_campaign"


def test_the_lunar_year_holds_new_year_against_new_year(facts: Facts) -> None:
    facts.line("2023-01-22 10:00", 10)  # the first day of the first month
    facts.line("2024-02-10 10:00", 30)
    facts.ready()
    found = facts.ask("gmv", period=days("2024-02-10", "2024-02-10"), compare="lunar_year")
    assert (found.rows[0]["gmv"], found.rows[0]["gmv__base"]) == (30, 10)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2025-01-29", "2024-02-10"),  # New Year
        ("2025-10-06", "2024-09-17"),  # Mid-Autumn
        ("2025-08-08", "2024-07-20"),  # a day of the leap sixth month beside that of the sixth
        ("2024-02-09", "2023-01-21"),  # New Year's Eve, the thirtieth of both years
    ],
)
def test_lunar_dates(day: str, before: str) -> None:
    assert lunar_year_before(date.fromisoformat(day)) == date.fromisoformat(before)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2023-03-20", "2022-03-31"),  # the last of the second month
        ("2023-03-21", "2022-03-31"),  # its thirtieth, in a year whose second month had 29 days
        ("2023-03-22", "2022-03-03"),  # the first of the leap second month
        ("2023-04-19", "2022-03-31"),  # its last
        ("2023-04-20", "2022-04-01"),  # the first of the third month
        ("2023-06-22", "2022-06-03"),  # Dragon Boat, after the leap month
        ("2024-06-10", "2023-06-22"),  # and the year after it
        ("2020-05-23", "2019-05-05"),  # the first of the leap fourth month
        ("2020-06-25", "2019-06-07"),  # Dragon Boat
    ],
)
def test_lunar_dates_about_a_leap_month(facts: Facts, day: str, before: str) -> None:
    """Beside each day of a series stands its own lunar date, wherever the series began."""
    assert lunar_year_before(date.fromisoformat(day)) == date.fromisoformat(before)
    facts.line(f"{before} 10:00", 7)
    facts.line(f"{day} 10:00", 30)
    facts.ready()
    config.freeze(at("2026-01-01"))
    first, last = date.fromisoformat(day) - timedelta(days=40), date.fromisoformat(day) + timedelta(days=40)
    asked = days(str(first), str(last))
    found = facts.ask("gmv", period=asked, compare="lunar_year", grain="day")
    here = next(row for row in found.rows if row["day"] == day)
    assert (here["gmv"], here["gmv__base"], here["gmv__diff"]) == (30, 7, 23)
    rows = facts.ask("gmv", period=asked, compare="lunar_year", grain="day", order="-gmv__base", limit=2).rows
    assert rows[0]["gmv__base"] == 7


def test_lunar_dates_have_an_end() -> None:
    assert lunar_year_before(date(2150, 1, 1)) is None


def test_official_holidays() -> None:
    assert holiday(date(2024, 2, 12)) == ("春节", "Spring Festival")
    assert holiday(date(2024, 3, 5)) is None
    assert working_weekend(date(2024, 2, 18)) and not working_weekend(date(2024, 2, 24))
    assert holidays_until() >= date(2026, 12, 31)
    assert list(holidays(date(2024, 4, 30), date(2024, 5, 2))) == [date(2024, 5, 1), date(2024, 5, 2)]


@pytest.fixture
def industry(facts: Facts) -> Facts:
    for metric, month, platform, category, amount in (
        ("refund_rate", "2024-03-01", None, None, 0.2),
        ("refund_rate", "2024-03-01", "douyin", None, 0.1),
        ("refund_rate", "2024-03-01", "douyin", "A", 0.05),
        ("refund_rate", "2024-04-01", None, None, 0.4),
        ("成交额", "2024-03-01", None, None, 3100),
    ):
        start = date.fromisoformat(month)
        facts.row(
            "benchmark", metric=metric, period_start=start, amount=amount, industry=(platform, category)
        )  # fmt: skip
    for category, amount in (("A", 30), ("B", 70)):
        facts.line("2024-03-05", amount, category=category)
    facts.line("2024-04-30", 10, platform="tmall", category="A")
    facts.refund("2024-03-06", 10, "2024-03-05", category="A")
    return facts.ready()


def test_the_industry_value_is_the_base(industry: Facts) -> None:
    row = industry.ask("refund_rate", period=MARCH, compare="benchmark").rows[0]
    assert (row["refund_rate"], row["refund_rate__base"]) == pytest.approx((0.1, 0.2))
    assert row["refund_rate__diff"] == pytest.approx(-0.1) and row["refund_rate__pct"] == pytest.approx(-0.5)
    row = industry.ask("refund_rate", period=MARCH, compare="benchmark", filters={"platform": ("douyin",)}).rows[0]
    assert row["refund_rate__base"] == pytest.approx(0.1)
    by = industry.ask("refund_rate", period=MARCH, compare="benchmark", dimensions=("platform", "category")).rows
    assert {row["category"]: row["refund_rate__base"] for row in by} == pytest.approx({"A": 0.05, "B": 0.1})


def test_industry_values_by_month_and_over_months(industry: Facts) -> None:
    both = days("2024-03-01", "2024-04-30")
    rows = industry.ask("refund_rate", "gmv", period=both, compare="benchmark", grain="month").rows
    assert [(row["month"], row["refund_rate__base"], row["gmv__base"]) for row in rows] == [
        ("2024-03-01", pytest.approx(0.2), 3100.0),
        ("2024-04-01", pytest.approx(0.4), None),
    ]
    whole = industry.ask("refund_rate", period=both, compare="benchmark").rows[0]["refund_rate__base"]
    assert whole == pytest.approx((0.2 * 31 + 0.4 * 30) / 61)
    ten_days = industry.ask("gmv", period=days("2024-03-01", "2024-03-10"), compare="benchmark").rows[0]
    assert ten_days["gmv__base"] == pytest.approx(1000)


def test_without_an_industry_value_the_base_is_null_and_says_so(industry: Facts) -> None:
    found = industry.ask("aov", period=MARCH, compare="benchmark", dimensions=("shop",))
    assert all(row["aov__base"] is None for row in found.rows) and found.notes["aov__base"] == "no_benchmark"
