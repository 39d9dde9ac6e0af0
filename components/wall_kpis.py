"""The wall's figures: value, what it is held against, and for the target the pace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import metrics
from components import format as fmt
from components.freshness import told_until
from components.wall_day import Day
from i18n import catalogue
from metrics.types import Result

Tile = dict[str, Any]
BEHIND = timedelta(minutes=5)  # from here on the pace says of which minute it is


def gmv(day: Day) -> Tile:
    """Sales of the day against the day before at the same time and last year."""
    tile = figure(day, "gmv", ("yesterday", "last_year"))
    tile["title"] = day.text("tile.gmv" if day.live else "tile.gmv_day")
    if tile["value"] is not None:
        tile["side"] = tile["exact"] if day.view.lang == "zh" else f"¥{tile['value']:,.2f}"
        tile |= rolling(tile["value"], day.view.lang)
    return tile


def rolling(value: float, lang: str) -> Tile:
    """The day's sales with figures enough to be seen moving: whole yuan, from a million on two places of 万 or M."""
    for step, name in ((1e8, "亿"), (1e4, "万")) if lang == "zh" else ((1e9, "B"), (1e6, "M")):
        if abs(value) >= max(step, 1e6):
            return _sized(f"{value / step:,.2f}", name, lang)
    return _sized(f"{value:,.0f}", "元" if lang == "zh" else "", lang)


def _sized(figure: str, unit: str, lang: str) -> Tile:
    figure = figure.replace("-", fmt.MINUS)
    return {"number": figure if lang == "zh" else f"¥{figure}", "unit": unit}


def money(value: float | None, lang: str) -> str:
    """Yuan for a line of text; small amounts keep their unit."""
    shown = fmt.plain(value, "yuan", lang)
    return f"{shown} 元" if lang == "zh" and value is not None and shown[-1].isdigit() else shown


def of(metric: str, otherwise: str | None = None) -> Callable[[Day], Tile]:
    """A tile of one metric against the day before; `otherwise` stands in where the sources do not tell the first."""

    def tile(day: Day) -> Tile:
        shown = figure(day, metric, ("yesterday",))
        if shown["value"] is None and otherwise:
            instead = figure(day, otherwise, ("yesterday",))
            if instead["value"] is not None:
                return {**instead, "title": day.text(f"tile.{otherwise}")}
        return shown

    return tile


def figure(day: Day, metric: str, against: tuple[str, ...]) -> Tile:
    """One metric's value and its changes."""
    results = [day.ask(metric, compare=word) for word in against]
    first = results[0]
    value = _cell(first, metric)
    shown = fmt.number(value, first.units.get(metric, "count"), day.view.lang)
    tile: Tile = {
        "kind": "kpi",
        "value": value,
        "number": shown.main,
        "unit": shown.unit or _unit(day, metric, value),
        "exact": shown.exact,
        "as_of": told_until(first),
    }
    if value is None:
        tile["why"] = reason(day, first, metric)
    tile["deltas"] = [
        d for word, result in zip(against, results, strict=True) if (d := _delta(day, metric, word, result))
    ]
    return tile


def pace(day: Day) -> Tile:
    """How much of the day's target is reached by all that is known, and how much was due where the data are told."""
    result = day.ask("gmv", compare="target")
    done, target, due, gap = (_cell(result, f"gmv__{name}") for name in ("attainment", "target", "pace", "diff"))
    if done is None or not target:
        return {
            "kind": "kpi",
            "number": fmt.DASH,
            "unit": "",
            "value": None,
            "why": day.text("empty.no_target"),
            "as_of": told_until(result),
        }
    shown = fmt.number(done, "rate", day.view.lang)
    facts = (
        []
        if due is None or gap is None  # no source has told the whole of any part of today: nothing can be due yet
        else [
            {"label": _due_label(day, result), "text": fmt.share(due)},
            {"label": day.text("text.ahead" if gap >= 0 else "text.behind"), "text": money(abs(gap), day.view.lang)},
        ]
    )
    label = day.text("text.pace_alt", done=fmt.share(done), due=fmt.share(due))
    return {
        "kind": "kpi",
        "value": done,
        "number": shown.main,
        "unit": shown.unit,
        "exact": shown.exact,
        "as_of": told_until(result),
        "side": f"{day.text('text.target')} {money(target, day.view.lang)}",
        "pace": {"done": done, "due": due, "label": label},
        "facts": facts,
    }


def _due_label(day: Day, result: Result) -> str:
    """'due', with the time where the share is older than the newest sale."""
    told = result.complete_through
    if told is None or result.as_of is None or not day.live or result.as_of - told < BEHIND:
        return day.text("text.due")
    return day.text("text.due_at", time=f"{told:%H:%M}")


def change(day: Day, metric: str, result: Result, row: dict[str, Any]) -> Tile | None:
    """A row's change as text and tone; None when there is nothing to hold it against."""
    declared = metrics.catalogue()[metric]
    delta = fmt.delta(
        row.get(f"{metric}__diff"),
        row.get(f"{metric}__pct"),
        result.units.get(metric, "count"),
        declared.direction,
        day.view.lang,
    )
    if delta is None:
        return None
    tone = {"up": "rise", "down": "fall", "flat": "flat"}[delta.way]
    bad = day.text("text.bad") if delta.bad and delta.way == "up" else None
    return {"text": delta.text, "tone": tone, "bad": bad}


def _delta(day: Day, metric: str, word: str, result: Result) -> Tile | None:
    found = change(day, metric, result, result.rows[0]) if result.rows else None
    if found is None:
        return None
    return {**found, "label": day.before if word == "yesterday" else day.text(f"text.against_{word}")}


def reason(day: Day, result: Result, metric: str) -> str:
    """Why a metric has no value here, in the reader's words."""
    code = result.notes.get(metric)
    key = f"components.reason.{code}"
    told = day.view.text(key) if code else ""
    return told if told and told != key else day.text("empty.not_told")


def _unit(day: Day, metric: str, value: float | None) -> str:
    """The small word beside a bare figure, where the language uses one."""
    word = catalogue(day.view.lang).get(f"wall.unit.{metric}", "")
    return word if value is not None else ""


def _cell(result: Result, metric: str) -> float | None:
    return result.rows[0].get(metric) if result.rows else None
