"""The reconciliation page in a real browser: a difference found, signed with a reason, and gone from the cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.browser.test_pages import SIZES, TOO_WIDE, settle
from tests.browser.wall_data import browser
from tests.metrics.facts import Facts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server of its own, for a signature stays: one order was given back more than was paid for it."""
    from commands.serve import start

    home: Path = tmp_path_factory.mktemp("reconcile-home")
    running = start(replace(Settings(), home=home, port=0), demo=True)
    try:
        facts = Facts(running.web.context.warehouse)
        facts.line("2024-03-01 10:00", 100, order="over")
        facts.refund("2024-03-02", 130, "2024-03-01 10:00", order_id="over")
        facts.line("2024-03-05 10:00", 100)
        facts.ready()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def page(shop: Any, chromium: str) -> Iterator[Any]:
    with browser(chromium, viewport=SIZES["desk"]) as opened:
        yield opened


def test_a_difference_is_found_from_its_card_and_signed(shop: Any, page: Any) -> None:
    page.goto(f"{shop.url}/drill/gmv?period=2024-03-01..2024-03-05")
    page.click(".kpi .chip-open")
    page.wait_for_selector("#reconciliation-matrix .cell-open a")
    page.click("#reconciliation-matrix .cell-open a")
    settle(page, "cell=refunds")
    page.wait_for_selector("#reconciliation-detail >> text=over")
    page.fill("#reconcile-note", "运费另退")
    page.click("#reconcile-sign")
    page.wait_for_selector("#reconciliation-matrix .cell-signed a")
    page.wait_for_selector("#reconciliation-detail .ledger-history >> text=运费另退")
    assert page.is_hidden("#reconcile-sign") and page.is_visible("#reconcile-withdraw")
    page.set_viewport_size(SIZES["phone"])
    assert page.evaluate(TOO_WIDE) == []
    page.goto(f"{shop.url}/drill/gmv?period=2024-03-01..2024-03-05")
    page.wait_for_selector(".kpi .value")
    assert page.query_selector(".chip-open") is None
    assert page.faults == [] and page.query_selector(".state-failed") is None
