# ruff: noqa: E501
"""On the real metrics engine: what an incident says is what `metrics.query` says, and late sources are not a fall."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

import alerts
import config
from alerts.trial import back_test
from metrics import Query, Scope, query, resolve_period
from tests.metrics.facts import Facts

from .conftest import rule

NOW = datetime(2024, 3, 5, 16, 0)
ALL = Scope.everything()


@pytest.fixture
def shop(warehouse: Any, ledger: Any) -> Facts:
    """Two platforms, this Tuesday up to 15:58 and the one before whole; half of what Tmall sold today came back."""
    config.freeze(NOW)
    facts = Facts(warehouse)
    for platform, today in (("douyin", 100), ("tmall", 20)):
        for hour in (9, 12, 15):
            facts.line(f"2024-03-05 {hour:02d}:58", today, platform=platform)
        for hour in (9, 12, 15, 20):
            facts.line(f"2024-02-27 {hour:02d}:58", 100, platform=platform)
    facts.refund("2024-03-05 15:58", 30, paid="2024-03-05 09:58", platform="tmall")
    return facts.ready()


def sources(facts: Facts, **through: str) -> None:
    """How far the API of each platform has told."""
    facts.row("load_batch", batch_id=1, source="api", kind="k", sha256="", options="{}", rows_read=0, accepted=0, unchanged=0,
              quarantined=0, loaded_at=NOW, seconds=0.0, data_version=1)  # fmt: skip
    for platform, moment in through.items():
        facts.row(
            "source_state", source="api", kind="k", platform=platform, complete_through=datetime.fromisoformat(moment)
        )
    facts.ready()


RULES = [
    {"metric": "gmv", "threshold": 1.0},
    {"metric": "gmv", "threshold": 1.0, "dimensions": ("platform",)},
    {"metric": "gmv", "threshold": 1.0, "filters": {"platform": ("tmall",)}, "period": "last_30_days"},
    {"metric": "refund_rate", "threshold": 0.05, "dimensions": ("platform",)},
    {"metric": "orders", "threshold": 0.1, "kind": "change", "compare": "yesterday", "side": "below"},
    {
        "metric": "gmv",
        "threshold": 0.3,
        "kind": "change",
        "compare": "last_week",
        "side": "below",
        "dimensions": ("platform",),
    },
    {"metric": "gmv", "threshold": 0.1, "kind": "change", "compare": "last_week", "side": "above"},
]


@pytest.mark.parametrize("changes", RULES)
def test_an_incident_says_what_the_engine_says(shop, ledger, changes):
    asked = rule(**changes)
    alerts.save_rule(ledger, asked, "boss", NOW)
    alerts.evaluate(shop.warehouse, ledger, NOW)
    period = resolve_period(asked.period, NOW.date())
    answer = query(
        shop.warehouse,
        Query((asked.metric,), asked.dimensions, period=period, filters=asked.filters, compare=asked.compare),
        ALL,
    )
    sign = 1 if asked.side == "above" else -1
    expected = set()
    for row in answer.rows:
        value, base = row[asked.metric], row.get(f"{asked.metric}__base")
        moved = value if asked.kind == "threshold" else (value - base) / base if base else None
        limit = asked.threshold if asked.kind == "threshold" else sign * asked.threshold
        if moved is not None and value is not None and sign * (moved - limit) > 0:
            expected.add((tuple(row[name] for name in asked.dimensions), value, base))
    found = {
        (tuple(item.labels.values()), item.value, item.base)
        for item in alerts.active(ledger, ALL)
        if item.state == "firing"
    }
    assert found == expected


def test_the_change_rule_holds_equal_parts_of_both_days(shop, ledger):
    alerts.save_rule(ledger, rule(**RULES[5]), "boss", NOW)
    alerts.evaluate(shop.warehouse, ledger, NOW)
    (item,) = alerts.active(ledger, ALL)
    assert (item.labels, item.value, item.base) == ({"platform": "tmall"}, 60.0, 300.0)  # not the 400 of the whole day


def test_a_late_source_is_a_data_fault_and_not_a_fall(shop, ledger):
    sources(shop, douyin="2024-03-05T15:59:00", tmall="2024-03-05T10:00:00")
    alerts.save_rule(ledger, rule(**RULES[5]), "boss", NOW)
    alerts.save_rule(ledger, rule(metric="gmv", threshold=1.0), "boss", NOW)
    alerts.evaluate(shop.warehouse, ledger, NOW)
    risen, fault = alerts.active(ledger, ALL)
    assert (risen.state, risen.value) == ("firing", 360.0)  # already too high, whatever still comes
    assert fault.state == "late" and "tmall" in fault.detail and fault.labels == {}
    shop.warehouse.write(
        lambda c: c.execute("UPDATE source_state SET complete_through = TIMESTAMP '2024-03-05 15:59:00'")
    )
    shop.ready()
    alerts.evaluate(shop.warehouse, ledger, NOW)
    assert [(item.state, item.labels) for item in alerts.active(ledger, ALL)] == [
        ("firing", {}),
        ("firing", {"platform": "tmall"}),
    ]


def test_yesterdays_file_says_nothing_about_today(shop, ledger):
    """The day after, before anything was loaded: no rule on today may cry, and the data fault says where the data end."""
    later = datetime(2024, 3, 6, 9, 0)
    config.freeze(later)
    alerts.save_rule(ledger, rule(metric="gmv", side="below", threshold=1000.0), "boss", later)
    alerts.save_rule(ledger, rule(metric="gmv", side="below", threshold=1000.0, period="yesterday"), "boss", later)
    alerts.evaluate(shop.warehouse, ledger, later)
    states = {item.rule_id: (item.state, item.detail) for item in alerts.active(ledger, ALL)}
    assert states[1] == ("late", "2024-03-05T15:58:00")
    assert states[2][0] in ("firing", "late")


def test_a_rule_asked_for_a_dimension_its_metric_lost_is_an_error_of_its_own(shop, ledger):
    alerts.save_rule(ledger, rule(metric="gmv", threshold=1.0), "boss", NOW)
    ledger.execute(
        "INSERT INTO alert_rule (metric, kind, side, threshold, period, dimensions, severity, owner, created_at, created_by)"
        " VALUES ('gmv', 'threshold', 'above', 1, 'today', '[\"creative\"]', 'info', 'boss', '', '')"
    )
    alerts.evaluate(shop.warehouse, ledger, NOW)
    assert [item.state for item in alerts.active(ledger, ALL)] == ["firing", "error"]


def test_look_back_counts_the_days_that_would_have_fired(shop):
    found = back_test(shop.warehouse, rule(metric="gmv", threshold=500.0), NOW)
    assert found == {"days": 30, "known": found["known"], "fired": ["2024-02-27"]}
    assert back_test(shop.warehouse, rule(metric="gmv", threshold=500.0, period="last_7_days"), NOW) is None


def test_a_rule_against_the_last_campaign_wakes_with_it(shop, ledger):
    """Day two of the campaign fell from 400 to 320; before it began there was nothing to hold against."""
    for year, day in ((2023, 4), (2024, 4)):
        shop.row("campaign", campaign=f"{year} 38", family="38", starts_at=datetime(year, 3, day), ends_at=datetime(year, 3, 9),
                 platform=None)  # fmt: skip
    shop.line("2023-03-05 10:00", 400)
    shop.ready()
    wanted = rule(metric="gmv", kind="change", compare="last_campaign", side="below", threshold=0.05)
    alerts.save_rule(ledger, wanted, "boss", NOW)
    alerts.evaluate(shop.warehouse, ledger, NOW)
    (found,) = alerts.active(ledger, ALL)
    assert (found.state, found.value, found.base) == ("firing", 360.0, 400.0)
    past = back_test(shop.warehouse, wanted, datetime(2024, 3, 6, 9, 0))
    assert past is not None and past["fired"] == ["2024-03-05"], "and no day before the campaign"


def test_a_round_asks_once_for_a_version(shop, ledger, monkeypatch):
    """Equal questions at one data version are computed once: the slow beat costs nothing while nothing moves."""
    for changes in RULES:
        alerts.save_rule(ledger, rule(**changes), "boss", NOW)
    alerts.evaluate(shop.warehouse, ledger, NOW)
    read = []
    original = shop.warehouse.reader
    monkeypatch.setattr(shop.warehouse, "reader", lambda *args: read.append(1) or original(*args))
    alerts.evaluate(shop.warehouse, ledger, NOW)
    assert read == []
