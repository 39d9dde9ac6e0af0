"""People set the limits of segments and scores: who may, what must have been seen before, and the trace of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from access.audit import Event, record
from access.scopes import require
from access.users import User
from alerts import board
from config import Settings
from errors import UserError
from metrics import limits
from metrics.people import Cuts
from warehouse.ledger import Ledger

LONGEST_NOTE = 500


@dataclass(frozen=True)
class LimitsSet(Event):
    """The limits of segments and scores were set or (empty) given back to the settings; `version` is the ledger row."""

    limits: str
    version: int


def digest(cuts: Cuts | None) -> str:
    """What tells these limits from others."""
    return hashlib.sha256(repr(cuts).encode()).hexdigest()[:16]


def set_limits(
    ledger: Ledger,
    settings: Settings,
    cuts: Cuts | None,
    user: User | None,
    now: datetime,
    *,
    note: str,
    seen: str,
    effect: Mapping[str, object],
) -> None:
    """Keep limits (None: those of the settings again); they hold at once. `seen` is the `digest` of those whose
    consequences were shown, `effect` their summary. The act and its audit row stand or fall together.

    Raises:
        UserError: `act_not_allowed`, `not_signed_in`, `limit_unseen`, `limit_note`, and what `limits.check` raises.
    """
    person = require(user, "administer")
    if cuts is not None:
        limits.check(cuts)
    if digest(cuts) != seen:
        raise UserError("limit_unseen")
    if len(note) > LONGEST_NOTE:
        raise UserError("limit_note", most=LONGEST_NOTE)
    with ledger.transaction():
        version = limits.save(ledger, cuts, person.name, now.isoformat(timespec="seconds"), note.strip(), effect)
        record(ledger, LimitsSet(person.name, repr(cuts) if cuts else "", version))
    limits.read(ledger, settings)
    board.stir(ledger)
