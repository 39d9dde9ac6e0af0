"""The goods page over a small warehouse: every block drawn in both languages, and saying what the engine says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import config
from components import block, export
from components.context import Context
from components.view import View, parse
from metrics import Scope
from pages.goods import BLOCKS, PAGE, TABLES
from tests.components.made import find, texts
from tests.metrics.facts import Facts, days
from warehouse import Warehouse

Look = Callable[..., View]
JUNE = "period=2024-06-01..2024-06-30&"


@pytest.fixture
def look(warehouse: Warehouse) -> Look:
    context = Context(settings=warehouse.settings, warehouse=warehouse, scope=Scope.everything, user=lambda: "t")

    def view(search: str = "", *, lang: str = "zh", scope: Scope | None = None) -> View:
        return parse(
            context,
            "/goods",
            "?" + ("" if "period=" in search else JUNE) + search,
            lang=lang,
            scope=scope or Scope.everything("t"),
        )

    return view


@pytest.fixture
def shop(warehouse: Warehouse) -> Facts:
    """A star, a product that many look at and few buy, two that few see; a spike that nobody came back for."""
    facts = Facts(warehouse)
    told = {"star": (1000, 40, 50), "dear": (1000, 2, 90), "hidden": (50, 5, 50), "weak": (40, 0, 0)}
    for product, (views, orders, price) in told.items():
        facts.row("traffic", at=days("2024-06-01", "2024-06-01").start, span="day", product_id=product, visitors=views)
        for number in range(orders):
            sku = f"{product}-{number % 2}"
            facts.line("2024-06-01 10:00", price, product_id=product, sku_id=sku, category="c", unit_cost=60)
    for buyer in range(40):
        facts.line("2024-06-10 10:00", 10, product_id="spike", sku_id="spike-0", buyer=buyer, unit_cost=2)
        facts.line(
            f"2024-06-{buyer % 2 * 14 + 2:02d} 11:00", 10, product_id="p", sku_id="p-0", buyer=buyer % 9, unit_cost=2
        )
    facts.refund("2024-06-20 10:00", 10, "2024-06-02 11:00", product_id="p", sku_id="p-0")
    return facts.ready()


def drawn(view: View, name: str) -> Any:
    return block.draw(view, PAGE, next(part for part in BLOCKS if part.name == name))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_block_is_drawn_and_no_text_is_missing(shop: Facts, look: Look, lang: str) -> None:
    for tab in TABLES:
        view = look(f"tab={tab}", lang=lang)
        for part in BLOCKS:
            picture = drawn(view, part.name)
            told = texts(picture)
            assert told and "goods." not in told and "buyers." not in told, part.name
            assert "state-failed" not in str(picture), part.name


def test_quarters_and_leaks_say_what_the_diagnosis_says(shop: Facts, look: Look) -> None:
    graph = find(drawn(look(), "quarters"), lambda item: hasattr(item, "figure"))[0]
    placed = {trace["name"]: trace["x"] for trace in graph.figure["data"]}
    assert 1000 in placed["明星"] and 1000 in placed["漏斗"] and 50 in placed["潜力"] and 40 in placed["冷门"]
    leaks = texts(drawn(look(), "leaks"))
    assert "dear" in leaks and "star" not in leaks and "单价高于类目中位数" in leaks


def test_a_spike_that_nobody_came_back_for_is_called_a_fake_hit(shop: Facts, look: Look) -> None:
    told = texts(drawn(look(), "hits"))
    assert "spike" in told and "伪爆款" in told and "2024-06-10" in told


def test_skus_stand_in_the_order_of_their_question_and_lead_to_their_page(shop: Facts, look: Look) -> None:
    grid = find(drawn(look("tab=margin"), "table"), lambda item: hasattr(item, "rowData"))[0]
    profits = [row["gross_profit"] for row in grid.rowData]
    assert profits == sorted(profits) and profits[0] == -200  # twenty star lines at 50, bought at 60
    assert all(row["sku__href"].startswith("/sku/") for row in grid.rowData)


def test_costs_are_kept_from_those_who_may_not_see_them(shop: Facts, look: Look) -> None:
    scope = Scope("t", hidden=frozenset({"gross_profit", "gross_margin", "cogs"}))
    table = drawn(look("tab=margin", scope=scope), "table")
    assert "-200" not in str(table) and "没有权限" in texts(table)


def test_what_is_shown_is_what_is_exported(shop: Facts, look: Look) -> None:
    view = look()
    for part in BLOCKS[1:]:
        lines = export.as_csv(view, dict(part.ask(view))).decode("utf-8-sig").splitlines()
        assert len(lines) > 5, part.name


def test_without_traffic_the_quarters_say_why(warehouse: Warehouse, look: Look) -> None:
    facts = Facts(warehouse)
    facts.line("2024-06-01 10:00", 10, product_id="p", sku_id="s")
    facts.ready()
    for name in ("quarters", "leaks"):
        assert find(drawn(look(), name), lambda item: "state" in str(getattr(item, "className", "")))
    assert "没有销量突增" in texts(drawn(look(), "hits"))


def test_before_the_first_full_hour_the_blocks_say_that_product_traffic_is_to_come(shop: Facts, look: Look) -> None:
    config.freeze(days("2024-07-01", "2024-07-01").start + timedelta(minutes=20))
    shop.line("2024-07-01 00:10", 10, product_id="star", sku_id="star-0", category="c")
    shop.ready()
    try:
        for lang, word in (("zh", "整点"), ("en", "full hour")):
            view = look("period=2024-07-01..2024-07-01", lang=lang)
            for name in ("quarters", "leaks"):
                told = drawn(view, name)
                assert word in texts(told) and "2024-06-01" in texts(told)
        past = look("period=2024-06-20..2024-06-20")
        assert "整点" not in texts(drawn(past, "quarters"))
    finally:
        config.freeze(None)


def test_goods_of_one_name_in_two_shops_are_told_apart(shop: Facts, look: Look) -> None:
    for product, place in (("dear", "a"), ("dear2", "b"), ("hidden", "a")):
        name = "风衣" if product.startswith("dear") else "围巾"
        shop.row("product", product_id=product, sku_id=f"{product}-0", name=name, shop=place)
    shop.ready()
    assert "店铺" not in texts(drawn(look(), "leaks"))
    day = days("2024-06-01", "2024-06-01").start
    shop.row("traffic", at=day, span="day", product_id="dear2", visitors=900, shop="b")
    shop.line("2024-06-01 10:00", 90, product_id="dear2", sku_id="dear2-0", category="c", shop="b")
    shop.ready()
    told = texts(drawn(look(), "leaks"))
    assert told.count("风衣") >= 2 and "店铺" in told
