"""Events worth remembering, and the one subscriber that writes them into the ledger's hash-chained audit trail.

A new thing to audit is a new dataclass below; where it happens stands `record(ledger, Event(…))` and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass

from warehouse.ledger import Ledger


@dataclass(frozen=True)
class Event:
    """Something somebody did. `actor` is a user's name or 'system'; further fields tell the rest; never a secret."""

    actor: str


@dataclass(frozen=True)
class SignedIn(Event):
    """A session began."""


@dataclass(frozen=True)
class SignInFailed(Event):
    """A wrong name or password, or a locked one (`reason`)."""

    reason: str


@dataclass(frozen=True)
class SignedOut(Event):
    """A session ended; `everywhere` when all of that user's did."""

    everywhere: bool = False


@dataclass(frozen=True)
class UserAdded(Event):
    subject: str
    role: str


@dataclass(frozen=True)
class UserRemoved(Event):
    subject: str


@dataclass(frozen=True)
class PasswordChanged(Event):
    subject: str


@dataclass(frozen=True)
class KeyMade(Event):
    """An API token or a wall key was made."""

    subject: str
    kind: str


@dataclass(frozen=True)
class KeyRevoked(Event):
    subject: str
    kind: str


@dataclass(frozen=True)
class FilesLoaded(Event):
    """A load by a person: how much of what."""

    subject: str
    batches: int
    accepted: int
    quarantined: int


@dataclass(frozen=True)
class Exported(Event):
    """Numbers or rows left the house as a file."""

    subject: str
    rows: int


@dataclass(frozen=True)
class ViewChanged(Event):
    """A saved view was made, changed or deleted (`change`); `shared` is '', 'all' or a role."""

    subject: str
    change: str
    shared: str


@dataclass(frozen=True)
class RuleChanged(Event):
    """An alert rule was made, changed, silenced or removed (`change`)."""

    subject: str
    change: str


@dataclass(frozen=True)
class Maintained(Event):
    """Backup, restore, rebuild, demo data removed: what an operator does to the whole house."""

    subject: str


Subscriber = Callable[[Ledger, Event, str | None], None]


def write_row(ledger: Ledger, event: Event, address: str | None) -> None:
    """The subscriber that writes the audit table."""
    fields = asdict(event)
    actor, subject = fields.pop("actor"), fields.pop("subject", None)
    ledger.audit(actor, action_of(type(event)), subject, fields, address)


SUBSCRIBERS: list[Subscriber] = [write_row]


def record(ledger: Ledger, event: Event, address: str | None = None) -> None:
    """Tell every subscriber; joins the caller's transaction, so that an act and its trace stand or fall together."""
    for subscriber in SUBSCRIBERS:
        subscriber(ledger, event, address)


def action_of(kind: type[Event]) -> str:
    """`SignedIn` → 'signed_in': the name in the audit table."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
