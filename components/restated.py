"""Marks of time on a number: that it has moved since it was published, what a young one will come to, and that the page
shows what was known at an earlier moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from dash import html

import metrics
from components import answers
from components import format as fmt
from components.view import View
from config import now
from metrics.arrival import FILTERS, LEARNT
from metrics.types import Query, Result


def questions(view: View, picked: Sequence[str]) -> dict[str, Callable[[], Result]]:
    """What is asked besides the numbers: `published` (as said first) where they have changed, `expected` of young
    ones. Of an earlier moment neither."""
    if view.as_known is not None or not picked:
        return {}
    found: dict[str, Callable[[], Result]] = {}
    period, filters = view.period, dict(view.filters)
    steady = tuple(metric for metric in picked if metrics.restatable(metric))
    if steady and (said := answers.published(view.context, period, filters)):
        query = Query(steady, period=period, filters=filters, as_known=said.at)
        found["published"] = partial(answers.ask, view.context, query, view.scope)
    young = tuple(metric for metric in picked if metric in LEARNT)
    if young and set(filters) <= FILTERS:
        query = Query(young, period=period, filters=filters, expected=True)
        found["expected"] = partial(answers.ask, view.context, query, view.scope)
    return found


def points(view: View, result: Result, metric: str) -> list[tuple[str, float, str]]:
    """(day, value, words) of the points of a curve by day that have moved since they were published."""
    if result.grain != "day" or view.as_known is not None or metric not in result.metrics:
        return []
    rights = tuple(sorted(view.scope.rows.items()))
    key = ("moved days", metric, result.period, tuple(sorted(view.filters.items())), rights, view.scope.hidden)
    found = answers.once(
        view.context,
        key,
        lambda: metrics.moved_days(view.context.warehouse, metric, result.period, view.filters, view.scope),
    )
    unit = result.units.get(metric, "count")
    return [
        (
            day.isoformat(),
            value,
            view.text(
                "components.restated.point",
                was=fmt.number(was, unit, view.lang).exact,
                value=fmt.number(value, unit, view.lang).exact,
            ),
        )
        for day, (was, value) in sorted(found.items())
    ]


def chip(view: View, said: Result | None, metric: str, value: float | None) -> list[Any]:
    """That the number has moved since it was first published: was, is, when."""
    row = said.rows[0] if said is not None and said.rows else {}
    was = row.get(metric)
    if said is None or not metrics.has_moved(was, value):
        return []
    found = answers.published(view.context, said.period, dict(view.filters))
    unit = said.units.get(metric, "count")
    told = view.text(
        "components.restated.hint",
        was=fmt.number(was, unit, view.lang).exact,
        value=fmt.number(value, unit, view.lang).exact,
        at=fmt.moment(found.at) if found else "–",
        changed=fmt.moment(found.changed_at) if found else "–",
    )
    return [html.Span(view.text("components.restated.chip"), className="chip chip-note", title=told)]


def expected(view: View, found: Result | None, metric: str) -> Any:
    """What a young number will come to, its band, and how far such sayings were off in the past."""
    told = found.expected.get(metric) if found is not None else None
    if found is None or told is None:
        return None
    unit = found.units.get(metric, "count")

    def written(amount: float) -> str:
        return fmt.plain(amount, unit, view.lang)

    text = view.text(
        "components.expected.text", value=written(told.value), low=written(told.low), high=written(told.high)
    )
    hint = view.text("components.expected.hint", cases=told.cases)
    if told.error is not None:
        error = fmt.share(told.error)
        text += " · " + view.text("components.expected.error", error=error)
        hint += view.text("components.expected.tested", error=error, tested=told.tested)
    return html.Div(text, className="expected muted", title=hint)


def banner(view: View) -> html.Div:
    """That the page shows an earlier state of knowledge, with the way back."""
    moment = view.as_known
    at = fmt.moment(moment, now(view.context.settings)) if moment else ""
    back = html.A(
        view.text("components.known.back"), href=view.href(as_known=None), className="inline", **{"data-nav": "1"}
    )
    return html.Div(
        [html.Span(view.text("components.known.banner", at=at), title=view.text("components.known.hint")), back],
        className="banner banner-known",
        role="status",
    )
