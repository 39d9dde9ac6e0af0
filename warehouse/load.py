"""One batch, in whole or not at all: land, refine, merge, fill, roll up, raise the version, keep the cursor."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

import duckdb

from config import now
from errors import FatalError
from warehouse import parse, told, vintage
from warehouse.batch import Batch, LoadReport
from warehouse.engine import Connection, Engine, table_of
from warehouse.fill import fill, ranges_aside
from warehouse.merge import accepted, merge
from warehouse.model import Touched
from warehouse.refine import Staged, quarantine, set_out_of_range_aside, stage

Progress = Callable[[str, float], None]  # stage ('archive', 'refine', 'merge', 'fill', 'done'), share done 0…1


@dataclass(frozen=True)
class _Job:
    """What one load carries from step to step."""

    engine: Engine
    batch: Batch
    kept: Callable[[], str]  # waits until the original is in the archive; gives its SHA-256
    progress: Progress
    batch_id: int | None  # given when a batch is rebuilt, so that it keeps its number
    mend_of: int | None  # the batch whose quarantined rows these are, mended
    begun: float
    tried: bool = False  # look at what would be, and take it all back
    loaded_at: datetime | None = None  # when a batch that is rebuilt was loaded first: what was known when is kept


def load(
    engine: Engine,
    batch: Batch,
    kept: Callable[[], str],
    progress: Progress,
    batch_id: int | None = None,
    mend_of: int | None = None,
    loaded_at: datetime | None = None,
) -> LoadReport:
    """Load a batch; `kept()` returns once its original is in the archive. Runs on the writer thread."""
    job = _Job(engine, batch, kept, progress, batch_id, mend_of, time.perf_counter(), loaded_at=loaded_at)
    return engine.run(lambda connection: _load(connection, job))


def try_out(engine: Engine, batch: Batch, progress: Progress) -> tuple[LoadReport, list[dict[str, Any]]]:
    """What `load` would do with the batch as the warehouse stands, and why rows would be unusable; nothing changes.

    The reasons: up to eight dicts of reason, field, rows, first_row and a value, the most frequent first.
    """
    job = _Job(engine, batch, lambda: "", progress, None, None, time.perf_counter(), tried=True)
    try:
        engine.run(lambda connection: _load(connection, job))
    except _Tried as tried:
        return tried.report, tried.reasons
    raise AssertionError("a trial was committed")


class _Tried(Exception):
    """Rolls a trial back and carries what was seen."""

    def __init__(self, report: LoadReport, reasons: list[dict[str, Any]]) -> None:
        super().__init__(report.file)
        self.report, self.reasons = report, reasons


def _reasons(connection: Connection, report: LoadReport) -> list[dict[str, Any]]:
    if not report.quarantined:
        return []
    sql = (
        "SELECT reason, fault_field AS field, count(*) AS rows, min(_row) AS first_row, any_value(value) AS value"
        " FROM unusable GROUP BY ALL ORDER BY rows DESC, reason LIMIT 8"
    )
    return table_of(connection, sql).to_pylist()


def _load(connection: Connection, job: _Job) -> LoadReport:
    job.progress("refine", 0.1)
    try:
        staged = stage(connection, job.batch, parse.Zone.of(job.engine.settings.timezone))
        job.progress("merge", 0.5)
        try:
            report = _transact(connection, job, staged)
        except (duckdb.ConversionException, duckdb.OutOfRangeException):
            if not set_out_of_range_aside(connection, job.batch, staged):
                raise
            report = _transact(connection, job, staged)
    finally:
        _drop_temporary(connection)
    job.progress("done", 1.0)
    return report


def _transact(connection: Connection, job: _Job, staged: Staged) -> LoadReport:
    sha256 = job.kept()
    with job.engine.transaction(connection):
        report = _commit(connection, job, staged, sha256)
        if job.tried:
            raise _Tried(report, _reasons(connection, report))
        return report


def _drop_temporary(connection: Connection) -> None:
    """Give back the memory of this batch's tables; their views stay and are replaced by the next batch."""
    tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'temp'").fetchall()
    for (table,) in tables:
        connection.execute(f'DROP TABLE IF EXISTS temp."{table}"')


def _commit(connection: Connection, job: _Job, staged: Staged, sha256: str) -> LoadReport:
    engine, batch, moment = job.engine, job.batch, job.loaded_at or now(job.engine.settings)
    number = _next_batch_id(connection, job.batch_id)
    touched = Touched()
    told.begin(connection, batch)
    for into in batch.spec.into:
        merge(connection, batch, staged, into, number, touched)
    told.note(connection, batch, number)
    set_aside = quarantine(connection, batch, number, staged, moment, job.mend_of)
    changed = accepted(connection, batch, number)
    unchanged = _scalar(connection, "SELECT count(*) FROM usable") - changed
    if staged.rows_read != changed + unchanged + staged.quarantined or unchanged < 0:
        raise FatalError(
            "rows_unaccounted",
            file=batch.file_name,
            read=staged.rows_read,
            accepted=changed,
            unchanged=unchanged,
            quarantined=staged.quarantined,
        )
    job.progress("fill", 0.8)
    if touched:
        fill(connection, number, touched)
        refresh_rollups(connection, touched)
        vintage.record(connection, touched, number, moment)
    version = engine.data_version
    if touched or set_aside:
        version = engine.raise_version(connection, touched)
    first, last = _event_span(connection, batch)
    seconds = time.perf_counter() - job.begun
    connection.execute(
        "INSERT INTO load_batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            number,
            batch.source,
            batch.spec.kind,
            batch.platform,
            batch.shop,
            batch.file_name,
            sha256,
            options_text(batch),
            staged.rows_read,
            changed,
            unchanged,
            staged.quarantined,
            batch.cursor_after,
            first,
            last,
            moment,
            seconds,
            version,
        ],
    )
    if job.mend_of is None:
        _keep_state(connection, batch, number, last, moment)
    return LoadReport(
        batch.file_name,
        batch.spec.kind,
        sha256,
        staged.rows_read,
        changed,
        unchanged,
        staged.quarantined,
        number,
        round(seconds, 3),
        (*batch.notes, *staged.notes, *_notes_of_ads(connection, touched, number)),
    )


def _notes_of_ads(connection: Connection, touched: Touched, number: int) -> tuple[str, ...]:
    """Says when sums over a range gave way to days."""
    aside = ranges_aside(connection, number) if "ad_spend" in touched.days else 0
    return (f"ranges_aside|count={aside}",) if aside else ()


def refresh_rollups(connection: Connection, touched: Touched) -> None:
    """Bring the rollups of the touched days up to date, when this build has rollups."""
    try:
        rollup = import_module("warehouse.rollup")
    except ModuleNotFoundError as error:
        if error.name != "warehouse.rollup":
            raise
        return
    rollup.refresh(connection, touched)


def options_text(batch: Batch) -> str:
    """The batch's options as stored: canonical JSON, with the time of observation that a replay must repeat."""
    options = {**batch.options, "_observed_at": batch.observed_at.isoformat()}
    return json.dumps(options, ensure_ascii=False, sort_keys=True, default=str)


def _scalar(connection: Connection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _next_batch_id(connection: Connection, wanted: int | None) -> int:
    number = wanted or _scalar(connection, "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'next_batch_id'")
    connection.execute(
        "UPDATE meta SET value = CAST(greatest(CAST(value AS BIGINT), ?) AS VARCHAR) WHERE name = 'next_batch_id'",
        [number + 1],
    )
    return number


def _event_span(connection: Connection, batch: Batch) -> tuple[datetime | None, datetime | None]:
    if not batch.spec.event_time:
        return None, None
    row = connection.execute(
        "SELECT CAST(min(event) AS TIMESTAMP), CAST(max(event) AS TIMESTAMP)"
        f" FROM (SELECT TRY({batch.spec.event_time}) AS event FROM usable)"
    ).fetchone()
    return row if row else (None, None)


def _keep_state(connection: Connection, batch: Batch, number: int, last: datetime | None, moment: datetime) -> None:
    """Move the source's watermark forward, never back, store its cursor, and which facts its kind speaks of."""
    _keep_facts(connection, batch)
    key = [batch.source, batch.spec.kind, batch.platform, batch.shop]
    through = batch.complete_through or last
    stored = connection.execute(
        "SELECT complete_through FROM source_state WHERE source = ? AND kind = ? AND platform = ? AND shop = ?", key
    ).fetchone()
    if stored is None:
        connection.execute(
            "INSERT INTO source_state VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [*key, through, batch.cursor_after, number, moment],
        )
        return
    if stored[0] is not None and (through is None or stored[0] > through):
        through = stored[0]
    connection.execute(
        "UPDATE source_state SET complete_through = ?, cursor_value = coalesce(?, cursor_value), last_batch_id = ?,"
        " last_loaded_at = ? WHERE source = ? AND kind = ? AND platform = ? AND shop = ?",
        [through, batch.cursor_after, number, moment, *key],
    )


def _keep_facts(connection: Connection, batch: Batch) -> None:
    facts = sorted({into.fact for into in batch.spec.into})
    known = connection.execute("SELECT fact FROM kind_fact WHERE kind = ? ORDER BY fact", [batch.spec.kind]).fetchall()
    if [row[0] for row in known] != facts:
        connection.execute("DELETE FROM kind_fact WHERE kind = ?", [batch.spec.kind])
        connection.execute("INSERT INTO kind_fact SELECT ?, unnest(?::VARCHAR[])", [batch.spec.kind, facts])
