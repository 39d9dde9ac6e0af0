"""An alarm beside what is known now. It is judged by what it stood on when it fired, which is kept with it: numbers
that came later, or were put right, make it no false alarm and no right one. They are shown where they differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.judge import judge
from alerts.measure import Ask, read_period
from alerts.rules import kinds
from alerts.types import Incident, Judgement
from errors import CockpitError
from metrics.restated import has_moved
from metrics.types import Period


@dataclass(frozen=True)
class Hindsight:
    """The number of the judged span and what it was held against: when the alarm fired, and now."""

    then: float
    then_base: float | None
    now: float | None
    now_base: float | None
    stands: bool | None  # whether what is known now would fire it too; None: that cannot be said

    @property
    def moved(self) -> bool:
        """Whether either side has moved by enough to say so, or the judgement has."""
        sides = has_moved(self.then, self.now) or has_moved(self.then_base, self.now_base)
        return sides or self.now is None or self.stands is False


def stood_on(item: Incident, judgement: Judgement, now: datetime) -> Incident:
    """The incident with what it fires on: the number, and the span up to where its data were told."""
    reading, rule = judgement.reading, judgement.rule
    if reading.period is None:
        return replace(item, fired_value=reading.value, fired_base=reading.base, fired_from=None, fired_until=None)
    kind = kinds().get(rule.kind)
    compared = kind is not None and kind.compare(rule) is not None
    end, period = reading.complete_through if compared else reading.as_of, reading.period
    until = period.end
    if end is not None and now < period.end and period.start <= end:
        until = min(period.end, end.replace(microsecond=0) + timedelta(seconds=1))
    return replace(item, fired_value=reading.value, fired_base=reading.base, fired_from=period.start, fired_until=until)


def hindsight(item: Incident, ask: Ask, now: datetime) -> Hindsight | None:
    """What is known now of the span an alarm was judged on; None of incidents that have not fired, or that `ask` may
    not or cannot answer."""
    rule = item.rule
    if rule is None or item.fired_value is None or item.fired_from is None or item.fired_until is None:
        return None
    rule = replace(rule, threshold=item.threshold, filters=item.slice, dimensions=())
    try:
        (reading,) = read_period(rule, ask, Period(item.fired_from, item.fired_until))
    except (CockpitError, ValueError):
        return None
    if reading.error is not None:
        return None
    outcome = judge(rule, replace(reading, late_sources=(), complete_through=None), now).outcome
    stands = {"breach": True, "ok": False, "band": False}.get(outcome)
    return Hindsight(item.fired_value, item.fired_base, reading.value, reading.base, stands)
