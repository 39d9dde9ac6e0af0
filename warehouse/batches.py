"""What was loaded: the batches, what still rests on each, and the last fault of each interface."""

from __future__ import annotations

from typing import Any

from warehouse.labels import Reads
from warehouse.model import FACTS

_COLUMNS = (
    "batch_id, source, kind, platform, shop, file_name, sha256, options, rows_read, accepted, unchanged, quarantined,"
    " first_event_at, last_event_at, loaded_at, seconds, data_version"
)


def recent(warehouse: Reads, limit: int = 1000) -> list[dict[str, Any]]:
    """Batches, the newest first."""
    return warehouse.read(f"SELECT {_COLUMNS} FROM load_batch ORDER BY batch_id DESC LIMIT ?", (limit,)).to_pylist()


def one(warehouse: Reads, batch_id: int) -> dict[str, Any] | None:
    """One batch, or None."""
    found = warehouse.read(f"SELECT {_COLUMNS} FROM load_batch WHERE batch_id = ?", (batch_id,)).to_pylist()
    return found[0] if found else None


def kinds_in(warehouse: Reads, sha256: str) -> list[str]:
    """The kinds of all batches that came from one original: a ZIP or a workbook gives several."""
    found = warehouse.read("SELECT DISTINCT kind FROM load_batch WHERE sha256 = ? ORDER BY 1", (sha256,))
    return found.column(0).to_pylist()


def resting(warehouse: Reads, batch_id: int) -> list[dict[str, Any]]:
    """Rows of facts that this batch wrote last: fact, rows, first and last line of the file."""
    parts = " UNION ALL ".join(
        f"SELECT '{fact}' AS fact, count(*) AS rows, min(source_row) AS first_row, max(source_row) AS last_row"
        f" FROM {fact}"
        " WHERE batch_id = $1"
        for fact in FACTS
    )
    return warehouse.read(f"SELECT * FROM ({parts}) WHERE rows > 0 ORDER BY rows DESC", (batch_id,)).to_pylist()


def faults(warehouse: Reads) -> dict[str, dict[str, Any]]:
    """Interfaces whose last call did not go well: source → when, method, status, code."""
    rows = warehouse.read("""
        SELECT source, max_by(outcome, called_at) AS outcome, max(called_at) AS called_at,
            max_by(method, called_at) AS method,
            max_by(status, called_at) AS status, max_by(code, called_at) AS code
        FROM api_call GROUP BY source""").to_pylist()
    return {row["source"]: row for row in rows if row["outcome"] != "ok"}
