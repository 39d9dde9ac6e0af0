"""The warehouse as the rest of the house sees it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import pyarrow as pa

from config import Settings, now
from errors import FatalError
from warehouse import parse, people, rollup, vintage
from warehouse.archive import Archive, live_records
from warehouse.batch import Batch, LoadReport
from warehouse.engine import READ_SECONDS, Connection, Engine, needs_rebuild_mark, table_of
from warehouse.load import Progress, load
from warehouse.meter import Meter
from warehouse.remove import remove

T = TypeVar("T")


class Warehouse:
    """One open warehouse; the process that holds it owns the file."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings = settings
        self.engine = engine
        self.archive = Archive(settings)
        self.meter = Meter()
        engine.on_change(self.meter.changed)
        key = person_key(settings)
        engine.run(lambda connection: connection.execute(f"SET VARIABLE {parse.PERSON_KEY} = {parse.quote(key)}"))

    @classmethod
    def open(cls, settings: Settings) -> Warehouse:
        """Open or create the warehouse of this home; never an empty one where there were data.

        Raises:
            UserError: `warehouse_busy` when another process owns the file.
            FatalError: `warehouse_damaged` when the file could not be read and was set aside just now;
                `warehouse_needs_rebuild` when it is missing or was set aside before. `rebuild` and `restore` mend both.
        """
        if not settings.warehouse_file.exists():
            _refuse_empty(settings)
        warehouse = cls(settings, Engine(settings))
        warehouse.remember()
        warehouse.write(lambda connection: vintage.seed(connection, now(settings)))
        warehouse.write(people.seed)
        warehouse.write(rollup.seed)
        return warehouse

    @property
    def data_version(self) -> int:
        """Counts up with every commit that changed what can be seen; from memory."""
        return self.engine.data_version

    def changed_at(self, fact: str, column: str, day: date) -> int:
        """The data version since which no row of `fact` on this day of `column` has changed, as far as this process
        knows. To keep what was read under it, ask before reading."""
        return self.engine.changed_at(fact, column, day)

    def on_change(self, callback: Callable[[int], None]) -> None:
        """Call `callback(data_version)` after each change, on the writer thread."""
        self.engine.on_change(callback)

    def load(self, batch: Batch, progress: Progress | None = None) -> LoadReport:
        """Load one batch in whole or not at all; loading it again changes nothing.

        `progress(stage, share)` is called with a share from 0 to 1.
        """
        tell = progress or (lambda stage, share: None)
        tell("archive", 0.0)
        with ThreadPoolExecutor(1, "archive") as beside:  # bytes are packed while the rows are read
            kept = beside.submit(self.archive.keep, batch.original)
            report = load(self.engine, batch, kept.result, tell)
        self.remember(report.batch_id)
        return report

    def remove_batches(self, source_prefix: str) -> int:
        """Remove everything that sources whose name begins with `source_prefix` brought; returns how many batches.

        Facts that such a batch wrote last go with it; what was filled from it is filled anew from what remains.
        """
        numbers = [
            row["batch_id"]
            for row in self.read(
                "SELECT batch_id FROM load_batch WHERE starts_with(source, ?)", (source_prefix,)
            ).to_pylist()
        ]
        if numbers:
            # before the commit: a rebuild must never bring back what somebody removed
            self.archive.record({"event": "removed", "batches": numbers, "source_prefix": source_prefix})
        return remove(self.engine, source_prefix)

    def remember(self, batch_id: int | None = None) -> None:
        """Copy rows of `load_batch` that the archive's index lacks (or the one given) into it."""
        recorded = (
            {event["batch_id"] for event in self.archive.events() if event.get("event") == "batch"}
            if batch_id is None
            else set()
        )
        where, params = ("true", ()) if batch_id is None else ("batch_id = ?", (batch_id,))
        sql = f"SELECT * FROM load_batch WHERE {where} ORDER BY batch_id"
        rows = self.engine.run(lambda connection: table_of(connection, sql, params).to_pylist())
        self.archive.record(*({"event": "batch", **row} for row in rows if row["batch_id"] not in recorded))

    def read(self, sql: str, params: Sequence[object] = (), seconds: float = READ_SECONDS) -> pa.Table:
        """The rows of one query, through the fair gate.

        Raises:
            RetryableError: `warehouse_crowded`, `query_timeout`.  FatalError: `warehouse_closed`.
        """
        return self.engine.read(sql, params, seconds)

    def reader(self, seconds: float = READ_SECONDS) -> AbstractContextManager[Connection]:
        """A cursor for several queries in one place of the gate."""
        return self.engine.reader(seconds)

    def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(connection)` in one transaction on the writer thread."""
        return self.engine.write(fn)

    def close(self) -> None:
        """Finish queued writes and close the file; every later call raises `FatalError("warehouse_closed")`."""
        self.engine.close()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _refuse_empty(settings: Settings) -> None:
    mark = needs_rebuild_mark(settings)
    live = live_records(Archive(settings))
    if mark.exists() or live:
        reason = json.loads(mark.read_text("utf-8")).get("at", "") if mark.exists() else "file missing"
        raise FatalError("warehouse_needs_rebuild", path=settings.warehouse_file, reason=reason, batches=len(live))


def person_key(settings: Settings) -> str:
    """The secret that personal data are hashed with: 256 bits in `home/secret.key`, readable by its owner only."""
    path = settings.home / "secret.key"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"secret.key.{os.getpid()}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(32))
            out.flush()
            os.fsync(out.fileno())
        _link_once(part, path)
    return path.read_text("ascii").strip()


def _link_once(part: Path, path: Path) -> None:
    """Give the finished file its name unless somebody was faster: a second key would break every hash."""
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            part.replace(path)
            return
    part.unlink(missing_ok=True)
