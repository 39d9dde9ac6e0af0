"""Where in the dimensions a change sits: the smallest set of corners that explains it, or "not in these dimensions".

A corner fixes values of one to three dimensions (channel = live and province = 浙江). Input are leaves, the finest
combinations, with what was expected and what came. As in Squeeze (Z. Li et al., "Generic and robust localization of
multi-dimensional root causes", ISSRE 2019) and RiskLoc (M. Kalander, "RiskLoc: localization of multi-dimensional root
causes by weighted risk", 2022) a cause is taken to move all leaves below it alike (the ripple effect), and causes are
taken one after another. Corners are scored by the expectation-based scan statistic (D. B. Neill, "Fast subset scan
for spatial pattern detection", JRSS B 74, 2012) with variances that grow with the leaf: score(S) = (Σ deviation)² /
Σ size over the leaves of S. Under the ripple effect the cause itself has the highest score of all: what lies around it
dilutes, what lies inside it is only a part. The score needs sums alone, so it holds for negative values and for sparse
leaves, whose deviations one by one say nothing (Adtributor's surprise and the leaf scores of Squeeze and RiskLoc need
them). The whole is a corner too, the one without conditions: where it wins, all moved alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

LAYERS = 3  # dimensions a corner may fix: nobody acts on more
MOST = 5  # corners told
SHARE = 0.01  # of the first corner's score: less is no cause of its own
EFFECT = 0.10  # of its size by which a corner must have moved
NOISE = 9.0  # times the usual score of a single leaf: three standard deviations
CHOICE = 2.0  # more of it for every e-fold of corners to choose from, as the best of many is high by chance
_SIMPLER = 1e-6  # of corners of the same leaves the one with the fewest conditions wins


@dataclass(frozen=True)
class Corner:
    """Values of some dimensions, what was expected there and what came, and its score in units of noise.

    `leaves` marks the rows that speak for it: those that no earlier corner has taken; `whole` if that is all of them.
    """

    where: Mapping[str, Any]
    expected: float
    actual: float
    score: float
    leaves: np.ndarray
    whole: bool

    @property
    def deviation(self) -> float:
        return self.actual - self.expected


@dataclass(frozen=True)
class Found:
    """Corners, the weightiest first; `everywhere` when all moved alike, so that no corner of these dimensions explains
    it (there may still be corners that moved otherwise than the rest); `besides` when what the corners leave did."""

    corners: tuple[Corner, ...]
    everywhere: bool
    besides: bool = False


@dataclass(frozen=True)
class _Cuboid:
    dims: tuple[str, ...]
    group: np.ndarray  # leaf → group
    groups: int


def localise(
    leaves: pd.DataFrame,
    dims: Sequence[str],
    expected: np.ndarray,
    actual: np.ndarray,
    size: np.ndarray | None = None,
    layers: int = LAYERS,
) -> Found:
    """The corners of `dims` that explain why `actual` is not `expected`; both hold one number per row of `leaves`.

    `size` is the scale of each leaf's chance; by default the mean of what was expected and what came.
    """
    import pandas as pd

    deviation = actual - expected
    size = (np.abs(actual) + np.abs(expected)) / 2 if size is None else size
    if not len(leaves) or not float(size.sum()):
        return Found((), False)
    codes = {name: pd.factorize(leaves[name], use_na_sentinel=False)[0] for name in dims}
    cuboids = [_cuboid(names, codes) for count in range(layers + 1) for names in combinations(dims, count)]
    return _search(leaves, cuboids, (deviation, size), (expected, actual))


def _search(
    leaves: pd.DataFrame,
    cuboids: list[_Cuboid],
    scored: tuple[np.ndarray, np.ndarray],
    told: tuple[np.ndarray, np.ndarray],
) -> Found:
    deviation, size = scored
    corners: list[Corner] = []
    finest = float(np.log(max(cuboid.groups for cuboid in cuboids if len(cuboid.dims) < 2)))
    first, everywhere, besides, free = 0.0, False, False, np.ones(len(leaves), bool)
    while len(corners) < MOST:
        cuboid, group, score, effect = _best(cuboids, deviation, size, 0.0)
        if cuboid is None:
            break
        noise = _noise(deviation, size, _others(cuboid, group))  # of what the likeliest cause did not touch
        cuboid, group, score, effect = _best(cuboids, deviation, size, CHOICE * noise * finest)
        if cuboid is None or abs(effect) < EFFECT:
            break
        cuboid, group, choices = _plainest(leaves, cuboids, cuboid, group, size)
        if score < max(SHARE * first, (NOISE + CHOICE * np.log(choices)) * noise):
            break
        inside = cuboid.group == group
        first = first or score
        if not cuboid.dims:
            if corners:
                besides = True
                break
            everywhere = True
            deviation = deviation - effect * size  # from here on: against what everybody did
            cuboids = [item for item in cuboids if item.dims]
            continue
        own = inside & free
        before, after = (float(values[own].sum()) for values in told)
        whole = bool(own.sum() == inside.sum())
        score = score / noise if noise else score
        corners.append(Corner(_where(leaves, int(np.argmax(inside)), cuboid.dims), before, after, score, own, whole))
        free &= ~inside
        deviation, size = np.where(inside, 0.0, deviation), np.where(inside, 0.0, size)
    return Found(tuple(corners), everywhere, besides)


def _best(
    cuboids: list[_Cuboid], deviation: np.ndarray, size: np.ndarray, choice: float
) -> tuple[_Cuboid | None, int, float, float]:
    """(cuboid, group, score, effect) of the corner with the highest score."""
    best: tuple[_Cuboid | None, int, float, float] = (None, 0, 0.0, 0.0)
    for rank, cuboid in enumerate(cuboids):
        moved = np.bincount(cuboid.group, deviation, cuboid.groups)
        held = np.bincount(cuboid.group, size, cuboid.groups)
        effect = np.divide(moved, held, out=np.zeros_like(moved), where=held > 0)
        score = moved * effect - choice * max(0, len(cuboid.dims) - 1)
        place = int(np.argmax(score))
        if score[place] * (1 - _SIMPLER * rank) > best[2]:
            best = (cuboid, place, float(score[place]) * (1 - _SIMPLER * rank), float(effect[place]))
    return best


def _plainest(
    leaves: pd.DataFrame, cuboids: list[_Cuboid], best: _Cuboid, group: int, size: np.ndarray
) -> tuple[_Cuboid, int, int]:
    """(cuboid, group, choices): of the corners that hold the same leaves the one that tells most: no 'without a value',
    then of the dimension with the most values; `choices` is how many corners the one with the fewest stands among."""
    import pandas as pd

    inside = (best.group == group) & (size > 0)
    if not best.dims or not inside.any():
        return best, group, best.groups
    row = int(np.argmax(inside))
    equal = [
        cuboid
        for cuboid in cuboids
        if len(cuboid.dims) == len(best.dims) and not ((cuboid.group == cuboid.group[row]) & (size > 0) ^ inside).any()
    ]
    told = leaves.iloc[row]
    chosen = min(equal, key=lambda cuboid: (sum(bool(pd.isna(told[name])) for name in cuboid.dims), -cuboid.groups))
    return chosen, int(chosen.group[row]), min(cuboid.groups for cuboid in equal)


def _where(leaves: pd.DataFrame, row: int, dims: tuple[str, ...]) -> dict[str, Any]:
    """The values of a row, column by column: a whole row of numbers would come as floats, and no weekday is 7.0."""
    import pandas as pd

    told = {name: leaves[name].iloc[row] for name in dims}
    values = {name: None if pd.isna(value) else value for name, value in told.items()}
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in values.items()}


def _cuboid(names: tuple[str, ...], codes: Mapping[str, np.ndarray]) -> _Cuboid:
    length = len(next(iter(codes.values()))) if codes else 0
    key = np.zeros(length, np.int64)
    for name in names:
        key = key * (int(codes[name].max()) + 1) + codes[name]
    distinct, group = np.unique(key, return_inverse=True)
    return _Cuboid(names, group, len(distinct))


def _others(cuboid: _Cuboid, group: int) -> np.ndarray:
    """The leaves outside a corner; all of them where the corner is the whole."""
    outside = cuboid.group != group
    return outside if outside.any() else ~outside


def _noise(deviation: np.ndarray, size: np.ndarray, some: np.ndarray) -> float:
    """The usual score of a leaf among `some`: for counts 2, for sums of money 2·E(x²)/E(x) (compound Poisson)."""
    held = float(size[some].sum())
    return float(np.square(deviation[some]).sum()) / held if held else 0.0
