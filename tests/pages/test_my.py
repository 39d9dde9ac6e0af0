"""The personal page: pinned questions answered within their reader's rights, and what may be done with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
import pytest

from access import User, views
from components import block, saved
from components.context import Context, attach
from components.view import View, parse
from errors import UserError
from metrics import Scope
from pages import explorer, my
from tests.components.made import find, texts
from tests.metrics.facts import Facts
from warehouse import Warehouse

ANN, BOB = User("ann", "boss"), User("bob", "service")
QUERY = "period=2024-05-01..2024-05-03&m=gmv,gross_profit&by=platform"


@pytest.fixture
def context(warehouse: Warehouse, ledger: Any) -> Iterator[Context]:
    facts = Facts(warehouse)
    for i in range(6):
        facts.line(f"2024-05-0{i % 3 + 1} 10:00", 100, unit_cost=40, platform=("douyin", "tmall")[i % 2])
    facts.ready()
    made = Context(settings=warehouse.settings, warehouse=warehouse, ledger=ledger, user=lambda: "t")
    server = flask.Flask("t")
    attach(server, made)
    with server.test_request_context():
        yield made


def look(context: Context, user: User, search: str = "", path: str = "/my", lang: str = "zh") -> View:
    flask.g.cockpit_user = user
    scope = Scope(user.name) if user is ANN else Scope(user.name, {"platform": ("tmall",)}, frozenset({"gross_profit"}))
    return parse(context, path, search, lang=lang, scope=scope)


def drawn(view: View, name: str) -> Any:
    return block.draw(view, my.PAGE, next(part for part in my.BLOCKS if part.name == name))


def test_a_shared_view_shows_each_reader_what_they_may_see(context: Context) -> None:
    kept = views.save(context.ledger, ANN, "profit", QUERY, "all")
    for user in (ANN, BOB):
        views.pin(context.ledger, user, kept)
    hers, his = str(drawn(look(context, ANN), "pin0")), str(drawn(look(context, BOB), "pin0"))
    assert "抖音" in hers and "天猫" in hers
    assert "天猫" in his and "抖音" not in his
    assert "ann 共享" in texts(drawn(look(context, BOB), "pin0")) and "ann 共享" not in texts(
        drawn(look(context, ANN), "pin0")
    )
    alone = views.save(context.ledger, ANN, "only profit", "m=gross_profit&period=2024-05-01..2024-05-03", "all")
    views.pin(context.ledger, BOB, alone)
    assert "没有权限" in texts(drawn(look(context, BOB), "pin1"))


def test_buttons_pin_move_share_and_delete(context: Context) -> None:
    first, second = (views.save(context.ledger, ANN, name, "m=gmv") for name in "ab")
    view = look(context, ANN)
    for one in (first, second):
        my.change(view, ANN, "pin", one, ("", "-"))
    my.change(view, ANN, "earlier", second, ("", "-"))
    my.change(view, ANN, "size3", second, ("", "-"))
    assert [(pin.view.name, pin.size) for pin in views.pins(context.ledger, ANN)] == [("b", 3), ("a", 1)]
    assert drawn(view, "pin0").className == "pin pin-3" and drawn(view, "pin2") is None
    my.change(view, ANN, "change", first, ("renamed", "service"))
    assert views.find(context.ledger, BOB, first).name == "renamed"
    with pytest.raises(UserError):
        my.change(look(context, BOB), BOB, "delete", first, ("", "-"))
    my.change(view, ANN, "delete", first, ("", "-"))
    assert [pin.view.name for pin in views.pins(context.ledger, ANN)] == ["b"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_offers_what_its_reader_may_do(context: Context, lang: str) -> None:
    assert find(drawn(look(context, ANN, lang=lang), "list"), lambda item: getattr(item, "href", "") == "/explore")
    kept = views.save(context.ledger, ANN, "hers", QUERY, "all")
    for user, edits in ((ANN, True), (BOB, False)):
        table = drawn(look(context, user, f"?edit={kept}" if edits else "", lang=lang), "list")
        told = texts(table)
        assert "hers" in told and "saved." not in told and "components." not in told
        links = {
            getattr(item, "href", "") for item in find(table, lambda item: getattr(item, "href", None) is not None)
        }
        assert (f"/my?edit={kept}" in links) is edits
        copies = find(table, lambda item: getattr(item, "data-copy", None) is not None)
        assert getattr(copies[0], "data-copy") == f"/explore?{QUERY}&view={kept}"


def test_the_explorer_keeps_the_question_and_updates_only_ones_own(context: Context) -> None:
    view = look(context, ANN, f"?{QUERY}&save=1", "/explore")
    kept = explorer._keep(view, f"?{QUERY}&save=1&hold=shop", "mine", "all", new=True)
    assert saved.asked(saved.link(kept).partition("?")[2]) == saved.asked(QUERY)
    assert "save" not in kept.query and "hold" not in kept.query
    again = look(context, ANN, f"?m=orders&view={kept.id}", "/explore")
    assert explorer._keep(again, f"?m=orders&view={kept.id}", "mine", "-", new=False).query == "m=orders"
    assert "已打开:mine" in texts(saved.head(again))
    his = look(context, BOB, f"?m=gmv&view={kept.id}", "/explore")
    assert "mine" not in texts(saved.head(his))  # no longer shared: not even its name
    with pytest.raises(UserError):
        explorer._keep(his, f"?m=gmv&view={kept.id}", "x", "-", new=False)


def test_without_a_person_nothing_is_kept(context: Context) -> None:
    view = look(context, ANN)
    flask.g.cockpit_user = None
    assert "登录" in texts(drawn(view, "list")) and drawn(view, "pin0") is None
