"""The page of what is most unusual: events in both languages, nothing found, no history, another's rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

import config
from components import block
from components.context import Context
from components.view import View, parse
from metrics import Scope
from pages.unusual import BLOCKS, PAGE
from tests.components.made import find, texts
from tests.metrics.facts import Facts, at
from tests.metrics.usual import incident, usual
from warehouse import Warehouse

Look = Callable[..., View]


@pytest.fixture
def look(warehouse: Warehouse) -> Look:
    config.freeze(at("2024-05-02"))

    def view(search: str = "", *, lang: str = "zh", scope: Scope | None = None) -> View:
        context = Context(settings=warehouse.settings, warehouse=warehouse, scope=Scope.everything, user=lambda: "t")
        asked = f"?period=2024-05-01..2024-05-01&{search}"
        return parse(context, "/why", asked, lang=lang, scope=scope or Scope.everything("t"))

    return view


def drawn(view: View) -> Any:
    return block.draw(view, PAGE, BLOCKS[0])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_event_is_told_with_its_worth_sureness_and_a_way_to_why(warehouse: Warehouse, look: Look, lang: str) -> None:
    facts = usual(Facts(warehouse))
    incident(facts)
    picture = drawn(look(lang=lang))
    told = texts(picture)
    assert "explain." not in told and "state-failed" not in str(picture)
    assert ("确定" if lang == "zh" else "certain") in told and "S1" in told
    links = [one.href for one in find(picture, lambda item: getattr(item, "href", None))]
    assert any(href.startswith("/why/orders?") and "sku=S1" in href and "2024-05-01" in href for href in links)


def test_nothing_beyond_chance_and_no_history_are_said(warehouse: Warehouse, look: Look) -> None:
    assert "历史还不够" in texts(drawn(look()))
    usual(Facts(warehouse))
    assert "没有超出偶然" in texts(drawn(look()))


def test_a_reader_of_another_shop_is_not_told(warehouse: Warehouse, look: Look) -> None:
    facts = usual(Facts(warehouse))
    incident(facts)
    told = texts(drawn(look(scope=Scope("b", rows={"shop": ("b",)}))))
    assert "S1" not in told and "没有超出偶然" in told


def test_other_days_are_held_to_what_was_known_of_them(warehouse: Warehouse, look: Look) -> None:
    facts = usual(Facts(warehouse))
    incident(facts, datetime(2024, 4, 29) + timedelta(hours=10))
    assert "没有超出偶然" in texts(drawn(look()))
    assert "S1" in texts(drawn(look("period=2024-04-29..2024-05-01")))
