"""The explorer in a browser: a question is clicked together, kept, pinned to one's own page, and taken as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from metrics import Query, Scope, query
from tests.browser.wall_data import browser

pytestmark = pytest.mark.browser
READY = "() => !document.querySelector('.skeleton, #first') && !!document.querySelector('.main')"


@pytest.fixture(scope="module")
def page(small_shop: Any, chromium: str) -> Iterator[Any]:
    with browser(chromium, viewport={"width": 1440, "height": 900}, accept_downloads=True) as opened:
        yield opened


def test_a_question_is_asked_kept_pinned_and_taken(small_shop: Any, page: Any) -> None:
    page.goto(f"{small_shop.url}/explore?period=last_30_days&m=gmv&by=province")
    page.wait_for_function(READY)
    page.click('[data-pick="by"] > summary')
    page.click('[data-pick="by"] .option:has-text("渠道")')
    page.wait_for_function("() => location.search.includes('by=province%2Cchannel')")
    file = page.locator('#explorer-answer .corner a[href*="by=province%2Cchannel"]', has_text="CSV")
    file.wait_for(state="attached")  # the new answer's own menu: one of the old answer would be drawn over
    page.wait_for_selector("#explorer-answer-graph .main-svg")
    with page.expect_download() as taken:
        page.click("#explorer-answer .corner summary")
        file.click()
    text = taken.value.path().read_text("utf-8-sig")
    asked = Query(("gmv",), ("province", "channel"), period="last_30_days")
    rows = query(small_shop.web.context.warehouse, asked, Scope.everything()).rows
    body = text[text.index("省份,渠道,成交额") :].splitlines()[1:]
    assert len(body) == len(rows)
    assert sum(float(line.split(",")[2]) for line in body) == pytest.approx(sum(row["gmv"] for row in rows))
    page.click("text=保存视图…")
    page.fill("#view-name", "各省各渠道")
    page.click("#view-save")
    page.wait_for_function("() => location.search.includes('view=')")
    page.goto(f"{small_shop.url}/my")
    page.wait_for_function(READY)
    page.click("#my-list >> text=放到我的页面")
    page.wait_for_selector("#my-pin0 .main-svg")
    assert "各省各渠道" in page.inner_text("#my-pin0")
    page.click("#my-list >> text=取下")
    page.wait_for_selector("#my-pin0 .pin", state="detached")
    assert page.faults == []
