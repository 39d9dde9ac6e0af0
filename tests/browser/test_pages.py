"""The pages in a real browser: no errors, the engine's own numbers, the address as state, language and theme."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import metrics
from metrics.types import Query, Scope
from tests.browser.wall_data import PATIENCE, browser

pytestmark = pytest.mark.browser
READY = "() => !document.querySelector('.skeleton, #first') && !!document.querySelector('.main')"
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth + 1 ? [] :
    [...document.querySelectorAll('#root *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.tagName + '.' + e.className).slice(0, 8)"""
PAGES = (
    "/",
    "/management",
    "/execution",
    "/execution?tab=ads",
    "/dictionary",
    "/dictionary/net_sales",
    "/define/gmv",
    "/tree?period=last_7_days",
    "/drill/gmv?platform=douyin",
    "/why/gmv?period=last_7_days",
    "/why?period=last_7_days",
    "/explore?period=last_7_days&m=gmv,orders&by=channel&grain=day",
    "/my",
    "/goods?period=last_30_days",
)
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def page(small_shop: Any, chromium: str) -> Iterator[Any]:
    with browser(chromium, viewport=SIZES["desk"]) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _fresh(page: Any) -> Iterator[None]:
    page.context.clear_cookies()
    page.set_viewport_size(SIZES["desk"])
    page.faults.clear()
    yield


@contextmanager
def another(page: Any) -> Iterator[Any]:
    """A second reader: no cookies, nothing cached."""
    context = page.context.browser.new_context(viewport=SIZES["desk"])
    context.set_default_timeout(PATIENCE * 1000)
    try:
        yield context.new_page()
    finally:
        context.close()


def visit(page: Any, shop: Any, path: str) -> None:
    page.goto(f"{shop.url}{path}")
    page.wait_for_function(READY)


def settle(page: Any, search: str) -> None:
    """Until the address holds `search` and everything asked has been drawn."""
    page.wait_for_function("(wanted) => location.search.includes(wanted)", arg=search)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(READY)


def asked(shop: Any, metric: str, **more: Any) -> float | None:
    found = metrics.query(shop.web.context.warehouse, Query(metrics=(metric,), **more), Scope.everything())
    value = found.rows[0][metric] if found.rows else None
    return None if value is None else float(value)


def card(page: Any, metric: str) -> float | None:
    value = page.get_attribute(f'[data-metric="{metric}"]', "data-value")
    return float(value) if value else None


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_open_without_errors_or_sideways_scrolling(small_shop: Any, page: Any, path: str, size: str) -> None:
    page.set_viewport_size(SIZES[size])
    visit(page, small_shop, path)
    assert page.faults == []
    assert page.query_selector(".state-failed") is None
    page.wait_for_load_state("networkidle")
    assert page.evaluate(TOO_WIDE) == []


def test_the_number_on_a_card_is_the_engines(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/?period=last_30_days")
    for metric in ("gmv", "net_sales", "refund_rate"):
        expected = asked(small_shop, metric, period="last_30_days")
        assert expected is not None and card(page, metric) == pytest.approx(expected)
    text = page.get_attribute('[data-metric="gmv"] .figure', "title")
    assert text == f"{asked(small_shop, 'gmv', period='last_30_days'):,.2f} 元"


def test_a_click_filters_the_address_holds_it_and_a_copied_link_shows_the_same(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/?period=last_30_days&moved=platform")
    page.click('.mover-row a:has-text("抖音")')
    settle(page, "platform=douyin")
    page.wait_for_function("() => document.querySelector('.held .chip-filter')")
    expected = asked(small_shop, "gmv", period="last_30_days", filters={"platform": ("douyin",)})
    page.wait_for_function(
        "([m, v]) => Math.abs(parseFloat(document.querySelector(`[data-metric=${m}]`).dataset.value) - v) < 0.01",
        arg=["gmv", expected],
    )
    with another(page) as other:
        other.goto(page.url)
        other.wait_for_function(READY)
        assert card(other, "gmv") == pytest.approx(expected)
    page.click(".held .chip-filter")
    page.wait_for_function("() => !location.search.includes('platform=douyin')")


def test_period_picker_and_browser_history(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/")
    page.click('details[data-pick="period"] > summary')
    page.click('details[data-pick="period"] .option:has-text("近 7 天")')
    settle(page, "period=last_7_days")
    expected = asked(small_shop, "gmv", period="last_7_days")
    page.wait_for_function(
        "(v) => Math.abs(parseFloat(document.querySelector('[data-metric=gmv]').dataset.value) - v) < 0.01",
        arg=expected,
    )
    page.go_back()
    page.wait_for_function("() => location.search === ''")
    today = asked(small_shop, "gmv", period="today") or 0.0
    page.wait_for_function(
        "(v) => Math.abs(parseFloat(document.querySelector('[data-metric=gmv]').dataset.value || 0) - v) < 0.01",
        arg=today,
    )


def test_an_earlier_moment_is_picked_said_and_left_again(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/?period=last_30_days")
    for moment, known in (("2099-01-01T09:30", True), ("2001-01-01T09:30", False)):
        page.click('details[data-pick="period"] > summary')
        page.fill("#known-at", moment)
        page.click("[data-known]")
        settle(page, f"known={moment.replace(':', '%3A')}")
        page.wait_for_selector(".banner-known")
        page.wait_for_function(
            "(known) => (document.querySelector('[data-metric=gmv]').dataset.value !== '') === known", arg=known
        )
    page.click(".banner-known a")
    page.wait_for_function("() => !location.search.includes('known') && !document.querySelector('.banner-known')")
    expected = asked(small_shop, "gmv", period="last_30_days")
    page.wait_for_function(
        "(v) => Math.abs(parseFloat(document.querySelector('[data-metric=gmv]').dataset.value || 0) - v) < 0.01",
        arg=expected,
    )


def test_a_card_drills_down_to_order_lines(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/?period=last_30_days")
    page.click('[data-metric="gmv"] a.label')
    page.wait_for_function("() => location.pathname === '/drill/gmv'")
    page.wait_for_selector(".bars .bar-row a")
    page.click(".bars .bar-row a >> nth=0")
    page.wait_for_selector(".held .chip-filter")
    page.wait_for_selector(".ag-center-cols-container .ag-row")
    assert page.inner_text(".crumb.here") == "成交额"


def test_language_and_theme_switch_and_stay(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/")
    assert page.evaluate("document.documentElement.dataset.rise") == "red"
    page.click("[data-lang=en]")
    page.wait_for_function("() => document.documentElement.lang === 'en'")
    page.wait_for_function(READY)
    assert page.inner_text('[data-metric="gmv"] a.label') == "GMV"
    assert page.evaluate("document.documentElement.dataset.rise") == "green"
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("[data-theme-toggle]")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    visit(page, small_shop, "/management")
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]") == ["en", "dark"]


def test_the_definition_is_one_click_from_the_number(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/?period=last_30_days")
    page.click('[data-define="net_sales"]')
    page.wait_for_selector("#drawer-body .sql")
    told = page.inner_text("#drawer-body")
    assert "gmv - refund_amount" in told and "SELECT" in told
    assert page.query_selector("#drawer-body .table tbody tr") is not None


def test_a_block_is_exported_with_its_filters(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/?period=last_30_days&platform=douyin")
    link = page.get_attribute('#strategic-channels a[href*=".csv"]', "href")
    answer = page.request.get(f"{small_shop.url}{link}")
    assert answer.status == 200
    text = answer.body().decode("utf-8-sig")
    assert "# 平台,抖音" in text and "直播" in text
    live = asked(small_shop, "gmv", period="last_30_days", filters={"platform": ("douyin",), "channel": ("live",)})
    assert live is not None and any(
        row.startswith("直播,") and f"{live:.2f}".rstrip("0").rstrip(".") in row for row in text.splitlines()
    )


def test_search_finds_metrics_and_skus(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/")
    page.fill("#search", "退款率")
    page.wait_for_selector('#search-results a[href="/dictionary/refund_rate"]')
    sku = metrics.query(
        small_shop.web.context.warehouse,
        Query(metrics=("items",), dimensions=("sku",), order="-items", limit=1),
        Scope.everything(),
    ).rows[0]["sku"]
    page.fill("#search", str(sku))
    page.wait_for_selector(f'#search-results a[href*="/sku/{sku}"]')
    page.click(f'#search-results a[href*="/sku/{sku}"]')
    page.wait_for_function("() => location.pathname.startsWith('/sku/')")
    page.wait_for_function(READY)
    assert page.query_selector(".state-failed") is None


def test_an_order_is_found_by_its_id_and_opens_its_lines(small_shop: Any, page: Any) -> None:
    warehouse = small_shop.web.context.warehouse
    line = metrics.details(warehouse, "order_line", {}, None, Scope.everything(), limit=1)[0]
    of_it = metrics.details(warehouse, "order_line", {}, None, Scope.everything(), order_id=line["order_id"])
    visit(page, small_shop, "/")
    page.fill("#search", f"{line['order_id']}9")
    page.wait_for_selector("#search-results .panel")
    assert page.query_selector('#search-results a[href*="order="]') is None
    page.fill("#search", line["order_id"])
    page.click('#search-results a[href*="order="]')
    page.wait_for_function("() => location.pathname === '/drill/gmv' && location.search.includes('order=')")
    page.wait_for_selector("#drill-order_line .ag-center-cols-container .ag-row")
    rows = page.query_selector_all("#drill-order_line .ag-center-cols-container .ag-row")
    assert len(rows) == len(of_it) >= 1
    assert page.inner_text("#main h1").endswith(line["order_id"])


def test_new_data_reach_an_open_page_by_the_tick(small_shop: Any, page: Any, tmp_path: Any) -> None:
    from tests.browser.wall_data import load, report

    visit(page, small_shop, "/")
    before = card(page, "gmv") or 0.0
    at = metrics.query(small_shop.web.context.warehouse, Query(metrics=("gmv",)), Scope.everything()).as_of
    assert at is not None
    load(small_shop.web.context, report(tmp_path / "more.csv", [("TICK1", 5000.0, at)]))
    page.wait_for_function(
        "(v) => parseFloat(document.querySelector('[data-metric=gmv]').dataset.value) >= v",
        arg=before + 4999,
    )


def test_the_page_is_reached_by_keyboard(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("(document.activeElement.dataset.define && 'define') || document.activeElement.tagName")
        )
    assert {"A", "SUMMARY", "BUTTON", "INPUT", "define"} <= reached
