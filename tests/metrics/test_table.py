"""Answers as columns, kept while their days stand: equal to `query`, load after load, and to nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

import config
from metrics import Period, Query, Scope, Why, explain, query, table
from metrics.corners import LEAVES
from metrics.explain import Explanation
from metrics.sides import Sides
from tests.metrics.facts import ALL, Facts, at
from tests.metrics.usual import LAST, incident, usual
from warehouse.model import Touched

NOW = LAST + timedelta(hours=20)
ASKED, BASE = Period(at("2024-04-25"), NOW), Period(at("2024-04-18"), NOW - timedelta(days=7))
SHOP_B = Scope("b", rows={"shop": ("b",)})
Cells = dict[Any, dict[str, float]]


@pytest.fixture(autouse=True)
def _evening() -> None:
    config.freeze(NOW)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    """The parameters of what was read."""
    found: list[tuple[Any, ...]] = []
    run = table._run

    def counted(warehouse: Any, sql: str, values: tuple[Any, ...]) -> Any:
        found.append(values)
        return run(warehouse, sql, values)

    monkeypatch.setattr(table, "_run", counted)
    yield found


def _sides(facts: Facts, scope: Scope = ALL, **more: Any) -> Sides:
    return Sides(facts.warehouse, scope, BASE, ASKED, **more)


def _told(facts: Facts, names: tuple[str, ...], dims: tuple[str, ...], scope: Scope = ALL) -> Cells:
    """Values of both sides by key, from `query`."""
    found: Cells = {}
    for side, period in enumerate((BASE, ASKED)):
        for row in query(facts.warehouse, Query(names, dims, period=period), scope).rows:
            cell = found.setdefault(tuple(row[name] for name in dims), {})
            cell.update({f"{name}__{side}": float(row[name] or 0) for name in names})
    return found


def _keyed(frame: pd.DataFrame, dims: tuple[str, ...]) -> Cells:
    found = {}
    for row in frame.to_dict("records"):
        key = tuple(None if pd.isna(row[name]) else row[name] for name in dims)
        assert key not in found
        found[key] = {name: value for name, value in row.items() if name not in dims}
    return found


def _equal(one: Cells, other: Cells) -> None:
    assert one.keys() == other.keys()
    for key, cell in one.items():
        for name, value in cell.items():
            assert value == pytest.approx(other[key].get(name, 0.0), abs=1e-9), (key, name)


def _load(facts: Facts, sql: str, touched: date) -> None:
    def work(connection: Any) -> None:
        connection.execute(sql).fetchall()
        said = Touched()
        for column in ("paid_at", "created_at"):
            said.add("order_line", column, [touched])
        from warehouse import rollup

        rollup.refresh(connection, said)
        facts.warehouse.engine.raise_version(connection, said)

    facts.warehouse.write(work)


_MORE = """INSERT INTO order_line BY NAME
           SELECT * REPLACE (line_id || 'more' AS line_id, order_id || 'more' AS order_id) FROM order_line
           WHERE paid_at::DATE = DATE '{day}' AND shop = 'a' AND paid_at < '{now}'"""


@pytest.mark.parametrize(
    ("names", "dims"),
    [
        (("gmv",), ("sku",)),
        (("gmv", "items"), ("platform", "province", "weekday")),
        (("orders",), ("channel", "hour")),
        (("aov", "buyers", "gmv"), ("category",)),
        (("gmv",), ("live_session",)),
    ],
)
def test_both_sides_are_those_of_query(facts: Facts, names: tuple[str, ...], dims: tuple[str, ...]) -> None:
    incident(usual(facts))
    facts.line("2024-04-26 10:00", 30.0, channel=None, province=None)
    facts.ready()
    for scope in (ALL, SHOP_B):
        _equal(_keyed(_sides(facts, scope).frame(names, dims), dims), _told(facts, names, dims, scope))


def test_a_load_of_today_leaves_the_days_before_unread(facts: Facts, runs: list[tuple[Any, ...]]) -> None:
    usual(facts)
    _sides(facts).frame(("gmv",), ("sku",))
    runs.clear()
    _load(facts, _MORE.format(day=LAST.date(), now=NOW), LAST.date())
    frame = _sides(facts).frame(("gmv",), ("sku",))
    assert len(runs) == 1 and LAST in runs[0] and BASE.start not in runs[0]
    _equal(_keyed(frame, ("sku",)), _told(facts, ("gmv",), ("sku",)))
    runs.clear()
    _load(facts, _MORE.format(day="2024-04-20", now=NOW), date(2024, 4, 20))
    _equal(_keyed(_sides(facts).frame(("gmv",), ("sku",)), ("sku",)), _told(facts, ("gmv",), ("sku",)))
    assert len(runs) == 1 and BASE.start in runs[0]


def _answer(found: Explanation) -> tuple[Any, ...]:
    dims = {
        name: sorted((str(part.value), round(part.contribution, 6), part.rest) for part in parts)
        for name, parts in found.dimensions.items()
    }
    causes = [(cause.where, round(cause.contribution, 6), cause.before, cause.after) for cause in found.located.causes]
    return found.value, found.base, found.splits, dims, causes, found.located.dims, found.beside, found.not_split


@pytest.mark.parametrize("metric", ["gmv", "orders", "refund_rate"])
def test_why_is_the_same_with_what_is_kept_and_without(facts: Facts, metric: str) -> None:
    incident(usual(facts))
    facts.refund("2024-04-27 10:00", 20.0, "2024-04-22 10:00", sku_id="S1", category="C0")
    facts.refund("2024-05-01 10:00", 20.0, "2024-04-29 10:00", sku_id="S2", category="C0")
    facts.ready()
    for day in (LAST.date(), date(2024, 4, 20), LAST.date()):
        kept = explain(facts.warehouse, Why(metric, ASKED, BASE), ALL)
        table._kept.pop(facts.warehouse)
        assert _answer(kept) == _answer(explain(facts.warehouse, Why(metric, ASKED, BASE), ALL))
        _load(facts, _MORE.format(day=day, now=NOW).replace("'more'", f"'more{facts.warehouse.data_version}'"), day)


def test_what_one_may_see_is_never_kept_for_another(facts: Facts, runs: list[tuple[Any, ...]]) -> None:
    usual(facts)
    whole, own = (_sides(facts, scope).frame(("gmv",), ("shop",)) for scope in (ALL, SHOP_B))
    assert set(whole["shop"]) == {"a", "b"} and set(own["shop"]) == {"b"}
    narrow = _sides(facts, filters={"channel": ("live",)}).frame(("gmv",), ("shop",))
    assert 0 < narrow["gmv__1"].sum() < whole["gmv__1"].sum()


def test_many_combinations_are_seen_beforehand_and_few_are_not_denied(facts: Facts) -> None:
    usual(facts)
    sides, dims = _sides(facts), ("sku", "province", "channel", "shop")
    count = len(sides.frame(("gmv",), dims))
    told = [sides.many(("gmv",), dims, most) for most in (5, 50, count, LEAVES)]
    assert told == [True, True, False, False]
    assert not sides.many(("buyers",), dims, 5)  # of what does not add up nothing is said


def test_memory_is_bounded(facts: Facts, monkeypatch: pytest.MonkeyPatch, runs: list[tuple[Any, ...]]) -> None:
    usual(facts)
    monkeypatch.setattr(table, "BYTES", 1)
    for _ in range(2):
        _sides(facts).frame(("gmv",), ("sku",))
    assert len(runs) == 6 and not table._answers(facts.warehouse)._known
    assert datetime(2024, 4, 18) in runs[0]
