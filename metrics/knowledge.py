"""What can be known: which measures a question may read, which stand in for others, and why a number is null."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from metrics.coverage import Coverage, Where
from metrics.declare import Metric
from metrics.facts import AXES
from metrics.measures import MEASURES
from metrics.types import Period


@dataclass(frozen=True)
class Known:
    """`measures` can be read; `stand_in` pairs a measure with its deputy; `why` says why one cannot be."""

    measures: frozenset[str]
    stand_in: tuple[tuple[str, str], ...]
    why: dict[str, str]
    partial: dict[str, str]
    axes: frozenset[str]


def decide(
    metrics: Iterable[Metric],
    state: Coverage,
    where: Where,
    period: Period,
    dims: tuple[str, ...],
    stand_in: tuple[tuple[str, str], ...] | None = None,
) -> Known:
    """Decide for one side of the question; the base side takes the stand-ins of the asked one."""
    names = tuple(dict.fromkeys(name for item in metrics for name in item.measures))
    chosen = dict(stand_in) if stand_in is not None else _stand_ins(names, state, where, period, dims)
    why: dict[str, str] = {}
    partial: dict[str, str] = {}
    found: set[str] = set()
    for name in names:
        real = chosen.get(name, name)
        reason = _reason(real, state, where, period)
        if reason is None:
            found.add(real)
            if note := _partial(real, state, where, dims):
                partial[name] = note
        else:
            why[name] = reason
    axes = frozenset(MEASURES[chosen.get(name, name)].axis for name in names)
    return Known(frozenset(found), tuple(sorted(chosen.items())), why, partial, axes)


def _stand_ins(
    names: tuple[str, ...], state: Coverage, where: Where, period: Period, dims: tuple[str, ...]
) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for name in names:
        measure = MEASURES[name]
        if not measure.instead or state.speaks(AXES[measure.axis], period, where):
            continue
        for other in measure.instead:
            axis = AXES[MEASURES[other].axis]
            if all(dim in axis.dims for dim in dims) and _reason(other, state, where, period) is None:
                chosen[name] = other
                break
    return chosen


def _reason(name: str, state: Coverage, where: Where, period: Period) -> str | None:
    measure = MEASURES[name]
    axis = AXES[measure.axis]
    if not axis.subject:
        return None
    if state.extent(axis.subject, where) is None:
        return axis.reason
    if not state.speaks(axis, period, where):
        return "no_data"
    if measure.needs and state.extent(measure.needs, where) is None:
        return measure.reason
    return None


_PARTIAL = {
    "sales.cost": "partial_cost",
    "sales.buyer": "partial_buyers",
    "sales.quantity": "partial_quantity",
    "stock.cost": "partial_cost",
}


def _partial(name: str, state: Coverage, where: Where, dims: tuple[str, ...] = ()) -> str | None:
    measure = MEASURES[name]
    if measure.needs == "sales.quantity" and {"sku", "product"} & set(dims):
        return None  # orders told as a whole lack pieces, and their goods
    if measure.needs in _PARTIAL:
        some, every = state.extent(measure.needs, where), state.extent(AXES[measure.axis].subject, where)
        if some and every and some.rows < every.rows:
            return _PARTIAL[measure.needs]
    if measure.axis == "refunds" and state.extent("refunds.estimated", where):
        return "estimated_refund_time"
    return None


def people_apart(
    metrics: Iterable[Metric], known: Known, here: bool, there: bool = False
) -> tuple[Known, dict[str, str]]:
    """What is known once some days' people cannot be added up on the asked side (`here`) or the base's (`there`): the
    sums without them are partial. Beside it the notes of the base."""
    stand_in = dict(known.stand_in)
    people = {name for item in metrics for name in item.measures if MEASURES[name].kind == "people"} - stand_in.keys()
    marks = dict.fromkeys(people, "partial_people") if here else {}
    based = {f"{item.id}__base": "partial_people" for item in metrics if there and people & set(item.measures)}
    return replace(known, partial=known.partial | marks), based


def notes_of(metrics: Iterable[Metric], rows: list[dict[str, Any]], known: Known) -> dict[str, str]:
    """Metric → code of why it is null, or of what to know about it."""
    stand_in = dict(known.stand_in)
    found: dict[str, str] = {}
    for item in metrics:
        nothing = all(row.get(item.id) is None for row in rows)
        reasons = [known.why[name] for name in item.measures if name in known.why]
        if nothing and reasons:
            found[item.id] = reasons[0]
        elif (
            nothing and rows and any(MEASURES[name].kind == "people" and name not in stand_in for name in item.measures)
        ):
            found[item.id] = "not_additive"
        elif nothing and rows:
            found[item.id] = _why_nothing(item)
        elif any(MEASURES[stand_in[name]].axis == "behaviour" for name in item.measures if name in stand_in):
            found[item.id] = "from_behaviour_log"
        elif partial := [known.partial[name] for name in item.measures if name in known.partial]:
            found[item.id] = partial[0]
    return found


def null_reasons(item: Metric, uses: Iterable[Metric] = ()) -> tuple[str, ...]:
    """Every code that may stand beside a null of this metric; `uses` are the metrics that its formula is made of."""
    found: dict[str, None] = {}
    for name in item.measures:
        measure, axis = MEASURES[name], AXES[MEASURES[name].axis]
        found |= dict.fromkeys((axis.reason, "no_data") if axis.subject else (axis.reason,))
        if measure.needs and measure.reason:
            found[measure.reason] = None
        if measure.kind == "people":
            found["not_additive"] = None
    if any("/" in one.formula or "nullif" in one.formula for one in (item, *uses)):
        found["undefined"] = None
    return tuple(found)


def _why_nothing(item: Metric) -> str:
    axes = [AXES[MEASURES[name].axis] for name in item.measures]
    if any(axis.id == "target" for axis in axes):
        return "no_target"
    # tables of the house have no coverage that could have told it before the question
    silent = [axis.reason for axis in axes if axis.table and not axis.subject]
    return silent[0] if len(silent) == len(axes) else "undefined"


def base_notes(metrics: Iterable[Metric], state: Coverage, where: Where, base: Period, known: Known) -> dict[str, str]:
    """`METRIC__base` → code, where the data begin within the period compared with."""
    stand_in = dict(known.stand_in)
    found: dict[str, str] = {}
    for item in metrics:
        for name in item.measures:
            axis = AXES[MEASURES[stand_in.get(name, name)].axis]
            extents = [extent for subject in (axis.subject, *axis.within) if (extent := state.extent(subject, where))]
            first = min((extent.first for extent in extents), default=base.start)
            if base.start.date() < first.date() and first < base.end:
                found[f"{item.id}__base"] = "base_incomplete"
    return found
