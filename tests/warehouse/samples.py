"""Small declarations and files for the warehouse's own tests; no connector takes part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from config import ROOT, Settings
from warehouse import Batch, Check, Field, Into, RowSpec, TableRows, TextRows, Warehouse

SHARED = ROOT.parent / "shared"
DAY = datetime(2026, 3, 1)

ORDERS = RowSpec(
    kind="orders",
    fields=(
        Field("order_id", "id", True),
        Field("line_id", "id", True),
        Field("product_id", "id"),
        Field("sku_id", "id"),
        Field("category", "text"),
        Field("quantity", "int"),
        Field("price", "money"),
        Field("total", "money"),
        Field("buyer", "person"),
        Field("province", "province"),
        Field("status", "status"),
        Field("created_at", "time", True),
        Field("paid_at", "time"),
        Field("shipped_at", "time"),
    ),
    into=(
        Into(
            "order_line",
            {
                **{
                    name: name
                    for name in (
                        "order_id",
                        "line_id",
                        "product_id",
                        "sku_id",
                        "category",
                        "quantity",
                        "buyer",
                        "province",
                        "status",
                        "created_at",
                        "paid_at",
                        "shipped_at",
                    )
                },
                "list_amount": "price * quantity",
                "payable_amount": "total",
                "paid_amount": "CASE WHEN paid_at IS NOT NULL THEN total END",
            },
            order_totals=("payable_amount", "paid_amount"),
            weight="price * quantity",
        ),
    ),
    checks=(Check("total < 0", "negative_amount", "total"),),
    statuses={"已支付": "paid", "已完成": "finished", "已关闭": "closed"},
    event_time="coalesce(paid_at, created_at)",
)

REFUNDS = RowSpec(
    kind="refunds",
    fields=(
        Field("refund_id", "id", True),
        Field("order_id", "id"),
        Field("line_id", "id"),
        Field("amount", "money"),
        Field("applied_at", "time"),
        Field("success_at", "time"),
    ),
    into=(
        Into(
            "refund",
            {name: name for name in ("refund_id", "order_id", "line_id", "amount", "applied_at", "success_at")},
        ),
    ),
)

PRODUCTS = RowSpec(
    "products",
    (Field("product_id", "id", True), Field("category", "text")),
    (Into("product", {"product_id": "product_id", "category": "category"}),),
)
UNIT_COSTS = RowSpec(
    "unit_costs",
    (Field("sku_id", "id", True), Field("valid_from", "date", True), Field("amount", "money")),
    (Into("unit_cost", {"sku_id": "sku_id", "valid_from": "valid_from", "amount": "amount"}),),
)
CAMPAIGNS = RowSpec(
    "campaigns",
    (
        Field("campaign", "text", True),
        Field("starts_at", "time"),
        Field("ends_at", "time"),
        Field("on_platform", "text"),
    ),
    (
        Into(
            "campaign",
            {"campaign": "campaign", "starts_at": "starts_at", "ends_at": "ends_at", "platform": "on_platform"},
        ),
    ),
)
EVENTS = RowSpec(
    "events",
    (
        Field("user", "person", True),
        Field("item", "id", True),
        Field("event", "status", True),
        Field("seconds", "epoch", True),
    ),
    (Into("behaviour", {"buyer": '"user"', "product_id": "item", "event": "event", "at": "seconds"}),),
    statuses={"pv": "view", "buy": "buy"},
    event_time="seconds",
    stray_days=True,
)


def settings_in(folder: Path) -> Settings:
    """Settings of a home of its own, small enough for a shared machine."""
    return Settings(home=folder, memory_limit="400MB", threads=1)


def text_batch(
    folder: Path,
    spec: RowSpec,
    text: str | bytes,
    *,
    observed: datetime = DAY,
    name: str = "file.csv",
    source: str = "file",
    platform: str = "douyin",
    shop: str = "店",
) -> Batch:
    """A batch over a CSV text whose header names the fields."""
    content = text.encode() if isinstance(text, str) else text
    path = folder / name
    path.write_bytes(content)
    header = tuple(content.split(b"\n", 1)[0].decode("utf-8", "replace").strip("\r").split(","))
    known = {field.name for field in spec.fields}
    columns = tuple(column if column in known else None for column in header)
    return Batch(
        source, spec, platform, shop, path, name, TextRows(path, ",", 2, columns, header, ("合计", "#")), observed
    )


def table_batch(
    spec: RowSpec,
    rows: Sequence[Mapping[str, Any]],
    *,
    observed: datetime = DAY,
    source: str = "api",
    platform: str = "douyin",
    shop: str = "店",
) -> Batch:
    """A batch over rows in memory; the original bytes are their text."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, Any] = {
        name: pa.array([None if row.get(name) is None else str(row[name]) for row in rows], pa.string())
        for name in names
    }
    table = pa.table({**columns, "source_row": pa.array(range(1, len(rows) + 1), pa.int64())})
    return Batch(
        source,
        spec,
        platform,
        shop,
        repr([dict(row) for row in rows]).encode(),
        "rows.json",
        TableRows(table),
        observed,
    )


def line(
    order: int, line_id: int | None = None, *, total: str = "10.00", price: str = "10.00", **more: Any
) -> dict[str, Any]:
    """One order line with sensible values."""
    created = DAY + timedelta(minutes=order)
    return {
        "order_id": order,
        "line_id": line_id or order,
        "product_id": 7,
        "sku_id": "S1",
        "quantity": 1,
        "price": price,
        "total": total,
        "buyer": f"买家{order % 5}",
        "province": "广东省",
        "status": "已支付",
        "created_at": created,
        "paid_at": created + timedelta(minutes=1),
        **more,
    }


def csv_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    """Rows as CSV with a header."""
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    body = [",".join("" if row.get(name) is None else str(row[name]) for name in names) for row in rows]
    return "\n".join([",".join(names), *body]) + "\n"


def one(warehouse: Warehouse, sql: str) -> Any:
    """The single value of a query."""
    return next(iter(warehouse.read(sql).to_pylist()[0].values()))


def reader(specs: Mapping[str, RowSpec], folder: Path):
    """What connectors give to rebuild: batches of archived bytes, here by the kind in their options."""

    def read(content: bytes, name: str, options: Mapping[str, object]) -> Iterator[Batch]:
        yield text_batch(folder, specs[str(options["kind"])], content, name=f"again-{name}")

    return read


def with_kind(batch: Batch) -> Batch:
    """The batch with its kind in the options, for `reader`."""
    return replace(batch, options={"kind": batch.spec.kind})
