"""Signing in as a person does, and the content policy in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from commands.serve import Running
from tests.browser.wall_data import CHROMIUM, PATIENCE

pytestmark = pytest.mark.browser
PHRASE = "驾驶舱的密码八号"


@pytest.fixture
def chrome(chromium: str) -> Iterator[Any]:
    browser = CHROMIUM.open(chromium)
    yield browser
    for context in browser.contexts:
        context.close()


def test_set_up_and_sign_in_work_without_scripts(chrome: Any, server: Running, cheap_hashes: None) -> None:
    page = chrome.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(server.url)
    assert page.url.endswith("/setup") and "设置管理员" in page.content()
    page.fill("#name", "老板")
    page.fill("#password", PHRASE)
    page.fill("#again", PHRASE + "x")
    page.click("button")
    assert "不一致" in page.inner_text("[role=alert]")
    page.fill("#password", PHRASE)
    page.fill("#again", PHRASE)
    page.click("button")
    assert page.url.rstrip("/") == server.url
    page.goto(server.url + "/logout")
    page.click("text=English")
    assert page.inner_text("h1") == "Sign in"
    page.fill("#name", "老板")
    page.fill("#password", "wrong")
    page.click("button")
    assert "wrong" in page.inner_text("[role=alert]")
    page.fill("#password", PHRASE)
    page.click("button")
    assert page.url.rstrip("/") == server.url


def test_pages_keep_to_the_content_policy(chrome: Any, server: Running, cheap_hashes: None) -> None:
    from access import sessions, users

    context = server.web.context
    users.add(context.ledger, "boss", "boss", PHRASE)
    token = sessions.start(context.ledger, context.settings, users.need(context.ledger, "boss"), "127.0.0.1")
    browser = chrome.new_context()
    browser.add_cookies([{"name": "cockpit_session", "value": token, "url": server.url}])
    page, said = browser.new_page(), []
    page.set_default_timeout(PATIENCE * 1000)
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in ("/", "/execution", "/alerts", "/wall/overview"):
        page.goto(server.url + path)
        page.wait_for_selector("nav a, main, .welcome")
        page.wait_for_timeout(300)
    assert [text for text in said if "Content Security Policy" in text or "Refused" in text] == []
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.broken = 1';"
        " document.body.append(s) }"
    )
    assert page.evaluate("window.broken") is None, "an inline script that is not ours must not run"
