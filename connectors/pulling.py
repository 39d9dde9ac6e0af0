"""One pull of one source: from its cursors in the warehouse, batch by batch into it, every call kept in `api_call`."""

from __future__ import annotations

from dataclasses import astuple
from datetime import datetime

from config import Settings
from connectors.http import ApiCall, Http
from connectors.sources import Source, sources
from errors import UserError
from warehouse import LoadReport, Warehouse


def pull(
    settings: Settings,
    warehouse: Warehouse,
    name: str,
    *,
    since: datetime | None = None,
    http: Http | None = None,
) -> list[LoadReport]:
    """Pull source `name` up to now. What was loaded before a failure stays loaded, and the cursor with it.

    Raises:
        UserError: `source_unknown`, `source_invalid`, `source_reauthorise`.
        RetryableError: `source_busy`, `source_answer`.  FatalError: `source_refused`.
    """
    source = _named(settings, name)
    calls: list[ApiCall] = []
    door = http or Http(settings, calls.append)
    reports = []
    try:
        for batch in source.pull(door, since=since, cursors=cursors(warehouse, source)):
            reports.append(warehouse.load(batch))
    finally:
        if http is None:
            door.close()
        keep_calls(warehouse, calls)
    return reports


def _named(settings: Settings, name: str) -> Source:
    found = sources(settings)
    for source in found:
        if source.name == name:
            return source
    raise UserError("source_unknown", source=name, known=", ".join(one.name for one in found) or "–")


def cursors(warehouse: Warehouse, source: Source) -> dict[str, str]:
    """Where each kind of this source's shop ended."""
    rows = warehouse.read(
        "SELECT kind, cursor_value FROM source_state WHERE platform = ? AND shop = ? AND cursor_value IS NOT NULL"
        " AND source <> 'file'",
        (source.platform, source.shop),
    )
    return {row["kind"]: row["cursor_value"] for row in rows.to_pylist()}


def keep_calls(warehouse: Warehouse, calls: list[ApiCall]) -> None:
    """Write a row a call."""
    if calls:
        marks = ", ".join("(?, ?, ?, ?, ?, ?, ?, ?)" for _ in calls)
        values = [value for call in calls for value in astuple(call)]
        warehouse.write(lambda connection: connection.execute(f"INSERT INTO api_call VALUES {marks}", values))
