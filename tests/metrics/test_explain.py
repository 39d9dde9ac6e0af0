"""`explain`: exact along the tree and over dimensions, corners found, rights kept, coincidences told as such."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlglot import exp, parse_one

import config
from errors import UserError
from i18n import catalogue as texts
from metrics import Scope, Why, explain
from metrics.catalogue import catalogue
from metrics.explain import Explanation
from metrics.findings import coincidence_sentences, findings, headline, part_name
from tests.metrics.facts import ALL, Facts, at, days

BASE, ASKED = days("2024-03-04", "2024-03-10"), days("2024-03-11", "2024-03-17")
CHANNELS, PROVINCES = ("live", "card", "search"), ("浙江", "广东", "四川", "上海")


def fill(facts: Facts, fallen: tuple[str, str] = ("live", "浙江"), people: bool = True) -> Facts:
    """Two weeks of equal days, but that in the second one a corner loses four of five orders."""
    number = 0
    for week in (4, 11):
        for day in range(7):
            for channel in CHANNELS:
                for province in PROVINCES:
                    gone = week == 11 and (channel, province) == fallen
                    for hour in range(1 if gone else 5):
                        number += 1
                        facts.line(
                            f"2024-03-{week + day:02} {10 + hour}:00",
                            20.0 + (number % 7),
                            channel=channel,
                            province=province,
                            category="茶",
                            sku_id=f"S{number % 3}",
                            product_id=f"P{number % 3}",
                            **({"buyer": number % 40} if people else {}),
                        )
    return facts.ready()


def why(facts: Facts, metric: str, scope: Scope = ALL, **more: Any) -> Explanation:
    return explain(facts.warehouse, Why(metric, ASKED, BASE, **more), scope)


def test_every_level_sums_to_its_parent_exactly(facts):
    told = why(fill(facts), "gmv")
    assert told.diff is not None and told.diff < 0 and told.value is not None
    assert float(told.value) == facts.one("gmv", period=ASKED)
    for split in told.splits:
        assert sum((part.amount for part in split.branches), Decimal(0)) == told.diff
        for part in split.branches:
            if part.parts:
                assert sum((inner.amount for inner in part.parts), Decimal(0)) == part.amount
    for parts in told.dimensions.values():
        assert sum(part.contribution for part in parts) == pytest.approx(float(told.diff), abs=1e-6)
    assert {"platform", "shop", "channel", "province", "category", "hour"} <= set(told.dimensions)


def test_without_visitors_another_line_is_taken_and_said(facts):
    told = why(fill(facts), "gmv")
    assert told.splits[0].line == "buyers × aov" and told.skipped == "visitors × cvr × aov"
    alone = Facts(facts.warehouse)
    assert why(alone, "gmv", filters={"channel": ("card",)}).splits[0].line == "buyers × aov"


def test_without_buyers_orders_carry_it(facts):
    told = why(fill(facts, people=False), "gmv")
    assert told.splits[0].line == "orders × order_value"
    assert [part.name for part in told.splits[0].branches] == ["orders", "order_value"]


def test_with_visitors_the_tree_is_the_one_of_the_catalogue(facts):
    for day in (5, 12):
        facts.row(
            "traffic", at=f"2024-03-{day:02} 00:00", span="day", visitors=900 - day * 10, exposures=9000, clicks=950
        )
    told = why(fill(facts), "gmv")
    assert told.splits[0].line == "visitors × cvr × aov" and told.skipped is None
    assert {"new_buyer_gmv", "returning_buyer_gmv"} <= {part.name for part in told.splits[-1].branches}


@pytest.mark.parametrize("corner", [("live", "浙江"), ("search", "上海")])
def test_the_corner_that_fell_is_named(facts, corner):
    told = why(fill(facts, corner), "orders")
    assert told.located.causes[0].where == {"channel": corner[0], "province": corner[1]}
    assert told.located.causes[0].contribution == -28 == float(told.diff or 0)
    first = findings(told, "en")[0]
    assert first.kind == "corner" and corner[1] in first.sentence and "100%" in first.sentence
    assert findings(told, "zh")[0].sentence.endswith("占全部变化的 100%。")


def test_what_falls_everywhere_is_in_no_corner(facts):
    for week, orders in ((4, 6), (11, 3)):
        for day in range(7):
            for channel in CHANNELS:
                for province in PROVINCES:
                    for hour in range(orders):
                        facts.line(
                            f"2024-03-{week + day:02} {10 + hour % 3}:00", 30.0, channel=channel, province=province
                        )
    told = why(facts.ready(), "orders", dimensions=("channel", "province"))
    assert told.located.everywhere and not told.located.causes
    assert (
        findings(told, "en")[0].kind == "everywhere" and "not in these dimensions" in findings(told, "en")[0].sentence
    )


def test_a_ratio_by_rate_and_mix(facts):
    told = why(fill(facts), "order_value")
    parts = told.dimensions["channel"]
    assert sum(part.contribution for part in parts) == pytest.approx(float(told.diff or 0), abs=1e-9)
    assert all(part.rate is not None and part.mix is not None for part in parts if part.rest is None)
    assert sum((part.amount for part in told.splits[0].branches), Decimal(0)) == told.diff


def test_counts_that_do_not_add_up_say_so(facts):
    told = why(fill(facts), "buyers")
    parts = told.dimensions["channel"]
    assert sum(part.contribution for part in parts) == pytest.approx(float(told.diff or 0))
    assert any(part.rest == "shared" for part in told.dimensions["hour"])


def test_a_period_without_data_is_not_explained(facts):
    fill(facts)
    told = explain(facts.warehouse, Why("gmv", ASKED, days("2020-01-01", "2020-01-07")), ALL)
    assert told.diff is None and told.splits == () and told.dimensions == {}
    assert findings(told, "zh")[0].kind == "missing" and headline(told, "en") == findings(told, "en")[0].sentence


def test_rights_are_those_of_query(facts):
    fill(facts)
    with pytest.raises(UserError) as refused:
        why(facts, "gmv", Scope("w", hidden=frozenset({"gmv"})))
    assert refused.value.code == "not_allowed"
    told = why(facts, "gmv", Scope("w", hidden=frozenset({"buyers"})))
    assert told.splits[0].line == "orders × order_value"  # what may not be seen is in no branch
    mine = why(facts, "gmv", Scope("w", rows={"province": ("广东", "四川")}))
    assert {part.value for part in mine.dimensions["province"]} == {"广东", "四川"}
    assert all(cause.where.get("province") in (None, "广东", "四川") for cause in mine.located.causes)
    rows = facts.ask("gmv", period=ASKED, filters={"province": ("广东", "四川")}).rows
    assert mine.value == rows[0]["gmv"] != why(facts, "gmv").value


def test_what_coincides_is_listed_as_coincidence(facts):
    facts.row("campaign", campaign="春茶节", starts_at="2024-03-04", ends_at="2024-03-11")
    for day, plan, cost in ((5, "A", 100), (12, "A", 90), (6, "B", 80)):
        facts.row("ad_spend", at=f"2024-03-{day:02} 10:00", span="hour", ad_plan=plan, cost=cost)
    for week, price in ((4, 50.0), (11, 35.0)):
        for number in range(8):
            facts.line(f"2024-03-{week + number % 7:02} 09:00", price, sku_id="X", product_name="龙井")
    told = why(facts.ready(), "gmv")
    kinds = {item.kind: item for item in told.beside}
    assert {"campaign_ended", "ad_stopped", "price_change"} <= set(kinds)
    assert kinds["ad_stopped"].where == {"ad_plan": "B"} and kinds["price_change"].where == {"sku": "X"}
    assert kinds["price_change"].fields == {"name": "龙井", "was": "50.00", "now": "35.00"}
    for lang in ("zh", "en"):
        assert all(not sentence.startswith("explain.") for sentence in coincidence_sentences(told, lang))


@pytest.mark.parametrize("more", [{"dimensions": ("galaxy",)}, {"filters": {"galaxy": ("x",)}}])
def test_unknown_names_are_refused(facts, more):
    fill(facts)
    with pytest.raises(UserError) as refused:
        why(facts, "gmv", **more)
    assert refused.value.code == "unknown_dimension"


def test_a_holiday_in_one_of_the_periods_is_told(facts):
    for day in ("2024-04-04", "2024-03-28"):
        facts.line(f"{day} 10:00", 30.0)
    facts.ready()
    told = explain(facts.warehouse, Why("gmv", days("2024-04-04", "2024-04-04"), days("2024-03-28", "2024-03-28")), ALL)
    assert [item.kind for item in told.beside if item.kind.startswith("holiday")] == ["holiday_now"]
    assert any("清明节" in sentence for sentence in coincidence_sentences(told, "zh"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_part_of_a_formula_has_a_name(lang):
    parts = {
        column.name
        for metric in catalogue().values()
        if metric.formula
        for column in parse_one(metric.formula, read="duckdb").find_all(exp.Column)
    }
    assert {"created_paid", "pay_seconds_sum"} <= parts
    named = texts(lang)
    assert [part for part in sorted(parts - set(catalogue())) if f"explain.factor.{part}" not in named] == []
    assert part_name("created_paid", lang) != "created_paid"


def test_what_was_zero_before_is_told_without_a_percentage(facts):
    facts.line("2024-03-05 10:00", 0.0)
    for hour in range(5):
        facts.line(f"2024-03-11 {10 + hour}:00", 20.0)
    told = why(facts.ready(), "gmv")
    said = [item.sentence for item in findings(told, "en") if item.kind == "branch"]
    assert told.base == 0 and said and all("–" not in sentence for sentence in said)


@pytest.mark.parametrize(("clock", "kind"), [("2024-03-14 12:00", "not_complete"), ("2024-06-01 12:00", "data_end")])
def test_a_file_of_long_ago_is_not_said_to_grow(facts, clock, kind):
    facts.line("2024-03-05 10:00", 50.0)
    facts.line("2024-03-14 11:00", 20.0)
    config.freeze(at(clock))
    try:
        told = why(facts.ready(), "gmv")
    finally:
        config.freeze(None)
    assert [item.kind for item in told.beside if item.kind in ("not_complete", "data_end")] == [kind]
    assert "2024-03-14 11:00" in " ".join(coincidence_sentences(told, "en"))
