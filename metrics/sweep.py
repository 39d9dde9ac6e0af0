"""What is most unusual in a period, asked of no metric in particular: events found, named and put in order.

Every declared watch (`metrics/watch.py`) is judged in all its corners and spans of hours against the four weeks
before (`metrics/scan.py`), events are taken apart within a fact (`metrics/unusual.py`), and what one event did to
several facts is told as one. Cells looked at are paid for: chance is Bonferroni's bound over them, with an equal
share of it for every watch and kind of corner (weights as in C. R. Genovese, K. Roeder and L. Wasserman, "False
discovery control with p-value weighting", Biometrika 93, 2006), so that five shops are not drowned by thousands of
SKUs. Adtributor (R. Bhagwan et al., NSDI 2014), Squeeze (Z. Li et al., ISSRE 2019) and RiskLoc (M. Kalander, 2022)
start where this ends: they are told the metric and the moment. `explain` is the door for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from config import now
from errors import UserError
from metrics.airtime import NOWHERE, Airtime, airtime
from metrics.facts import AXES
from metrics.habits import AGES
from metrics.leaves import Asker, Days, Panel, Reading, read
from metrics.scan import FEWEST
from metrics.sweep_sources import Through, silent, through
from metrics.sweep_stock import stock_outs
from metrics.types import Period, Scope
from metrics.unusual import AROUND, Event, Scan
from metrics.watch import FACTS, MOVES, PLANNED, REFUNDS, SOURCE, Fact
from warehouse import labels

if TYPE_CHECKING:
    from warehouse import Warehouse

HISTORY = 28  # days before the period
HEAVY = 400_000  # order lines in it from which its last fortnight is read only
MOST_DAYS = 7  # looked at, the last ones of a longer period
CAME_BACK = timedelta(days=10)  # before refunds in which a campaign may have sold what they are for
REAL = 0.01  # a fact has an incident on one day in a hundred: the odds that chance is held against
TOLD = 20
_PLACES = {"platform", "shop", "channel", "category", "province", "city"}


@dataclass(frozen=True)
class Swept:
    """Events, the most certain and dearest first; `days` of history they are held against; `cells` looked at."""

    period: Period
    events: tuple[Event, ...]
    days: int
    cells: int
    seconds: float
    data_version: int = 0


def sweep(
    warehouse: Warehouse,
    period: Period,
    scope: Scope,
    filters: Mapping[str, tuple[str, ...]] | None = None,
    base: Period | None = None,
) -> Swept:
    """What was not as usual in the last days of `period` (MOST_DAYS at most) up to now, within rights and filters.

    `base`: whole days to hold it against instead of the HISTORY days before. With fewer than a week of them nothing
    is known of what is usual, and nothing is found. Days of a campaign are no usual days.

    Raises:
        UserError: `period_empty`; what `query` raises for filters.
    """
    started = perf_counter()
    if period.start >= period.end:
        raise UserError("period_empty", start=period.start, end=period.end)
    asker = Asker(warehouse, scope, dict(filters or {}))
    end = min(period.end, now(warehouse.settings))
    start = max(period.start, _midnight(end - timedelta(microseconds=1)) - timedelta(days=MOST_DAYS - 1))
    if start >= end:
        return Swept(period, (), 0, 0, perf_counter() - started)
    version = warehouse.data_version
    first = _midnight(start)
    history = _history(asker, first, base)
    events, cells = [], 0
    told, feeds = through(asker)
    air = airtime(asker, history, start, end)
    if len(history) >= FEWEST:
        for fact in FACTS:
            found, looked = _of_fact(asker, fact, Period(start, end), history, told, air)
            events += found
            cells += looked
    for found, looked in (stock_outs(asker, start, end), silent(asker, end, feeds)):
        events += found
        cells += looked
    events = _known(asker, events)
    if asker.may("live_sessions"):
        events = off_air(events, air, told)
    ranked = tuple(ordered(joined(events))[:TOLD])
    return Swept(Period(start, end), ranked, len(history), cells, perf_counter() - started, version)


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time.min)


def _history(asker: Asker, first: datetime, base: Period | None) -> list[date]:
    """Days that say what is usual: within the data, no campaign."""
    begin, end = (base.start, base.end) if base else (first - timedelta(days=HISTORY), first)
    oldest = _oldest(asker)
    days = [(begin + timedelta(days=number)).date() for number in range((end - begin).days)]
    days = [day for day in days if oldest is not None and day >= oldest]
    sales = labels.campaigns(asker.warehouse, begin, end)
    plain = [day for day in days if not any(item.starts_at.date() <= day <= item.ends_at.date() for item in sales)]
    kept = plain if len(plain) >= 2 * FEWEST else days
    return kept[-2 * FEWEST :] if base is None and _heavy(asker, kept) else kept


def _heavy(asker: Asker, days: list[date]) -> bool:
    """Whether there is so much to read that half the history says enough."""
    if not days:
        return False
    with asker.warehouse.reader() as cursor:
        row = cursor.execute(
            "SELECT sum(row_count) FROM coverage WHERE subject = 'sales' AND day BETWEEN ? AND ?", [days[0], days[-1]]
        ).fetchone()
    return bool(row and row[0] and row[0] > HEAVY)


def _oldest(asker: Asker) -> date | None:
    """The first whole day with rows of any fact."""
    with asker.warehouse.reader() as cursor:
        row = cursor.execute(
            "SELECT min(first_at) FROM coverage WHERE subject IN ('sales', 'traffic', 'ads')"
        ).fetchone()
    return None if row is None or row[0] is None else row[0].date() + timedelta(days=1)


def _of_fact(
    asker: Asker, fact: Fact, period: Period, history: list[date], told: Through, air: Airtime
) -> tuple[list[Event], int]:
    """Events and cells of every day of the period. A day whose rows and history are what they were when it was looked
    at last is not looked at again."""
    metric = next((watch.metric for watch in fact.watches if asker.may(watch.metric)), None)
    if metric is None:
        return [], 0
    begin = datetime.combine(history[0], time.min)
    days = _refunds(asker, metric, begin, period.end) if fact is REFUNDS else _plain(asker, fact, metric, begin, period)
    if days is None:
        return [], 0
    events, cells, day = [], 0, period.start.date()
    while day <= period.end.date():
        hours = 24 if day < period.end.date() else period.end.hour
        if hours >= 2:
            rooms = _rooms(fact, air, (*history, day), hours)
            looked = _Look(fact, days, day, hours, tuple(history), period.start, _cuts(fact, day, hours, told), rooms)
            found, more = looked.once(asker)
            events += found
            cells += more
        day += timedelta(days=1)
    return events, cells


def _rooms(fact: Fact, air: Airtime, days: tuple[date, ...], hours: int) -> Airtime:
    """What a fact needs of the rooms of these days, the last of them up to an hour."""
    if not any(watch.per == PLANNED for watch in fact.watches):
        return NOWHERE
    ends = [datetime.combine(day, time.min) + timedelta(days=1) for day in days[:-1]]
    return air.within(days, max(*ends, datetime.combine(days[-1], time.min) + timedelta(hours=hours)))


def _plain(asker: Asker, fact: Fact, metric: str, begin: datetime, period: Period) -> Days | None:
    days = read(asker, [Reading(fact, metric)], begin, period.end)
    return days if any(piece.rows for piece in days.pieces.values()) else None


def _refunds(asker: Asker, metric: str, begin: datetime, end: datetime) -> Days | None:
    """Refunds beside what was sold in the weeks before them, in one table."""
    if not asker.may("orders"):
        return None
    columns = REFUNDS.columns | {"age": "date_diff('day', order_paid_at::DATE, success_at::DATE)", "sold": "0"}
    back = replace(REFUNDS, columns=columns, where="order_paid_at IS NOT NULL")
    zeros = dict.fromkeys(("refunds", "amount", "age"), "0")
    sold = Fact("sales", REFUNDS.dims, zeros | {"sold": "1"}, (), where="paid_amount > 0")
    readings = [Reading(back, metric), Reading(sold, "orders", by_day=True)]
    days = read(asker, readings, begin - timedelta(days=AGES), end)
    return days if any(piece.columns["refunds"].any() for piece in days.pieces.values()) else None


@dataclass(frozen=True)
class _Look:
    """One day of a fact beside its history; what no source has told yet (`cuts`) is left out of both."""

    fact: Fact
    days: Days
    day: date
    hours: int
    history: tuple[date, ...]
    start: datetime
    cuts: tuple[tuple[str, str, int], ...]
    air: Airtime

    @property
    def early(self) -> int:
        return self.start.hour if self.day == self.start.date() else 0

    @property
    def past(self) -> tuple[date, ...]:
        """The days whose rows are read: of refunds all before, for what was sold on them."""
        before = self.fact is REFUNDS
        return tuple(
            one for one in self.days.pieces if one != self.day and (one in self.history or (before and one < self.day))
        )

    def once(self, asker: Asker) -> tuple[list[Event], int]:
        """(events, cells) of the day."""
        past = self.past
        rights = tuple(
            asker.may(watch.metric, watch.asked(corner)) for watch in self.fact.watches for corner in watch.corners
        )
        seen = (self.days.question, past, self.days.tokens(past), self.day, self.days.tokens((self.day,)))
        key = (*seen, self.hours, self.history, self.early, self.cuts, self.air, rights)

        def look() -> tuple[list[Event], int]:
            scan = self._scan(asker)
            return scan.events(), scan.cells

        return self.days.kept.finding(key, look)

    def _scan(self, asker: Asker) -> Scan:
        first = min((*self.past, self.day))
        leaves = self.days.leaves(
            first, self.past, self.day, self.fact is not REFUNDS or self.day == max(self.days.pieces)
        )
        order = np.full(leaves.days + 1, -1, np.int16)
        for number, one in enumerate(self.history):
            if one in self.past:
                order[(one - first).days] = number + 1
        order[(self.day - first).days] = 0
        ticks = 1 if self.fact is REFUNDS else self.hours
        panel = Panel(self.day, self.hours, ticks, len(self.history) + 1, order, order[leaves.day])
        scan = Scan(asker, self.fact, leaves, panel, self.air)
        if self.early:
            scan.leave_out((leaves.hour < self.early) & ~(leaves.columns.get("sold", np.zeros(leaves.rows)) > 0))
        for platform, shop, hour in self.cuts:
            codes = [leaves.values[name].index(value) if value in leaves.values[name] else -1 for name, value in
                     (("platform", platform), ("shop", shop))]  # fmt: skip
            place = (leaves.codes["platform"] == codes[0]) & (leaves.codes["shop"] == codes[1])
            scan.leave_out(place & (leaves.hour >= hour))
        return scan


def _cuts(fact: Fact, day: date, hours: int, told: Through) -> tuple[tuple[str, str, int], ...]:
    """(platform, shop, hour) from which on a source has not told the day."""
    midnight, table = datetime.combine(day, time.min), AXES[fact.axis].table
    return tuple(
        (platform, shop, max(0, int((moment - midnight) / timedelta(hours=1))))
        for (name, platform, shop), moment in sorted(told.feeds.items())
        if name == table and moment < midnight + timedelta(hours=hours)
    )


def _known(asker: Asker, events: list[Event]) -> list[Event]:
    """Events with the campaign that was meant to bring them: more of everything in a place while one runs, and of
    what comes back in the days after."""
    if not events:
        return events
    begin = min(one.start for one in events) - CAME_BACK
    sales = labels.campaigns(asker.warehouse, begin, max(one.end for one in events))
    found = []
    for event in events:
        since = event.start - (CAME_BACK if event.metric == "refund_rate_cohort" else timedelta())
        names = [item.name for item in sales if item.starts_at < event.end and item.ends_at > since]
        meant = names and event.metric != SOURCE and event.count > event.usual and set(event.where) <= _PLACES
        found.append(replace(event, known=names[0]) if meant else event)
    return found


def off_air(events: list[Event], air: Airtime, told: Through) -> list[Event]:
    """Events of less from live rooms, marked where the rooms tell that none was on the air: that nobody spoke is seldom
    an accident, that a room on the air sells nothing always is one."""
    mine = [event for event in events if event.metric == "live_gmv" and event.count < event.usual]
    if not mine:
        return events
    end = max(event.end for event in mine)

    def marked(event: Event) -> Event:
        place = (event.full.get("platform"), event.full.get("shop"))
        known = told.until("live", *map(str, place))
        if event not in mine or known is None or known < min(event.end, end):
            return event
        return replace(event, off_air=not air.spoke(place, event.start, event.end))

    return [marked(event) for event in events]


# Putting together -----------------------------------------------------------------------------------------------------


def joined(events: Iterable[Event]) -> list[Event]:
    """Events with what followed from them beside: the nearest to a cause first, wider corners at that time join it."""
    heads: list[Event] = []
    for event in sorted(events, key=lambda item: (item.near, -item.evidence)):
        place = next((place for place, head in enumerate(heads) if _follows(event, head)), None)
        if place is None:
            heads.append(event)
            continue
        head = heads[place]
        same = event.metric == head.metric and event.where == head.where
        heads[place] = _longer(head, event) if same else replace(head, beside=(*head.beside, event))
    return heads


def _follows(event: Event, head: Event) -> bool:
    """Whether `event` is what `head` did elsewhere, or its next day."""
    same = event.metric == head.metric and event.where == head.where
    if not same and event.metric not in MOVES.get(head.metric, ()):
        return False
    gap = timedelta(hours=12 if same else AROUND)
    if event.start > head.end + gap or head.start > event.end + gap:
        return False
    if any(event.full[name] != head.full[name] for name in event.full.keys() & head.full.keys()):
        return False
    more = set(event.where) - set(head.full)
    return same or (bool(event.where) and more <= {"channel"})


def _longer(head: Event, event: Event) -> Event:
    """Two parts of one event in time."""
    surer = max(head, event, key=lambda item: item.evidence)
    apart = head.end <= event.start or event.end <= head.start
    yuan = head.yuan if head.yuan is None or event.yuan is None or not apart else head.yuan + event.yuan
    return replace(
        surer, start=min(head.start, event.start), end=max(head.end, event.end), yuan=yuan,
        count=head.count + apart * event.count, usual=head.usual + apart * event.usual,
        beside=(*head.beside, *event.beside),
    )  # fmt: skip


def ordered(events: list[Event]) -> list[Event]:
    """Faults of the data first, then by what they amount to times how likely they are real; what was planned, last."""
    return sorted(
        events,
        key=lambda item: (
            item.known is not None or item.off_air,
            item.metric != SOURCE,
            -abs(item.yuan or 0.0) * REAL / (REAL + item.by_chance),
            -item.evidence,
        ),
    )
