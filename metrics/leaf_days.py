"""The finest rows of a fact, kept by day: at a new data version only days whose rows changed are read again.

A question is its SQL and its parameters, so what one reader may see never comes out of what was kept for another who
may see more. Which days changed the warehouse tells (`Warehouse.changed_at`); a day read again whose rows are the same
keeps its token, and with it everything that was found out about it. Days and blocks are kept in compact arrays within
a bound of bytes, what was not asked for the longest is dropped first.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from metrics.shape import number_text

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse import Warehouse

DAY_BYTES, BLOCK_BYTES = 96 << 20, 224 << 20  # of a warehouse, whoever asks
FINDINGS = 1024
_KINDS = (np.int8, np.int16, np.int32)
_tokens = itertools.count(1)
T = TypeVar("T")
Slot = tuple[date, datetime | None]  # a day, and the moment it is cut at


@dataclass(frozen=True)
class Question:
    """Rows as SQL with `$from`, `$to` and `params`: columns `at` (a date), `hour`, a `k_NAME` for each of `names`, and
    `columns`; `sources` are the (fact, time column) it reads."""

    sql: str
    params: tuple[tuple[str, Any], ...]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Piece:
    """Rows of one day; `token` is another as soon as they are."""

    token: int
    hour: np.ndarray
    codes: dict[str, np.ndarray]
    columns: dict[str, np.ndarray]

    @property
    def rows(self) -> int:
        return len(self.hour)

    @property
    def bytes(self) -> int:
        return sum(array.nbytes for array in self._arrays())

    def same(self, other: Piece) -> bool:
        """Whether the rows are equal, in whatever order they came."""
        return self.rows == other.rows and self.digest == other.digest

    @cached_property
    def digest(self) -> tuple[int, int]:
        """128 bits that tell rows apart: of each a hash of all its values (the mixer of G. Steele, D. Lea and C. Flood,
        "Fast splittable pseudorandom number generators", OOPSLA 2014), added up in two ways."""
        mixed = np.full(self.rows, 0x9E3779B97F4A7C15, np.uint64)
        for array in self._arrays():
            mixed = _mix(mixed ^ (array.astype(np.float64) + 0.0).view(np.uint64))
        return int(mixed.sum(dtype=np.uint64)), int(_mix(mixed).sum(dtype=np.uint64))

    def _arrays(self) -> list[np.ndarray]:
        return [self.hour, *self.codes.values(), *self.columns.values()]


class Days:
    """The days of one question; `values` are what its codes stand for, None first. They only ever grow."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.values: dict[str, list[Any]] = {name: [None] for name in question.names}
        self.lock = threading.Lock()
        self.pieces: dict[Slot, tuple[int, Piece]] = {}
        self._codes: dict[str, dict[Any, int]] = {name: {None: 0} for name in question.names}

    @property
    def bytes(self) -> int:
        return sum(piece.bytes for _, piece in list(self.pieces.values()))

    def read(self, warehouse: Warehouse, start: datetime, end: datetime) -> dict[date, Piece]:
        """The rows of every day in [start, end); `start` is a midnight. The lock is held by the caller."""
        slots = _slots(start, end)
        sources = self.question.sources
        versions = {  # asked before the rows are read: what changes meanwhile is read again next time
            slot: max(warehouse.changed_at(fact, column, slot[0]) for fact, column in sources) for slot in slots
        }
        missing = [slot for slot in slots if self.pieces.get(slot, (-1, None))[0] < versions[slot]]
        for run in _runs(missing):
            table = self._table(warehouse, run, end)
            for slot, piece in self._split(table, run):
                old = self.pieces.get(slot)
                self.pieces[slot] = (versions[slot], old[1] if old is not None and old[1].same(piece) else piece)
        return {slot[0]: self.pieces[slot][1] for slot in slots}

    def _table(self, warehouse: Warehouse, run: Sequence[Slot], end: datetime) -> pa.Table:
        text, names = number_text(self.question.sql)
        last = run[-1][1] or datetime.combine(run[-1][0] + timedelta(days=1), time.min)
        given = dict(self.question.params) | {"from": datetime.combine(run[0][0], time.min), "to": min(last, end)}
        return warehouse.read(text, [given[name] for name in names])

    def _split(self, table: pa.Table, run: Sequence[Slot]) -> list[tuple[Slot, Piece]]:
        question = self.question
        codes = {name: self._coded(name, table.column(f"k_{name}")) for name in question.names}
        numbers = {name: table.column(name).to_numpy() for name in question.columns}
        numbers = {name: np.nan_to_num(array) if array.dtype.kind == "f" else array for name, array in numbers.items()}
        first = np.datetime64(run[0][0], "D")
        at = (table.column("at").to_numpy().astype("datetime64[D]") - first).astype(np.int16)
        order = np.argsort(at, kind="stable")
        bounds = np.searchsorted(at[order], np.arange(len(run) + 1))
        hour = table.column("hour").to_numpy().astype(np.int8)
        found = []
        for place, slot in enumerate(run):
            rows = order[bounds[place] : bounds[place + 1]]
            found.append(
                (
                    slot,
                    Piece(
                        next(_tokens),
                        hour[rows],
                        {name: _compact(array[rows]) for name, array in codes.items()},
                        {name: _compact(array[rows]) for name, array in numbers.items()},
                    ),
                )
            )
        return found

    def _coded(self, name: str, column: pa.ChunkedArray) -> np.ndarray:
        """The codes of a column; values not seen before get the next ones."""
        import pyarrow as pa

        whole = column.combine_chunks()
        if isinstance(whole, pa.ChunkedArray):
            whole = pa.concat_arrays(whole.chunks)
        packed = whole.dictionary_encode()
        known, values = self._codes[name], self.values[name]
        place = np.zeros(len(packed.dictionary) + 1, np.int32)
        for number, value in enumerate(packed.dictionary.to_pylist()):
            code = known.get(value)
            if code is None:
                code = known[value] = len(values)
                values.append(value)
            place[number] = code
        return place[packed.indices.fill_null(len(packed.dictionary)).to_numpy(zero_copy_only=False)]


def _mix(value: np.ndarray) -> np.ndarray:
    value = (value + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _slots(start: datetime, end: datetime) -> list[Slot]:
    days = (end - start) // timedelta(days=1)
    slots: list[Slot] = [((start + timedelta(days=number)).date(), None) for number in range(days)]
    if end.time() != time.min:
        slots.append((end.date(), end))
    return slots


def _runs(slots: Iterable[Slot]) -> list[list[Slot]]:
    """Days that follow one another, so that each run is read at once."""
    runs: list[list[Slot]] = []
    for slot in slots:
        if runs and runs[-1][-1][0] + timedelta(days=1) == slot[0]:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs


def _compact(array: np.ndarray) -> np.ndarray:
    """The same numbers in the smallest type that holds them."""
    if not len(array):
        return array.astype(np.int8)
    if array.dtype.kind == "f" and not (np.floor(array) == array).all():
        return array
    least, most = array.min(), array.max()
    for kind in _KINDS:
        room = np.iinfo(kind)
        if room.min <= least and most <= room.max:
            return array.astype(kind)
    return array


# What is kept ---------------------------------------------------------------------------------------------------------


class Kept:
    """Everything the search keeps of one warehouse; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._days: OrderedDict[Question, Days] = OrderedDict()
        self._blocks: OrderedDict[Hashable, Block] = OrderedDict()
        self._findings: OrderedDict[Hashable, Any] = OrderedDict()

    def read(
        self, warehouse: Warehouse, question: Question, start: datetime, end: datetime
    ) -> tuple[Days, dict[date, Piece]]:
        """The days of a question in [start, end), read where they are not known or changed."""
        with self._lock:
            days = self._days.setdefault(question, Days(question))
            self._days.move_to_end(question)
        with days.lock:
            found = days.read(warehouse, start, end)
            slots = set(_slots(start, end))
            for slot in [slot for slot in days.pieces if slot[1] is not None and slot not in slots]:
                del days.pieces[slot]  # the day went on
        with self._lock:
            self._drop_days()
        return days, found

    def _drop_days(self) -> None:
        """Whole questions first, those not asked for the longest; of the last one the older half of its days."""
        while len(self._days) > 1 and sum(days.bytes for days in self._days.values()) > DAY_BYTES:
            self._days.popitem(last=False)
        days = next(iter(self._days.values()))
        if days.bytes > DAY_BYTES and days.lock.acquire(blocking=False):
            for slot in sorted(days.pieces, key=lambda slot: slot[0])[: len(days.pieces) // 2]:
                del days.pieces[slot]
            days.lock.release()

    def block(self, key: Hashable, make: Callable[[], Block]) -> Block:
        """Rows that stand, put together once."""
        with self._lock:
            if key in self._blocks:
                self._blocks.move_to_end(key)
                return self._blocks[key]
        made = make()
        with self._lock:
            self._blocks[key] = made
            while sum(block.bytes for block in self._blocks.values()) > BLOCK_BYTES and len(self._blocks) > 1:
                self._blocks.popitem(last=False)
        return made

    def finding(self, key: Hashable, find: Callable[[], T]) -> T:
        """What was found before under this key, or is now."""
        with self._lock:
            if key in self._findings:
                self._findings.move_to_end(key)
                return self._findings[key]
        found = find()
        with self._lock:
            self._findings[key] = found
            while len(self._findings) > FINDINGS:
                self._findings.popitem(last=False)
        return found

    @property
    def bytes(self) -> int:
        """How much memory the rows take."""
        with self._lock:
            return sum(days.bytes for days in self._days.values()) + sum(block.bytes for block in self._blocks.values())


class Block:
    """Rows that stand for as long as their days do, and what was computed of them."""

    def __init__(self, day: np.ndarray, pieces: Sequence[Piece]) -> None:
        """`day` is the place of each piece's day."""
        self.day = np.repeat(day.astype(np.int16), [piece.rows for piece in pieces])
        self.hour = _joined([piece.hour for piece in pieces], np.int8)
        self.codes = Joint([piece.codes for piece in pieces], np.int32)
        self.columns = Joint([piece.columns for piece in pieces], np.float64)
        self._known: dict[Hashable, Any] = {}

    @property
    def rows(self) -> int:
        return len(self.day)

    @property
    def bytes(self) -> int:
        """What the rows and all that was computed of them take."""
        arrays = [self.day, self.hour, *self.codes.made(), *self.columns.made()]
        for value in list(self._known.values()):
            arrays += [
                item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, np.ndarray)
            ]
        return sum(array.nbytes for array in arrays)

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Something that follows from these rows alone."""
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]


class Joint(Mapping[str, np.ndarray]):
    """Arrays by name, each put together of its parts when it is asked for first."""

    def __init__(self, parts: Sequence[Mapping[str, np.ndarray]], empty: type) -> None:
        self._parts, self._empty = parts, empty
        self._made: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._made:
            self._made[name] = _joined([part[name] for part in self._parts], self._empty)
        return self._made[name]

    def __iter__(self) -> Any:
        return iter(self._parts[0] if self._parts else ())

    def __len__(self) -> int:
        return len(self._parts[0]) if self._parts else 0

    def made(self) -> list[np.ndarray]:
        """What was put together."""
        return list(self._made.values())


def _joined(arrays: Sequence[np.ndarray], empty: type) -> np.ndarray:
    return np.concatenate(arrays) if arrays else np.zeros(0, empty)


_kept: weakref.WeakKeyDictionary[Warehouse, Kept] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def kept_of(warehouse: Warehouse) -> Kept:
    """What is kept of this warehouse."""
    with _lock:
        return _kept.setdefault(warehouse, Kept())
