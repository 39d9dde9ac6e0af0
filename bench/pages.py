"""Cold start, the first page's bytes and time in Chromium, a filter click and memory, on the demo shop.

    uv run python bench/pages.py [--home FOLDER]      # FOLDER: a COCKPIT_HOME that holds the demo already

The limit in the same run is a bare Dash app with one Mantine button, served by waitress and opened by the same browser:
what the stack costs before anything of ours is drawn. Readable means that no skeleton is left anywhere on the page, be
it drawn by the first HTML or by Dash; live means that Dash has taken over, so that controls answer without a reload.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
READABLE = """() => document.readyState !== 'loading'
    && !document.querySelector('.skeleton') && !!document.querySelector('.main')"""
LIVE = READABLE.replace(".skeleton'", ".skeleton, #first'")
BYTES = """() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
    .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
BARE = """
import sys, dash, dash_mantine_components as dmc
from waitress import serve
app = dash.Dash("bare")
app.layout = dmc.MantineProvider(dmc.Button("ready", id="ready"))
serve(app.server, host="127.0.0.1", port=int(sys.argv[1]), threads=8, _quiet=True)
"""


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer within {seconds} s")


@contextmanager
def process(command: list[str], ready: Callable[[int], str], env: dict[str, str]) -> Any:
    """A server of our own on a free port; yields (port, process, seconds until it was ready)."""
    port = free_port()
    begun = time.perf_counter()
    child = subprocess.Popen([*command, str(port)], cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    try:
        wait_for(ready(port))
        yield port, child, time.perf_counter() - begun
    finally:
        child.terminate()
        child.wait(30)


def settle(child: Any) -> None:
    """Wait until the server is at rest: what it computes ahead after its start is not part of a warm visit."""
    served, calm = psutil.Process(child.pid), 0
    while calm < 4:
        calm = calm + 1 if served.cpu_percent(0.5) < 15 else 0


def visit(context: Any, url: str, until: str) -> tuple[float, int]:
    """Seconds until the page is readable, and its bytes over the wire."""
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(url, wait_until="commit")  # not "load": that waits for every script
    page.wait_for_function(until, timeout=60_000, polling=20)
    seconds = time.perf_counter() - begun
    size = int(page.evaluate(BYTES))
    page.close()
    return seconds, size


def filter_seconds(context: Any, url: str) -> float:
    """From a click on a province to the last answer that redraws a block; the median of three clicks."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_function(LIVE, timeout=60_000, polling=20)
    page.wait_for_load_state("networkidle")
    done: list[float] = []
    page.on("requestfinished", lambda request: done.append(time.perf_counter()) if "_dash" in request.url else None)
    times = []
    for place in ("广东", "江苏", "浙江"):
        done.clear()
        begun = time.perf_counter()
        page.locator(f"a[href*='province=']:visible[aria-label*='{place}'], a[title*='{place}']:visible").first.click()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(600)
        times.append(max(done, default=begun) - begun)
    page.close()
    return statistics.median(times)


def measure(home: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    serve = [sys.executable, "app.py", "serve", "--demo", "--port"]
    bare = [sys.executable, "-c", BARE]
    with sync_playwright() as driver, process(bare, lambda port: f"http://127.0.0.1:{port}/", {}) as (bare_port, _, _):
        browser = driver.chromium.launch(
            executable_path=os.environ.get("COCKPIT_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        context = browser.new_context()
        until = "() => !!document.querySelector('#ready')"
        found["bare_cold"], found["bare_bytes"] = visit(context, f"http://127.0.0.1:{bare_port}/", until)
        found["bare_warm"], _ = visit(context, f"http://127.0.0.1:{bare_port}/", until)
        with process(serve, lambda port: f"http://127.0.0.1:{port}/readyz", {"COCKPIT_HOME": str(home)}) as (
            port,
            child,
            start,
        ):
            found["start"] = start
            url = f"http://127.0.0.1:{port}/"
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            found["page_cold"], found["page_bytes"] = visit(context, url, READABLE)
            settle(child)
            found["page_warm"] = statistics.median(visit(context, url, READABLE)[0] for _ in range(5))
            found["live_warm"] = statistics.median(visit(context, url, LIVE)[0] for _ in range(5))
            found["filter"] = filter_seconds(context, url)
            found["rss_mb"] = psutil.Process(child.pid).memory_info().rss / 2**20
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as folder:
        home = asked.home or Path(folder)
        if asked.home is None:
            subprocess.run(
                [sys.executable, "app.py", "demo"], cwd=ROOT, check=True, env={**os.environ, "COCKPIT_HOME": str(home)}
            )
        found = measure(home)
    print(f"cold start to /readyz            {found['start']:.2f} s")
    ours, bare = found["page_bytes"], found["bare_bytes"]
    sizes = f"{ours / 2**20:.2f} MB   bare Dash {bare / 2**20:.2f} MB   ratio {ours / bare:.2f}"
    print(f"first page, bytes over the wire  {sizes}")
    for name in ("cold", "warm"):
        ours, bare = found[f"page_{name}"], found[f"bare_{name}"]
        print(f"first page readable, {name}        {ours:.2f} s   bare Dash {bare:.2f} s   ratio {ours / bare:.2f}")
    print(f"first page live, warm            {found['live_warm']:.2f} s")
    print(f"filter to new picture            {found['filter'] * 1000:.0f} ms")
    print(f"server memory after that         {found['rss_mb']:.0f} MB")


if __name__ == "__main__":
    main()
