"""Real files, loaded as people load them, give the reference figures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import connectors
from config import ROOT, Settings
from metrics import Path as Way
from metrics import Query, Result, Scope, path, query
from tests.metrics.facts import days
from warehouse import Warehouse

SHARED = ROOT.parent / "shared"
if not SHARED.is_dir():
    pytest.skip(f"no data sets at {SHARED}", allow_module_level=True)

MONTH = days("2020-02-01", "2020-03-01")


def figures(name: str) -> dict[str, Any]:
    return json.loads((SHARED / "reference" / "figures" / f"{name}.json").read_text("utf-8"))


def loaded(home: Path, *files: str) -> Warehouse:
    settings = replace(Settings(), home=home)
    warehouse = Warehouse.open(settings)
    for name in files:
        copy = home / Path(name).name
        shutil.copy(SHARED / "datasets" / name, copy)
        for batch in connectors.read_file(copy, settings=settings):
            warehouse.load(batch)
    return warehouse


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A shop's order report of 2020 and a behaviour log of 2017 in one warehouse."""
    with loaded(
        tmp_path_factory.mktemp("reference"),
        "tmall_orders_2020/tmall_order_report.csv",
        "taobao_userbehavior_2017/UserBehavior.csv",
    ) as opened:
        yield opened


def ask(warehouse: Warehouse, *metrics: str, **more: Any) -> Result:
    return query(warehouse, Query(metrics, **more), Scope.everything())


def test_tmall_totals(both: Warehouse) -> None:
    told = {name: item["value"] for name, item in figures("tmall_orders_2020")["figures"].items()}
    found = ask(
        both,
        "gmv",
        "net_sales",
        "refund_amount",
        "orders",
        "orders_created",
        "payment_rate",
        "order_amount",
        "refund_rate",
        "refund_rate_cohort",
        "refund_orders",
        "order_value",
        "aov",
        "buyers",
        period=MONTH,
    )
    row = found.rows[0]
    assert row["gmv"] == told["gross_paid_amount"] == 2474823.07
    assert row["net_sales"] == told["net_paid_amount"] == 1902487.15
    assert row["refund_amount"] == told["refund_amount"]
    assert (row["orders"], row["orders_created"]) == (told["orders_paid"], told["orders_created"])
    assert row["payment_rate"] == pytest.approx(told["paying_rate"], rel=1e-9)
    assert row["order_amount"] == told["gmv_created"]
    assert row["refund_rate"] == row["refund_rate_cohort"] == pytest.approx(told["refund_rate_amount"], rel=1e-9)
    assert row["refund_orders"] == told["orders_with_refund"]
    assert row["orders_created"] - row["orders"] == told["orders_unpaid"]
    (late,) = ask(both, "orders", period=days("2020-03-01", "2020-03-31")).rows
    assert late["orders"] == told["paid_in_march"]
    assert row["order_value"] == pytest.approx(told["aov_gross"], rel=1e-9)
    assert (row["aov"], row["buyers"], found.notes["aov"], found.notes["buyers"]) == (
        None,
        None,
        "no_buyer",
        "no_buyer",
    )


def test_tmall_series(both: Warehouse) -> None:
    series = {name: item["value"] for name, item in figures("tmall_orders_2020")["series"].items()}
    paid = ask(both, "gmv", "refund_amount", "net_sales", "orders", grain="day", period=MONTH).rows
    assert [(row["day"], row["gmv"], row["refund_amount"], row["net_sales"], row["orders"]) for row in paid] == [
        (day["pday"], day["gross_paid"], day["refund"], day["net"], day["orders_paid"]) for day in series["by_pay_day"]
    ]
    made = ask(both, "orders_created", "payment_rate", grain="day", period=MONTH).rows
    made = [row for row in made if row["orders_created"]]
    assert [row["orders_created"] for row in made] == [day["orders_created"] for day in series["by_create_day"]]
    assert [row["payment_rate"] for row in made] == pytest.approx(
        [day["paying_rate"] for day in series["by_create_day"]]
    )
    hours = ask(both, "orders_created", dimensions=("hour",), period=MONTH).rows
    assert {str(row["hour"]): row["orders_created"] for row in hours} == series["by_hour"]
    places = {
        row["province"]: row
        for row in ask(
            both, "gmv", "orders", "orders_created", "refund_rate", dimensions=("province",), period=MONTH
        ).rows
    }
    assert len(places) == len(series["by_province"]) == 31
    for told in series["by_province"]:
        row = next(row for name, row in places.items() if told["prov"].startswith(name))
        assert (row["gmv"], row["orders"], row["orders_created"]) == (
            told["gross_paid"],
            told["orders_paid"],
            told["orders_created"],
        )
        assert row["refund_rate"] == pytest.approx(told["refund_rate_amount"])


def test_all_data_is_the_default_and_the_last_day_the_anchor(both: Warehouse) -> None:
    found = ask(both, "gmv")
    assert found.rows[0]["gmv"] == 2474823.07 and found.period == MONTH
    assert ask(both, "orders", period="today").rows == [{"orders": 6}]  # 1 March


def test_behaviour_log(both: Warehouse) -> None:
    told = {name: item["value"] for name, item in figures("taobao_userbehavior_2017")["figures"].items()}
    nine = days("2017-11-25", "2017-12-03")
    row = ask(
        both,
        "behaviour_events",
        "view_events",
        "cart_events",
        "favourite_events",
        "buy_events",
        "visitors",
        "buyers",
        "add_to_cart",
        "favourites",
        "page_views",
        "repeat_rate",
        period=nine,
    ).rows[0]
    events, users = told["events"], told["users_by_type"]
    assert row["behaviour_events"] == told["rows_used"]
    assert [row[f"{name}_events"] for name in ("view", "cart", "favourite", "buy")] == [
        events[n] for n in ("pv", "cart", "fav", "buy")
    ]
    assert (row["visitors"], row["buyers"], row["add_to_cart"], row["favourites"], row["page_views"]) == (
        told["users"],
        users["buy"],
        users["cart"],
        users["fav"],
        events["pv"],
    )
    assert row["repeat_rate"] == pytest.approx(told["multi_buy_share"])
    steps = ask(
        both,
        "funnel_view_users",
        "funnel_interest_users",
        "funnel_buy_users",
        "funnel_view_pairs",
        "funnel_interest_pairs",
        "funnel_buy_pairs",
        "funnel_direct_buy_pairs",
        period=nine,
    ).rows[0]
    assert list(steps.values()) == [
        *told["funnel_users_unordered"].values(),
        *told["funnel_user_item_ordered"].values(),
    ]


def test_the_way_from_view_to_purchase(both: Warehouse) -> None:
    """The figures look at each pair's first cart only; a way may also begin with a later one, so it finds more."""
    told = {name: item["value"] for name, item in figures("taobao_userbehavior_2017")["figures"].items()}
    nine = days("2017-11-25", "2017-12-03")

    def reached(**more: Any) -> list[int]:
        return [row["reached"] for row in path(both, Way(period=nine, **more), Scope.everything()).rows]

    ordered, pairs = told["funnel_user_item_ordered"], reached()
    assert pairs[0] == ordered["pv"]
    assert pairs[1] > ordered["then_cart_or_fav"] and pairs[2] > ordered["then_buy"]
    day = reached(within_hours=24)
    assert day[0] == pairs[0] and pairs[1] > day[1] and pairs[2] > day[2] > 0
    users, unordered = reached(unit="users"), told["funnel_users_unordered"]
    assert users[0] == unordered["pv"] and users[1] <= unordered["cart_or_fav"] and users[2] <= unordered["buy"]


def test_behaviour_series_and_its_note(both: Warehouse) -> None:
    series = {name: item["value"] for name, item in figures("taobao_userbehavior_2017")["series"].items()}
    nine = days("2017-11-25", "2017-12-03")
    found = ask(both, "page_views", "visitors", "buy_events", "buyers", "cvr", grain="day", period=nine)
    assert found.notes["cvr"] == "from_behaviour_log"
    assert [
        (row["day"], row["page_views"], row["visitors"], row["buy_events"], row["buyers"]) for row in found.rows
    ] == [(day["day"], day["pv"], day["uv"], day["buy"], day["buyers"]) for day in series["by_day"]]
    assert [row["cvr"] for row in found.rows] == pytest.approx([day["conv"] for day in series["by_day"]])
    hours = ask(
        both, "buy_events", "cart_events", "favourite_events", "view_events", dimensions=("hour",), period=nine
    ).rows
    assert [tuple(row.values()) for row in hours] == [
        (h["hour"], h["buy"], h["cart"], h["fav"], h["pv"]) for h in series["by_hour"]
    ]


@pytest.mark.parametrize(("by", "series", "key"), [("product", "item", "i"), ("category", "category", "c")])
def test_what_is_bought_most(both: Warehouse, by: str, series: str, key: str) -> None:
    told = figures("taobao_userbehavior_2017")["series"][f"top10_{series}_by_buy"]["value"]
    nine = days("2017-11-25", "2017-12-03")
    found = ask(both, "buy_events", dimensions=(by,), order="-buy_events", period=nine).rows
    bought = {row[by]: row["buy_events"] for row in found}
    assert [bought[str(row[key])] for row in told] == [row["n"] for row in told]
    assert [row["buy_events"] for row in found[: len(told)]] == [row["n"] for row in told]


@pytest.mark.parametrize("variant", ["excel_resaved_minutes_only.csv", "paid_only_unnamed_index.csv"])
def test_variants_of_the_tmall_report(tmp_path: Path, variant: str) -> None:
    with loaded(tmp_path, f"tmall_orders_2020/variants/{variant}") as warehouse:
        row = ask(warehouse, "gmv", "net_sales", "orders").rows[0]
        assert row == {"gmv": 2474823.07, "net_sales": 1902487.15, "orders": 24087}
