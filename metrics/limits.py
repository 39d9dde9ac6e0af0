"""Limits of segments and RFM scores that people set where they are shown: kept in the ledger, over the settings.

They are a definition: the newest row holds in every question of the process, old rows stay as history.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from config import Settings
from errors import UserError
from metrics.people import AXES, Cuts, hold
from warehouse.ledger import Ledger

DAYS = ("new_days", "silent_days", "lost_days")
LONGEST = 3650  # days
FIELDS = (*DAYS, "high_share", *AXES)


@dataclass(frozen=True)
class Version:
    """One change; `cuts` None gives back the settings."""

    id: int
    cuts: Cuts | None
    note: str
    effect: Mapping[str, Any]
    at: str
    by: str


def check(cuts: Cuts) -> Cuts:
    """The limits, if they part buyers.

    Raises:
        UserError: `limit_days` unless 0 < new ≤ silent < lost, `limit_share` outside 0 to 1, `limit_points` unless
            four rising numbers.
    """
    days = [getattr(cuts, name) for name in DAYS]
    if not all(isinstance(value, int) for value in days) or not 0 < days[0] <= days[1] < days[2] <= LONGEST:
        raise UserError("limit_days", most=LONGEST)
    if not (math.isfinite(cuts.high_share) and 0 < cuts.high_share < 1):
        raise UserError("limit_share")
    for name in AXES:
        points = getattr(cuts, name)
        rising = all(low < high for low, high in zip(points, points[1:], strict=False))
        if len(points) != 4 or not all(map(math.isfinite, points)) or not rising or points[0] < 0:
            raise UserError("limit_points", axis=name)
    return cuts


def read(ledger: Ledger, settings: Settings) -> None:
    """Put on what the ledger holds."""
    found = history(ledger)
    hold(settings, found[0].cuts if found else None)


def forget(settings: Settings) -> None:
    """Let the settings hold again in this process."""
    hold(settings, None)


def save(ledger: Ledger, cuts: Cuts | None, by: str, at: str, note: str, effect: Mapping[str, Any]) -> int:
    """Keep new limits (None: the settings again) without putting them on; gives the row's number."""
    cursor = ledger.execute(
        "INSERT INTO segment_limits (limits, note, effect, at, by) VALUES (?, ?, ?, ?, ?)",
        (json.dumps(asdict(cuts)) if cuts else "", note, json.dumps(dict(effect)), at, by),
    )
    return int(cursor.lastrowid or 0)


def history(ledger: Ledger) -> list[Version]:
    """Every change, newest first."""
    rows = ledger.query("SELECT * FROM segment_limits ORDER BY id DESC")
    return [
        Version(row["id"], _cuts(row["limits"]), row["note"], json.loads(row["effect"]), row["at"], row["by"])
        for row in rows
    ]


def _cuts(text: str) -> Cuts | None:
    if not text:
        return None
    found = json.loads(text)
    return Cuts(**found | {name: tuple(found[name]) for name in AXES})
