"""Server time of every page on the bench warehouse: its questions asked and its blocks drawn, no browser.

    uv run python bench/server_pages.py [--lines 20] [--home FOLDER] [--period last_30_days] [--pages tree …]
                                         [--repeat 3]

`new data` is a page at a data version nobody has looked at yet: nothing kept, everything compiled; `cpu` is the
processor's time of it, over all cores. `again` is the same page once more. Blocks run one after another in one thread,
so the sum is the work itself and not what two lanes make of it. FOLDER keeps the warehouse for the next run; without
it one is built and thrown away.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import flask

import config
from access import User
from bench.questions import NOW, build
from components import cards
from components.context import Context
from components.page import Page, find_pages
from components.view import parse
from config import Settings
from errors import CockpitError
from pages import wall
from warehouse import Warehouse
from warehouse.ledger import Ledger

BOSS = User("bench", "boss", 1)
ADDRESSES = {
    "sku": "/sku/S01234",
    "drill": "/drill/gmv",
    "why": "/why/gmv",
    "dictionary": "/dictionary/gmv",
    "correlation": "/correlation?a=gmv&b=refund_amount",
    "explorer": "/explore?m=gmv,orders&by=category",
}


class _Inline:
    """Runs the questions of the cards where they are asked, so that their time is counted once."""

    @staticmethod
    def map(ask: Callable[..., object], questions: object) -> list[object]:
        return [ask(question) for question in questions]  # type: ignore[attr-defined]


def draw(context: Context, page: Page, path: str, query: str) -> tuple[float, float, list[str]]:
    """(ms, processor's ms) to ask and draw every block of a page as whoever may see everything, and what failed."""
    failed: list[str] = []
    begun, worked = time.perf_counter(), time.process_time()
    if page is wall.PAGE:
        wall.model(parse(context, path, query), wall.TILES, "bench")
    for part in page.blocks:
        view = parse(context, path, query, path_args=page.match(path))
        try:
            part.draw(view, part.ask(view))
        except (CockpitError, RuntimeError) as error:  # RuntimeError: it asks for the request at hand
            failed.append(f"{part.name}: {error}")
    return (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000, failed


def measure(context: Context, page: Page, path: str, query: str, repeat: int) -> tuple[list[float], list[str]]:
    """Medians of ms and processor's ms at a new data version and of ms once more, and what failed."""
    *_, failed = draw(context, page, path, query)
    spent = []
    for _ in range(repeat):
        context.warehouse.engine.data_version += 1  # as a load does; the rows stay, so every answer must be equal
        fresh, worked, _ = draw(context, page, path, query)
        spent.append((fresh, worked, draw(context, page, path, query)[0]))
    return [statistics.median(column) for column in zip(*spent, strict=True)], failed


def run(home: Path, lines: int, queries: list[str], repeat: int, wanted: list[str] | None) -> None:
    settings = replace(Settings(), home=home, memory_limit="4GB")
    with Warehouse.open(settings) as warehouse, Ledger.open(settings) as ledger:
        if not warehouse.data_version:
            build(warehouse, lines * 1_000_000)
    with Warehouse.open(settings) as warehouse, Ledger.open(settings) as ledger:
        found = warehouse.read("SELECT count(*) FROM order_line").column(0)[0].as_py()
        print(f"{found / 1e6:.1f} M order lines; load average {Path('/proc/loadavg').read_text()[:14]}")
        print(f"{'page':14}{'period':16}{'new data ms':>12}{'cpu ms':>8}{'again ms':>10}")
        context = Context(settings, warehouse, ledger)
        for page in find_pages()[0]:
            if (not page.blocks and page is not wall.PAGE) or (wanted and page.id not in wanted):
                continue
            for query in queries:
                path, _, own = ADDRESSES.get(page.id, page.path).partition("?")
                asked = "?" + "&".join(part for part in (own, query.lstrip("?")) if part)
                with flask.Flask(__name__).test_request_context(path + asked):
                    flask.g.cockpit_user = BOSS
                    (fresh, worked, again), failed = measure(context, page, path, asked, repeat)
                word = query.partition("=")[2] or "today"
                print(f"{page.id:14}{word:16}{fresh:12.0f}{worked:8.0f}{again:10.0f}  {'; '.join(failed)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=20, help="million order lines to build")
    parser.add_argument("--home", type=Path, help="a folder that holds the warehouse, or gets it")
    parser.add_argument("--period", nargs="+", default=["today", "last_30_days"])
    parser.add_argument("--pages", nargs="+", help="only these, by id")
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    cards._ASKERS = _Inline()  # type: ignore[assignment]
    config.freeze(NOW)
    home = asked.home or Path(tempfile.mkdtemp(prefix="cockpit-bench-"))
    queries = ["" if word == "today" else f"?period={word}" for word in asked.period]
    try:
        run(home, asked.lines, queries, asked.repeat, asked.pages)
    finally:
        if asked.home is None:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
