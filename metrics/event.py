"""What the search finds: one event, the corner and the hours it sits in, and what it amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Event:
    """A cell that is not as usual. `full` is the corner with all that follows from it (a SKU's product, a plan's
    channel); `count` and `usual` are pieces, `value` and `base` those of the metric; `beside` other metrics moved."""

    metric: str
    where: Mapping[str, Any]
    full: Mapping[str, Any]
    start: datetime
    end: datetime
    count: float
    usual: float
    value: float | None
    base: float | None
    yuan: float | None
    score: float
    by_chance: float
    near: int
    subject: str | None = None
    known: str | None = None  # a campaign that was meant to bring it
    off_air: bool = False  # less from live rooms, none of which was on the air
    beside: tuple[Event, ...] = field(default=())

    @property
    def evidence(self) -> float:
        """How far beyond chance, in units of squared scores, the cells looked at allowed for."""
        return self.score**2 - 2 * self.looked

    looked: float = 0.0  # log of the cells looked at


def alike(full: Mapping[str, Any], where: Mapping[str, Any], other_full: Mapping[str, Any],
          other: Mapping[str, Any]) -> bool:  # fmt: skip
    """Whether two corners may be one event's: one lies within the other."""
    if any(full[name] != other_full[name] for name in full.keys() & other_full.keys()):
        return False
    return set(where) <= set(other_full) or set(other) <= set(full)
