"""The curve of a metric: today solid, comparison thin and grey, target a named line, campaigns marked, unknown time hatched.

Figures are plain dicts: building validated graph objects costs milliseconds each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dash import dcc, html

from components import format as fmt
from components import names, states
from components.tokens import COLOURS, plotly_template
from components.view import View
from metrics.types import Result

MOST_POINTS = 720
PLOT_HEIGHT, LABEL_HEIGHT = 200, 15   # px, for keeping labels apart
_STEP = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


def _times(result: Result) -> list[Any]:
    return [row[result.grain or "day"] for row in result.rows]


def _thin(count: int) -> int:
    """Keep every n-th point, so that no more are drawn than a screen has pixels for."""
    return max(1, -(-count // MOST_POINTS))


def _series(view: View, result: Result, key: str, metric: str, name: str, line: dict[str, Any], **more: Any) -> dict[str, Any]:
    unit = result.units.get(metric, "count")
    step = _thin(len(result.rows))
    times, values = _times(result)[::step], [row.get(key) for row in result.rows][::step]
    return {"type": "scatter", "mode": "lines", "name": name, "x": times, "y": values, "line": line, "connectgaps": False,
            "text": [fmt.plain(value, unit, view.lang) for value in values], "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
            **more}


def gaps(result: Result, metric: str) -> list[tuple[Any, Any]]:
    """Stretches inside the known time whose value is unknown: [first, last] of each, as grain times."""
    until = result.complete_through
    times, found = _times(result), []
    known = [i for i, row in enumerate(result.rows) if row.get(metric) is not None]
    if not known:
        return []
    start: int | None = None
    for i in range(known[0], known[-1] + 1):
        missing = result.rows[i].get(metric) is None and (until is None or not isinstance(times[i], datetime) or times[i] < until)
        if missing and start is None:
            start = i
        elif not missing and start is not None:
            found.append((times[start], times[i]))
            start = None
    return found


def _hatch(view: View, spans: Sequence[tuple[Any, Any]], top: float) -> list[dict[str, Any]]:
    table = COLOURS[view.theme]
    return [{"type": "scatter", "mode": "lines", "x": [a, a, b, b], "y": [0, top, top, 0], "fill": "toself", "line": {"width": 0},
             "fillcolor": "rgba(0,0,0,0)", "hoverinfo": "skip", "showlegend": False,
             "fillpattern": {"shape": "/", "fgcolor": table["hatch"], "bgcolor": "rgba(0,0,0,0)", "size": 6, "solidity": 0.2}}
            for a, b in spans]


def _spread(notes: Sequence[dict[str, Any] | None], scale: Sequence[float]) -> None:
    """Move labels that end at the same height apart, so that each can be read."""
    pixel = (scale[1] - scale[0]) / PLOT_HEIGHT or 1.0
    ends = sorted((note for note in notes if note), key=lambda note: -note["y"])
    for above, below in zip(ends, ends[1:], strict=False):
        gap = (above["y"] - below["y"]) / pixel + above["yshift"] - below["yshift"]
        if above["x"] == below["x"] and gap < LABEL_HEIGHT:
            below["yshift"] -= LABEL_HEIGHT - gap


def _end_label(trace: dict[str, Any], text: str, colour: str) -> dict[str, Any] | None:
    last = next((i for i in range(len(trace["y"]) - 1, -1, -1) if trace["y"][i] is not None), None)
    if last is None:
        return None
    return {"x": trace["x"][last], "y": trace["y"][last], "text": text, "showarrow": False, "xanchor": "left", "xshift": 8,
            "yshift": 0, "font": {"color": colour, "size": 12}, "align": "left"}


def _ticks(view: View, values: Sequence[float], unit: str) -> dict[str, Any]:
    top, low = max(values, default=0.0), min(0.0, *values) if values else 0.0
    step = _nice((top - low) / 4 or 1.0)
    ticks = [low // step * step + i * step for i in range(int((top - low) / step) + 2)]
    ticks = [tick for tick in ticks if tick <= top * 1.12]
    return {"tickvals": ticks, "ticktext": [fmt.tick(tick, unit, view.lang) for tick in ticks],
            "range": [min(low, 0) * 1.05, top * 1.12 or 1]}


def _nice(raw: float) -> float:
    """The next of 1, 2, 2.5, 5 × a power of ten."""
    size = 10.0 ** len(str(int(raw))) / 10 if raw >= 1 else 1.0
    while size > raw:
        size /= 10
    return next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw * 0.999)


def _x_axis(view: View, result: Result) -> dict[str, Any]:
    start, end = result.period.start, result.period.end
    axis: dict[str, Any] = {"automargin": False, "range": [start.isoformat(), end.isoformat()], "type": "date"}
    if result.grain in ("minute", "hour"):
        axis |= {"tickformat": "%H:%M", "dtick": 4 * 3600 * 1000, "tick0": start.isoformat(), "hoverformat": "%H:%M"}
    else:
        step = _STEP.get(result.grain or "day", timedelta(days=30)) / 3
        axis |= {"range": [(start - step).isoformat(), (end - step).isoformat()], "hoverformat": "%Y-%m-%d",
                 "tickformat": "%Y-%m" if result.grain == "month" else "%m-%d", "nticks": 9}
    return axis


def figure(view: View, result: Result, metric: str, *, second: Result | None = None, target: float | None = None,
           campaigns: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The figure of a result by grain. `second` is the same question against another time; `campaigns` have name, starts_at."""
    table, unit = COLOURS[view.theme], result.units.get(metric, "count")
    now_name = view.text("components.period.today") if view.period_word == "today" else view.text("components.trend.now")
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any] | None] = []
    grey = {"color": table["comparison"], "width": 1.4}
    for found, dash in ((second, "dot"), (result, "solid")):
        if found is not None and found.compare:
            name = names.comparison(view, found.compare)
            base = _series(view, found, f"{metric}__base", metric, name, {**grey, "dash": dash})
            traces.append(base)
            notes.append(_end_label(base, name, table["muted"]))
    main = _series(view, result, metric, metric, now_name, {"color": table["today"], "width": 2.4}, fill="tozeroy",
                   fillcolor=table["today_fill"])
    traces.append(main)
    last = _end_label(main, f"{now_name} {_at(result, main)}".strip(), table["today_text"])
    values = [value for trace in traces for value in trace["y"] if value is not None]
    if last:
        notes.append(last | {"yshift": 12})
        traces.append({"type": "scatter", "mode": "markers", "x": [last["x"]], "y": [last["y"]], "hoverinfo": "skip",
                       "marker": {"color": table["today"], "size": 8}})
    axis = _ticks(view, values + ([target] if target else []), unit)
    _spread(notes, axis["range"])
    spans = gaps(result, metric)
    shapes, marked = _marks(view, result, axis["range"][1], target, campaigns)
    notes += [{"x": a, "y": axis["range"][1], "text": view.text("components.trend.missing"), "showarrow": False, "xanchor": "left",
               "font": {"color": table["muted"], "size": 12}} for a, _ in spans[:3]]
    return {"data": _hatch(view, spans, axis["range"][1]) + traces,
            "layout": {"template": plotly_template(view.theme), "xaxis": _x_axis(view, result), "yaxis": axis, "shapes": shapes,
                       "annotations": [note for note in (*notes, *marked) if note], "margin": {"l": 8, "r": 92, "t": 10, "b": 24}}}


def _at(result: Result, trace: dict[str, Any]) -> str:
    """The time of the last point of today's curve."""
    if result.grain not in ("minute", "hour") or result.as_of is None:
        return ""
    return fmt.moment(result.as_of, result.as_of) if result.period.start <= result.as_of < result.period.end else ""


def _marks(view: View, result: Result, top: float, target: float | None,
           campaigns: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The target's line and the campaigns' starts, with their names."""
    table = COLOURS[view.theme]
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    if target is not None:
        shapes.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": target, "y1": target,
                       "line": {"color": table["target"], "width": 1.2, "dash": "dash"}})
        notes.append({"xref": "paper", "x": 1, "y": target, "text": view.text("components.target.label"), "showarrow": False,
                      "xanchor": "left", "xshift": 8, "font": {"color": table["target_text"], "size": 12}})
    for campaign in campaigns:
        at = max(campaign["starts_at"], result.period.start)
        if not result.period.start <= at < result.period.end:
            continue
        shapes.append({"type": "line", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
                       "line": {"color": table["target"], "width": 1.2, "dash": "dot"}})
        notes.append({"x": at, "y": top, "text": campaign["name"], "showarrow": False, "xanchor": "left", "xshift": 4,
                      "font": {"color": table["target_text"], "size": 12}})
    return shapes, notes


def trend(view: View, graph_id: str, result: Result, metric: str, *, height: int = 280, **more: Any) -> Any:
    """The drawn curve, with its numbers for readers who do not see it; or the state that says why there is none."""
    known = [row for row in result.rows if row.get(metric) is not None]
    if not known:
        return states.unavailable(view, result.notes[metric]) if metric in result.notes else states.nothing(view)
    picture = dcc.Graph(id=graph_id, figure=figure(view, result, metric, **more), style={"height": f"{height}px"}, responsive=True,
                        config={"displayModeBar": False, "doubleClick": False, "scrollZoom": False, "locale": "en"})
    best = max(known, key=lambda row: row[metric])
    unit = result.units.get(metric, "count")
    told = view.text("components.trend.told", name=names.metric(view, metric), n=len(known), at=str(best[result.grain or "day"]),
                     value=fmt.plain(best[metric], unit, view.lang))
    return html.Figure([picture, html.Figcaption(told, className="sr-only")], className="chart")
