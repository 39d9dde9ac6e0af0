"""What readers see: incidents within their rights, counts for bell and tick, badges for cards, plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import metrics
from alerts import board, store
from alerts.types import ALARMS, FAULTS, SEVERITIES, Incident, Plain
from config import now as clock
from metrics.types import Scope
from warehouse.ledger import Ledger

_STATE_ORDER = {"firing": 0, "acknowledged": 1, "error": 2, "late": 3, "no_data": 4, "pending": 5, "resolved": 6}


def order(item: Incident) -> tuple[object, ...]:
    """Firing first, the severest first, then the newest."""
    return _STATE_ORDER[item.state], SEVERITIES.index(item.severity), -item.changed_at.timestamp(), item.id


def active(ledger: Ledger, scope: Scope) -> list[Incident]:
    """Open incidents that this scope may see, in the order in which they should be read."""
    return sorted((item for item in board.standing(ledger) if visible(item, scope)), key=order)


def history(ledger: Ledger, scope: Scope, limit: int = 200) -> list[Incident]:
    """Incidents that fired and are over, newest first."""
    return [item for item in store.incidents(ledger, closed=True, limit=limit) if visible(item, scope)]


def visible(item: Incident, scope: Scope) -> bool:
    """Whether the scope may see the number an incident speaks of.

    A reader who is held to some values of a dimension sees only incidents that speak of those values alone:
    a shop-wide number would tell what they may not know.
    """
    metric = metrics.catalogue().get(item.metric)
    built_on = {item.metric} | (metric.uses if metric else frozenset())
    if built_on & scope.hidden:
        return False
    if metric is not None and metric.layer == "system":
        return True
    cut = item.slice
    return all(name in cut and set(cut[name]) <= set(allowed) for name, allowed in scope.rows.items())


def badge(ledger: Ledger, scope: Scope | None = None) -> Plain:
    """For the tick, from memory, of what the scope may see (without one: everything).

    `firing` (not yet taken on, not silenced), the worst `severity`, `open` alarms,
    `faults` (rules that cannot be judged) and `revision`, which moves when any of these may have."""
    now = clock()
    seen = board.standing(ledger) if scope is None else active(ledger, scope)
    heard = [item for item in seen if not item.is_silenced(now)]
    firing = [item for item in heard if item.state == "firing"]
    worst = min((SEVERITIES.index(item.severity) for item in firing), default=None)
    return {
        "firing": len(firing),
        "severity": None if worst is None else SEVERITIES[worst],
        "open": sum(item.state in ALARMS for item in heard),
        "faults": sum(item.state in FAULTS for item in heard),
        "revision": board.revision(ledger),
    }


def for_metrics(
    ledger: Ledger,
    names: Iterable[str],
    scope: Scope | None = None,
    part: Mapping[str, Iterable[str]] | None = None,
) -> dict[str, Plain]:
    """Badges for cards and tree: metric → the worst alarm on it (`severity`, `state`, `count`, `incident`, `since`);
    metrics without an alarm are left out. From memory. Without a scope: everything.

    With `part` (dimension → values; empty is the whole shop) only alarms about exactly this part: the number of one
    SKU has not fallen because the shop's has, nor the shop's because one SKU's has.
    """
    wanted, now = set(names), clock()
    found: dict[str, Plain] = {}
    for item in active(ledger, scope or Scope.everything("wall")):
        if item.metric not in wanted or item.state not in ALARMS or item.is_silenced(now):
            continue
        if part is not None and not speaks_of(item, part):
            continue
        if item.metric in found:
            found[item.metric]["count"] += 1
            continue
        found[item.metric] = {
            "severity": item.severity,
            "state": item.state,
            "count": 1,
            "incident": item.id,
            "since": item.fired_at or item.opened_at,
        }
    return found


def speaks_of(item: Incident, part: Mapping[str, Iterable[str]]) -> bool:
    """Whether an incident is about exactly this part of the business."""
    return {name: set(values) for name, values in item.slice.items()} == {
        name: set(values) for name, values in part.items()
    }


def plain(item: Incident) -> Plain:
    """An incident as plain data for the command line and the API; times as ISO text."""

    def told(moment: datetime | None) -> str | None:
        return moment.isoformat(sep=" ", timespec="seconds") if moment else None

    return {
        "id": item.id,
        "rule": item.rule_id,
        "metric": item.metric,
        "labels": dict(item.labels),
        "severity": item.severity,
        "owner": item.owner,
        "state": item.state,
        "reason": item.reason,
        "outcome": item.outcome,
        "value": item.value,
        "base": item.base,
        "fired_value": item.fired_value,
        "fired_base": item.fired_base,
        "threshold": item.threshold,
        "side": item.rule.side if item.rule else None,
        "since": told(item.fired_at or item.opened_at),
        "resolved_at": told(item.resolved_at),
        "as_of": told(item.as_of),
        "data_version": item.data_version,
        "acknowledged_by": item.acknowledged_by,
        "silenced_until": told(item.silenced_until),
        "detail": item.detail,
    }
