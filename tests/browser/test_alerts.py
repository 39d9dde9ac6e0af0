# ruff: noqa: E501
"""The alerts page in a real browser: taken on with two taps on a phone, a rule made with its trial, badges that follow."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import alerts
import config
from alerts.types import Rule
from config import Settings, now
from metrics.types import Scope
from tests.browser.wall_data import browser, busy_day, load, report, start, until

pytestmark = pytest.mark.browser
AFTERNOON = datetime(2026, 11, 22, 16, 47, 4)


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Any:
    """A running cockpit with one alarm on gmv."""
    config.freeze(AFTERNOON)
    running = start(settings)
    context = running.web.context
    load(context, report(tmp_path / "today.csv", busy_day(AFTERNOON)))
    context.flags["scheduler"]._scheduler.remove_job("alerts")  # its rounds would move counts between two looks
    alerts.save_rule(context.ledger, Rule("gmv", 1.0, severity="critical"), "boss", now())
    alerts.evaluate(context.warehouse, context.ledger, now())
    yield running
    running.stop()


def test_an_alarm_is_taken_on_with_two_taps(shop: Any, chromium: str) -> None:
    ledger = shop.web.context.ledger
    item = next(item for item in alerts.active(ledger, Scope.everything()) if item.metric == "gmv")
    with browser(chromium, viewport={"width": 360, "height": 780}, has_touch=True) as page:
        page.goto(f"{shop.url}/alerts")
        card = page.locator(f'[data-incident="{item.id}"]')
        card.locator("summary").tap()
        card.locator("input").fill("calling the warehouse")
        card.locator("button.primary").tap()
        page.wait_for_selector(f'[data-incident="{item.id}"][data-state="acknowledged"]')
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.faults == []
    taken = alerts.incident(ledger, item.id)
    assert (taken.state, taken.acknowledged_by, taken.acknowledged_note) == (
        "acknowledged",
        "demo",
        "calling the warehouse",
    )
    assert ledger.one("SELECT actor FROM audit WHERE action = 'alert_acknowledged'") == {"actor": "demo"}


def test_badges_and_bell_follow_an_alarm_without_new_data(shop: Any, chromium: str) -> None:
    ledger = shop.web.context.ledger
    item = next(item for item in alerts.active(ledger, Scope.everything()) if item.metric == "gmv")
    with browser(chromium) as page:
        page.goto(f"{shop.url}/")
        page.wait_for_selector('[data-metric="gmv"] .alarm-critical')
        firing = alerts.badge(ledger)["firing"]
        assert until(lambda: page.inner_text("#alert-count") == str(firing))
        for rule in alerts.rules(ledger):
            alerts.enable_rule(ledger, rule.id, False, "boss", now())
        assert until(lambda: page.locator('[data-metric="gmv"] .alarm').count() == 0), item
        assert until(lambda: page.inner_text("#alert-count") == "")


def block_folder(folder: Path) -> bool:
    """Put a file where the folder was; False when the job made it again in between."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.write_text("a file where a folder should be")
    except IsADirectoryError:
        return False
    return True


def test_a_failing_job_is_told(shop: Any, chromium: str) -> None:
    assert until(lambda: block_folder(shop.web.context.settings.inbox))
    shop.web.context.flags["scheduler"].run_now("inbox")
    assert until(lambda: [health.name for health in shop.web.context.flags["scheduler"].failing()] == ["inbox"])
    with browser(chromium) as page:
        page.goto(f"{shop.url}/alerts")
        page.wait_for_selector('[data-fault="system"]')
        assert "inbox" in page.inner_text('[data-fault="system"]')


def test_a_rule_is_tried_and_saved(shop: Any, chromium: str) -> None:
    ledger = shop.web.context.ledger
    with browser(chromium) as page:
        page.goto(f"{shop.url}/alerts?tab=rules&rule=new&metric=aov")
        page.wait_for_selector("#rule-preview")
        page.wait_for_load_state("networkidle")
        page.fill("#rule-threshold", "50")
        page.keyboard.press("Tab")
        page.click("#rule-preview")
        page.wait_for_selector("#rule-answer .chip")
        page.click("#rule-save")
        page.wait_for_selector(".rules")
        assert page.faults == []
    made = alerts.rules(ledger)[-1]
    assert (made.metric, made.threshold, made.kind, made.side, made.origin) == ("aov", 50.0, "threshold", "above", "")
