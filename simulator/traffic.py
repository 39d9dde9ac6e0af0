"""Demand before anybody orders: how many orders each shop, channel, live session and ad plan may expect."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from simulator import ads, calendar, cells, live, rng
from simulator.calendar import DAY
from simulator.catalogue import Catalogue
from simulator.incident import Incident
from simulator.rng import Floats, Ints
from simulator.shops import CARD, SHOPS

LINES_PER_ORDER = 1.27
CVR = np.array([0.034, 0.021, 0.046, 0.072, 0.028, 0.030])  # orders to visitors by channel


class Demand:
    """Expected orders by seed and `scale` (orders of the whole merchant on a plain day around day `anchor`)."""

    def __init__(self, seed: int, scale: float, catalogue: Catalogue, anchor: int) -> None:
        self.seed, self.scale, self.catalogue, self.anchor = seed, scale, catalogue, anchor

    def shop_day(self, shop: int, days: Ints) -> Floats:
        """Expected orders of a shop on each day, chance not yet thrown."""
        key = rng.keys(self.seed, 11, shop, days)
        size = self.scale * SHOPS[shop].share * calendar.growth(days, self.anchor)
        return size * calendar.demand(days) * np.exp(0.07 * rng.normal(key, "day"))

    @lru_cache(maxsize=512)  # noqa: B019 -- one Demand lives as long as its world
    def sku_share(self, month: int, shop: int) -> Floats:
        """Share of a shop's lines that falls on each SKU in a month."""
        carried = self.catalogue.sold_in(shop, SHOPS[shop].assortment)
        weights = self.catalogue.sku_weight * self.catalogue.fashion(month) * carried
        return weights / weights.sum()

    def cells(self, shops: tuple[int, ...], days: Ints, incidents: list[Incident]) -> pd.DataFrame:
        """All that brings orders: one row a (shop, day, source), with its expected orders and its span in time."""
        parts = []
        for shop in shops:
            base = self.shop_day(shop, days)
            parts.append(self._organic(shop, days, base))
            if SHOPS[shop].live:
                parts.append(live.live_cells(self.seed, shop, days, base * SHOPS[shop].live))
            if SHOPS[shop].ads:
                parts.append(ads.ad_cells(self.seed, shop, days, base * SHOPS[shop].ads, incidents))
        parts.append(self._rushes(shops, days, incidents))
        frame = pd.concat(parts, ignore_index=True)
        frame["key"] = rng.keys(self.seed, 12, frame["day"], frame["shop"], frame["source"])
        return frame

    def _organic(self, shop: int, days: Ints, base: Floats) -> pd.DataFrame:
        channels = np.flatnonzero(SHOPS[shop].organic)
        day, channel = np.repeat(days, len(channels)), np.tile(channels, len(days))
        mood = np.exp(0.10 * rng.normal(rng.keys(self.seed, 13, shop, day, channel), "mood"))
        rate = np.repeat(base, len(channels)) * np.array(SHOPS[shop].organic)[channel] * mood
        curve = np.repeat(calendar.curve_of(days), len(channels))
        return cells.frame_of(shop, day, channel, channel, rate, day * DAY, (day + 1) * DAY, curve=curve)

    def _rushes(self, shops: tuple[int, ...], days: Ints, incidents: list[Incident]) -> pd.DataFrame:
        """Orders that only an incident brings: the rush on a mistyped price, the fake ones."""
        rows = [
            row
            for row in incidents
            if row.kind in ("price_typo", "fake_orders")
            and row.shop in shops
            and days[0] <= row.starts // DAY <= days[-1]
        ]
        parts = []
        for row in rows:
            day = np.array([row.starts // DAY])
            source = 900 + (rng.keys(row.starts, row.sku)[0] % np.uint64(90)).astype(np.int64)
            rate = self.shop_day(row.shop, day) * row.factor
            parts.append(
                cells.frame_of(
                    row.shop,
                    day,
                    np.array([source]),
                    np.array([CARD]),
                    rate,
                    np.array([row.starts]),
                    np.array([row.ends]),
                    sku=np.array([row.sku]),
                    fake=np.array([row.kind == "fake_orders"]),
                )
            )
        return (
            pd.concat(parts, ignore_index=True)
            if parts
            else cells.frame_of(0, days[:0], days[:0], days[:0], np.zeros(0), days[:0], days[:0])
        )

    def lines_expected(self, shops: tuple[int, ...], days: Ints) -> float:
        """Expected order lines, for choosing the scale of a world."""
        return float(sum(self.shop_day(shop, days).sum() for shop in shops)) * LINES_PER_ORDER


def visitors_wanted(rate: Floats, channel: Ints) -> Floats:
    """Expected visitors that stand behind an expected number of orders."""
    return rate / CVR[channel]
