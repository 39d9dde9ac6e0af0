"""How well `explain` finds causes: the Squeeze benchmark, and the incidents planted in the simulated shop.

    uv run python bench/rca.py [--data ../shared/datasets/squeeze_rca_dev] [--demo [--seeds 11 11]]
                               [--search 21 40 | --told 51 58 | --quiet 25 28] [--keep FOLDER]

Squeeze: 46 cases of real leaf tables (21,600 leaves, four attributes) with injected causes; F1 over the named corners,
by cuboid layer and overall, and seconds a case. One setting for all cases. `--demo` loads a simulated shop of five
weeks and asks `explain` about the incidents that were planted in it; `--told` asks about those of the search's shops.
Of a wave of refunds it is asked about the orders of the fortnight before (the metric is told by the day of the order).

`--search FIRST LAST`: for each of these seeds a shop of four platforms at the demo's own density (370,000 lines in two
years, of which 50 days are loaded) whose incidents lie around a day and an hour of the year that follow from the seed.
`sweep` is told no metric: it is asked about the days of one incident, over the whole shop, by a reader who stands at
its end (a source that is late: a minute before). Right means metric, dimension and value of the first finding, but for
findings about another incident that was planted in the same days; of a wave of refunds, drawn over a product, the
product or the SKU. `first of all` counts those that stand first although others lie in the same days.

Left out, and counted, is what was planted and is not there: prices and fake orders of a SKU of which nothing was paid
in that time (it was out of stock), a stock-out in days of which no source tells the shop's stock, a room that was to go
off the air and was not on it. Nobody could name these, and nobody would miss them.

`--quiet FIRST LAST`: the same shops with nothing planted; every of their last fortnight's days outside campaigns is
asked about, and what stands there is counted by how sure it is called. Rooms that did not go on the air and SKUs that
ran out are true, and counted apart.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
import metrics
from commands import demo
from config import Settings
from metrics.localise import localise
from metrics.sweep_says import COHORT, told
from metrics.types import Period, Scope
from simulator.shops import SLOTS
from simulator.world import World
from warehouse import Warehouse

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "datasets" / "squeeze_rca_dev"
Corner = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """One leaf table with the corners that were injected."""

    folder: str
    name: str
    leaves: pd.DataFrame
    truth: frozenset[Corner]

    @property
    def layer(self) -> int:
        return max(len(corner) for corner in self.truth)

    @property
    def dims(self) -> list[str]:
        return [name for name in self.leaves.columns if name not in ("real", "predict")]


@dataclass
class Score:
    """True corners found, corners wrongly named, true corners missed; the slowest case."""

    hit: int = 0
    wrong: int = 0
    missed: int = 0
    cases: int = 0
    slowest: float = 0.0

    @property
    def f1(self) -> float:
        return 2 * self.hit / max(1, 2 * self.hit + self.wrong + self.missed)

    def add(self, found: frozenset[Corner], truth: frozenset[Corner], seconds: float) -> None:
        """Count one case."""
        self.hit += len(found & truth)
        self.wrong += len(found - truth)
        self.missed += len(truth - found)
        self.cases += 1
        self.slowest = max(self.slowest, seconds)


def cases(folder: Path) -> Iterator[Case]:
    """Every case below a folder; the text None is a value, not a gap."""
    for info in sorted(folder.glob("*/injection_info.csv")):
        truth = pd.read_csv(info, dtype=str).set_index("timestamp")["set"]
        for file in sorted(info.parent.glob("*.csv.gz")):
            leaves = pd.read_csv(file, keep_default_na=False, dtype={"real": float, "predict": float})
            told = str(truth[file.name.split(".")[0]])
            corners = frozenset(_corner(text) for text in told.split(";"))
            yield Case(info.parent.name, file.name.split(".")[0], leaves, corners)


def _corner(text: str) -> Corner:
    return frozenset((name, value) for name, _, value in (part.partition("=") for part in text.split("&")))


def named(case: Case) -> tuple[frozenset[Corner], float]:
    """The corners that are named for a case, and the seconds it took."""
    started = time.perf_counter()
    found = localise(case.leaves, case.dims, case.leaves["predict"].to_numpy(), case.leaves["real"].to_numpy())
    seconds = time.perf_counter() - started
    return frozenset(frozenset((k, str(v)) for k, v in corner.where.items()) for corner in found.corners), seconds


def squeeze(folder: Path) -> dict[str, Score]:
    """Scores by folder, by layer and over all."""
    scores: dict[str, Score] = {}
    for case in cases(folder):
        found, seconds = named(case)
        for group in (case.folder, f"layer {case.layer}", "all"):
            scores.setdefault(group, Score()).add(found, case.truth, seconds)
    return scores


# Planted incidents ----------------------------------------------------------------------------------------------------

QUESTIONS: dict[str, tuple[str, bool, tuple[str, ...]]] = {
    "price_typo": ("unit_price", True, ("sku",)),
    "fake_orders": ("orders_per_buyer", True, ("sku",)),
    "page_broken": ("orders", False, ("shop", "platform")),
    "ad_burning": ("ad_roi", True, ("ad_plan",)),
    "refund_wave": ("refund_rate_cohort", True, ("sku", "product")),
    "live_dropped": ("live_gmv", False, ("hour", "shop")),
}
"""Kind → metric asked about, whether it is held against the seven days before (ratios) or against the same hours a week
before (sums), and the dimensions whose true value answers. A stock-out of one SKU and a late source move no sum that
can be told from chance; they are told as coincidence and data fault."""
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Answered:
    """An incident with what `explain` named first."""

    id: str
    kind: str
    truth: str
    named: dict[str, object]
    right: bool
    seconds: float


def planted(home: Path, lines: int = 60_000, days: int = 36, seed: int = 11) -> list[Answered]:
    """Load a simulated shop whose incidents lie two weeks back, and ask about each of them."""
    end = datetime(2026, 10, 20, 20)
    config.freeze(end)
    settings = Settings(home=home)
    with Warehouse.open(settings) as warehouse:
        start = datetime.combine(end.date() - timedelta(days=days), datetime.min.time())
        world = World(seed, start, end, lines, anchor=end - 2 * WEEK)
        demo.load_demo(warehouse, settings, days=days, like=world)
        rows = [row for row in _rows(world) if row["kind"] in QUESTIONS]
        return [_asked(warehouse, row) for row in rows if row["start"] - WEEK >= start]


def _rows(world: World) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in world.incidents.to_dict("records")]


def _asked(warehouse: Warehouse, row: dict[str, Any]) -> Answered:
    metric, before, dims = QUESTIONS[row["kind"]]
    period = Period(row["start"].to_pydatetime(), row["end"].to_pydatetime())
    if row["kind"] == "live_dropped":  # sessions are placed by their start
        period = Period(period.start.replace(hour=0, minute=0), period.end)
    base = Period(period.start - WEEK, period.start if before else period.end - WEEK)
    if metric == "refund_rate_cohort":  # told by the day of the order: of the orders that could come back by then
        period = Period(period.start - COHORT, period.end)
        base = Period(period.start - COHORT, period.start)
    answer = metrics.explain(warehouse, metrics.Why(metric, period, base), Scope.everything())
    truth: dict[str, Any] = {"sku": row["sku"], "shop": row["shop"], "platform": row["platform"]}
    if row["kind"] == "refund_wave":  # drawn over a product
        truth["product"] = _book(warehouse).get(row["shop"] + str(row["sku"]))
    if row["kind"] == "live_dropped":  # the room's usual hour of starting
        truth["hour"] = SLOTS[row["slot"]].start // 60
    if row["kind"] == "ad_burning":
        plans = metrics.labels(warehouse, "ad_plan", [str(part.value) for part in answer.dimensions["ad_plan"]])
        truth = {"ad_plan": next((code for code, name in plans.items() if name == row["plan"]), None)}
    named = dict(answer.located.causes[0].where) if answer.located.causes else {}
    right = any(named.get(dim) == truth[dim] for dim in dims)
    return Answered(row["id"], row["kind"], str(truth[dims[0]]), named, right, answer.seconds)


# Search ---------------------------------------------------------------------------------------------------------------

TRUTH = {
    "price_typo": ("unit_price", "sku"),
    "fake_orders": ("orders_per_buyer", "sku"),
    "page_broken": ("orders", "shop"),
    "ad_burning": ("ad_roi", "ad_plan"),
    "refund_wave": ("refund_rate_cohort", "sku"),
    "live_dropped": ("live_gmv", "shop"),
    "stock_out": ("stockout_skus", "sku"),
    "late_source": ("source_lag_seconds", "shop"),
}
"""Kind → the metric that must be named, and the dimension whose value must be right (beside the shop)."""
YEAR, LINES, LOADED = timedelta(days=730), 370_000, 50
LESS = ("page_broken", "live_dropped", "ad_burning")
LATE_KIND = "compass_traffic"


@dataclass(frozen=True)
class Searched:
    """An incident with its place among the findings; `seconds` of the sweep."""

    seed: int
    id: str
    kind: str
    right: bool
    first: bool
    findings: int
    seconds: float
    truth: str
    before: tuple[str, ...]  # what stood where it should; of a right one nothing


def searched(seed: int, keep: Path | None) -> list[Searched]:
    """What `sweep` says to the incidents of one seed: of all that are over by noon, and of the source that is late."""
    anchor = datetime(2026, 3, 2) + timedelta(days=(seed * 37) % 260, hours=9 + (seed * 5) % 13)
    found = []
    for late in (False, True):
        end = anchor + (timedelta(hours=3, minutes=-1) if late else timedelta(hours=12))
        with tempfile.TemporaryDirectory(prefix="cockpit-rca-") as folder:
            home = keep / f"s{seed}{'l' if late else ''}" if keep else Path(folder)
            config.freeze(end)
            settings = Settings(home=home)
            world = _world(seed, anchor, end)
            with Warehouse.open(settings) as warehouse:
                if not warehouse.data_version:
                    demo.load_demo(warehouse, settings, days=LOADED, like=world)
                rows = _rows(world)
                found += [
                    _search(warehouse, seed, row, rows, end)
                    for row in rows
                    if (row["kind"] == "late_source") == late
                    and row["start"] >= world.start + timedelta(days=28)
                    and (row["kind"] != "late_source" or row["start"] <= end < row["end"])
                    and _there(warehouse, row)
                ]
    return found


_TRACES = {
    "price_typo": "SELECT 1 FROM order_line WHERE shop = ? AND paid_at BETWEEN ? AND ? AND sku_id = ?",
    "fake_orders": "SELECT 1 FROM order_line WHERE shop = ? AND paid_at BETWEEN ? AND ? AND sku_id = ?",
    "stock_out": "SELECT 1 FROM stock WHERE shop = ? AND snapshot_at BETWEEN ? AND ? AND sku_id = ?",
    "live_dropped": "SELECT 1 FROM live_session WHERE shop = ? AND ended_at >= ? AND started_at < ?",
}


def _there(warehouse: Warehouse, row: dict[str, Any]) -> bool:
    """Whether what was planted left anything that could be told."""
    if row["kind"] not in _TRACES:
        return True
    start, end = row["start"].to_pydatetime(), row["end"].to_pydatetime()
    if row["kind"] == "live_dropped":
        return warehouse.read(_TRACES["live_dropped"], [row["shop"], start - timedelta(minutes=1), start]).num_rows > 0
    return warehouse.read(_TRACES[row["kind"]], [row["shop"], start, end, row["sku"]]).num_rows > 0


def explained(seed: int, keep: Path | None) -> list[Answered]:
    """What `explain` says, told metric and moment, to the incidents of the shop that the search is asked about."""
    anchor = datetime(2026, 3, 2) + timedelta(days=(seed * 37) % 260, hours=9 + (seed * 5) % 13)
    end = anchor + timedelta(hours=12)
    with tempfile.TemporaryDirectory(prefix="cockpit-rca-") as folder:
        config.freeze(end)
        settings = Settings(home=keep / f"s{seed}" if keep else Path(folder))
        world = _world(seed, anchor, end)
        with Warehouse.open(settings) as warehouse:
            if not warehouse.data_version:
                demo.load_demo(warehouse, settings, days=LOADED, like=world)
            rows = [row for row in _rows(world) if row["kind"] in QUESTIONS and _there(warehouse, row)]
            return [
                _asked(warehouse, row)
                for row in rows
                if row["start"] >= world.start + timedelta(days=28) and row["start"] < end
            ]


# Nothing planted ------------------------------------------------------------------------------------------------------

TRUE_ANYWAY = ("stockout_skus",)


def quiet(seed: int, keep: Path | None) -> list[tuple[str, ...]]:
    """Of each of a fortnight's days without campaign what stands there: how sure it is called, or what it is."""
    anchor = datetime(2026, 3, 2) + timedelta(days=(seed * 37) % 260, hours=9 + (seed * 5) % 13)
    with tempfile.TemporaryDirectory(prefix="cockpit-rca-") as folder:
        config.freeze(anchor)
        settings = Settings(home=keep / f"q{seed}" if keep else Path(folder))
        world = _world(seed, anchor, anchor)
        vars(world)["_incidents"] = []
        with Warehouse.open(settings) as warehouse:
            if not warehouse.data_version:
                demo.load_demo(warehouse, settings, days=LOADED, like=world)
            days = [datetime.combine(anchor.date(), datetime.min.time()) - timedelta(days=n) for n in range(1, 15)]
            sales = warehouse.read("SELECT starts_at, ends_at FROM campaign").to_pylist()
            return [
                _called(warehouse, day)
                for day in sorted(days)
                if not any(sale["starts_at"].date() <= day.date() <= sale["ends_at"].date() for sale in sales)
            ]


def _called(warehouse: Warehouse, day: datetime) -> tuple[str, ...]:
    config.freeze(day + timedelta(days=1))
    events = metrics.sweep(warehouse, Period(day, day + timedelta(days=1)), Scope.everything()).events
    for event in events:
        print(f"    {_line(event)}")
    return tuple(
        "true anyway" if event.metric in TRUE_ANYWAY or event.off_air else told(event, "en").sureness
        for event in events
    )


def _print_quiet(first: int, last: int, keep: Path | None) -> None:
    days = [called for seed in range(first, last + 1) for called in quiet(seed, keep)]
    print(f"days {len(days)}")
    for word in ("certain", "sure", "likely", "true anyway"):
        print(
            f"{word:11} on {sum(word in called for called in days):3} days, {sum(c.count(word) for c in days):3} in all"
        )


def _world(seed: int, anchor: datetime, end: datetime) -> World:
    whole = World(seed, anchor - YEAR, anchor, LINES, platforms=demo.PLATFORMS)
    start = datetime.combine(end.date() - timedelta(days=LOADED), datetime.min.time())
    return World(seed, start, end, scale=whole.scale, anchor=anchor, platforms=demo.PLATFORMS)


def _search(
    warehouse: Warehouse, seed: int, row: dict[str, Any], rows: list[dict[str, Any]], end: datetime
) -> Searched:
    reader = min(row["end"].to_pydatetime(), end)
    config.freeze(reader)
    start = row["start"].to_pydatetime().replace(hour=0, minute=0)
    swept = metrics.sweep(warehouse, Period(start, reader), Scope.everything())
    book = _book(warehouse)
    others = [one for one in rows if one["id"] != row["id"] and one["start"] < reader and one["end"] > start]
    mine = [_is(event, row, book) for event in swept.events]
    left = [
        right
        for event, right in zip(swept.events, mine, strict=True)
        if right or not any(_about(event, other, book) for other in others)
    ]
    right, place = left[:1] == [True], mine.index(True) if True in mine else len(mine)
    before = () if right else tuple(_line(event) for event in swept.events[: place + 1])
    truth = f"{row['start']:%m-%d %H:%M}–{row['end']:%m-%d %H:%M} {row['shop']} {row['sku']} {row['plan']}"
    return Searched(
        seed, row["id"], row["kind"], right, mine[:1] == [True], len(swept.events), swept.seconds, truth, before
    )  # fmt: skip


def _line(event: metrics.Event) -> str:
    where = ", ".join(f"{name} {value}" for name, value in event.where.items())
    return (
        f"{event.metric} [{where}] {event.start:%m-%d %H:%M}–{event.end:%m-%d %H:%M}"
        f" {event.count:.1f} for {event.usual:.1f} score {event.score:.1f}"
        f" by chance {event.by_chance:.1g} yuan {event.yuan or 0:.0f}"
        f"{' known' if event.known else ''}{' off air' if event.off_air else ''}"
    )


def _book(warehouse: Warehouse) -> dict[str, str]:
    """Names of ad plans → their codes, shop and SKU → product."""
    plans = warehouse.read("SELECT DISTINCT ad_plan_name AS name, ad_plan AS code FROM ad_spend").to_pylist()
    goods = warehouse.read("SELECT DISTINCT shop || sku_id AS name, product_id AS code FROM order_line").to_pylist()
    return {row["name"]: row["code"] for row in (*plans, *goods) if row["name"]}


def _is(event: metrics.Event, row: dict[str, Any], book: dict[str, str]) -> bool:
    """Whether a finding names the incident: metric, dimension and value, at its time and in its direction."""
    metric, dim = TRUTH[row["kind"]]
    if event.start >= row["end"] or event.end <= row["start"]:
        return False
    if row["kind"] in LESS and event.count >= event.usual:
        return False
    if event.metric != metric or event.where.get("shop", row["shop"]) != row["shop"]:
        return False
    if row["kind"] == "late_source" and event.subject != LATE_KIND:
        return False
    product = event.where.get("product")
    if row["kind"] == "refund_wave" and product is not None and product == book.get(row["shop"] + str(row["sku"])):
        return True
    return bool(event.where.get(dim) == _value(row, dim, book))


def _about(event: metrics.Event, row: dict[str, Any], book: dict[str, str]) -> bool:
    """Whether a finding is of that incident, by whatever metric."""
    dim = TRUTH[row["kind"]][1]
    return _is(event, row, book) or (dim != "shop" and event.where.get(dim) == _value(row, dim, book))


def _value(row: dict[str, Any], dim: str, book: dict[str, str]) -> Any:
    return {"sku": row["sku"], "shop": row["shop"], "ad_plan": book.get(str(row["plan"]))}[dim]


def _print_search(first: int, last: int, keep: Path | None, misses: bool) -> None:
    found = []
    for seed in range(first, last + 1):
        found += searched(seed, keep)
    for one in found if misses else ():
        if not one.right:
            print(f"seed {one.seed} {one.id} {one.kind}: {one.truth}", *one.before, sep="\n    ")
    for kind in (*TRUTH, "all"):
        some = [one for one in found if kind in (one.kind, "all")]
        right, ahead = sum(one.right for one in some), sum(one.first for one in some)
        share = f"{right / len(some):.0%}" if some else "–"
        print(f"{kind:13} right first {right:3} of {len(some):3} ({share})  first of all {ahead:3}")
    times = sorted(one.seconds for one in found)
    print(f"seconds a sweep: median {times[len(times) // 2]:.2f}, slowest {times[-1]:.2f}")


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--lines", type=int, default=60_000, help="order lines of the simulated shop")
    parser.add_argument("--search", type=int, nargs=2, metavar=("FIRST", "LAST"), help="seeds to search in")
    parser.add_argument("--keep", type=Path, help="folder that keeps the loaded shops of the search")
    parser.add_argument("--misses", action="store_true", help="print what the search missed, and what stood there")
    parser.add_argument("--quiet", type=int, nargs=2, metavar=("FIRST", "LAST"), help="seeds with nothing planted")
    parser.add_argument("--told", type=int, nargs=2, metavar=("FIRST", "LAST"), help="explain, in the search's shops")
    parser.add_argument("--seeds", type=int, nargs=2, default=(11, 11), metavar=("FIRST", "LAST"), help="of --demo")
    asked = parser.parse_args()
    if asked.told:
        _print_demo(range(asked.told[0], asked.told[1] + 1), lambda seed: explained(seed, asked.keep))
        return
    if asked.quiet:
        _print_quiet(asked.quiet[0], asked.quiet[1], asked.keep)
        return
    if asked.search:
        _print_search(asked.search[0], asked.search[1], asked.keep, asked.misses)
        return
    for group, score in squeeze(asked.data).items():
        print(f"{group:28} cases {score.cases:3}  F1 {score.f1:.3f}  slowest {score.slowest:.3f} s")
    if asked.demo:
        _print_demo(range(asked.seeds[0], asked.seeds[1] + 1), lambda seed: _in_weeks(seed, asked.lines))


def _print_demo(seeds: range, ask: Callable[[int], list[Answered]]) -> None:
    found = []
    for seed in seeds:
        for one in ask(seed):
            found.append(one)
            said = "found " if one.right else "MISSED"
            print(f"seed {seed} {one.id:5} {one.kind:13} {one.truth:14} {said} {one.named}")
    print(f"planted incidents: {sum(one.right for one in found)} of {len(found)} named first")


def _in_weeks(seed: int, lines: int) -> list[Answered]:
    with tempfile.TemporaryDirectory(prefix="cockpit-rca-") as home:
        return planted(Path(home), lines, seed=seed)


if __name__ == "__main__":
    main()
