"""Every metric of the catalogue runs: under all of its dimensions at once, by its finest grain, compared, filtered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from config import Settings, now
from metrics import catalogue
from tests.metrics.facts import Facts, at, days
from warehouse import Warehouse
from warehouse.meter import TIMES

MARCH = days("2024-03-01", "2024-03-31")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """A few rows of every fact, with every column a measure reads."""
    with Warehouse.open(replace(Settings(), home=tmp_path_factory.mktemp("every"))) as opened:
        facts = Facts(opened)
        for day, buyer in (("2024-01-03", 1), ("2024-01-20", 1), ("2024-03-05", 1), ("2024-03-06", 2)):
            facts.line(
                f"{day} 10:00",
                100,
                buyer=buyer,
                sku_id="s",
                product_id="p",
                category="A",
                channel="live",
                province="北京",
                unit_cost=30,
                list_amount=120,
                commission_amount=5,
                promised_ship_at=f"{day} 20:00",
                shipped_at=f"{day} 18:00",
                created_at=f"{day} 09:59",
                campaign="618",
            )
        facts.refund(
            "2024-03-07 10:00",
            10,
            "2024-03-05 10:00",
            applied_at="2024-03-07 08:00",
            goods_returned=True,
            quantity=1,
            unit_cost=30,
            before_ship=False,
        )
        for event in ("view", "cart", "favourite", "buy"):
            facts.row("behaviour", buyer=1, product_id="p", event=event, at=at("2024-03-05 11:00"))
        facts.row(
            "traffic",
            at=at("2024-03-05 10:00"),
            span="hour",
            exposures=99,
            clicks=9,
            visitors=8,
            page_views=20,
            add_to_cart=3,
            favourites=2,
            views=50,
            likes=5,
            new_followers=1,
        )
        facts.row(
            "ad_spend",
            at=at("2024-03-05 10:00"),
            span="hour",
            ad_plan="p",
            campaign="618",
            cost=9,
            exposures=99,
            clicks=9,
            orders=1,
            gmv=100,
        )
        facts.row("campaign", campaign="618", starts_at=at("2024-03-01"), ends_at=at("2024-03-09"), subsidy=5)
        facts.row(
            "live_session",
            live_session="l",
            started_at=at("2024-03-05 20:00"),
            minutes=60,
            exposures=99,
            entries=50,
            viewers=40,
            acu=10,
            pcu=20,
            watch_seconds=30,
            product_clickers=8,
            buyers=2,
            gmv=50,
            likes=3,
            orders=2,
            new_followers=1,
        )
        facts.row(
            "stock",
            sku_id="s",
            warehouse="w",
            snapshot_at=at("2024-03-05 12:00"),
            on_hand=9,
            available=8,
            active=True,
            unit_cost=30,
        )
        facts.row(
            "shipment",
            shipment_id="s1",
            sku_id="s",
            category="A",
            warehouse="w",
            carrier="SF",
            shipped_at=at("2024-03-05 18:00"),
            delivered_at=at("2024-03-07 18:00"),
            exception="delayed",
            exception_at=at("2024-03-07 10:00"),
            cost=3,
        )
        facts.row(
            "ticket",
            ticket_id="t",
            staff="x",
            complaint=True,
            score=5,
            opened_at=at("2024-03-05 18:00"),
            replied_at=at("2024-03-05 18:01"),
            resolved_at=at("2024-03-05 19:00"),
        )
        facts.row("review", review_id="r", sku_id="s", score=1, bad=True, reviewed_at=at("2024-03-08 18:00"))
        facts.row(
            "purchase",
            purchase_id="p",
            sku_id="s",
            quantity=9,
            ordered_at=at("2024-03-01"),
            expected_at=at("2024-03-06"),
            arrived_at=at("2024-03-07"),
        )
        facts.row(
            "video_day",
            video="v",
            day=date(2024, 3, 5),
            published_at=at("2024-03-05 09:00"),
            seconds=20,
            plays=100,
            finishes=40,
            likes=3,
            product_exposures=50,
            product_clicks=5,
            gmv=20,
        )
        for item in ("platform_fee", "creator_commission", "logistics", "other"):
            facts.row("cost", day=date(2024, 3, 5), item=item, amount=1)
        facts.row("target", metric="gmv", period="month", period_start=date(2024, 3, 1), amount=300)
        facts.row(
            "job_run",
            job="scan",
            started_at=at("2024-03-05"),
            finished_at=at("2024-03-05 00:01"),
            state="ok",
            seconds=1.0,
        )
        facts.row("source_state", source="s", kind="k", complete_through=now(opened.settings))
        facts.row(
            "api_call", source="s", method="m", called_at=at("2024-03-05"), outcome="ok", latency_ms=5.0, attempt=1
        )
        for name in (*TIMES, "viewers_online", "db_bytes", "disk_free_bytes", "queue_lag", "webhook_rejected"):
            facts.row("process_sample", read_at=at("2024-03-05"), name=name, value=5.0, times=2)
        facts.row("process_sample", read_at=at("2024-03-05"), name="alert_delivery_seconds", value=5.0, times=2)
        facts.row(
            "load_batch",
            batch_id=1,
            source="file",
            kind="k",
            sha256="x",
            options="{}",
            rows_read=9,
            accepted=8,
            unchanged=0,
            quarantined=1,
            loaded_at=at("2024-03-05"),
            seconds=1.0,
            data_version=1,
        )
        yield facts.ready()


@pytest.mark.parametrize("metric", sorted(catalogue()))
def test_it_runs_under_every_cut(shop: Facts, metric: str) -> None:
    known = catalogue()[metric]
    every = known.dimensions
    if known.finest != "minute":  # the grain would be the hour itself, or coarser
        every = tuple(name for name in every if name != "hour")
    cut = shop.ask(metric, dimensions=every, grain=known.finest, period=MARCH, compare="last_week", order=f"-{metric}")
    assert all(set(row) >= {known.finest, metric, f"{metric}__base", *every} for row in cut.rows)
    for name in every:
        value = {"hour": "10", "weekday": "2", "platform": "douyin", "shop": "a"}.get(name, "x")
        shop.ask(metric, filters={name: (value, "" if name in ("hour", "weekday") else "y")}, period=MARCH)
    assert shop.ask(metric, grain="month", period=MARCH, compare="last_year").rows is not None


MAY_BE_NULL = {"repurchase_rate_30", "repurchase_rate_90"}  # nobody's days are over within March


def test_with_data_in_every_fact_every_metric_has_a_value(shop: Facts) -> None:
    found = shop.ask(*catalogue(), period=MARCH).rows[0]
    assert {name for name, value in found.items() if value is None} <= MAY_BE_NULL
    whole = shop.ask("repurchase_rate_30", period=days("2024-01-01", "2024-01-31")).rows
    assert whole == [{"repurchase_rate_30": 1.0}]
