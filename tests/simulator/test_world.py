"""The world: the same for a seed, the same through every window, and its own truth adds up."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from simulator import rng
from simulator.calendar import DAY, seconds
from simulator.catalogue import LEAVES, Catalogue
from simulator.geography import CITY_PROVINCE, PROVINCES
from simulator.refunds import EXCHANGE, RETURN
from simulator.world import World
from tests.simulator.conftest import END, START

WHAT = [
    "order",
    "line",
    "sku",
    "quantity",
    "payable",
    "freight",
    "buyer",
    "city",
    "channel",
    "created",
    "paid",
    "shipped",
    "finished",
    "applied",
    "succeeded",
    "refunded",
    "status",
    "session",
    "plan",
    "creator",
]


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    left, right = (frame[WHAT].sort_values("line").reset_index(drop=True) for frame in (one, other))
    return left.equals(right)


def test_draws_do_not_depend_on_their_neighbours():
    many = rng.keys(5, np.arange(1000), 3)
    alone = rng.keys(5, 417, 3)
    assert rng.uniform(many, "x")[417] == rng.uniform(alone, "x")[0]
    assert rng.uniform(alone, "x")[0] != rng.uniform(alone, "y")[0]
    u = rng.uniform(rng.keys(np.arange(200_000)), "flat")
    assert abs(u.mean() - 0.5) < 0.005 and abs(u.var() - 1 / 12) < 0.002
    for rate in (0.3, 4.0, 80.0):
        counts = rng.poisson(np.full(40_000, rate), rng.keys(np.arange(40_000)), "p")
        assert counts.mean() == pytest.approx(rate, rel=0.03) and counts.var() == pytest.approx(rate, rel=0.06)


def test_a_seed_makes_the_same_world_and_another_seed_another(world):
    again = World(seed=11, start=START, end=END, lines=20_000)
    assert same(world.lines, again.lines) and world.incidents.equals(again.incidents)
    other = World(seed=12, start=START, end=END, lines=20_000)
    assert not same(world.lines, other.lines)


@pytest.mark.parametrize("first", [datetime(2026, 10, 1), datetime(2026, 11, 11), datetime(2026, 11, 18)])
def test_a_window_that_begins_later_holds_the_same_orders(world, first):
    part = world.until(END, first)
    whole = world.lines[world.lines["created"] >= seconds(first)]
    assert len(part.lines) and same(part.lines, whole)


def test_a_window_that_ends_earlier_knows_what_was_known_then(world):
    earlier = END - timedelta(days=6, hours=3)
    part, last = world.until(earlier).lines, seconds(earlier)
    assert part["created"].max() <= last and part["updated"].max() <= last
    whole = world.lines[world.lines["created"] <= last].set_index("line")
    part = part.set_index("line")
    assert set(part.index) == set(whole.index)
    assert (part["payable"] == whole.loc[part.index, "payable"]).all()
    later = whole.loc[part.index, "succeeded"]
    assert (part["succeeded"] == later.where(later <= last, 0)).all() and (part["succeeded"] > 0).sum() < (
        later > 0
    ).sum()


def test_a_minute_more_adds_only_that_minute(world):
    more = world.until(END + timedelta(minutes=30))
    new = more.lines[~more.lines["line"].isin(world.lines["line"])]
    assert (new["created"] > seconds(END)).all()
    fresh = World(11, START, END + timedelta(minutes=30), scale=world.scale, anchor=world.anchor)
    assert same(more.lines, fresh.lines)  # what `until` keeps from the world before is what would be made anew


def test_fewer_platforms_hold_the_same_orders_of_those_left(world):
    tmall = World(11, START, END, scale=world.scale, anchor=world.anchor, platforms=("tmall",))
    assert same(tmall.lines, world.lines[world.lines["shop"] == 2])
    everywhere = World(
        11, START, END, scale=world.scale, anchor=world.anchor, platforms=("douyin", "tmall", "jd", "pdd")
    )
    share = (
        everywhere.lines["shop"]
        .map({0: "douyin", 1: "douyin", 2: "tmall", 3: "jd", 4: "pdd"})
        .value_counts(normalize=True)
    )
    assert 0.5 < share["douyin"] < 0.7 and set(share.index) == {"douyin", "tmall", "jd", "pdd"}


def test_size_is_what_was_asked_for(world):
    assert len(world.lines) == pytest.approx(20_000, rel=0.1)
    assert len(world.lines) / world.lines["order"].nunique() == pytest.approx(1.28, abs=0.04)


def test_the_catalogue_is_a_shop():
    shop = Catalogue(11)
    assert (len(LEAVES), len({leaf.top for leaf in LEAVES})) == (40, 8)
    assert (len(shop.product_name), len(set(shop.product_name)), len(set(shop.sku_code))) == (700, 700, 2000)
    assert (shop.sku_price * 100 > shop.sku_cost).all() and (np.diff(shop.sku_leaf) >= 0).all()
    assert len(PROVINCES) == len(set(CITY_PROVINCE)) == 31
    assert all(len(str(number)) == 19 for number in shop.product_id(0)) and not set(shop.product_id(0)) & set(
        shop.product_id(1)
    )


def test_truth_adds_up(world):
    start, end = datetime(2026, 11, 1), datetime(2026, 11, 15)
    span = {"start": start, "end": end}
    whole = world.truth(("gmv", "orders", "items", "refund_amount", "net_sales", "cogs_sold"), **span).iloc[0]
    for by in ("platform", "province", "category", "sku", "channel", "day", "hour"):
        parts = world.truth(("gmv", "items", "net_sales", "refund_amount", "cogs_sold"), (by,), **span)
        for name in parts:
            assert parts[name].sum() == pytest.approx(whole[name], abs=0.005), (by, name)
    assert whole["net_sales"] == pytest.approx(whole["gmv"] - whole["refund_amount"], abs=0.005)
    paid = world.lines[(world.lines["paid"] >= seconds(start)) & (world.lines["paid"] < seconds(end))]
    assert whole["gmv"] * 100 == pytest.approx(paid["spent"].sum()) and whole["orders"] == paid["order"].nunique()
    assert world.truth(("payment_rate",)).iloc[0, 0] == pytest.approx(0.915, abs=0.02)


def test_amounts_can_be_shared_out_exactly(world):
    lines = world.lines
    order = lines.groupby("order")
    goods, listed = (lines["payable"] - lines["freight"]), lines["list_amount"]
    share = order["payable"].transform("sum") - order["freight"].transform("sum")
    assert (goods * order["list_amount"].transform("sum") == share * listed).all()  # to the fen, without rounding
    assert (lines.loc[(lines["freight"] > 0) & ~lines["gift"]].groupby("order").size() == 1).all()
    assert ((lines["refunded"] >= 0) & (lines["refunded"] <= lines["spent"])).all() and lines["line"].is_unique
    taken = lines[lines["pay_discount"] > 0].groupby("order").agg(off=("pay_discount", "sum"), n=("line", "size"))
    assert set(taken["off"]) == {37, 66, 188, 200, 500, 523, 1000, 1299} and (taken["n"] > 1).any()
    assert (lines["pay_discount"] >= 0).all() and (lines["spent"] <= lines["payable"]).all()
    gifts = lines[lines["gift"]]
    assert len(gifts) > 50 and not gifts[["payable", "spent", "price", "refunded", "freight"]].to_numpy().any()


def test_time_goes_forward(world):
    lines = world.lines
    for before, after in (
        ("created", "paid"),
        ("paid", "shipped"),
        ("shipped", "finished"),
        ("paid", "applied"),
        ("applied", "succeeded"),
    ):
        both = (lines[before] > 0) & (lines[after] > 0)
        assert both.any() and (lines.loc[both, after] >= lines.loc[both, before]).all(), (before, after)
    assert (lines.loc[lines["refund_kind"].isin([RETURN, EXCHANGE]), "shipped"] > 0).all()
    assert not ((lines["paid"] == 0) & (lines["applied"] > 0)).any()
    rush = world.until(datetime(2026, 11, 11, 0, 12)).lines
    assert set(rush["status"]) == {"unpaid", "paid", "part_shipped", "shipped", "finished", "closed"}


def test_seasons_campaigns_and_hours_show(world):
    days = world.truth(("gmv",), ("day",))["gmv"]
    plain = days["2026-09-10":"2026-09-30"].median()
    assert days["2026-11-11"] > 4 * plain and days["2026-11-01"] > 2 * plain
    assert days["2026-11-14"] < 0.35 * days["2026-11-11"]
    back = world.truth(("refund_amount",), ("day",))["refund_amount"]
    assert back["2026-11-13":"2026-11-17"].mean() > 1.5 * back["2026-09-10":"2026-09-30"].mean()
    waiting = world.lines[world.lines["presale"] & (world.lines["paid"] > 0)]
    assert len(waiting) and (waiting["paid"] >= seconds(datetime(2026, 10, 31, 20))).all()
    hours = world.lines["created"] % DAY // 3600
    assert hours.value_counts().idxmax() in (20, 21) and (hours == 4).mean() < 0.02


def test_buyers_come_back():
    year = World(3, datetime(2025, 11, 1), datetime(2026, 10, 31), 60_000)
    heads = year.lines[year.lines["paid"] > 0].drop_duplicates("order").sort_values("paid")
    first = heads.groupby("buyer")["paid"].first()
    gap = heads["paid"] - heads["buyer"].map(first)
    again = heads[(gap > 0) & (gap <= 90 * DAY)]["buyer"].unique()
    ripe = first[first <= heads["paid"].max() - 90 * DAY].index
    assert 0.17 < ripe.isin(again).mean() < 0.33
    per_buyer = heads["buyer"].value_counts()
    assert per_buyer.max() >= 8 and (per_buyer == 1).mean() > 0.6


def test_stock_runs_out_and_what_is_lost_is_known(world):
    assert 0.002 < len(world.lost) / len(world.lines) < 0.06
    assert not set(world.lost["order"].astype(str) + world.lost["sku"].astype(str)) & set(
        world.lines["order"].astype(str) + world.lines["sku"].astype(str)
    )
    out = world.incidents[world.incidents["kind"] == "stock_out"].iloc[-1]
    held = world.stock_at(
        0 if out["shop"] == "云杉官方旗舰店" else 1, out["start"].to_pydatetime() + timedelta(hours=1)
    )
    row = held[held["sku"] == world.catalogue.sku_code.index(out["sku"])].iloc[0]
    assert row["available"] == 0
    assert (held["on_hand"] == held["available"] + held["reserved"]).all() and (held["available"] >= 0).all()


def test_incidents_are_planted_and_bite(world):
    table = world.incidents
    assert set(table["kind"]) == {
        "price_typo",
        "page_broken",
        "ad_burning",
        "stock_out",
        "refund_wave",
        "live_dropped",
        "fake_orders",
        "late_source",
    }
    recent = table[table["id"].str.startswith("A")]
    assert (recent["start"] > END - timedelta(days=14)).all() and (
        (recent["start"] <= END) & (recent["end"] > END)
    ).any()
    rows = {row.kind: row for row in world.planned if row.id.startswith("A")}
    lines = world.lines

    typo = rows["price_typo"]
    inside = lines[
        (lines["sku"] == typo.sku) & (lines["shop"] == typo.shop) & lines["created"].between(typo.starts, typo.ends - 1)
    ]
    assert len(inside) > 5 and (inside["price"] * 5 < world.catalogue.sku_price[typo.sku] * 100).all()

    broken = rows["page_broken"]
    hit = lines[(lines["shop"] == broken.shop) & lines["created"].between(broken.starts, broken.ends - 1)]
    usual = lines[
        (lines["shop"] == broken.shop)
        & lines["created"].between(broken.starts + 7 * DAY * -3, broken.ends - 1 + 7 * DAY * -3)
    ]
    assert len(hit) < 0.6 * len(usual)

    burning = rows["ad_burning"]
    plan = world.ad_hours[world.ad_hours["plan"] == burning.plan]
    burnt = plan["at"].between(burning.starts, burning.ends)
    assert (plan[burnt]["cost"].sum() / plan[burnt]["rate"].sum()) > 4 * (
        plan[~burnt]["cost"].sum() / plan[~burnt]["rate"].sum()
    )

    fake = rows["fake_orders"]
    false = lines[lines["fake"] & lines["created"].between(fake.starts, fake.ends)]
    assert len(false) > 5 and false["city"].nunique() == 1 and false["buyer"].nunique() <= 12

    wave = rows["refund_wave"]
    batch = lines[
        (lines["sku"] == wave.sku)
        & (lines["shop"] == wave.shop)
        & lines["created"].between(wave.starts - 8 * DAY, wave.starts)
        & (lines["paid"] > 0)
    ]
    assert len(batch) and (batch["refund_kind"] == RETURN).mean() > 0.35

    dropped = rows["live_dropped"]
    live = lines[
        (lines["session"] >= 0)
        & (lines["session"] % 10 == dropped.slot)
        & lines["created"].between(dropped.starts, dropped.ends)
    ]
    assert live.empty


def test_traffic_stands_behind_sales(world):
    frame = world.traffic
    assert (
        (frame["visitors"] >= frame["buyers"]).all()
        and (frame["exposures"] >= frame["clicks"]).all()
        and (frame["clicks"] >= frame["visitors"]).all()
    )
    hours = frame["at"] + 3600 <= seconds(END)
    assert hours.all() and len(frame) == 2 * 6 * ((seconds(END) - seconds(START)) // 3600)
    sold = world.lines[
        (world.lines["paid"] > 0) & (world.lines["shop"] < 2) & (world.lines["paid"] < seconds(END.replace(minute=0)))
    ]
    assert frame["gmv"].sum() == sold["spent"].sum()
    assert 0.02 < frame["buyers"].sum() / frame["visitors"].sum() < 0.06
    report = world.live_report
    assert report["gmv"].sum() == world.lines[(world.lines["session"] >= 0) & (world.lines["paid"] > 0)]["spent"].sum()
