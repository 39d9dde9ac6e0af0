"""The words of the alerts room: a rule, what was read for it, what was decided, and the incident that lives from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from metrics.types import Period

Severity = Literal["critical", "warning", "info"]
Side = Literal["above", "below"]
Outcome = Literal["breach", "band", "ok", "late", "no_data", "error"]
"""breach: past the threshold · band: back, but not by the hysteresis yet · ok: good ·
late: sources are behind, so nothing can be said · no_data: no value · error: could not be asked."""
State = Literal["pending", "firing", "acknowledged", "resolved", "late", "no_data", "error"]

SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
FAULTS: tuple[State, ...] = ("late", "no_data", "error")
ALARMS: tuple[State, ...] = ("firing", "acknowledged")
OPEN: tuple[State, ...] = ("pending", *ALARMS, *FAULTS)


@dataclass(frozen=True)
class Rule:
    """What is watched. `threshold` is in the metric's unit (a fraction for rates, and for the kind `change`)."""

    metric: str
    threshold: float
    side: Side = "above"
    kind: str = "threshold"
    period: str = "today"
    severity: Severity = "warning"
    owner: str = "operations"  # the role that answers for it
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dimensions: tuple[str, ...] = ()  # one incident for each value of these
    compare: str | None = None  # the comparison word, for kinds that need one
    floor: float = 0.0  # yuan; see `alerts.measure`
    hold_seconds: int = 0  # how long it must be so before it fires
    hysteresis: float = 0.05  # share of the threshold that must be regained before it resolves
    enabled: bool = True
    note: str = ""
    origin: str = ""  # name in suggestions.toml, '' for a rule a person made
    id: int = 0


@dataclass(frozen=True)
class Reading:
    """One value as the metrics engine gave it, for one rule and one set of labels."""

    labels: Mapping[str, str]
    value: float | None
    base: float | None = None
    yardstick: float | None = None  # yuan of the same slice, for floors on metrics that are not money
    unit: str = "count"
    note: str | None = None  # why the value is null or partial: a code of the metrics engine
    base_note: str | None = None  # why there is nothing to compare with, likewise
    as_of: datetime | None = None
    complete_through: datetime | None = None
    late_sources: tuple[str, ...] = ()
    data_version: int = 0
    error: str | None = None
    period: Period | None = None  # what was asked about


@dataclass(frozen=True)
class Judgement:
    """What a rule says about one reading, with the evidence kept beside it."""

    rule: Rule
    reading: Reading
    outcome: Outcome
    reason: str  # code: why this outcome; `alerts.reason.<code>` in the catalogue


@dataclass(frozen=True)
class Incident:
    """One stay of a rule (with its labels) away from good. At most one is open for each rule and labels."""

    id: int
    rule_id: int
    metric: str
    severity: Severity
    owner: str
    labels: Mapping[str, str]
    state: State
    reason: str  # of the last change of state
    opened_at: datetime
    changed_at: datetime  # when the state was entered
    fired_at: datetime | None
    resolved_at: datetime | None
    evaluated_at: datetime
    value: float | None
    base: float | None
    threshold: float
    outcome: Outcome  # of the last evaluation; not 'breach' while it cannot be judged
    as_of: datetime | None
    data_version: int
    detail: str = ""
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_note: str = ""
    silenced_until: datetime | None = None
    fired_value: float | None = None  # what it stood on when it fired last, whatever became of it
    fired_base: float | None = None
    fired_from: datetime | None = None  # the part of the period that was judged then: [from, until)
    fired_until: datetime | None = None
    rule: Rule | None = None

    @property
    def slice(self) -> dict[str, tuple[str, ...]]:
        """The part of the business it speaks of: the rule's filters and its own labels."""
        own = {name: (value,) for name, value in self.labels.items()}
        return {**(self.rule.filters if self.rule else {}), **own}

    def is_silenced(self, now: datetime) -> bool:
        return self.silenced_until is not None and self.silenced_until > now


@dataclass(frozen=True)
class Event:
    """One step in the life of an incident: who or what moved it, and why."""

    incident_id: int
    at: datetime
    before: str
    after: str
    reason: str
    actor: str = "system"
    note: str = ""
    value: float | None = None
    data_version: int = 0


Plain = dict[str, Any]
