"""A warehouse to write facts into."""

from __future__ import annotations

from typing import Any

import pytest

from tests.metrics.facts import Facts


@pytest.fixture
def facts(warehouse: Any) -> Facts:
    return Facts(warehouse)
