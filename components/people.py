"""Buyers drawn: segments with their money, scores as a grid, cohorts as a triangle, and how soon they come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from dash import dcc, html

import metrics
from components import format as fmt
from components import states
from components.tiles import depth
from components.tokens import COLOURS, plotly_template
from components.view import View
from metrics.dimensions import PERSONAL
from metrics.types import Result


def slice_of(view: View) -> metrics.Slice:
    """Orders up to the last day of the view's period, within its filters; all buyers, whatever segment is held."""
    filters = {name: values for name, values in view.filters.items() if name not in PERSONAL}
    return metrics.Slice((view.period.end - timedelta(microseconds=1)).date(), filters)


def missing(view: View, result: Result) -> Any:
    """Why an answer about buyers has no rows: nobody can know, or nobody was there."""
    reason = next(iter(result.notes.values()), None)
    return states.nothing(view) if reason in (None, "partial_buyers") else states.unavailable(view, reason)


def segment_name(view: View, segment: str | None) -> str:
    """What a segment is called; None is who was no buyer yet."""
    return view.text(f"buyers.segment.{segment or 'none'}")


def segment_rule(view: View, segment: str, points: metrics.Thresholds | None) -> str:
    """Who belongs to a segment, with the limits that hold here."""
    cuts = metrics.Cuts.of(view.context.settings)
    money = fmt.plain(points.high_money, "yuan", view.lang) if points else fmt.DASH
    return view.text(
        f"buyers.rule.{segment}",
        new=cuts.new_days,
        silent=cuts.silent_days,
        lost=cuts.lost_days,
        share=f"{cuts.high_share * 100:g}%",
        money=money,
    )


def figure(view: View, value: float | None, unit: str) -> html.Span:
    """A number with its exact text on hover."""
    shown = fmt.number(value, unit, view.lang)
    return html.Span(fmt.plain(value, unit, view.lang), title=shown.exact)


def heat(
    view: View,
    head: Sequence[str],
    body: Sequence[tuple[str, Sequence[Any]]],
    *,
    caption: str,
    corner: str = "",
    className: str = "",
) -> Any:
    """A table whose cells are made by `cell`: readable as a table, coloured as a heat map."""
    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="sr-only"),
                html.Thead(html.Tr([html.Th(corner, scope="col"), *(html.Th(text, scope="col") for text in head)])),
                html.Tbody([html.Tr([html.Th(label, scope="row"), *cells]) for label, cells in body]),
            ],
            className=f"heat {className}".strip(),
        ),
        className="table-scroll",
        tabIndex="0",
        role="region",
        **{"aria-label": caption},
    )


def cell(
    view: View, value: float | None, unit: str, top: float, told: str, *, low: float | None = None, young: bool = False
) -> html.Td:
    """One coloured cell; with `low` its depth is even from there to `top`. `young` marks a month that is not over."""
    if value is None:
        return html.Td("", className="heat-none")
    even = low is not None and top > low
    level = max(1, min(10, round(1 + 9 * (value - (low or 0)) / (top - (low or 0))))) if even else depth(value, top)
    shown = fmt.share(value) if unit == "rate" else fmt.plain(value, unit, view.lang)
    return html.Td(
        [shown, html.Span("*", className="heat-young") if young else None],
        className=f"heat-cell depth-{level}",
        title=told,
    )


def triangle(view: View, result: Result, metric: str) -> Any:
    """Cohorts below each other, months since the first order beside each other."""
    if not result.rows:
        return missing(view, result)
    unit, of = result.units[metric], {(row["cohort"], row["months"]): row for row in result.rows}
    cohorts = list(dict.fromkeys(row["cohort"] for row in result.rows))
    most = max(row["months"] for row in result.rows)
    first = 1 if metric == "share" else 0  # all are there in the first month: its colour would hide the others'
    shown = [row[metric] or 0 for row in result.rows if row["months"] >= first]
    top, low = max(shown, default=0), min(shown, default=0) if metric != "gmv" else None
    head = [view.text("buyers.size"), *(view.text("buyers.month", n=number) for number in range(first, most + 1))]
    body = []
    for cohort in cohorts:
        cells: list[Any] = [html.Td(fmt.plain(of[cohort, 0]["size"], "count", view.lang), className="num")]
        for number in range(first, most + 1):
            row = of.get((cohort, number))
            cells.append(
                cell(view, row[metric], unit, top, _told(view, row), low=low, young=not row["whole"])
                if row
                else html.Td("", className="heat-none")
            )
        body.append((cohort, cells))
    return heat(view, head, body, caption=view.text("buyers.cohorts"), corner=view.text("buyers.cohort"))


def _told(view: View, row: Mapping[str, Any]) -> str:
    return view.text(
        "buyers.cohort_cell" if row["whole"] else "buyers.cohort_cell_young",
        cohort=row["cohort"],
        n=row["months"],
        buyers=fmt.plain(row["buyers"], "count", view.lang),
        share=fmt.share(row["share"]),
        gmv=fmt.plain(row["gmv"], "yuan", view.lang),
        value=fmt.plain(row["value"], "yuan", view.lang),
    )


def scores(view: View, result: Result, points: metrics.Thresholds | None, metric: str) -> Any:
    """Recency below each other, frequency beside each other; each score is told with what it means."""
    if not result.rows or points is None:
        return missing(view, result)
    top = max(row[metric] or 0 for row in result.rows)
    of = {(row["r"], row["f"]): row for row in result.rows}
    head = [_axis(view, "f", f, _between(points.frequency, f)) for f in range(1, 6)]
    body = []
    for r in range(5, 0, -1):
        label = _axis(view, "r", r, _between(points.recency, 6 - r))
        cells = [cell(view, of[r, f][metric], result.units[metric], top, _score(view, of[r, f])) for f in range(1, 6)]
        body.append((label, cells))
    return heat(view, head, body, caption=view.text("buyers.rfm"), className="heat-grid")


def _axis(view: View, axis: str, score: int, between: str) -> str:
    """A score and what it holds; nobody can have one whose cut points fall together."""
    key = f"buyers.{axis}_score" if between != fmt.DASH else "buyers.no_score"
    told: str = view.text(key, axis=axis.upper(), score=score, range=between)
    return told


def _between(points: Sequence[float], number: int) -> str:
    """What the `number`-th of five parts holds: 1–30, 31–60 … >180; an empty part (equal cut points) is a dash."""
    low = points[number - 2] if number > 1 else None
    high = points[number - 1] if number < 5 else None
    if low is not None and high is not None and low >= high:
        return fmt.DASH
    if low is None:
        return f"≤{high:g}"
    return f">{low:g}" if high is None else (f"{high:g}" if high - low == 1 else f"{low + 1:g}–{high:g}")


def _score(view: View, row: Mapping[str, Any]) -> str:
    return view.text(
        "buyers.score_cell",
        r=row["r"],
        f=row["f"],
        buyers=fmt.plain(row["buyers"], "count", view.lang),
        gmv=fmt.plain(row["gmv"], "yuan", view.lang),
        share=fmt.share(row["gmv_share"]),
    )


def levels(view: View, result: Result) -> Any:
    """Spending levels as bars; an empty level keeps its place."""
    points = metrics.Cuts.of(view.context.settings).money
    of = {row["level"]: row["buyers"] for row in result.rows}
    top = max(of.values(), default=0) or 1
    return html.Div(
        [
            html.Div(
                [
                    html.Span(view.text("buyers.level", range=_between(points, level)), className="bar-label"),
                    html.Div(
                        html.Span(style={"width": f"{of.get(level, 0) / top * 100:.1f}%"}),
                        className="bar-track",
                        **{"aria-hidden": "true"},
                    ),
                    html.Span(figure(view, of.get(level, 0), "count"), className="bar-value"),
                ],
                className="bar-row",
            )
            for level in range(1, 6)
        ],
        className="bars",
    )


STEP_NAMES = {"view": "view", "cart+favourite": "interest", "buy": "buy"}


def steps(view: View, result: Result) -> Any:
    """The steps of a behaviour log: who got so far, who of the step before, and where most are lost."""
    if not result.rows:
        return missing(view, result)
    top = result.rows[0]["reached"] or 1
    names_ = {row["step"]: view.text(f"buyers.step_{STEP_NAMES[row['step']]}") for row in result.rows}
    rows = [
        html.Div(
            [
                html.Span(names_[row["step"]], className="bar-label"),
                html.Div(
                    html.Span(style={"width": f"{row['reached'] / top * 100:.1f}%"}),
                    className="bar-track",
                    **{"aria-hidden": "true"},
                ),
                html.Span(figure(view, row["reached"], "count"), className="bar-value"),
                html.Span("" if row["rate"] is None else fmt.plain(row["rate"], "rate", view.lang), className="muted"),
            ],
            className="bar-row",
        )
        for row in result.rows
    ]
    worst = max(
        (row for row in result.rows if row["dropped"]), key=lambda row: row["dropped"] / row["reached"], default=None
    )
    told = worst and view.text(
        "buyers.leak",
        step=names_[worst["step"]],
        people=fmt.plain(worst["dropped"], "count", view.lang),
        share=fmt.share(worst["dropped"] / worst["reached"]),
    )
    return html.Div([html.Div(rows, className="bars"), html.Div(told, className="funnel-leak") if told else None])


def curve(view: View, result: Result, graph: str, height: int = 240) -> Any:
    """Share of buyers who came back within so many days; each point says how many it rests on."""
    if not result.rows:
        return missing(view, result)
    table = COLOURS[view.theme]
    days, shares = [row["days"] for row in result.rows], [row["share"] for row in result.rows]
    told = [
        view.text(
            "buyers.curve_point",
            days=row["days"],
            share=fmt.share(row["share"]),
            again=fmt.plain(row["again"], "count", view.lang),
            able=fmt.plain(row["able"], "count", view.lang),
        )
        for row in result.rows
    ]
    top = max(shares) * 1.1 or 0.1
    step = next((size for size in (0.01, 0.02, 0.05, 0.1, 0.2) if top / size <= 6), 0.25)
    ticks = [step * number for number in range(int(top / step) + 1)]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": days,
        "y": shares,
        "text": told,
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": table["today"], "width": 2},
        "marker": {"size": 5},
    }
    shown = [day for day in days if day in (30, 90, 180, 270, 365)] or days
    layout = {
        "template": plotly_template(view.theme),
        "height": height,
        "hovermode": "closest",
        "xaxis": {
            "tickangle": 0,
            "tickvals": shown,
            "ticktext": [view.text("buyers.day_tick", days=day) for day in shown],
        },
        "yaxis": {"range": [0, top], "tickvals": ticks, "ticktext": [fmt.share(tick) for tick in ticks]},
    }
    figure_ = {"data": [line], "layout": layout}
    return dcc.Graph(id=graph, figure=figure_, config={"displayModeBar": False}, className="chart")
