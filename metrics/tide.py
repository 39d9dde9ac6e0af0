"""How a day went elsewhere: what a count in some hours is to be held against, beside its own usual level.

A count of a corner in a span of hours is expected to move with the same corner outside that span (the shop has a good
day) and with all others inside it (it rains, it is 618). How much it does is learnt from the history as the best
linear prediction of its deviation from the mean (C. R. Henderson, Biometrics 31, 1975; H. Bühlmann's credibility),
moments pooled over all corners and freed of the noise that counts have of themselves, so that a corner of few pieces
leans little on what few pieces say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LOWEST = 0.1  # of the usual that is expected at least
MOST_OF = 1.0  # times as far as what it leans on a count may be expected to move


@dataclass(frozen=True)
class Tide:
    """Moments pooled over corners: `with_own`, `with_others` of the count with what it leans on; `own`, `others`,
    `both` of those with each other. All relative to the means, noise of counts taken off."""

    with_own: float
    with_others: float
    own: float
    others: float
    both: float
    samples: int


def tide(inside: Numbers, own: Numbers, others: Numbers) -> Tide:
    """The moments of (corner, sample) sums of the history: in the span, of the corner outside it, of others in it."""
    mean = inside.mean(axis=1)
    weight = np.repeat(mean[:, None], inside.shape[1], axis=1)
    total = max(float(weight.sum()), 1e-9) * (inside.shape[1] - 1) / inside.shape[1]
    away, a, b = _relative(inside, inside), _relative(own, own), _relative(others, others)

    def moment(one: Numbers, other: Numbers, noise: Numbers | float = 0.0) -> float:
        return float((weight * (one * other - noise)).sum() / total)

    spread = max(0.0, moment(a, a, _noise(own)[:, None])), max(0.0, moment(b, b, _noise(others)[:, None]))
    both = float(np.clip(moment(a, b), 0.0, 0.9 * np.sqrt(spread[0] * spread[1])))
    return Tide(max(0.0, moment(away, a)), max(0.0, moment(away, b)), *spread, both, inside.shape[1])


def expected(known: Tide, own: Numbers, others: Numbers) -> tuple[Numbers, Numbers]:
    """((corner, sample) factor to the usual level, (corner) how far outside what was seen the asked sample lies: the
    relative variance of its factor in units of what is left unexplained). Sample 0 is the one asked about."""
    a, b = _relative(own, own[:, 1:]), _relative(others, others[:, 1:])
    aa, bb, ab = known.own + _noise(own[:, 1:]), known.others + _noise(others[:, 1:]), known.both
    det = np.maximum(aa * bb - ab**2, 1e-12)
    on_own = np.clip((bb * known.with_own - ab * known.with_others) / det, 0.0, MOST_OF)
    on_others = np.clip((aa * known.with_others - ab * known.with_own) / det, 0.0, MOST_OF - on_own)
    factor = np.maximum(1.0 + on_own[:, None] * a + on_others[:, None] * b, LOWEST)
    x, y = a[:, 0] * (on_own > 0), b[:, 0] * (on_others > 0)
    far = (bb * x**2 - 2 * ab * x * y + aa * y**2) / det / known.samples
    return factor, np.maximum(far, 0.0)


def _relative(counts: Numbers, past: Numbers) -> Numbers:
    mean = past.mean(axis=1, keepdims=True)
    return np.where(mean > 0, counts / np.maximum(mean, 1e-9) - 1.0, 0.0)


def _noise(past: Numbers) -> Numbers:
    """The relative variance that counts of this mean have of themselves; without any they say nothing."""
    return 1.0 / np.maximum(past.mean(axis=1), 1e-9)
