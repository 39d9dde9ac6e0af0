"""Backups of warehouse and ledger: made while both are in use, tried out before they are trusted, N of them kept."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import Settings, now
from errors import CockpitError, UserError
from warehouse.engine import STORAGE_VERSION, Connection, Engine, needs_rebuild_mark
from warehouse.ledger import Ledger
from warehouse.parse import quote
from warehouse.store import Warehouse

_MANIFEST = "manifest.json"
_WAREHOUSE, _LEDGER, _KEY = "warehouse.duckdb", "ledger.sqlite", "secret.key"


@dataclass(frozen=True)
class Backup:
    """One backup: its folder and what it says it holds."""

    folder: Path
    made_at: str
    data_version: int
    counts: dict[str, int]  # rows per table of the warehouse; the ledger's as 'ledger.<table>'


def backup(warehouse: Warehouse, ledger: Ledger) -> Backup:
    """Write a consistent copy of both files (and of the key that hashes persons) to `home/backups/<time>`.

    The copy is tested before it counts, then all but the newest `backup_keep` are deleted. The archive of originals is
    not part of it: it only ever grows, so any copier of folders can keep it.
    """
    settings = warehouse.settings
    folder = settings.backups / f"{now(settings):%Y%m%d-%H%M%S-%f}"
    part = folder.with_name(folder.name + ".part")
    part.mkdir(parents=True)
    try:
        warehouse.engine.run(lambda connection: _copy_warehouse(connection, part / _WAREHOUSE))
        ledger.backup_to(part / _LEDGER)
        shutil.copy2(settings.home / _KEY, part / _KEY)
        counts = _counts(settings, part)
        manifest = {
            "made_at": now(settings).isoformat(timespec="seconds"),
            "data_version": warehouse.data_version,
            "counts": counts,
        }
        (part / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        part.replace(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    for old in backups(settings)[settings.backup_keep :]:
        shutil.rmtree(old.folder, ignore_errors=True)
    return read_manifest(folder)


def _copy_warehouse(connection: Connection, target: Path) -> None:
    """One snapshot, taken on the writer thread: nothing can commit meanwhile."""
    connection.execute(f"ATTACH {quote(str(target))} AS backup (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        connection.execute("COPY FROM DATABASE warehouse TO backup")
        connection.execute("CHECKPOINT backup")
    finally:
        connection.execute("DETACH backup")


def backups(settings: Settings) -> list[Backup]:
    """The backups of this home, newest first."""
    found = settings.backups.glob(f"*/{_MANIFEST}") if settings.backups.exists() else iter(())
    return [
        read_manifest(path.parent) for path in sorted(found, reverse=True) if not path.parent.name.endswith(".part")
    ]


def read_manifest(folder: Path) -> Backup:
    """What a backup says about itself.

    Raises:
        UserError: `backup_invalid`.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
        return Backup(folder, manifest["made_at"], manifest["data_version"], manifest["counts"])
    except (OSError, ValueError, KeyError) as error:
        raise UserError("backup_invalid", path=folder, detail=error) from error


def try_backup(settings: Settings, folder: Path) -> Backup:
    """Open copies of a backup's files and compare their counts with its manifest.

    Raises:
        UserError: `backup_invalid` when a file does not open or a count differs.
    """
    told = read_manifest(folder)
    try:
        found = _counts(settings, folder)
    except CockpitError as error:
        raise UserError("backup_invalid", path=folder, detail=error) from error
    if found != told.counts:
        different = sorted(name for name in {*found, *told.counts} if found.get(name) != told.counts.get(name))
        raise UserError("backup_invalid", path=folder, detail=f"rows differ: {', '.join(different)}")
    return told


def restore(settings: Settings, folder: Path) -> Backup:
    """Put a tested backup in the place of warehouse and ledger, which must be closed; what was there is set aside.

    Batches loaded after the backup are in the archive: `rebuild.catch_up` replays them.
    """
    told = try_backup(settings, folder)
    if settings.warehouse_file.exists():
        _assure_unused(settings)
    stamp = f"{now(settings):%Y%m%d-%H%M%S}"
    for live in (settings.warehouse_file, settings.ledger_file, settings.home / _KEY):
        for suffix in ("", ".wal", "-wal", "-shm"):
            old = live.with_name(live.name + suffix)
            if old.exists():
                old.replace(old.with_name(f"{live.name}.before-restore-{stamp}{suffix}"))
    for name, live in (
        (_WAREHOUSE, settings.warehouse_file),
        (_LEDGER, settings.ledger_file),
        (_KEY, settings.home / _KEY),
    ):
        part = live.with_name(live.name + ".part")
        shutil.copy2(folder / name, part)
        part.replace(live)
    needs_rebuild_mark(settings).unlink(missing_ok=True)
    return told


def _assure_unused(settings: Settings) -> None:
    """A file in use must not be taken away; a broken one may."""
    try:
        Engine(settings).close()
    except UserError:
        raise
    except CockpitError:
        return


def _counts(settings: Settings, folder: Path) -> dict[str, int]:
    """Rows per table of both files of a backup; the warehouse is opened as a copy: a backup stays untouched."""
    trial = settings.tmp / f"trial-{folder.name}.duckdb"
    trial.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(folder / _WAREHOUSE, trial)
    try:
        engine = Engine(settings, trial)
        try:
            tables = [
                row["table_name"]
                for row in engine.read(
                    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'warehouse' ORDER BY 1"
                ).to_pylist()
            ]
            counts = {
                table: engine.read(f'SELECT count(*) AS n FROM "{table}"').to_pylist()[0]["n"] for table in tables
            }
        finally:
            engine.close()
    finally:
        for suffix in ("", ".wal"):
            trial.with_name(trial.name + suffix).unlink(missing_ok=True)
    copy = trial.with_suffix(".sqlite")
    shutil.copy2(folder / _LEDGER, copy)
    try:
        with Ledger(copy) as ledger:
            if ledger.query("PRAGMA integrity_check") != [{"integrity_check": "ok"}]:
                raise UserError("backup_invalid", path=folder, detail="ledger integrity check")
            for row in ledger.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
                found = ledger.one(f'SELECT count(*) AS n FROM "{row["name"]}"')
                counts[f"ledger.{row['name']}"] = found["n"] if found else 0
    finally:
        for suffix in ("", "-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    return counts
