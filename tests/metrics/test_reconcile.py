"""Reconciliation: each pair over facts written by hand, what is not connected, tolerances, and sums that add up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from config import Settings, tolerance
from errors import UserError
from metrics import Scope, reconcile
from metrics.reconcile import PAIRS, cases
from tests.metrics.facts import ALL, Facts, at, days


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(UserError) as caught:
        yield
    assert caught.value.code == code


def cell(facts: Facts, pair: str, day: str, shop: str = "a") -> dict[str, Any]:
    found = reconcile(facts.warehouse, days(day, day), ALL, pairs=(pair,)).rows
    (row,) = [row for row in found if row["shop"] == shop]
    return row


def behind(facts: Facts, pair: str, day: str) -> dict[str, tuple[float, str]]:
    found = cases(facts.warehouse, pair, "douyin", "a", at(day).date(), ALL).rows
    return {row["ref"]: (round(row["difference"], 2), row["reason"]) for row in found}


def bill(facts: Facts, order: str, settled: str, amount: float, item: str = "income", **more: Any) -> None:
    facts.row(
        "settlement",
        **{
            "settlement_id": f"{order}{settled}{item}",
            "order_id": order,
            "settled_at": at(settled),
            "item": item,
            "direction": "in" if amount > 0 else "out",
            "amount": amount,
            "basis": "statement",
        }
        | more,
    )


def flow(facts: Facts, order: str | None, moment: str, amount: float, item: str = "income") -> None:
    facts.row(
        "fund_flow",
        flow_id=f"{order}{moment}{item}",
        order_id=order,
        at=at(moment),
        direction="in" if amount > 0 else "out",
        amount=amount,
        item=item,
    )


def test_refunds_above_what_was_paid_and_without_an_order(facts: Facts) -> None:
    facts.line("2024-03-01 10:00", 100, order="whole")
    facts.refund("2024-03-02", 100, "2024-03-01 10:00", order_id="whole")
    facts.line("2024-03-01 11:00", 50, order="over", freight_amount=8)
    facts.refund("2024-03-03", 40, "2024-03-01 11:00", order_id="over")
    facts.refund("2024-03-04", 30, "2024-03-01 11:00", order_id="over")
    facts.line("2024-03-01 12:00", 60, order="carriage", freight_amount=10)
    facts.refund("2024-03-02", 70, "2024-03-01 12:00", order_id="carriage")
    facts.refund("2024-03-05 09:00", 33, order_id="nobody")
    facts.line("2024-03-05 09:00", 5, is_test=True, order="tried")
    facts.refund("2024-03-05 09:00", 5, order_id="tried")
    facts.ready()
    first = cell(facts, "refunds", "2024-03-01")
    assert (first["left"], first["right"], first["difference"]) == (210, 240, 30)
    assert (first["right_count"], first["odd"], first["state"], first["reason"]) == (3, 2, "open", "unknown")
    assert behind(facts, "refunds", "2024-03-01") == {"over": (20, "unknown"), "carriage": (10, "freight")}
    assert behind(facts, "refunds", "2024-03-05") == {"nobody": (33, "missing_file")}
    assert cell(facts, "refunds", "2024-03-02")["state"] == "waiting"  # nothing was refunded of that day's orders


def settled_shop(facts: Facts) -> None:
    """Orders of 1 March over, and statements of every day from the 2nd to the 30th, but for the 12th."""
    for number in range(2, 31):
        if number != 12:
            facts.line(f"2024-02-{number - 1:02}", 10, order=f"s{number}", finished_at=at("2024-02-28"))
            bill(facts, f"s{number}", f"2024-03-{number:02} 09:00", 10, ordered_at=at(f"2024-02-{number - 1:02}"))


def test_settlement_every_reason_that_a_rule_can_tell(facts: Facts) -> None:
    settled_shop(facts)
    over = {"finished_at": at("2024-03-03")}
    facts.line("2024-03-01 10:00", 100, order="equal", freight_amount=6, **over)
    bill(facts, "equal", "2024-03-04 10:00", 94)
    bill(facts, "equal", "2024-03-04 10:00", 6, "freight")
    bill(facts, "equal", "2024-03-04 10:00", -5, "platform_fee")  # fees are no difference to the order
    facts.line("2024-03-01 10:00", 100, order="carriage", freight_amount=6, **over)
    bill(facts, "carriage", "2024-03-04 10:00", 94)
    facts.line("2024-03-01 10:00", 80, order="coupon", list_amount=100, **over)
    bill(facts, "coupon", "2024-03-04 10:00", 95)
    facts.line("2024-03-01 10:00", 70, order="back", **over)
    bill(facts, "back", "2024-03-04 10:00", 70)
    facts.refund("2024-03-09", 20, "2024-03-01 10:00", order_id="back")
    facts.line("2024-03-01 10:00", 60, order="short", **over)
    bill(facts, "short", "2024-03-04 10:00", 51.5)
    facts.line("2024-03-01 10:00", 40, order="never", **over)
    facts.line("2024-03-01 10:00", 30, order="lost", finished_at=at("2024-03-11"))
    facts.line("2024-03-01 10:00", 20, order="late", finished_at=at("2024-03-20"))
    facts.line("2024-03-01 10:00", 15, order="young", finished_at=at("2024-03-28"))  # its time is not over
    facts.line("2024-03-01 10:00", 12, order="all back", **over)
    facts.refund("2024-03-02", 12, "2024-03-01 10:00", order_id="all back")
    bill(facts, "stranger", "2024-03-05 10:00", 9, ordered_at=at("2024-03-01 12:00"))
    facts.ready()
    assert behind(facts, "settlement", "2024-03-01") == {
        "never": (-40, "not_settled"),
        "lost": (-30, "missing_file"),
        "late": (-20, "late_settlement"),
        "back": (20, "refund_timing"),
        "coupon": (15, "coupon"),
        "stranger": (9, "missing_file"),
        "short": (-8.5, "unknown"),
        "carriage": (-6, "freight"),
    }
    found = cell(facts, "settlement", "2024-03-01")
    assert (found["left"], found["right"]) == (480, 419.5)
    assert (round(found["difference"], 2), round(found["absolute"], 2), found["odd"]) == (-60.5, 148.5, 8)
    assert (found["state"], found["reason"]) == ("open", "not_settled")
    assert cell(facts, "settlement", "2024-02-05")["state"] == "equal"


def test_statement_against_movements(facts: Facts) -> None:
    for day in ("01", "02", "03", "20"):
        facts.line(f"2024-03-{day}", 10, order=f"e{day}")
        bill(facts, f"e{day}", f"2024-03-{day}", 10)
        flow(facts, f"e{day}", f"2024-03-{day}", 10)
    bill(facts, "fee", "2024-03-02", 100)
    bill(facts, "fee", "2024-03-02", -8, "platform_fee")
    flow(facts, "fee", "2024-03-02", 95)
    bill(facts, "fee", "2024-03-02", 100, settlement_id="f1", basis="flow")
    bill(facts, "fee", "2024-03-02", -5, "platform_fee", settlement_id="f2", basis="flow")
    bill(facts, "gone", "2024-03-10", 7)
    bill(facts, "slow", "2024-03-20", 6)
    flow(facts, "only moved", "2024-03-03", 4)
    flow(facts, None, "2024-03-03", 999)  # names no order: nothing to hold it against
    facts.ready()
    assert behind(facts, "funds", "2024-03-02") == {"fee": (3, "fee")}
    assert behind(facts, "funds", "2024-03-10") == {"gone": (-7, "missing_file")}
    assert behind(facts, "funds", "2024-03-20") == {"slow": (-6, "late_settlement")}
    assert behind(facts, "funds", "2024-03-03") == {"only moved": (4, "unknown")}
    assert cell(facts, "funds", "2024-03-01")["state"] == "equal"


def test_paid_orders_without_a_parcel_and_parcels_without_an_order(facts: Facts) -> None:
    def parcel(order: str | None, shipped: str, number: str) -> None:
        facts.row("shipment", shipment_id=number, order_id=order, shipped_at=at(shipped))

    parcel("sent", "2024-03-01 20:00", "p1")
    parcel("first of two", "2024-03-02 20:00", "p2")
    facts.row("shipment_order", shipment_id="p2", order_id="second of two")
    parcel("nobody's", "2024-03-03 20:00", "p3")
    parcel("last", "2024-03-10 20:00", "p4")
    due = {"promised_ship_at": "2024-03-03"}
    facts.line("2024-03-01 10:00", 10, order="sent", **due)
    facts.line("2024-03-01 10:00", 20, order="first of two", **due)
    facts.line("2024-03-01 10:00", 30, order="second of two", **due)
    facts.line("2024-03-01 10:00", 40, order="waits", **due)
    facts.line("2024-03-01 10:00", 50, order="untold", status="finished", **due)
    facts.line("2024-03-01 10:00", 60, order="back", **due)
    facts.refund("2024-03-02", 60, "2024-03-01 10:00", order_id="back", before_ship=True)
    facts.line("2024-03-01 10:00", 70, order="closed", status="closed", **due)
    facts.line("2024-03-09 10:00", 80, order="no promise")  # 48 hours are not over when the files end
    facts.line("2024-03-09 10:00", 90, order="last")
    facts.ready()
    found = cell(facts, "shipments", "2024-03-01")
    assert (found["left"], found["right"], found["left_count"], found["right_count"]) == (150, 60, 5, 3)
    assert (found["odd"], found["state"]) == (2, "open")
    assert behind(facts, "shipments", "2024-03-01") == {"untold": (-50, "missing_file"), "waits": (-40, "not_shipped")}
    strange = cell(facts, "shipments", "2024-03-03")
    assert (strange["difference"], strange["odd"], strange["state"], strange["reason"]) == (0, 1, "open", "no_order")
    assert cell(facts, "shipments", "2024-03-09")["state"] == "equal"


def test_ad_reports_against_orders_and_movements(facts: Facts) -> None:
    for day, sold in (("01", 100), ("02", 300), ("03", 1000)):
        facts.line(f"2024-03-{day} 10:00", sold, channel="ad")
        facts.line(f"2024-03-{day} 10:00", 5000, channel="live")
    for day, gmv, cost in (("01", 150, 50), ("02", 500, 80), ("03", 1150, 90)):
        facts.row("ad_spend", at=at(f"2024-03-{day}"), span="day", ad_plan="p", cost=cost, gmv=gmv)
        facts.row("ad_spend", at=at(f"2024-03-{day}"), span="day", creative="c", attribution="creative", cost=9, gmv=9)
    flow(facts, None, "2024-03-01", -50, "promotion")
    flow(facts, None, "2024-03-02", -80, "promotion")
    flow(facts, None, "2024-03-03", -97, "promotion")
    facts.ready()
    assert cell(facts, "ads", "2024-03-01")["state"] == "equal"  # within 100 yuan
    second = cell(facts, "ads", "2024-03-02")
    assert (second["difference"], second["state"], second["reason"]) == (200, "open", "attribution")
    assert cell(facts, "ads", "2024-03-03")["state"] == "equal"  # within a fifth
    assert cell(facts, "ad_funds", "2024-03-02")["state"] == "equal"
    assert (cell(facts, "ad_funds", "2024-03-03")["difference"], cell(facts, "ad_funds", "2024-03-03")["state"]) == (
        7,
        "open",
    )


def test_a_side_without_data_is_not_connected_and_never_equal(facts: Facts) -> None:
    facts.line("2024-03-01", 10)
    facts.line("2024-03-01", 10, shop="b")
    facts.row("shipment", shop="b", shipment_id="p", order_id="o2", shipped_at=at("2024-03-02"))
    facts.ready()
    found = reconcile(facts.warehouse, days("2024-03-01", "2024-03-01"), ALL).rows
    assert {row["pair"] for row in found} == set(PAIRS)
    states = {(row["shop"], row["pair"]): row["state"] for row in found}
    assert states.pop(("b", "shipments")) == "equal"
    assert set(states.values()) == {"not_connected"}


def test_cells_add_up_to_the_whole_difference(facts: Facts) -> None:
    settled_shop(facts)
    for number in range(1, 60):
        day, shop = f"2024-03-{number % 5 + 1:02}", "ab"[number % 2]
        facts.line(f"{day} 10:00", number, order=f"m{number}", shop=shop, finished_at=at("2024-03-06"))
        if number % 3:
            bill(facts, f"m{number}", f"2024-03-{number % 20 + 7:02}", number + (number % 7) / 10, shop=shop)
    facts.ready()
    rows = reconcile(facts.warehouse, days("2024-02-01", "2024-03-31"), ALL, pairs=("settlement",)).rows
    told = {"left": sum(row["left"] or 0 for row in rows), "right": sum(row["right"] or 0 for row in rows)}
    paid = facts.warehouse.read("SELECT sum(paid_amount) AS n FROM order_line").to_pylist()[0]["n"]
    settled = facts.warehouse.read("SELECT sum(amount) AS n FROM settlement").to_pylist()[0]["n"]
    before = sum(n for n in range(1, 60) if n % 3 == 0 and n % 2)  # over before shop b's statements begin
    assert round(told["right"], 2) == float(settled)
    assert round(told["left"], 2) == float(paid) - before
    assert round(sum(row["difference"] or 0 for row in rows), 2) == round(told["right"] - told["left"], 2)
    by_shop = reconcile(facts.warehouse, days("2024-02-01", "2024-03-31"), ALL, {"shop": ("b",)}, ("settlement",)).rows
    assert {row["shop"] for row in by_shop} == {"b"}
    assert by_shop == [row for row in rows if row["shop"] == "b"]


def test_rights_periods_and_names(facts: Facts) -> None:
    facts.line("2024-03-01", 10)
    facts.line("2024-03-01", 10, shop="b")
    facts.ready()
    march = days("2024-03-01", "2024-03-01")
    for scope in (Scope("t", hidden=frozenset({"profit"})), Scope("t", rows={"category": ("x",)})):
        with refused("not_allowed"):
            reconcile(facts.warehouse, march, scope)
    own = reconcile(facts.warehouse, march, Scope("t", rows={"shop": ("b",)})).rows
    assert {row["shop"] for row in own} == {"b"}
    with refused("not_allowed"):
        cases(facts.warehouse, "refunds", "douyin", "a", at("2024-03-01").date(), Scope("t", rows={"shop": ("b",)}))
    with refused("unknown_pair"):
        reconcile(facts.warehouse, march, ALL, pairs=("nothing",))
    with refused("period_long"):
        reconcile(facts.warehouse, days("2020-01-01", "2024-03-01"), ALL)


def test_tolerance_is_checked_when_settings_are_read() -> None:
    assert tolerance(Settings(), "settlement") == (1, 0.001)
    for told in ("1", "a,b", "-1,0", "0,1", "1,2,3"):
        with pytest.raises(UserError):
            tolerance(replace(Settings(), tolerance_refunds=told), "refunds")


def test_a_fee_changed_in_both_files_is_found_by_the_usual_rate(facts: Facts) -> None:
    def told(order: str, day: str, amount: float, fee: float) -> None:
        bill(facts, order, f"2024-03-{day} 09:00", amount)
        bill(facts, order, f"2024-03-{day} 09:00", -fee, "platform_fee")
        flow(facts, order, f"2024-03-{day} 09:00", amount - fee)

    for number in range(30):
        told(f"n{number}", f"{number % 9 + 1:02}", 100 + number, round((100 + number) * 0.05, 2))
    told("dear", "05", 1000, 60)
    told("cheap", "06", 200, 4)
    told("cent", "06", 20.19, 1.0)  # rounded down
    facts.ready()
    assert behind(facts, "fees", "2024-03-05") == {"dear": (10, "fee")}
    assert behind(facts, "fees", "2024-03-06") == {"cheap": (-6, "fee")}
    found = cell(facts, "fees", "2024-03-05")
    assert (found["odd"], found["state"], round(found["difference"], 2)) == (1, "open", 10)
    assert cell(facts, "fees", "2024-03-07")["state"] == "equal"
    assert cell(facts, "funds", "2024-03-05")["state"] == "equal"  # both files tell the same


def test_fees_without_a_usual_rate_are_not_judged(facts: Facts) -> None:
    for number in range(40):
        bill(facts, f"n{number}", "2024-03-05 09:00", 100)
        bill(facts, f"n{number}", "2024-03-05 09:00", -(number % 9 + 1), "platform_fee")
    facts.ready()
    assert cell(facts, "fees", "2024-03-05")["state"] == "waiting"


def test_a_commission_is_held_against_the_creators_usual_rate_and_what_was_agreed(facts: Facts) -> None:
    def told(order: str, day: str, goods: float, taken: float, creator: str = "甲", **more: Any) -> None:
        line = {"order": order, "line_id": f"{order}-1", "creator": creator, "freight_amount": 6} | more
        facts.line("2024-03-01 09:00", goods + 6, **line)
        bill(facts, order, f"2024-03-{day} 09:00", goods + 6, line_id=f"{order}-1")
        if taken:
            bill(facts, order, f"2024-03-{day} 09:00", -taken, "creator_commission", line_id=f"{order}-1")

    for number in range(30):
        day, goods = f"{number % 9 + 1:02}", 100 + number
        told(f"a{number}", day, goods, round(goods * 0.2, 2))
        told(f"b{number}", day, goods, 0, "店铺自播")
        told(f"c{number}", day, goods, number % 7 + 1, "各品不同")  # nobody can say what is usual of him
    told("dear", "05", 200, 50)
    told("free", "05", 200, 0)
    told("own", "06", 200, 5, "店铺自播")
    told("agreed", "06", 200, 60)
    forecast = {"basis": "estimate", "line_id": "agreed-1", "creator": "甲"}
    bill(facts, "agreed", "2024-03-02 09:00", -60, "creator_commission", **forecast)
    told("more", "07", 200, 60)
    bill(facts, "more", "2024-03-02 09:00", -50, "creator_commission", **(forecast | {"line_id": "more-1"}))
    facts.ready()
    assert behind(facts, "commissions", "2024-03-05") == {"dear": (10, "commission"), "free": (-40, "commission")}
    assert behind(facts, "commissions", "2024-03-06") == {"own": (5, "commission")}
    assert behind(facts, "commissions", "2024-03-07") == {"more": (10, "commission")}
    assert cell(facts, "commissions", "2024-03-04")["state"] == "equal"
    found = cell(facts, "commissions", "2024-03-05")
    assert (found["odd"], found["state"], found["reason"]) == (2, "open", "commission")
