"""Why a number moved, drawn: the change in a sentence, the corners that explain it, the tree's branches as bars left
and right of zero, the parts of each dimension, and what happened at the same time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import html

import metrics
from components import answers, bars, names
from components import format as fmt
from components.layout import card, grid
from components.view import View
from errors import UserError
from metrics.contributions import Part
from metrics.decompose import Branch
from metrics.explain import Explanation, Why
from metrics.findings import Finding, coincidence_sentences, findings, headline, line_text, part_name
from metrics.periods import is_whole_days
from metrics.types import Period

SHOWN = 6  # dimensions drawn, those in which single values hold most
MOST = 6  # values of a dimension


def link(view: View, metric: str) -> html.A:
    """The way from a number to why it moved, with the same period, comparison and filters."""
    return html.A(
        view.text("explain.page.open"), href=view.href(f"/why/{metric}"), className="inline", **{"data-nav": "1"}
    )


def explained(view: View, metric: str) -> Explanation:
    """The explanation of the view's own comparison, both sides cut where the sources end; once a data version.

    Raises:
        UserError: what `metrics.query` and `metrics.explain` raise.
    """
    compared = view.ask(metric, compare=view.compare, newest=False)
    base = compared.base_period or view.base(view.compare)
    if base is None:
        raise UserError("explain_dates")
    period = compared.period
    if is_whole_days(period) and not is_whole_days(base):  # the base is cut where the sources end: so is this side
        period = Period(period.start, period.start + (base.end - base.start))
    asked = Why(metric, period, base, filters=dict(view.filters))
    key = (
        "why",
        metric,
        period,
        base,
        tuple(sorted(view.filters.items())),
        tuple(sorted(view.scope.rows.items())),
        view.scope.hidden,
    )
    found: Explanation = answers.once(
        view.context, key, lambda: metrics.explain(view.context.warehouse, asked, view.scope)
    )
    return found


def panel(view: View, metric: str) -> html.Div:
    """The whole answer."""
    told = explained(view, metric)
    found = findings(told, view.lang, lambda dim, value: names.value(view, dim, value))
    parts: list[Any] = [card(_sentences(view, told, found), title=view.text("explain.page.findings"))]
    if told.splits:
        parts.append(_tree(view, told))
    if told.dimensions and told.diff:
        parts.append(_dimensions(view, told))
    if told.beside:
        told_beside = [html.Li(sentence) for sentence in coincidence_sentences(told, view.lang)]
        parts.append(card(html.Ul(told_beside, className="why-list"), title=view.text("explain.beside_title")))
    return html.Div(parts, className="stack")


def _sentences(view: View, told: Explanation, found: list[Finding]) -> list[Any]:
    spans = [_span(period) for period in (told.asked.period, told.asked.base)]
    rows = [html.Li([item.sentence, " ", _drill(view, told, item)], className=f"why-{item.kind}") for item in found]
    if told.diff is None:
        return [html.P(headline(told, view.lang), className="definition")]
    return [
        html.P(headline(told, view.lang), className="definition"),
        html.P(view.text("explain.page.spans", asked=spans[0], base=spans[1]), className="muted"),
        html.Ul(rows, className="why-list"),
    ]


def _span(period: Period) -> str:
    """Whole days as days, anything else with its times."""
    if is_whole_days(period):
        return fmt.day_range(period.start.date(), (period.end - timedelta(days=1)).date())
    return f"{period.start:%Y-%m-%d %H:%M} – {period.end:%m-%d %H:%M}"


def _drill(view: View, told: Explanation, item: Finding) -> Any:
    """Into the corner, where every condition has a value."""
    if not item.where or any(value is None for value in item.where.values()):
        return None
    held = {**view.filters, **{name: (str(value),) for name, value in item.where.items()}}
    href = view.href(f"/drill/{told.asked.metric}", filters=held, extra={})
    style = {"textDecoration": "underline"}  # within a sentence colour alone does not tell a link
    return html.A(view.text("explain.page.drill"), href=href, className="inline", style=style, **{"data-nav": "1"})


def _tree(view: View, told: Explanation) -> Any:
    top = max((abs(float(part.amount)) for split in told.splits for part in split.branches), default=0.0) or 1.0
    cards = []
    for split in told.splits:
        rows = [row for part in split.branches for row in _rows(view, told, part, top, 0)]
        cards.append(card(html.Div(rows, className="movers"), title=line_text(split.line, view.lang)))
    skipped = view.text("explain.skipped", line=line_text(told.skipped, view.lang)) if told.skipped else None
    return html.Div([grid(*cards, columns="1fr 1fr"), html.P(skipped, className="muted") if skipped else None])


def _rows(view: View, told: Explanation, part: Branch, top: float, depth: int) -> list[html.Div]:
    href = view.href(f"/why/{part.name}") if part.name in metrics.catalogue() else None
    label = part_name(part.name, view.lang)
    own = _bar(view, told, "· " * depth + label, float(part.amount), top, href)
    return [own, *(row for inner in part.parts for row in _rows(view, told, inner, top, depth + 1))]


def _dimensions(view: View, told: Explanation) -> Any:
    known = {dim: [part for part in parts if part.value is not None] for dim, parts in told.dimensions.items()}
    short = told.asked.period.end - told.asked.period.start < timedelta(days=7)  # its weekdays are other days
    dims = [dim for dim, parts in known.items() if len(parts) > 1 and not (short and dim == "weekday")]
    dims.sort(key=lambda dim: -max(abs(part.contribution) for part in known[dim]))
    return grid(
        *(
            card(
                html.Div(_values(view, told, dim, told.dimensions[dim][:MOST]), className="movers"),
                title=view.text("explain.page.by", name=names.dimension(view, dim)),
            )
            for dim in dims[:SHOWN]
        ),
        columns="1fr 1fr",
    )


def _values(view: View, told: Explanation, dim: str, parts: list[Part]) -> list[html.Div]:
    top = max(abs(part.contribution) for part in parts) or 1.0
    rows = []
    for part in parts:
        label = view.text(f"explain.{part.rest}") if part.rest else names.value(view, dim, part.value)
        href = None if part.value is None else bars.drill_link(view, told.asked.metric, dim, part.value)
        rows.append(_bar(view, told, label, part.contribution, top, href))
    return rows


def _bar(view: View, told: Explanation, label: str, amount: float, top: float, href: str | None) -> html.Div:
    way = "up" if amount > 0 else "down"
    shown = fmt.signed(amount, told.unit, view.lang)
    name = (
        html.A(label, href=href, className="bar-label stretched", title=label, **{"data-nav": "1"})
        if href
        else html.Span(label, className="bar-label", title=label)
    )
    bar = html.Span(className=f"mover {way}", style={"width": f"{min(1.0, abs(amount) / top) * 50:.1f}%"})
    return html.Div(
        [
            name,
            html.Div([bar], className="mover-track", **{"aria-hidden": "true"}),
            html.Span(shown, className=f"delta {way} num"),
        ],
        className="mover-row",
    )
