"""What a funnel loses between its steps, in people and in money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Loss:
    """People of `step` who did not reach the next known step, and what they would have spent; yuan None if unknown."""

    step: str
    people: float
    yuan: float | None


def losses(steps: Sequence[str], row: Mapping[str, Any], spend: float | None) -> list[Loss]:
    """The loss between each known step and the next.

    `row` holds people (or views) by step, `spend` the yuan per person of the last step (`aov`). Those lost are taken to
    be worth what those who went on were worth: people × conversion of the later steps × spend. A step with more people
    than the one before it is counted by another source and loses nobody.
    """
    known = [(step, float(row[step])) for step in steps if row.get(step)]
    if len(known) < 2:
        return []
    buyers = known[-1][1]
    found = []
    for (step, here), (_, there) in zip(known, known[1:], strict=False):
        people = max(0.0, here - there)
        whole = known[-1][0] == steps[-1] and spend is not None
        found.append(Loss(step, people, people * (buyers / there) * float(spend or 0) if whole else None))
    return found
