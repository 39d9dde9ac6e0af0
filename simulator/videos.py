"""Short videos: a creator puts one up every third day; orders of the video channel come from the young ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simulator import calendar, rng
from simulator.calendar import DAY
from simulator.shops import VIDEO

if TYPE_CHECKING:
    from simulator.world import World

EVERY = 3  # days from one video of a creator to the next
AGE = 12  # days in which a video sells


def days(world: World) -> pd.DataFrame:
    """One row a (video, day) with orders: shop, creator (-1: own), number, published, seconds, counts, gmv.

    Whole days and the begun one, up to the world's end.
    """
    lines = world.lines
    sold = lines.loc[(lines["channel"] == VIDEO) & (lines["paid"] > 0), ["shop", "order", "creator", "paid", "spent"]]
    sold = sold.assign(day=sold["paid"] // DAY)
    age = (AGE * rng.uniform(rng.keys(sold["order"].to_numpy(), 91), "age") ** 2).astype(np.int64)
    sold["number"] = (sold["day"].to_numpy() - age) // EVERY
    by = ["shop", "creator", "number", "day"]
    frame = sold.groupby(by, as_index=False).agg(orders=("order", "nunique"), gmv=("spent", "sum"))
    video = rng.keys(92, frame["shop"].to_numpy(), frame["creator"].to_numpy(), frame["number"].to_numpy())
    frame["published"] = frame["number"] * EVERY * DAY + rng.integers(video, "hour", 10 * 3600, 21 * 3600)
    frame["published"] = np.minimum(frame["published"], frame["day"] * DAY + 9 * 3600)  # not after a sale
    frame["seconds"] = rng.choose(video, "length", (0.2, 0.35, 0.3, 0.15)) * 40 + rng.integers(video, "seconds", 9, 45)
    key = rng.keys(93, video.view(np.int64), frame["day"].to_numpy())
    luck = 0.5 + rng.uniform(key, "luck")
    frame["product_clicks"] = (frame["orders"] * (12 + 10 * luck)).astype(np.int64)
    frame["product_exposures"] = (frame["product_clicks"] * (7 + 6 * rng.uniform(key, "shown"))).astype(np.int64)
    frame["plays"] = (frame["product_exposures"] * (2.2 + 2 * rng.uniform(key, "plays"))).astype(np.int64)
    kept = 0.42 - 0.0018 * frame["seconds"].to_numpy()  # the longer, the fewer see the end
    frame["finishes"] = (frame["plays"] * kept * (0.8 + 0.4 * rng.uniform(key, "kept"))).astype(np.int64)
    for name, share in (("likes", 0.021), ("comments", 0.0024), ("shares", 0.0031), ("favourites", 0.004)):
        frame[name] = (frame["plays"] * share * (0.5 + rng.uniform(key, name))).astype(np.int64)
    frame["new_followers"] = (frame["plays"] * 0.0008).astype(np.int64)
    return frame[frame["day"] * DAY <= calendar.seconds(world.end)].reset_index(drop=True)
