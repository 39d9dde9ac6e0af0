"""How fresh each source is: what it has told completely, how far that lies back, and how often it usually speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from config import now
from warehouse.store import Warehouse

State = Literal["fresh", "late", "silent"]
_LATE, _SILENT = 1.5, 4.0  # in expected intervals
_GRACE = timedelta(minutes=15)
_FILE_INTERVAL = timedelta(days=1)


@dataclass(frozen=True)
class Source:
    """One source: a door, a kind, a platform and a shop."""

    source: str
    kind: str
    platform: str
    shop: str
    complete_through: datetime | None
    last_loaded_at: datetime | None
    last_batch_id: int | None
    batches: int
    lag: timedelta | None  # now − complete_through
    expected: timedelta  # how often it usually brings something
    state: State


def sources(warehouse: Warehouse, moment: datetime | None = None) -> list[Source]:
    """Every source that ever brought a batch, with its state as of `moment` (default now).

    fresh: the lag is within one and a half expected intervals (and 15 minutes); silent: beyond four; late: between.
    Mended rows are no source of their own.
    """
    moment = moment or now(warehouse.settings)
    rows = warehouse.read(
        "SELECT s.source, s.kind, s.platform, s.shop, s.complete_through, s.last_loaded_at, s.last_batch_id,"
        " count(b.batch_id) AS batches, median(epoch(b.gap)) AS gap FROM source_state s LEFT JOIN"
        " (SELECT *, loaded_at -"
        " lag(loaded_at) OVER (PARTITION BY source, kind, platform, shop ORDER BY batch_id) AS gap FROM load_batch) b"
        " USING (source, kind, platform, shop) WHERE s.source <> 'mend' GROUP BY ALL ORDER BY 1, 2, 3, 4"
    ).to_pylist()
    found = []
    for row in rows:
        gap = row.pop("gap")
        expected = _expected(warehouse, row["source"], row["batches"], gap)
        lag = moment - row["complete_through"] if row["complete_through"] else None
        found.append(Source(**row, lag=lag, expected=expected, state=_state(lag, expected)))
    return found


def _expected(warehouse: Warehouse, source: str, batches: int, gap: float | None) -> timedelta:
    """Interfaces are asked at the set pace; files come at their own, taken from the past once there is one."""
    if "api" in source:
        return timedelta(seconds=warehouse.settings.pull_seconds)
    if batches >= 4 and gap is not None:
        return max(timedelta(hours=1), min(timedelta(seconds=gap), timedelta(days=31)))
    return _FILE_INTERVAL


def _state(lag: timedelta | None, expected: timedelta) -> State:
    if lag is None or lag > expected * _SILENT + _GRACE:
        return "silent"
    return "fresh" if lag <= expected * _LATE + _GRACE else "late"
