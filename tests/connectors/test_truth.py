"""Files as merchants really have them: no money merged away, nothing known wiped by a dash, nobody made up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.connectors.conftest import text_of
from tests.connectors.samples import SAMPLES
from warehouse import LoadReport, Warehouse

Load = Callable[..., list[LoadReport]]


def put(load: Load, path: Path, rows: Any, **how: Any) -> LoadReport:
    """Load these rows as a CSV of this name."""
    path.write_text(text_of(rows), "utf-8", newline="")
    (report,) = load(path, **how)
    return report


def test_costs_of_one_sort_on_one_day_are_all_kept(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    header = ["日期", "平台", "店铺", "费用项目", "明细", "金额"]
    rows = [
        ["2026-10-01", "抖音", "甲", "房租", "", "3000"],
        ["2026-10-01", "抖音", "甲", "水电", "", "200"],
        ["2026-10-01", "抖音", "甲", "其他", "保险", "50"],
        ["2026-10-01", "抖音", "甲", "平台扣点", "", "10"],
        ["2026-10-01", "抖音", "甲", "技术服务费", "", "5"],
    ]
    report = put(load, tmp_path / "a.csv", [header, *rows])
    assert (report.accepted, report.unchanged) == (5, 0)
    sums = warehouse.read("SELECT item, sum(amount) AS amount FROM cost GROUP BY item ORDER BY item").to_pylist()
    assert [(row["item"], row["amount"]) for row in sums] == [("other", Decimal(3250)), ("platform_fee", Decimal(15))]
    again = put(load, tmp_path / "b.csv", [header, ["2026-10-01", "抖音", "甲", "水电", "", "250"]])
    assert again.accepted == 1
    assert warehouse.read("SELECT amount FROM cost WHERE detail = '水电'").to_pylist() == [{"amount": Decimal(250)}]


def test_a_cost_edited_in_the_browser_stays_one_cost(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    """The page writes the code of the item and the sheet's own words beside it."""
    from components import sheet_tables

    put(load, tmp_path / "a.csv", SAMPLES["sheet_costs"])
    sheet = sheet_tables.SHEETS["costs"]
    context: Any = type("Context", (), {"warehouse": warehouse})
    before = sheet_tables.rows(context, sheet)
    edited = [{**row, "amount": "99.5"} for row in before if row["item"] == "logistics"]
    (tmp_path / "costs.csv").write_bytes(sheet_tables.as_csv(sheet, edited))
    (report,) = load(tmp_path / "costs.csv", kind="sheet_costs")
    assert report.accepted == 1
    after = sheet_tables.rows(context, sheet)
    assert len(after) == len(before) and "99.5" in [row["amount"] for row in after]


def with_cells(rows: list[list[str]], line: int, **cells: str) -> list[list[str]]:
    """The rows with some cells of one line changed, named by header."""
    out = [list(row) for row in rows]
    for header, text in cells.items():
        out[line][rows[0].index(header)] = text
    return out


def known(warehouse: Warehouse) -> tuple[Any, ...]:
    (row,) = warehouse.read(
        "SELECT channel, province, buyer, creator, status FROM order_line WHERE line_id = '6930000000000000001'"
    ).to_pylist()
    return row["channel"], row["province"], row["buyer"] is not None, row["creator"], row["status"]


LATE: dict[str, str] = {
    "流量体裁": "数据将于第二天更新", "流量渠道": "-", "广告渠道": "-", "省": "-", "收件人手机号": "138****1234",
    "达人ID": "-", "订单状态": "已发货",
}  # fmt: skip


def test_what_is_told_a_day_late_arrives_and_is_not_wiped_again(
    load: Load, warehouse: Warehouse, tmp_path: Path
) -> None:
    rows = [list(row) for row in SAMPLES["doudian_orders"]]
    late = with_cells(rows, 1, **LATE)
    accepted = [
        put(load, tmp_path / name, content).accepted
        for name, content in (("1791430000_a.csv", late), ("1791440000_b.csv", rows), ("1791450000_c.csv", late))
    ]
    assert accepted == [4, 1, 1]  # the last one changes the status back, and nothing else
    assert known(warehouse) == ("live", "广东", True, "88012", "shipped")
    assert put(load, tmp_path / "1791450000_c.csv", late).accepted == 0


def test_an_older_export_fills_what_a_newer_one_did_not_know(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [list(row) for row in SAMPLES["doudian_orders"]]
    late = with_cells(rows, 1, **LATE)
    put(load, tmp_path / "1791450000_new.csv", late)
    assert known(warehouse) == (None, None, False, None, "shipped")
    assert put(load, tmp_path / "1791430000_old.csv", rows).accepted == 1
    assert known(warehouse) == ("live", "广东", True, "88012", "shipped")
    assert put(load, tmp_path / "1791430000_old.csv", rows).accepted == 0


def test_a_line_that_comes_twice_in_a_file_keeps_what_either_row_knows(
    load: Load, warehouse: Warehouse, tmp_path: Path
) -> None:
    rows = [list(row) for row in SAMPLES["doudian_orders"]]
    put(load, tmp_path / "1791430000_a.csv", [*rows, with_cells(rows, 1, **LATE)[1]])
    assert known(warehouse) == ("live", "广东", True, "88012", "shipped")


def test_a_masked_phone_is_nobody(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [list(row) for row in SAMPLES["doudian_orders"]]
    for line in range(1, len(rows)):
        rows = with_cells(rows, line, 收件人手机号="138****1234")
    put(load, tmp_path / "1791430000_a.csv", rows)
    assert warehouse.read("SELECT count(buyer) AS n FROM order_line").to_pylist() == [{"n": 0}]


def test_a_first_cell_that_begins_with_a_hash_is_no_footer(load: Load, warehouse: Warehouse, tmp_path: Path) -> None:
    """Columns come in any order; names of products and the platform's ciphers may begin with `#`."""
    header = SAMPLES["doudian_orders"][0]
    for number, first in enumerate(("收件人", "选购商品")):
        rows = with_cells([list(row) for row in SAMPLES["doudian_orders"]], 1, 选购商品="#爆款# 连衣裙")
        at = header.index(first)
        moved = [[row[at], *row[:at], *row[at + 1 :]] for row in rows]
        report = put(load, tmp_path / f"179143000{number}_a.csv", moved)
        assert (report.rows_read, report.quarantined) == (4, 0)
    rows = [["活动", "平台", "开始时间", "结束时间"], ["#双11#", "抖音", "2026-11-01", "2026-11-11"]]
    assert put(load, tmp_path / "b.csv", rows, kind="sheet_campaigns").accepted == 1


def test_total_rows_of_order_exports_are_told(load: Load, tmp_path: Path) -> None:
    rows = [list(row) for row in SAMPLES["doudian_orders"]]
    report = put(load, tmp_path / "1791430000_a.csv", [*rows, ["合计", *[""] * (len(rows[0]) - 1)]])
    assert (report.rows_read, report.notes) == (4, ("total_rows|count=1",))


def test_one_long_number_that_excel_has_rounded_is_refused(load: Load, tmp_path: Path) -> None:
    import xlsxwriter

    header, row = SAMPLES["tmall_orders"][:2]
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("订单")
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, row)
        sheet.write_number(1, 0, 6930123456789010000)
        sheet.write_row(2, 0, row)
        sheet.write_string(2, 0, "6930123456789012346")
    (report,) = load(path)
    assert (report.accepted, report.quarantined) == (1, 1)


def test_a_pay_discount_told_by_line_does_not_count_the_order_twice(
    load: Load, warehouse: Warehouse, tmp_path: Path
) -> None:
    """The order's total repeats on its lines while what was taken off at payment stands on one of them."""
    rows = with_cells([list(row) for row in SAMPLES["doudian_orders"]], 2, 支付优惠="5.00")
    put(load, tmp_path / "1791430000_a.csv", rows)
    sums = "SELECT sum(payable_amount) AS payable, sum(paid_amount) AS paid FROM order_line WHERE order_id LIKE '%02'"
    assert warehouse.read(sums).to_pylist() == [{"payable": Decimal(100), "paid": Decimal(95)}]
