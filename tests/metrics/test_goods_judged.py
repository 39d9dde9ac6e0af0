"""Fake hits, the four quarters of products, and correlation with lag, on data whose answer is planted."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from errors import UserError
from metrics.correlation import correlate
from metrics.diagnosis import diagnose
from metrics.fake_hits import fake_hits
from metrics.slices import Slice
from metrics.types import Scope
from tests.metrics.facts import ALL, Facts, days

END = date(2024, 6, 30)


def sold(facts: Facts, product: str, back: int, items: int, buyers: range | None) -> None:
    """One line a buyer `back` days before the end (without buyers one line of all items)."""
    day = f"{END - timedelta(days=back)} 12:00"
    if buyers is None:
        facts.line(day, items * 10.0, product_id=product, quantity=items)
        return
    each = items // len(buyers)
    for buyer in buyers:
        facts.line(day, each * 10.0, product_id=product, quantity=each, buyer=buyer)


def hits(facts: Facts, known: bool = True) -> Facts:
    def people(*ends: int) -> range | None:
        return range(*ends) if known else None

    for week in range(1, 12):  # steady: the same ten buyers every week
        sold(facts, "steady", 7 * week, 10, people(0, 10))
        if week > 4:
            sold(facts, "fake", 7 * week, 2, people(100, 101))
            sold(facts, "faded", 7 * week, 2, people(200, 201))
        sold(facts, "lasting", 7 * week, 40 if week < 5 else 4, people(300, 304))
    sold(facts, "fake", 28, 60, people(110, 130))  # nobody comes back
    sold(facts, "faded", 28, 60, people(210, 230))
    sold(facts, "faded", 20, 10, people(210, 220))  # half of them do
    sold(facts, "new", 3, 50, people(400, 410))
    facts.ready()
    return facts


def test_a_spike_is_called_by_what_came_after(facts: Facts) -> None:
    rows = {row["product"]: row for row in fake_hits(hits(facts).warehouse, Slice(END), ALL).rows}
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "fake": "fake",
        "faded": "faded",
        "lasting": "lasting",
        "new": "young",
    }
    fake = rows["fake"]
    assert (fake["peak_items"], fake["peak_gmv"], fake["later_items"], fake["again_rate"]) == (60, 600, 0, 0)
    assert fake["usual_items"] == pytest.approx(14 * 7 / 43)  # 14 items from 77 days back until the peak's week
    assert rows["faded"]["again_rate"] == 0.5 and rows["faded"]["later_share"] == pytest.approx(10 / 4 / 60)
    assert list(rows)[0] == "fake"


def test_what_sold_before_the_days_looked_at_is_no_newcomer(facts: Facts) -> None:
    for back in range(1, 120):
        sold(facts, "level", back, 6, range(0, 6))
    sold(facts, "born", 88, 40, range(10, 20))
    rows = {row["product"]: row for row in fake_hits(facts.ready().warehouse, Slice(END), ALL).rows}
    assert set(rows) == {"born"} and rows["born"]["usual_items"] is None


def _by_hand(sold_on: dict[int, int]) -> tuple[int, int, float | None] | None:
    """(days back of the peak, its items, a usual week before it) of what sold so many days back; None without spike."""
    if not (looked := {back: items for back, items in sold_on.items() if back < 90}):
        return None
    weeks = {back: sum(looked.get(back + step, 0) for step in range(7)) for back in looked}
    most = max(weeks.values())
    peak = max(back for back, items in weeks.items() if items == most)  # the first such day
    before, days = sum(items for back, items in sold_on.items() if back >= peak + 7), max(sold_on) - peak - 6
    usual = before * 7.0 / days if days >= 14 else None
    return (peak, most, usual) if most >= 30 and (usual is None or most >= 3.0 * usual) else None


def test_every_spike_is_found_whatever_is_ruled_out_by_weeks(facts: Facts) -> None:
    random, sales = np.random.default_rng(5), {}
    for number in range(120):
        usual, busy = random.uniform(0, 4), random.integers(0, 117)
        sales[f"p{number:03}"] = sold_on = {}
        for back in range(int(random.integers(20, 118))):
            items = int(random.poisson(usual * (random.uniform(1, 9) if abs(back - busy) < 5 else 1)))
            items -= 3 * int(random.random() < 0.02)  # some shops take returns off so
            if items and random.random() < 0.8:
                sold_on[back] = items
                sold(facts, f"p{number:03}", back, items, None)
    spikes = {name: found for name, sold_on in sales.items() if (found := _by_hand(sold_on))}
    assert 10 < len(spikes) < 110
    facts.ready()
    for asked in (Slice(END), Slice(END, {"channel": ("",)})):  # from what is kept, and from the lines
        found = {
            row["product"]: ((END - date.fromisoformat(row["peak_day"])).days, row["peak_items"], row["usual_items"])
            for row in fake_hits(facts.warehouse, asked, ALL).rows
        }
        assert found == {name: (*one[:2], pytest.approx(one[2])) for name, one in spikes.items()}


def test_without_buyers_nothing_is_called_fake(facts: Facts) -> None:
    rows = {row["product"]: row for row in fake_hits(hits(facts, known=False).warehouse, Slice(END), ALL).rows}
    assert rows["fake"]["verdict"] == "faded" and rows["fake"]["again_rate"] is None
    assert fake_hits(facts.warehouse, Slice(date(2020, 1, 1)), ALL).notes["again_rate"] == "no_data"


def test_what_the_peak_gave_back_is_told_within_the_reader_s_rows(facts: Facts) -> None:
    facts.line("2024-05-01 10:00", 300, product_id="p", quantity=40, order="x", province="浙江")
    facts.line("2024-05-01 10:00", 100, product_id="p", quantity=40, order="y", province="江苏")
    facts.refund("2024-05-03", 60, "2024-05-01 10:00", product_id="p", order_id="x", province="浙江")
    facts.refund("2024-05-03", 50, "2024-05-01 10:00", product_id="p", order_id="y", province="江苏")
    warehouse = facts.ready().warehouse
    assert fake_hits(warehouse, Slice(END), ALL).rows[0]["refund_rate"] == pytest.approx(110 / 400)
    mine = Scope("t", rows={"province": ("浙江",)})
    assert fake_hits(warehouse, Slice(END), mine).rows[0]["refund_rate"] == pytest.approx(60 / 300)


def looked(facts: Facts) -> Facts:
    """Five products: views, orders and a reason each."""
    told = {
        "star": (1000, 40, 50),
        "dear": (1000, 2, 90),
        "dull": (900, 2, 50),
        "hidden": (50, 5, 50),
        "weak": (40, 0, 0),
    }
    for product, (views, orders, price) in told.items():
        facts.row("traffic", at=days("2024-06-01", "2024-06-01").start, span="day", product_id=product, visitors=views)
        for _ in range(orders):
            facts.line("2024-06-01 10:00", price, product_id=product, category="c")
    return facts.ready()


def test_products_are_parted_by_lookers_and_conversion_with_a_hint_for_leaks(facts: Facts) -> None:
    found = diagnose(looked(facts).warehouse, days("2024-06-01", "2024-06-01"), ALL)
    rows = {row["product"]: row for row in found.result.rows}
    assert found.views == "visitors" and found.views_split == 900
    assert found.conversion_split == pytest.approx(49 / 2990)
    assert {name: (row["quarter"], row["hints"]) for name, row in rows.items()} == {
        "star": ("star", ""),
        "dear": ("leak", "price"),
        "dull": ("leak", "page"),
        "hidden": ("hidden", ""),
        "weak": ("weak", ""),
    }
    assert rows["dear"]["sure"] == 1 and rows["weak"]["sure"] == 0  # forty lookers may well buy nothing
    assert list(rows)[0] == "dear"  # 16.4 orders expected, 2 came


def test_without_product_traffic_the_quarters_say_why(facts: Facts) -> None:
    facts.line("2024-06-01", 10, product_id="p")
    found = diagnose(facts.ready().warehouse, None, ALL)
    assert (found.result.rows, found.views, found.result.notes) == ([], None, {"views": "no_traffic"})


def test_a_hidden_metric_gives_no_hint(facts: Facts) -> None:
    blind = Scope("t", hidden=frozenset({"refund_rate", "refund_amount"}))
    found = diagnose(looked(facts).warehouse, days("2024-06-01", "2024-06-01"), blind)
    assert "refund_rate" not in found.result.units and found.result.rows


def test_a_planted_lag_is_found_and_never_called_a_cause(facts: Facts) -> None:
    noise = np.random.default_rng(5)
    spend = noise.gamma(4, 100, 120)
    for day, cost in enumerate(spend):
        at = days("2024-01-01", "2024-01-01").start + timedelta(days=day)
        facts.row("ad_spend", at=at, span="day", ad_plan="p", cost=round(float(cost), 2))
        if day >= 3:
            facts.line(f"{at:%Y-%m-%d} 12:00", round(5 * float(spend[day - 3]) + float(noise.gamma(4, 20)), 2))
    warehouse = facts.ready().warehouse
    found = correlate(warehouse, "ad_spend", "gmv", days("2024-01-04", "2024-04-29"), ALL)
    assert found.best is not None and found.best.days == 3 and found.best.pairs == 114
    assert found.best.pearson is not None and found.best.pearson > 0.9 and (found.best.spearman or 0) > 0.9
    assert found.best.low is not None and found.best.low < found.best.pearson < (found.best.high or 0)
    assert found.warnings == ("never_cause", "many_lags")
    back = correlate(warehouse, "gmv", "ad_spend", days("2024-01-04", "2024-04-29"), ALL)
    assert back.best is not None and back.best.days == -3


def test_a_shared_trend_is_told_as_one(facts: Facts) -> None:
    noise = np.random.default_rng(6)
    for day in range(100):
        at = days("2024-01-01", "2024-01-01").start + timedelta(days=day)
        facts.row("ad_spend", at=at, span="day", ad_plan="p", cost=round(100 + 5 * day + float(noise.normal(0, 5)), 2))
        facts.line(f"{at:%Y-%m-%d} 12:00", round(100 + 9 * day + float(noise.normal(0, 5)), 2))
    found = correlate(facts.ready().warehouse, "ad_spend", "gmv", days("2024-01-01", "2024-04-09"), ALL)
    same = next(lag for lag in found.lags if lag.days == 0)
    assert same.pearson is not None and same.pearson > 0.99 and same.effective < 10
    assert found.best is None or "only_level" in found.warnings


def test_too_few_days_tell_nothing(facts: Facts) -> None:
    facts.line("2024-01-01", 10)
    facts.row("ad_spend", at=days("2024-01-01", "2024-01-01").start, span="day", ad_plan="p", cost=1)
    found = correlate(facts.ready().warehouse, "ad_spend", "gmv", days("2024-01-01", "2024-01-10"), ALL)
    assert found.best is None and found.warnings == ("never_cause", "few_days", "no_link")
    with pytest.raises(UserError) as refused:
        correlate(facts.warehouse, "gmv", "gmv", None, ALL)
    assert refused.value.code == "correlate_same"
