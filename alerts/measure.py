"""What the rules ask of the metrics engine: rules that look at the same slice of the same facts share one query.

A rule's floor in yuan needs a yardstick. For a metric in yuan it is the distance from what the rule allows; for a
metric of advertising it is the spend, for any other the gmv of the same slice and period, which is asked along.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import metrics
from alerts.rules import kinds
from alerts.types import Reading, Rule
from errors import CockpitError
from metrics.measures import MEASURES
from metrics.types import Period, Query, Result, Scope

log = logging.getLogger(__name__)

Ask = Callable[[Query], Result]
Slice = tuple[str, tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...], str | None, frozenset[str]]


def asker(warehouse: Any) -> Ask:
    """The metrics engine over everything: whether somebody may see an incident is decided when it is shown."""
    return lambda query: metrics.query(warehouse, query, Scope.everything("alerts"))


def read_rules(rules: Iterable[Rule], ask: Ask, now: datetime) -> list[tuple[Rule, list[Reading]]]:
    """The readings of every rule; a rule whose query fails gets one reading with the error in it."""
    groups: dict[Slice, list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[_slice(rule)].append(rule)
    return [pair for group in groups.values() for pair in _read_group(group, ask, now)]


def read_told(rule: Rule, ask: Ask, now: datetime, until: datetime) -> list[Reading]:
    """The readings of one rule on that part of its period which every source has told in full."""
    whole = metrics.resolve_period(rule.period, now.date())
    return _read_group([rule], ask, now, Period(whole.start, until))[0][1]


def read_period(rule: Rule, ask: Ask, period: Period) -> list[Reading]:
    """The readings of one rule on a period of its own."""
    return _read_group([rule], ask, period.start, period)[0][1]


def _slice(rule: Rule) -> Slice:
    filters = tuple(sorted((name, tuple(sorted(values))) for name, values in rule.filters.items()))
    kind = kinds().get(rule.kind)
    return rule.period, filters, rule.dimensions, kind.compare(rule) if kind else None, _axes(rule)


def _axes(rule: Rule) -> frozenset[str]:
    # Metrics over other facts have other sources: asked together, one's late source would make the other look late.
    metric = metrics.catalogue().get(rule.metric)
    return frozenset(MEASURES[name].axis for name in metric.measures) if metric else frozenset()


def _read_group(
    rules: list[Rule], ask: Ask, now: datetime, period: Period | None = None
) -> list[tuple[Rule, list[Reading]]]:
    try:
        result = ask(_query(rules, period or metrics.resolve_period(rules[0].period, now.date())))
    except Exception as error:
        if len(rules) == 1:
            return [(rules[0], [_failed(rules[0], error)])]
        # One bad rule (a metric that lacks the dimension, say) must not blind its neighbours.
        return [pair for rule in rules for pair in _read_group([rule], ask, now, period)]
    return [(rule, _readings(rule, result)) for rule in rules]


def _query(rules: list[Rule], period: Period) -> Query:
    _, _, dimensions, compare, _ = _slice(rules[0])
    wanted = dict.fromkeys(name for rule in rules for name in (rule.metric, yardstick(rule)) if name)
    return Query(
        metrics=tuple(wanted),
        dimensions=dimensions,
        period=period,
        filters=dict(rules[0].filters),
        compare=compare,
    )


def yardstick(rule: Rule) -> str | None:
    """The metric in yuan that a rule's floor is held against; None where the metric itself is, or none fits."""
    metric = metrics.catalogue().get(rule.metric)
    if rule.floor <= 0 or metric is None or metric.unit == "yuan" or metric.layer == "system":
        return None
    found = metrics.catalogue()["ad_spend" if metric.fact == "ad_spend" else "gmv"]
    return found.id if {*rule.dimensions, *rule.filters} <= set(found.dimensions) else None


def _readings(rule: Rule, result: Result) -> list[Reading]:
    rows = result.rows or ([] if rule.dimensions else [{}])
    return [_reading(rule, result, row) for row in rows]


def _reading(rule: Rule, result: Result, row: dict[str, Any]) -> Reading:
    name = rule.metric
    return Reading(
        labels={dimension: str(row[dimension]) for dimension in rule.dimensions if row.get(dimension) is not None},
        value=_whole(result, row, name),
        base=_whole(result, row, f"{name}__base"),
        yardstick=_number(row.get(yardstick(rule) or "")),
        unit=result.units.get(name, "count"),
        note=result.notes.get(name),
        base_note=result.notes.get(f"{name}__base"),
        as_of=result.as_of,
        complete_through=result.complete_through,
        late_sources=result.late_sources,
        data_version=result.data_version,
        period=result.period,
    )


def _whole(result: Result, row: dict[str, Any], name: str) -> float | None:
    """A number to be judged: none where days of people are left out of it, which would look like a fall."""
    return None if result.notes.get(name) == "partial_people" else _number(row.get(name))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _failed(rule: Rule, error: Exception) -> Reading:
    if isinstance(error, CockpitError):
        return Reading(labels={}, value=None, error=str(error))
    log.warning("rule %s on %s could not be asked", rule.id, rule.metric, exc_info=error)
    return Reading(labels={}, value=None, error=f"{type(error).__name__} (logs/cockpit.log)")
