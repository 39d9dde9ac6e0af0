"""What a rule would have done: judged now (`test`), and day by day over the last 30 days (the form's preview)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import metrics
from alerts.evaluate import judged
from alerts.judge import judge
from alerts.measure import Ask, asker, read_rules, yardstick
from alerts.rules import kinds
from alerts.types import Plain, Reading, Rule
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
    Whole days stand for days as they ended: an alarm in the morning that was gone by evening is not seen.
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
            known += reading.value is not None
            if judge(rule, reading, now).outcome == "breach":
                days.append(day)
    return {"days": DAYS, "known": known, "fired": days}


def _past(rule: Rule, ask: Ask, period: Period) -> list[tuple[str, Reading]]:
    """The rule's readings of each day of a period, from one query."""
    compare, beside = kinds()[rule.kind].compare(rule), yardstick(rule)
    result = ask(
        Query(
            metrics=(rule.metric, beside) if beside else (rule.metric,),
            grain="day",
            period=period,
            filters=dict(rule.filters),
            compare="yesterday" if compare == "previous" else compare,  # of a day: the day before
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
