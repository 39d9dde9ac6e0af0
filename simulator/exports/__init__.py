"""The world written down as the platforms' back offices would: one module a kind of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from simulator.calendar import DAY, moment, seconds
from simulator.exports import (
    compass_live,
    compass_traffic,
    doudian_aftersales,
    doudian_goods,
    doudian_orders,
    qianchuan_report,
    sheets,
    tmall_orders,
)
from simulator.shops import SHOPS
from simulator.world import World


@dataclass(frozen=True)
class Export:
    """One file written: what it is, and whose (None for sheets)."""

    path: Path
    kind: str
    platform: str | None
    shop: str | None


def stock_moments(world: World) -> list[datetime]:
    """When stock is counted: the first of each month, each of the last 14 mornings, and now."""
    last = seconds(world.end) // DAY
    mornings = [moment(day * DAY + 6 * 3600) for day in range(int(world.days[45]), last + 1)]
    kept = [at for at in mornings if (at.day == 1 or at >= world.end - timedelta(14)) and world.start <= at < world.end]
    return [*kept, world.end]


def write_all(
    world: World,
    folder: Path,
    *,
    since: datetime | None = None,
    progress: Callable[[float], None] | None = None,
    orders: bool = True,
) -> list[Export]:
    """Every file of the world's shops into `folder`; with `since` only what changed from then on, no sheets of plans.

    `orders` False leaves out the 抖店 orders and after-sales, for a world that serves them by its API.
    """
    written: list[Export] = []
    jobs = [job for shop in world.shops for job in _of_shop(world, shop, folder, since, orders)] + _sheets(
        world, folder, since
    )
    for number, (kind, shop, write, path) in enumerate(jobs, 1):
        write(path)
        written.append(
            Export(path, kind, SHOPS[shop].platform if shop >= 0 else None, SHOPS[shop].name if shop >= 0 else None)
        )
        if progress:
            progress(number / len(jobs))
    return written


Job = tuple[str, int, Callable[[Path], Path], Path]


def _of_shop(world: World, shop: int, folder: Path, since: datetime | None, orders: bool) -> list[Job]:
    stamp, name, first = seconds(world.end) - 8 * 3600, SHOPS[shop].name, seconds(since) if since else 0

    def job(kind: str, title: str, write: Callable[[Path], Path]) -> Job:
        return (kind, shop, write, folder / f"{stamp}_{title}_{name}.csv")

    if SHOPS[shop].platform in ("tmall", "taobao"):
        return [job("tmall_orders", "订单报表", lambda path: tmall_orders.write(world, shop, path, since=first))]
    if SHOPS[shop].platform != "douyin":
        return []  # JD and Pinduoduo have no kind of file yet
    moments = stock_moments(world) if since is None else [world.end]
    sold = (
        [job("doudian_products", "商品", lambda path: doudian_goods.write_products(world, shop, path))]
        if since is None
        else []
    )
    if orders:
        sold += [
            job("doudian_orders", "订单", lambda path: doudian_orders.write(world, shop, path, since=first)),
            job("doudian_aftersales", "售后单", lambda path: doudian_aftersales.write(world, shop, path, since=first)),
        ]
    return [
        *sold,
        job("doudian_stock", "库存", lambda path: doudian_goods.write_stock(world, shop, path, moments)),
        job("compass_traffic", "罗盘流量", lambda path: compass_traffic.write(world, shop, path, since=first)),
        job(
            "compass_live", "罗盘直播", lambda path: compass_live.write(world, shop, path, since=first, with_room=True)
        ),
        job("qianchuan_report", "千川", lambda path: qianchuan_report.write(world, shop, path, since=first)),
    ]


def _sheets(world: World, folder: Path, since: datetime | None) -> list[Job]:
    first = since.date() if since else None
    jobs: list[Job] = [
        ("sheet_costs", -1, lambda path: sheets.write_other_costs(world, path, first=first), folder / "其他费用.csv")
    ]
    if since is None:
        jobs = [
            ("sheet_costs", -1, lambda path: sheets.write_unit_costs(world, path), folder / "单位成本.csv"),
            ("sheet_campaigns", -1, lambda path: sheets.write_campaigns(world, path), folder / "大促日历.csv"),
            *jobs,
            ("sheet_targets", -1, lambda path: sheets.write_targets(world, path), folder / "目标.xlsx"),
            ("sheet_benchmarks", -1, lambda path: sheets.write_benchmarks(world, path), folder / "行业基准.csv"),
            ("sheet_category_owners", -1, sheets.write_owners, folder / "类目负责人.csv"),
        ]
    return jobs
