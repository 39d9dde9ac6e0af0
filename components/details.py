"""The bottom of every drill: the order lines or refunds behind a number, as a table that is sorted, filtered and
exported."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import metrics
from components import states, table
from components.layout import card
from components.table import Column
from components.view import View

MOST = 500
MONEY = frozenset({"paid_amount", "list_amount", "payable_amount", "amount", "freight_amount", "commission_amount"})
SHOWN = {
    "order_line": (
        "order_id",
        "line_id",
        "paid_at",
        "platform",
        "shop",
        "product_name",
        "sku_id",
        "channel",
        "province",
        "quantity",
        "paid_amount",
        "status",
        "buyer_masked",
        "batch_id",
        "source_row",
    ),
    "refund": (
        "refund_id",
        "order_id",
        "success_at",
        "platform",
        "shop",
        "kind",
        "reason",
        "sku_id",
        "channel",
        "amount",
        "quantity",
        "status",
        "batch_id",
        "source_row",
    ),
}


def sku_link(view: View, sku: str) -> str:
    """The page of an SKU, with period and filters kept."""
    return view.href(f"/sku/{quote(sku, safe='')}")


def _column(view: View, field: str) -> Column:
    title = view.text(f"components.field.{field}")
    if field in MONEY:
        return Column(field, title, unit="yuan", filter=True)
    if field == "quantity":
        return Column(field, title, unit="count", filter=True)
    if field.endswith("_at"):
        return Column(field, title, kind="time", width=140)
    if field == "sku_id":
        return Column(
            field,
            title,
            kind="text",
            filter=True,
            width=130,
            link=lambda row: sku_link(view, str(row["sku_id"])) if row.get("sku_id") else None,
        )
    kind = "dimension" if field in ("platform", "channel", "province") else "text"
    return Column(field, title, kind=kind, filter=True, width=200 if field in ("product_name", "order_id") else 120)


def lines(view: View, grid_id: str, fact: str = "order_line") -> Any:
    """The newest lines of a fact within the view's period, filters and rights."""
    if fact not in SHOWN:
        fact = "order_line"
    order = view.extra.get("order")
    filters, period = ({}, None) if order else (dict(view.filters), view.period)  # an order is found whenever it was
    rows = metrics.details(view.context.warehouse, fact, filters, period, view.scope, limit=MOST, order_id=order)
    title = (
        view.text(f"components.details.{fact}_of", order=order) if order else view.text(f"components.details.{fact}")
    )
    if not rows and order:
        return card(states.message("∅", view.text(f"components.details.no_{fact}")), title=title)
    if not rows:
        return card(states.nothing(view), title=title)
    columns = [_column(view, field) for field in SHOWN[fact] if field in rows[0]]
    note = (
        view.text("components.details.first", n=MOST)
        if len(rows) >= MOST
        else view.text("components.details.count", n=len(rows))
    )
    return card(table.grid(view, grid_id, rows, columns, height=480, page_size=50), title=title, note=note)
