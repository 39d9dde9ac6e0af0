"""The ledger: what people did and were promised, in one SQLite file (WAL, every commit on disk before it counts).

One connection behind a re-entrant lock: the ledger is small, so order matters more than concurrency.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from config import Settings, now
from errors import FatalError

MIGRATIONS = Path(__file__).parent / "ledger_migrations"

_CHAINED = ("at", "actor", "action", "subject", "detail", "address")

Params = Sequence[object] | Mapping[str, object]
Row = dict[str, Any]


class Ledger:
    """Thread-safe access to `ledger.sqlite`. Rows are dicts by column name.

    >>> ledger = Ledger.open(settings)                                        # doctest: +SKIP
    >>> with ledger.transaction():                                            # doctest: +SKIP
    ...     ledger.execute("DELETE FROM sessions WHERE user_id = ?", (7,))
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.chmod(0o600)  # before it is opened: the log and the index beside it get the mode that the file has
        try:
            self._connection: sqlite3.Connection | None = sqlite3.connect(
                path, timeout=15, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._migrate()
        except sqlite3.DatabaseError as error:
            raise FatalError("ledger_damaged", path=path, detail=error) from error

    @classmethod
    def open(cls, settings: Settings) -> Ledger:
        """The ledger of this home; created and migrated when needed.

        Raises:
            FatalError: `ledger_damaged` when the file is not a readable ledger.
        """
        return cls(settings.ledger_file)

    def _cursor(self) -> sqlite3.Connection:
        if self._connection is None:
            raise FatalError("ledger_closed", path=self.path)
        return self._connection

    def _migrate(self) -> None:
        connection = self._cursor()
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT, applied_at TEXT)"
        )
        done = {row[0] for row in connection.execute("SELECT number FROM migration")}
        for path in sorted(MIGRATIONS.glob("[0-9]*.sql")):
            number = int(re.match(r"\d+", path.name).group())  # type: ignore[union-attr]
            if number in done:
                continue
            stamp = now().isoformat(timespec="seconds")
            record = f"INSERT INTO migration VALUES ({number}, '{path.stem}', '{stamp}');"
            connection.executescript(f"BEGIN IMMEDIATE;\n{path.read_text('utf-8')}\n{record}\nCOMMIT;")

    def execute(self, sql: str, params: Params = ()) -> sqlite3.Cursor:
        """Run one statement; its own transaction unless inside `transaction()`. Gives `lastrowid` and `rowcount`."""
        with self._lock:
            return self._cursor().execute(sql, params)

    def query(self, sql: str, params: Params = ()) -> list[Row]:
        """All rows of a SELECT."""
        with self._lock:
            return [dict(row) for row in self._cursor().execute(sql, params)]

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row, or None."""
        with self._lock:
            row = self._cursor().execute(sql, params).fetchone()
            return None if row is None else dict(row)

    @contextmanager
    def transaction(self) -> Iterator[Ledger]:
        """All or nothing; a transaction inside another joins it."""
        with self._lock:
            connection = self._cursor()
            if self._depth == 0:
                connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                connection.execute("COMMIT")

    def audit(
        self,
        actor: str,
        action: str,
        subject: str | None = None,
        detail: Mapping[str, object] | None = None,
        address: str | None = None,
    ) -> int:
        """Append one hash-chained audit row; returns its id. Put no secret into `detail`."""
        at = now().isoformat(timespec="seconds")
        text = json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True, default=str)
        with self.transaction():
            last = self.one("SELECT chain FROM audit ORDER BY id DESC LIMIT 1")
            previous = last["chain"] if last else ""
            chain = _chain(previous, at, actor, action, subject, text, address)
            cursor = self.execute(
                "INSERT INTO audit (at, actor, action, subject, detail, address, previous, chain)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (at, actor, action, subject, text, address, previous, chain),
            )
            return int(cursor.lastrowid or 0)

    def audit_broken_at(self) -> int | None:
        """Id of the first audit row whose chain does not fit, None when the trail is whole."""
        previous = ""
        for row in self.query("SELECT * FROM audit ORDER BY id"):
            expected = _chain(previous, *(row[name] for name in _CHAINED))
            if row["previous"] != previous or row["chain"] != expected:
                return int(row["id"])
            previous = row["chain"]
        return None

    def backup_to(self, target: Path) -> None:
        """A consistent copy while the ledger is in use."""
        with self._lock:
            copy = sqlite3.connect(target)
            try:
                self._cursor().backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, no WAL beside it
            finally:
                copy.close()

    def close(self) -> None:
        """Close the file; every later call raises `FatalError("ledger_closed")`."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _chain(previous: str, *fields: object) -> str:
    return hashlib.sha256(json.dumps([previous, *fields], ensure_ascii=False).encode()).hexdigest()
