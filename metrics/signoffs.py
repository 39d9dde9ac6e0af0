"""Differences that people have signed, laid over what `reconcile` finds, and which days stay open above a number.

A sign-off holds for the difference it was given for: when later data move it, the cell is open again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from metrics.facts import AXES
from metrics.query import needed_axes
from metrics.reconcile import MOST_DAYS, PAIRS, open_cells
from metrics.types import Period, Query, Scope
from warehouse.ledger import Ledger

if TYPE_CHECKING:
    from warehouse import Warehouse

_CELL = ("pair", "platform", "shop", "day")
_CENT = 0.005


@dataclass(frozen=True)
class SignOff:
    """One act on one cell. `change` is 'signed' or 'withdrawn'; `difference` (yuan) and `odd` are as signed."""

    id: int
    pair: str
    platform: str
    shop: str
    day: str
    change: str
    reason: str
    note: str
    difference: float
    odd: int
    at: str
    by: str

    def holds(self, cell: Mapping[str, Any]) -> bool:
        """Whether it still speaks of the difference that the cell has now."""
        if self.change != "signed" or cell["difference"] is None:
            return False
        return abs(self.difference - cell["difference"]) < _CENT and self.odd == cell["odd"]


def history(ledger: Ledger, pair: str, platform: str, shop: str, day: date) -> list[SignOff]:
    """Every act on a cell, newest first."""
    found = ledger.query(
        "SELECT * FROM reconciliation_signoff"
        " WHERE pair = ? AND platform = ? AND shop = ? AND day = ? ORDER BY id DESC",
        (pair, platform, shop, day.isoformat()),
    )
    return [SignOff(**row) for row in found]


def save(ledger: Ledger, cell: Mapping[str, Any], change: str, reason: str, note: str, at: str, by: str) -> int:
    """Keep an act on a cell of `reconcile`; returns its number."""
    values = (*(str(cell[name]) for name in _CELL), change, reason, note, cell["difference"], cell["odd"], at, by)
    columns = "pair, platform, shop, day, change, reason, note, difference, odd, at, by"
    sql = f"INSERT INTO reconciliation_signoff ({columns}) VALUES ({', '.join('?' * len(values))})"
    return int(ledger.execute(sql, values).lastrowid or 0)


def overlay(ledger: Ledger | None, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cells with the sign-offs that speak of them.

    An open cell whose sign-off holds is 'signed'; `signed_by`, `signed_at` and `signed_reason` tell who, when and why.
    """
    cells = list(rows)
    newest = _newest(ledger, cells) if ledger is not None and cells else {}
    for cell in cells:
        act = newest.get(tuple(str(cell[name]) for name in _CELL))
        if cell["state"] == "open" and act is not None and act.holds(cell):
            cell |= {"state": "signed", "signed_by": act.by, "signed_at": act.at, "signed_reason": act.reason}
    return cells


def _newest(ledger: Ledger, cells: Collection[Mapping[str, Any]]) -> dict[tuple[str, ...], SignOff]:
    days = [cell["day"] for cell in cells]
    found = ledger.query(
        "SELECT * FROM reconciliation_signoff WHERE day BETWEEN ? AND ? ORDER BY id",
        (min(days).isoformat(), max(days).isoformat()),
    )
    return {tuple(row[name] for name in _CELL): SignOff(**row) for row in found}


def pairs_above(metric: str) -> tuple[str, ...]:
    """The pairs whose differences cast doubt on a metric."""
    tables = {AXES[axis].table for axis in needed_axes(Query((metric,)))}
    return tuple(name for name, pair in PAIRS.items() if pair.marks & tables)


def open_days(
    warehouse: Warehouse,
    ledger: Ledger | None,
    period: Period,
    pairs: Collection[str],
    filters: Mapping[str, tuple[str, ...]],
    scope: Scope,
) -> dict[date, tuple[str, ...]]:
    """Days of the period that do not reconcile, with their open pairs.

    How many days are open is for everyone whom the numbers are shown, whatever else is hidden from them.
    """
    held = [{name: rows[name] for name in ("platform", "shop") if name in rows} for rows in (scope.rows, filters)]
    first = max(period.start, period.end - timedelta(days=MOST_DAYS))
    cells = [cell for pair in pairs for cell in open_cells(warehouse, pair, Period(first, period.end))]
    asked = [cell for cell in cells if all(cell[name] in part[name] for part in held for name in part)]
    found: dict[date, tuple[str, ...]] = {}
    for cell in overlay(ledger, asked):
        if cell["state"] == "open" and cell["pair"] not in found.get(cell["day"], ()):
            found[cell["day"]] = (*found.get(cell["day"], ()), cell["pair"])
    return found
