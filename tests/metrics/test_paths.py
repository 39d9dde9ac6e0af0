"""Ways through a behaviour log: order of steps, window, pairs and users, against a plain search in Python."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import UserError
from metrics.paths import STEPS, Path, path
from metrics.types import Scope
from tests.metrics.facts import ALL, Facts, days
from warehouse import Warehouse

START = datetime(2024, 3, 1)


def event(facts: Facts, buyer: int, item: str, kind: str, hour: float, **more: Any) -> None:
    facts.row("behaviour", buyer=buyer, product_id=item, event=kind, at=START + timedelta(hours=hour), **more)


def reached(facts: Facts, **more: Any) -> list[int]:
    return [row["reached"] for row in path(facts.warehouse, Path(**more), ALL).rows]


def shop(facts: Facts) -> Facts:
    event(facts, 1, "a", "view", 0)
    event(facts, 1, "a", "cart", 1)
    event(facts, 1, "a", "buy", 30)
    event(facts, 1, "a", "view", 28)
    event(facts, 1, "a", "favourite", 29)  # the second start makes it within three hours
    event(facts, 2, "a", "view", 0)
    event(facts, 2, "b", "cart", 1)
    event(facts, 2, "b", "buy", 2)  # looked at one item, bought another
    event(facts, 3, "c", "cart", 0)
    event(facts, 3, "c", "view", 1)
    event(facts, 3, "c", "buy", 2)  # carted before looking
    event(facts, 4, "d", "view", 5)
    event(facts, 4, "d", "cart", 5)
    event(facts, 4, "d", "buy", 5)  # the same moment is in order
    return facts.ready()


def test_steps_are_taken_in_order_within_the_window(facts: Facts) -> None:
    shop(facts)
    assert reached(facts) == [4, 2, 2] and reached(facts, unit="users") == [4, 3, 3]
    assert reached(facts, within_hours=3) == [4, 2, 2]
    assert reached(facts, within_hours=1.5) == [4, 2, 1]
    assert reached(facts, steps=(("view",), ("buy",))) == [4, 3]
    rows = path(facts.warehouse, Path(), ALL).rows
    assert rows[1] == {"step": "cart+favourite", "reached": 2, "share": 0.5, "rate": 0.5, "dropped": 0}


def test_rights_periods_and_reasons_hold(facts: Facts) -> None:
    assert path(facts.ready().warehouse, Path(), ALL).notes == {"reached": "no_behaviour"}
    event(facts, 9, "z", "view", 0, shop="b")
    shop(facts)
    assert [row["reached"] for row in path(facts.warehouse, Path(), Scope("t", rows={"shop": ("b",)})).rows] == [
        1,
        0,
        0,
    ]
    assert reached(facts, filters={"product": ("d",)}) == [1, 1, 1]
    assert reached(facts, period=days("2024-03-02", "2024-03-02")) == [1, 1, 1]
    with pytest.raises(UserError) as refused:
        path(facts.warehouse, Path(steps=(("look",),)), ALL)
    assert refused.value.code == "unknown_event"


EVENTS = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.sampled_from("ab"),
        st.sampled_from(["view", "cart", "favourite", "buy"]),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=14,
)


def searched(events: list[tuple[int, str, str, int]], window: float | None) -> list[int]:
    """Every pair's longest way, by trying all."""
    best: dict[tuple[int, str], int] = {}
    for pair in {(buyer, item) for buyer, item, _, _ in events}:
        own = [(kind, hour) for buyer, item, kind, hour in events if (buyer, item) == pair]
        ways = [(hour, hour) for kind, hour in own if kind in STEPS[0]]
        for number, step in enumerate(STEPS):
            if number:
                ways = [
                    (first, hour)
                    for first, last in ways
                    for kind, hour in own
                    if kind in step and hour >= last and (window is None or hour <= first + window)
                ]
            best[pair] = number + 1 if ways else best.get(pair, 0)
    return [sum(depth > number for depth in best.values()) for number in range(len(STEPS))]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.sampled_from([None, 1, 3]))
def test_the_ways_found_are_those_of_a_full_search(
    warehouse: Warehouse, events: list[tuple[int, str, str, int]], window: float | None
) -> None:
    warehouse.write(lambda connection: connection.execute("DELETE FROM behaviour"))
    facts = Facts(warehouse)
    for buyer, item, kind, hour in events:
        event(facts, buyer, item, kind, hour)
    facts.ready()
    found = reached(facts, within_hours=window)
    wanted = searched(events, window)
    assert found == (wanted if wanted[0] else [])
    assert found == sorted(found, reverse=True)
