"""The world: one object that knows everything that ever happened in it, until `end`."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from simulator import ads, incidents, live, orders, refunds, stock, truth, visits
from simulator.calendar import DAY, day_of, seconds
from simulator.catalogue import Catalogue
from simulator.rng import Ints
from simulator.shops import SHOPS
from simulator.traffic import Demand

DEFAULT_SEED = 20241111


class World:
    """A merchant's shops from `start` to `end` (wall clock), the same for a seed whatever window is asked.

    `lines` says how many order lines the window should hold, roughly; it is turned into `scale`, orders of a plain day.
    To look at the same world through another window give `scale` and `anchor` (around which the recent incidents lie),
    or use `until`. Money is in fen, times are seconds since 1970 on the wall clock; 0 means never.
    """

    def __init__(
        self,
        seed: int = DEFAULT_SEED,
        start: datetime | None = None,
        end: datetime | None = None,
        lines: int = 300_000,
        *,
        scale: float | None = None,
        anchor: datetime | None = None,
        platforms: tuple[str, ...] = ("douyin", "tmall"),
    ) -> None:
        self.end = (end or datetime(2026, 11, 22, 12)).replace(microsecond=0)
        self.start = start or datetime.combine(self.end.date() - timedelta(days=730), datetime.min.time())
        self.seed, self.anchor, self.platforms = seed, anchor or self.end, platforms
        self.shops = tuple(shop.number for shop in SHOPS if shop.platform in platforms)
        self.catalogue = Catalogue(seed)
        days = np.arange(day_of(self.start), day_of(self.end) + 1)
        grown = day_of(self.anchor)
        self.scale = scale or lines / Demand(seed, 1.0, self.catalogue, grown).lines_expected(self.shops, days)
        self.demand = Demand(seed, self.scale, self.catalogue, grown)
        self.stock = stock.Stock(self.demand)
        self._sold: dict[int, pd.DataFrame] = {}

    def until(self, end: datetime, start: datetime | None = None) -> World:
        """The same world through another window; within the same days nothing is made twice."""
        other = World(
            self.seed, start or self.start, end, scale=self.scale, anchor=self.anchor, platforms=self.platforms
        )
        if np.array_equal(other.days, self.days):
            made = ("_incidents", "cells", "_wanted", "all_lines")
            other.__dict__.update({name: self.__dict__[name] for name in made if name in self.__dict__})
        return other

    @property
    def days(self) -> Ints:
        """Day numbers of the window, and of the warm-up before it."""
        return np.arange(day_of(self.start) - stock.WARM_UP, day_of(self.end) + 1)

    @cached_property
    def _incidents(self) -> list[incidents.Incident]:
        return incidents.plan_incidents(
            self.demand, int(self.days[0]) - 31, int(self.days[-1]) + 31, seconds(self.anchor)
        )

    @property
    def planned(self) -> list[incidents.Incident]:
        """Incidents of the shops in this world, positions unresolved."""
        return [row for row in self._incidents if row.shop in self.shops]

    @property
    def incidents(self) -> pd.DataFrame:
        """The truth about what went wrong within the window."""
        frame = incidents.table(self.planned, self.catalogue.sku_code)
        return frame[(frame["end"] > self.start) & (frame["start"] <= self.end)].reset_index(drop=True)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Expected orders by source, warm-up included."""
        return self.demand.cells(self.shops, self.days, self.planned)

    @cached_property
    def _wanted(self) -> pd.DataFrame:
        heads = orders.orders(self.demand, self.cells, self.planned)
        frame = orders.lines(self.demand, heads, self.planned)
        frame["line_key"] = frame["key"]
        frame["served"] = self.stock.sell(frame, self.planned)
        return frame

    @cached_property
    def all_lines(self) -> pd.DataFrame:
        """Every line up to the end of the last day, what has not happened yet included, and the warm-up."""
        frame = orders.with_gifts(self.demand, self._wanted[self._wanted["served"]].reset_index(drop=True))
        orders.settle(frame)
        refunds.apply(frame, self.planned, self.catalogue)
        return frame

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Order lines created within the window, as they stand at `end`: later events are still 0."""
        frame = self.all_lines
        first, last = seconds(self.start), seconds(self.end)
        return as_of(frame[(frame["created"] >= first) & (frame["created"] <= last)].reset_index(drop=True), last)

    @cached_property
    def lost(self) -> pd.DataFrame:
        """Lines that were wanted within the window and would have been paid, had there been stock."""
        frame = self._wanted
        inside = frame["created"].between(seconds(self.start), seconds(self.end))
        return frame[~frame["served"] & inside & (frame["paid"] > 0)].reset_index(drop=True)

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """Live sessions begun within the window."""
        parts = [live.sessions(self.seed, shop, self.days) for shop in self.shops if SHOPS[shop].live]
        frame = pd.concat(parts, ignore_index=True)
        for row in self.planned:
            if row.kind == "live_dropped":
                hit = (frame["slot"] == row.slot) & (frame["starts"] < row.ends) & (frame["ends"] > row.starts)
                frame.loc[hit, "ends"] = np.maximum(frame.loc[hit, "starts"] + 60, row.starts)
        return frame[frame["starts"].between(seconds(self.start), seconds(self.end))].reset_index(drop=True)

    @cached_property
    def ad_hours(self) -> pd.DataFrame:
        """Ad plans by hour within the window."""
        days = self.days[stock.WARM_UP :]
        parts = [
            ads.hours(self.seed, shop, days, self.demand.shop_day(shop, days) * SHOPS[shop].ads, self.planned)
            for shop in self.shops
            if SHOPS[shop].ads
        ]
        frame = pd.concat(parts, ignore_index=True)
        return frame[(frame["at"] >= seconds(self.start)) & (frame["at"] + 3600 <= seconds(self.end))].reset_index(
            drop=True
        )

    @cached_property
    def ad_report(self) -> pd.DataFrame:
        """`ad_hours` with the paid orders and gmv (fen) that came from each plan in each hour."""
        paid = self.lines[(self.lines["plan"] >= 0) & (self.lines["paid"] > 0)]
        sums = (
            paid.assign(at=paid["created"] // 3600 * 3600)
            .groupby(["plan", "at"])
            .agg(orders=("order", "nunique"), gmv=("spent", "sum"))
        )
        frame = self.ad_hours.merge(sums.reset_index(), how="left", on=["plan", "at"])
        frame[["orders", "gmv"]] = frame[["orders", "gmv"]].fillna(0).astype(np.int64)
        return frame

    @cached_property
    def traffic(self) -> pd.DataFrame:
        """Visits by shop, hour and channel (see `simulator.visits`)."""
        return visits.traffic(self)

    @cached_property
    def live_report(self) -> pd.DataFrame:
        """Sessions with audience and sales (see `simulator.visits`)."""
        return visits.live_report(self)

    def stock_at(self, shop: int, moment: datetime) -> pd.DataFrame:
        """Stock of a shop at a moment (see `Stock.snapshot`)."""
        if shop not in self._sold:
            self._sold[shop] = stock.sold_by(self.all_lines, shop)
        return self.stock.snapshot(self._sold[shop], shop, seconds(moment), self.planned)

    def truth(self, metrics: tuple[str, ...], by: tuple[str, ...] = (), **how: Any) -> pd.DataFrame:
        """The world's own figures; see `simulator.truth.figures`."""
        return truth.figures(self, metrics, by, **how)


EVENTS = ("paid", "closed", "parted", "shipped", "finished", "applied", "succeeded", "refused")


def as_of(frame: pd.DataFrame, second: int) -> pd.DataFrame:
    """What is known at `second`: events that lie ahead are 0; adds `updated`, `status` and the last event."""
    frame = frame.copy()
    for name in EVENTS:
        frame[name] = np.where(frame[name] <= second, frame[name], 0)
    frame["promised"] = np.where(frame["paid"] > 0, frame["promised"], 0)
    frame["spent"] = np.where(frame["paid"] > 0, frame["spent"], 0)
    frame["pay_discount"] = np.where(frame["paid"] > 0, frame["pay_discount"], 0)
    frame["refunded"] = np.where(frame["succeeded"] > 0, frame["refunded"], 0)
    frame["refund_kind"] = np.where(frame["applied"] > 0, frame["refund_kind"], -1)
    frame["updated"] = np.maximum(frame["created"], frame[list(EVENTS)].to_numpy().max(axis=1, initial=0))
    frame["status"] = np.select(
        [frame[name] > 0 for name in ("closed", "finished", "shipped", "parted", "paid")],
        ["closed", "finished", "shipped", "part_shipped", "paid"],
        "unpaid",
    )
    return frame


__all__ = ["DAY", "DEFAULT_SEED", "World", "as_of"]
