"""The wall in a real browser: the engine's own number, moved by a batch, veiled without a server, back by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import config
import metrics
from access import keys
from components import wall_shell
from config import Settings
from metrics.types import Query, Scope
from tests.browser.wall_data import browser, busy_day, fixed, load, report, start, until

pytestmark = pytest.mark.browser
AFTERNOON = datetime(2026, 11, 22, 16, 47, 4)


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Any:
    config.freeze(AFTERNOON)
    running = start(settings)
    load(running.web.context, report(tmp_path / "today.csv", busy_day(AFTERNOON)))
    yield running
    running.stop()


def gmv(context: Any) -> float:
    result = metrics.query(context.warehouse, Query(metrics=("gmv",), period="today"), Scope.everything())
    return float(result.rows[0]["gmv"])


def shown(page: Any, tile: str = "gmv") -> float | None:
    value = (
        page.get_attribute(f'[data-tile="{tile}"] .value', "data-value")
        if page.query_selector(f'[data-tile="{tile}"] .value')
        else None
    )
    return None if value is None else float(value)


def open_wall(page: Any, url: str) -> None:
    page.goto(f"{url}/wall/overview")
    page.wait_for_selector('#wall[aria-busy="false"]')


def test_the_wall_shows_the_engines_number_and_moves_with_a_batch(shop: Any, chromium: str, tmp_path: Path) -> None:
    context = shop.web.context
    with browser(chromium, viewport={"width": 1920, "height": 1080}) as page:
        open_wall(page, shop.url)
        before = gmv(context)
        assert shown(page) == pytest.approx(before) and before > 0
        assert page.inner_text('[data-tile="gmv"] .num') == f"{before:,.0f}"
        load(context, report(tmp_path / "more.csv", [("N1", 5000.0, AFTERNOON - timedelta(minutes=3))]))
        assert until(lambda: shown(page) == pytest.approx(before + 5000.0))
        assert until(lambda: page.inner_text('[data-tile="gmv"] .num') == f"{before + 5000:,.0f}")
        assert page.faults == []


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160)])
def test_nothing_scrolls_nothing_is_cut_and_nothing_is_small(shop: Any, chromium: str, size: tuple[int, int]) -> None:
    with browser(chromium, viewport={"width": size[0], "height": size[1]}) as page:
        open_wall(page, shop.url)
        assert page.evaluate(
            "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"
        )
        sizes = page.evaluate("""() => [...document.querySelectorAll('#wall *')].filter(e =>
            e.getClientRects().length && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .map(e => parseFloat(getComputedStyle(e).fontSize) * 1080 / innerHeight)""")
        assert min(sizes) >= 19.99
        figures = page.evaluate(
            """() => [...document.querySelectorAll('.kpi .num')]
            .map(e => parseFloat(getComputedStyle(e).fontSize) * 1080 / innerHeight)"""
        )
        assert len(figures) == 5 and min(figures) >= 64
        cut = page.evaluate("""() => [...document.querySelectorAll('#wall .tile .body, #wall .under, #wall .kpi .num')]
            .filter(e => e.scrollWidth > e.clientWidth + 1
            && getComputedStyle(e).display !== 'inline').map(e => e.className)""")
        assert cut == []


def test_without_a_server_the_wall_is_veiled_and_comes_back_by_itself(
    shop: Any, settings: Settings, chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(wall_shell.TIMING, "lost_seconds", 3)
    monkeypatch.setitem(wall_shell.TIMING, "max_wait_ms", 2000)
    with browser(chromium, viewport={"width": 1920, "height": 1080}) as page:
        page.add_init_script("window.__born = Math.random()")
        open_wall(page, shop.url)
        before, port = shown(page), shop.address.port
        assert page.is_hidden("#wall-veil")
        shop.stop()
        page.wait_for_selector("#wall-veil:not([hidden])")
        assert "16:4" in page.inner_text("#wall-veil p")
        again = start(fixed(settings, port))
        try:
            page.wait_for_selector("#wall-veil", state="hidden")
            load(again.web.context, report(tmp_path / "after.csv", [("A1", 777.0, AFTERNOON - timedelta(minutes=2))]))
            assert until(lambda: shown(page) == pytest.approx((before or 0) + 777.0))
        finally:
            again.stop()


def test_old_data_are_greyed_with_a_sentence(shop: Any, chromium: str, tmp_path: Path) -> None:
    live = report(tmp_path / "live.csv", [("L1", 60.0, AFTERNOON - timedelta(minutes=1))])
    load(shop.web.context, live, source="tmall_api")  # asked every five minutes: two hours are far too old
    config.freeze(AFTERNOON + timedelta(hours=2))
    with browser(chromium, viewport={"width": 1920, "height": 1080}) as page:
        open_wall(page, shop.url)
        tile = '[data-tile="gmv"]'
        assert page.get_attribute(tile, "data-age") == "stale"
        assert "晚" in page.inner_text("[data-part=fresh]") or "中断" in page.inner_text("[data-part=fresh]")
        assert page.is_visible(f"{tile} .stale-note") and "16:" in page.inner_text(f"{tile} .stale-note")


def test_history_is_never_called_today(shop: Any, chromium: str) -> None:
    config.freeze(AFTERNOON + timedelta(days=40))
    with browser(chromium, viewport={"width": 1920, "height": 1080}) as page:
        open_wall(page, shop.url)
        assert "2026-11-22" in page.inner_text("[data-part=title]")
        assert page.is_visible("[data-part=note]") and "今日" not in page.inner_text("#wall")
        assert page.get_attribute('[data-tile="gmv"]', "data-age") == "past"


def test_a_wall_key_opens_its_wall_and_leaves_the_address(shop: Any, chromium: str) -> None:
    from access import users

    ledger = shop.web.context.ledger
    users.add(ledger, "admin", "admin")  # from now on the demo is closed
    key = keys.make_wall_key(ledger, "overview")
    with browser(chromium, viewport={"width": 1920, "height": 1080}) as page:
        page.goto(f"{shop.url}/wall/overview?key=wk_wrong")
        assert page.locator("[role=alert]").count() == 1 and page.query_selector("#wall") is None
        page.goto(f"{shop.url}/wall/overview?key={key}")
        page.wait_for_selector('#wall[aria-busy="false"]')
        assert key not in page.url and "key" not in page.url and shown(page) == pytest.approx(gmv(shop.web.context))
        assert page.request.get(f"{shop.url}/data/jobs/1").status in (401, 403)
        keys.revoke_wall_key(ledger, keys.wall_keys(ledger)[0]["id"])
        page.wait_for_selector("#wall-veil:not([hidden])")


def test_a_critical_alarm_stands_on_the_wall_until_it_is_acknowledged(shop: Any, chromium: str) -> None:
    import alerts
    from alerts import store
    from alerts.types import Rule

    context = shop.web.context
    store.write_rule(context.ledger, Rule(metric="gmv", threshold=1.0, severity="critical"), "test", AFTERNOON)
    alerts.evaluate(context.warehouse, context.ledger, AFTERNOON)
    with browser(chromium, viewport={"width": 1920, "height": 1080}) as page:
        open_wall(page, shop.url)
        banner = page.wait_for_selector("[data-part=alarm][data-severity=critical]:not([hidden])")
        assert "成交额" in banner.inner_text()
        mine = next(
            item
            for item in alerts.active(context.ledger, Scope.everything())
            if item.metric == "gmv" and item.severity == "critical"
        )
        alerts.acknowledge(context.ledger, mine.id, "test", "", AFTERNOON)
        assert until(lambda: not page.query_selector("[data-part=alarm][data-severity=critical]:not([hidden])"))
