"""Every page is read by axe, which may find nothing serious, and walked by keyboard with the focus to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.wall_data import browser

pytestmark = pytest.mark.browser
READY = "() => !document.querySelector('.skeleton, .boot') && !!document.querySelector('.main, .wall, #wall')"
GRIDS = "() => [...document.querySelectorAll('.ag-root-wrapper')].every(one => one.querySelector('.ag-header-cell'))"
PAGES = (
    "/",
    "/management",
    "/execution",
    "/drill/gmv?period=last_30_days",
    "/why/gmv?period=last_30_days",
    "/why?period=last_7_days",
    "/dictionary",
    "/dictionary/net_sales",
    "/define/gmv",
    "/tree?period=last_30_days",
    "/alerts",
    "/alerts?tab=rules",
    "/alerts?tab=rules&rule=new",
    "/goods?period=last_30_days",
    "/buyers",
    "/finance?period=last_30_days",
    "/reconciliation?period=last_30_days",
    "/management?known=2026-01-01T09:00",
    "/correlation",
    "/explore?period=last_30_days&m=gmv&by=province,channel",
    "/my",
    "/data/inbox",
    "/data/batches",
    "/data/quarantine",
    "/data/sources",
    "/data/tables",
    "/wall/overview",
)
FOCUS = """() => { const e = document.activeElement, s = getComputedStyle(e);
    const drawn = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1) || s.boxShadow !== 'none';
    return e === document.body || drawn || e.closest('.field') !== null ? null : e.outerHTML.slice(0, 120) }"""


@pytest.fixture(scope="module")
def reader(chromium: str) -> Iterator[Any]:
    with browser(chromium) as opened:
        yield opened


def visit(page: Any, shop: Any, path: str, theme: str) -> None:
    page.context.add_cookies([{"name": "cockpit_theme", "value": theme, "url": shop.url}])
    page.goto(f"{shop.url}{path}")
    page.wait_for_function(READY)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(GRIDS)


def grave(page: Any, **options: Any) -> list[Any]:
    """What axe calls serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        (one["id"], node["target"], node["html"][:120])
        for one in Axe().run(page, options=options).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(small_shop: Any, reader: Any, path: str) -> None:
    visit(reader, small_shop, path, "light")
    assert grave(reader) == []
    if reader.query_selector("[data-theme-toggle]"):  # only colours differ in the dark
        reader.click("[data-theme-toggle]")
        reader.wait_for_load_state("networkidle")
        reader.wait_for_function(READY)
        assert grave(reader, runOnly=["color-contrast"]) == []


def test_the_focus_is_seen_wherever_the_keyboard_goes(small_shop: Any, reader: Any) -> None:
    visit(reader, small_shop, "/", "light")
    unseen = set()
    for _ in range(60):
        reader.keyboard.press("Tab")
        unseen.add(reader.evaluate(FOCUS))
    assert unseen == {None}
