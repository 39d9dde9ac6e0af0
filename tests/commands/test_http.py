"""The HTTP side: one error shape on every route, the API, health, headers, compression, limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from access import keys, users
from commands.load import load
from commands.outcome import Call
from commands.web.assemble import WebApp, assemble
from components.context import Context
from config import Settings
from errors import FatalError, RetryableError, UserError
from warehouse import readings

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def web(settings: Settings, warehouse: Any, ledger: Any, orders: Any) -> WebApp:
    context = Context(settings=settings, warehouse=warehouse, ledger=ledger)
    load(Call(settings, {"paths": [str(orders)]}, opened=context))
    context.flags["scheduler_beats"] = lambda: True
    return assemble(context)


@pytest.fixture
def api(web: WebApp, ledger: Any) -> Callable[..., Any]:
    """Ask the API with the boss's token."""
    users.add(ledger, "boss", "boss", "long enough 1")
    token = keys.make_token(ledger, "boss")
    client = web.server.test_client()

    def ask(path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en", **more.pop("headers", {})}
        return client.open(f"/api/v1/{path}", headers=headers, **more)

    return ask


def stranger(web: WebApp) -> FlaskClient:
    client = web.server.test_client()
    client.environ_base.update(ELSEWHERE)
    return client


def addresses(rule: Rule) -> str:
    """An address of a rule, its parts filled with something that is not there."""
    return "".join(
        f"/{'7' if 'int:' in part else 'nothing'}" if "<" in part else f"/{part}" for part in rule.rule.split("/")[1:]
    )


def is_one_shape(answer: Any) -> bool:
    body = answer.get_json(silent=True)
    return (isinstance(body, dict) and set(body) == {"error"} and set(body["error"]) == {"code", "message", "fields"}
            and isinstance(body["error"]["fields"], dict)
            and not body["error"]["message"].startswith("errors."))  # fmt: skip


OPEN = {"/login", "/logout", "/healthz", "/readyz", "/_favicon.ico"}


def test_every_route_turns_a_stranger_away_in_one_shape(web: WebApp, ledger: Any) -> None:
    users.add(ledger, "boss", "boss", "long enough 1")
    client, seen = stranger(web), 0
    for rule in web.server.url_map.iter_rules():
        path = addresses(rule)
        if path in OPEN:
            continue
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = client.open(path, method=method)
            assert answer.status_code in (400, 401, 403, 404, 405), (method, path, answer.status_code)
            assert is_one_shape(answer), (method, path, answer.get_data(as_text=True)[:200])
            seen += 1
    assert seen > 40


def test_every_api_and_door_error_has_one_shape(web: WebApp, api: Callable[..., Any]) -> None:
    for rule in web.server.url_map.iter_rules():
        path = addresses(rule)
        if not path.startswith("/api/v1/"):
            continue
        for body in (None, b"", b"[]", b"null", b"{", b'{"metrics": 7}', b"\xff"):
            answer = api(path.removeprefix("/api/v1/"), method="POST", data=body, content_type="application/json")
            assert answer.status_code < 500 and (answer.status_code == 200 or is_one_shape(answer)), (path, body)
    for method in ("PUT", "DELETE", "PATCH"):
        assert is_one_shape(api("query", method=method)) and is_one_shape(api("no/such/thing", method=method))
    for path, status in (("query", 405), ("explain", 405), ("no/such/thing", 404)):
        answer = api(path, headers=BROWSER)
        assert (answer.status_code, is_one_shape(answer)) == (status, True), path


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UserError("not_allowed", metric="profit"), 403),
        (UserError("no_metric"), 400),
        (RetryableError("query_timeout", seconds=1), 503),
        (FatalError("warehouse_closed"), 500),
        (ValueError("a secret detail"), 500),
        (KeyError("x"), 500),
    ],
)
def test_errors_tell_by_status_what_to_do_and_no_more(
    web: WebApp, api: Callable[..., Any], error: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("commands.web.api.ask", fail)
    answer = api("query", method="POST", json={"metrics": ["gmv"]})
    assert answer.status_code == status and is_one_shape(answer)
    assert "secret" not in answer.get_data(as_text=True)
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_query_over_http_is_the_query_of_the_command_line(api: Callable[..., Any]) -> None:
    asked = {"metrics": ["gmv", "orders"], "by": ["province"], "where": {"province": ["上海", "北京"]}, "order": "-gmv",
             "start": "2026-11-01", "end": "2026-11-02"}  # fmt: skip
    found = api("query", method="POST", json=asked).get_json()
    assert found["rows"] == [
        {"province": "上海", "gmv": 180.5, "orders": 2},
        {"province": "北京", "gmv": 50.0, "orders": 1},
    ]
    assert found["period"] == {"start": "2026-11-01", "end": "2026-11-02"}
    same = {**asked, "by": "province", "metrics": "gmv,orders", "where": ["province=上海,北京"]}
    assert api("query", method="POST", json=same).get_json()["rows"] == found["rows"]
    assert (
        "expected" not in found
        and api("query", method="POST", json=asked | {"expected": True}).get_json()["expected"] == []
    )
    assert "SELECT" in api("query", method="POST", json={"metrics": ["gmv"], "sql": True}).get_json()["sql"].upper()


@pytest.mark.parametrize(
    "body",
    [
        {"metrics": []},
        {"metrics": ["nothing"]},
        {"metrics": ["gmv"], "colour": 1},
        {"metrics": ["gmv"], "expected": "yes"},
        {"metrics": ["gmv"], "limit": 0},
        {"metrics": ["gmv"], "limit": True},
        {"metrics": ["gmv"], "limit": 2**63},
        {"metrics": ["gmv"], "grain": "fortnight"},
        {"metrics": ["gmv"], "by": [1]},
        {"metrics": ["gmv"], "start": 5},
        {"metrics": ["gmv"], "where": {"platform": 3}},
        {"metrics": {"gmv": 1}},
        {},
        {"metrics": ["gmv"], "compare": "never"},
        {"metrics": ["gmv"], "start": "2026-13-01"},
        {"metrics": ["gmv"], "start": "0001-01-01", "end": "0001-01-01", "compare": "last_year"},
        {"metrics": ["gmv"], "where": [["a"]]},
        {"metrics": ["gmv'; DROP TABLE order_line; --"]},
        {"metrics": ["gmv"], "where": {"platform'": ["x"]}},
    ],
)
def test_a_wrong_question_is_400_and_names_what_is_wrong(api: Callable[..., Any], body: dict[str, Any]) -> None:
    answer = api("query", method="POST", json=body)
    assert answer.status_code == 400 and is_one_shape(answer)


def test_one_condition_may_stand_as_a_text(api: Callable[..., Any]) -> None:
    body = {"metrics": ["gmv"], "by": "province", "where": "province=上海"}
    assert api("query", method="POST", json=body).get_json()["rows"] == [{"province": "上海", "gmv": 180.5}]


def test_half_a_character_is_no_text(api: Callable[..., Any]) -> None:
    body = b'{"metrics": ["gmv"], "where": {"shop": ["\\ud800"]}}'
    answer = api("query", method="POST", data=body, content_type="application/json")
    assert answer.status_code == 400 and answer.get_json()["error"]["code"] == "bad_body"


def test_rights_hold_over_http(web: WebApp, ledger: Any, api: Callable[..., Any]) -> None:
    users.add(ledger, "packer", "warehouse", "long enough 1")
    header = {"Authorization": f"Bearer {keys.make_token(ledger, 'packer')}"}
    everything = {row["id"]: row["owner"] for row in api("metrics").get_json()["metrics"]}
    seen = {row["id"] for row in api("metrics", headers=header).get_json()["metrics"]}
    hidden = next(name for name, owner in everything.items() if owner == "finance")
    assert seen < set(everything) and hidden not in seen
    refused = api("query", method="POST", json={"metrics": [hidden]}, headers=header)
    assert refused.status_code == 403 and refused.get_json()["error"]["code"] == "not_allowed"


def test_the_tick_moves_with_the_data_and_asks_no_database(
    web: WebApp, api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(web.context.warehouse), "read", lambda *_: pytest.fail("the tick asked the warehouse"))
    found = api("tick").get_json()
    assert {"version", "alerts", "boot"} <= set(found)
    assert found["version"] == web.context.warehouse.data_version > 0 and found["alerts"] == 0 and found["boot"]


def test_health(web: WebApp, warehouse: Any) -> None:
    client = stranger(web)
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    web.context.flags["scheduler_beats"] = lambda: False
    late = client.get("/readyz")
    assert late.status_code == 503 and late.get_json()["checks"] == {"warehouse": True, "scheduler": False}
    warehouse.close()
    assert client.get("/readyz").get_json()["checks"]["warehouse"] is False
    assert client.get("/healthz").status_code == 200


def test_prometheus_reads_the_figures_on_the_machine_itself(web: WebApp, ledger: Any) -> None:
    users.add(ledger, "boss", "boss", "long enough 1")
    text = web.server.test_client().get("/metrics").get_data(as_text=True)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    values = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}
    assert values["cockpit_up"] == 1 and values["cockpit_data_version"] == web.context.warehouse.data_version
    assert 'cockpit_http_request_seconds_bucket{le="+Inf"}' in values
    assert values["cockpit_db_bytes"] > 0 and values["cockpit_disk_free_bytes"] > 0
    assert stranger(web).get("/metrics").status_code == 401


def test_pages_and_screens_are_measured(web: WebApp, ledger: Any) -> None:
    users.add(ledger, "boss", "boss", "long enough 1")
    token = keys.make_token(ledger, "boss")
    warehouse, client = web.context.warehouse, web.server.test_client()
    client.get("/login", headers=BROWSER)
    for path in ("/healthz", "/nothing", "/api/v1/metrics"):
        client.get(path)
    assert warehouse.meter.take()["page_ms"].total() == 1
    client.get("/api/v1/tick", headers={"Authorization": f"Bearer {token}"})
    assert warehouse.meter.online() == 0  # a program looks at no screen
    wall = web.server.test_client()
    wall.get(f"/wall/overview?key={keys.make_wall_key(ledger, 'overview')}")
    wall.get("/api/v1/tick")
    warehouse.write(lambda connection: warehouse.engine.raise_version(connection))
    for _ in range(2):
        wall.get("/api/v1/tick")
    assert warehouse.meter.online() == 1
    assert warehouse.meter.take()["event_to_screen_ms"].total() == 1
    readings.keep(warehouse)
    shown = web.server.test_client().get("/metrics").get_data(as_text=True)
    assert "cockpit_viewers_online 1" in shown and "cockpit_event_to_screen_ms_p95" in shown


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/api/v1/metrics", "/nothing", "/_dash-layout"])
def test_every_response_carries_the_security_headers(web: WebApp, path: str) -> None:
    headers = web.server.test_client().get(path, headers=BROWSER, follow_redirects=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
    assert "Referrer-Policy" in headers and "Permissions-Policy" in headers
    assert headers["Cache-Control"] == "no-store"
    if headers["Content-Type"].startswith("text/html"):
        policy = headers["Content-Security-Policy"]
        scripts = policy.split("script-src ")[1].split(";")[0]
        assert "'unsafe-inline'" not in scripts and "'unsafe-eval'" not in scripts and "'sha256-" in scripts
        assert "frame-ancestors 'none'" in policy and "object-src 'none'" in policy
    assert "Strict-Transport-Security" not in headers and "Server" not in headers


def test_https_is_kept_once_seen(web: WebApp) -> None:
    answer = web.server.test_client().get(
        "/login", base_url="https://shop.example", headers=BROWSER, follow_redirects=True
    )
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_scripts_are_compressed_once_and_kept_by_browsers(
    web: WebApp, ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = web.server.test_client()
    users.add(ledger, "boss", "boss", "long enough 1")
    client.set_cookie("cockpit_session", new_session(web, "boss"))
    page = client.get("/", headers=BROWSER).get_data(as_text=True)
    script = next(
        part.split('"')[0]
        for part in page.split('src="')[1:]
        if "_dash-component-suites" in part and "renderer" in part
    )
    squeezed: list[int] = []
    true_compress = brotli.compress
    monkeypatch.setattr(
        brotli, "compress", lambda body, **more: squeezed.append(len(body)) or true_compress(body, **more)
    )
    plain = client.get(script).get_data()
    for _ in range(3):
        answer = client.get(script, headers={"Accept-Encoding": "gzip, br"})
        assert answer.headers["Content-Encoding"] == "br" and brotli.decompress(answer.get_data()) == plain
        assert "immutable" in answer.headers["Cache-Control"] and "Accept-Encoding" in answer.headers["Vary"]
    assert len(squeezed) == 1 and len(plain) > 10_000


def new_session(web: WebApp, name: str) -> str:
    from access import sessions

    context = web.context
    return sessions.start(context.ledger, context.settings, users.need(context.ledger, name), "127.0.0.1")


def test_a_body_too_large_is_refused(api: Callable[..., Any]) -> None:
    answer = api("query", method="POST", data=b"x" * (9 * 2**20), content_type="application/json")
    assert answer.status_code == 413 and is_one_shape(answer)


def test_a_wall_key_leads_to_the_clean_address(web: WebApp, ledger: Any) -> None:
    users.add(ledger, "boss", "boss", "long enough 1")
    client = stranger(web)
    key = keys.make_wall_key(ledger, "overview")
    away = client.get(f"/wall/overview?key={key}", headers=BROWSER)
    assert away.headers["Location"] == "/wall/overview" and "HttpOnly" in away.headers["Set-Cookie"]
    assert client.get("/wall/overview", headers=BROWSER).status_code == 200
    assert client.get("/api/v1/tick").status_code == 200
    assert client.get("/", headers=BROWSER).status_code == 403
    assert stranger(web).get("/wall/overview?key=wk_wrong", headers=BROWSER).status_code == 403


def test_no_secret_reaches_the_log(web: WebApp, ledger: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    users.add(ledger, "boss", "boss", "long enough 1")
    token, key = keys.make_token(ledger, "boss"), keys.make_wall_key(ledger, "overview")
    client = web.server.test_client()
    client.get("/api/v1/metrics", headers={"Authorization": f"Bearer {token}"})
    client.get(f"/wall/overview?key={key}")
    client.post("/login", data={"name": "boss", "password": "long enough 1"})
    assert not any(secret in caplog.text for secret in (token, key, "long enough 1"))
