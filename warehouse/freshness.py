"""How fresh each source is: what it has told completely, how far that lies back, and how often it usually speaks.

The one rule of lateness: the sources page, the wall, and through `metrics` every query, light and alarm go by it. A
*feed* is one fact of one shop; several sources may feed it (files first, then an interface), and the one that has told
most speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from config import now
from warehouse.store import Warehouse

State = Literal["fresh", "late", "silent", "ended", "relieved"]
Feed = tuple[str, str, str]
"""Fact, platform, shop."""

LATE: frozenset[State] = frozenset({"late", "silent"})
_LATE, _SILENT = 1.5, 4.0  # in expected intervals
_GRACE = timedelta(minutes=15)
ENDED = timedelta(days=30)  # of silence: nobody waits any more
_FILE_INTERVAL = timedelta(days=1)
_PRESENT = timedelta(minutes=20)  # whoever speaks so often tells of the present
_SITTING = 30  # seconds: batches closer than this came in one sitting and say nothing of a rhythm


@dataclass(frozen=True)
class Told:
    """One source, a door, a kind, a platform and a shop, as it stands whatever the clock says."""

    source: str
    kind: str
    platform: str
    shop: str
    complete_through: datetime | None
    last_loaded_at: datetime | None
    last_batch_id: int | None
    batches: int
    expected: timedelta  # how often it usually brings something
    facts: frozenset[str]  # what its kind speaks of

    @property
    def name(self) -> str:
        """As results name it."""
        return f"{self.source}:{self.kind}:{self.platform}:{self.shop}"

    @property
    def feeds(self) -> frozenset[Feed]:
        """What it feeds."""
        return frozenset((fact, self.platform, self.shop) for fact in self.facts)

    def state_at(self, moment: datetime) -> State:
        """Its state as of `moment`, looked at alone."""
        return state_of(None if self.complete_through is None else moment - self.complete_through, self.expected)


@dataclass(frozen=True)
class Source(Told):
    """A source judged at a moment."""

    lag: timedelta | None  # moment − complete_through
    state: State


def sources(warehouse: Warehouse, moment: datetime | None = None) -> list[Source]:
    """Every source that ever brought a batch, with its state as of `moment` (default now).

    See `state_of`; relieved: behind, but others have told more of everything it feeds. Mended rows are no source.
    """
    moment = moment or now(warehouse.settings)
    found = told(warehouse)
    first = foremost(found)
    judged = []
    for one in found:
        lag = moment - one.complete_through if one.complete_through else None
        state = one.state_at(moment)
        if state != "fresh" and one.feeds and all(first.get(feed, one) is not one for feed in one.feeds):
            state = "relieved"
        judged.append(Source(**vars(one), lag=lag, state=state))
    return judged


def state_of(lag: timedelta | None, expected: timedelta) -> State:
    """fresh: the lag is within one and a half expected intervals and 15 minutes; silent: beyond four; late: between;
    ended: silent for more than 30 days, so that nobody waits for it any more."""
    if lag is None:
        return "silent"
    if lag <= expected * _LATE + _GRACE:
        return "fresh"
    if lag <= expected * _SILENT + _GRACE:
        return "late"
    return "silent" if lag <= max(ENDED, expected * _SILENT) else "ended"


def tells_of(through: datetime, moment: datetime) -> bool:
    """Whether what is told in full up to `through` speaks of `moment` too: a file that is in time by its own rhythm may
    still lie a day behind, and a sum over it is then low without meaning it."""
    return state_of(moment - through, _PRESENT) == "fresh"


def foremost(found: Iterable[Told]) -> dict[Feed, Told]:
    """For each feed the source that has told most of it; sources without a time of their own speak for none."""
    best: dict[Feed, Told] = {}
    timed = [(one.complete_through, one) for one in found if one.complete_through is not None]
    for _, one in sorted(timed, key=lambda pair: (pair[0], pair[1].name)):
        best.update(dict.fromkeys(one.feeds, one))
    return best


def told(warehouse: Warehouse) -> list[Told]:
    """Every source as it stands. The rhythm of files is taken from their batches, the facts from the kind."""
    rows = warehouse.read(f"""
        WITH rhythm AS (
            SELECT source, kind, platform, shop, count(*) AS batches,
                   median(gap) FILTER (WHERE gap >= {_SITTING}) AS gap,
                   count(*) FILTER (WHERE gap >= {_SITTING}) AS gaps
            FROM (SELECT source, kind, platform, shop, epoch(loaded_at - lag(loaded_at) OVER
                         (PARTITION BY source, kind, platform, shop ORDER BY batch_id)) AS gap FROM load_batch)
            GROUP BY ALL),
        seen AS (  -- for warehouses loaded before `kind_fact` was kept
            SELECT DISTINCT b.kind, CASE WHEN subject IN ('sales', 'created') THEN 'order_line'
                   WHEN subject IN ('refunds', 'refund_cohort') THEN 'refund' WHEN subject = 'ads' THEN 'ad_spend'
                   WHEN subject = 'live' THEN 'live_session'
                   WHEN subject = 'video' THEN 'video_day' ELSE subject END AS fact
            FROM (SELECT DISTINCT subject, batch_id FROM coverage WHERE NOT contains(subject, '.')) AS c
            JOIN load_batch AS b USING (batch_id)
            WHERE b.kind NOT IN (SELECT kind FROM kind_fact)),
        speaks AS (SELECT kind, list(fact) AS facts FROM (FROM kind_fact UNION ALL FROM seen) GROUP BY kind)
        SELECT s.source, s.kind, s.platform, s.shop, s.complete_through, s.last_loaded_at, s.last_batch_id,
               coalesce(r.batches, 0) AS batches, r.gap, coalesce(r.gaps, 0) AS gaps, f.facts
        FROM source_state AS s LEFT JOIN rhythm AS r USING (source, kind, platform, shop)
             LEFT JOIN speaks AS f USING (kind)
        WHERE s.source <> 'mend' ORDER BY 1, 2, 3, 4""").to_pylist()
    found = []
    for row in rows:
        expected = _expected(warehouse, row["source"], row.pop("gaps"), row.pop("gap"))
        facts = frozenset(row.pop("facts") or ())
        found.append(Told(**row, expected=expected, facts=facts))
    return found


def _expected(warehouse: Warehouse, source: str, gaps: int, gap: float | None) -> timedelta:
    """Interfaces are asked at the set pace; files come at their own, taken from the past once there is one."""
    if "api" in source:
        return timedelta(seconds=warehouse.settings.pull_seconds)
    if gaps >= 3 and gap is not None:
        return max(timedelta(hours=1), min(timedelta(seconds=gap), timedelta(days=31)))
    return _FILE_INTERVAL
