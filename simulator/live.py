"""Live rooms: when they are on air, who speaks, how the audience comes and goes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator import cells, rng
from simulator.calendar import DAY
from simulator.rng import Floats, Ints, Keys
from simulator.shops import AUDIENCE, LIVE, SLOTS


def sessions(seed: int, shop: int, days: Ints) -> pd.DataFrame:
    """Sessions of a shop: session (its number, unique for ever), day, slot, creator, starts, ends, strength."""
    parts = []
    for number, slot in enumerate(SLOTS):
        if slot.shop != shop:
            continue
        key = rng.keys(seed, 21, number, days)
        starts = days * DAY + slot.start * 60 + rng.integers(key, "late", -600, 900)
        ends = np.minimum(starts + slot.minutes * 60 + rng.integers(key, "long", -1200, 1500), (days + 1) * DAY - 60)
        creator = np.array(slot.creators)[rng.integers(key, "who", 0, len(slot.creators))]
        parts.append(
            pd.DataFrame(
                {
                    "session": days * 10 + number,
                    "shop": shop,
                    "day": days,
                    "slot": number,
                    "creator": creator,
                    "starts": starts,
                    "ends": ends,
                    "strength": slot.share * np.exp(0.30 * rng.normal(key, "strength") - 0.045),
                }
            )[rng.uniform(key, "on") < slot.odds]
        )
    return pd.concat(parts, ignore_index=True)


def room_id(session: Ints) -> Ints:
    """The platform's 19-digit number of a session."""
    return 7_300_000_000_000_000_000 + session * 1_000_003_331


def live_cells(seed: int, shop: int, days: Ints, orders: Floats) -> pd.DataFrame:
    """What the shop's sessions bring; `orders` is its expected live orders by day."""
    found = sessions(seed, shop, days)
    rate = orders[found["day"].to_numpy() - days[0]] * found["strength"].to_numpy()
    slot, day = found["slot"].to_numpy(), found["day"].to_numpy()
    return cells.frame_of(
        shop,
        day,
        10 + slot,
        np.full(len(found), LIVE),
        rate,
        found["starts"].to_numpy(),
        found["ends"].to_numpy(),
        session=found["session"].to_numpy(),
        creator=found["creator"].to_numpy(),
    )


def moment_in(key: Keys, starts: Ints, ends: Ints) -> Ints:
    """A second within a session, by the audience's curve."""
    share = np.interp(rng.uniform(key, "live-moment"), AUDIENCE, np.linspace(0, 1, len(AUDIENCE)))
    return (starts + share * (ends - starts)).astype(np.int64)
