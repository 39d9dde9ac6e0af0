"""Sessions, sign-in and lockout.

A session is a random token in a cookie; the ledger keeps only its SHA-256, so that a stolen ledger opens nothing.
Sign-in says one and the same thing for an unknown name and a wrong password, in the same time, and stops listening
for a while after too many failures of one name or one address, known or not.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from access import passwords
from access.audit import SignedIn, SignedOut, SignInFailed, record
from access.users import User, from_row
from config import Settings, now
from errors import UserError
from warehouse.ledger import Ledger

RENEW_EVERY = timedelta(minutes=5)  # a session's end moves with its use, written at most this often
ADDRESS_FACTOR = 4  # an office shares one address: it may fail this many times as often as one name


def digest(token: str) -> str:
    """What the ledger keeps instead of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def sign_in(
    ledger: Ledger, settings: Settings, name: str, password: str, address: str, agent: str = ""
) -> tuple[User, str]:
    """Check a name and password; gives the user and a new session's token.

    Raises:
        UserError: `sign_in_locked` or `sign_in_wrong`, neither of which tells whether the name exists.
    """
    name = name.strip()[:64]
    with ledger.transaction():  # an attempt counts as failed until it is not: many at once must not pass the count
        shut = locked(ledger, settings, name, address)
        if not shut:
            ledger.execute("INSERT INTO login_failures (name, address, at) VALUES (?, ?, ?)", (name, address, _at()))
    if shut:
        record(ledger, SignInFailed(name, "locked"), address)
        raise UserError("sign_in_locked", minutes=settings.lockout_minutes)
    row = ledger.one("SELECT * FROM users WHERE name = ? AND disabled = 0", (name,))
    if row is None:
        passwords.waste_time(password)
    if row is None or not passwords.matches(row["password_hash"], password):
        record(ledger, SignInFailed(name, "wrong"), address)
        raise UserError("sign_in_wrong")
    user = from_row(row)
    with ledger.transaction():
        ledger.execute("DELETE FROM login_failures WHERE name = ?", (name,))
        token = start(ledger, settings, user, address, agent)
        record(ledger, SignedIn(user.name), address)
    return user, token


def start(ledger: Ledger, settings: Settings, user: User, address: str, agent: str = "") -> str:
    """Begin a session and give its token; sessions that ended are swept on the way."""
    token = secrets.token_urlsafe(32)
    ends = _at(timedelta(hours=settings.session_hours))
    sweep(ledger)
    ledger.execute(
        "INSERT INTO sessions (token_hash, user_id, created_at, seen_at, expires_at, address, agent)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (digest(token), user.id, _at(), _at(), ends, address, agent[:200]),
    )
    return token


def sweep(ledger: Ledger) -> int:
    """Drop sessions that ended and failures that no lockout looks at any more; gives how many sessions."""
    ledger.execute("DELETE FROM login_failures WHERE at <= ?", (_at(timedelta(days=-7)),))
    return ledger.execute("DELETE FROM sessions WHERE expires_at <= ?", (_at(),)).rowcount


def user_of(ledger: Ledger, settings: Settings, token: str | None) -> User | None:
    """Whose session a token is; None when it is unknown, ended, or its user is gone."""
    if not token:
        return None
    row = ledger.one(
        "SELECT u.*, s.seen_at FROM sessions s JOIN users u ON u.id = s.user_id"
        " WHERE s.token_hash = ? AND s.expires_at > ? AND u.disabled = 0",
        (digest(token), _at()),
    )
    if row is None:
        return None
    if row["seen_at"] <= _at(-RENEW_EVERY):
        ledger.execute(
            "UPDATE sessions SET seen_at = ?, expires_at = ? WHERE token_hash = ?",
            (_at(), _at(timedelta(hours=settings.session_hours)), digest(token)),
        )
    return from_row(row)


def sign_out(ledger: Ledger, token: str, address: str | None = None, *, everywhere: bool = False) -> None:
    """End this session, or every session of its user."""
    row = ledger.one(
        "SELECT u.id, u.name FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ?", (digest(token),)
    )
    if row is None:
        return
    with ledger.transaction():
        if everywhere:
            ledger.execute("DELETE FROM sessions WHERE user_id = ?", (row["id"],))
        else:
            ledger.execute("DELETE FROM sessions WHERE token_hash = ?", (digest(token),))
        record(ledger, SignedOut(row["name"], everywhere), address)


def locked(ledger: Ledger, settings: Settings, name: str, address: str) -> bool:
    """Whether this name or this address failed too often lately."""
    since = _at(timedelta(minutes=-settings.lockout_minutes))
    by_name = ledger.one("SELECT count(*) AS n FROM login_failures WHERE name = ? AND at > ?", (name, since))
    by_address = ledger.one("SELECT count(*) AS n FROM login_failures WHERE address = ? AND at > ?", (address, since))
    assert by_name and by_address
    return bool(
        by_name["n"] >= settings.lockout_failures or by_address["n"] >= settings.lockout_failures * ADDRESS_FACTOR
    )


def _at(shift: timedelta = timedelta()) -> str:
    return (now() + shift).isoformat(timespec="seconds")
