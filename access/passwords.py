"""Passwords: argon2id hashes, one-time passwords, and the few rules a password must keep."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from errors import UserError

MIN_LENGTH, MAX_LENGTH = 8, 256
_COMMON = frozenset((
    "password", "passw0rd", "password1", "12345678", "123456789", "1234567890", "88888888", "11111111",
    "66666666", "00000000", "qwertyui", "qwertyuiop", "abcd1234", "abc12345", "a1234567", "1q2w3e4r",
    "admin123", "admin888", "iloveyou", "woaini1314", "5201314520", "letmein1",
))  # fmt: skip
_hasher = PasswordHasher()
_turn = threading.BoundedSemaphore(2)  # each hash takes 64 MiB: a flood of sign-ins must not take the machine's memory


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    with _turn:
        return _hasher.hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether the password belongs to the hash, in time that does not depend on the answer."""
    with _turn:
        try:
            return _hasher.verify(stored, password[:MAX_LENGTH])
        except (VerificationError, InvalidHashError):
            return False


_decoy: list[str] = []


def waste_time(password: str) -> None:
    """Spend what a real check costs, so that an unknown name answers no faster than a wrong password."""
    if not _decoy:
        _decoy.append(hash_password(secrets.token_urlsafe(16)))
    matches(_decoy[0], password)


def one_time_password() -> str:
    """A password to be read out and typed once: 16 letters and digits without look-alikes, about 79 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def check_new(password: str, name: str) -> None:
    """Refuse passwords that are guessed first.

    Raises:
        UserError: `password_short`, `password_long` or `password_common`.
    """
    if len(password) < MIN_LENGTH:
        raise UserError("password_short", least=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise UserError("password_long", most=MAX_LENGTH)
    lowered = password.lower()
    if lowered in _COMMON or lowered == name.lower() or len(set(lowered)) < 3:
        raise UserError("password_common")
