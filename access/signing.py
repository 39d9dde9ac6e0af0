"""People sign differences between sources: who may, what must have been seen, and the trace of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from access.audit import Event, record
from access.scopes import require
from access.users import User
from errors import UserError
from metrics import signoffs
from metrics.reconcile import REASONS, reconcile
from metrics.types import Period, Scope
from warehouse import Warehouse
from warehouse.ledger import Ledger

LONGEST_NOTE = 500


@dataclass(frozen=True)
class DifferenceSigned(Event):
    """A difference was signed, or a signature withdrawn (`change`); `row` is its number in the ledger."""

    subject: str
    change: str
    reason: str
    difference: float
    row: int


def sign(
    warehouse: Warehouse,
    ledger: Ledger,
    user: User | None,
    cell: tuple[str, str, str, date],
    now: datetime,
    *,
    reason: str,
    note: str = "",
    seen: float,
) -> None:
    """Sign the open difference of a cell (pair, platform, shop, day); `seen` is the amount that the signer was shown.

    Raises:
        UserError: `act_not_allowed`, `not_signed_in`, `signoff_reason`, `signoff_note`, `signoff_none`,
            `signoff_moved`.
    """
    person = require(user, "reconcile")
    if reason not in REASONS:
        raise UserError("signoff_reason", reason=reason)
    if len(note) > LONGEST_NOTE:
        raise UserError("signoff_note", most=LONGEST_NOTE)
    found = signoffs.overlay(ledger, [_cell(warehouse, cell)])[0]
    if found["state"] != "open":
        raise UserError("signoff_none", day=cell[3])
    if abs(found["difference"] - seen) >= 0.005:
        raise UserError("signoff_moved")
    _keep(ledger, person, found, "signed", reason, note.strip(), now)


def withdraw(
    warehouse: Warehouse, ledger: Ledger, user: User | None, cell: tuple[str, str, str, date], now: datetime
) -> None:
    """Take the signature of a cell back; the row that gave it stays.

    Raises:
        UserError: `act_not_allowed`, `not_signed_in`, `signoff_none` without a signature.
    """
    person = require(user, "reconcile")
    acts = signoffs.history(ledger, *cell)
    if not acts or acts[0].change != "signed":
        raise UserError("signoff_none", day=cell[3])
    found = _cell(warehouse, cell)
    was = {"difference": acts[0].difference, "odd": acts[0].odd}
    _keep(ledger, person, found | was, "withdrawn", acts[0].reason, "", now)


def _cell(warehouse: Warehouse, cell: tuple[str, str, str, date]) -> dict[str, Any]:
    pair, platform, shop, day = cell
    held = {"platform": (platform,), "shop": (shop,)}
    rows = reconcile(warehouse, Period.days(day, day), Scope.everything(), held, (pair,)).rows
    if not rows:
        raise UserError("signoff_none", day=day)
    return rows[0]


def _keep(
    ledger: Ledger, person: User, cell: Mapping[str, Any], change: str, reason: str, note: str, now: datetime
) -> None:
    at = now.isoformat(timespec="seconds")
    with ledger.transaction():
        row = signoffs.save(ledger, cell, change, reason, note, at, person.name)
        subject = " · ".join(str(cell[name]) for name in ("pair", "platform", "shop", "day"))
        record(ledger, DifferenceSigned(person.name, subject, change, reason, cell["difference"], row))
