"""`query`: check a question, decide what can be known, compile, run, and say how far the answer can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from statistics import NormalDist
from time import perf_counter
from typing import TYPE_CHECKING, Any

from config import now
from errors import UserError
from metrics import arrival, buyer_cuts, cache
from metrics.as_known import check_as_known, coverage_as_known, kept_only, whole_days_told
from metrics.benchmark import benchmark_params
from metrics.catalogue import GRAINS, book, metric, using
from metrics.compile import compiled, is_paced
from metrics.coverage import Coverage, Where, axis_extent, coverage, subjects_of
from metrics.declare import Metric
from metrics.dimensions import PERSONAL, check_dimension, filter_value
from metrics.editions import NO_BASE, shift_of
from metrics.facts import AXES
from metrics.knowledge import Known, base_notes, decide, notes_of, people_apart
from metrics.lunar import by_lunar_day
from metrics.measures import MEASURES
from metrics.pace import MAIN, hours_done, target_params
from metrics.people import Cuts
from metrics.periods import (
    COMPARISONS,
    Shift,
    base_period,
    cut,
    has_tail,
    is_whole_days,
    resolve_period,
    told_part,
)
from metrics.shape import Filter, Shape, SideShape
from metrics.traffic import left_out
from metrics.types import Period, Query, Result, Scope
from metrics.unallocated import unallocated
from warehouse import freshness
from warehouse.engine import Parsed

if TYPE_CHECKING:
    from warehouse import Warehouse

_PARSED = Parsed()
_SYSTEM_AXES = {"jobs", "calls", "batches", "sources", "process", "unconnected"}


def query(warehouse: Warehouse, asked: Query, scope: Scope) -> Result:
    """Answer one question for one asker.

    Rows hold the grain's column (named after the grain, ISO text), one column per dimension (codes as the facts hold
    them), one per metric (yuan, fractions, counts; null where undefined, the reason in `notes`), and with a comparison
    `METRIC__base`, `METRIC__diff` (asked − base) and `METRIC__pct` (diff / |base|).

    Raises:
        UserError: `no_metrics`, `unknown_metric`, `unknown_dimension`, `dimension_not_allowed`, `grain_not_allowed`,
            `unknown_grain`, `grain_is_dimension`, `unknown_period`, `period_empty`, `unknown_comparison`,
            `comparison_later`, `order_unknown`, `filter_value`, `not_allowed`, and for an earlier moment those of
            `as_known.check_as_known`.
    """
    with using(book()):  # a definition may change meanwhile
        return _once(warehouse, asked, scope)


def _once(warehouse: Warehouse, asked: Query, scope: Scope) -> Result:
    metrics = check(asked, scope)
    filters = filters_of(asked, scope)
    axes = {name for item in metrics for name in (_axis(measure) for measure in item.measures)}
    if axes & _SYSTEM_AXES:  # their rows come without a new data version
        return _answer(warehouse, asked, scope, metrics, filters)
    if asked.compare == "lunar_year" and asked.grain in ("minute", "hour", "day"):
        whole = _kept(warehouse, asked, scope, metrics, filters)
        return by_lunar_day(asked, whole, lambda own: _kept(warehouse, own, scope, metrics, filters))
    return _kept(warehouse, asked, scope, metrics, filters)


def _kept(
    warehouse: Warehouse, asked: Query, scope: Scope, metrics: list[Metric], filters: dict[str, tuple[Any, ...]]
) -> Result:
    """The kept answer to a question, or a new one."""
    clock = _clock(warehouse, asked.as_known)
    key = (
        warehouse.data_version,
        book().version,
        Cuts.of(warehouse.settings),
        _question(asked),
        tuple(sorted(filters.items())),
        scope.hidden,
        clock.date(),
        _state(warehouse, asked.as_known).heard(subjects_of(needed_axes(asked)), where_of(filters), clock),
    )
    return cache.once(warehouse, key, lambda: _answer(warehouse, asked, scope, metrics, filters))


def _clock(warehouse: Warehouse, as_known: datetime | None) -> datetime:
    clock = now(warehouse.settings)
    return clock if as_known is None else min(clock, as_known)


def _state(warehouse: Warehouse, as_known: datetime | None) -> Coverage:
    return coverage(warehouse) if as_known is None else coverage_as_known(warehouse, as_known)


def anchor(warehouse: Warehouse, scope: Scope, as_known: datetime | None = None) -> date:
    """The last day with data the asker may see (or could then): of sales, else of whatever there is; else today."""
    where = where_of(scope.rows)
    state = _state(warehouse, as_known)
    for subjects in (("sales",), ("behaviour", "traffic", "refunds", "created", "ads", "live", "stock")):
        found = [extent.last for name in subjects if (extent := state.extent(name, where))]
        if found:
            return max(found).date()
    return _clock(warehouse, as_known).date()


def _axis(measure: str) -> str:
    return MEASURES[measure].axis


def _question(asked: Query) -> tuple[Any, ...]:
    return (
        asked.metrics,
        asked.dimensions,
        asked.grain,
        asked.period,
        asked.compare,
        asked.order,
        asked.limit,
        asked.as_known,
        asked.expected,
    )


# Checking -------------------------------------------------------------------------------------------------------------


def check(asked: Query, scope: Scope) -> list[Metric]:
    """The metrics of a question that may be asked; raises what `query` raises."""
    if not asked.metrics:
        raise UserError("no_metrics")
    if asked.grain is not None and asked.grain not in GRAINS:
        raise UserError("unknown_grain", name=asked.grain, known=", ".join(GRAINS))
    if asked.grain in asked.dimensions:  # both columns would be called `hour`
        raise UserError("grain_is_dimension", name=asked.grain)
    if asked.compare is not None and asked.compare not in COMPARISONS:
        raise UserError("unknown_comparison", name=asked.compare, known=", ".join(COMPARISONS))
    for name in (*asked.dimensions, *asked.filters):
        check_dimension(name)
    if asked.as_known is not None:
        check_as_known(asked)
    found = [metric(name) for name in dict.fromkeys(asked.metrics)]
    for item in found:
        _check_metric(item, asked, scope)
    _check_order(asked)
    return found


def _check_metric(item: Metric, asked: Query, scope: Scope) -> None:
    if item.uses & scope.hidden:
        raise UserError("not_allowed", metric=item.id)
    for name in (*asked.dimensions, *asked.filters):
        if name not in item.dimensions:
            allowed = ", ".join(item.dimensions) or "–"
            raise UserError("dimension_not_allowed", metric=item.id, dimension=name, allowed=allowed)
    for name in scope.rows:
        if name not in item.dimensions:  # its rows cannot be told apart by what the asker may see
            raise UserError("not_allowed", metric=item.id)
    if asked.compare == "target" and not {*asked.dimensions, *asked.filters} <= {
        "platform",
        "shop",
        "category",
        "weekday",
    }:
        raise UserError(
            "dimension_not_allowed",
            metric="target",
            dimension=", ".join(asked.dimensions),
            allowed="platform, shop, category",
        )
    finest = "day" if asked.compare == "target" else item.finest
    if asked.grain is not None and GRAINS.index(asked.grain) < GRAINS.index(finest):
        raise UserError("grain_not_allowed", metric=item.id, grain=asked.grain, finest=finest)
    if "hour" in asked.dimensions and GRAINS.index(finest) > GRAINS.index("hour"):
        raise UserError("grain_not_allowed", metric=item.id, grain="hour", finest=finest)


def _check_order(asked: Query) -> None:
    if asked.order is None:
        return
    if asked.order[:1] not in "+-" or asked.order[1:].split("__")[0] not in asked.metrics:
        raise UserError("order_unknown", order=asked.order, known=", ".join(asked.metrics))
    suffix = asked.order[1:].partition("__")[2]
    if suffix and (suffix not in ("base", "diff", "pct") or not asked.compare):
        raise UserError("order_unknown", order=asked.order, known=", ".join(asked.metrics))


def filters_of(asked: Query, scope: Scope) -> dict[str, tuple[str | int | None, ...]]:
    """What the question asks and the scope allows, per dimension; an empty text means 'no value'."""
    merged: dict[str, tuple[str | int | None, ...]] = {}
    for name, values in asked.filters.items():
        merged[name] = _values(name, values)
    for name, values in scope.rows.items():
        allowed = _values(name, values)
        merged[name] = tuple(value for value in merged[name] if value in allowed) if name in merged else allowed
    return merged


def _values(name: str, values: tuple[str, ...]) -> tuple[str | int | None, ...]:
    listed = (values,) if isinstance(values, (str, int)) else values
    found = (None if value in ("", None) else filter_value(name, value) for value in listed)
    return tuple(sorted(dict.fromkeys(found), key=lambda value: (value is None, str(value))))


def where_of(filters: Mapping[str, tuple[Any, ...]]) -> Where:
    def places(name: str) -> frozenset[str] | None:
        return frozenset(str(value) for value in filters[name]) if name in filters else None

    return Where(places("platform"), places("shop"))


# Answering ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """Everything decided before the SQL runs."""

    shape: Shape
    params: dict[str, Any]
    period: Period
    base: Period | None
    known: Known
    as_of: datetime | None
    through: datetime | None
    late: tuple[str, ...]
    base_notes: dict[str, str]
    left_out: tuple[date, ...] = ()


def _answer(
    warehouse: Warehouse, asked: Query, scope: Scope, metrics: list[Metric], filters: dict[str, tuple[Any, ...]]
) -> Result:
    started = perf_counter()
    version = warehouse.data_version
    plan = plan_of(warehouse, asked, scope, metrics, filters)
    sql, names = compiled(plan.shape)
    with warehouse.reader() as cursor:
        found = cursor.execute(_PARSED.of(cursor, sql), [plan.params[name] for name in names])
        columns = [item[0] for item in found.description or ()]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    expected = arrival.by_row(warehouse, asked, plan.period, filters, rows) if asked.expected else []
    seconds = perf_counter() - started
    warehouse.meter.took("query_ms", seconds * 1000)
    return Result(
        metrics=plan.shape.metrics,
        dimensions=asked.dimensions,
        grain=asked.grain,
        period=plan.period,
        compare=asked.compare,
        rows=rows,
        as_of=plan.as_of,
        complete_through=plan.through or plan.as_of,
        units={item.id: item.unit for item in metrics},
        sql=sql,
        seconds=seconds,
        notes=notes_of(metrics, rows, plan.known) | plan.base_notes,
        late_sources=plan.late,
        base_period=plan.base,
        data_version=version,
        as_known=asked.as_known,
        left_out=plan.left_out,
        expected=expected[0] if expected and not asked.dimensions else {},
        expected_rows=expected,
    )


def plan_of(
    warehouse: Warehouse, asked: Query, scope: Scope, metrics: list[Metric], filters: dict[str, tuple[Any, ...]]
) -> _Plan:
    state, where = _state(warehouse, asked.as_known), where_of(filters)
    period = _period(warehouse, asked, scope, state, where)
    dims = (*asked.dimensions, *filters)
    known = decide(metrics, state, where, period, dims)
    if asked.as_known is not None:
        known = kept_only(known, asked.dimensions, shape_filters(filters))
    subjects = subjects_of(known.axes)
    as_of = _newest(state, subjects, where)
    clock = _clock(warehouse, asked.as_known)
    through, late = state.through(subjects, where, clock)
    shift = _shift(warehouse, asked, period, where)
    here, base = _sides(asked, period, shift, (through, as_of), clock)
    told = told_part(period, through or as_of, clock)
    sides = [SideShape("a", known.measures, is_whole_days(here), has_tail(here))]
    if base is not None:
        there = decide(metrics, state, where, base, dims, known.stand_in)
        if asked.as_known is not None:
            there = kept_only(there, asked.dimensions, shape_filters(filters))
        calendar = bool(shift and shift.months) and asked.grain in ("minute", "hour", "day", "week")
        sides.append(SideShape("z", there.measures, is_whole_days(base), has_tail(base), True, calendar))
    if told is not None and told != here and (cut_there := _cut_measures(asked, metrics, known)):
        sides.append(SideShape("c", cut_there, is_whole_days(told), has_tail(told)))
    shape = Shape(
        tuple(item.id for item in metrics),
        known.stand_in,
        asked.dimensions,
        asked.grain,
        shape_filters(filters),
        tuple(sides),
        asked.compare,
        asked.order,
        asked.limit is not None,
        state.place_by(),
        definitions=book().version,
        as_known=asked.as_known is not None,
    )
    params = _params(asked, filters, {"a": here, "z": base, "c": told}, shift or Shift(), as_of, clock)
    if PERSONAL & set(dims):
        params |= buyer_cuts.params_of({"a": here, "z": base, "c": told}, clock, Cuts.of(warehouse.settings))
    if known.axes & {"lost", "reorder"}:
        params |= _supply_params(warehouse, {"a": here, "z": base, "c": told})
    if "sources" in known.axes:
        params |= _lag_params(warehouse, clock)
    notes = {} if base is None else base_notes(metrics, state, where, base, known)
    if asked.as_known is not None:
        params["known"] = asked.as_known
        if shift is not None and base is None:
            notes |= {f"{item.id}__base": "as_known_begun" for item in metrics}
    if asked.compare in NO_BASE and base is None:
        notes |= {f"{item.id}__base": NO_BASE[asked.compare] for item in metrics}
    if asked.compare == "benchmark":
        for item in metrics:
            params |= benchmark_params(warehouse, item.id, asked.dimensions, filters, asked.grain, told or period)
            if not params[f"b_{item.id}_bucket"]:
                notes[f"{item.id}__base"] = "no_benchmark"
    done = None if told is None else told.end
    if asked.compare == "target":
        for item in metrics:
            params |= target_params(warehouse, "t", item.id, asked.dimensions, filters, period, done)
            if done is None and params[f"t_t_{item.id}_day"]:
                notes[f"{item.id}__pace"] = "not_told_yet"
    if "target" in known.axes:
        params |= target_params(warehouse, "a", MAIN, asked.dimensions, filters, period, done)
        if base is not None:
            params |= target_params(warehouse, "z", MAIN, asked.dimensions, filters, base, base.end)
        if done is None and params[f"a_t_{MAIN}_day"]:
            notes |= {item.id: "not_told_yet" for item in metrics if is_paced(item)}
    gone = [left_out(shape, side, span, state, where) for side, span in zip(sides, (here, base), strict=False) if span]
    known, more = people_apart(metrics, known, *map(bool, gone))
    known = replace(known, partial=known.partial | unallocated(warehouse, known, filters, period))
    return _Plan(shape, params, period, base, known, as_of, through, late, notes | more, gone[0])


def _cut_measures(asked: Query, metrics: list[Metric], known: Known) -> frozenset[str]:
    """Measures needed up to where everything is told: whatever is held against the part of a target that is due."""
    if asked.as_known is not None:  # targets are not kept by vintage
        return frozenset()
    held = metrics if asked.compare == "target" else [item for item in metrics if is_paced(item)]
    stand_in = dict(known.stand_in)
    wanted = {stand_in.get(name, name) for item in held for name in item.measures}
    return frozenset(name for name in wanted & known.measures if MEASURES[name].axis != "target")


def _shift(warehouse: Warehouse, asked: Query, period: Period, where: Where) -> Shift | None:
    """How far the base lies back; None when nothing is compared over time, or there is nothing to compare with."""
    if asked.compare in (None, "target", "benchmark"):
        return None
    return shift_of(warehouse, str(asked.compare), period, where.platforms)


def _sides(
    asked: Query,
    period: Period,
    shift: Shift | None,
    ends: tuple[datetime | None, datetime | None],
    clock: datetime,
) -> tuple[Period, Period | None]:
    """Both sides of the comparison, cut at the same moment (what is told in full, else the newest event); without one
    over time the period as it is."""
    if asked.compare in (None, "target", "benchmark"):
        return period, None
    through, as_of = ends
    moment = through if through is not None and through >= period.start else as_of
    if asked.as_known is not None:
        days = whole_days_told(period, moment, clock)
        return days or period, None if shift is None or days is None else base_period(days, shift)
    here = cut(period, moment, clock)
    return here, None if shift is None else base_period(here, shift)


def _period(warehouse: Warehouse, asked: Query, scope: Scope, state: Coverage, where: Where) -> Period:
    if isinstance(asked.period, str):
        return resolve_period(asked.period, anchor(warehouse, scope, asked.as_known))
    if asked.period is not None:
        if asked.period.start >= asked.period.end:
            raise UserError("period_empty", start=asked.period.start, end=asked.period.end)
        return asked.period
    extents = [axis_extent(warehouse, AXES[name], where, state) for name in sorted(needed_axes(asked))]
    found = [extent for extent in extents if extent]
    if not found:
        day = datetime.combine(_clock(warehouse, asked.as_known).date(), time.min)
        return Period(day, day + timedelta(days=1))
    return Period.days(min(item.first for item in found).date(), max(item.last for item in found).date())


def _with_stand_ins(item: Metric) -> tuple[str, ...]:
    return (*item.measures, *(other for name in item.measures for other in MEASURES[name].instead))


def _newest(state: Coverage, subjects: set[str], where: Where) -> datetime | None:
    return max((extent.last for name in subjects if (extent := state.extent(name, where))), default=None)


def shape_filters(filters: Mapping[str, tuple[Any, ...]]) -> tuple[Filter, ...]:
    """The filters without their values."""
    return tuple(
        Filter(name, sum(value is not None for value in values), None in values)
        for name, values in sorted(filters.items())
    )


def _params(
    asked: Query,
    filters: Mapping[str, tuple[Any, ...]],
    sides: Mapping[str, Period | None],
    shift: Shift,
    as_of: datetime | None,
    clock: datetime,
) -> dict[str, Any]:
    watermark = as_of or next(side.end for side in sides.values() if side is not None)
    params: dict[str, Any] = {"limit": asked.limit, "watermark": watermark}
    for prefix, side in sides.items():
        if side is not None:
            params |= {
                f"{prefix}_start": side.start,
                f"{prefix}_end": side.end,
                f"{prefix}_mid": datetime.combine(side.end.date(), time.min),
                f"{prefix}_clock": min(clock, side.end),
                f"{prefix}_until": max(min(side.end, watermark + timedelta(microseconds=1)), side.start),
            }
    params |= {"z_months": shift.months, "z_days": shift.days, "z_seconds": shift.seconds}
    return params | _filter_params(filters)


def _supply_params(warehouse: Warehouse, sides: Mapping[str, Period | None]) -> dict[str, Any]:
    """What buying again goes by, and the usual day before each side."""
    settings = warehouse.settings
    return {
        "lead_days": settings.lead_days,
        "review_days": settings.review_days,
        "service_z": NormalDist().inv_cdf(settings.service_level),
        **{f"{prefix}_hours": hours_done(warehouse, side.start.date()) for prefix, side in sides.items() if side},
    }


def _lag_params(warehouse: Warehouse, clock: datetime) -> dict[str, Any]:
    """Sources that somebody waits for, and how many seconds they are behind the clock."""
    found = [one for one in freshness.sources(warehouse, clock) if one.state not in ("ended", "relieved")]
    found = [one for one in found if one.lag is not None]
    return {
        "lag_at": [clock] * len(found),
        "lag_lag": [one.lag.total_seconds() for one in found if one.lag],
        **{f"lag_{name}": [getattr(one, name) for one in found] for name in ("source", "platform", "shop")},
    }


def _filter_params(filters: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    return {
        f"f_{name}_{number}": value
        for name, values in filters.items()
        for number, value in enumerate(value for value in values if value is not None)
    }


def merged_filters(asked: Query, scope: Scope) -> tuple[dict[str, tuple[Any, ...]], dict[str, Any]]:
    """What is asked and allowed per dimension, and the parameters that carry the values."""
    filters = filters_of(asked, scope)
    return filters, _filter_params(filters)


def needed_axes(asked: Query) -> frozenset[str]:
    """Axes that the metrics of a question may read, stand-ins included."""
    return frozenset(_axis(name) for item in asked.metrics for name in _with_stand_ins(metric(item)))
