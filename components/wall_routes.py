"""The wall over HTTP: its page, its picture as JSON, and the exchange of a wall key for a cookie.

All three live under `/wall/<screen>`, so that a wall key needs no other address than its own screen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from html import escape
from typing import Any

import dash
import flask

from access import keys
from access.gate import WALL_COOKIE
from components import wall_shell
from components.context import Context, current, lang, rise_colour
from components.view import View, parse
from config import ROOT
from errors import CockpitError, UserError

COOKIE_SECONDS = 400 * 86400  # a wall is not asked to sign in; its key is revoked instead
Model = Callable[[View, str], dict[str, Any]]


def register(app: dash.Dash, screens: dict[str, Model]) -> None:
    """Answer `/wall/<screen>` for these screens; each model is `(view, build) -> picture`."""
    build = _build()

    def wall_screen(screen: str) -> flask.Response:
        try:
            if "key" in flask.request.args:
                return _exchange(screen, flask.request.args["key"])
            if screen not in screens:
                raise UserError("wall_screen", screen=screen, known=", ".join(screens))
            if flask.request.args.get("format") == "json":
                return _fresh(flask.jsonify(screens[screen](view(screen), build)))
            return _fresh(flask.make_response(wall_shell.page(screen, lang(), _rise(current()), build)))
        except UserError as error:
            return _turned_away(error)

    app.server.add_url_rule("/wall/<screen>", "wall_screen", wall_screen, methods=["GET"])


def view(screen: str) -> View:
    """What a wall looks at: the whole scope of whoever asks, always in the dark theme."""
    context, language = current(), lang()
    return parse(
        context, f"/wall/{screen}", "", lang=language, theme="dark", rise=_rise(context), scope=context.scope()
    )


def _rise(context: Context) -> str:
    return rise_colour(context.settings, lang())


def _build() -> str:
    """A name for what a running wall must match; when it differs, the wall takes its page anew."""
    digest = hashlib.sha256(wall_shell.page("", "zh", "red", "").encode())
    for name in wall_shell.ASSETS:
        digest.update((ROOT / "assets" / name).read_bytes())
    return digest.hexdigest()[:12]


def _exchange(screen: str, key: str) -> flask.Response:
    """Put the key into a cookie that scripts cannot read, and out of the address bar."""
    wall = keys.wall_of_key(current().ledger, key) if current().ledger is not None else None
    if wall is None or wall.screen != screen:
        raise UserError("wall_key")
    response = flask.redirect(f"/wall/{screen}", code=303)
    response.set_cookie(
        WALL_COOKIE, key, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=flask.request.is_secure
    )
    return _fresh(response)  # type: ignore[arg-type]


def _fresh(response: flask.Response) -> flask.Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _turned_away(error: CockpitError) -> flask.Response:
    status = {"wall_key": 403, "wall_screen": 404, "not_signed_in": 401}.get(error.code, 400)
    page = (
        f'<!doctype html><html lang="{lang()}" data-theme="dark"><meta charset="utf-8"><title>Cockpit</title>'
        f"<style>{wall_shell.tokens.css()}body{{background:var(--bg);color:var(--text);"
        "font:24px/1.5 var(--font);display:grid;"
        f"place-content:center;height:90vh;margin:0 5vw;text-align:center}}</style>"
        f'<p role="alert">{escape(error.text(lang()))}</p></html>'
    )
    return _fresh(flask.make_response(page, status))
