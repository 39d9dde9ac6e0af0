"""The picture of a wall as plain data: each tile asks `metrics.query`, says how old it is, and fails by itself.

The wall looks at one day: today while data come in, else the last day that has data, and then it says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from components import answers, wall_alarms, wall_head
from components.view import View
from components.wall_day import Day
from config import now
from errors import CockpitError

log = logging.getLogger(__name__)


Tile = Callable[[Day], dict[str, Any]]


def model(view: View, tiles: Mapping[str, Tile], build: str) -> dict[str, Any]:
    """The picture: head, freshness, alarms and every tile, as texts and pixels-to-be."""
    at = now(view.context.settings)
    empty = answers.is_empty(view.context, view.scope)
    day = Day(view, at.date() if empty else answers.anchor(view.context, view.scope), at)
    limits = wall_head.limits(day)
    return {
        "app": build,
        "version": view.version,
        "now": at.isoformat(),
        "today": at.date().isoformat(),
        "mode": "live" if day.live else "past",
        **wall_head.head(day, empty),
        "alerts": wall_alarms.alarms(day),
        "fresh": wall_head.freshness(day),
        "tiles": {name: {**limits, **_tile(day, name, tile, empty)} for name, tile in tiles.items()},
    }


def _tile(day: Day, name: str, tile: Tile, empty: bool) -> dict[str, Any]:
    title = day.text(f"tile.{name}")
    if empty:
        return _without(day, name, title, day.text("empty.warehouse"))
    try:
        drawn = tile(day)
    except CockpitError as error:
        refused = error.code == "not_allowed"
        told = "" if refused else day.text("empty.failed", detail=error.text(day.view.lang))
        return _without(day, name, title, told or day.text("empty.not_allowed"))
    except Exception:  # one tile that breaks must not take the wall with it
        log.exception("wall tile %s", name)
        return _without(day, name, title, day.text("empty.broken"))
    as_of = drawn.pop("as_of", None)
    return {"title": title, **drawn, **_age(day, as_of)}


def _without(day: Day, name: str, title: str, sentence: str) -> dict[str, Any]:
    if name in ("gmv", "pace", "orders", "net_sales", "cvr"):
        short = day.text("empty.short") if sentence == day.text("empty.warehouse") else sentence
        return {"kind": "kpi", "title": title, "number": "—", "why": short}
    return {"kind": "list", "title": title, "empty": sentence}


def _age(day: Day, as_of: datetime | None) -> dict[str, Any]:
    if as_of is None:
        return {"as_of": None, "as_of_text": ""}
    within = min(as_of, day.at)
    same_day = within.date() == day.day  # the day itself stands in the head
    return {
        "as_of": within.isoformat(timespec="seconds"),
        "as_of_text": within.strftime(("%H:%M:%S" if day.live else "%H:%M") if same_day else "%m-%d %H:%M"),
    }


def last_year(day: date) -> date:
    """The same date a year earlier; 29 February answers to the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def minute_of(day: date, moment: datetime | str | None) -> int | None:
    """Minutes from the day's midnight, held to 0 … 1440; None without a moment. ISO text is read too."""
    if moment is None:
        return None
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    start = datetime.combine(day, time.min)
    return max(0, min(1440, int((moment - start) / timedelta(minutes=1))))
