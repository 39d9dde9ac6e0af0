"""The search that is not told the metric: what was planted is found, chance seldom is, rights are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

import config
from errors import UserError
from metrics import Period, Scope, Swept, sweep
from metrics.airtime import airtime
from metrics.leaves import Asker
from metrics.scan import chance, judge, looked_at, spans_of
from metrics.sweep import _known, off_air, ordered
from metrics.sweep_says import told
from metrics.sweep_sources import Through
from metrics.unusual import Event
from tests.metrics.facts import ALL, Facts, at, days
from tests.metrics.usual import LAST, incident, orders, usual

ASKED = days("2024-05-01", "2024-05-01")


@pytest.fixture(autouse=True)
def _evening() -> None:
    config.freeze(at("2024-05-02"))


def swept(facts: Facts, scope: Scope = ALL, period: Period = ASKED, **more: object) -> Swept:
    return sweep(facts.warehouse, period, scope, **more)  # type: ignore[arg-type]


def test_a_rush_on_one_sku_is_named_with_its_shop_and_hours(facts: Facts) -> None:
    incident(usual(facts))
    first = swept(facts).events[0]
    assert first.metric == "orders" and first.where == {"shop": "a", "sku": "S1"}
    assert first.start <= LAST + timedelta(hours=10) and first.end >= LAST + timedelta(hours=12)
    assert first.end - first.start <= timedelta(hours=6) and first.by_chance < 1e-6
    assert first.yuan is not None and 500 < first.yuan < 1200
    assert len(swept(facts).events) == 1  # what it did to its shop, product and category is not told again


def test_a_wrong_price_is_nearer_to_the_cause_than_the_rush_it_brought(facts: Facts) -> None:
    rush = [LAST + timedelta(hours=10, minutes=number) for number in range(40)]
    first = swept(orders(usual(facts), rush, 1, "a", paid_amount=2.1)).events[0]
    assert (first.metric, first.where) == ("unit_price", {"shop": "a", "sku": "S1"})
    assert first.value == pytest.approx(2.1, rel=0.5) and first.base == pytest.approx(20, rel=0.1)


def test_few_people_ordering_often_are_told_as_orders_per_buyer(facts: Facts) -> None:
    usual(facts)
    for person in range(5):
        orders(facts, [LAST + timedelta(hours=3, minutes=20 * n + person) for n in range(6)], 2, "b", buyer=person)
    first = swept(facts).events[0]
    assert (first.metric, first.where) == ("orders_per_buyer", {"shop": "b", "sku": "S2"})
    assert first.value is not None and first.value > 3


def test_a_shop_that_sells_little_for_hours_is_told_as_a_shop(facts: Facts) -> None:
    usual(facts, a_day=150)
    facts.warehouse.write(
        lambda connection: connection.execute(
            "DELETE FROM order_line WHERE shop = 'b' AND paid_at >= '2024-05-01 12:00' AND paid_at < '2024-05-01 18:00'"
        ).fetchall()
    )
    first = swept(facts.ready()).events[0]
    assert (first.metric, first.where) == ("orders", {"shop": "b"}) and first.count < first.usual / 3
    assert first.yuan is not None and first.yuan < 0


def test_what_one_shop_lost_is_told_of_it_and_nothing_of_the_others(facts: Facts) -> None:
    usual(facts, a_day=120, shops=("a", "b", "c"))
    facts.warehouse.write(
        lambda connection: connection.execute(
            "DELETE FROM order_line WHERE shop = 'b' AND paid_at >= '2024-05-01 06:00'"
        ).fetchall()
    )
    events = swept(facts.ready()).events
    assert (events[0].metric, events[0].where) == ("orders", {"shop": "b"})
    assert all(event.by_chance > 0.01 for event in events[1:])


def test_a_wave_of_refunds_is_held_against_orders_of_the_same_age(facts: Facts) -> None:
    usual(facts)
    dice = np.random.default_rng(5)
    for day in range(2, 31):  # one in fifteen orders comes back, five days after it was paid
        for shop in "ab":
            for _ in range(int(dice.poisson(2.5))):
                paid = at("2024-04-01") + timedelta(days=day - 5)
                sku = int(min(dice.exponential(3.0), 11))
                _back(facts, paid, paid + timedelta(days=5), sku, shop)
    for number in range(25):
        _back(facts, at("2024-04-25"), LAST + timedelta(hours=8, minutes=10 * number), 3, "a")
    found = swept(facts.ready())
    first = found.events[0]
    assert first.metric == "refund_rate_cohort" and first.where["shop"] == "a"
    assert first.where.get("sku", "S3") == "S3" and first.where.get("product", "P1") == "P1"
    assert "25" in told(first, "en").sentence or "26" in told(first, "en").sentence


def _back(facts: Facts, paid: datetime, success: datetime, sku: int, shop: str) -> None:
    goods = {"sku_id": f"S{sku}", "product_id": f"P{sku // 2}", "category": f"C{sku // 4}", "shop": shop}
    facts.refund(success.isoformat(), 20.0, paid.isoformat(), **goods)


def test_a_hit_without_stock_is_told_and_a_slow_seller_that_ran_out_is_not(facts: Facts) -> None:
    usual(facts)
    for shop in "ab":
        for sku in range(12):
            for day, free in (("2024-04-30", 60), ("2024-05-01", 60)):
                out = (shop, sku) == ("a", 0) and day == "2024-05-01"
                slow = (shop, sku) == ("b", 11)
                left = 0 if out else (1 if day == "2024-04-30" else 0) if slow else free
                facts.row("stock", shop=shop, sku_id=f"S{sku}", snapshot_at=at(f"{day} 06:00"), available=left,
                          on_hand=left, active=True)  # fmt: skip
    facts.warehouse.write(
        lambda connection: connection.execute(
            "DELETE FROM order_line WHERE shop = 'a' AND sku_id = 'S0' AND paid_at >= '2024-05-01'"
        ).fetchall()
    )
    found = [event for event in swept(facts.ready()).events if event.metric == "stockout_skus"]
    assert [event.where for event in found] == [{"shop": "a", "sku": "S0"}]
    assert found[0].usual > 5 and found[0].yuan is not None and found[0].yuan < 0


@pytest.mark.parametrize(
    ("room", "told_until", "off"),
    [
        (None, "2024-05-02", True),  # nobody spoke that evening
        (("18:00", "21:00"), "2024-05-02", False),  # the room was on the air and fell silent
        (("09:00", "11:00"), "2024-05-02", True),  # the morning's room says nothing of the evening
        (None, "2024-05-01", False),  # the rooms of that evening are not told yet
    ],
)
def test_less_from_live_rooms_counts_for_more_when_one_was_on_the_air(
    facts: Facts, room: tuple[str, str] | None, told_until: str, off: bool
) -> None:
    place = {"platform": "douyin", "shop": "a"}
    facts.row("live_session", live_session="old", started_at=at("2024-04-20 19:00"), ended_at=at("2024-04-20 23:00"))
    if room:
        begun, ended = (at(f"2024-05-01 {hour}") for hour in room)
        facts.row("live_session", live_session="new", started_at=begun, ended_at=ended)
    start, end = at("2024-05-01 20:00"), at("2024-05-02")
    silent = Event("live_gmv", {"shop": "a"}, place, start, end, 0.0, 30.0, 0.0, 900.0, -900.0, -7.0, 1e-9, 4)
    dear = replace(silent, metric="orders", yuan=-500.0)
    through = Through({("live_session", "douyin", "a"): at(told_until)})
    air = airtime(Asker(facts.ready().warehouse, ALL, {}), [at("2024-04-20").date()], at("2024-05-01"), end)
    marked = off_air([silent, dear], air, through)
    assert [event.off_air for event in marked] == [off, False]
    assert ordered(marked)[0].metric == ("orders" if off else "live_gmv")
    assert ("没有直播间开播" in told(marked[0], "zh").sentence) == off


def test_chance_alone_is_seldom_an_event(facts: Facts) -> None:
    """Seven quiet days of five worlds: by the bound fewer than one in ten sweeps of sales may find something."""
    found = 0
    for seed in range(11, 16):
        facts.warehouse.write(lambda connection: connection.execute("DELETE FROM order_line").fetchall())
        usual(facts, seed, a_day=30)
        for back in range(7):
            day = LAST.date() - timedelta(days=back)
            config.freeze(datetime.combine(day, datetime.min.time()) + timedelta(days=1))
            found += bool(swept(facts, period=Period.days(day, day)).events)
    assert found <= 5  # of 35; in the mean 3.5 at most


def test_without_a_week_of_history_nothing_is_said(facts: Facts) -> None:
    for number in range(60):
        facts.line(f"2024-05-01 10:{number % 60:02}", 30, sku_id="S1")
    found = swept(facts.ready())
    assert found.events == () and found.days == 0
    assert swept(Facts(facts.warehouse), period=days("2030-01-01", "2030-01-02")).events == ()
    with pytest.raises(UserError) as refused:
        swept(facts, period=Period(at("2024-05-02"), at("2024-05-01")))
    assert refused.value.code == "period_empty"


def test_rights_and_filters_bound_what_is_found(facts: Facts) -> None:
    incident(usual(facts))
    assert swept(facts, Scope("b", rows={"shop": ("b",)})).events == ()
    mine = swept(facts, Scope("a", rows={"shop": ("a",)})).events
    assert mine[0].where == {"shop": "a", "sku": "S1"}
    assert swept(facts, filters={"shop": ("b",)}).events == ()
    assert swept(facts, Scope("o", hidden=frozenset({"orders", "gmv"}))).events == ()
    assert all(event.where.get("shop") != "b" for event in mine)


def test_a_given_base_says_what_is_usual(facts: Facts) -> None:
    incident(usual(facts))
    assert swept(facts, base=days("2024-04-10", "2024-04-20")).days == 11
    assert swept(facts, base=days("2024-04-10", "2024-04-20")).events[0].where == {"shop": "a", "sku": "S1"}
    assert swept(facts, base=days("2024-04-28", "2024-04-30")).events == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_event_has_its_sentence(facts: Facts, lang: str) -> None:
    incident(usual(facts))
    said = told(swept(facts).events[0], lang)
    assert "S1" in said.sentence and "explain." not in said.sentence and said.sureness == "certain"
    assert said.worth is not None and said.period == ASKED and said.where == {"shop": "a", "sku": "S1"}


# The statistics -------------------------------------------------------------------------------------------------------


def test_scores_of_chance_are_standard() -> None:
    dice = np.random.default_rng(1)
    rate = dice.gamma(4.0, 5.0, 3000)
    cube = dice.poisson(rate[:, None, None], (3000, 29, 4)).astype(float)
    judged = judge(cube, None)
    score = judged.score[:, judged.spans.index((0, 4))]
    assert np.mean(np.abs(score) > 3) < 0.006  # 0.27 % by the normal, and estimated spreads
    assert chance(4.0, 1) == pytest.approx(6.33e-5, rel=0.01) and chance(3.0, 1000) == 1.0


def test_the_number_of_spans_is_paid_for_in_full() -> None:
    dice = np.random.default_rng(2)
    for ticks in (6, 12, 24):
        spans = spans_of(ticks)
        sums = np.concatenate([np.zeros((40_000, 1)), dice.normal(size=(40_000, ticks)).cumsum(axis=1)], axis=1)
        best = np.max([np.abs(sums[:, end] - sums[:, first]) / (end - first) ** 0.5 for first, end in spans], axis=0)
        assert np.mean(best > 3.0) <= looked_at(spans) * chance(3.0, 1)


def test_a_campaign_is_meant_to_bring_orders_and_returns_but_no_silence(facts: Facts) -> None:
    facts.row("campaign", campaign="618", family="618", platform=None, starts_at=at("2024-04-28"), ends_at=LAST)
    begin, end = at("2024-04-29"), at("2024-04-30")
    more = Event("orders", {"shop": "a"}, {"shop": "a"}, begin, end, 90.0, 30.0, 90.0, 30.0, 9.0, 7.0, 1e-9, 6)
    later = replace(more, metric="refund_rate_cohort", start=at("2024-05-03"), end=at("2024-05-04"))
    events = [more, later, replace(later, metric="orders"), replace(more, metric="source_lag_seconds"),
              replace(more, count=3.0), replace(more, where={"shop": "a", "sku": "S1"})]  # fmt: skip
    known = _known(Asker(facts.ready().warehouse, ALL, {}), events)
    assert [event.known for event in known] == ["618", "618", None, None, None, None]
