"""How far the period has come towards its target, and where it should stand by now."""

from __future__ import annotations

from datetime import datetime

from dash import html

from components import format as fmt
from components.view import View


def target_bar(
    view: View,
    *,
    target: float,
    unit: str,
    attainment: float | None,
    pace: float | None = None,
    at: datetime | None = None,
) -> html.Div:
    """A bar of `attainment` (value / target); the tick at `pace` (share of it due by `at`, else by now)."""
    due = "components.target.pace" if at is None else "components.target.pace_at"
    done = max(0.0, min(1.0, attainment or 0.0))
    mark = (
        html.Span(
            className="pace",
            style={"left": f"{min(1.0, max(0.0, pace)) * 100:.1f}%"},
            title=view.text(due, share=fmt.share(pace), at=fmt.moment(at)),
        )
        if pace is not None
        else None
    )
    shown = fmt.number(target, unit, view.lang)
    return html.Div(
        [
            html.Div(
                [
                    html.Span(
                        [view.text("components.target.label"), " ", f"{shown.main}{shown.unit}"], title=shown.exact
                    ),
                    html.Span(fmt.share(attainment)),
                ],
                className="target-text",
            ),
            html.Div(
                [html.Span(className="fill", style={"width": f"{done * 100:.1f}%"}), mark],
                className="target-track",
                role="progressbar",
                **{
                    "aria-valuenow": f"{done * 100:.0f}",
                    "aria-valuemin": "0",
                    "aria-valuemax": "100",
                    "aria-label": view.text("components.target.label"),
                },
            ),
        ],
        className="target",
    )
