"""Definition diff: what would move is told before anything moves, to the cent; who may define what; taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import alerts
from access.define import define, may_define, take_back
from access.scopes import finance_metrics, scope_for
from access.users import User
from alerts import store
from alerts.consequences import consequences
from alerts.types import Rule
from errors import UserError
from metrics import Scope, catalogue, signoffs
from metrics import definitions as defs
from metrics.catalogue import book, declared, declared_book, install
from metrics.declare import Metric
from tests.alerts.conftest import NOW
from tests.metrics.facts import Facts

ALL = Scope.everything("boss")
BOSS, ANNA, BERT = User("boss", "boss"), User("anna", "operations"), User("bert", "finance")


@pytest.fixture(autouse=True)
def _only_declared() -> Iterator[None]:
    yield
    install(None)


@pytest.fixture
def shop(warehouse: Any) -> Facts:
    """Orders of 100 and 300 yuan a day in turn for fifty days, each day 40 given back, and a target."""
    facts = Facts(warehouse)
    for back in range(50):
        day = f"{NOW - timedelta(days=back):%Y-%m-%d}"
        facts.line(f"{day} 10:00", 300 if back % 2 else 100, buyer=back, shop="a")
        facts.refund(f"{day} 11:00", 40, f"{day} 10:00", shop="a")
    facts.row("target", metric="gmv", period="month", period_start=NOW.date().replace(day=1), amount=6000, shop=None,
              platform=None)  # fmt: skip
    return facts.ready()


def overridden(formula: str, metric_id: str = "gmv") -> Metric:
    return defs.changed(declared()[metric_id], formula=formula)


def own(metric_id: str, formula: str) -> Metric:
    return replace(overridden(formula), id=metric_id)


def put(ledger: Any, metric: Metric, user: User) -> Metric:
    seen = defs.digest(defs.candidate(metric)[0])
    return define(ledger, metric, user, NOW, note="why", seen=seen, effect={"values": []})


def test_values_months_rules_targets_and_decisions_are_told_before_anything_moves(shop: Facts, ledger: Any) -> None:
    at = NOW.replace(hour=16)
    rule = alerts.save_rule(ledger, Rule("gmv", 250, side="above", period="yesterday"), "boss", at)
    alerts.evaluate(shop.warehouse, ledger, at)
    (item,) = alerts.active(ledger, ALL)
    alerts.acknowledge(ledger, item.id, "boss", "seen", at)
    metric, new = defs.candidate(overridden("gmv - refund_amount"))
    found = consequences(shop.warehouse, ledger, metric.id, new, at, ALL, closed=finance_metrics)

    assert {"gmv", "aov", "net_sales", "attainment", "refund_rate"} <= set(found.built_on)
    assert "orders" not in found.built_on
    values = {one.name: one for one in found.values}
    assert (values["gmv"].old, values["gmv"].new) == (15 * 100 + 15 * 300, 6000 - 30 * 40)
    assert values["gmv"].share == pytest.approx(-0.2)
    assert (values["net_sales"].old, values["net_sales"].new) == (4800.0, 3600.0)
    november = next(one for one in found.months if one.name == "2026-11")
    assert (november.old, november.new) == (22 * 200, 22 * 160)

    (told,) = found.rules
    assert told.rule.id == rule.id and told.old and len(told.old) == 15 and told.new == told.old  # 300, and 260 after
    (decision,) = found.decisions
    assert (decision.old, decision.new, decision.was, decision.would) == (300.0, 260.0, "breach", "breach")
    assert decision.moved
    (target,) = [one for one in found.targets if one.name == "gmv"]
    assert (target.old, target.new) == (pytest.approx(4400 / 6000), pytest.approx(3520 / 6000))
    assert "gmv" in found.barred  # refunds are finance's: the warehouse would see sales no more
    assert book() is declared_book() and shop.one("gmv", period="today") == 100.0
    summary = found.summary()
    assert summary["values"][0] == {"name": "gmv", "old": 6000.0, "new": 4800.0} and summary["rules"] == []


def test_alarms_that_would_not_have_been_are_told(shop: Facts, ledger: Any) -> None:
    at = NOW.replace(hour=16)
    alerts.save_rule(ledger, Rule("aov", 250, side="above", period="yesterday"), "boss", at)
    alerts.evaluate(shop.warehouse, ledger, at)
    (item,) = alerts.active(ledger, ALL)
    alerts.acknowledge(ledger, item.id, "boss", "seen", at)
    _, new = defs.candidate(overridden("gmv * 0.5"))
    found = consequences(shop.warehouse, ledger, "gmv", new, at, ALL)
    (rule,), (decision,) = found.rules, found.decisions
    assert len(rule.old or ()) == 15 and rule.new == ()
    assert (decision.was, decision.would) == ("breach", "ok")
    assert found.summary()["decisions"][0]["would"] == "ok"


def test_days_whose_reconciliation_was_signed_are_told(shop: Facts, ledger: Any) -> None:
    day = NOW.date() - timedelta(days=2)
    cell = {"pair": "refunds", "platform": "douyin", "shop": "a", "difference": 1.0, "odd": 1}
    for back, change in ((2, "signed"), (3, "signed"), (3, "withdrawn"), (1, "signed")):
        signed = cell | {"day": NOW.date() - timedelta(days=back), "pair": "shipments" if back == 1 else "refunds"}
        signoffs.save(ledger, signed, change, "known", "", "2026-11-22T10:00:00", "bert")
    _, new = defs.candidate(overridden("gmv - refund_amount"))
    (told,) = consequences(shop.warehouse, ledger, "gmv", new, NOW, ALL).signed
    assert (told.name, told.old, told.new) == (f"{day} · a", 100.0, 60.0)


def test_cuts_that_fall_away_are_told(shop: Facts, ledger: Any) -> None:
    _, new = defs.candidate(overridden("gmv - ad_spend"))
    found = consequences(shop.warehouse, ledger, "gmv", new, NOW, ALL)
    gmv = next(one for one in found.narrowed if one.metric == "gmv")
    assert {"province", "sku"} <= set(gmv.dimensions) and "platform" not in gmv.dimensions
    assert gmv.grain == new.metrics["gmv"].finest != book().metrics["gmv"].finest
    _, same = defs.candidate(overridden("gmv * 2"))
    assert consequences(shop.warehouse, ledger, "gmv", same, NOW, ALL).narrowed == ()


def test_a_new_metric_moves_nothing_but_itself(shop: Facts, ledger: Any) -> None:
    metric, new = defs.candidate(own("kept", "gmv - refund_amount"))
    found = consequences(shop.warehouse, ledger, metric.id, new, NOW, ALL)
    assert found.built_on == ("kept",) and found.rules == () and found.decisions == ()
    assert (found.values[0].old, found.values[0].new) == (None, 4800.0)


def test_what_the_asker_may_not_see_has_no_value(shop: Facts, ledger: Any) -> None:
    _, new = defs.candidate(overridden("gmv - refund_amount"))
    scope = Scope("anna", hidden=frozenset({"refund_amount"}))
    values = {one.name: one for one in consequences(shop.warehouse, ledger, "gmv", new, NOW, scope).values}
    assert (values["gmv"].old, values["gmv"].new) == (6000.0, None)
    assert values["net_sales"].old is values["net_sales"].new is None


def test_a_definition_holds_at_once_and_is_taken_back_with_its_trace(shop: Facts, ledger: Any) -> None:
    put(ledger, overridden("gmv * 2"), BOSS)
    assert shop.one("gmv", period="today") == 200.0
    take_back(ledger, "gmv", BOSS, NOW, note="", effect={})
    assert shop.one("gmv", period="today") == 100.0
    rows = ledger.query("SELECT actor, subject FROM audit WHERE action = 'metric_defined'")
    assert rows == [{"actor": "boss", "subject": "gmv"}] * 2
    assert [(one.change, one.by, one.note) for one in defs.history(ledger)] == [
        ("removed", "boss", ""),
        ("made", "boss", "why"),
    ]


def test_rules_watch_a_metric_of_ones_own_and_keep_it(shop: Facts, ledger: Any) -> None:
    put(ledger, own("kept", "gmv - refund_amount"), ANNA)
    at = NOW.replace(hour=16)
    rule = alerts.save_rule(ledger, Rule("kept", 250, side="above", period="yesterday"), "boss", at)
    alerts.evaluate(shop.warehouse, ledger, at)
    assert [(one.metric, one.value) for one in alerts.active(ledger, ALL)] == [("kept", 260.0)]
    hidden = Scope("carl", hidden=frozenset({"refund_amount"}))
    assert alerts.active(ledger, hidden) == []
    with pytest.raises(UserError) as caught:
        take_back(ledger, "kept", ANNA, NOW, note="", effect={})
    assert caught.value.code == "definition_watched"
    alerts.remove_rule(ledger, rule.id, "boss", at)
    take_back(ledger, "kept", ANNA, NOW, note="", effect={})
    assert "kept" not in catalogue()


def test_who_may_define_what(ledger: Any) -> None:
    put(ledger, own("kept", "gmv"), ANNA)
    for metric, user, code in (
        (overridden("gmv * 2"), ANNA, "act_not_allowed"),
        (own("kept", "gmv * 3"), BERT, "definition_taken"),
        (own("other", "gmv"), User("carl", "warehouse"), "act_not_allowed"),
        (own("other", "gmv"), None, "not_signed_in"),
    ):
        with pytest.raises(UserError) as caught:
            define(ledger, metric, user, NOW, note="", seen=defs.digest(metric), effect={})
        assert caught.value.code == code
    put(ledger, own("kept", "gmv * 3"), BOSS)
    assert may_define(ANNA, "kept", "anna") and not may_define(BERT, "kept", "anna") and may_define(BOSS, "gmv")


def test_nothing_is_saved_that_was_not_shown_with_its_consequences(ledger: Any) -> None:
    shown = defs.digest(defs.candidate(overridden("gmv * 2"))[0])
    with pytest.raises(UserError) as caught:
        define(ledger, overridden("gmv * 3"), BOSS, NOW, note="", seen=shown, effect={})
    assert caught.value.code == "definition_unseen"
    assert defs.history(ledger) == [] and store.rules(ledger) == []


def test_what_is_built_on_cost_and_profit_is_closed_like_them(ledger: Any) -> None:
    put(ledger, own("kept", "gmv - cogs"), BOSS)
    put(ledger, own("open", "gmv * 2"), BOSS)
    assert "kept" in finance_metrics() and "open" not in finance_metrics()
    assert "kept" in scope_for(User("carl", "warehouse")).hidden
