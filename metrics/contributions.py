"""What every value of a dimension contributes to a change; ratios by rate and mix effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metrics.decompose import Effect, rate_and_mix
from metrics.formulas import quotient
from metrics.sides import Pair, Sides

if TYPE_CHECKING:
    import pandas as pd

MOST = 1000  # values told of a dimension; the rest are told as one
_CLOSE = 1e-9
SHARED, OTHERS = "shared", "others"


@dataclass(frozen=True)
class Part:
    """A value's contribution in the unit of the metric. `rest` is set on what no value carries: `shared` (what
    counts in several values, as a buyer of two categories does, or in none), `others` (values too many to tell)."""

    value: Any
    contribution: float
    rate: float | None = None
    mix: float | None = None
    rest: str | None = None


@dataclass(frozen=True)
class Measured:
    """How a metric is read for cutting it: itself, or a quotient of two (`top` None: the quotient times `bottom`)."""

    metric: str
    bottom: str | None = None
    top: str | None = None
    constant: float = 1.0
    additive: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in (self.metric, self.bottom, self.top) if name))

    def tops(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """The numerators of both sides, in the unit of metric × bottom."""
        found = []
        for side in (0, 1):
            if self.top:
                found.append(frame[f"{self.top}__{side}"].to_numpy() * self.constant)
            else:
                found.append(frame[f"{self.metric}__{side}"].to_numpy() * frame[f"{self.bottom}__{side}"].to_numpy())
        return found[0], found[1]

    def bottoms(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """The denominators of both sides."""
        return frame[f"{self.bottom}__0"].to_numpy(), frame[f"{self.bottom}__1"].to_numpy()


def measured(sides: Sides, metric: str, unit: str) -> Measured | None:
    """How to cut the metric; None for a ratio whose denominator cannot be asked."""
    found = quotient(metric)
    if found is None:
        return Measured(metric) if unit in ("yuan", "count", "bytes") else None
    bottom, top, constant = found
    if not sides.may(bottom):
        return None
    return Measured(metric, bottom, top if top and sides.may(top) else None, constant, False)


def parts(frame: pd.DataFrame, dimension: str, how: Measured, whole: Pair, under: Pair) -> list[Part]:
    """The parts of one dimension, the largest first; they sum to the change of `whole` with what is told as rest."""
    before, after = float(whole[0] or 0), float(whole[1] or 0)
    values = [None if _missing(value) else value for value in frame[dimension].tolist()]
    if how.additive:
        amounts = (frame[f"{how.metric}__1"] - frame[f"{how.metric}__0"]).tolist()
        found = [Part(value, amount) for value, amount in zip(values, amounts, strict=True)]
    else:
        effects = effects_of(frame, how, (before, after), under)
        found = [Part(value, one.amount, one.rate, one.mix) for value, one in zip(values, effects, strict=True)]
    found.sort(key=lambda part: -abs(part.contribution))
    return _closed(found, after - before, max(abs(before), abs(after)))


def effects_of(frame: pd.DataFrame, how: Measured, whole: tuple[float, float], under: Pair) -> list[Effect]:
    """Rate and mix effect of every row of the frame."""
    if not under[0] or not under[1]:
        return [Effect(0.0, 0.0)] * len(frame)
    tops, bottoms = how.tops(frame), how.bottoms(frame)
    return rate_and_mix(_pairs(tops), _pairs(bottoms), whole, (under[0], under[1]))


def _pairs(sides: tuple[np.ndarray, np.ndarray]) -> Sequence[tuple[float, float]]:
    return list(zip(sides[0].tolist(), sides[1].tolist(), strict=True))


def _closed(found: list[Part], diff: float, scale: float) -> list[Part]:
    kept, tail = found[:MOST], found[MOST:]
    if tail:
        kept.append(Part(None, sum(part.contribution for part in tail), rest=OTHERS))
    rest = diff - sum(part.contribution for part in kept)
    if abs(rest) > _CLOSE * max(scale, *(abs(part.contribution) for part in kept), 1e-9):
        kept.append(Part(None, rest, rest=SHARED))
    return kept


def _missing(value: Any) -> bool:
    return value is None or value != value
