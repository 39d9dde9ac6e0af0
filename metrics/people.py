"""Buyers one by one: recency, frequency and money (RFM) of each, and the segment or class that these put him into.

The words are those of `segments.py`, which sums over buyers; here is what one buyer is, for whoever cuts by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import Settings, cut_points

AXES = ("recency", "frequency", "money")
SEGMENTS = ("new", "active", "high_value", "silent", "lost")
CLASSES = {  # (R good, F good, M good) → class
    (True, True, True): "champion",
    (True, False, True): "develop",
    (False, True, True): "keep",
    (False, False, True): "win_back",
    (True, True, False): "common_champion",
    (True, False, False): "common_develop",
    (False, True, False): "common_keep",
    (False, False, False): "common_win_back",
}


@dataclass(frozen=True)
class Cuts:
    """Where segments and scores are parted."""

    new_days: int = 30
    silent_days: int = 90
    lost_days: int = 180
    high_share: float = 0.2
    recency: tuple[float, ...] = (30, 60, 90, 180)
    frequency: tuple[float, ...] = (1, 2, 3, 5)
    money: tuple[float, ...] = (100, 300, 1000, 3000)

    @classmethod
    def of(cls, settings: Settings) -> Cuts:
        """Those that people set (`limits.py`), else of the settings. Raises `UserError` `setting_value` where those are
        not rising."""
        if (held := _held.get(settings.home)) is not None:
            return held
        return cls.declared(settings)

    @classmethod
    def declared(cls, settings: Settings) -> Cuts:
        """The cuts of the settings themselves."""
        points = {name: cut_points(f"rfm_{name}", getattr(settings, f"rfm_{name}")) for name in AXES}
        return cls(
            settings.segment_new_days,
            settings.segment_silent_days,
            settings.segment_lost_days,
            settings.segment_high_share,
            **points,
        )


_held: dict[Path, Cuts] = {}  # by home: what people set over the settings


def hold(settings: Settings, cuts: Cuts | None) -> None:
    """Let these cuts hold in every question of this process; None: those of the settings."""
    if cuts is None:
        _held.pop(settings.home, None)
    else:
        _held[settings.home] = cuts


def buyers_sql(where: str, orders: str, name: str = "buyer_state", end: str = "end", more: str = "") -> str:
    """CTE text of `buyer_rows`."""
    return f"{name} AS MATERIALIZED ({buyer_rows(where, orders, end, more)})"


def buyer_rows(where: str, orders: str, end: str = "end", more: str = "") -> str:
    """SELECT: one row a buyer with R, F, M, his first order, and `more` aggregates (each ends with a comma)."""
    return f"""
        SELECT buyer, date_diff('day', max(paid_at)::DATE, ${end}::DATE) AS recency,
               date_diff('day', min(paid_at)::DATE, ${end}::DATE) AS age,
               {more} {orders} AS frequency, coalesce(sum(paid_amount), 0) AS money
        FROM order_line WHERE {where} GROUP BY buyer"""


def segment_sql(high: str) -> str:
    """The segment of a row of `buyers_sql`; `high` is the money above which a buyer is of high value."""
    return segment_of("recency", "age <= $new_days", f"money > {high}")


def segment_of(recency: str, fresh: str, rich: str) -> str:
    """The segment by the days since the last order, whether the first is new, and whether the money is high."""
    return (
        f"CASE WHEN {recency} > $lost_days THEN 'lost' WHEN {recency} > $silent_days THEN 'silent' "
        f"WHEN {fresh} THEN 'new' WHEN {rich} THEN 'high_value' ELSE 'active' END"
    )


def cut_params(cuts: Cuts) -> dict[str, Any]:
    """The parameters of `segment_sql` and of the high value."""
    return {
        "new_days": cuts.new_days,
        "silent_days": cuts.silent_days,
        "lost_days": cuts.lost_days,
        "high_from": 1 - cuts.high_share,
    }
