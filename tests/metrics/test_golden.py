"""Golden cases: small shops whose numbers can be added up in one's head, each guarding a way to be wrong."""

from __future__ import annotations

from datetime import date

import pytest

from metrics import Scope
from tests.metrics.facts import Facts, at, days

MARCH = days("2024-03-01", "2024-03-31")


def test_many_facts_in_one_question_do_not_multiply_rows(facts: Facts) -> None:
    for hour in range(3):
        facts.line(f"2024-03-05 1{hour}:00", 100)
    for hour in range(4):
        facts.refund(f"2024-03-05 2{hour % 4}:00", 10)
    for hour in range(5):
        facts.row("ad_spend", at=at(f"2024-03-05 0{hour}:00"), span="hour", ad_plan="p", cost=7)
    facts.ready()
    rows = facts.ask("gmv", "refund_amount", "ad_spend", "net_sales", "orders", dimensions=("platform",), period=MARCH).rows
    assert rows == [{"platform": "douyin", "gmv": 300.0, "refund_amount": 40.0, "ad_spend": 35.0, "net_sales": 260.0, "orders": 3}]


def test_orders_of_several_lines_count_once_under_every_cut(facts: Facts) -> None:
    facts.line("2024-03-05", 60, order="x", category="A", channel="live")
    facts.line("2024-03-05", 40, order="x", category="B", channel="live", is_head=False)
    facts.line("2024-03-06", 10, order="y", category="B", channel="card")
    facts.ready()
    assert facts.one("orders", period=MARCH) == 2
    assert facts.one("order_value", period=MARCH) == 55.0
    assert facts.one("orders", period=MARCH, filters={"category": ("B",)}) == 2     # the head of x lies in A
    assert facts.one("orders", period=MARCH, filters={"category": ("A", "B")}) == 2
    by_category = facts.ask("orders", dimensions=("category",), period=MARCH).rows
    assert by_category == [{"category": "A", "orders": 1}, {"category": "B", "orders": 2}]


def test_equal_order_numbers_of_two_shops_are_two_orders(facts: Facts) -> None:
    facts.line("2024-03-05", 1, order="7", shop="a", channel="live")
    facts.line("2024-03-05", 1, order="7", shop="b", channel="live")
    facts.ready()
    assert facts.one("orders", period=MARCH, filters={"channel": ("live",)}) == 2
    assert facts.one("orders", period=MARCH) == 2


def test_refund_after_the_day_counts_on_its_own_day_and_in_the_cohort_of_the_sale(facts: Facts) -> None:
    facts.line("2024-03-05 10:00", 100)
    facts.refund("2024-03-08 09:00", 30, paid="2024-03-05 10:00")
    facts.ready()
    fifth, eighth = days("2024-03-05", "2024-03-05"), days("2024-03-08", "2024-03-08")
    assert facts.ask("net_sales", "refund_amount", "refund_rate_cohort", period=fifth).rows == [
        {"net_sales": 100.0, "refund_amount": 0.0, "refund_rate_cohort": 0.3}]
    assert facts.ask("net_sales", "refund_rate_cohort", "refund_rate", period=eighth).rows == [
        {"net_sales": -30.0, "refund_rate_cohort": None, "refund_rate": None}]


def test_returns_across_months_lower_the_cost_of_the_month_they_come_back_in(facts: Facts) -> None:
    facts.line("2024-03-30", 100, quantity=2, unit_cost=20)
    facts.line("2024-04-02", 50, quantity=1, unit_cost=20)
    facts.refund("2024-04-03", 50, paid="2024-03-30", quantity=1, unit_cost=20, goods_returned=True)
    facts.ready()
    rows = facts.ask("cogs", "gross_profit", grain="month").rows
    assert rows == [
        {"month": "2024-03-01", "cogs": 40.0, "gross_profit": 60.0},
        {"month": "2024-04-01", "cogs": 0.0, "gross_profit": 0.0},
    ]


def test_a_buyer_of_two_shops_is_one_buyer(facts: Facts) -> None:
    facts.line("2024-03-05", 10, shop="a", buyer=1)
    facts.line("2024-03-06", 10, shop="b", buyer=1)
    facts.line("2024-03-06", 10, shop="b", buyer=2)
    facts.ready()
    assert facts.ask("buyers", "aov", "repeat_rate", "orders_per_buyer", period=MARCH).rows == [
        {"buyers": 2, "aov": 15.0, "repeat_rate": 0.5, "orders_per_buyer": 1.5}]
    assert facts.ask("buyers", dimensions=("shop",), period=MARCH).rows == [{"shop": "a", "buyers": 1}, {"shop": "b", "buyers": 2}]


def test_new_buyers_are_new_within_the_shops_asked_for(facts: Facts) -> None:
    facts.line("2024-02-10", 5, shop="a", buyer=1)
    facts.line("2024-03-06", 7, shop="b", buyer=1)
    facts.line("2024-03-07", 11, shop="b", buyer=2)
    facts.line("2024-03-09", 13, shop="b", buyer=2)
    facts.ready()
    everywhere = facts.ask("new_buyers", "new_buyer_gmv", "returning_buyer_gmv", "new_buyer_share", period=MARCH).rows[0]
    assert everywhere == {"new_buyers": 1, "new_buyer_gmv": 24.0, "returning_buyer_gmv": 7.0, "new_buyer_share": 0.5}
    assert facts.one("new_buyers", period=MARCH, filters={"shop": ("b",)}) == 2
    by_day = facts.ask("new_buyers", "new_buyer_gmv", grain="day", period=MARCH).rows
    assert by_day == [
        {"day": "2024-03-06", "new_buyers": 0, "new_buyer_gmv": 0.0},
        {"day": "2024-03-07", "new_buyers": 1, "new_buyer_gmv": 11.0},
        {"day": "2024-03-09", "new_buyers": 0, "new_buyer_gmv": 0.0},
    ]


def test_repurchase_looks_only_at_buyers_whose_window_is_over(facts: Facts) -> None:
    facts.line("2024-01-01", 1, buyer=1)
    facts.line("2024-01-20", 1, buyer=1)        # again within 30 days
    facts.line("2024-01-02", 1, buyer=2)
    facts.line("2024-02-15", 1, buyer=2)        # again, but after 44 days
    facts.line("2024-02-25", 1, buyer=3)        # window still open on the last day
    facts.line("2024-03-01", 1, buyer=4)
    facts.ready()
    assert facts.one("repurchase_rate_30") == 0.5
    assert facts.one("repurchase_rate_90") is None        # nobody's 90 days are over
    assert facts.one("repurchase_rate_30", period=days("2024-01-02", "2024-01-31")) == 0.0   # buyer 1 starts on the 20th


def test_test_orders_and_unpaid_lines_are_left_out(facts: Facts) -> None:
    facts.line("2024-03-05", 10, buyer=1)
    facts.line("2024-03-05", 1000, buyer=2, is_test=True)
    facts.line(None, None, created_at="2024-03-05 08:00", payable_amount=77)
    facts.line(None, None, created_at="2024-03-05 08:30", payable_amount=3, status="closed")
    facts.ready()
    assert facts.ask("gmv", "buyers", "orders_created", "order_amount", "payment_rate", "cancel_rate", period=MARCH).rows == [
        {"gmv": 10.0, "buyers": 1, "orders_created": 3, "order_amount": 90.0, "payment_rate": pytest.approx(1 / 3),
         "cancel_rate": pytest.approx(1 / 3)}]


def test_zero_over_zero_is_null_and_says_so(facts: Facts) -> None:
    facts.line("2024-03-01", 10)
    facts.line("2024-03-09", 10)
    facts.ready()
    found = facts.ask("order_value", "gmv", "orders", period=days("2024-03-05", "2024-03-05"))
    assert found.rows == [{"order_value": None, "gmv": 0.0, "orders": 0}]
    assert found.notes["order_value"] == "undefined"


def test_money_is_added_exactly(facts: Facts) -> None:
    for _ in range(10):
        facts.line("2024-03-05", 0.1)
    facts.ready()
    assert facts.one("gmv", period=MARCH) == 1.0
    assert facts.one("gmv", grain="hour", period=MARCH) == 1.0


def test_profit_walks_down_from_gmv(facts: Facts) -> None:
    facts.line("2024-03-05", 1000, quantity=10, unit_cost=30)
    facts.refund("2024-03-06", 100, paid="2024-03-05")
    facts.row("ad_spend", at=at("2024-03-05"), span="day", cost=50)
    for item, amount in (("platform_fee", 20), ("creator_commission", 30), ("logistics", 40), ("other", 10)):
        facts.row("cost", day=date(2024, 3, 5), item=item, amount=amount)
    facts.ready()
    found = facts.ask("gross_profit", "gross_margin", "marketing_ratio", "contribution_profit", "operating_profit",
                      "profit_margin", "logistics_cost_per_order", period=MARCH).rows[0]
    assert found == {
        "gross_profit": 600.0, "gross_margin": pytest.approx(600 / 900), "marketing_ratio": 0.08,
        "contribution_profit": 460.0, "operating_profit": 450.0, "profit_margin": 0.5, "logistics_cost_per_order": 40.0}


def test_commission_falls_back_to_the_order_lines(facts: Facts) -> None:
    facts.line("2024-03-05", 100, commission_amount=12)
    facts.ready()
    assert facts.one("creator_commission", period=MARCH) == 12.0
    facts.row("cost", day=date(2024, 3, 5), item="creator_commission", amount=9)
    facts.ready()
    assert facts.one("creator_commission", period=MARCH) == 9.0


def test_shipping_counts_orders_with_any_line_waiting(facts: Facts) -> None:
    late = {"promised_ship_at": "2024-03-06", "channel": "live"}
    facts.line("2024-03-05 00:00", 1, order="x", shipped_at="2024-03-05 12:00", status="part_shipped", **late)
    facts.line("2024-03-05 00:00", 1, order="x", is_head=False, status="part_shipped", **late)
    facts.line("2024-03-05 00:00", 1, shipped_at="2024-03-07 00:00", status="shipped", **late)
    facts.line("2024-03-09 00:00", 1, promised_ship_at="2024-03-11")
    facts.ready()
    found = facts.ask("orders_to_ship", "late_orders", "ship_on_time_rate", "ship_hours", period=MARCH).rows[0]
    assert found == {"orders_to_ship": 2, "late_orders": 1, "ship_on_time_rate": pytest.approx(1 / 3), "ship_hours": 30.0}


def test_stock_is_the_last_snapshot_of_each_sku(facts: Facts) -> None:
    for day, on_hand in (("2024-03-01", 50), ("2024-03-20", 8)):
        facts.row("stock", sku_id="s1", warehouse="w", snapshot_at=at(day), on_hand=on_hand, available=on_hand - 2, unit_cost=10, active=True)
    facts.row("stock", sku_id="s2", warehouse="w", snapshot_at=at("2024-03-05"), on_hand=0, available=0, unit_cost=5, active=True)
    facts.row("stock", sku_id="s3", warehouse="w", snapshot_at=at("2024-03-05"), on_hand=4, available=4, unit_cost=5, active=True)
    facts.row("stock", sku_id="s3", warehouse="v", snapshot_at=at("2024-03-05"), on_hand=1, available=0, unit_cost=5, active=True)
    facts.line("2024-03-19", 10, sku_id="s1", quantity=14, unit_cost=10)
    facts.ready()
    found = facts.ask("stock_on_hand", "stock_available", "stock_value", "skus_active", "stockout_skus", "stockout_rate",
                      "sell_through_rate", "slow_skus", "slow_stock_value", "days_of_cover", period=MARCH).rows[0]
    assert found == {
        "stock_on_hand": 13, "stock_available": 10, "stock_value": 105.0, "skus_active": 3, "stockout_skus": 1,
        "stockout_rate": pytest.approx(1 / 3), "sell_through_rate": pytest.approx(1 / 3), "slow_skus": 1,
        "slow_stock_value": 25.0, "days_of_cover": pytest.approx(10.0)}
    assert facts.ask("stock_on_hand", dimensions=("warehouse",), period=MARCH).rows == [
        {"warehouse": "v", "stock_on_hand": 1}, {"warehouse": "w", "stock_on_hand": 12}]


def test_days_out_of_stock_do_not_dilute_the_daily_rate(facts: Facts) -> None:
    for day in range(10, 17):                   # 7 of the 14 days before the end have nothing available
        facts.row("stock", sku_id="s1", snapshot_at=at(f"2024-03-{day}"), on_hand=0, available=0, active=True)
    facts.row("stock", sku_id="s1", snapshot_at=at("2024-03-20"), on_hand=20, available=20, active=True)
    facts.line("2024-03-20", 1, sku_id="s1", quantity=14)
    facts.ready()
    assert facts.one("days_of_cover", period=MARCH) == 10.0       # 20 / (14 / 7)


def test_turnover_is_mean_stock_over_daily_cost(facts: Facts) -> None:
    for day, on_hand in (("2024-03-01", 10), ("2024-03-10", 30)):
        facts.row("stock", sku_id="s", snapshot_at=at(day), on_hand=on_hand, available=on_hand, unit_cost=2, active=True)
    facts.line("2024-03-01", 10, quantity=5, unit_cost=2)
    facts.line("2024-03-10 23:59:59", 10, quantity=5, unit_cost=2)
    facts.ready()
    assert facts.one("turnover_days", period=days("2024-03-01", "2024-03-10")) == pytest.approx(40 / (20 / 10), rel=1e-4)


def test_live_ads_campaigns_and_interactions(facts: Facts) -> None:
    facts.row("live_session", live_session="s1", started_at=at("2024-03-05 20:00"), minutes=120, exposures=1000, entries=100,
              viewers=80, acu=20, pcu=50, watch_seconds=60, product_clickers=16, buyers=4, gmv=600, likes=8, comments=4, shares=4,
              new_followers=8)
    facts.row("live_session", live_session="s2", started_at=at("2024-03-06 20:00"), minutes=60, exposures=1000, entries=300,
              viewers=20, acu=50, pcu=70, watch_seconds=30, product_clickers=4, buyers=1, gmv=200, likes=1, new_followers=2)
    facts.row("ad_spend", at=at("2024-03-05 10:00"), span="hour", ad_plan="p", campaign="618", cost=100, exposures=10000, clicks=200,
              orders=10, gmv=500)
    facts.row("campaign", campaign="618", starts_at=at("2024-03-01"), ends_at=at("2024-03-09"), subsidy=100)
    facts.line("2024-03-05", 400, campaign="618")
    facts.line("2024-03-05", 900)
    facts.row("traffic", at=at("2024-03-05 10:00"), span="hour", exposures=5000, clicks=500, visitors=300, page_views=700,
              views=100, likes=5, comments=3, shares=2, new_followers=4)
    facts.ready()
    found = facts.ask("live_sessions", "live_minutes", "live_enter_rate", "acu", "pcu", "watch_seconds", "live_interaction_rate",
                      "live_follow_rate", "live_click_rate", "live_pay_rate", "live_gmv", "live_gmv_per_hour", "live_gpm",
                      period=MARCH).rows[0]
    assert found == {
        "live_sessions": 2, "live_minutes": 180.0, "live_enter_rate": 0.2, "acu": 30.0, "pcu": 70, "watch_seconds": 54.0,
        "live_interaction_rate": 0.17, "live_follow_rate": 0.1, "live_click_rate": 0.2, "live_pay_rate": 0.25, "live_gmv": 800.0,
        "live_gmv_per_hour": pytest.approx(800 / 3), "live_gpm": 2000.0}
    found = facts.ask("ad_ctr", "ad_cpc", "ad_cpm", "ad_cvr", "ad_cpa", "ad_roi", "campaign_roi", "ctr", "gpm", "uv_value",
                      "interactions", "interaction_rate", "new_followers", period=MARCH).rows[0]
    assert found == {
        "ad_ctr": 0.02, "ad_cpc": 0.5, "ad_cpm": 10.0, "ad_cvr": 0.05, "ad_cpa": 10.0, "ad_roi": 5.0, "campaign_roi": 2.0,
        "ctr": 0.1, "gpm": 260.0, "uv_value": pytest.approx(1300 / 300), "interactions": 10, "interaction_rate": 0.1, "new_followers": 4}
    by_campaign = facts.ask("campaign_roi", dimensions=("campaign",), period=MARCH, filters={"campaign": ("618",)}).rows
    assert by_campaign == [{"campaign": "618", "campaign_roi": 2.0}]


def test_refund_measures(facts: Facts) -> None:
    facts.line("2024-03-05", 100, order="x")
    facts.line("2024-03-05", 100, order="y")
    common = {"paid": "2024-03-05"}
    facts.refund("2024-03-06 12:00", 5, order_id="x", applied_at="2024-03-06 10:00", before_ship=True, goods_returned=False, **common)
    facts.refund("2024-03-07 12:00", 5, order_id="x", applied_at="2024-03-07 08:00", before_ship=False, goods_returned=True, **common)
    facts.refund("2024-03-07 12:00", 5, order_id="z", applied_at="2024-03-07 06:00", before_ship=False, goods_returned=True, **common)
    facts.refund("2024-03-07 12:00", 500, order_id="x", status="open", **common)
    facts.ready()
    assert facts.ask("refund_orders", "refund_before_ship_share", "refund_hours", "return_rate", period=MARCH).rows == [
        {"refund_orders": 2, "refund_before_ship_share": 0.5, "refund_hours": 4.0, "return_rate": 1.0}]


def test_system_line(facts: Facts) -> None:
    for state, seconds in (("ok", 1.0), ("ok", 3.0), ("failed", 2.0), ("skipped", 0.0)):
        facts.row("job_run", job="scan", started_at=at("2024-03-05"), state=state, seconds=seconds)
    for outcome, latency in (("ok", 100.0), ("ok", 300.0), ("failed", 500.0), ("ok", 100.0)):
        facts.row("api_call", source="s", method="m", called_at=at("2024-03-05"), outcome=outcome, latency_ms=latency, attempt=1)
    facts.row("load_batch", batch_id=1, source="file", kind="k", sha256="x", options="{}", rows_read=10, accepted=6, unchanged=3,
              quarantined=1, loaded_at=at("2024-03-05"), seconds=2.0, data_version=1)
    found = facts.ask("job_runs", "job_success_rate", "api_calls", "api_error_rate", "api_latency_p95_ms", "rows_loaded",
                      "quarantine_rate", "duplicate_rate", "load_rows_per_second").rows[0]
    assert found == {
        "job_runs": 3, "job_success_rate": pytest.approx(2 / 3), "api_calls": 4, "api_error_rate": 0.25,
        "api_latency_p95_ms": pytest.approx(470.0), "rows_loaded": 6, "quarantine_rate": 0.1, "duplicate_rate": 0.3,
        "load_rows_per_second": 5.0}


def test_values_that_nobody_gave_form_their_own_group_and_can_be_asked_for(facts: Facts) -> None:
    facts.line("2024-03-05", 10, province="江苏")
    facts.line("2024-03-05", 5)
    facts.ready()
    assert facts.ask("gmv", dimensions=("province",), period=MARCH).rows == [
        {"province": "江苏", "gmv": 10.0}, {"province": None, "gmv": 5.0}]
    assert facts.one("gmv", period=MARCH, filters={"province": ("",)}) == 5.0
    assert facts.one("gmv", period=MARCH, filters={"province": ("江苏省",)}) == 10.0
    assert facts.one("gmv", period=MARCH, scope=Scope("x", {"province": ("江苏",)})) == 10.0
