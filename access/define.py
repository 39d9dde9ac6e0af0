"""People define metrics: who may, what must have been seen before, and the trace of it. Each act and its audit row
stand or fall together, and the definition holds at once in every question of this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.audit import Event as AuditEvent
from access.audit import record
from access.scopes import may, require
from access.users import User
from alerts import board, store
from errors import UserError
from metrics import definitions
from metrics.catalogue import book, declared
from metrics.declare import Metric
from warehouse.ledger import Ledger


@dataclass(frozen=True)
class MetricDefined(AuditEvent):
    """A metric was made, changed or taken back by a person; `version` is its row in the ledger."""

    subject: str
    change: str
    formula: str
    version: int


def may_define(user: User | None, metric_id: str | None = None, maker: str | None = None) -> bool:
    """Whether a user may define a metric (a new one, without an id): declared ones are for those who administer, those
    of others too."""
    if metric_id in declared() or maker not in (None, user.name if user else None):
        return may(user, "administer")
    return may(user, "define")


def maker(ledger: Ledger, metric_id: str) -> str | None:
    """Who first made the definition that holds; None without one."""
    name = None
    for one in definitions.history(ledger, metric_id):
        if one.change == "removed":
            break
        name = one.by
    return name


def define(
    ledger: Ledger, asked: Metric, user: User | None, now: datetime, *, note: str, seen: str, effect: dict[str, Any]
) -> Metric:
    """Keep a definition; it holds at once.

    `seen` is the `definitions.digest` of what was shown to its maker with its consequences, `effect` their summary.

    Raises:
        UserError: `act_not_allowed`, `definition_taken`, `definition_unseen`, and what `definitions.check` raises.
    """
    person = _allowed(ledger, asked.id, user)
    found, _ = definitions.candidate(asked)
    if definitions.digest(found) != seen:
        raise UserError("definition_unseen")
    at = now.isoformat(timespec="seconds")
    with ledger.transaction():
        version = definitions.save(ledger, found, person.name, at, note, effect)
        record(ledger, MetricDefined(person.name, found.id, "defined", found.formula, version))
    _put_on(ledger)
    return found


def take_back(
    ledger: Ledger, metric_id: str, user: User | None, now: datetime, *, note: str, effect: dict[str, Any]
) -> None:
    """Take a person's definition back: what is declared holds again, a metric of one's own is gone.

    Raises:
        UserError: `act_not_allowed`, `definition_taken`, `definition_none`, `definition_used`, and
            `definition_watched` while a rule watches a metric that would be gone.
    """
    person = _allowed(ledger, metric_id, user)
    definitions.without(metric_id)
    watching = [str(rule.id) for rule in store.rules(ledger) if rule.metric == metric_id]
    if watching and metric_id not in declared():
        raise UserError("definition_watched", metric=metric_id, rules=", ".join(watching))
    at = now.isoformat(timespec="seconds")
    with ledger.transaction():
        version = definitions.remove(ledger, metric_id, person.name, at, note, effect)
        record(ledger, MetricDefined(person.name, metric_id, "taken_back", book().metrics[metric_id].formula, version))
    _put_on(ledger)


def _put_on(ledger: Ledger) -> None:
    definitions.read(ledger)
    board.stir(ledger)


def _allowed(ledger: Ledger, metric_id: str, user: User | None) -> User:
    if metric_id in declared():
        return require(user, "administer")
    person, first = require(user, "define"), maker(ledger, metric_id)
    if not may_define(person, metric_id, first):
        raise UserError("definition_taken", metric=metric_id, by=first)
    return person
