"""Explorer: put a question together from metrics, dimensions, grain and comparison; see it drawn, keep it, take it."""

from __future__ import annotations

from typing import Any

import dash
import flask
from dash import Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

import metrics
from access import current_user, views
from access.views import SavedView
from components import (
    data_frame,
    definition,
    explorer_chart,
    explorer_file,
    explorer_form,
    explorer_table,
    freshness,
    names,
    saved,
    states,
)
from components import explorer_ask as ask
from components import format as fmt
from components.context import lang
from components.explorer_ask import Question
from components.layout import card, places
from components.page import Answers, Block, Page
from components.view import View
from errors import CockpitError, UserError


def _nothing(_view: View) -> Answers:
    return {}


def _draw_form(view: View, _found: Answers) -> Any:
    return card(
        [saved.head(view), explorer_form.builder(view, ask.read(view)), saved.form(view)], className="explore-form"
    )


def _draw_answer(view: View, found: Answers) -> Any:
    question = ask.read(view)
    if not question.metrics:
        return card(states.message("＋", view.text("explorer.empty"), view.text("explorer.empty_hint")))
    kind = ask.kind(question)
    drawn = explorer_chart.chart(view, question, found, kind, "explorer-answer-graph")
    table = explorer_table.pivot if kind == "pivot" else explorer_table.flat
    body = [
        explorer_form.pictures(view, question),
        html.Div(notes(view, question, found, kind), className="stack-tight"),
        drawn,
        table(view, question, found, "explorer-grid", height=explorer_table.HEIGHT if drawn is None else 320),
    ]
    return card(body, title=title(view, question), note=_as_of(view, found), corner=_files(view, drawn is not None))


def title(view: View, question: Question) -> str:
    """The question in words: metrics, by what, in which grain."""
    told = names.several(view, [names.metric(view, name) for name in question.metrics])
    keys = [names.dimension(view, name) for name in question.by]
    if question.grain:
        keys.append(view.text(f"components.grain.{question.grain}"))
    return view.text("explorer.title_by", metrics=told, keys=names.several(view, keys)) if keys else told


def _as_of(view: View, found: Answers) -> Any:
    result = found["answer"]
    at = fmt.moment(result.as_of)
    told = view.text("explorer.as_of", at=at, ms=f"{result.seconds * 1000:,.0f}")
    return [html.Span(told), *freshness.marks(view, result)]


def notes(view: View, question: Question, found: Answers, kind: str) -> list[Any]:
    """What must be known to read the answer: what was cut, what was left out, what shares no axis."""
    result, told = found["answer"], []
    for dimension, n in ask.cuts(view, question, found):
        key = "explorer.cut_parts" if dimension else "explorer.cut_rows"
        name = names.dimension(view, dimension) if dimension else ""
        told.append(view.text(key, name=name, n=f"{n:,}"))
    if most := explorer_chart.parts_left_out(question, result, kind):
        told.append(view.text("explorer.cut_chart", n=most))
    for metric in question.metrics:
        note = result.notes.get(metric)
        if not note or note != "partial_people" and any(row.get(metric) is not None for row in result.rows[:1]):
            continue
        why = (
            view.text("components.state.not_allowed") if note == "not_allowed" else freshness.noted(view, result, note)
        )
        told.append(view.text("explorer.metric_note", name=names.metric(view, metric), why=why))
    if kind in ("line", "bar") and len(question.metrics) > 1 and not (kind == "line" and question.by):
        other = [one for one in question.metrics if one not in explorer_chart.alike(question, result)]
        if other:
            told.append(
                view.text("explorer.other_unit", names=names.several(view, [names.metric(view, o) for o in other]))
            )
    return [html.P(text, className="note explore-note") for text in told]


def _files(view: View, picture: bool) -> html.Details:
    query = view.query_string()
    links: list[Any] = [
        html.A(kind.upper(), href=f"/explore/file.{kind}{query}", className="option", download=f"explore.{kind}")
        for kind in explorer_file.TYPES
    ]
    if picture:
        links.append(html.Button("PNG", className="option", **{"data-png": "explorer-answer"}))
    links.append(html.Div(view.text("explorer.file_note"), className="panel-title"))
    label = view.text("components.export.title")
    return html.Details(
        [
            html.Summary("⋯", className="icon-button", title=label, **{"aria-label": label}),
            html.Div(links, className="panel right"),
        ],
        className="pick",
    )


def _draw_sql(view: View, found: Answers) -> Any:
    """What the metrics mean and the SQL that was run; closed until somebody wants to see it."""
    question = ask.read(view)
    if not found or not question.metrics:
        return None
    visible = [name for name in question.metrics if found["answer"].notes.get(name) != "not_allowed"]
    meanings = [
        html.Div([html.H3([names.metric(view, name), definition.mark(view, name)]), html.P(_meaning(view, name))])
        for name in visible
    ]
    inside = html.Div(
        [
            *meanings,
            html.H3("SQL"),
            html.Pre(definition.pretty(found["answer"].sql), className="sql", tabIndex="0"),
        ]
    )
    return html.Details(
        [html.Summary(view.text("explorer.how"), className="button"), card(inside)], className="explore-how"
    )


def _meaning(view: View, name: str) -> str:
    item = metrics.catalogue()[name]
    told = item.definition_zh if view.lang == "zh" else item.definition_en
    return f"{told} · {item.formula}" if item.formula else told


BLOCKS = (
    Block("form", _nothing, _draw_form, 92, "strip", "explorer.title", export=False),
    Block("answer", ask.ask, _draw_answer, 520, "chart", "explorer.title", export=False),
    Block("sql", ask.ask, _draw_sql, 40, "text", "explorer.how", export=False),
)


def layout(view: View) -> Component:
    """Pickers, the answer, what it means."""
    at = places("explorer", BLOCKS)
    head = html.Div([html.H1(view.text("explorer.title"))], className="page-title")
    return html.Div([head, *at.values()], className="stack")


def _register(app: dash.Dash) -> None:
    app.server.add_url_rule("/explore/file.<kind>", "explorer_file", _file, methods=["GET"])

    @app.callback(
        Output("view-answer", "children"),
        Output("url", "search", allow_duplicate=True),
        Input("view-save", "n_clicks"),
        Input("view-update", "n_clicks"),
        State("view-name", "value"),
        State("view-share", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def keep(_new: Any, _old: Any, name: str | None, share: str | None, search: str) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update
        try:
            view = data_frame.here("/explore", search)
            kept = _keep(view, search, name or "", share or "-", new=ctx.triggered_id == "view-save")
        except CockpitError as error:
            return html.Span(error.text(lang()), className="tone-critical"), no_update
        return "", saved.link(kept).partition("/explore")[2]


def _keep(view: View, search: str, name: str, share: str, *, new: bool) -> SavedView:
    """Save the question at hand, or put it into the view that is open. Raises what `access.views` raises."""
    user, ledger, shared = current_user(), view.context.ledger, "" if share == "-" else share
    if user is None or ledger is None:
        raise UserError("not_signed_in")
    if new:
        return views.find(ledger, user, views.save(ledger, user, name, saved.asked(search), shared))
    told = view.extra.get("view", "")
    view_id = int(told) if told.isdigit() else 0
    return views.change(ledger, user, view_id, name=name, query=saved.asked(search), shared=shared)


def _file(kind: str) -> flask.Response:
    view = data_frame.here("/explore", flask.request.query_string.decode())
    try:
        return explorer_file.response(view, kind)
    except UserError as error:
        status = 403 if error.code in ("not_allowed", "act_not_allowed") else 400
        return flask.Response(error.text(view.lang), status=status, mimetype="text/plain")


PAGE = Page(
    id="explorer",
    path="/explore",
    title="explorer.nav",
    layout=layout,
    blocks=BLOCKS,
    section="business",
    order=60,
    icon="search",
    register=_register,
)
