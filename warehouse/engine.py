"""The one owner of `warehouse.duckdb`: a writer thread with a queue, readers behind a fair gate, numbered migrations.

DuckDB allows one process per file. Indexes with a WAL are how its files die, so there are none; DDL runs only here, at
start, and is followed by a CHECKPOINT. The file is kept in a storage version that DuckDB 1.5 reads too.
"""

from __future__ import annotations

import json
import logging
import queue
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from config import Settings, now
from errors import FatalError, RetryableError, UserError
from warehouse.changes import Changes
from warehouse.gate import FairGate, Watchdog
from warehouse.model import Touched

MIGRATIONS = Path(__file__).parent / "migrations"
STORAGE_VERSION = "v1.5.0"
READ_SECONDS = 60.0
WAIT_SECONDS = 120.0

T = TypeVar("T")
Connection = duckdb.DuckDBPyConnection
log = logging.getLogger(__name__)


def needs_rebuild_mark(settings: Settings) -> Path:
    """The note that says the warehouse was set aside and has not been rebuilt yet."""
    return settings.home / "warehouse.needs-rebuild.json"


class Engine:
    """Runs SQL for the whole process. Use `Warehouse`, which owns one."""

    def __init__(self, settings: Settings, file: Path | None = None) -> None:
        self.settings = settings
        self.file = file or settings.warehouse_file
        self._gate = FairGate(2)
        self._watchdog = Watchdog()
        self._jobs: queue.Queue[tuple[Callable[[Connection], Any], Future[Any]] | None] = queue.Queue()
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        self._listeners: list[Callable[[int], None]] = []
        self._pending_version: int | None = None
        self._in_transaction = False
        self._changes = Changes()
        self.data_version = 0
        self._root = self._open()
        stored = self._root.execute("SELECT value FROM meta WHERE name = 'data_version'").fetchone()
        self.data_version = int(stored[0]) if stored else 0
        self._changes.add(None)
        self._changes.commit(self.data_version)
        self._writer = threading.Thread(target=self._work, name="warehouse-writer", daemon=True)
        self._writer.start()

    # Opening ------------------------------------------------------------------------------------------------------

    def _open(self) -> Connection:
        for folder in (self.file.parent, self.settings.tmp):
            folder.mkdir(parents=True, exist_ok=True)
        options: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self.settings.memory_limit,
            "temp_directory": str(self.settings.tmp),
            "autoinstall_known_extensions": False,
            "TimeZone": self.settings.timezone,
        }
        if self.settings.threads:
            options["threads"] = self.settings.threads
        try:
            root = duckdb.connect(":memory:", config=options)
        except duckdb.Error as error:
            raise UserError("setting_value", name="memory_limit, threads", value=error) from error
        try:
            path = str(self.file).replace("'", "''")
            root.execute(f"ATTACH '{path}' AS warehouse (STORAGE_VERSION '{STORAGE_VERSION}')")
            root.execute("USE warehouse")
            root.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
        except duckdb.Error as error:
            root.close()
            self._watchdog.stop()
            raise self._failed_open(error) from error
        _migrate(root)
        return root

    def _failed_open(self, error: duckdb.Error) -> UserError | FatalError:
        text = str(error)
        if re.search(r"lock|being used by another process|already (attached|open)|Unique file handle", text, re.I):
            owner = re.search(r"PID (\d+)", text)
            return UserError("warehouse_busy", path=self.file, pid=owner.group(1) if owner else "?")
        if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in text or "Permission denied" in text:
            return FatalError("warehouse_unopened", path=self.file, detail=text)
        aside = set_aside(self.settings, self.file, text)
        return FatalError("warehouse_damaged", path=self.file, aside=aside, detail=text.splitlines()[0])

    # Writing ------------------------------------------------------------------------------------------------------

    def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(connection)` in one transaction on the writer thread; its value, or its error, comes back here."""

        def job(connection: Connection) -> T:
            with self.transaction(connection):
                return fn(connection)

        return self.run(job)

    def run(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(connection)` on the writer thread, transactions being its own affair."""
        if threading.current_thread() is self._writer:
            return fn(self._root)
        result: Future[T] = Future()
        with self._lock:
            self._check_open()
            self._jobs.put((fn, result))
        return result.result()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            fn, result = job
            try:
                result.set_result(fn(self._root))
            except BaseException as error:  # the caller is another thread: everything goes back to it
                result.set_exception(error)

    @contextmanager
    def transaction(self, connection: Connection) -> Iterator[None]:
        """All or nothing, on the writer thread; one inside another joins it. A raised version counts afterwards."""
        if self._in_transaction:
            yield
            return
        connection.execute("BEGIN TRANSACTION")
        self._in_transaction, self._pending_version = True, None
        self._changes.begin()
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            self._rollback(connection)
            raise
        finally:
            self._in_transaction = False
        if self._pending_version is not None:
            self._changes.commit(self._pending_version)
            self.data_version = self._pending_version
            self._tell()

    def raise_version(self, connection: Connection, touched: Touched | None = None) -> int:
        """Count the data version up by one within the running transaction (once, however often it is called).

        `touched` is what changed; without it everything counts as changed.
        """
        self._changes.add(touched)
        if self._pending_version is None:
            self._pending_version = self.data_version + 1
            connection.execute("UPDATE meta SET value = ? WHERE name = 'data_version'", [str(self._pending_version)])
        return self._pending_version

    def changed_at(self, fact: str, column: str, day: date) -> int:
        """The data version since which no row of `fact` on this day of `column` has changed, as far as this process
        knows. To keep what was read under it, ask before reading."""
        return self._changes.of(fact, column, day, self.data_version)

    def on_change(self, callback: Callable[[int], None]) -> None:
        """Call `callback(data_version)` after each commit that raised it; on the writer thread, so be quick."""
        self._listeners.append(callback)

    def _tell(self) -> None:
        for callback in self._listeners:
            try:
                callback(self.data_version)
            except Exception:  # a listener's trouble is not the writer's
                log.exception("a listener of the data version failed")

    def _rollback(self, connection: Connection) -> None:
        try:
            connection.execute("ROLLBACK")
        except duckdb.Error as error:
            log.debug("nothing to roll back: %s", error)

    # Reading ------------------------------------------------------------------------------------------------------

    @contextmanager
    def reader(self, seconds: float = READ_SECONDS) -> Iterator[Connection]:
        """A cursor with a place in the gate; interrupted after `seconds`.

        Raises:
            RetryableError: `warehouse_crowded` or `query_timeout`.
            FatalError: `warehouse_closed`.
        """
        with self._gate.enter(WAIT_SECONDS):
            cursor = self._cursor()
            ticket = self._watchdog.start(seconds, cursor.interrupt)
            try:
                yield cursor
                cursor.abort()  # rows that nobody fetched would stand in the way of the next reader
            except BaseException as error:
                late = self._watchdog.finish(ticket)
                cursor.close()
                if late:
                    raise RetryableError("query_timeout", seconds=seconds) from error
                raise
            self._watchdog.finish(ticket)
            with self._lock:
                if self._closed:
                    cursor.close()
                else:
                    self._idle.append(cursor)

    def _cursor(self) -> Connection:
        with self._lock:
            self._check_open()
            if self._idle:
                return self._idle.pop()
            cursor = self._root.cursor()
        cursor.execute("USE warehouse")
        return cursor

    def read(self, sql: str, params: Sequence[object] = (), seconds: float = READ_SECONDS) -> pa.Table:
        """The rows of one query as an Arrow table."""
        with self.reader(seconds) as cursor:
            return table_of(cursor, sql, params)

    # Closing ------------------------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise FatalError("warehouse_closed", path=self.file)

    def close(self) -> None:
        """Finish what is queued, checkpoint, close. Afterwards every call raises `FatalError("warehouse_closed")`."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            idle, self._idle = self._idle, []
            self._jobs.put(None)
        self._writer.join()
        self._watchdog.stop()
        for cursor in idle:
            cursor.close()
        try:
            self._root.execute("CHECKPOINT warehouse")
        except duckdb.Error as error:
            log.warning("no checkpoint at close (a reader is still busy): %s", error)
        self._root.close()


def table_of(connection: Connection, sql: str, params: Sequence[object] = ()) -> pa.Table:
    """The rows of one query as an Arrow table."""
    return connection.sql(sql, params=list(params) or None).to_arrow_table()


class Parsed:
    """Statements parsed already, by their text: to parse a question takes a third of its time. Thread-safe, bounded."""

    def __init__(self, most: int = 2048) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, duckdb.Statement] = OrderedDict()

    def of(self, connection: Connection, sql: str) -> duckdb.Statement:
        """The one statement of `sql`; it may be run on any connection, with other parameters each time."""
        with self._lock:
            if sql in self._known:
                self._known.move_to_end(sql)
                return self._known[sql]
        statement = connection.extract_statements(sql)[0]
        with self._lock:
            self._known[sql] = statement
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return statement


def scratch() -> Connection:
    """An empty database in memory, for joining tables before they are rows of a batch. Close it after use."""
    return duckdb.connect(":memory:")


def set_aside(settings: Settings, file: Path, reason: str) -> Path:
    """Move a file that cannot be opened and its WAL out of the way, and leave the mark that asks for a rebuild."""
    stamp = now(settings).strftime("%Y%m%d-%H%M%S")
    aside = file.with_name(f"{file.name}.damaged-{stamp}")
    for suffix in ("", ".wal"):
        source = file.with_name(file.name + suffix)
        if source.exists():
            source.replace(aside.with_name(aside.name + suffix))
    mark = {"at": stamp, "aside": str(aside), "reason": reason}
    needs_rebuild_mark(settings).write_text(json.dumps(mark, ensure_ascii=False, indent=1), "utf-8")
    return aside


def _migrate(connection: Connection) -> None:
    """Run the migrations that this file has not seen, each in its own transaction, each followed by a CHECKPOINT."""
    connection.execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER, name VARCHAR, applied_at TIMESTAMP)")
    done = {row[0] for row in connection.execute("SELECT number FROM migration").fetchall()}
    for path in sorted(MIGRATIONS.glob("[0-9]*.sql")):
        number = int(path.name.split("_")[0])
        if number in done:
            continue
        connection.execute("BEGIN TRANSACTION")
        connection.execute(path.read_text("utf-8"))
        connection.execute("INSERT INTO migration VALUES (?, ?, ?)", [number, path.stem, now()])
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT warehouse")
