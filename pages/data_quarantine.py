"""Rows that could not be used: mended in bulk, replayed, dismissed, taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import dash
import flask
from dash import Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import data_frame, raw, work
from components import quarantine_view as rows
from components.context import current
from components.page import Page
from components.view import View
from errors import CockpitError
from warehouse import quarantine

ACTS = ("mend", "mend-replay", "replay", "dismiss")


def draw(view: View) -> Component:
    """The groups and rows that the address names, and the sentence about the last change."""
    return data_frame.page(
        view,
        "quarantine",
        html.Div(id="q-note", className="mend-note", role="status"),
        dcc.Store(id="q-job"),
        dcc.Interval(id="q-tick", interval=600, disabled=True),
        html.Div(rows.draw(view, rows.Group.of(dict(view.extra))), id="q-body"),
    )


def _register(app: dash.Dash) -> None:
    app.server.add_url_rule("/data/quarantine.csv", "data_quarantine_csv", _csv, methods=["GET"])

    @app.callback(Output("q-find-box", "hidden"), Input("q-how", "value"))
    def ask_what_to_find(how: str) -> bool:
        return how != "replace"

    @app.callback(
        Output("q-job", "data"),
        Output("q-note", "children"),
        Output("q-tick", "disabled"),
        *(Input(f"q-{act}", "n_clicks") for act in ACTS),
        State("q-grid", "selectedRows"),
        State("q-field", "value"),
        State("q-how", "value"),
        State("q-find", "value"),
        State("q-value", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def change(*given: Any) -> Any:
        clicks, (picked, field, how, find, value, search) = given[:4], given[4:]
        if not any(clicks):
            return no_update, no_update, no_update
        view = data_frame.here("/data/quarantine", search)
        asked = rows.Change(
            str(ctx.triggered_id).removeprefix("q-"),
            _group(view),
            _keys(picked),
            field or "",
            how or "set",
            find or "",
            value or "",
            data_frame.barred(),
        )
        try:
            _need(view, asked.group)
            job = rows.submit(view.context, asked, data_frame.actor())
        except CockpitError as error:
            return no_update, html.Span(error.text(view.lang), className="data-error", role="alert"), True
        return job.id, html.Span(view.text("data.quarantine.working"), className="muted"), False

    @app.callback(
        Output("q-note", "children", allow_duplicate=True),
        Output("q-tick", "disabled", allow_duplicate=True),
        Output("q-body", "children"),
        Input("q-tick", "n_intervals"),
        State("q-job", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def follow(_beat: Any, number: int | None, search: str) -> Any:
        view = data_frame.here("/data/quarantine", search)
        job = work.of(view.context).get(number) if number else None
        if job is None:
            return no_update, True, no_update
        if job.open:
            return no_update, False, no_update
        return rows.told(view, job), True, rows.draw(view, rows.Group(batch=_group(view).batch))


def _group(view: View) -> rows.Group:
    """The group of the address; without one, the first, as it is shown."""
    group = rows.Group.of(dict(view.extra))
    found = rows.groups(view, group.batch) if group.kind is None else []
    return rows.Group(found[0]["kind"], found[0]["reason"], found[0]["field"], group.batch) if found else group


def _need(view: View, group: rows.Group) -> None:
    """Nobody takes away or changes rows that they may not see: an address without a kind speaks of all kinds.

    Raises:
        UserError: `raw_not_allowed`.
    """
    raw.need(view.scope, [group.kind] if group.kind else raw.cost_kinds())


def _keys(picked: list[dict[str, Any]] | None) -> tuple[tuple[int, int], ...]:
    return tuple((int(row["batch_id"]), int(row["source_row"])) for row in picked or ())


def _csv() -> flask.Response:
    data_frame.actor()
    group = rows.Group.of(dict(parse_qsl(flask.request.query_string.decode())))
    _need(data_frame.here("/data/quarantine"), group)
    text = quarantine.export_csv(current().warehouse, group.filters())
    response = flask.Response("\ufeff" + text, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="quarantine.csv"'
    return response


PAGE = Page(
    id="data_quarantine",
    path="/data/quarantine",
    title="data.tab.quarantine",
    layout=draw,
    filters=False,
    periods=False,
    needs_data=False,
    register=_register,
)
