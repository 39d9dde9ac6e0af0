"""From a reading to a judgement with three values: it is bad, it is good, or it cannot be said.

A value is judged only on what its sources have told in full. While a source of it is late, a low value may be the
data's fault, not the business's; only a sum that is already too high stays too high whatever is still to come.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import metrics
from alerts.rules import kinds
from alerts.types import Judgement, Outcome, Reading, Rule
from warehouse import freshness

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
    if outcome == "no_data" and reason == "undefined" and _is_system(rule):
        return "ok", "nothing_happened"  # a share of no calls, no runs: nothing went wrong
    late = _late(rule, reading, outcome, now)
    if late and not only_grows(rule, outcome):
        return "late", late
    if outcome == "breach" and not _reaches_floor(rule, reading):
        return "ok", "below_floor"
    return outcome, reason


def _late(rule: Rule, reading: Reading, outcome: Outcome, now: datetime) -> str | None:
    """The code of why the data cannot carry a judgement; None when they can."""
    if rule.metric not in metrics.catalogue() or _is_system(rule):
        return None  # the system line is about the sources: their lateness is its value
    if reading.late_sources:
        return "source_late"
    through = reading.complete_through
    if through is None:
        return None
    period = metrics.resolve_period(rule.period, now.date())
    if through < period.start:
        return "not_told_yet"
    # A sum grows with the clock: held against a fixed line while nothing came for long, it is low without meaning it.
    grows = rule.kind == "threshold" and rule.side == "below" and _additive(rule)
    told = freshness.tells_of(through, min(period.end, now))
    return "not_told_yet" if grows and outcome == "breach" and not told else None


def _is_system(rule: Rule) -> bool:
    metric = metrics.catalogue().get(rule.metric)
    return metric is not None and metric.layer == "system"


def _additive(rule: Rule) -> bool:
    metric = metrics.catalogue().get(rule.metric)
    return metric is not None and metric.unit in ADDITIVE_UNITS and metric.fact != "stock"


def told_until(rule: Rule, readings: list[Reading], now: datetime) -> datetime | None:
    """The end of the fully told part of the rule's period, when younger rows stand behind it; else None.

    A comparison needs none: the engine cuts both its sides there.
    """
    kind, metric = kinds().get(rule.kind), metrics.catalogue().get(rule.metric)
    reading = readings[0] if readings else None
    if reading is None or reading.as_of is None or reading.complete_through is None or kind is None or metric is None:
        return None
    if kind.compare(rule) is not None or metric.layer == "system" or metric.fact == "stock":
        return None
    period = metrics.resolve_period(rule.period, now.date())
    inside = period.start < reading.complete_through < min(reading.as_of, period.end)
    return reading.complete_through + timedelta(microseconds=1) if inside else None


def only_grows(rule: Rule, outcome: Outcome) -> bool:
    """Whether the breach would stand whatever the late source still tells."""
    return outcome == "breach" and rule.kind == "threshold" and rule.side == "above" and _additive(rule)


def _reaches_floor(rule: Rule, reading: Reading) -> bool:
    if rule.floor <= 0:
        return True
    if reading.unit == "yuan":
        return kinds()[rule.kind].distance(rule, reading) >= rule.floor
    return reading.yardstick is None or reading.yardstick >= rule.floor
