"""What the search keeps of past days: answers as without it, only days that changed read, nobody's rights bent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import config
from metrics import Period, Scope, Swept, leaf_days, sweep
from metrics.airtime import Airtime, Room
from metrics.leaf_days import Days, Kept
from tests.metrics.facts import ALL, Facts, at, days
from tests.metrics.usual import LAST, SKUS, incident, orders, usual
from warehouse.model import Touched

TODAY, THREE = days("2024-05-01", "2024-05-01"), days("2024-04-29", "2024-05-01")
SHOP_B = Scope("b", rows={"shop": ("b",)})


@pytest.fixture(autouse=True)
def _evening() -> None:
    config.freeze(at("2024-05-02"))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[date]]:
    """The days that were read, one entry each."""
    found: list[date] = []
    table = Days._table

    def counted(self: Days, warehouse: Any, run: Any, end: datetime) -> Any:
        found.extend(day for day, _ in run)
        return table(self, warehouse, run, end)

    monkeypatch.setattr(Days, "_table", counted)
    yield found


def _load(facts: Facts, sql: str, *touched: datetime) -> None:
    """Change rows as a load does: what it touched is said with the version."""

    def work(connection: Any) -> None:
        connection.execute(sql).fetchall()
        said = Touched()
        said.add("order_line", "paid_at", [day.date() for day in touched])
        facts.warehouse.engine.raise_version(connection, said)

    facts.warehouse.write(work)


def _twice(facts: Facts, period: Period, scope: Scope = ALL, **more: Any) -> Swept:
    """The sweep with what is kept and without, which must be one."""
    kept = sweep(facts.warehouse, period, scope, **more)
    own = leaf_days._kept.pop(facts.warehouse, Kept())
    fresh = sweep(facts.warehouse, period, scope, **more)
    leaf_days._kept[facts.warehouse] = own
    assert (len(kept.events), kept.cells, kept.days) == (len(fresh.events), fresh.cells, fresh.days)
    for one, other in zip(kept.events, fresh.events, strict=True):
        _same(asdict(one), asdict(other))
    return kept


def _same(one: Any, other: Any) -> None:
    """Equal but for the order in which numbers were added up."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            _same(one[name], other[name])
    elif isinstance(one, float):
        assert math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
    else:
        assert one == other


_COPY = """INSERT INTO order_line BY NAME SELECT * REPLACE (
           line_id || 'x{n}' AS line_id, order_id || 'x{n}' AS order_id,
           paid_at + INTERVAL {back} DAY AS paid_at) FROM order_line WHERE {where}"""


def test_loads_of_the_day_are_found_without_reading_the_days_before(facts: Facts, runs: list[date]) -> None:
    usual(facts)
    assert not _twice(facts, TODAY).events
    runs.clear()
    rush = f"paid_at >= TIMESTAMP '{LAST}' AND shop = 'a' AND sku_id = 'S1' LIMIT 1"
    for number in range(40):
        moment = f"TIMESTAMP '{LAST + timedelta(hours=10, minutes=3 * number)}' AS paid_at, {9**6 + number} AS buyer"
        sql = _COPY.format(n=number, back=0, where=rush).replace("paid_at + INTERVAL 0 DAY AS paid_at", moment)
        _load(facts, sql, LAST)
    first = sweep(facts.warehouse, TODAY, ALL).events[0]
    assert (first.metric, first.where) == ("orders", {"shop": "a", "sku": "S1"})
    assert set(runs) == {LAST.date()}
    assert _twice(facts, TODAY).events[0].where == first.where


def test_every_kind_of_load_leaves_the_same_answers_as_reading_all_anew(facts: Facts) -> None:
    incident(usual(facts))
    dice = np.random.default_rng(3)
    for shop in "ab":
        for day in range(4, 31):
            paid = at("2024-04-01") + timedelta(days=day - 4)
            for _ in range(int(dice.poisson(3))):
                sku = int(dice.integers(0, SKUS))
                goods = {"sku_id": f"S{sku}", "product_id": f"P{sku // 2}", "category": f"C{sku // 4}", "shop": shop}
                facts.refund((paid + timedelta(days=4, hours=9)).isoformat(), 20.0, paid.isoformat(), **goods)
    facts.ready()
    for period in (TODAY, THREE):
        assert _twice(facts, period).events
    yesterday = LAST - timedelta(days=1)
    changes: list[tuple[str, datetime]] = [
        (_COPY.format(n="a", back=0, where=f"paid_at >= TIMESTAMP '{LAST}' AND shop = 'b'"), LAST),
        (_COPY.format(n="b", back=1, where=f"paid_at::DATE = DATE '{yesterday:%Y-%m-%d}' AND sku_id = 'S2'"), LAST),
        (f"DELETE FROM order_line WHERE paid_at::DATE = DATE '{yesterday:%Y-%m-%d}' AND hour(paid_at) > 15", yesterday),
        ("UPDATE order_line SET paid_amount = 1 WHERE sku_id = 'S3' AND paid_at >= '2024-04-20' AND "
         "paid_at < '2024-04-21'", at("2024-04-20")),
        (f"UPDATE order_line SET category = 'new', sku_id = 'S99' WHERE sku_id = 'S4' AND paid_at >= '{LAST}'", LAST),
    ]  # fmt: skip
    for sql, touched in changes:
        _load(facts, sql, touched)
        _twice(facts, THREE)
    _twice(facts, TODAY, base=days("2024-04-10", "2024-04-24"))


def test_rows_that_came_again_as_they_were_are_looked_at_once(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    from metrics.unusual import Scan

    incident(usual(facts))
    before = sweep(facts.warehouse, THREE, ALL)
    facts.ready()  # everything counts as changed
    monkeypatch.setattr(Scan, "events", lambda self: pytest.fail("looked at again"))
    after = sweep(facts.warehouse, THREE, ALL)
    assert after.events == before.events and after.cells == before.cells


def test_what_one_may_see_never_comes_out_of_what_was_kept_for_another(facts: Facts) -> None:
    incident(usual(facts))
    assert sweep(facts.warehouse, TODAY, ALL).events[0].where["shop"] == "a"
    assert not _twice(facts, TODAY, SHOP_B).events
    assert not _twice(facts, TODAY, filters={"shop": ("b",)}).events
    hidden = Scope("h", rows={}, hidden=frozenset({"orders"}))
    assert all(event.metric != "orders" for event in _twice(facts, TODAY, hidden).events)
    assert sweep(facts.warehouse, TODAY, ALL).events[0].where["shop"] == "a"


def test_memory_is_bounded_and_what_was_dropped_is_read_again(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    incident(usual(facts))
    whole = sweep(facts.warehouse, TODAY, ALL)
    kept = leaf_days.kept_of(facts.warehouse)
    assert 0 < kept.bytes < leaf_days.DAY_BYTES + leaf_days.BLOCK_BYTES
    monkeypatch.setattr(leaf_days, "DAY_BYTES", 20_000)
    monkeypatch.setattr(leaf_days, "BLOCK_BYTES", 1)
    leaf_days._kept.pop(facts.warehouse)
    for scope in (ALL, SHOP_B, ALL):
        found = sweep(facts.warehouse, TODAY, scope)
        kept = leaf_days.kept_of(facts.warehouse)
        assert len(kept._blocks) == 1 and sum(days.bytes for days in kept._days.values()) <= 20_000
    assert [event.where for event in found.events] == [event.where for event in whole.events]


def test_a_begun_day_is_read_up_to_its_end(facts: Facts) -> None:
    usual(facts)
    late = [LAST + timedelta(hours=20, minutes=number) for number in range(45)]
    orders(facts, late, 1, "a")
    assert not _twice(facts, Period(LAST, LAST + timedelta(hours=20))).events
    assert _twice(facts, Period(LAST, LAST + timedelta(hours=23))).events[0].where["sku"] == "S1"


def test_a_room_on_the_air_just_now_makes_no_difference_to_hours_that_are_over() -> None:
    past = Room("douyin", "a", at("2024-04-28 19:00"), at("2024-04-29 01:00"))
    days = [(LAST - timedelta(days=back)).date() for back in (3, 2, 1, 0)]

    def airtime(now: datetime) -> Airtime:
        return Airtime((past, Room("douyin", "a", LAST + timedelta(hours=19), now)))

    early, late = (airtime(LAST + timedelta(hours=20, minutes=minutes)) for minutes in (10, 50))
    end = LAST + timedelta(hours=20)
    assert early != late and early.within(days, end) == late.within(days, end)
    for hours in (20, 24):
        own = late.within(days, LAST + timedelta(hours=hours))
        assert (own.minutes(past.place, days, hours) == late.minutes(past.place, days, hours)).all()
    before = late.within(days[:-1], LAST)
    assert before.rooms == (past,) and before.minutes(past.place, days, 24)[:3].sum() == 360
