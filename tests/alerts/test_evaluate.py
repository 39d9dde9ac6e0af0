"""Rounds over a real ledger: one open incident for each rule and labels, evidence kept, acts never overwritten."""

from __future__ import annotations

from datetime import timedelta

import pytest

import alerts
from alerts import store
from errors import UserError
from metrics.types import Scope
from warehouse.ledger import Ledger

from .conftest import NOW, rule

ALL = Scope.everything()


def rounds(ledger, engine, *values, minutes=1):
    """Evaluate once for each value of refund_rate, a minute apart; gives the states after each."""
    states = []
    for index, value in enumerate(values):
        engine.says(refund_rate=value)
        alerts.evaluate(None, ledger, NOW + timedelta(minutes=index * minutes), engine)
        states.append([item.state for item in alerts.active(ledger, ALL)])
    return states


def test_fires_once_and_resolves_with_hysteresis(ledger, engine):
    alerts.save_rule(ledger, rule(), "boss", NOW)
    assert rounds(ledger, engine, 0.2, 0.3, 0.4, 0.245, 0.2) == [[], ["firing"], ["firing"], ["firing"], []]
    (closed,) = alerts.history(ledger, ALL)
    assert (closed.state, closed.reason, closed.fired_at) == ("resolved", "recovered", NOW + timedelta(minutes=1))
    assert [(event.before, event.after, event.reason) for event in alerts.events(ledger, closed.id)] == [
        ("", "firing", "above_threshold"),
        ("firing", "resolved", "recovered"),
    ]


def test_holds_before_it_fires(ledger, engine):
    alerts.save_rule(ledger, rule(hold_seconds=120), "boss", NOW)
    assert rounds(ledger, engine, 0.3, 0.3, 0.3) == [["pending"], ["pending"], ["firing"]]


def test_what_never_fired_is_no_history(ledger, engine):
    alerts.save_rule(ledger, rule(hold_seconds=120), "boss", NOW)
    assert rounds(ledger, engine, 0.3, 0.1) == [["pending"], []]
    assert alerts.history(ledger, ALL) == []


def test_evidence_is_kept_when_it_moves(ledger, engine):
    saved = alerts.save_rule(ledger, rule(), "boss", NOW)
    rounds(ledger, engine, 0.2, 0.2, 0.2)
    engine.version = 2
    rounds(ledger, engine, 0.3)
    rows = ledger.query(
        "SELECT outcome, value, threshold, data_version, as_of FROM alert_evaluation WHERE rule_id = ?", (saved.id,)
    )
    assert [(row["outcome"], row["value"], row["threshold"], row["data_version"]) for row in rows] == [
        ("ok", 0.2, 0.25, 1),
        ("breach", 0.3, 0.25, 2),
    ]
    assert rows[0]["as_of"] == "2026-11-22T15:57:00"


def test_rules_of_one_slice_share_a_query(ledger, engine):
    for changes in (
        {},
        {"metric": "gmv", "threshold": 1e9},
        {"metric": "items", "threshold": 1e9},
        {"threshold": 0.5},
        {"filters": {"platform": ("jd",)}},
        {"period": "last_7_days"},
    ):
        alerts.save_rule(ledger, rule(**changes), "boss", NOW)
    engine.says(refund_rate=0.1, gmv=5.0)
    alerts.evaluate(None, ledger, NOW, engine)
    assert sorted(query.metrics for query in engine.asked) == [
        ("gmv", "items"),
        ("refund_rate",),
        ("refund_rate",),
        ("refund_rate",),
    ]


def test_one_broken_rule_does_not_blind_its_neighbours(ledger, engine):
    alerts.save_rule(ledger, rule(), "boss", NOW)
    alerts.save_rule(ledger, rule(metric="gmv", threshold=1.0), "boss", NOW)
    engine.fails = lambda query: "gmv" in query.metrics
    engine.says(refund_rate=0.3)
    alerts.evaluate(None, ledger, NOW, engine)
    assert [(item.metric, item.state) for item in alerts.active(ledger, ALL)] == [
        ("refund_rate", "firing"),
        ("gmv", "error"),
    ]
    assert "RuntimeError" in alerts.active(ledger, ALL)[1].detail


def test_one_incident_for_each_label(ledger, engine):
    alerts.save_rule(ledger, rule(dimensions=("platform",)), "boss", NOW)
    engine.rows = [
        {"platform": "jd", "refund_rate": 0.3},
        {"platform": "pdd", "refund_rate": 0.1},
        {"platform": "douyin", "refund_rate": 0.4},
    ]
    alerts.evaluate(None, ledger, NOW, engine)
    assert sorted(item.labels["platform"] for item in alerts.active(ledger, ALL)) == ["douyin", "jd"]
    engine.rows = engine.rows[:2]
    alerts.evaluate(None, ledger, NOW + timedelta(minutes=1), engine)
    assert [item.labels["platform"] for item in alerts.active(ledger, ALL)] == ["jd"]
    (gone,) = alerts.history(ledger, ALL)
    assert gone.reason == "gone"


def test_late_data_are_one_data_fault_not_a_fall_for_each_label(ledger, engine):
    alerts.save_rule(ledger, rule(metric="gmv", side="below", threshold=100, dimensions=("platform",)), "boss", NOW)
    engine.rows, engine.late = [{"platform": "jd", "gmv": 3.0}, {"platform": "pdd", "gmv": 4.0}], ("jd orders",)
    alerts.evaluate(None, ledger, NOW, engine)
    (item,) = alerts.active(ledger, ALL)
    assert (item.state, item.labels, item.detail) == ("late", {}, "jd orders")
    assert alerts.badge(ledger)["firing"] == 0 and alerts.badge(ledger)["faults"] == 1
    engine.late = ()
    alerts.evaluate(None, ledger, NOW + timedelta(minutes=1), engine)
    assert [item.state for item in alerts.active(ledger, ALL)] == ["firing", "firing"]


def test_a_breach_counts_only_on_what_was_told_in_full(ledger, engine):
    """One source is 30 minutes ahead of the other: its young refunds alone must not fire the ratio."""
    alerts.save_rule(ledger, rule(), "boss", NOW)
    engine.as_of, engine.complete_through = NOW, NOW - timedelta(minutes=30)
    engine.answer = lambda query: {"refund_rate": 0.4 if query.period.end > NOW else 0.2}
    alerts.evaluate(None, ledger, NOW, engine)
    assert alerts.active(ledger, ALL) == []
    assert engine.asked[-1].period.end == NOW - timedelta(minutes=30) + timedelta(microseconds=1)
    engine.answer = lambda query: {"refund_rate": 0.4}
    alerts.evaluate(None, ledger, NOW, engine)
    assert [item.state for item in alerts.active(ledger, ALL)] == ["firing"]


def test_a_rule_over_a_dimension_leaves_one_row_when_all_is_well(ledger, engine):
    saved = alerts.save_rule(ledger, rule(dimensions=("platform",)), "boss", NOW)
    engine.rows = [{"platform": "jd", "refund_rate": 0.1}, {"platform": "pdd", "refund_rate": 0.1}]
    alerts.evaluate(None, ledger, NOW, engine)
    alerts.evaluate(None, ledger, NOW, engine)
    assert alerts.last_evaluation(ledger, saved.id)["outcome"] == "ok"
    assert ledger.one("SELECT count(*) AS n FROM alert_evaluation")["n"] == 1
    engine.rows[0]["refund_rate"] = 0.4
    alerts.evaluate(None, ledger, NOW, engine)
    assert alerts.last_evaluation(ledger, saved.id)["outcome"] == "breach"
    engine.rows[0]["refund_rate"] = 0.1
    alerts.evaluate(None, ledger, NOW, engine)
    assert alerts.last_evaluation(ledger, saved.id)["outcome"] == "ok"


def test_alarms_of_labels_stay_while_their_rule_is_blind(ledger, engine):
    alerts.save_rule(ledger, rule(dimensions=("platform",)), "boss", NOW)
    engine.rows = [{"platform": "jd", "refund_rate": 0.3}]
    alerts.evaluate(None, ledger, NOW, engine)
    engine.late = ("jd",)
    alerts.evaluate(None, ledger, NOW + timedelta(minutes=1), engine)
    alarm, fault = alerts.active(ledger, ALL)
    assert (alarm.state, alarm.outcome, alarm.value, alarm.labels) == ("firing", "late", 0.3, {"platform": "jd"})
    assert (fault.state, fault.labels) == ("late", {})


def test_an_alarm_stays_while_it_cannot_be_judged(ledger, engine):
    alerts.save_rule(ledger, rule(), "boss", NOW)
    rounds(ledger, engine, 0.3)
    engine.late = ("jd",)
    rounds(ledger, engine, 0.05)
    (item,) = alerts.active(ledger, ALL)
    assert (item.state, item.outcome, item.value) == ("firing", "late", 0.3)


def test_acknowledge_is_kept_audited_and_idempotent(ledger, engine):
    alerts.save_rule(ledger, rule(), "boss", NOW)
    rounds(ledger, engine, 0.3)
    (item,) = alerts.active(ledger, ALL)
    alerts.acknowledge(ledger, item.id, "li", "on it", NOW)
    alerts.acknowledge(ledger, item.id, "wang", "me too", NOW)
    assert rounds(ledger, engine, 0.4) == [["acknowledged"]]
    (item,) = alerts.active(ledger, ALL)
    assert (item.acknowledged_by, item.acknowledged_note) == ("li", "on it")
    assert alerts.badge(ledger)["firing"] == 0 and alerts.badge(ledger)["open"] == 1
    trail = ledger.query("SELECT actor, action, subject FROM audit ORDER BY id")
    assert [tuple(row.values()) for row in trail] == [
        ("boss", "rule_changed", "1 refund_rate"),
        ("li", "alert_acknowledged", "1"),
    ]
    rounds(ledger, engine, 0.1)
    with pytest.raises(UserError) as closed:
        alerts.acknowledge(ledger, item.id, "li", "", NOW)
    assert closed.value.code == "alert_closed"


def test_a_badge_marks_only_the_part_its_alarm_speaks_of(ledger, engine):
    alerts.save_rule(ledger, rule(), "boss", NOW)
    alerts.save_rule(ledger, rule(filters={"platform": ("douyin", "tmall")}), "boss", NOW)
    rounds(ledger, engine, 0.3)

    def marked(part):
        found = alerts.for_metrics(ledger, ["refund_rate"], ALL, part)
        return found["refund_rate"]["count"] if found else 0

    assert marked({}) == 1
    assert marked({"sku": ("s1",)}) == 0  # the whole shop's alarm is not the one SKU's
    assert marked({"platform": ("tmall", "douyin")}) == 1
    assert marked({"platform": ("douyin",)}) == 0
    assert marked({"platform": ("tmall", "douyin"), "sku": ("s1",)}) == 0
    assert marked(None) == 2


def test_silence_mutes_until_its_end_but_goes_on_judging(ledger, engine):
    alerts.save_rule(ledger, rule(), "boss", NOW)
    rounds(ledger, engine, 0.3)
    (item,) = alerts.active(ledger, ALL)
    alerts.silence(ledger, item.id, "li", NOW + timedelta(hours=1), "campaign", NOW)
    assert alerts.badge(ledger)["firing"] == 0 and alerts.for_metrics(ledger, ["refund_rate"]) == {}
    rounds(ledger, engine, 0.1, 0.3)
    (item,) = alerts.active(ledger, ALL)
    assert item.state == "firing" and item.is_silenced(NOW) and not item.is_silenced(NOW + timedelta(hours=2))
    with pytest.raises(UserError, match="30"):
        alerts.silence(ledger, item.id, "li", NOW + timedelta(days=31), "", NOW)


def test_restart_keeps_everything(settings, ledger, engine):
    alerts.save_rule(ledger, rule(hold_seconds=60), "boss", NOW)
    rounds(ledger, engine, 0.3)
    ledger.close()
    with Ledger.open(settings) as again:
        engine.says(refund_rate=0.3)
        alerts.evaluate(None, again, NOW + timedelta(minutes=1), engine)
        (item,) = alerts.active(again, ALL)
        assert (item.state, item.opened_at, item.fired_at) == ("firing", NOW, NOW + timedelta(minutes=1))
        assert len(store.incidents(again)) == 1


def test_a_rule_switched_off_closes_what_it_opened(ledger, engine):
    saved = alerts.save_rule(ledger, rule(), "boss", NOW)
    rounds(ledger, engine, 0.3)
    alerts.enable_rule(ledger, saved.id, False, "boss", NOW)
    assert alerts.active(ledger, ALL) == [] and rounds(ledger, engine, 0.9) == [[]]
    assert alerts.history(ledger, ALL)[0].reason == "rule_off"


def test_scope_hides_what_the_reader_may_not_know(ledger, engine):
    alerts.save_rule(ledger, rule(), "boss", NOW)
    alerts.save_rule(ledger, rule(filters={"platform": ("jd",)}), "boss", NOW)
    alerts.save_rule(ledger, rule(metric="contribution_profit", threshold=-1.0), "boss", NOW)
    engine.says(refund_rate=0.3, contribution_profit=5.0)
    alerts.evaluate(None, ledger, NOW, engine)
    assert len(alerts.active(ledger, ALL)) == 3
    jd = alerts.active(ledger, Scope("jd clerk", rows={"platform": ("jd", "pdd")}))
    assert [item.rule_id for item in jd] == [2]
    assert {item.metric for item in alerts.active(ledger, Scope("clerk", hidden=frozenset({"cogs"})))} == {
        "refund_rate"
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"metric": "luck"}, "alert_metric"),
        ({"kind": "astrology"}, "alert_kind"),
        ({"period": "soon"}, "alert_field"),
        ({"severity": "loud"}, "alert_field"),
        ({"side": "left"}, "alert_field"),
        ({"dimensions": ("moon",)}, "alert_dimension"),
        ({"filters": {"moon": ("full",)}}, "alert_dimension"),
        ({"threshold": float("nan")}, "alert_threshold"),
        ({"kind": "change", "compare": None}, "alert_compare"),
        ({"kind": "change", "compare": "yesterday", "threshold": -0.1}, "alert_change"),
        ({"hysteresis": 1.0}, "alert_negative"),
        ({"floor": -1.0}, "alert_negative"),
    ],
)
def test_senseless_rules_are_refused(ledger, changes, code):
    with pytest.raises(UserError) as refused:
        alerts.save_rule(ledger, rule(**changes), "boss", NOW)
    assert refused.value.code == code
    assert alerts.rules(ledger) == []


def test_suggestions_are_offered_once(ledger):
    offered = alerts.offer(ledger, NOW)
    assert {"refund_wave", "stockout", "rows_refused"} <= set(offered)
    gone = next(saved for saved in alerts.rules(ledger) if saved.origin == "refund_wave")
    alerts.remove_rule(ledger, gone.id, "boss", NOW)
    assert alerts.offer(ledger, NOW) == []
    assert "refund_wave" not in {saved.origin for saved in alerts.rules(ledger)}
