"""A figure's first picture: lines, ticks and labels as one background image and some text, without any script.

The chart library needs half a second of script before its first line; until it has drawn (and in the page's first HTML)
this stands in its place, and the style sheet takes it away then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from dash import html

from components.tokens import COLOURS, Theme

WIDTH, HEIGHT = 1000, 1000  # units of the drawing; the browser stretches it to the place
WIDE, NARROW, TICK_MARGIN = 12, 7, 22  # px of a CJK and of a Latin character, and around the labels of the y axis
MOST_TICKS = 7
STEPS = (1, 3, 6, 24, 48, 96, 168, 336, 744, 1488, 2976, 8784)  # hours between ticks
DASHES = {"dot": "2 3", "dash": "6 4"}
Figure = dict[str, Any]


def picture(figure: Figure, theme: Theme) -> html.Div:
    """What stands where `figure` (of `components.trend`) will be drawn; fills its positioned parent."""
    layout = figure["layout"]
    margin, ticks = layout["margin"], layout["yaxis"]
    left = max((_width(text) for text in ticks["ticktext"]), default=0) + TICK_MARGIN
    box = {"left": left, "right": margin["r"], "top": margin["t"], "bottom": margin["b"]}
    axes = _Axes(layout)
    return html.Div(
        html.Div(
            [*_y_labels(axes, ticks), *_x_labels(axes, layout["xaxis"]), *_notes(axes, layout["annotations"])],
            className="early-plot",
            style={**box, "backgroundImage": _image(_drawing(axes, figure, theme))},
        ),
        className="early",
        **{"aria-hidden": "true"},
    )


class _Axes:
    """Shares of the plot's width and height."""

    def __init__(self, layout: Figure) -> None:
        self.start, self.end = (datetime.fromisoformat(at) for at in layout["xaxis"]["range"])
        self.low, self.top = layout["yaxis"]["range"]

    def x(self, at: str) -> float:
        return (datetime.fromisoformat(at) - self.start) / (self.end - self.start)

    def y(self, value: float) -> float:
        return 1 - (value - self.low) / ((self.top - self.low) or 1.0)


def _width(text: str) -> int:
    return sum(WIDE if ord(sign) > 0x2E7F else NARROW for sign in text)


def _image(svg: str) -> str:
    return f'url("data:image/svg+xml,{quote(svg, safe=" /:=,")}")'


def _drawing(axes: _Axes, figure: Figure, theme: Theme) -> str:
    grid = COLOURS[theme]["grid"]
    parts = [
        _path(f"M0 {y:.0f}H{WIDTH}", grid, 1)
        for y in (axes.y(v) * HEIGHT for v in figure["layout"]["yaxis"]["tickvals"])
    ]
    for trace in figure["data"]:
        parts += _trace(axes, trace, theme)
    for shape in figure["layout"]["shapes"]:
        parts.append(_path(f"M{axes.x(shape['x0']) * WIDTH:.0f} 0V{HEIGHT}", shape["line"]["color"], 1.2, "2 3"))
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' preserveAspectRatio='none' "
        f"fill='none'>{''.join(parts)}</svg>"
    )


def _trace(axes: _Axes, trace: Figure, theme: Theme) -> list[str]:
    points = [
        (axes.x(at) * WIDTH, axes.y(value) * HEIGHT) if value is not None else None
        for at, value in zip(trace["x"], trace["y"], strict=True)
    ]
    runs = _runs(points)
    if "fillpattern" in trace:
        return [f"<path d='{_line(run)}Z' fill='{COLOURS[theme]['hatch']}' fill-opacity='.35'/>" for run in runs]
    if trace["mode"] == "markers":
        colour = trace["marker"]["color"]
        return [_path(f"M{x:.1f} {y:.1f}h.1", colour, trace["marker"]["size"]) for run in runs for x, y in run]
    line, drawn = trace["line"], []
    if trace.get("fill") == "tozeroy":
        zero = axes.y(0.0) * HEIGHT
        for run in runs:
            area = f"{_line(run)}V{zero:.1f}H{run[0][0]:.1f}Z"
            drawn.append(f"<path d='{area}' fill='{trace['fillcolor']}'/>")
    dash = DASHES.get(line.get("dash", ""), "")
    return [*drawn, *(_path(_line(run), line["color"], line["width"], dash) for run in runs)]


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The stretches of known points."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _line(run: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)


def _path(path: str, colour: str, width: float, dash: str = "") -> str:
    dashed = f" stroke-dasharray='{dash}'" if dash else ""
    return (
        f"<path d='{path}' stroke='{colour}' stroke-width='{width}'{dashed} stroke-linecap='round' "
        "stroke-linejoin='round' vector-effect='non-scaling-stroke'/>"
    )


def _y_labels(axes: _Axes, ticks: Figure) -> list[html.Span]:
    return [
        html.Span(text, className="early-y", style={"top": f"{axes.y(value) * 100:.2f}%"})
        for value, text in zip(ticks["tickvals"], ticks["ticktext"], strict=True)
    ]


def _x_labels(axes: _Axes, axis: Figure) -> list[html.Span]:
    """The axis's own labels, or times at round steps, as many as have room."""
    if "tickvals" in axis:
        return [_x_label(axes, at, text) for at, text in zip(axis["tickvals"], axis["ticktext"], strict=True)]
    hours = (axes.end - axes.start) / timedelta(hours=1)
    step = timedelta(hours=next((one for one in STEPS if hours / one < MOST_TICKS), STEPS[-1]))
    at = axes.start.replace(hour=0, minute=0, second=0, microsecond=0)
    labels = []
    while at <= axes.end:
        if at >= axes.start:
            labels.append(_x_label(axes, at.isoformat(), at.strftime(axis["tickformat"])))
        at += step
    return labels


def _x_label(axes: _Axes, at: str, text: str) -> html.Span:
    return html.Span(text, className="early-x", style={"left": f"{axes.x(at) * 100:.2f}%"})


def _notes(axes: _Axes, notes: Sequence[Figure]) -> list[html.Span]:
    """The labels on the lines, moved by as many pixels as the chart library would move them."""
    drawn = []
    for note in notes:
        side = " end" if note.get("xanchor") == "right" else ""
        left = f"calc({axes.x(note['x']) * 100:.2f}% + {note.get('xshift', 0):.0f}px)"
        top = f"calc({axes.y(note['y']) * 100:.2f}% - {note.get('yshift', 0):.0f}px)"
        style = {"left": left, "top": top, "color": note["font"]["color"]}
        drawn.append(html.Span(note["text"], className=f"early-note{side}", style=style))
    return drawn
