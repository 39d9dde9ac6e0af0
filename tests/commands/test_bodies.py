"""Malformed bodies of callbacks: 400 with one shape for somebody signed in, and what pages send still passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from access import sessions, users
from commands.web.assemble import WebApp, assemble
from commands.web.bodies import UPDATE, check
from components.context import Context
from config import Settings
from errors import UserError

Send = Callable[[Any], Any]


@pytest.fixture
def web(settings: Settings, warehouse: Any, ledger: Any) -> WebApp:
    return assemble(Context(settings=settings, warehouse=warehouse, ledger=ledger))


@pytest.fixture
def send(web: WebApp) -> Send:
    """Post a body as the boss's own page would."""
    context = web.context
    users.add(context.ledger, "boss", "boss", "long enough 1")
    token = sessions.start(context.ledger, context.settings, users.need(context.ledger, "boss"), "127.0.0.1")
    client = web.server.test_client()
    client.set_cookie("cockpit_session", token)
    client.get("/", headers={"Accept": "text/html"})
    cookie = client.get_cookie("_csrf_token")
    assert cookie is not None
    return lambda body: client.post(UPDATE, json=body, headers={"X-CSRFToken": cookie.value})


def outputs_of(output: str) -> Any:
    """What Dash's own page says beside the name of a callback: one output, the list of several, or none."""
    if "." not in output:
        return []
    names = output.removeprefix("..").removesuffix("..").split("...")
    parts = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    return parts if output.startswith("..") else parts[0]


def whole(web: WebApp) -> dict[str, Any]:
    """What a page sends: every input and state of a callback that reads the address."""
    reads = [("url", "pathname"), ("url", "search")]
    output, callback = next(
        (output, one)
        for output, one in web.dash.callback_map.items()
        if any((part["id"], part["property"]) in reads for part in (*one["inputs"], *one["state"]))
    )

    def filled(parts: list[dict[str, Any]]) -> list[Any]:
        return [[] if "ALL" in part["id"] else {**part, "value": None} for part in parts]

    return {
        "output": output, "outputs": outputs_of(output), "changedPropIds": [],
        "inputs": filled(callback["inputs"]), "state": filled(callback["state"]),
    }  # fmt: skip


def test_what_a_page_sends_is_let_through(web: WebApp) -> None:
    check(whole(web), web.dash.callback_map)


SPOILT: tuple[dict[str, Any], ...] = (
    {"output": None},
    {"output": 7},
    {"output": "nothing.children"},
    {"output": ["x"]},
    {"inputs": None},
    {"inputs": []},
    {"inputs": "abc"},
    {"inputs": {}},
    {"inputs": [1] * 3},
    {"state": [None] * 50},
    {"state": {"id": "url"}},
    {"outputs": 5},
    {"outputs": {}},
    {"outputs": []},
    {"outputs": [1]},
    {"changedPropIds": 3},
    {"changedPropIds": [{}]},
    {"changedPropIds": None},
)


def test_a_malformed_body_is_400_and_names_the_field(web: WebApp, send: Send) -> None:
    good = whole(web)
    for spoilt in SPOILT:
        answer = send({**good, **spoilt})
        error = answer.get_json()["error"]
        assert (answer.status_code, error["code"], error["fields"]["field"]) == (400, "bad_field", next(iter(spoilt)))
    for body in (None, [], 7, "text", [good]):
        answer = send(body)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_body"), body


@pytest.mark.parametrize("value", [5, [], {"a": 1}, True])
def test_an_address_is_text(web: WebApp, value: Any) -> None:
    body = whole(web)
    for part in (*body["inputs"], *body["state"]):
        if isinstance(part, dict) and part["id"] == "url":
            part["value"] = value
    with pytest.raises(UserError, match="bad_field|cannot be used|不可用"):
        check(body, web.dash.callback_map)


def with_values(web: WebApp, output: str, value: Any) -> dict[str, Any]:
    """The body of a callback with `value` everywhere but in the address."""
    callback = web.dash.callback_map[output]

    def filled(parts: list[dict[str, Any]]) -> list[Any]:
        held = {"url": {"pathname": "/", "search": ""}}
        return [
            [] if "ALL" in part["id"] else {**part, "value": held.get(part["id"], {}).get(part["property"], value)}
            for part in parts
        ]

    return {
        "output": output, "outputs": outputs_of(output), "changedPropIds": [],
        "inputs": filled(callback["inputs"]), "state": filled(callback["state"]),
    }  # fmt: skip


@pytest.mark.parametrize("value", [5, "text", {"blocks": 7, "name": [1]}])
def test_no_callback_answers_a_wrong_value_with_500(web: WebApp, send: Send, value: Any) -> None:
    for output in web.dash.callback_map:
        answer = send(with_values(web, output, value))
        assert answer.status_code < 500, (output, answer.get_json())


def test_a_value_of_another_form_is_400_and_logged(web: WebApp, send: Send, caplog: pytest.LogCaptureFixture) -> None:
    answer = send(with_values(web, "toast.children", 5))
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (400, "bad_callback")
    assert error["fields"]["reference"] in caplog.text and "AttributeError" in caplog.text


def test_a_fault_of_ours_stays_500(web: WebApp, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setitem(web.context.actions, "break", broken)
    assert send(with_values(web, "toast.children", {"name": "break"})).status_code == 500
