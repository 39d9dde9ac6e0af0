"""What happens around orders: parcels on their way, buyers who ask, reviews, and goods bought from suppliers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simulator import calendar, geography, rng
from simulator.calendar import DAY
from simulator.catalogue import SKUS
from simulator.rng import Floats, Ints

if TYPE_CHECKING:
    from simulator.world import World

HOUR = 3600
PARCEL = 345  # fen
WAREHOUSES = ("华东一号仓", "华东一号仓", "华北二号仓", "华北二号仓", "华北二号仓")  # by shop
CARRIERS = ("中通", "圆通", "韵达", "极兔", "顺丰")
_CARRIER_WEIGHT, _CARRIER_DAYS = (0.36, 0.24, 0.18, 0.12, 0.10), np.array([0.2, 0.3, 0.35, 0.5, -0.4])
EXCEPTIONS = ("派送延误", "破损", "丢失", "拒收", "退回")
_LOST = 2
STAFF = ("小满", "阿棠", "可可", "小林", "木木", "安然")
TOPICS = ("尺码咨询", "物流查询", "退换货", "优惠活动", "质量问题", "其他")
SUPPLIERS = ("杭州织造", "义乌百货", "广州美妆", "苏州食品", "深圳电子", "宁波家居")
_STARS = (0.03, 0.03, 0.07, 0.17, 0.70)  # of one to five


def parcels(world: World) -> pd.DataFrame:
    """Parcels that have left by the world's end: shop, order, number, times (0: not yet), exception (-1 none), fen.

    Lines of an order that are sent at one moment are one parcel.
    """
    lines = world.lines
    sent = lines.loc[lines["shipped"] > 0, ["shop", "order", "shipped", "province"]]
    frame = sent.drop_duplicates(["order", "shipped"]).sort_values(["order", "shipped"], ignore_index=True)
    frame["number"] = frame.groupby("order").cumcount()
    key = rng.keys(frame["order"].to_numpy(), 81, frame["number"].to_numpy())
    frame["carrier"] = rng.choose(key, "carrier", _CARRIER_WEIGHT)
    shipped, far = frame["shipped"].to_numpy(), geography.REMOTE[frame["province"].to_numpy()]
    frame["picked"] = shipped - (HOUR * (0.15 + 0.75 * rng.uniform(key, "picked"))).astype(np.int64)
    days = 1.2 + 0.8 * rng.uniform(key, "way") + _CARRIER_DAYS[frame["carrier"].to_numpy()] + np.where(far, 2.5, 0.0)
    amiss = rng.uniform(key, "amiss") < 0.013
    kind = rng.choose(key, "kind", (0.55, 0.16, 0.07, 0.12, 0.10))
    delayed = amiss & (kind == 0)
    arrives = shipped + (np.where(delayed, days + 2.0, days) * DAY).astype(np.int64)
    delivered = np.where(amiss & (kind == _LOST), 0, arrives)
    happened = shipped + (0.8 * days * DAY).astype(np.int64)
    last = calendar.seconds(world.end)
    frame["delivered"] = np.where(delivered <= last, delivered, 0)
    frame["exception"] = np.where(amiss & (happened <= last), kind, -1)
    frame["happened"] = np.where(frame["exception"] >= 0, happened, 0)
    frame["cost"] = PARCEL + rng.integers(key, "parcel", -60, 140)
    return frame.drop(columns=["province"])


def tickets(world: World) -> pd.DataFrame:
    """Sessions opened by the world's end: shop, order, staff, topic, complaint, times, score (0 none)."""
    heads = world.lines.drop_duplicates("order")[["shop", "order", "created", "paid"]]
    key = rng.keys(heads["order"].to_numpy(), 82)
    asks = rng.uniform(key, "asks") < 0.09
    frame, key = heads[asks].reset_index(drop=True), key[asks]
    later = (8 * DAY * rng.uniform(key, "later") ** 2).astype(np.int64)
    frame["opened"] = calendar.waking(frame["created"].to_numpy() + later, calendar.PLAIN)
    last = calendar.seconds(world.end)
    kept = (frame["opened"] >= frame["created"]).to_numpy() & (frame["opened"] <= last).to_numpy()
    frame, key = frame[kept].reset_index(drop=True), key[kept]
    opened = frame["opened"].to_numpy()
    frame["topic"] = rng.integers(key, "topic", 0, len(TOPICS))
    frame["staff"] = (frame["shop"].to_numpy() * 2 + (opened % DAY >= 16 * HOUR)) % len(STAFF)
    frame["complaint"] = rng.uniform(key, "complaint") < np.where(frame["topic"] == 4, 0.14, 0.025)
    busy = calendar_busy(opened // DAY)
    replied = opened + np.exp(3.3 + 0.8 * rng.normal(key, "reply") + np.where(busy, 0.7, 0.0)).astype(np.int64)
    resolved = replied + (HOUR * np.exp(0.3 + 1.0 * rng.normal(key, "resolve"))).astype(np.int64)
    score = 1 + rng.choose(key, "score", np.array((0.05, 0.04, 0.07, 0.16, 0.68)))
    frame["replied"] = np.where(replied <= last, replied, 0)
    frame["resolved"] = np.where(resolved <= last, resolved, 0)
    frame["score"] = np.where((rng.uniform(key, "rates") < 0.35) & (frame["resolved"] > 0), score, 0)
    return frame.drop(columns=["created", "paid"])


def calendar_busy(days: Ints) -> np.ndarray:
    """Whether each day is one of a big campaign."""
    known, inverse = np.unique(days, return_inverse=True)
    return calendar.is_promotion(known)[inverse]


def reviews(world: World) -> pd.DataFrame:
    """Reviews written by the world's end: shop, order, line, sku, stars, reviewed. A sixth of the lines has one."""
    lines = world.lines
    kept = lines.loc[(lines["finished"] > 0) & ~lines["gift"], ["shop", "order", "line", "sku", "finished"]]
    key = rng.keys(kept["line"].to_numpy(), 83)
    writes = rng.uniform(key, "writes") < 0.16
    frame, key = kept[writes].reset_index(drop=True), key[writes]
    after = (3 * DAY * rng.uniform(key, "after")).astype(np.int64)
    frame["reviewed"] = calendar.waking(frame["finished"].to_numpy() + DAY + after, calendar.PLAIN)
    poor = rng.uniform(rng.keys(frame["sku"].to_numpy(), 84), "poor") < 0.05  # a few SKUs disappoint
    stars = rng.choose(key, "stars", np.array(_STARS))
    frame["stars"] = 1 + np.where(poor & (rng.uniform(key, "let-down") < 0.3), stars // 3, stars)
    return frame[frame["reviewed"] <= calendar.seconds(world.end)].drop(columns=["finished"]).reset_index(drop=True)


def purchases(world: World) -> pd.DataFrame:
    """What was ordered from suppliers by the world's end: shop, sku, quantity, times (arrived 0: not yet).

    Every refill of stock (`simulator.stock`) is one line; what the next cycle needs is on its way before it begins.
    """
    last, first = calendar.seconds(world.end), calendar.seconds(world.start)
    parts = [_refills(world, shop, first // DAY, last // DAY + 30) for shop in world.shops]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["ordered"] <= last].reset_index(drop=True)
    frame["arrived"] = np.where(frame["arrived"] <= last, frame["arrived"], 0)
    return frame


def _refills(world: World, shop: int, first: int, end: int) -> pd.DataFrame:
    stock, length, phase = world.stock, world.stock.length[shop], world.stock.phase[shop]
    shares = [world.demand.sku_share(int(month), shop) for month in calendar.months(np.arange(first, end, 28))]
    carried = np.flatnonzero(np.max(shares, axis=0) > 0)
    cycles = (end - first) // length[carried] + 1
    rows, place = rng.expand(cycles)
    sku = carried[rows]
    cycle = (first + phase[sku]) // length[sku] + 1 + place
    day = cycle * length[sku] - phase[sku]
    kept = day < end
    sku, cycle, day = sku[kept], cycle[kept], day[kept]
    key = rng.keys(world.seed, 85, shop, sku, cycle)
    lead, late = _lead(key, sku)
    arrived = day * DAY - 6 * HOUR + (4 * HOUR * rng.uniform(key, "hour")).astype(np.int64)
    ordered = (arrived // DAY - lead) * DAY + 10 * HOUR
    return pd.DataFrame(
        {
            "shop": shop,
            "sku": sku,
            "supplier": sku * len(SUPPLIERS) // SKUS,
            "quantity": np.maximum(stock.level(np.full(len(sku), shop), sku, cycle), 1),
            "ordered": ordered,
            "expected": (arrived // DAY - late) * DAY,
            "arrived": arrived,
        }
    )


def _lead(key: rng.Keys, sku: Ints) -> tuple[Ints, Ints]:
    """Days from order to arrival, and by how many of them the goods came late (early: below 0)."""
    usual: Floats = np.add(8.0, 8.0 * rng.uniform(rng.keys(sku, 86), "lead"))
    lead = np.rint(np.add(usual, 1.6 * rng.normal(key, "lead"))).clip(3, 25).astype(np.int64)
    return lead, lead - np.ceil(usual + 1.2).astype(np.int64)
