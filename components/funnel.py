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


def funnel(view: View, result: Result, steps: tuple[str, ...], rates: dict[str, str]) -> Any:
    """`steps` are metrics of the result's one row; `rates` names the metric that is the way from the step before."""
    row = result.rows[0] if result.rows else {}
    known = [step for step in steps if row.get(step)]
    if len(known) < 2:
        return states.unavailable(view, result.notes.get(steps[0]))
    top = max(row[step] for step in known)
    lost = {loss.step: loss for loss in metrics.losses(steps, row, row.get(SPEND))}
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
    return html.Div([*parts, html.Div(view.text("components.funnel.scale"), className="note")], className="funnel")


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
