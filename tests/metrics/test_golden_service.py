# ruff: noqa: E501 - rows of facts stand as they are
"""Parcels, service, reviews and videos: every number can be counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.metrics.facts import Facts, at, days

MARCH, APRIL = days("2024-03-01", "2024-03-31"), days("2024-04-01", "2024-04-30")


def _parcel(facts: Facts, number: int, shipped: str, delivered: str | None = None, **more: object) -> None:
    facts.row(
        "shipment",
        shipment_id=f"w{number}",
        shipped_at=at(shipped),
        delivered_at=at(delivered) if delivered else None,
        **({"warehouse": "north", "carrier": "SF"} | more),
    )


def test_parcels_stand_at_their_delivery_and_exceptions_at_theirs(facts: Facts) -> None:
    _parcel(facts, 1, "2024-03-30 10:00", "2024-04-01 10:00")
    _parcel(facts, 2, "2024-03-30 10:00", "2024-03-31 10:00", carrier="ZT")
    _parcel(facts, 3, "2024-04-02 10:00", None, exception="lost", exception_at=at("2024-04-05 08:00"))
    facts.ready()
    assert facts.one("delivery_hours", period=MARCH) == 24
    assert facts.one("delivery_hours", period=APRIL) == 48
    both = days("2024-03-01", "2024-04-30")
    rows = facts.ask("delivery_hours", dimensions=("carrier",), period=both).rows
    assert rows == [{"carrier": "SF", "delivery_hours": 48}, {"carrier": "ZT", "delivery_hours": 24}]
    assert facts.one("logistics_exceptions", period=APRIL) == 1
    assert facts.one("logistics_exceptions", period=MARCH) == 0  # parcels are known, none went wrong
    assert facts.ask("tickets", period=MARCH).notes["tickets"] == "no_tickets"


def test_facts_of_one_order_do_not_multiply_each_other(facts: Facts) -> None:
    """One order with two lines, three parcels, two refunds, two tickets, a review, ads, stock and costs."""
    for line in (1, 2):
        facts.line("2024-03-05 10:00", 50, order="o", sku_id=f"s{line}", category="A", buyer=1, is_head=line == 1)
        facts.refund("2024-03-09 10:00", 5, "2024-03-05 10:00", order_id="o", category="A")
        facts.row(
            "stock", sku_id=f"s{line}", category="A", snapshot_at=at("2024-03-31"), on_hand=7, available=7, active=True
        )
        facts.row(
            "ticket",
            ticket_id=f"t{line}",
            order_id="o",
            category="A",
            opened_at=at("2024-03-06 10:00"),
            complaint=line == 1,
        )
    for number in range(3):
        _parcel(facts, number, "2024-03-06 10:00", "2024-03-08 10:00", category="A", order_id="o")
    facts.row("review", review_id="r", order_id="o", category="A", score=2, bad=True, reviewed_at=at("2024-03-20"))
    for hour in (1, 2, 3, 4):
        facts.row("ad_spend", at=at(f"2024-03-05 0{hour}:00"), span="hour", ad_plan="p", category="A", cost=10)
    facts.row("cost", day=date(2024, 3, 5), item="logistics", amount=9)
    facts.ready()
    wanted = {
        "gmv": 100, "orders": 1, "buyers": 1, "items": 2, "refund_amount": 10, "ad_spend": 40, "stock_on_hand": 14,
        "tickets": 2, "complaint_rate": 0.5, "bad_review_rate": 1, "rating": 2, "delivery_hours": 48,
    }  # fmt: skip
    assert facts.ask(*wanted, "logistics_cost", period=MARCH).rows == [wanted | {"logistics_cost": 9}]
    by = facts.ask(*wanted.keys() - {"stock_on_hand"}, dimensions=("category",), grain="month", period=MARCH).rows
    assert len(by) == 1 and {name: by[0][name] for name in wanted if name in by[0]} == {
        name: value for name, value in wanted.items() if name != "stock_on_hand"
    }


def test_without_a_cost_sheet_parcels_tell_what_sending_costs(facts: Facts) -> None:
    facts.line("2024-03-05 10:00", 50)
    _parcel(facts, 1, "2024-03-05 18:00", cost=3)
    _parcel(facts, 2, "2024-03-06 18:00", cost=4)
    facts.ready()
    assert facts.one("logistics_cost", period=MARCH) == 7
    facts.row("cost", day=date(2024, 3, 5), item="logistics", amount=9)
    facts.ready()
    assert facts.one("logistics_cost", period=MARCH) == 9  # the sheet speaks; never both


def test_means_leave_out_what_has_not_happened(facts: Facts) -> None:
    facts.row("ticket", ticket_id="1", staff="a", opened_at=at("2024-03-05 10:00"), replied_at=at("2024-03-05 10:00:30"),
              resolved_at=at("2024-03-05 12:00"), score=5)  # fmt: skip
    facts.row(
        "ticket",
        ticket_id="2",
        staff="a",
        opened_at=at("2024-03-05 11:00"),
        replied_at=at("2024-03-05 11:01:30"),
        score=3,
    )
    facts.row("ticket", ticket_id="3", staff="b", opened_at=at("2024-03-05 11:00"))
    facts.ready()
    row = facts.ask("tickets", "first_response_seconds", "resolution_hours", "satisfaction_rate", period=MARCH).rows[0]
    assert list(row.values()) == [3, 60, 2, 0.5]
    found = facts.ask("first_response_seconds", "complaint_rate", dimensions=("staff",), period=MARCH)
    assert [row["first_response_seconds"] for row in found.rows] == [60, None]
    assert found.notes["complaint_rate"] == "no_complaint_mark"


def test_videos_and_bands_of_length(facts: Facts) -> None:
    def video(name: str, day: int, seconds: float, plays: int, finishes: int | None, gmv: float) -> None:
        facts.row("video_day", video=name, day=date(2024, 3, day), published_at=at("2024-03-02 09:00"), seconds=seconds,
                  plays=plays, finishes=finishes, gmv=gmv, product_exposures=50, product_clicks=5, likes=3)  # fmt: skip

    video("v", 5, 12, 100, 40, 30)
    video("v", 6, 12, 100, 20, 10)
    video("w", 6, 200, 200, None, 60)
    facts.ready()
    asked = (
        "videos",
        "video_plays",
        "video_finish_rate",
        "video_click_rate",
        "video_gmv",
        "video_gpm",
        "video_interaction_rate",
    )
    row = facts.ask(*asked, period=MARCH).rows[0]
    assert list(row.values()) == pytest.approx([2, 400, 0.3, 0.1, 100, 250, 9 / 400])
    rows = facts.ask("video_plays", dimensions=("length_band",), period=MARCH).rows
    assert {row["length_band"]: row["video_plays"] for row in rows} == {"0–15s": 200, ">3min": 200}
    assert facts.one("video_plays", filters={"length_band": ("0–15s",)}, period=MARCH) == 200


def test_sessions_by_length(facts: Facts) -> None:
    for number, minutes in enumerate((30, 60, 300)):
        facts.row(
            "live_session",
            live_session=str(number),
            started_at=at(f"2024-03-0{number + 1} 20:00"),
            minutes=minutes,
            gmv=1,
        )
    facts.ready()
    rows = facts.ask("live_sessions", dimensions=("length_band",), period=MARCH).rows
    assert {row["length_band"]: row["live_sessions"] for row in rows} == {"<1h": 1, "1–2h": 1, ">4h": 1}
