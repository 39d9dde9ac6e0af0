"""Costs told for a shop as a whole: a question about one category or product does not hold them, and has to say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from metrics.declare import Axis
from metrics.facts import AXES
from metrics.knowledge import Known
from metrics.measures import MEASURES
from metrics.types import Period

if TYPE_CHECKING:
    from warehouse import Warehouse

_AMOUNT = {"cost": "amount", "ad_spend": "cost"}  # table → what is spent
_NAMED = ("category", "product", "channel")  # what a cost may be told for; without a campaign it belongs to none


def unallocated(
    warehouse: Warehouse, known: Known, filters: Mapping[str, tuple[Any, ...]], period: Period
) -> dict[str, str]:
    """Measure → `partial_costs`, where money was spent in the period that names none of what is filtered by."""
    touched = [name for name in _NAMED if filters.get(name) and None not in filters[name]]
    axes = [AXES[name] for name in sorted(known.axes) if AXES[name].table in _AMOUNT] if touched else []
    silent = {axis.id for axis in axes if _some(warehouse, axis, touched, filters, period)}
    mine = {name for name in known.measures if MEASURES[name].axis in silent}
    return dict.fromkeys((*mine, *(name for name, other in known.stand_in if other in mine)), "partial_costs")


def _some(
    warehouse: Warehouse, axis: Axis, touched: list[str], filters: Mapping[str, tuple[Any, ...]], period: Period
) -> bool:
    """Whether an amount of the period names none of these dimensions, within the platforms and shops asked for."""
    columns = [axis.dims[name] for name in touched if name in axis.dims]
    if not columns:
        return False
    places = [name for name in ("platform", "shop") if filters.get(name)]
    tests = [
        f'"{axis.time}" >= ? AND "{axis.time}" < ? AND {_AMOUNT[axis.table]} <> 0',
        f"({axis.condition(filters)})",
        f"({' OR '.join(f'{name} IS NULL' for name in columns)})",
        *(f"list_contains(?, {name})" for name in places),
    ]
    given = [period.start, period.end, *(list(filters[name]) for name in places)]
    with warehouse.reader() as cursor:
        return (
            cursor.execute(f"SELECT 1 FROM {axis.table} WHERE {' AND '.join(tests)} LIMIT 1", given).fetchone()
            is not None
        )
