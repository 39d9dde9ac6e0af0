"""Why one metric moved, led by what the search for the unusual knows of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

import config
from metrics import Explanation, Period, Why, explain, noticed
from metrics.findings import findings
from tests.metrics.facts import ALL, Facts, at
from tests.metrics.usual import LAST, incident, orders, usual

WEEK = timedelta(days=7)
HOURS = Period(LAST + timedelta(hours=10), LAST + timedelta(hours=13))
RUSH = {"shop": "a", "sku": "S1"}


@pytest.fixture(autouse=True)
def _evening() -> None:
    config.freeze(at("2024-05-02"))


def why(facts: Facts, metric: str = "orders", period: Period = HOURS, *dims: str) -> Explanation:
    base = Period(period.start - WEEK, period.end - WEEK)
    return explain(facts.warehouse, Why(metric, period, base, dims), ALL)


def _orders(facts: Facts, start: str) -> int:
    sql = """SELECT count(*) AS n FROM order_line WHERE is_head AND shop = 'a' AND sku_id = 'S1'
             AND paid_at >= ?::TIMESTAMP AND paid_at < ?::TIMESTAMP + INTERVAL 3 HOUR"""
    return int(facts.warehouse.read(sql, (start, start)).to_pylist()[0]["n"])


def test_the_unusual_corner_comes_first_with_its_own_numbers(facts: Facts) -> None:
    incident(usual(facts))
    told = why(facts)
    first = told.located.causes[0]
    now, then = _orders(facts, f"{HOURS.start}"), _orders(facts, f"{HOURS.start - WEEK}")
    assert first.unusual and dict(first.where) == RUSH
    assert (first.before or 0, first.after, first.contribution) == (then, now, now - then)
    for lang, words in (("zh", "前四周"), ("en", "four weeks")):
        said = findings(told, lang)[0]
        assert said.where == RUSH and words in said.sentence and said.contribution == now - then
    assert sum(dict(one.where) == RUSH for one in told.located.causes) == 1


def test_what_stays_beside_the_corners_is_the_rest_of_the_change(facts: Facts) -> None:
    told = why(incident(usual(facts)))
    kinds = [item.kind for item in findings(told, "en")]
    assert kinds[0] == "corner" and not {"everywhere", "nowhere"} & set(kinds)
    for item in findings(told, "en"):
        if item.kind == "besides":
            rest = float(told.diff or 0) - sum(one.contribution for one in told.located.causes if not one.apart)
            assert item.contribution == pytest.approx(rest)


def test_only_dimensions_that_were_asked_for_are_named(facts: Facts) -> None:
    incident(usual(facts))
    assert [dict(one.where) for one in why(facts, "orders", HOURS, "sku").located.causes if one.unusual] == [
        {"sku": "S1"}
    ]
    assert not any(one.unusual for one in why(facts, "orders", HOURS, "province").located.causes)


def test_what_was_as_high_in_the_base_is_no_reason(facts: Facts) -> None:
    incident(usual(facts))
    orders(facts, [HOURS.start - WEEK + timedelta(minutes=2 * number) for number in range(60)], 1, "a")
    assert not any(one.unusual for one in why(facts).located.causes)


def test_the_search_is_asked_about_watched_metrics_only(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    incident(usual(facts))
    monkeypatch.setattr(noticed, "sweep", lambda *_: pytest.fail("searched"))
    assert why(facts, "gmv").located.causes
    with pytest.raises(pytest.fail.Exception):
        why(facts)
