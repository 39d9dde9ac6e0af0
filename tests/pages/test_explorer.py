"""The explorer over a small warehouse: what is offered, what is asked, how it is drawn, what is cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from components import block, explorer_form
from components import explorer_ask as ask
from components.context import Context
from components.explorer_ask import Question
from components.view import View, parse
from metrics import Scope
from pages.explorer import BLOCKS, PAGE
from tests.components.made import find, texts
from tests.metrics.facts import Facts
from warehouse import Warehouse

Look = Callable[..., View]
MAY = "period=2024-05-01..2024-05-10&"


@pytest.fixture
def look(warehouse: Warehouse) -> Look:
    def view(search: str = "", *, lang: str = "zh", scope: Scope | None = None) -> View:
        context = Context(settings=warehouse.settings, warehouse=warehouse, scope=Scope.everything, user=lambda: "t")
        return parse(context, "/explore", "?" + search, lang=lang, scope=scope or Scope.everything("t"))

    return view


@pytest.fixture
def shop(warehouse: Warehouse) -> Facts:
    facts = Facts(warehouse)
    for i in range(40):
        facts.line(
            f"2024-05-{i % 10 + 1:02d} {i % 24:02d}:00",
            10.0 * (i + 1),
            buyer=i,
            province=("浙江", "广东", "江苏")[i % 3],
            channel=("live", "card")[i % 2],
            sku_id=f"S{i:02d}",
            platform=("douyin", "tmall")[i % 2],
        )
    return facts.ready()


def drawn(view: View, name: str) -> Any:
    return block.draw(view, PAGE, next(part for part in BLOCKS if part.name == name))


SHAPES = {
    "m=gmv&grain=day": "line",
    "m=gmv,orders&grain=day&by=province": "line",
    "m=gmv&by=province": "bar",
    "m=gmv,orders&by=province&show=scatter": "scatter",
    "m=gmv&by=province,channel": "stacked",
    "m=gmv&by=province,channel&show=heat": "heat",
    "m=gmv&grain=day&by=province&show=stacked": "stacked",
    "m=aov&by=province,channel": "heat",
    "m=gmv,orders&by=province,channel,platform": "pivot",
    "m=gmv,orders,refund_rate": "table",
    "m=gmv&by=province&vs=1": "bar",
    "m=gmv&grain=day&vs=1": "line",
    "m=gmv&by=weekday": "bar",
    "": "line",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("search", list(SHAPES))
def test_every_shape_of_question_gets_its_picture(shop: Facts, look: Look, search: str, lang: str) -> None:
    view = look(MAY + search, lang=lang)
    assert ask.kind(ask.read(view)) == SHAPES[search]
    for part in BLOCKS:
        picture = drawn(view, part.name)
        assert "state-failed" not in str(picture) and "explorer." not in texts(picture), part.name


def test_the_numbers_drawn_are_the_engines(shop: Facts, look: Look) -> None:
    view = look(MAY + "m=gmv&by=province")
    graph = find(drawn(view, "answer"), lambda item: hasattr(item, "figure"))[0]
    bars = graph.figure["data"][0]
    told = {row["province"]: row["gmv"] for row in view.ask("gmv", by=("province",)).rows}
    assert dict(zip(bars["x"], bars["y"], strict=True)) == told and len(told) == 3
    stacked = find(drawn(look(MAY + "m=gmv&by=province,channel"), "answer"), lambda item: hasattr(item, "figure"))
    assert sum(value or 0 for bar in stacked[0].figure["data"] for value in bar["y"]) == sum(told.values()) == 8200


def test_a_pivot_puts_one_key_across_and_loses_no_number(shop: Facts, look: Look) -> None:
    view = look(MAY + "m=gmv&by=province,channel&show=pivot&across=channel")
    grid = find(drawn(view, "answer"), lambda item: hasattr(item, "rowData"))[0]
    heads = [column["headerName"] for column in grid.columnDefs]
    assert heads[0] == "省份" and set(heads[1:]) == {"直播", "商品卡"}
    assert len(grid.rowData) == 3
    assert sum(row[f"c{i}_0"] for row in grid.rowData for i in range(2)) == 8200


def test_only_what_may_be_combined_is_offered(shop: Facts, look: Look) -> None:
    view = look(MAY + "m=gmv,tickets&by=staff")
    question = Question(("gmv",), ("province",))
    assert "tickets" not in ask.offered_metrics(view, question) and "orders" in ask.offered_metrics(view, question)
    assert "staff" in ask.offered_dimensions(view, Question(("tickets",)))
    assert "staff" not in ask.offered_dimensions(view, Question(("gmv",)))
    assert "minute" not in ask.offered_grains(view, question)  # ten days of minutes are too many points
    assert "minute" in ask.offered_grains(look("period=2024-05-01..2024-05-01"), question)
    assert "hour" not in ask.offered_dimensions(view, Question(("gmv",), (), "hour"))
    links = find(explorer_form.builder(view, question), lambda item: "option" in str(getattr(item, "className", "")))
    assert len(links) > 50 and all("/explore?" in item.href for item in links)


def test_a_metric_that_cannot_be_cut_so_says_why_and_the_others_stand(shop: Facts, look: Look) -> None:
    told = texts(drawn(look(MAY + "m=gmv,tickets&by=province"), "answer"))
    assert "会话数:" in told and "浙江" in str(drawn(look(MAY + "m=gmv,tickets&by=province"), "answer"))


def test_the_reader_sees_only_what_they_may(shop: Facts, look: Look) -> None:
    scope = Scope("t", {"platform": ("tmall",)}, frozenset({"gross_profit"}))
    view = look(MAY + "m=gmv,gross_profit&by=platform", scope=scope)
    answer = drawn(view, "answer")
    assert "douyin" not in str(answer) and "没有权限" in texts(answer)
    assert "gross_profit" not in ask.offered_metrics(view, Question(("gmv",)))
    alone = drawn(look(MAY + "m=gross_profit&by=platform", scope=scope), "answer")
    assert "没有权限" in texts(alone)
    assert "毛利" not in texts(drawn(view, "sql"))


def test_too_many_groups_are_cut_with_a_sentence(shop: Facts, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "MOST_GROUPS", 12)
    view = look(MAY + "m=gmv&by=sku&show=table")
    answer = drawn(view, "answer")
    assert "结果超过 12 组" in texts(answer)
    grid = find(answer, lambda item: hasattr(item, "rowData"))[0]
    assert len(grid.rowData) == 12 and grid.rowData[0]["gmv"] == 400  # the largest first
    lines = drawn(look(MAY + "m=gmv&by=sku&grain=day"), "answer")
    assert "SKU 只显示最大的 4 个" in texts(lines)


def test_addresses_nobody_made_are_answered_in_words(shop: Facts, look: Look) -> None:
    assert "先选一个指标" in texts(drawn(look("m="), "answer"))
    assert "先选一个指标" in texts(drawn(look("m=nothing"), "answer"))
    for search in ("m=gmv&by=nothing&grain=year&vs=x&show=pie&across=q", "m=tickets&by=sku,city,hour&grain=minute"):
        for part in BLOCKS:
            assert "Traceback" not in str(drawn(look(MAY + search), part.name))


def test_the_definition_and_the_sql_stand_below(shop: Facts, look: Look) -> None:
    told = texts(drawn(look(MAY + "m=gmv&by=province"), "sql"))
    assert "SELECT" in told and "成交额" in told


def test_an_address_comes_back_as_it_was(shop: Facts, look: Look) -> None:
    view = look(MAY + "m=gmv,orders&by=province,channel&grain=day&vs=1&show=heat&across=day&province=浙江")
    path, _, query = ask.address(view, ask.read(view)).partition("?")
    again = parse(view.context, path, "?" + query)
    assert ask.read(again) == ask.read(view) and again.filters == view.filters and again.period == view.period
