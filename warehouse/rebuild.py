"""Making the warehouse anew from the archive: the same batches in the same order, under the same numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from config import Settings, now
from errors import CockpitError
from warehouse.archive import Archive, live_records
from warehouse.batch import Batch, RowSpec
from warehouse.engine import Engine, needs_rebuild_mark
from warehouse.load import load
from warehouse.quarantine import MEND_SOURCE, close_dismissed, mended_batch
from warehouse.store import Warehouse

Reader = Callable[[bytes, str, Mapping[str, object]], Iterator[Batch]]
Record = dict[str, Any]


@dataclass
class RebuildReport:
    """What was replayed; `failed` names batches that could not be, with the reason, and `aside` the old file."""

    batches: int = 0
    rows: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)
    aside: Path | None = None


def rebuild(settings: Settings, reader: Reader, progress: Callable[[int, int], None] | None = None) -> RebuildReport:
    """Build a new warehouse beside the old one and put it in its place. The warehouse must be closed.

    `reader(bytes, file_name, options)` gives the batches of archived bytes (`connectors.read_archived`).
    `progress(done, of)` counts batches. Batches that cannot be read again are reported, and the old file is kept.
    """
    part = settings.warehouse_file.with_name("warehouse.rebuild.duckdb")
    for leftover in (part, part.with_name(part.name + ".wal")):
        leftover.unlink(missing_ok=True)
    if settings.warehouse_file.exists():
        Warehouse.open(settings).close()  # brings the archive's index up to date, and is refused while in use
    warehouse = Warehouse(settings, Engine(settings, part))
    try:
        report = _replay(warehouse, live_records(Archive(settings)), reader, progress)
    finally:
        warehouse.close()
    report.aside = _swap(settings, part)
    needs_rebuild_mark(settings).unlink(missing_ok=True)
    return report


def catch_up(warehouse: Warehouse, reader: Reader) -> RebuildReport:
    """Replay the batches that the archive knows and this warehouse does not: what came after a restored backup."""
    known = {row["batch_id"] for row in warehouse.read("SELECT batch_id FROM load_batch").to_pylist()}
    missing = [record for record in live_records(warehouse.archive) if record["batch_id"] not in known]
    return _replay(warehouse, missing, reader, None)


def _replay(
    warehouse: Warehouse, records: list[Record], reader: Reader, progress: Callable[[int, int], None] | None
) -> RebuildReport:
    report = RebuildReport()
    specs: dict[str, RowSpec] = {}
    for _, group in groupby(records, key=lambda record: (record["sha256"], record["options"], record["source"])):
        together = list(group)
        try:
            _replay_file(warehouse, together, reader, specs, report)
        except CockpitError as error:
            report.failed += [
                (record["batch_id"], error.text("en"))
                for record in together
                if record["batch_id"] not in _loaded(warehouse)
            ]
        if progress:
            progress(report.batches + len(report.failed), len(records))
    _dismiss_again(warehouse)
    return report


def _replay_file(
    warehouse: Warehouse, records: list[Record], reader: Reader, specs: dict[str, RowSpec], report: RebuildReport
) -> None:
    """The batches of one file; reader and records are matched in order, kind by kind."""
    content = warehouse.archive.bytes_of(records[0]["sha256"])
    options = json.loads(records[0]["options"])
    waiting = list(records)
    if records[0]["source"] == MEND_SOURCE:
        record = waiting.pop()
        batch = mended_batch(specs[record["kind"]], content, options["_mend_of"], record)
        _load(warehouse, batch, record, report, options["_mend_of"])
        return
    own = {name: value for name, value in options.items() if not name.startswith("_")}
    for batch in reader(content, records[0]["file_name"] or "", own):
        specs[batch.spec.kind] = batch.spec
        record = next((item for item in waiting if item["kind"] == batch.spec.kind), {})
        if record:
            waiting.remove(record)
            _load(warehouse, _as_recorded(batch, record), record, report, None)


def _as_recorded(batch: Batch, record: Record) -> Batch:
    """The batch under the name, place and time of observation that it first had."""
    options = json.loads(record["options"])
    return replace(
        batch,
        source=record["source"],
        platform=record["platform"],
        shop=record["shop"],
        file_name=record["file_name"],
        observed_at=datetime.fromisoformat(options.pop("_observed_at")),
        options=options,
        cursor_after=record["cursor_after"],
    )


def _load(warehouse: Warehouse, batch: Batch, record: Record, report: RebuildReport, mend_of: int | None) -> None:
    done = load(
        warehouse.engine,
        batch,
        lambda: record["sha256"],
        lambda stage, share: None,
        record["batch_id"],
        mend_of,
        datetime.fromisoformat(record["loaded_at"]),
    )
    report.batches += 1
    report.rows += done.rows_read


def _loaded(warehouse: Warehouse) -> set[int]:
    return {row["batch_id"] for row in warehouse.read("SELECT batch_id FROM load_batch").to_pylist()}


def _dismiss_again(warehouse: Warehouse) -> None:
    """Rows that people dismissed stay dismissed."""
    for event in warehouse.archive.events():
        if event.get("event") == "dismissed":
            keys, at = [(row[0], row[1]) for row in event["rows"]], datetime.fromisoformat(event["at"])
            warehouse.write(partial(close_dismissed, rows=keys, moment=at))


def _swap(settings: Settings, part: Path) -> Path | None:
    """Put the new file in place; the old one is kept beside it under a dated name."""
    live, aside = settings.warehouse_file, None
    if live.exists():
        aside = live.with_name(f"{live.name}.before-rebuild-{now(settings):%Y%m%d-%H%M%S}")
        for suffix in ("", ".wal"):
            source = live.with_name(live.name + suffix)
            if source.exists():
                source.replace(aside.with_name(aside.name + suffix))
    part.replace(live)
    return aside
