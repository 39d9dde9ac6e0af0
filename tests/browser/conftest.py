"""One running server with a small simulated shop for all page tests of a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

import config
from config import Settings
from tests.browser.wall_data import CHROMIUM

DAYS, LINES, SEED = 40, 2500, 7


@pytest.fixture(scope="session", autouse=True)
def _one_browser() -> Iterator[None]:
    yield
    CHROMIUM.close()


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server over forty days of a small world that ends now; opens without a password for this machine."""
    import connectors
    from commands.serve import start
    from simulator.exports import write_all
    from simulator.world import World

    home = tmp_path_factory.mktemp("pages-home")
    end = config.now().replace(microsecond=0)
    world = World(SEED, datetime.combine(end.date() - timedelta(days=DAYS), time.min), end, LINES)
    folder = tmp_path_factory.mktemp("pages-world")
    running = start(replace(Settings(), home=home, port=0), demo=True)
    try:
        context = running.web.context
        for one in write_all(world, folder):
            for batch in connectors.read_file(one.path, settings=context.settings):
                context.warehouse.load(batch)
        yield running
    finally:
        running.stop()
