"""`explain`: why a metric changed between two periods: along its formula tree, over its dimensions, and beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any

from errors import UserError
from metrics.catalogue import metric as metric_of
from metrics.coincidences import Coincidence, coincidences
from metrics.contributions import Measured, Part, measured, parts
from metrics.corners import Located, locate
from metrics.decompose import FEN, FINE, Branch, branches
from metrics.dimensions import PERSONAL
from metrics.facts import AXES
from metrics.formulas import lines, trees, wanted
from metrics.measures import MEASURES
from metrics.noticed import noticed
from metrics.query import check
from metrics.sides import Pair, Sides
from metrics.types import Period, Query, Scope, Unit

if TYPE_CHECKING:
    import pandas as pd

    from warehouse import Warehouse


@dataclass(frozen=True)
class Why:
    """The question: a metric, the period asked about and the one it is held against. No dimensions: all allowed."""

    metric: str
    period: Period
    base: Period
    dimensions: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Split:
    """One way the change is split along the tree: the line as a formula of ids, and its branches."""

    line: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Explanation:
    """Why a number moved. Money in yuan, rates as fractions; `diff` is None where a side is not known.

    `splits` holds every line of the tree that can be told here, the first is the main one; the amounts of its branches
    sum to `diff` exactly. `skipped` names the tree's own line where another had to be taken. `notes` are the reasons
    of `query` (metric → code), `not_split` the dimensions over which no exact split exists.
    """

    asked: Why
    unit: Unit
    value: Decimal | None
    base: Decimal | None
    diff: Decimal | None
    splits: tuple[Split, ...]
    skipped: str | None
    dimensions: dict[str, list[Part]]
    located: Located
    beside: tuple[Coincidence, ...]
    notes: dict[str, str]
    not_split: tuple[str, ...]
    seconds: float


def explain(warehouse: Warehouse, asked: Why, scope: Scope) -> Explanation:
    """Split the change of `asked.metric` from `asked.base` to `asked.period` by everything that is known.

    Raises:
        UserError: what `query` raises for the metric, its dimensions and filters, periods and rights.
    """
    started = perf_counter()
    item = metric_of(asked.metric)
    check(Query((asked.metric,), asked.dimensions, filters=asked.filters), scope)
    for period in (asked.period, asked.base):
        if period.start >= period.end:
            raise UserError("period_empty", start=period.start, end=period.end)
    sides = Sides(warehouse, scope, asked.base, asked.period, asked.filters)
    values = sides.totals(wanted(asked.metric))
    results = sides.both((asked.metric,))
    whole = values[asked.metric]
    value, base, step = _exact(whole, item.unit)
    diff = None if value is None or base is None else value - base
    splits, skipped = _splits(asked.metric, values, diff, step)
    frames, how, by, not_split = _cut(sides, asked, item.unit, whole)
    under: Pair = (None, None)
    located = Located((), False, ())
    if how is not None and diff is not None:
        under = _under(sides, how)
        by = {name: parts(frame, name, how, whole, under) for name, frame in frames.items()}
        if diff:
            located = locate(sides, how, frames, whole, under)
            located = noticed(sides, how, located, tuple(frames), whole, under)
    return Explanation(
        asked, item.unit, value, base, diff, splits, skipped, by, located,
        coincidences(sides, located, results), _notes(results), not_split, perf_counter() - started,
    )  # fmt: skip


def _notes(results: list[Any]) -> dict[str, str]:
    base = {f"{name}__base": code for name, code in results[0].notes.items()}
    return base | dict(results[1].notes)


def _exact(whole: Pair, unit: str) -> tuple[Decimal | None, Decimal | None, Decimal]:
    """(after, before, step): whole fen where the amounts are, else as exact as they came."""
    told = [Decimal(repr(value)) for value in whole if value is not None]
    cents = unit == "yuan" and all(abs(value - value.quantize(FEN)) < Decimal("1e-7") for value in told)
    before, after = (
        None if value is None else Decimal(repr(value)).quantize(FEN) if cents else Decimal(repr(value))
        for value in whole
    )
    return after, before, FEN if cents else FINE


def _splits(
    metric: str, values: Mapping[str, Pair], diff: Decimal | None, step: Decimal
) -> tuple[tuple[Split, ...], str | None]:
    if diff is None:
        return (), None
    found = trees(metric, values)
    told = tuple(Split(line, branches(node, diff, step)) for line, node in found)
    first = next(iter(lines(metric)), None)
    skipped = first.text if first is not None and not (found and found[0][0].startswith(first.text)) else None
    return told, skipped


def _under(sides: Sides, how: Measured) -> Pair:
    return (None, None) if how.bottom is None else sides.totals((how.bottom,))[how.bottom]


def _cut(
    sides: Sides, asked: Why, unit: str, whole: Pair
) -> tuple[dict[str, pd.DataFrame], Measured | None, dict[str, list[Part]], tuple[str, ...]]:
    """The values of every dimension on both sides; dimensions that cannot be told apart are named."""
    dims = asked.dimensions or _allowed(sides, asked)
    how = measured(sides, asked.metric, unit)
    if how is None or None in whole:
        return {}, None, {}, dims
    frames, not_split = {}, []
    for name in dims:
        frame = sides.frame(how.names, (name,)) if all(sides.may(one, (name,)) for one in how.names) else None
        if frame is None or not len(frame) or not frame[[f"{how.metric}__0", f"{how.metric}__1"]].to_numpy().any():
            not_split.append(name)
        else:
            frames[name] = frame
    return frames, how, {}, tuple(not_split)


def _allowed(sides: Sides, asked: Why) -> tuple[str, ...]:
    """Every dimension that can be asked and is not held to one value already."""
    pinned = {name for name, values in asked.filters.items() if len(values) == 1}
    metric = metric_of(asked.metric)
    apart = {name for measure in metric.measures for name in AXES[MEASURES[measure].axis].apart}  # told by other rows
    names = [name for name in metric.dimensions if name not in PERSONAL | apart]  # who bought is a result, no cause
    return tuple(name for name in names if name not in pinned and sides.may(asked.metric, (name,)))
