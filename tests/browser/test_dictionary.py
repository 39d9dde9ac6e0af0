"""The tree, a metric's page and the form in a real browser: opened and closed, a metric made, one redefined and put
back, while an open page follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import metrics
from metrics.types import Query, Scope
from tests.browser.wall_data import browser, until

pytestmark = pytest.mark.browser
READY = "() => !document.querySelector('.skeleton, #first') && !!document.querySelector('.main')"
DASH = "() => !document.querySelector('#first') && !!window.dash_clientside && !!document.querySelector('#define-save')"


@pytest.fixture(scope="module")
def page(small_shop: Any, chromium: str) -> Iterator[Any]:
    with browser(chromium, viewport={"width": 1440, "height": 900}) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _put_back(small_shop: Any, page: Any) -> Iterator[None]:
    page.faults.clear()
    yield
    from metrics import definitions

    ledger = small_shop.web.context.ledger
    for item in reversed(list(metrics.catalogue().values())):
        if item.origin != "declared":
            definitions.remove(ledger, item.id, "test", "2026-01-01T00:00:00", "", {})
    definitions.read(ledger)


def visit(page: Any, shop: Any, path: str, ready: str = READY) -> None:
    page.goto(f"{shop.url}{path}")
    page.wait_for_function(ready)
    page.wait_for_load_state("networkidle")


def asked(shop: Any, metric: str) -> float:
    question = Query((metric,), period="last_30_days")
    return float(metrics.query(shop.web.context.warehouse, question, Scope.everything()).rows[0][metric])


def test_a_branch_opens_and_its_name_leads_to_the_drill_with_filters_kept(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/tree?period=last_30_days&platform=douyin")
    branch = page.locator('.mbranch:has(> [data-node="gross_profit"]) > details').first
    assert branch.get_attribute("open") is None
    branch.locator("> summary").click(position={"x": 4, "y": 8})
    assert branch.evaluate("one => one.open")
    branch.locator('[data-node="net_sales"] a').first.click()
    page.wait_for_url("**/drill/net_sales?period=last_30_days&platform=douyin")
    page.wait_for_function(READY)
    assert page.faults == []


def test_a_metric_is_made_in_the_browser_and_can_be_asked_at_once(small_shop: Any, page: Any) -> None:
    visit(page, small_shop, "/define", DASH)
    for name, told in (("id", "kept_each"), ("zh", "单均净额"), ("en", "Net per order"), ("definition_zh", "说明")):
        page.fill(f"#define-{name}", told)
    page.fill("#define-formula", "(gmv - refund_amount) / nope")
    page.click("#define-preview")
    page.wait_for_selector("#define-answer .tone-critical")
    assert "nope" in page.inner_text("#define-answer") and page.is_disabled("#define-save")
    page.fill("#define-formula", "(gmv - refund_amount) / orders")
    page.click("#define-preview")
    page.wait_for_selector('[data-effect="kept_each"]')
    page.click("#define-save:enabled")
    page.wait_for_url("**/dictionary/kept_each")
    page.wait_for_selector("[data-version]")
    assert page.faults == []
    expected = (asked(small_shop, "gmv") - asked(small_shop, "refund_amount")) / asked(small_shop, "orders")
    assert asked(small_shop, "kept_each") == pytest.approx(expected)


def test_a_redefined_metric_moves_an_open_page_and_is_put_back(small_shop: Any, page: Any) -> None:
    before = asked(small_shop, "gmv")
    watching = page.context.new_page()
    visit(watching, small_shop, "/?period=last_30_days")
    visit(page, small_shop, "/define/gmv", DASH)
    page.fill("#define-formula", "gmv * 0.5")
    page.click("#define-preview")
    page.wait_for_selector('[data-effect="gmv"] [data-section="months"]')
    page.click("#define-save:enabled")
    page.wait_for_url("**/dictionary/gmv")
    assert asked(small_shop, "gmv") == pytest.approx(before / 2, abs=0.01)
    shown = """value => Math.abs(parseFloat(document.querySelector('[data-metric="gmv"]').dataset.value) - value) < 1"""
    watching.wait_for_function(shown, arg=before / 2)
    visit(page, small_shop, "/define/gmv", DASH)
    page.click(".sure > summary")
    page.click("#define-back")
    page.wait_for_url("**/dictionary/gmv")
    assert until(lambda: asked(small_shop, "gmv") == before)
    watching.wait_for_function(shown, arg=before)
    watching.close()
    assert page.faults == []
