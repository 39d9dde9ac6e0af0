"""Two periods of one question side by side: the values of metrics before and after, in total and by dimension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from errors import UserError
from metrics.query import check, query
from metrics.types import Period, Query, Result, Scope

if TYPE_CHECKING:
    import pandas as pd

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
        sides = []
        for side, result in enumerate(self.both(names, dimensions, limit)):
            table = pd.DataFrame(result.rows, columns=[*dimensions, *names])
            for name in names:
                table[f"{name}__{side}"] = pd.to_numeric(table.pop(name).map(_number), errors="coerce")
            sides.append(table)
        joined = pd.concat(sides, ignore_index=True)
        columns = [f"{name}__{side}" for name in names for side in (0, 1)]
        return joined.groupby(list(dimensions), dropna=False, sort=False)[columns].sum().reset_index()


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
