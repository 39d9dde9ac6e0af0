"""One round: ask, judge, advance, mark the silenced, keep. A list of stages; later ones (grouping, telling) follow.

Measuring takes as long as its queries do and happens outside the ledger's transaction; everything that depends on the
present state of incidents happens inside one, so that an acknowledgement made meanwhile is never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from alerts import board, store
from alerts.hindsight import stood_on
from alerts.judge import judge, only_grows, told_until
from alerts.lifecycle import Step, step
from alerts.measure import Ask, asker, read_rules, read_told
from alerts.types import FAULTS, Event, Incident, Judgement, Plain, Reading, Rule
from warehouse.ledger import Ledger


@dataclass
class Round:
    """What one evaluation carries from stage to stage."""

    ledger: Ledger
    now: datetime
    judgements: list[Judgement] = field(default_factory=list)
    incidents: dict[tuple[int, str], Incident] = field(default_factory=dict)  # open ones, by rule and labels
    changed: list[Incident] = field(default_factory=list)
    events: list[tuple[Incident, Event]] = field(default_factory=list)
    data_version: int = 0


Stage = Callable[[Round], None]


def evaluate(warehouse: Any, ledger: Ledger, now: datetime, ask: Ask | None = None) -> Plain:
    """Evaluate every enabled rule once.

    Returns counts: `rules`, `fired`, `resolved`, `open`, and `faults` (rules that could not be judged).
    """
    with board.evaluating(ledger):
        asking = ask or asker(warehouse)
        found = read_rules(store.rules(ledger, enabled=True), asking, now)
        judgements = [one for rule, readings in found for one in judged(rule, readings, asking, now)]
        round_ = Round(ledger, now, judgements)
        with ledger.transaction():
            for stage in STAGES:
                stage(round_)
        board.refresh(ledger)
    return _summary(round_, len(found))


def judged(rule: Rule, readings: list[Reading], ask: Ask, now: datetime) -> list[Judgement]:
    """The judgements of one rule; a breach counts only if it stands on what the sources have told in full."""
    found = verdicts(rule, readings, now)
    until = told_until(rule, readings, now)
    if until is None or not any(one.outcome == "breach" and not only_grows(rule, one.outcome) for one in found):
        return found
    told = [replace(reading, as_of=until.replace(microsecond=0)) for reading in read_told(rule, ask, now, until)]
    return verdicts(rule, told, now)


def verdicts(rule: Rule, readings: list[Reading], now: datetime) -> list[Judgement]:
    """The judgements of one rule. A rule over a dimension says once, not for each value, that it is blind."""
    if not readings:
        readings = [Reading(labels={}, value=None, note="no_rows")]
    found = [judge(rule, reading, now) for reading in readings]
    if not rule.dimensions:
        return found
    clear = [judgement for judgement in found if judgement.outcome not in FAULTS]
    faults = [judgement for judgement in found if judgement.outcome in ("late", "error")]
    if not clear and not faults:
        faults = found[:1]
    return clear + [replace(fault, reading=replace(fault.reading, labels={})) for fault in faults[:1]]


# Stages ---------------------------------------------------------------------------------------------------------------


def recall(round_: Round) -> None:
    """Which incidents are open now."""
    for item in store.incidents(round_.ledger, limit=10_000):
        round_.incidents[item.rule_id, store.labels_key(item.labels)] = item


def advance(round_: Round) -> None:
    """Every judgement moves its incident, opens one, or leaves things as they are."""
    for judgement in round_.judgements:
        key = (judgement.rule.id, store.labels_key(judgement.reading.labels))
        item = round_.incidents.get(key)
        taken = step(item.state if item else None, item.changed_at if item else None, judgement, round_.now)
        if taken.state is not None:
            _apply(round_, item, judgement, taken)
        round_.data_version = max(round_.data_version, judgement.reading.data_version)


def close_gone(round_: Round) -> None:
    """Incidents whose rule no longer speaks of their labels (a plan that ended, a rule cut differently) are over."""
    seen = {(judgement.rule.id, store.labels_key(judgement.reading.labels)) for judgement in round_.judgements}
    blind = {judgement.rule.id: judgement for judgement in round_.judgements if judgement.outcome in FAULTS}
    for (rule_id, labels), item in round_.incidents.items():
        if (rule_id, labels) in seen:
            continue
        if rule_id in blind:
            round_.changed.append(_seen(item, blind[rule_id], round_.now))
            continue
        closed = replace(item, state="resolved", reason="gone", changed_at=round_.now, resolved_at=round_.now)
        _note(round_, item.state, closed, "gone")


def silence(round_: Round) -> None:
    """Mark what people asked not to hear of."""
    held = store.silences(round_.ledger, round_.now)
    for index, item in enumerate(round_.changed):
        ends = [
            row["until"]
            for row in held
            if row["rule_id"] == item.rule_id and row["labels"] in (None, store.labels_key(item.labels))
        ]
        until = datetime.fromisoformat(max(ends)) if ends else None
        round_.changed[index] = replace(item, silenced_until=until)


def keep(round_: Round) -> None:
    """Write incidents, the steps of their lives, and the evidence."""
    written = {
        (item.rule_id, store.labels_key(item.labels)): store.write_incident(round_.ledger, item)
        for item in round_.changed
    }
    for about, event in round_.events:
        store.write_event(
            round_.ledger, replace(event, incident_id=written[about.rule_id, store.labels_key(about.labels)])
        )
    store.write_evaluations(round_.ledger, board.worth_keeping(round_.ledger, round_.judgements), round_.now)


STAGES: tuple[Stage, ...] = (recall, advance, close_gone, silence, keep)


def _apply(round_: Round, item: Incident | None, judgement: Judgement, taken: Step) -> None:
    before = item.state if item else ""
    updated = _seen(item or _opened(judgement, round_.now), judgement, round_.now)
    if taken.moved and taken.state is not None:
        updated = replace(updated, state=taken.state, reason=taken.reason, changed_at=round_.now)
        if taken.state == "firing":
            # What was acknowledged as a data fault is not yet acknowledged as an alarm.
            updated = replace(
                updated, fired_at=round_.now, acknowledged_by=None, acknowledged_at=None, acknowledged_note=""
            )
            updated = stood_on(updated, judgement, round_.now)
        if taken.state == "resolved":
            updated = replace(updated, resolved_at=round_.now)
        _note(round_, before, updated, taken.reason)
    else:
        round_.changed.append(updated)


def _opened(judgement: Judgement, now: datetime) -> Incident:
    rule, reading = judgement.rule, judgement.reading
    return Incident(
        id=0,
        rule_id=rule.id,
        metric=rule.metric,
        severity=rule.severity,
        owner=rule.owner,
        labels=reading.labels,
        state="pending",
        reason=judgement.reason,
        opened_at=now,
        changed_at=now,
        fired_at=None,
        resolved_at=None,
        evaluated_at=now,
        value=None,
        base=None,
        threshold=rule.threshold,
        outcome=judgement.outcome,
        as_of=None,
        data_version=0,
        rule=rule,
    )


def _seen(item: Incident, judgement: Judgement, now: datetime) -> Incident:
    """The incident with the newest evidence; an alarm that cannot be judged keeps the last value that could."""
    rule, reading = judgement.rule, judgement.reading
    told = store.stamp(reading.complete_through) if judgement.reason == "not_told_yet" else None
    detail = reading.error or ", ".join(reading.late_sources) or told or (reading.note or "")
    item = replace(
        item,
        outcome=judgement.outcome,
        evaluated_at=now,
        detail=detail,
        severity=rule.severity,
        owner=rule.owner,
        threshold=rule.threshold,
        data_version=reading.data_version,
    )
    if judgement.outcome in FAULTS and item.fired_at:
        return item
    return replace(item, value=reading.value, base=reading.base, as_of=reading.as_of)


def _note(round_: Round, before: str, after: Incident, reason: str) -> None:
    round_.changed.append(after)
    event = Event(after.id, round_.now, before, after.state, reason, value=after.value, data_version=after.data_version)
    round_.events.append((after, event))


def _summary(round_: Round, rules: int) -> Plain:
    moved = [event.after for _, event in round_.events]
    return {
        "rules": rules,
        "fired": moved.count("firing"),
        "resolved": moved.count("resolved"),
        "open": sum(item.state != "resolved" for item in round_.changed),
        "faults": len({judgement.rule.id for judgement in round_.judgements if judgement.outcome in FAULTS}),
        "data_version": round_.data_version,
    }
