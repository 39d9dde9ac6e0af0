"""Which of many counts are not as usual: a scan over corners and spans of time, each against its own history.

Input are cubes: one row a corner, one column a sample (0 the day asked about, then days of the history), one layer a
tick of time (an hour). Every run of ticks of some lengths is judged in every corner, as in the space-time scan
statistic (M. Kulldorff, "Prospective time periodic geographical disease surveillance using a scan statistic", JRSS A
164, 2001). What is expected is the corner's own mean over the history, or its own usual rate times what the rate is
held against. Chance is that of overdispersed counts (negative
binomial; A. C. Cameron and P. K. Trivedi, "Regression Analysis of Count Data", 1998, ch. 3): variance θ·e + φ·e² with
φ from the history of the corner, where it holds little from that of all corners. The score is the signed root of the
deviance, which is normal by chance alone, and needs no table of tails.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.tide import Tide, expected, tide

Numbers = NDArray[np.float64]
Common = tuple[float, float, Tide | None]

WIDTHS = (2, 3, 4, 5, 7, 10, 15, 24)  # ticks of a span
FEWEST = 7  # samples of history without which nobody knows what is usual
KNOWN = 5.0  # pieces of history that say what a price is
OWN_PRICE, OTHER_PRICE = 0.1, 0.25  # by which a price may differ from its own of other days, and of other shops
INCIDENT, TOWERS = 10.0, 4.0  # pieces, and times the next sample, from which some of the history are no habit
LASTS = 3  # samples that an incident of the history may have lasted
PIECES = 3.0  # a corner with fewer, both asked about and expected, is not judged
EFFECT = 0.25  # of what was expected by which a corner must have moved
COMMON, MANY = 0.98, 50  # of many corners the wildest say nothing of the others: there was an incident
FAIR = 0.5  # of what the asked sample is held against: one held against less says little of how far it may go
OUTSIDE = 1  # samples of the history that may lie beyond the asked one: an earlier incident may stand among them


@dataclass(frozen=True)
class Judged:
    """Per corner and span: what came, what was expected, and the score; `spans` are (first tick, end tick), `common`
    what all corners taught of each: (variance of a piece, spread of all, how they move with what is around them)."""

    actual: Numbers
    expected: Numbers
    score: Numbers
    spans: tuple[tuple[int, int], ...]
    common: tuple[Common, ...] = ()


def spans_of(ticks: int) -> tuple[tuple[int, int], ...]:
    """Every run of ticks that is judged; the whole is always one."""
    widths = sorted({width for width in WIDTHS if width < ticks} | {ticks})
    return tuple((first, first + width) for width in widths for first in range(ticks - width + 1))


def looked_at(spans: tuple[tuple[int, int], ...]) -> float:
    """How many spans these are worth: of those of one width only every second half overlaps little."""
    ticks = max(end for _, end in spans)
    widths = [end - first for first, end in spans]
    return sum(min(widths.count(width), 2 * ticks / width) for width in set(widths))


def judge(
    count: Numbers,
    per: Numbers | None,
    theta: float | None = 1.0,
    whole: float | Numbers = 0.0,
    common: tuple[Common, ...] = (),
    total: Numbers | None = None,
) -> Judged:
    """Score cubes of (corner, sample, tick). `per` None: the level itself; else the rate of `count` to `per`, whose
    usual value over all (or per corner, elsewhere) is `whole`; a `count` of money is compared where that is known only.
    Counts whose `total` (1, sample, tick) is told are held against how the day went elsewhere.

    `theta` is the variance of a piece in pieces; None: taken from the history (sums of money). `common` of an earlier
    look holds where these corners are but some of those.
    """
    spans = spans_of(count.shape[2])
    shape = (len(count), len(spans))
    actual, expected, score = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    if not len(count) or count.shape[1] <= FEWEST:
        return Judged(actual, expected, score, spans)
    tops = _sums(count)
    bottoms = None if per is None else _sums(per)
    usually = None if per is None else _usually(count, per, theta, whole)
    doubt = np.zeros(len(count))
    if per is not None and theta is None:
        doubt = np.where(per[:, 1:].sum(axis=(1, 2)) >= KNOWN, OWN_PRICE, OTHER_PRICE) ** 2
    unit = np.ones(len(count))
    if theta is None:
        unit = _unit(count) if usually is None else np.where(usually > 0, usually, 1.0)
    if usually is not None:
        usually = usually / unit
    around = None if total is None or theta is None else _sums(total)
    learnt: list[Common] = []
    for number, (first, end) in enumerate(spans):
        top = (tops[:, :, end] - tops[:, :, first]) / unit[:, None]
        bottom = np.ones_like(top) if bottoms is None else bottoms[:, :, end] - bottoms[:, :, first]
        actual[:, number] = top[:, 0] * unit
        given, known, far = common[number] if common else None, None, None
        if around is not None:
            known, factor, far = _paced(tops, bottom, around, (first, end), given, per is None)
            bottom = bottom * factor
        usual, score[:, number], one = _span(top, bottom, theta, usually, doubt, given, far)
        learnt.append((*one, known))
        expected[:, number] = usual * unit
    return Judged(actual, expected, score, spans, tuple(learnt))


def _paced(
    tops: Numbers, bottom: Numbers, around: Numbers, span: tuple[int, int], given: Common | None, level: bool
) -> tuple[Tide, Numbers, Numbers]:
    """(moments, (corner, sample) factor to the usual, how far the asked day lies outside the history). A rate leans on
    the others alone: how long it was counted outside the span is not told here."""
    first, end = span
    inside = tops[:, :, end] - tops[:, :, first]
    own = tops[:, :, -1] - inside if level else np.zeros_like(inside)
    others = np.maximum(around[:, :, end] - around[:, :, first] - inside, 0.0)
    rate = inside[:, 1:] / np.maximum(bottom[:, 1:], 1e-9)
    usual = inside[:, 1:].sum(axis=1, keepdims=True) / np.maximum(bottom[:, 1:].sum(axis=1, keepdims=True), 1e-9)
    rate = np.where(bottom[:, 1:] > 0, rate, usual) * bottom[:, 1:].mean(axis=1, keepdims=True)
    past = [_without_incident(part) for part in (rate, own[:, 1:], others[:, 1:])]
    known = (given[2] if given else None) or tide(*past)
    own, others = (np.concatenate([part[:, :1], held], axis=1) for part, held in ((own, past[1]), (others, past[2])))
    return known, *expected(known, own, others)


def _sums(cube: Numbers) -> Numbers:
    """Running sums along the ticks, with a leading zero. Corners lie beside each other: sums over the few samples of
    each then run over all corners at once."""
    corners, samples, ticks = cube.shape
    found = np.zeros((ticks + 1, samples, corners)).transpose(2, 1, 0)
    np.cumsum(cube, axis=2, out=found[:, :, 1:])
    return found


def _unit(count: Numbers) -> Numbers:
    """What a usual sample of each corner amounts to, so that money is told in pieces of about that size."""
    top = count[:, 1:].sum(axis=(1, 2))
    return np.where(top > 0, top / (count.shape[1] - 1), 1.0)


def _usually(count: Numbers, per: Numbers, theta: float | None, whole: float | Numbers) -> Numbers:
    """The usual rate of each corner over all ticks: counts lean on `whole` by one piece; what a piece costs is known
    from KNOWN pieces on, else it is `whole` (0: not known)."""
    top, bottom = count[:, 1:].sum(axis=(1, 2)), per[:, 1:].sum(axis=(1, 2))
    if theta is None:  # the median of the days: a day of wrong prices and a rush on them says nothing of the usual
        sold, paid = per[:, 1:].sum(axis=2), count[:, 1:].sum(axis=2)
        daily = np.where(sold > 0, paid / np.maximum(sold, 1e-9), np.nan)
        known = bottom >= KNOWN
        median = np.full(len(count), 0.0) + whole
        median[known] = np.nanmedian(daily[known], axis=1)
        return median
    return (top + 1.0) / (bottom + 1.0 / np.maximum(whole, 1e-9))


def _span(
    top: Numbers,
    bottom: Numbers,
    theta: float | None,
    whole: Numbers | None,
    doubt: Numbers,
    common: Common | None,
    far: Numbers | None,
) -> tuple[Numbers, Numbers, tuple[float, float]]:
    """(expected, score, common) of one span over all corners; a rate leans on its rate of all hours by one piece."""
    asked, past = top[:, 0], _without_incident(top[:, 1:])
    held, base = bottom[:, 0], bottom[:, 1:]
    known, behind = past.sum(axis=1), base.sum(axis=1)
    if whole is not None:
        behind = behind + 1.0 / np.maximum(whole, 1e-9)
        usual = whole if theta is None else (known + 1.0) / behind
    else:
        usual = (known + 0.5) / np.maximum(behind, 1e-9)
    level = usual * held
    fitted = usual[:, None] * base
    miss = (past - fitted) ** 2
    if theta is None or far is not None:  # a day of wrong prices, or of an incident, among them is no usual day
        miss = np.minimum(miss, np.partition(miss, -2, axis=1)[:, -2:-1])
    mean, square = fitted.mean(axis=1), (fitted**2).mean(axis=1)
    piece = common[0] if common else theta if theta is not None else _piece(miss, fitted)
    own = np.maximum(0.0, miss.mean(axis=1) * past.shape[1] / (past.shape[1] - 1) - piece * mean)
    spread = own / np.maximum(square, 1e-9)
    shared = common[1] if common else _spread(own, square)
    phi = spread + np.maximum(0.0, shared - spread) / (1 + mean)  # what little says of its own spread leans on all
    phi = np.maximum(phi, doubt) * (1.0 if far is None else 1.0 + far)
    variance = piece * level * (1 + held / np.maximum(behind, 1e-9)) + phi * level**2
    score = _root_deviance(asked / piece, level / piece, variance / piece**2)
    enough = (np.maximum(asked, level) >= PIECES) & (level > 0)
    if theta is None and whole is not None:  # one odd basket is no price
        enough &= held >= KNOWN
    moved = np.abs(asked - level) >= np.maximum(EFFECT * np.maximum(level, 1e-9), 1.0)
    compared = np.where(base >= FAIR * held[:, None], past / np.maximum(base, 1e-9) * held[:, None], level[:, None])
    beyond = np.where(asked > level, (compared >= asked[:, None]).sum(axis=1), (compared <= asked[:, None]).sum(axis=1))
    return level, np.where(enough & moved & (beyond <= OUTSIDE), score, 0.0), (piece, shared)


def _spread(own: Numbers, square: Numbers) -> float:
    some = own <= np.quantile(own, COMMON) if len(own) >= MANY else np.ones(len(own), bool)
    return float(own[some].sum() / max(square[some].sum(), 1e-9))


def _without_incident(past: Numbers) -> Numbers:
    """A history in which a few samples tower above all others is held to the next: they were an incident, no habit."""
    few = min(LASTS, past.shape[1] - 1)
    rest, most = past.shape[1] - few, past.max(axis=1)
    # the next to the few is no less than the mean of those beyond: where that is too much for a tower none is sought
    may = most * (rest + TOWERS * few) >= TOWERS * (1 - 1e-9) * past.sum(axis=1)
    some = np.flatnonzero((most >= INCIDENT) & may)
    if not len(some):
        return past
    found = past.copy()
    found[some] = _without_towers(past[some], few)
    return found


def _without_towers(past: Numbers, few: int) -> Numbers:
    top = np.sort(np.partition(past, -few - 1, axis=1)[:, -few - 1 :], axis=1)
    towers = (top[:, 1:] >= INCIDENT) & (top[:, 1:] >= TOWERS * np.maximum(top[:, :-1], 1.0))
    first = np.where(towers.any(axis=1), towers.argmax(axis=1), few)
    return np.minimum(past, top[np.arange(len(past)), first][:, None])


def _piece(miss: Numbers, fitted: Numbers) -> float:
    """The variance of a piece where it is not that of a count: the usual squared miss per piece."""
    some = fitted >= 1.0
    return float(np.clip(np.mean(miss[some] / fitted[some]), 0.02, 50.0)) if some.any() else 1.0


def _root_deviance(asked: Numbers, expected: Numbers, variance: Numbers) -> Numbers:
    """Signed root of twice the log likelihood ratio of a negative binomial of this mean and variance."""
    size = expected**2 / np.maximum(variance - expected, 1e-9 * np.maximum(expected, 1e-9))
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(asked > 0, asked * np.log(np.maximum(asked, 1e-300) / np.maximum(expected, 1e-12)), 0.0)
        second = (asked + size) * np.log1p((asked - expected) / (expected + size))
    deviance = 2 * np.maximum(first - second, 0.0)
    return np.sign(asked - expected) * np.sqrt(deviance)


def chance(score: float, looked_at: int) -> float:
    """How probable a score as high is by chance alone among `looked_at` cells (Bonferroni's bound), both ways."""
    return min(1.0, math.erfc(abs(score) / math.sqrt(2)) * looked_at)
