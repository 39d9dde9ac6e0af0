"""What tests of every room share: an empty home, warehouse and ledger, a running server, a browser, the data sets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import config
from config import ROOT, Settings

SHARED = ROOT.parent / "shared"
ONE_WORKER = {"tests/browser/": "browser", "tests/simulator/test_product_truth.py": "demo"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests share one worker: two cores cannot drive two Chromiums and a server each."""
    for item in items:
        if item.get_closest_marker("browser") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Groups by the paths in ONE_WORKER: pytest 9.2 does not read the node id that xdist 3.8 writes groups to."""
    from xdist.scheduler import LoadGroupScheduling

    class ByPath(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            grouped = (group for path, group in ONE_WORKER.items() if nodeid.startswith(path))
            return next(grouped, super()._split_scope(nodeid))

    return ByPath(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No test sees the developer's home, language or a clock that another test stopped."""
    for name in [name for name in os.environ if name.startswith("COCKPIT_") and name not in ("COCKPIT_CHROMIUM",)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COCKPIT_WARM_SECONDS", "0")  # a page computed ahead is nobody's business but its own test's
    yield
    config.freeze(None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home that belongs to this test alone."""
    return replace(Settings(), home=tmp_path / "home", port=0)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Any]:
    """An empty ledger."""
    from warehouse.ledger import Ledger

    with Ledger.open(settings) as opened:
        yield opened


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[Any]:
    """An empty warehouse."""
    from warehouse import Warehouse

    with Warehouse.open(settings) as opened:
        yield opened


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Password hashing that costs less than in earnest."""
    from argon2 import PasswordHasher

    from access import passwords

    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "_decoy", [])


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data sets and reference figures beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"no data sets at {SHARED}")
    return SHARED


@pytest.fixture
def server(settings: Settings) -> Iterator[Any]:
    """A whole running server on a free port of 127.0.0.1 (`commands.serve.Running`)."""
    from commands.serve import start

    running = start(settings)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; `./cockpit test` installs one where it can."""
    names = (
        os.environ.get("COCKPIT_CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    for name in names:
        path = shutil.which(name) if name else None
        if path:
            return path
    pytest.skip("no Chromium: install one or name it with COCKPIT_CHROMIUM")
