"""Server time of every page on the bench warehouse: its questions asked and its blocks drawn, no browser.

    uv run python bench/server_pages.py [--lines 20] [--home FOLDER] [--period last_30_days] [--pages tree …]
                                         [--repeat 3]

`new data` is a page at a data version nobody has looked at yet, raised without saying what changed: nothing kept, all
days as good as new, everything compiled; `cpu` is the processor's time of it, over all cores. `of today` is a page
after a real load of LINES order lines of today (the load's own time does not count): what a reader meets while
the day goes on, where what is kept of days that did not change still holds. `again` is the same page once more. Blocks
run one after another in one thread, so the sum is the work itself and not what two lanes make of it. FOLDER keeps the
warehouse for the next run (it grows by what is loaded); without it one is built and thrown away.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

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
from warehouse import Batch, Field, Into, RowSpec, TableRows, Warehouse
from warehouse.ledger import Ledger

LINES = 40
CHANNELS = ("live", "video", "card", "search", "ad")
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


_FIELDS = {
    **dict.fromkeys(("order_id", "line_id", "sku_id", "product_id", "category", "channel", "province"), "text"),
    **{"buyer": "int", "quantity": "int", "amount": "money", "at": "time"},
}
_ORDERS = RowSpec(
    "bench_orders",
    tuple(Field(name, kind) for name, kind in _FIELDS.items()),  # type: ignore[arg-type]
    (
        Into(
            "order_line",
            {name: name for name in _FIELDS if name not in ("amount", "at", "buyer")}
            | {"buyer": "buyer::UBIGINT", "status": "'paid'", "created_at": '"at"', "paid_at": '"at"'}
            | {"payable_amount": "amount", "paid_amount": "amount", "list_amount": "amount"},
        ),
    ),
    event_time='"at"',
)


def tell(warehouse: Warehouse) -> None:
    """Load LINES order lines of today, as a shop's file brings them: nothing out of the usual, each load another
    platform's."""
    stamp = time.time_ns()
    dice = random.Random(stamp)
    rows = []
    for number in range(LINES):
        sku = dice.randrange(5000)
        at = NOW - timedelta(seconds=dice.randrange(1, 15 * 3600))
        rows.append({
            "order_id": f"{stamp}{number:03}", "line_id": f"{stamp}{number:03}", "sku_id": f"S{sku:05}",
            "product_id": f"P{sku // 2:05}", "category": f"类目{sku % 40:02}", "channel": dice.choice(CHANNELS),
            "province": f"省{dice.randrange(31):02}", "buyer": str(dice.randrange(3_000_000)),
            "quantity": str(dice.randrange(1, 4)),
            "amount": f"{(80 + sku % 300) * 0.95:.2f}", "at": f"{at}",
        })  # fmt: skip
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in _FIELDS}
    table = pa.table({**columns, "source_row": pa.array(range(1, LINES + 1), pa.int64())})
    platform = dice.choice(("douyin", "tmall", "jd", "pdd"))
    batch = Batch("bench", _ORDERS, platform, "旗舰店", repr(rows).encode(), f"{stamp}.json", TableRows(table), NOW,
                  complete_through=NOW)  # fmt: skip
    report = warehouse.load(batch)
    assert report.accepted == LINES, report


def measure(context: Context, page: Page, path: str, query: str, repeat: int) -> tuple[list[float], list[str]]:
    """Medians of ms and processor's ms at a new data version, of both after a load of today, and of ms once more, and
    what failed."""
    *_, failed = draw(context, page, path, query)
    spent = []
    for _ in range(repeat):
        context.warehouse.engine.data_version += 1  # as a load does; the rows stay, so every answer must be equal
        fresh, worked, _ = draw(context, page, path, query)
        tell(context.warehouse)  # raises it by the door again: the first reader afterwards may keep what he reads
        draw(context, page, path, query)
        tell(context.warehouse)
        spent.append((fresh, worked, *draw(context, page, path, query)[:2], draw(context, page, path, query)[0]))
    return [statistics.median(column) for column in zip(*spent, strict=True)], failed


def run(home: Path, lines: int, queries: list[str], repeat: int, wanted: list[str] | None) -> None:
    settings = replace(Settings(), home=home, memory_limit="4GB")
    with Warehouse.open(settings) as warehouse, Ledger.open(settings) as ledger:
        if not warehouse.data_version:
            build(warehouse, lines * 1_000_000)
    with Warehouse.open(settings) as warehouse, Ledger.open(settings) as ledger:
        found = warehouse.read("SELECT count(*) FROM order_line").column(0)[0].as_py()
        print(f"{found / 1e6:.1f} M order lines; load average {Path('/proc/loadavg').read_text()[:14]}")
        heads = "".join(f"{head:>12}" for head in ("new data ms", "cpu ms", "of today ms", "cpu ms", "again ms"))
        print(f"{'page':14}{'period':16}{heads}")
        warehouse.write(lambda c: c.execute("UPDATE meta SET value = '2' WHERE name = 'next_batch_id' AND value = '1'"))
        context = Context(settings, warehouse, ledger)
        for page in find_pages()[0]:
            if (not page.blocks and page is not wall.PAGE) or (wanted and page.id not in wanted):
                continue
            for query in queries:
                path, _, own = ADDRESSES.get(page.id, page.path).partition("?")
                asked = "?" + "&".join(part for part in (own, query.lstrip("?")) if part)
                with flask.Flask(__name__).test_request_context(path + asked):
                    flask.g.cockpit_user = BOSS
                    spent, failed = measure(context, page, path, asked, repeat)
                word = query.partition("=")[2] or "today"
                told = "".join(f"{ms:12.0f}" for ms in spent)
                print(f"{page.id:14}{word:16}{told}  {'; '.join(failed)}", flush=True)


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
