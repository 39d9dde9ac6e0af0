"""Slips planted in the demo's statements and movements, so that reconciliation has something to find.

Each stands on one day before the world's anchor, whatever window is written: a later file tells the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from simulator.calendar import DAY, day_of
from simulator.world import World

Told = Literal["bill", "flow"]


@dataclass(frozen=True)
class Slip:
    """What goes wrong with what a shop was settled on the day `ago` days before the anchor, and in which file.

    `every` takes each such order only (by its number); `cause`: 'fee_rate' (twice the fee), 'fee' (0.30 yuan more),
    'commission' (half as much again), 'lost' (not there), 'short' (10 % less), 'debit' (a day's ad money, 88.00 more).
    """

    shop: int
    ago: int
    cause: str
    files: tuple[Told, ...] = ("bill", "flow")
    every: int = 1


SLIPS = (
    Slip(0, 10, "fee_rate", every=3),
    Slip(0, 8, "fee", ("bill",), every=4),
    Slip(0, 12, "lost", every=60),
    Slip(0, 6, "debit", ("flow",)),
    Slip(1, 9, "lost", ("bill",)),
    Slip(1, 11, "commission", every=2),
    Slip(2, 11, "short", every=40),
    Slip(3, 10, "short", every=8),
    Slip(4, 12, "lost", every=12),
)


def chosen(world: World, slip: Slip, rows: pd.DataFrame) -> pd.Series:
    """Which rows a slip falls on."""
    day = day_of(world.anchor.date()) - slip.ago
    whose = rows["order"] // 10 % slip.every == 0
    return (rows["settled"] // DAY == day) & whose & ~rows["late"]


def slipped(world: World, shop: int, rows: pd.DataFrame, file: Told) -> pd.DataFrame:
    """The rows as the file wrongly tells them."""
    rows = rows.reset_index(drop=True)
    for slip in SLIPS:
        if slip.shop != shop or file not in slip.files or slip.cause == "debit":
            continue
        hit = chosen(world, slip, rows)
        if slip.cause == "lost":
            rows = rows[~hit].reset_index(drop=True)
        elif slip.cause == "short":
            rows.loc[hit, "income"] = rows.loc[hit, "income"] * 9 // 10
        elif slip.cause == "commission":
            rows["commission"] += rows["commission"] // 2 * hit.astype("int64")
        else:
            more = rows["fee_amount"] if slip.cause == "fee_rate" else 30
            rows["fee_amount"] += more * hit.astype("int64")
        rows["net"] = rows["income"] - rows["fee_amount"] - rows["commission"]
    return rows


def debit(world: World, shop: int, day: int) -> int:
    """Fen by which a day's ad money is taken off too high."""
    ago = day_of(world.anchor.date()) - day
    return 8800 if any(slip.cause == "debit" and (slip.shop, slip.ago) == (shop, ago) for slip in SLIPS) else 0
