"""The pickers of a put-together question: only what may be combined is offered, every choice is a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import dcc, html

import metrics
from components import answers, names
from components import explorer_ask as ask
from components.explorer_ask import Question
from components.filters import SEARCHABLE, option, pick
from components.view import GRAINS, View
from errors import CockpitError

MOST_VALUES = 100  # of a dimension, offered as a filter


def builder(view: View, question: Question) -> html.Div:
    """Every picker in a row, the pictures that suit, and the values of the dimension that is being held."""
    row = [
        _metrics(view, question),
        _dimensions(view, question),
        _grains(view, question),
        _compare(view, question),
        _filters(view, question),
        _across(view, question),
    ]
    return html.Div(
        [
            html.Div([part for part in row if part is not None], className="filters explore-bar"),
            _chosen(view, question),
            _values(view, question),
        ]
    )


def pictures(view: View, question: Question) -> html.Nav:
    """The pictures that suit the question."""
    now = ask.kind(question)
    return html.Nav(
        [
            html.A(
                view.text(f"explorer.kind.{one}"),
                href=ask.address(view, replace(question, show=one)),
                className="tab" + (" on" if one == now else ""),
                **{"data-nav": "1", "aria-current": "true" if one == now else "false"},
            )
            for one in ask.kinds(question)
        ],
        className="tabs",
        **{"aria-label": view.text("explorer.kinds")},
    )


def _toggled(held: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in held if one != name) if name in held else (*held, name)


def _narrow(view: View, name: str, count: int) -> list[Any]:
    if count < SEARCHABLE:
        return []
    hint = view.text("components.filter.narrow")
    return [dcc.Input(className="field narrow", type="text", placeholder=hint, id=f"narrow-{name}")]


def _several(view: View, labels: Sequence[str], none: str) -> str:
    if not labels:
        return none
    return labels[0] if len(labels) == 1 else view.text("explorer.several", first=labels[0], n=len(labels))


def _metrics(view: View, question: Question) -> html.Details:
    full = len(question.metrics) >= ask.MOST_METRICS
    left = [] if full else ask.offered_metrics(view, question)
    labels = {name: names.metric(view, name) for name in (*question.metrics, *left)}
    options = [
        option(
            label,
            ask.address(view, replace(question, metrics=_toggled(question.metrics, name))),
            name in question.metrics,
            multiple=True,
            hint=name,
        )
        for name, label in labels.items()
    ]
    missing = len(metrics.catalogue()) - len(labels)
    note = view.text("explorer.full", n=ask.MOST_METRICS) if full else view.text("explorer.left_out", n=missing)
    panel = [
        *_narrow(view, "metrics", len(labels)),
        html.Div(options),
        html.Div(note, className="panel-title") if full or missing else None,
    ]
    told = _several(view, [labels[name] for name in question.metrics], view.text("explorer.choose"))
    return pick(view.text("explorer.metrics"), told, panel, chosen=bool(question.metrics), keep=True, name="metrics")


def _dimensions(view: View, question: Question) -> html.Details:
    full = len(question.by) >= ask.MOST_DIMENSIONS
    offered = (*question.by, *([] if full else ask.offered_dimensions(view, question)))
    options = [
        option(
            names.dimension(view, name),
            ask.address(view, replace(question, by=_toggled(question.by, name))),
            name in question.by,
            multiple=True,
        )
        for name in offered
    ]
    note = html.Div(view.text("explorer.full", n=ask.MOST_DIMENSIONS), className="panel-title") if full else None
    held = [names.dimension(view, name) for name in question.by]
    told = _several(view, held, view.text("explorer.none"))
    return pick(view.text("explorer.by"), told, [*options, note], chosen=bool(held), keep=True, name="by")


def _grains(view: View, question: Question) -> html.Details:
    offered = ask.offered_grains(view, question)
    if question.grain and question.grain not in offered:
        offered.append(question.grain)
    none = view.text("explorer.no_grain")
    options = [option(none, ask.address(view, replace(question, grain=None)), question.grain is None)]
    options += [
        option(
            view.text(f"components.grain.{grain}"),
            ask.address(view, replace(question, grain=grain)),
            grain == question.grain,
        )
        for grain in sorted(offered, key=GRAINS.index)
    ]
    told = view.text(f"components.grain.{question.grain}") if question.grain else none
    return pick(view.text("explorer.grain"), told, options, chosen=question.grain is not None, name="grain")


def _compare(view: View, question: Question) -> html.Details:
    word = view.text(f"components.compare.{view.compare}")
    choices: list[tuple[str | None, str]] = [(None, view.text("explorer.no_compare")), (view.compare, word)]
    goals = metrics.targeted(view.context.warehouse) if ask.allowed_target(view, question) else frozenset()
    if any(name in goals for name in question.metrics):
        choices.append(("target", view.text("components.target.label")))
    options = [
        option(label, ask.address(view, replace(question, compare=value)), value == question.compare)
        for value, label in choices
    ]
    told = dict(choices).get(question.compare, word)
    return pick(view.text("explorer.compare"), told, options, chosen=question.compare is not None, name="compare-with")


def _filters(view: View, question: Question) -> html.Details:
    options = [
        option(names.dimension(view, name), ask.address(view, question, hold=name), name in view.filters)
        for name in ask.offered_filters(view, question)
    ]
    told = view.text("explorer.held", n=len(view.filters)) if view.filters else view.text("components.filter.all")
    return pick(view.text("explorer.filters"), told, options, chosen=bool(view.filters), name="hold")


def _across(view: View, question: Question) -> html.Details | None:
    """Which key stands across the pivot."""
    if ask.kind(question) != "pivot":
        return None
    from components.explorer_table import across_key

    def told(key: str) -> str:
        return view.text(f"components.grain.{key}") if key in GRAINS else names.dimension(view, key)

    now = across_key(question)
    options = [option(told(key), ask.address(view, replace(question, across=key)), key == now) for key in question.keys]
    return pick(view.text("explorer.across"), told(now), options, name="across")


def _chosen(view: View, question: Question) -> html.Div:
    """What is chosen, each with its way out."""
    chips = [
        (names.metric(view, name), replace(question, metrics=_toggled(question.metrics, name)))
        for name in question.metrics
    ]
    chips += [(names.dimension(view, name), replace(question, by=_toggled(question.by, name))) for name in question.by]
    return html.Div(
        [
            html.A(
                [html.Span(label), html.Span("×", **{"aria-hidden": "true"})],
                href=ask.address(view, left),
                className="chip chip-filter",
                title=view.text("explorer.remove", name=label),
                **{"data-nav": "1"},
            )
            for label, left in chips
        ],
        className="explore-chips",
    )


def _values(view: View, question: Question) -> Any:
    """The values of the dimension named by `hold`, to hold the question to some of them."""
    name = view.extra.get("hold", "")
    if name not in ask.offered_filters(view, question) or not question.metrics:
        return None
    held = view.filters.get(name, ())
    try:
        found = view.with_filter(name).ask(
            question.metrics[0], by=(name,), order=f"-{question.metrics[0]}", limit=MOST_VALUES
        )
    except CockpitError as error:
        return html.P(error.text(view.lang), className="note")
    codes = [str(row[name]) for row in found.rows if row.get(name) is not None]
    if name in answers.LABELLED:
        answers.learn(view.context, name, codes)
    options = [
        option(
            names.value(view, name, code),
            ask.address(view.toggled(name, code), question, hold=name),
            code in held,
            multiple=True,
        )
        for code in ask.ordered(name, list(dict.fromkeys((*codes, *held))))
    ]
    close = html.A(
        view.text("explorer.close"), href=ask.address(view, question), className="button small", **{"data-nav": "1"}
    )
    title = view.text("explorer.hold", name=names.dimension(view, name))
    return html.Div(
        [
            html.Div([html.Span(title), close], className="panel-title explore-hold-head"),
            *_narrow(view, "hold", len(options)),
            html.Div(options, className="explore-values"),
        ],
        className="panel explore-hold",
    )
