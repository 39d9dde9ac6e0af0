"""What platforms have settled of a shop's lines so far: a day after the buyer confirmed, less what went back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.calendar import DAY, seconds
from simulator.refunds import EXCHANGE
from simulator.shops import CREATORS, SHOPS
from simulator.world import World

_COMMISSION = np.array([creator.commission for creator in CREATORS] + [0])


def settled_lines(world: World, shop: int) -> pd.DataFrame:
    """Lines with `settled` (second), and in fen `income`, `fee_amount`, `commission` and `net`."""
    lines = world.lines[(world.lines["shop"] == shop) & (world.lines["finished"] > 0)]
    lines = lines[lines["finished"] + DAY <= seconds(world.end)].drop(columns=["key", "line_key"])
    back = lines["refunded"].where(lines["refund_kind"] != EXCHANGE, 0)
    income = lines["spent"] - back
    fee = income * SHOPS[shop].fee // 100
    commission = (income - lines["freight"]).clip(lower=0) * _COMMISSION[lines["creator"]] // 100
    return lines.assign(
        settled=lines["finished"] + DAY, back=back, income=income, fee_amount=fee, commission=commission,
        net=income - fee - commission,
    ).query("income > 0")  # fmt: skip
