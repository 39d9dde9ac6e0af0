"""A shop in which every day is as usual but for chance, and something that goes wrong in it."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from tests.metrics.facts import Facts, at

FIRST, LAST = at("2024-04-01"), at("2024-05-01")
SKUS, PROVINCES, CHANNELS = 12, ("浙江", "广东", "四川", "上海"), ("live", "card", "search")


def usual(facts: Facts, seed: int = 1, a_day: float = 40.0, shops: tuple[str, ...] = ("a", "b")) -> Facts:
    """31 days of Poisson orders over shops, SKUs, channels, provinces and hours, each day a little better or worse."""
    dice = np.random.default_rng(seed)
    day = FIRST
    while day <= LAST:
        for shop in shops:
            for _ in range(int(dice.poisson(a_day * np.exp(0.07 * dice.normal())))):
                hour, sku = int(np.clip(dice.normal(15, 4), 0, 23)), int(min(dice.exponential(3.0), SKUS - 1))
                order(facts, day + timedelta(hours=hour, minutes=int(dice.integers(0, 60))), sku, shop, dice)
        day += timedelta(days=1)
    return facts.ready()


def order(facts: Facts, moment: datetime, sku: int, shop: str, dice: np.random.Generator, **more: object) -> None:
    """One order of a SKU by somebody."""
    row = {
        "shop": shop, "sku_id": f"S{sku}", "product_id": f"P{sku // 2}", "category": f"C{sku // 4}",
        "channel": str(dice.choice(CHANNELS)), "province": str(dice.choice(PROVINCES)),
        "buyer": int(dice.integers(1, 100_000)),
    }  # fmt: skip
    facts.line(moment.isoformat(), float(20 + sku) * float(dice.uniform(0.9, 1.0)), **{**row, **more})


def incident(facts: Facts, start: datetime = LAST + timedelta(hours=10)) -> None:
    """A rush on S1 of shop a: forty orders in two hours, where one or two a day are usual."""
    dice = np.random.default_rng(7)
    for _ in range(40):
        order(facts, start + timedelta(minutes=int(dice.integers(0, 120))), 1, "a", dice)
    facts.ready()
