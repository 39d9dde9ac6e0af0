"""The product against the world: what `metrics.query` says of the demo shop is the world's truth, by both roads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

import config
import connectors
from commands import demo
from config import Settings
from errors import UserError
from metrics import Period, Query, Scope, query
from simulator.exports import sheets
from simulator.shops import SHOPS
from simulator.world import World
from tests.simulator.conftest import END
from warehouse import Warehouse

pytestmark = pytest.mark.xdist_group("demo")  # two loads that all of it stands on
START = datetime(2026, 9, 21)
SALES = ("gmv", "orders", "items", "refund_amount", "net_sales")


@pytest.fixture(autouse=True)
def at_the_end():
    """The clock stands at the world's end, whatever other tests did to it."""
    config.freeze(END)
    yield
    config.freeze(None)


@dataclass
class Loaded:
    """A warehouse that holds the demo of a small world, and that world at the moment of the last load."""

    warehouse: Warehouse
    settings: Settings
    world: World

    def ask(
        self, metrics: tuple[str, ...], by: tuple[str, ...] = (), period: Period | None = None, **where: str
    ) -> list[dict[str, Any]]:
        filters = {name: (value,) for name, value in where.items()}
        return query(self.warehouse, Query(metrics, by, period=period, filters=filters), Scope.everything()).rows


def load(home: Path, like: World | None = None) -> Loaded:
    settings = Settings(home=home)
    warehouse = Warehouse.open(settings)
    owners = home / "owners.csv"
    sheets.write_owners(owners)
    for batch in connectors.read_file(owners, settings=settings):
        warehouse.load(replace(batch, source=demo.SOURCE))  # as if a demo had been left half loaded: it begins anew
    days = (config.now(settings).date() - START.date()).days
    demo.load_demo(warehouse, settings, lines=6_000, days=days, seed=11, like=like)
    state = demo.demo_state(settings)
    assert state is not None
    return Loaded(warehouse, settings, state.world(config.now(settings)))


@pytest.fixture(scope="module")
def by_file(tmp_path_factory):
    config.freeze(END)
    loaded = load(tmp_path_factory.mktemp("by-file"))
    yield loaded
    loaded.warehouse.close()


@contextmanager
def reopened(loaded: Loaded, home: Path) -> Iterator[Loaded]:
    """A copy of a home whose warehouse is closed, with its warehouse open."""
    shutil.copytree(loaded.settings.home, home)
    settings = Settings(home=home)
    with Warehouse.open(settings) as warehouse:
        yield Loaded(warehouse, settings, loaded.world)


@pytest.fixture(scope="module")
def earlier(by_file, tmp_path_factory):
    """Loaded three days earlier by file; the warehouse is closed."""
    config.freeze(END - timedelta(days=3))
    loaded = load(tmp_path_factory.mktemp("earlier"), by_file.world)
    loaded.warehouse.close()
    return loaded


@pytest.fixture(scope="module")
def lived_on(earlier, tmp_path_factory):
    """The earlier demo, lived on through the API in steps until the moment at which `by_file` ends."""
    with reopened(earlier, tmp_path_factory.mktemp("lived-on") / "home") as loaded:
        yield _until_the_end(loaded)
        demo._Running.stop(loaded.settings)


def _until_the_end(loaded: Loaded) -> Loaded:
    for moment in (END - timedelta(days=2, hours=23, minutes=58), END - timedelta(minutes=1), END):
        config.freeze(moment)
        assert demo.advance(loaded.warehouse, loaded.settings)
    state = demo.demo_state(loaded.settings)
    assert state is not None and state.through == END
    loaded.world = state.world(END)
    return loaded


@pytest.fixture(params=["by_file", "lived_on"])
def loaded(request):
    return request.getfixturevalue(request.param)


def count(warehouse: Warehouse, source: str) -> int:
    return int(warehouse.read(f"SELECT count(*) AS n FROM {source}")["n"][0].as_py())


def close(found: Any, truth: Any) -> bool:
    return found == pytest.approx(float(truth), abs=0.005)


@pytest.mark.parametrize(
    "span",
    [
        None,
        Period(datetime(2026, 11, 1), datetime(2026, 11, 12)),
        Period(datetime(2026, 11, 11), datetime(2026, 11, 11, 1)),
    ],
)
def test_totals_of_douyin(loaded, span):
    when = {"start": span.start, "end": span.end} if span else {}
    asked = (*SALES, "orders_created", "order_amount", "payment_rate", "buyers", "discount_amount")
    truth = loaded.world.truth(
        (*SALES, "orders_created", "order_amount", "payment_rate", "buyers", "list_amount"), platform="douyin", **when
    ).iloc[0]
    found = loaded.ask(asked, period=span, platform="douyin")[0]
    for name in (*SALES, "orders_created", "order_amount", "buyers"):
        assert close(found[name], truth[name]), (name, found[name], truth[name])
    assert found["payment_rate"] == pytest.approx(truth["payment_rate"])
    assert close(found["discount_amount"], truth["list_amount"] - truth["gmv"])


@pytest.mark.parametrize("span", [None, Period(datetime(2026, 11, 1), datetime(2026, 11, 12))])
def test_totals_of_tmall_with_refunds_at_payment(loaded, span):
    when = {"start": span.start, "end": span.end} if span else {}
    names = ("gmv", "orders", "orders_created", "refund_amount", "net_sales", "payment_rate")
    truth = loaded.world.truth(names, platform="tmall", refunds_at_payment=True, **when).iloc[0]
    found = loaded.ask(names, period=span, platform="tmall")[0]
    for name in names:
        assert found[name] == pytest.approx(truth[name], abs=0.005), name


@pytest.mark.parametrize("platform", ["jd", "pdd"])
def test_totals_of_jd_and_pinduoduo(loaded, platform):
    """Their orders come by their own files, a day's changes at a time once the demo lives on."""
    names = ("gmv", "orders", "items", "orders_created")
    truth = loaded.world.truth(names, platform=platform).iloc[0]
    found = loaded.ask(names, platform=platform)[0]
    for name in names:
        assert truth[name] > 0 and found[name] == pytest.approx(truth[name], abs=0.005), name


@pytest.mark.parametrize("by", ["category", "sku", "channel", "province", "shop"])
def test_sales_by_dimension(loaded, by):
    names = ("gmv", "items", "refund_amount")
    truth = loaded.world.truth(names, (by,), platform="douyin").fillna(0)
    found = {row[by]: row for row in loaded.ask(names, (by,), platform="douyin")}
    assert set(found) == set(truth.index)
    for value, row in truth.iterrows():
        for name in names:
            assert close(found[value][name] or 0, row[name]), (by, value, name)


def test_ads_costs_and_traffic(by_file):
    world = by_file.world
    assert close(by_file.ask(("ad_spend",))[0]["ad_spend"], world.ad_hours["cost"].sum() / 100)
    plans = {row["ad_plan"]: row["ad_spend"] for row in by_file.ask(("ad_spend",), ("ad_plan",))}
    assert len(plans) == world.ad_hours["plan"].nunique() and close(
        sum(plans.values()), world.ad_hours["cost"].sum() / 100
    )
    creatives = by_file.ask(("ad_spend",), ("creative",))
    days = world.ad_hours[world.ad_hours["day"] >= world.ad_hours["day"].max() - 45]
    assert len(creatives) == 3 * len(plans) and close(
        sum(row["ad_spend"] for row in creatives), days["cost"].sum() / 100
    )
    from simulator.costs import other_costs

    costs = other_costs(world).groupby("item")["amount"].sum() / 100
    found = by_file.ask(("platform_fee", "creator_commission", "logistics_cost", "other_cost"))[0]
    for name, item in (
        ("platform_fee", "platform_fee"),
        ("creator_commission", "creator_commission"),
        ("logistics_cost", "logistics"),
        ("other_cost", "other"),
    ):
        assert close(found[name], costs[item]), name
    shop = next(shop for shop in SHOPS if shop.number == 0)
    hours = world.traffic[world.traffic["shop"] == 0]
    seen = by_file.ask(("visitors", "exposures", "page_views"), shop=shop.name)[0]
    assert (seen["visitors"], seen["exposures"], seen["page_views"]) == tuple(
        hours[["visitors", "exposures", "page_views"]].sum()
    )
    sold = world.truth(("cogs_sold",), platform="douyin").iloc[0, 0]
    assert 0.6 * sold < by_file.ask(("cogs",), platform="douyin")[0]["cogs"] < sold


def test_parcels_service_reviews_and_purchases(by_file):
    """What sheets of all shops tell of the days up to now is the world's own count."""
    from simulator import fulfilment, videos

    ask, world = by_file.ask, by_file.world
    parcels, tickets = fulfilment.parcels(world), fulfilment.tickets(world)
    arrived = parcels[parcels["delivered"] > 0]
    found = ask(("delivery_hours", "logistics_exceptions", "tickets", "complaint_rate", "rating", "bad_review_rate"))[0]
    assert found["delivery_hours"] == pytest.approx((arrived["delivered"] - arrived["shipped"]).mean() / 3600)
    assert found["logistics_exceptions"] == (parcels["exception"] >= 0).sum() > 0
    assert found["tickets"] == len(tickets) > 100
    assert found["complaint_rate"] == pytest.approx(tickets["complaint"].mean())
    stars = fulfilment.reviews(world)["stars"]
    assert (found["rating"], found["bad_review_rate"]) == pytest.approx((stars.mean(), (stars <= 2).mean()))
    found = ask(("first_response_seconds", "resolution_hours", "satisfaction_rate"))[0]
    replied, done = tickets[tickets["replied"] > 0], tickets[tickets["resolved"] > 0]
    rated = tickets.loc[tickets["score"] > 0, "score"]
    assert found["first_response_seconds"] == pytest.approx((replied["replied"] - replied["opened"]).mean())
    assert found["resolution_hours"] == pytest.approx((done["resolved"] - done["opened"]).mean() / 3600)
    assert found["satisfaction_rate"] == pytest.approx((rated >= 4).mean())
    lines = fulfilment.purchases(world)
    days = (lines["arrived"] - lines["ordered"])[lines["arrived"] > 0] / 86400
    assert ask(("purchase_lead_days",))[0]["purchase_lead_days"] == pytest.approx(days.mean())
    by_shop = {row["shop"]: row["tickets"] for row in ask(("tickets",), ("shop",))}
    assert by_shop == {SHOPS[shop].name: (tickets["shop"] == shop).sum() for shop in world.shops}
    with_goods = sum(row["tickets"] for row in ask(("tickets",), ("category",)) if row["category"])
    assert with_goods == tickets["shop"].isin((0, 1)).sum()  # the Tmall report names no goods
    days = videos.days(world)
    found = ask(("video_plays", "video_gmv", "video_finish_rate", "videos"))[0]
    assert found["video_plays"] == days["plays"].sum() and close(found["video_gmv"], days["gmv"].sum() / 100)
    assert found["video_finish_rate"] == pytest.approx(days["finishes"].sum() / days["plays"].sum())
    assert 0 < found["videos"] <= len(days[["shop", "creator", "number"]].drop_duplicates())
    for metric in ("inbound_on_time_rate", "reorder_point", "suggested_qty", "lost_sales"):
        assert ask((metric,), period=Period(END.replace(hour=0, minute=0) - timedelta(days=14), END))[0][metric] > 0


def test_stock_and_live_rooms(by_file):
    held = [by_file.world.stock_at(shop, END) for shop in (0, 1)]
    found = by_file.ask(("stock_on_hand", "stock_available"))[0]
    assert found["stock_on_hand"] == sum(frame["on_hand"].sum() for frame in held)
    assert found["stock_available"] == sum(frame["available"].sum() for frame in held)
    live = by_file.ask(("live_sessions", "live_gmv"))[0]
    assert live["live_sessions"] == len(by_file.world.live_report) and close(
        live["live_gmv"], by_file.world.live_report["gmv"].sum() / 100
    )


def test_nothing_was_set_aside_and_loading_over_data_is_refused(by_file):
    assert count(by_file.warehouse, "quarantine") == 0
    assert count(by_file.warehouse, "load_batch WHERE kind = 'sheet_category_owners'") == 1
    assert demo.present(by_file.warehouse)
    with pytest.raises(UserError) as refused:
        demo.load_demo(by_file.warehouse, by_file.settings)
    assert refused.value.code == "demo_not_empty"


def test_facts_are_equal_by_both_roads(by_file, lived_on):
    """Every line and after-sale that the files tell is the same when the API told its last days."""
    sql = """SELECT order_id, line_id, product_id, sku_id, category, channel, creator, province, city, quantity,
        list_amount, payable_amount, paid_amount, freight_amount, unit_cost, status, created_at,
        paid_at, promised_ship_at
        FROM order_line WHERE platform = 'douyin' ORDER BY line_id"""
    one, other = (loaded.warehouse.read(sql).to_pandas() for loaded in (by_file, lived_on))
    assert len(one) > 2000 and count(lived_on.warehouse, "order_line WHERE live_session IS NOT NULL") > 10
    assert_frame_equal(one, other)
    sql = """SELECT refund_id, order_id, line_id, kind, status, reason, amount, quantity, goods_returned, before_ship,
        applied_at, success_at, category, channel, province, order_paid_at
        FROM refund WHERE platform = 'douyin' ORDER BY refund_id"""
    assert_frame_equal(*(loaded.warehouse.read(sql).to_pandas() for loaded in (by_file, lived_on)))


def test_a_minute_without_news_is_told_as_one(lived_on):
    assert demo.advance(lived_on.warehouse, lived_on.settings) is None
    states = lived_on.warehouse.read(
        "SELECT complete_through FROM source_state"
        " WHERE kind IN ('doudian_api_orders', 'doudian_orders', 'tmall_orders')"
    )
    assert {row["complete_through"] for row in states.to_pylist()} == {END}
    assert count(lived_on.warehouse, "api_call WHERE outcome = 'ok'") > 8


def test_removing_leaves_nothing_behind(earlier, tmp_path):
    with reopened(earlier, tmp_path / "home") as loaded:
        warehouse, settings = loaded.warehouse, loaded.settings
        assert (
            demo.remove_demo(warehouse, settings) > 20
            and not demo.present(warehouse)
            and demo.demo_state(settings) is None
        )
        for fact in (
            "order_line",
            "refund",
            "traffic",
            "ad_spend",
            "live_session",
            "stock",
            "cost",
            "target",
            "campaign",
            "product",
        ):
            assert count(warehouse, fact) == 0, fact
        assert demo.advance(warehouse, settings) is None


def test_the_nightly_export_tells_what_the_api_told(lived_on):
    from metrics import reconcile

    span = Period(END.replace(hour=0, minute=0) - timedelta(days=3), END.replace(hour=0, minute=0) + timedelta(days=1))
    found = reconcile(lived_on.warehouse, span, Scope.everything(), pairs=("api",)).rows
    compared = [row for row in found if row["state"] == "equal"]
    assert len(compared) >= 2 and not [row for row in found if row["state"] == "open"]
    assert all(row["left_count"] == row["right_count"] > 0 for row in compared)
