"""When live rooms were on the air, and when they were to be: a room that goes off long before its usual end was cut.

The usual length of a room is the median of those of its shop that went on the air at about the same time of other days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from metrics.leaves import Asker
from metrics.scan import Numbers
from metrics.shape import number_text

NEAR = timedelta(minutes=90)  # between the beginnings of rooms that are the same programme
FEWEST = 5  # rooms that say how long one usually lasts
RECENT, PART = timedelta(hours=2), 0.25  # before an event in which a room may have gone off; of it, of which it speaks
LONGEST = timedelta(days=1)


@dataclass(frozen=True)
class Room:
    """A live room on the air; `ended` of one that still is, the moment it was asked at."""

    platform: str
    shop: str
    started: datetime
    ended: datetime
    planned: bool = False  # `ended` is when it was to end, by others

    @property
    def place(self) -> tuple[str, str]:
        return self.platform, self.shop


@dataclass(frozen=True)
class Airtime:
    """Rooms of some days with the ends they were to have."""

    rooms: tuple[Room, ...] = ()

    def spoke(self, place: tuple[object, object], start: datetime, end: datetime) -> bool:
        """Whether a room was to be on the air for a good part of [start, end), or where nobody knows how long one was
        to be, has been shortly before."""
        lead = [(room, timedelta() if room.planned else RECENT) for room in self.rooms if room.place == place]
        meets = [min(room.ended + more, end) - max(room.started, start) for room, more in lead]
        return any(
            meet > timedelta() and (meet >= PART * (end - start) or not room.planned)
            for meet, (room, _) in zip(meets, lead, strict=True)
        )

    def within(self, days: Sequence[date], end: datetime) -> Airtime:
        """What `minutes` of these days needs, the last of them up to `end`: a room that is on the air just now makes
        no difference to the days before, nor to the hours that are over."""
        midnights = [datetime.combine(day, time.min) for day in days]
        found = [
            replace(room, ended=min(room.ended, end))
            for room in self.rooms
            if any(room.started < midnight + LONGEST and room.ended > midnight for midnight in midnights)
        ]
        return Airtime(tuple(room for room in found if room.started < end))

    def minutes(self, place: tuple[str, str], days: Sequence[date | None], hours: int) -> Numbers:
        """(day, hour) minutes that rooms of this place were to be on the air."""
        found = np.zeros((len(days), hours))
        mine = [room for room in self.rooms if room.place == place]
        edges = [timedelta(hours=hour) for hour in range(hours + 1)]
        for number, day in enumerate(days):
            midnight = datetime.combine(day, time.min) if day else None
            for room in mine if midnight else ():
                if midnight is not None and room.started < midnight + LONGEST and room.ended > midnight:
                    upto = [min(max(midnight + edge, room.started), room.ended) for edge in edges]
                    found[number] += np.diff([(moment - midnight) / timedelta(minutes=1) for moment in upto])
        return found


def rooms(asker: Asker, begin: datetime, end: datetime) -> list[Room]:
    """Rooms that went on the air in [begin, end), within the asker's rights."""
    if not asker.may("live_sessions"):
        return []
    where, params = asker.condition("live", "live_sessions")
    sql = f"""SELECT platform, shop, started_at, coalesce(ended_at, started_at + to_minutes(minutes::BIGINT), $end)
              FROM live_session WHERE started_at >= $begin AND started_at < $end AND {where} ORDER BY ALL"""
    text, names = number_text(sql)
    with asker.warehouse.reader() as cursor:
        given = params | {"begin": begin, "end": end}
        return [Room(*row) for row in cursor.execute(text, [given[name] for name in names]).fetchall()]


def airtime(asker: Asker, history: Sequence[date], start: datetime, end: datetime) -> Airtime:
    """Rooms of the days of the history and of [start, end), each with the end it was to have."""
    if not history:
        return Airtime()
    usual = set(history)
    found = rooms(asker, datetime.combine(min(usual), time.min) - LONGEST, end)
    past = [room for room in found if room.started.date() in usual and room.started < start]
    asked = [room for room in found if room.started >= start - LONGEST]
    return Airtime(tuple(_planned(room, past) for room in dict.fromkeys((*past, *asked))))


def _planned(room: Room, past: Sequence[Room]) -> Room:
    lengths = [
        one.ended - one.started
        for one in past
        if one.place == room.place and one.started != room.started and _apart(one.started, room.started) <= NEAR
    ]
    if len(lengths) < FEWEST:
        return room
    usual = sorted(lengths)[len(lengths) // 2]
    return Room(*room.place, room.started, max(room.ended, room.started + min(usual, LONGEST)), True)


def _apart(one: datetime, other: datetime) -> timedelta:
    """Between two times of day."""
    gap = abs(timedelta(hours=one.hour - other.hour, minutes=one.minute - other.minute))
    return min(gap, timedelta(days=1) - gap)


NOWHERE = Airtime()
