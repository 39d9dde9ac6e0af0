"""What the wall and data tests share: a shop of today as a Tmall report, a server that can be stopped, a page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config import Settings, now

HEAD = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额\n"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def report(path: Path, orders: list[tuple[str, float, datetime]]) -> Path:
    """A Tmall report of paid orders: number, amount, time of payment."""
    rows = [
        f"{number},{amount:.2f},{amount:.2f},江苏省,{at - timedelta(seconds=30):%Y-%m-%d %H:%M:%S},"
        f"{at:%Y-%m-%d %H:%M:%S},0\n"
        for number, amount, at in orders
    ]
    path.write_text(HEAD + "".join(rows), "utf-8")
    return path


def busy_day(at: datetime, count: int = 60, name: str = "D") -> list[tuple[str, float, datetime]]:
    """Orders through today up to `at`, and the same through yesterday."""
    start = at.replace(hour=0, minute=0, second=0, microsecond=0)
    gap = (at - start) / (count + 1)
    today = [(f"{name}{i:05d}", 100.0 + i, start + gap * (i + 1)) for i in range(count)]
    return today + [(f"Y{number}", amount * 0.9, moment - timedelta(days=1)) for number, amount, moment in today]


def load(context: Any, path: Path, source: str = "file") -> None:
    """Load a file as the command does; another `source` has another promise of how often it speaks."""
    import connectors

    for batch in connectors.read_file(path, settings=context.settings):
        context.warehouse.load(replace(batch, source=source))


def start(settings: Settings) -> Any:
    """A running server that opens without a password for this machine."""
    from commands.serve import start as serve

    return serve(settings, demo=True)


def fixed(settings: Settings, port: int) -> Settings:
    """The same home on a port that is known, for a second start."""
    return replace(settings, port=port)


class Chromium:
    """One browser process for a whole session of tests: starting one costs more than most tests."""

    def __init__(self) -> None:
        self._driver: Any = None
        self._opened: Any = None

    def open(self, path: str) -> Any:
        from playwright.sync_api import sync_playwright

        if self._opened is None or not self._opened.is_connected():
            self.close()
            self._driver = sync_playwright().start()
            self._opened = self._driver.chromium.launch(executable_path=path, args=ARGS)
        return self._opened

    def close(self) -> None:
        for part, end in ((self._opened, "close"), (self._driver, "stop")):
            if part is not None:
                getattr(part, end)()
        self._opened = self._driver = None


CHROMIUM = Chromium()
PATIENCE = 90.0  # seconds: a loaded machine is slow, not wrong


@contextmanager
def browser(chromium: str, **context: Any) -> Iterator[Any]:
    """A page of a new reader in a real Chromium; errors of its scripts are collected in `page.faults`."""
    reader = CHROMIUM.open(chromium).new_context(**{"viewport": {"width": 1440, "height": 900}, **context})
    reader.set_default_timeout(PATIENCE * 1000)
    page = reader.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error.stack or error)))
    page.faults = faults
    try:
        yield page
    finally:
        reader.close()


def until(check: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait for something to become true; the last answer either way."""
    deadline = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def today() -> datetime:
    return now().replace(microsecond=0)
