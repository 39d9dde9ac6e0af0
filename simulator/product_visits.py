"""Who looked at which product: a day's visitors of a shop spread over what it shows.

Products draw lookers by their share of the shop's demand, and turn them into buyers each in its own way: some are
looked at by many and bought by few. Buyers and sales are the world's own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator import calendar, rng
from simulator.calendar import DAY, seconds
from simulator.catalogue import PRODUCTS
from simulator.orders import HOUR
from simulator.rng import Floats, Ints
from simulator.world import World

MEASURES = ("exposures", "clicks", "visitors", "page_views", "add_to_cart", "favourites", "buyers", "gmv")
DEPTH = 1.6  # products that a visitor of the shop looks at


def product_days(world: World, shop: int, first: int) -> pd.DataFrame:
    """One row a (day, product) that somebody looked at, with MEASURES (gmv in fen): days from `first` on, the last one
    up to its last full hour."""
    seen = world.traffic[world.traffic["shop"] == shop]
    people = seen.groupby(seen["at"] // DAY)["visitors"].sum()
    people = people[people.index >= first]
    days = people.index.to_numpy().astype(np.int64)
    wanted = people.to_numpy()[:, None] * DEPTH * _shares(world, shop, days)
    at, product = np.nonzero(wanted > 0)
    key = rng.keys(world.seed, 64, shop, days[at], product)
    visitors = rng.poisson(wanted[at, product], key, "visitors")
    frame = pd.DataFrame({"day": days[at], "product": product, "visitors": visitors})
    frame = frame.merge(_sold(world, shop), how="left", on=["day", "product"])
    frame[["buyers", "gmv"]] = frame[["buyers", "gmv"]].fillna(0).astype(np.int64)
    frame["visitors"] = np.maximum(frame["visitors"], frame["buyers"])
    frame = frame[frame["visitors"] > 0].reset_index(drop=True)
    return _beside(world.seed, shop, frame)


def _shares(world: World, shop: int, days: Ints) -> Floats:
    """Share of a shop's looks that falls on each product, a row a day."""
    of_sku = world.catalogue.sku_product
    charm = np.exp(0.45 * rng.normal(rng.keys(world.seed, 65, np.arange(PRODUCTS)), "charm"))
    rows = []
    for month in calendar.months(days):
        share = np.bincount(of_sku, world.demand.sku_share(int(month), shop), PRODUCTS) / charm
        rows.append(share / share.sum())
    return np.array(rows).reshape(len(days), PRODUCTS)


def _sold(world: World, shop: int) -> pd.DataFrame:
    paid = world.lines[(world.lines["shop"] == shop) & (world.lines["paid"] > 0)]
    paid = paid[paid["paid"] < seconds(world.end) // HOUR * HOUR]
    paid = paid.assign(day=paid["paid"] // DAY, product=world.catalogue.sku_product[paid["sku"].to_numpy()])
    found: pd.DataFrame = paid.groupby(["day", "product"], as_index=False).agg(
        buyers=("buyer", "nunique"), gmv=("spent", "sum")
    )
    return found


def _beside(seed: int, shop: int, frame: pd.DataFrame) -> pd.DataFrame:
    """What else lookers did: views, clicks, cart and favourites."""
    key, visitors = rng.keys(seed, 66, shop, frame["day"], frame["product"]), frame["visitors"].to_numpy()
    clicks = visitors + rng.poisson(visitors * 0.2, key, "clicks")
    return frame.assign(
        page_views=visitors + rng.poisson(visitors * (0.5 + 0.5 * rng.uniform(key, "depth")), key, "views"),
        clicks=clicks,
        exposures=clicks + rng.poisson(clicks * (8 + 9 * rng.uniform(key, "reach")), key, "exposures"),
        add_to_cart=np.minimum(visitors, rng.poisson(visitors * 0.11, key, "cart")),
        favourites=np.minimum(visitors, rng.poisson(visitors * 0.03, key, "favourite")),
    )


def product_hours(world: World, shop: int, first: int) -> pd.DataFrame:
    """One row a (day, product, hour) in which something was added, with what there was of the day by the end of that
    hour: `visitors`, `add_to_cart`, `favourites`. Hours that are over stay as they are, whatever comes later."""
    seen = world.traffic[(world.traffic["shop"] == shop) & (world.traffic["at"] >= first * DAY)]
    people = seen.groupby("at", as_index=False)["visitors"].sum()
    if people.empty:
        return pd.DataFrame(columns=["day", "product", "hour", "visitors", "add_to_cart", "favourites"], dtype=np.int64)
    day, hour = (people["at"] // DAY).to_numpy(), (people["at"] % DAY // HOUR).to_numpy()
    days = np.unique(day)
    by_hour = np.zeros((len(days), 24))
    by_hour[np.searchsorted(days, day), hour] = people["visitors"]
    known = np.zeros((len(days), 24), dtype=bool)
    known[np.searchsorted(days, day), hour] = True
    shares = _shares(world, shop, days)
    at, product = np.nonzero(shares > 0)
    wanted = by_hour.cumsum(axis=1)[at] * DEPTH * shares[at, product][:, None]
    key = rng.keys(world.seed, 64, shop, days[at], product)
    bought = _bought_by(world, shop, days)[at, product]
    visitors = np.maximum(_growing(wanted, key, "visitors"), bought)
    beside = rng.keys(world.seed, 66, shop, days[at], product)
    carts = np.minimum(visitors, np.maximum(_growing(visitors * 0.11, beside, "cart"), 0))
    liked = np.minimum(visitors, _growing(visitors * 0.03, beside, "favourite"))
    added = np.diff(visitors + carts + liked, axis=1, prepend=0) > 0
    row, slot = np.nonzero(added & known[at])
    return pd.DataFrame(
        {
            "day": days[at][row], "product": product[row], "hour": slot, "visitors": visitors[row, slot],
            "add_to_cart": carts[row, slot], "favourites": liked[row, slot],
        }
    )  # fmt: skip


def _growing(wanted: Floats, key: rng.Keys, stream: str) -> Ints:
    """Counts that only rise from hour to hour, the last one as the whole day's draw tells it."""
    drawn = [rng.poisson(wanted[:, hour], key, stream) for hour in range(wanted.shape[1])]
    return np.maximum.accumulate(np.stack(drawn, axis=1), axis=1)


def _bought_by(world: World, shop: int, days: Ints) -> Ints:
    """Buyers of a product so far, by (day, product, end of hour)."""
    first = first_buys(world, shop, int(days[0]))
    counts = np.zeros((len(days), PRODUCTS, 24), dtype=np.int64)
    where = (np.searchsorted(days, first["paid"] // DAY), first["product"], first["paid"] % DAY // HOUR)
    np.add.at(counts, where, 1)
    return counts.cumsum(axis=2)


def first_buys(world: World, shop: int, first: int) -> pd.DataFrame:
    """`day`, `product`, `buyer`, `paid`: when each buyer of a day first paid for a product, in order; full hours."""
    paid = world.lines[(world.lines["shop"] == shop) & (world.lines["paid"] >= first * DAY)]
    paid = paid[paid["paid"] < seconds(world.end) // HOUR * HOUR]
    paid = paid.assign(day=paid["paid"] // DAY, product=world.catalogue.sku_product[paid["sku"].to_numpy()])
    once: pd.DataFrame = paid.groupby(["day", "product", "buyer"], as_index=False).agg(paid=("paid", "min"))
    return once.sort_values(["day", "product", "paid", "buyer"], ignore_index=True)
