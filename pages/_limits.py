"""What people do with the limits of segments: see what a change moves, keep it, give the settings back."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, State, ctx, html, no_update

from access import current_user, require
from access.limits import digest, set_limits
from components import limits_form
from components.context import lang
from components.view import View
from config import now
from errors import CockpitError
from metrics import limits
from metrics.people import Cuts

Answer = tuple[Any, Any, bool]


def _view(path: str, search: str) -> View:
    from components.shell import view_of

    return view_of([], path, search)[0]


def answer(view: View, act: str, cuts: Cuts | None, seen: str, note: str) -> Answer:
    """What the page says, the mark of what was shown, and whether saving is barred.

    Raises:
        UserError: what `limits.check` and `access.limits.set_limits` raise.
    """
    user = require(current_user(), "administer")
    settings, ledger = view.context.settings, view.context.ledger
    wanted = limits.check(cuts) if cuts is not None else Cuts.declared(settings)
    moved = limits_form.moved(view, wanted)
    if act == "preview":
        return limits_form.effect(view, moved, wanted), digest(cuts), cuts == Cuts.of(settings)
    summary = {name: list(one[:2]) for name, one in moved.items()}
    mark = digest(None) if cuts is None else seen
    set_limits(ledger, settings, cuts, user, now(settings), note=note, seen=mark, effect=summary)
    return html.Span([view.text("buyers.limits.done"), " ", _again(view)]), None, True


def _again(view: View) -> html.A:
    return html.A(view.text("buyers.limits.again"), href=view.href(), className="inline", **{"data-nav": "1"})


def register(app: dash.Dash) -> None:
    """The one callback of the form."""

    @app.callback(
        Output("limits-answer", "children"),
        Output("limits-seen", "data"),
        Output("limits-save", "disabled"),
        Input("limits-preview", "n_clicks"),
        Input("limits-save", "n_clicks"),
        Input("limits-back", "n_clicks"),
        State("limits-seen", "data"),
        State("limits-note", "value"),
        State("url", "pathname"),
        State("url", "search"),
        *(State(f"limit-{name}", "value") for name in limits_form.FIELDS),
        prevent_initial_call=True,
    )
    def act(_p: Any, _s: Any, _b: Any, seen: str | None, note: str, path: str, search: str, *values: Any) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        name = str(ctx.triggered_id).removeprefix("limits-")
        try:
            filled = limits_form.read(dict(zip(limits_form.FIELDS, values, strict=True)))
            return answer(_view(path, search), name, None if name == "back" else filled, seen or "", note or "")
        except CockpitError as error:
            return html.Span(error.text(lang()), className="tone-critical"), None, True
