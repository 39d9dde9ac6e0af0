"""The sign-on of the web app: our own subclass of dash-auth's `Auth`, which decides by the session alone.

dash-auth's own check lets a callback through when its body names a public path, whatever the path it is sent to; so
nothing of it is used but the class: no public routes, no public callbacks, no look at the body. What opens without a
session is the short exact list below, answered before anything else runs.
"""

from __future__ import annotations

import re
from urllib.parse import quote

import flask
from dash import Dash
from dash_auth.auth import Auth
from werkzeug.wrappers import Response

from access.gate import CSRF_COOKIE, Gate, bearer_token, csrf_fits, csrf_token, from_this_machine
from access.users import User
from errors import CockpitError, UserError

OPEN_PATHS = frozenset({"/login", "/setup", "/healthz", "/readyz", "/logout", "/_favicon.ico", "/_control"})
"""Each of these decides for itself: /setup opens to the machine only, /_control to the server's own token."""
_SCREEN = re.compile(r"/wall/[^/]+")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CockpitAuth(Auth):
    """Guards every route of a Dash app's server; `gate` says who is asking."""

    def __init__(self, app: Dash, gate: Gate) -> None:
        self.gate = gate
        super().__init__(app)

    def _protect(self) -> None:
        # First in the list: no other hook may answer before it is known who asks.
        self.app.server.before_request_funcs.setdefault(None, []).insert(0, self.decide)
        self.app.server.after_request(_give_csrf_cookie)

    def decide(self) -> Response | None:
        """None lets the request through; a response turns it away."""
        path = flask.request.path
        flask.g.cockpit_user = user = self.gate.identify()
        if path in OPEN_PATHS or _is_key_exchange(path) or (path == "/metrics" and from_this_machine()):
            return None
        if not self.is_authorized():
            return self.login_request()
        assert user is not None
        if user.must_change and not path.startswith(("/password", "/assets/")):
            return _turn_away(UserError("password_must_change"), 403, "/password")
        if user.role == "wall" and not _wall_may(user, path):
            screen = user.screen or "overview"
            return _turn_away(UserError("wall_only", screen=screen), 403, None if user.screen else f"/wall/{screen}")
        if flask.request.method not in SAFE_METHODS and not _is_safe_call(path) and not csrf_fits():
            return _turn_away(UserError("csrf"), 403, None)
        return None

    def is_authorized(self) -> bool:
        """Whether the request has a user."""
        return flask.g.get("cockpit_user") is not None

    def login_request(self) -> Response:
        """To the sign-in page for a person, 401 for a program."""
        target = flask.request.full_path.rstrip("?")
        where = "/setup" if self.gate.setup_is_open() else f"/login?next={quote(target, safe='/')}"
        return _turn_away(UserError("not_signed_in"), 401, where)


def error_body(error: CockpitError, lang: str) -> dict[str, object]:
    """The one shape of an error over HTTP."""
    fields = {
        name: value if isinstance(value, int | float | bool) or value is None else str(value)
        for name, value in error.fields.items()
    }
    return {"error": {"code": error.code, "message": error.text(lang), "fields": fields}}


def request_lang() -> str:
    """The reader's language: cookie, else what the browser prefers among ours, else Chinese."""
    chosen = flask.request.args.get("lang") or flask.request.cookies.get("cockpit_lang")
    if chosen in ("zh", "en"):
        return chosen
    return flask.request.accept_languages.best_match(["zh", "en"]) or "zh"


def _turn_away(error: UserError, status: int, page: str | None) -> Response:
    if page is not None and _is_page_view():
        return flask.redirect(page)
    response = flask.jsonify(error_body(error, request_lang()))
    response.status_code = status
    return response


def _is_page_view() -> bool:
    request = flask.request
    wants_page = request.accept_mimetypes.accept_html and "text/html" in request.headers.get("Accept", "")
    return request.method == "GET" and wants_page and not request.path.startswith(("/api/", "/_"))


def _is_key_exchange(path: str) -> bool:
    return _SCREEN.fullmatch(path) is not None and flask.request.method == "GET" and "key" in flask.request.args


def _is_safe_call(path: str) -> bool:
    """API calls cannot be forged from another site: they carry a token, or a JSON body that needs a preflight."""
    return path.startswith("/api/") and (bearer_token() is not None or flask.request.mimetype == "application/json")


def _wall_may(user: User, path: str) -> bool:
    """A wall key opens its own screen and the tick, a person of the role wall every screen and the own password;
    neither opens a page or callback of the Dash app, a table or an original file."""
    own = path == f"/wall/{user.screen}" if user.screen else _SCREEN.fullmatch(path) or path == "/password"
    return bool(own) or path == "/api/v1/tick" or path.startswith("/assets/")


def _give_csrf_cookie(response: Response) -> Response:
    if response.mimetype == "text/html" and flask.request.cookies.get(CSRF_COOKIE) != csrf_token():
        # Readable by scripts on purpose: Dash copies it into a header, which another site cannot do.
        response.set_cookie(CSRF_COOKIE, csrf_token(), samesite="Lax", secure=flask.request.is_secure, path="/")
    return response
