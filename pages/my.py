"""My page: the views a reader has pinned, in order and size, and all that they keep or that is shared with them."""

from __future__ import annotations

from functools import partial
from typing import Any

import dash
from dash import ALL, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from access import User, current_user, views
from access.views import MOST_PINS, SIZES, Pin
from components import data_frame, explorer_chart, explorer_table, saved, states
from components import explorer_ask as ask
from components.context import lang
from components.layout import card, places
from components.page import Answers, Block, Page
from components.view import View
from config import now
from errors import CockpitError, UserError

HEIGHT = 250


def _pinned(view: View) -> list[Pin]:
    user = current_user()
    return views.pins(view.context.ledger, user) if user is not None and view.context.ledger is not None else []


def _pin(number: int, view: View) -> Pin | None:
    found = _pinned(view)
    return found[number] if number < len(found) else None


def _ask(number: int, view: View) -> Answers:
    """The pinned question, asked within the reader's own rights."""
    pin = _pin(number, view)
    return ask.ask(saved.opened(view, pin.view)) if pin is not None and pin.view.page == "/explore" else {}


def _draw(number: int, view: View, found: Answers) -> Any:
    pin = _pin(number, view)
    if pin is None:
        return None
    inner = saved.opened(view, pin.view)
    title = html.A(pin.view.name, href=saved.link(pin.view), className="inline", **{"data-nav": "1"})
    body = _picture(inner, found, f"my-pin{number}") if found else html.P(view.text("saved.elsewhere"))
    return html.Div(
        card(body, title=title, note=_note(view, pin), corner=_menu(view, pin)), className=f"pin pin-{pin.size}"
    )


def _picture(view: View, found: Answers, place: str) -> Any:
    question = ask.read(view)
    kind = ask.kind(question)
    drawn = explorer_chart.chart(view, question, found, kind, f"{place}-graph", height=HEIGHT)
    if drawn is not None:
        return html.Div(drawn, className="pin-body")
    table = explorer_table.pivot if kind == "pivot" else explorer_table.flat
    return table(view, question, found, f"{place}-grid", height=HEIGHT)


def _note(view: View, pin: Pin) -> str | None:
    user = current_user()
    if user is None or pin.view.owner.lower() == user.name.lower():
        return None
    return view.text("saved.from", owner=pin.view.owner)


def _menu(view: View, pin: Pin) -> html.Details:
    acts = ["earlier", "later", *(f"size{size}" for size in SIZES if size != pin.size), "unpin"]
    label = view.text("saved.arrange")
    buttons = [saved.act(view, name, pin.view.id, "option") for name in acts]
    return html.Details(
        [
            html.Summary("⋯", className="icon-button", title=label, **{"aria-label": label}),
            html.Div(buttons, className="panel right"),
        ],
        className="pick",
    )


def _draw_list(view: View, _found: Answers) -> Any:
    user = current_user()
    if user is None or view.context.ledger is None:
        return states.message("⊘", view.text("saved.nobody"))
    found = views.views(view.context.ledger, user)
    title, note = view.text("saved.list"), view.text("saved.list_note")
    if not found:
        way = html.A(view.text("saved.first"), href="/explore", className="button", **{"data-nav": "1"})
        return card(states.message("＋", view.text("saved.empty"), view.text("saved.empty_hint"), [way]), title=title)
    pinned = {one.view.id for one in _pinned(view)}
    body = html.Div(saved.listing(view, user, found, pinned), className="table-scroll")
    return card([_edit(view, user), body], title=title, note=note)


def _edit(view: View, user: User) -> Any:
    """Name and sharing of one kept view, where the address asks for it."""
    told = view.extra.get("edit", "")
    if not told.isdigit():
        return None
    try:
        found = views.find(view.context.ledger, user, int(told))
    except UserError as error:
        return html.P(error.text(view.lang), className="tone-critical", role="alert")
    buttons = [
        saved.act(view, "change", found.id, "primary"),
        html.A(view.text("saved.cancel"), href="/my", className="button small", **{"data-nav": "1"}),
        html.Details(
            [
                html.Summary(view.text("saved.delete"), className="button small"),
                saved.act(view, "delete", found.id, "danger"),
            ],
            className="sure",
        ),
    ]
    return html.Div(
        [html.Div(saved.fields(view, found), className="form-grid"), html.Div(buttons, className="act-buttons")],
        className="rule-form",
    )


BLOCKS = (
    *(
        Block(f"pin{i}", partial(_ask, i), partial(_draw, i), 0, "text", "saved.title", export=False)
        for i in range(MOST_PINS)
    ),
    Block("list", lambda view: {}, _draw_list, 200, "table", "saved.list", export=False),
)


def layout(view: View) -> Component:
    """What is pinned, three columns wide; below it everything that is kept."""
    at = places("my", BLOCKS)
    head = [
        html.H1(view.text("saved.title")),
        html.A(view.text("saved.first"), href="/explore", className="button small", **{"data-nav": "1"}),
    ]
    return html.Div(
        [
            html.Div(head, className="page-title"),
            html.Div(id="my-answer", className="form-answer", role="status"),
            html.Div([at[f"pin{i}"] for i in range(MOST_PINS)], className="pins"),
            at["list"],
        ],
        className="stack",
    )


def change(view: View, user: User, name: str, view_id: int, told: tuple[str, str]) -> None:
    """Do what a button of the page says. Raises what `access.views` raises."""
    ledger = view.context.ledger
    if name in ("pin", "unpin", "delete"):
        {"pin": views.pin, "unpin": views.unpin, "delete": views.delete}[name](ledger, user, view_id)
    elif name in ("earlier", "later"):
        views.arrange(ledger, user, view_id, step=-1 if name == "earlier" else 1)
    elif name.startswith("size") and name[4:].isdigit():
        views.arrange(ledger, user, view_id, size=int(name[4:]))
    elif name == "change":
        views.change(ledger, user, view_id, name=told[0], shared="" if told[1] == "-" else told[1])


def _register(app: dash.Dash) -> None:
    @app.callback(
        Output("my-answer", "children"),
        Output("retry", "data", allow_duplicate=True),
        Output("url", "search", allow_duplicate=True),
        Input({"type": "my-act", "id": ALL, "do": ALL}, "n_clicks"),
        State("view-name", "value", allow_optional=True),
        State("view-share", "value", allow_optional=True),
        prevent_initial_call=True,
    )
    def act(_clicks: list[Any], name: str | None, share: str | None) -> Any:
        if not ctx.triggered_id or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        view, user, asked = data_frame.here("/my"), current_user(), dict(ctx.triggered_id)
        try:
            if user is None:
                raise UserError("not_signed_in")
            change(view, user, str(asked["do"]), int(asked["id"]), (name or "", share or "-"))
        except CockpitError as error:
            return html.Span(error.text(lang()), className="tone-critical"), no_update, no_update
        closes = asked["do"] in ("change", "delete")
        at = now(view.context.settings).isoformat()
        return "", {"place": "my", "at": at}, "" if closes else no_update


PAGE = Page(
    id="my",
    path="/my",
    title="saved.nav",
    layout=layout,
    blocks=BLOCKS,
    section="cockpit",
    order=90,
    icon="users",
    filters=False,
    periods=False,
    register=_register,
)
