"""The outside door: what is tried again, how long it waits, what is told."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config import Settings
from connectors.http import ApiCall, Http, Judgement, Retry
from errors import FatalError, RetryableError

OK = (200, {}, b'{"code": 1, "price": 0.10}')


class Script:
    """A server that answers what it is told to, and remembers how often it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked = 0


@pytest.fixture
def script() -> Iterator[tuple[Script, str]]:
    told = Script()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked += 1
            status, headers, body = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield told, f"http://127.0.0.1:{server.server_address[1]}/x"
    server.shutdown()
    server.server_close()


def ask(
    settings: Settings, url: str, calls: list[ApiCall], waits: list[float], judge=lambda body: Judgement("ok", "1")
):
    door = Http(settings, calls.append, Retry(attempts=3), (30.0, 60.0), waits.append, random.Random(3))
    return door.call("shop", "a.b", url, build=lambda: ({"token": "s3cret"}, b"{}", {}), judge=judge)


PASSING = [
    ("limited", (429, {"Retry-After": "7"}, b""), [7.0]),
    ("limited", (429, {"Retry-After": "9999"}, b""), [30.0]),
    ("limited", (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, b""), [0.0]),
    ("limited", (429, {"Retry-After": "soon"}, b""), None),
    ("server_error", (503, {}, b"<html>"), None),
    ("server_error", (500, {}, b""), None),
    ("bad_answer", (200, {}, b'{"code": 1, "da'), None),
    ("bad_answer", (200, {}, b"[1]"), None),
    ("bad_answer", (200, {}, b"\xff\xfe"), None),
]


@pytest.mark.parametrize(("outcome", "answer", "waited"), PASSING)
def test_what_passes_is_tried_again(
    settings: Settings, script, outcome: str, answer: tuple, waited: list | None
) -> None:
    told, url = script
    told.answers = [answer, OK]
    calls: list[ApiCall] = []
    waits: list[float] = []
    assert ask(settings, url, calls, waits).json == {"code": 1, "price": "0.10"}
    assert [(call.outcome, call.attempt, call.status) for call in calls] == [(outcome, 1, answer[0]), ("ok", 2, 200)]
    assert waits == waited if waited is not None else 0.5 <= waits[0] <= 1.0


@pytest.mark.parametrize("answer", [(429, {}, b""), (502, {}, b""), (200, {}, b"{")])
def test_what_stays_ends_after_three(settings: Settings, script, answer: tuple) -> None:
    told, url = script
    told.answers = [answer]
    waits: list[float] = []
    with pytest.raises(RetryableError):
        ask(settings, url, [], waits)
    assert told.asked == 3
    assert waits == sorted(waits)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404])
def test_refusals_are_not_repeated(settings: Settings, script, status: int) -> None:
    told, url = script
    told.answers = [(status, {"Location": "http://127.0.0.1:9/"}, b"no")]
    with pytest.raises(FatalError, match=str(status)):
        ask(settings, url, [], [])
    assert told.asked == 1


def test_nobody_there_is_retryable_and_tells_no_secret(settings: Settings) -> None:
    calls: list[ApiCall] = []
    with pytest.raises(RetryableError) as failure:
        ask(settings, "http://127.0.0.1:9/x", calls, [])
    assert [call.outcome for call in calls] == ["network"] * 3
    assert "s3cret" not in failure.value.text("en") + repr(calls)


def test_the_judge_decides_under_status_200(settings: Settings, script) -> None:
    told, url = script
    told.answers = [OK]
    verdicts = iter([Judgement("retry", "60000"), Judgement("token", "40003", "expired")])
    calls: list[ApiCall] = []
    answer = ask(settings, url, calls, [], lambda body: next(verdicts))
    assert answer.judgement.verdict == "token"
    assert [(call.outcome, call.code) for call in calls] == [("retry", "60000"), ("token", "40003")]
    with pytest.raises(FatalError, match="30001"):
        ask(settings, url, [], [], lambda body: Judgement("refuse", "30001", "no permission"))
