"""The finest parts of a fact, read once for the days asked about and the history, as arrays to be summed any way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlglot import exp

from errors import UserError
from metrics.facts import AXES
from metrics.leaf_days import Block, Joint, Kept, Piece, Question, kept_of
from metrics.query import check, merged_filters, shape_filters
from metrics.scan import PIECES, Numbers
from metrics.shape import Shape, SideShape, matches
from metrics.types import Query, Scope
from metrics.watch import PLACE, Fact

if TYPE_CHECKING:
    from warehouse import Warehouse

_SIDE = SideShape("a", frozenset(), False)
DENSE = 1 << 21  # possible values of a corner up to which each has a place of its own
FEW = 512  # possible values of a corner up to which sums of its whole history are kept by the hour
MOST = 1000  # corners of a kind judged in a day, those with most pieces


@dataclass(frozen=True)
class Asker:
    """Who asks, and within which filters."""

    warehouse: Warehouse
    scope: Scope
    filters: Mapping[str, tuple[str, ...]]

    def may(self, metric: str, dims: tuple[str, ...] = ()) -> bool:
        """Whether this metric may be asked by these dimensions."""
        try:
            check(Query((metric,), dims, filters=self.filters), self.scope)
        except UserError:
            return False
        return True

    def condition(self, axis_id: str, metric: str) -> tuple[str, dict[str, Any]]:
        """The filters and rights as SQL over the rows of an axis, and its parameters."""
        filters, params = merged_filters(Query((metric,), filters=self.filters), self.scope)
        axis = AXES[axis_id]
        shape = Shape((metric,), (), (), None, shape_filters(filters), (_SIDE,), None, None, False)
        tests = [exp.paren(test, copy=False).sql("duckdb", identify=True) for test in matches(shape, axis, axis.time)]
        return " AND ".join([f"({axis.condition(shape.touched)})", *tests]), params


@dataclass(frozen=True)
class Leaves:
    """Rows of a fact: `day` counts from the first day, `hour` 0–23, `codes` per dimension into `values`.

    The first rows are those of `past`, days that stand and of which much is known already.
    """

    first: date
    days: int
    past: Block
    own: Block
    values: Mapping[str, list[Any]]
    day: np.ndarray
    hour: np.ndarray
    codes: Mapping[str, np.ndarray]
    columns: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, first: date, days: int, past: Block, own: Block, values: Mapping[str, list[Any]]) -> Leaves:
        """The rows of `own` under those of `past`."""
        return cls(
            first, days, past, own, values, np.concatenate([past.day, own.day]), np.concatenate([past.hour, own.hour]),
            Joint((past.codes, own.codes), np.int32), Joint((past.columns, own.columns), np.float64),
        )  # fmt: skip

    @property
    def rows(self) -> int:
        return len(self.day)

    def group(self, corner: tuple[str, ...]) -> Grouped:
        """Which rows have the same values in these dimensions."""
        sizes = tuple(_room(self.values[name]) for name in corner)
        if math.prod(sizes) > DENSE:
            keys = np.concatenate([_keys(block, corner, sizes) for block in (self.past, self.own)])
            known, some, group = np.unique(keys, return_index=True, return_inverse=True)
            return Grouped(group, some, np.arange(len(known)), (_sorted(group, len(known)),))
        size = math.prod(sizes)
        before, at = _behind(self.past, corner, sizes)
        keys = _keys(self.own, corner, sizes)
        first = at.copy()
        new = keys[at[keys] < 0]
        if len(new):
            own = _places(keys, size)[1]
            first[new] = own[new] + self.past.rows
        known = first >= 0
        place = np.cumsum(known, dtype=np.int32) - 1
        group = np.concatenate([place[before], place[keys]])
        behind = self.past.once(("sorted", corner, sizes), lambda: _sorted(before, size))
        parts = (behind, _sorted(keys, size, self.past.rows))
        return Grouped(group, first[known], np.flatnonzero(known), parts, corner, sizes)


def _behind(block: Block, corner: tuple[str, ...], sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(the key of each row of the past, the first row of each possible key)."""
    return block.once(("keys", corner, sizes), lambda: _places(_keys(block, corner, sizes), math.prod(sizes)))


def _room(values: list[Any]) -> int:
    """A size for the codes of some values that holds for a while."""
    return 1 << len(values).bit_length()


def _keys(block: Block, corner: tuple[str, ...], sizes: tuple[int, ...]) -> np.ndarray:
    """One number for the values of a row."""
    kind = np.dtype(np.int32 if math.prod(sizes) < 1 << 31 else np.int64)
    key: np.ndarray = np.zeros(block.rows, kind)
    for name, size in zip(corner, sizes, strict=True):
        key = key * size + block.codes[name].astype(kind, copy=False)
    return key


def _places(keys: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(the keys, the first row of each possible key, -1 where there is none)."""
    first = np.full(size, -1, np.int32)
    first[keys[::-1]] = np.arange(len(keys) - 1, -1, -1, dtype=np.int32)
    return keys, first


def _sorted(keys: np.ndarray, size: int, begin: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(rows in the order of their keys, where each key begins among them)."""
    order = np.argsort(keys).astype(np.int32) + np.int32(begin)
    bounds = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=size), out=bounds[1:])
    return order, bounds


@dataclass(frozen=True)
class Grouped:
    """`group` of each row, `some` row of each group; `keys` of the groups, made of codes with room for `sizes`, and the
    rows sorted by them, in `parts`."""

    group: np.ndarray
    some: np.ndarray
    keys: np.ndarray
    parts: tuple[tuple[np.ndarray, np.ndarray], ...]
    corner: tuple[str, ...] = ()
    sizes: tuple[int, ...] | None = None

    def rows(self, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(rows of these groups, the place of each row's group among them)."""
        rows: list[np.ndarray] = []
        places: list[np.ndarray] = []
        for order, bounds in self.parts:
            start = bounds[self.keys[groups]]
            count = bounds[self.keys[groups] + 1] - start
            ahead = np.cumsum(count) - count
            rows.append(order[np.repeat(start - ahead, count) + np.arange(count.sum())])
            places.append(np.repeat(np.arange(len(groups)), count))
        return np.concatenate(rows), np.concatenate(places)


@dataclass(frozen=True)
class Reading:
    """What is read of a fact, within the asker's rights for `metric`; `by_day` summed over the hours."""

    fact: Fact
    metric: str
    by_day: bool = False


@dataclass(frozen=True)
class Days:
    """The days of a fact, as far as they are asked for: each one's rows, and what its codes stand for."""

    question: Question
    pieces: Mapping[date, Piece]
    values: Mapping[str, list[Any]]
    kept: Kept

    def leaves(self, first: date, past: Sequence[date], day: date, last: bool = True) -> Leaves:
        """The rows of `day` under those of the `past` days; places of days count from `first`. What stands behind the
        `last` day is kept, for that day goes on."""
        behind = [self.pieces[one] for one in past]
        at = np.array([(one - first).days for one in past], np.int16)
        key = (self.question, at.tobytes(), tuple(piece.token for piece in behind))
        block = self.kept.block(key, lambda: Block(at, behind)) if last else Block(at, behind)
        own = Block(np.array([(day - first).days]), [self.pieces[day]])
        return Leaves.of(first, (max((*past, day)) - first).days + 1, block, own, self.values)

    def tokens(self, days: Iterable[date]) -> tuple[int, ...]:
        """What these days are told by: the same as long as all their rows are."""
        return tuple(self.pieces[day].token for day in days)


def read(asker: Asker, readings: Sequence[Reading], start: datetime, end: datetime) -> Days:
    """The rows of some readings, under each other, of every day in [start, end); `start` is a midnight."""
    params: dict[str, Any] = {}
    selects = []
    for reading in readings:
        select, given = _select(asker, reading)
        selects.append(select)
        params |= given
    fact = readings[0].fact
    question = Question(
        " UNION ALL BY NAME ".join(selects), tuple(sorted(params.items())), (*PLACE, *fact.dims), tuple(fact.columns),
        tuple((AXES[one.fact.axis].table, AXES[one.fact.axis].time) for one in readings),
    )  # fmt: skip
    kept = kept_of(asker.warehouse)
    days, pieces = kept.read(asker.warehouse, question, start, end)
    return Days(question, pieces, days.values, kept)


def _select(asker: Asker, reading: Reading) -> tuple[str, dict[str, Any]]:
    fact, by_day = reading.fact, reading.by_day
    axis = AXES[fact.axis]
    where, params = asker.condition(fact.axis, reading.metric)
    dims = ", ".join(f'"{axis.dims[name]}" AS k_{name}' for name in (*PLACE, *fact.dims))
    values = ", ".join(
        f"coalesce({f'sum({sql})' if by_day else sql}, 0)::DOUBLE AS {name}" for name, sql in fact.columns.items()
    )
    hour = "0" if by_day else f'hour("{axis.time}")'
    sql = f"""
        SELECT "{axis.time}"::DATE AS at, ({hour})::INTEGER AS hour, {dims}, {values}
        FROM {axis.table} WHERE "{axis.time}" >= $from AND "{axis.time}" < $to AND ({fact.where}) AND {where}
        {"GROUP BY ALL" if by_day else ""}"""
    return sql, params


@dataclass(frozen=True)
class Panel:
    """One day asked about beside the days it is held against: `order` is the sample of each day (0 the one asked about,
    -1 out), `sample` that of each row. Hours from `upto` on are not told; with one of `hours` the day is one tick.

    Where rows are given as `keep` None, all are kept; where `weight` is None, each counts as it is.
    """

    day: date
    upto: int
    hours: int
    samples: int
    order: np.ndarray
    sample: np.ndarray

    def places(
        self, leaves: Leaves, rows: np.ndarray, group: np.ndarray, keep: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """(those of the rows that count, the place of each in a cube of the groups they are of)."""
        used = (self.sample[rows] >= 0) & (leaves.hour[rows] < self.upto)
        used = np.flatnonzero(used if keep is None else used & keep[rows])
        rows = rows[used]
        place = group[used] * self.samples + self.sample[rows]
        return rows, place if self.hours == 1 else place * self.hours + leaves.hour[rows]

    def cube(
        self, rows: np.ndarray, place: np.ndarray, groups: int, column: np.ndarray, weight: np.ndarray | None
    ) -> Numbers:
        """(group, sample, hour) sums of a column over rows in their places."""
        flat = np.bincount(place, _weighed(column, weight, rows), groups * self.samples * self.hours)
        return flat.astype(np.float64, copy=False).reshape(groups, self.samples, self.hours)

    def of_few(self, leaves: Leaves, grouped: Grouped, kept: np.ndarray, column: str) -> Numbers | None:
        """The cube of some groups over all their rows, what is behind the day known already; None where the corner has
        many values."""
        block, begin = leaves.past, leaves.past.rows
        if grouped.sizes is None or math.prod(grouped.sizes) > FEW:
            return None
        size = math.prod(grouped.sizes)
        groups = np.full(len(grouped.some), -1)
        groups[kept] = np.arange(len(kept))

        def behind() -> Numbers:
            keys = _behind(block, grouped.corner, grouped.sizes or ())[0]
            return self.cube(*self.places(leaves, np.arange(begin), keys, None), size, leaves.columns[column], None)

        key = ("cube", grouped.corner, grouped.sizes, column, self.upto, self.hours, self.held(block))
        found = block.once(key, behind)[grouped.keys[kept]]
        group = groups[grouped.group[begin:]]
        rows = np.flatnonzero(group >= 0)
        places = self.places(leaves, rows + begin, group[rows], None)
        return found + self.cube(*places, len(kept), leaves.columns[column], None)

    def worth(
        self, leaves: Leaves, grouped: Grouped, column: str, keep: np.ndarray | None, weight: np.ndarray | None
    ) -> np.ndarray:
        """Per group whether it holds pieces enough to be judged, and is among the MOST with most."""
        begin, count = leaves.past.rows, len(grouped.some)
        rows = np.flatnonzero((leaves.own.hour < self.upto) & (True if keep is None else keep[begin:])) + begin
        asked = np.bincount(grouped.group[rows], _weighed(leaves.columns[column], weight, rows), count)
        if keep is None and weight is None and grouped.sizes is not None:
            past = self._behind(leaves, grouped, column)
        else:
            behind = (self.sample[:begin] > 0) & (leaves.past.hour < self.upto)
            rows = np.flatnonzero(behind if keep is None else behind & keep[:begin])
            past = np.bincount(grouped.group[rows], _weighed(leaves.columns[column], weight, rows), count).astype(float)
        pieces: Numbers = np.maximum(asked, past / max(1, self.samples - 1))
        least = np.partition(pieces, -MOST)[-MOST] if count > MOST else 0.0
        return pieces >= max(PIECES, least)

    def held(self, block: Block) -> bytes:
        """What tells which days of a block are samples, and which."""
        days = block.once(("days",), lambda: np.unique(block.day))
        return self.order[days].tobytes()

    def _behind(self, leaves: Leaves, grouped: Grouped, column: str) -> Numbers:
        """Sums of the history, once for all that is held against it."""
        block, sizes = leaves.past, grouped.sizes or ()

        def sums() -> Numbers:
            rows = np.flatnonzero((self.order[block.day] > 0) & (block.hour < self.upto))
            keys = _behind(block, grouped.corner, sizes)[0]
            weights = block.columns[column][rows]
            return np.bincount(keys[rows], weights, math.prod(sizes)).astype(np.float64, copy=False)

        found = block.once(("sums", grouped.corner, sizes, column, self.upto, self.held(block)), sums)
        return found[grouped.keys]


def _weighed(column: np.ndarray, weight: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    return column[rows] if weight is None else column[rows] * weight[rows]
