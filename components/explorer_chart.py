"""The picture of a put-together question: line, bar, stacked bar, scatter or heat map.

Figures are plain dicts for the basic Plotly bundle; the heat map is a table that can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dash import dcc, html

from components import format as fmt
from components import names, people
from components.explorer_ask import Question, leading, ordered
from components.page import Answers
from components.series import series
from components.tokens import COLOURS, SERIES, plotly_template
from components.trend import time_axis, value_axis
from components.view import GRAINS, View
from metrics.types import Result

MOST_LINES, MOST_BARS, MOST_STACKS, MOST_POINTS, MOST_ROWS, MOST_COLUMNS = 6, 30, 5, 300, 24, 31
Figure = dict[str, Any]


def chart(view: View, question: Question, found: Answers, kind: str, graph_id: str, *, height: int = 340) -> Any:
    """The picture of that kind; None where there is nothing to draw (the table says why)."""
    result = found["answer"]
    metric = question.metrics[0]
    if kind not in DRAWN or not any(row.get(metric) is not None for row in result.rows):
        return None
    if kind == "heat":
        return _heat(view, question, result)
    figure = DRAWN[kind](view, question, result)
    graph = dcc.Graph(
        id=graph_id,
        figure=figure,
        style={"height": f"{height}px"},
        responsive=True,
        config={"displayModeBar": False, "doubleClick": False, "scrollZoom": False},
    )
    told = view.text("explorer.told", name=names.metric(view, metric), n=len(result.rows))
    return html.Figure([graph, html.Figcaption(told, className="sr-only")], className="chart")


def label(view: View, key: str, value: Any) -> str:
    """A value of a key as it stands beside a bar or over a column."""
    return fmt.bucket(value, key) if key in GRAINS else names.value(view, key, value)


def parts_left_out(question: Question, result: Result, kind: str) -> int:
    """How many parts the picture is limited to when there are more of them; 0 when it shows all."""
    limits = {"line": MOST_LINES, "bar": MOST_BARS, "stacked": MOST_BARS, "scatter": MOST_POINTS, "heat": MOST_ROWS}
    most = limits.get(kind, 0)
    key = question.keys[1] if kind == "heat" else question.by[0] if question.by else ""
    stacked_times = kind == "stacked" and question.grain
    more = most and key and not stacked_times and len({row.get(key) for row in result.rows}) > most
    return most if more else 0


def alike(question: Question, result: Result) -> list[str]:
    """The metrics that share the first one's axis: those of its unit."""
    unit = result.units.get(question.metrics[0])
    return [name for name in question.metrics if result.units.get(name) == unit]


def _layout(view: View, result: Result, metric: str, values: Sequence[float], traces: int, **more: Any) -> Figure:
    unit = result.units.get(metric, "count")
    return {
        "template": plotly_template(view.theme),
        "yaxis": value_axis(view, values, unit),
        "showlegend": traces > 1,
        "legend": {"orientation": "h", "y": 1.12, "x": 0, "font": {"size": 12}},
        "margin": {"l": 8, "r": 12, "t": 28, "b": 24},
        **more,
    }


def _shown(view: View, values: Sequence[float | None], unit: str) -> list[str]:
    return [fmt.plain(value, unit, view.lang) for value in values]


def _groups(view: View, question: Question, result: Result, most: int) -> list[tuple[str, str, Result]]:
    """(name, metric, its rows) of each curve: the largest parts of a dimension, else the metrics of one unit."""
    metric = question.metrics[0]
    if not question.by:
        return [(names.metric(view, name), name, result) for name in alike(question, result)[:most]]
    key, found = question.by[0], []
    for value in leading(result, key, metric, most):
        own = [row for row in result.rows if row.get(key) == value]
        found.append((label(view, key, value), metric, replace(result, rows=own)))
    return found


def _line(view: View, question: Question, result: Result) -> Figure:
    metric, unit = question.metrics[0], result.units.get(question.metrics[0], "count")
    data: list[Figure] = []
    drawn: list[float] = []
    for i, (name, one, part) in enumerate(_groups(view, question, result, MOST_LINES)):
        sides = [(one, name, {"color": SERIES[view.theme][i], "width": 2})]
        if question.compare and not question.by and i == 0:
            grey = {"color": COLOURS[view.theme]["comparison"], "width": 1.5}
            sides.append((f"{one}__base", _base_name(view, question), grey))
        for key, told, line in sides:
            times, values = series(part, key, metric)
            drawn += [value for value in values if value is not None]
            data.append(_curve(view, told, times, values, unit, line))
    return {"data": data, "layout": _layout(view, result, metric, drawn, len(data), xaxis=time_axis(result))}


def _base_name(view: View, question: Question) -> str:
    if question.compare == "target":
        return view.text("components.target.label")
    return names.comparison(view, str(question.compare))


def _curve(
    view: View, name: str, times: Sequence[datetime], values: Sequence[float | None], unit: str, line: Figure
) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines" if len(times) > 1 else "markers",
        "name": name,
        "x": [at.isoformat() for at in times],
        "y": list(values),
        "line": line,
        "connectgaps": False,
        "text": _shown(view, values, unit),
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
    }


def _bar(view: View, question: Question, result: Result) -> Figure:
    """Beside each other: the metrics of one unit, or the asked period and its base."""
    metric, key = question.metrics[0], question.keys[0]
    unit = result.units.get(metric, "count")
    rows = _first_rows(question, result, key, metric)
    sides = [(name, names.metric(view, name)) for name in alike(question, result)[:MOST_LINES]]
    if question.compare and len(sides) == 1:
        sides.append((f"{metric}__base", _base_name(view, question)))
    x = [label(view, key, row.get(key)) for row in rows]
    colours = SERIES[view.theme]
    data = []
    for i, (name, told) in enumerate(sides):
        values = [row.get(name) for row in rows]
        colour = COLOURS[view.theme]["comparison"] if name.endswith("__base") else colours[i]
        data.append(_bars(view, told, x, values, unit, colour))
    drawn = [value for trace in data for value in trace["y"] if value is not None]
    axis = {"type": "category", "nticks": 12} if key in GRAINS else {"type": "category"}
    return {
        "data": data,
        "layout": _layout(view, result, metric, drawn, len(data), xaxis=axis, barmode="group", bargap=0.25),
    }


def _first_rows(question: Question, result: Result, key: str, metric: str) -> list[dict[str, Any]]:
    if key in GRAINS:
        return result.rows
    kept = {value: i for i, value in enumerate(ordered(key, leading(result, key, metric, MOST_BARS)))}
    found = [row for row in result.rows if row.get(key) in kept]
    return sorted(found, key=lambda row: kept[row.get(key)])


def _bars(view: View, name: str, x: Sequence[str], values: Sequence[Any], unit: str, colour: str) -> Figure:
    return {
        "type": "bar",
        "name": name,
        "x": list(x),
        "y": list(values),
        "marker": {"color": colour},
        "text": _shown(view, values, unit),
        "textposition": "none",
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
    }


def _stacked(view: View, question: Question, result: Result) -> Figure:
    """Parts of the second key upon each other: the largest by name, the others together."""
    metric = question.metrics[0]
    first, second = question.keys[0], question.keys[1]
    unit = result.units.get(metric, "count")
    xs = _axis_values(question, result, first, metric)
    parts = leading(result, second, metric, MOST_STACKS)
    table: dict[tuple[Any, Any], float] = {}
    for row in result.rows:
        part = row.get(second) if row.get(second) in parts else "__others"
        at = (row.get(first), part)
        table[at] = table.get(at, 0.0) + float(row.get(metric) or 0)
    rest = ["__others"] if any(part == "__others" for _, part in table) else []
    x = [label(view, first, value) for value in xs]
    data = [
        _bars(
            view,
            view.text("explorer.others") if part == "__others" else label(view, second, part),
            x,
            [table.get((value, part)) for value in xs],
            unit,
            SERIES[view.theme][min(i, len(SERIES[view.theme]) - 1)],
        )
        for i, part in enumerate([*parts, *rest])
    ]
    tops = [sum(max(0.0, trace["y"][i] or 0) for trace in data) for i in range(len(xs))]
    axis = {"type": "category", "nticks": 12} if first in GRAINS else {"type": "category"}
    return {
        "data": data,
        "layout": _layout(view, result, metric, tops, len(data), xaxis=axis, barmode="stack", bargap=0.25),
    }


def _axis_values(question: Question, result: Result, key: str, metric: str) -> list[Any]:
    if key in GRAINS:
        return sorted({row[key] for row in result.rows})
    return ordered(key, leading(result, key, metric, MOST_BARS))


def _scatter(view: View, question: Question, result: Result) -> Figure:
    """Two metrics against each other; each point is one part."""
    one, two, key = question.metrics[0], question.metrics[1], question.by[0]
    rows = [row for row in result.rows if row.get(one) is not None and row.get(two) is not None][:MOST_POINTS]
    units = [result.units.get(name, "count") for name in (one, two)]
    told = [
        f"{label(view, key, row.get(key))}<br>{names.metric(view, one)} {fmt.plain(row[one], units[0], view.lang)}"
        f"<br>{names.metric(view, two)} {fmt.plain(row[two], units[1], view.lang)}"
        for row in rows
    ]
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": names.dimension(view, key),
        "x": [row[one] for row in rows],
        "y": [row[two] for row in rows],
        "text": told,
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 9, "color": SERIES[view.theme][0], "opacity": 0.75},
    }
    ticks = value_axis(view, [row[one] for row in rows], units[0])
    axis = {**ticks, "title": {"text": names.metric(view, one)}, "showgrid": True}
    drawing = _layout(view, result, two, [row[two] for row in rows], 1, xaxis=axis, hovermode="closest")
    drawing |= {"margin": {"l": 8, "r": 12, "t": 12, "b": 44}}
    drawing["yaxis"]["title"] = {"text": names.metric(view, two)}
    return {"data": [points], "layout": drawing}


def _heat(view: View, question: Question, result: Result) -> Any:
    """Two keys as a table whose cells are coloured by the metric."""
    metric = question.metrics[0]
    columns, rows = question.keys[0], question.keys[1]
    unit = result.units.get(metric, "count")
    across = _axis_values(question, result, columns, metric)[-MOST_COLUMNS:]
    if columns not in GRAINS:
        across = ordered(columns, leading(result, columns, metric, MOST_COLUMNS))
    down = ordered(rows, leading(result, rows, metric, MOST_ROWS))
    table = {(row.get(rows), row.get(columns)): row.get(metric) for row in result.rows}
    known = [value for value in table.values() if value is not None]
    low, top = min(known), max(known)
    body = [
        (
            label(view, rows, one),
            [
                people.cell(
                    view,
                    table.get((one, other)),
                    unit,
                    top,
                    f"{label(view, rows, one)} · {label(view, columns, other)}: "
                    f"{fmt.plain(table.get((one, other)), unit, view.lang)}",
                    low=low,
                )
                for other in across
            ],
        )
        for one in down
    ]
    head = [_short(columns, label(view, columns, value)) for value in across]
    corner = names.dimension(view, rows)
    return people.heat(view, head, body, caption=names.metric(view, metric), corner=corner)


def _short(key: str, text: str) -> str:
    """A day as month and day: the year stands in the period."""
    return text[5:] if key in ("day", "week") else text[-5:] if key in ("hour", "minute") else text


DRAWN: dict[str, Any] = {"line": _line, "bar": _bar, "stacked": _stacked, "scatter": _scatter, "heat": _heat}
