"""Who may see rows as they came: original files, quarantined rows, the tables people keep.

Rights are compiled into queries of metrics; raw rows pass by no such query. So whoever is held to some rows sees none
of them, and those from whom cost and profit are hidden see none of a kind that carries costs.
"""

from __future__ import annotations

from collections.abc import Iterable

import connectors
from access import COST_FACTS
from errors import UserError
from metrics.types import Scope


def sees(scope: Scope, kinds: Iterable[str]) -> bool:
    """Whether the scope may see raw rows of all these kinds."""
    return not scope.rows and not (scope.hidden and cost_kinds() & set(kinds))


def need(scope: Scope, kinds: Iterable[str]) -> None:
    """Raises `UserError("raw_not_allowed")` where `sees` says no."""
    if not sees(scope, kinds):
        raise UserError("raw_not_allowed")


def cost_kinds() -> frozenset[str]:
    """Kinds whose rows carry costs."""
    return frozenset(kind.id for kind in connectors.kinds() if any(into.fact in COST_FACTS for into in kind.into))
