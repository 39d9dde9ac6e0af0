"""Reconciliation: which shop and day the sources tell differently, which orders stand behind it, and who signed it."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import dash
from dash import Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from access import current_user
from access.signing import sign, withdraw
from components import data_frame, export, states
from components import reconcile_view as rv
from components.layout import card, places
from components.page import Answers, Block, Page
from components.view import View
from config import now
from errors import CockpitError
from metrics import signoffs
from metrics.reconcile import cases

PATH = "/reconciliation"


def _ask(view: View) -> Answers:
    return {"cells": rv.words(view, rv.ask(view))}


def _draw_summary(view: View, _found: Answers) -> Any:
    return card(rv.tiles(view, rv.ask(view)))


def _draw_matrix(view: View, _found: Answers) -> Any:
    cells = rv.ask(view)
    days = len({row["day"] for row in cells.rows})
    body = [rv.matrix(view, cells), rv.legend(view)] if cells.rows else states.nothing(view)
    return card(
        body,
        title=view.text("reconciliation.matrix"),
        note=view.text("reconciliation.matrix_note", days=days),
        corner=export.menu(view, "reconciliation", "matrix"),
    )


def _ask_detail(view: View) -> Answers:
    cell = rv.Cell.read(view.extra.get("cell"))
    if cell is None:
        return {}
    rv.ask(view)  # the reader's right
    found = cases(view.context.warehouse, cell.pair, cell.platform, cell.shop, cell.day, view.scope)
    return {"cases": found}


def _draw_detail(view: View, found: Answers) -> Any:
    title, cell = view.text("reconciliation.detail"), rv.Cell.read(view.extra.get("cell"))
    row = _row(view, cell) if cell is not None else None
    if cell is None or row is None:
        return card(html.P(view.text("reconciliation.choose"), className="muted"), title=title)
    acts = signoffs.history(view.context.ledger, cell.pair, cell.platform, cell.shop, cell.day)
    body = [*rv.detail(view, cell, row, found["cases"]), rv.form(view, row, acts)]
    return card(body, title=title, corner=export.menu(view, "reconciliation", "detail"))


def _row(view: View, cell: rv.Cell) -> dict[str, Any] | None:
    """The cell as it stands; None outside the days shown, or without anything to compare."""
    for row in rv.ask(view).rows:
        if rv.Cell(row["pair"], row["platform"], row["shop"], row["day"]) == cell:
            return row if row["difference"] is not None else None
    return None


BLOCKS = (
    Block("summary", _ask, _draw_summary, 92, "strip", "reconciliation.summary", then=False),
    Block("matrix", _ask, _draw_matrix, 360, "table", "reconciliation.matrix", then=False),
    Block("detail", _ask_detail, _draw_detail, 240, "table", "reconciliation.detail", then=False),
)


def layout(view: View) -> Component:
    """The tally, the matrix, what stands behind the chosen cell."""
    if not rv.may(view):
        return states.message("⊘", view.text("reconciliation.nav"), view.text("reconciliation.only_finance"))
    at = places("reconciliation", BLOCKS)
    heading = html.H1(view.text("reconciliation.title"), className="sr-only")
    answer = html.Div(id="reconcile-answer", className="form-answer", role="status")
    return html.Div([heading, at["summary"], at["matrix"], at["detail"], answer], className="stack")


def act(view: View, what: str, reason: str, note: str, seen: float | None) -> str:
    """Sign or take back the chosen cell's signature; the sentence that says so.

    Raises:
        UserError: what `access.signing` raises.
    """
    cell = rv.Cell.read(view.extra.get("cell"))
    if cell is None:
        return view.text("reconciliation.choose")
    place = (cell.pair, cell.platform, cell.shop, cell.day)
    warehouse, ledger, at = view.context.warehouse, view.context.ledger, now(view.context.settings)
    if what == "withdraw":
        withdraw(warehouse, ledger, current_user(), place, at)
        return view.text("reconciliation.withdraw_done")
    sign(warehouse, ledger, current_user(), place, at, reason=reason, note=note, seen=seen or 0.0)
    return view.text("reconciliation.sign_done")


def _register(app: dash.Dash) -> None:
    @app.callback(
        Output("reconciliation-summary", "children", allow_duplicate=True),
        Output("reconciliation-matrix", "children", allow_duplicate=True),
        Output("reconciliation-detail", "children", allow_duplicate=True),
        Output("reconcile-answer", "children"),
        Input("reconcile-sign", "n_clicks"),
        Input("reconcile-withdraw", "n_clicks"),
        State("reconcile-reason", "value"),
        State("reconcile-note", "value"),
        State("reconcile-seen", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def answer(_s: Any, _w: Any, reason: str | None, note: str | None, seen: float | None, search: str) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return (no_update,) * 4
        view = data_frame.here(PATH, search)
        what = str(ctx.triggered_id).removeprefix("reconcile-")
        try:
            told = act(view, what, reason or "", note or "", seen)
        except CockpitError as error:
            said = html.Span(error.text(view.lang), className="tone-critical", key=token_hex(4))
            return no_update, no_update, no_update, said
        drawn = (_draw_summary(view, {}), _draw_matrix(view, {}), _draw_detail(view, _ask_detail(view)))
        return *drawn, html.Span(told, key=token_hex(4))


PAGE = Page(
    id="reconciliation", path=PATH, title="reconciliation.nav", layout=layout, blocks=BLOCKS, section="governance",
    order=65, icon="scales", register=_register,
)  # fmt: skip
