"""Refunds in part where an order's own file tells their amount, and JD's, which only its statement tells."""

from __future__ import annotations

from pathlib import Path

from config import Settings
from tests.connectors.conftest import text_of
from tests.connectors.samples import SAMPLES
from warehouse import Warehouse


def _refunds(load, warehouse: Warehouse, tmp_path: Path, rows: list[list[str]]) -> list[tuple]:
    path = tmp_path / "a.csv"
    path.write_text(text_of(rows), "utf-8", newline="")
    (report,) = load(path)
    assert report.quarantined == 0
    sql = "SELECT order_id, amount, status, success_at, estimated FROM refund ORDER BY order_id"
    return [tuple(str(cell) for cell in row.values()) for row in warehouse.read(sql).to_pylist()]


def _with(rows: list[list[str]], header: str, cells: dict[str, str], where: str) -> list[list[str]]:
    """Rows with one more column, filled by the cell under `where`."""
    at = rows[0].index(where)
    return [[*rows[0], header], *([*row, cells.get(row[at], "-")] for row in rows[1:])]


def test_pinduoduo_and_kuaishou_tell_what_went_back(load, warehouse: Warehouse, tmp_path: Path) -> None:
    sold = [list(row) for row in SAMPLES["pdd_orders"]]
    state = sold[0].index("售后状态")
    sold[1][state] = "退款成功"
    told = _with(
        sold, "退款金额(元)", {"261001-123456789010001": "120.50", "261003-123456789010003": "29.00"}, "订单号"
    )
    assert _refunds(load, warehouse, tmp_path, told) == [
        ("261001-123456789010001", "120.500000", "success", "2026-10-01 10:00:00", "True"),
        ("261003-123456789010003", "29.000000", "success", "2026-10-03 08:00:00", "True"),
    ]
    sold = [list(row) for row in SAMPLES["kuaishou_orders"]]
    sold[1][sold[0].index("售后状态")] = "部分退款成功"
    told = _with(sold, "退款金额", {"2406100000000001": "¥96.00"}, "订单号")
    found = _refunds(load, warehouse, tmp_path, told)
    assert [row[:2] for row in found if row[0].startswith("24")] == [
        ("2406100000000001", "96.000000"),
        ("2406100000000002", "60.000000"),
    ]


def test_a_jd_statement_tells_refunds(load, warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    rows = [list(row) for row in SAMPLES["jd_settlement"][:3]]
    back = dict(zip(rows[0], rows[1], strict=True)) | {
        "售后服务单号": "8800000001", "售后退款时间": "2026-10-08 09:00:00", "应结金额": "45.00", "收支方向": "支出"
    }  # fmt: skip
    found = _refunds(load, warehouse, tmp_path, [*rows, list(back.values())])
    assert found == [("330100000001", "45.000000", "success", "2026-10-08 09:00:00", "False")]
    settled = warehouse.read("SELECT sum(amount) AS n FROM settlement WHERE item = 'income'").to_pylist()[0]["n"]
    assert str(settled) == "255.00"
