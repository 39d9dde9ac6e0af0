"""The correlation page: the lag, the sample and the warning are told; nothing is claimed where nothing is known."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from components import block
from components.context import Context
from components.view import View, parse
from metrics import Scope
from pages.correlation import BLOCKS, PAGE
from tests.components.made import texts
from tests.metrics.facts import Facts, at
from warehouse import Warehouse


def view(warehouse: Warehouse, search: str = "", lang: str = "zh", scope: Scope | None = None) -> View:
    context = Context(settings=warehouse.settings, warehouse=warehouse, scope=Scope.everything, user=lambda: "t")
    return parse(context, "/correlation", search, lang=lang, scope=scope or Scope.everything("t"))


@pytest.fixture
def led(warehouse: Warehouse) -> Warehouse:
    """Ad spend that sales follow two days later."""
    facts, noise = Facts(warehouse), np.random.default_rng(5)
    spend = noise.gamma(4, 100, 100)
    for day, cost in enumerate(spend):
        time = at("2024-01-01") + timedelta(days=day)
        facts.row("ad_spend", at=time, span="day", ad_plan="p", cost=round(float(cost), 2))
        if day >= 2:
            facts.line(f"{time:%Y-%m-%d} 12:00", round(5 * float(spend[day - 2]), 2), buyer=day)
    return facts.ready().warehouse


def test_the_leader_the_lag_the_sample_and_the_warning_are_told(led: Warehouse) -> None:
    told = texts(block.draw(view(led, "?a=ad_spend&b=gmv"), PAGE, BLOCKS[0]))
    assert "领先" in told and " 2 天时关联最强:r = 1.00" in told and "对日期" in told
    assert "同步变动不等于因果" in told
    english = texts(block.draw(view(led, "?a=ad_spend&b=gmv", "en"), PAGE, BLOCKS[0]))
    assert "2 days ahead of" in english and "Moving together is no cause" in english
    turned = texts(block.draw(view(led, "?a=gmv&b=orders"), PAGE, BLOCKS[0]))
    assert "没有看出" in turned


def test_one_metric_twice_and_no_data_claim_nothing(led: Warehouse, warehouse: Warehouse) -> None:
    assert "r =" not in texts(block.draw(view(led, "?a=gmv&b=gmv"), PAGE, BLOCKS[0]))
    assert "r =" not in texts(block.draw(view(led, "?a=live_viewers&b=gmv"), PAGE, BLOCKS[0]))


def test_a_hidden_metric_is_refused(led: Warehouse) -> None:
    blind = Scope("t", hidden=frozenset({"ad_spend"}))
    assert "没有权限" in texts(block.draw(view(led, "?a=ad_spend&b=gmv", scope=blind), PAGE, BLOCKS[0]))
    assert "没有权限" not in texts(block.draw(view(led, scope=blind), PAGE, BLOCKS[0]))  # another one stands in
