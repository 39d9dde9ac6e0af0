"""What is most unusual, drawn: a sentence an event, what it is worth, how sure it is, and the way to why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import html

import metrics
from components import answers, names
from components import format as fmt
from components.layout import card
from components.view import View
from config import now
from metrics.sweep import FEWEST, MOST_DAYS, Swept
from metrics.sweep_says import Finding, told
from metrics.watch import SOURCE


def swept(view: View) -> Swept:
    """The sweep of the view's period, once a data version and hour."""
    period, warehouse = view.period, view.context.warehouse
    hour = now(warehouse.settings).replace(minute=0, second=0, microsecond=0)
    rights = (tuple(sorted(view.scope.rows.items())), view.scope.hidden)
    key = ("sweep", period, hour, tuple(sorted(view.filters.items())), rights)
    found: Swept = answers.once(
        view.context, key, lambda: metrics.sweep(warehouse, period, view.scope, dict(view.filters))
    )
    return found


def panel(view: View) -> html.Div:
    """Everything found, the surest and dearest first."""
    found = swept(view)
    if found.days < FEWEST or not found.events:
        key = "young" if found.days < FEWEST else "none"
        lines = [html.P(view.text(f"explain.sweep.{key}"), className="definition")]
        lines.append(html.P(view.text(f"explain.sweep.{key}_hint"), className="muted"))
        return card([*lines, *_intro(view, found)])
    rows = [_row(view, place, _told(view, event)) for place, event in enumerate(found.events, 1)]
    return card([*_intro(view, found), html.Ol(rows, className="unusual")])


def _told(view: View, event: metrics.Event) -> Finding:
    if event.subject:
        event = replace(event, subject=names.kind(view, event.subject))
    return told(event, view.lang, lambda dim, value: names.value(view, dim, value))


def _intro(view: View, found: Swept) -> list[html.P]:
    if found.days < FEWEST:
        return []
    last = (found.period.end - timedelta(microseconds=1)).date()
    span = fmt.day_range(found.period.start.date(), last)
    text = view.text("explain.sweep.intro", cells=f"{found.cells:,}", span=span, days=found.days)
    if view.days > MOST_DAYS:
        text += view.text("explain.sweep.shortened", days=MOST_DAYS)
    return [html.P(text, className="muted")]


def _row(view: View, place: int, item: Finding) -> html.Li:
    sure = html.Span(
        view.text(f"explain.sweep.sure.{item.sureness}"),
        className=f"chip sure-{item.sureness}",
        title=view.text(f"explain.sweep.sure.{item.sureness}_hint"),
    )
    marks: list[Any] = [sure]
    if item.worth:
        marks.append(html.Span(view.text("explain.sweep.worth", amount=item.worth), className="num"))
    marks.append(_way(view, item))
    beside = html.Span(item.beside, className="muted") if item.beside else None
    return html.Li(
        [html.Span(item.sentence, className="unusual-said"), html.Div([*marks, beside], className="unusual-marks")]
    )


def _way(view: View, item: Finding) -> html.A:
    """To why the metric moved there; a silent source to where sources are."""
    if item.metric == SOURCE:
        return html.A(
            view.text("explain.sweep.sources"), href=view.href("/data/sources", filters={}), className="inline",
            **{"data-nav": "1"},
        )  # fmt: skip
    first, last = item.period.start.date(), (item.period.end - timedelta(days=1)).date()
    held = {**view.filters, **{name: (str(value),) for name, value in item.where.items()}}
    href = view.href(
        f"/why/{item.metric}", period_word=f"{first}..{last}", filters=held,
        compare_word="last_week" if (last - first).days < 7 else "previous",
    )  # fmt: skip
    return html.A(view.text("explain.sweep.why"), href=href, className="inline", **{"data-nav": "1"})
