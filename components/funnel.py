"""The sales funnel: people at each step, the share that goes on, and the loss between steps."""

from __future__ import annotations

from typing import Any

from dash import html

from components import definition, names, states
from components import format as fmt
from components.view import View
from metrics.types import Result

STEPS = ("exposures", "clicks", "visitors", "add_to_cart", "buyers")


def funnel(view: View, result: Result, steps: tuple[str, ...], rates: dict[str, str]) -> Any:
    """`steps` are metrics of the result's one row; `rates` names the metric that is the way from the step before."""
    row = result.rows[0] if result.rows else {}
    known = [step for step in steps if row.get(step)]
    if len(known) < 2:
        return states.unavailable(view, result.notes.get(steps[0]))
    top = max(row[step] for step in known)
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
                        html.Span(style={"width": f"{max(1.5, (row[step] / top) ** 0.5 * 100):.1f}%"}),
                        className="funnel-track",
                        **{"aria-hidden": "true"},
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
