"""The states a reader meets when something is missing: each says what it is about and is not taken for another."""

from types import SimpleNamespace

from components import alert_words, bars, block
from components.page import Block, Page
from errors import UserError
from pages import management
from tests.components.made import find, result, texts, view

PAGE = Page(id="p", path="/", title="pages.strategic.title", layout=lambda view: None)


def refused(_view):
    raise UserError("not_allowed", metric="cogs")


def broken(_view):
    raise ZeroDivisionError


def drawn(ask):
    return texts(
        block.draw(view(), PAGE, Block("b", ask, lambda view, found: "", 100, "chart", "pages.strategic.tree"))
    )


def test_a_block_that_failed_or_is_barred_says_which_it_is():
    name = view().text("pages.strategic.tree")
    assert f"{name} · 没有权限查看" in drawn(refused) and f"{name} · 这一块没有算出来" in drawn(broken)


def test_bars_of_a_barred_number_are_no_empty_period():
    answer = result([{"channel": "live"}], "refund_rate", dimensions=("channel",), notes={"refund_rate": "not_allowed"})
    told = texts(bars.bars(view(), answer, "refund_rate", "channel"))
    assert "没有权限" in told and "没有数据" not in told


def test_the_curve_of_a_page_is_one_that_the_reader_may_see(monkeypatch):
    monkeypatch.setattr("components.view.View.answerable", lambda self, metric: metric != "refund_rate")
    assert management._curves(view())[0] == "aov" and "refund_rate" not in management._curves(view())


def test_late_sources_are_named_as_people_call_them():
    item = SimpleNamespace(
        outcome="late",
        detail="demo:doudian_api_orders:douyin:云杉严选店, demo:tmall_orders:tmall:云杉天猫店",
        reason="late",
    )
    told = alert_words.reason(view(), item)
    assert "抖音 云杉严选店、天猫 云杉天猫店" in told and "doudian_api" not in told
    assert "Douyin 云杉严选店, Tmall" in alert_words.reason(view(lang="en"), item)


def test_a_failed_block_can_be_tried_again():
    failed = block.draw(view(), PAGE, Block("b", broken, lambda view, found: ""))
    assert find(failed, lambda one: getattr(one, "data-retry", None) == "p-b")
