"""An alarm is judged by what was known when it fired; what is known now stands beside it where it differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

import alerts
import config
from alerts.trial import back_test
from metrics import Query, Scope, query
from metrics.types import Result
from tests.metrics.facts import Facts
from tests.warehouse.samples import DAY, ORDERS, line, table_batch

from .conftest import rule

NOW = datetime(2024, 3, 5, 16, 0)
ALL = Scope.everything()


@pytest.fixture
def shop(warehouse: Any, ledger: Any) -> Facts:
    config.freeze(NOW)
    facts = Facts(warehouse)
    facts.line("2024-03-05 09:00", 300, platform="tmall", order_id="o1", line_id="l1")
    facts.line("2024-03-05 15:58", 60, platform="tmall")
    facts.line("2024-03-04 15:00", 1000, platform="tmall")
    return facts.ready()


def _ask(facts: Facts, scope: Scope = ALL) -> Any:
    def ask(asked: Query) -> Result:
        return query(facts.warehouse, asked, scope)

    return ask


def _fired(facts: Facts, ledger: Any, **changes: Any) -> alerts.Incident:
    alerts.save_rule(ledger, rule(metric="gmv", **changes), "boss", NOW)
    alerts.evaluate(facts.warehouse, ledger, NOW)
    (item,) = alerts.active(ledger, ALL)
    assert item.state == "firing"
    return item


def _corrected(facts: Facts, amount: float) -> None:
    sql = "UPDATE order_line SET paid_amount = ? WHERE line_id = 'l1'"
    facts.warehouse.write(lambda connection: connection.execute(sql, [amount]).fetchall())
    facts.ready()


def test_what_comes_after_the_alarm_is_not_what_it_was_judged_on(shop: Facts, ledger: Any) -> None:
    item = _fired(shop, ledger, threshold=100.0)
    assert (item.fired_value, item.fired_from, item.fired_until) == (
        360.0,
        datetime(2024, 3, 5),
        datetime(2024, 3, 5, 15, 58, 1),
    )
    shop.line("2024-03-05 15:59", 500, platform="tmall")
    shop.ready()
    found = alerts.hindsight(item, _ask(shop), NOW)
    assert found is not None and not found.moved and found.stands


def test_a_correction_is_shown_and_takes_nothing_back(shop: Facts, ledger: Any) -> None:
    _fired(shop, ledger, threshold=100.0)
    _corrected(shop, 10)
    later = NOW + timedelta(hours=1)
    config.freeze(later)
    alerts.evaluate(shop.warehouse, ledger, later)
    (past,) = alerts.history(ledger, ALL)
    assert (past.state, past.value, past.fired_value) == ("resolved", 70.0, 360.0)
    found = alerts.hindsight(past, _ask(shop), later)
    assert found is not None and found.moved
    assert (found.then, found.now, found.stands) == (360.0, 70.0, False)


def test_of_a_comparison_both_sides_are_remembered(shop: Facts, ledger: Any) -> None:
    item = _fired(shop, ledger, kind="change", compare="yesterday", side="below", threshold=0.5)
    assert (item.fired_value, item.fired_base) == (360.0, 1000.0)
    sql = "UPDATE order_line SET paid_amount = 500 WHERE paid_amount = 1000"
    shop.warehouse.write(lambda connection: connection.execute(sql).fetchall())
    shop.ready()
    found = alerts.hindsight(item, _ask(shop), NOW + timedelta(days=3))
    assert found is not None and (found.then_base, found.now_base, found.stands) == (1000.0, 500.0, False)


def test_nothing_is_said_to_who_may_not_see_it_or_of_what_was_not_kept(shop: Facts, ledger: Any) -> None:
    item = _fired(shop, ledger, threshold=100.0)
    hidden = Scope("guest", hidden=frozenset({"gmv"}))
    assert alerts.hindsight(item, _ask(shop, hidden), NOW) is None
    assert alerts.hindsight(replace(item, fired_value=None), _ask(shop), NOW) is None
    part = alerts.hindsight(item, _ask(shop, Scope("jd", rows={"platform": ("jd",)})), NOW)
    assert part is None or part.now in (None, 0.0), "their own rows only"


def test_the_look_back_judges_a_day_by_what_was_first_told_of_it(warehouse: Any, ledger: Any) -> None:
    """Twelve yuan were told in the morning after; a week later it became fifty."""
    for days, total in ((1, "12.00"), (8, "50.00")):
        config.freeze(DAY + timedelta(days=days, hours=9))
        made = {"created_at": DAY + timedelta(hours=9), "paid_at": DAY + timedelta(hours=10)}
        warehouse.load(
            table_batch(ORDERS, [line(1, total=total, **made)], observed=DAY + timedelta(days=days, hours=9))
        )
    now = DAY + timedelta(days=9, hours=9)
    config.freeze(now)
    assert query(warehouse, Query(("gmv",)), ALL).rows[0]["gmv"] == 50.0
    for limit, fired in ((40.0, []), (10.0, [str(DAY.date())])):
        past = back_test(warehouse, rule(metric="gmv", threshold=limit), now)
        assert past is not None and past["fired"] == fired
