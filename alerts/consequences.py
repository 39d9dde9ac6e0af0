"""Definition diff: what moves, and by how much, if a metric were defined otherwise. Nothing is changed by asking.

Every figure is asked twice, under the catalogue that holds and under the one that would hold. What was decided before
is judged again on the whole of its period as it is known today, not on the minute it was decided in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import metrics
from alerts import store
from alerts.judge import judge
from alerts.rules import kinds
from alerts.trial import back_test
from alerts.types import Incident, Reading, Rule
from alerts.view import visible
from errors import CockpitError, UserError
from metrics.catalogue import GRAINS, Book, book, using
from metrics.signoffs import pairs_above
from metrics.types import Period, Query, Result, Scope
from warehouse.ledger import Ledger

DAYS, MONTHS = 30, 12
DECISIONS_BACK, MOST_DECISIONS = timedelta(days=180), 40
SIGNED_BACK = timedelta(days=180)


@dataclass(frozen=True)
class Move:
    """A value under the old and the new definition; None where there is none."""

    name: str  # metric id, month (YYYY-MM) or whatever is told apart
    old: float | None
    new: float | None

    @property
    def moved(self) -> bool:
        """Whether the two differ by more than float dust."""
        if self.old is None or self.new is None:
            return self.old is not self.new
        return abs(self.new - self.old) > 1e-9 * max(1.0, abs(self.old))

    @property
    def share(self) -> float | None:
        """The move against the old value."""
        return (self.new - self.old) / abs(self.old) if self.old and self.new is not None else None


@dataclass(frozen=True)
class RuleMove:
    """Days of the last 30 on which a rule would have fired; None where whole days cannot tell."""

    rule: Rule
    old: tuple[str, ...] | None
    new: tuple[str, ...] | None

    @property
    def moved(self) -> bool:
        return self.old != self.new


@dataclass(frozen=True)
class Decision:
    """An alarm somebody took on: the value and the judgement of its period, then and under the new definition."""

    incident: Incident
    old: float | None
    new: float | None
    was: str  # outcomes of `judge`
    would: str

    @property
    def moved(self) -> bool:
        return self.was != self.would or Move("", self.old, self.new).moved


@dataclass(frozen=True)
class Narrowed:
    """What a metric can be cut by no longer, and the finest grain it is left with where that is coarser than before."""

    metric: str
    dimensions: tuple[str, ...]
    grain: str | None


@dataclass(frozen=True)
class Effect:
    """All that a change of one definition moves. `built_on`: every metric it reaches, itself first."""

    metric: str
    built_on: tuple[str, ...]
    period: Period
    values: tuple[Move, ...]
    months: tuple[Move, ...]
    rules: tuple[RuleMove, ...]
    decisions: tuple[Decision, ...]
    targets: tuple[Move, ...]  # share of this month's target reached
    signed: tuple[Move, ...] = ()  # the metric on days and shops whose reconciliation somebody signed
    narrowed: tuple[Narrowed, ...] = ()
    barred: tuple[str, ...] = ()  # what roles without cost and profit can see no longer

    def summary(self) -> dict[str, Any]:
        """What the ledger keeps beside the definition, as plain values."""
        return {
            "values": [asdict(one) for one in self.values if one.moved],
            "months": [asdict(one) for one in self.months if one.moved],
            "rules": [
                {"rule": one.rule.id, "metric": one.rule.metric, "old": one.old, "new": one.new}
                for one in self.rules
                if one.moved
            ],
            "decisions": [
                {"alert": one.incident.id, "old": one.old, "new": one.new, "was": one.was, "would": one.would}
                for one in self.decisions
                if one.moved
            ],
            "targets": [asdict(one) for one in self.targets if one.moved],
            "signed": [asdict(one) for one in self.signed if one.moved],
            "narrowed": [asdict(one) for one in self.narrowed],
            "barred": list(self.barred),
        }


def consequences(
    warehouse: Any,
    ledger: Ledger,
    metric_id: str,
    new: Book,
    now: datetime,
    scope: Scope,
    closed: Callable[[], frozenset[str]] = frozenset,
) -> Effect:
    """What moves when the catalogue becomes `new`, which differs in the definition of `metric_id`.

    Values are the asker's: what their rights hide has none. `closed` tells which metrics some roles may not see, by the
    catalogue that it is called under.
    """
    both = _Both(warehouse, book(), new, scope)
    touched = tuple(dict.fromkeys((metric_id, *_built_on(both.old, metric_id), *_built_on(new, metric_id))))
    last = metrics.anchor(warehouse, scope)
    period = Period.days(last - timedelta(days=DAYS - 1), last)
    rules = [rule for rule in store.rules(ledger) if rule.metric in touched and rule.metric not in scope.hidden]
    return Effect(
        metric_id,
        touched,
        period,
        tuple(both.values(touched, period)),
        tuple(both.months(metric_id, last)),
        tuple(both.rule(rule, now) for rule in rules),
        tuple(both.decision(one, now) for one in _decided(ledger, touched, now, scope)),
        tuple(both.targets(touched, last)),
        tuple(both.signed(metric_id, _signed(ledger, metric_id, now))),
        tuple(_narrowed(both.old, new, touched)),
        tuple(_barred(both.old, new, touched, closed)),
    )


def _built_on(one: Book, metric_id: str) -> list[str]:
    return [name for name, item in one.metrics.items() if metric_id in item.uses]


def _barred(old: Book, new: Book, touched: Iterable[str], closed: Callable[[], frozenset[str]]) -> list[str]:
    def hidden(one: Book) -> set[str]:
        with using(one):
            barred = closed()
        return {name for name in touched if name in one.metrics and one.metrics[name].uses & barred}

    was, would = hidden(old), hidden(new)
    return [name for name in touched if name in would - was and name in old.metrics]


def _narrowed(old: Book, new: Book, touched: Iterable[str]) -> Iterator[Narrowed]:
    for name in touched:
        if name not in old.metrics or name not in new.metrics:
            continue
        was, would = old.metrics[name], new.metrics[name]
        lost = tuple(dim for dim in was.dimensions if dim not in would.dimensions)
        coarser = GRAINS.index(would.finest) > GRAINS.index(was.finest)
        if lost or coarser:
            yield Narrowed(name, lost, would.finest if coarser else None)


def _decided(ledger: Ledger, touched: Iterable[str], now: datetime, scope: Scope) -> list[Incident]:
    names = set(touched)
    known = [*store.incidents(ledger), *store.incidents(ledger, closed=True)]
    taken = [one for one in known if one.metric in names and one.rule and one.acknowledged_at and visible(one, scope)]
    taken = [one for one in taken if one.acknowledged_at and one.acknowledged_at > now - DECISIONS_BACK]
    return sorted(taken, key=lambda one: str(one.acknowledged_at), reverse=True)[:MOST_DECISIONS]


def _signed(ledger: Ledger, metric_id: str, now: datetime) -> set[tuple[str, str, str]]:
    """Day, platform and shop where a reconciliation that the metric rests on was signed and not withdrawn."""
    pairs = set(pairs_above(metric_id)) if metric_id in book().metrics else set()
    since = (now - SIGNED_BACK).date().isoformat()
    rows = ledger.query("SELECT * FROM reconciliation_signoff WHERE day >= ? ORDER BY id", (since,))
    newest = {(row["pair"], row["day"], row["platform"], row["shop"]): row["change"] for row in rows}
    return {cell[1:] for cell, change in newest.items() if change == "signed" and cell[0] in pairs}


class _Both:
    """One asker, two catalogues."""

    def __init__(self, warehouse: Any, old: Book, new: Book, scope: Scope) -> None:
        self.warehouse, self.old, self.new, self.scope = warehouse, old, new, scope

    def ask(self, query: Query) -> Result:
        return metrics.query(self.warehouse, query, self.scope)

    def _under(self, one: Book, work: Callable[[], Any]) -> Any:
        """What `work` gives under a catalogue; None where it may not be asked there."""
        with using(one):
            try:
                return work()
            except CockpitError:
                return None

    def values(self, names: tuple[str, ...], period: Period) -> list[Move]:
        old, new = (self._row(one, names, period) for one in (self.old, self.new))
        return [Move(name, old.get(name), new.get(name)) for name in names]

    def _row(self, one: Book, names: tuple[str, ...], period: Period) -> dict[str, Any]:
        """The metrics' values in one question; where one of them may not be asked, in one each."""
        known = tuple(name for name in names if name in one.metrics)
        found = self._answer(one, known, period)
        if found is None:
            each = (self._answer(one, (name,), period) or {} for name in known)
            found = {name: value for row in each for name, value in row.items()}
        return found

    def _answer(self, one: Book, names: tuple[str, ...], period: Period) -> dict[str, Any] | None:
        result = self._under(one, lambda: self.ask(Query(names, period=period))) if names else None
        return None if result is None else dict(result.rows[0]) if result.rows else {}

    def months(self, name: str, last: date) -> list[Move]:
        first = date(last.year - (last.month < MONTHS), (last.month - MONTHS) % 12 + 1, 1)
        query = Query((name,), grain="month", period=Period.days(first, last))
        by: dict[str, list[Any]] = {}
        for number, one in enumerate((self.old, self.new)):
            result = self._under(one, lambda: self.ask(query)) if name in one.metrics else None
            for row in result.rows if result else ():
                by.setdefault(str(row["month"])[:7], [None, None])[number] = row[name]
        return [Move(month, *pair) for month, pair in sorted(by.items())]

    def signed(self, name: str, cells: set[tuple[str, str, str]]) -> list[Move]:
        if not cells:
            return []
        days = [date.fromisoformat(day) for day, _, _ in cells]
        query = Query((name,), ("platform", "shop"), grain="day", period=Period.days(min(days), max(days)))
        by: dict[tuple[str, str, str], list[Any]] = {}
        for number, one in enumerate((self.old, self.new)):
            result = self._under(one, lambda: self.ask(query)) if name in one.metrics else None
            for row in result.rows if result else ():
                cell = (str(row["day"]), str(row["platform"]), str(row["shop"]))
                if cell in cells:
                    by.setdefault(cell, [None, None])[number] = row[name]
        return [Move(" · ".join((cell[0], cell[2])), *pair) for cell, pair in sorted(by.items(), reverse=True)]

    def rule(self, rule: Rule, now: datetime) -> RuleMove:
        def fired(one: Book) -> tuple[str, ...] | None:
            found = self._under(one, lambda: back_test(self.warehouse, rule, now, self.ask))
            return tuple(found["fired"]) if found else None

        return RuleMove(rule, fired(self.old), fired(self.new))

    def decision(self, incident: Incident, now: datetime) -> Decision:
        pairs = [
            self._under(one, lambda: self._judged(incident, now)) or (None, "error") for one in (self.old, self.new)
        ]
        (old, was), (new, would) = pairs
        return Decision(incident, old, new, was, would)

    def _judged(self, incident: Incident, now: datetime) -> tuple[float | None, str]:
        rule, at = incident.rule, incident.fired_at or incident.opened_at
        kind = kinds().get(rule.kind) if rule else None
        if rule is None or kind is None:
            raise UserError("alert_unknown", id=incident.id)
        query = Query(
            (rule.metric,),
            period=metrics.resolve_period(rule.period, at.date()),
            filters=incident.slice,
            compare=kind.compare(rule),
        )
        result = self.ask(query)
        row = result.rows[0] if result.rows else {}
        reading = Reading(
            labels=incident.labels,
            value=row.get(rule.metric),
            base=row.get(f"{rule.metric}__base"),
            unit=result.units[rule.metric],
        )
        return reading.value, judge(rule, reading, now).outcome

    def targets(self, names: tuple[str, ...], last: date) -> list[Move]:
        goals = [name for name in names if name in metrics.targeted(self.warehouse)]

        def reached(one: Book, name: str) -> float | None:
            query = Query((name,), period=metrics.resolve_period("this_month", last), compare="target")
            result = self._under(one, lambda: self.ask(query))
            return result.rows[0].get(f"{name}__attainment") if result and result.rows else None

        return [Move(name, reached(self.old, name), reached(self.new, name)) for name in goals]
