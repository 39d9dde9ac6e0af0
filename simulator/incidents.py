"""What goes wrong in this world, with its truth: one row an incident, in history by the month and around an anchor day.

The anchored ones lie in the week before `anchor` (one is under way), so that a demo has something to find.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from simulator import calendar, rng
from simulator.calendar import DAY
from simulator.incident import Incident
from simulator.shops import PLANS, SHOPS, SLOTS
from simulator.traffic import Demand

KINDS = (
    "price_typo",
    "page_broken",
    "ad_burning",
    "stock_out",
    "refund_wave",
    "live_dropped",
    "fake_orders",
    "late_source",
)


def _hit(demand: Demand, shop: int, day: int, place: float) -> int:
    weights = demand.sku_share(int(calendar.months(np.array([day]))[0]), shop)
    return int(np.argsort(-weights)[int(place * 6)])


def _make(demand: Demand, name: str, kind: str, day: int, u: float, at: tuple[int, int] | None = None) -> Incident:
    """An incident of `kind` on `day`; `u` in [0, 1) varies it; `at` replaces its usual seconds."""
    shop = 0 if u < 0.6 else 1

    def span(first: float, last: float) -> tuple[int, int]:
        return at or (int(day * DAY + first * 3600), int(day * DAY + last * 3600))

    sku = _hit(demand, shop, day, (u * 7) % 1)
    if kind == "price_typo":
        return Incident(
            name,
            kind,
            *span(10, 12),
            "douyin",
            shop,
            "unit_price",
            "price entered at a tenth; a rush of orders",
            sku,
            factor=0.22,
        )
    if kind == "page_broken":
        return Incident(
            name,
            kind,
            *span(13, 18),
            "tmall",
            2,
            "orders",
            "three of four orders lost while the page was down",
            factor=0.25,
        )
    if kind == "ad_burning":
        plan = int(u * 6) if shop == 0 else 6 + int(u * 4)
        return Incident(
            name,
            kind,
            *span(7, 23),
            "douyin",
            PLANS[plan].shop,
            "ad_roi",
            "ten times the spend, no more orders",
            plan=plan,
            factor=10.0,
        )
    if kind == "stock_out":
        return Incident(
            name, kind, *span(15, 36), "douyin", shop, "stockout_skus", "a hit sells nothing while it is out", sku
        )
    if kind == "refund_wave":
        return Incident(
            name,
            kind,
            *span(8, 56),
            "douyin",
            shop,
            "refund_rate_cohort",
            "most buyers of one batch send it back",
            sku,
            factor=0.75,
        )
    if kind == "live_dropped":
        slot = 2 if shop == 0 else 4
        return Incident(
            name,
            kind,
            *span(20.5, 24),
            "douyin",
            SLOTS[slot].shop,
            "live_gmv",
            "the evening room goes off air",
            slot=slot,
        )
    if kind == "fake_orders":
        return Incident(
            name,
            kind,
            *span(2, 5),
            "douyin",
            shop,
            "orders_per_buyer",
            "a dozen buyers in one city order one SKU at night",
            sku,
            factor=0.2,
        )
    return Incident(
        name, kind, *span(9, 15), "douyin", 1, "source_lag_seconds", "traffic of the shop is not delivered until later"
    )


def plan_incidents(demand: Demand, first: int, last: int, anchor: int) -> list[Incident]:
    """All incidents that touch days `first` to `last`; `anchor` is the second the anchored ones stand around."""
    months = np.unique(calendar.months(np.arange(first, last + 1)))
    found = []
    for month in months:
        key = rng.keys(demand.seed, 301, month)
        start = int(np.datetime64(int(month), "M").astype("datetime64[D]").astype(np.int64))
        day = start + int(rng.integers(key, "day", 2, 27)[0])
        if abs(day - anchor // DAY) > 12:  # the anchored ones stand alone
            kind = KINDS[int(month) % len(KINDS)]
            found.append(_make(demand, f"H{month}", kind, day, float(rng.uniform(key, "u")[0])))
    today = anchor // DAY
    near = [
        ("fake_orders", today - 4, 0.7, None),
        ("price_typo", today - 3, 0.05, None),
        ("page_broken", today - 2, 0.3, None),
        ("live_dropped", today - 1, 0.2, None),
        ("stock_out", today - 1, 0.11, None),
        ("refund_wave", today, 0.32, (anchor - 16 * 3600, anchor + 12 * 3600)),
        ("ad_burning", today, 0.4, (anchor - 5 * 3600, anchor + 10 * 3600)),
        ("late_source", today, 0.9, (anchor - 4 * 3600, anchor + 3 * 3600)),
    ]
    found += [_make(demand, f"A{number}", kind, day, u, at) for number, (kind, day, u, at) in enumerate(near, 1)]
    return [incident for incident in found if incident.shop < len(SHOPS) and incident.starts < (last + 1) * DAY]


def table(incidents: list[Incident], codes: list[str]) -> pd.DataFrame:
    """The truth for people and tests: times as timestamps, SKU, plan and shop by name."""
    frame = pd.DataFrame([asdict(incident) for incident in incidents])
    if frame.empty:
        return frame
    frame["start"] = pd.to_datetime(frame.pop("starts"), unit="s")
    frame["end"] = pd.to_datetime(frame.pop("ends"), unit="s")
    frame["shop"] = [SHOPS[shop].name for shop in frame["shop"]]
    frame["sku"] = [codes[sku] if sku >= 0 else None for sku in frame["sku"]]
    frame["plan"] = [PLANS[plan].name if plan >= 0 else None for plan in frame["plan"]]
    return frame.sort_values("start", ignore_index=True)
