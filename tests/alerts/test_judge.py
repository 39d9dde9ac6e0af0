# ruff: noqa: E501
"""Good, bad, or not to be said: one row a case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.judge import judge
from alerts.measure import read_rules
from alerts.types import Reading

from .conftest import NOW, Engine, rule

FRESH = NOW - timedelta(minutes=3)
LATE = {"late_sources": ("jd",)}
CHANGE = {"metric": "gmv", "kind": "change", "compare": "yesterday", "side": "below", "threshold": 0.3}

# fmt: off
TABLE = [
    # rule                                             reading                                            outcome    reason
    ({},                                               {"value": 0.26},                                   "breach",  "above_threshold"),
    ({},                                               {"value": 0.25},                                   "band",    "within_threshold"),
    ({},                                               {"value": 0.2376},                                 "band",    "within_threshold"),
    ({},                                               {"value": 0.2375},                                 "ok",      "within_threshold"),
    ({"side": "below"},                                {"value": 0.24},                                   "breach",  "below_threshold"),
    ({"side": "below"},                                {"value": 0.2626},                                 "ok",      "within_threshold"),
    ({"threshold": 0.0},                               {"value": 1.0},                                    "breach",  "above_threshold"),
    ({"threshold": 0.0},                               {"value": 0.0},                                    "ok",      "within_threshold"),
    ({},                                               {"value": None, "note": "no_buyer"},               "no_data", "no_buyer"),
    ({},                                               {"value": None},                                   "no_data", "no_value"),
    ({},                                               {"value": None, "error": "boom"},                  "error",   "query_failed"),
    ({},                                               {"value": None, "note": "undefined"},              "no_data", "undefined"),
    ({"metric": "api_error_rate"},                     {"value": None, "note": "undefined"},              "ok",      "nothing_happened"),
    ({"kind": "astrology"},                            {"value": 1.0},                                    "error",   "unknown_kind"),
    # late data: a ratio cannot be judged, a sum that is too low neither; a sum already too high is
    ({},                                               {"value": 0.9, **LATE},                            "late",    "source_late"),
    ({},                                               {"value": 0.1, **LATE},                            "late",    "source_late"),
    ({"metric": "gmv", "side": "below"},               {"value": 0.1, **LATE},                            "late",    "source_late"),
    ({"metric": "gmv"},                                {"value": 9.0, **LATE},                            "breach",  "above_threshold"),
    ({"metric": "gmv"},                                {"value": 0.1, **LATE},                            "late",    "source_late"),
    (CHANGE,                                           {"value": 10, "base": 100, **LATE},                "late",    "source_late"),
    ({},                                               {"value": 0.1, "complete_through": NOW - timedelta(days=2)}, "late", "not_told_yet"),
    ({"metric": "api_latency_p95_ms", "threshold": 60}, {"value": 90, **LATE},                            "breach",  "above_threshold"),
    # nothing of the period has come, or nothing for long: a low sum is young, a ratio or a high sum stands
    ({"metric": "gmv", "side": "below"},               {"value": 0.1, "complete_through": NOW - timedelta(hours=2)},  "late",   "not_told_yet"),
    ({"metric": "gmv", "side": "below"},               {"value": 0.1, "complete_through": NOW - timedelta(minutes=40)}, "breach", "below_threshold"),
    ({"metric": "gmv"},                                {"value": 9.0, "complete_through": NOW - timedelta(hours=2)},  "breach", "above_threshold"),
    ({},                                               {"value": 0.9, "complete_through": NOW - timedelta(hours=2)},  "breach", "above_threshold"),
    # change
    (CHANGE,                                           {"value": 69, "base": 100, "unit": "yuan"},        "breach",  "below_change"),
    (CHANGE,                                           {"value": 70.5, "base": 100, "unit": "yuan"},      "band",    "within_change"),
    (CHANGE,                                           {"value": 72, "base": 100, "unit": "yuan"},        "ok",      "within_change"),
    (CHANGE,                                           {"value": 500, "base": 100, "unit": "yuan"},       "ok",      "within_change"),
    ({**CHANGE, "side": "above"},                      {"value": 131, "base": 100, "unit": "yuan"},       "breach",  "above_change"),
    (CHANGE,                                           {"value": 69, "base": None},                       "no_data", "no_base"),
    (CHANGE,                                           {"value": 69, "base": 0},                          "no_data", "no_base"),
    # between campaigns a rule on them sleeps; a lost lunar year is still no base
    ({**CHANGE, "compare": "last_campaign"},           {"value": 69, "base": None, "base_note": "no_last_campaign"}, "ok", "no_campaign"),
    ({**CHANGE, "compare": "last_campaign"},           {"value": 69, "base": 100},                        "breach",  "below_change"),
    ({**CHANGE, "compare": "lunar_year"},              {"value": 69, "base": None, "base_note": "no_lunar_year"}, "no_data", "no_base"),
    # floor: money by its distance, other metrics by the gmv of the slice
    ({**CHANGE, "floor": 40},                          {"value": 69, "base": 100, "unit": "yuan"},        "ok",      "below_floor"),
    ({**CHANGE, "floor": 30},                          {"value": 69, "base": 100, "unit": "yuan"},        "breach",  "below_change"),
    ({"floor": 5000},                                  {"value": 0.9, "yardstick": 4999, "unit": "rate"},       "ok",      "below_floor"),
    ({"floor": 5000},                                  {"value": 0.9, "yardstick": 5000, "unit": "rate"},       "breach",  "above_threshold"),
]
# fmt: on


@pytest.mark.parametrize(("changes", "reading", "outcome", "reason"), TABLE)
def test_judge(changes, reading, outcome, reason):
    found = judge(rule(**changes), Reading(**({"labels": {}, "complete_through": FRESH} | reading)), NOW)
    assert (found.outcome, found.reason) == (outcome, reason)


def test_people_without_some_days_are_no_fall(engine: Engine) -> None:
    engine.says(visitors=40.0, visitors__base=100.0)
    fall = rule(metric="visitors", kind="change", compare="yesterday", side="below", threshold=0.3)
    [(_, [whole])] = read_rules([fall], engine, NOW)
    assert judge(fall, whole, NOW).outcome == "breach"
    engine.notes = {"visitors": "partial_people"}
    [(_, [partial])] = read_rules([fall], engine, NOW)
    assert (judge(fall, partial, NOW).outcome, partial.note) == ("no_data", "partial_people")
