"""The demo shop: two simulated years in, living on by the minute, and out again; only here the simulator is started.

Everything goes the way real data go: export files through `connectors.read_file`, 抖店 orders through its connector
against the simulated platform on 127.0.0.1. All batches carry the source 'demo', so that one command takes them out.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import connectors
from commands.outcome import Call, Outcome
from config import Settings, now
from connectors.http import ApiCall, Http
from connectors.platforms.doudian import DoudianSource
from connectors.platforms.doudian_client import Account
from connectors.pulling import keep_calls
from connectors.sources import Secret
from errors import UserError
from i18n import text
from simulator.doudian_api import APP_KEY, APP_SECRET, Platform, Server
from simulator.exports import Export, write_all, write_orders
from simulator.shops import SHOPS
from simulator.world import DEFAULT_SEED, World
from warehouse import TableRows, Warehouse

SOURCE = "demo"
API_NAME = "demo_doudian"
LINES, DAYS = 370_000, 730
PLATFORMS = ("douyin", "tmall", "jd", "pdd")
SHARE_WORLD, SHARE_FILES = 0.06, 0.34  # of the whole time, for the progress bar
SOONEST, LATEST = timedelta(seconds=45), timedelta(days=60)
_FIRST = ("sheet_costs", "sheet_campaigns", "sheet_category_owners", "doudian_products", "doudian_orders")
_BY_API = ("doudian_orders", "doudian_aftersales", "doudian_api_orders", "doudian_api_aftersales")

Progress = Callable[[float, str], None]  # share done, key of a text


@dataclass(frozen=True)
class DemoState:
    """What a later process must know to go on with the same world; kept in `home/demo.json`."""

    seed: int
    start: datetime
    scale: float
    anchor: datetime
    through: datetime
    platforms: tuple[str, ...] = ("douyin", "tmall")  # of demos loaded before there were more

    def world(self, end: datetime) -> World:
        """The world up to `end`."""
        return World(self.seed, self.start, end, scale=self.scale, anchor=self.anchor, platforms=self.platforms)


@dataclass(frozen=True)
class DemoReport:
    """What loading the demo did, and the seconds of each part."""

    rows: int
    order_lines: int
    generated: float
    written: float
    loaded: float

    @property
    def seconds(self) -> float:
        return self.generated + self.written + self.loaded


def demo_state(settings: Settings) -> DemoState | None:
    """The demo that is loaded, None without one."""
    try:
        kept = json.loads(_state_file(settings).read_text("utf-8"))
        times = {name: datetime.fromisoformat(kept[name]) for name in ("start", "anchor", "through")}
        platforms = tuple(kept.get("platforms", DemoState.platforms))
        return DemoState(int(kept["seed"]), scale=float(kept["scale"]), platforms=platforms, **times)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def present(warehouse: Warehouse) -> bool:
    """Whether demo data stand in the warehouse."""
    return bool(_count(warehouse, "source = ?"))


def load_demo(
    warehouse: Warehouse, settings: Settings, progress: Progress | None = None, *, lines: int = LINES, days: int = DAYS,
    seed: int = DEFAULT_SEED, like: World | None = None,
) -> DemoReport:  # fmt: skip
    """Load a shop of `days` days that ends now. A demo that was left half loaded is taken out first.

    `like` loads a window of that world instead of one of about `lines` order lines.

    Raises:
        UserError: `demo_not_empty` over data of any other source, or over a whole demo.
    """
    tell = progress or (lambda share, key: None)
    if _count(warehouse, "source <> ?") or (demo_state(settings) and present(warehouse)):
        raise UserError("demo_not_empty")
    if present(warehouse):
        remove_demo(warehouse, settings)
    end, clock = now(settings).replace(microsecond=0), [time.perf_counter()]
    tell(0.0, "demo.stage.world")
    start = datetime.combine(end.date() - timedelta(days=days), datetime.min.time())
    world = like.until(end, start) if like else World(seed, start, end, lines, platforms=PLATFORMS)
    count = len(world.lines)
    clock.append(time.perf_counter())
    with tempfile.TemporaryDirectory(prefix="cockpit-demo-") as folder:
        files = write_all(
            world,
            Path(folder),
            progress=lambda share: tell(_between(SHARE_WORLD, SHARE_FILES, share), "demo.stage.files"),
        )
        clock.append(time.perf_counter())
        rows = _load(
            warehouse, settings, files, lambda share: tell(_between(SHARE_FILES, 1.0, share), "demo.stage.load")
        )
    clock.append(time.perf_counter())
    _keep(settings, DemoState(world.seed, world.start, world.scale, world.anchor, end, world.platforms))
    return DemoReport(rows, count, *(round(after - before, 2) for before, after in zip(clock, clock[1:], strict=False)))


def remove_demo(warehouse: Warehouse, settings: Settings) -> int:
    """Take every demo batch out; gives how many there were."""
    with _Running.lock:  # no step of `advance` may be under way, and none may find a state afterwards
        _Running.stop(settings)
        _state_file(settings).unlink(missing_ok=True)
        removed = warehouse.remove_batches(SOURCE)
    for path in (settings.home / "secrets").glob(f"{API_NAME}_*.json"):
        path.unlink(missing_ok=True)
    return int(removed)


def advance(warehouse: Warehouse, settings: Settings) -> str | None:
    """Load what happened since the last time; gives a line for the run's record, None when there is nothing to do."""
    with _Running.lock:
        state, moment = demo_state(settings), now(settings).replace(microsecond=0)
        if state is None or moment - state.through < SOONEST or not present(warehouse):
            return None
        if moment - state.through > LATEST:
            return text("demo.too_old", settings.language, through=state.through)
        platform = _Running.of(settings, state)
        rows = _pull(warehouse, settings, platform, state.through)
        world = platform.shops.world().until(moment)
        with tempfile.TemporaryDirectory(prefix="cockpit-demo-") as folder:
            hourly = moment.replace(minute=0, second=0) > state.through
            files = write_all(world, Path(folder), since=state.through, hourly=hourly, orders=False)
            if moment.date() > state.through.date():  # the merchant's nightly export, beside what the API told
                files += write_orders(world, Path(folder), since=state.through - timedelta(days=1))
            rows += _load(warehouse, settings, [item for item in files if item.rows], lambda share: None)
        _told(warehouse, files, world)
        _keep(settings, replace(state, through=moment))
        return text("demo.advanced", settings.language, rows=rows)


# Commands -------------------------------------------------------------------------------------------------------------


def load(call: Call) -> Outcome:
    """`demo load`; with `if_empty` data that are there already are no error."""
    try:
        report = load_demo(
            call.context.warehouse, call.settings, lambda share, key: call.progress(share, text(key, call.lang))
        )
    except UserError as error:
        if error.code == "demo_not_empty" and call.args.get("if_empty"):
            return Outcome(call.text("demo.kept"))
        raise
    return Outcome(call.text("demo.loaded", rows=report.rows, seconds=round(report.seconds, 1)))


def remove(call: Call) -> Outcome:
    """`demo remove`."""
    if not present(call.context.warehouse):
        return Outcome(call.text("demo.none"))
    remove_demo(call.context.warehouse, call.settings)
    return Outcome(call.text("demo.removed"))


# Inside ---------------------------------------------------------------------------------------------------------------


class _Running:
    """The simulated platform of this process, one a home; started when first asked."""

    lock = threading.RLock()
    _servers: dict[Path, tuple[datetime, Server]] = {}

    @classmethod
    def of(cls, settings: Settings, state: DemoState) -> Platform:
        held = cls._servers.get(settings.home)
        if held is None or held[0] != state.anchor:
            cls.stop(settings)
            platform = Platform(state.world(now(settings)), lambda: now(settings))
            held = cls._servers[settings.home] = (state.anchor, Server(platform).start())
        return held[1].platform

    @classmethod
    def url(cls, settings: Settings) -> str:
        return cls._servers[settings.home][1].url

    @classmethod
    def stop(cls, settings: Settings) -> None:
        with cls.lock:
            held = cls._servers.pop(settings.home, None)
            if held:
                held[1].stop()


def _pull(warehouse: Warehouse, settings: Settings, platform: Platform, since: datetime) -> int:
    """Ask the simulated 抖店 for each shop's changes, as a configured source would."""
    rows, calls = 0, list[ApiCall]()
    http = Http(settings, calls.append)
    try:
        for number in platform.numbers.values():
            shop = SHOPS[number]
            account = Account(
                f"{API_NAME}_{number}",
                APP_KEY,
                Secret(lambda: APP_SECRET),
                str(shop.platform_id),
                _Running.url(settings),
            )
            source = DoudianSource(account.name, shop.name, account, settings)
            for batch in source.pull(http, since=since - timedelta(seconds=60)):
                if isinstance(batch.rows, TableRows) and batch.rows.table.num_rows:
                    rows += warehouse.load(replace(batch, source=SOURCE)).accepted
    finally:
        http.close()
        keep_calls(warehouse, calls)
    return rows


def _load(warehouse: Warehouse, settings: Settings, files: Iterable[Export], progress: Callable[[float], None]) -> int:
    """Load files that have rows, tables that fill others first; gives the rows accepted."""
    files = sorted(
        (item for item in files if item.rows),
        key=lambda item: _FIRST.index(item.kind) if item.kind in _FIRST else len(_FIRST),
    )
    total, done, accepted = sum(item.rows for item in files) or 1, 0, 0
    for item in files:
        for batch in connectors.read_file(item.path, platform=item.platform, shop=item.shop, settings=settings):
            share, whole = done / total, item.rows / total
            report = warehouse.load(
                replace(batch, source=SOURCE, complete_through=item.through or batch.complete_through),
                lambda stage, part, share=share, whole=whole: progress(share + whole * part),  # type: ignore[misc]
            )
            accepted += report.accepted
        done += item.rows
        progress(done / total)
    return accepted


def _told(warehouse: Warehouse, files: Iterable[Export], world: World) -> None:
    """Move the watermark of feeds that had nothing to tell, and of what the API has just told to the end."""
    through = [(item.through, item.kind, item.platform, item.shop) for item in files if item.through and not item.rows]
    through += [(world.end, kind, SHOPS[shop].platform, SHOPS[shop].name) for shop in world.shops for kind in _BY_API]

    def write(connection: Any) -> None:
        for row in through:
            connection.execute(
                "UPDATE source_state SET complete_through = greatest(complete_through, ?)"
                " WHERE source = ? AND kind = ? AND platform = ? AND shop = ?",
                [row[0], SOURCE, *row[1:]],
            )

    warehouse.write(write)


def _count(warehouse: Warehouse, where: str) -> int:
    return int(warehouse.read(f"SELECT count(*) AS n FROM load_batch WHERE {where}", (SOURCE,))["n"][0].as_py())


def _between(first: float, last: float, share: float) -> float:
    return first + (last - first) * share


def _state_file(settings: Settings) -> Path:
    return settings.home / "demo.json"


def _keep(settings: Settings, state: DemoState) -> None:
    path = _state_file(settings)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(state), default=str), "utf-8")
    part.replace(path)
