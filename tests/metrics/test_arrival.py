"""What young numbers are expected to come to: exact where the past repeats itself, within the band elsewhere."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

import config
from metrics import Period, Query, Scope, query
from tests.metrics.facts import Facts
from warehouse import Warehouse

ALL = Scope.everything()
FIRST = date(2026, 1, 1)
SHARES = (0.8, 0.95, 1.0)  # of a day's sales, told on the mornings after it


@pytest.fixture(autouse=True)
def _clock() -> Any:
    yield
    config.freeze(None)


def _amount(number: int) -> float:
    return 1000.0 + 100 * (number % 7)


def _told_late(warehouse: Warehouse, days: int) -> datetime:
    """Each morning at nine, give or take some minutes, a file that tells 80 %, then 95 %, then all of a day."""
    rows: list[list[Any]] = []
    loads: list[datetime] = []
    for number in range(1, days + 1):
        at = datetime.combine(FIRST + timedelta(days=number), time(9)) + timedelta(minutes=number % 5)
        loads.append(at)
        for age, share in enumerate(SHARES):
            day = number - 1 - age
            if day >= 0:
                part = share - (SHARES[age - 1] if age else 0.0)
                rows.append([FIRST + timedelta(days=day), at, number, round(_amount(day) * part, 2), 1])

    def work(connection: Any) -> None:
        connection.execute("INSERT INTO kind_fact VALUES ('orders', 'order_line')").fetchall()
        connection.executemany(
            "INSERT INTO vintage_sales (day, platform, shop, known_at, batch_id, line_count, paid_amount, order_count)"
            " VALUES (?, 'douyin', 'a', ?, ?, 1, ?, ?)",
            rows,
        )
        connection.executemany(
            "INSERT INTO load_batch SELECT ?, 'file', 'orders', 'douyin', 'a', 'f', 'x', '{}', 1, 1, 0, 0, NULL, NULL,"
            " NULL, ?, 1, 1",
            [[number + 1, at] for number, at in enumerate(loads)],
        )

    warehouse.write(work)
    return loads[-1]


def _ask(warehouse: Warehouse, metric: str, period: Period, **more: Any) -> Any:
    return query(warehouse, Query((metric,), period=period, expected=True, **more), ALL).expected.get(metric)


def test_sales_told_late_are_completed_by_how_the_past_was(facts: Facts) -> None:
    warehouse = facts.warehouse
    facts.line("2026-01-01 10:00", 1)
    facts.ready()
    last = _told_late(warehouse, 80)
    config.freeze(last + timedelta(hours=1))
    yesterday = last.date() - timedelta(days=1)
    found = _ask(warehouse, "gmv", Period.days(yesterday, yesterday))
    final = _amount((yesterday - FIRST).days)
    assert found.known == pytest.approx(0.8 * final, abs=0.01)
    for value in (found.value, found.low, found.high):
        assert value == pytest.approx(final, rel=1e-4)
    assert found.error == pytest.approx(0.0, abs=1e-4) and found.tested >= 10
    week = _ask(warehouse, "gmv", Period.days(yesterday - timedelta(days=6), yesterday))
    assert week.value == pytest.approx(sum(_amount((yesterday - FIRST).days - back) for back in range(7)), rel=5e-3)
    assert week.low < week.value < week.high, "which weekday is the young one differs"
    old = yesterday - timedelta(days=9)
    assert _ask(warehouse, "gmv", Period.days(old, old)) is None, "nothing is to come"


def test_each_source_is_judged_by_its_own_past(facts: Facts) -> None:
    """Shop a tells 80 % of a day on its morning after, shop b everything at once."""
    last = _told_late(facts.warehouse, 80)
    facts.warehouse.write(
        lambda connection: [
            connection.execute(
                f"INSERT INTO {table} BY NAME SELECT * REPLACE ('b' AS shop{more}) FROM {table} WHERE shop = 'a'{only}"
            ).fetchall()
            for table, more, only in (
                ("vintage_sales", ", paid_amount / 0.8 AS paid_amount", " AND known_at < day + INTERVAL 2 DAY"),
                ("load_batch", ", batch_id + 1000 AS batch_id", ""),
            )
        ]
    )
    yesterday = last.date() - timedelta(days=1)
    final = _amount((yesterday - FIRST).days)
    facts.line(f"{yesterday} 10:00", round(0.8 * final, 2), shop="a", platform="douyin")
    facts.line(f"{yesterday} 11:00", final, shop="b", platform="douyin")
    facts.ready()
    config.freeze(last + timedelta(hours=1))
    asked = Query(("gmv",), ("platform", "shop"), period=Period.days(yesterday, yesterday), expected=True)
    found = query(facts.warehouse, asked, ALL)
    of = {row["shop"]: told for row, told in zip(found.rows, found.expected_rows, strict=True)}
    assert of["b"] == {}, "nothing is to come"
    assert of["a"]["gmv"].value == pytest.approx(final, rel=1e-3) and of["a"]["gmv"].error is not None


def test_nothing_is_said_where_nothing_was_learnt(facts: Facts) -> None:
    facts.line("2026-01-01 10:00", 1)
    facts.ready()
    last = _told_late(facts.warehouse, 8)
    config.freeze(last)
    yesterday = last.date() - timedelta(days=1)
    day = Period.days(yesterday, yesterday)
    assert _ask(facts.warehouse, "gmv", day) is None
    assert _ask(facts.warehouse, "refund_rate_cohort", day) is None
    asked = query(facts.warehouse, Query(("gmv",), ("shop",), period=day, expected=True), ALL)
    assert asked.expected == {} and asked.expected_rows in ([], [{}])


def test_pulls_that_began_within_the_hour_have_no_past(facts: Facts) -> None:
    start = datetime(2026, 3, 1, 2)
    facts.line("2026-03-01 01:30", 10)
    facts.ready()

    def work(connection: Any) -> None:
        connection.execute("INSERT INTO kind_fact VALUES ('orders', 'order_line')").fetchall()
        connection.executemany(
            "INSERT INTO load_batch SELECT ?, 'api', 'orders', 'douyin', 'a', 'f', 'x', '{}', 1, 1, 0, 0, NULL, NULL,"
            " NULL, ?, 1, 1",
            [[number + 1, start + timedelta(minutes=number)] for number in range(12)],
        )

    facts.warehouse.write(work)
    config.freeze(start + timedelta(hours=1))
    assert _ask(facts.warehouse, "gmv", Period.days(start.date(), start.date())) is None


def _refunded(facts: Facts, days: int, seed: int) -> tuple[date, dict[date, float]]:
    """Sales of `days` days, of which about a tenth is given back some days later; the true final rates by day."""
    random = np.random.default_rng(seed)
    sales, refunds, final = [], [], {}
    last = FIRST + timedelta(days=days - 1)
    for number in range(days):
        day = FIRST + timedelta(days=number)
        sold, back = 0.0, 0.0
        for order in range(40):
            amount = float(random.integers(20, 80))
            sold += amount
            name = f"{number}-{order}"
            sales.append([name, name, amount, datetime.combine(day, time(12))])
            if random.random() < 0.1:
                back += amount
                done = day + timedelta(days=int(min(20, random.geometric(0.25))))
                if done <= last:
                    refunds.append(
                        [name, name, amount, datetime.combine(done, time(15)), datetime.combine(day, time(12))]
                    )
        final[day] = back / sold

    def work(connection: Any) -> None:
        connection.executemany(
            "INSERT INTO order_line (platform, shop, order_id, line_id, paid_amount, paid_at, created_at, is_head,"
            " version, batch_id, source_row) SELECT 'douyin', 'a', ?, ?, ?, $4, $4, true, '2026-01-01', 1, 1".replace(
                "?, ?, ?", "$1, $2, $3"
            ),
            sales,
        )
        connection.executemany(
            "INSERT INTO refund (platform, shop, refund_id, order_id, status, amount, success_at, order_paid_at,"
            " version, batch_id, source_row) VALUES ('douyin', 'a', ?, ?, 'success', ?, ?, ?, '2026-01-01', 1, 1)",
            refunds,
        )

    facts.warehouse.write(work)
    facts.ready()
    return last, final


def test_refunds_to_come_are_added_to_those_that_came(facts: Facts) -> None:
    last, final = _refunded(facts, 150, 3)
    config.freeze(datetime.combine(last, time(23)))
    warehouse = facts.warehouse
    errors, inside = [], 0
    for back in range(1, 13):
        day = last - timedelta(days=back)
        found = _ask(warehouse, "refund_rate_cohort", Period.days(day, day))
        if found is None:
            assert back > 8
            continue
        assert found.known <= found.low <= found.value <= found.high and found.error is not None
        errors.append(abs(found.value - final[day]))
        inside += found.low - 1e-9 <= final[day] <= found.high + 1e-9
    assert len(errors) >= 8 and float(np.mean(errors)) < 0.05
    assert inside >= len(errors) // 2
    month = Period.days(last - timedelta(days=28), last - timedelta(days=1))
    found = _ask(warehouse, "refund_rate_cohort", month)
    truth = float(np.mean([final[last - timedelta(days=back)] for back in range(1, 29)]))
    assert found.value == pytest.approx(truth, rel=0.1) and found.known < found.value
    assert found.error < 0.1, "a month of the past was told well too"
    fresh = _ask(warehouse, "refund_rate_cohort", Period.days(last - timedelta(days=1), last - timedelta(days=1)))
    assert fresh.known < 0.05 < fresh.value, "the first day says something although nearly nothing came back yet"
