"""The web app, put together in the order that safety needs: pages, the gate in front of everything, the rest."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import dash
import flask

from access.auth import CockpitAuth
from access.gate import Gate
from commands.web import api, bodies, control, errors, files, headers, health
from components.context import Context
from components.shell import create_app
from pages import _signin

BODY_BYTES = 8 * 2**20  # uploads come in pieces of 1 MiB


@dataclass(frozen=True)
class WebApp:
    """A web app ready to be served."""

    dash: dash.Dash
    context: Context
    token: str
    files: files.CompressedFiles

    @property
    def server(self) -> flask.Flask:
        return self.dash.server


def assemble(context: Context, *, open_demo: bool = False, token: str | None = None) -> WebApp:
    """Build the web app around an open warehouse and ledger; `token` opens `/_control`."""
    token = token or secrets.token_urlsafe(32)
    gate = Gate(context.ledger, context.settings, open_demo)
    context.flags.setdefault("boot", secrets.token_hex(4))
    context.flags["open"] = open_demo
    server = _flask()
    app = create_app(context, server)
    CockpitAuth(app, gate)
    bodies.register(app)
    _signin.register(server, gate)
    server.register_blueprint(api.blueprint)
    control.register(server, context, token)
    health.register(server, context)
    errors.register(server)
    kept = files.register(app)
    headers.register(app)
    return WebApp(app, context, token, kept)


def _flask() -> flask.Flask:
    server = flask.Flask("cockpit", static_folder=None)
    server.config.update(MAX_CONTENT_LENGTH=BODY_BYTES, MAX_FORM_MEMORY_SIZE=BODY_BYTES, JSON_AS_ASCII=False)
    server.json.ensure_ascii = False  # type: ignore[attr-defined]
    server.json.sort_keys = False  # type: ignore[attr-defined]
    return server
