"""Visitors: counted once, from the rows that say it best, and never added up where that would count people twice."""

from __future__ import annotations

from metrics import Period
from tests.metrics.facts import Facts, at, days

FIFTH = days("2024-03-05", "2024-03-05")
WEEK = days("2024-03-04", "2024-03-10")


def _rows(
    facts: Facts,
    channel: str | None,
    visitors: tuple[int, ...],
    product: str | None = None,
    span: str = "hour",
    **more: str,
) -> None:
    for hour, count in enumerate(visitors):
        facts.row(
            "traffic",
            at=at(f"{more.get('day', '2024-03-05')} {hour:02d}:00"),
            span=span,
            channel=channel,
            product_id=product,
            category=more.get("category"),
            visitors=count,
            page_views=count * 2,
            exposures=count * 10,
            clicks=count,
            platform=more.get("platform", "douyin"),
        )


def test_the_shops_total_answers_without_a_channel_and_the_channels_with_one(facts: Facts) -> None:
    _rows(facts, None, (100, 50))
    _rows(facts, "live", (80, 40))
    _rows(facts, "search", (60, 20))  # 200 by channel: 50 people came twice
    facts.ready()
    assert facts.ask("visitors", "page_views", period=FIFTH).rows == [{"visitors": 150, "page_views": 300}]
    assert facts.ask("visitors", dimensions=("channel",), period=FIFTH).rows == [
        {"channel": "live", "visitors": 120},
        {"channel": "search", "visitors": 80},
    ]
    assert facts.one("visitors", period=FIFTH, filters={"channel": ("live",)}) == 120
    assert facts.ask("visitors", dimensions=("hour",), period=FIFTH).rows == [
        {"hour": 0, "visitors": 100},
        {"hour": 1, "visitors": 50},
    ]


def test_two_channels_together_are_not_the_sum_of_their_people(facts: Facts) -> None:
    _rows(facts, "live", (80,))
    _rows(facts, "search", (60,))
    facts.ready()
    for more in ({"filters": {"channel": ("live", "search")}}, {}):
        found = facts.ask("visitors", "page_views", "uv_value", period=FIFTH, **more)
        assert found.rows == [{"visitors": None, "page_views": 280, "uv_value": None}]
        assert found.notes["visitors"] == "not_additive"


def test_people_of_products_add_up_for_one_product_only(facts: Facts) -> None:
    _rows(facts, None, (100,))
    _rows(facts, None, (30,), product="p1", category="A")
    _rows(facts, None, (40,), product="p2", category="A")
    facts.ready()
    assert facts.one("visitors", period=FIFTH) == 100
    assert facts.one("visitors", period=FIFTH, filters={"product": ("p1",)}) == 30
    found = facts.ask("visitors", "exposures", dimensions=("category",), period=FIFTH)
    assert found.rows == [{"category": "A", "visitors": None, "exposures": 700}]
    assert found.notes["visitors"] == "not_additive"


def test_a_day_told_by_hour_and_by_day_is_counted_once(facts: Facts) -> None:
    _rows(facts, None, (100, 50))
    _rows(facts, None, (150,), span="day")
    _rows(facts, None, (70,), span="day", day="2024-03-06")
    _rows(facts, None, (5,), platform="tmall", span="day", day="2024-03-06")
    facts.ready()
    assert facts.one("visitors", period=WEEK) == 225
    assert facts.ask("visitors", grain="day", period=WEEK, filters={"platform": ("douyin",)}).rows == [
        {"day": "2024-03-05", "visitors": 150},
        {"day": "2024-03-06", "visitors": 70},
    ]
    assert facts.ask("visitors", grain="hour", period=WEEK).rows == [
        {"hour": "2024-03-05 00:00", "visitors": 100},
        {"hour": "2024-03-05 01:00", "visitors": 50},
    ]
    assert facts.one("visitors", period=Period(at("2024-03-05"), at("2024-03-05 01:00"))) == 100


def test_conversion_meets_visitors_of_traffic_with_buyers_of_orders(facts: Facts) -> None:
    _rows(facts, None, (200,))
    facts.line("2024-03-05 00:30", 30, buyer=1)
    facts.line("2024-03-05 00:40", 30, buyer=1)
    facts.line("2024-03-05 00:50", 40, buyer=2)
    facts.ready()
    assert facts.ask("cvr", "uv_value", "ctr", period=FIFTH).rows == [{"cvr": 0.01, "uv_value": 0.5, "ctr": 0.1}]


def test_a_shops_day_told_by_its_products_only_is_left_out_and_named(facts: Facts) -> None:
    for day in ("2024-03-04", "2024-03-05"):
        _rows(facts, None, (100,), day=day)
        _rows(facts, None, (30,), product="p1", day=day)
    _rows(facts, None, (40,), product="p1", day="2024-03-06")  # the shop's own total of the 6th is not there yet
    _rows(facts, None, (25,), product="p2", day="2024-03-06")
    _rows(facts, None, (7,), platform="tmall", span="day", day="2024-03-06")
    facts.line("2024-03-04 00:30", 30, buyer=1)
    facts.ready()
    found = facts.ask("visitors", "page_views", "cvr", "gmv", period=WEEK)
    assert [found.rows[0][name] for name in ("visitors", "page_views")] == [207, 544]
    assert found.notes["visitors"] == found.notes["cvr"] == "partial_people"
    assert not {"page_views", "gmv"} & found.notes.keys()
    assert found.left_out == (at("2024-03-06").date(),)
    by_day = facts.ask("visitors", grain="day", period=WEEK, filters={"platform": ("douyin",)})
    assert [row["visitors"] for row in by_day.rows] == [100, 100, None]
    by_shop = facts.ask("visitors", dimensions=("platform",), period=days("2024-03-06", "2024-03-06"))
    assert by_shop.rows == [{"platform": "douyin", "visitors": None}, {"platform": "tmall", "visitors": 7}]
    assert by_shop.notes["visitors"] == "partial_people"


def test_days_left_out_of_the_base_are_told_of_the_base_and_other_shops_days_of_nobody(facts: Facts) -> None:
    _rows(facts, None, (40,), product="p1", day="2024-03-04")
    for day in ("2024-03-05", "2024-03-06", "2024-03-07"):
        _rows(facts, None, (100,), day=day)
    _rows(facts, None, (9,), product="p1", platform="tmall", day="2024-03-06")
    facts.ready()
    found = facts.ask("visitors", period=days("2024-03-06", "2024-03-07"), compare="previous")
    assert found.rows[0]["visitors"] == 200 and found.rows[0]["visitors__base"] == 100
    assert (found.notes["visitors"], found.notes["visitors__base"]) == ("partial_people", "partial_people")
    own = facts.ask("visitors", period=days("2024-03-06", "2024-03-07"), filters={"platform": ("douyin",)})
    assert own.notes == {} and own.left_out == ()
    alone = facts.ask("visitors", period=days("2024-03-04", "2024-03-04"))
    assert alone.rows == [{"visitors": None}] and alone.notes["visitors"] == "not_additive"
