"""The sales funnel: people at each step, the share that goes on, and the loss between steps."""

from __future__ import annotations

from typing import Any

from dash import html

import metrics
from components import definition, names, states
from components import format as fmt
from components.view import View
from metrics.types import Result

SPEND = "aov"  # yuan per buyer, what a lost person would have spent
PAYING = "buyers"  # the step whose people spend it


def funnel(
    view: View, result: Result, steps: tuple[str, ...], rates: dict[str, str], against: Result | None = None
) -> Any:
    """`steps` are metrics of the result's one row; `rates` names the metric that is the way from the step before.

    With the same steps compared (`against`, both sides cut at one moment) the leak is named: the step that loses more
    than it did then.
    """
    row = result.rows[0] if result.rows else {}
    known = [step for step in steps if row.get(step)]
    if len(known) < 2:
        return states.unavailable(view, result.notes.get(steps[0]))
    top = max(row[step] for step in known)
    paying = PAYING if PAYING in steps else None
    lost = {loss.step: loss for loss in metrics.losses(steps, row, row.get(SPEND), paying)}
    parts: list[Any] = []
    for step in known:
        shown = fmt.number(row[step], result.units.get(step, "count"), view.lang)
        rate = rates.get(step)
        way = None
        if rate and row.get(rate) is not None:
            way = html.Span(
                [names.metric(view, rate), " ", html.B(fmt.plain(row[rate], "rate", view.lang))],
                className="funnel-rate",
            )
        parts.append(
            html.Div(
                [
                    html.Div(
                        [
                            html.A(
                                names.metric(view, step),
                                href=view.href(f"/drill/{step}"),
                                className="inline",
                                **{"data-nav": "1"},
                            ),
                            definition.mark(view, step),
                        ],
                        className="funnel-name",
                    ),
                    html.Div(
                        [
                            html.Div(
                                html.Span(style={"width": f"{max(1.5, (row[step] / top) ** 0.5 * 100):.1f}%"}),
                                className="funnel-track",
                                **{"aria-hidden": "true"},
                            ),
                            _lost(view, lost.get(step)),
                        ]
                    ),
                    html.Div(
                        [
                            html.Span(
                                [shown.main, html.Small(shown.unit)], className="funnel-value", title=shown.exact
                            ),
                            way,
                        ],
                        className="funnel-end",
                    ),
                ],
                className="funnel-row",
            )
        )
    cut = against.rows[0] if against and against.rows else {}
    was = {step: cut.get(f"{step}__base") for step in steps}
    leak = metrics.leak(steps, cut, was, cut.get(SPEND), paying)
    note = html.Div(view.text("components.funnel.scale"), className="note")
    return html.Div([*parts, _leak(view, leak), note], className="funnel")


def _leak(view: View, leak: metrics.Leak | None) -> Any:
    """Where more is lost than in the period compared with, and what that cost."""
    if leak is None:
        return None
    fields = {
        "step": names.metric(view, leak.step),
        "after": names.metric(view, leak.after),
        "rate": fmt.plain(leak.rate, "rate", view.lang),
        "base": fmt.plain(leak.base_rate, "rate", view.lang),
        "versus": names.comparison(view, view.compare),
        "people": fmt.plain(round(leak.people), "count", view.lang),
    }
    if leak.yuan is None or leak.buyers is None:
        return html.Div(view.text("buyers.leaking", **fields), className="funnel-leak")
    fields["buyers"] = fmt.plain(round(leak.buyers), "count", view.lang)
    fields["yuan"] = fmt.plain(leak.yuan, "yuan", view.lang)
    return html.Div(view.text("buyers.leaking_worth", **fields), className="funnel-leak")


def _lost(view: View, loss: metrics.Loss | None) -> Any:
    """Who does not go on from this step, and what they would have spent."""
    if loss is None or not loss.people:
        return None
    people = view.text("components.funnel.lost", people=fmt.plain(loss.people, "count", view.lang))
    if loss.yuan is None:
        return html.Div(people, className="funnel-lost")
    shown = fmt.number(loss.yuan, "yuan", view.lang)
    worth = view.text("components.funnel.worth", yuan=fmt.plain(loss.yuan, "yuan", view.lang))
    hint = view.text("components.funnel.worth_hint", exact=shown.exact)
    return html.Div([people, " ", html.B(worth)], className="funnel-lost", title=hint)
