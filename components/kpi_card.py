"""The KPI card: label and definition mark, value, two comparisons, sparkline, target, age, alert. All of it leads to the drill."""

from __future__ import annotations

from typing import Any

from dash import html

from components import alert_badge, definition, delta, freshness, names
from components import format as fmt
from components.page import Answers
from components.sparkline import sparkline
from components.target_bar import target_bar
from components.view import View
from metrics.types import Result


def _first(result: Result | None) -> dict[str, Any]:
    return result.rows[0] if result is not None and result.rows else {}


def _target(view: View, answers: Answers, metric: str) -> Any:
    found, row = answers.get("target"), _first(answers.get("target"))
    amount = row.get(f"{metric}__target")
    if found is None or not amount:
        return None
    return target_bar(view, target=amount, unit=found.units.get(metric, "count"), attainment=row.get(f"{metric}__attainment"),
                      pace=row.get(f"{metric}__pace"))


def kpi_card(view: View, answers: Answers, metric: str) -> html.Article:
    """One metric of the answers `now` (compared), `second` (compared otherwise), `curve` (by grain) and `target`."""
    now = answers["now"]
    curve = next((answers[key] for key in ("curve", "days") if key in answers and metric in answers[key].metrics), None)
    value = _first(now).get(metric)
    shown = fmt.number(value, now.units.get(metric, "count"), view.lang)
    name = names.metric(view, metric)
    marks = [alert_badge.badge(view, metric), *freshness.marks(view, now, metric)]
    versus = [delta.versus(view, answers[key], metric) for key in ("now", "second")
              if key in answers and answers[key].compare and value is not None]
    why = html.Div(freshness.reason(view, now.notes[metric]), className="why") if value is None and metric in now.notes else None
    spark = None
    if curve is not None:
        spark = sparkline([row.get(metric) for row in curve.rows], [row.get(f"{metric}__base") for row in curve.rows])
    return html.Article(
        [html.Div([html.A(name, href=view.href(f"/drill/{metric}"), className="stretched label", **{"data-nav": "1"}),
                   definition.mark(view, metric), html.Span(marks, className="marks")], className="kpi-head"),
         html.Div([html.Div([html.Span(shown.main, className="value"), html.Span(shown.unit, className="unit")],
                            className="figure", title=shown.exact), spark], className="kpi-value"),
         html.Div(versus, className="comparisons") if versus else None, why, _target(view, answers, metric)],
        className="kpi card", **{"data-metric": metric, "data-value": "" if value is None else repr(value)})


def kpi_row(view: View, answers: Answers, metrics: tuple[str, ...]) -> html.Div:
    """Cards side by side; they stack on a phone."""
    return html.Div([kpi_card(view, answers, metric) for metric in metrics], className="kpis",
                    style={"--count": str(len(metrics))})

