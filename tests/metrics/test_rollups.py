"""Rollups equal the facts: for any question, and after any change of any days."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config
import metrics.parts as parts
from config import ROOT, Settings
from metrics import Period, Query, Scope, cache, query, sold_skus
from metrics.compile import compiled
from metrics.shape import Shape
from warehouse import Touched, Warehouse, chain, rollup, skus

START = datetime(2024, 1, 29)
DAYS = 45
_ROWS = """
INSERT INTO order_line BY NAME
SELECT ['douyin', 'tmall', 'jd'][(1 + hash(o, 1) % 3)::INT] AS platform, ['a', 'b'][(1 + hash(o, 2) % 2)::INT] AS shop,
       'o' || o AS order_id, 'l' || i AS line_id, 'c' || (hash(i, 3) % 3) AS category, 'p' || (hash(i,
              4) % 4) AS product_id,
       's' || (hash(i, 4) % 9) AS sku_id, CASE hash(i,
              5) % 4 WHEN 0 THEN NULL WHEN 1 THEN 'live' ELSE 'card' END AS channel,
       CASE hash(o, 6) % 4 WHEN 0 THEN NULL WHEN 1 THEN '江苏' ELSE '北京' END AS province,
       CASE WHEN hash(o, 7) % 5 = 0 THEN NULL ELSE hash(o, 8) % 40 END AS buyer,
       CASE WHEN hash(i, 9) % 7 = 0 THEN NULL ELSE 1 + hash(i, 9) % 3 END::BIGINT AS quantity,
       (hash(i, 10) % 9000 / 100)::DECIMAL(18,2) AS paid_amount, (hash(i,
              10) % 9000 / 100)::DECIMAL(18,2) AS payable_amount,
       CASE WHEN hash(i, 11) % 3 = 0 THEN NULL ELSE hash(i, 11) % 9000 / 90 END::DECIMAL(18,2) AS list_amount,
       CASE WHEN hash(i, 12) % 3 = 0 THEN NULL ELSE 3 END::DECIMAL(18,4) AS unit_cost,
       made AS created_at, CASE WHEN hash(o, 13) % 6 = 0 THEN NULL
              WHEN hash(o, 18) % 3 = 0 THEN made::DATE + INTERVAL 12 HOUR  -- several orders paid at once
              ELSE made + to_seconds((hash(o, 14) % 90000)::BIGINT) END AS paid_at,
       CASE WHEN hash(i, 19) % 3 > 0 THEN made + to_seconds((hash(o, 20) % 400000)::BIGINT) END AS promised_ship_at,
       CASE WHEN hash(i, 21) % 4 > 1 THEN made + to_seconds((hash(i, 22) % 400000)::BIGINT) END AS shipped_at,
       CASE WHEN hash(o, 13) % 6 > 0 THEN ['paid', 'part_shipped', 'finished', 'closed'][(1 + hash(i,
              23) % 4)::INT] WHEN hash(o, 15) % 2 = 0 THEN 'closed' ELSE 'unpaid' END AS status,
       i = o AS is_head, hash(o, 16) % 20 = 0 AS is_test, false AS time_estimated, made AS version,
              1 AS batch_id, i AS source_row
FROM (SELECT i, i - i % 3 AS o, ?::TIMESTAMP + to_seconds((hash(i - i % 3,
       17) % ?)::BIGINT) AS made FROM range(?, ?) AS t(i))
"""
TABLES = (*rollup.KEPT, skus.SKU_NUMBER)


def _fill(connection: Any, first: int, end: int) -> None:
    connection.execute(_ROWS, [START, DAYS * 86400, first, end]).fetchall()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    home = tmp_path_factory.mktemp("rollups")
    with Warehouse.open(replace(Settings(), home=home)) as opened:
        opened.write(lambda c: (_fill(c, 0, 1500), rollup.rebuild(c), opened.engine.raise_version(c)))
        yield opened


METRICS = (
    "gmv",
    "orders",
    "items",
    "order_value",
    "cogs",
    "discount_rate",
    "pay_seconds",
    "orders_created",
    "order_amount",
    "payment_rate",
    "cancel_rate",
    "buyers",
    "repeat_rate",
    "new_buyers",
    "aov",
    "unit_price",
    "units_per_order",
    "orders_per_buyer",
    "discount_amount",
    "new_buyer_share",
    "net_sales",
    "skus_sold",
    "new_buyer_gmv",
    "returning_buyer_gmv",
    "repurchase_rate_30",
    "orders_to_ship",
    "late_orders",
    "ship_on_time_rate",
    "ship_hours",
)
CASES = 2000  # a metric asked by some dimensions, grain, period and filters
TOGETHER, ALIKE = 8, 2  # metrics in one question, and questions of one shape, so that less is compiled
VALUES = {
    "platform": ("douyin", "tmall", "jd", "pdd"),
    "shop": ("a", "b"),
    "channel": ("live", "card", ""),
    "category": ("c0", "c1", "c2"),
    "province": ("江苏", "北京", ""),
    "weekday": ("1", "6"),
    "sku": ("s1", "s2"),
    "product": ("p1", "p2", "p3"),
    "hour": ("3", "12"),
}
_seconds = st.integers(0, DAYS * 86400)
_dates = st.integers(-3, DAYS + 3).map(lambda number: START + timedelta(days=number))
_moments = st.one_of(_dates, _dates, _seconds.map(lambda number: START + timedelta(seconds=number)))


@st.composite
def questions(draw: st.DrawFn) -> Query:
    first, end = sorted(draw(st.lists(_moments, min_size=2, max_size=2, unique=True)))
    chosen = draw(st.dictionaries(st.sampled_from(sorted(VALUES)), st.none(), max_size=2))
    filters = {
        name: tuple(draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=2, unique=True)))
        for name in chosen
    }
    return Query(
        metrics=tuple(draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=TOGETHER, unique=True))),
        dimensions=tuple(draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=2, unique=True))),
        grain=draw(st.sampled_from([None, None, "day", "week", "month", "hour", "quarter"])),
        period=draw(st.sampled_from([None, Period(first, end), Period(first, end), Period(first, end)])),
        filters=filters,
        compare=draw(st.sampled_from([None, None, "previous", "yesterday", "last_week"])),
    )


@st.composite
def alike(draw: st.DrawFn) -> list[Query]:
    """A question, and others of the same shape: the period moved by whole days, other values filtered by."""
    asked = draw(questions())
    found = [asked]
    for _ in range(ALIKE - 1):
        filters = {}
        for name, values in asked.filters.items():
            named = st.sampled_from([value for value in VALUES[name] if value])
            many = sum(bool(value) for value in values)
            picked = draw(st.lists(named, min_size=many, max_size=many, unique=True))
            filters[name] = (*picked, *(value for value in values if not value))
        step = timedelta(days=draw(st.integers(-30, 30)))
        period = asked.period
        moved = Period(period.start + step, period.end + step) if isinstance(period, Period) else period
        found.append(replace(asked, period=moved, filters=filters))
    return found


_by_facts = lru_cache(maxsize=64)(compiled.__wrapped__)


def _rows(warehouse: Warehouse, asked: Query) -> tuple[list[dict[str, Any]], bool]:
    """The rows, and whether a rollup gave any of them."""
    found = query(warehouse, asked, Scope.everything())
    return found.rows, any(f'"{name}"' in found.sql for name in TABLES)


def _from_facts(warehouse: Warehouse, asked: Query) -> list[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "rollup_for", lambda *_: None)
        patch.setattr(parts, "by_shipping", lambda *_: False)
        patch.setattr(sold_skus, "by_bits", lambda *_: False)
        patch.setattr(Shape, "history", None)
        patch.setattr(Shape, "first_of", None)
        patch.setattr(importlib.import_module("metrics.query"), "compiled", _by_facts)
        found = query(warehouse, asked, Scope.everything())
        tables = {item.table for item in rollup.ROLLUPS} | {skus.SKU_DAY, chain.BUYER_CHANNEL}
        assert not any(f'"{name}"' in found.sql for name in tables)
        return found.rows


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9)
    return bool(one == other)


def _hold(warehouse: Warehouse, asked: Query) -> bool:
    """Both roads give the same; whether the first took a rollup."""
    cache.enable(False)
    try:
        through_rollups, took = _rows(warehouse, asked)
        through_facts = _from_facts(warehouse, asked)
    finally:
        cache.enable(True)
    assert len(through_rollups) == len(through_facts)
    for mine, theirs in zip(through_rollups, through_facts, strict=True):
        assert mine.keys() == theirs.keys() and all(_equal(mine[name], theirs[name]) for name in mine), (mine, theirs)
    return took


@pytest.mark.timeout(1800)
def test_two_thousand_cases_through_rollups_equal_the_same_through_facts(shop: Warehouse) -> None:
    took: list[bool] = []

    @settings(
        max_examples=CASES // TOGETHER // ALIKE,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(some=alike())
    def hold(some: list[Query]) -> None:
        took.extend([_hold(shop, asked) for asked in some])

    hold()
    assert len(took) * TOGETHER >= CASES
    assert sum(took) >= len(took) // 4  # the others ask what only the facts can say


@pytest.mark.parametrize("grain", [None, "day", "week", "hour"])
@pytest.mark.parametrize("dims", [(), ("platform", "shop"), ("shop", "platform", "channel")])
def test_buyers_who_are_new_or_come_back_are_told_alike_by_chain_and_lines(
    shop: Warehouse, dims: tuple[str, ...], grain: Any
) -> None:
    people = ("buyers", "repeat_rate", "orders", "new_buyers", "new_buyer_gmv", "repurchase_rate_30")
    held = [{}, {"platform": ("jd",), "shop": ("a",)}, {"platform": ("douyin", "jd")}]
    for first, days in ((0, 12), (3, 5), (6, 20)):
        begin = START + timedelta(days=first)
        for end in (begin + timedelta(days=days), begin + timedelta(days=days, hours=9)):
            for filters in held:
                asked = Query(people, dims, grain, Period(begin, end), filters)
                _hold(shop, asked)
                _hold(shop, replace(asked, metrics=people[-1:]))
            _hold(shop, replace(asked, filters={}, compare="previous"))


def test_the_planner_does_take_rollups_and_facts_where_it_should(shop: Warehouse) -> None:
    config.freeze(datetime(2026, 1, 1))

    def sql(*names: str, **more: Any) -> str:
        return query(shop, Query(names, **more), Scope.everything()).sql

    whole = Period.days(date(2024, 2, 1), date(2024, 2, 9))
    assert '"sales_by_province"' in sql("gmv", "orders", period=whole, grain="week")
    begun = sql("gmv", period=Period(datetime(2024, 2, 1), datetime(2024, 2, 9, 14, 30)))
    assert (
        '"sales_by_province"' in begun and '"order_line"' in begun
    )  # whole days from the one, the rest from the other
    assert '"sales_by_channel"' in sql("gmv", period=whole, dimensions=("category",))
    assert '"created_by_province"' in sql("payment_rate", "cancel_rate", period=whole)
    assert '"buyer_order"' in sql("buyers", period=whole)
    assert '"sku_day"' in sql("skus_sold", period=whole, dimensions=("platform",), grain="week")
    for held in ({"dimensions": ("channel", "shop", "platform")}, {"filters": {"channel": ("live",)}}):
        by_channel = sql("buyers", "orders", "repeat_rate", period=whole, **held)
        assert '"buyer_channel"' in by_channel and '"order_line"' not in by_channel
    assert '"sales_by_product"' in sql("gmv", "items", period=whole, dimensions=("product",))
    assert '"order_line"' not in sql(
        "gmv", "orders", "payment_rate", "repeat_rate", period=whole, dimensions=("platform", "shop")
    )
    assert '"order_line"' in sql("orders", period=whole, dimensions=("category",))  # an order may lie in two categories
    assert '"order_line"' in sql("gmv", period=whole, grain="hour")
    assert '"order_line"' in sql("gmv", period=Period(datetime(2024, 2, 1, 6), datetime(2024, 2, 2)))
    assert '"order_line"' in sql(
        "buyers", period=whole, filters={"platform": ("jd", "tmall")}
    )  # neither all nor one shop


@pytest.mark.parametrize("dims", [("category",), ("channel", "category"), ("platform", "sku"), ("province",)])
def test_buyers_of_several_orders_are_those_whom_plain_sql_counts(shop: Warehouse, dims: tuple[str, ...]) -> None:
    keys = ", ".join(f"{'sku_id' if name == 'sku' else name} AS {name}" for name in dims)
    plain = shop.read(f"""
        SELECT {", ".join(dims)}, count(buyer) AS buyers,
               (count(*) FILTER (WHERE bought >= 2 AND buyer IS NOT NULL))::DOUBLE / nullif(count(buyer), 0)
                   AS repeat_rate
        FROM (SELECT {keys}, buyer, count(DISTINCT (platform, shop, order_id)) AS bought
              FROM order_line WHERE NOT is_test AND paid_at IS NOT NULL GROUP BY ALL)
        GROUP BY ALL ORDER BY ALL""").to_pylist()
    whole = Period(START, START + timedelta(days=DAYS + 9))
    found = query(shop, Query(("buyers", "repeat_rate"), dims, period=whole), Scope.everything()).rows
    assert [row for row in found if row["buyers"]] == [row for row in plain if row["buyers"]]
    assert any(row["repeat_rate"] for row in found)


def test_skus_sold_are_those_that_plain_sql_counts(shop: Warehouse) -> None:
    plain = shop.read("""
        SELECT category, strftime(date_trunc('week', paid_at), '%Y-%m-%d') AS week,
               count(DISTINCT (platform, shop, sku_id)) AS skus_sold
        FROM order_line WHERE NOT is_test AND paid_at IS NOT NULL AND channel = 'live' GROUP BY ALL""").to_pylist()
    whole = Period(START, START + timedelta(days=DAYS + 9))
    asked = Query(("skus_sold",), ("category",), grain="week", period=whole, filters={"channel": ("live",)})
    found = [row for row in query(shop, asked, Scope.everything()).rows if row["skus_sold"]]
    assert sorted(found, key=str) == sorted(({name: row[name] for name in found[0]} for row in plain), key=str)


def _content(connection: Any) -> dict[str, list[Any]]:
    return {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=str) for name in TABLES}


def _change(connection: Any, number: int) -> Touched:
    """Add, move, unpay and hide some rows; say which days that touched, as a load does."""
    days = "SELECT DISTINCT paid_at::DATE, created_at::DATE FROM order_line WHERE {where}"
    some = f"hash(order_id, {number}) % 23 = 0"
    touched = Touched()

    def note(where: str) -> None:
        for paid, created in connection.execute(days.format(where=where)).fetchall():
            touched.add("order_line", "paid_at", [paid])
            touched.add("order_line", "created_at", [created])

    note(some)
    change = (
        "paid_at = paid_at - INTERVAL 9 DAY",
        "is_test = NOT is_test",
        "paid_at = NULL",
        "buyer = 7",
        "paid_amount = 1",
        "shipped_at = CASE WHEN shipped_at IS NULL THEN created_at + INTERVAL 1 DAY END",
        "status = 'finished'",
    )[number % 7]
    connection.execute(f"UPDATE order_line SET {change} WHERE {some}").fetchall()
    note(some)
    if number % 2:
        _fill(connection, 1500 + 60 * number, 1560 + 60 * number)
        note(f"source_row >= {1500 + 60 * number}")
    return touched


def test_refreshing_the_touched_days_equals_computing_everything_again(tmp_path: Path) -> None:
    with Warehouse.open(replace(Settings(), home=tmp_path / "home")) as opened:
        opened.write(lambda c: (_fill(c, 0, 600), rollup.rebuild(c)))

        def work(connection: Any) -> None:
            for number in range(1, 9):
                rollup.refresh(connection, _change(connection, number))
                kept = _content(connection)
                rollup.rebuild(connection)
                assert kept == _content(connection), number

        opened.write(work)


def test_a_warehouse_loaded_before_shipping_was_kept_is_filled_at_its_opening(tmp_path: Path) -> None:
    asked = replace(Settings(), home=tmp_path / "home")
    with Warehouse.open(asked) as opened:
        opened.write(lambda c: (_fill(c, 0, 600), rollup.rebuild(c)))
        kept = opened.write(_content)
        opened.write(lambda c: [c.execute(f"DELETE FROM {name}") for name in (rollup.SHIPPING.table, rollup.UNSHIPPED)])
    with Warehouse.open(asked) as opened:
        assert kept[rollup.UNSHIPPED] and kept == opened.write(_content)


def test_declarations_and_tables_agree(shop: Warehouse) -> None:
    for item in rollup.ROLLUPS:
        with shop.reader() as cursor:
            columns = [row[0] for row in cursor.execute(f"DESCRIBE {item.table}").fetchall()]
        assert tuple(columns) == item.columns
    assert (ROOT / "warehouse" / "migrations" / "0002_rollups.sql").exists()
