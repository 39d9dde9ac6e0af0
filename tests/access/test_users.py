"""Users, passwords, lockout and the audit trail."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import pytest

import config
from access import audit, keys, passwords, sessions, users
from errors import UserError

PASSWORD = "long enough 1"


def code_of(raised: pytest.ExceptionInfo[UserError]) -> str:
    return raised.value.code


@pytest.fixture
def boss(ledger: Any) -> str:
    users.add(ledger, "boss", "boss", PASSWORD)
    return "boss"


def attempt(ledger: Any, settings: Any, name: str, password: str, address: str = "192.0.2.1") -> str:
    try:
        sessions.sign_in(ledger, settings, name, password, address)
    except UserError as error:
        return error.code
    return "in"


def test_passwords_are_kept_as_argon2id_only(ledger: Any, settings: Any, boss: str) -> None:
    kept = ledger.one("SELECT password_hash FROM users")["password_hash"]
    assert kept.startswith("$argon2id$") and PASSWORD not in kept
    assert (
        passwords.matches(kept, PASSWORD)
        and not passwords.matches(kept, PASSWORD + "x")
        and not passwords.matches("junk", PASSWORD)
    )
    assert PASSWORD.encode() not in settings.ledger_file.read_bytes()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("x" * 257, "password_long"),
        ("12345678", "password_common"),
        ("aaaaaaaaaa", "password_common"),
        ("the-boss-himself", "password_common"),
    ],
)
def test_guessable_passwords_are_refused(ledger: Any, password: str, code: str) -> None:
    with pytest.raises(UserError) as raised:
        users.add(ledger, "the-boss-himself", "boss", password)
    assert code_of(raised) == code and users.find(ledger, "the-boss-himself") is None


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "<script>", "a/b", "a\n"])
def test_names_that_would_break_something_are_refused(ledger: Any, name: str) -> None:
    with pytest.raises(UserError) as raised:
        users.add(ledger, name, "boss", PASSWORD)
    assert code_of(raised) == "bad_user_name"


def test_a_user_is_there_once_whatever_the_capitals(ledger: Any, boss: str) -> None:
    with pytest.raises(UserError) as raised:
        users.add(ledger, "BOSS", "boss", PASSWORD)
    assert code_of(raised) == "user_exists"


def test_the_only_admin_stays_while_others_depend_on_one(ledger: Any, boss: str) -> None:
    users.add(ledger, "root", "admin", PASSWORD)
    with pytest.raises(UserError) as raised:
        users.remove(ledger, "root")
    assert code_of(raised) == "last_admin"
    users.remove(ledger, "boss")
    users.remove(ledger, "root")
    assert not users.anyone(ledger)


def test_unknown_name_and_wrong_password_look_the_same(
    ledger: Any, settings: Any, boss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str] = []
    true_check = passwords.matches
    monkeypatch.setattr(
        passwords, "matches", lambda stored, password: checks.append(stored) or true_check(stored, password)
    )
    assert (
        attempt(ledger, settings, "boss", "wrong words")
        == attempt(ledger, settings, "nobody", "wrong words")
        == "sign_in_wrong"
    )
    assert len(checks) == 2, "an unknown name must cost a hash too"


@pytest.mark.parametrize("name", ["boss", "nobody"])
def test_too_many_failures_lock_a_name_known_or_not(ledger: Any, settings: Any, boss: str, name: str) -> None:
    start = config.now(settings)
    config.freeze(start)
    for number in range(settings.lockout_failures):
        assert attempt(ledger, settings, name, "wrong words", f"192.0.2.{number}") == "sign_in_wrong"
    assert attempt(ledger, settings, name, PASSWORD) == "sign_in_locked"
    config.freeze(start + timedelta(minutes=settings.lockout_minutes, seconds=1))
    assert attempt(ledger, settings, name, PASSWORD) == ("in" if name == "boss" else "sign_in_wrong")


def test_too_many_failures_lock_an_address(ledger: Any, settings: Any, boss: str) -> None:
    for number in range(settings.lockout_failures * sessions.ADDRESS_FACTOR):
        assert attempt(ledger, settings, f"guess{number}", "wrong words", "192.0.2.9") == "sign_in_wrong"
    assert attempt(ledger, settings, "boss", PASSWORD, "192.0.2.9") == "sign_in_locked"
    assert attempt(ledger, settings, "boss", PASSWORD, "192.0.2.10") == "in"


def test_a_new_password_lifts_the_lockout_and_ends_sessions(ledger: Any, settings: Any, boss: str) -> None:
    _, token = sessions.sign_in(ledger, settings, "boss", PASSWORD, "192.0.2.1")
    for _ in range(settings.lockout_failures):
        attempt(ledger, settings, "boss", "wrong words")
    users.set_password(ledger, "boss", "another phrase 2")
    assert sessions.user_of(ledger, settings, token) is None
    assert attempt(ledger, settings, "boss", "another phrase 2") == "in"


def test_a_stolen_ledger_opens_nothing(ledger: Any, settings: Any, boss: str) -> None:
    _, token = sessions.sign_in(ledger, settings, "boss", PASSWORD, "192.0.2.1")
    api, wall = keys.make_token(ledger, "boss"), keys.make_wall_key(ledger, "overview")
    everything = "".join(ledger._cursor().iterdump())
    for secret in (token, api, wall):
        assert secret not in everything
    kept = ledger.one("SELECT token_hash FROM sessions")["token_hash"]
    assert sessions.user_of(ledger, settings, kept) is None


def test_what_people_do_stands_in_a_chain_that_cannot_be_edited(ledger: Any, settings: Any, boss: str) -> None:
    attempt(ledger, settings, "boss", "wrong words")
    attempt(ledger, settings, "boss", PASSWORD)
    users.set_password(ledger, "boss", "another phrase 2", actor="admin")
    audit.record(ledger, audit.Exported("boss", "gmv by day", 31))
    actions = [row["action"] for row in ledger.query("SELECT action FROM audit ORDER BY id")]
    assert actions == ["user_added", "sign_in_failed", "signed_in", "password_changed", "exported"]
    assert ledger.audit_broken_at() is None
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        ledger.execute("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    ledger.execute("DROP TRIGGER audit_no_update")
    ledger.execute("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    assert ledger.audit_broken_at() == 2


def test_the_audit_trail_holds_no_secret(ledger: Any, settings: Any, boss: str) -> None:
    attempt(ledger, settings, "boss", "wrong words")
    made = users.set_password(ledger, "boss")
    told = "".join(str(row) for row in ledger.query("SELECT * FROM audit"))
    assert "wrong words" not in told and PASSWORD not in told and str(made) not in told
