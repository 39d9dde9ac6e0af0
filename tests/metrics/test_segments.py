"""Segments, scores, cohorts and the repurchase curve, on buyers whose every order is known by heart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import load_settings
from errors import UserError
from metrics import Scope
from metrics.cohorts import cohorts, repurchase
from metrics.people import SEGMENTS, Cuts
from metrics.profiles import profile
from metrics.segments import moves, rfm, rfm_classes, segments, thresholds
from metrics.slices import Slice
from tests.metrics.facts import ALL, Facts
from warehouse import Warehouse

LAST = date(2024, 6, 30)
CUTS = Cuts()


def shop(facts: Facts) -> Facts:
    """Five buyers, one of each segment at the end of June 2024, and an order nobody knows the buyer of."""
    facts.line("2024-06-20 10:00", 50, buyer=1, province="浙江")  # new
    facts.line("2024-02-01 10:00", 80, buyer=2, province="江苏")
    facts.line("2024-06-30 23:59", 20, buyer=2, province="浙江")  # active: 11 days; the last order tells the province
    facts.line("2024-01-05 10:00", 900, buyer=3, order="x", province="广东")
    facts.line("2024-01-05 10:00", 100, buyer=3, order="x", province="广东", is_head=False)
    facts.line("2024-05-01 10:00", 500, buyer=3, province="广东")  # high value
    facts.line("2024-03-01 10:00", 60, buyer=4, province="浙江")  # silent: 122 days
    facts.line("2024-01-01 00:00", 70, buyer=5, province="浙江")  # lost: 182 days
    facts.line("2024-06-01 10:00", 1000, buyer=None)
    facts.line("2024-07-01 00:00", 5000, buyer=1)  # after the day asked about
    facts.line("2024-06-15 10:00", 9999, buyer=1, is_test=True)
    return facts.ready()


def by(rows: list[dict[str, Any]], name: str) -> dict[Any, dict[str, Any]]:
    return {row[name]: row for row in rows}


def test_every_segment_has_its_buyer_with_all_he_paid(facts: Facts) -> None:
    found = segments(shop(facts).warehouse, Slice(LAST), ALL)
    rows = by(found.rows, "segment")
    assert list(rows) == list(SEGMENTS)
    assert {name: (row["buyers"], row["gmv"], row["orders"], row["recency_days"]) for name, row in rows.items()} == {
        "new": (1, 50, 1, 11),
        "active": (1, 100, 2, 1),
        "high_value": (1, 1500, 2, 61),
        "silent": (1, 60, 1, 122),
        "lost": (1, 70, 1, 182),
    }
    assert rows["high_value"]["rich_buyers"] == 1 and rows["lost"]["gmv_share"] == pytest.approx(70 / 1780)
    assert found.notes["buyers"] == "partial_buyers" and found.units["gmv"] == "yuan"


def test_a_day_is_within_its_limit_and_the_next_is_not(facts: Facts) -> None:
    facts.line("2024-04-01", 10, buyer=1)  # the 91st day back from 1 July, which is the day after the last
    facts.line("2024-04-02", 10, buyer=2)
    facts.line("2024-04-02", 100, buyer=3)
    facts.ready()
    rows = by(segments(facts.warehouse, Slice(LAST), ALL).rows, "segment")
    assert (rows["silent"]["buyers"], rows["active"]["buyers"]) == (1, 2)
    rows = by(segments(facts.warehouse, Slice(LAST), ALL, replace(CUTS, high_share=0.4)).rows, "segment")
    assert (rows["active"]["buyers"], rows["high_value"]["buyers"]) == (1, 1)
    shorter = replace(CUTS, silent_days=80, new_days=20)
    rows = by(segments(facts.warehouse, Slice(LAST), ALL, shorter).rows, "segment")
    assert rows["silent"]["buyers"] == 3 and rows["active"]["buyers"] == 0


def test_scores_by_quintiles_and_by_fixed_points_are_told_with_their_points(facts: Facts) -> None:
    warehouse = shop(facts).warehouse
    points = thresholds(warehouse, Slice(LAST), ALL)
    assert points is not None and points.recency == (1, 11, 61, 122) and points.money == (50, 60, 70, 100)
    assert points.means == (pytest.approx(377 / 5), pytest.approx(7 / 5), pytest.approx(1780 / 5))
    grid = {(row["r"], row["f"]): row["buyers"] for row in rfm(warehouse, Slice(LAST), ALL).rows}
    assert len(grid) == 25 and sum(grid.values()) == 5
    fixed = rfm(warehouse, Slice(LAST), ALL, scoring="fixed")
    told = {(row["r"], row["f"]): row["gmv"] for row in fixed.rows if row["buyers"]}
    # 11 and 1 days score 5, 61 days 3, 122 days 2, 182 days 1; one order scores 1, two orders 2
    assert told == {(5, 1): 50, (5, 2): 100, (3, 2): 1500, (2, 1): 60, (1, 1): 70}
    assert thresholds(warehouse, Slice(LAST), ALL, scoring="fixed").frequency == (1, 2, 3, 5)  # type: ignore[union-attr]


def test_the_eight_classes_hold_each_axis_against_its_mean(facts: Facts) -> None:
    rows = by(rfm_classes(shop(facts).warehouse, Slice(LAST), ALL).rows, "rfm_class")
    assert {name: row["buyers"] for name, row in rows.items() if row["buyers"]} == {
        "champion": 1,  # buyer 3: 61 < 75.4 days, 2 > 1.4 orders, 1500 > 356 yuan
        "common_champion": 1,
        "common_develop": 1,
        "common_win_back": 2,
    }


def test_buyers_move_between_segments(facts: Facts) -> None:
    rows = moves(shop(facts).warehouse, Slice(LAST), ALL, days=30).rows
    assert {(row["was"], row["segment"]): row["buyers"] for row in rows} == {
        (None, "new"): 1,
        ("silent", "active"): 1,  # 120 days without an order on 31 May
        ("high_value", "high_value"): 1,
        ("silent", "silent"): 1,
        ("silent", "lost"): 1,
    }


def test_a_filter_and_a_right_hold_the_history_to_what_is_seen(facts: Facts) -> None:
    warehouse = shop(facts).warehouse
    held = segments(warehouse, Slice(LAST, {"province": ("浙江",)}), ALL)
    assert sum(row["buyers"] for row in held.rows) == 4
    assert by(held.rows, "segment")["new"]["buyers"] == 2  # buyer 2's first order from 浙江 was yesterday's
    scope = Scope("x", rows={"province": ("广东",)})
    assert sum(row["buyers"] for row in segments(warehouse, Slice(LAST), scope).rows) == 1
    with pytest.raises(UserError) as refused:
        segments(warehouse, Slice(LAST), Scope("x", hidden=frozenset({"gmv"})))
    assert refused.value.code == "not_allowed"


def test_without_buyers_there_is_a_reason_and_no_row(facts: Facts) -> None:
    assert segments(facts.ready().warehouse, Slice(LAST), ALL).notes["buyers"] == "no_sales"
    facts.line("2024-06-01", 10)
    found = segments(facts.ready().warehouse, Slice(LAST), ALL)
    assert (found.rows, found.notes["gmv"]) == ([], "no_buyer")
    assert cohorts(facts.warehouse, Slice(LAST), ALL).notes["share"] == "no_buyer"
    assert thresholds(facts.warehouse, Slice(LAST), ALL) is None
    assert segments(facts.warehouse, Slice(date(2023, 1, 1)), ALL).notes["buyers"] == "no_data"


def test_the_triangle_has_a_cell_for_every_month_that_has_begun(facts: Facts) -> None:
    facts.line("2024-04-03", 10, buyer=1)
    facts.line("2024-04-20", 5, buyer=1)
    facts.line("2024-06-01", 7, buyer=1)
    facts.line("2024-04-30", 20, buyer=2)
    facts.line("2024-05-31", 40, buyer=3)
    facts.line("2024-06-15", 1, buyer=3)
    facts.ready()
    found = cohorts(facts.warehouse, Slice(date(2024, 6, 15)), ALL)
    told = [tuple(row.values()) for row in found.rows]
    assert told == [
        ("2024-04", 0, 2, 2, 1.0, 3, 35.0, 17.5, 1),
        ("2024-04", 1, 2, 0, 0.0, 0, 0.0, 17.5, 1),
        ("2024-04", 2, 2, 1, 0.5, 1, 7.0, 21.0, 0),
        ("2024-05", 0, 1, 1, 1.0, 1, 40.0, 40.0, 1),
        ("2024-05", 1, 1, 1, 1.0, 1, 1.0, 41.0, 0),
    ]
    assert {row["cohort"] for row in cohorts(facts.warehouse, Slice(date(2024, 6, 15)), ALL, months=2).rows} == {
        "2024-05"
    }


def test_the_curve_counts_only_those_whose_window_is_over(facts: Facts) -> None:
    facts.line("2024-01-01", 10, buyer=1)
    facts.line("2024-01-01", 10, buyer=1)  # the same moment is no coming back
    facts.line("2024-01-08", 10, buyer=1)
    facts.line("2024-01-10", 10, buyer=2)
    facts.line("2024-02-05", 10, buyer=3)
    facts.ready()
    rows = by(repurchase(facts.warehouse, Slice(LAST), ALL).rows, "days")
    assert (rows[7]["able"], rows[7]["again"], rows[7]["share"]) == (2, 1, 0.5)
    assert (rows[3]["again"], rows[21]["able"], rows[30]["able"]) == (0, 2, 1) and 45 not in rows
    held = repurchase(facts.warehouse, Slice(LAST, {"shop": ("a",)}), ALL).rows  # from the lines, not the chain
    assert held == list(rows.values())


ORDERS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 400), st.integers(0, 50_000)), min_size=1, max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ORDERS, st.integers(0, 420))
def test_segments_part_the_buyers_and_cohorts_hold_each_once(
    warehouse: Warehouse, orders: list[tuple[int, int, int]], at: int
) -> None:
    """Whatever was bought: every buyer in one segment, one score cell, one class, one cohort, with all his money."""
    warehouse.write(lambda connection: connection.execute("DELETE FROM order_line"))
    facts = Facts(warehouse)
    start = date(2023, 1, 1).toordinal()
    for buyer, day, fen in orders:
        facts.line(f"{date.fromordinal(start + day)} 12:00", fen / 100, buyer=buyer)
    facts.ready()
    asked = Slice(date.fromordinal(start + at))
    seen = [one for one in orders if one[1] <= at]
    people, paid = len({one[0] for one in seen}), sum(one[2] for one in seen)
    for door in (segments, rfm, rfm_classes):
        rows = door(warehouse, asked, ALL).rows
        assert sum(row["buyers"] for row in rows) == people
        assert sum(round(row["gmv"] * 100) for row in rows) == paid
    rows = cohorts(warehouse, asked, ALL, months=24).rows
    assert sum(row["size"] for row in rows if row["months"] == 0) == people
    assert sum(round(row["gmv"] * 100) for row in rows) == paid
    assert all(row["buyers"] <= row["size"] for row in rows)
    curve = repurchase(warehouse, asked, ALL).rows
    assert all(row["again"] <= row["able"] <= people for row in curve)
    assert curve == repurchase(warehouse, Slice(asked.day, {"shop": ("a",)}), ALL).rows


def test_a_profile_tells_a_segment_or_all(facts: Facts) -> None:
    warehouse = shop(facts).warehouse
    everyone = profile(warehouse, Slice(LAST), ALL, "province").rows
    assert [(row["province"], row["buyers"], row["share"], row["gmv"]) for row in everyone] == [
        ("浙江", 4, 0.8, 280),
        ("广东", 1, 0.2, 1500),
    ]
    hours = by(profile(warehouse, Slice(LAST), ALL, "hour").rows, "hour")
    assert {hour: (row["buyers"], row["gmv"]) for hour, row in hours.items()} == {
        0: (1, 70),
        10: (4, 1690),
        23: (1, 20),
    }
    levels = by(profile(warehouse, Slice(LAST), ALL, "level").rows, "level")
    assert {level: row["buyers"] for level, row in levels.items()} == {1: 4, 4: 1}  # up to 100; 1000 to 3000
    high = profile(warehouse, Slice(LAST), ALL, "province", "high_value").rows
    assert [(row["province"], row["buyers"], row["aov"]) for row in high] == [("广东", 1, 1500)]


def test_the_settings_part_and_say_so_where_they_cannot(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_SEGMENT_SILENT_DAYS", "60")
    monkeypatch.setenv("COCKPIT_RFM_MONEY", "10, 60, 90, 1200")
    told = load_settings()
    cuts = Cuts.of(told)
    assert (cuts.silent_days, cuts.money) == (60, (10, 60, 90, 1200))
    rows = by(segments(shop(facts).warehouse, Slice(LAST), ALL, cuts).rows, "segment")
    assert (rows["high_value"]["buyers"], rows["silent"]["buyers"]) == (0, 2)  # buyer 3 bought 61 days ago
    for name, value in (("RFM_MONEY", "1,2,3"), ("RFM_MONEY", "1,2,2,3"), ("RFM_FREQUENCY", "a"),
                        ("SEGMENT_LOST_DAYS", "50"), ("SEGMENT_HIGH_SHARE", "1")):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setenv(f"COCKPIT_{name}", value)
            with pytest.raises(UserError) as refused:
                load_settings()
            assert refused.value.code == "setting_value"
