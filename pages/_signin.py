"""Sign-in, set-up of the first admin, change of password, sign-out: plain HTML forms that work without JavaScript.

Not a Dash page: nobody who has not signed in gets any of Dash.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

import flask
from werkzeug.wrappers import Response

from access import passwords, sessions, users
from access.auth import request_lang
from access.gate import (
    SESSION_COOKIE,
    WALL_COOKIE,
    Gate,
    address,
    csrf_fits,
    csrf_token,
    current_user,
    from_another_site,
)
from components import tokens
from errors import UserError
from i18n import text


def register(server: flask.Flask, gate: Gate) -> None:
    """Add the forms to the server."""
    blueprint = flask.Blueprint("signin", __name__, template_folder="templates")
    for path, view in (("/login", _login), ("/setup", _setup), ("/password", _password)):
        blueprint.add_url_rule(path, view.__name__, partial(view, gate), methods=["GET", "POST"])
    blueprint.add_url_rule("/logout", "_logout", partial(_logout, gate), methods=["GET", "POST"])
    server.register_blueprint(blueprint)


def _login(gate: Gate) -> Response:
    target = safe_target(flask.request.values.get("next"))
    if gate.setup_is_open() and not gate.open_demo:
        return flask.redirect("/setup")
    if flask.request.method == "GET":
        return flask.redirect(target) if current_user() else _form("login", target=target)
    form = flask.request.form
    name = form.get("name", "")
    try:
        _check_csrf()
        user, token = sessions.sign_in(
            gate.ledger,
            gate.settings,
            name,
            form.get("password", ""),
            address(),
            flask.request.headers.get("User-Agent", ""),
        )
    except UserError as error:
        return _form("login", error, name=name, target=target)
    return _welcome(gate, token, "/password" if user.must_change else target)


def _setup(gate: Gate) -> Response:
    if not gate.setup_is_open():
        raise UserError("setup_closed")
    if flask.request.method == "GET":
        return _form("setup", name="admin")
    form = flask.request.form
    name = form.get("name", "").strip()
    try:
        _check_csrf()
        _check_again(form)
        with gate.ledger.transaction():
            if users.anyone(gate.ledger):
                raise UserError("setup_closed")
            users.add(gate.ledger, name, "admin", form.get("password", ""), actor="setup")
        user = users.need(gate.ledger, name)
    except UserError as error:
        return _form("setup", error, name=name)
    return _welcome(gate, sessions.start(gate.ledger, gate.settings, user, address()), "/")


def _password(gate: Gate) -> Response:
    user = current_user()
    if user is None or not user.id:
        return flask.redirect("/")
    if flask.request.method == "GET":
        return _form("password")
    form = flask.request.form
    try:
        _check_again(form)
        if form.get("password") == form.get("current"):
            raise UserError("password_same")
        sessions.sign_in(gate.ledger, gate.settings, user.name, form.get("current", ""), address())
        users.set_password(gate.ledger, user.name, form.get("password", ""), actor=user.name)
    except UserError as error:
        return _form("password", error)
    token = sessions.start(gate.ledger, gate.settings, user, address(), flask.request.headers.get("User-Agent", ""))
    return _welcome(gate, token, "/")


def _logout(gate: Gate) -> Response:
    """End the session. A link from another site cannot do it: browsers say where a request comes from."""
    if not from_another_site():
        token = flask.request.cookies.get(SESSION_COOKIE)
        if token:
            sessions.sign_out(gate.ledger, token, address(), everywhere="everywhere" in flask.request.values)
    response = flask.redirect("/login")
    for name in (SESSION_COOKIE, WALL_COOKIE):
        response.delete_cookie(name, path="/")
    return response


def safe_target(target: str | None) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    try:
        parts = urlsplit(target or "/")
    except ValueError:  # such as //[
        return "/"
    path = parts.path
    if (
        parts.scheme
        or parts.netloc
        or not path.startswith("/")
        or path.startswith(("//", "/\\", "/login", "/logout", "/setup"))
    ):
        return "/"
    if any(ord(char) < 32 or char == "\\" for char in target or ""):
        return "/"
    return f"{path}?{parts.query}" if parts.query else path


def _welcome(gate: Gate, token: str, target: str) -> Response:
    response = flask.redirect(target, code=303)
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=gate.settings.session_hours * 3600,
        httponly=True,
        samesite="Lax",
        secure=flask.request.is_secure,
        path="/",
    )
    return response


def _check_csrf() -> None:
    if not csrf_fits():
        raise UserError("csrf")


def _check_again(form: Any) -> None:
    if form.get("password") != form.get("again"):
        raise UserError("password_differs")


def _form(page: str, error: UserError | None = None, *, name: str = "", target: str = "/") -> Response:
    """One of the three forms; a wrong sign-in answers 401, a locked one 429."""
    lang = request_lang()
    asked = f"next={quote(target, safe='/')}&" if target != "/" else ""
    html = flask.render_template(
        "sign.html",
        page=page,
        lang=lang,
        theme=_theme(),
        tokens=tokens.css(),
        accent=tokens.COLOURS["light"]["today_text"],
        error=error.text(lang) if error else "",
        csrf=csrf_token(),
        name=name,
        next=target if target != "/" else "",
        action=f"/{page}",
        here=f"/{page}?{asked}",
        least=passwords.MIN_LENGTH,
        t=lambda key, **fields: text(f"access.{key}", lang, **fields),
    )
    status = {None: 200, "sign_in_wrong": 401, "sign_in_locked": 429, "csrf": 403}.get(
        error.code if error else None, 400
    )
    response = flask.make_response(html, status)
    if flask.request.args.get("lang") in ("zh", "en"):
        response.set_cookie("cockpit_lang", lang, max_age=31_536_000, samesite="Lax", secure=flask.request.is_secure)
    return response


def _theme() -> str:
    return "dark" if flask.request.cookies.get("cockpit_theme") == "dark" else "light"
