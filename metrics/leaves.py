"""The finest parts of a fact, read once for the days asked about and the history, as arrays to be summed any way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlglot import exp

from errors import UserError
from metrics.facts import AXES
from metrics.query import check, merged_filters, shape_filters
from metrics.scan import PIECES, Numbers
from metrics.shape import Shape, SideShape, matches, number_text
from metrics.types import Query, Scope
from metrics.watch import PLACE, Fact

if TYPE_CHECKING:
    import pandas as pd

    from warehouse import Warehouse

_SIDE = SideShape("a", frozenset(), False)
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
    """Rows of a fact: `day` counts from the first day read, `hour` 0–23, `codes` per dimension into `values`."""

    first: date
    days: int
    day: np.ndarray
    hour: np.ndarray
    codes: dict[str, np.ndarray]
    values: dict[str, list[Any]]
    columns: dict[str, Numbers]

    @property
    def rows(self) -> int:
        return len(self.day)

    def group(self, corner: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        """(group of each row, one row of each group)."""
        key = np.zeros(self.rows, np.int64)
        for name in corner:
            key = key * (len(self.values[name]) + 1) + self.codes[name]
        _, some, group = np.unique(key, return_index=True, return_inverse=True)
        return group, some


def read(asker: Asker, fact: Fact, metric: str, start: datetime, end: datetime, by_day: bool = False) -> Leaves:
    """The rows of `fact` in [start, end), within the asker's rights for `metric`; `by_day` summed over the hours."""
    axis = AXES[fact.axis]
    where, params = asker.condition(fact.axis, metric)
    names = (*PLACE, *fact.dims)
    dims = ", ".join(f'"{axis.dims[name]}" AS k_{name}' for name in names)
    values = ", ".join(f"{f'sum({sql})' if by_day else sql} AS {name}" for name, sql in fact.columns.items())
    hour = "0" if by_day else f'hour("{axis.time}")'
    sql = f"""
        SELECT date_diff('day', $first::DATE, "{axis.time}"::DATE)::INTEGER AS at_day,
               ({hour})::INTEGER AS at_hour, {dims}, {values}
        FROM {axis.table} WHERE "{axis.time}" >= $from AND "{axis.time}" < $to AND ({fact.where}) AND {where}
        {"GROUP BY ALL" if by_day else ""}"""
    text, order = number_text(sql)
    given = params | {"first": start.date(), "from": start, "to": end}
    with asker.warehouse.reader() as cursor:
        frame = cursor.execute(text, [given[name] for name in order]).df()
    return _coded(frame, names, tuple(fact.columns), start.date(), end)


def _coded(frame: pd.DataFrame, names: tuple[str, ...], columns: tuple[str, ...], first: date, end: datetime) -> Leaves:
    import pandas as pd

    codes, values = {}, {}
    for name in names:
        code, known = pd.factorize(frame.pop(f"k_{name}"), use_na_sentinel=True)
        codes[name], values[name] = code + 1, [None, *known.tolist()]
    numbers = {name: frame.pop(name).fillna(0).to_numpy(np.float64) for name in columns}
    days = (end - datetime.combine(first, time.min)) // timedelta(days=1) + (end.time() != time.min)
    return Leaves(first, days, frame["at_day"].to_numpy(), frame["at_hour"].to_numpy(), codes, values, numbers)


@dataclass(frozen=True)
class Panel:
    """One day asked about beside the days it is held against; `sample` is the place of each row's day, -1 is out."""

    day: date
    hours: int  # of the day that are told
    samples: int
    sample: np.ndarray

    def cube(self, leaves: Leaves, group: np.ndarray, groups: int, column: Numbers, keep: np.ndarray) -> Numbers:
        """(group, sample, hour) sums of a column over the rows kept."""
        used = keep & (self.sample >= 0) & (leaves.hour < self.hours) & (group >= 0)
        place = (group[used] * self.samples + self.sample[used]) * self.hours + leaves.hour[used]
        flat = np.bincount(place, column[used], groups * self.samples * self.hours).astype(np.float64)
        return flat.reshape(groups, self.samples, self.hours)

    def worth(self, leaves: Leaves, group: np.ndarray, column: Numbers, keep: np.ndarray) -> np.ndarray:
        """Per group whether it holds pieces enough to be judged, and is among the MOST with most."""
        used = keep & (self.sample >= 0) & (leaves.hour < self.hours)
        count = int(group.max()) + 1 if len(group) else 0
        asked = np.bincount(group[used & (self.sample == 0)], column[used & (self.sample == 0)], count)
        past = np.bincount(group[used & (self.sample > 0)], column[used & (self.sample > 0)], count)
        pieces = np.maximum(asked, past / max(1, self.samples - 1))
        least = np.partition(pieces, -MOST)[-MOST] if count > MOST else 0.0
        return pieces >= max(PIECES, least)
