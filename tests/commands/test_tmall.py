"""The real Tmall report and its variants through the command line give the published figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Cockpit

REPORT = Path("datasets") / "tmall_orders_2020"


@pytest.fixture
def figures(shared: Path) -> dict[str, Any]:
    told = json.loads((shared / "reference" / "figures" / "tmall_orders_2020.json").read_text("utf-8"))["figures"]
    return {name: entry["value"] for name, entry in told.items()}


def ask(cockpit: Cockpit, *words: str) -> list[dict[str, Any]]:
    return json.loads(cockpit("query", *words, "--format", "json").out)["rows"]


def test_the_report_gives_the_figures(cockpit: Cockpit, shared: Path, figures: dict[str, Any]) -> None:
    file = shared / REPORT / "tmall_order_report.csv"
    batch = json.loads(cockpit("load", file, "--json").out)["batches"][0]
    assert batch["rows_read"] == batch["accepted"] == figures["orders_created"] and batch["quarantined"] == 0
    sales = ("gmv", "net_sales", "orders", "orders_created", "payment_rate", "refund_amount", "order_value")
    row = ask(cockpit, *sales)[0]
    assert row["gmv"] == pytest.approx(figures["gross_paid_amount"], abs=0.005)
    assert row["net_sales"] == pytest.approx(figures["net_paid_amount"], abs=0.005)
    assert row["refund_amount"] == pytest.approx(figures["refund_amount"], abs=0.005)
    assert (row["orders"], row["orders_created"]) == (figures["orders_paid"], figures["orders_created"])
    assert row["payment_rate"] == pytest.approx(figures["paying_rate"], abs=1e-9)
    assert row["order_value"] == pytest.approx(figures["aov_gross"], abs=1e-6)
    assert json.loads(cockpit("load", file, "--json").out)["batches"][0]["accepted"] == 0
    assert ask(cockpit, "orders", "--start", "2020-03-01") == [{"orders": figures["paid_in_march"]}]


@pytest.mark.parametrize("variant", ["excel_resaved_minutes_only.csv", "paid_only_unnamed_index.csv"])
def test_its_variants_give_the_same(cockpit: Cockpit, shared: Path, figures: dict[str, Any], variant: str) -> None:
    said = cockpit("load", shared / REPORT / "variants" / variant, "--json")
    assert said.code == 0, said.err
    row = ask(cockpit, "gmv", "net_sales", "orders")[0]
    assert row["gmv"] == pytest.approx(figures["gross_paid_amount"], abs=0.005)
    assert row["net_sales"] == pytest.approx(figures["net_paid_amount"], abs=0.005)
    assert row["orders"] == figures["orders_paid"]
