"""Response headers: what browsers must not do with our pages, and how long they may keep our files."""

from __future__ import annotations

import base64
import hashlib
import re

import dash
import flask
from werkzeug.wrappers import Response

_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)
_FINGERPRINT = re.compile(r"\.v\d+[\w_]*m\d+\.|[?&](m|v)=\w+")
YEAR = 31_536_000


def register(app: dash.Dash) -> None:
    """Add the headers to every response of the app's server."""
    policy: list[str] = []

    @app.server.after_request
    def add(response: Response) -> Response:
        if response.mimetype == "text/html":
            if not policy:
                policy.append(content_policy(app))
            response.headers.setdefault("Content-Security-Policy", policy[0])
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if flask.request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
        _caching(response)
        return response


def content_policy(app: dash.Dash) -> str:
    """Scripts only from here, inline ones only those of our own page (by hash); styles may be inline: Dash needs it."""
    with app.server.test_request_context("/"):
        page = app.index()
    hashes = [
        _hash(found["body"])
        for found in _INLINE.finditer(page if isinstance(page, str) else page.get_data(as_text=True))
        if "src=" not in found["attributes"] and "application/json" not in found["attributes"]
    ]
    scripts = " ".join(dict.fromkeys(["'self'", *hashes, *app.csp_hashes()]))
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; media-src 'self' data:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _caching(response: Response) -> None:
    """A file whose address carries its version is kept for a year; pages and numbers are not kept at all."""
    request = flask.request
    is_file = request.path.startswith(("/_dash-component-suites/", "/assets/"))
    if response.status_code in (200, 304) and is_file:
        if _FINGERPRINT.search(request.full_path):
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        elif not response.cache_control.max_age:
            response.headers["Cache-Control"] = "no-cache"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
