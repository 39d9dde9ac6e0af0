"""`/healthz`, `/readyz` and `/metrics`: what machines ask to know whether the house stands."""

from __future__ import annotations

import threading
import time
from collections import Counter

import flask
from werkzeug.wrappers import Response

from commands.web.bodies import UPDATE
from components.context import Context
from errors import CockpitError
from warehouse import readings

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

GAUGES = {
    "db_bytes": "Bytes of the database file and its write-ahead log.",
    "disk_free_bytes": "Bytes free on the database's disk.",
    "viewers_online": "Sessions and walls that asked for news within a minute.",
}


class RequestCount:
    """How many requests, how they ended and how long they took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.by_status: Counter[str] = Counter()
        self.buckets = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0

    def add(self, status: int, seconds: float) -> None:
        """Count one request."""
        place = next((i for i, edge in enumerate(BUCKETS) if seconds <= edge), len(BUCKETS))
        with self._lock:
            self.by_status[f"{status // 100}xx"] += 1
            self.buckets[place] += 1
            self.seconds += seconds


def register(server: flask.Flask, context: Context) -> None:
    """Add the three routes."""
    count = RequestCount()
    started = time.monotonic()

    @server.before_request
    def begin() -> None:
        flask.g.began = time.perf_counter()

    @server.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - flask.g.get("began", time.perf_counter())
        count.add(response.status_code, seconds)
        if response.status_code == 200 and _is_page(response):
            context.warehouse.meter.took("page_ms", seconds * 1000)
        return response

    @server.get("/healthz")
    def healthz() -> Response:
        return flask.jsonify({"status": "ok"})

    @server.get("/readyz")
    def readyz() -> Response:
        checks = {"warehouse": _warehouse_open(context), "scheduler": _scheduler_beats(context)}
        response = flask.jsonify({"status": "ready" if all(checks.values()) else "not_ready", "checks": checks})
        response.status_code = 200 if all(checks.values()) else 503
        return response

    @server.get("/metrics")
    def metrics() -> Response:
        return Response(prometheus(context, count, time.monotonic() - started), mimetype="text/plain; version=0.0.4")


def prometheus(context: Context, count: RequestCount, uptime: float) -> str:
    """The figures in Prometheus' text form; nothing here runs a query on the facts."""
    lines: list[str] = []

    def put(name: str, kind: str, text: str, *samples: tuple[str, float]) -> None:
        lines.extend([f"# HELP cockpit_{name} {text}", f"# TYPE cockpit_{name} {kind}"])
        lines.extend(
            f"cockpit_{name}{labels} {value:g}" if value % 1 else f"cockpit_{name}{labels} {value:.0f}"
            for labels, value in samples
        )

    put("up", "gauge", "1 when the warehouse is open.", ("", float(_warehouse_open(context))))
    put("uptime_seconds", "gauge", "Seconds since the server started.", ("", uptime))
    put("data_version", "counter", "Raised by every batch.", ("", float(context.warehouse.data_version)))
    put("scheduler_up", "gauge", "1 when the scheduler beats.", ("", float(_scheduler_beats(context))))
    put(
        "http_requests_total",
        "counter",
        "Requests by class of status.",
        *((f'{{status="{status}"}}', float(number)) for status, number in sorted(count.by_status.items())),
    )
    running, samples = 0, []
    for edge, number in zip((*map(str, BUCKETS), "+Inf"), count.buckets, strict=True):
        running += number
        samples.append((f'_bucket{{le="{edge}"}}', float(running)))
    put("http_request_seconds", "histogram", "Time to answer.", *samples)
    lines.extend(
        [f"cockpit_http_request_seconds_sum {count.seconds:g}", f"cockpit_http_request_seconds_count {running}"]
    )
    alarms = context.ledger.query("SELECT state, count(*) AS n FROM alert_incident GROUP BY state ORDER BY state")
    put(
        "alerts",
        "gauge",
        "Alert incidents by state.",
        *((f'{{state="{row["state"]}"}}', float(row["n"])) for row in alarms),
    )
    for name, value in readings.gauges(context.warehouse).items():
        put(name, "gauge", GAUGES[name], ("", value))
    for name, value in sorted(context.warehouse.meter.p95().items()):
        put(f"{name}_p95", "gauge", "95th percentile of the last minute with readings.", ("", value))
    put("threads", "gauge", "Threads of the process.", ("", float(threading.active_count())))
    return "\n".join(lines) + "\n"


def _is_page(response: Response) -> bool:
    """A page, what a callback drew, or a wall's picture; no tick, no file, no answer for programs."""
    path = flask.request.path
    if path == UPDATE or path.startswith("/wall/"):
        return True
    return response.mimetype == "text/html" and flask.request.method == "GET"


def _warehouse_open(context: Context) -> bool:
    try:
        context.warehouse.read("SELECT 1", seconds=5.0)
    except CockpitError:
        return False
    return True


def _scheduler_beats(context: Context) -> bool:
    beat = context.flags.get("scheduler_beats")
    return bool(beat()) if callable(beat) else False
