"""Two periods of one question side by side: the values of metrics before and after, in total and by dimension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import numpy as np

from config import now
from errors import UserError
from metrics.query import check, query
from metrics.table import adds_up, columns, more_than
from metrics.types import Period, Query, Result, Scope

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from warehouse import Warehouse

Pair = tuple[float | None, float | None]


@dataclass(frozen=True)
class Sides:
    """Who asks about what: the base period and the asked one, within some filters."""

    warehouse: Warehouse
    scope: Scope
    base: Period
    period: Period
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def within(self, where: Mapping[str, Any]) -> Sides:
        """The same within a corner; a value None means 'without a value'."""
        more = {name: ("" if value is None else str(value),) for name, value in where.items()}
        return Sides(self.warehouse, self.scope, self.base, self.period, {**self.filters, **more})

    def may(self, metric: str, dimensions: tuple[str, ...] = ()) -> bool:
        """Whether this metric may be asked so, by what its source carries and by the asker's rights."""
        try:
            check(Query((metric,), dimensions, filters=self.filters), self.scope)
        except UserError:
            return False
        return True

    def both(self, metrics: Iterable[str], dimensions: tuple[str, ...] = (), limit: int | None = None) -> list[Result]:
        """The answers for the base and for the asked period."""
        names = tuple(metrics)
        return [
            query(
                self.warehouse,
                Query(names, dimensions, period=period, filters=self.filters, limit=limit),
                self.scope,
            )
            for period in (self.base, self.period)
        ]

    def totals(self, metrics: Iterable[str]) -> dict[str, Pair]:
        """Metric → (before, after); metrics that may not be asked here are absent."""
        names = [name for name in metrics if self.may(name)]
        if not names:
            return {}
        rows = [result.rows[0] if result.rows else {} for result in self.both(names)]
        return {name: (_number(rows[0].get(name)), _number(rows[1].get(name))) for name in names}

    def frame(self, metrics: Iterable[str], dimensions: tuple[str, ...], limit: int | None = None) -> pd.DataFrame:
        """One row per combination of values: the dimensions, then `METRIC__0` and `METRIC__1`; 0 where no row is."""
        import pandas as pd

        names = tuple(metrics)
        tables = [(side, self._table(names, dimensions, part, limit)) for side, part in self._parts(names)]
        side = np.repeat([side for side, _ in tables], [len(table) for _, table in tables])
        group, first = np.zeros(len(side), np.int64), np.zeros(min(len(side), 1), np.int64)
        keys = {name: _coded([table.column(name) for _, table in tables]) for name in dimensions}
        for code, values in keys.values():
            _, first, group = np.unique(group * len(values) + code, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")  # as they came
        found = {name: np.array(values, object)[code[first[order]]] for name, (code, values) in keys.items()}
        for name in names:
            number = np.concatenate([_numbers(table.column(name)) for _, table in tables])
            for which in (0, 1):
                told = np.where(side == which, number, 0.0)
                found[f"{name}__{which}"] = np.bincount(group, told, len(first))[order]
        return pd.DataFrame(found)

    def many(self, metrics: Iterable[str], dimensions: tuple[str, ...], most: int) -> bool:
        """Whether it is plain that `frame` would have more than `most` rows; False says nothing."""
        asked = [Query(tuple(metrics), dimensions, period=period, filters=self.filters) for period in self._periods]
        return any(more_than(self.warehouse, one, self.scope, most) for one in asked)

    @property
    def _periods(self) -> tuple[Period, Period]:
        return self.base, self.period

    def _table(
        self, names: tuple[str, ...], dimensions: tuple[str, ...], period: Period, limit: int | None
    ) -> pa.Table:
        asked = Query(names, dimensions, period=period, filters=self.filters, limit=limit)
        return columns(self.warehouse, asked, self.scope)

    def _parts(self, names: tuple[str, ...]) -> list[tuple[int, Period]]:
        """(side, period) to be asked: what adds up is asked of today by itself, so that the days before stand."""
        today = datetime.combine(now(self.warehouse.settings).date(), time.min)
        found = []
        for side, period in enumerate(self._periods):
            if period.start < today < period.end and all(adds_up(name) for name in names):
                found += [(side, Period(period.start, today)), (side, Period(today, period.end))]
            else:
                found.append((side, period))
        return found


def _coded(parts: list[pa.ChunkedArray]) -> tuple[np.ndarray, list[Any]]:
    """(number of each value, the values)."""
    import pyarrow as pa

    typed = [part.type for part in parts if not pa.types.is_null(part.type)]  # what holds nothing has no type
    kind = next((part.type for part in parts if part.null_count < len(part)), typed[0] if typed else parts[0].type)
    whole = pa.chunked_array([chunk for part in parts for chunk in part.cast(kind).chunks], kind).combine_chunks()
    packed = whole.dictionary_encode(null_encoding="encode")
    return packed.indices.to_numpy(zero_copy_only=False).astype(np.int64), packed.dictionary.to_pylist()


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    return np.nan_to_num(column.to_numpy().astype(np.float64))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
