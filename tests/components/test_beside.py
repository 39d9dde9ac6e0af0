"""Changes beside values by parts: each is cut where its own sources end, and none is lost or mixed up."""

from datetime import datetime

import pytest

from components import beside, cards
from tests.components.made import result, view

TOLD = {"gmv": datetime(2026, 11, 11, 16, 40), "refund_rate": datetime(2026, 11, 11, 16, 40), "cvr": None}


def answered(asked):
    """An engine that keeps what it was asked and answers for two channels."""

    def query(_warehouse, question, _scope):
        asked.append(question)
        rows = []
        for at, channel in enumerate(("live", "search")):
            row = {"channel": channel}
            for name in question.metrics:
                row[name] = 100.0 - at
                if question.compare:
                    row |= {f"{name}__base": 50.0, f"{name}__diff": 1.0 + at, f"{name}__pct": 0.1 + at}
            rows.append(row)
        return result(rows, *question.metrics, dimensions=("channel",), compare=question.compare)

    return query


@pytest.fixture
def reach(monkeypatch):
    monkeypatch.setattr("metrics.reach", lambda _w, names, *_more: {name: TOLD[name] for name in names})


def test_metrics_told_unequally_far_are_compared_in_questions_of_their_own(reach):
    asked = []
    found = beside.ask(
        view(query=answered(asked)),
        ("gmv", "cvr", "refund_rate"),
        ("gmv", "cvr", "refund_rate"),
        by=("channel",),
        order="-gmv",
        limit=8,
    )
    compared = [question.metrics for question in asked if question.compare]
    assert sorted(compared) == [("cvr",), ("gmv", "refund_rate")]
    assert found["now"].compare is None and found["now"].metrics == ("gmv", "cvr", "refund_rate")


def test_the_changes_stand_in_the_row_of_their_part_and_leave_the_newest_value(reach):
    here = view(query=answered([]))
    found = beside.ask(here, ("gmv", "cvr"), ("gmv",), by=("channel",), order="-gmv", limit=8)
    told = beside.merged(here, found)
    assert [(row["channel"], row["gmv"], row["gmv__diff"]) for row in told.rows] == [
        ("live", 100.0, 1.0),
        ("search", 99.0, 2.0),
    ]
    assert told.compare == here.compare and "cvr__diff" not in told.rows[0]


def test_what_runs_out_soonest_comes_before_what_has_run_out():
    rows = [
        {"sku": "out", "stock_available": 0, "days_of_cover": 0.0, "items": 0},
        {"sku": "unknown", "stock_available": 9, "days_of_cover": None, "items": 1},
        {"sku": "later", "stock_available": 3, "days_of_cover": 1.5, "items": 9},
        {"sku": "soon", "stock_available": 2, "days_of_cover": 0.5, "items": 1},
        {"sku": "soon and sold more", "stock_available": 2, "days_of_cover": 0.5, "items": 7},
    ]
    assert [row["sku"] for row in cards.by_urgency(rows)] == ["soon and sold more", "soon", "later", "out", "unknown"]
