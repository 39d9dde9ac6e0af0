"""The answer of a put-together question as a table: one row a group, or a pivot with one key across."""

from __future__ import annotations

from typing import Any

from dash import html

from components import explorer_ask as ask
from components import format as fmt
from components import freshness, names, states
from components.explorer_ask import Question
from components.explorer_chart import label
from components.page import Answers
from components.table import Column, grid, metric_columns
from components.view import GRAINS, View
from metrics.types import Result

MOST_ACROSS = 31  # columns of a pivot for each metric
HEIGHT = 460


def flat(view: View, question: Question, found: Answers, grid_id: str, *, height: int = HEIGHT) -> Any:
    """One row a group, with the change beside each metric when compared; figures alone when nothing is cut."""
    result, rows = found["answer"], ask.rows(found)
    if not any(row.get(name) is not None for row in rows for name in result.metrics):
        return nothing(view, result)
    if not question.keys:
        return html.Div([_figure(view, result, rows[0], name) for name in result.metrics], className="explore-figures")
    columns = [_key(view, key) for key in question.keys]
    changes = result.metrics if question.compare not in (None, "target") else ()
    columns += metric_columns(view, result, changes=changes)
    if question.compare == "target":
        told = view.text("components.target.label")
        columns += [
            Column(f"{name}__base", f"{names.metric(view, name)} · {told}", unit=result.units.get(name, "count"))
            for name in result.metrics
        ]
    if question.grain:
        rows = [row | {question.grain: label(view, question.grain, row.get(question.grain))} for row in rows]
    return grid(view, grid_id, rows, columns, height=height)


def nothing(view: View, result: Result) -> Any:
    """Why there is no number: a right, a source that is missing, or nothing happened."""
    notes = [result.notes[name] for name in result.metrics if name in result.notes]
    if "not_allowed" in notes:
        return states.not_allowed(view)
    return states.unavailable(view, notes[0]) if notes else states.nothing(view)


def _figure(view: View, result: Result, row: dict[str, Any], name: str) -> html.Div:
    unit = result.units.get(name, "count")
    shown = fmt.number(row.get(name), unit, view.lang)
    note = result.notes.get(name)
    moved = None
    if result.compare and row.get(f"{name}__base") is not None:
        told = (
            view.text("components.target.label")
            if result.compare == "target"
            else names.comparison(view, result.compare)
        )
        moved = html.Div(f"{told} {fmt.plain(row[f'{name}__base'], unit, view.lang)}", className="note")
    return html.Div(
        [
            html.Div(names.metric(view, name), className="note"),
            html.Div([html.Span(shown.main, className="value"), html.Span(shown.unit)], title=shown.exact),
            moved,
            html.Div(freshness.noted(view, result, note), className="note") if note else None,
        ],
        className="explore-figure",
    )


def _key(view: View, key: str) -> Column:
    if key in GRAINS:
        return Column(key, view.text(f"components.grain.{key}"), kind="text", width=150)
    return Column(key, names.dimension(view, key), kind="dimension")


def across_key(question: Question) -> str:
    """The key whose values are columns: the one asked for, else the time, else the last."""
    if question.across in question.keys:
        return question.across
    return question.grain or question.keys[-1]


def pivot(view: View, question: Question, found: Answers, grid_id: str, *, height: int = HEIGHT) -> Any:
    """Rows by all keys but one, whose values stand as columns, for each metric."""
    result, rows = found["answer"], ask.rows(found)
    if not any(row.get(name) is not None for row in rows for name in result.metrics):
        return nothing(view, result)
    over = across_key(question)
    down = [key for key in question.keys if key != over]
    values = _columns(question, result, over)
    place = {(value, name): f"c{i}_{j}" for i, value in enumerate(values) for j, name in enumerate(result.metrics)}
    table: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        line = table.setdefault(tuple(row.get(key) for key in down), {key: row.get(key) for key in down})
        for name in result.metrics:
            if (row.get(over), name) in place:
                line[place[row.get(over), name]] = row.get(name)
    for line in table.values():
        line.update({key: label(view, key, line[key]) for key in down if key in GRAINS})
    columns = [_key(view, key) for key in down]
    many = len(result.metrics) > 1
    for (value, name), field in place.items():
        title = label(view, over, value)
        told = f"{title} · {names.metric(view, name)}" if many else title
        columns.append(Column(field, told, unit=result.units.get(name, "count"), width=118))
    return grid(view, grid_id, list(table.values()), columns, height=height)


def _columns(question: Question, result: Result, over: str) -> list[Any]:
    if over in GRAINS:
        return sorted({row[over] for row in result.rows})[-MOST_ACROSS:]
    return ask.ordered(over, ask.leading(result, over, question.metrics[0], MOST_ACROSS))


def spread(question: Question, result: Result) -> int:
    """How many columns of a pivot there would be without the limit."""
    return len({row.get(across_key(question)) for row in result.rows})
