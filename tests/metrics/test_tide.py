"""What a count is held against: how its day went elsewhere, rooms on the air, prices by what is in the basket."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from metrics.airtime import Airtime, Room, airtime
from metrics.habits import hazards, mix
from metrics.leaf_days import Block, Piece
from metrics.leaves import Asker
from metrics.scan import judge
from metrics.sides import _coded
from metrics.tide import expected, tide
from tests.metrics.facts import ALL, Facts, at

DAYS = 28


def _worlds(spread: float, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """(corner, sample, tick) counts of five shops whose days go up and down together, and their total; sample 0 is a
    day three times as good as others."""
    dice = np.random.default_rng(seed)
    day = np.exp(spread * dice.normal(size=DAYS + 1))
    day[0] = 3.0
    cube = dice.poisson(6.0 * day[None, :, None] * np.ones((5, 1, 24))).astype(float)
    return cube, cube.sum(axis=0, keepdims=True)


def test_on_a_good_day_more_is_expected_of_every_shop() -> None:
    cube, total = _worlds(0.3)
    cube[2, 0, 13:18] = 30.0 / 5  # what it has on any other day: on this one two of three orders are missing
    alone, beside = judge(cube, None), judge(cube, None, total=total)
    span = beside.spans.index((13, 18))
    assert abs(alone.score[2, span]) < 2 and beside.score[2, span] < -4
    assert beside.expected[2, span] == pytest.approx(90, rel=0.3)
    others = np.abs(beside.score[[0, 1, 3, 4], span])
    assert others.max() < 2.5 < np.abs(judge(cube, None).score[[0, 1, 3, 4], beside.spans.index((0, 24))]).min()


def test_where_days_are_alike_nothing_is_leant_on_them() -> None:
    cube, total = _worlds(0.0)
    sums = cube[:, :, 13:18], cube[:, :, :13], (total - cube)[:, :, 13:18]
    past = [part.sum(axis=2)[:, 1:] for part in sums]
    factor, far = expected(tide(*past), *(np.concatenate([one[:, :1], one], axis=1) for one in past[1:]))
    assert factor == pytest.approx(np.ones((5, DAYS + 1)), abs=0.2) and (far >= 0).all()


def test_an_incident_of_several_days_behind_is_no_habit() -> None:
    cube = np.random.default_rng(4).poisson(1.0, (3, DAYS + 1, 1)).astype(float)
    cube[0, 0], cube[0, 10:13] = 60.0, [[33.0], [30.0], [14.0]]
    assert judge(cube, None).score[0, 0] > 8


def test_a_day_held_against_a_tenth_says_nothing_of_how_far_it_goes() -> None:
    """No order of three days at a tenth of the spend does not make none at the whole of it usual."""
    spend = np.full((1, DAYS + 1, 1), 30.0)
    got = np.random.default_rng(5).poisson(1.5, (1, DAYS + 1, 1)).astype(float)
    spend[0, 0], got[0, 0] = 400.0, 0.0
    assert (got[0, 1:] == 0).sum() > 2 and judge(got, spend, 1.0, 0.05).score[0, 0] < -3


def test_a_room_that_is_cut_was_to_be_on_the_air_until_its_usual_end(facts: Facts) -> None:
    for day in range(1, 15):
        start = at(f"2024-04-{day:02} 19:30")
        facts.row("live_session", live_session=f"r{day}", started_at=start, ended_at=start + timedelta(hours=4))
    facts.row("live_session", live_session="cut", started_at=at("2024-04-15 19:40"), ended_at=at("2024-04-15 20:30"))
    asker = Asker(facts.ready().warehouse, ALL, {})
    days: list[date | None] = [date(2024, 4, 15), None, *(date(2024, 4, day) for day in range(1, 15))]
    air = airtime(asker, [day for day in days[2:] if day], at("2024-04-15"), at("2024-04-16"))
    minutes = air.minutes(("douyin", "a"), days, 24)
    assert minutes[0, 18:].tolist() == [0, 20, 60, 60, 60, 40] and not minutes[1].any()
    assert minutes[2].sum() == 240 and not air.minutes(("douyin", "b"), days, 24).any()
    evening = at("2024-04-15 20:30"), at("2024-04-15 23:30")
    assert air.spoke(("douyin", "a"), *evening) and not air.spoke(("douyin", "b"), *evening)
    assert not air.spoke(("douyin", "a"), at("2024-04-15 10:00"), at("2024-04-15 19:00"))


def test_without_rooms_to_compare_one_counts_shortly_after_it_ended() -> None:
    room = Room("douyin", "a", datetime(2024, 4, 15, 19), datetime(2024, 4, 15, 20))
    air = Airtime((room,))
    assert air.spoke(room.place, datetime(2024, 4, 15, 21), datetime(2024, 4, 16))
    assert not air.spoke(room.place, datetime(2024, 4, 15, 23), datetime(2024, 4, 16))


def _block(hour: list[int], codes: dict[str, list[int]], columns: dict[str, list[float]], day: list[int]) -> Block:
    rows = {name: np.array(values) for name, values in codes.items()}
    numbers = {name: np.array(values, float) for name, values in columns.items()}
    pieces = [
        Piece(
            number, np.array(hour)[[number]], {name: values[[number]] for name, values in rows.items()},
            {name: values[[number]] for name, values in numbers.items()},
        )
        for number in range(len(hour))
    ]  # fmt: skip
    return Block(np.array(day), pieces)


def test_pieces_of_a_product_count_by_what_each_sku_costs() -> None:
    sku = [1] * 6 + [2] * 6
    block = _block([9] * 12, {"sku": sku, "product": [1] * 12}, {"gmv": [10.0] * 6 + [30.0] * 6, "pieces": [1.0] * 12},
                   [0] * 12)  # fmt: skip
    of = mix(block, np.array([1]), "gmv", "pieces")
    assert of[2] / of[1] == pytest.approx(3.0)  # a product of which the dear one sells more has no other price


def test_refunds_of_the_night_are_held_against_refunds_of_the_night() -> None:
    """Six orders a day; by day one of six comes back after a week, at night one of the day before."""
    hour, age, day, sold = [], [], [], []
    for one in range(20):
        hour += [0, 3, 15]
        age += [0, 1, 7]
        day += [one] * 3
        sold += [6, 0, 0]
    columns = {"refunds": [0, 1, 1] * 20, "age": [float(one) for one in age], "sold": [float(one) for one in sold]}
    block = _block(hour, {}, {name: [float(one) for one in values] for name, values in columns.items()}, day)
    order = np.arange(1, 21)
    whole, night = hazards(block, order, 24), hazards(block, order, 5)
    assert whole[7] > 0.1 and night[7] == 0 and night[1] == pytest.approx(whole[1])


@pytest.mark.parametrize("first", [pa.null(), pa.int32()])
def test_values_of_sides_without_rows_have_no_type_of_their_own(first: pa.DataType) -> None:
    codes, values = _coded([pa.chunked_array([], first), pa.chunked_array([], pa.string())])
    assert not len(codes) and not values
    codes, values = _coded([pa.chunked_array([[None]], first), pa.chunked_array([["a", None]], pa.string())])
    assert [values[code] for code in codes] == [None, "a", None]
