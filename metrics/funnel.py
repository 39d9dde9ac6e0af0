"""What a funnel loses between its steps, in people and in money, and at which step more than it used to."""

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


@dataclass(frozen=True)
class Leak:
    """The way from `step` to `after` whose rate fell below that of the base, and what that cost.

    `people` of `step` would have gone on at the base's rate; `buyers` of them would have bought, for `yuan` (None if
    nobody told what buyers spend). Behind the paying step `buyers` and `yuan` are None.
    """

    step: str
    after: str
    rate: float
    base_rate: float
    people: float
    buyers: float | None
    yuan: float | None


def losses(steps: Sequence[str], row: Mapping[str, Any], spend: float | None, paying: str | None = None) -> list[Loss]:
    """The loss between each known step and the next.

    `row` holds people (or views) by step, `spend` the yuan per person of the `paying` step (the last one, if None).
    Those lost are taken to be worth what those who went on were worth: people × conversion of the later steps up to
    the paying one × spend; behind it, where all have paid, nobody knows. A step with more people than the one before
    it is counted by another source and loses nobody."""
    known = _known(steps, row)
    paying = paying or steps[-1]
    buyers, end = row.get(paying), list(steps).index(paying)
    found = []
    for (step, here), (after, there) in zip(known, known[1:], strict=False):
        people = max(0.0, here - there)
        told = bool(buyers) and spend is not None and list(steps).index(after) <= end
        found.append(Loss(step, people, people * (float(buyers or 0) / there) * float(spend or 0) if told else None))
    return found


def leak(
    steps: Sequence[str],
    row: Mapping[str, Any],
    base: Mapping[str, Any],
    spend: float | None,
    paying: str | None = None,
) -> Leak | None:
    """The step that cost most buyers against the base's rates, else (behind the paying step) most people; None where no
    rate fell. A way that one of the sides does not know, or whose steps other sources count, is no leak."""
    known, paying = _known(steps, row), paying or steps[-1]
    found = []
    for (step, here), (after, there) in zip(known, known[1:], strict=False):
        was, became = base.get(step), base.get(after)
        if not was or became is None or there > here or became > was:
            continue
        rate, base_rate = there / here, float(became) / float(was)
        if rate >= base_rate:
            continue
        people = here * (base_rate - rate)
        before = list(steps).index(after) <= list(steps).index(paying) and bool(row.get(paying))
        buyers = people * float(row[paying]) / there if before else None
        yuan = None if buyers is None or spend is None else buyers * float(spend)
        found.append(Leak(step, after, rate, base_rate, people, buyers, yuan))
    return max(found, key=lambda one: (one.buyers or 0.0, one.people), default=None)


def _known(steps: Sequence[str], row: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [(step, float(row[step])) for step in steps if row.get(step)]
