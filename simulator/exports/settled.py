"""What platforms have settled of a shop's lines so far: a day after the buyer confirmed, less what went back by then.

A line whose after-sale is still open waits for its end, six days at the most; what goes back later is a row of its own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.calendar import DAY, seconds
from simulator.refunds import EXCHANGE
from simulator.shops import CREATORS, SHOPS
from simulator.world import World

LONGEST = 6 * DAY
_COMMISSION = np.array([creator.commission for creator in CREATORS] + [0])


def settled_lines(world: World, shop: int, since: int = 0) -> pd.DataFrame:
    """Rows settled from second `since` on, with `settled` (second), `back` (what went back of it), and in fen `income`,
    `fee_amount`, `commission` and `net`. A `late` row takes back what was settled already: its income is below zero.
    """
    lines = world.lines[(world.lines["shop"] == shop) & (world.lines["finished"] > 0)]
    lines = lines.drop(columns=["key", "line_key"])
    lines = lines.assign(settled=_moment(lines), late=False)
    gone = (lines["succeeded"] > 0) & (lines["refund_kind"] != EXCHANGE) & (lines["refunded"] > 0)
    after = gone & (lines["succeeded"] > lines["settled"])
    lines["back"] = lines["refunded"].where(gone & ~after, 0)
    lines["income"] = lines["spent"] - lines["back"]
    lines["fee_amount"] = lines["income"] * SHOPS[shop].fee // 100
    goods = (lines["income"] - lines["freight"]).clip(lower=0)
    lines["commission"] = goods * _COMMISSION[lines["creator"]] // 100
    late = lines[after]
    late = late.assign(
        settled=late["succeeded"], late=True, back=late["refunded"], spent=0, income=-late["refunded"],
        fee_amount=0, commission=0,
    )  # fmt: skip
    rows = pd.concat([lines, late], ignore_index=True)
    rows["net"] = rows["income"] - rows["fee_amount"] - rows["commission"]
    return rows[(rows["income"] != 0) & rows["settled"].between(max(since, 1), seconds(world.end))]


def returned_lines(world: World, shop: int, since: int = 0) -> pd.DataFrame:
    """Lines whose buyers were given all of it back; gross statements tell both sides a day later (`settled`)."""
    lines = world.lines[(world.lines["shop"] == shop) & (world.lines["finished"] == 0) & (world.lines["refunded"] > 0)]
    lines = lines[lines["refund_kind"] != EXCHANGE].drop(columns=["key", "line_key"])
    lines = lines.assign(settled=lines["succeeded"] + DAY, late=False, back=lines["refunded"])
    lines["income"] = lines["spent"] - lines["back"]
    lines["fee_amount"] = lines["income"] * SHOPS[shop].fee // 100
    return lines[lines["settled"].between(max(since, 1), seconds(world.end))]


def _moment(lines: pd.DataFrame) -> pd.Series:
    """When a line is settled, were nothing to come any more."""
    usual = lines["finished"] + DAY
    waits = (lines["applied"] > 0) & (lines["applied"] <= usual) & (lines["refund_kind"] != EXCHANGE)
    ended = lines[["succeeded", "refused"]].max(axis=1)
    ended = ended.where(ended > 0, lines["finished"] + LONGEST)
    at_last = (ended + DAY).clip(usual, lines["finished"] + LONGEST)
    return usual.where(~waits, at_last).astype("int64")
