"""The one door to the outside: time-outs, bounded retries with jittered back-off, every call told.

What a failure means is sorted here once: time-outs, broken connections, 429, 5xx and answers that cannot be read are
`RetryableError`; other refusals are `FatalError`. Platforms that answer errors under HTTP 200 pass a `judge`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import requests

from config import Settings, now
from errors import FatalError, RetryableError

Verdict = Literal["ok", "retry", "refuse", "token"]


@dataclass(frozen=True)
class Judgement:
    """What a platform's answer means; `token`: the access token is no longer valid."""

    verdict: Verdict
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class ApiCall:
    """One call as the table `api_call` keeps it; `outcome`: 'ok', 'retry', 'refused', 'token', 'timeout', 'network',
    'limited', 'server_error', 'bad_answer'."""

    source: str
    method: str
    called_at: datetime
    status: int | None
    code: str | None
    outcome: str
    latency_ms: float
    attempt: int


@dataclass(frozen=True)
class Answer:
    """A call that went through: the body as it came, the same as JSON, and what the judge said of it."""

    body: bytes
    json: dict[str, Any]
    judgement: Judgement


@dataclass(frozen=True)
class Retry:
    """How often and how patiently: waits of `first`, doubled each time, never above `longest`, with full jitter."""

    attempts: int = 5
    first: float = 1.0
    longest: float = 30.0


def _always_ok(answer: dict[str, Any]) -> Judgement:
    return Judgement("ok")


class Http:
    """A session that calls platforms. Tests pass their own `sleep` and `random`."""

    def __init__(
        self,
        settings: Settings,
        record: Callable[[ApiCall], None] | None = None,
        retry: Retry | None = None,
        timeout: tuple[float, float] = (5.0, 20.0),
        sleep: Callable[[float], None] = time.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self._settings, self._record, self._retry, self._timeout = settings, record, retry or Retry(), timeout
        self._sleep, self._rng = sleep, rng or random.Random()
        self._session = requests.Session()

    def call(
        self,
        source: str,
        method: str,
        url: str,
        *,
        build: Callable[[], tuple[Mapping[str, str], bytes, Mapping[str, str]]],
        judge: Callable[[dict[str, Any]], Judgement] = _always_ok,
        verb: str = "POST",
    ) -> Answer:
        """Call until it works or the attempts are used up. `build` gives (query, body, headers) anew for each attempt.

        A `token` verdict is returned, not retried: the caller knows how to get a new token.

        Raises:
            RetryableError: `source_busy`, `source_answer`.  FatalError: `source_refused`.
        """
        wait: float | None = None
        for attempt in range(1, self._retry.attempts + 1):
            if attempt > 1:
                self._sleep(wait if wait is not None else self._pause(attempt))
            outcome, answer, wait, detail = self._attempt(source, method, url, build(), judge, verb, attempt)
            if outcome in ("ok", "token"):
                assert answer is not None
                return answer
            if outcome == "refused":
                error = answer.judgement.code if answer else ""
                raise FatalError("source_refused", source=source, method=method, error=error, detail=detail)
        code = "source_answer" if outcome == "bad_answer" else "source_busy"
        raise RetryableError(code, source=source, method=method, detail=detail)

    def _pause(self, attempt: int) -> float:
        longest = min(self._retry.longest, self._retry.first * 2 ** (attempt - 2))
        return longest / 2 + self._rng.random() * longest / 2

    def _attempt(
        self,
        source: str,
        method: str,
        url: str,
        request: tuple[Mapping[str, str], bytes, Mapping[str, str]],
        judge: Callable[[dict[str, Any]], Judgement],
        verb: str,
        attempt: int,
    ) -> tuple[str, Answer | None, float | None, str]:
        query, body, headers = request
        begun, called_at = time.perf_counter(), now(self._settings)
        status: int | None = None
        answer: Answer | None = None
        wait: float | None = None
        try:
            response = self._session.request(
                verb,
                url,
                params=query,
                data=body,
                headers=dict(headers),
                timeout=self._timeout,
                allow_redirects=False,
            )
            status = response.status_code
            wait = _retry_after(response.headers.get("Retry-After"), self._retry.longest)
            outcome, answer, detail = _sort(response, judge)
        except requests.Timeout as error:
            outcome, detail = "timeout", type(error).__name__
        except requests.RequestException as error:
            # not the error's text: it may hold the address with the token in it
            outcome, detail = "network", type(error).__name__
        if self._record is not None:
            latency = (time.perf_counter() - begun) * 1000
            code = answer.judgement.code if answer else None
            self._record(ApiCall(source, method, called_at, status, code or None, outcome, latency, attempt))
        return outcome, answer, wait, detail

    def close(self) -> None:
        self._session.close()


def _sort(response: requests.Response, judge: Callable[[dict[str, Any]], Judgement]) -> tuple[str, Answer | None, str]:
    """(outcome, answer, detail) of an HTTP answer."""
    status = response.status_code
    if status == 429:
        return "limited", None, "HTTP 429"
    if status >= 500 or status == 408:
        return "server_error", None, f"HTTP {status}"
    if status != 200:
        return "refused", None, f"HTTP {status}"
    try:
        parsed = json.loads(response.content, parse_float=str)
        if not isinstance(parsed, dict):
            raise ValueError(type(parsed).__name__)
    except ValueError as error:
        return "bad_answer", None, str(error)[:200]
    answer = Answer(response.content, parsed, judge(parsed))
    outcome = {"ok": "ok", "retry": "retry", "refuse": "refused", "token": "token"}[answer.judgement.verdict]
    return outcome, answer, f"{answer.judgement.code} {answer.judgement.detail}".strip()


def _retry_after(value: str | None, longest: float) -> float | None:
    """Seconds that a server asks us to wait, in either of its two forms, never more than `longest`."""
    if not value:
        return None
    try:
        return max(0.0, min(float(value), longest))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, min(moment.timestamp() - time.time(), longest))
