"""A small Dash app behind the real gate, and password hashing that costs less than in earnest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
from dash import Dash, Input, Output, dcc, html
from flask.testing import FlaskClient

from access.auth import CockpitAuth
from access.gate import Gate
from commands.web import errors
from config import Settings
from pages import _signin

SECRET = "成交额 1,284.6 万"
BROWSER = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def _cheap(cheap_hashes: None) -> None:
    """For every test here."""


def build_app() -> Dash:
    """A Dash app whose one callback tells a number that only signed-in people may see."""
    app = Dash("guarded", server=flask.Flask("guarded"), use_pages=False, pages_folder="")
    app.layout = html.Div([dcc.Location(id="url"), html.Div(id="out")])

    @app.callback(Output("out", "children"), Input("url", "href"))
    def tell(_href: Any) -> str:
        return SECRET

    return app


@pytest.fixture
def make_client(settings: Settings, ledger: Any) -> Iterator[Callable[..., FlaskClient]]:
    """Build the guarded app and give a client of it; `open_demo` as at `serve --demo`."""

    def make(open_demo: bool = False, environ: dict[str, str] | None = None) -> FlaskClient:
        app = build_app()
        gate = Gate(ledger, settings, open_demo)
        CockpitAuth(app, gate)
        _signin.register(app.server, gate)
        errors.register(app.server)
        app.server.add_url_rule("/wall/<screen>", "wall", lambda screen: flask.jsonify({"screen": screen}))
        app.server.add_url_rule("/api/v1/probe", "probe", lambda: flask.jsonify({"ok": True}), methods=["GET", "POST"])
        client = app.server.test_client()
        client.environ_base.update(environ or {})
        return client

    yield make


def token_in(page: flask.wrappers.Response) -> str:
    """The hidden CSRF token of a form."""
    return page.get_data(as_text=True).split('name="csrf" value="')[1].split('"')[0]


def sign_in(client: FlaskClient, name: str, password: str, **more: str) -> Any:
    """Fill in and send the sign-in form as a browser does."""
    page = client.get("/login", headers=BROWSER)
    return client.post(
        "/login", data={"csrf": token_in(page), "name": name, "password": password, **more}, headers=BROWSER
    )


def callback_body(**first_input: Any) -> dict[str, Any]:
    """The body that Dash's page sends to run the callback."""
    return {
        "output": "out.children", "outputs": {"id": "out", "property": "children"}, "changedPropIds": ["url.href"],
        "inputs": [{"id": "url", "property": "href", "value": "http://localhost/", **first_input}], "state": [],
    }  # fmt: skip
