"""Which days changed at which data version: what is kept by it must never outlive its rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.warehouse.samples import DAY, ORDERS, PRODUCTS, line, table_batch
from warehouse import Warehouse


def _version(warehouse: Warehouse, day: datetime) -> int:
    return warehouse.changed_at("order_line", "paid_at", day.date())


def _order(number: int, day: datetime, **more: object) -> dict[str, object]:
    return line(number, **{"product_id": f"P{number}", "category": None, "created_at": day, "paid_at": day} | more)


def test_a_day_changes_with_its_rows_and_with_what_is_filled_onto_them(warehouse: Warehouse) -> None:
    first, second = DAY, DAY + timedelta(days=1)
    warehouse.load(table_batch(ORDERS, [_order(1, first)]))
    begun = warehouse.data_version
    assert _version(warehouse, first) == begun
    warehouse.load(table_batch(ORDERS, [_order(2, second)]))
    assert (_version(warehouse, first), _version(warehouse, second)) == (begun, begun + 1)
    warehouse.load(table_batch(PRODUCTS, [{"product_id": "P1", "category": "茶"}]))  # the line of day one learns it
    assert (_version(warehouse, first), _version(warehouse, second)) == (begun + 2, begun + 1)
    later = DAY + timedelta(days=2)
    warehouse.load(table_batch(ORDERS, [_order(1, later)], observed=DAY + timedelta(days=9)))
    assert _version(warehouse, first) == _version(warehouse, later) == begun + 3  # the old day lost it
    assert warehouse.changed_at("refund", "success_at", first.date()) < begun


def test_what_does_not_say_what_it_touched_changes_everything(warehouse: Warehouse) -> None:
    warehouse.load(table_batch(ORDERS, [_order(1, DAY)]))
    warehouse.write(lambda connection: warehouse.engine.raise_version(connection))
    assert _version(warehouse, DAY) == warehouse.data_version == warehouse.changed_at("stock", "at", date(2020, 1, 1))
    warehouse.engine.data_version += 1  # past the door
    assert _version(warehouse, DAY) == warehouse.data_version
    warehouse.load(table_batch(ORDERS, [_order(2, DAY + timedelta(days=1))]))
    assert _version(warehouse, DAY) == warehouse.data_version


def test_a_transaction_that_fails_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.load(table_batch(ORDERS, [_order(1, DAY)]))
    before = _version(warehouse, DAY)

    def fail(connection: object) -> None:
        warehouse.engine.raise_version(connection)  # type: ignore[arg-type]
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        warehouse.write(fail)
    warehouse.load(table_batch(ORDERS, [_order(2, DAY + timedelta(days=1))]))
    assert _version(warehouse, DAY) == before
