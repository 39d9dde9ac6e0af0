"""The data pages in a real browser: a file goes in, an unknown one is mapped, a bad row mended, an owner typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import config
import metrics
from config import Settings
from metrics.types import Query, Scope
from tests.browser.wall_data import HEAD, browser, busy_day, report, start, until

pytestmark = pytest.mark.browser
AFTERNOON = datetime(2026, 11, 22, 16, 47, 4)


@pytest.fixture
def running(settings: Settings) -> Any:
    config.freeze(AFTERNOON)
    server = start(settings)
    yield server
    server.stop()


def total(context: Any, metric: str = "gmv") -> float:
    rows = metrics.query(context.warehouse, Query(metrics=(metric,)), Scope.everything()).rows
    return float(rows[0][metric] or 0) if rows else 0.0


def upload(page: Any, url: str, *files: Path) -> None:
    page.goto(f"{url}/data/inbox")
    page.wait_for_selector("#upload-zone")
    page.set_input_files("#upload-input", [str(file) for file in files])


def count(page: Any, name: str) -> int:
    return int(page.get_attribute(f'.upload-row [data-count="{name}"]', "data-value"))


def test_a_file_goes_in_through_the_browser_and_moves_the_number(
    running: Any, chromium: str, tmp_path: Path, shared: Path
) -> None:
    file = shared / "datasets" / "tmall_orders_2020" / "tmall_order_report.csv"
    context = running.web.context
    with browser(chromium) as page:
        upload(page, running.url, file)
        page.wait_for_selector('.upload-row[data-state="done"]')
        assert count(page, "rows_read") == count(page, "accepted") == 28010 and count(page, "quarantined") == 0
        assert total(context) == pytest.approx(2474823.07)
        upload(page, running.url, file)
        page.wait_for_selector('.upload-row[data-state="done"] [data-count="unchanged"][data-value="28010"]')
        assert total(context) == pytest.approx(2474823.07)
        page.goto(f"{running.url}/data/batches?batch=1")
        assert page.wait_for_selector('[data-count="accepted"]').get_attribute("data-value") == "28010"
        assert page.request.get(f"{running.url}/data/batches/1/original").body() == file.read_bytes()
        assert page.faults == []


def test_trying_a_file_writes_nothing(running: Any, chromium: str, tmp_path: Path) -> None:
    context = running.web.context
    with browser(chromium) as page:
        page.goto(f"{running.url}/data/inbox")
        page.wait_for_selector("#upload-zone")
        page.check("#upload-try input")
        page.set_input_files("#upload-input", [str(report(tmp_path / "a.csv", busy_day(AFTERNOON, 10)))])
        button = page.wait_for_selector(".upload-result button")
        assert count(page, "accepted") == 20 and context.warehouse.data_version == 0
        button.click()
        page.wait_for_selector('.upload-row[data-state="done"]')
        assert context.warehouse.data_version > 0 and total(context) > 0


def test_a_file_nobody_knows_is_mapped_loaded_and_remembered(running: Any, chromium: str, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    line = "{n},2026-11-22 0{n}:00:00,2026-11-22 0{n}:01:00,{a},{a},0,江苏\n"
    odd.write_text("甲,乙,丙,丁,戊,己,庚\n" + "".join(line.format(n=n, a=n * 100) for n in (1, 2, 3)), "utf-8")
    context = running.web.context
    fields = {"甲": "order_id", "乙": "created_at", "丙": "paid_at", "丁": "total", "戊": "net_paid", "己": "refund"}
    with browser(chromium) as page:
        upload(page, running.url, odd)
        page.click(".upload-result a.button")
        page.wait_for_selector(".map-table")
        assert page.is_disabled("#map-confirm")
        choose(page, "#map-kind", "订单报表")
        labels = {column.field: column.headers[0] for column in kind("tmall_orders").columns}
        for header, field in fields.items():
            choose(page, f"tr:has(b:text-is('{header}')) .drop", labels[field])
        page.wait_for_function("!document.getElementById('map-confirm').disabled")
        page.click("#map-confirm")
        page.wait_for_selector('.upload-row[data-state="done"]')
        assert total(context) == pytest.approx(600.0)
        more = tmp_path / "again.csv"
        more.write_text("甲,乙,丙,丁,戊,己,庚\n" + line.format(n=4, a=400), "utf-8")
        upload(page, running.url, more)
        assert until(lambda: total(context) == pytest.approx(1000.0))


def kind(name: str) -> Any:
    import connectors

    found = connectors.kind_named(name)
    assert found is not None
    return found


def choose(page: Any, selector: str, label: str) -> None:
    """Pick an entry of a dropdown by its beginning."""
    page.click(selector)
    page.locator(f".dash-dropdown-option:has-text('{label}')").first.click()


def test_a_quarantined_row_is_mended_and_replayed(running: Any, chromium: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    row = "B{n},{amount},120.00,江苏省,2026-11-22 09:00:00,2026-11-22 09:01:00,0\n"
    bad.write_text(
        HEAD + row.format(n=1, amount="12x") + row.format(n=2, amount="12y") + row.format(n=3, amount="120.00"), "utf-8"
    )
    context = running.web.context
    with browser(chromium) as page:
        upload(page, running.url, bad)
        page.wait_for_selector('.upload-row[data-state="partly"]')
        assert count(page, "quarantined") == 2 and total(context) == pytest.approx(120.0)
        page.goto(f"{running.url}/data/quarantine")
        page.wait_for_selector("#q-grid .ag-row")
        page.locator("#q-grid .ag-row .ag-selection-checkbox input").first.check()
        page.fill("#q-value", "120.00")
        page.click("#q-mend-replay")
        assert until(lambda: total(context) == pytest.approx(240.0))
        page.wait_for_selector("#q-note .data-told")
        page.wait_for_function("document.querySelectorAll('#q-grid .ag-center-cols-container .ag-row').length === 1")
        page.fill("#q-value", "120.00")
        page.click("#q-mend-replay")
        assert until(lambda: total(context) == pytest.approx(360.0))
        page.wait_for_selector(".state-icon")
        assert "隔离区是空的" in page.inner_text("#q-body")


def test_a_target_typed_in_the_browser_is_loaded_as_a_file(running: Any, chromium: str, tmp_path: Path) -> None:
    from components import sheet_tables

    context = running.web.context
    with browser(chromium) as page:
        page.goto(f"{running.url}/data/tables?table=owners")
        page.wait_for_selector("#sheet-add")
        page.click("#sheet-add")
        for column, text in (("category", "女装"), ("owner", "小云")):
            page.click(f'#sheet-grid .ag-row [col-id="{column}"]')
            page.keyboard.type(text)
            page.keyboard.press("Enter")
        page.click("#sheet-save")
        page.wait_for_selector("#sheet-note .data-told")
        assert sheet_tables.rows(context, sheet_tables.SHEETS["owners"]) == [{"category": "女装", "owner": "小云"}]
        batch = context.warehouse.read("SELECT source, kind, file_name FROM load_batch").to_pylist()[0]
        assert batch["source"] == "browser" and batch["kind"] == "sheet_category_owners"


def test_a_wide_sheet_of_pieces_arrives_whole(running: Any, chromium: str, tmp_path: Path) -> None:
    orders = [(f"P{i:07d}", 10.0, AFTERNOON - timedelta(seconds=i % 50_000)) for i in range(70_000)]
    file = report(tmp_path / "big.csv", orders)
    assert file.stat().st_size > 4 * 1024 * 1024  # more than one piece
    with browser(chromium) as page:
        upload(page, running.url, file)
        page.wait_for_selector('.upload-row[data-state="done"]', timeout=120_000)
        assert count(page, "accepted") == 70_000
        assert total(running.web.context) == pytest.approx(700_000.0)


def test_on_a_phone_nothing_runs_over_the_edge(running: Any, chromium: str) -> None:
    with browser(chromium, viewport={"width": 390, "height": 844}) as page:
        for name in ("inbox", "batches", "quarantine", "sources", "tables"):
            page.goto(f"{running.url}/data/{name}")
            page.wait_for_selector(".data-page")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.faults == []


def test_a_set_of_tables_goes_in_as_one_zip_with_its_mapping(running: Any, chromium: str, tmp_path: Path) -> None:
    from tests.connectors.test_bundle import MAPPING, bundle

    context = running.web.context
    before = total(context)
    with browser(chromium) as page:
        upload(page, running.url, bundle(tmp_path, MAPPING))
        page.wait_for_selector('.upload-row [data-count="accepted"]')
        assert (count(page, "rows_read"), count(page, "accepted"), count(page, "quarantined")) == (5, 3, 2)
        assert total(context) == pytest.approx(before + 40.5)
        assert page.faults == []
