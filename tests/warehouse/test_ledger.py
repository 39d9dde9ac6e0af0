"""The ledger: durable, atomic, audited."""

import sqlite3
import threading

import pytest

from errors import FatalError
from warehouse.ledger import Ledger


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def put(ledger, name, value="1"):
    return ledger.execute("INSERT INTO settings (name, value, updated_at) VALUES (?, ?, '2026')", (name, value))


def test_wal_full_sync_and_migrations_once(tmp_path):
    for _ in range(2):
        with Ledger(tmp_path / "l.sqlite") as ledger:
            assert ledger.one("PRAGMA journal_mode") == {"journal_mode": "wal"}
            assert ledger.one("PRAGMA synchronous") == {"synchronous": 2}
            numbers = [row["number"] for row in ledger.query("SELECT number FROM migration ORDER BY number")]
    assert numbers == sorted(set(numbers)) and numbers[0] == 1


def test_a_transaction_is_all_or_nothing_and_joins_the_outer_one(ledger):
    with pytest.raises(ValueError, match="stop"), ledger.transaction():
        put(ledger, "a")
        with ledger.transaction():
            put(ledger, "b")
        raise ValueError("stop")
    assert ledger.query("SELECT * FROM settings") == []
    with ledger.transaction():
        put(ledger, "c")
    assert ledger.one("SELECT name FROM settings") == {"name": "c"}


def test_threads_share_it(ledger):
    def work(start):
        for n in range(20):
            with ledger.transaction():
                put(ledger, f"{start}-{n}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.one("SELECT count(*) AS n FROM settings") == {"n": 80}


def test_the_audit_is_append_only_and_tells_where_it_was_changed(ledger):
    numbers = [ledger.audit("boss", f"act {n}", "thing", {"n": n}) for n in range(5)]
    assert ledger.audit_broken_at() is None
    for sql in ("DELETE FROM audit", "UPDATE audit SET actor = 'x'"):
        with pytest.raises(sqlite3.IntegrityError):
            ledger.execute(sql)
    ledger.execute("DROP TRIGGER audit_no_update")
    ledger.execute("UPDATE audit SET actor = 'x' WHERE id = ?", (numbers[2],))
    assert ledger.audit_broken_at() == numbers[2]


def test_closed_and_damaged_have_names(tmp_path):
    ledger = Ledger(tmp_path / "l.sqlite")
    ledger.close()
    with pytest.raises(FatalError) as error:
        ledger.query("SELECT 1")
    assert error.value.code == "ledger_closed"
    (tmp_path / "bad.sqlite").write_bytes(b"no ledger" * 500)
    with pytest.raises(FatalError) as error:
        Ledger(tmp_path / "bad.sqlite")
    assert error.value.code == "ledger_damaged"


def test_everything_beside_the_ledger_is_its_owners_only(tmp_path):
    home = tmp_path / "home"
    with Ledger(home / "ledger.sqlite") as ledger:
        ledger.execute("CREATE TABLE note (text TEXT)")
        files = list(home.glob("ledger.sqlite*"))
        assert len(files) > 1
        assert [file.name for file in files if file.stat().st_mode & 0o077] == []
        assert home.stat().st_mode & 0o077 == 0
