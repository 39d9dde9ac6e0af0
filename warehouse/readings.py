"""The table `process_sample`: what the meter counted and what can be read at any moment, kept for a month."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from config import now
from warehouse.store import Warehouse

KEPT = timedelta(days=30)


def gauges(warehouse: Warehouse) -> dict[str, float]:
    """What can be read at any moment: bytes of the database with its WAL, bytes free beside it, viewers."""
    file = warehouse.settings.warehouse_file
    parts = (file, file.with_name(file.name + ".wal"))
    return {
        "db_bytes": float(sum(part.stat().st_size for part in parts if part.exists())),
        "disk_free_bytes": float(shutil.disk_usage(file.parent).free),
        "viewers_online": float(warehouse.meter.online()),
    }


def keep(warehouse: Warehouse) -> int:
    """Write the readings since the last time and the gauges; returns how many rows that took."""
    at = now(warehouse.settings)
    rows = [(at, name, value, 1) for name, value in gauges(warehouse).items()]
    for name, counted in warehouse.meter.take().items():
        rows += [(at, name, value, times) for value, times in counted.items()]
    warehouse.write(lambda connection: connection.executemany("INSERT INTO process_sample VALUES (?, ?, ?, ?)", rows))
    return len(rows)


def prune(warehouse: Warehouse, clock: datetime) -> None:
    """Drop readings older than `KEPT`."""
    warehouse.write(
        lambda connection: connection.execute("DELETE FROM process_sample WHERE read_at < ?", [clock - KEPT])
    )
