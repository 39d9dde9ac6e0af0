"""Golden cases of shipping, stock, live rooms, ads, refunds' details and the system line."""

from __future__ import annotations

import pytest

import config
from metrics import Scope
from tests.metrics.facts import Facts, at, days

MARCH = days("2024-03-01", "2024-03-31")


def test_shipping_counts_orders_with_any_line_waiting(facts: Facts) -> None:
    late = {"promised_ship_at": "2024-03-06", "channel": "live"}
    facts.line("2024-03-05 00:00", 1, order="x", shipped_at="2024-03-05 12:00", status="part_shipped", **late)
    facts.line("2024-03-05 00:00", 1, order="x", is_head=False, status="part_shipped", **late)
    facts.line("2024-03-05 00:00", 1, shipped_at="2024-03-07 00:00", status="shipped", **late)
    facts.line("2024-03-09 00:00", 1, promised_ship_at="2024-03-11")
    facts.ready()
    found = facts.ask("orders_to_ship", "late_orders", "ship_on_time_rate", "ship_hours", period=MARCH).rows[0]
    assert found == {
        "orders_to_ship": 2,
        "late_orders": 1,
        "ship_on_time_rate": pytest.approx(1 / 3),
        "ship_hours": 30.0,
    }


def test_stock_is_the_last_snapshot_of_each_sku(facts: Facts) -> None:
    for day, on_hand in (("2024-03-01", 50), ("2024-03-20", 8)):
        facts.row(
            "stock",
            sku_id="s1",
            warehouse="w",
            snapshot_at=at(day),
            on_hand=on_hand,
            available=on_hand - 2,
            unit_cost=10,
            active=True,
        )
    facts.row(
        "stock",
        sku_id="s2",
        warehouse="w",
        snapshot_at=at("2024-03-05"),
        on_hand=0,
        available=0,
        unit_cost=5,
        active=True,
    )
    facts.row(
        "stock",
        sku_id="s3",
        warehouse="w",
        snapshot_at=at("2024-03-05"),
        on_hand=4,
        available=4,
        unit_cost=5,
        active=True,
    )
    facts.row(
        "stock",
        sku_id="s3",
        warehouse="v",
        snapshot_at=at("2024-03-05"),
        on_hand=1,
        available=0,
        unit_cost=5,
        active=True,
    )
    facts.line("2024-03-19", 10, sku_id="s1", quantity=14, unit_cost=10)
    facts.ready()
    found = facts.ask(
        "stock_on_hand",
        "stock_available",
        "stock_value",
        "skus_active",
        "stockout_skus",
        "stockout_rate",
        "sell_through_rate",
        "slow_skus",
        "slow_stock_value",
        "days_of_cover",
        period=MARCH,
    ).rows[0]
    assert found == {
        "stock_on_hand": 13,
        "stock_available": 10,
        "stock_value": 105.0,
        "skus_active": 3,
        "stockout_skus": 1,
        "stockout_rate": pytest.approx(1 / 3),
        "sell_through_rate": pytest.approx(1 / 3),
        "slow_skus": 1,
        "slow_stock_value": 25.0,
        "days_of_cover": pytest.approx(10.0),
    }
    assert facts.ask("stock_on_hand", dimensions=("warehouse",), period=MARCH).rows == [
        {"warehouse": "v", "stock_on_hand": 1},
        {"warehouse": "w", "stock_on_hand": 12},
    ]


def test_days_out_of_stock_do_not_dilute_the_daily_rate(facts: Facts) -> None:
    for day in range(10, 17):  # 7 of the 14 days before the end have nothing available
        facts.row("stock", sku_id="s1", snapshot_at=at(f"2024-03-{day}"), on_hand=0, available=0, active=True)
    facts.row("stock", sku_id="s1", snapshot_at=at("2024-03-20"), on_hand=20, available=20, active=True)
    facts.line("2024-03-20", 1, sku_id="s1", quantity=14)
    facts.ready()
    assert facts.one("days_of_cover", period=MARCH) == 10.0  # 20 / (14 / 7)


def test_turnover_is_mean_stock_over_daily_cost(facts: Facts) -> None:
    for day, on_hand in (("2024-03-01", 10), ("2024-03-10", 30)):
        facts.row(
            "stock", sku_id="s", snapshot_at=at(day), on_hand=on_hand, available=on_hand, unit_cost=2, active=True
        )
    facts.line("2024-03-01", 10, quantity=5, unit_cost=2)
    facts.line("2024-03-10 23:59:59", 10, quantity=5, unit_cost=2)
    facts.ready()
    assert facts.one("turnover_days", period=days("2024-03-01", "2024-03-10")) == pytest.approx(
        40 / (20 / 10), rel=1e-4
    )


def test_live_ads_campaigns_and_interactions(facts: Facts) -> None:
    facts.row(
        "live_session",
        live_session="s1",
        started_at=at("2024-03-05 20:00"),
        minutes=120,
        exposures=1000,
        entries=100,
        viewers=80,
        acu=20,
        pcu=50,
        watch_seconds=60,
        product_clickers=16,
        buyers=4,
        gmv=600,
        likes=8,
        comments=4,
        shares=4,
        new_followers=8,
    )
    facts.row(
        "live_session",
        live_session="s2",
        started_at=at("2024-03-06 20:00"),
        minutes=60,
        exposures=1000,
        entries=300,
        viewers=20,
        acu=50,
        pcu=70,
        watch_seconds=30,
        product_clickers=4,
        buyers=1,
        gmv=200,
        likes=1,
        new_followers=2,
    )
    facts.row(
        "ad_spend",
        at=at("2024-03-05 10:00"),
        span="hour",
        ad_plan="p",
        campaign="618",
        cost=100,
        exposures=10000,
        clicks=200,
        orders=10,
        gmv=500,
    )
    facts.row("campaign", campaign="618", starts_at=at("2024-03-01"), ends_at=at("2024-03-09"), subsidy=100)
    facts.line("2024-03-05", 400, campaign="618")
    facts.line("2024-03-05", 900)
    facts.row(
        "traffic",
        at=at("2024-03-05 10:00"),
        span="hour",
        exposures=5000,
        clicks=500,
        visitors=300,
        page_views=700,
        views=100,
        likes=5,
        comments=3,
        shares=2,
        new_followers=4,
    )
    facts.ready()
    found = facts.ask(
        "live_sessions",
        "live_minutes",
        "live_enter_rate",
        "acu",
        "pcu",
        "watch_seconds",
        "live_interaction_rate",
        "live_follow_rate",
        "live_click_rate",
        "live_pay_rate",
        "live_gmv",
        "live_gmv_per_hour",
        "live_gpm",
        period=MARCH,
    ).rows[0]
    assert found == {
        "live_sessions": 2,
        "live_minutes": 180.0,
        "live_enter_rate": 0.2,
        "acu": 30.0,
        "pcu": 70,
        "watch_seconds": 54.0,
        "live_interaction_rate": 0.17,
        "live_follow_rate": 0.1,
        "live_click_rate": 0.2,
        "live_pay_rate": 0.25,
        "live_gmv": 800.0,
        "live_gmv_per_hour": pytest.approx(800 / 3),
        "live_gpm": 2000.0,
    }
    found = facts.ask(
        "ad_ctr",
        "ad_cpc",
        "ad_cpm",
        "ad_cvr",
        "ad_cpa",
        "ad_roi",
        "campaign_roi",
        "ctr",
        "gpm",
        "uv_value",
        "interactions",
        "interaction_rate",
        "new_followers",
        period=MARCH,
    ).rows[0]
    assert found == {
        "ad_ctr": 0.02,
        "ad_cpc": 0.5,
        "ad_cpm": 10.0,
        "ad_cvr": 0.05,
        "ad_cpa": 10.0,
        "ad_roi": 5.0,
        "campaign_roi": 2.0,
        "ctr": 0.1,
        "gpm": 260.0,
        "uv_value": pytest.approx(1300 / 300),
        "interactions": 10,
        "interaction_rate": 0.1,
        "new_followers": 4,
    }
    by_campaign = facts.ask("campaign_roi", dimensions=("campaign",), period=MARCH, filters={"campaign": ("618",)}).rows
    assert by_campaign == [{"campaign": "618", "campaign_roi": 2.0}]


def test_refund_measures(facts: Facts) -> None:
    facts.line("2024-03-05", 100, order="x")
    facts.line("2024-03-05", 100, order="y")
    common = {"paid": "2024-03-05"}
    facts.refund(
        "2024-03-06 12:00",
        5,
        order_id="x",
        applied_at="2024-03-06 10:00",
        before_ship=True,
        goods_returned=False,
        **common,
    )
    facts.refund(
        "2024-03-07 12:00",
        5,
        order_id="x",
        applied_at="2024-03-07 08:00",
        before_ship=False,
        goods_returned=True,
        **common,
    )
    facts.refund(
        "2024-03-07 12:00",
        5,
        order_id="z",
        applied_at="2024-03-07 06:00",
        before_ship=False,
        goods_returned=True,
        **common,
    )
    facts.refund("2024-03-07 12:00", 500, order_id="x", status="open", **common)
    facts.ready()
    assert facts.ask("refund_orders", "refund_before_ship_share", "refund_hours", "return_rate", period=MARCH).rows == [
        {"refund_orders": 2, "refund_before_ship_share": 0.5, "refund_hours": 4.0, "return_rate": 1.0}
    ]


def test_system_line(facts: Facts) -> None:
    for state, seconds in (("ok", 1.0), ("ok", 3.0), ("failed", 2.0), ("skipped", 0.0)):
        facts.row("job_run", job="scan", started_at=at("2024-03-05"), state=state, seconds=seconds)
    for outcome, latency in (("ok", 100.0), ("ok", 300.0), ("failed", 500.0), ("ok", 100.0)):
        facts.row(
            "api_call",
            source="s",
            method="m",
            called_at=at("2024-03-05"),
            outcome=outcome,
            latency_ms=latency,
            attempt=1,
        )
    facts.row(
        "load_batch",
        batch_id=1,
        source="file",
        kind="k",
        sha256="x",
        options="{}",
        rows_read=10,
        accepted=6,
        unchanged=3,
        quarantined=1,
        loaded_at=at("2024-03-05"),
        seconds=2.0,
        data_version=1,
    )
    facts.ready()
    found = facts.ask(
        "job_runs",
        "job_success_rate",
        "api_calls",
        "api_error_rate",
        "api_latency_p95_ms",
        "rows_loaded",
        "quarantine_rate",
        "duplicate_rate",
        "load_rows_per_second",
    ).rows[0]
    assert found == {
        "job_runs": 3,
        "job_success_rate": pytest.approx(2 / 3),
        "api_calls": 4,
        "api_error_rate": 0.25,
        "api_latency_p95_ms": pytest.approx(470.0),
        "rows_loaded": 6,
        "quarantine_rate": 0.1,
        "duplicate_rate": 0.3,
        "load_rows_per_second": 5.0,
    }


def test_the_lag_of_sources_is_the_worst_of_those_somebody_waits_for(facts: Facts) -> None:
    config.freeze(at("2024-03-05 12:00"))
    for kind, platform, shop, moment in (
        ("orders", "douyin", "a", "2024-03-05 11:00"),
        ("orders", "tmall", "b", "2024-03-04 12:00"),
        ("old", "tmall", "b", "2024-01-01"),  # nobody waits for it any more
        ("sheet", "own", "", None),
    ):
        told = at(moment) if moment else None
        facts.row("source_state", source="file", kind=kind, platform=platform, shop=shop, complete_through=told)
    facts.ready()
    assert facts.one("source_lag_seconds") == 86400.0
    assert facts.ask("source_lag_seconds", dimensions=("source", "platform", "shop"), period="today").rows == [
        {"source": "file", "platform": "douyin", "shop": "a", "source_lag_seconds": 3600.0},
        {"source": "file", "platform": "tmall", "shop": "b", "source_lag_seconds": 86400.0},
    ]
    assert facts.one("source_lag_seconds", filters={"shop": ("a",)}) == 3600.0
    assert facts.one("source_lag_seconds", scope=Scope("x", {"platform": ("douyin",)})) == 3600.0
    config.freeze(at("2024-03-05 12:30"))  # it grows with the clock, not with the data
    assert facts.one("source_lag_seconds", filters={"shop": ("a",)}) == 5400.0
    row = facts.ask("source_lag_seconds", period="today", compare="yesterday").rows[0]
    assert row["source_lag_seconds__base"] is None


def test_the_age_of_the_schedulers_last_sign(facts: Facts) -> None:
    config.freeze(at("2024-03-05 12:00"))
    for day, minute in (("2024-03-04", 50), ("2024-03-05", 10), ("2024-03-05", 40)):
        start = at(f"{day} 11:{minute}")
        facts.row("job_run", job="inbox", started_at=start, finished_at=start, state="ok", seconds=0.1)
    facts.row("job_run", job="pull", started_at=at("2024-03-05 11:59"), state="skipped")
    facts.ready()
    assert facts.one("scheduler_beat_age_seconds", period="today") == 1200.0
    assert facts.one("scheduler_beat_age_seconds", period=days("2024-03-04", "2024-03-04")) == (12 * 60 + 10) * 60
    assert facts.one("scheduler_beat_age_seconds", period=days("2024-03-01", "2024-03-01")) is None


def test_sell_through_is_of_shops_that_tell_their_stock(facts: Facts) -> None:
    for sku in ("s1", "s2"):
        facts.row("stock", sku_id=sku, snapshot_at=at("2024-03-05"), on_hand=5, available=5, active=True)
    facts.line("2024-03-05 10:00", 10, sku_id="s1")
    for number in range(9):  # a shop whose stock nobody tells
        facts.line("2024-03-05 11:00", 10, sku_id=f"x{number}", platform="jd", shop="j")
    asked = {"period": days("2024-03-05", "2024-03-05")}
    assert facts.ready().one("sell_through_rate", **asked) == 0.5
    assert facts.one("skus_sold", **asked) == 10
    assert facts.one("sell_through_rate", filters={"platform": ("jd",)}, **asked) is None


def test_sell_through_is_of_all_shops_where_the_warehouses_tell_the_stock(facts: Facts) -> None:
    for sku in ("s1", "s2"):
        facts.row("stock", platform="own", shop="", sku_id=sku, snapshot_at=at("2024-03-05"), on_hand=5, active=True)
    facts.line("2024-03-05 10:00", 10, sku_id="s1")
    assert facts.ready().one("sell_through_rate", period=days("2024-03-05", "2024-03-05")) == 0.5
