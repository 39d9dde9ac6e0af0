"""Rows of KPI cards chosen from candidates: those that the loaded sources can tell come first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import metrics
from components import restated
from components.kpi_card import kpi_row
from components.page import Answers, Block
from components.view import View
from metrics.types import Period, Result

COUNT = 6
TARGETED = {"platform", "shop", "category"}  # what targets can be set for
_ASKERS = ThreadPoolExecutor(2, "cards")  # as many as the warehouse has readers: the cards come first on a page
DAILY_CURVE = 14  # days of the sparkline of a metric that has no hours


def _row(result: Result) -> dict[str, Any]:
    return result.rows[0] if result.rows else {}


def choose(found: Result, candidates: tuple[str, ...], count: int = COUNT) -> tuple[str, ...]:
    """The first `count` candidates with a value, in their order; filled up with unknown ones when there are fewer."""
    row = _row(found)
    known = [metric for metric in candidates if row.get(metric) is not None]
    unknown = [metric for metric in candidates if metric not in known]
    picked = set((known + unknown)[:count])
    return tuple(metric for metric in candidates if metric in picked)


def ask(view: View, candidates: tuple[str, ...], count: int = COUNT) -> Answers:
    """The newest values (`now`); for each group of metrics told equally far two comparisons, curve and targets."""
    now = view.ask(*candidates)
    picked = choose(now, candidates, count)
    second = "last_year" if view.compare != "last_year" else "previous"
    questions: dict[str, Callable[[], Result]] = {}
    for i, group in enumerate(groups(view, picked)):
        if not any(view.answerable(metric) for metric in group):
            continue  # its cards say why
        questions[f"first {i}"] = partial(view.ask, *group, compare=view.compare, newest=False)
        questions[f"second {i}"] = partial(view.ask, *group, compare=second, newest=False)
        questions[f"curve {i}"] = partial(_curve, view, group)
        goals = [metric for metric in group if metric in metrics.targeted(view.context.warehouse)]
        if goals and set(view.filters) <= TARGETED and view.as_known is None:
            questions[f"target {i}"] = partial(view.ask, *goals, compare="target")
    questions |= restated.questions(view, [metric for metric in picked if view.answerable(metric)])
    answered = _ASKERS.map(lambda question: question(), questions.values())
    return {"now": now, **dict(zip(questions, answered, strict=True))}


def _curve(view: View, group: tuple[str, ...]) -> Result:
    """By the period's grain against its comparison; what has no hours by day, up to the period's end."""
    if all(view.fits(metric, grain=view.grain) for metric in group):
        return view.ask(*group, grain=view.grain, compare=view.compare, newest=False)
    return view.ask(*group, grain="day", compare="previous", period=recent(view), newest=False)


def groups(view: View, picked: Sequence[str]) -> list[tuple[str, ...]]:
    """The metrics sorted into groups that can share one question: told equally far, drawn equally fine.

    Asked all together, sales would be compared up to where the slowest of the sources is; asked one by one, the same
    rows would be read again for each.
    """
    askable = [metric for metric in picked if view.answerable(metric)]
    told = metrics.reach(view.context.warehouse, askable, view.filters, view.period, view.scope) if askable else {}
    found: dict[object, list[str]] = {}
    for metric in picked:
        found.setdefault((told.get(metric), view.fits(metric, grain=view.grain)), []).append(metric)
    return [tuple(group) for group in found.values()]


def recent(view: View) -> Period:
    """The last two weeks up to the end of the asked period."""
    end = view.period.end
    return Period(end - timedelta(days=DAILY_CURVE), end)


def draw(view: View, found: Answers, candidates: tuple[str, ...], count: int = COUNT) -> Any:
    """The chosen cards."""
    return kpi_row(view, found, choose(found["now"], candidates, count))


def block(candidates: tuple[str, ...], title: str, of: Callable[[View], View] = lambda view: view) -> Block:
    """The row of cards as a page's first block; `of` narrows the view they are asked in."""
    return Block(
        "cards",
        lambda view: ask(of(view), candidates),
        lambda view, found: draw(of(view), found, candidates),
        122,
        "cards",
        title,
    )


def cover_tone(row: dict[str, Any]) -> str:
    """How loud a stock cover is: under one day critical, under three a warning."""
    days = row.get("days_of_cover")
    if days is None:
        return ""
    return "tone-critical" if days < 1 else "tone-warning" if days < 3 else ""


def by_urgency(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of SKUs: what runs out soonest first, then what has run out, last what has no cover known."""

    def rank(row: dict[str, Any]) -> tuple[bool, bool, float, float]:
        days = row.get("days_of_cover")
        return days is None, not row.get("stock_available"), days or 0.0, -(row.get("items") or 0)

    return sorted(rows, key=rank)
