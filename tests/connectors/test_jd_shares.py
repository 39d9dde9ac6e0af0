"""JD tells an order's amount and pieces, no price: its goods share it as they go for in orders of their own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.connectors.conftest import text_of
from warehouse import Warehouse

HEADER = ["订单号", "商品ID", "商品名称", "订购数量", "结算金额", "订单状态", "商家SKUID", "下单时间", "付款确认时间"]
COSTS = [["商家编码", "成本价", "生效日期"], ["A-1", "60", "2026-09-01"], ["C-1", "20", "2026-09-01"]]
ALONE = [("1", "A", 1, "100", "10-01"), ("2", "B", 2, "40", "10-01")]  # A goes for 100, B for 20


def _rows(*orders: tuple[str, str, int, str, str]) -> list[list[str]]:
    """(order, good, pieces, the order's amount, day) as the file has them."""
    return [
        [order, f"1000{'ABCD'.find(good[:1])}", good, str(pieces), amount, "完成", f"{good}-1", f"2026-{day} 10:00:00",
         f"2026-{day} 10:00:30"]
        for order, good, pieces, amount, day in orders
    ]  # fmt: skip


def _told(load, warehouse: Warehouse, path: Path, rows: list[list[str]]) -> dict[tuple[str, str], Decimal]:
    path.write_text(text_of([HEADER, *rows]), "utf-8", newline="")
    for report in load(path):
        assert report.quarantined == 0
    sql = "SELECT order_id, product_name, paid_amount FROM order_line WHERE platform = 'jd'"
    return {(row["order_id"], row["product_name"]): row["paid_amount"] for row in warehouse.read(sql).to_pylist()}


def test_goods_share_an_order_as_they_go_for_alone(load, warehouse: Warehouse, tmp_path: Path) -> None:
    both = [("3", "A", 1, "140", "10-05"), ("3", "B", 2, "140", "10-05")]
    cheap = [("4", "A", 1, "70.01", "10-05"), ("4", "B", 2, "70.01", "10-05")]  # half price, and a cent that is left
    equal = [("5", "A", 1, "100", "10-05"), ("5", "A2", 1, "100", "10-05")]
    rows = _rows(*ALONE, *both, *cheap) + [
        [*row[:1], "10009" if row[2] == "A2" else row[1], *row[2:]] for row in _rows(*equal)
    ]
    found = _told(load, warehouse, tmp_path / "a.csv", rows)
    assert (found["3", "A"], found["3", "B"]) == (Decimal(100), Decimal(40))
    assert (found["4", "A"], found["4", "B"]) == (Decimal("50.01"), Decimal("20"))
    assert found["5", "A"] == found["5", "A2"] == Decimal(50), "what is not known alone is shared by pieces"
    (again,) = load(tmp_path / "a.csv")
    assert (again.accepted, again.unchanged) == (0, len(rows))


def test_prices_are_those_of_the_days_before_the_order(load, warehouse: Warehouse, tmp_path: Path) -> None:
    dearer = [("6", "B", 1, "100", "10-20")]  # B now goes for as much as A
    before, after = ([(order, good, 1, "120", day) for good in "AB"] for order, day in (("7", "10-10"), ("8", "10-21")))
    found = _told(load, warehouse, tmp_path / "a.csv", _rows(*ALONE, *before, *dearer, *after))
    assert (found["7", "A"], found["7", "B"]) == (Decimal(100), Decimal(20))
    assert (found["8", "A"], found["8", "B"]) == (Decimal(60), Decimal(60))
    late = [(order, good, 1, "120", "10-22") for order in ("9",) for good in "AB"]
    found = _told(load, warehouse, tmp_path / "b.csv", _rows(*late))
    assert (found["9", "A"], found["9", "B"]) == (Decimal(60), Decimal(60)), "prices of earlier files"


def test_goods_never_sold_alone_share_by_cost(load, warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "cost.csv").write_text(text_of(COSTS), "utf-8", newline="")
    list(load(tmp_path / "cost.csv"))
    pair = [("3", good, 1, "80", "10-05") for good in "AC"]
    unknown = [("4", good, 1, "80", "10-05") for good in "AD"]
    found = _told(load, warehouse, tmp_path / "a.csv", _rows(*ALONE, *pair, *unknown))
    assert (found["3", "A"], found["3", "C"]) == (Decimal(60), Decimal(20))
    assert (found["4", "A"], found["4", "D"]) == (Decimal(40), Decimal(40))


@pytest.mark.parametrize("amount", ["33.33", "0.02", "1234567.89"])
def test_an_order_adds_up_to_the_cent(load, warehouse: Warehouse, tmp_path: Path, amount: str) -> None:
    three = [("3", "A", 3, amount, "10-05"), ("3", "B", 1, amount, "10-05"), ("3", "C", 2, amount, "10-05")]
    alone = [*ALONE, ("9", "C", 1, "7.77", "10-02")]
    found = _told(load, warehouse, tmp_path / "a.csv", _rows(*alone, *three))
    assert sum(found["3", good] for good in "ABC") == Decimal(amount)
