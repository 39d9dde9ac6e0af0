"""The buyers page in a real browser: the engine's own numbers, a click on a segment, and room on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import metrics
from metrics import Scope, Slice
from tests.browser.test_pages import READY, SIZES, TOO_WIDE, settle, visit
from tests.browser.wall_data import browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(small_shop: Any, chromium: str) -> Iterator[Any]:
    with browser(chromium, viewport=SIZES["desk"]) as opened:
        yield opened


def test_segments_and_cohorts_are_the_engines_and_a_click_tells_who_a_segment_is(small_shop: Any, page: Any) -> None:
    warehouse = small_shop.web.context.warehouse
    visit(page, small_shop, "/buyers")
    told = page.inner_text("#buyers-segments .segments")
    for row in metrics.segments(warehouse, Slice(), Scope.everything()).rows:
        assert f"{row['buyers']:,}" in told
    triangle = metrics.cohorts(warehouse, Slice(), Scope.everything()).rows
    cells = page.query_selector_all("#buyers-cohorts .heat-cell")
    assert len(cells) == sum(row["months"] > 0 for row in triangle)
    page.click('#buyers-segments a[href*="who=new"]')
    settle(page, "who=new")
    page.wait_for_function("() => document.querySelector('#buyers-profile h2').innerText.includes('新客')")
    new = metrics.profile(warehouse, Slice(), Scope.everything(), "province", "new").rows
    assert f"{new[0]['buyers']:,}" in page.inner_text("#buyers-profile .bar-row")
    assert page.faults == []


@pytest.mark.parametrize("path", ["/buyers?cut=value&scoring=fixed", "/correlation"])
def test_both_pages_have_room_on_a_phone(small_shop: Any, page: Any, path: str) -> None:
    page.set_viewport_size(SIZES["phone"])
    visit(page, small_shop, path)
    page.wait_for_function(READY)
    assert page.faults == [] and page.query_selector(".state-failed") is None
    assert page.evaluate(TOO_WIDE) == []
