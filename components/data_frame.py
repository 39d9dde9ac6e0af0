"""What the data pages share: their tabs, the view behind a callback, names of kinds and doors, sizes."""

from __future__ import annotations

from typing import Any

import flask
from dash import html
from dash.development.base_component import Component

import access
from components import format as fmt
from components import layout, names
from components.context import current, lang, rise_colour, theme
from components.view import View, parse
from errors import UserError
from i18n import catalogue

TABS = ("inbox", "batches", "quarantine", "sources", "tables")


def here(path: str = "/", search: str = "") -> View:
    """The view of the request at hand, for callbacks that know their address."""
    context, language = current(), lang()
    return parse(
        context,
        path,
        search,
        lang=language,
        theme=theme(),
        rise=rise_colour(context.settings, language),
        scope=context.scope(),
    )


def page(view: View, tab: str, *children: Any) -> Component:
    """A data page: tabs above, its parts below."""
    tabs = [
        html.A(
            view.text(f"data.tab.{name}"),
            href=f"/data/{name}",
            className="data-tab" + (" on" if name == tab else ""),
            **{"data-nav": "1", "aria-current": "page" if name == tab else "false"},
        )
        for name in TABS
    ]
    return html.Div(
        [html.Nav(tabs, className="data-tabs", **{"aria-label": view.text("data.tabs")}), *children],
        className="data-page",
    )


def card(children: list[Any], **parts: Any) -> Component:
    """`layout.card` of several parts."""
    return layout.card(html.Div(children), **parts)


def may_change(view: View) -> bool:
    """Whether the reader may load and mend."""
    return access.may(access.current_user(), "load") if flask.has_request_context() else False


def actor() -> str:
    """Who changes something now.

    Raises:
        UserError: `not_signed_in`, `act_not_allowed`.
    """
    return str(access.require(access.current_user(), "load").name)


def barred() -> frozenset[str]:
    """Facts that whoever asks may not write."""
    return access.barred_facts(access.current_user())


def kind_name(view: View, kind: str) -> str:
    """A kind's name in the reader's language."""
    return names.kind(view, kind)


def door_name(view: View, source: str) -> str:
    """Through which door data came."""
    return catalogue(view.lang).get(f"data.source.{source}", source)


def fact_name(view: View, fact: str) -> str:
    return catalogue(view.lang).get(f"data.fact.{fact}", fact)


def reason_text(view: View, reason: str) -> str:
    """Why a row could not be used."""
    return catalogue(view.lang).get(f"reason.{reason}", reason)


def size(count: int) -> str:
    """Bytes for reading."""
    return " ".join(fmt.size(count))


def told(error: UserError, view: View) -> Component:
    """An error where its result would have been."""
    return html.P(error.text(view.lang), className="data-error", role="alert")
