"""docs/reference-figures.md speaks of every reference figure, and of no metric that is not there."""

from __future__ import annotations

import json
import re

import pytest

from config import ROOT
from metrics import catalogue, dimensions

FIGURES = ROOT.parent / "shared" / "reference" / "figures"
if not FIGURES.is_dir():
    pytest.skip(f"no reference figures at {FIGURES}", allow_module_level=True)

TABLE = (ROOT / "docs" / "reference-figures.md").read_text("utf-8")
SECTIONS = {part.split("\n", 1)[0].strip(): part for part in TABLE.split("\n## ")[1:]}


@pytest.mark.parametrize("name", sorted(path.stem for path in FIGURES.glob("*.json")))
def test_every_figure_has_its_row(name: str) -> None:
    told = json.loads((FIGURES / f"{name}.json").read_text("utf-8"))
    wanted = [*told["figures"], *(f"{series} (series)" for series in told["series"])]
    rows = dict(re.findall(r"^\| (.+?) \| (.+) \|$", SECTIONS[name], re.M))
    assert [figure for figure in wanted if not rows.get(figure, "").strip()] == []


def test_every_metric_of_the_table_is_in_the_catalogue() -> None:
    rows = re.findall(r"^\| .+? \| (.+) \|$", TABLE, re.M)
    named = {word for row in rows for word in re.findall(r"`([a-z_0-9]+)`", row)}
    others = {"gross_paid", "net", "torn", "stray_day"}  # names of the figures themselves, reasons of quarantine
    assert named - set(catalogue()) - set(dimensions()) - others == set()
