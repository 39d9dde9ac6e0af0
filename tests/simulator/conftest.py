"""One small world for the whole room: 90 days that end during the double-11 return wave."""

from __future__ import annotations

from datetime import datetime

import pytest

from simulator.world import World

START, END = datetime(2026, 8, 20), datetime(2026, 11, 18, 15, 30)


@pytest.fixture(scope="session")
def world() -> World:
    return World(seed=11, start=START, end=END, lines=20_000)
