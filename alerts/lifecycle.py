"""The life of an incident: which state follows, given what was just decided. Pure, so that it can be read as a table.

(none) ─breach─► pending ─held─► firing ─person─► acknowledged ─ok─► resolved
   └─late / no_data / error─► the same-named state ─ok─► resolved, ─breach─► pending
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.types import FAULTS, Judgement, State


@dataclass(frozen=True)
class Step:
    """The state after a judgement and the reason, as data, for people who ask why (or why not)."""

    state: State | None  # None: there is no incident and none is opened
    reason: str
    moved: bool


def step(state: State | None, entered: datetime | None, judgement: Judgement, now: datetime) -> Step:
    """What becomes of an incident in `state` (None: no open incident) since `entered`."""
    outcome = judgement.outcome
    if outcome == "breach":
        return _breached(state, entered, judgement, now)
    if outcome in FAULTS:
        return _unjudged(state, outcome, judgement.reason)
    return _good(state, outcome)


def _breached(state: State | None, entered: datetime | None, judgement: Judgement, now: datetime) -> Step:
    hold = timedelta(seconds=judgement.rule.hold_seconds)
    if state in ("firing", "acknowledged"):
        return Step(state, "still_breached", False)
    if state == "pending":
        if entered is not None and now - entered >= hold:
            return Step("firing", "held", True)
        return Step("pending", "holding", False)
    return Step("pending", "waiting_hold", True) if hold else Step("firing", judgement.reason, True)


def _unjudged(state: State | None, outcome: State, reason: str) -> Step:
    # An alarm that stands is not taken back because its data stopped: that would be the silence this room forbids.
    if state in ("firing", "acknowledged"):
        return Step(state, reason, False)
    return Step(outcome, reason, state != outcome)


def _good(state: State | None, outcome: str) -> Step:
    if state is None:
        return Step(None, "good", False)
    if state == "pending":
        return Step("resolved", "not_held", True)
    if state in FAULTS:
        return Step("resolved", "judged_again", True)
    if outcome == "band":
        return Step(state, "within_hysteresis", False)
    return Step("resolved", "recovered", True)
