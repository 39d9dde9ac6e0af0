"""Targets by day, and the usual curve of a day and a week that they are paced by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from metrics.shape import Shape
from metrics.types import Period

if TYPE_CHECKING:
    from warehouse import Warehouse


def target_params(
    warehouse: Warehouse, shape: Shape, params: dict[str, Any], filters: Mapping[str, tuple[Any, ...]], period: Period,
    here: Period,
) -> Shape:
    """Put the target rows of the question into `params`; the shape, with the measures that they answer."""
    for name in ("day", "platform", "shop", "category", "amount", "paced"):
        params[f"a_t_{name}"] = []
    return shape
