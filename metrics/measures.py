"""Measures: what can be counted or added up on each axis. Formulas of metrics are built on these."""

from __future__ import annotations

from metrics.declare import Kind, Measure


def _m(
    id: str,
    axis: str,
    sql: str,
    needs: str | None = None,
    reason: str | None = None,
    kind: Kind = "plain",
    instead: tuple[str, ...] = (),
) -> Measure:
    return Measure(id, axis, sql, kind, needs, reason, instead)


SKUS = "count(DISTINCT (platform, shop, sku_id)) FILTER (WHERE {})"
_STOCKED = (
    "sku_id IS NOT NULL AND ((platform, shop) IN (SELECT (platform, shop) FROM coverage WHERE subject = 'stock') "
    "OR NOT EXISTS (SELECT 1 FROM coverage WHERE subject = 'stock' AND (platform, shop) IN "
    "(SELECT (platform, shop) FROM coverage WHERE subject = 'sales')))"
)
"""A SKU of a shop that tells its stock; where only warehouses tell it, of any shop."""
_SALES = (
    _m("gmv", "sales", "sum(paid_amount)"),
    _m("lines_paid", "sales", "count(*)"),
    _m("items", "sales", "sum(quantity)", "sales.quantity", "no_quantity"),
    _m("list_amount", "sales", "sum(list_amount)", "sales.list", "no_list_price"),
    _m(
        "listed_paid", "sales", "sum(paid_amount) FILTER (WHERE list_amount IS NOT NULL)", "sales.list", "no_list_price"
    ),
    _m("sold_cost", "sales", "sum(quantity * unit_cost)", "sales.cost", "no_unit_cost"),
    _m(
        "pay_seconds_sum",
        "sales",
        "sum(date_diff('second', created_at, paid_at)) FILTER (WHERE is_head)",
        "created",
        "no_created_time",
    ),
    _m("orders", "sales", "TRUE", kind="orders"),
    _m("line_commission", "sales", "sum(commission_amount)", "sales.commission", "no_commission"),
    _m("skus_sold", "sales", SKUS.format("sku_id IS NOT NULL")),
    _m("stocked_skus_sold", "sales", SKUS.format(_STOCKED)),
    _m("campaign_gmv", "sales", "coalesce(sum(paid_amount) FILTER (WHERE campaign IS NOT NULL), 0)"),
    _m("buyers", "sales", "buyer", "sales.buyer", "no_buyer", "buyers", ("log_buyers",)),
    _m("repeat_buyers", "sales", "buyer", "sales.buyer", "no_buyer", "buyers", ("log_repeat_buyers",)),
    _m("new_buyers", "sales", "buyer", "sales.buyer", "no_buyer", "buyers"),
    _m("new_buyer_gmv", "sales", "buyer", "sales.buyer", "no_buyer", "new"),
    _m("repurchase_30_able", "sales", "30", "sales.buyer", "no_buyer", "repurchase"),
    _m("repurchase_30_again", "sales", "30", "sales.buyer", "no_buyer", "repurchase"),
    _m("repurchase_90_able", "sales", "90", "sales.buyer", "no_buyer", "repurchase"),
    _m("repurchase_90_again", "sales", "90", "sales.buyer", "no_buyer", "repurchase"),
    _m("waiting_orders", "sales", "shipped_at IS NULL AND status IN ('paid', 'part_shipped')", kind="orders_any"),
    _m(
        "late_orders",
        "sales",
        "shipped_at IS NULL AND status IN ('paid', 'part_shipped') AND promised_ship_at < $watermark",
        "sales.promised",
        "no_promise",
        "orders_any",
    ),
    _m(
        "due_lines",
        "sales",
        "count(*) FILTER (WHERE promised_ship_at IS NOT NULL "
        "AND (shipped_at IS NOT NULL OR promised_ship_at < $watermark))",
        "sales.promised",
        "no_promise",
    ),
    _m(
        "on_time_lines",
        "sales",
        "count(*) FILTER (WHERE shipped_at <= promised_ship_at)",
        "sales.promised",
        "no_promise",
    ),
    _m("ship_seconds_sum", "sales", "sum(date_diff('second', paid_at, shipped_at))", "sales.shipped", "no_ship_time"),
    _m("shipped_lines", "sales", "count(shipped_at)", "sales.shipped", "no_ship_time"),
)

_CREATED = (
    _m("order_amount", "created", "sum(payable_amount)"),
    _m("orders_created", "created", "TRUE", kind="orders"),
    _m("created_paid", "created", "paid_at IS NOT NULL", kind="orders"),
    _m("created_cancelled", "created", "paid_at IS NULL AND status = 'closed'", kind="orders"),
)

_REFUNDS = (
    _m("refund_amount", "refunds", "sum(amount)"),
    _m("refund_orders", "refunds", "TRUE", kind="orders"),
    _m("before_ship_orders", "refunds", "before_ship", "refunds.before_ship", "no_ship_state", "orders"),
    _m(
        "refund_seconds_sum",
        "refunds",
        "sum(date_diff('second', applied_at, success_at)) FILTER (WHERE NOT estimated)",
        "refunds.applied",
        "no_apply_time",
    ),
    _m(
        "refunds_timed", "refunds", "count(applied_at) FILTER (WHERE NOT estimated)", "refunds.applied", "no_apply_time"
    ),
    _m("returned_cost", "refunds", "sum(quantity * unit_cost) FILTER (WHERE goods_returned)"),
    _m("cohort_refund_amount", "refund_cohort", "sum(amount)"),
    _m("returned_orders", "refund_cohort", "goods_returned", "refunds.returned", "no_return_state", "orders"),
)

_TRAFFIC = (
    _m("exposures", "traffic", "sum(exposures)"),
    _m("clicks", "traffic", "sum(clicks)"),
    _m("visitors", "traffic", "visitors", kind="people", instead=("log_visitors",)),
    _m("page_views", "traffic", "sum(page_views)", instead=("log_views",)),
    _m("add_to_cart", "traffic", "add_to_cart", kind="people", instead=("log_cart_users",)),
    _m("favourites", "traffic", "favourites", kind="people", instead=("log_favourite_users",)),
    _m(
        "interactions",
        "traffic",
        "sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) "
        "FILTER (WHERE coalesce(likes, comments, shares) IS NOT NULL)",
    ),
    _m("views", "traffic", "sum(views)"),
    _m("new_followers", "traffic", "sum(new_followers)"),
)

_BEHAVIOUR = (
    _m("log_events", "behaviour", "count(*)"),
    _m("log_views", "behaviour", "count(*) FILTER (WHERE event = 'view')"),
    _m("log_carts", "behaviour", "count(*) FILTER (WHERE event = 'cart')"),
    _m("log_favourites", "behaviour", "count(*) FILTER (WHERE event = 'favourite')"),
    _m("log_buys", "behaviour", "count(*) FILTER (WHERE event = 'buy')"),
    _m("log_visitors", "behaviour", "count(DISTINCT buyer)"),
    _m("log_buyers", "behaviour", "count(DISTINCT buyer) FILTER (WHERE event = 'buy')"),
    _m("log_cart_users", "behaviour", "count(DISTINCT buyer) FILTER (WHERE event = 'cart')"),
    _m("log_favourite_users", "behaviour", "count(DISTINCT buyer) FILTER (WHERE event = 'favourite')"),
    _m("log_repeat_buyers", "behaviour", "buys >= 2", kind="funnel"),
    _m("funnel_view_users", "behaviour", "views > 0", kind="funnel"),
    _m("funnel_interest_users", "behaviour", "views > 0 AND interests > 0", kind="funnel"),
    _m("funnel_buy_users", "behaviour", "views > 0 AND interests > 0 AND buys > 0", kind="funnel"),
    _m("funnel_view_pairs", "behaviour", "view_at IS NOT NULL", kind="pairs"),
    _m("funnel_interest_pairs", "behaviour", "interest_at >= view_at", kind="pairs"),
    _m("funnel_buy_pairs", "behaviour", "interest_at >= view_at AND buy_at >= interest_at", kind="pairs"),
    _m(
        "funnel_direct_buy_pairs",
        "behaviour",
        "buy_at >= view_at AND NOT coalesce(interest_at >= view_at AND buy_at >= interest_at, FALSE)",
        kind="pairs",
    ),
)

_ADS = (
    _m("ad_spend", "ads", "sum(cost)"),
    _m("ad_exposures", "ads", "sum(exposures)"),
    _m("ad_clicks", "ads", "sum(clicks)"),
    _m("ad_orders", "ads", "sum(orders)"),
    _m("ad_gmv", "ads", "sum(gmv)"),
    _m("campaign_ad_spend", "ads", "sum(cost) FILTER (WHERE campaign IS NOT NULL)"),
    _m("subsidies", "subsidy", "sum(subsidy)"),
)

_LIVE = (
    _m("live_sessions", "live", "count(*)"),
    _m("live_minutes", "live", "sum(coalesce(minutes, date_diff('second', started_at, ended_at) / 60))"),
    _m("live_exposures", "live", "sum(exposures)"),
    _m("live_entries", "live", "sum(entries)"),
    _m("live_viewers", "live", "sum(viewers)"),
    _m("acu_minutes", "live", "sum(acu * minutes)"),
    _m("acu_weight", "live", "sum(minutes) FILTER (WHERE acu IS NOT NULL)"),
    _m("pcu", "live", "max(pcu)"),
    _m("watch_sum", "live", "sum(watch_seconds * viewers)"),
    _m("watch_weight", "live", "sum(viewers) FILTER (WHERE watch_seconds IS NOT NULL)"),
    _m(
        "live_interactions",
        "live",
        "sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) "
        "FILTER (WHERE coalesce(likes, comments, shares) IS NOT NULL)",
    ),
    _m("live_new_followers", "live", "sum(new_followers)"),
    _m("live_product_clickers", "live", "sum(product_clickers)"),
    _m("live_buyers", "live", "sum(buyers)"),
    _m("live_orders", "live", "sum(orders)"),
    _m("live_gmv", "live", "sum(gmv)"),
)

_STOCK = (
    _m("stock_on_hand", "stock", "sum(on_hand)", kind="stock"),
    _m("stock_available", "stock", "sum(available)", kind="stock"),
    _m("stock_value", "stock", "sum(on_hand * cost)", "stock.cost", "no_unit_cost", "stock"),
    _m("skus_active", "stock", "count(*) FILTER (WHERE active)", kind="stock"),
    _m("stockout_skus", "stock", "count(*) FILTER (WHERE active AND available <= 0)", kind="stock"),
    _m("slow_skus", "stock", "count(*) FILTER (WHERE on_hand > 0 AND coalesce(sold, 0) = 0)", kind="cover"),
    _m(
        "slow_stock_value",
        "stock",
        "coalesce(sum(on_hand * cost) FILTER (WHERE coalesce(sold, 0) = 0), 0)",
        "stock.cost",
        "no_unit_cost",
        "cover",
    ),
    _m("daily_items", "stock", "sum(recent / days_in_stock)", kind="cover"),
    _m("mean_stock_value", "stock", "avg(value)", "stock.cost", "no_unit_cost", "stock_mean"),
)

_SUPPLY = (
    _m("reorder_point", "reorder", "coalesce(sum(reorder_point), 0)", "sales", "no_sales", "reorder"),
    _m("suggested_qty", "reorder", "coalesce(sum(suggested), 0)", "sales", "no_sales", "reorder"),
    _m("lost_sales", "lost", "sum(lost)", "sales", "no_sales", "lost"),
    _m("lead_days_sum", "arrivals", "sum(date_diff('second', ordered_at, arrived_at)) / 86400.0"),
    _m("purchases_arrived", "arrivals", "count(*)"),
    _m("purchases_due", "purchases_due", "count(*) FILTER (WHERE NOT arrived_at IS NULL OR expected_at < $watermark)"),
    _m(
        "purchases_on_time",
        "purchases_due",
        "count(*) FILTER (WHERE CAST(arrived_at AS DATE) <= CAST(expected_at AS DATE))",
    ),
)

_SERVICE = (
    _m("parcel_cost", "shipments", "coalesce(sum(cost), 0)", "shipments.cost", "no_parcel_cost"),
    _m("parcels_delivered", "deliveries", "count(*)"),
    _m("delivery_seconds_sum", "deliveries", "sum(date_diff('second', shipped_at, delivered_at))"),
    _m("logistics_exceptions", "exceptions", "count(*)"),
    _m("tickets", "tickets", "count(*)"),
    _m("tickets_replied", "tickets", "count(replied_at)", "tickets.replied", "no_reply_time"),
    _m(
        "reply_seconds_sum",
        "tickets",
        "sum(date_diff('second', opened_at, replied_at))",
        "tickets.replied",
        "no_reply_time",
    ),
    _m("tickets_resolved", "tickets", "count(resolved_at)", "tickets.resolved", "no_resolve_time"),
    _m(
        "resolve_seconds_sum",
        "tickets",
        "sum(date_diff('second', opened_at, resolved_at))",
        "tickets.resolved",
        "no_resolve_time",
    ),
    _m("tickets_rated", "tickets", "count(score)", "tickets.rated", "no_score"),
    _m("tickets_satisfied", "tickets", "count(*) FILTER (WHERE score >= 4)", "tickets.rated", "no_score"),
    _m("complaints", "tickets", "count(*) FILTER (WHERE complaint)", "tickets.complaint", "no_complaint_mark"),
    _m("reviews_given", "reviews", "count(bad)"),
    _m("bad_reviews", "reviews", "count(*) FILTER (WHERE bad)"),
    _m("reviews_scored", "reviews", "count(score)", "reviews.scored", "no_score"),
    _m("review_score_sum", "reviews", "sum(score)", "reviews.scored", "no_score"),
)

_VIDEO = (
    _m("videos", "published", "count(DISTINCT (platform, shop, video))"),
    _m("video_plays", "video", "sum(plays)"),
    _m("video_finishes", "video", "sum(finishes)"),
    _m("plays_with_finishes", "video", "sum(plays) FILTER (WHERE NOT finishes IS NULL)"),
    _m(
        "video_interactions",
        "video",
        "sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) "
        "FILTER (WHERE coalesce(likes, comments, shares) IS NOT NULL)",
    ),
    _m("video_clicks", "video", "sum(product_clicks) FILTER (WHERE NOT product_exposures IS NULL)"),
    _m("video_product_exposures", "video", "sum(product_exposures)"),
    _m("video_gmv", "video", "sum(gmv)"),
)

_COST = tuple(
    _m(name, axis, f"coalesce(sum(amount) FILTER (WHERE item = '{item}'), 0)", instead=instead)
    for name, axis, item, instead in (
        ("platform_fee", "cost", "platform_fee", ()),
        ("sheet_commission", "commission", "creator_commission", ("line_commission", "no_commission")),
        ("no_commission", "cost", "creator_commission", ()),
        ("logistics_cost", "logistics", "logistics", ("parcel_cost", "no_logistics")),
        ("no_logistics", "cost", "logistics", ()),
        ("other_items", "cost", "other", ()),
    )
)

_TARGET = (
    _m("target", "target", "sum(amount)", kind="target"),
    _m("paced_target", "target", "sum(paced)", kind="target"),
    _m("period_days", "length", "", kind="length"),
)


def _p95(name: str, axis: str = "process") -> Measure:
    """Readings that were alike stand in one row with how many they were."""
    every = f"list(list_resize([value], times, value)) FILTER (WHERE name = '{name}')"
    return _m(f"{name}_p95", axis, f"list_aggregate(flatten({every}), 'quantile_disc', 0.95)")


def _last(name: str) -> Measure:
    return _m(name, "process", f"CAST(arg_max(value, read_at) FILTER (WHERE name = '{name}') AS BIGINT)")


_PROCESS = (
    _p95("query_ms"),
    _p95("page_ms"),
    _p95("event_to_screen_ms"),
    _last("viewers_online"),
    _last("db_bytes"),
    _last("disk_free_bytes"),
    # nothing writes these yet: the doors they speak of are not built
    _m("queue_lag", "unconnected", "max(value) FILTER (WHERE name = 'queue_lag')"),
    _m("webhooks", "unconnected", "sum(times) FILTER (WHERE name IN ('webhook_taken', 'webhook_rejected'))"),
    _m("webhooks_rejected", "unconnected", "coalesce(sum(times) FILTER (WHERE name = 'webhook_rejected'), 0)"),
    _p95("alert_delivery_seconds", "unconnected"),
)

_SYSTEM = (
    _m("job_runs", "jobs", "count(*) FILTER (WHERE state <> 'skipped')"),
    _m("jobs_ok", "jobs", "count(*) FILTER (WHERE state = 'ok')"),
    _m("job_seconds_p95", "jobs", "quantile_cont(seconds, 0.95)"),
    _m("scheduler_beat_age_seconds", "jobs", "date_diff('millisecond', max(finished_at), $clock) / 1000.0"),
    _m("source_lag_seconds", "sources", "max(lag)", kind="lag"),
    _m("api_calls", "calls", "count(*)"),
    _m("api_failures", "calls", "count(*) FILTER (WHERE outcome <> 'ok')"),
    _m("api_latency_p95_ms", "calls", "quantile_cont(latency_ms, 0.95)"),
    _m("batches_loaded", "batches", "count(*)"),
    _m("rows_read", "batches", "sum(rows_read)"),
    _m("rows_loaded", "batches", "sum(accepted)"),
    _m("rows_quarantined", "batches", "sum(quarantined)"),
    _m("rows_unchanged", "batches", "sum(unchanged)"),
    _m("load_seconds", "batches", "sum(seconds)"),
)

MEASURES: dict[str, Measure] = {
    item.id: item
    for item in (
        *_SALES,
        *_CREATED,
        *_REFUNDS,
        *_TRAFFIC,
        *_BEHAVIOUR,
        *_ADS,
        *_LIVE,
        *_STOCK,
        *_SUPPLY,
        *_SERVICE,
        *_VIDEO,
        *_COST,
        *_TARGET,
        *_SYSTEM,
        *_PROCESS,
    )
}
