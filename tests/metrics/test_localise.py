"""Corners: known ones are found, noise names none, and some cases of the Squeeze benchmark."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics.localise import localise

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "datasets" / "squeeze_rca_dev"


def leaves(seed: int, mean: float = 4.0) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """6 × 8 × 5 leaves of Poisson counts, twice the same world."""
    dice = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product(
        [[f"{name}{n}" for n in range(size)] for name, size in zip("abc", (6, 8, 5), strict=True)]
    )
    frame = grid.to_frame(index=False, name=list("abc"))
    rate = mean * dice.gamma(1.0, 1.0, len(frame))
    return frame, dice.poisson(rate).astype(float), dice.poisson(rate).astype(float)


@pytest.mark.parametrize("where", [{"a": "a2"}, {"b": "b7"}, {"a": "a1", "c": "c3"}])
def test_a_planted_corner_is_named_first(where):
    frame, before, after = leaves(5, 12.0)
    inside = np.logical_and.reduce([frame[name] == value for name, value in where.items()])
    found = localise(frame, list("abc"), before, np.where(inside, np.round(after * 0.2), after))
    assert found.corners[0].where == where and not found.everywhere


def test_numbers_of_a_corner_stay_whole_where_no_dimension_is_a_text():
    grid = pd.MultiIndex.from_product([range(24), range(1, 8)]).to_frame(index=False, name=["hour", "weekday"])
    dice = np.random.default_rng(3)
    before, after = (dice.poisson(40.0, len(grid)).astype(float) for _ in range(2))
    frame = grid.assign(before=before)  # as `explain` brings them: beside values that are fractions
    where = localise(frame, ["hour", "weekday"], before, np.where(grid["weekday"] == 7, 0.0, after)).corners[0].where
    assert where == {"weekday": 7} and isinstance(where["weekday"], int)


def test_noise_alone_seldom_names_a_corner():
    named = [
        bool(localise(frame, list("abc"), before, after).corners) for frame, before, after in map(leaves, range(60))
    ]
    assert sum(named) <= 6


def test_what_all_do_is_everywhere():
    frame, before, after = leaves(3, 20.0)
    found = localise(frame, list("abc"), before, np.round(after * 0.5))
    assert found.everywhere and not found.corners


def test_negative_values_and_gaps_are_allowed():
    frame, before, after = leaves(4, 12.0)
    frame.loc[frame["a"] == "a0", "a"] = None
    inside = frame["a"].isna()
    found = localise(frame, list("abc"), before, np.where(inside, -after, after))
    assert found.corners[0].where == {"a": None}
    assert localise(frame.iloc[:0], list("abc"), before[:0], after[:0]).corners == ()


@pytest.mark.skipif(not DATA.exists(), reason="the benchmark's data are not beside the checkout")
def test_some_cases_of_the_squeeze_benchmark():
    spec = importlib.util.spec_from_file_location("bench_rca", ROOT / "bench" / "rca.py")
    assert spec is not None and spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    sys.modules["bench_rca"] = bench
    spec.loader.exec_module(bench)
    score = bench.Score()
    for number, case in enumerate(bench.cases(DATA)):
        if number % 6 == 0:
            found, seconds = bench.named(case)
            score.add(found, case.truth, seconds)
    assert score.cases == 8 and score.f1 >= 0.85
