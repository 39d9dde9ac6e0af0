"""A small curve without axes, with the comparison ghosted behind it: one SVG path as a CSS mask, so it costs no
script and
takes its colour from the theme."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

WIDTH, HEIGHT, PAD = 64, 28, 2


def points(values: Sequence[float | None], low: float, high: float) -> str:
    """SVG path data of a series scaled into the box; an unknown value breaks the line."""
    span = (high - low) or 1.0
    step = (WIDTH - 2 * PAD) / max(1, len(values) - 1)
    path, pen_up = [], True
    for i, value in enumerate(values):
        if value is None:
            pen_up = True
            continue
        y = HEIGHT - PAD - (value - low) / span * (HEIGHT - 2 * PAD)
        path.append(f"{'M' if pen_up else 'L'}{PAD + i * step:.1f} {y:.1f}")
        pen_up = False
    return "".join(path)


def _line(path: str, name: str, width: float) -> html.Span:
    svg = (
        f"%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' preserveAspectRatio='none'%3E"
        f"%3Cpath d='{path}' fill='none' stroke='black' stroke-width='{width}' vector-effect='non-scaling-stroke' "
        f"stroke-linejoin='round' stroke-linecap='round'/%3E%3C/svg%3E"
    )
    return html.Span(className=f"spark-line {name}", style={"maskImage": f'url("data:image/svg+xml,{svg}")'})


def sparkline(values: Sequence[float | None], ghost: Sequence[float | None] = ()) -> html.Div | None:
    """The period's curve over its comparison; None when there are not two points to join."""
    known = [value for value in (*values, *ghost) if value is not None]
    if len([value for value in values if value is not None]) < 2:
        return None
    low, high = min(known), max(known)
    lines = [_line(points(ghost, low, high), "ghost", 1.2)] if any(value is not None for value in ghost) else []
    return html.Div(
        [*lines, _line(points(values, low, high), "now", 1.8)], className="spark", **{"aria-hidden": "true"}
    )
