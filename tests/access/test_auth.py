"""The gate: what opens without a session, what never does, and the bypass of dash-auth replayed."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from dash_auth import BasicAuth
from flask.testing import FlaskClient

import config
from access import keys, passwords, sessions, users
from access.gate import SESSION_COOKIE, WALL_COOKIE
from errors import UserError
from tests.access.conftest import BROWSER, SECRET, build_app, callback_body, sign_in, token_in

MakeClient = Callable[..., FlaskClient]
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
UPDATE = "/_dash-update-component"


@pytest.fixture
def boss(ledger: Any) -> str:
    users.add(ledger, "boss", "boss", "long enough 1")
    return "boss"


def test_the_bypass_is_real_in_plain_dash_auth() -> None:
    app = build_app()
    BasicAuth(app, {"boss": "long enough 1"}, public_routes=["/login"], secret_key="x")
    client = app.server.test_client()
    assert client.post(UPDATE, json=callback_body()).status_code == 401
    stolen = client.post(UPDATE, json=callback_body(property="pathname", value="/login"))
    assert stolen.status_code == 200 and stolen.get_json()["response"]["out"]["children"] == SECRET


@pytest.mark.parametrize(
    "public", ["/login", "/setup", "/healthz", "/_dash-layout", "/assets/cockpit.css", "/wall/overview"]
)
def test_the_bypass_does_not_open_ours(make_client: MakeClient, boss: str, public: str) -> None:
    client = make_client()
    answer = client.post(UPDATE, json=callback_body(property="pathname", value=public))
    assert answer.status_code == 401
    assert SECRET not in answer.get_data(as_text=True)


def test_a_session_opens_the_callback(make_client: MakeClient, boss: str) -> None:
    client = make_client()
    assert sign_in(client, "boss", "long enough 1").status_code == 303
    client.get("/", headers=BROWSER)
    header = {"X-CSRFToken": client.get_cookie("_csrf_token").value}
    assert client.post(UPDATE, json=callback_body(), headers=header).get_json()["response"]["out"]["children"] == SECRET


def test_a_callback_without_the_csrf_header_is_refused(make_client: MakeClient, boss: str) -> None:
    client = make_client()
    sign_in(client, "boss", "long enough 1")
    client.get("/", headers=BROWSER)
    assert client.post(UPDATE, json=callback_body()).get_json()["error"]["code"] == "csrf"
    forged = client.post(UPDATE, json=callback_body(), headers={"X-CSRFToken": "x" * 64})
    assert forged.get_json()["error"]["code"] == "csrf"


HEADERS = [
    "Basic",
    "Basic ",
    "Basic %%%",
    "Basic " + base64.b64encode(b"no-colon").decode(),
    "Bearer",
    "Bearer  ",
    "Bearer \u00ff",
    "Digest x",
    "\u00e9",
    "basic " + base64.b64encode(b"\xff\xfe:x").decode(),
    "Bearer " + "x" * 5000,
]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("path", ["/", "/api/v1/probe", UPDATE])
def test_a_malformed_authorization_header_is_no_server_error(
    make_client: MakeClient, boss: str, header: str, path: str
) -> None:
    assert make_client().get(path, headers={"Authorization": header}).status_code in (401, 405)


def test_plain_dash_auth_breaks_on_such_a_header() -> None:
    app = build_app()
    BasicAuth(app, {"boss": "x"})
    assert app.server.test_client().get("/", headers={"Authorization": "Basic"}).status_code == 500


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/_dash-layout",
        "/_dash-dependencies",
        "/assets/x.css",
        "/_reload-hash",
        "/password",
        "/wall/overview",
        "/metrics",
        "/login/",
        "/login/../",
        "//login",
        "/LOGIN",
        "/wall/a/b?key=x",
        "/setup/x",
        "/api/v1/probe",
        "/_dash-component-suites/dash/deps/polyfill@7.v1.js",
    ],
)
def test_nothing_else_opens_without_a_session(make_client: MakeClient, boss: str, path: str) -> None:
    assert make_client(environ=ELSEWHERE).get(path).status_code in (401, 308)


def test_a_person_is_led_to_the_sign_in_page_and_back(make_client: MakeClient, boss: str) -> None:
    client = make_client()
    away = client.get("/execution?platform=tmall", headers=BROWSER)
    assert away.headers["Location"] == "/login?next=/execution%3Fplatform%3Dtmall"
    page = client.get(away.headers["Location"], headers=BROWSER)
    done = client.post(
        "/login",
        data={"csrf": token_in(page), "name": "boss", "password": "long enough 1", "next": "/execution?platform=tmall"},
        headers=BROWSER,
    )
    assert done.headers["Location"] == "/execution?platform=tmall"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\\\\evil",
        "javascript:alert(1)",
        "/login",
        "/logout",
        "http:evil",
        "/\t/evil.example",
        "//[",
        "http://[::1",
    ],
)
def test_sign_in_never_leads_to_another_site(make_client: MakeClient, boss: str, target: str) -> None:
    assert sign_in(make_client(), "boss", "long enough 1", next=target).headers["Location"] == "/"


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(make_client: MakeClient, boss: str) -> None:
    client = make_client()
    page = client.get("/login", headers=BROWSER)
    form = {"csrf": token_in(page), "name": "boss", "password": "long enough 1"}
    cookie = client.post("/login", data=form, headers=BROWSER).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    client = make_client()
    page = client.get("/login", headers=BROWSER, base_url="https://shop.example")
    form["csrf"] = token_in(page)
    cookie = client.post("/login", data=form, headers=BROWSER, base_url="https://shop.example").headers["Set-Cookie"]
    assert "Secure" in cookie


def test_a_form_without_its_token_is_refused(make_client: MakeClient, boss: str) -> None:
    client = make_client()
    client.get("/login", headers=BROWSER)
    assert client.post("/login", data={"name": "boss", "password": "long enough 1"}, headers=BROWSER).status_code == 403
    assert client.get_cookie(SESSION_COOKIE) is None


def test_set_up_opens_on_the_machine_itself_and_only_once(make_client: MakeClient, ledger: Any) -> None:
    client = make_client()
    assert client.get("/", headers=BROWSER).headers["Location"] == "/setup"
    page = client.get("/setup", headers=BROWSER)
    form = {"csrf": token_in(page), "name": "chef", "password": "long enough 1", "again": "long enough 1"}
    assert client.post("/setup", data=form, headers=BROWSER).headers["Location"] == "/"
    assert users.need(ledger, "chef").role == "admin"
    assert client.get("/", headers=BROWSER).status_code == 200
    assert client.post("/setup", data={**form, "name": "second"}, headers=BROWSER).status_code == 400
    assert users.find(ledger, "second") is None


@pytest.mark.parametrize(
    ("environ", "headers"),
    [
        (ELSEWHERE, {}),
        ({}, {"Host": "shop.example"}),
        ({}, {"X-Forwarded-For": "192.0.2.7"}),
        ({}, {"Forwarded": "for=192.0.2.7"}),
        ({}, {"Via": "1.1 proxy"}),
        ({}, {"X-Forwarded-Proto": "https"}),
        ({}, {"Host": "127.0.0.1.evil.example"}),
    ],
)
def test_set_up_is_closed_to_everybody_else(
    make_client: MakeClient, environ: dict[str, str], headers: dict[str, str]
) -> None:
    client = make_client(environ=environ)
    assert client.get("/setup", headers={**BROWSER, **headers}).get_json()["error"]["code"] == "setup_closed"


def test_the_open_demo_asks_no_password_until_there_is_a_user(make_client: MakeClient, ledger: Any) -> None:
    client = make_client(open_demo=True)
    assert client.get("/", headers=BROWSER).status_code == 200
    assert client.get("/", headers={**BROWSER, "Host": "evil.example"}).status_code == 302
    assert make_client(open_demo=True, environ=ELSEWHERE).get("/").status_code == 401
    users.add(ledger, "boss", "boss", "long enough 1")
    assert client.get("/").status_code == 401


def test_a_one_time_password_opens_nothing_but_its_change(make_client: MakeClient, ledger: Any) -> None:
    made = users.add(ledger, "new", "operations")
    assert made
    client = make_client()
    assert sign_in(client, "new", made).headers["Location"] == "/password"
    assert client.get("/", headers=BROWSER).headers["Location"] == "/password"
    assert client.get("/_dash-layout").get_json()["error"]["code"] == "password_must_change"
    old = client.get_cookie(SESSION_COOKIE).value
    page = client.get("/password", headers=BROWSER)
    form = {"csrf": token_in(page), "current": made, "password": "my own words 7", "again": "my own words 7"}
    assert client.post("/password", data=form, headers=BROWSER).status_code == 303
    assert client.get("/", headers=BROWSER).status_code == 200
    client.set_cookie(SESSION_COOKIE, old)
    assert client.get("/").status_code == 401


def test_a_session_ends_by_itself_and_is_renewed_by_use(make_client: MakeClient, settings: Any, boss: str) -> None:
    start = config.now(settings)
    config.freeze(start)
    client = make_client()
    sign_in(client, "boss", "long enough 1")
    config.freeze(start + timedelta(hours=settings.session_hours - 1))
    assert client.get("/_dash-layout").status_code == 200
    config.freeze(start + timedelta(hours=settings.session_hours + 1))
    assert client.get("/_dash-layout").status_code == 200
    config.freeze(start + timedelta(hours=settings.session_hours * 3))
    assert client.get("/_dash-layout").status_code == 401


def test_sign_out_everywhere_ends_every_session(make_client: MakeClient, boss: str) -> None:
    one, two = make_client(), make_client()
    sign_in(one, "boss", "long enough 1")
    sign_in(two, "boss", "long enough 1")
    one.get("/logout?everywhere=1", headers=BROWSER)
    assert two.get("/_dash-layout").status_code == 401


def test_another_site_cannot_sign_somebody_out(make_client: MakeClient, ledger: Any, settings: Any, boss: str) -> None:
    client = make_client()
    sign_in(client, "boss", "long enough 1")
    token = client.get_cookie(SESSION_COOKIE).value
    for site in ("cross-site", "same-site"):  # the same site is another port of this machine too
        client.get("/logout", headers={**BROWSER, "Sec-Fetch-Site": site})
        assert sessions.user_of(ledger, settings, token) is not None


def test_a_page_on_another_port_of_this_machine_cannot_post_with_the_cookies_it_shares(
    make_client: MakeClient, boss: str
) -> None:
    client = make_client()
    sign_in(client, "boss", "long enough 1")
    form = client.get("/password", headers=BROWSER)
    sent = {"csrf": token_in(form), "current": "long enough 1", "password": "mine now 1", "again": "mine now 1"}
    forged = client.post("/password", data=sent, headers={**BROWSER, "Sec-Fetch-Site": "same-site"})
    assert forged.get_json()["error"]["code"] == "csrf"


def test_a_wall_key_opens_its_screen_only_and_dies_when_revoked(
    make_client: MakeClient, ledger: Any, boss: str
) -> None:
    key = keys.make_wall_key(ledger, "overview")
    client = make_client(environ=ELSEWHERE)
    client.set_cookie(WALL_COOKIE, key)
    assert client.get("/wall/overview").status_code == 200
    for path in ("/wall/finance", "/", "/_dash-layout", "/api/v1/probe", "/password"):
        assert client.get(path).get_json()["error"]["code"] == "wall_only"
    assert client.post(UPDATE, json=callback_body()).status_code == 403
    keys.revoke_wall_key(ledger, keys.wall_keys(ledger)[0]["id"])
    assert client.get("/wall/overview").status_code == 401


def test_an_api_token_opens_the_api_and_no_page(make_client: MakeClient, ledger: Any, boss: str) -> None:
    token = keys.make_token(ledger, "boss", "script")
    client = make_client(environ=ELSEWHERE)
    header = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/probe", headers=header).status_code == 200
    assert client.post("/api/v1/probe", headers=header).status_code == 200
    assert client.get("/", headers=header).status_code == 401
    assert client.get("/api/v1/probe", headers={"Authorization": f"Bearer {token}x"}).status_code == 401
    keys.revoke_tokens(ledger, "boss")
    assert client.get("/api/v1/probe", headers=header).status_code == 401


def test_guesses_made_at_once_do_not_pass_the_lockout(
    ledger: Any, settings: Any, boss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(8, timeout=60)

    def slow(_stored: str, _password: str) -> bool:
        together.wait()  # every guess that is let through is still being checked when the next one comes
        return False

    monkeypatch.setattr(passwords, "matches", slow)
    told: list[str] = []

    def guess() -> None:
        try:
            sessions.sign_in(ledger, settings, "boss", "wrong guess", "192.0.2.7")
        except UserError as error:
            told.append(error.code)
            if error.code == "sign_in_locked":
                together.wait()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["sign_in_locked"] * 3 + ["sign_in_wrong"] * 5
