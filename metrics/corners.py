"""The leaves of a change, and the corners of them that explain it.

What is expected of a leaf is what it was in the base period; the change that all shared is a finding of its own (the
whole is a corner too) and corners beside it are held against it. Of a ratio the leaf is expected to keep its rate:
its numerator should have been its new denominator times the rate it had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metrics.contributions import Measured, effects_of
from metrics.localise import Corner, localise
from metrics.sides import Pair, Sides

if TYPE_CHECKING:
    import pandas as pd

LEAVES = 60_000  # rows read per side; with more a dimension is left out
FLOOR = 0.05  # of the change, or of the largest cause: less is not told
RENAMED = 0.1  # of the smaller side must lie in values that both sides have
MARKED, POWER, MINOR = 0.2, (0.8, 1.5), 0.6  # of the base; of the change; of the base: see `_weightiest`
LEADING = 2  # of them for what tells the rates of a ratio apart
WIDTH = 6  # dimensions searched together


@dataclass(frozen=True)
class Cause:
    """A corner with its numbers: `contribution` in the unit of the metric, values of the metric before and after."""

    where: Mapping[str, Any]
    contribution: float
    before: float | None
    after: float | None
    score: float
    whole: bool = True  # False: what earlier corners have of it is left out
    unusual: bool = False  # found against the weeks before (`metrics/noticed.py`)
    apart: bool = False  # such a one that may lie across the other corners


@dataclass(frozen=True)
class Located:
    """Causes, the weightiest first; `everywhere` when all moved alike; `dims` were searched together."""

    causes: tuple[Cause, ...]
    everywhere: bool
    dims: tuple[str, ...]
    besides: bool = False  # what the causes leave moved alike


def locate(sides: Sides, how: Measured, frames: Mapping[str, pd.DataFrame], whole: Pair, under: Pair) -> Located:
    """Search the dimensions in `frames` (dimension → its values on both sides) together."""
    dims = _promising(how, frames)
    leaves = _leaves(sides, how, dims)
    if leaves is None:
        return Located((), False, ())
    frame, dims = leaves
    expected, actual = _expected(frame, how, dims)
    found = localise(frame, dims, expected, actual)
    causes = [_cause(sides, how, corner, frame, whole, under) for corner in found.corners]
    floor = FLOOR * max([abs((whole[1] or 0) - (whole[0] or 0)), *(abs(cause.contribution) for cause in causes)])
    told = [
        cause
        for cause in causes  # what an earlier corner took one whole side of has nothing left to be held against
        if abs(cause.contribution) >= floor and (cause.whole or (cause.before and cause.after))
    ]
    if not told and not found.everywhere and how.additive and (weightiest := _weightiest(how, frames, dims, whole)):
        told = [weightiest]
    return Located(tuple(told), found.everywhere, dims, found.besides)


def _weightiest(how: Measured, frames: Mapping[str, pd.DataFrame], dims: tuple[str, ...], whole: Pair) -> Cause | None:
    """Where chance cannot be ruled out (five live sessions are few) but one value holds nearly all of a marked change:
    that value, as Adtributor would name it (R. Bhagwan et al., NSDI 2014): high explanatory power, high surprise."""
    before, after = float(whole[0] or 0), float(whole[1] or 0)
    diff = after - before
    if abs(diff) < MARKED * abs(before):
        return None
    best: tuple[float, Cause] | None = None
    for name in dims:
        frame = frames[name]
        was, now = frame[f"{how.metric}__0"].to_numpy(), frame[f"{how.metric}__1"].to_numpy()
        power, size = (now - was) / diff, (np.abs(was) + np.abs(now)) / 2
        fits = (power >= POWER[0]) & (power <= POWER[1]) & (np.abs(was) <= MINOR * abs(before))
        score = np.where(fits & (size > 0), (now - was) ** 2 / np.where(size > 0, size, 1), 0.0)
        place = int(np.argmax(score))
        value = frame[name].tolist()[place]
        if score[place] > (best[0] if best else 0.0) and value is not None and value == value:
            found = Cause({name: value}, float(now[place] - was[place]), float(was[place]), float(now[place]), 0.0)
            best = (float(score[place]), found)
    return best[1] if best else None


def _promising(how: Measured, frames: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """The dimensions whose best value alone explains most, in the catalogue's order; of a ratio first those that tell
    rates apart, without which nobody knows what to expect."""
    scores, apart = {}, {}
    for name, frame in frames.items():
        expected, actual = _expected(frame, how, (name,))
        if len(frame) < 2 or _renamed(expected, actual):
            continue
        size = (np.abs(expected) + np.abs(actual)) / 2
        gain = np.divide((actual - expected) ** 2, size, out=np.zeros_like(size), where=size > 0)
        scores[name] = float(gain.max())
        if not how.additive:
            tops, bottoms = how.tops(frame)[0], how.bottoms(frame)[0]
            whole = float(tops.sum() / bottoms.sum()) if bottoms.sum() else 0.0
            apart[name] = _spread(np.arange(len(frame)), tops, bottoms, tops, bottoms, whole)[0] if whole else 0.0
    first = sorted(apart, key=lambda name: -apart[name])[:LEADING]
    rest = sorted((name for name in scores if name not in first), key=lambda name: -scores[name])
    best = {*first, *rest[: WIDTH - len(first)]}
    return tuple(name for name in frames if name in best)


def _renamed(expected: np.ndarray, actual: np.ndarray) -> bool:
    """Whether the values themselves are new, as those of live sessions: then no value stands beside its former self."""
    shared = np.minimum(np.abs(expected), np.abs(actual)).sum()
    return bool(shared < RENAMED * min(np.abs(expected).sum(), np.abs(actual).sum()))


def _leaves(sides: Sides, how: Measured, dims: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[str, ...]] | None:
    """The leaf table of as many of the dimensions as can be asked and fit."""
    while dims:
        if all(sides.may(name, dims) for name in how.names) and not sides.many(how.names, dims, LEAVES):
            frame = sides.frame(how.names, dims, LEAVES + 1)
            if len(frame) <= LEAVES:
                return frame, dims
        dims = dims[:-1]
    return None


def _expected(frame: pd.DataFrame, how: Measured, dims: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(expected, actual) of each leaf: sums as they are, ratios by their numerators at the rate they had."""
    if how.additive:
        return frame[f"{how.metric}__0"].to_numpy(), frame[f"{how.metric}__1"].to_numpy()
    tops, bottoms = how.tops(frame), how.bottoms(frame)
    rate = _usual_rate(frame, dims, tops[0], bottoms[0], bottoms[1])
    known = ~np.isnan(rate)  # what has no rate to keep did not change it: it is mix
    return np.where(known, bottoms[1] * rate, tops[1]), tops[1]


def _usual_rate(
    frame: pd.DataFrame, dims: tuple[str, ...], top: np.ndarray, bottom: np.ndarray, now: np.ndarray
) -> np.ndarray:
    """The rate each leaf had, by the dimension that tells rates apart best; NaN where nobody can say.

    Rates are credibility estimates (H. Bühlmann and E. Straub, "Glaubwürdigkeit für Schadensätze", 1970): a value with
    little behind it leans on the whole, by as much as rates differ within values rather than between them.
    """
    import pandas as pd

    if not bottom.sum():
        return np.full(len(frame), np.nan)
    whole = float(top.sum() / bottom.sum())
    best, apart = np.full(len(frame), whole), 0.0
    for name in dims:
        group = pd.factorize(frame[name], use_na_sentinel=False)[0]
        tops, bottoms = np.bincount(group, top), np.bincount(group, bottom)
        between, within = _spread(group, top, bottom, tops, bottoms, whole)
        if between <= apart:
            continue
        lean = within / between
        rates = np.divide(tops + lean * whole, bottoms + lean, out=np.full(len(tops), whole), where=bottoms + lean > 0)
        unseen = (bottoms <= 0) & (np.bincount(group, now) > lean)
        best, apart = np.where(unseen, np.nan, rates)[group], between
    return np.where(bottom + now > 0, best, np.nan)


def _spread(
    group: np.ndarray, top: np.ndarray, bottom: np.ndarray, tops: np.ndarray, bottoms: np.ndarray, whole: float
) -> tuple[float, float]:
    """(variance of rates between the values, variance within them for a bottom of one)."""
    seen, held = bottom > 0, bottoms > 0
    rates = np.divide(tops, bottoms, out=np.zeros_like(tops), where=held)
    spare = int(seen.sum()) - int(held.sum())
    misses = bottom[seen] * (top[seen] / bottom[seen] - rates[group[seen]]) ** 2
    within = float(misses.sum()) / spare if spare > 0 else 0.0
    weight = float(bottoms.sum() - (bottoms**2).sum() / bottoms.sum())
    if weight <= 0:
        return 0.0, within
    apart = float((bottoms * (rates - whole) ** 2)[held].sum()) - (int(held.sum()) - 1) * within
    return max(0.0, apart / weight), within


def _cause(sides: Sides, how: Measured, corner: Corner, frame: pd.DataFrame, whole: Pair, under: Pair) -> Cause:
    """The corner's own numbers: asked as such, which is exact for counts that do not add up too; where an earlier
    corner has a part of it, what is left of it by its leaves."""
    if corner.whole:
        return asked_cause(sides, how, corner.where, corner.score, whole, under)
    own = frame[corner.leaves]
    inside: dict[str, Pair] = {
        name: (float(own[f"{name}__0"].sum()), float(own[f"{name}__1"].sum())) for name in how.names
    }
    if not how.additive:
        before, after = (_rate(how.tops(own)[side], how.bottoms(own)[side]) for side in (0, 1))
        inside[how.metric] = (before, after)
    return replace(_told(how, inside, corner.where, corner.score, whole, under), whole=False)


def asked_cause(sides: Sides, how: Measured, where: Mapping[str, Any], score: float, whole: Pair, under: Pair) -> Cause:
    """A whole corner with its own numbers of both sides."""
    return _told(how, sides.within(where).totals(how.names), where, score, whole, under)


def _told(
    how: Measured, inside: Mapping[str, Pair], where: Mapping[str, Any], score: float, whole: Pair, under: Pair
) -> Cause:
    """What a corner of these values contributes."""
    import pandas as pd

    before, after = inside[how.metric]
    if how.additive:
        return Cause(where, (after or 0.0) - (before or 0.0), before, after, score)
    row = pd.DataFrame({f"{name}__{side}": [inside[name][side] or 0.0] for name in how.names for side in (0, 1)})
    effect = effects_of(row, how, (whole[0] or 0.0, whole[1] or 0.0), under)[0]
    return Cause(where, effect.amount, before, after, score)


def _rate(top: np.ndarray, bottom: np.ndarray) -> float | None:
    return float(top.sum() / bottom.sum()) if bottom.sum() else None
