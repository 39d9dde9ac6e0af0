"""Alerts: what is wrong now, what cannot be judged, what was, and the rules behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import dash
from dash import ALL, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

import alerts
import metrics
from access import current_user, may, require
from alerts.trial import back_test
from alerts.types import Rule
from components import alert_list, alert_rules, layout, names, states
from components import alert_words as words
from components.context import lang
from components.page import Answers, Block, Page
from components.view import View
from config import now
from errors import CockpitError, UserError
from i18n import text
from metrics.types import Query, Result

TABS = ("now", "rules", "history")


def _tab(view: View) -> str:
    asked = view.extra.get("tab", "now")
    return asked if asked in TABS else "now"


def _moment(view: View) -> datetime:
    return now(view.context.settings)


def _nothing(view: View) -> Answers:
    return {}


def _draw(view: View, _answers: Answers) -> Any:
    if view.context.ledger is None:
        return states.message("∅", view.text("alerts.page.no_ledger"))
    tabs = html.Nav(
        [
            html.A(
                view.text(f"alerts.tab.{name}"),
                href=view.href("/alerts", extra={"tab": name} if name != "now" else {}),
                className="tab" + (" on" if name == _tab(view) else ""),
                **{"data-nav": "1"},
            )
            for name in TABS
        ],
        className="tabs",
    )
    return html.Div([tabs, html.Div(PARTS[_tab(view)](view), id="alerts-part")], className="alerts-page")


def _now(view: View) -> Any:
    items, moment = alerts.active(view.context.ledger, view.scope), _moment(view)
    acts = may(current_user(), "acknowledge")
    return html.Div(
        [
            layout.card(
                alert_list.alarms(view, items, moment, acts),
                title=view.text("alerts.page.alarms"),
                note=_counts(view, items),
            ),
            layout.card(
                alert_list.faults(view, items, moment),
                title=view.text("alerts.page.faults"),
                note=view.text("alerts.page.faults_note"),
            ),
            layout.card(alert_list.system(view, moment), title=view.text("alerts.page.machine")),
        ],
        className="alerts-columns",
    )


def _counts(view: View, items: list[alerts.Incident]) -> str:
    quiet = [item for item in items if item.is_silenced(_moment(view))]
    heard = [item.state for item in items if item not in quiet]
    told = view.text("alerts.page.counts", firing=heard.count("firing"), taken=heard.count("acknowledged"))
    return f"{told} · {view.text('alerts.page.quiet', n=len(quiet))}" if quiet else told


def _history(view: View) -> Any:
    past = alerts.history(view.context.ledger, view.scope, limit=100)
    return layout.card(alert_list.history(view, past, _moment(view)), title=view.text("alerts.tab.history"))


def _rules(view: View) -> Any:
    asked, change = view.extra.get("rule", ""), may(current_user(), "change_rules")
    if asked and change:
        return layout.card(alert_rules.form(view, _rule_asked(view, asked)))
    known = [rule for rule in alerts.rules(view.context.ledger) if rule.metric not in view.scope.hidden]
    return layout.card(alert_rules.rule_list(view, known, change), title=view.text("alerts.tab.rules"))


def _rule_asked(view: View, asked: str) -> Rule:
    if asked.isdigit():
        return alerts.rule(view.context.ledger, int(asked))
    metric = view.extra.get("metric", "refund_rate")
    return Rule(metric=metric if metric in metrics.catalogue() else "refund_rate", threshold=0.0)


PARTS: dict[str, Callable[[View], Any]] = {"now": _now, "rules": _rules, "history": _history}
BLOCK = Block(name="all", ask=_nothing, draw=_draw, height=480, skeleton="table", export=False)


def _layout(view: View) -> Component:
    return html.Div(
        [layout.places("alerts", (BLOCK,))["all"], html.Div(id="alerts-note", className="alerts-note", role="status")]
    )


# What people do -------------------------------------------------------------------------------------------------------


def _view(search: str) -> View:
    from components.shell import view_of

    return view_of([PAGE], "/alerts", search)[0]


def _told(error: CockpitError) -> str:
    return error.text(lang())


def _need_visible(view: View, incident_id: int) -> None:
    """Nobody acts on what they may not see; to them it does not exist. Raises `UserError("alert_unknown")`."""
    if not alerts.visible(alerts.incident(view.context.ledger, incident_id), view.scope):
        raise UserError("alert_unknown", id=incident_id)


def _act(view: View, asked: dict[str, Any], notes: dict[int, str]) -> str:
    """Carry out one tap on an incident; gives the sentence that says so."""
    user, at, key = require(current_user(), "acknowledge"), _moment(view), int(asked["id"])
    _need_visible(view, key)
    if asked["type"] == "alert-ack":
        alerts.acknowledge(view.context.ledger, key, user.name, notes.get(key, ""), at)
        return view.text("alerts.act.done")
    until = at + timedelta(hours=int(asked["hours"]))
    alerts.silence(view.context.ledger, key, user.name, until, notes.get(key, ""), at)
    return view.text("alerts.act.hushed", until=until.strftime("%H:%M"))


def _register(app: dash.Dash) -> None:
    _register_acts(app)
    _register_rules(app)
    _register_form(app)


def _register_acts(app: dash.Dash) -> None:
    @app.callback(
        Output("alerts-all", "children", allow_duplicate=True),
        Output("alerts-note", "children"),
        Input({"type": "alert-ack", "id": ALL}, "n_clicks"),
        Input({"type": "alert-hush", "id": ALL, "hours": ALL}, "n_clicks"),
        State({"type": "alert-note", "id": ALL}, "value"),
        State({"type": "alert-note", "id": ALL}, "id"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def act(_acks: list[Any], _hushes: list[Any], values: list[Any], ids: list[Any], search: str) -> Any:
        if not ctx.triggered_id or not ctx.triggered[0]["value"]:
            return no_update, no_update
        view = _view(search)
        try:
            told = _act(
                view, dict(ctx.triggered_id), {item["id"]: value or "" for item, value in zip(ids, values, strict=True)}
            )
        except CockpitError as error:
            return no_update, _note(_told(error))
        return _draw(view, {}), _note(told)


def _register_rules(app: dash.Dash) -> None:
    @app.callback(
        Output("alerts-all", "children", allow_duplicate=True),
        Output("alerts-note", "children", allow_duplicate=True),
        Input({"type": "alert-rule", "id": ALL, "do": ALL}, "n_clicks"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def change(_clicks: list[Any], search: str) -> Any:
        if not ctx.triggered_id or not ctx.triggered[0]["value"]:
            return no_update, no_update
        asked, view = dict(ctx.triggered_id), _view(search)
        try:
            user, at, ledger = require(current_user(), "change_rules"), _moment(view), view.context.ledger
            if asked["do"] == "remove":
                alerts.remove_rule(ledger, asked["id"], user.name, at)
            else:
                alerts.enable_rule(ledger, asked["id"], asked["do"] == "on", user.name, at)
        except CockpitError as error:
            return no_update, _note(_told(error))
        return _draw(view, {}), _note(view.text("alerts.rules.done"))


def _register_form(app: dash.Dash) -> None:
    fields = [State(f"rule-{name}", "value") for name in alert_rules.FIELDS]

    @app.callback(
        Output("rule-threshold", "suffix"),
        Output("rule-compare-box", "style"),
        Output("rule-dimension", "data"),
        Input("rule-metric", "value"),
        Input("rule-kind", "value"),
        State("url", "search"),
    )
    def fit(metric: str, kind: str, search: str) -> Any:
        view = _view(search)
        return (
            f" {alert_rules.suffix(view, metric, kind)}",
            {} if kind == "change" else {"display": "none"},
            alert_rules.dimension_choices(view, metric),
        )

    @app.callback(
        Output("rule-answer", "children"),
        Output("url", "search", allow_duplicate=True),
        Input("rule-preview", "n_clicks"),
        Input("rule-save", "n_clicks"),
        State("rule-id", "data"),
        State("url", "search"),
        *fields,
        prevent_initial_call=True,
    )
    def answer(_preview: Any, _save: Any, rule_id: int, search: str, *values: Any) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update
        view = _view(search)
        try:
            user = require(current_user(), "change_rules")
            kept = alerts.rule(view.context.ledger, rule_id) if rule_id else Rule(metric="", threshold=0.0)
            rule = alert_rules.read_form(dict(zip(alert_rules.FIELDS, values, strict=True)), kept)
            alerts.check_rule(rule)
            if ctx.triggered_id == "rule-preview":
                return preview(view, rule), no_update
            alerts.save_rule(view.context.ledger, rule, user.name, _moment(view))
        except CockpitError as error:
            return html.Span(_told(error), className="tone-critical"), no_update
        return view.text("alerts.rules.done"), "?tab=rules"


def preview(view: View, rule: Rule) -> Component:
    """What the rule says now and how often it would have fired in the last 30 days."""
    at, warehouse = _moment(view), view.context.warehouse

    def ask(query: Query) -> Result:
        return metrics.query(warehouse, query, view.scope)  # whoever tries a rule sees numbers: theirs, not all

    said = alerts.trial(warehouse, rule, at, ask)
    lines = [_said(view, rule, one) for one in said[:8]]
    past = back_test(warehouse, rule, at, ask)
    told = (
        text("alerts.form.no_back_test", lang())
        if past is None
        else view.text("alerts.form.back_test", fired=len(past["fired"]), known=past["known"], days=past["days"])
    )
    dates = html.Div("、".join(day[5:] for day in past["fired"]), className="muted") if past and past["fired"] else None
    return html.Div([html.Div(view.text("alerts.form.now"), className="muted"), *lines, html.Div(told), dates])


def _said(view: View, rule: Rule, one: dict[str, Any]) -> Component:
    chip = html.Span(
        view.text(f"alerts.outcome.{one['outcome']}"), className=f"chip chip-outcome chip-{one['outcome']}"
    )
    base = (
        "" if one["base"] is None else view.text("alerts.form.base", base=words.figure(view, one["base"], rule.metric))
    )
    error = f" · {one['error']}" if one["error"] else ""
    return html.Div(
        [chip, f" {_labels(view, one['labels'])}{words.figure(view, one['value'], rule.metric)}{base}{error}"]
    )


def _note(told: str) -> Component:
    """The toast; a new element each time, so that it fades each time."""
    return html.Span(told, key=token_hex(4))


def _labels(view: View, labels: dict[str, str]) -> str:
    told = " · ".join(names.value(view, name, value) for name, value in labels.items())
    return f"{told} " if told else ""


PAGE = Page(
    id="alerts",
    path="/alerts",
    title="alerts.page.title",
    layout=_layout,
    blocks=(BLOCK,),
    section="governance",
    order=70,
    icon="bell",
    filters=False,
    periods=False,
    needs_data=False,
    register=_register,
)
