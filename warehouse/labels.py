"""What things are called and when they run: names beside codes, campaigns and live sessions of a time span.

No numbers: those come from `metrics.query`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa


class Reads(Protocol):
    """The part of the warehouse this module needs."""

    def read(self, sql: str, params: Sequence[object] = ()) -> pa.Table: ...


@dataclass(frozen=True)
class Campaign:
    """A sale in the calendar; `family` joins the years ('618', 'double11')."""

    name: str
    family: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Session:
    """A live session; `ended_at` is None while it is on air, as far as the source has told."""

    title: str | None
    creator: str | None
    started_at: datetime
    ended_at: datetime | None


def campaigns(warehouse: Reads, start: datetime, end: datetime) -> list[Campaign]:
    """Campaigns that touch [start, end), once each, whatever the platforms' own spans."""
    rows = _rows(
        warehouse,
        """
        SELECT campaign, any_value(family) AS family, min(starts_at) AS starts_at, max(ends_at) AS ends_at FROM campaign
        WHERE starts_at < ? AND ends_at > ? GROUP BY campaign ORDER BY starts_at, campaign""",
        (end, start),
    )
    return [Campaign(row["campaign"], row["family"], row["starts_at"], row["ends_at"]) for row in rows]


def sessions(warehouse: Reads, start: datetime, end: datetime) -> dict[str, Session]:
    """Live sessions that started in [start, end), by id."""
    rows = _rows(
        warehouse,
        """
        SELECT live_session, title, creator, started_at, ended_at FROM live_session
        WHERE started_at >= ? AND started_at < ?""",
        (start, end),
    )
    return {
        row["live_session"]: Session(row["title"], row["creator"], row["started_at"], row["ended_at"]) for row in rows
    }


_NAMED = (  # table, its name of a SKU, which rows
    ("product", "coalesce(name || coalesce(' ' || sku_name, ''), sku_name)", "TRUE"),
    ("stock", "product_name", "TRUE"),
    ("order_line", "product_name", "paid_at >= (SELECT max(paid_at) FROM order_line) - INTERVAL 30 DAY"),
    ("order_line", "product_name", "TRUE"),  # of all there are: only for what was not sold lately
)


def sku_names(warehouse: Reads, skus: Sequence[str]) -> dict[str, str]:
    """SKU → name, from the product list, else from the stock list, else as last sold; a SKU nobody named is absent."""
    found: dict[str, str] = {}
    for table, name, rows_wanted in _NAMED:
        missing = [sku for sku in skus if sku not in found]
        if not missing:
            break
        rows = _rows(
            warehouse,
            f"""SELECT sku_id, max_by({name}, version) AS name FROM {table}
            WHERE sku_id IN (SELECT unnest($1::VARCHAR[])) AND {name} IS NOT NULL AND {rows_wanted} GROUP BY sku_id""",
            (missing,),  # as one list: thousands of parameters take longer to read than the rows
        )
        found |= {row["sku_id"]: row["name"] for row in rows}
    return found


def _rows(warehouse: Reads, sql: str, params: Sequence[object]) -> list[dict[str, Any]]:
    return warehouse.read(sql, tuple(params)).to_pylist()
