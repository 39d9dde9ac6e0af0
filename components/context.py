"""The running app's things, and who is asking: pages reach the warehouse, the ledger and the reader through here.

One `Context` belongs to one Flask server (`server.extensions["cockpit"]`), so that tests can run several apps in a
process.
What lives on higher floors (removing the demo shop, signing out) comes in as hooks: `context.actions["remove_demo"]`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import flask

import access
import metrics
from components.tokens import Theme
from config import Settings
from errors import UserError
from i18n import LANGUAGES
from metrics.types import Query, Result, Scope

LANG_COOKIE, THEME_COOKIE = "cockpit_lang", "cockpit_theme"


def request_scope() -> Scope:
    """What the signed-on user may see. Raises UserError("not_signed_in") when there is none: no user, no numbers."""
    user = access.current_user()
    if user is None:
        raise UserError("not_signed_in")
    return access.scope_for(user)


def request_user() -> str | None:
    """The signed-on user's name."""
    user = access.current_user()
    return user.name if user else None


def _query(warehouse: Any, query: Query, scope: Scope) -> Result:
    return metrics.query(warehouse, query, scope)


@dataclass
class Context:
    """What the pages of one running app share.

    `scope` and `user` answer for the request at hand (by default the access room's answer).
    `actions` are hooks from above: 'remove_demo' () -> None, 'sign_out' … ; a button is shown only when its hook is
    there.
    `flags` are facts about the process that pages tell: {'demo': True} (demo mode without a password).
    """

    settings: Settings
    warehouse: Any
    ledger: Any = None
    scope: Callable[[], Scope] = request_scope
    user: Callable[[], str | None] = request_user
    actions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    flags: dict[str, Any] = field(default_factory=dict)
    query: Callable[[Any, Query, Scope], Result] = _query
    warnings: list[str] = field(default_factory=list)  # what was skipped at start (a broken page), for the system line
    memo: OrderedDict[Any, Any] = field(default_factory=OrderedDict)  # components.answers keeps its results here
    memo_lock: threading.Lock = field(default_factory=threading.Lock)


def attach(server: flask.Flask, context: Context) -> None:
    """Make `context` the one that requests to `server` see."""
    server.extensions["cockpit"] = context


def current() -> Context:
    """The context of the request at hand. Raises RuntimeError outside a request."""
    context: Context = flask.current_app.extensions["cockpit"]
    return context


def _cookie(name: str, allowed: tuple[str, ...], default: str) -> str:
    asked = flask.request.args.get(name.removeprefix("cockpit_")) or flask.request.cookies.get(name)
    return asked if asked in allowed else default


def lang() -> str:
    """The reader's language: 'zh' or 'en' (cookie, else the setting)."""
    return _cookie(LANG_COOKIE, LANGUAGES, current().settings.language)


def theme() -> Theme:
    """The reader's theme: 'light' or 'dark' (cookie, else light)."""
    return "dark" if _cookie(THEME_COOKIE, ("light", "dark"), "light") == "dark" else "light"


def rise_colour(settings: Settings, language: str) -> str:
    """'red' or 'green': the colour of what rises, by the setting or by the reader's convention."""
    if settings.rise_colour in ("red", "green"):
        return settings.rise_colour
    return "red" if language == "zh" else "green"


def demo_present(context: Context) -> bool:
    """Whether demo batches stand in the warehouse (the marker on every screen)."""
    check = context.actions.get("demo_present")
    return bool(check()) if check else bool(context.flags.get("demo_data"))
