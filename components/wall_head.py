"""The wall's head: what day this is, which campaign runs, up to when the data reach, and who is late."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from components import answers, names
from warehouse import labels

if TYPE_CHECKING:
    from components.wall_model import Day

MOST_LATE = 2   # sources named in the head; the rest are counted


def head(day: Day, empty: bool) -> dict[str, Any]:
    """Title, what stands beside it, and the note that tells history from now."""
    if empty:
        return {"title": day.text("name"), "sub": [], "note": day.text("empty.warehouse")}
    weekday = day.text("weekdays").split()[day.day.weekday()]
    sub = [{"text": day.text("live_sub", day=day.day.isoformat(), weekday=weekday)}]
    if not day.live:
        last = day.ask("gmv").as_of or datetime.combine(day.day, time.max)
        return {"title": day.text("day_title", day=day.day.isoformat()), "sub": [{"text": weekday}],
                "note": day.text("historical", time=last.strftime("%Y-%m-%d %H:%M"))}
    running = next((item for item in campaigns(day) if item.starts_at <= day.at < item.ends_at), None)
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


def campaigns(day: Day) -> list[labels.Campaign]:
    """Campaigns that touch the day, the shortest first: the day of a sale says more than its season."""
    period = day.period
    context, view = day.view.context, day.view
    found: list[labels.Campaign] = answers.once(
        context, ("campaigns", period), lambda: labels.campaigns(context.warehouse, period.start, period.end))
    allowed = view.scope.rows.get("campaign")
    return sorted((item for item in found if allowed is None or item.name in allowed), key=lambda item: item.ends_at - item.starts_at)


def campaign_marks(day: Day) -> list[dict[str, Any]]:
    """Where campaigns begin and end within the day: minute and name."""
    start, end = day.period.start, day.period.end
    marks: dict[int, str] = {}
    for item in campaigns(day):
        for moment, word in ((item.starts_at, "campaign_starts"), (item.ends_at, "campaign_ends")):
            if start < moment < end - timedelta(minutes=1):
                marks.setdefault(int((moment - start) / timedelta(minutes=1)),
                                 f"{moment:%H:%M} {day.text(f'text.{word}', name=item.name)}")
    return [{"minute": minute, "label": label} for minute, label in sorted(marks.items())][:3]


def _states(day: Day) -> list[Any]:
    """Sources of sales with their freshness; asked anew at each picture, since lateness grows without new data."""
    try:
        from warehouse import freshness as fresh
    except ImportError:
        return []
    return [state for state in fresh.states(day.view.context.warehouse, day.at) if state.platform]


def late_sources(day: Day) -> list[tuple[str, datetime | None]]:
    """Sources behind their promise and how far they have told, the furthest behind first."""
    late = [state for state in _states(day) if state.state in ("late", "silent")]
    late.sort(key=lambda state: state.complete_through or datetime.min)
    return [(source_name(day, state), state.complete_through) for state in late]


def source_name(day: Day, state: Any) -> str:
    return names.value(day.view, "platform", state.platform)


def freshness(day: Day) -> dict[str, str]:
    """One line: data up to when, and which source is late by how much."""
    states = _states(day)
    if not states:
        return {"level": "silent", "text": day.text("fresh.none"), "late": ""}
    through = max((state.complete_through for state in states if state.complete_through), default=None)
    shown = "—" if through is None else through.strftime("%H:%M:%S" if through.date() == day.at.date() else "%Y-%m-%d %H:%M")
    late = [state for state in states if state.state in ("late", "silent")]
    level = "fresh" if not late or not day.live else "silent" if any(state.state == "silent" for state in late) else "late"
    return {"level": level, "text": day.text("fresh.through", time=shown), "late": _late_text(day, late) if day.live else ""}


def _late_text(day: Day, late: list[Any]) -> str:
    parts = [day.text(f"fresh.{state.state}", source=source_name(day, state), lag=lag(day, day.at - state.complete_through))
             for state in late if state.complete_through][:MOST_LATE]
    if len(late) > MOST_LATE:
        parts.append(day.text("fresh.more", count=len(late)))
    return " · ".join(parts)


def lag(day: Day, late: timedelta) -> str:
    """A lag in its largest fitting unit."""
    minutes = max(0, int(late / timedelta(minutes=1)))
    for size, word in ((2880, "days"), (120, "hours")):
        if minutes >= size:
            return day.text(f"fresh.{word}", n=minutes // (1440 if word == "days" else 60))
    return day.text("fresh.minutes", n=minutes)


def sku_names(day: Day, skus: tuple[str, ...]) -> dict[str, str]:
    """SKU → name."""
    context = day.view.context
    found: dict[str, str] = answers.once(context, ("sku_names", skus), lambda: labels.sku_names(context.warehouse, skus))
    return found


def sessions(day: Day) -> dict[str, labels.Session]:
    """The day's live sessions by id: title, host, start and end."""
    context, period = day.view.context, day.period
    found: dict[str, labels.Session] = answers.once(
        context, ("sessions", period), lambda: labels.sessions(context.warehouse, period.start, period.end))
    return found
