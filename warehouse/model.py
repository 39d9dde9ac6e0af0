"""The canonical model as data: what identifies a row of each fact, and by which days its rollups are cut.

Columns and their types are not repeated here; they are read from the catalogue, so that the migrations stay
the one truth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Fact:
    """One table of facts or of a dimension. Without a key, the whole row identifies itself (with multiplicity)."""

    name: str
    key: tuple[str, ...]
    times: tuple[str, ...] = ()  # columns whose days say which rollup partitions a change touches


FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("order_line", ("platform", "shop", "line_id"), ("paid_at", "created_at", "shipped_at")),
        Fact("refund", ("platform", "shop", "refund_id"), ("success_at", "applied_at", "order_paid_at")),
        Fact("traffic", ("platform", "shop", "at", "span", "channel", "product_id"), ("at",)),
        Fact("behaviour", (), ("at",)),
        Fact("ad_spend", ("platform", "shop", "at", "span", "ad_plan", "creative"), ("at",)),
        Fact("live_session", ("platform", "shop", "live_session"), ("started_at",)),
        Fact("video_day", ("platform", "shop", "video", "day"), ("day",)),
        Fact("stock", ("platform", "shop", "sku_id", "warehouse", "snapshot_at"), ("snapshot_at",)),
        Fact("cost", ("platform", "shop", "day", "item", "detail", "category", "channel", "campaign"), ("day",)),
        Fact("shipment", ("platform", "shop", "shipment_id"), ("shipped_at", "delivered_at", "exception_at")),
        Fact("ticket", ("platform", "shop", "ticket_id"), ("opened_at",)),
        Fact("review", ("platform", "shop", "review_id"), ("reviewed_at",)),
        Fact("purchase", ("platform", "shop", "purchase_id", "sku_id"), ("ordered_at", "expected_at", "arrived_at")),
        Fact("settlement", ("platform", "shop", "settlement_id", "item"), ("settled_at",)),
        Fact("fund_flow", ("platform", "shop", "flow_id"), ("at",)),
        Fact("shipment_order", ("platform", "shop", "shipment_id", "order_id")),
        Fact("order_whole", ("platform", "shop", "line_id")),  # gave way to lines: `warehouse/wholes.py`
        Fact("refund_whole", ("platform", "shop", "refund_id")),
        Fact("unit_cost", ("sku_id", "valid_from")),
        Fact("target", ("metric", "period", "period_start", "platform", "shop", "category"), ("period_start",)),
        Fact("benchmark", ("metric", "period_start", "platform", "category"), ("period_start",)),
        Fact("campaign", ("campaign", "platform")),
        Fact("product", ("platform", "shop", "product_id", "sku_id")),
        Fact("category_owner", ("category",)),
        Fact("creator", ("platform", "shop", "creator")),
    )
}

SYSTEM_COLUMNS = ("version", "batch_id", "source_row")


@dataclass
class Touched:
    """What a transaction changed: per fact and time column the days on which rows were added, altered or removed.

    An altered row counts with its old and its new day. Facts whose `times` are empty appear with an empty dict.
    """

    days: dict[str, dict[str, set[date]]] = field(default_factory=dict)

    def add(self, fact: str, column: str, days: Iterable[date | None]) -> None:
        """Count `days` of `column` in; nulls are left out."""
        self.days.setdefault(fact, {}).setdefault(column, set()).update(day for day in days if day is not None)

    def note(self, fact: str) -> None:
        """Say that `fact` changed, without days."""
        self.days.setdefault(fact, {})

    def of(self, fact: str, column: str) -> set[date]:
        """The touched days of one time column."""
        return self.days.get(fact, {}).get(column, set())

    def __bool__(self) -> bool:
        return bool(self.days)
