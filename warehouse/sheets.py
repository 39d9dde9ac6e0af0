"""The tables that people keep (targets, costs, campaigns, benchmarks, category owners), as they stand now."""

from __future__ import annotations

from typing import Any

from warehouse.labels import Reads

COLUMNS: dict[str, tuple[str, ...]] = {  # table → its columns, key first, in reading order
    "target": ("metric", "period", "period_start", "platform", "shop", "category", "amount"),
    "cost": ("day", "item", "detail", "platform", "shop", "category", "channel", "campaign", "amount"),
    "unit_cost": ("sku_id", "valid_from", "amount"),
    "campaign": ("campaign", "platform", "family", "starts_at", "ends_at", "subsidy"),
    "benchmark": ("metric", "period_start", "platform", "category", "amount"),
    "category_owner": ("category", "owner"),
}
_TIMES = {
    "target": "period_start",
    "cost": "day",
    "unit_cost": "valid_from",
    "campaign": "starts_at",
    "benchmark": "period_start",
}


def rows(warehouse: Reads, table: str, limit: int = 2000) -> list[dict[str, Any]]:
    """The newest rows of one of `COLUMNS`: its columns and the batch they came with."""
    columns = COLUMNS[table]
    chosen = ", ".join((*columns, "batch_id"))
    newest = (f"{_TIMES[table]} DESC",) if table in _TIMES else ()
    order = ", ".join((*newest, *(f"{name} NULLS FIRST" for name in columns)))
    return warehouse.read(f"SELECT {chosen} FROM {table} ORDER BY {order} LIMIT ?", (limit,)).to_pylist()
