"""The curve of a metric: today solid, comparisons thin and grey, target a named line, campaigns marked, unknown time
hatched.

Figures are plain dicts: building validated graph objects costs milliseconds each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dash import dcc, html

import metrics
from components import early, names, occasions, restated, states
from components import format as fmt
from components.cards import TARGETED
from components.occasions import Span
from components.series import moment, series, until, whole
from components.tokens import COLOURS, Theme, plotly_template
from components.view import View
from metrics.types import Grain, Period, Result
from warehouse.labels import Campaign

MOST_POINTS = 720
PLOT_HEIGHT, LABEL_HEIGHT = 190, 15  # px, for keeping labels apart
LABEL_SHARE = 0.3  # of the axis: how far a label reaches
_EDGE = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
Figure = dict[str, Any]


def ask(view: View, metric: str, *, grain: Grain | None = None, against: Sequence[str] = ()) -> dict[str, Result]:
    """The curve as `curve`, and the whole base period of each comparison under its word (yesterday runs on past
    now)."""
    grain = grain or (view.grain if view.fits(metric, grain=view.grain) else "day")
    found = {"curve": view.ask(metric, grain=grain)}
    if _has_target(view, metric, grain):
        found["target"] = view.ask(metric, grain=grain, compare="target")
    for word in dict.fromkeys((view.compare, *against)):
        if base := view.base(word):
            found[word] = view.ask(metric, grain=grain, period=base)
    return found


def _has_target(view: View, metric: str, grain: Grain) -> bool:
    """Targets are set by day at the finest, for platforms, shops and categories."""
    fine = grain in ("minute", "hour")
    return (
        not fine
        and view.as_known is None
        and set(view.filters) <= TARGETED
        and metric in metrics.targeted(view.context.warehouse)
    )


def _line(
    view: View,
    name: str,
    times: Sequence[datetime],
    values: Sequence[float | None],
    unit: str,
    line: Figure,
    **more: Any,
) -> Figure:
    step = max(1, -(-len(times) // MOST_POINTS))  # no more points than a screen has pixels for
    values = list(values)[::step]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [at.isoformat() for at in times[::step]],
        "y": values,
        "line": line,
        "connectgaps": False,
        "text": [fmt.plain(value, unit, view.lang) for value in values],
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        **more,
    }


def _ghosts(view: View, found: Mapping[str, Result], metric: str) -> list[Figure]:
    """Comparison curves, moved onto the asked period's times."""
    main = found["curve"]
    lines = []
    others = [(word, result) for word, result in found.items() if word not in ("curve", "target")]
    for i, (word, result) in enumerate(others):
        times, values = series(result, metric, metric)
        shift = main.period.start - result.period.start
        grey = {"color": COLOURS[view.theme]["comparison"], "width": 1.5, "dash": ("solid", "dot", "dash")[min(i, 2)]}
        if any(value is not None for value in values):
            lines.append(
                _line(
                    view,
                    names.line(view, word),
                    [at + shift for at in times],
                    values,
                    main.units.get(metric, "count"),
                    grey,
                )
            )
    return lines


def gaps(result: Result, metric: str) -> list[tuple[datetime, datetime]]:
    """Stretches whose value is unknown: rows without a value between rows that have one, and the time after the
    moment up to
    which every source has told everything."""
    grain = result.grain or "day"
    edge = _EDGE.get(grain, timedelta(days=30))
    holes = [moment(row[grain]) for row in result.rows if row.get(metric) is None]
    known = [moment(row[grain]) for row in result.rows if row.get(metric) is not None]
    found: list[tuple[datetime, datetime]] = []
    if result.units.get(metric) not in ("yuan", "count"):
        return found  # a rate without a divisor is undefined, not missing
    for at in holes:
        if known and known[0] < at < known[-1]:
            joined = found and found[-1][1] == at
            found[-1 if joined else len(found) :] = [(found[-1][0] if joined else at, at + edge)]
    told, end = result.complete_through, until(result)
    if told and grain in ("minute", "hour") and result.period.start < told < end - timedelta(minutes=10):
        found.append((told, end))
    return found


def _hatch(view: View, spans: Sequence[tuple[datetime, datetime]], top: float) -> list[Figure]:
    pattern = {
        "shape": "/",
        "fgcolor": COLOURS[view.theme]["hatch"],
        "bgcolor": "rgba(0,0,0,0)",
        "size": 6,
        "solidity": 0.2,
    }
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [at.isoformat() for at in (a, a, b, b)],
            "y": [0, top, top, 0],
            "fill": "toself",
            "line": {"width": 0},
            "fillcolor": "rgba(0,0,0,0)",
            "hoverinfo": "skip",
            "fillpattern": pattern,
        }
        for a, b in spans
    ]


def _end_label(trace: Figure, text: str, colour: str, theme: Theme) -> Figure | None:
    last = next((i for i in range(len(trace["y"]) - 1, -1, -1) if trace["y"][i] is not None), None)
    if last is None:
        return None
    return {
        "x": trace["x"][last],
        "y": trace["y"][last],
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "xshift": 8,
        "yshift": 0,
        "font": {"color": colour, "size": 12},
        "align": "left",
        "bgcolor": COLOURS[theme]["halo"],  # a line that runs behind its words does not strike them out
        "borderpad": 1,
    }


def _spread(notes: Sequence[Figure], scale: Sequence[float], period: Period) -> None:
    """Move labels that would lie over each other apart, upwards from the axis, so that each can be read."""
    pixel = (scale[1] - scale[0]) / PLOT_HEIGHT or 1.0
    near = (period.end - period.start) * LABEL_SHARE
    placed: list[tuple[datetime, float]] = []
    for note in sorted(notes, key=lambda note: note["y"]):
        height, x = (note["y"] - scale[0]) / pixel, moment(note["x"])
        at = max(height, 8.0)
        for other, taken in sorted(placed, key=lambda one: one[1]):
            if abs(other - x) < near and abs(taken - at) < LABEL_HEIGHT:
                at = taken + LABEL_HEIGHT
        note["yshift"] = at - height
        placed.append((x, at))


def value_axis(view: View, values: Sequence[float], unit: str) -> Figure:
    top, low = max(values, default=0.0), min(0.0, *values, 0.0)
    step = _nice((top - low) / 4 or 1.0)
    ticks = [low // step * step + i * step for i in range(int((top - low) / step) + 2)]
    ticks = [tick for tick in ticks if tick <= top * 1.12]
    return {
        "tickvals": ticks,
        "ticktext": [fmt.tick(tick, unit, view.lang) for tick in ticks],
        "range": [min(low, 0) * 1.05, top * 1.12 or 1],
    }


def _nice(raw: float) -> float:
    """The next of 1, 2, 2.5, 5 × a power of ten."""
    size = 10.0 ** len(str(int(raw))) / 10 if raw >= 1 else 1.0
    while size > raw:
        size /= 10
    return next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw * 0.999)


def time_axis(result: Result) -> Figure:
    start, end = result.period.start, result.period.end
    axis: Figure = {"automargin": False, "tickangle": 0, "range": [start.isoformat(), end.isoformat()], "type": "date"}
    if result.grain in ("minute", "hour") and end - start == timedelta(days=1):
        hours = range(0, 25, 6)  # the day ends at 24:00, not at another 00:00
        at = [(start + timedelta(hours=hour)).isoformat() for hour in hours]
        return axis | {"tickvals": at, "ticktext": [f"{hour:02d}:00" for hour in hours], "hoverformat": "%H:%M"}
    if result.grain in ("minute", "hour"):
        return axis | {
            "tickformat": "%H:%M",
            "nticks": 7,  # a phone takes fewer
            "hoverformat": "%H:%M",
        }
    pad = _EDGE.get(result.grain or "day", timedelta(days=30)) / 3
    return axis | {
        "range": [(start - pad).isoformat(), (end - pad).isoformat()],
        "hoverformat": "%Y-%m-%d",
        "nticks": 7,
        "tickformat": "%Y-%m" if result.grain in ("month", "quarter", "year") else "%m-%d",
    }


def figure(
    view: View,
    found: Mapping[str, Result],
    metric: str,
    *,
    campaigns: Sequence[Campaign] = (),
    late: Sequence[Span] = (),
    moved: Sequence[tuple[str, float, str]] = (),
) -> Figure:
    """The figure of `ask`'s answers; `late` are the stretches that late sources have not told, `moved` the points
    (x, y, words) that have changed since they were published."""
    table, result = COLOURS[view.theme], found["curve"]
    unit = result.units.get(metric, "count")
    name = view.text("components.period.today") if view.period_word == "today" else view.text("components.trend.now")
    ghosts = _ghosts(view, found, metric)
    times, values = whole(result, *series(result, metric, metric))
    main = _line(
        view,
        name,
        times,
        values,
        unit,
        {"color": table["today"], "width": 2.4},
        fill="tozeroy",
        fillcolor=table["today_fill"],
    )
    goal = _target(view, found.get("target"), metric)
    labels = [
        _end_label(main, f"{name} {_at(view, result, times)}".strip(), table["today_text"], view.theme),
        *(_end_label(ghost, ghost["name"], table["muted"], view.theme) for ghost in ghosts),
        *(_end_label(line, line["name"], table["target_text"], view.theme) for line in goal),
    ]
    notes = [label for label in labels if label]
    drawn = [value for trace in (main, *ghosts, *goal) for value in trace["y"] if value is not None]
    axis = value_axis(view, drawn, unit)
    _spread(notes, axis["range"], result.period)
    top = axis["range"][1]
    spans = [(a, b, view.text("components.trend.late", source=who)) for a, b, who in late]
    spans += [(a, b, view.text("components.trend.missing")) for a, b in gaps(result, metric)]
    shapes, marked = _marks(view, result, top, campaigns)
    notes += _span_notes(view, spans, top)
    return {
        "data": [
            *_hatch(view, [span[:2] for span in spans], top),
            *ghosts,
            *goal,
            main,
            *_moved(view, moved),
            *_point(view, labels[0]),
        ],
        "layout": {
            "template": plotly_template(view.theme),
            "xaxis": time_axis(result),
            "yaxis": axis,
            "shapes": shapes,
            "annotations": [*notes, *marked],
            "margin": {"l": 8, "r": 92, "t": 12, "b": 20},
        },
    }


def _span_notes(view: View, spans: Sequence[Span], top: float) -> list[Figure]:
    """What each hatched stretch is, written at its top."""
    font = {"color": COLOURS[view.theme]["muted"], "size": 12}
    return [
        {"x": a.isoformat(), "y": top, "yshift": -8, "text": text, "showarrow": False, "xanchor": "left", "font": font}
        for a, _, text in spans[:3]
    ]


def _target(view: View, result: Result | None, metric: str) -> list[Figure]:
    """The target by the curve's own grain: nothing where none is set."""
    if result is None or result.grain is None:
        return []
    rows = [(moment(row[result.grain]), row.get(f"{metric}__target")) for row in result.rows]
    if not any(value for _, value in rows):
        return []
    line = {"color": COLOURS[view.theme]["target"], "width": 1.4, "dash": "dash"}
    name, unit = view.text("components.target.label"), result.units.get(metric, "count")
    return [_line(view, name, [at for at, _ in rows], [value for _, value in rows], unit, line)]


def _moved(view: View, points: Sequence[tuple[str, float, str]]) -> list[Figure]:
    """Hollow rings on points whose number is no longer the one that was published."""
    if not points:
        return []
    ring = {"color": COLOURS[view.theme]["target"], "size": 9, "symbol": "circle-open", "line": {"width": 2}}
    name = view.text("components.restated.trace")
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [x for x, _, _ in points],
            "y": [y for _, y, _ in points],
            "text": [words for _, _, words in points],
            "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
            "marker": ring,
        }
    ]


def _point(view: View, label: Figure | None) -> list[Figure]:
    """The dot at the end of today's curve."""
    return (
        [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [label["x"]],
                "y": [label["y"]],
                "hoverinfo": "skip",
                "marker": {"color": COLOURS[view.theme]["today"], "size": 8},
            }
        ]
        if label
        else []
    )


def _at(view: View, result: Result, times: Sequence[datetime]) -> str:
    """The time up to which today's curve is drawn."""
    grain = result.grain or "day"
    if grain not in ("minute", "hour") or not times or times[-1] + _EDGE[grain] >= result.period.end:
        return ""
    return view.text("components.trend.until", at=f"{times[-1] + _EDGE[grain]:%H:%M}")


def _marks(view: View, result: Result, top: float, campaigns: Sequence[Campaign]) -> tuple[list[Figure], list[Figure]]:
    """The campaigns' starts, with their names; of those that start close together the first is named."""
    table, shapes, notes = COLOURS[view.theme], [], []
    span = result.period.end - result.period.start
    named: list[datetime] = []
    for campaign in campaigns:
        at = max(campaign.starts_at, result.period.start)
        line = {"color": table["target"], "width": 1.2, "dash": "dot"}
        x = at.isoformat()
        shapes.append({"type": "line", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line})
        if any(abs(at - other) < span / 6 for other in named):
            continue
        named.append(at)
        side = "right" if at - result.period.start > span * 0.8 else "left"
        font = {"color": table["target_text"], "size": 12}
        shift = 4 if side == "left" else -4
        notes.append(
            {
                "x": x,
                "y": top,
                "yshift": 6,
                "text": campaign.name,
                "xshift": shift,
                "showarrow": False,
                "xanchor": side,
                "font": font,
            }
        )
    return shapes, notes


def trend(view: View, graph_id: str, found: Mapping[str, Result], metric: str, *, height: int = 280) -> Any:
    """The drawn curve, with its numbers for readers who do not see it; or the state that says why there is none."""
    result = found["curve"]
    known = [row for row in result.rows if row.get(metric) is not None]
    if not known:
        return states.unavailable(view, result.notes[metric]) if metric in result.notes else states.nothing(view)
    drawing = figure(
        view,
        found,
        metric,
        campaigns=occasions.campaigns(view, result.period)[: occasions.MOST],
        late=occasions.late_spans(view, result),
        moved=restated.points(view, result, metric),
    )
    picture = dcc.Graph(
        id=graph_id,
        figure=drawing,
        style={"height": f"{height}px"},
        responsive=True,
        config={"displayModeBar": False, "doubleClick": False, "scrollZoom": False},
    )
    best = max(known, key=lambda row: row[metric])
    told = view.text(
        "components.trend.told",
        name=names.metric(view, metric),
        n=len(known),
        at=str(best[result.grain or "day"]),
        value=fmt.plain(best[metric], result.units.get(metric, "count"), view.lang),
    )
    caption = html.Figcaption(told, className="sr-only")
    return html.Figure([early.picture(drawing, view.theme), picture, caption], className="chart")
