"""Pages asked as known at an earlier moment, and a card whose published number has moved since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import config
from components import block
from components.context import Context
from components.page import Page
from components.view import View, parse
from metrics import Period, Scope, moved_days, published
from pages.management import PAGE as MANAGEMENT
from pages.strategic import PAGE as STRATEGIC
from tests.components.made import find, texts
from tests.warehouse.samples import DAY, ORDERS, line, table_batch
from warehouse import Warehouse

Look = Callable[..., View]
ALL = Scope.everything()
YESTERDAY = Period(DAY, DAY + timedelta(days=1))


@pytest.fixture
def look(warehouse: Warehouse) -> Iterator[Look]:
    """The day's orders told next morning, one of them dearer two days later; and what a reader then sees."""
    for number, total in ((1, "100.00"), (3, "160.00")):
        config.freeze(DAY + timedelta(days=number, hours=9))
        again = {
            "created_at": DAY + timedelta(days=number - 1, hours=20),
            "paid_at": DAY + timedelta(days=number - 1, hours=21),
        }
        rows = [line(1, total=total), line(2, total="40.00"), line(10 + number, total="7.00", **again)]
        warehouse.load(table_batch(ORDERS, rows, observed=DAY + timedelta(days=number, hours=9)))

    def view(search: str, lang: str = "zh") -> View:
        context = Context(settings=warehouse.settings, warehouse=warehouse, scope=Scope.everything, user=lambda: "t")
        return parse(context, "/", search, lang=lang, scope=Scope.everything("t"))

    yield view
    config.freeze(None)


def _gmv(view: View, page: Page) -> tuple[Any, str]:
    """The card's value, and every word and title on it."""
    drawn = block.draw(view, page, page.blocks[0])
    (card,) = find(drawn, lambda item: getattr(item, "data-metric", None) == "gmv")
    titles = " ".join(str(item.title) for item in find(card, lambda item: getattr(item, "title", None)))
    return getattr(card, "data-value"), f"{texts(card)} {titles}"


def test_a_card_shows_what_was_known_then_and_that_it_moved(look: Look) -> None:
    day = "?period=2026-03-01..2026-03-01"
    value, words = _gmv(look(day), STRATEGIC)
    assert value == "207.0" and "已变动" in words and "147" in words and "03-02 10:00" in words
    then, words = _gmv(look(f"{day}&known=2026-03-02T12:00"), STRATEGIC)
    assert then == "147.0" and "已变动" not in words
    week = "?period=2026-02-25..2026-03-03"
    curve = next(part for part in STRATEGIC.blocks if part.name == "curve")
    (graph,) = find(block.draw(look(week), STRATEGIC, curve), lambda item: hasattr(item, "figure"))
    (ring,) = [trace for trace in graph.figure["data"] if trace.get("name") == "发布后已变动"]
    assert (ring["x"], ring["y"]) == (["2026-03-01"], [207.0]) and "147" in ring["text"][0]
    before, _ = _gmv(look(f"{day}&known=2026-03-01T12:00"), STRATEGIC)
    assert before == ""


@pytest.mark.parametrize("page", [STRATEGIC, MANAGEMENT], ids=["strategic", "management"])
def test_every_block_of_an_earlier_moment_is_drawn_or_says_why_not(look: Look, page: Page) -> None:
    for search in ("?known=2026-03-02T12:00", "?period=last_7_days&known=2026-03-04T12:00&compare=benchmark"):
        view = look(search)
        for part in page.blocks:
            drawn = block.draw(view, page, part)
            assert "state-failed" not in str(drawn), (part.name, texts(drawn))


def test_a_period_is_published_by_the_first_sitting_after_it(look: Look) -> None:
    warehouse = look("").context.warehouse
    said = published(warehouse, YESTERDAY, {})
    assert said is not None
    assert (said.at, said.changed_at) == (DAY + timedelta(days=1, hours=10), DAY + timedelta(days=3, hours=9))
    assert moved_days(warehouse, "gmv", YESTERDAY, {"category": ("",)}, ALL) == {DAY.date(): (147.0, 207.0)}
    assert moved_days(warehouse, "gmv", YESTERDAY, {"category": ("鞋",)}, ALL) == {}
    assert moved_days(warehouse, "orders", YESTERDAY, {}, ALL) == moved_days(warehouse, "aov", YESTERDAY, {}, ALL) == {}
    assert moved_days(warehouse, "gmv", YESTERDAY, {}, Scope("x", {"shop": ("别家",)})) == {}, "nothing to see there"
    assert moved_days(warehouse, "gmv", YESTERDAY, {}, Scope("x", hidden=frozenset({"gmv"}))) == {}
    third = Period(DAY + timedelta(days=2), DAY + timedelta(days=3))
    assert published(warehouse, third, {}) is None, "told once"
    assert published(warehouse, YESTERDAY, {"shop": ("别家",)}) is None
    assert published(warehouse, YESTERDAY, {"province": ("广东",)}) is None
