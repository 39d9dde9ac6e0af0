"""What is kept of buyers answers as their lines do: for any day, shop and reader, before and after loads."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import Settings
from metrics import Scope, cache
from metrics.cohorts import cohorts, repurchase
from metrics.people import Cuts
from metrics.profiles import profile
from metrics.segments import moves, rfm, rfm_classes, segments, thresholds
from metrics.slices import Slice
from tests.metrics.test_rollups import DAYS, START, _change, _fill
from warehouse import Warehouse, rollup

slices = importlib.import_module("metrics.slices")
standing = importlib.import_module("metrics.standing")
CUTS = Cuts(new_days=6, silent_days=8, lost_days=16, high_share=0.3, money=(40, 90, 160, 400))
QUESTIONS: dict[str, Callable[[Warehouse, Slice, Scope], Any]] = {
    "segments": lambda *asked: segments(*asked, cuts=CUTS).rows,
    "rfm": lambda *asked: rfm(*asked, cuts=CUTS).rows,
    "rfm fixed": lambda *asked: rfm(*asked, cuts=CUTS, scoring="fixed").rows,
    "classes": lambda *asked: rfm_classes(*asked).rows,
    "thresholds": lambda *asked: [vars(points) if (points := thresholds(*asked, cuts=CUTS)) else {}],
    "moves": lambda *asked: moves(*asked, days=9, cuts=CUTS).rows,
    "cohorts": lambda *asked: cohorts(*asked).rows,
    "curve": lambda *asked: repurchase(*asked).rows,
    "province": lambda *asked: profile(*asked, by="province", cuts=CUTS).rows,
    "province of some": lambda *asked: profile(*asked, by="province", segment="active", cuts=CUTS).rows,
    "level": lambda *asked: profile(*asked, by="level", segment="high_value", cuts=CUTS).rows,
    "hour": lambda *asked: profile(*asked, by="hour", segment="lost", cuts=CUTS).rows,
}
PLACES = {
    "platform": (("douyin",), ("tmall", "jd"), ("douyin", "tmall", "jd")),
    "shop": (("a",), ("b",), ("a", "b")),
}
_days = st.integers(-2, DAYS + 3).map(lambda number: START.date() + timedelta(days=number))
_places = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in PLACES.items()})


def shop_of(home: Path, *, one: bool) -> Warehouse:
    """A warehouse of hundreds of orders of forty buyers; with `one`, all in one shop."""
    opened = Warehouse.open(replace(Settings(), home=home))

    def fill(connection: Any) -> None:
        _fill(connection, 0, 900)
        if one:
            connection.execute("UPDATE order_line SET platform = 'jd', shop = 'a'")
        rollup.rebuild(connection)
        opened.engine.raise_version(connection)

    opened.write(fill)
    return opened


@pytest.fixture(scope="module", params=[False, True], ids=["six shops", "one shop"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with shop_of(tmp_path_factory.mktemp("kept"), one=request.param) as opened:
        yield opened


def told(warehouse: Warehouse, name: str, asked: Slice, scope: Scope, kept: bool) -> list[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standing, "_long_ago", lambda *_: False)  # what came after is taken off, however much it is
        if not kept:
            patch.setattr(slices, "_kept", lambda *_: None)
        cache.enable(False)
        try:
            rows: list[dict[str, Any]] = QUESTIONS[name](warehouse, asked, scope)
        finally:
            cache.enable(True)
    return rows


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


def hold(warehouse: Warehouse, name: str, asked: Slice, scope: Scope) -> int:
    """Both roads give the same rows; how many."""
    mine, lines = (told(warehouse, name, asked, scope, kept) for kept in (True, False))
    assert len(mine) == len(lines), (name, asked, mine, lines)
    for one, other in zip(mine, lines, strict=True):
        assert one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one), (name, asked, one, other)
    return len(mine)


def test_kept_buyers_answer_as_their_lines_do(shop: Warehouse) -> None:
    found: list[int] = []

    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(name=st.sampled_from(sorted(QUESTIONS)), day=_days, filters=_places, rights=_places)
    def hold_any(name: str, day: date, filters: dict[str, tuple[str, ...]], rights: dict[str, Any]) -> None:
        scope = replace(Scope.everything(), rows=rights)
        found.append(hold(shop, name, Slice(day, filters), scope))

    hold_any()
    assert sum(rows > 0 for rows in found) > len(found) // 2


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_about_today_and_a_past_day(shop: Warehouse, name: str) -> None:
    for day in (START.date() + timedelta(days=DAYS + 1), START.date() + timedelta(days=DAYS // 2)):
        assert hold(shop, name, Slice(day), Scope.everything()) > 0
        hold(shop, name, Slice(day, {"platform": ("jd",), "shop": ("a",)}), Scope.everything())  # may be nobody


def test_bands_of_amounts_tell_what_the_buyers_in_them_do(tmp_path: Path) -> None:
    """Hundreds of buyers over wide amounts, some below nothing: most are counted in bands, some read one by one."""
    with shop_of(tmp_path / "home", one=False) as opened:
        for number in range(4):

            def work(connection: Any, number: int = number) -> None:
                touched = _change(connection, number)
                connection.execute("""UPDATE order_line SET buyer = hash(order_id, 31) % 350,
                    paid_amount = exp(hash(line_id, 32) % 11000 / 1000.0)::DECIMAL(18,2) - 3""")
                if number % 2 == 0:  # else the days of other lines are not touched: nothing but theirs may have changed
                    days = connection.execute("SELECT DISTINCT paid_at::DATE FROM order_line").fetchall()
                    touched.add("order_line", "paid_at", [row[0] for row in days])
                rollup.refresh(connection, touched)
                opened.engine.raise_version(connection)

            opened.write(work)
            for name in QUESTIONS:
                assert hold(opened, name, Slice(None), Scope.everything())
                hold(opened, name, Slice(None, {"platform": ("jd",), "shop": ("a",)}), Scope.everything())
        for new_days in (62, 63):  # beyond what the counts tell apart
            told_of = segments(opened, Slice(None), Scope.everything(), Cuts(new_days=new_days)).sql
            assert ("buyer_alike" in told_of) == (new_days == 62)


def test_after_every_change_they_still_do(tmp_path: Path) -> None:
    with shop_of(tmp_path / "home", one=False) as opened:
        for number in range(1, 6):
            opened.write(lambda c, n=number: (rollup.refresh(c, _change(c, n)), opened.engine.raise_version(c)))
            for name in QUESTIONS:
                hold(opened, name, Slice(START.date() + timedelta(days=DAYS - 5 * number)), Scope.everything())
                hold(opened, name, Slice(START.date() + timedelta(days=DAYS + 9)), Scope.everything())


def test_a_day_long_ago_is_told_from_the_lines_before_it(shop: Warehouse) -> None:
    far, near = Slice(START.date() + timedelta(days=3)), Slice(START.date() + timedelta(days=DAYS - 2))
    everything = Scope.everything()
    assert "buyer_ever" not in segments(shop, far, everything).sql
    assert "buyer_ever" in segments(shop, near, everything).sql
    assert "order_line" not in segments(shop, Slice(None), everything).sql


def test_one_shop_becoming_two_and_one_again(tmp_path: Path) -> None:
    with shop_of(tmp_path / "home", one=True) as opened:
        for other in ("b", "a"):
            change = f"UPDATE order_line SET shop = '{other}' WHERE hash(order_id) % 3 = 0"

            def work(connection: Any, change: str = change) -> None:
                touched = _change(connection, 10)  # which changes nothing but lines of its own
                connection.execute(change)
                days = connection.execute("SELECT DISTINCT paid_at::DATE FROM order_line").fetchall()
                touched.add("order_line", "paid_at", [row[0] for row in days])
                rollup.refresh(connection, touched)
                opened.engine.raise_version(connection)

            opened.write(work)
            for name in QUESTIONS:
                hold(opened, name, Slice(START.date() + timedelta(days=DAYS)), Scope.everything())
                hold(opened, name, Slice(None, {"shop": ("a",)}), Scope.everything())


def test_a_warehouse_from_before_is_filled_when_it_opens(tmp_path: Path) -> None:
    from warehouse import people

    with shop_of(tmp_path / "home", one=False) as opened:
        kept = {name: opened.read(f"SELECT * FROM {name} ORDER BY ALL").to_pylist() for name in people.TABLES}
        opened.write(lambda c: [c.execute(f"DELETE FROM {name}") for name in people.TABLES])
    with Warehouse.open(replace(Settings(), home=tmp_path / "home")) as opened:
        for name, rows in kept.items():
            assert rows and opened.read(f"SELECT * FROM {name} ORDER BY ALL").to_pylist() == rows
