"""Buyer behaviour log as the public Taobao file: no header; user, item, category, behaviour, Unix seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulator import calendar, rng
from simulator.calendar import DAY, seconds
from simulator.rng import Ints
from simulator.world import World

ZONE = 8 * 3600  # Asia/Shanghai: Unix time is wall clock less eight hours


def write(world: World, path: Path, *, days: int = 9, users: int = 600) -> int:
    """Events of a sample of users over the last `days` days, about 40 a user."""
    user, number = rng.expand(5 + rng.integers(rng.keys(world.seed, 81, np.arange(users)), "events", 0, 70))
    key = rng.keys(world.seed, 82, user, number)
    day = int(world.days[-1]) - days + 1 + rng.integers(key, "day", 0, days)
    at = day * DAY + rng.choose(key, "hour", calendar.HOURS[0]) * 3600 + rng.integers(key, "second", 0, 3600)
    sku = rng.choose(key, "sku", world.catalogue.sku_weight)
    event = rng.choose(key, "event", (89.5, 5.6, 2.9, 2.0))
    keep = at <= seconds(world.end)
    _write(path, world, user[keep], sku[keep], event[keep], at[keep])
    return int(keep.sum())


def _write(path: Path, world: World, user: Ints, sku: Ints, event: Ints, at: Ints) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    product, leaf = world.catalogue.sku_product[sku], world.catalogue.sku_leaf[sku]
    order = np.argsort(user, kind="stable")
    names = np.array(["pv", "cart", "fav", "buy"])
    rows = zip(
        1_000_001 + user[order],
        200_000 + product[order],
        4_000 + leaf[order],
        names[event[order]],
        at[order] - ZONE,
        strict=True,
    )
    path.write_text("".join(f"{u},{p},{c},{e},{t}\n" for u, p, c, e, t in rows), "utf-8")
