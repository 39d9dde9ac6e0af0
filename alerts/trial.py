"""What a rule would have done: judged now (`test`), and day by day over the last 30 days (the form's preview)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import metrics
from alerts.evaluate import judged
from alerts.judge import judge
from alerts.measure import Ask, asker, read_rules, yardstick
from alerts.rules import kinds
from alerts.types import Plain, Reading, Rule
from errors import UserError
from metrics.editions import NO_BASE
from metrics.types import Period, Query

DAYS = 30


def trial(warehouse: Any, rule: Rule, now: datetime, ask: Ask | None = None) -> list[Plain]:
    """What the rule says right now, without keeping anything: labels, outcome, reason and evidence of each reading."""
    asking = ask or asker(warehouse)
    ((_, readings),) = read_rules([rule], asking, now)
    return [
        {
            "labels": dict(found.reading.labels),
            "outcome": found.outcome,
            "reason": found.reason,
            "value": found.reading.value,
            "base": found.reading.base,
            "threshold": rule.threshold,
            "as_of": found.reading.as_of,
            "late_sources": list(found.reading.late_sources),
            "error": found.reading.error,
        }
        for found in judged(rule, readings, asking, now)
    ]


def back_test(warehouse: Any, rule: Rule, now: datetime, ask: Ask | None = None) -> Plain | None:
    """On how many of the last 30 whole days the rule would have fired, at day grain.

    None for rules this cannot answer honestly: other periods than a day, or a cut by a dimension.
    Whole days stand for days as they ended, with what was known when they were first told in full: an alarm in the
    morning that was gone by evening is not seen, and what was corrected later would not have fired.
    """
    if rule.period not in ("today", "yesterday") or rule.dimensions:
        return None
    last = now.date() - timedelta(days=1)
    first = last - timedelta(days=DAYS - 1)
    asking = ask or asker(warehouse)
    alone = kinds()[rule.kind].compare(rule) in NO_BASE  # what a day is held against depends on that day
    spans = [(first + timedelta(number),) * 2 for number in range(DAYS)] if alone else [(first, last)]
    days, known = [], 0
    for span in spans:
        for day, reading in _past(rule, asking, Period.days(*span)):
            reading = _as_published(warehouse, rule, asking, date.fromisoformat(day)) or reading
            known += reading.value is not None
            if judge(rule, reading, now).outcome == "breach":
                days.append(day)
    return {"days": DAYS, "known": known, "fired": days}


def _as_published(warehouse: Any, rule: Rule, ask: Ask, day: date) -> Reading | None:
    """The reading of a day as it was first published; None where it has not moved since, or that is not kept."""
    period = Period.days(day, day)
    if not metrics.restatable(rule.metric) or (said := metrics.published(warehouse, period, rule.filters)) is None:
        return None
    try:
        ((_, found),) = _past(rule, ask, period, said.at)
    except (UserError, ValueError):
        return None
    return None if found.value is None else found


def _past(rule: Rule, ask: Ask, period: Period, at: datetime | None = None) -> list[tuple[str, Reading]]:
    """The rule's readings of each day of a period, from one query; as known at a moment, if one is given."""
    compare, beside = kinds()[rule.kind].compare(rule), yardstick(rule)
    result = ask(
        Query(
            metrics=(rule.metric, beside) if beside else (rule.metric,),
            grain="day",
            period=period,
            filters=dict(rule.filters),
            compare="yesterday" if compare == "previous" else compare,  # of a day: the day before
            as_known=at,
        )
    )
    unit = metrics.catalogue()[rule.metric].unit
    return [
        (
            str(row["day"])[:10],
            Reading(
                labels={},
                value=row.get(rule.metric),
                base=row.get(f"{rule.metric}__base"),
                yardstick=row.get(beside or ""),
                unit=unit,
                base_note=result.notes.get(f"{rule.metric}__base"),
            ),
        )
        for row in result.rows
    ]
