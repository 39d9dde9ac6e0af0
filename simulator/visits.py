"""Who looked: traffic by shop, hour and channel, and what each live session drew. Visitors stand behind the demand, so
a broken page lowers conversion and a dropped room lowers entries.

Visitors are counted in the hour of their first visit of the day, so hours and channels add up.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator import calendar, rng
from simulator.calendar import DAY, seconds
from simulator.rng import Floats, Ints
from simulator.seen import Seen
from simulator.shops import AD, AUDIENCE, CHANNELS, LIVE, SHOPS
from simulator.traffic import CVR, visitors_wanted

MEASURES = ("exposures", "clicks", "visitors", "page_views", "add_to_cart", "favourites", "buyers", "gmv")
_HOUR = 3600


def traffic(world: Seen) -> pd.DataFrame:
    """One row a (shop, at, channel) with MEASURES (gmv in fen): full hours of the window, Douyin shops only."""
    shops = [shop for shop in world.shops if SHOPS[shop].live]
    days = world.days[45:]
    grid = [_hours(world, shop, days) for shop in shops]
    if not grid:
        return pd.DataFrame(columns=["shop", "at", "channel", *MEASURES])
    frame = pd.concat(grid, ignore_index=True)
    frame = frame[(frame["at"] >= seconds(world.start)) & (frame["at"] + _HOUR <= seconds(world.end))].reset_index(
        drop=True
    )
    key = rng.keys(world.seed, 61, frame["shop"], frame["at"], frame["channel"])
    visitors = rng.poisson(frame.pop("wanted").to_numpy(), key, "visitors")
    frame["visitors"] = visitors
    frame["page_views"] = visitors + rng.poisson(visitors * (1.6 + 0.8 * rng.uniform(key, "depth")), key, "views")
    frame["clicks"] = visitors + rng.poisson(visitors * 0.25, key, "clicks")
    frame["exposures"] = frame["clicks"] + rng.poisson(
        frame["clicks"].to_numpy() * (9.0 + 8 * rng.uniform(key, "reach")), key, "exposures"
    )
    frame["add_to_cart"] = np.minimum(visitors, rng.poisson(visitors * 0.115, key, "cart"))
    frame["favourites"] = np.minimum(visitors, rng.poisson(visitors * 0.032, key, "favourite"))
    return _with_sales(world, frame)


def _hours(world: Seen, shop: int, days: Ints) -> pd.DataFrame:
    """Expected visitors of a shop by hour and channel."""
    cells = world.cells[(world.cells["shop"] == shop) & (world.cells["day"] >= days[0]) & (world.cells["source"] < 900)]
    wanted = np.zeros((len(days), 24, len(CHANNELS)))
    organic = cells[cells["curve"] >= 0]
    day, channel = organic["day"].to_numpy() - days[0], organic["channel"].to_numpy()
    people = visitors_wanted(organic["rate"].to_numpy(), channel)
    np.add.at(
        wanted,
        (day[:, None], np.arange(24)[None, :], channel[:, None]),
        people[:, None] * calendar.HOURS[organic["curve"].to_numpy()],
    )
    sessions = world.sessions[world.sessions["shop"] == shop]
    entered = entries_wanted(world, sessions)
    spans = sessions[["day", "starts", "ends"]].to_numpy()
    for (day_on, starts, ends), people_in in zip(spans, entered, strict=True):
        shares = _session_hours(int(starts), int(ends))
        at = int(day_on) - int(days[0])
        if at >= 0:
            wanted[at, :, LIVE] += people_in * shares
    ads = world.ad_hours[world.ad_hours["shop"] == shop]
    np.add.at(
        wanted,
        (ads["day"].to_numpy() - days[0], ads["hour"].to_numpy(), np.full(len(ads), AD)),
        ads["clicks"].to_numpy() * 0.86,
    )
    d, h, c = np.nonzero(np.ones_like(wanted))
    used = c != len(CHANNELS)
    return pd.DataFrame(
        {"shop": shop, "at": (days[d] * DAY + h * _HOUR)[used], "channel": c[used], "wanted": wanted.ravel()[used]}
    )


def _session_hours(starts: int, ends: int) -> Floats:
    """Share of a session's audience in each hour of its day."""
    edges = starts // DAY * DAY + np.arange(25) * _HOUR
    place = np.interp(edges, np.linspace(starts, ends, len(AUDIENCE)), AUDIENCE, left=0.0, right=1.0)
    return np.diff(place)


def entries_wanted(world: Seen, sessions: pd.DataFrame) -> Floats:
    """Expected visitors of each session; one that was cut short keeps only those who came before."""
    cells = world.cells[world.cells["session"] >= 0].set_index("session")
    rate = cells["rate"].reindex(sessions["session"]).to_numpy()
    starts, planned, real = (
        sessions["starts"].to_numpy(),
        cells["ends"].reindex(sessions["session"]).to_numpy(),
        sessions["ends"].to_numpy(),
    )
    part = (real - starts) / np.maximum(planned - starts, 1)
    return rate / CVR[LIVE] * np.interp(part, np.linspace(0, 1, len(AUDIENCE)), AUDIENCE)


def _with_sales(world: Seen, frame: pd.DataFrame) -> pd.DataFrame:
    paid = world.lines[world.lines["paid"] > 0]
    paid = paid.assign(at=paid["paid"] // _HOUR * _HOUR)
    sums = paid.groupby(["shop", "at", "channel"]).agg(buyers=("buyer", "nunique"), gmv=("spent", "sum")).reset_index()
    frame = frame.merge(sums, how="left", on=["shop", "at", "channel"])
    frame[["buyers", "gmv"]] = frame[["buyers", "gmv"]].fillna(0).astype(np.int64)
    frame["visitors"] = np.maximum(frame["visitors"], frame["buyers"])
    for name in ("page_views", "clicks", "exposures"):
        frame[name] = np.maximum(frame[name], frame["visitors"])
    return frame


def totals(world: Seen, frame: pd.DataFrame) -> pd.DataFrame:
    """The shop's own row of each hour: sums over channels, buyers counted once."""
    summed = frame.groupby(["shop", "at"], as_index=False)[list(MEASURES)].sum()
    paid = world.lines[world.lines["paid"] > 0]
    once = (
        paid.assign(at=paid["paid"] // _HOUR * _HOUR)
        .groupby(["shop", "at"])["buyer"]
        .nunique()
        .rename("once")
        .reset_index()
    )
    summed = summed.merge(once, how="left", on=["shop", "at"])
    summed["buyers"] = summed.pop("once").fillna(0).astype(np.int64)
    return summed


def live_report(world: Seen) -> pd.DataFrame:
    """One row a session that has ended (or is cut at `end`): audience, interaction, sales. Money in fen."""
    frame = world.sessions.reset_index(drop=True)
    frame["ends"] = np.minimum(frame["ends"], seconds(world.end))
    key = rng.keys(world.seed, 62, frame["session"])
    minutes = np.maximum((frame["ends"] - frame["starts"]).to_numpy() // 60, 1)
    viewers = rng.poisson(entries_wanted(world, frame), key, "viewers") + 1
    entries = viewers + rng.poisson(viewers * 0.35, key, "entries")
    stay = 1.1 + 1.4 * rng.uniform(key, "stay")
    acu = np.maximum(1, np.rint(entries * stay / minutes)).astype(np.int64)
    draws = {
        "exposed": viewers * (3.2 + 2 * rng.uniform(key, "exposed")),
        "comments": entries * 0.06,
        "likes": entries * 0.9,
        "shares": entries * 0.008,
        "followers": viewers * 0.022,
        "unfollowers": viewers * 0.003,
        "fans": viewers * 0.012,
    }
    counts = {name: rng.poisson(np.asarray(value, dtype=np.float64), key, name) for name, value in draws.items()}
    shown = np.rint(viewers * (0.82 + 0.1 * rng.uniform(key, "shown"))).astype(np.int64)
    clicked = np.rint(shown * (0.16 + 0.09 * rng.uniform(key, "clicked"))).astype(np.int64)
    frame = frame.assign(
        minutes=minutes,
        viewers=viewers,
        entries=entries,
        stay=stay,
        acu=acu,
        shown=shown,
        clicked=clicked,
        exposures=counts["exposed"] + rng.poisson(counts["exposed"] * 0.4, key, "again"),
        pcu=np.rint(acu * (1.8 + rng.uniform(key, "pcu"))).astype(np.int64),
        **counts,
    )
    return _session_sales(world, frame)


def _session_sales(world: Seen, frame: pd.DataFrame) -> pd.DataFrame:
    lines = world.lines[(world.lines["session"] >= 0) & (world.lines["paid"] > 0)]
    back = lines[lines["refunded"] > 0]
    sums = lines.groupby("session").agg(
        orders=("order", "nunique"),
        buyers=("buyer", "nunique"),
        gmv=("spent", "sum"),
        items=("quantity", "sum"),
        products=("sku", "nunique"),
    )
    refunds = back.groupby("session").agg(
        refund_orders=("order", "nunique"), refund_buyers=("buyer", "nunique"), refunds=("refunded", "sum")
    )
    frame = frame.merge(sums, how="left", on="session").merge(refunds, how="left", on="session")
    names = [*sums.columns, *refunds.columns]
    frame[names] = frame[names].fillna(0).astype(np.int64)
    frame["clicked"] = np.maximum(frame["clicked"], frame["buyers"])
    frame["shown"] = np.maximum(frame["shown"], frame["clicked"])
    frame["viewers"] = np.maximum(frame["viewers"], frame["shown"])
    return frame
