"""The wall's larger blocks: the day's curve, channels, provinces, best sellers with stock, live rooms."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from components import format as fmt
from components import names, wall_head
from components.freshness import told_until
from components.tiles import PLACES, depth, sign_of
from components.wall_day import Day
from components.wall_kpis import change
from components.wall_model import last_year, minute_of
from metrics.types import Result
from warehouse.labels import Session

Tile = dict[str, Any]
STEPS = (10, 30, 60)  # minutes a point of the curve may stand for
WAKING, ENOUGH = 8, 5  # from this hour on, a step must hold sales in so many of its minutes
COVER_CRITICAL, COVER_WARNING = 1.0, 3.0  # days of cover


def curve(day: Day) -> Tile:
    """The day in steps against the day before and last year; what a late source has not told is hatched.

    Solid up to where every source in time has told all, dashed from there to the newest event.
    """
    result = day.ask("gmv", grain="minute")
    before, year = day.day - timedelta(days=1), last_year(day.day)
    base = day.ask("gmv", grain="minute", period=day.of(before))
    step = _step(base if base.rows else result)
    until = 1440 if not day.live else minute_of(day.day, result.as_of) or 0
    known = 1440 if not day.live else minute_of(day.day, result.complete_through or result.as_of) or 0
    lines = {
        "today": _steps(result, day.day, step, until),
        "base": _steps(base, before, step),
        "last": _steps(day.ask("gmv", grain="minute", period=day.of(year)), year, step),
    }
    if not any(lines["today"]):
        return {"kind": "curve", "empty": day.text("empty.day"), "as_of": told_until(result)}
    ticks = _ticks(max(value for line in lines.values() for value in line if value is not None), day.view.lang)
    late = _late(day, step, until)
    return {
        "kind": "curve",
        "title": _curve_title(day, step),
        "as_of": told_until(result),
        **lines,
        "ticks": ticks,
        "max": ticks[-1]["at"],
        "late": late,
        "sure": max(0, min([known // step - 1, *(int(mark["from"]) - 1 for mark in late)])),
        "hours": [{"at": hour * 60 / step, "text": f"{hour:02d}:00"} for hour in range(0, 25, 4)],
        "marks": [{**mark, "at": mark["minute"] / step} for mark in wall_head.campaign_marks(day)],
        "side": 4.4 if day.view.lang == "zh" else 5.8,
        "names": _names(day, until // step * step),
        "alt": day.text("text.curve_alt", day=day.day.isoformat()),
    }


def _step(result: Result) -> int:
    """Minutes a point stands for: ten, or more in a shop so quiet that single orders would draw the curve."""
    moments = [datetime.fromisoformat(str(row["minute"])) for row in result.rows if row["gmv"]]
    paid = sum(at.hour >= WAKING for at in moments)
    return next((step for step in STEPS if paid * step >= ENOUGH * (24 - WAKING) * 60), STEPS[-1])


def _steps(result: Result, day: date, step: int, until: int = 1440) -> list[float | None]:
    """Minutes summed into steps. A step that is not over is left out: it would look like a fall. No data: no line."""
    points, through = 1440 // step, until // step
    if not result.rows:
        return [None] * points
    sums: list[float | None] = [0.0] * through + [None] * (points - through)
    for row in result.rows:
        at = (minute_of(day, row["minute"]) or 0) // step
        if at < through and row["gmv"] is not None:
            sums[at] = (sums[at] or 0.0) + row["gmv"]
    return sums


def _ticks(top: float, lang: str) -> list[Tile]:
    """Four or five round steps that hold the highest point."""
    step = next(
        unit * scale for scale in (10**e for e in range(-2, 12)) for unit in (1, 2, 2.5, 5) if unit * scale * 4 >= top
    )
    count = next(n for n in (2, 3, 4) if n * step >= top)
    return [
        {"at": n * step, "text": _round_text(fmt.plain(n * step, "yuan", lang)) if n else "0"} for n in range(count + 1)
    ]


def _round_text(text: str) -> str:
    """10.0万 → 10万: an axis needs no empty places."""
    return re.sub(r"\.0+(?=\D|$)", "", text)


def _late(day: Day, step: int, until: int) -> list[Tile]:
    """From where a late source stopped to where the others are."""
    if not day.live:
        return []
    marks: list[Tile] = []
    for name, told in wall_head.late_sources(day):
        start = minute_of(day.day, told) or 0
        if start < until:
            marks.append({"from": start / step, "to": until / step, "label": day.text("text.late_mark", source=name)})
    return sorted(marks, key=lambda mark: mark["from"])[:2]


def _curve_title(day: Day, step: int) -> str:
    """The question answered: is today faster than yesterday?"""
    what = day.text(f"tile.curve_{step}")
    whole = day.ask("gmv", compare="yesterday")
    pct = whole.rows[0].get("gmv__pct") if whole.rows else None
    if pct is None or not day.live:
        return what
    word = "faster" if pct >= 0.0005 else "slower" if pct <= -0.0005 else "level"
    return f"{what} · {day.text(f'tile.{word}', pct=fmt.share(abs(pct)))}"


def _names(day: Day, minutes: int) -> Tile:
    at = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return {
        "today": day.text("text.today_at" if day.live else "text.that_day", time=at),
        "base": day.text("text.yesterday" if day.live else "text.day_before"),
        "last": day.text("text.last_year"),
    }


def channels(day: Day) -> Tile:
    """Where the money comes from, by platform and channel, with the change against the day before."""
    result = day.ask("gmv", by=("platform", "channel"), compare="yesterday", order="-gmv", limit=6)
    rows = [row for row in result.rows if row["gmv"]]
    if not rows:
        return {"kind": "bars", "empty": day.text("empty.day"), "as_of": told_until(result)}
    top = max(row["gmv"] for row in rows)
    return {
        "kind": "bars",
        "as_of": told_until(result),
        "rows": [
            {
                "name": _source(day, row),
                "share": max(0.0, row["gmv"] / top),
                "text": fmt.plain(row["gmv"], "yuan", day.view.lang),
                "delta": change(day, "gmv", result, row),
            }
            for row in rows
        ],
    }


def _source(day: Day, row: dict[str, Any]) -> str:
    parts = [names.value(day.view, name, row[name]) for name in ("platform", "channel") if row[name]]
    return " ".join(parts)


def provinces(day: Day) -> Tile:
    """The country as tiles, each as strong as its share of the first."""
    result = day.ask("gmv", by=("province",), order="-gmv")
    told = {row["province"]: row["gmv"] for row in result.rows if row["province"] in PLACES and row["gmv"]}
    if not told:
        return {"kind": "map", "empty": day.text("empty.provinces"), "as_of": told_until(result)}
    top, lang = max(told.values()), day.view.lang
    tiles = [
        {
            "short": sign_of(name, lang),
            "x": x,
            "y": y,
            "level": depth(told[name], top) / 10 if name in told else None,
            "title": f"{names.value(day.view, 'province', name)} {fmt.plain(told.get(name), 'yuan', lang)}",
        }
        for name, (_, y, x) in PLACES.items()
    ]
    best = [
        {"name": names.value(day.view, "province", name), "text": fmt.plain(told[name], "yuan", lang)}
        for name in sorted(told, key=lambda name: -told[name])[: 3 if lang == "zh" else 2]
    ]
    return {
        "kind": "map",
        "as_of": told_until(result),
        "tiles": tiles,
        "top": best,
        "alt": day.text("text.map_alt", **best[0]),
        "cols": 9,
        "rows": 8,
    }


def skus(day: Day) -> Tile:
    """What sells most today, and how many days the stock still lasts."""
    sold = day.ask("items", by=("sku",), order="-items", limit=6)
    rows = [row for row in sold.rows if row["sku"]]
    if not rows:
        return {"kind": "list", "empty": day.text("empty.skus"), "as_of": told_until(sold)}
    codes = tuple(str(row["sku"]) for row in rows)
    stock = {
        row["sku"]: row for row in day.ask("stock_available", "days_of_cover", by=("sku",), filters={"sku": codes}).rows
    }
    labels = wall_head.sku_names(day, codes)
    return {
        "kind": "list",
        "as_of": told_until(sold),
        "widths": ["53%", "15%", "15%", "17%"],
        "head": [day.text(f"text.col_{name}") for name in ("sku", "items", "stock", "cover")],
        "rows": [_sku_row(day, at, row, stock.get(row["sku"], {}), labels) for at, row in enumerate(rows, 1)],
    }


def _sku_row(day: Day, at: int, row: dict[str, Any], stock: dict[str, Any], labels: dict[str, str]) -> list[Tile]:
    lang, cover, left = day.view.lang, stock.get("days_of_cover"), stock.get("stock_available")
    tone = (
        None
        if cover is None
        else "critical"
        if cover < COVER_CRITICAL
        else "warning"
        if cover < COVER_WARNING
        else None
    )
    name = labels.get(row["sku"], row["sku"])
    return [
        {"text": name, "title": name, "rank": str(at)},
        {"text": fmt.plain(row["items"], "count", lang)},
        {"text": fmt.plain(left, "count", lang)},
        {"text": fmt.DASH if cover is None else f"{'▲ ' if tone == 'critical' else ''}{cover:,.1f}", "tone": tone},
    ]


def live(day: Day) -> Tile:
    """The rooms on air now; when there is none, those of the day, the strongest first. As old as what was told of them,
    not as their start."""
    result = day.ask("live_gmv", "acu", "live_gpm", by=("live_session",), order="-live_gmv", limit=40)
    rows = [row for row in result.rows if row["live_session"]]
    known = wall_head.sessions(day)
    on_air = [
        row for row in rows if day.live and (at := known.get(row["live_session"])) and (at.ended_at or day.at) >= day.at
    ]
    title = day.text("tile.live" if on_air else "tile.live_today" if day.live else "tile.live_day")
    if not rows:
        return {
            "kind": "list",
            "title": title,
            "empty": day.text("empty.live_now" if day.live else "empty.live_none"),
            "as_of": told_until(result),
        }
    return {
        "kind": "list",
        "title": title,
        "as_of": told_until(result),
        "widths": ["46%", "18%", "18%", "18%"],
        **({} if on_air else {"limit": None, "late_after": None}),  # sessions that are over do not grow old
        "head": [day.text(f"text.col_{name}") for name in ("session", "online", "gpm", "gmv")],
        "rows": [_session_row(day, row, known) for row in (on_air or rows)[:5]],
    }


def _session_row(day: Day, row: dict[str, Any], known: dict[str, Session]) -> list[Tile]:
    lang, session = day.view.lang, known.get(row["live_session"])
    name = (session and (session.title or session.creator)) or row["live_session"]
    when = f"{session.started_at:%H:%M} " if session else ""
    return [
        {"text": when + name, "title": name},
        {"text": fmt.plain(row["acu"], "count", lang)},
        {"text": fmt.plain(row["live_gpm"], "count", lang)},
        {"text": fmt.plain(row["live_gmv"], "yuan", lang)},
    ]
