"""The world written down as the platforms' back offices would: one module a kind of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from simulator.calendar import DAY, moment, seconds
from simulator.exports import (
    alipay_files,
    behaviour_log,
    compass_goods,
    compass_live,
    compass_traffic,
    doudian_aftersales,
    doudian_goods,
    doudian_money,
    doudian_orders,
    jd_files,
    marketing,
    pdd_files,
    qianchuan_report,
    service_sheets,
    sheets,
    tmall_orders,
)
from simulator.shops import SHOPS
from simulator.world import World

_AROUND: tuple[tuple[str, str, Callable[..., int]], ...] = (
    ("sheet_shipments", "包裹.csv", service_sheets.write_shipments),
    ("sheet_tickets", "客服会话.csv", service_sheets.write_tickets),
    ("sheet_reviews", "评价.csv", service_sheets.write_reviews),
    ("sheet_purchases", "采购.csv", service_sheets.write_purchases),
    ("sheet_videos", "短视频.csv", service_sheets.write_videos),
)
_ORDERS: dict[str, tuple[str, Callable[..., int]]] = {
    "jd": ("jd_orders", jd_files.write_orders),
    "pdd": ("pdd_orders", partial(pdd_files.write_orders, parcels=False)),
}
_MONEY: dict[str, tuple[tuple[str, str, Callable[..., int]], ...]] = {
    "douyin": (
        ("doudian_settlement", "结算账单", doudian_money.write_settlement),
        ("doudian_fund_flow", "动账明细", partial(doudian_money.write_fund_flow, ads=True)),
    ),
    "tmall": (("alipay_account", "支付宝账务明细", alipay_files.write_account),),
    "jd": (("jd_settlement", "对账单", jd_files.write_settlement),),
    "pdd": (("pdd_account", "账务明细", pdd_files.write_account),),
}
MONEY = tuple(kind for kinds in _MONEY.values() for kind, _, _ in kinds)
MONEY_DAYS, GOODS_DAYS = 45, 45
"""How far back statements and product traffic reach: such files are fetched by the month, and old ones are not kept."""
LOGGED, LOG_DAYS = 1, 5
"""The shop whose page records what visitors do, and how many whole days of it are kept."""
HOURLY = (
    "doudian_stock",
    "behaviour_log",
    "compass_goods",
    "compass_traffic",
    "qianchuan_report",
    "qianchuan_materials",
    "sheet_costs",
    *MONEY,
    *(kind for kind, _, _ in _AROUND),
)


@dataclass(frozen=True)
class Export:
    """One file written: what it is, whose (None for sheets), its rows, and up to when it tells everything."""

    path: Path
    kind: str
    platform: str | None
    shop: str | None
    rows: int
    through: datetime | None = None


@dataclass(frozen=True)
class Job:
    """A file to be written. `shop` is a position, -1 for sheets."""

    kind: str
    shop: int
    path: Path
    write: Callable[[Path], int]


def stock_moments(world: World) -> list[datetime]:
    """When stock is counted: the first of each month, each of the last 14 mornings, and now."""
    last = seconds(world.end) // DAY
    mornings = [moment(day * DAY + 6 * 3600) for day in range(int(world.days[45]), last + 1)]
    kept = [at for at in mornings if (at.day == 1 or at >= world.end - timedelta(14)) and world.start <= at < world.end]
    return [*kept, world.end]


def write_all(
    world: World, folder: Path, *, since: datetime | None = None, hourly: bool = True, orders: bool = True,
    progress: Callable[[float], None] | None = None,
) -> list[Export]:  # fmt: skip
    """Every file of the world's shops into `folder`; with `since` only what changed from then on, no sheets of plans.

    `orders` False leaves out 抖店 orders and after-sales, for a world that serves them by its API; `hourly` False
    leaves out what is told once an hour (HOURLY).
    """
    jobs = [job for shop in world.shops for job in _of_shop(world, shop, folder, since)] + _sheets(world, folder, since)
    left_out = set() if orders else {"doudian_orders", "doudian_aftersales"}
    left_out |= set() if hourly or since is None else set(HOURLY)
    jobs = [job for job in jobs if job.kind not in left_out]
    written: list[Export] = []
    for number, job in enumerate(jobs, 1):
        platform, name = (SHOPS[job.shop].platform, SHOPS[job.shop].name) if job.shop >= 0 else (None, None)
        rows = job.write(job.path)
        written.append(Export(job.path, job.kind, platform, name, rows, told_through(world, job.kind, job.shop)))
        if progress:
            progress(number / len(jobs))
    return written


def write_orders(world: World, folder: Path, *, since: datetime) -> list[Export]:
    """抖店 order exports of what changed from then on, whatever its API tells."""
    written = []
    for shop in (shop for shop in world.shops if SHOPS[shop].platform == "douyin"):
        path = folder / f"{seconds(world.end) - 8 * 3600}_夜间订单_{SHOPS[shop].name}.csv"
        rows = doudian_orders.write(world, shop, path, since=seconds(since))
        written.append(Export(path, "doudian_orders", "douyin", SHOPS[shop].name, rows, world.end))
    return written


def told_through(world: World, kind: str, shop: int) -> datetime | None:
    """Up to when a file of this kind, written at the world's end, knows everything; None for sheets, and where its rows
    tell it."""
    if shop < 0 or kind == "compass_goods":
        return None
    if kind in ("behaviour_log", "compass_traffic", "qianchuan_report", "qianchuan_materials"):
        hour = world.end.replace(minute=0, second=0)
        late = compass_traffic.held_back_from(world, shop) if kind == "compass_traffic" else None
        return min(hour, moment(late).replace(minute=0, second=0)) if late is not None else hour
    return world.end


def midnight(at: datetime) -> datetime:
    """The beginning of a moment's day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _of_shop(world: World, shop: int, folder: Path, since: datetime | None) -> list[Job]:
    stamp, name, first = seconds(world.end) - 8 * 3600, SHOPS[shop].name, seconds(since) if since else 0

    def job(kind: str, title: str, write: Callable[[Path], int]) -> Job:
        return Job(kind, shop, folder / f"{stamp}_{title}_{name}.csv", write)

    after = first or seconds(midnight(world.end) - timedelta(MONEY_DAYS))
    money = [
        job(kind, title, partial(write, world, shop, since=after, slipped=True))
        for kind, title, write in _MONEY[SHOPS[shop].platform]
    ]
    if SHOPS[shop].platform in ("tmall", "taobao"):
        return [job("tmall_orders", "订单报表", partial(tmall_orders.write, world, shop, since=first)), *money]
    if SHOPS[shop].platform in _ORDERS:
        kind, write = _ORDERS[SHOPS[shop].platform]
        return [job(kind, "订单", partial(write, world, shop, since=first)), *money]
    moments = stock_moments(world) if since is None else [world.end]
    goods = [job("doudian_products", "商品", partial(doudian_goods.write_products, world, shop))]
    seen = first or seconds(midnight(world.end) - timedelta(GOODS_DAYS))
    return (
        (goods if since is None else [])
        + _logs(world, shop, first, job)
        + [
            job("doudian_orders", "订单", partial(doudian_orders.write, world, shop, since=first)),
            job("doudian_aftersales", "售后单", partial(doudian_aftersales.write, world, shop, since=first)),
            job("doudian_stock", "库存", partial(doudian_goods.write_stock, world, shop, moments=moments)),
            job("compass_traffic", "罗盘流量", partial(compass_traffic.write, world, shop, since=first)),
            job("compass_goods", "罗盘商品", partial(compass_goods.write, world, shop, since=seen)),
            job("compass_live", "罗盘直播", partial(compass_live.write, world, shop, since=first, with_room=True)),
            job("qianchuan_report", "千川", partial(qianchuan_report.write, world, shop, since=first)),
            job("qianchuan_materials", "千川素材", partial(marketing.write_creatives, world, shop, since=seen)),
            *money,
        ]
    )


def _logs(world: World, shop: int, since: int, job: Callable[..., Job]) -> list[Job]:
    """What visitors did: at first the whole days, and today by itself (a day that has only begun is no thin day)."""
    if shop != LOGGED:
        return []
    today, write = seconds(midnight(world.end)), partial(behaviour_log.write_shop, world, shop)
    if since:
        return [job("behaviour_log", "行为日志", partial(write, since=since))]
    first = today - LOG_DAYS * DAY
    return [
        job("behaviour_log", "行为日志", partial(write, since=first, until=today)),
        job("behaviour_log", "今日行为日志", partial(write, since=today)),
    ]


def _sheets(world: World, folder: Path, since: datetime | None) -> list[Job]:
    first = since.date() if since else None
    costs = Job("sheet_costs", -1, folder / "其他费用.csv", partial(sheets.write_other_costs, world, first=first))
    after = seconds(since) if since else 0
    around = [Job(kind, -1, folder / name, partial(write, world, since=after)) for kind, name, write in _AROUND]
    if since is not None:
        return [costs, *around]
    plans: list[tuple[str, str, Callable[[Path], int]]] = [
        ("sheet_costs", "单位成本.csv", partial(sheets.write_unit_costs, world)),
        ("sheet_campaigns", "大促日历.csv", partial(sheets.write_campaigns, world)),
        ("sheet_targets", "目标.xlsx", partial(sheets.write_targets, world)),
        ("sheet_benchmarks", "行业基准.csv", partial(sheets.write_benchmarks, world)),
        ("sheet_category_owners", "类目负责人.csv", sheets.write_owners),
    ]
    return [*(Job(kind, -1, folder / name, write) for kind, name, write in plans), costs, *around]
