"""The buyers page over a small warehouse: every block drawn, exported and explained, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import metrics
from components import block, export
from components.context import Context
from components.view import View, parse
from metrics import Scope
from pages.buyers import BLOCKS, PAGE
from tests.components.made import find, texts
from tests.metrics.facts import Facts, at
from warehouse import Warehouse

Look = Callable[..., View]


@pytest.fixture
def look(warehouse: Warehouse) -> Look:
    """A view of the page over a warehouse of this test's facts."""

    def view(search: str = "", *, lang: str = "zh", scope: Scope | None = None) -> View:
        context = Context(settings=warehouse.settings, warehouse=warehouse, scope=Scope.everything, user=lambda: "t")
        return parse(context, "/buyers", search, lang=lang, scope=scope or Scope.everything("t"))

    return view


@pytest.fixture
def shop(warehouse: Warehouse) -> Facts:
    facts = Facts(warehouse)
    for buyer in range(1, 9):
        facts.line(f"2024-0{buyer // 2 + 1}-0{buyer} 10:00", 100.0 * buyer, buyer=buyer, province="浙江")
    facts.line("2024-05-20 10:00", 50, buyer=1, province="广东")
    facts.line("2024-02-28 21:00", 30, buyer=1, province="浙江")
    for hour, kind in ((9, "view"), (10, "cart"), (15, "buy")):
        facts.row("behaviour", buyer=1, product_id="p", event=kind, at=at(f"2024-05-20 {hour:02}:00"))
    facts.row("behaviour", buyer=2, product_id="p", event="view", at=at("2024-05-20 12:00"))
    return facts.ready()


def drawn(view: View, name: str) -> Any:
    return block.draw(view, PAGE, next(part for part in BLOCKS if part.name == name))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_block_is_drawn_and_no_text_is_missing(shop: Facts, look: Look, lang: str) -> None:
    for search in ("", "?cut=value&scoring=fixed&cell=gmv&by=level&segment=active", "?cut=gmv&by=hour"):
        view = look(search, lang=lang)
        for part in BLOCKS:
            told = texts(drawn(view, part.name))
            assert told and "buyers." not in told and "components." not in told, part.name
        assert "state-failed" not in str([drawn(view, part.name) for part in BLOCKS])


def test_segments_show_their_rule_with_its_limits_and_lead_to_their_profile(shop: Facts, look: Look) -> None:
    table = drawn(look(), "segments")
    told = texts(table)
    assert "90 天以上、180 天以内没有下单" in told
    assert "累计消费高于 700" in told  # seven of the eight buyers, 80 % and more, paid no more
    links = {getattr(item, "href", "") for item in find(table, lambda item: bool(getattr(item, "href", "")))}
    assert "/buyers?who=lost" in links
    held = texts(drawn(look("?who=new"), "profile"))
    assert "新客" in held


def test_the_triangle_colours_cells_and_marks_the_month_that_is_not_over(shop: Facts, look: Look) -> None:
    table = drawn(look(), "cohorts")
    cells = find(table, lambda item: "heat-cell" in str(getattr(item, "className", "")))
    assert "100.0%" in texts(cells)  # buyer 1, the only one of January, came back in February
    assert any("2024-01 首购,第 1 个月:1 人下单" in item.title for item in cells)
    assert find(table, lambda item: getattr(item, "className", "") == "heat-young")


def test_a_way_is_held_to_its_window_and_says_where_most_are_lost(shop: Facts, look: Look) -> None:
    told = texts(drawn(look(), "path"))
    assert "1 没有再往下走,占 50.0%" in told and "浏览 2 " in told and "购买 1" in told
    assert "购买 0" in texts(drawn(look("?window=h1&unit=users"), "path"))


def test_what_is_shown_is_what_is_exported(shop: Facts, look: Look) -> None:
    view = look()
    for part in BLOCKS:
        found = dict(part.ask(view))
        lines = export.as_csv(view, found).decode("utf-8-sig").splitlines()
        assert len(lines) > 5, part.name
    text = export.as_csv(view, dict(BLOCKS[0].ask(view))).decode("utf-8-sig")
    assert f"客群,{metrics.catalogue()['buyers'].zh},占比" in text and "高价值客," in text


def test_without_buyers_every_block_says_why(look: Look, warehouse: Warehouse) -> None:
    facts = Facts(warehouse)
    facts.line("2024-05-01", 10)
    facts.ready()
    for part in BLOCKS:
        if part.name == "path":
            assert "行为日志" in texts(drawn(look(), "path"))
            continue
        assert "这个来源没有买家信息" in texts(drawn(look(), part.name)) or "没有买家" in texts(
            drawn(look(), part.name)
        )


def test_a_reader_without_the_right_sees_no_number(shop: Facts, look: Look) -> None:
    view = look(scope=Scope("t", hidden=frozenset({"gmv", "behaviour_events"})))
    for part in BLOCKS:
        assert "没有权限" in texts(drawn(view, part.name)), part.name
