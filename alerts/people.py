"""What people do: acknowledge, silence, write rules. Each act and its trace in the audit stand or fall together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import metrics
from access.audit import Event as AuditEvent
from access.audit import RuleChanged, record
from alerts import board, store
from alerts.rules import kinds
from alerts.types import FAULTS, SEVERITIES, Event, Incident, Rule
from errors import UserError
from warehouse.ledger import Ledger

PERIODS = ("today", "yesterday", "last_7_days", "last_30_days", "this_week", "this_month", "this_quarter", "this_year")
OWNERS = ("boss", "operations", "finance", "warehouse", "service", "technology")
NOTE_CHARS = 500
SILENCE_MOST = timedelta(days=30)


@dataclass(frozen=True)
class AlertAcknowledged(AuditEvent):
    """Somebody took an incident on."""

    subject: str
    note: str


@dataclass(frozen=True)
class AlertSilenced(AuditEvent):
    """Nothing is told about a rule, or one slice of it, until then."""

    subject: str
    until: str
    note: str


def acknowledge(ledger: Ledger, incident_id: int, user: str, note: str, now: datetime) -> Incident:
    """Take an open incident on; doing it twice changes nothing.

    Raises:
        UserError: `alert_unknown`, or `alert_closed` when it is over already.
    """
    with ledger.transaction():
        item = store.incident(ledger, incident_id)
        if item.state in ("resolved", "pending"):
            raise UserError("alert_closed", id=incident_id)
        if item.acknowledged_by:
            return item
        # A data fault stays what it is: it is known, but still not judged.
        state = item.state if item.state in FAULTS else "acknowledged"
        taken = replace(
            item,
            state=state,
            reason=item.reason if state == item.state else "by_person",
            acknowledged_by=user,
            acknowledged_at=now,
            acknowledged_note=note[:NOTE_CHARS],
        )
        store.write_incident(ledger, taken)
        store.write_event(
            ledger,
            Event(
                item.id, now, item.state, state, "acknowledged", user, note[:NOTE_CHARS], item.value, item.data_version
            ),
        )
        record(ledger, AlertAcknowledged(user, str(item.id), note[:NOTE_CHARS]))
    board.refresh(ledger)
    return taken


def silence(ledger: Ledger, incident_id: int, user: str, until: datetime, note: str, now: datetime) -> Incident:
    """Hear nothing of this rule and slice until `until`, at most 30 days; it is still evaluated and kept.

    Raises:
        UserError: `alert_unknown`, or `alert_silence_end` for an end that is past or too far.
    """
    if not now < until <= now + SILENCE_MOST:
        raise UserError("alert_silence_end", until=until.isoformat(" ", "minutes"), days=SILENCE_MOST.days)
    with ledger.transaction():
        item = store.incident(ledger, incident_id)
        store.write_silence(ledger, item.rule_id, store.labels_key(item.labels), until, user, note[:NOTE_CHARS], now)
        held = replace(item, silenced_until=until)
        store.write_incident(ledger, held)
        store.write_event(
            ledger,
            Event(
                item.id, now, item.state, item.state, "silenced", user, note[:NOTE_CHARS], item.value, item.data_version
            ),
        )
        record(ledger, AlertSilenced(user, str(item.id), until.isoformat(" ", "minutes"), note[:NOTE_CHARS]))
    board.refresh(ledger)
    return held


def check_rule(rule: Rule) -> None:
    """Raise `UserError` when a rule cannot be evaluated: unknown metric, kind, dimension, senseless threshold."""
    catalogue = metrics.catalogue()
    metric = catalogue.get(rule.metric)
    if metric is None:
        raise UserError("alert_metric", metric=rule.metric)
    kind = kinds().get(rule.kind)
    if kind is None:
        raise UserError("alert_kind", kind=rule.kind, known=", ".join(kinds()))
    for name, value, known in (
        ("period", rule.period, PERIODS),
        ("severity", rule.severity, SEVERITIES),
        ("side", rule.side, ("above", "below")),
        ("owner", rule.owner, OWNERS),
    ):
        if value not in known:
            raise UserError("alert_field", field=name, value=value, known=", ".join(known))
    for name in (*rule.dimensions, *rule.filters):
        if name not in metric.dimensions:
            raise UserError("alert_dimension", metric=rule.metric, dimension=name, known=", ".join(metric.dimensions))
    if rule.hold_seconds < 0 or rule.floor < 0 or not 0 <= rule.hysteresis < 1:
        raise UserError("alert_negative")
    kind.check(rule)


def save_rule(ledger: Ledger, rule: Rule, user: str, now: datetime) -> Rule:
    """Make (id 0) or change a rule; switching it off closes what it had open.

    Raises:
        UserError: as `check_rule`, and `alert_rule_unknown`.
    """
    check_rule(rule)
    with ledger.transaction():
        if rule.id:
            rule = replace(rule, origin=store.rule(ledger, rule.id).origin)
        saved = store.write_rule(ledger, rule, user, now)
        record(ledger, RuleChanged(user, f"{saved.id} {saved.metric}", "changed" if rule.id else "made"))
        if not saved.enabled:
            _close(ledger, saved.id, user, "rule_off", now)
    board.refresh(ledger)
    return saved


def enable_rule(ledger: Ledger, rule_id: int, enabled: bool, user: str, now: datetime) -> Rule:
    """Switch a rule on or off. Raises `UserError("alert_rule_unknown")`."""
    return save_rule(ledger, replace(store.rule(ledger, rule_id), enabled=enabled), user, now)


def remove_rule(ledger: Ledger, rule_id: int, user: str, now: datetime) -> None:
    """Take a rule away; its history stays. Raises `UserError("alert_rule_unknown")`."""
    with ledger.transaction():
        rule = store.rule(ledger, rule_id)
        store.remove_rule(ledger, rule_id, user, now)
        record(ledger, RuleChanged(user, f"{rule_id} {rule.metric}", "removed"))
        _close(ledger, rule_id, user, "rule_removed", now)
    board.refresh(ledger)


def _close(ledger: Ledger, rule_id: int, user: str, reason: str, now: datetime) -> None:
    for item in store.incidents(ledger, limit=10_000):
        if item.rule_id == rule_id:
            store.write_incident(
                ledger, replace(item, state="resolved", reason=reason, changed_at=now, resolved_at=now)
            )
            store.write_event(
                ledger, Event(item.id, now, item.state, "resolved", reason, user, "", item.value, item.data_version)
            )
