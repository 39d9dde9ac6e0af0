"""The shape demand is written in: a cell is a source of orders, with its expected number and its span in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulator.rng import Floats, Ints


def frame_of(
    shop: int, day: Ints, source: Ints, channel: Ints, rate: Floats, starts: Ints, ends: Ints, **more: Any
) -> pd.DataFrame:
    """Cells as a table; `curve`, `session`, `plan`, `sku`, `creator` are -1 where not given, `fake` is False."""
    size = len(day)
    columns: dict[str, Any] = {
        "shop": np.full(size, shop),
        "day": day,
        "source": source,
        "channel": channel,
        "rate": rate,
        "starts": starts,
        "ends": ends,
    }
    for name in ("curve", "session", "plan", "sku", "creator"):
        columns[name] = more.get(name, np.full(size, -1, dtype=np.int64))
    columns["fake"] = more.get("fake", np.zeros(size, dtype=bool))
    return pd.DataFrame(columns)
