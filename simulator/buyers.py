"""Who buys: newcomers every day, and earlier ones who come back, a few of them often.

A returning order picks how long ago its buyer first came, then one of that day's newcomers, the first ones most often:
so habits and a long tail arise without remembering anybody.
"""

from __future__ import annotations

import numpy as np

from simulator import geography, rng
from simulator.catalogue import LEAVES
from simulator.rng import Ints, Keys
from simulator.shops import SHOPS
from simulator.traffic import Demand

RETURNING = 0.44
_SISTER = {0: 1, 1: 0}  # shops of one platform share a few buyers
_HISTORY = 800


def assign(demand: Demand, key: Keys, shop: Ints, day: Ints, number: Ints) -> Ints:
    """The buyer of each order; `number` is the order's place within its shop and day."""
    returning = rng.uniform(key, "returning") < RETURNING
    quick = rng.uniform(key, "quick") < 0.62
    lag = 1 + np.floor(-np.log1p(-rng.uniform(key, "lag")) * np.where(quick, 26, 150)).astype(np.int64)
    born = day - np.minimum(lag, _HISTORY)
    home = shop.copy()
    visit = rng.uniform(key, "sister") < 0.10
    for here, there in _SISTER.items():
        home[(shop == here) & visit] = there
    rank = np.floor(_newcomers(demand, home, born) * rng.uniform(key, "rank") ** 1.9).astype(np.int64)
    fresh = (shop + 1) * 10**12 + day * 10**6 + number
    return np.where(returning, (home + 1) * 10**12 + born * 10**6 + rank, fresh)


def _newcomers(demand: Demand, shop: Ints, day: Ints) -> Ints:
    first, last = int(day.min()), int(day.max())
    days = np.arange(first, last + 1)
    table = np.stack([demand.shop_day(number, days) for number in range(len(SHOPS))])
    return np.maximum(1, np.floor(table[shop, day - first] * 0.9)).astype(np.int64)


def fakes(buyer: Ints, fake: np.ndarray, key: Keys, starts: Ints) -> Ints:
    """Fake orders come from a dozen accounts."""
    return np.where(fake, 9 * 10**12 + starts * 100 + rng.integers(key, "fake", 0, 12), buyer)


def city_of(seed: int, buyer: Ints) -> Ints:
    """Where a buyer lives; the accounts of one fake wave live in one city."""
    root = np.where(buyer >= 9 * 10**12, buyer // 100, buyer)
    return rng.choose(rng.keys(seed, 41, root), "city", geography.CITY_WEIGHTS)


def favourite_of(seed: int, buyer: Ints) -> Ints:
    """The category a buyer comes back for."""
    return rng.choose(rng.keys(seed, 42, buyer), "leaf", [leaf.weight for leaf in LEAVES])
