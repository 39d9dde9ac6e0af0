"""Ad rows told several ways: creatives beside plans, sums over a range beside days; each yuan counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

import connectors
from config import Settings
from metrics import Query, Scope, query
from tests.connectors.conftest import text_of
from tests.connectors.samples_ads import ADS
from tests.metrics.facts import ALL, Facts, at, days
from warehouse import Warehouse

MARCH = days("2024-03-01", "2024-03-31")


def asked(warehouse: Warehouse, by: tuple[str, ...] = (), **where: str) -> list[tuple]:
    filters = {name: (value,) for name, value in where.items()}
    told = query(warehouse, Query(("ad_spend", "ad_gmv", "ad_roi"), by, period=MARCH, filters=filters), ALL).rows
    return [tuple(row.values()) for row in told]


def ad(facts: Facts, day: str, cost: float, gmv: float, **more: object) -> None:
    facts.row("ad_spend", **{"at": at(day), "span": "day", "cost": cost, "gmv": gmv} | more)


def test_creatives_are_shown_by_creative_and_never_added_to_plans(facts: Facts) -> None:
    ad(facts, "2024-03-01", 100, 300, ad_plan="p")
    ad(facts, "2024-03-02", 50, 100, ad_plan="q")
    for day in ("01", "02"):
        ad(facts, f"2024-03-{day}", 40, 160, creative="c", attribution="creative")
        ad(facts, f"2024-03-{day}", 20, 20, creative="d", attribution="creative")
    facts.ready()
    assert asked(facts.warehouse) == [(150, 400, 400 / 150)]
    assert sorted(asked(facts.warehouse, ("ad_plan",))) == [("p", 100, 300, 3), ("q", 50, 100, 2)]
    assert sorted(asked(facts.warehouse, ("creative",))) == [("c", 80, 320, 4), ("d", 40, 40, 1)]
    assert asked(facts.warehouse, creative="c") == [(80, 320, 4)]
    assert asked(facts.warehouse, ("creative",), ad_plan="p") in ([], [(None, 0, 0, None)])


@pytest.mark.parametrize("first", ["days", "range"])
def test_days_win_over_a_range_of_the_same_plan(
    settings: Settings, warehouse: Warehouse, tmp_path: Path, first: str
) -> None:
    head, whole, day = ADS["jd_ads"][0]
    other = [cell.replace("10160070484512", "10160070484599") for cell in whole]
    inside = [cell.replace("20260701~20260701", "20260615~20260615") for cell in day]
    files = {"range": [head, whole, other], "days": [head, inside, day]}
    notes = []
    for name in (first, *({"days", "range"} - {first})):
        path = tmp_path / f"{name}.csv"
        path.write_text(text_of(files[name]), "utf-8", newline="")
        (report,) = [warehouse.load(batch) for batch in connectors.read_file(path, settings=settings)]
        notes.append(report.notes)
    assert notes[0] == () and notes[1] == ("ranges_aside|count=1",)
    found = query(
        warehouse, Query(("ad_spend",), ("ad_plan",), period=days("2026-06-01", "2026-07-31")), Scope.everything()
    )
    assert {row["ad_plan"]: row["ad_spend"] for row in found.rows} == {
        "10160070484512": 2 * 88.80,  # its days; the other's range is all that is known of it
        "10160070484599": 1080.00,
    }
    warehouse.remove_batches("nobody")
    told = warehouse.read("SELECT until, aside FROM ad_spend WHERE span = 'period' ORDER BY ad_plan").to_pylist()
    assert [(str(row["until"]), row["aside"]) for row in told] == [("2026-06-30", True), ("2026-06-30", None)]
