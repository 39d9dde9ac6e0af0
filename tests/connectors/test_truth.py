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
