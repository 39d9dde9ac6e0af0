"""`python -m simulator export FOLDER` writes every export of a window; `… serve` answers as 抖店 does."""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from pathlib import Path

from simulator.doudian_api import APP_KEY, APP_SECRET, Platform, Server
from simulator.exports import Export, behaviour_log, write_all
from simulator.shops import SHOPS
from simulator.world import DEFAULT_SEED, World


def export(
    folder: Path,
    *,
    seed: int = DEFAULT_SEED,
    start: datetime | None = None,
    end: datetime | None = None,
    lines: int = 300_000,
) -> list[Export]:
    """Write every kind of file of a world into `folder`, and its incidents as `incidents.truth.json`, the answer."""
    world = World(seed, start, end or _wall(), lines)
    written = write_all(world, folder)
    log = folder / "UserBehavior.csv"
    rows = behaviour_log.write(world, log)
    world.incidents.to_json(
        folder / "incidents.truth.json", orient="records", date_format="iso", force_ascii=False, indent=1
    )
    return [*written, Export(log, "behaviour_log", "taobao", None, rows)]


def serve(
    port: int,
    *,
    seed: int = DEFAULT_SEED,
    start: datetime | None = None,
    end: datetime | None = None,
    lines: int = 300_000,
) -> Server:
    """Answer as 抖店 from now on; the world is the same that `export` writes with the same arguments."""
    return Server(Platform(World(seed, start, end or _wall(), lines), _wall), port).start()


def _wall() -> datetime:
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)


def main() -> None:
    """The two commands."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("export", "serve"):
        command = commands.add_parser(name)
        command.add_argument("--seed", type=int, default=DEFAULT_SEED)
        command.add_argument("--start", type=datetime.fromisoformat)
        command.add_argument("--end", type=datetime.fromisoformat)
        command.add_argument("--lines", type=int, default=300_000)
        if name == "export":
            command.add_argument("folder", type=Path)
        else:
            command.add_argument("--port", type=int, default=8765)
    asked = parser.parse_args()
    how = {"seed": asked.seed, "start": asked.start, "end": asked.end, "lines": asked.lines}
    if asked.command == "export":
        for item in export(asked.folder, **how):
            print(f"{item.kind:22} {item.path}")
        return
    server = serve(asked.port, **how)
    shops = ", ".join(str(shop.platform_id) for shop in SHOPS if shop.platform == "douyin")
    print(f"抖店 at {server.url}; app_key {APP_KEY}, app_secret {APP_SECRET}; shops {shops}. Stop with Ctrl-C.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
