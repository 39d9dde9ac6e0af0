"""Stock by shop and SKU: filled up every few weeks, sold from, sometimes sold out; what is lost then is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulator import calendar, rng
from simulator.calendar import DAY
from simulator.catalogue import SKUS
from simulator.incident import Incident
from simulator.rng import Floats, Ints
from simulator.traffic import LINES_PER_ORDER, Demand

WARM_UP = 45  # days: no refill cycle is longer, so a window begun so much earlier knows its stock
UNITS_PER_LINE = 1.17


class Stock:
    """Refill cycles of every (shop, SKU), and the level each begins with."""

    def __init__(self, demand: Demand) -> None:
        self.demand = demand
        shop, sku = np.meshgrid(np.arange(5), np.arange(SKUS), indexing="ij")
        key = rng.keys(demand.seed, 51, shop, sku)
        self.length: Ints = rng.integers(key, "length", 20, WARM_UP - 2)
        self.phase: Ints = rng.integers(key, "phase", 0, 4000)

    def cycle(self, shop: Ints, sku: Ints, day: Ints) -> Ints:
        """Number of the refill cycle a day belongs to."""
        return (day + self.phase[shop, sku]) // self.length[shop, sku]

    def level(self, shop: Ints, sku: Ints, cycle: Ints) -> Ints:
        """Units on hand when the cycle begins: what is expected to sell, times the buyer's luck."""
        length = self.length[shop, sku]
        first = cycle * length - self.phase[shop, sku]
        wanted = self._expected(shop, sku, first, length) * UNITS_PER_LINE
        key = rng.keys(self.demand.seed, 52, shop, sku, cycle)
        luck = np.where(
            rng.uniform(key, "short") < 0.05,
            0.55 + 0.4 * rng.uniform(key, "luck"),
            1.02 + 0.55 * rng.uniform(key, "luck"),
        )
        dead = np.where(rng.uniform(rng.keys(self.demand.seed, 53, shop, sku), "dead") < 0.04, 40, 0)
        return np.ceil(wanted * luck + np.where(luck > 1, 1.1 * np.sqrt(wanted) + 1, 1)).astype(np.int64) + dead

    def _expected(self, shop: Ints, sku: Ints, first: Ints, length: Ints) -> Floats:
        if not len(first):
            return np.zeros(0)
        low, high = int(first.min()), int((first + length).max())
        days = np.arange(low, high + 1)
        flow = np.zeros((5, len(days) + 1))
        for number in np.unique(shop):
            flow[number, 1:] = np.cumsum(self.demand.shop_day(int(number), days))
        orders = flow[shop, first + length - low] - flow[shop, first - low]
        share = np.zeros(len(first))
        month = calendar.months(first + length // 2)
        groups: Any = pd.Series(0, index=range(len(first))).groupby([month, shop]).indices
        for (each_month, each_shop), at in groups.items():
            share[at] = self.demand.sku_share(int(each_month), int(each_shop))[sku[at]]
        return orders * LINES_PER_ORDER * share

    def sell(self, lines: pd.DataFrame, incidents: list[Incident]) -> np.ndarray:
        """Which lines find stock. `lines` must reach back WARM_UP days before the first day that matters."""
        shop, sku, day = (lines[name].to_numpy() for name in ("shop", "sku", "day"))
        cycle = self.cycle(shop, sku, day)
        blocked = _blocked(lines, incidents)
        taken = np.where((lines["paid"].to_numpy() > 0) & ~blocked, lines["quantity"].to_numpy(), 0)
        order = np.lexsort((lines["line_key"].to_numpy(), lines["created"].to_numpy(), cycle, sku, shop))
        group = np.stack([shop[order], sku[order], cycle[order]])
        starts = (
            np.concatenate([[True], (group[:, 1:] != group[:, :-1]).any(axis=0)])
            if len(order)
            else np.zeros(0, dtype=bool)
        )
        running = np.cumsum(taken[order]) - taken[order]
        before = running - np.repeat(running[starts], np.diff(np.append(np.flatnonzero(starts), len(order))))
        left = np.repeat(self.level(*group[:, starts]), np.diff(np.append(np.flatnonzero(starts), len(order))))
        served = np.zeros(len(lines), dtype=bool)
        served[order] = before < left
        return served & ~blocked

    def snapshot(self, sold: pd.DataFrame, shop: int, at: int, incidents: list[Incident]) -> pd.DataFrame:
        """On hand, reserved, available of every SKU the shop carries at second `at`; `sold` is what `sold_by` gives."""
        carried = np.flatnonzero(self.demand.sku_share(int(calendar.months(np.array([at // DAY]))[0]), shop) > 0)
        shops = np.full(len(carried), shop)
        cycle = self.cycle(shops, carried, np.full(len(carried), at // DAY))
        first = cycle * self.length[shops, carried] - self.phase[shops, carried]
        first_row, last_row = np.searchsorted(sold["created"], [(at // DAY - WARM_UP) * DAY, at + 1])
        recent = sold.iloc[first_row:last_row]
        begin = np.zeros(SKUS, dtype=np.int64)
        begin[carried] = first
        recent = recent[recent["day"].to_numpy() >= begin[recent["sku"].to_numpy()]]
        gone = np.bincount(recent["sku"], recent["quantity"], SKUS).astype(np.int64)[carried]
        waiting = recent[(recent["shipped"] == 0) | (recent["shipped"] > at)]
        reserved = np.bincount(waiting["sku"], waiting["quantity"], SKUS).astype(np.int64)[carried]
        free = np.maximum(self.level(shops, carried, cycle) - gone, 0)
        for row in incidents:
            if row.kind == "stock_out" and row.shop == shop and row.starts <= at < row.ends:
                free[carried == row.sku] = 0
        return pd.DataFrame({"sku": carried, "on_hand": free + reserved, "reserved": reserved, "available": free})


def sold_by(lines: pd.DataFrame, shop: int) -> pd.DataFrame:
    """What takes from the stock of a shop, in the order of time: paid lines other than gifts."""
    kept = (lines["shop"] == shop) & (lines["paid"] > 0) & ~lines["gift"]
    columns = ["created", "day", "sku", "quantity", "shipped"]
    return lines.loc[kept, columns].sort_values("created", ignore_index=True)


def _blocked(lines: pd.DataFrame, incidents: list[Incident]) -> np.ndarray:
    out = np.zeros(len(lines), dtype=bool)
    for row in incidents:
        if row.kind == "stock_out":
            out |= (
                (lines["sku"] == row.sku)
                & (lines["shop"] == row.shop)
                & lines["created"].between(row.starts, row.ends - 1)
            ).to_numpy()
    return out
