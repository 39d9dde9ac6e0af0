"""The incidents planted in a simulated shop are what `explain` names first."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

import config

ROOT = Path(__file__).resolve().parents[2]
SURE = {"price_typo", "fake_orders", "page_broken", "ad_burning", "live_dropped"}
"""A refund wave of ten sold pieces is one that chance explains too; the bench counts it, this test does not."""


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Any:
    spec = importlib.util.spec_from_file_location("bench_rca", ROOT / "bench" / "rca.py")
    assert spec is not None and spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    sys.modules["bench_rca"] = bench
    spec.loader.exec_module(bench)
    try:
        yield bench.planted(tmp_path_factory.mktemp("rca"), lines=45_000, days=30)
    finally:
        config.freeze(None)


@pytest.mark.timeout(600)
def test_planted_incidents_are_named_first(answered: Any) -> None:
    asked = [one for one in answered if one.kind in SURE]
    assert {one.kind for one in asked} == SURE
    missed = [one for one in asked if not one.right]
    assert len(missed) <= 0.1 * len(asked), missed
