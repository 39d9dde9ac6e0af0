"""The address is the only state of a page, and no question leaves a view without the reader's scope."""

from dataclasses import replace
from datetime import datetime

import pytest

from errors import UserError
from metrics.types import Period, Scope
from tests.components.made import NOW, done, result, view

ADDRESS = "?period=last_7_days&compare=last_year&platform=douyin&platform=tmall&channel=live&tab=ads"


def test_an_address_is_read_and_written_back_the_same():
    asked = view(ADDRESS)
    assert asked.filters == {"platform": ("douyin", "tmall"), "channel": ("live",)}
    assert asked.query_string() == ADDRESS


@pytest.mark.parametrize(
    "search",
    ["", "?period=nonsense", "?period=2026-02-30..2026-03-01", "?compare=never", "?period=2026-03-02..2026-03-01"],
)
def test_what_it_does_not_know_falls_back_to_the_default(search):
    asked = view(search)
    assert (asked.period_word, asked.compare) == ("today", "yesterday")


def test_own_dates_are_whole_days_both_inclusive():
    assert view("?period=2026-11-01..2026-11-03").period == Period(datetime(2026, 11, 1), datetime(2026, 11, 4))


def test_today_is_the_last_day_with_data():
    assert view().period.start == datetime(NOW.year, NOW.month, NOW.day)


def test_values_with_signs_of_the_address_survive():
    asked = view().with_filter("category", "家居&清洁=好?", "")
    assert view(asked.query_string()).filters == {"category": ("家居&清洁=好?", "")}


def test_a_filter_is_switched_on_and_off():
    once = view().toggled("channel", "live")
    assert once.toggled("channel", "ad").filters["channel"] == ("live", "ad")
    assert once.toggled("channel", "live").filters == {}


def test_links_keep_the_state_and_leave_a_pages_own_choices_behind():
    assert view(ADDRESS).href("/management").endswith("channel=live")
    assert "tab=ads" in view(ADDRESS).href()


def asked_by(**more):
    seen = []

    def query(_warehouse, question, scope):
        seen.append((question, scope))
        return result([dict.fromkeys(question.metrics, 1.0)], *question.metrics)

    return seen, view("?channel=live", query=query, **more)


def test_every_question_carries_period_filters_and_scope():
    scope = Scope("ops", rows={"category": ("女装",)})
    seen, asked = asked_by(scope=scope)
    asked.ask("gmv")
    question, used = seen[0]
    assert question.filters == {"channel": ("live",)} and question.period == asked.period and used is scope


def test_a_metric_that_the_filter_does_not_cut_is_left_out_with_its_reason():
    seen, asked = asked_by()
    found = asked.with_filter("province", "广东").ask("gmv", "contribution_profit")
    assert seen[0][0].metrics == ("gmv",)
    assert found.notes["contribution_profit"] == "not_by_this" and "contribution_profit" not in found.rows[0]


def test_a_hidden_metric_is_left_out_and_alone_it_is_refused():
    seen, asked = asked_by(scope=Scope("ops", hidden=frozenset({"cogs"})))
    found = asked.ask("gmv", "gross_profit")
    assert seen[0][0].metrics == ("gmv",) and found.notes["gross_profit"] == "not_allowed"
    with pytest.raises(UserError) as refused:
        asked.ask("gross_profit")
    assert refused.value.code == "not_allowed"


def test_the_newest_value_is_shown_beside_a_change_cut_at_the_watermark():
    def query(_warehouse, question, _scope):
        if question.compare is None:
            return result([{"gmv": 150.0}], "gmv")
        return result(
            [{"gmv": 100.0, "gmv__base": 80.0, "gmv__diff": 20.0, "gmv__pct": 0.25}],
            "gmv",
            compare="yesterday",
            complete_through=datetime(2026, 11, 11, 12),
            base_period=Period(datetime(2026, 11, 10), datetime(2026, 11, 10, 12)),
        )

    row = view(query=query).ask("gmv", compare="yesterday").rows[0]
    assert row == {"gmv": 150.0, "gmv__base": 80.0, "gmv__diff": 20.0, "gmv__pct": 0.25, "gmv__cut": 100.0}


def test_an_earlier_moment_is_in_the_address_and_in_every_question():
    seen, asked = asked_by()
    asked = replace(
        asked, filters={"platform": ("douyin",)}, as_known=datetime(2026, 11, 9, 9, 30), compare_word="benchmark"
    )
    asked.context.memo[(1, ("anchor", ((), frozenset()), asked.as_known))] = done(NOW.date())
    assert asked.query_string() == "?compare=benchmark&known=2026-11-09T09%3A30&platform=douyin"
    assert view(asked.query_string()).as_known == asked.as_known
    assert view("?known=2026-11-09").as_known == datetime(2026, 11, 10), "a day means its end"
    assert view("?known=soon").as_known is None
    assert asked.compare == "yesterday", "benchmarks have no earlier state"
    asked.ask("gmv")
    assert seen[-1][0].as_known == asked.as_known
    assert not asked.fits("gmv", grain="hour") and asked.fits("gmv", ("category",), grain="day")
    assert asked.ask("gmv", by=("province",)).notes == {"gmv": "as_known_unkept"}
    assert "known=" not in asked.href(as_known=None)
