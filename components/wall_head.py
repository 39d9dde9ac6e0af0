"""The wall's head: what day this is, which campaign runs, up to when the data reach, and who is late."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import connectors
from components import answers, names, occasions
from components.freshness import STALE_MINUTES
from components.source_view import span
from components.wall_day import Day
from warehouse import freshness as fresh
from warehouse import labels

LATE_SECONDS, LIMIT_SECONDS = 600, 1800  # the least that amber and grey wait for
MOST_LATE = 2  # sources named in the head; the rest are counted


def head(day: Day, empty: bool) -> dict[str, Any]:
    """Title, what stands beside it, and the note that tells history from now."""
    if empty:
        return {"title": day.text("name"), "sub": [], "note": day.text("empty.warehouse")}
    weekday = day.text("weekdays").split()[day.day.weekday()]
    sub = [{"text": day.text("live_sub", day=day.day.isoformat(), weekday=weekday)}]
    if not day.live:
        last = day.ask("gmv").as_of or datetime.combine(day.day, time.max)
        return {
            "title": day.text("day_title", day=day.day.isoformat()),
            "sub": [{"text": weekday}],
            "note": day.text("historical", time=last.strftime("%Y-%m-%d %H:%M")),
        }
    running = next(
        (item for item in occasions.campaigns(day.view, day.period) if item.starts_at <= day.at < item.ends_at), None
    )
    if running is None:
        return {"title": day.text("today_title"), "sub": sub, "note": ""}
    count = (day.at.date() - running.starts_at.date()).days + 1
    left = [{"text": " · " + day.text("campaign_left")}, {"text": _left(day, running.ends_at - day.at), "strong": True}]
    return {"title": day.text("campaign_day", name=running.name, n=count), "sub": [*sub, *left], "note": ""}


def _left(day: Day, left: timedelta) -> str:
    hours, minutes = left.seconds // 3600, left.seconds % 3600 // 60
    if left.days:
        return day.text("campaign_left_days", days=left.days, hours=hours)
    return day.text("campaign_left_hours", hours=hours, minutes=minutes)


def campaign_marks(day: Day) -> list[dict[str, Any]]:
    """Where campaigns begin and end within the day: minute and name."""
    start, end = day.period.start, day.period.end
    marks: dict[int, str] = {}
    for item in occasions.campaigns(day.view, day.period):
        for moment, word in ((item.starts_at, "campaign_starts"), (item.ends_at, "campaign_ends")):
            if start < moment < end - timedelta(minutes=1):
                marks.setdefault(
                    int((moment - start) / timedelta(minutes=1)),
                    f"{moment:%H:%M} {day.text(f'text.{word}', name=item.name)}",
                )
    return [{"minute": minute, "label": label} for minute, label in sorted(marks.items())][:3]


def sources(day: Day) -> list[fresh.Source]:
    """The sources of sales: one for each platform and shop, the one that has told most. Asked anew at each picture."""
    best: dict[tuple[str, str], fresh.Source] = {}
    for one in fresh.sources(day.view.context.warehouse, day.at):
        kind = connectors.kind_named(one.kind)
        sells = kind is not None and any(into.fact == "order_line" for into in kind.into)
        if sells and one.complete_through is not None and _seen(day, one):
            kept = best.get((one.platform, one.shop))
            if kept is None or kept.complete_through is None or kept.complete_through < one.complete_through:
                best[one.platform, one.shop] = one
    return sorted(best.values(), key=lambda one: one.complete_through or datetime.min)


def _seen(day: Day, one: fresh.Source) -> bool:
    rows = day.view.scope.rows
    return all(getattr(one, name) in rows[name] for name in ("platform", "shop") if name in rows)


def limits(day: Day) -> dict[str, int]:
    """How old a tile may be before it is amber, and before it is greyed: by how often the liveliest source speaks."""
    pace = min((one.expected for one in sources(day)), default=timedelta(0))
    return {
        "late_after": max(LATE_SECONDS, int(pace.total_seconds())),
        "limit": max(LIMIT_SECONDS, int(pace.total_seconds() * 1.5) + 900),
    }


def late_sources(day: Day) -> list[tuple[str, datetime | None]]:
    """Sources behind their promise and how far they have told, the furthest behind first."""
    return [(source_name(day, one), one.complete_through) for one in sources(day) if one.state in ("late", "silent")]


def source_name(day: Day, one: fresh.Source) -> str:
    """The platform, with the shop where it has several."""
    name = names.value(day.view, "platform", one.platform)
    alone = sum(other.platform == one.platform for other in sources(day)) == 1
    return name if alone else f"{name} {one.shop}"


def freshness(day: Day) -> dict[str, str]:
    """One line: data up to when, and which source is late by how much."""
    states = sources(day)
    if not states:
        return {"level": "silent", "text": day.text("fresh.none"), "late": ""}
    through = max((state.complete_through for state in states if state.complete_through), default=None)
    shown = (
        "—"
        if through is None
        else through.strftime("%H:%M:%S" if through.date() == day.at.date() else "%Y-%m-%d %H:%M")
    )
    late = [state for state in states if state.state in ("late", "silent")]
    old = through is None or day.at - through > timedelta(minutes=STALE_MINUTES)
    level = "old" if day.live and old else "fresh"  # nobody is late, and yet it is no green light
    if late and day.live:
        level = "silent" if any(state.state == "silent" for state in late) else "late"
    return {
        "level": level,
        "text": day.text("fresh.through", time=shown),
        "late": _late_text(day, late) if day.live else "",
    }


def _late_text(day: Day, late: list[Any]) -> str:
    parts = [
        day.text(
            f"fresh.{state.state}", source=source_name(day, state), lag=span(day.view, day.at - state.complete_through)
        )
        for state in late
        if state.complete_through
    ][:MOST_LATE]
    if len(late) > MOST_LATE:
        parts.append(day.text("fresh.more", count=len(late)))
    return " · ".join(parts)


def sku_names(day: Day, skus: tuple[str, ...]) -> dict[str, str]:
    """SKU → name."""
    context = day.view.context
    found: dict[str, str] = answers.once(
        context, ("sku_names", skus), lambda: labels.sku_names(context.warehouse, skus)
    )
    return found


def sessions(day: Day) -> dict[str, labels.Session]:
    """The day's live sessions by id: title, host, start and end."""
    context, period = day.view.context, day.period
    found: dict[str, labels.Session] = answers.once(
        context, ("sessions", period), lambda: labels.sessions(context.warehouse, period.start, period.end)
    )
    return found
