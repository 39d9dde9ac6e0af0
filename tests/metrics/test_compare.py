"""Periods and comparisons: words, alignment, and the cut at the watermark."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

import config
from errors import UserError
from metrics import Period, Scope, anchor, coverage, resolve_period
from metrics.periods import base_period, cut, shift_for
from tests.metrics.facts import ALL, Facts, at, days
from warehouse import freshness


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", "2024-05-15", "2024-05-15"),
        ("yesterday", "2024-05-14", "2024-05-14"),
        ("last_7_days", "2024-05-09", "2024-05-15"),
        ("last_30_days", "2024-04-16", "2024-05-15"),
        ("this_week", "2024-05-13", "2024-05-19"),
        ("this_month", "2024-05-01", "2024-05-31"),
        ("this_quarter", "2024-04-01", "2024-06-30"),
        ("this_year", "2024-01-01", "2024-12-31"),
    ],
)
def test_period_words(word: str, first: str, last: str) -> None:
    assert resolve_period(word, date(2024, 5, 15)) == days(first, last)


def test_an_unknown_word_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="last_7_days"):
        resolve_period("last_8_days", date(2024, 5, 15))


@pytest.mark.parametrize(
    ("word", "period", "base"),
    [
        ("previous", days("2024-03-08", "2024-03-14"), days("2024-03-01", "2024-03-07")),
        ("previous", days("2024-03-01", "2024-03-31"), days("2024-02-01", "2024-02-29")),  # a whole month
        ("previous", days("2024-04-01", "2024-06-30"), days("2024-01-01", "2024-03-31")),  # a whole quarter
        ("yesterday", days("2024-03-01", "2024-03-01"), days("2024-02-29", "2024-02-29")),
        ("last_week", days("2024-03-04", "2024-03-05"), days("2024-02-26", "2024-02-27")),
        ("last_year", days("2024-02-01", "2024-02-29"), days("2023-02-01", "2023-02-28")),
        (
            "previous",
            Period(at("2024-03-05 10:00"), at("2024-03-05 12:30")),
            Period(at("2024-03-05 07:30"), at("2024-03-05 10:00")),
        ),
    ],
)
def test_what_each_word_compares_with(word: str, period: Period, base: Period) -> None:
    assert base_period(period, shift_for(word, period)) == base


def test_cut_leaves_periods_alone_that_are_told_in_full() -> None:
    today = days("2024-03-05", "2024-03-05")
    assert cut(today, at("2024-03-05 14:30"), at("2024-03-05 15:00")).end == datetime(2024, 3, 5, 14, 30, 0, 1)
    assert cut(today, at("2024-03-06 00:00"), at("2024-03-06 01:00")) == today
    assert cut(today, at("2024-03-05 23:50"), at("2024-03-05 23:55")).end < today.end  # still running
    assert cut(today, at("2024-03-05 23:50"), at("2026-01-01")) == today  # an old file, its last event


def _two_days(facts: Facts) -> None:
    for day, amounts in (("2024-03-04", (10, 20, 40)), ("2024-03-05", (100, 200))):
        for hour, amount in zip((9, 12, 20), amounts, strict=False):
            facts.line(f"{day} {hour:02d}:00", amount)
    facts.ready()


def test_today_so_far_is_cut_at_the_same_moment_on_both_sides(facts: Facts) -> None:
    config.freeze(at("2024-03-05 12:30"))
    _two_days(facts)
    found = facts.ask("gmv", period="today", compare="yesterday")
    assert found.rows == [
        {"gmv": 300.0, "gmv__base": 30.0, "gmv__diff": 270.0, "gmv__pct": 9.0}
    ]  # not 70: 20:00 is later
    assert found.period == days("2024-03-05", "2024-03-05")
    assert found.complete_through == at("2024-03-05 12:00")
    assert found.base_period == Period(at("2024-03-04"), datetime(2024, 3, 4, 12, 0, 0, 1))


def test_a_period_over_and_told_is_not_cut(facts: Facts) -> None:
    config.freeze(at("2024-03-09"))
    _two_days(facts)
    facts.line("2024-03-08", 1)
    facts.ready()
    found = facts.ask("gmv", period=days("2024-03-05", "2024-03-05"), compare="yesterday").rows
    assert found == [{"gmv": 300.0, "gmv__base": 70.0, "gmv__diff": 230.0, "gmv__pct": pytest.approx(230 / 70)}]


def test_the_slowest_source_in_time_sets_the_cut_and_late_ones_are_named(facts: Facts) -> None:
    config.freeze(at("2024-03-05 12:10"))
    _two_days(facts)
    facts.refund("2024-03-05 11:00", 5)
    for number, (kind, moment) in enumerate(
        (("orders_api", "2024-03-05 12:00"), ("refunds_api", "2024-03-05 11:50")), start=1
    ):
        facts.row(
            "load_batch",
            batch_id=number,
            source="api",
            kind=kind,
            sha256="x",
            options="{}",
            rows_read=1,
            accepted=1,
            unchanged=0,
            quarantined=0,
            loaded_at=at(moment),
            seconds=1.0,
            data_version=1,
        )
        facts.row("source_state", source="api", kind=kind, complete_through=at(moment))
    facts.ready()
    facts.warehouse.write(lambda c: c.execute("UPDATE refund SET batch_id = 2").fetchall())
    facts.ready()
    found = facts.ask("net_sales", period="today", compare="yesterday")
    assert found.complete_through == at("2024-03-05 11:50")
    assert found.rows[0]["net_sales"] == 95.0  # the sale at 12:00 waits for its refunds
    assert found.rows[0]["net_sales__base"] == 10.0
    assert found.late_sources == ()
    facts.warehouse.write(
        lambda c: c.execute(
            "UPDATE source_state SET complete_through = TIMESTAMP '2024-03-04 18:00' WHERE kind = 'refunds_api'"
        ).fetchall()
    )
    found = facts.ready().ask("net_sales", period="today", compare="yesterday")
    assert found.complete_through == at("2024-03-05 12:00")
    assert found.late_sources == ("api:refunds_api:douyin:a",)
    config.freeze(at("2024-03-05 12:40"))  # nothing came, only time passed: now the other one is late as well
    found = facts.ask("net_sales", period="today", compare="yesterday")
    assert found.late_sources == ("api:orders_api:douyin:a", "api:refunds_api:douyin:a")
    assert found.complete_through == at("2024-03-05 12:00")


def _batch(facts: Facts, number: int, source: str, kind: str, moment: str) -> None:
    counts = {"rows_read": 1, "accepted": 1, "unchanged": 0, "quarantined": 0, "seconds": 1.0, "data_version": 1}
    text = {"source": source, "kind": kind, "sha256": "x", "options": "{}"}
    facts.row("load_batch", batch_id=number, loaded_at=at(moment), **text, **counts)
    facts.row("source_state", source=source, kind=kind, complete_through=at(moment))
    facts.row("kind_fact", kind=kind, fact="order_line")


def test_a_shop_loaded_by_file_and_then_fed_by_an_interface_is_told_up_to_the_interface(facts: Facts) -> None:
    """The file's watermark is within its day and a half, and must not hold the shop's comparisons back."""
    config.freeze(at("2024-03-05 12:10"))
    _two_days(facts)
    _batch(facts, 1, "file", "orders_file", "2024-03-04 23:59")
    _batch(facts, 2, "orders_api", "orders_api", "2024-03-05 12:05")
    found = facts.ready().ask("gmv", period="today", compare="yesterday")
    assert found.complete_through == at("2024-03-05 12:05") and found.late_sources == ()
    assert (found.rows[0]["gmv"], found.rows[0]["gmv__base"]) == (300.0, 30.0)
    by_state = {one.kind: one.state for one in freshness.sources(facts.warehouse)}
    assert by_state == {"orders_file": "fresh", "orders_api": "fresh"}
    config.freeze(at("2024-03-07 12:10"))
    assert {one.kind: one.state for one in freshness.sources(facts.warehouse)} == {
        "orders_file": "relieved",  # nobody waits for the file any more
        "orders_api": "silent",
    }
    assert facts.ask("gmv").late_sources == ("orders_api:orders_api:douyin:a",)


def test_a_watermark_that_moves_without_new_rows_is_heard(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "_HELD_SECONDS", 0.0)
    config.freeze(at("2024-03-05 13:00"))
    _two_days(facts)
    _batch(facts, 1, "orders_api", "orders_api", "2024-03-05 12:00")
    assert facts.ready().ask("gmv").late_sources != ()
    version = facts.warehouse.data_version
    facts.warehouse.write(
        lambda c: c.execute("UPDATE source_state SET complete_through = TIMESTAMP '2024-03-05 12:55'").fetchall()
    )
    found = facts.ask("gmv", period="today", compare="yesterday")
    assert (found.late_sources, found.complete_through) == ((), at("2024-03-05 12:55"))
    assert facts.warehouse.data_version == version


def test_old_files_alone_are_not_called_late_for_ever(facts: Facts) -> None:
    config.freeze(at("2026-01-01"))
    _two_days(facts)
    _batch(facts, 1, "file", "orders_file", "2024-03-05 12:00")
    found = facts.ready().ask("gmv", period="today", compare="yesterday")
    assert found.late_sources == () and found.complete_through == at("2024-03-05 12:00")
    assert [one.state for one in freshness.sources(facts.warehouse)] == ["ended"]


def test_a_series_stands_day_beside_day(facts: Facts) -> None:
    for day in range(1, 32):
        facts.line(f"2024-01-{day:02d}", day)
    for day in range(1, 30):
        facts.line(f"2024-02-{day:02d}", 100 + day)
    facts.line("2024-03-01", 1)
    facts.ready()
    rows = facts.ask("gmv", grain="day", period=days("2024-02-01", "2024-02-29"), compare="previous").rows
    assert len(rows) == 29
    assert rows[0] == {"day": "2024-02-01", "gmv": 101.0, "gmv__base": 1.0, "gmv__diff": 100.0, "gmv__pct": 100.0}
    assert rows[-1]["gmv__base"] == 29.0  # 30 and 31 January have no day to stand beside
    total = facts.ask("gmv", period=days("2024-02-01", "2024-02-29"), compare="previous").rows[0]
    assert total["gmv__base"] == sum(range(1, 32))
    minutes = facts.ask("gmv", grain="minute", period=days("2024-02-02", "2024-02-02"), compare="last_week").rows
    assert minutes == [
        {"minute": "2024-02-02 00:00", "gmv": 102.0, "gmv__base": 26.0, "gmv__diff": 76.0, "gmv__pct": 76 / 26}
    ]


def test_what_was_there_and_is_gone_is_a_row_too(facts: Facts) -> None:
    facts.line("2024-03-04", 30, sku_id="gone")
    facts.line("2024-03-05", 10, sku_id="here")
    facts.line("2024-03-06", 10, sku_id="here")
    facts.ready()
    rows = facts.ask(
        "gmv", dimensions=("sku",), period=days("2024-03-05", "2024-03-05"), compare="yesterday", order="+gmv__diff"
    ).rows
    assert rows == [
        {"sku": "gone", "gmv": 0.0, "gmv__base": 30.0, "gmv__diff": -30.0, "gmv__pct": -1.0},
        {"sku": "here", "gmv": 10.0, "gmv__base": 0.0, "gmv__diff": 10.0, "gmv__pct": None},
    ]


def test_a_base_that_the_data_cover_in_part_says_so(facts: Facts) -> None:
    for day in ("2024-03-05", "2024-03-06", "2024-03-07"):
        facts.line(day, 10)
    facts.ready()
    found = facts.ask("gmv", period=days("2024-03-06", "2024-03-07"), compare="previous")
    assert found.rows[0]["gmv__base"] == 10.0 and found.notes == {"gmv__base": "base_incomplete"}
    assert facts.ask("gmv", period=days("2024-03-06", "2024-03-06"), compare="previous").notes == {}


def test_before_the_first_day_nothing_is_known(facts: Facts) -> None:
    facts.line("2024-03-05", 10)
    facts.line("2024-03-06", 10)
    facts.ready()
    assert facts.ask("gmv", period=days("2024-03-05", "2024-03-05"), compare="last_year").rows == [
        {"gmv": 10.0, "gmv__base": None, "gmv__diff": None, "gmv__pct": None}
    ]


def test_anchor_is_the_last_day_with_data(facts: Facts) -> None:
    config.freeze(at("2026-01-01"))
    assert anchor(facts.warehouse, ALL) == date(2026, 1, 1)
    facts.line("2020-02-27", 10, shop="a")
    facts.line("2020-02-29", 10, shop="b")
    facts.ready()
    assert anchor(facts.warehouse, ALL) == date(2020, 2, 29)
    assert anchor(facts.warehouse, Scope("x", {"shop": ("a",)})) == date(2020, 2, 27)
    assert facts.one("gmv", period="today") == 10.0


# Targets --------------------------------------------------------------------------------------------------------------


def _month_target(facts: Facts, **more: object) -> None:
    facts.row(
        "target",
        **(
            {
                "metric": "gmv",
                "period": "month",
                "period_start": date(2024, 4, 1),
                "platform": None,
                "shop": None,
                "amount": 3000,
            }
            | more
        ),
    )


def test_a_month_target_is_spread_over_its_days_and_adds_up(facts: Facts) -> None:
    config.freeze(at("2024-06-01"))
    for day in days_between("2024-02-05", "2024-03-31"):
        facts.line(f"{day} 12:00", 200 if day.weekday() >= 5 else 100)
    for day in range(1, 31):
        facts.line(f"2024-04-{day:02d}", 110)
    facts.line("2024-05-01", 1)
    _month_target(facts)
    facts.ready()
    april = days("2024-04-01", "2024-04-30")
    assert facts.one("target", period=april) == pytest.approx(3000)
    assert facts.one("attainment", period=april) == pytest.approx(1.1)
    by_day = facts.ask("target", grain="day", period=april).rows
    weights = 22 * 1 + 8 * 2  # April 2024 has 8 weekend days
    assert by_day[0]["target"] == round(3000 / weights, 2)  # a Monday
    assert by_day[5]["target"] == round(3000 * 2 / weights, 2)  # a Saturday
    found = facts.ask("gmv", period=april, compare="target").rows[0]
    assert found["gmv__base"] == pytest.approx(3000) and found["gmv__diff"] == pytest.approx(300)
    assert found["gmv__attainment"] == pytest.approx(1.1) and found["gmv__pace"] == pytest.approx(1.0)


def test_a_campaign_takes_its_share_of_the_month_and_no_other_days(facts: Facts) -> None:
    """Every day brings 100 and a campaign's five times as much, as its last edition says."""
    config.freeze(at("2024-06-01"))
    editions = {"spring": ("2023-04-18", "2024-04-16"), "women": ("2024-03-06",)}
    for family, starts in editions.items():
        for start in starts:
            first = at(start)
            facts.row("campaign", campaign=f"{family} {start}", family=family, starts_at=first,
                      ends_at=first + timedelta(days=2), platform=None)  # fmt: skip
    for day in (*days_between("2023-02-20", "2023-04-17"), *days_between("2024-02-05", "2024-03-31")):
        facts.line(f"{day} 12:00", 500 if str(day) in ("2024-03-06", "2024-03-07") else 100)
    for day in ("2023-04-18", "2023-04-19"):
        facts.line(f"{day} 12:00", 500)
    facts.line("2024-04-01 12:00", 1)
    _month_target(facts)
    facts.ready()
    rows = facts.ask("target", grain="day", period=days("2024-04-01", "2024-04-30")).rows
    day = 3000 / (28 + 2 * 5)
    assert [row["target"] for row in rows] == [
        pytest.approx(5 * day if number in (15, 16) else day, abs=0.01) for number in range(30)
    ]


def test_the_hours_of_a_campaign_day_are_those_of_its_last_edition(facts: Facts) -> None:
    config.freeze(at("2024-04-16 12:00"))
    for start in ("2023-04-18", "2024-04-16"):
        facts.row("campaign", campaign=f"spring {start}", family="spring", starts_at=at(start),
                  ends_at=at(start) + timedelta(days=1), platform=None)  # fmt: skip
    for day in (*days_between("2023-03-20", "2023-04-17"), *days_between("2024-03-19", "2024-04-15")):
        facts.line(f"{day} 20:30", 100)
    for number in range(100):
        facts.line(f"2023-04-18 {'00' if number < 60 else '22'}:30", 10)
    facts.line("2024-04-16 11:59:59", 1)
    more = {"metric": "gmv", "period": "day", "period_start": date(2024, 4, 16), "platform": None, "shop": None}
    facts.row("target", amount=1000, **more)
    facts.ready()
    row = facts.ask("gmv", period="today", compare="target").rows[0]
    assert row["gmv__base"] == pytest.approx(600), "60 % were done in the first hour of the last edition"


def test_today_is_paced_by_the_usual_hours(facts: Facts) -> None:
    config.freeze(at("2024-04-10 12:00"))
    for day in days_between("2024-03-13", "2024-04-09"):
        facts.line(f"{day} 08:30", 25)  # a quarter by 09:00, the rest in the evening
        facts.line(f"{day} 20:30", 75)
    facts.line("2024-04-10 09:00", 40)
    facts.line("2024-04-10 11:59:59", 20)
    facts.row(
        "target", metric="gmv", period="day", period_start=date(2024, 4, 10), platform=None, shop=None, amount=200
    )
    facts.ready()
    found = facts.ask("target", "attainment", "pace_gap", period="today").rows[0]
    assert found == {"target": pytest.approx(200), "attainment": pytest.approx(0.3), "pace_gap": pytest.approx(60 - 50)}
    row = facts.ask("gmv", period="today", compare="target").rows[0]
    assert (row["gmv__base"], row["gmv__target"], row["gmv__pace"]) == (
        pytest.approx(50),
        pytest.approx(200),
        pytest.approx(0.25),
    )


def _paced_day(facts: Facts, through: str) -> None:
    """40 by 09:00 and 60 more by 12:00, of a target of 200; usually a quarter is done by 09:00 and all by 21:00."""
    for day in days_between("2024-03-13", "2024-04-09"):
        facts.line(f"{day} 08:30", 25)
        facts.line(f"{day} 20:30", 75)
    facts.line("2024-04-10 08:59:59", 40, category="A")
    facts.line("2024-04-10 11:59:59", 60, category="B")
    more = {"metric": "gmv", "period_start": date(2024, 4, 10), "platform": None, "shop": None}
    facts.row("target", period="day", amount=200, **more)
    _batch(facts, 1, "file", "orders", through)
    facts.ready()


def test_value_and_pace_are_of_one_moment_and_attainment_of_all_that_is_known(facts: Facts) -> None:
    config.freeze(at("2024-04-10 21:30"))  # by now everything would be due, but the source has told until 10:00
    _paced_day(facts, "2024-04-10 10:00")
    found = facts.ask("gmv", "target", "attainment", "pace_gap", period="today")
    assert found.rows == [{"gmv": 100.0, "target": 200.0, "attainment": 0.5, "pace_gap": pytest.approx(40 - 50)}]
    against = facts.ask("gmv", period="today", compare="target").rows
    assert against == [
        {
            "gmv": 40.0, "gmv__base": pytest.approx(50), "gmv__diff": pytest.approx(-10),
            "gmv__pct": pytest.approx(-0.2),
            "gmv__target": 200.0, "gmv__attainment": 0.5, "gmv__pace": pytest.approx(0.25),
        }
    ]  # fmt: skip
    by_day = facts.ask("gmv", "pace_gap", grain="day", period="today").rows
    assert by_day == [{"day": "2024-04-10", "gmv": 100.0, "pace_gap": pytest.approx(-10)}]


def test_without_a_part_told_in_full_nothing_is_due(facts: Facts) -> None:
    config.freeze(at("2024-04-10 12:00"))
    _paced_day(facts, "2024-04-09 23:59:59")
    found = facts.ask("gmv", "attainment", "pace_gap", period="today")
    assert found.rows == [{"gmv": 100.0, "attainment": 0.5, "pace_gap": None}]
    assert found.notes == {"pace_gap": "not_told_yet"}
    against = facts.ask("gmv", period="today", compare="target")
    row = against.rows[0]
    assert (row["gmv__attainment"], row["gmv__target"]) == (0.5, 200.0)
    assert (row["gmv__pace"], row["gmv__base"], row["gmv__diff"]) == (None, None, None)
    assert against.notes == {"gmv__pace": "not_told_yet"}


def test_pace_needs_the_right_to_its_value(facts: Facts) -> None:
    config.freeze(at("2024-04-10 12:00"))
    _paced_day(facts, "2024-04-10 10:00")
    with pytest.raises(UserError, match="pace_gap"):
        facts.ask("pace_gap", period="today", scope=Scope("x", hidden=frozenset({"gmv"})))


def test_targets_of_the_part_asked_for(facts: Facts) -> None:
    config.freeze(at("2024-06-01"))
    facts.line("2024-04-01", 10, platform="douyin")
    facts.line("2024-05-30", 10, platform="tmall")
    _month_target(facts)
    _month_target(facts, platform="douyin", amount=1000)
    _month_target(facts, platform="tmall", amount=1500)
    facts.ready()
    april = days("2024-04-01", "2024-04-30")
    assert facts.one("target", period=april) == pytest.approx(3000)  # the whole's own target, not the sum of parts
    assert facts.one("target", period=april, filters={"platform": ("tmall",)}) == pytest.approx(1500)
    rows = facts.ask("target", dimensions=("platform",), period=april).rows
    assert rows == [
        {"platform": "douyin", "target": pytest.approx(1000)},
        {"platform": "tmall", "target": pytest.approx(1500)},
    ]
    nothing = facts.ask("attainment", dimensions=("category",), period=april)
    assert all(row["attainment"] is None for row in nothing.rows)


def test_a_target_of_a_rate_holds_every_day(facts: Facts) -> None:
    config.freeze(at("2024-06-01"))
    facts.line("2024-04-01", 100)
    facts.refund("2024-04-02", 20)
    facts.line("2024-05-30", 100)
    _month_target(facts, metric="refund_rate", amount=0.1)
    facts.ready()
    row = facts.ask("refund_rate", period=days("2024-04-01", "2024-04-30"), compare="target").rows[0]
    assert row["refund_rate__base"] == pytest.approx(0.1)
    assert row["refund_rate__diff"] == pytest.approx(0.1)


def days_between(first: str, last: str) -> list[date]:
    start = at(first).date().toordinal()
    return [date.fromordinal(number) for number in range(start, at(last).date().toordinal() + 1)]
