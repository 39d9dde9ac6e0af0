"""Define a metric, or redefine one: what would move is shown before it can be saved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import dash
from dash import Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

import metrics
from access import current_user, require
from access.define import define, maker, may_define, take_back
from access.scopes import finance_metrics
from alerts.consequences import Effect, consequences
from components import definition_effect, definition_form, names, states
from components.context import lang
from components.layout import card
from components.page import Page
from components.view import View
from config import now
from errors import CockpitError
from metrics import definitions
from metrics.catalogue import Book
from metrics.declare import Metric


def layout(view: View) -> Component:
    """The form, or why there is none."""
    metric_id, ledger = view.path_args.get("metric"), view.context.ledger
    if metric_id is not None and metric_id not in metrics.catalogue():
        return states.message(
            "?", view.text("pages.dictionary.missing", id=metric_id), view.text("pages.dictionary.missing_hint")
        )
    made_by = maker(ledger, metric_id) if ledger is not None and metric_id else None
    if ledger is None or not may_define(current_user(), metric_id, made_by):
        return states.message("⊘", view.text("definitions.form.not_allowed"), view.text("definitions.form.whom"))
    metric = metrics.catalogue()[metric_id] if metric_id else definition_form.EMPTY
    if metric.uses & view.scope.hidden:
        return states.not_allowed(view, names.metric(view, metric.id))
    back = metric.origin != "declared"
    return html.Div(
        [html.H1(_title(view)), card(definition_form.form(view, metric, may_take_back=back and metric_id is not None))],
        className="stack",
    )


def _title(view: View) -> str:
    metric_id = view.path_args.get("metric")
    if metric_id is None:
        return view.text("definitions.form.new")
    return view.text("definitions.form.change", name=names.metric(view, metric_id))


def _view(path: str, search: str) -> View:
    from components.shell import view_of

    return view_of([PAGE], path, search)[0]


def _moment(view: View) -> datetime:
    return now(view.context.settings)


def _moved(view: View, metric_id: str, new: Book) -> Effect:
    context = view.context
    return consequences(
        context.warehouse, context.ledger, metric_id, new, _moment(view), view.scope, closed=finance_metrics
    )


def preview(view: View, asked: Metric) -> tuple[Component, str]:
    """What moves with a definition, drawn, and the mark of what was shown.

    Raises:
        UserError: `act_not_allowed`, and what `definitions.check` raises.
    """
    require(current_user(), "define")
    found, new = definitions.candidate(asked)
    return definition_effect.effect(view, _moved(view, found.id, new), new), definitions.digest(found)


def save(view: View, asked: Metric, note: str, seen: str) -> Metric:
    """Keep a definition with the summary of what it moves. Raises what `alerts.define.define` raises."""
    found, new = definitions.candidate(asked)
    effect = _moved(view, found.id, new).summary()
    return define(view.context.ledger, asked, current_user(), _moment(view), note=note, seen=seen, effect=effect)


def give_back(view: View, metric_id: str, note: str) -> None:
    """Take a person's definition back. Raises what `alerts.define.take_back` raises."""
    effect = _moved(view, metric_id, definitions.without(metric_id)).summary()
    take_back(view.context.ledger, metric_id, current_user(), _moment(view), note=note, effect=effect)


def _register(app: dash.Dash) -> None:
    fields = [State(f"define-{name}", "value") for name in definition_form.FIELDS]

    @app.callback(
        Output("define-formula", "value"),
        Output("define-insert", "value"),
        Input("define-insert", "value"),
        State("define-formula", "value"),
        prevent_initial_call=True,
    )
    def insert(name: str | None, formula: str | None) -> Any:
        if not name:
            return no_update, no_update
        return f"{(formula or '').rstrip()} {name}".strip(), None

    @app.callback(
        Output("define-answer", "children"),
        Output("define-seen", "data"),
        Output("define-save", "disabled"),
        Output("url", "pathname", allow_duplicate=True),
        Input("define-preview", "n_clicks"),
        Input("define-save", "n_clicks"),
        Input("define-back", "n_clicks"),
        State("define-seen", "data"),
        State("define-note", "value"),
        State("url", "pathname"),
        State("url", "search"),
        *fields,
        prevent_initial_call=True,
    )
    def answer(_p: Any, _s: Any, _b: Any, seen: str | None, note: str, path: str, search: str, *values: Any) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update, no_update
        view, asked = _view(path, search), definition_form.read(dict(zip(definition_form.FIELDS, values, strict=True)))
        try:
            if ctx.triggered_id == "define-preview":
                shown, mark = preview(view, asked)
                return shown, mark, False, no_update
            if ctx.triggered_id == "define-save":
                kept = save(view, asked, note or "", seen or "")
                return view.text("definitions.form.done"), None, True, f"/dictionary/{kept.id}"
            give_back(view, asked.id, note or "")
        except CockpitError as error:
            return html.Span(error.text(lang()), className="tone-critical"), None, True, no_update
        left = f"/dictionary/{asked.id}" if asked.id in metrics.catalogue() else "/dictionary"
        return view.text("definitions.form.done"), None, True, left


def _path(view: View) -> list[tuple[str, str]]:
    return [(view.text("pages.dictionary.nav"), view.href("/dictionary")), (_title(view), view.href())]


PAGE = Page(
    id="define",
    path="/define",
    aliases=("/define/<metric>",),
    title="definitions.form.new",
    layout=layout,
    needs_data=False,
    filters=False,
    periods=False,
    register=_register,
    breadcrumb=_path,
)
