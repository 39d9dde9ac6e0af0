"""The explorer's worst questions on the bench warehouse, and a million rows as a file.

    uv run python bench/explorer.py [--lines 20] [--home FOLDER] [--repeat 3] [--export]

Each question is asked as the page asks it (what it is cut to first, then the answer) at a data version nobody has
looked at; the median counts. `--export` also writes the file of the longest one in both forms and says how many rows
there were, how long it took and how far the process's peak memory rose. FOLDER keeps the warehouse for the next run.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
from bench.questions import NOW, build
from components import explorer_ask, explorer_file
from components.context import Context
from components.view import parse
from config import Settings
from warehouse import Warehouse
from warehouse.ledger import Ledger

YEAR = "period=2025-11-01..2026-10-31"
QUESTIONS = {
    "gmv by hour, 30 days": "period=last_30_days&m=gmv&grain=hour",
    "six metrics by SKU, 30 days, compared": (
        "period=last_30_days&m=gmv,orders,items,buyers,refund_amount,aov&by=sku&vs=1"
    ),
    "gmv by SKU × province, a year": f"{YEAR}&m=gmv&by=sku,province",
    "gmv, orders by SKU by day, 30 days": "period=last_30_days&m=gmv,orders&by=sku&grain=day",
    "buyers by province by month, a year": f"{YEAR}&m=buyers&by=province&grain=month",
    "repeat rate by category by month, a year": f"{YEAR}&m=repeat_rate&by=category&grain=month",
    "gmv, buyers by platform × channel × category, a year": f"{YEAR}&m=gmv,buyers&by=platform,channel,category",
    "gmv by weekday × hour, a year": f"{YEAR}&m=gmv&by=weekday,hour",
}
LONGEST = f"{YEAR}&m=gmv,items&by=sku&grain=day"  # 5,000 SKUs × 365 days


def peak() -> float:
    """The process's largest memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def asked(context: Context, query: str, repeat: int) -> tuple[float, int]:
    """(median ms, rows) of a question at a new data version."""
    spent, rows = [], 0
    for _ in range(repeat + 1):
        context.warehouse.engine.data_version += 1
        begun = time.perf_counter()
        rows = len(explorer_ask.ask(parse(context, "/explore", f"?{query}"))["answer"].rows)
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent[1:]), rows


def taken(context: Context, kind: str) -> None:
    view, before, begun = parse(context, "/explore", f"?{LONGEST}"), peak(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as folder:
        path = Path(folder) / f"long.{kind}"
        rows = explorer_file.write(view, explorer_ask.read(view), kind, path)
        spent, size = time.perf_counter() - begun, path.stat().st_size / 2**20
    rose = f"peak memory {before:.0f} → {peak():.0f} MB"
    print(f"{kind}: {rows:,} rows, {size:.0f} MB in {spent:.1f} s; {rose}", flush=True)


def run(home: Path, lines: int, repeat: int, export: bool) -> None:
    settings = replace(Settings(), home=home, memory_limit="4GB")
    with Warehouse.open(settings) as warehouse:
        if not warehouse.data_version:
            build(warehouse, lines * 1_000_000)
    with Warehouse.open(settings) as warehouse, Ledger.open(settings) as ledger:
        found = warehouse.read("SELECT count(*) FROM order_line").column(0)[0].as_py()
        print(f"{found / 1e6:.1f} M order lines; load average {Path('/proc/loadavg').read_text()[:14]}", flush=True)
        context = Context(settings, warehouse, ledger)
        for name, query in QUESTIONS.items():
            spent, rows = asked(context, query, repeat)
            print(f"{name:54}{spent:9.0f} ms {rows:6} rows", flush=True)
        if export:
            for kind in ("csv", "xlsx"):
                taken(context, kind)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=20, help="million order lines to build")
    parser.add_argument("--home", type=Path, help="a folder that holds the warehouse, or gets it")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--export", action="store_true", help="write the longest answer as CSV and XLSX too")
    told = parser.parse_args()
    config.freeze(NOW)
    home = told.home or Path(tempfile.mkdtemp(prefix="cockpit-bench-"))
    try:
        run(home, told.lines, told.repeat, told.export)
    finally:
        if told.home is None:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
