"""The finance page over a small warehouse: the waterfall's figures, profit by part, leaks, export, rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from components import block, export
from components.context import Context
from components.view import View, parse
from metrics import Scope
from pages.finance import BLOCKS, BY, PAGE, STEPS
from tests.components.made import find, texts
from tests.metrics.facts import Facts, at
from warehouse import Warehouse

Look = Callable[..., View]


@pytest.fixture
def look(warehouse: Warehouse) -> Look:
    def view(search: str = "", *, lang: str = "zh", scope: Scope | None = None) -> View:
        context = Context(settings=warehouse.settings, warehouse=warehouse, scope=Scope.everything, user=lambda: "t")
        asked = f"?period=2024-03-01..2024-03-05&{search}"
        return parse(context, "/finance", asked, lang=lang, scope=scope or Scope.everything("t"))

    return view


@pytest.fixture
def shop(warehouse: Warehouse) -> Facts:
    facts = Facts(warehouse)
    facts.line("2024-03-01", 1000, sku_id="A", category="衣", channel="live", unit_cost=400)
    facts.line("2024-03-01", 200, sku_id="B", category="鞋", channel="card", unit_cost=260, order="b")
    facts.refund(
        "2024-03-02", 100, "2024-03-01", sku_id="A", category="衣", channel="live", unit_cost=400, order_id="x"
    )
    day = at("2024-03-01").date()
    for item, amount in (("platform_fee", 50), ("creator_commission", 60), ("logistics", 20), ("other", 30)):
        facts.row("cost", day=day, item=item, amount=amount)
    facts.row("ad_spend", at=at("2024-03-01"), span="day", ad_plan="poor", cost=90, gmv=100)
    return facts.ready()


def drawn(view: View, name: str) -> Any:
    return block.draw(view, PAGE, next(part for part in BLOCKS if part.name == name))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_block_is_drawn_and_no_text_is_missing(shop: Facts, look: Look, lang: str) -> None:
    for by in BY:
        for part in BLOCKS:
            picture = drawn(look(f"by={by}", lang=lang), part.name)
            told = texts(picture)
            assert told and "finance." not in told and "components." not in told, part.name
            assert "state-failed" not in str(picture)


def test_the_waterfall_falls_to_the_engines_profit(shop: Facts, look: Look) -> None:
    view = look()
    row = BLOCKS[0].ask(view)["steps"].rows[0]
    costs = sum(row[metric] for sign, metric in STEPS if sign == "-")
    assert row["gmv"] == 1200 and row["operating_profit"] == pytest.approx(row["gmv"] - costs)
    bars = find(drawn(view, "waterfall"), lambda item: str(getattr(item, "className", "")).startswith("fall-"))
    placed = [bar.style for bar in bars if getattr(bar, "style", None)]
    assert len(placed) == len(STEPS)
    ends = [float(style["left"][:-1]) + float(style["width"][:-1]) for style in placed]
    assert placed[0]["left"] == placed[-1]["left"] and max(ends) == pytest.approx(100)
    assert ends[1] == pytest.approx(100)  # the first fall begins where sales end
    assert float(placed[1]["left"][:-1]) == pytest.approx(ends[2], abs=0.02)  # and ends where net sales end


def test_leaks_are_named_with_their_yuan_and_exported(shop: Facts, look: Look) -> None:
    view = look()
    told = {(row["leak"], row["part"]): row["lost"] for row in BLOCKS[1].ask(view)["leaks"].rows}
    assert told["负毛利 SKU", "B"] == 60
    assert told["投放低于保本 ROI", "poor"] > 0
    text = export.as_csv(view, dict(BLOCKS[1].ask(view))).decode("utf-8-sig")
    assert "负毛利 SKU,B" in text and export.as_xlsx(view, dict(BLOCKS[2].ask(view)))
    links = find(drawn(view, "leaks"), lambda item: str(getattr(item, "href", "")).startswith("/sku/B"))
    assert links


def test_without_costs_nothing_is_called_a_leak(warehouse: Warehouse, look: Look) -> None:
    facts = Facts(warehouse)
    facts.line("2024-03-01", 100, sku_id="A")
    facts.ready()
    assert "没有发现黑洞" in texts(drawn(look(), "leaks"))
    assert "fall-row" in str(drawn(look(), "waterfall"))


def test_readers_without_the_right_to_profit_see_no_leak(shop: Facts, look: Look) -> None:
    view = look(scope=Scope("t", hidden=frozenset({"gross_profit", "cogs"})))
    assert "没有权限" in texts(drawn(view, "leaks"))
