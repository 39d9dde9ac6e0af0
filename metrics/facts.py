"""Where measures are read: each fact by each of its times, and which column carries which dimension."""

from __future__ import annotations

from metrics.declare import Axis
from metrics.dimensions import PERSONAL

_PLACE = {"platform": "platform", "shop": "shop"}
_ORDERED = _PLACE | {
    "channel": "channel",
    "live_session": "live_session",
    "video": "video",
    "creator": "creator",
    "campaign": "campaign",
    "category": "category",
    "product": "product_id",
    "sku": "sku_id",
    "province": "province",
    "city": "city",
    "ad_plan": "ad_plan",
    "hour": "",
    "weekday": "",
}
_LINE = _ORDERED | {name: name for name in PERSONAL}
_REFUND = {name: column for name, column in _ORDERED.items() if name not in ("video", "ad_plan")}
_REFUNDED = "status = 'success' AND (kind IS DISTINCT FROM 'exchange' OR amount > 0)"
"""An exchange that gave no money back is no refund: other goods went out for those that came in."""
_LINE_DIMS = frozenset(_ORDERED) - {"platform", "shop", "province", "city", "hour", "weekday"}
_TRAFFIC = _PLACE | {"channel": "channel", "category": "category", "product": "product_id", "hour": "", "weekday": ""}
_ADS = _PLACE | {
    "ad_plan": "ad_plan",
    "creative": "creative",
    "channel": "channel",
    "campaign": "campaign",
    "product": "product_id",
    "category": "category",
    "hour": "",
    "weekday": "",
}
_TIMES = {"hour": "", "weekday": ""}
_GOODS = {"product": "product_id", "sku": "sku_id", "category": "category"}
_PARCEL = _PLACE | _GOODS | {name: name for name in ("warehouse", "carrier", "province", "city")} | _TIMES
_VIDEO = _PLACE | {"video": "video", "creator": "creator", "length_band": "seconds", "weekday": ""}
_PURCHASE = _PLACE | {"sku": "sku_id", "category": "category", "warehouse": "warehouse", "supplier": "supplier"}
_STOCK = _PLACE | {"sku": "sku_id", "product": "product_id", "category": "category", "warehouse": "warehouse"}
_COST = _PLACE | {"category": "category", "channel": "channel", "campaign": "campaign", "weekday": ""}

AXES: dict[str, Axis] = {
    axis.id: axis
    for axis in (
        Axis(
            "sales",
            "order_line",
            "paid_at",
            "sales",
            _LINE,
            "NOT is_test",
            reason="no_sales",
            line_dims=_LINE_DIMS,
            within=("created", "refunds"),
        ),
        Axis(
            "created",
            "order_line",
            "created_at",
            "created",
            _LINE,
            "NOT is_test",
            reason="no_sales",
            line_dims=_LINE_DIMS,
            within=("sales",),
        ),
        Axis(
            "refunds",
            "refund",
            "success_at",
            "refunds",
            _REFUND,
            _REFUNDED,
            reason="no_refunds",
            line_dims=_LINE_DIMS,
            within=("sales",),
        ),
        Axis(
            "refund_cohort",
            "refund",
            "order_paid_at",
            "refund_cohort",
            _REFUND,
            _REFUNDED,
            reason="no_refunds",
            line_dims=_LINE_DIMS,
            within=("sales",),
        ),
        Axis("traffic", "traffic", "at", "traffic", _TRAFFIC, finest="hour", reason="no_traffic"),
        Axis(
            "behaviour",
            "behaviour",
            "at",
            "behaviour",
            _PLACE | {"category": "category", "product": "product_id", "hour": "", "weekday": ""},
            reason="no_behaviour",
        ),
        # what creatives cost is spent within plans: their report counts where creatives are asked for, and only there
        Axis(
            "ads",
            "ad_spend",
            "at",
            "ads",
            _ADS,
            "attribution IS DISTINCT FROM 'creative' AND aside IS NOT true",
            finest="hour",
            reason="no_ads",
            apart={"creative": "NOT creative IS NULL AND aside IS NOT true"},
        ),
        Axis(
            "live",
            "live_session",
            "started_at",
            "live",
            _PLACE | {"live_session": "live_session", "creator": "creator", "length_band": "minutes"} | _TIMES,
            reason="no_live",
        ),
        Axis("stock", "stock", "snapshot_at", "stock", _STOCK, finest="hour", reason="no_stock"),
        Axis("cost", "cost", "day", "cost", _COST, finest="day", reason="no_cost", within=("sales",)),
        Axis(
            "commission",
            "cost",
            "day",
            "cost.creator_commission",
            _COST,
            finest="day",
            reason="no_cost",
            within=("sales",),
        ),
        Axis("logistics", "cost", "day", "cost.logistics", _COST, finest="day", reason="no_cost", within=("sales",)),
        Axis("shipments", "shipment", "shipped_at", "shipments", _PARCEL, reason="no_shipments"),
        Axis(
            "deliveries",
            "shipment",
            "delivered_at",
            "deliveries",
            _PARCEL,
            "NOT shipped_at IS NULL",
            reason="no_shipments",
        ),
        Axis(
            "exceptions",
            "shipment",
            "exception_at",
            "shipments",
            _PARCEL,
            "NOT exception IS NULL",
            reason="no_shipments",
            within=("deliveries",),
        ),
        Axis(
            "tickets",
            "ticket",
            "opened_at",
            "tickets",
            _PLACE | _GOODS | {"staff": "staff"} | _TIMES,
            reason="no_tickets",
        ),
        Axis("reviews", "review", "reviewed_at", "reviews", _PLACE | _GOODS | _TIMES, reason="no_reviews"),
        Axis(
            "arrivals",
            "purchase",
            "arrived_at",
            "arrivals",
            _PURCHASE | {"weekday": ""},
            "NOT ordered_at IS NULL",
            finest="day",
            reason="no_purchases",
            within=("purchases",),
        ),
        Axis(
            "purchases_due",
            "purchase",
            "expected_at",
            "purchases",
            _PURCHASE | {"weekday": ""},
            finest="day",
            reason="no_purchases",
            within=("arrivals",),
        ),
        Axis("video", "video_day", "day", "video", _VIDEO, finest="day", reason="no_video"),
        Axis("published", "video_day", "published_at", "video", _VIDEO, reason="no_video"),
        Axis("reorder", "stock", "snapshot_at", "stock", _PLACE | _GOODS, finest="day", reason="no_stock"),
        Axis(
            "lost", "stock", "snapshot_at", "stock", _PLACE | _GOODS | {"weekday": ""}, finest="day", reason="no_stock"
        ),
        Axis(
            "subsidy",
            "campaign",
            "starts_at",
            "",
            {"platform": "platform", "campaign": "campaign"},
            finest="day",
            reason="no_campaign",
        ),
        Axis(
            "target", "", "day", "", _PLACE | {"category": "category", "weekday": ""}, finest="day", reason="no_target"
        ),
        Axis("length", "", "day", "", dict.fromkeys(_LINE | _STOCK | _ADS, ""), finest="day"),
        Axis("jobs", "job_run", "started_at", "", {"hour": "", "weekday": ""}, reason="no_runs"),
        Axis("calls", "api_call", "called_at", "", {"hour": "", "weekday": ""}, reason="no_calls"),
        Axis("process", "process_sample", "read_at", "", _TIMES, reason="no_readings"),
        Axis("unconnected", "process_sample", "read_at", "", _TIMES, reason="not_connected"),
        Axis("sources", "source_state", "last_loaded_at", "", _PLACE | {"source": "source"}, finest="day"),
        Axis("batches", "load_batch", "loaded_at", "", _PLACE | {"hour": "", "weekday": ""}, reason="no_batches"),
    )
}
