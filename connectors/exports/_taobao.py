"""What the reports of 千牛 share: states, what an order report fills, parcels out of an order file."""

from connectors.kinds import same
from warehouse.batch import Into

STATUSES = {
    "等待买家付款": "unpaid",
    "定金已付，等待尾款": "unpaid",
    "买家已付款，等待卖家发货": "paid",
    "买家已付款,等待卖家发货": "paid",
    "等待卖家发货": "paid",
    "卖家部分发货": "part_shipped",
    "卖家已发货，等待买家确认": "shipped",
    "卖家已发货,等待买家确认": "shipped",
    "等待买家确认": "shipped",
    "买家已签收，货到付款专用": "shipped",
    "交易成功": "finished",
    "交易关闭": "closed",
}
_SHOP = "coalesce(shop_name, shop)"


def waybill_of(field: str) -> str:
    """The number of a parcel: `No:` and blanks off, the first of several."""
    return f"nullif(trim(regexp_replace(split_part({field}, ',', 1), '^[ \t]*[Nn][Oo][:：]', '')), '')"


def parcel(waybill: str, carrier: str, *, shop: str = "shop", also: dict[str, str] | None = None) -> Into:
    """The parcel that an order's row names; null says nothing, because other files know more of parcels."""
    columns = {"shop": shop, "shipment_id": waybill, "order_id": "order_id", "carrier": carrier, **(also or {})}
    kept = tuple(name for name in columns if name not in ("shop", "shipment_id"))
    return Into("shipment", columns, where=f"({waybill}) IS NOT NULL", keep=kept)


def whole_order(order_id: str = "order_id") -> tuple[Into, Into]:
    """An order as one row, 总金额 gross of refunds, and what went back of it; both give way to the order's lines.

    The refund stands at the time of payment because the report has no other.
    """
    ids = {"order_id": order_id, "line_id": order_id}
    order = Into(
        "order_line",
        {
            "shop": _SHOP,
            **ids,
            "product_name": "title",
            "province": "address",
            "payable_amount": "total",
            "paid_amount": "CASE WHEN paid_at IS NOT NULL THEN total END",
            "freight_amount": "freight",
            "status": "coalesce(status, CASE WHEN paid_at IS NOT NULL THEN 'paid' ELSE 'unpaid' END)",
            **same("buyer", "quantity", "created_at", "paid_at"),
        },
        keep=("product_name", "quantity", "province", "buyer"),
        whole=True,
    )
    refund = Into(
        "refund",
        {
            "shop": _SHOP,
            "refund_id": f"'refund-' || {order_id}",
            **ids,
            "kind": "'other'",
            "status": "'success'",
            "amount": "refund",
            "success_at": "paid_at",
            "estimated": "true",
        },
        where="refund > 0 AND paid_at IS NOT NULL",
        whole=True,
    )
    return order, refund
