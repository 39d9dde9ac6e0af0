"""Keeping a question: the form that saves and shares it, and the list of what is kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from access import ROLES, User, current_user, views
from access.views import SavedView
from components import format as fmt
from components.series import moment
from components.view import View, parse
from errors import UserError

PASSING = ("view", "save", "hold", "edit")  # of the address: what is open, not what is asked


def asked(search: str) -> str:
    """The part of an address that is the question, to be kept."""
    pairs = [pair for pair in parse_qsl(search.lstrip("?"), keep_blank_values=True) if pair[0] not in PASSING]
    return urlencode(pairs)


def link(found: SavedView) -> str:
    """The address of a kept view."""
    return f"{found.page}?{found.query}{'&' if found.query else ''}view={found.id}"


def opened(view: View, found: SavedView) -> View:
    """A kept view as its reader sees it: their own rights, language and colours."""
    return parse(
        view.context,
        found.page,
        f"?{found.query}",
        lang=view.lang,
        theme=view.theme,
        rise=view.rise,
        scope=view.scope,
    )


def here(view: View) -> SavedView | None:
    """The kept view that the address names, if its reader may open it."""
    user, told = current_user(), view.extra.get("view", "")
    if user is None or view.context.ledger is None or not told.isdigit():
        return None
    try:
        return views.find(view.context.ledger, user, int(told))
    except UserError:
        return None


def head(view: View) -> html.Div:
    """What is open, and the ways to keep it and to one's own page."""
    kept = here(view)
    parts: list[Any] = []
    if kept is not None:
        parts.append(html.Span(view.text("saved.open", name=kept.name, owner=kept.owner), className="note"))
    if view.context.ledger is not None and current_user() is not None:
        save = view.href(extra={**view.extra, "save": "1"})
        parts.append(html.A(view.text("saved.save"), href=save, className="button small", **{"data-nav": "1"}))
        parts.append(html.A(view.text("saved.mine"), href="/my", className="button small", **{"data-nav": "1"}))
    return html.Div(parts, className="explore-saved")


def form(view: View) -> html.Div:
    """Name and sharing of the question at hand; empty unless the address asks for it."""
    user = current_user()
    if "save" not in view.extra or user is None:
        return html.Div(id="view-form", hidden=True)
    kept = here(view)
    mine = kept if kept is not None and views.may_change(user, kept) else None
    left = {name: value for name, value in view.extra.items() if name != "save"}
    buttons = [
        html.Button(view.text("saved.save_new"), id="view-save", className="button primary"),
        html.Button(view.text("saved.update"), id="view-update", className="button", hidden=mine is None),
        html.A(view.text("saved.cancel"), href=view.href(extra=left), className="button", **{"data-nav": "1"}),
    ]
    return html.Div(
        [
            html.Div(fields(view, mine), className="form-grid"),
            html.Div(buttons, className="act-buttons"),
            html.Div(id="view-answer", className="form-answer", role="status"),
        ],
        className="rule-form",
        id="view-form",
    )


def fields(view: View, kept: SavedView | None) -> list[Any]:
    """Name and with whom it is shared."""
    choices = [{"value": "-", "label": view.text("saved.shared.me")}]
    choices.append({"value": views.EVERYONE, "label": view.text("saved.shared.all")})
    choices += [{"value": role, "label": view.text(f"components.owner.{role}")} for role in roles()]
    return [
        html.Label(
            [
                html.Span(view.text("saved.name")),
                dcc.Input(
                    id="view-name",
                    type="text",
                    value=kept.name if kept else "",
                    maxLength=views.LONGEST_NAME,
                    className="field",
                ),
            ],
            className="form-field",
        ),
        html.Div(
            dmc.Select(
                id="view-share",
                label=view.text("saved.share"),
                data=choices,
                value=(kept.shared if kept else "") or "-",
                allowDeselect=False,
                comboboxProps={"zIndex": 70},
            ),
            className="form-field",
        ),
    ]


def roles() -> tuple[str, ...]:
    """Roles that a view can be shared with: people's."""
    return tuple(role for role in ROLES if role not in ("wall", "admin"))


def shared_name(view: View, shared: str) -> str:
    """With whom a view is shared, in words."""
    if shared in ("", views.EVERYONE):
        return view.text("saved.shared.all" if shared else "saved.shared.me")
    return view.text(f"components.owner.{shared}") if shared in roles() else shared


def listing(view: View, user: User, found: list[SavedView], pinned: set[int]) -> html.Table:
    """Every view the reader may open, with what they may do to it."""
    heads = ("name", "owner", "share", "changed", "acts")
    return html.Table(
        [
            html.Caption(view.text("saved.list"), className="sr-only"),
            html.Thead(html.Tr([html.Th(view.text(f"saved.{name}"), scope="col") for name in heads])),
            html.Tbody([_row(view, user, one, one.id in pinned) for one in found]),
        ],
        className="table listed",
    )


def _row(view: View, user: User, found: SavedView, pinned: bool) -> html.Tr:
    at = fmt.moment(moment(found.changed_at or found.created_at)) if found.changed_at or found.created_at else fmt.DASH
    acts: list[Any] = [
        act(view, "unpin" if pinned else "pin", found.id),
        html.Button(view.text("saved.copy"), className="button small", **{"data-copy": link(found)}),
    ]
    if views.may_change(user, found):
        acts.append(
            html.A(
                view.text("saved.edit"),
                href=f"/my?edit={found.id}",
                className="button small",
                **{"data-nav": "1"},
            )
        )
    cells = (
        html.A(found.name, href=link(found), className="inline", **{"data-nav": "1"}),
        found.owner,
        shared_name(view, found.shared),
        at,
        html.Div(acts, className="explore-saved"),
    )
    names = ("name", "owner", "share", "changed", "acts")
    return html.Tr(
        [html.Td(cell, **{"data-label": view.text(f"saved.{name}")}) for name, cell in zip(names, cells, strict=True)]
    )


def act(view: View, name: str, view_id: int, tone: str = "") -> html.Button:
    """A button that does something to a kept view (`pages.my`)."""
    ident = {"type": "my-act", "id": view_id, "do": name}
    return html.Button(view.text(f"saved.act.{name}"), id=ident, className=f"button small {tone}".strip())
