"""How well `explain` finds causes: the Squeeze benchmark, and the incidents planted in the simulated shop.

    uv run python bench/rca.py [--data ../shared/datasets/squeeze_rca_dev] [--demo]

Squeeze: 46 cases of real leaf tables (21,600 leaves, four attributes) with injected causes; F1 over the named corners,
by cuboid layer and overall, and seconds a case. One setting for all cases. `--demo` loads the simulated shop for a
quarter of a year and asks `explain` about every incident that was planted.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from metrics.localise import localise

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "datasets" / "squeeze_rca_dev"
Corner = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """One leaf table with the corners that were injected."""

    folder: str
    name: str
    leaves: pd.DataFrame
    truth: frozenset[Corner]

    @property
    def layer(self) -> int:
        return max(len(corner) for corner in self.truth)

    @property
    def dims(self) -> list[str]:
        return [name for name in self.leaves.columns if name not in ("real", "predict")]


@dataclass
class Score:
    """True corners found, corners wrongly named, true corners missed; the slowest case."""

    hit: int = 0
    wrong: int = 0
    missed: int = 0
    cases: int = 0
    slowest: float = 0.0

    @property
    def f1(self) -> float:
        return 2 * self.hit / max(1, 2 * self.hit + self.wrong + self.missed)

    def add(self, found: frozenset[Corner], truth: frozenset[Corner], seconds: float) -> None:
        """Count one case."""
        self.hit += len(found & truth)
        self.wrong += len(found - truth)
        self.missed += len(truth - found)
        self.cases += 1
        self.slowest = max(self.slowest, seconds)


def cases(folder: Path) -> Iterator[Case]:
    """Every case below a folder; the text None is a value, not a gap."""
    for info in sorted(folder.glob("*/injection_info.csv")):
        truth = pd.read_csv(info, dtype=str).set_index("timestamp")["set"]
        for file in sorted(info.parent.glob("*.csv.gz")):
            leaves = pd.read_csv(file, keep_default_na=False, dtype={"real": float, "predict": float})
            told = str(truth[file.name.split(".")[0]])
            corners = frozenset(_corner(text) for text in told.split(";"))
            yield Case(info.parent.name, file.name.split(".")[0], leaves, corners)


def _corner(text: str) -> Corner:
    return frozenset((name, value) for name, _, value in (part.partition("=") for part in text.split("&")))


def named(case: Case) -> tuple[frozenset[Corner], float]:
    """The corners that are named for a case, and the seconds it took."""
    started = time.perf_counter()
    found = localise(case.leaves, case.dims, case.leaves["predict"].to_numpy(), case.leaves["real"].to_numpy())
    seconds = time.perf_counter() - started
    return frozenset(frozenset((k, str(v)) for k, v in corner.where.items()) for corner in found.corners), seconds


def squeeze(folder: Path) -> dict[str, Score]:
    """Scores by folder, by layer and over all."""
    scores: dict[str, Score] = {}
    for case in cases(folder):
        found, seconds = named(case)
        for group in (case.folder, f"layer {case.layer}", "all"):
            scores.setdefault(group, Score()).add(found, case.truth, seconds)
    return scores


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--demo", action="store_true")
    asked = parser.parse_args()
    for group, score in squeeze(asked.data).items():
        print(f"{group:28} cases {score.cases:3}  F1 {score.f1:.3f}  slowest {score.slowest:.3f} s")


if __name__ == "__main__":
    main()
