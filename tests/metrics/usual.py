"""A shop in which every day is as usual but for chance, and something that goes wrong in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.metrics.facts import Facts, at

FIRST, LAST = at("2024-04-01"), at("2024-05-01")
SKUS, PROVINCES, CHANNELS = 12, ("浙江", "广东", "四川", "上海"), ("live", "card", "search")


def usual(facts: Facts, seed: int = 1, a_day: float = 40.0, shops: tuple[str, ...] = ("a", "b")) -> Facts:
    """31 days of Poisson orders over shops, SKUs, channels, provinces and hours, each day a little better or worse."""
    dice = np.random.default_rng(seed)
    rows, day = [], FIRST
    while day <= LAST:
        for shop in shops:
            for _ in range(int(dice.poisson(a_day * np.exp(0.07 * dice.normal())))):
                hour, sku = int(np.clip(dice.normal(15, 4), 0, 23)), int(min(dice.exponential(3.0), SKUS - 1))
                rows.append(_row(day + timedelta(hours=hour, minutes=int(dice.integers(0, 60))), sku, shop, dice))
        day += timedelta(days=1)
    return _insert(facts, rows)


def orders(facts: Facts, moments: list[datetime], sku: int, shop: str, **more: Any) -> Facts:
    """Orders of a SKU at these moments; `more` replaces columns."""
    dice = np.random.default_rng(7)
    return _insert(facts, [_row(moment, sku, shop, dice) | more for moment in moments])


def incident(facts: Facts, start: datetime = LAST + timedelta(hours=10)) -> Facts:
    """A rush on S1 of shop a: forty orders in two hours, where one or two a day are usual."""
    return orders(facts, [start + timedelta(minutes=3 * number) for number in range(40)], 1, "a")


def _row(moment: datetime, sku: int, shop: str, dice: np.random.Generator) -> dict[str, Any]:
    return {
        "platform": "douyin", "shop": shop, "paid_at": moment, "created_at": moment, "sku_id": f"S{sku}",
        "product_id": f"P{sku // 2}", "category": f"C{sku // 4}", "channel": str(dice.choice(CHANNELS)),
        "province": str(dice.choice(PROVINCES)), "buyer": int(dice.integers(1, 100_000)), "quantity": 1,
        "paid_amount": round(float((20 + sku) * dice.uniform(0.9, 1.0)), 2), "is_head": True, "is_test": False,
        "time_estimated": False, "status": "paid", "version": at("2024-01-01"), "batch_id": 1,
    }  # fmt: skip


def _insert(facts: Facts, rows: list[dict[str, Any]]) -> Facts:
    """All rows at once: thousands one by one would take minutes."""
    frame = pd.DataFrame(rows)
    frame["source_row"] = np.arange(len(frame)) + 1_000_000
    frame["line_id"] = [
        f"u{row['shop']}{row['paid_at']:%m%d%H%M}{row['buyer']}n{number}" for number, row in enumerate(rows)
    ]
    frame["order_id"], frame["payable_amount"] = frame["line_id"], frame["paid_amount"]

    def work(connection: Any) -> None:
        connection.register("usual_rows", frame)
        connection.execute("INSERT INTO order_line BY NAME SELECT * FROM usual_rows").fetchall()
        connection.unregister("usual_rows")

    facts.warehouse.write(work)
    return facts.ready()
