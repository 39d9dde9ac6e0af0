"""Buyer behaviour logs: as the public Taobao file (no header; user, item, category, behaviour, Unix seconds), and a
shop's own with header and wall clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simulator import calendar, rng
from simulator.calendar import DAY, seconds
from simulator.exports.common import write_csv
from simulator.exports.dimensions import skus
from simulator.orders import HOUR
from simulator.product_visits import first_buys, product_hours
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


HEADER = {"user_id": "user", "item_id": "chr(9) || product_id", "category_id": "category", "behavior_type": "event",
          "time": "wall(second)"}  # fmt: skip


def write_shop(world: World, shop: int, path: Path, *, since: int = 0, until: int | None = None) -> int:
    """What a shop's visitors did, as its own page records it: each look at a product, cart, favourite and purchase of
    the hours from `since` (a second) on that are over, and end by `until`. Looks, carts and buyers are those of the
    shop's product traffic, purchases those of its orders."""
    events = shop_events(world, shop, since // DAY)
    events = events[(events["slot"] + HOUR > since) & (events["slot"] < (until or seconds(world.end)))]
    goods = skus(world, shop).drop_duplicates("product")
    source = "events JOIN goods USING (product)"
    return write_csv(path, HEADER, source, {"events": events, "goods": goods}, order="second, user, product_id, event")


def shop_events(world: World, shop: int, first: int) -> pd.DataFrame:
    """`user`, `product`, `event`, `second` and `slot` (the hour that tells it) of days from `first` on.

    A looker is one of the people of the hour, so that people look at several products. The first who put into the cart
    and buy are the first who looked: most who buy have carted before.
    """
    hours = product_hours(world, shop, first).sort_values(["day", "product", "hour"], ignore_index=True)
    if hours.empty:
        return pd.DataFrame(columns=["user", "product", "event", "second", "slot"])
    looks = _events(hours, "visitors")
    key = rng.keys(world.seed, 83, shop, looks["day"], looks["product"], looks["number"])
    people = world.traffic[world.traffic["shop"] == shop].groupby("at")["visitors"].sum()
    crowd = np.maximum(people.reindex(looks["slot"]).fillna(1).to_numpy(), 1)
    who = looks["slot"].to_numpy() // HOUR * 10_000 + rng.integers(key, "who", 0, crowd)
    looks = looks.assign(user=who, second=looks["slot"] + rng.integers(key, "second", 0, HOUR), event="pv")
    parts = [looks]
    for event, name, faithful in (("cart", "add_to_cart", 0.6), ("fav", "favourites", 0.2)):
        taken = _events(hours, name)
        key = rng.keys(world.seed, 84, shop, taken["day"], taken["product"], taken["number"])
        index = rng.integers(key, event, 0, taken["visitors"])
        same = rng.uniform(key, event + "/same") < faithful
        taken = taken.assign(number=np.where(same, taken["number"], index), event=event)
        parts.append(_after(taken, looks, taken["slot"] + rng.integers(key, event + "/at", 0, HOUR)))
    buys = first_buys(world, shop, first)
    buys = buys.assign(
        number=buys.groupby(["day", "product"]).cumcount(), slot=buys["paid"] // HOUR * HOUR, event="buy"
    )
    parts.append(_after(buys, looks, buys["paid"]))
    return pd.concat([part[["user", "product", "event", "second", "slot"]] for part in parts], ignore_index=True)


def _events(hours: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row for each that an hour added, with its `number` within the day and product."""
    before = hours.groupby(["day", "product"])[name].shift(fill_value=0)
    row, place = rng.expand((hours[name] - before).to_numpy())
    rows = hours.iloc[row]
    number = before.to_numpy()[row] + place
    slot = rows["day"] * DAY + rows["hour"] * HOUR
    return rows.assign(number=number, slot=slot)[["day", "product", "number", "slot", "visitors"]].reset_index(
        drop=True
    )


def _after(events: pd.DataFrame, looks: pd.DataFrame, second: pd.Series) -> pd.DataFrame:
    """Events of lookers by their number: at `second`, but never before they looked."""
    held = looks[["day", "product", "number", "user", "second"]].rename(columns={"second": "looked"})
    found = events.assign(second=second.to_numpy()).merge(held, on=["day", "product", "number"])
    return found.assign(second=np.maximum(found["second"], found["looked"] + 20))
