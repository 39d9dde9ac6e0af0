"""The KPI card: label and definition mark, value, two comparisons, sparkline, target, age, alert. All of it leads to
the drill."""

from __future__ import annotations

from typing import Any

from dash import html

from components import alert_badge, definition, delta, freshness, names, restated, unreconciled
from components import format as fmt
from components.page import Answers
from components.series import series, whole
from components.sparkline import sparkline
from components.target_bar import target_bar
from components.view import View
from metrics.types import Result


def _first(result: Result | None) -> dict[str, Any]:
    return result.rows[0] if result is not None and result.rows else {}


def _part(answers: Answers, kind: str, metric: str) -> Result | None:
    """The answer of that kind that holds the metric."""
    return next((found for name, found in answers.items() if name.split()[0] == kind and metric in found.metrics), None)


def _target(view: View, answers: Answers, metric: str) -> Any:
    found = _part(answers, "target", metric)
    row = _first(found)
    amount = row.get(f"{metric}__target")
    if found is None or not amount:
        return None
    return target_bar(
        view,
        target=amount,
        unit=found.units.get(metric, "count"),
        attainment=row.get(f"{metric}__attainment"),
        pace=row.get(f"{metric}__pace"),
        at=found.complete_through if found.as_of and found.complete_through != found.as_of else None,
    )


def kpi_card(view: View, answers: Answers, metric: str) -> html.Article:
    """One metric of the answers `now` (newest values), `first …`, `second …` (compared), `curve …` (by grain),
    `target …`."""
    now = answers["now"]
    curve = _part(answers, "curve", metric)
    compared = [found for kind in ("first", "second") if (found := _part(answers, kind, metric)) is not None]
    value = _first(now).get(metric)
    shown = fmt.number(value, now.units.get(metric, "count"), view.lang)
    name = names.metric(view, metric)
    own = compared[0].late_sources if compared else None
    marks = freshness.marks(view, now, metric, own)
    marks += restated.chip(view, _part(answers, "published", metric), metric, value)
    marks += unreconciled.chip(view, now.period, metric)
    versus = [delta.versus(view, found, metric) for found in compared if value is not None]
    why = (
        html.Div(freshness.reason(view, now.notes[metric]), className="why")
        if value is None and metric in now.notes
        else None
    )
    spark = None
    if curve is not None:
        ghost = series(curve, f"{metric}__base", metric)[1]
        _, drawn = whole(curve, *series(curve, metric, metric))
        spark = sparkline(drawn, ghost[: len(drawn)])
    return html.Article(
        [
            html.Div(
                [
                    html.A(
                        name,
                        href=view.href(f"/drill/{metric}"),
                        className="stretched label",
                        title=name,
                        **{"data-nav": "1"},
                    ),
                    definition.mark(view, metric),
                    html.Span(marks, className="marks") if marks else None,
                ],
                className="kpi-head",
            ),
            alert_badge.badge(view, metric),
            html.Div(
                [
                    html.Div(
                        [html.Span(shown.main, className="value"), html.Span(shown.unit, className="unit")],
                        className="figure",
                        title=shown.exact,
                    ),
                    spark,
                ],
                className="kpi-value",
            ),
            html.Div(versus, className="comparisons") if versus else None,
            why,
            restated.expected(view, _part(answers, "expected", metric), metric),
            _target(view, answers, metric),
        ],
        className="kpi card",
        **{"data-metric": metric, "data-value": "" if value is None else repr(value)},
    )


def kpi_row(view: View, answers: Answers, metrics: tuple[str, ...]) -> html.Div:
    """Cards side by side; they stack on a phone."""
    return html.Div(
        [kpi_card(view, answers, metric) for metric in metrics], className="kpis", style={"--count": str(len(metrics))}
    )
