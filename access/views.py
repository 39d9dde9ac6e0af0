"""Saved views: questions and pages that people keep, share, and pin to their own page. Kept in the ledger.

A view holds an address, never a number: whoever opens it is answered within their own rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from access.audit import ViewChanged, record
from access.scopes import may
from access.users import ROLES, User
from config import now
from errors import UserError
from warehouse.ledger import Ledger

EVERYONE = "all"
LONGEST_NAME, LONGEST_QUERY = 60, 4000
MOST_VIEWS, MOST_PINS = 200, 12
SIZES = (1, 2, 3)  # of three columns
_OPEN = "(v.owner = :user COLLATE NOCASE OR (v.shared AND v.shared_with IN ('all', :role)))"


@dataclass(frozen=True)
class SavedView:
    """One kept question. `shared` is '' (its owner only), 'all' or a role. `query` is the address after `?`."""

    id: int
    owner: str
    name: str
    page: str
    query: str
    shared: str
    created_at: str
    changed_at: str


@dataclass(frozen=True)
class Pin:
    """A view on somebody's own page: its place from 0, and how many of three columns it takes."""

    view: SavedView
    place: int
    size: int


def views(ledger: Ledger, user: User) -> list[SavedView]:
    """The views a user may open: their own and those shared with them or with everyone, the newest first."""
    rows = ledger.query(f"SELECT * FROM saved_view v WHERE {_OPEN} ORDER BY changed_at DESC, id DESC", _reader(user))
    return [_view(row) for row in rows]


def find(ledger: Ledger, user: User, view_id: int) -> SavedView:
    """One view that the user may open.

    Raises:
        UserError: `view_none` when there is none, or it is not shared with them: a stranger learns nothing.
    """
    row = ledger.one(f"SELECT * FROM saved_view v WHERE id = :id AND {_OPEN}", _reader(user) | {"id": view_id})
    if row is None:
        raise UserError("view_none", id=view_id)
    return _view(row)


def may_change(user: User, found: SavedView) -> bool:
    """Whether a user may rename, share or delete a view: its owner, and who administers what is shared with them."""
    return found.owner.lower() == user.name.lower() or may(user, "administer")


def save(ledger: Ledger, user: User, name: str, query: str, shared: str = "", page: str = "/explore") -> int:
    """Keep a new view; gives its id.

    Raises:
        UserError: `view_name`, `view_query`, `view_shared`, `view_exists`, `view_most`.
    """
    name, at = _checked(name, query, shared), _stamp()
    with ledger.transaction():
        kept = ledger.query("SELECT name FROM saved_view WHERE owner = ?", (user.name,))
        if len(kept) >= MOST_VIEWS:
            raise UserError("view_most", most=MOST_VIEWS)
        _need_free(ledger, user.name, name)
        cursor = ledger.execute(
            "INSERT INTO saved_view (owner, name, page, query, shared, shared_with, created_at, changed_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (user.name, name, page, query, int(bool(shared)), shared, at, at),
        )
        record(ledger, ViewChanged(user.name, name, "made", shared))
        return int(cursor.lastrowid or 0)


def change(
    ledger: Ledger,
    user: User,
    view_id: int,
    *,
    name: str | None = None,
    query: str | None = None,
    shared: str | None = None,
) -> SavedView:
    """Rename a view, put another question into it, or share it anew; what is None stays.

    Raises:
        UserError: as `save`, `view_none`, and `view_not_yours` for somebody else's.
    """
    with ledger.transaction():
        old = _own(ledger, user, view_id)
        query = old.query if query is None else query
        shared = old.shared if shared is None else shared
        name = _checked(old.name if name is None else name, query, shared)
        if name.lower() != old.name.lower():
            _need_free(ledger, old.owner, name)
        ledger.execute(
            "UPDATE saved_view SET name = ?, query = ?, shared = ?, shared_with = ?, changed_at = ? WHERE id = ?",
            (name, query, int(bool(shared)), shared, _stamp(), view_id),
        )
        record(ledger, ViewChanged(user.name, name, "changed", shared))
        return find(ledger, user, view_id)


def delete(ledger: Ledger, user: User, view_id: int) -> None:
    """Forget a view, on every page it is pinned to. Raises `view_none`, `view_not_yours`."""
    with ledger.transaction():
        old = _own(ledger, user, view_id)
        ledger.execute("DELETE FROM saved_view WHERE id = ?", (view_id,))
        record(ledger, ViewChanged(user.name, old.name, "deleted", old.shared))


# The personal page ----------------------------------------------------------------------------------------------------


def pins(ledger: Ledger, user: User) -> list[Pin]:
    """What a user has pinned, in order; a view that is no longer shared with them is left out."""
    rows = ledger.query(
        "SELECT v.*, p.place, p.size FROM pinned_view p JOIN saved_view v ON v.id = p.view_id "
        f"WHERE p.user = :user AND {_OPEN} ORDER BY p.place, v.id",
        _reader(user),
    )
    return [Pin(_view(row), i, row["size"]) for i, row in enumerate(rows)]


def pin(ledger: Ledger, user: User, view_id: int) -> None:
    """Put a view at the end of the user's page; one that is there stays where it is.

    Raises:
        UserError: `view_none`, `pin_most`.
    """
    with ledger.transaction():
        find(ledger, user, view_id)
        there = pins(ledger, user)
        if any(one.view.id == view_id for one in there):
            return
        if len(there) >= MOST_PINS:
            raise UserError("pin_most", most=MOST_PINS)
        ledger.execute(
            "INSERT INTO pinned_view (user, view_id, place, size) SELECT ?, ?, coalesce(max(place), -1) + 1, 1 "
            "FROM pinned_view WHERE user = ? ON CONFLICT (user, view_id) DO NOTHING",
            (user.name, view_id, user.name),
        )


def unpin(ledger: Ledger, user: User, view_id: int) -> None:
    """Take a view off the user's page."""
    ledger.execute("DELETE FROM pinned_view WHERE user = ? AND view_id = ?", (user.name, view_id))


def arrange(ledger: Ledger, user: User, view_id: int, *, step: int = 0, size: int | None = None) -> None:
    """Move a pinned view by `step` places, or give it another size. Out of range is as far as it goes."""
    with ledger.transaction():
        there = pins(ledger, user)
        at = next((one.place for one in there if one.view.id == view_id), None)
        if at is None:
            raise UserError("view_none", id=view_id)
        order = [one.view.id for one in there]
        order.insert(max(0, min(len(order) - 1, at + step)), order.pop(at))
        for place, one in enumerate(order):
            ledger.execute("UPDATE pinned_view SET place = ? WHERE user = ? AND view_id = ?", (place, user.name, one))
        if size is not None:
            ledger.execute(
                "UPDATE pinned_view SET size = ? WHERE user = ? AND view_id = ?",
                (max(SIZES[0], min(SIZES[-1], size)), user.name, view_id),
            )


def _own(ledger: Ledger, user: User, view_id: int) -> SavedView:
    found = find(ledger, user, view_id)
    if not may_change(user, found):
        raise UserError("view_not_yours", name=found.name, owner=found.owner)
    return found


def _checked(name: str, query: str, shared: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UserError("view_name", most=LONGEST_NAME)
    if len(query) > LONGEST_QUERY or any(sign in query for sign in "\r\n#"):
        raise UserError("view_query", most=LONGEST_QUERY)
    if shared not in ("", EVERYONE, *ROLES):
        raise UserError("view_shared", shared=shared, roles=", ".join((EVERYONE, *ROLES)))
    return name


def _need_free(ledger: Ledger, owner: str, name: str) -> None:
    if ledger.one("SELECT 1 FROM saved_view WHERE owner = ? AND name = ?", (owner, name)):
        raise UserError("view_exists", name=name)


def _reader(user: User) -> dict[str, object]:
    return {"user": user.name, "role": user.role}


def _view(row: dict[str, Any]) -> SavedView:
    shared = row["shared_with"] if row["shared"] else ""
    return SavedView(**{field: row[field] for field in SavedView.__dataclass_fields__} | {"shared": shared})


def _stamp() -> str:
    return now().isoformat(timespec="seconds")
