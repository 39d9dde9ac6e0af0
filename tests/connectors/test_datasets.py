# ruff: noqa: E501 - cells of files stand as they are
"""Real files from end to end against the reference figures made by others' tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from warehouse import Warehouse

TMALL = {
    "tmall_order_report.csv": 28010,
    "variants/excel_resaved_minutes_only.csv": 28010,
    "variants/paid_only_unnamed_index.csv": 24087,
}


def figures(shared: Path, name: str) -> dict[str, Any]:
    found = json.loads((shared / "reference" / "figures" / f"{name}.json").read_text("utf-8"))
    return {key: value["value"] for key, value in found["figures"].items()} | {
        key: value["value"] for key, value in found["series"].items()
    }


def one(warehouse: Warehouse, sql: str) -> dict[str, Any]:
    (row,) = warehouse.read(sql).to_pylist()
    return row


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", TMALL)
def test_tmall_report(load, warehouse: Warehouse, shared: Path, tmp_path: Path, name: str, encoding: str) -> None:
    known = figures(shared, "tmall_orders_2020")
    path = tmp_path / "report.csv"
    path.write_bytes((shared / "datasets" / "tmall_orders_2020" / name).read_bytes().decode().encode(encoding))
    (report,) = load(path)
    assert (report.kind, report.rows_read, report.quarantined) == ("tmall_orders", TMALL[name], 0)
    sums = one(
        warehouse,
        "SELECT sum(paid_amount) AS gmv, sum(payable_amount) AS created, count(paid_at) AS paid,"
        " sum(payable_amount) FILTER (paid_at IS NULL) AS unpaid, count(*) FILTER (is_head) AS orders FROM order_line",
    )
    back = one(warehouse, "SELECT sum(amount) AS amount, count(*) AS n, bool_and(estimated) AS est FROM refund")
    assert float(sums["gmv"]) == known["gross_paid_amount"]
    assert (sums["paid"], sums["orders"]) == (known["orders_paid"], TMALL[name])
    assert float(back["amount"]) == known["refund_amount"]
    assert (back["n"], back["est"]) == (known["orders_with_refund"], True)
    assert float(sums["gmv"] - back["amount"]) == known["net_paid_amount"]
    if TMALL[name] == 28010:
        assert (float(sums["created"]), float(sums["unpaid"])) == (known["gmv_created"], known["amount_unpaid"])
        days = warehouse.read(
            "SELECT CAST(created_at AS DATE)::VARCHAR AS day, count(*) AS n, sum(payable_amount)::DOUBLE AS created,"
            " count(paid_at) AS paid, coalesce(sum(paid_amount), 0)::DOUBLE AS gross FROM order_line GROUP BY 1 ORDER BY 1"
        ).to_pylist()
        expected = [
            {
                "day": day["day"],
                "n": day["orders_created"],
                "created": day["gmv_created"],
                "paid": day["orders_paid"],
                "gross": day["gross_paid"],
            }
            for day in known["by_create_day"]
        ]
        assert days == expected


def test_tmall_report_twice_changes_nothing(load, shared: Path) -> None:
    path = shared / "datasets" / "tmall_orders_2020" / "tmall_order_report.csv"
    load(path)
    (again,) = load(path)
    assert (again.accepted, again.unchanged) == (0, 28010)


def test_behaviour_log(load, warehouse: Warehouse, shared: Path) -> None:
    known = figures(shared, "taobao_userbehavior_2017")
    (report,) = load(shared / "datasets" / "taobao_userbehavior_2017" / "UserBehavior.csv")
    assert report.rows_read == known["rows_raw"] == report.accepted + report.quarantined
    assert report.accepted == known["rows_used"]
    reasons = warehouse.read("SELECT reason, count(*) AS n FROM quarantine GROUP BY 1").to_pylist()
    assert {row["reason"]: row["n"] for row in reasons} == {
        "torn": known["rows_truncated"],
        "stray_day": known["rows_out_of_range"],
    }
    names = {"view": "pv", "cart": "cart", "favourite": "fav", "buy": "buy"}
    events = warehouse.read(
        "SELECT event, count(*) AS n, count(DISTINCT buyer) AS who FROM behaviour GROUP BY 1"
    ).to_pylist()
    assert {names[row["event"]]: row["n"] for row in events} == known["events"]
    assert {names[row["event"]]: row["who"] for row in events} == {
        name: known["users_by_type"][name] for name in names.values()
    }
    whole = one(warehouse, "SELECT count(DISTINCT buyer) AS users, count(DISTINCT product_id) AS items,"
                           " count(DISTINCT category) AS categories FROM behaviour")  # fmt: skip
    assert whole == {name: known[name] for name in ("users", "items", "categories")}
    hours = warehouse.read(
        "SELECT hour(\"at\") AS hour, count(*) FILTER (event = 'buy') AS buy, count(*) FILTER (event = 'cart') AS cart,"
        " count(*) FILTER (event = 'favourite') AS fav, count(*) FILTER (event = 'view') AS pv FROM behaviour"
        " GROUP BY 1 ORDER BY 1"
    ).to_pylist()
    assert hours == known["by_hour"]
