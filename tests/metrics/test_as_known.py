"""What was known at a moment is what was answered at that moment, whatever has been loaded since."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import config
from metrics import Period, Query, Scope, query
from metrics.facts import AXES
from tests.warehouse.samples import DAY, ORDERS, PRODUCTS, REFUNDS, UNIT_COSTS, line, settings_in, table_batch
from warehouse import Warehouse
from warehouse.batch import Field, Into, RowSpec
from warehouse.vintage import VINTAGES

ALL = Scope.everything()
SALES = ("gmv", "order_value", "net_sales", "refund_rate", "refund_rate_cohort", "cogs", "order_amount", "unit_price")
BY_CATEGORY = ("gmv", "net_sales", "cogs", "unit_price", "refund_rate_cohort", "gross_margin")
MARCH = Period(DAY, DAY + timedelta(days=6))
QUESTIONS = (
    Query(SALES),
    Query(SALES, grain="day"),
    Query(SALES, ("platform", "shop"), period=MARCH),
    Query(BY_CATEGORY, ("category",), grain="week"),
    Query(("gmv",), ("weekday",), filters={"category": ("鞋", "")}),
    Query(("gmv", "refund_amount"), period="last_7_days", filters={"shop": ("甲",)}),
)

orders = st.fixed_dictionaries(
    {
        "order": st.integers(1, 8),
        "day": st.integers(0, 5),
        "total": st.integers(1, 90),
        "paid": st.booleans(),
        "quantity": st.sampled_from([None, 1, 3]),
        "status": st.sampled_from(["已支付", "已关闭"]),
        "category": st.sampled_from([None, "鞋", "包"]),
    }
)
refunds = st.fixed_dictionaries({"refund": st.integers(1, 4), "order": st.integers(1, 8), "day": st.integers(0, 7)})
steps = st.lists(
    st.one_of(
        st.tuples(st.just("orders"), st.lists(orders, min_size=1, max_size=5), st.sampled_from(["甲", "乙"])),
        st.tuples(st.just("refunds"), st.lists(refunds, min_size=1, max_size=3), st.sampled_from(["甲", "乙"])),
        st.tuples(st.just("costs"), st.lists(st.integers(1, 9), min_size=1, max_size=1), st.just("甲")),
        st.tuples(st.just("products"), st.lists(st.sampled_from(["鞋", "帽"]), min_size=1, max_size=1), st.just("甲")),
    ),
    min_size=2,
    max_size=6,
)


def _batch(step: tuple[str, list[Any], str], number: int) -> Any:
    kind, rows, shop = step
    observed = DAY + timedelta(days=10 + number)
    if kind == "orders":
        made = [
            line(
                row["order"],
                total=f"{row['total']}.37",
                category=row["category"],
                quantity=row["quantity"],
                status=row["status"],
                created_at=DAY + timedelta(days=row["day"], hours=9),
                paid_at=DAY + timedelta(days=row["day"], hours=10) if row["paid"] else None,
            )
            for row in {row["order"]: row for row in rows}.values()
        ]
        return table_batch(ORDERS, made, observed=observed, shop=shop)
    if kind == "refunds":
        made = [
            {
                "refund_id": row["refund"],
                "order_id": row["order"],
                "amount": 3,
                "success_at": DAY + timedelta(row["day"]),
            }
            for row in rows
        ]
        return table_batch(replace(REFUNDS, statuses={}), made, observed=observed, shop=shop)
    if kind == "costs":
        made = [{"sku_id": "S1", "valid_from": "2026-01-01", "amount": rows[0]}]
        return table_batch(UNIT_COSTS, made, observed=observed, shop=shop)
    return table_batch(PRODUCTS, [{"product_id": 7, "category": rows[0]}], observed=observed, shop=shop)


def _answers(warehouse: Warehouse, as_known: datetime | None) -> list[Any]:
    found = [query(warehouse, replace(asked, as_known=as_known), ALL) for asked in QUESTIONS]
    return [(one.rows, one.notes, one.period, one.as_of, one.complete_through, one.late_sources) for one in found]


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes, and the steps are few as they are
)
@given(steps=steps)
def test_as_known_then_is_what_was_answered_then(tmp_path_factory: pytest.TempPathFactory, steps: list[Any]) -> None:
    live: list[tuple[datetime, list[Any]]] = []
    with Warehouse.open(settings_in(tmp_path_factory.mktemp("home"))) as warehouse:
        try:
            for number, step in enumerate(steps):
                moment = DAY + timedelta(days=8, hours=number)
                config.freeze(moment)
                warehouse.load(_batch(step, number))
                live.append((moment, _answers(warehouse, None)))
        finally:
            config.freeze(None)
        for moment, answers in live:
            assert _answers(warehouse, moment) == answers, moment
        assert _answers(warehouse, live[0][0] - timedelta(seconds=1))[0][0][0]["gmv"] is None


def _two_loads(home: Path) -> Warehouse:
    warehouse = Warehouse.open(settings_in(home))
    for number, total in enumerate(("10.00", "25.50")):
        config.freeze(DAY + timedelta(days=3 + number))
        created = {"created_at": DAY + timedelta(hours=9), "paid_at": DAY + timedelta(hours=10)}
        again = {"created_at": DAY + timedelta(days=1, hours=9), "paid_at": DAY + timedelta(days=1, hours=10)}
        rows = [line(1, total=total, **created), line(2 + number, total="5.00", **again)]
        warehouse.load(table_batch(ORDERS, rows, observed=DAY + timedelta(days=3 + number)))
    return warehouse


def test_comparisons_hold_whole_days_of_then_against_each_other(tmp_path: Path) -> None:
    first = DAY + timedelta(days=3)
    second = Period(DAY + timedelta(days=1), DAY + timedelta(days=2))
    with _two_loads(tmp_path) as warehouse:
        then = query(warehouse, Query(("gmv",), period=second, compare="yesterday", as_known=first), ALL)
        now = query(warehouse, Query(("gmv",), period=second, compare="yesterday", as_known=None), ALL)
        gone = query(warehouse, Query(("gmv",), period=second, compare="last_year", as_known=first), ALL)
    assert [(row["gmv"], row["gmv__base"]) for row in then.rows] == [(5.0, None)] and then.notes["gmv__base"]
    assert [row["gmv"] for row in now.rows] == [10.0] and gone.rows[0]["gmv"] == 5.0


def test_what_is_not_kept_is_null_and_says_so(tmp_path: Path) -> None:
    then = DAY + timedelta(days=3)
    with _two_loads(tmp_path) as warehouse:
        asked = Query(("gmv", "buyers", "visitors", "orders", "target"), as_known=then)
        total = query(warehouse, asked, ALL)
        cut = query(warehouse, replace(asked, metrics=("gmv", "orders"), dimensions=("category",)), ALL)
    assert {name: total.rows[0][name] for name in asked.metrics} == {
        "gmv": 15.0,
        "buyers": None,
        "visitors": None,
        "orders": 2,
        "target": None,
    }
    assert set(total.notes.items()) >= {(name, "as_known_unkept") for name in ("buyers", "visitors", "target")}
    assert (cut.rows[0]["gmv"], cut.rows[0]["orders"], cut.notes) == (15.0, None, {"orders": "as_known_unkept"})


def test_what_was_known_of_live_sessions(tmp_path: Path) -> None:
    """A session told half-way and again at its end; its minutes are not kept."""
    whole = {name: name for name in ("live_session", "started_at", "viewers", "likes", "gmv")}
    fields = (Field("live_session", "id", True), Field("started_at", "time", True))
    spec = RowSpec(
        "live",
        (*fields, Field("viewers", "int"), Field("likes", "int"), Field("gmv", "money")),
        (Into("live_session", whole),),
        event_time="started_at",
    )
    names = ("live_sessions", "live_gmv", "live_interaction_rate", "live_minutes")
    with Warehouse.open(settings_in(tmp_path)) as warehouse:
        for number, (viewers, gmv) in enumerate(((100, "50.10"), (300, "90.30"))):
            config.freeze(DAY + timedelta(days=1, hours=number))
            row = {"live_session": "L1", "started_at": DAY + timedelta(hours=20), "viewers": viewers,
                   "likes": 30, "gmv": gmv}  # fmt: skip
            warehouse.load(table_batch(spec, [row], observed=DAY + timedelta(days=1, hours=number), shop="甲"))
        config.freeze(DAY + timedelta(days=2))
        found = [
            query(warehouse, Query(names, as_known=at), ALL).rows[0]
            for at in (DAY, DAY + timedelta(days=1, minutes=5), None)
        ]
    config.freeze(None)
    assert found[0]["live_gmv"] is None
    assert [found[1][name] for name in names] == [1, 50.1, 0.3, None]
    assert [found[2][name] for name in names[:3]] == [1, 90.3, 0.1]


def test_every_vintage_belongs_to_an_axis() -> None:
    axes = {(axis.table, axis.time, axis.where) for axis in AXES.values()}
    assert all((item.cells.fact, item.cells.time, item.cells.where) in axes for item in VINTAGES)
