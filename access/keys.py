"""Keys for what cannot type a password: programs (API tokens) and wall screens (wall keys). Kept as hashes."""

from __future__ import annotations

import re
import secrets
from typing import Any

from access.audit import KeyMade, KeyRevoked, record
from access.sessions import digest
from access.users import User, from_row, need
from config import now
from errors import UserError
from warehouse.ledger import Ledger

_SCREEN = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def make_token(ledger: Ledger, name: str, label: str = "", *, actor: str = "system") -> str:
    """A new API token of a user; it can do what that user can.

    Raises:
        UserError: `unknown_user`.
    """
    user = need(ledger, name)
    token = "ck_" + secrets.token_urlsafe(32)
    with ledger.transaction():
        ledger.execute(
            "INSERT INTO api_token (token_hash, user_id, label, created_at) VALUES (?, ?, ?, ?)",
            (digest(token), user.id, label or user.name, _stamp()),
        )
        record(ledger, KeyMade(actor, user.name, "api_token"))
    return token


def user_of_token(ledger: Ledger, token: str) -> User | None:
    """Whose API token this is, or None."""
    row = ledger.one(
        "SELECT u.*, t.id AS token_id, t.used_at FROM api_token t JOIN users u ON u.id = t.user_id"
        " WHERE t.token_hash = ? AND t.revoked_at IS NULL AND u.disabled = 0",
        (digest(token),),
    )
    if row is None:
        return None
    today = _stamp()[:10]
    if (row["used_at"] or "")[:10] != today:  # a day is fine enough, and spares a write per call
        ledger.execute("UPDATE api_token SET used_at = ? WHERE id = ?", (_stamp(), row["token_id"]))
    return from_row(row)


def revoke_tokens(ledger: Ledger, name: str, *, actor: str = "system") -> int:
    """Revoke every API token of a user; gives their number.

    Raises:
        UserError: `unknown_user`.
    """
    user = need(ledger, name)
    with ledger.transaction():
        done = ledger.execute(
            "UPDATE api_token SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", (_stamp(), user.id)
        )
        record(ledger, KeyRevoked(actor, user.name, "api_token"))
    return done.rowcount


def make_wall_key(ledger: Ledger, screen: str, label: str = "", *, actor: str = "system") -> str:
    """A new key that opens one wall screen and nothing else.

    Raises:
        UserError: `bad_screen`.
    """
    if not _SCREEN.fullmatch(screen):
        raise UserError("bad_screen", screen=screen)
    key = "wk_" + secrets.token_urlsafe(24)
    with ledger.transaction():
        ledger.execute(
            "INSERT INTO wall_key (key_hash, screen, label, created_at, created_by) VALUES (?, ?, ?, ?, ?)",
            (digest(key), screen, label or screen, _stamp(), actor),
        )
        record(ledger, KeyMade(actor, screen, "wall_key"))
    return key


def wall_of_key(ledger: Ledger, key: str | None) -> User | None:
    """The wall that a key opens, as a user of role 'wall'; None when it is unknown, ended or revoked."""
    if not key:
        return None
    row = ledger.one(
        "SELECT screen FROM wall_key WHERE key_hash = ? AND revoked_at IS NULL"
        " AND (expires_at IS NULL OR expires_at > ?)",
        (digest(key), _stamp()),
    )
    return User(f"wall:{row['screen']}", "wall", screen=row["screen"]) if row else None


def wall_keys(ledger: Ledger) -> list[dict[str, Any]]:
    """Every wall key that still opens something: short id, screen, label, creation."""
    return ledger.query(
        "SELECT substr(key_hash, 1, 8) AS id, screen, label, created_at, created_by, expires_at FROM wall_key"
        " WHERE revoked_at IS NULL ORDER BY created_at, key_hash"
    )


def revoke_wall_key(ledger: Ledger, ident: str, *, actor: str = "system") -> None:
    """Revoke the wall key with that short id; its walls go dark at their next question.

    Raises:
        UserError: `unknown_wall_key`.
    """
    if not re.fullmatch(r"[0-9a-f]{8,64}", ident):
        raise UserError("unknown_wall_key", id=ident)
    with ledger.transaction():
        done = ledger.execute(
            "UPDATE wall_key SET revoked_at = ? WHERE substr(key_hash, 1, ?) = ? AND revoked_at IS NULL",
            (_stamp(), len(ident), ident),
        )
        if not done.rowcount:
            raise UserError("unknown_wall_key", id=ident)
        record(ledger, KeyRevoked(actor, ident, "wall_key"))


def _stamp() -> str:
    return now().isoformat(timespec="seconds")
