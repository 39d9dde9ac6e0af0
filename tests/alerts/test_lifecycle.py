"""The life of an incident as a table: (state, seconds in it, hold, outcome) → (next state, reason, moved)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.lifecycle import step
from alerts.types import Judgement, Reading

from .conftest import NOW, rule

# fmt: off
TABLE = [
    # state          for  hold  outcome     →  next           reason              moved
    (None,             0,    0, "ok",          None,          "good",              False),
    (None,             0,    0, "band",        None,          "good",              False),
    (None,             0,    0, "breach",      "firing",      "above_threshold",   True),
    (None,             0,  600, "breach",      "pending",     "waiting_hold",      True),
    (None,             0,    0, "late",        "late",        "source_late",       True),
    (None,             0,    0, "no_data",     "no_data",     "no_value",          True),
    (None,             0,    0, "error",       "error",       "query_failed",      True),
    ("pending",      599,  600, "breach",      "pending",     "holding",           False),
    ("pending",      600,  600, "breach",      "firing",      "held",              True),
    ("pending",       60,  600, "ok",          "resolved",    "not_held",          True),
    ("pending",       60,  600, "band",        "resolved",    "not_held",          True),
    ("pending",       60,  600, "late",        "late",        "source_late",       True),
    ("firing",        60,    0, "breach",      "firing",      "still_breached",    False),
    ("firing",        60,    0, "band",        "firing",      "within_hysteresis", False),
    ("firing",        60,    0, "ok",          "resolved",    "recovered",         True),
    ("firing",        60,    0, "late",        "firing",      "source_late",       False),
    ("firing",        60,    0, "no_data",     "firing",      "no_value",          False),
    ("firing",        60,    0, "error",       "firing",      "query_failed",      False),
    ("acknowledged",  60,    0, "breach",      "acknowledged", "still_breached",   False),
    ("acknowledged",  60,    0, "band",        "acknowledged", "within_hysteresis", False),
    ("acknowledged",  60,    0, "ok",          "resolved",    "recovered",         True),
    ("acknowledged",  60,    0, "late",        "acknowledged", "source_late",      False),
    ("late",          60,    0, "ok",          "resolved",    "judged_again",      True),
    ("late",          60,    0, "band",        "resolved",    "judged_again",      True),
    ("late",          60,    0, "late",        "late",        "source_late",       False),
    ("late",          60,    0, "error",       "error",       "query_failed",      True),
    ("late",          60,    0, "breach",      "firing",      "above_threshold",   True),
    ("late",          60,  600, "breach",      "pending",     "waiting_hold",      True),
    ("no_data",       60,    0, "ok",          "resolved",    "judged_again",      True),
    ("no_data",       60,    0, "breach",      "firing",      "above_threshold",   True),
    ("error",         60,    0, "no_data",     "no_data",     "no_value",          True),
]
# fmt: on
REASONS = {"breach": "above_threshold", "late": "source_late", "no_data": "no_value", "error": "query_failed"}


@pytest.mark.parametrize(("state", "seconds", "hold", "outcome", "after", "reason", "moved"), TABLE)
def test_step(state, seconds, hold, outcome, after, reason, moved):
    judgement = Judgement(rule(hold_seconds=hold), Reading({}, 1.0), outcome, REASONS.get(outcome, "within_threshold"))
    entered = NOW - timedelta(seconds=seconds) if state else None
    taken = step(state, entered, judgement, NOW)
    assert (taken.state, taken.reason, taken.moved) == (after, reason, moved)
