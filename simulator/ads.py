"""Ad plans: what is spent each hour, and the traffic and orders it buys."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator import calendar, cells, rng
from simulator.calendar import DAY
from simulator.incident import Incident
from simulator.rng import Floats, Ints
from simulator.shops import AD, PLANS

HOURS = np.arange(8, 24)
_SHAPE = calendar.HOURS[calendar.PLAIN][HOURS] / calendar.HOURS[calendar.PLAIN][HOURS].sum()


def hours(seed: int, shop: int, days: Ints, orders: Floats, incidents: list[Incident]) -> pd.DataFrame:
    """One row a (plan, hour): cost (fen), exposures, clicks and `rate`, the orders it may expect.

    `orders` is the shop's expected ad orders by day. A burning plan spends `factor` times as much and sells no more.
    """
    parts = []
    for number, plan in enumerate(PLANS):
        if plan.shop != shop:
            continue
        day, hour = np.repeat(days, len(HOURS)), np.tile(HOURS, len(days))
        mood = np.repeat(np.exp(0.22 * rng.normal(rng.keys(seed, 31, number, days), "mood") - 0.02), len(HOURS))
        rate = np.repeat(orders, len(HOURS)) * plan.share * np.tile(_SHAPE, len(days)) * mood
        at = day * DAY + hour * 3600
        burn = np.ones(len(day))
        for incident in incidents:
            if incident.kind == "ad_burning" and incident.plan == number:
                burn[(at + 3600 > incident.starts) & (at < incident.ends)] = incident.factor
        key = rng.keys(seed, 32, number, at)
        cost = rate * plan.cpa * burn * np.exp(0.12 * rng.normal(key, "cost"))
        clicks = rng.poisson(cost / (0.95 + 0.5 * rng.uniform(key, "cpc")), key, "clicks")
        exposures = clicks + rng.poisson(clicks * (24 + 22 * rng.uniform(key, "ctr")), key, "exposures")
        parts.append(
            pd.DataFrame(
                {
                    "shop": shop,
                    "plan": number,
                    "day": day,
                    "hour": hour,
                    "at": at,
                    "rate": rate,
                    "cost": np.rint(cost * 100).astype(np.int64),
                    "clicks": clicks,
                    "exposures": exposures,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def ad_cells(seed: int, shop: int, days: Ints, orders: Floats, incidents: list[Incident]) -> pd.DataFrame:
    """What the shop's plans bring, hour by hour."""
    found = hours(seed, shop, days, orders, incidents)
    plan, at = found["plan"].to_numpy(), found["at"].to_numpy()
    source = 30 + plan * 24 + found["hour"].to_numpy()
    return cells.frame_of(
        shop,
        found["day"].to_numpy(),
        source,
        np.full(len(found), AD),
        found["rate"].to_numpy(),
        at,
        at + 3600,
        plan=plan,
    )
