"""Vintages: what each load made known, through rebuild, removal and the first start after they were introduced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import config
from tests.warehouse.samples import (
    DAY,
    ORDERS,
    REFUNDS,
    csv_text,
    line,
    reader,
    settings_in,
    text_batch,
    with_kind,
)
from warehouse import Warehouse
from warehouse.rebuild import rebuild
from warehouse.vintage import COVERAGE, VINTAGES

SPECS = {"orders": ORDERS, "refunds": REFUNDS}


@pytest.fixture(autouse=True)
def _clock() -> Any:
    yield
    config.freeze(None)


def _load(warehouse: Warehouse, folder: Any, hours: int, rows: list[dict[str, Any]], spec: Any = ORDERS, **more: Any):
    config.freeze(DAY + timedelta(days=4, hours=hours))
    observed = DAY + timedelta(days=4, hours=hours)
    name = f"{spec.kind}-{hours}.csv"
    return warehouse.load(with_kind(text_batch(folder, spec, csv_text(rows), name=name, observed=observed, **more)))


def _history(warehouse: Warehouse, folder: Any) -> None:
    _load(warehouse, folder, 0, [line(1), line(2), line(3, paid_at=None)])
    _load(warehouse, folder, 1, [line(1, total="12.50"), line(4, province="浙江省")])
    late = {"refund_id": "r1", "order_id": 1, "amount": 3, "success_at": DAY + timedelta(days=1)}
    _load(warehouse, folder, 2, [late], REFUNDS)
    _load(warehouse, folder, 3, [line(2, paid_at=DAY + timedelta(days=2))])


def kept(warehouse: Warehouse) -> dict[str, Any]:
    """Every vintage, and every row of coverage's."""
    tables = (*(item.cells.table for item in VINTAGES), COVERAGE)
    return {table: warehouse.read(f"SELECT * FROM {table} ORDER BY ALL").to_pylist() for table in tables}


def _summed(warehouse: Warehouse) -> dict[str, Any]:
    """What all vintages add up to, without cells that came to nothing."""
    found = {}
    for item in VINTAGES:
        keys = ", ".join(item.keys)
        values = ", ".join(f"sum({name}) AS {name}" for name in item.columns)
        found[item.cells.table] = warehouse.read(
            f"SELECT {keys}, {values} FROM {item.cells.table} GROUP BY {keys} HAVING sum(line_count) > 0 ORDER BY ALL"
        ).to_pylist()
    return found


def test_a_load_adds_the_difference_it_made_and_nothing_else(warehouse: Warehouse, tmp_path: Any) -> None:
    _history(warehouse, tmp_path)
    sql = "SELECT day, batch_id, line_count, paid_amount FROM vintage_sales ORDER BY known_at, day"
    rows = [(str(row["day"]), *list(row.values())[1:]) for row in warehouse.read(sql).to_pylist()]
    assert [(day, batch, lines, float(paid)) for day, batch, lines, paid in rows] == [
        ("2026-03-01", 1, 2, 20.0),
        ("2026-03-01", 2, 1, 12.5),
        ("2026-03-01", 4, -1, -10.0),
        ("2026-03-03", 4, 1, 10.0),
    ]
    before = kept(warehouse)
    _load(warehouse, tmp_path, 5, [line(4, province="浙江省")])
    assert kept(warehouse) == before, "nothing changed"
    _load(warehouse, tmp_path, 6, [line(4, province="浙江省", status="已完成")])
    assert kept(warehouse) == before, "what changed is in no vintage"


def test_vintages_come_back_with_a_rebuild(tmp_path: Any) -> None:
    settings = settings_in(tmp_path / "home")
    with Warehouse.open(settings) as warehouse:
        _history(warehouse, tmp_path)
        _load(warehouse, tmp_path, 4, [line(50), line(1)], source="demo", shop="演示")
        warehouse.remove_batches("demo")
        live = kept(warehouse)
    config.freeze(DAY + timedelta(days=90))
    assert rebuild(settings, reader(SPECS, tmp_path)).failed == []
    with Warehouse.open(settings) as warehouse:
        assert kept(warehouse) == live
        assert warehouse.read("SELECT max(loaded_at) AS at FROM load_batch").to_pylist() == [
            {"at": DAY + timedelta(days=4, hours=3)}
        ]


def test_what_a_removal_leaves_is_put_right(warehouse: Warehouse, tmp_path: Any) -> None:
    _load(warehouse, tmp_path, 0, [line(1, total="10.00")], source="demo")
    _load(warehouse, tmp_path, 1, [line(1, total="15.00"), line(2)])
    config.freeze(DAY + timedelta(days=5))
    warehouse.remove_batches("demo")
    (row,) = _summed(warehouse)["vintage_sales"]
    (live,) = warehouse.read("SELECT sum(paid_amount) AS paid, sum(line_count) AS n FROM sales_by_province").to_pylist()
    assert (row["paid_amount"], row["line_count"]) == (live["paid"], live["n"])


def test_a_warehouse_from_before_gets_its_days_as_they_were_last_loaded(tmp_path: Any) -> None:
    settings = settings_in(tmp_path / "home")
    with Warehouse.open(settings) as warehouse:
        _history(warehouse, tmp_path)
        full, live = _summed(warehouse), kept(warehouse)[COVERAGE]
        warehouse.write(
            lambda connection: [
                connection.execute(f"DELETE FROM {table}").fetchall()
                for table in (COVERAGE, *(item.cells.table for item in VINTAGES))
            ]
        )
    config.freeze(DAY + timedelta(days=90))
    with Warehouse.open(settings) as warehouse:
        assert _summed(warehouse) == full
        times = warehouse.read("SELECT DISTINCT day, known_at FROM vintage_sales ORDER BY day").to_pylist()
        assert [row["known_at"] for row in times] == [
            DAY + timedelta(days=4, hours=1),
            DAY + timedelta(days=4, hours=3),
        ]
        assert live
        before = kept(warehouse)
    with Warehouse.open(settings) as warehouse:
        assert kept(warehouse) == before, "only once"
