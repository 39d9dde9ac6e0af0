"""The reconciliation page over a small warehouse: drawn, exported, signed, withdrawn, and kept from others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import flask
import pytest

import config
from access.users import User
from components import block, export, unreconciled
from components.context import Context
from components.view import View, parse
from errors import UserError
from metrics import Scope, signoffs
from pages.reconciliation import BLOCKS, PAGE, act, layout
from tests.components.made import find, texts
from tests.metrics.facts import Facts
from warehouse import Warehouse
from warehouse.ledger import Ledger

Look = Callable[..., View]
CELL = "cell=refunds|douyin|a|2024-03-01"


def user(role: str) -> User:
    return User("吴会计", role, id=1)


@pytest.fixture(autouse=True)
def moment() -> Iterator[None]:
    config.freeze(datetime(2024, 3, 10, 9))
    yield
    config.freeze(None)


@pytest.fixture
def look(warehouse: Warehouse) -> Iterator[Look]:
    """A view of the page, asked by a person of a role."""
    app, ledger = flask.Flask("t"), Ledger.open(warehouse.settings)

    def view(search: str = "", *, lang: str = "zh", role: str = "finance") -> View:
        flask.g.cockpit_user = user(role)
        context = Context(settings=warehouse.settings, warehouse=warehouse, ledger=ledger, scope=Scope.everything)
        asked = f"?period=2024-03-01..2024-03-05&{search}"
        return parse(context, "/reconciliation", asked, lang=lang, scope=Scope.everything("t"))

    with app.test_request_context("/"):
        yield view
    ledger.close()


@pytest.fixture
def shop(warehouse: Warehouse) -> Facts:
    facts = Facts(warehouse)
    facts.line("2024-03-01 10:00", 100, order="over")
    facts.refund("2024-03-02", 130, "2024-03-01 10:00", order_id="over")
    facts.line("2024-03-03 10:00", 100, order="fine")
    facts.refund("2024-03-04", 10, "2024-03-03 10:00", order_id="fine")
    return facts.ready()


def drawn(view: View, name: str) -> Any:
    return block.draw(view, PAGE, next(part for part in BLOCKS if part.name == name))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_block_is_drawn_and_no_text_is_missing(shop: Facts, look: Look, lang: str) -> None:
    for search in ("", CELL, "cell=nonsense"):
        for part in BLOCKS:
            told = texts(drawn(look(search, lang=lang), part.name))
            assert told and "reconciliation." not in told and "components." not in told, part.name
            assert "state-failed" not in str(drawn(look(search, lang=lang), part.name))


def test_the_matrix_says_each_state_in_words_and_leads_to_the_difference(shop: Facts, look: Look) -> None:
    table = drawn(look(), "matrix")
    links = find(table, lambda item: "cell=" in str(getattr(item, "href", "")))
    assert len(links) == 2  # the days on which something was refunded of their orders
    assert "未平" in links[0].title and "+30.00" in links[0].title and "已平" in links[1].title
    told = texts(table)
    assert "缺一侧的数据,不能对账" in told and "待对" in told
    detail = texts(drawn(look(CELL), "detail"))
    assert "over" in detail and "原因不明" in detail and "130.00" in detail


def test_a_signature_needs_what_was_seen_and_falls_when_the_difference_moves(shop: Facts, look: Look) -> None:
    view = look(CELL)
    with pytest.raises(UserError) as caught:
        act(view, "sign", "unknown", "", 29.0)
    assert caught.value.code == "signoff_moved"
    with pytest.raises(UserError) as caught:
        act(view, "sign", "because", "", 30.0)
    assert caught.value.code == "signoff_reason"
    assert act(view, "sign", "freight", "运费另退", 30.0) == "已签认。"
    assert "已签" in texts(drawn(view, "matrix")) and "吴会计 于 2024-03-10 09:00:00 签认" in texts(
        drawn(view, "detail")
    )
    with pytest.raises(UserError) as caught:
        act(view, "sign", "freight", "", 30.0)
    assert caught.value.code == "signoff_none"
    trail = view.context.ledger.query("SELECT * FROM audit")
    assert [(row["actor"], row["action"]) for row in trail] == [("吴会计", "difference_signed")]

    shop.refund("2024-03-05", 5, "2024-03-01 10:00", order_id="over")
    shop.ready()
    moved = look(CELL)
    assert "签认之后差异由 +30.00 变为 +35.00" in texts(drawn(moved, "detail"))
    act(moved, "sign", "unknown", "", 35.0)
    assert act(moved, "withdraw", "", "", None) == "已撤回签认。"
    acts = signoffs.history(view.context.ledger, "refunds", "douyin", "a", datetime(2024, 3, 1).date())
    assert [(one.change, one.difference) for one in acts] == [("withdrawn", 35), ("signed", 35), ("signed", 30)]


def test_sign_offs_are_never_altered(shop: Facts, look: Look) -> None:
    view = look(CELL)
    act(view, "sign", "freight", "", 30.0)
    for sql in ("UPDATE reconciliation_signoff SET reason = 'x'", "DELETE FROM reconciliation_signoff"):
        with pytest.raises(Exception, match="append-only"):
            view.context.ledger.execute(sql)


def test_what_is_shown_is_exported_with_words_and_signer(shop: Facts, look: Look) -> None:
    act(look(CELL), "sign", "freight", "", 30.0)
    told = export.as_csv(look(), dict(BLOCKS[1].ask(look()))).decode("utf-8-sig")
    (line,) = [line for line in told.splitlines() if "2024-03-01" in line and line.startswith("订单与退款")]
    assert "已签,运费,100.0,130.0,30.0" in line and "吴会计" in line
    assert export.as_xlsx(look(CELL), dict(BLOCKS[2].ask(look(CELL))))


@pytest.mark.parametrize("role", ["operations", "warehouse", "service", "technology", "wall"])
def test_others_neither_see_nor_sign(shop: Facts, look: Look, role: str) -> None:
    view = look(CELL, role=role)
    assert "对账由财务与管理者查看" in texts(layout(view))
    for part in BLOCKS:
        assert "没有权限" in texts(drawn(view, part.name))
    with pytest.raises(UserError) as caught:
        act(view, "sign", "freight", "", 30.0)
    assert caught.value.code == "act_not_allowed"


def test_open_days_stand_above_the_numbers_they_speak_of(shop: Facts, look: Look) -> None:
    view = look()
    (mark,) = unreconciled.chip(view, view.period, "gmv")
    assert texts(mark) == "1 天未对平" and "订单与退款" in mark.title
    assert mark.href == "/reconciliation?period=2024-03-01..2024-03-01"
    assert not unreconciled.chip(view, view.period, "ad_spend")
    other = look("shop=b")
    assert not unreconciled.chip(other, other.period, "gmv")
    (mark,) = unreconciled.chip(look(role="operations"), view.period, "gmv")  # told, without a link
    assert texts(mark) == "1 天未对平" and not hasattr(mark, "href")
    act(look(CELL), "sign", "freight", "", 30.0)
    assert not unreconciled.chip(look(), view.period, "gmv")
