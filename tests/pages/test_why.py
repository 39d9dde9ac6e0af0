"""Why a number moved, for a reader of some rows: tree, corners, parts, names and coincidences are of his rows only."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from components import block
from components.context import Context
from components.view import View, parse
from components.why import explained
from metrics import Scope
from pages.why import BLOCKS, PAGE
from tests.components.made import texts
from tests.metrics.facts import Facts
from warehouse import Warehouse

Look = Callable[..., View]
OWN, OTHER = ("a", "S1", "龙井", "甲计划"), ("b", "S2", "红茶秘方", "乙计划")


@pytest.fixture
def look(warehouse: Warehouse) -> Look:
    def view(metric: str, *, lang: str = "zh", scope: Scope) -> View:
        context = Context(settings=warehouse.settings, warehouse=warehouse, scope=Scope.everything, user=lambda: "t")
        asked = "?period=2024-03-11..2024-03-17&compare=last_week"
        return parse(context, f"/why/{metric}", asked, path_args={"metric": metric}, lang=lang, scope=scope)

    return view


@pytest.fixture
def shop(warehouse: Warehouse) -> Facts:
    """Two shops whose orders, prices, stock and ads all change from one week to the next."""
    facts = Facts(warehouse)
    for (name, sku, title, plan), fall in ((OWN, 2), (OTHER, 4)):
        for week, orders, price in ((4, 12, 50.0), (11, 12 - fall, 30.0)):
            for number in range(orders):
                moment = f"2024-03-{week + number % 7:02} {9 + number % 5:02}:00"
                facts.line(moment, price + number, shop=name, sku_id=sku,
                           product_id=f"P{sku}", product_name=title, category=title, province="浙江", buyer=number,
                           channel="live" if number % 3 else "card")  # fmt: skip
            facts.row("stock", shop=name, sku_id=sku, product_name=title, snapshot_at=f"2024-03-{week + 6:02} 06:00",
                      available=9 if week == 4 else 0, on_hand=9 if week == 4 else 0, active=True)  # fmt: skip
        facts.row("ad_spend", shop=name, at="2024-03-05 10:00", span="hour", ad_plan=plan, ad_plan_name=plan, cost=90)
        facts.row("ad_spend", shop=name, at="2024-03-12 10:00", span="hour", ad_plan=f"{plan}二", cost=70)
    return facts.ready()


MINE = Scope("reader", rows={"shop": ("a",)})


@pytest.mark.parametrize("metric", ["gmv", "orders", "unit_price", "buyers", "ad_spend"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_of_the_other_shop_is_told(shop: Facts, look: Look, metric: str, lang: str) -> None:
    told = texts(block.draw(look(metric, lang=lang, scope=MINE), PAGE, BLOCKS[0]))
    assert told and not any(word in told for word in OTHER[1:]), told
    whole = texts(block.draw(look(metric, lang=lang, scope=Scope.everything("boss")), PAGE, BLOCKS[0]))
    assert whole != told  # the reader of everything is told something else


def test_the_numbers_are_those_of_his_rows_and_add_up(shop: Facts, look: Look) -> None:
    told = explained(look("gmv", scope=MINE), "gmv")
    alone = shop.ask("gmv", period=told.asked.period, filters={"shop": ("a",)}).rows[0]["gmv"]
    assert told.value == Decimal(repr(alone)).quantize(Decimal("0.01"))
    for split in told.splits:
        assert sum((part.amount for part in split.branches), Decimal(0)) == told.diff
    for parts in told.dimensions.values():
        assert sum(part.contribution for part in parts) == pytest.approx(float(told.diff or 0), abs=1e-6)
    values = {part.value for parts in told.dimensions.values() for part in parts}
    assert not values & set(OTHER) and {"S1"} <= values
    assert all(cause.where.get("shop", "a") == "a" for cause in told.located.causes)
    named = [str(item.where) + str(item.fields) for item in told.beside]
    assert named and not any(word in text for text in named for word in OTHER[1:])


def test_two_readers_do_not_share_an_answer(shop: Facts, look: Look) -> None:
    boss, mine = (explained(look("gmv", scope=scope), "gmv").value for scope in (Scope.everything("boss"), MINE))
    assert boss != mine
