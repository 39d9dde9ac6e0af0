"""From demand to order lines: when, by whom, of what, for how much, and what becomes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulator import buyers, calendar, geography, live, rng
from simulator.calendar import DAY
from simulator.incident import Incident
from simulator.rng import Ints
from simulator.shops import CREATORS, LIVE, SHOPS, VIDEO
from simulator.traffic import Demand

MINUTE, HOUR = 60, 3600
GIFT_FROM = 12_900  # fen: a line that costs so much may bring a gift
PAY_LIMIT = 30 * MINUTE  # an order that is not paid by then is closed


def orders(demand: Demand, cells: pd.DataFrame, incidents: list[Incident]) -> pd.DataFrame:
    """One row an order, before stock is looked at."""
    rate = cells["rate"].to_numpy(dtype=np.float64)
    rows, place = rng.expand(rng.poisson(rate, cells["key"].to_numpy(), "count"))
    frame = cells.iloc[rows].drop(columns=["rate", "key"]).reset_index(drop=True)
    frame["key"] = rng.keys(cells["key"].to_numpy().view(np.int64)[rows], place)
    frame["created"] = _created(frame)
    group = frame.groupby(["shop", "day"]).cumcount().to_numpy()
    frame["number"] = group
    frame = frame[~_kept_away(frame, incidents)].reset_index(drop=True)
    key, shop, day = frame["key"].to_numpy(), frame["shop"].to_numpy(), frame["day"].to_numpy()
    buyer = buyers.assign(demand, key, shop, day, frame["number"].to_numpy())
    frame["buyer"] = buyers.fakes(buyer, frame["fake"].to_numpy(), key, frame["starts"].to_numpy())
    frame["city"] = buyers.city_of(demand.seed, frame["buyer"].to_numpy())
    frame["province"] = geography.PROVINCE_OF[frame["city"].to_numpy()]
    frame["order"] = (
        6_900_000_000_000_000_000
        + day * 10**13
        + shop * 10**12
        + frame["number"] * 10**6
        + rng.integers(key, "id", 0, 99_999) * 10
    )
    frame["creator"] = _creator(frame)
    _pay(frame)
    _ship(frame)
    return frame


def _created(frame: pd.DataFrame) -> Ints:
    key, starts, ends = frame["key"].to_numpy(), frame["starts"].to_numpy(), frame["ends"].to_numpy()
    created = (starts + rng.uniform(key, "moment") * (ends - starts)).astype(np.int64)
    curve = frame["curve"].to_numpy()
    for number, shape in enumerate(calendar.HOURS):
        at = curve == number
        hour = rng.choose(key[at], "hour", shape)
        created[at] = starts[at] + hour * HOUR + rng.integers(key[at], "second", 0, HOUR)
    on_air = frame["session"].to_numpy() >= 0
    created[on_air] = live.moment_in(key[on_air], starts[on_air], ends[on_air])
    return created


def _kept_away(frame: pd.DataFrame, incidents: list[Incident]) -> np.ndarray:
    """Orders that an incident prevents: the page is broken, the room is off air."""
    gone = np.zeros(len(frame), dtype=bool)
    created, shop, session = frame["created"].to_numpy(), frame["shop"].to_numpy(), frame["session"].to_numpy()
    u = rng.uniform(frame["key"].to_numpy(), "kept-away")
    for row in incidents:
        inside = (created >= row.starts) & (created < row.ends) & (shop == row.shop)
        if row.kind == "page_broken":
            gone |= inside & (u > row.factor)
        elif row.kind == "live_dropped":
            gone |= inside & (session >= 0) & (session % 10 == row.slot)
    return gone


def _creator(frame: pd.DataFrame) -> Ints:
    """The anchor of a live order; a third of the video orders come from an outside creator."""
    key = frame["key"].to_numpy()
    outside = [number for number, creator in enumerate(CREATORS) if creator.commission]
    video = (frame["channel"].to_numpy() == VIDEO) & (rng.uniform(key, "by-creator") < 0.35)
    picked = np.array(outside)[rng.integers(key, "creator", 0, len(outside))]
    return np.where(video, picked, np.where(frame["channel"].to_numpy() == LIVE, frame["creator"].to_numpy(), -1))


def _pay(frame: pd.DataFrame) -> None:
    """Most pay within minutes; deposits wait for the balance day. 0 means never."""
    key, created, day = frame["key"].to_numpy(), frame["created"].to_numpy(), frame["day"].to_numpy()
    days = np.arange(day.min(), day.max() + 1) if len(day) else day
    balance = calendar.presale_balance(days)[day - days[0]] if len(day) else day
    presale = (balance > 0) & (rng.uniform(key, "presale") < 0.34) & ~frame["fake"].to_numpy()
    soon = created + np.clip(np.exp(3.6 + 1.1 * rng.normal(key, "pay")), 4, PAY_LIMIT - 5).astype(np.int64)
    later = balance + np.minimum(30 * HOUR, np.exp(8.0 + 1.6 * rng.normal(key, "balance"))).astype(np.int64)
    pays = rng.uniform(key, "pays") < np.where(frame["fake"], 1.0, np.where(presale, 0.93, 0.915))
    frame["presale"] = presale
    frame["paid"] = np.where(pays, np.where(presale, later, soon), 0)
    frame["closed"] = np.where(pays, 0, np.where(presale, balance + 30 * HOUR, created + PAY_LIMIT))


def _ship(frame: pd.DataFrame) -> None:
    """Shipping within two days as promised, later after a campaign's peak; receipt confirmed days after."""
    key, paid, day = frame["key"].to_numpy(), frame["paid"].to_numpy(), frame["day"].to_numpy()
    busy = _promotion(paid // DAY)
    hours = np.exp(2.35 + 0.55 * rng.normal(key, "ship")) * np.where(busy, 1.8, 1.0)
    promised = np.where(busy, 72 * HOUR, 48 * HOUR)
    frame["promised"] = np.where(paid > 0, paid + promised, 0)
    frame["shipped"] = np.where(paid > 0, paid + (np.clip(hours, 1, 110) * HOUR).astype(np.int64), 0)
    transit = (
        2.5 + 1.5 * rng.uniform(key, "transit") + np.where(geography.REMOTE[frame["province"].to_numpy()], 3.0, 0.0)
    )
    wait = transit + 6.5 * rng.uniform(key, "confirm")
    frame["finished"] = np.where(paid > 0, frame["shipped"] + (wait * DAY).astype(np.int64), 0)
    frame["promotion"] = _promotion(day)


def _promotion(days: Ints) -> np.ndarray:
    known, inverse = np.unique(days, return_inverse=True)
    return calendar.is_promotion(known)[inverse]


def lines(demand: Demand, heads: pd.DataFrame, incidents: list[Incident]) -> pd.DataFrame:
    """One row a line. Amounts in fen: `list_amount` before and `payable` after the order's discount, with freight."""
    key = heads["key"].to_numpy()
    count = 1 + np.searchsorted([0.79, 0.94, 0.985], rng.uniform(key, "lines"), side="right")
    single = (heads["sku"].to_numpy() >= 0) | np.array([shop.platform == "pdd" for shop in SHOPS])[heads["shop"]]
    rows, place = rng.expand(np.where(single, 1, count))  # Pinduoduo has no basket
    frame = heads.iloc[rows].reset_index(drop=True)
    frame["place"] = place
    frame["key"] = rng.keys(frame["key"].to_numpy().view(np.int64), place)
    frame["sku"] = _skus(demand, frame)
    frame = frame[~frame.duplicated(["order", "sku"])].reset_index(drop=True)
    u = rng.uniform(frame["key"].to_numpy(), "quantity")
    frame["quantity"] = 1 + np.searchsorted([0.88, 0.965, 0.99], u, side="right")
    frame["price"] = _price(demand, frame, incidents)
    frame["list_amount"] = frame["price"] * frame["quantity"]
    frame["discount"] = _discount(frame)
    _parcels(frame)
    return frame


def _parcels(frame: pd.DataFrame) -> None:
    """Some goods follow later: a further line of an order as a whole, or part of a quantity, first sent at `parted`."""
    key, shipped = frame["key"].to_numpy(), frame["shipped"].to_numpy()
    u = rng.uniform(key, "parcels")
    apart = (frame["quantity"].to_numpy() > 1) & (u < 0.22) & (shipped > 0)
    behind = (frame["place"].to_numpy() > 0) & (u > 0.86) & (shipped > 0)
    later = np.where(apart | behind, (8 + 30 * rng.uniform(key, "parcel")) * HOUR, 0).astype(np.int64)
    frame["parted"] = np.where(apart, shipped, 0)
    frame["shipped"] = shipped + later
    frame["finished"] = frame["finished"].to_numpy() + later


def _skus(demand: Demand, frame: pd.DataFrame) -> Ints:
    """By popularity of the month in that shop; nearly half the time within the buyer's favourite category."""
    key, sku = frame["key"].to_numpy(), frame["sku"].to_numpy().copy()
    favourite = buyers.favourite_of(demand.seed, frame["buyer"].to_numpy())
    habit, u = rng.uniform(key, "habit") < 0.42, rng.uniform(key, "sku")
    start = demand.catalogue.leaf_start
    groups: Any = frame.groupby([calendar.months(frame["day"].to_numpy()), frame["shop"].to_numpy()]).indices
    for (month, shop), at in groups.items():
        cumulative = np.concatenate([[0.0], np.cumsum(demand.sku_share(int(month), int(shop)))])
        low, high = cumulative[start[favourite[at]]], cumulative[start[favourite[at] + 1]]
        inside = habit[at] & (high > low)
        point = np.where(inside, low + u[at] * (high - low), u[at] * cumulative[-1])
        found = np.minimum(np.searchsorted(cumulative, point, side="right") - 1, len(cumulative) - 2)
        sku[at] = np.where(sku[at] >= 0, sku[at], found)
    return sku


def _price(demand: Demand, frame: pd.DataFrame, incidents: list[Incident]) -> Ints:
    price = demand.catalogue.sku_price[frame["sku"].to_numpy()] * 100
    for row in incidents:
        if row.kind == "price_typo":
            wrong = (
                (frame["sku"] == row.sku)
                & (frame["shop"] == row.shop)
                & frame["created"].between(row.starts, row.ends - 1)
            )
            price = np.where(wrong, np.maximum(price // 1000 * 100, 100), price)
    return price


def _discount(frame: pd.DataFrame) -> Ints:
    """Percent off the whole order: deeper in campaigns and live rooms."""
    head = rng.keys(frame["order"].to_numpy())
    plain = np.array([0, 0, 5, 8, 10, 12, 15])[rng.integers(head, "plain", 0, 7)]
    deep = np.array([12, 15, 18, 20, 22, 25, 30])[rng.integers(head, "deep", 0, 7)]
    return np.where(frame["promotion"] | frame["presale"], deep, plain) + np.where(frame["channel"] == LIVE, 5, 0)


def with_gifts(demand: Demand, frame: pd.DataFrame) -> pd.DataFrame:
    """A gift at 0.00 behind the first line of some orders on Douyin. Gifts have a shelf of their own, not stock."""
    head = rng.keys(frame["order"].to_numpy())
    first = ~frame["order"].duplicated().to_numpy() & (frame["list_amount"].to_numpy() >= GIFT_FROM)
    chosen = np.flatnonzero(first & _on_douyin(frame) & ~frame["fake"].to_numpy() & (rng.uniform(head, "gift") < 0.06))
    rows = np.concatenate([np.arange(len(frame)), chosen])
    place = np.argsort(rows, kind="stable")
    gift = (np.arange(len(rows)) >= len(frame))[place]
    frame = frame.iloc[rows[place]].reset_index(drop=True)
    frame["gift"] = gift
    frame.loc[gift, "sku"] = gift_skus(demand)[rng.integers(rng.keys(frame["order"].to_numpy()[gift]), "which", 0, 6)]
    frame.loc[gift, ["price", "list_amount", "parted"]] = 0
    frame.loc[gift, "quantity"] = 1
    return frame


def gift_skus(demand: Demand) -> Ints:
    """What is given away: the six SKUs that cost least among those that every Douyin shop carries."""
    catalogue = demand.catalogue
    carried = [catalogue.sold_in(shop.number, shop.assortment) for shop in SHOPS if shop.platform == "douyin"]
    everywhere = np.flatnonzero(np.all(carried, axis=0))
    return everywhere[np.argsort(catalogue.sku_cost[everywhere], kind="stable")[:6]]


def _on_douyin(frame: pd.DataFrame) -> np.ndarray:
    return np.array([shop.platform == "douyin" for shop in SHOPS])[frame["shop"].to_numpy()]


def settle(frame: pd.DataFrame) -> None:
    """Amounts of what is left once stock was looked at: freight falls only on cheap or far orders of one line.

    `payable` is the line's part of what the order says is to be paid, `spent` what is really paid for it: less
    `pay_discount`, which whoever handles the payment bears. An order's is shared by what the goods cost, to the fen.
    """
    order = frame.groupby("order", sort=False)
    frame["place"], size = order.cumcount(), order["order"].transform("size").to_numpy()
    frame["size"] = size
    frame["line"] = np.where(size == 1, frame["order"], frame["order"] + frame["place"] + 1)
    goods = frame["list_amount"].to_numpy() * (100 - frame["discount"].to_numpy()) // 100
    single = size - order["gift"].transform("sum").to_numpy() == 1
    far = geography.REMOTE[frame["province"].to_numpy()]
    freight = np.where(frame["gift"], 0, np.where(single & far, 1200, np.where(single & (goods < 3900), 600, 0)))
    frame["freight"] = freight
    frame["payable"] = goods + freight
    frame["spent"] = _spent(frame, goods)
    frame["pay_discount"] = frame["payable"] - frame["spent"]


def _spent(frame: pd.DataFrame, goods: Ints) -> Ints:
    """`payable` less a pay discount of a fifth of the Douyin orders; fen left over go to the largest remainders."""
    head = rng.keys(frame["order"].to_numpy())
    off = np.array([200, 500, 1000, 188, 66, 37, 523, 1299])[rng.integers(head, "pay-off", 0, 8)]
    chosen = (rng.uniform(head, "pay-discount") < 0.2) & _on_douyin(frame) & (frame["paid"].to_numpy() > 0)
    spent = frame["payable"].to_numpy().copy()
    rows = np.flatnonzero(chosen)
    part = frame.iloc[rows][["order", "line", "payable"]].assign(goods=goods[rows], row=rows)
    whole, weight = part.groupby("order", sort=False)[["payable", "goods"]].transform("sum").to_numpy().T
    total = np.where(off[rows] * 4 <= whole, whole - off[rows], whole)
    part["share"], part["rest"] = total * goods[rows] // weight, -(total * goods[rows] % weight)
    part["left"] = total - part.groupby("order", sort=False)["share"].transform("sum")
    part = part.sort_values(["order", "rest", "line"])
    spent[part["row"]] = part["share"] + (part.groupby("order").cumcount() < part["left"])
    return spent


__all__ = ["DAY", "lines", "orders", "settle"]
