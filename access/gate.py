"""Who is asking: session cookie, API token, wall key or the open demo; read from the request, decided on the server."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass

import flask

from access import keys, sessions, users
from access.users import User
from config import Settings
from warehouse.ledger import Ledger

SESSION_COOKIE, WALL_COOKIE, CSRF_COOKIE = "cockpit_session", "cockpit_wall", "_csrf_token"
CSRF_HEADER, CSRF_FIELD = "X-CSRFToken", "csrf"
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "X-Forwarded-Host", "X-Forwarded-Proto", "Via")


@dataclass(frozen=True)
class Gate:
    """What deciding needs. `open_demo`: a demo on this machine, open without a password until a user exists."""

    ledger: Ledger
    settings: Settings
    open_demo: bool = False

    def identify(self) -> User | None:
        """The user behind the request, or None."""
        request = flask.request
        bearer = bearer_token()
        if bearer and request.path.startswith("/api/"):
            return keys.user_of_token(self.ledger, bearer)
        user = sessions.user_of(self.ledger, self.settings, request.cookies.get(SESSION_COOKIE))
        user = user or keys.wall_of_key(self.ledger, request.cookies.get(WALL_COOKIE))
        if user is None and self.demo_is_open():
            return User("demo", "boss")
        return user

    def demo_is_open(self) -> bool:
        """Whether this request may look at the demo without signing in."""
        return self.open_demo and from_this_machine() and not users.anyone(self.ledger)

    def setup_is_open(self) -> bool:
        """Whether this request may make the first admin: from the machine itself, and only while there is no user."""
        return from_this_machine() and not users.anyone(self.ledger)


def current_user() -> User | None:
    """The user of the request at hand; None outside a request and for an unknown one."""
    if not flask.has_request_context():
        return None
    user: User | None = flask.g.get("cockpit_user")
    return user


def address() -> str:
    """The address of whoever asks (the reverse proxy's word for it counts only if the server was told to trust it)."""
    return flask.request.remote_addr or "?"


def from_this_machine() -> bool:
    """Loopback, addressed as such, and through no proxy: a page elsewhere cannot pretend it by renaming its host."""
    request = flask.request
    if any(name in request.headers for name in _FORWARDED):
        return False
    return is_loopback(address()) and is_loopback(_host_name(request.host))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bearer_token() -> str | None:
    """The token of an `Authorization: Bearer …` header; None for any other or malformed header."""
    scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def viewer() -> str | None:
    """A name for the browser or wall behind the request, no secret; None for a program."""
    if bearer_token():
        return None
    known = any(name in flask.request.cookies for name in (SESSION_COOKIE, WALL_COOKIE, CSRF_COOKIE))
    return csrf_token() if known else address()


def csrf_token() -> str:
    """The token that forms and Dash send back: derived from the session or wall cookie, else a random one."""
    cookies = flask.request.cookies
    secret = cookies.get(SESSION_COOKIE) or cookies.get(WALL_COOKIE)
    if secret:
        return hashlib.sha256(f"csrf:{secret}".encode("utf-8", "surrogatepass")).hexdigest()
    if "cockpit_csrf" not in flask.g:
        flask.g.cockpit_csrf = cookies.get(CSRF_COOKIE) or secrets.token_urlsafe(24)
    return str(flask.g.cockpit_csrf)


def from_another_site() -> bool:
    """Whether the browser says that another origin asks: also another port of this machine, whose pages share cookies
    with ours. Old browsers say nothing."""
    return flask.request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")


def csrf_fits() -> bool:
    """Whether the request proves that it comes from one of our own pages."""
    request = flask.request
    if from_another_site() or not request.cookies.get(CSRF_COOKIE):
        return False
    sent = request.headers.get(CSRF_HEADER) or ""
    if not sent and request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        sent = request.form.get(CSRF_FIELD, "")
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), csrf_token().encode("utf-8", "surrogatepass"))


def _host_name(host: str) -> str:
    """`[::1]:8050` → `::1`, `localhost:8050` → `localhost`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host
