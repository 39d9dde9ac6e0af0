# ruff: noqa: E501 - cells of files stand as they are
"""Orders told twice, by an order report and by a report of sub-orders, count once, whichever comes first."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.connectors.conftest import text_of
from warehouse import LoadReport, Warehouse

Load = Callable[..., list[LoadReport]]

ORDERS = [
    ["订单编号", "总金额", "买家实际支付金额", "收货地址 ", "订单创建时间", "订单付款时间 ", "退款金额"],
    ["11", "110.00", "80.00", "浙江省", "2026-10-01 10:00:00", "2026-10-01 10:05:00", "30.00"],
    ["12", "50.00", "50.00", "上海", "2026-10-01 11:00:00", "2026-10-02 00:01:00", "0"],
    ["13", "70.00", "0.00", "上海", "2026-10-01 12:00:00", "", "0"],
    ["14", "99.00", "99.00", "广东省", "2026-10-01 13:00:00", "2026-10-01 13:00:09", "0"],
]
ITEMS = [
    ["主订单编号", "子订单编号", "标题", "商家编码", "购买数量", "买家应付货款", "订单状态", "退款状态", "退款金额", "订单创建时间",
     "发货时间", "物流单号", "物流公司"],
    ['="11"', '="111"', "裙", "A", "1", "60.00", "交易成功", "退款成功", "30.00", "2026-10-01 10:00:00", "2026-10-02 09:00:00",
     "No:YT1", "圆通"],
    ['="11"', '="112"', "帽", "B", "2", "40.00", "交易成功", "没有申请退款", "无退款申请", "2026-10-01 10:00:00",
     "2026-10-02 09:00:00", " No:YT1", "圆通"],
    ['="12"', '="12"', "袜", "C", "1", "45.00", "买家已付款，等待卖家发货", "没有申请退款", "无退款申请", "2026-10-01 11:00:00",
     "", "", ""],
    ['="13"', '="13"', "鞋", "D", "1", "70.00", "等待买家付款", "没有申请退款", "无退款申请", "2026-10-01 12:00:00", "", "", ""],
]  # fmt: skip
OLD_ITEMS = [
    ["订单编号", "标题", "价格", "购买数量", "外部系统编号", "商品属性", "套餐信息", "备注", "订单状态", "商家编码"],
    ["11", "裙", "60.00", "1", "A", "红", "", "", "交易成功", "A"],
    ["11", "帽", "20.00", "2", "B", "蓝", "", "", "交易成功", "B"],
]
FILES = {"orders.csv": ORDERS, "items.csv": ITEMS}
LINES = (
    "SELECT order_id, line_id, sku_id, payable_amount::DECIMAL(18,2)::VARCHAR AS payable,"
    " paid_amount::DECIMAL(18,2)::VARCHAR AS paid, province, CAST(paid_at AS VARCHAR) AS paid_at, time_estimated, is_head, is_whole FROM order_line ORDER BY 1, 2"
)
BOTH = [
    ("11", "111", "A", "66.00", "66.00", "浙江", "2026-10-01 10:05:00", False),
    ("11", "112", "B", "44.00", "44.00", "浙江", "2026-10-01 10:05:00", False),
    ("12", "12", "C", "50.00", "50.00", "上海", "2026-10-02 00:01:00", False),
    ("13", "13", "D", "70.00", None, "上海", None, False),
    ("14", "14", None, "99.00", "99.00", "广东", "2026-10-01 13:00:09", True),
]


def put(load: Load, folder: Path, name: str, rows: Any) -> LoadReport:
    path = folder / name
    path.write_text(text_of(rows), "utf-8", newline="")
    (report,) = load(path)
    return report


def lines(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """The lines; that each order has one head is checked on the way."""
    rows = warehouse.read(LINES).to_pylist()
    heads: dict[str, int] = {}
    for row in rows:
        heads[row["order_id"]] = heads.get(row["order_id"], 0) + row.pop("is_head")
        row.pop("time_estimated")
    assert set(heads.values()) <= {1}
    return [tuple(row.values()) for row in rows]


def rolled_up(warehouse: Warehouse) -> tuple[Any, ...]:
    """Paid amount and orders of every day, from the rollup and from the facts."""
    rollup = "SELECT day, sum(paid_amount)::DECIMAL(18,2) AS paid, CAST(sum(order_count) AS BIGINT) AS orders FROM sales_by_province GROUP BY 1"
    facts = (
        "SELECT CAST(paid_at AS DATE) AS day, sum(paid_amount)::DECIMAL(18,2) AS paid, count(*) FILTER (is_head) AS orders"
        " FROM order_line WHERE paid_at IS NOT NULL GROUP BY 1"
    )
    one, other = (warehouse.read(f"FROM ({sql}) WHERE paid <> 0 ORDER BY 1").to_pylist() for sql in (rollup, facts))
    assert [list(row.values()) for row in one] == [list(row.values()) for row in other]
    return tuple(f"{value:.2f}" if isinstance(value, Decimal) else str(value) for row in one for value in row.values())


@pytest.mark.parametrize("order", list(permutations(FILES)))
def test_an_order_told_twice_counts_once_whichever_comes_first(
    load: Load, warehouse: Warehouse, tmp_path: Path, order: tuple[str, ...]
) -> None:
    reports = [put(load, tmp_path, name, FILES[name]) for name in order]
    assert [report.accepted for report in reports] == [4, 4]
    assert lines(warehouse) == BOTH
    assert rolled_up(warehouse) == ("2026-10-01", "209.00", "2", "2026-10-02", "50.00", "1")
    refunds = warehouse.read(
        "SELECT refund_id, CAST(CAST(amount AS DECIMAL(18,2)) AS VARCHAR) AS amount FROM refund ORDER BY 1"
    ).to_pylist()
    assert refunds == [{"refund_id": "refund-111", "amount": "30.00"}]
    again = [put(load, tmp_path, name, FILES[name]) for name in order]
    assert [(report.accepted, report.unchanged) for report in again] == [(0, 4), (0, 4)]
    assert lines(warehouse) == BOTH


@pytest.mark.parametrize("first", ["orders", "items"])
def test_lines_that_come_one_after_another_share_the_order(
    load: Load, warehouse: Warehouse, tmp_path: Path, first: str
) -> None:
    parts = [("a.csv", [ITEMS[0], ITEMS[1]]), ("b.csv", [ITEMS[0], *ITEMS[2:]])]
    for name, rows in [("o.csv", ORDERS), *parts] if first == "orders" else [*parts, ("o.csv", ORDERS)]:
        put(load, tmp_path, name, rows)
    assert lines(warehouse) == BOTH


def test_without_an_order_report_the_items_stand_alone(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    put(load, tmp_path, "items.csv", ITEMS)
    rows = warehouse.read(
        "SELECT line_id, paid_amount::DECIMAL(18,2)::VARCHAR AS paid, time_estimated FROM order_line ORDER BY 1"
    ).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("111", "60.00", True), ("112", "40.00", True), ("12", "45.00", True), ("13", None, False)
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(("orders", "items"))))
def test_old_items_take_their_time_from_the_order_report(
    load: Load, warehouse: Warehouse, tmp_path: Path, order: tuple[str, ...]
) -> None:
    for name in order:
        put(load, tmp_path, f"{name}.csv", ORDERS if name == "orders" else OLD_ITEMS)
    found = warehouse.read(
        "SELECT sku_id, paid_amount::DECIMAL(18,2)::VARCHAR AS paid, CAST(paid_at AS VARCHAR) AS at FROM order_line"
        " WHERE order_id = '11' ORDER BY 1"
    ).to_pylist()
    assert [tuple(row.values()) for row in found] == [
        ("A", "66.00", "2026-10-01 10:05:00"),
        ("B", "44.00", "2026-10-01 10:05:00"),
    ]


def test_a_whole_order_stands_again_when_its_lines_are_taken_out(
    load: Load, warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "items.csv"
    put(load, tmp_path, "orders.csv", ORDERS)
    before = lines(warehouse)
    path.write_text(text_of(ITEMS), "utf-8", newline="")
    load(path, source="taken_out")
    assert lines(warehouse) == BOTH
    warehouse.remove_batches("taken_out")
    assert lines(warehouse) == before
    assert rolled_up(warehouse)[1] == "209.00"
    assert warehouse.read("SELECT count(*) AS n FROM refund").to_pylist() == [{"n": 1}]
