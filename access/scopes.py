"""What a user may see, as the engine's `Scope`. Rights are compiled into every query; pages never decide them.

| role | rows | metrics |
|---|---|---|
| boss, admin, finance, wall | all | all |
| operations | own categories, where the category-owner sheet names this user; else all | all |
| warehouse, service, technology | all | without cost and profit (metrics that finance answers for) |
"""

from __future__ import annotations

import sys
import threading
from typing import Any
from weakref import WeakKeyDictionary

import metrics
from access.users import User
from errors import UserError
from metrics.types import Scope

NO_PROFIT = ("warehouse", "service", "technology")
ACTS: dict[str, tuple[str, ...]] = {
    "load": ("boss", "operations", "finance", "warehouse", "service", "technology", "admin"),
    "export": ("boss", "operations", "finance", "warehouse", "service", "technology", "admin"),
    "acknowledge": ("boss", "operations", "finance", "warehouse", "service", "technology", "admin"),
    "change_rules": ("boss", "operations", "admin"),
    "define": ("boss", "operations", "finance", "admin"),  # metrics of one's own; over declared ones: administer
    "reconcile": ("boss", "finance", "admin"),  # see whether sources agree, and sign where they do not
    "administer": ("boss", "admin"),
}
"""What may be done, by role. A wall only looks."""
COST_FACTS = frozenset({"cost", "unit_cost", "settlement", "fund_flow"})
RIGHTS_FACTS = frozenset({"category_owner"})  # this sheet says who sees which rows: it is written like a right


def scope_for(user: User | None, warehouse: Any = None) -> Scope:
    """The rows and metrics a user may see; nobody sees nothing. In a request the app's own warehouse is the default.

    Raises:
        UserError: `not_signed_in` without a user.
    """
    if user is None:
        raise UserError("not_signed_in")
    hidden = finance_metrics() if user.role in NO_PROFIT else frozenset()
    rows: dict[str, tuple[str, ...]] = {}
    if user.role == "operations" and (warehouse := warehouse or _warehouse_here()) is not None:
        categories = _owned_categories(warehouse, user.name)
        if categories:
            rows["category"] = categories
    return Scope(user.name, rows, hidden)


def wall_scope(user: User) -> Scope:
    """A wall shows the whole shop; it has no person behind it whose rights could narrow it."""
    return Scope(user.name)


def may(user: User | None, act: str) -> bool:
    """Whether a user may do one of `ACTS`."""
    return user is not None and user.role in ACTS[act]


def require(user: User | None, act: str) -> User:
    """The user, if they may.

    Raises:
        UserError: `not_signed_in` or `act_not_allowed`.
    """
    if user is None:
        raise UserError("not_signed_in")
    if not may(user, act):
        raise UserError("act_not_allowed", user=user.name, act=act, roles=", ".join(ACTS[act]))
    return user


def barred_facts(user: User | None) -> frozenset[str]:
    """Facts that a user may not write: whoever could name category owners could give themselves every category."""
    return frozenset() if may(user, "administer") else RIGHTS_FACTS


def finance_metrics() -> frozenset[str]:
    """Ids of the metrics that finance answers for: cost and profit; and of those that people built on them."""
    found = frozenset(name for name, metric in metrics.catalogue().items() if metric.owner == "finance")
    made = (name for name, metric in metrics.catalogue().items() if metric.origin == "custom" and metric.uses & found)
    return found.union(made)


def _warehouse_here() -> Any:
    if "flask" not in sys.modules:  # the command line does without it
        return None
    import flask

    if not flask.has_app_context():
        return None
    return getattr(flask.current_app.extensions.get("cockpit"), "warehouse", None)


_owners: WeakKeyDictionary[Any, tuple[int, dict[str, tuple[str, ...]]]] = WeakKeyDictionary()
_lock = threading.Lock()


def _owned_categories(warehouse: Any, name: str) -> tuple[str, ...]:
    """The categories of a person; read once for each data version, for every tick of every page asks."""
    version = warehouse.data_version
    with _lock:
        known, owners = _owners.get(warehouse, (-1, {}))
    if known != version:
        rows = warehouse.read("SELECT DISTINCT owner, category FROM category_owner ORDER BY 2").to_pylist()
        owners = {}
        for row in rows:
            owners[row["owner"].lower()] = (*owners.get(row["owner"].lower(), ()), row["category"])
        with _lock:
            _owners[warehouse] = (version, owners)
    return tuple(dict.fromkeys(owners.get(name.lower(), ())))
