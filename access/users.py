"""People who may sign in: their roles and passwords, kept in the ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from access import passwords
from access.audit import PasswordChanged, UserAdded, UserRemoved, record
from config import now
from errors import UserError
from warehouse.ledger import Ledger

ROLES = ("boss", "operations", "finance", "warehouse", "service", "technology", "wall", "admin")
_NAME = re.compile(r"[\w.@+-]{1,64}", re.UNICODE)


@dataclass(frozen=True)
class User:
    """Somebody who has signed in, a program with a token, or a wall (`screen` is then its one screen)."""

    name: str
    role: str
    id: int = 0
    lang: str | None = None
    must_change: bool = False
    screen: str | None = None


def from_row(row: dict[str, Any]) -> User:
    """A row of `users` as a User."""
    return User(row["name"], row["role"], row["id"], row["lang"], bool(row["must_change"]))


def add(
    ledger: Ledger,
    name: str,
    role: str,
    password: str | None = None,
    *,
    actor: str = "system",
    must_change: bool | None = None,
) -> str | None:
    """Add a user; without a password, give back a one-time one that must be changed at the first sign-in.

    Raises:
        UserError: `bad_user_name`, `unknown_role`, `user_exists` or a password rule.
    """
    if not _NAME.fullmatch(name):
        raise UserError("bad_user_name", name=name)
    if role not in ROLES:
        raise UserError("unknown_role", role=role, roles=", ".join(ROLES))
    made = None
    if password is None:
        password = made = passwords.one_time_password()
    else:
        passwords.check_new(password, name)
    change = made is not None if must_change is None else must_change
    hashed = passwords.hash_password(password)
    with ledger.transaction():
        if find(ledger, name):
            raise UserError("user_exists", name=name)
        ledger.execute(
            "INSERT INTO users (name, role, password_hash, created_at, must_change, password_changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (name, role, hashed, _stamp(), int(change), _stamp()),
        )
        record(ledger, UserAdded(actor, name, role))
    return made


def find(ledger: Ledger, name: str) -> User | None:
    """The user of that name (capitals do not matter), or None."""
    row = ledger.one("SELECT * FROM users WHERE name = ? AND disabled = 0", (name,))
    return from_row(row) if row else None


def need(ledger: Ledger, name: str) -> User:
    """The user of that name.

    Raises:
        UserError: `unknown_user`.
    """
    user = find(ledger, name)
    if user is None:
        raise UserError("unknown_user", name=name)
    return user


def everyone(ledger: Ledger) -> list[dict[str, Any]]:
    """Name, role, creation and last sign-in of every user, by name."""
    return ledger.query(
        "SELECT u.name, u.role, u.created_at, u.must_change, max(s.seen_at) AS seen_at"
        " FROM users u LEFT JOIN sessions s ON s.user_id = u.id WHERE u.disabled = 0 GROUP BY u.id ORDER BY u.name"
    )


def anyone(ledger: Ledger) -> bool:
    """Whether there is any user at all: until then the set-up page is open on the machine itself."""
    return ledger.one("SELECT 1 FROM users LIMIT 1") is not None


def set_password(ledger: Ledger, name: str, password: str | None = None, *, actor: str = "system") -> str | None:
    """Change a password, end every session of that user and lift a lockout; a one-time password when none is given.

    Raises:
        UserError: `unknown_user` or a password rule.
    """
    user = need(ledger, name)
    made = None
    if password is None:
        password = made = passwords.one_time_password()
    else:
        passwords.check_new(password, name)
    hashed = passwords.hash_password(password)
    with ledger.transaction():
        ledger.execute(
            "UPDATE users SET password_hash = ?, must_change = ?, password_changed_at = ? WHERE id = ?",
            (hashed, int(made is not None), _stamp(), user.id),
        )
        ledger.execute("DELETE FROM sessions WHERE user_id = ?", (user.id,))
        ledger.execute("DELETE FROM login_failures WHERE name = ?", (name,))
        record(ledger, PasswordChanged(actor, name))
    return made


def remove(ledger: Ledger, name: str, *, actor: str = "system") -> None:
    """Remove a user with sessions and tokens; what they did stays in the audit trail.

    Raises:
        UserError: `unknown_user`, or `last_admin` for the only admin while others remain.
    """
    user = need(ledger, name)
    with ledger.transaction():
        others = ledger.query("SELECT role FROM users WHERE id <> ? AND disabled = 0", (user.id,))
        if user.role == "admin" and others and not any(row["role"] == "admin" for row in others):
            raise UserError("last_admin", name=name)
        ledger.execute("DELETE FROM users WHERE id = ?", (user.id,))
        record(ledger, UserRemoved(actor, name))


def _stamp() -> str:
    return now().isoformat(timespec="seconds")
