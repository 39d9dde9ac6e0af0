"""From a reading to a judgement with three values: it is bad, it is good, or it cannot be said.

A value is judged only on what its sources have told in full. While a source of it is late, a low value may be the
data's fault, not the business's; only a sum that is already too high stays too high whatever is still to come.
"""

from __future__ import annotations

from datetime import datetime

import metrics
from alerts.rules import kinds
from alerts.types import Judgement, Outcome, Reading, Rule

ADDITIVE_UNITS = ("yuan", "count")


def judge(rule: Rule, reading: Reading, now: datetime) -> Judgement:
    """Decide about one reading."""
    outcome, reason = _decide(rule, reading, now)
    return Judgement(rule, reading, outcome, reason)


def _decide(rule: Rule, reading: Reading, now: datetime) -> tuple[Outcome, str]:
    if reading.error is not None:
        return "error", "query_failed"
    kind = kinds().get(rule.kind)
    if kind is None:
        return "error", "unknown_kind"
    outcome, reason = kind.judge(rule, reading)
    if _is_late(rule, reading, now) and not _only_grows(rule, outcome):
        return "late", "source_late"
    if outcome == "breach" and not _reaches_floor(rule, reading):
        return "ok", "below_floor"
    return outcome, reason


def _is_late(rule: Rule, reading: Reading, now: datetime) -> bool:
    metric = metrics.catalogue().get(rule.metric)
    if metric is not None and metric.layer == "system":
        return False  # the system line is about the sources: their lateness is its value
    if reading.late_sources:
        return True
    # Nothing of the period has been told yet: the newest data end before it begins.
    start = metrics.resolve_period(rule.period, now.date()).start
    return reading.complete_through is not None and reading.complete_through < start


def _only_grows(rule: Rule, outcome: Outcome) -> bool:
    """Whether the breach would stand whatever the late source still tells."""
    metric = metrics.catalogue().get(rule.metric)
    additive = metric is not None and metric.unit in ADDITIVE_UNITS
    return outcome == "breach" and rule.kind == "threshold" and rule.side == "above" and additive


def _reaches_floor(rule: Rule, reading: Reading) -> bool:
    if rule.floor <= 0:
        return True
    if reading.unit == "yuan":
        return kinds()[rule.kind].distance(rule, reading) >= rule.floor
    return reading.gmv is None or reading.gmv >= rule.floor
