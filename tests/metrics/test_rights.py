"""What a question may not ask, what an asker may not see, and why a number is null."""

from __future__ import annotations

import sys
import threading
from datetime import date
from typing import Any

import pytest

from errors import UserError
from metrics import Period, Query, Result, Scope, cache, catalogue
from tests.metrics.facts import Facts, at, days

MARCH = days("2024-03-01", "2024-03-31")


@pytest.mark.parametrize(
    ("code", "metrics", "more", "near"),
    [
        ("unknown_metric", ("gvm",), {}, "gmv"),
        ("unknown_dimension", ("gmv",), {"dimensions": ("provinse",)}, "province"),
        ("dimension_not_allowed", ("visitors",), {"dimensions": ("province",)}, "channel"),
        ("dimension_not_allowed", ("ad_spend",), {"filters": {"province": ("江苏",)}}, "ad_plan"),
        ("dimension_not_allowed", ("gmv",), {"dimensions": ("province",), "compare": "target"}, "category"),
        ("grain_not_allowed", ("platform_fee",), {"grain": "hour"}, "day"),
        ("grain_not_allowed", ("visitors",), {"grain": "minute"}, "hour"),
        ("unknown_grain", ("gmv",), {"grain": "fortnight"}, "week"),
        ("grain_is_dimension", ("gmv",), {"grain": "hour", "dimensions": ("hour",)}, "hour"),
        ("unknown_period", ("gmv",), {"period": "tomorrow"}, "today"),
        ("unknown_comparison", ("gmv",), {"compare": "last_decade"}, "last_year"),
        ("order_unknown", ("gmv",), {"order": "-orders"}, "gmv"),
        ("order_unknown", ("gmv",), {"order": "-gmv__diff"}, "gmv"),
        ("filter_value", ("gmv",), {"filters": {"hour": ("noon",)}}, "noon"),
        ("as_known_grain", ("gmv",), {"as_known": at("2024-01-01"), "grain": "hour"}, "hour"),
        ("as_known_dimension", ("gmv",), {"as_known": at("2024-01-01"), "dimensions": ("province",)}, "category"),
        ("as_known_compare", ("gmv",), {"as_known": at("2024-01-01"), "compare": "target"}, "last_week"),
        (
            "as_known_days",
            ("gmv",),
            {"as_known": at("2024-01-01"), "period": Period(at("2024-01-01 10:00"), at("2024-01-02"))},
            "10:00",
        ),
        ("no_metrics", (), {}, ""),
    ],
)
def test_wrong_questions_are_refused_with_what_would_be_right(
    facts: Facts, code: str, metrics: tuple[str, ...], more: dict[str, Any], near: str
) -> None:
    facts.line("2024-03-05", 1)
    facts.ready()
    with pytest.raises(UserError) as caught:
        facts.ask(*metrics, **more)
    assert caught.value.code == code
    assert near in caught.value.text("en") and near in caught.value.text("zh")


def test_values_never_become_sql(facts: Facts) -> None:
    facts.line("2024-03-05", 1, category="a")
    facts.ready()
    evil = "a') OR 1=1; DROP TABLE order_line; --"
    assert facts.one("gmv", period=MARCH, filters={"category": (evil,)}) == 0.0
    assert evil not in facts.ask("gmv", period=MARCH, filters={"category": (evil,)}).sql
    assert facts.one("gmv", period=MARCH) == 1.0


def test_scope_is_part_of_every_number(facts: Facts) -> None:
    facts.line("2024-03-05", 10, platform="douyin", category="A", buyer=1)
    facts.line("2024-03-05", 20, platform="tmall", category="B", buyer=2)
    facts.refund("2024-03-06", 3, platform="tmall", category="B")
    facts.ready()
    tmall = Scope("t", {"platform": ("tmall",)})
    row = facts.ask("gmv", "net_sales", "buyers", period=MARCH, scope=tmall).rows[0]
    assert row == {"gmv": 20.0, "net_sales": 17.0, "buyers": 1}
    assert facts.ask("gmv", dimensions=("platform",), period=MARCH, scope=tmall).rows == [
        {"platform": "tmall", "gmv": 20.0}
    ]
    assert facts.ask(
        "gmv", dimensions=("platform",), period=MARCH, scope=tmall, filters={"platform": ("tmall", "douyin")}
    ).rows == [{"platform": "tmall", "gmv": 20.0}]
    nothing = Scope("n", {"platform": ()})
    assert facts.one("gmv", period=MARCH, scope=nothing) is None


def test_what_lies_outside_the_scope_cannot_be_asked_for(facts: Facts) -> None:
    facts.line("2024-03-05", 10, platform="douyin")
    facts.line("2024-03-05", 20, platform="tmall")
    facts.ready()
    tmall = Scope("t", {"platform": ("tmall",)})
    found = facts.ask("gmv", period=MARCH, scope=tmall, filters={"platform": ("douyin",)})
    assert found.rows == [{"gmv": None}] and found.notes == {"gmv": "no_sales"}


def test_a_fact_that_cannot_tell_the_askers_rows_apart_is_refused(facts: Facts) -> None:
    owner = Scope("c", {"category": ("A",)})
    facts.line("2024-03-05", 10, category="A")
    facts.ready()
    assert facts.one("gmv", period=MARCH, scope=owner) == 10.0
    for metric in ("job_runs", "live_gmv"):
        with pytest.raises(UserError) as caught:
            facts.ask(metric, scope=owner)
        assert caught.value.code == "not_allowed"


def test_hidden_metrics_hide_everything_built_on_them(facts: Facts) -> None:
    scope = Scope("h", hidden=frozenset({"cogs"}))
    for metric in (
        "cogs",
        "gross_profit",
        "gross_margin",
        "contribution_profit",
        "operating_profit",
        "profit_margin",
        "turnover_days",
    ):
        with pytest.raises(UserError) as caught:
            facts.ask(metric, scope=scope)
        assert caught.value.code == "not_allowed"
    facts.line("2024-03-05", 10)
    facts.ready()
    assert facts.one("net_sales", scope=scope, period=MARCH) is None  # allowed, but no after-sales are loaded


def test_nulls_say_why(facts: Facts) -> None:
    facts.line("2024-03-05", 10, quantity=None)
    facts.ready()
    found = facts.ask(
        "aov",
        "cogs",
        "items",
        "net_sales",
        "discount_rate",
        "visitors",
        "ad_roi",
        "stock_value",
        "live_gmv",
        "target",
        "platform_fee",
        "late_orders",
        "ship_hours",
        period=MARCH,
    )
    assert set(found.rows[0].values()) == {None}
    assert found.notes == {
        "aov": "no_buyer",
        "cogs": "no_unit_cost",
        "items": "no_quantity",
        "net_sales": "no_refunds",
        "discount_rate": "no_list_price",
        "visitors": "no_traffic",
        "ad_roi": "no_ads",
        "stock_value": "no_stock",
        "live_gmv": "no_live",
        "target": "no_target",
        "platform_fee": "no_cost",
        "late_orders": "no_promise",
        "ship_hours": "no_ship_time",
    }
    assert facts.ask("gmv", period=days("2030-01-01", "2030-01-02")).notes == {"gmv": "no_data"}


def test_what_is_known_in_part_says_so(facts: Facts) -> None:
    facts.line("2024-03-05", 10, unit_cost=4, buyer=1)
    facts.line("2024-03-05", 10)
    facts.refund("2024-03-05", 1, estimated=True)
    facts.ready()
    assert facts.ask("cogs", "buyers", "refund_amount", period=MARCH).notes == {
        "cogs": "partial_cost",
        "buyers": "partial_buyers",
        "refund_amount": "estimated_refund_time",
    }


def test_costs_that_name_no_category_are_said_to_be_missing_from_one(facts: Facts) -> None:
    facts.line("2024-03-05", 100, quantity=1, unit_cost=40, category="mask")
    facts.refund("2024-03-05", 1)
    facts.row("ad_spend", at=at("2024-03-05"), span="day", cost=50)
    facts.row("ad_spend", at=at("2024-03-05"), span="day", cost=5, category="mask", ad_plan="own")
    facts.row("cost", day=date(2024, 3, 5), item="platform_fee", amount=7)
    facts.ready()
    names = ("ad_spend", "platform_fee", "gross_profit")
    within = facts.ask(*names, period=MARCH, filters={"category": ("mask",)})
    assert within.rows[0]["ad_spend"] == 5.0
    assert within.notes == {"ad_spend": "partial_costs", "platform_fee": "partial_costs"}
    mine = facts.ask("contribution_profit", period=MARCH, scope=Scope("c", {"category": ("mask",)}))
    assert mine.notes == {"contribution_profit": "partial_costs"}
    assert facts.ask(*names, period=MARCH).notes == {}
    assert facts.ask(
        *names, period=days("2024-02-01", "2024-02-02"), filters={"category": ("mask",)}
    ).notes == dict.fromkeys(names, "no_data")


def test_a_group_whose_source_names_no_buyer_is_null_not_zero(facts: Facts) -> None:
    facts.line("2024-03-05", 10, platform="douyin", buyer=1)
    facts.line("2024-03-05", 10, platform="tmall")
    facts.ready()
    assert facts.ask("buyers", "new_buyers", dimensions=("platform",), period=MARCH).rows == [
        {"platform": "douyin", "buyers": 1, "new_buyers": 1},
        {"platform": "tmall", "buyers": None, "new_buyers": None},
    ]


def test_order_and_limit_break_ties_the_same_way_every_time(facts: Facts) -> None:
    for sku in ("c", "a", "d", "b"):
        facts.line("2024-03-05", 10 if sku != "d" else 99, sku_id=sku)
    facts.ready()
    rows = facts.ask("gmv", dimensions=("sku",), period=MARCH, order="-gmv", limit=3).rows
    assert [row["sku"] for row in rows] == ["d", "a", "b"]


def test_answers_are_kept_per_version_scope_and_question(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    facts.line("2024-03-05", 10, platform="douyin")
    facts.ready()
    first = facts.ask("gmv", period=MARCH)
    first.rows[0]["gmv"] = "changed by a caller"
    asked = []
    monkeypatch.setattr(sys.modules["metrics.query"], "_answer", lambda *a: asked.append(a) or first)
    assert facts.ask("gmv", period=MARCH).rows == [{"gmv": 10.0}] and not asked
    facts.ask("gmv", period=MARCH, scope=Scope("x", {"platform": ("tmall",)}))
    assert len(asked) == 1
    facts.ready()  # a new data version
    facts.ask("gmv", period=MARCH)
    assert len(asked) == 2


def test_equal_questions_at_once_are_computed_once() -> None:
    answers, started, go = cache.Answers(), threading.Event(), threading.Event()
    computed: list[int] = []
    result = Result((), (), None, MARCH, None, [], None, None, {}, "", 0.0, {})

    def slow() -> Any:
        computed.append(1)
        started.set()
        go.wait(60)
        return result

    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(answers.once("k", slow))) for _ in range(4)]
    threads[0].start()
    assert started.wait(60)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(60)
    assert computed == [1] and found == [result] * 4


def test_an_error_reaches_everyone_who_waits_and_is_not_kept() -> None:
    answers = cache.Answers()

    def fail() -> Any:
        raise UserError("no_metrics")

    for _ in range(2):
        with pytest.raises(UserError):
            answers.once("k", fail)


def test_details_lineage_and_labels(facts: Facts) -> None:
    import metrics

    for hour in range(5):
        facts.line(
            f"2024-03-05 1{hour}:00", hour, sku_id="s1", product_id="p1", product_name="杯子", channel="live", buyer=9
        )
    facts.line("2024-03-05 20:00", 7, platform="tmall")
    facts.row(
        "load_batch",
        batch_id=1,
        source="file",
        kind="k",
        file_name="f.csv",
        sha256="x",
        options="{}",
        rows_read=6,
        accepted=6,
        unchanged=0,
        quarantined=0,
        loaded_at=at("2024-03-06"),
        seconds=2.0,
        data_version=1,
    )
    facts.ready()
    warehouse, everything = facts.warehouse, Scope.everything()
    rows = metrics.details(warehouse, "order_line", {"channel": ("live",)}, MARCH, everything, limit=2, offset=1)
    assert [row["paid_amount"] for row in rows] == [3.0, 2.0]
    assert "buyer" not in rows[0]
    own = Scope("t", {"platform": ("tmall",)})
    assert [row["paid_amount"] for row in metrics.details(warehouse, "order_line", {}, None, own)] == [7.0]
    with pytest.raises(UserError):
        metrics.details(warehouse, "order_line", {}, None, Scope("h", hidden=frozenset({"gmv"})))
    with pytest.raises(UserError):
        metrics.details(warehouse, "person", {}, None, everything)
    found = metrics.lineage(warehouse, Query(("gmv",), period=MARCH), own)
    assert [(row["file_name"], row["rows"]) for row in found] == [("f.csv", 1)]
    assert metrics.labels(warehouse, "product", ["p1", "p2"]) == {"p1": "杯子"}
    assert metrics.labels(warehouse, "sku", ["s1"]) == {"s1": "杯子"}
    assert metrics.labels(warehouse, "platform", ["douyin"]) == {}


def test_the_catalogue_is_whole() -> None:
    known = catalogue()
    assert len(known) >= 100
    for metric in known.values():
        assert (
            metric.zh
            and metric.en
            and metric.definition_zh.endswith("。")
            and metric.definition_en.endswith((".", ")"))
        )
        assert metric.measures and metric.fact and metric.id in metric.uses
    assert known["gmv"].parents == ("net_sales", "attainment")
    assert known["aov"].parents == ("gmv",)
    assert set(known["cvr"].dimensions) == {"platform", "shop", "channel", "category", "product", "hour", "weekday"}
