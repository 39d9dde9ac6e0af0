"""The bottom of every drill: the order lines or refunds behind a number, as a table that is sorted, filtered and
exported."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import metrics
from components import names, states, table
from components.layout import card
from components.table import Column
from components.view import View

MOST = 500
MONEY = frozenset({"paid_amount", "list_amount", "payable_amount", "amount", "freight_amount", "commission_amount"})
CODES = {"order_line": {"status": "order_status"}, "refund": {"status": "refund_status", "kind": "refund_kind"}}
WIDTHS = {"product_name": 232, "order_id": 208, "line_id": 180, "refund_id": 200, "shop": 150, "reason": 150}
SHOWN = {
    "order_line": (
        "order_id",
        "paid_at",
        "product_name",
        "sku_id",
        "quantity",
        "paid_amount",
        "status",
        "platform",
        "shop",
        "channel",
        "province",
        "buyer_masked",
        "line_id",
        "batch_id",
        "source_row",
    ),
    "refund": (
        "refund_id",
        "order_id",
        "success_at",
        "kind",
        "reason",
        "sku_id",
        "quantity",
        "amount",
        "status",
        "platform",
        "shop",
        "channel",
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
        return Column(field, title, unit="yuan", filter=True, width=110)
    if field == "quantity":
        return Column(field, title, unit="count", filter=True, width=80)
    if field.endswith("_at"):
        return Column(field, title, kind="time", width=150)
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
    return Column(field, title, kind=kind, filter=True, width=WIDTHS.get(field, 110))


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
    words = CODES[fact]
    rows = [{**row, **{field: names.code(view, book, row.get(field)) for field, book in words.items()}} for row in rows]
    columns = [_column(view, field) for field in SHOWN[fact] if field in rows[0]]
    note = (
        view.text("components.details.first", n=MOST)
        if len(rows) >= MOST
        else view.text("components.details.count", n=len(rows))
    )
    return card(table.grid(view, grid_id, rows, columns, height=480, page_size=50), title=title, note=note)
