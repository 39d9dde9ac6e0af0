"""Sign-on, roles, scopes and audit. Doors: `scope_for`, `current_user`, `may`, `require`; `access.auth` is the guard.

Modules are imported when a name is first asked for, so that a command that needs no web server does not load one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from access.gate import Gate as Gate
    from access.gate import current_user as current_user
    from access.scopes import COST_FACTS as COST_FACTS
    from access.scopes import barred_facts as barred_facts
    from access.scopes import may as may
    from access.scopes import require as require
    from access.scopes import scope_for as scope_for
    from access.scopes import wall_scope as wall_scope
    from access.users import ROLES as ROLES
    from access.users import User as User

_HOMES = {
    "COST_FACTS": "access.scopes", "barred_facts": "access.scopes",
    "Gate": "access.gate", "current_user": "access.gate", "may": "access.scopes", "require": "access.scopes",
    "scope_for": "access.scopes", "wall_scope": "access.scopes", "ROLES": "access.users", "User": "access.users",
}  # fmt: skip
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'access' has no attribute {name!r}")
