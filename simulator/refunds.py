"""After-sales: who asks, why, when it ends and for how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator import calendar, rng
from simulator.calendar import DAY
from simulator.catalogue import LEAVES, Catalogue
from simulator.incident import Incident
from simulator.orders import HOUR
from simulator.rng import Ints
from simulator.shops import LIVE

UNSHIPPED, SHIPPED_ONLY, RETURN, EXCHANGE = range(4)
KINDS = ("refund_unshipped", "refund_shipped", "return", "exchange")
REASONS = (
    ("不想要了", "拍错/多拍", "价格问题", "未按约定时间发货"),
    ("少件/漏发", "商品破损", "与描述不符", "质量问题"),
    ("七天无理由退货", "尺码不合适", "不喜欢/效果不好", "质量问题", "与描述不符"),
    ("尺码不合适", "颜色发错"),
)
BATCH_DAYS = 16  # how long before it is found out a bad batch was sold
_RATE = np.array([leaf.returns for leaf in LEAVES])


def apply(frame: pd.DataFrame, incidents: list[Incident], catalogue: Catalogue) -> None:
    """Add each line's after-sale: `refund_kind` (-1 none), `applied`, `succeeded` (0 never), `refunded` (fen), id."""
    key, paid, shipped = frame["key"].to_numpy(), frame["paid"].to_numpy(), frame["shipped"].to_numpy()
    sku = frame["sku"].to_numpy()
    rate = (
        _RATE[catalogue.sku_leaf[sku]]
        * np.where(frame["channel"] == LIVE, 2.8, 0.82)
        * np.where(frame["promotion"], 1.1, 1.0)
    )
    wave, wave_asks = _waves(frame, incidents, catalogue.sku_product)
    never = frame["fake"].to_numpy() | frame["gift"].to_numpy()
    asks = (paid > 0) & ((rng.uniform(key, "asks") < rate) | wave) & ~never
    kind = rng.choose(key, "kind", (0.33, 0.15, 0.49, 0.03))
    kind = np.where(wave, RETURN, kind)
    early = paid + ((shipped - paid) * (0.01 + 0.75 * rng.uniform(key, "early") ** 3)).astype(np.int64)
    late = _waking(frame, shipped + ((1.5 + 9 * rng.uniform(key, "late")) * DAY).astype(np.int64))
    applied = np.where(wave, wave_asks, np.where(kind == UNSHIPPED, early, late))
    room = np.where(kind == UNSHIPPED, 1 * HOUR, np.where(kind == SHIPPED_ONLY, 20 * HOUR, 4 * DAY))
    succeeded = applied + (room * (0.15 + 1.6 * rng.uniform(key, "handled"))).astype(np.int64)
    succeeded = np.where(kind == UNSHIPPED, succeeded, np.maximum(_waking(frame, succeeded), applied + 60))
    succeeded = np.where(wave, applied + ((0.2 + 4 * rng.uniform(key, "handled")) * HOUR).astype(np.int64), succeeded)
    succeeded = np.where(kind == UNSHIPPED, np.minimum(succeeded, applied + (shipped - applied) * 9 // 10), succeeded)
    refused = (rng.uniform(key, "refused") < 0.05) & (kind != UNSHIPPED) & ~wave
    goods = (frame["spent"] - frame["freight"]).to_numpy()
    partial = (rng.uniform(key, "partial") < 0.30) & (kind == SHIPPED_ONLY)
    amount = np.where(
        kind == UNSHIPPED, frame["spent"], np.where(partial, goods * rng.integers(key, "part", 10, 61) // 100, goods)
    )
    frame["refund_kind"] = np.where(asks, kind, -1)
    frame["applied"] = np.where(asks, applied, 0)
    frame["succeeded"] = np.where(asks & ~refused, succeeded, 0)
    frame["refused"] = np.where(asks & refused, succeeded, 0)
    frame["refunded"] = np.where(asks & ~refused & (kind != EXCHANGE), amount, 0)
    frame["refund_id"] = np.where(
        asks, 7_500_000_000_000_000_000 + (frame["line"] - 6_900_000_000_000_000_000) * 7 + 3, 0
    )
    frame["reason"] = np.where(
        wave, 3, rng.integers(key, "reason", 0, np.array([len(texts) for texts in REASONS])[kind])
    )
    _end_orders(frame)


def _waking(frame: pd.DataFrame, second: Ints) -> Ints:
    """Nobody asks or answers at night; what was bought in a live room is dealt with in the evening as it was sold."""
    plain, evening = (calendar.waking(second, curve) for curve in (calendar.PLAIN, calendar.EVENING))
    return np.where(frame["channel"] == LIVE, evening, plain)


def _waves(frame: pd.DataFrame, incidents: list[Incident], of_sku: Ints) -> tuple[np.ndarray, Ints]:
    """Which lines are of a bad batch (a product of one shop, sold in the days before) and go back, and when."""
    key, shipped = frame["key"].to_numpy(), frame["shipped"].to_numpy()
    product = of_sku[frame["sku"].to_numpy()]
    back, asked = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=np.int64)
    for row in incidents:
        if row.kind == "refund_wave":
            of_batch = product == of_sku[row.sku]
            sold = frame["created"].between(row.starts - BATCH_DAYS * DAY, row.starts).to_numpy()
            hit = of_batch & sold & (frame["shop"] == row.shop).to_numpy() & (shipped > 0) & (shipped < row.starts)
            hit &= rng.uniform(key, "wave") < row.factor
            share = rng.uniform(key, "wave-asks") ** 1.5
            asked = np.where(hit, row.starts + (share * (row.ends - row.starts)).astype(np.int64), asked)
            back |= hit
    return back & (frame["paid"] > 0).to_numpy(), asked


def _end_orders(frame: pd.DataFrame) -> None:
    """What is refunded before shipping is never shipped; a full refund closes the line instead of finishing it."""
    kind, done = frame["refund_kind"].to_numpy(), frame["succeeded"].to_numpy()
    never = kind == UNSHIPPED
    full = (
        (done > 0)
        & (frame["refunded"].to_numpy() >= (frame["spent"] - frame["freight"]).to_numpy())
        & (kind != EXCHANGE)
    )
    for name in ("parted", "shipped"):
        frame[name] = np.where(never, 0, frame[name])
    frame["finished"] = np.where(full, 0, frame["finished"])
    frame["closed"] = np.where(full, done, frame["closed"])
    gift = np.flatnonzero(frame["gift"].to_numpy())  # goes, stays and comes back with the line before it
    for name in ("shipped", "finished", "closed"):
        column = frame[name].to_numpy().copy()
        column[gift] = column[gift - 1]
        frame[name] = column
