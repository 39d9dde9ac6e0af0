"""The shape of a question (everything that decides its SQL) and the small pieces of SQL that every part of it uses.

Values never enter the tree: they are numbered parameters, so one shape is compiled once and asked many times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from sqlglot import exp, parse_one

from metrics.declare import Axis, Measure
from metrics.types import Grain


@dataclass(frozen=True)
class Filter:
    """`dimension` is one of `values` values; with `null`, rows without a value count as well."""

    dimension: str
    values: int
    null: bool = False

    @property
    def pinned(self) -> bool:
        return self.values + self.null == 1


@dataclass(frozen=True)
class SideShape:
    """One side of a comparison: which measures are known there, which are zero when no row is found."""

    prefix: str  # of its parameters and columns: 'a' asked, 'z' base, 'c' the part of the asked that is told in full
    known: frozenset[str]  # measures whose axis has rows here; the others are null
    whole_days: bool  # both ends are at midnight: day rollups may answer
    tail: bool = False  # it starts at midnight and ends within a later day: rollups answer up to that day's midnight
    shifted: bool = False  # its time is moved by parameters, to stand beside the asked side
    same_day: bool = False  # moved by months: days that the asked month lacks are left out of a series


@dataclass(frozen=True)
class Shape:
    """A question without its values."""

    metrics: tuple[str, ...]
    stand_in: tuple[tuple[str, str], ...]  # measure → measure that answers for it
    dims: tuple[str, ...]
    grain: Grain | None
    filters: tuple[Filter, ...]
    sides: tuple[SideShape, ...]
    compare: str | None
    order: str | None
    limit: bool
    place_by: frozenset[str] = frozenset()  # dimensions each of which alone tells the shop
    as_known: bool = False  # read from the vintages up to `$known`
    definitions: str = ""  # version of the catalogue that the metrics are of

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns every part is grouped by."""
        return (("bucket",) if self.grain else ()) + tuple(f"k_{name}" for name in self.dims)

    def side(self, prefix: str) -> SideShape | None:
        """The side of that prefix."""
        return next((side for side in self.sides if side.prefix == prefix), None)

    def pinned(self, dimension: str) -> bool:
        """Whether every group has one value of `dimension` only."""
        return dimension in self.dims or any(item.dimension == dimension and item.pinned for item in self.filters)

    def touches(self, dimension: str) -> bool:
        """Whether `dimension` is grouped by or filtered."""
        return dimension in self.dims or any(item.dimension == dimension for item in self.filters)

    @property
    def history(self) -> str | None:
        """Where a buyer's earlier orders count: 'any' shop, each group's 'own' one, or None for something between."""
        if not self.touched & {"platform", "shop"}:
            return "any"
        alone = any(self.pinned(name) for name in self.place_by)
        return "own" if alone or (self.pinned("platform") and self.pinned("shop")) else None

    @property
    def first_of(self) -> str | None:
        """Where a buyer's first order ever is looked for, the shops asked for: 'any', one's 'own', None for some."""
        held = {item.dimension: item for item in self.filters if item.dimension in ("platform", "shop")}
        if not held:
            return "any"
        pinned = {name for name, item in held.items() if item.pinned}
        return "own" if pinned & self.place_by or pinned == {"platform", "shop"} else None

    @property
    def touched(self) -> frozenset[str]:
        """Dimensions grouped by or filtered."""
        return frozenset(self.dims) | {item.dimension for item in self.filters}


PLACES = ("platform", "shop")
"""The dimensions that every fact carries."""
Part = tuple[tuple[str, ...], exp.Select]
"""Measures it gives, and the SELECT."""

_PARAM = re.compile(r"\$([a-z]\w*)")


@cache
def _parsed(sql: str) -> exp.Expr:
    return parse_one(sql, read="duckdb")


def parse(sql: str) -> exp.Expr:
    """A tree of declared SQL (a constant of this code, never a value)."""
    return _parsed(sql).copy()


def param(name: str) -> exp.Expr:
    """A named parameter; `number_params` gives it its place."""
    return exp.Placeholder(this=name)


def number_params(tree: exp.Expr) -> tuple[str, tuple[str, ...]]:
    """The SQL with parameters `$1 …`, and their names in order. The tree is used up.

    The text holds nothing but declarations of this code, in which no `$` stands but before a parameter's name.
    """
    return number_text(tree.sql("duckdb", identify=True, copy=False))


def number_text(text: str) -> tuple[str, tuple[str, ...]]:
    """`number_params` of SQL that is written already."""
    names: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}"

    return _PARAM.sub(place, text), tuple(names)


def column(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table)


def alias(tree: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(tree, name, copy=False)


def call(name: str, *args: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(args))


# sqlglot's builders copy what they are given; here every tree is new and used once, and copying was half the work.


@cache
def _type(kind: str) -> exp.DataType:
    return exp.DataType.build(kind, dialect="duckdb")


def cast(tree: exp.Expr, kind: str) -> exp.Expr:
    """`tree` as a type of DuckDB."""
    return exp.cast(tree, _type(kind).copy(), copy=False)


def all_of(*tests: exp.Expr | str) -> exp.Expr:
    return exp.and_(*(parse(test) if isinstance(test, str) else test for test in tests), copy=False)


def any_of(*tests: exp.Expr) -> exp.Expr:
    return exp.or_(*tests, copy=False)


def table(name: str, as_: str | None = None) -> exp.Table:
    """A table or an earlier part, by its name."""
    return exp.Table(this=exp.to_identifier(name), alias=exp.TableAlias(this=exp.to_identifier(as_)) if as_ else None)


def named(tree: exp.Query, name: str) -> exp.Subquery:
    """`(tree) AS name`."""
    return tree.subquery(name, copy=False)


def shifted(time: exp.Expr, side: SideShape) -> exp.Expr:
    """`time` moved onto the asked side's calendar: by months first, then by days."""
    if not side.shifted:
        return time
    for unit in ("months", "days", "seconds"):
        step = call(f"to_{unit}", cast(param(f"{side.prefix}_{unit}"), "INTEGER"))
        time = exp.Add(this=time, expression=step)
    return time


def trunc(grain: Grain, time: exp.Expr) -> exp.Expr:
    """Start of the bucket, as a timestamp."""
    return cast(call("date_trunc", exp.Literal.string(grain), time), "TIMESTAMP")


def key_value(name: str, axis: Axis, time: exp.Expr, table: str | None, columns: dict[str, str]) -> exp.Expr:
    """The value of a dimension on a row."""
    if name == "hour":
        return cast(call("hour", time), "INTEGER")
    if name == "weekday":
        return cast(call("isodow", time), "INTEGER")
    found = column(columns.get(name, axis.dims[name]), table)
    return _length_band(found) if name == "length_band" else found


_BANDS = {  # column of a length → bands as (end, name); videos are told in seconds, sessions in minutes
    "seconds": ((15, "0–15s"), (30, "15–30s"), (60, "30–60s"), (180, "1–3min"), (None, ">3min")),
    "minutes": ((60, "<1h"), (120, "1–2h"), (240, "2–4h"), (None, ">4h")),
}


def _length_band(length: exp.Column) -> exp.Expr:
    ifs = [
        exp.If(
            this=parse("TRUE") if end is None else exp.LT(this=length.copy(), expression=exp.Literal.number(end)),
            true=exp.Literal.string(name),
        )
        for end, name in _BANDS[length.name]
    ]
    unknown = exp.If(this=exp.Is(this=length, expression=exp.null()), true=exp.null())
    return exp.Case(ifs=[unknown, *ifs])


def keys(
    shape: Shape,
    side: SideShape,
    axis: Axis,
    time: str,
    table: str | None = None,
    columns: dict[str, str] | None = None,
) -> list[exp.Expr]:
    """The aliased key columns of one part."""
    found: list[exp.Expr] = []
    if shape.grain:
        found.append(alias(trunc(shape.grain, shifted(column(time, table), side)), "bucket"))
    for name in shape.dims:
        found.append(alias(key_value(name, axis, column(time, table), table, columns or {}), f"k_{name}"))
    return found


def in_period(side: SideShape, time: exp.Expr, first: str = "start", last: str = "end") -> list[exp.Expr]:
    """start ≤ time < end; `mid` in place of either is the last midnight."""
    found: list[exp.Expr] = [
        exp.GTE(this=time, expression=param(f"{side.prefix}_{first}")),
        exp.LT(this=time.copy(), expression=param(f"{side.prefix}_{last}")),
    ]
    if side.same_day:
        found.append(exp.EQ(this=call("day", shifted(time.copy(), side)), expression=call("day", time.copy())))
    return found


def matches(
    shape: Shape,
    axis: Axis,
    time: str,
    table: str | None = None,
    columns: dict[str, str] | None = None,
    only: tuple[str, ...] | None = None,
) -> list[exp.Expr]:
    """The filters of the question and the rights of the asker, as conditions on the rows of one part."""
    found: list[exp.Expr] = []
    for item in shape.filters:
        if only is not None and item.dimension not in only:
            continue
        value = key_value(item.dimension, axis, column(time, table), table, columns or {})
        found.append(_one_of(item, value))
    return found


def _one_of(item: Filter, value: exp.Expr) -> exp.Expr:
    wanted = [param(f"f_{item.dimension}_{number}") for number in range(item.values)]
    tests: list[exp.Expr] = []
    if len(wanted) == 1:
        tests.append(exp.EQ(this=value, expression=wanted[0]))
    elif wanted:
        tests.append(exp.In(this=value, expressions=wanted))
    if item.null:
        tests.append(exp.Is(this=value.copy(), expression=exp.null()))
    return exp.paren(any_of(*tests), copy=False) if tests else exp.false()


def select(
    values: list[exp.Expr], source: exp.Expr | str, where: list[exp.Expr], group: tuple[str, ...] = ()
) -> exp.Select:
    """SELECT values FROM source WHERE all of where GROUP BY group."""
    tree = exp.select(*values, copy=False).from_(table(source) if isinstance(source, str) else source, copy=False)
    if where:
        tree = tree.where(*where, copy=False)
    if group:
        tree = tree.group_by(*(exp.column(name) for name in group), copy=False)
    return tree


def null_if_unknown(value: exp.Expr, known: exp.Expr) -> exp.Expr:
    """`value`, or null when rows were found but none of them says what is counted (`known` = 0)."""
    unknown = all_of(exp.EQ(this=known, expression=exp.Literal.number(0)), parse("count(*) > 0"))
    return exp.Case(ifs=[exp.If(this=unknown, true=exp.null())], default=value)


def filtered(value: exp.Expr, test: exp.Expr) -> exp.Expr:
    """`value FILTER (WHERE test)`."""
    return exp.Filter(this=value, expression=exp.Where(this=test.copy()))


def names_of(group: tuple[Measure, ...]) -> tuple[str, ...]:
    """The ids of some measures, as a part lists them."""
    return tuple(measure.id for measure in group)


def timed(tree: exp.Expr, side: SideShape) -> exp.Expr:
    """`$watermark` and `$clock` (the present, or the side's end) of a declaration as parameters."""
    names = {"watermark": "watermark", "clock": f"{side.prefix}_clock"}

    def place(node: exp.Expr) -> exp.Expr:
        if isinstance(node, (exp.Parameter, exp.Placeholder)):
            return cast(param(names[node.sql("duckdb").lstrip("$:@?")]), "TIMESTAMP")
        return node

    return tree.transform(place)
