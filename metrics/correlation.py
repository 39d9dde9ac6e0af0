"""Whether two metrics move together, and with which lag; it never says that one makes the other move.

Pearson's r of the values and Spearman's of their ranks, for every lag; besides, Pearson's r of the changes against
the same weekday a week before, since two series that both grow or both have weekends look alike without having to do
with each other. Days of one series resemble their neighbours, so n days tell less than n: the interval around r rests
on Bartlett's effective size n·(1 − ab) / (1 + ab), a and b the correlations of each series with itself a day before
(M. S. Bartlett, "Some aspects of the time-correlation problem", J. Royal Stat. Soc. 98, 1935), and on Fisher's z."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import atanh, sqrt, tanh
from typing import TYPE_CHECKING

import numpy as np

from errors import UserError
from metrics.query import query
from metrics.types import Period, Query, Scope

if TYPE_CHECKING:
    import pandas as pd

    from warehouse import Warehouse

LEAST = 14  # pairs of days below which nothing is told
_NORMAL = 1.959963984540054  # 95 %


@dataclass(frozen=True)
class Lag:
    """`days` > 0: the first metric moves before the second. `changes` is r of the week-on-week changes; `low` and
    `high` the 95 % interval of `pearson`. None where a series stands still or pairs are too few."""

    days: int
    pairs: int
    effective: float
    pearson: float | None
    spearman: float | None
    changes: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Correlation:
    """Every lag from −most to most. `best` is the strongest |r| whose interval leaves out zero, None if there is none.

    `warnings` are codes: `never_cause` always; `few_days`; `many_lags` (the best of many is high by chance);
    `only_level` (the changes do not follow: a shared trend or week explains it); `no_link`.
    """

    metrics: tuple[str, str]
    lags: tuple[Lag, ...]
    best: Lag | None
    days: int
    warnings: tuple[str, ...]
    notes: Mapping[str, str]


def correlate(
    warehouse: Warehouse,
    first: str,
    second: str,
    period: Period | str | None,
    scope: Scope,
    filters: Mapping[str, tuple[str, ...]] | None = None,
    most: int = 14,
) -> Correlation:
    """Correlate two metrics day by day over the period, with the second up to `most` days later or earlier.

    Raises:
        UserError: `correlate_same` for one metric twice, and what `query` raises.
    """
    import pandas as pd

    if first == second:
        raise UserError("correlate_same", metric=first)
    found = query(warehouse, Query((first, second), grain="day", period=period, filters=filters or {}), scope)
    frame = pd.DataFrame(found.rows, columns=["day", first, second])
    frame = frame.set_index(pd.to_datetime(frame["day"]))[[first, second]].astype(float)
    frame = frame.asfreq("D") if len(frame) else frame
    frame = _zeros(frame, found.units, found.notes)
    a, b = frame[first], frame[second]
    lags = tuple(_lag(a, b, days) for days in range(-most, most + 1))
    linked = [lag for lag in lags if lag.low is not None and lag.high is not None and lag.low * lag.high > 0]
    best = max(linked, key=lambda lag: (abs(lag.pearson or 0), -abs(lag.days)), default=None)
    days = int((a.notna() & b.notna()).sum())
    return Correlation((first, second), lags, best, days, _warnings(best, days), dict(found.notes))


def _zeros(frame: pd.DataFrame, units: Mapping[str, str], notes: Mapping[str, str]) -> pd.DataFrame:
    """A day without a row inside the known time is zero for sums and counts, unknown for rates."""
    for name in frame.columns:
        if units[name] in ("yuan", "count") and frame[name].notna().any():
            known = frame[name].first_valid_index(), frame[name].last_valid_index()
            frame.loc[known[0] : known[1], name] = frame.loc[known[0] : known[1], name].fillna(0.0)
    return frame


def _lag(a: pd.Series, b: pd.Series, days: int) -> Lag:
    import pandas as pd

    pair = pd.DataFrame({"a": a, "b": b.shift(-days)}).dropna()
    n = len(pair)
    r = _pearson(pair["a"], pair["b"])
    if n < LEAST or r is None:
        return Lag(days, n, float(n), None, None, None, None, None)
    own = [_pearson(pair[name][1:], pair[name].shift(1)[1:]) or 0.0 for name in ("a", "b")]
    both = max(0.0, own[0] * own[1])  # series that alternate are not credited with more days than there are
    effective = n * (1 - both) / (1 + both)
    ranks = pair.rank()
    change = pd.DataFrame({"a": a.diff(7), "b": b.diff(7).shift(-days)}).dropna()
    changes = _pearson(change["a"], change["b"]) if len(change) >= LEAST else None
    low = high = None
    if effective > 4:
        middle, wide = atanh(min(max(r, -1 + 1e-12), 1 - 1e-12)), _NORMAL / sqrt(effective - 3)
        low, high = tanh(middle - wide), tanh(middle + wide)
    return Lag(days, n, effective, r, _pearson(ranks["a"], ranks["b"]), changes, low, high)


def _pearson(a: pd.Series, b: pd.Series) -> float | None:
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def _warnings(best: Lag | None, days: int) -> tuple[str, ...]:
    found = ["never_cause"]
    if days < 2 * LEAST:
        found.append("few_days")
    if best is None:
        return (*found, "no_link")
    found.append("many_lags")
    if best.changes is None or best.changes * (best.pearson or 0) <= 0 or abs(best.changes) < 0.2:
        found.append("only_level")
    return tuple(found)
