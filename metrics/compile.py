"""From the shape of a question to one SQL statement.

    WITH a0 AS (part), a1 AS (part), z0 AS (part of the base) …
    stacked AS (all parts under each other, padded with nulls)
    side by side AS (one row per key: the measures, 0 where a known fact had no row)
    SELECT keys, formulas FROM side by side

Parts never meet in a join, so rows of one fact cannot multiply rows of another. The tree is sqlglot's, written for
DuckDB here; the functions DuckDB alone knows are few (`arg_max`, ASOF, `unnest` of list parameters).
"""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp

from metrics import buyer_cuts
from metrics.benchmark import benchmark_rows, benchmark_value
from metrics.catalogue import catalogue, expression
from metrics.declare import Metric
from metrics.facts import AXES
from metrics.measures import MEASURES
from metrics.pace import spread
from metrics.parts import parts_of, target_select
from metrics.shape import Part, Shape, SideShape, alias, call, cast, column, number_params, param, parse, table

_TEXT = {"minute": "%Y-%m-%d %H:%M", "hour": "%Y-%m-%d %H:%M"}
_ZERO = (
    "plain",
    "orders",
    "orders_any",
    "people",
    "buyers",
    "new",
    "repurchase",
    "stock",
    "cover",
    "funnel",
    "pairs",
    "target",
    "reorder",
    "lost",
)
_UNIT_VALUE_PLACES = 9
_NOT_ZERO = {"pcu", "job_seconds_p95", "api_latency_p95_ms", "target", "paced_target", "scheduler_beat_age_seconds"}
_NOT_ZERO |= {name for name, item in MEASURES.items() if item.axis in ("process", "unconnected")}


@lru_cache(maxsize=2048)
def compiled(shape: Shape) -> tuple[str, tuple[str, ...]]:
    """The SQL of a shape and the names of its parameters in order."""
    return number_params(_statement(shape))


def measures_of(shape: Shape) -> tuple[str, ...]:
    """Every measure that is read, stand-ins in place of those they answer for."""
    stand_in = dict(shape.stand_in)
    found: dict[str, None] = {}
    for name in shape.metrics:
        for measure in catalogue()[name].measures:
            found[stand_in.get(measure, measure)] = None
    return tuple(found)


def _statement(shape: Shape) -> exp.Select:
    measures = measures_of(shape)
    parts: list[tuple[str, SideShape, Part]] = []
    for side in shape.sides:
        for number, part in enumerate(parts_of(shape, side, _read(shape, side, measures))):
            parts.append((f"{side.prefix}{number}", side, part))
    if shape.compare == "target":
        parts += [(f"t{number}", _TARGETS, _target_part(shape, name)) for number, name in enumerate(shape.metrics)]
    tree = exp.select(*_outputs(shape)).from_(table("valued" if shape.compare else "beside"), copy=False)
    for side in shape.sides:
        buyer_cuts.define(tree, AXES["sales"], shape, side)
    for name, _, (_, select_) in parts:
        _define(tree, name, select_)
    if shape.compare == "benchmark":
        for metric in shape.metrics:
            _define(tree, f"benchmark_{metric}", benchmark_rows(metric))
    if shape.keys or not parts:
        _define(tree, "stacked", _stacked(shape, parts))
    _define(tree, "beside", _beside(shape, parts, measures))
    if shape.compare:
        _define(tree, "valued", _valued(shape))
    tree = tree.order_by(*_order(shape), copy=False) if shape.keys else tree
    return tree.limit(param("limit"), copy=False) if shape.limit else tree


_SUMS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Paren, exp.Nullif, exp.Cast)
_STRICT = (exp.Column, exp.Identifier, exp.Literal, exp.DataType, *_SUMS)
"""What a formula is null of as soon as one of its columns is."""


def _void(shape: Shape, side: SideShape, name: str) -> bool:
    """Whether a metric cannot but be null on this side: its formula needs a measure of which nothing is known."""
    if side.prefix == "c" or not all(isinstance(node, _STRICT) for node in expression(name).walk()):
        return False
    stand_in = dict(shape.stand_in)
    found = {stand_in.get(measure, measure) for measure in catalogue()[name].measures}
    return any(MEASURES[measure].kind != "length" and measure not in side.known for measure in found)


def _read(shape: Shape, side: SideShape, measures: tuple[str, ...]) -> tuple[str, ...]:
    """The measures that some metric needs; others of the same rows would tell of no further key either."""
    stand_in = dict(shape.stand_in)
    alive = [name for name in shape.metrics if not _void(shape, side, name)]
    needed = {stand_in.get(measure, measure) for name in alive for measure in catalogue()[name].measures}
    told = {MEASURES[name].axis for name in needed & side.known if MEASURES[name].kind in ("plain", "orders")}
    return tuple(name for name in measures if name in needed or MEASURES[name].axis not in told)


def _define(tree: exp.Select, name: str, part: exp.Expr) -> None:
    tree.with_(exp.TableAlias(this=exp.to_identifier(name)), as_=part, copy=False)


_TARGETS = SideShape("t", frozenset(), True)


def _target_part(shape: Shape, name: str) -> Part:
    total = "sum" if spread(name) else "avg"
    values = [alias(parse(f"{total}(amount)"), f"{name}__target"), alias(parse(f"{total}(paced)"), f"{name}__paced")]
    return (f"{name}__target", f"{name}__paced"), target_select(shape, _TARGETS, name, values)


def _stacked(shape: Shape, parts: list[tuple[str, SideShape, Part]]) -> exp.Expr:
    """All parts under each other; `KEY` columns are common, each part's own columns are null in the others."""
    selects = []
    for name, side, part in parts:
        values: list[exp.Expr] = [column(key) for key in shape.keys]
        values += [alias(column(old), new) for new, old in _own_columns(name, side, part)]
        selects.append(exp.select(*values).from_(table(name), copy=False))
    if not selects:
        empty = [alias(exp.null(), key) for key in shape.keys] + [alias(exp.null(), "nothing")]
        return exp.select(*empty).where(exp.false())
    tree: exp.Expr = selects[0]
    for other in selects[1:]:
        tree = exp.Union(this=tree, expression=other, distinct=False, by_name=True)
    return tree


def _own_columns(name: str, side: SideShape, part: Part) -> list[tuple[str, str]]:
    """(name in the stack, name in the part): the found-counter and the measures."""
    return [(f"found_{name}", "found"), *((f"{side.prefix}_{measure}", measure) for measure in part[0])]


def _beside(shape: Shape, parts: list[tuple[str, SideShape, Part]], measures: tuple[str, ...]) -> exp.Select:
    """One row per key. A measure without a row there is 0 where its fact is known, null where it is not."""
    values: list[exp.Expr] = [column(key) for key in shape.keys]
    given: set[str] = set()
    for name, side, (names, _) in parts:
        for measure in names:
            new = f"{side.prefix}_{measure}"
            given.add(new)
            value = call("max", column(new)) if shape.keys else column(measure, name)
            if measure in MEASURES and MEASURES[measure].kind in _ZERO and measure not in _NOT_ZERO:
                found = call("max", column(f"found_{name}")) if shape.keys else column("found", name)
                none = exp.EQ(this=call("coalesce", found, parse("0")), expression=parse("0"))
                value = exp.Case(ifs=[exp.If(this=none, true=parse("0"))], default=value)
            values.append(alias(value, new))
    for side in shape.sides:
        for measure in measures:
            new = f"{side.prefix}_{measure}"
            if new not in given:
                value = _length(shape, side) if MEASURES[measure].kind == "length" else exp.null()
                # an aggregate, so that a question without keys has its one row even when nothing can be read
                values.append(alias(value if shape.keys or parts else call("max", value), new))
    if parts and not shape.keys:  # each part is one row: side by side they are one row, and quicker to plan
        tree = exp.select(*values).from_(table(parts[0][0]), copy=False)
        for name, _, _ in parts[1:]:
            tree = tree.join(table(name), join_type="cross", copy=False)
        return tree
    tree = exp.select(*values).from_(table("stacked"), copy=False)
    return tree.group_by(*(column(key) for key in shape.keys), copy=False) if shape.keys else tree


def _length(shape: Shape, side: SideShape) -> exp.Expr:
    """Days of the period, or of its share of the bucket, up to where the data end."""
    start: exp.Expr = cast(param(f"{side.prefix}_start"), "TIMESTAMP")
    end: exp.Expr = cast(param(f"{side.prefix}_until"), "TIMESTAMP")
    if shape.grain:
        bucket = cast(column("bucket"), "TIMESTAMP")  # without a single row to read it has no type
        step = exp.Interval(
            this=exp.Literal.string("3" if shape.grain == "quarter" else "1"),
            unit=exp.var("MONTH" if shape.grain == "quarter" else shape.grain.upper()),
        )
        start = call("greatest", start, bucket)
        end = call("least", end, exp.Add(this=bucket.copy(), expression=step))
    return exp.Div(
        this=call("date_diff", exp.Literal.string("second"), start, end), expression=exp.Literal.number("86400.0")
    )


def _value(shape: Shape, metric: Metric, side: SideShape) -> exp.Expr:
    if _void(shape, side, metric.id):
        return cast(exp.null(), "DOUBLE")
    stand_in = dict(shape.stand_in)

    def place(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table:
            name = stand_in.get(node.name, node.name)
            # targets are not cut: they come with the share that is due by the cut
            whole = side.prefix == "c" and MEASURES[name].axis == "target"
            return column(f"{'a' if whole else side.prefix}_{name}", "beside")
        return node

    return expression(metric.id).transform(place)


def _typed(shape: Shape, metric: Metric, value: exp.Expr) -> exp.Expr:
    """Counts are whole, money is rounded while it is still exact where it is a DECIMAL, and then a double."""
    whole = metric.unit == "count" and isinstance(expression(metric.id), exp.Column)
    return cast(_rounded(metric, value), "BIGINT" if whole else "DOUBLE")


def _rounded(metric: Metric, value: exp.Expr) -> exp.Expr:
    """Sums of money to the cent; money per something (a click may cost less than one) only rid of float dust."""
    if metric.unit != "yuan":
        return value
    places = _UNIT_VALUE_PLACES if expression(metric.id).find(exp.Div) else 2
    return call("round", value, exp.Literal.number(places))


def _outputs(shape: Shape) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    if shape.grain:
        text = _TEXT.get(shape.grain, "%Y-%m-%d")
        found.append(alias(call("strftime", column("bucket"), exp.Literal.string(text)), shape.grain))
    found += [alias(column(f"k_{name}"), name) for name in shape.dims]
    if not shape.compare:
        return found + [alias(_asked(shape, catalogue()[name]), name) for name in shape.metrics]
    for name in shape.metrics:
        diff = _rounded(catalogue()[name], exp.Sub(this=column(name), expression=column(f"{name}__base")))
        size = exp.Nullif(this=call("abs", column(f"{name}__base")), expression=exp.Literal.number(0))
        share = exp.Div(this=cast(exp.paren(diff.copy(), copy=False), "DOUBLE"), expression=size)
        found += [column(name), column(f"{name}__base"), alias(diff, f"{name}__diff"), alias(share, f"{name}__pct")]
        if shape.compare == "target":
            found += _attained(name)
    return found


def _valued(shape: Shape) -> exp.Select:
    """Both values of every metric, so that what is made of them need not repeat them: half of the text to read."""
    values: list[exp.Expr] = [column(key) for key in shape.keys]
    for name in shape.metrics:
        metric = catalogue()[name]
        values.append(alias(_asked(shape, metric), name))
        values.append(alias(_base(metric, shape, shape.side("z")), f"{name}__base"))
        if shape.compare == "target":
            whole = _typed(shape, metric, _value(shape, metric, shape.sides[0]))
            values += [alias(whole, f"{name}__known"), column(f"t_{name}__target"), column(f"t_{name}__paced")]
    return exp.select(*values).from_(table("beside"), copy=False)


def _asked(shape: Shape, metric: Metric) -> exp.Expr:
    told = shape.side("c")
    cut = told is not None and (shape.compare == "target" or is_paced(metric))
    return _typed(shape, metric, _value(shape, metric, told if told and cut else shape.sides[0]))


def is_paced(metric: Metric) -> bool:
    """Whether the metric holds a value against what is due by now, so that both must be of one moment."""
    return "paced_target" in metric.measures


def _attained(name: str) -> list[exp.Expr]:
    """Beside the paced base: the whole target, its share reached by all that is known, and the share due by the cut."""
    whole, paced = column(f"t_{name}__target"), column(f"t_{name}__paced")
    size = exp.Nullif(this=whole, expression=exp.Literal.number(0))
    return [
        alias(_rounded(catalogue()[name], whole.copy()), f"{name}__target"),
        alias(exp.Div(this=cast(column(f"{name}__known"), "DOUBLE"), expression=size), f"{name}__attainment"),
        alias(exp.Div(this=paced, expression=size.copy()), f"{name}__pace"),
    ]


def _base(metric: Metric, shape: Shape, base: SideShape | None) -> exp.Expr:
    if shape.compare == "benchmark":
        return _rounded(metric, benchmark_value(shape, metric.id))
    if base is None and shape.compare != "target":
        return cast(exp.null(), "DOUBLE")
    if base is None:
        return _rounded(metric, column(f"t_{metric.id}__paced", "beside"))
    return _typed(shape, metric, _value(shape, metric, base))


def _order(shape: Shape) -> list[exp.Expr]:
    """By the metric asked for, then by time and keys, so that equal values always come in the same order."""
    found: list[exp.Expr] = []
    if shape.order:
        found.append(exp.Ordered(this=column(shape.order[1:]), desc=shape.order[0] == "-", nulls_first=False))
    found += [exp.Ordered(this=column(key), desc=False, nulls_first=False) for key in shape.keys]
    return found
