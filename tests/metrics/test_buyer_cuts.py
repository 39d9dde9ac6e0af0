"""Any number of sales by who bought: segment, RFM class, month of first order; each period judged at its own end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from config import freeze
from errors import UserError
from metrics import Period, Query, Scope, Slice, cohorts, details, explain, query, rfm_classes, segments
from metrics.explain import Why
from tests.metrics.facts import ALL, Facts, at, days
from tests.metrics.test_segments import LAST, shop

HALF = days("2024-01-01", "2024-06-30")


def ask(facts: Facts, metrics: tuple[str, ...], by: tuple[str, ...] = (), **more: Any) -> list[dict[str, Any]]:
    more.setdefault("period", HALF)
    return query(facts.warehouse, Query(metrics, by, **more), more.pop("scope", ALL)).rows


def test_by_segment_is_what_the_page_of_buyers_says(facts: Facts) -> None:
    rows = ask(shop(facts), ("buyers", "gmv", "orders", "aov"), ("segment",))
    told = {row["segment"]: row for row in segments(facts.warehouse, Slice(LAST), ALL).rows}
    assert {row["segment"] for row in rows} == {*told, None}
    for row in rows:
        if row["segment"]:
            here = told[row["segment"]]
            assert all(row[name] == pytest.approx(here[name]) for name in ("buyers", "gmv", "orders", "aov"))
    unknown = next(row for row in rows if row["segment"] is None)
    assert (unknown["gmv"], unknown["buyers"]) == (1000, None)


def test_by_class_is_what_the_page_of_buyers_says(facts: Facts) -> None:
    rows = ask(shop(facts), ("buyers", "gmv"), ("rfm",))
    told = {
        row["rfm_class"]: (row["buyers"], row["gmv"]) for row in rfm_classes(facts.warehouse, Slice(LAST), ALL).rows
    }
    found = {row["rfm"]: (row["buyers"], row["gmv"]) for row in rows if row["rfm"]}
    assert found == {name: pair for name, pair in told.items() if pair[0]}


def test_by_cohort_and_month_is_the_triangle(facts: Facts) -> None:
    rows = ask(shop(facts), ("buyers", "gmv"), ("cohort",), grain="month")
    triangle = {
        (row["cohort"], row["months"]): (row["buyers"], row["gmv"])
        for row in cohorts(facts.warehouse, Slice(LAST), ALL).rows
        if row["buyers"]
    }
    assert {
        (row["cohort"], int(row["month"][5:7]) - int(row["cohort"][5:7])): (row["buyers"], row["gmv"])
        for row in rows
        if row["cohort"]
    } == triangle


def test_all_segments_together_are_the_whole(facts: Facts) -> None:
    whole = ask(shop(facts), ("gmv", "orders", "items"))[0]
    rows = ask(facts, ("gmv", "orders", "items"), ("segment",))
    assert {name: sum(row[name] for row in rows) for name in whole} == whole


def test_a_filter_takes_the_buyers_of_a_segment(facts: Facts) -> None:
    assert ask(shop(facts), ("gmv", "orders"), filters={"segment": ("high_value", "lost")}) == [
        {"gmv": 1570, "orders": 3}
    ]
    assert ask(facts, ("orders",), ("province",), filters={"segment": ("high_value",)}) == [
        {"province": "广东", "orders": 2}
    ]
    assert ask(facts, ("gmv",), filters={"segment": ("",)}) == [{"gmv": 1000}]  # whom nobody knows


def test_each_side_is_judged_at_its_own_end(facts: Facts) -> None:
    rows = ask(shop(facts), ("buyers",), ("segment",), period=days("2024-06-01", "2024-06-30"), compare="previous")
    found = {row["segment"]: (row["buyers"], row["buyers__base"]) for row in rows if row["segment"]}
    # the buyer of 1 May is of high value by the end of June; a month before, nobody had paid less than the top fifth
    assert found == {"new": (1, 0), "active": (1, 1)}


def test_a_period_that_is_not_over_is_judged_at_the_present(facts: Facts) -> None:
    shop(facts)
    freeze(at("2024-02-20 09:00"))
    rows = ask(facts, ("buyers",), ("segment",), period=days("2024-01-01", "2024-12-31"))
    assert {row["segment"]: row["buyers"] for row in rows if row["segment"]} == {"new": 1, "active": 2}


def test_history_is_that_within_the_filters_and_rights(facts: Facts) -> None:
    held = {"province": ("浙江",)}
    told = segments(shop(facts).warehouse, Slice(LAST, held), ALL).rows
    for rows in (ask(facts, ("buyers",), ("segment",), filters=held), None):
        rows = (
            rows
            or query(
                facts.warehouse,
                Query(("buyers",), ("segment",), period=HALF),
                Scope("somebody", rows={"province": ("浙江",)}),
            ).rows
        )
        found = {row["segment"]: row["buyers"] for row in rows}
        assert found == {row["segment"]: row["buyers"] for row in told if row["buyers"]}


def test_what_has_no_buyer_cannot_be_cut_so(facts: Facts) -> None:
    shop(facts)
    for metric in ("refund_amount", "visitors", "net_sales"):
        with pytest.raises(UserError) as caught:
            ask(facts, (metric,), ("segment",))
        assert caught.value.code == "dimension_not_allowed"
    with pytest.raises(UserError) as caught:  # a segment is the answer there, not the question
        segments(facts.warehouse, Slice(LAST, {"segment": ("lost",)}), ALL)
    assert caught.value.code == "dimension_not_allowed"


def test_the_order_lines_behind_a_segment(facts: Facts) -> None:
    rows = details(shop(facts).warehouse, "order_line", {"segment": ("high_value",)}, HALF, ALL)
    assert sorted(row["paid_amount"] for row in rows) == [100, 500, 900]
    assert not {"buyer", "segment"} & rows[0].keys()


def test_why_is_not_sought_in_what_buyers_have_become(facts: Facts) -> None:
    base, period = Period.days(date(2024, 5, 1), date(2024, 5, 31)), Period.days(date(2024, 6, 1), LAST)
    shop(facts)
    told = explain(facts.warehouse, Why("gmv", period, base), ALL)
    assert told.dimensions and not {"segment", "rfm", "cohort"} & told.dimensions.keys()
    asked = explain(facts.warehouse, Why("gmv", period, base, ("cohort",)), ALL)
    assert sum(part.contribution for part in asked.dimensions["cohort"]) == pytest.approx(asked.diff)
