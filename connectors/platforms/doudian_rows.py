"""What 抖店 answers mean: shop orders and after-sales flattened to rows that fill the same facts as the export kinds.

Keys, shared-out amounts and words are those of `exports/doudian_orders.py` and `exports/doudian_aftersales.py`, so that
an order told by file and by API is one order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from connectors.kinds import same
from warehouse.batch import Check, Field, FieldType, Into, RowSpec

_STATUS = {
    "1": "unpaid",
    "105": "paid",
    "2": "paid",
    "101": "part_shipped",
    "103": "unpaid",
    "3": "shipped",
    "4": "closed",
    "5": "finished",
    "21": "closed",
    "22": "closed",
    "39": "closed",
}
_AFTERSALE_STATUS = {
    "0": "open",
    "6": "open",
    "7": "open",
    "11": "open",
    "13": "open",
    "12": "success",
    "14": "success",
    "53": "success",
    "27": "refused",
    "29": "refused",
    "28": "closed",
    "51": "closed",
}
_AFTERSALE_KIND = {
    "0": "return",
    "1": "refund_shipped",
    "2": "refund_unshipped",
    "3": "exchange",
    "7": "exchange",
    "8": "exchange",
}

_CHANNEL = """CASE
    WHEN ad_id IS NOT NULL OR regexp_matches(first_entrance, '广告|千川|付费') THEN 'ad'
    WHEN first_entrance LIKE '%搜索%' THEN 'search'
    WHEN theme = '1' OR live_session IS NOT NULL OR ad_env = 'live' OR first_entrance LIKE '%直播%' THEN 'live'
    WHEN video IS NOT NULL OR ad_env = 'video' OR first_entrance LIKE '%视频%' THEN 'video'
    WHEN first_entrance LIKE '%商城%' OR first_entrance LIKE '%商品卡%' OR first_entrance LIKE '%推荐%' THEN 'card'
    WHEN first_entrance IS NOT NULL THEN 'other' END"""


def _fields(**types: FieldType) -> tuple[Field, ...]:
    needed = {"order_id", "line_id", "refund_id", "created_at", "applied_at"}
    return tuple(Field(name, kind, name in needed and name != "line_id") for name, kind in types.items())


ORDERS = RowSpec(
    kind="doudian_api_orders",
    fields=_fields(
        order_id="id",
        line_id="id",
        product_id="id",
        sku_id="id",
        product_name="text",
        quantity="int",
        listed="fen",
        discount="fen",
        payable="fen",
        pay_discount="fen",
        freight="fen",
        buyer="person",
        buyer_masked="text",
        province="province",
        city="text",
        status="status",
        created_at="epoch",
        paid_at="epoch",
        promised_ship_at="epoch",
        shipped_at="epoch",
        finished_at="epoch",
        updated_at="epoch",
        creator="id",
        live_session="id",
        video="id",
        ad_id="id",
        theme="text",
        ad_env="text",
        first_entrance="text",
    ),
    into=(
        Into(
            "order_line",
            {
                "list_amount": "listed",
                "payable_amount": "payable",
                "paid_amount": "CASE WHEN paid_at IS NOT NULL"
                " THEN coalesce(payable, 0) - coalesce(pay_discount, 0) END",
                "freight_amount": "freight",
                "channel": _CHANNEL,
                "ad_plan": "ad_id",
                "version": "updated_at",
                **same(
                    "order_id",
                    "line_id",
                    "product_id",
                    "sku_id",
                    "product_name",
                    "quantity",
                    "buyer",
                    "buyer_masked",
                ),
                **same("province", "city", "status", "created_at", "paid_at", "promised_ship_at", "shipped_at"),
                **same("finished_at", "creator", "live_session", "video"),
            },
            order_totals=("payable_amount", "paid_amount", "freight_amount"),
            weight="listed - coalesce(discount, 0)",
            keep=(
                *("product_id", "sku_id", "product_name", "channel", "creator", "live_session", "video", "ad_plan"),
                *("province", "city", "buyer", "buyer_masked"),
            ),
        ),
    ),
    checks=(Check("line_id IS NULL", "missing", "line_id"),),
    statuses=_STATUS,
    event_time="coalesce(paid_at, created_at)",
)

AFTERSALES = RowSpec(
    kind="doudian_api_aftersales",
    fields=_fields(
        refund_id="id",
        order_id="id",
        line_id="id",
        product_id="id",
        sku_id="id",
        kind="text",
        status="status",
        refund_status="text",
        amount="fen",
        freight="fen",
        quantity="int",
        reason="text",
        applied_at="epoch",
        refunded_at="epoch",
        updated_at="epoch",
    ),
    into=(
        Into(
            "refund",
            {
                "status": "CASE WHEN refund_status = '3' THEN 'success' ELSE status END",
                "kind": "CASE kind "
                + " ".join(f"WHEN '{k}' THEN '{v}'" for k, v in _AFTERSALE_KIND.items())
                + " ELSE 'other' END",
                "goods_returned": "kind = '0' AND (refund_status = '3' OR status = 'success')",
                "before_ship": "kind = '2'",
                # the list has no time of success of its own: the last change of a finished after-sale is it
                "success_at": "CASE WHEN refund_status = '3' OR status = 'success'"
                " THEN coalesce(refunded_at, updated_at) END",
                "estimated": "coalesce((refund_status = '3' OR status = 'success') AND refunded_at IS NULL, false)",
                "amount": "CASE WHEN amount IS NOT NULL OR freight IS NOT NULL"
                " THEN coalesce(amount, 0) + coalesce(freight, 0) END",
                "version": "updated_at",
                **same(
                    "refund_id",
                    "order_id",
                    "line_id",
                    "product_id",
                    "sku_id",
                    "quantity",
                    "reason",
                    "applied_at",
                ),
            },
            keep=("line_id", "reason", "quantity"),
        ),
    ),
    statuses=_AFTERSALE_STATUS,
    event_time="coalesce(CASE WHEN status = 'success' THEN updated_at END, applied_at)",
)


def _text(value: object) -> str | None:
    """A JSON value as text; 0 and '' of ids and times mean 'none'."""
    return None if value is None or value == "" else str(value)


def _id(value: object) -> str | None:
    text = _text(value)
    return None if text == "0" else text


def _dig(value: Any, *path: str | int) -> Any:
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _entrance(line: Mapping[str, Any]) -> str | None:
    """The first-level entrance that the Compass tag of a line names."""
    tags = line.get("sku_order_tag_ui")
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, dict) and str(tag.get("key", "")).startswith("compass_source"):
            try:
                extra = json.loads(tag.get("extra") or "{}")
            except ValueError:
                extra = {}
            text = extra.get("compass_first_level_entrance_text") if isinstance(extra, dict) else None
            found = text or tag.get("text")
            if found:
                return (
                    f"{found}广告" if tag.get("key") == "compass_source_ad_mark" and "广告" not in found else str(found)
                )
    return None


_TIMES = {  # a line has its own times where the platform tells them
    "created_at": "create_time",
    "paid_at": "pay_time",
    "promised_ship_at": "exp_ship_time",
    "shipped_at": "ship_time",
    "finished_at": "finish_time",
}


def _order_lines(order: Mapping[str, Any]) -> Iterable[dict[str, str | None]]:
    lines = order.get("sku_order_list")
    whole = {
        "order_id": _id(order.get("order_id")),
        "payable": _text(order.get("pay_amount")),
        "pay_discount": _text(order.get("promotion_pay_amount")),
        "freight": _text(order.get("post_amount")),
        "buyer": _text(order.get("encrypt_post_tel") or order.get("doudian_open_id") or order.get("open_id")),
        "buyer_masked": _text(order.get("mask_post_receiver")),
        "province": _text(_dig(order, "post_addr", "province", "name")),
        "city": _text(_dig(order, "post_addr", "city", "name")),
        "updated_at": _id(order.get("update_time")),
    }
    for line in lines if isinstance(lines, list) and lines else [{}]:
        ad = _id(line.get("cid"))
        yield whole | {
            "line_id": _id(line.get("order_id")),
            "product_id": _id(line.get("product_id_str") or line.get("product_id")),
            "sku_id": _id(line.get("code") or line.get("out_sku_id") or line.get("sku_id")),
            "product_name": _text(line.get("product_name")),
            "quantity": _text(line.get("item_num")),
            "listed": _text(line.get("sum_amount")),
            "discount": _text(line.get("promotion_amount")),
            **{field: _id(line.get(name, order.get(name))) for field, name in _TIMES.items()},
            "status": _id(line.get("order_status") or order.get("order_status")),
            "creator": _id(line.get("author_id")),
            "live_session": _id(line.get("room_id_str") or line.get("room_id")),
            "video": _id(line.get("video_id")),
            "ad_id": ad,
            "theme": _text(line.get("theme_type")),
            "ad_env": _text(line.get("ad_env_type")),
            "first_entrance": _entrance(line),
        }


def _aftersale(item: Mapping[str, Any]) -> Iterable[dict[str, str | None]]:
    info = item.get("aftersale_info")
    info = info if isinstance(info, dict) else {}
    line = _dig(item, "order_info", "related_order_info", 0) or {}
    yield {
        "refund_id": _id(info.get("aftersale_id")),
        "order_id": _id(_dig(item, "order_info", "shop_order_id")),
        "line_id": _id(line.get("sku_order_id") or info.get("related_id")),
        "product_id": _id(line.get("product_id")),
        "sku_id": _id(line.get("shop_sku_code") or line.get("code")),
        "kind": _text(info.get("aftersale_type")),
        "status": _text(info.get("aftersale_status")),
        "refund_status": _text(info.get("refund_status")),
        "amount": _text(info.get("refund_amount")),
        "freight": _text(info.get("refund_post_amount")),
        "quantity": _text(info.get("aftersale_num")),
        "reason": _text(_dig(item, "text_part", "reason_text") or info.get("reason")),
        "applied_at": _id(info.get("apply_time")),
        "refunded_at": _id(info.get("real_refund_time") or info.get("refund_time")),
        "updated_at": _id(info.get("update_time")),
    }


Flatten = Callable[[Mapping[str, Any]], Iterable[dict[str, str | None]]]


def _table(spec: RowSpec, items: Iterable[Mapping[str, Any]], flatten: Flatten) -> pa.Table:
    rows = [row for item in items for row in flatten(item)]
    schema = pa.schema([pa.field(field.name, pa.string()) for field in spec.fields])
    table = pa.Table.from_pylist(rows, schema)
    return table.append_column("source_row", pa.array(range(1, len(rows) + 1), pa.int64()))


def order_table(orders: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of `ORDERS`, one a sub-order; an order without lines keeps one row, which ends in quarantine."""
    return _table(ORDERS, orders, _order_lines)


def aftersale_table(items: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of `AFTERSALES`."""
    return _table(AFTERSALES, items, _aftersale)
