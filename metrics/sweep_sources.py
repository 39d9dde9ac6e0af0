"""Sources that have fallen silent: hours in which a feed always spoke before and says nothing now, while others speak.

A silent feed is a fault of the data, not of the business, and makes what is read from it doubtful: it comes first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from config import now
from metrics.facts import AXES
from metrics.leaves import Asker
from metrics.scan import chance
from metrics.unusual import SURE, Event
from metrics.watch import NEAR_SOURCE, SOURCE
from warehouse import freshness
from warehouse.freshness import Told

DAYS, USUAL, FEWEST = 28, 0.9, 7
BEHIND = timedelta(hours=2)  # less is the usual way of files told once an hour
_TIMES = {"order_line": "paid_at", "refund": "success_at", "traffic": "at", "ad_spend": "at"}


@dataclass(frozen=True)
class Through:
    """Up to when each feed (fact, platform, shop) has told everything, by what its source says."""

    feeds: dict[tuple[str, str, str], datetime]

    def until(self, axis: str, platform: str, shop: str) -> datetime | None:
        """The moment for rows of this axis; None where no source says."""
        return self.feeds.get((AXES[axis].table, platform, shop))


def through(asker: Asker) -> tuple[Through, list[Told]]:
    """What the sources have told, and the foremost source of every feed."""
    first = freshness.foremost(freshness.told(asker.warehouse))
    feeds = {feed: one.complete_through for feed, one in first.items() if one.complete_through is not None}
    return Through(feeds), list({id(one): one for one in first.values()}.values())


def silent(asker: Asker, end: datetime, told: list[Told]) -> tuple[list[Event], int]:
    """(sources silent at `end`, hours looked at). Of a period that lies back nothing is said: all has come since."""
    if not asker.may(SOURCE, ("shop",)) or not asker.may(SOURCE):
        return [], 0
    clock = now(asker.warehouse.settings)
    allowed = {name: asker.scope.rows.get(name) for name in ("platform", "shop")}
    held = {name: asker.filters.get(name) for name in ("platform", "shop")}
    mine = [
        one
        for one in told
        if one.complete_through is not None
        and all(
            some is None or getattr(one, name) in some for rights in (allowed, held) for name, some in rights.items()
        )
    ]
    newest = max((one.complete_through for one in told if one.complete_through), default=None)
    if newest is None or end < newest - BEHIND:
        return [], 0
    found: list[tuple[Told, int, timedelta]] = []
    looked = 0
    for one in mine:
        assert one.complete_through is not None
        lag = min(clock, newest) - one.complete_through
        tables = sorted(one.facts & _TIMES.keys())
        if not tables or lag < BEHIND:
            looked += 24
            continue
        missing = [hour for table in tables for hour in _missing(asker, table, one, min(clock, newest))]
        looked += 24
        if missing:
            found.append((one, len(missing), lag))
    events = [_event(one, hours, lag, max(looked, 1), clock) for one, hours, lag in found]
    return [event for event in events if event.by_chance <= SURE], looked


def _missing(asker: Asker, table: str, one: Told, end: datetime) -> list[datetime]:
    """Whole hours since the source spoke last in which it usually did, at the same hour of the weeks before."""
    assert one.complete_through is not None
    name = _TIMES[table]
    midnight = datetime.combine(one.complete_through.date(), time.min)
    with asker.warehouse.reader() as cursor:
        rows = cursor.execute(
            f"""SELECT DISTINCT date_trunc('hour', "{name}") FROM {table}
                WHERE platform = ? AND shop = ? AND "{name}" >= ? AND "{name}" < ?""",
            [one.platform, one.shop, midnight - timedelta(days=DAYS), end],
        ).fetchall()
    spoke = {row[0] for row in rows}
    days = {moment.date() for moment in spoke if moment < midnight}
    hour = one.complete_through.replace(minute=0, second=0, microsecond=0)
    hour += timedelta(hours=hour < one.complete_through)
    found: list[datetime] = []
    while hour + timedelta(hours=1) <= end and len(found) < 7 * 24:
        usual = sum(datetime.combine(day, hour.time()) in spoke for day in days)
        if hour not in spoke and len(days) >= FEWEST and usual >= USUAL * len(days):
            found.append(hour)
        hour += timedelta(hours=1)
    return found


def _event(one: Told, hours: int, lag: timedelta, looked_at: int, clock: datetime) -> Event:
    """Each hour was spoken in on all (but a few) of some 28 days: chance of one silent one is 1 in 29."""
    score = math.sqrt(2 * hours * math.log(DAYS + 1))
    where = {"shop": one.shop}
    assert one.complete_through is not None
    return Event(
        SOURCE, where, where | {"platform": one.platform}, one.complete_through, clock, float(hours), 0.0,
        lag.total_seconds(), 0.0, None, score, chance(score, looked_at), NEAR_SOURCE, subject=one.kind,
        looked=math.log(looked_at),
    )  # fmt: skip
