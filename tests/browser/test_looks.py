"""What a small screen and another language make of the pages: lists instead of tables, nothing cut off, one truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.wall_data import browser

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
READY = "() => !document.querySelector('.skeleton, .boot') && !!document.querySelector('.main')"
CUT = """(within) => [...document.querySelectorAll(within)].filter(e => e.scrollWidth > e.clientWidth + 1)
    .map(e => e.className + ': ' + e.innerText.slice(0, 40))"""


@pytest.fixture(scope="module")
def phone(chromium: str) -> Iterator[Any]:
    with browser(chromium, viewport=PHONE) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _fresh(phone: Any) -> Iterator[None]:
    phone.context.clear_cookies()
    phone.set_viewport_size(PHONE)
    yield


def visit(page: Any, shop: Any, path: str, lang: str = "zh") -> None:
    page.context.add_cookies([{"name": "cockpit_lang", "value": lang, "url": shop.url}])
    page.goto(f"{shop.url}{path}")
    page.wait_for_function(READY)


@pytest.mark.parametrize("path", ["/execution", "/management", "/data/batches", "/drill/gmv?period=last_30_days"])
def test_on_a_phone_a_long_table_is_a_list_that_names_every_value(small_shop: Any, phone: Any, path: str) -> None:
    visit(phone, small_shop, path)
    phone.wait_for_selector(".grid-entry .entry-cell")
    entry = phone.query_selector(".grid-entry")
    assert entry.query_selector(".grid-entry-title").inner_text().strip()
    for cell in entry.query_selector_all(".entry-cell"):
        name, *told = cell.inner_text().split("\n")
        assert name.strip() and told
    assert not phone.is_visible(".ag-header")
    assert entry.evaluate("e => e.scrollHeight <= e.clientHeight + 1")


def test_on_a_desk_the_same_table_stays_a_table(small_shop: Any, phone: Any) -> None:
    phone.set_viewport_size({"width": 1440, "height": 900})
    visit(phone, small_shop, "/execution")
    phone.wait_for_selector(".ag-header-cell")
    assert phone.query_selector(".grid-entry") is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lists_on_a_phone_cut_no_word_off(small_shop: Any, phone: Any, lang: str) -> None:
    for path, within in (
        ("/management", ".listed td"),
        ("/", ".tree .node, .listed td"),
        ("/data/sources", ".listed td"),
    ):
        visit(phone, small_shop, path, lang)
        phone.wait_for_selector(within.rsplit(", ", 1)[-1])
        assert phone.evaluate(CUT, within) == []


def test_a_page_without_pickers_leaves_no_room_for_them(small_shop: Any, phone: Any) -> None:
    visit(phone, small_shop, "/alerts")
    assert phone.query_selector(".top").bounding_box()["height"] < 64


def test_provinces_are_signed_in_the_readers_script(small_shop: Any, phone: Any) -> None:
    visit(phone, small_shop, "/", "en")
    phone.wait_for_selector(".tile")
    signs = phone.eval_on_selector_all(".tile", "all => all.map(one => one.textContent)")
    assert len(set(signs)) == 34 and all(sign.isascii() and len(sign) == 2 for sign in signs)


def test_every_table_says_the_same_change_of_a_channel(small_shop: Any, phone: Any) -> None:
    """Sales beside traffic are not compared at the hour of the traffic."""
    phone.set_viewport_size({"width": 1440, "height": 900})
    visit(phone, small_shop, "/")
    rows = '.table:has(td[data-label="渠道"]) tbody tr'
    phone.wait_for_selector(rows)
    first = dict(phone.eval_on_selector_all(rows, "all => all.map(r => [r.cells[0].innerText, r.cells[2].innerText])"))
    visit(phone, small_shop, "/management")
    phone.wait_for_selector('.ag-center-cols-container [col-id="gmv__delta"]')
    names = phone.eval_on_selector_all(
        '.ag-pinned-left-cols-container [col-id="channel"]', "a => a.map(e => e.innerText)"
    )
    moved = phone.eval_on_selector_all(
        '.ag-center-cols-container [col-id="gmv__delta"]', "a => a.map(e => e.innerText)"
    )
    second = dict(zip(names, moved, strict=True))
    assert first and {name: second[name] for name in first} == first
