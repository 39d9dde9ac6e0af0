"""What a sweep says: a sentence for every event in Chinese and English, how sure it is, and where to look on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from i18n import text
from metrics.catalogue import catalogue
from metrics.findings import Name, where_text
from metrics.types import Period
from metrics.unusual import Event
from metrics.watch import SOURCE, STOCK

SURENESS = ((1e-6, "certain"), (1e-3, "sure"), (1.0, "likely"))
COHORT = timedelta(days=14)  # of orders behind a wave of refunds


@dataclass(frozen=True)
class Finding:
    """An event in words. `metric` and `where` with `period` are what `explain` is to be asked for more."""

    event: Event
    metric: str
    where: Mapping[str, Any]
    period: Period
    sentence: str
    worth: str | None
    sureness: str
    beside: str | None


def told(event: Event, lang: str, name: Name | None = None) -> Finding:
    """One event in the language `lang`; `name` gives values the names people use."""
    return Finding(
        event,
        event.metric,
        {key: value for key, value in event.where.items() if key in catalogue()[event.metric].dimensions},
        _period(event),
        _sentence(event, lang, name),
        None if event.yuan is None or abs(event.yuan) < 1 else _yuan(event.yuan, lang),
        next(word for limit, word in SURENESS if event.by_chance <= limit),
        _beside(event, lang),
    )


def _period(event: Event) -> Period:
    """The whole days of the event; of refunds the days in which was bought what came back."""
    first, last = event.start.date(), (event.end - timedelta(microseconds=1)).date()
    if event.metric == "refund_rate_cohort":
        first = last - COHORT
    return Period.days(first, last)


def _sentence(event: Event, lang: str, name: Name | None) -> str:
    key = {SOURCE: "source", STOCK: "stock", "refund_rate_cohort": "refunds"}.get(event.metric)
    if key is None:
        key = "level" if event.base is not None else "new"
    where = where_text(event.where, lang, name) if event.where else _say("all", lang)
    sentence = _say(
        key,
        lang,
        where=where,
        when=_when(event),
        metric=str(getattr(catalogue()[event.metric], lang)),
        value=_number(event, event.value, lang),
        base=_number(event, event.base, lang),
        count=f"{event.count:,.0f}",
        usual=f"{event.usual:,.0f}" if event.usual >= 10 else f"{event.usual:,.1f}",
        since=f"{event.start:%m-%d %H:%M}",
        subject=event.subject or "",
    )
    if event.off_air:
        sentence += _say("off_air", lang)
    return sentence + (_say("known", lang, name=event.known) if event.known else "")


def _when(event: Event) -> str:
    """Whole days as days, else with hours."""
    last = event.end - timedelta(microseconds=1)
    if event.start.hour == 0 and event.end.hour == 0 and event.end - event.start >= timedelta(days=1):
        days = f"{event.start:%m-%d}"
        return days if last.date() == event.start.date() else f"{days} – {last:%m-%d}"
    if event.end.date() == event.start.date() or event.end.hour == 0 and last.date() == event.start.date():
        return f"{event.start:%m-%d %H:%M}–{'24:00' if event.end.hour == 0 else f'{event.end:%H:%M}'}"
    return f"{event.start:%m-%d %H:%M} – {event.end:%m-%d %H:%M}"


def _number(event: Event, value: float | None, lang: str) -> str:
    unit = catalogue()[event.metric].unit
    if value is None:
        return text("explain.unknown", lang)
    if unit == "yuan":
        return _money(value, lang)
    if unit == "rate":
        return f"{value * 100:,.2f}%"
    return f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:,.1f}"


def _money(value: float, lang: str) -> str:
    shown = f"{abs(value):,.2f}" if abs(value) < 100 else f"{abs(value):,.0f}"
    return f"{shown} 元" if lang == "zh" else f"¥{shown}"


def _yuan(value: float, lang: str) -> str:
    return ("−" if value < 0 else "+") + _money(value, lang)


def _beside(event: Event, lang: str) -> str | None:
    metrics = dict.fromkeys(other.metric for other in event.beside if other.metric != event.metric)
    if not metrics:
        return None
    names = ("、" if lang == "zh" else ", ").join(str(getattr(catalogue()[one], lang)) for one in metrics)
    return _say("beside", lang, names=names)


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"explain.sweep.{key}", lang, **fields)
