"""A change beside a number: word, arrow, figure; a bad direction carries a mark of its own."""

from __future__ import annotations

from typing import Any

from dash import html

import metrics
from components import format as fmt
from components import names
from components.view import View
from metrics.types import Result


def change(view: View, result: Result, metric: str, row: dict[str, Any] | None = None) -> fmt.Delta | None:
    """The change of a metric in a row of a compared result (the first row if none is given)."""
    row = row if row is not None else (result.rows[0] if result.rows else {})
    found = metrics.catalogue().get(metric)
    return fmt.delta(
        row.get(f"{metric}__diff"),
        row.get(f"{metric}__pct"),
        result.units.get(metric, "count"),
        found.direction if found else "none",
        view.lang,
    )


def figure(view: View, moved: fmt.Delta | None, *, mark: bool = True, title: str = "") -> html.Span:
    """The change alone."""
    if moved is None:
        return html.Span(fmt.DASH, className="delta flat", title=view.text("components.unknown"))
    bad = None
    if mark and moved.bad and moved.way == "up":  # where there is little room the word becomes a mark (cockpit.css)
        word = html.Span(view.text("components.bad"), className="bad-word")
        bad = html.Span(word, className="bad", title=view.text("components.bad_hint"))
    return html.Span(
        [html.Span(moved.text, className=f"delta {moved.way}"), bad],
        className="delta-box",
        title=title or (view.text("components.bad_hint") if moved.bad else ""),
    )


def versus(view: View, result: Result, metric: str) -> html.Span:
    """The change with the word of what it is against; hovering tells the base exactly."""
    word = names.comparison(view, result.compare or "previous")
    row = result.rows[0] if result.rows else {}
    unit = result.units.get(metric, "count")
    told = f"{word}: {fmt.number(row.get(f'{metric}__base'), unit, view.lang).exact}"
    if row.get(f"{metric}__cut") is not None:
        told += " · " + view.text(
            "components.delta.cut",
            at=fmt.moment(result.complete_through),
            value=fmt.number(row[f"{metric}__cut"], unit, view.lang).exact,
        )
    return html.Span(
        [
            html.Span(names.tiny(view, result.compare or "previous"), className="versus"),
            figure(view, change(view, result, metric), title=told),
        ],
        className="comparison",
    )
