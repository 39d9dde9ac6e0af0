"""Saved views: whose they are, who may open and change them, and what stands on whose page."""

from __future__ import annotations

from typing import Any

import pytest

from access import User, views
from errors import UserError

ANN, BOB, EVE = User("ann", "operations"), User("bob", "operations"), User("eve", "finance")
BOSS = User("boss", "boss")


def refused(code: str) -> Any:
    return pytest.raises(UserError, check=lambda error: error.code == code)


def test_a_view_is_its_owners_until_it_is_shared(ledger: Any) -> None:
    mine = views.save(ledger, ANN, "  by  province ", "m=gmv&by=province")
    assert [one.name for one in views.views(ledger, ANN)] == ["by province"]
    for other in (BOB, EVE, BOSS):
        assert views.views(ledger, other) == []
        with refused("view_none"):
            views.find(ledger, other, mine)
    views.change(ledger, ANN, mine, shared="operations")
    assert views.find(ledger, BOB, mine).query == "m=gmv&by=province"
    assert views.views(ledger, EVE) == []
    views.change(ledger, ANN, mine, shared="all")
    assert views.views(ledger, EVE)[0].owner == "ann"
    views.change(ledger, ANN, mine, shared="")
    assert views.views(ledger, BOB) == [] and views.views(ledger, User("ANN", "finance"))[0].id == mine


def test_only_the_owner_or_an_administrator_changes_what_is_shared(ledger: Any) -> None:
    mine = views.save(ledger, ANN, "a", "m=gmv", "all")
    for act in (lambda: views.change(ledger, BOB, mine, name="b"), lambda: views.delete(ledger, BOB, mine)):
        with refused("view_not_yours"):
            act()
    assert views.change(ledger, BOSS, mine, name="better").name == "better"
    views.delete(ledger, BOSS, mine)
    assert views.views(ledger, ANN) == []
    acts = [row["action"] for row in ledger.query("SELECT action FROM audit")]
    assert acts == ["view_changed"] * 3 and ledger.audit_broken_at() is None


@pytest.mark.parametrize(
    ("code", "name", "query", "shared"),
    [
        ("view_name", "  ", "", ""),
        ("view_name", "x" * 61, "", ""),
        ("view_query", "x", "m=" + "g" * 4000, ""),
        ("view_query", "x", "m=gmv\r\nSet-Cookie", ""),
        ("view_shared", "x", "", "nobody"),
        ("view_exists", "there", "", ""),
    ],
)
def test_what_cannot_be_kept_is_refused(ledger: Any, code: str, name: str, query: str, shared: str) -> None:
    views.save(ledger, ANN, "there", "m=gmv")
    views.save(ledger, BOB, "there", "m=gmv")  # another's may have the same name
    with refused(code):
        views.save(ledger, ANN, name, query, shared)
    assert len(views.views(ledger, ANN)) == 1


def test_nobody_keeps_more_than_a_page_can_list(ledger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_VIEWS", 2)
    monkeypatch.setattr(views, "MOST_PINS", 1)
    first, second = views.save(ledger, ANN, "a", ""), views.save(ledger, ANN, "b", "")
    with refused("view_most"):
        views.save(ledger, ANN, "c", "")
    views.pin(ledger, ANN, first)
    with refused("pin_most"):
        views.pin(ledger, ANN, second)


def test_pins_have_an_order_and_a_size_and_go_when_they_may_not_be_seen(ledger: Any) -> None:
    a, b, c = (views.save(ledger, ANN, name, f"m={name}", "all") for name in "abc")
    for one in (a, b, c, a):
        views.pin(ledger, BOB, one)
    assert [one.view.name for one in views.pins(ledger, BOB)] == ["a", "b", "c"]
    views.arrange(ledger, BOB, c, step=-1)
    views.arrange(ledger, BOB, a, step=-1)
    views.arrange(ledger, BOB, b, size=9)
    found = views.pins(ledger, BOB)
    assert [(one.view.name, one.place, one.size) for one in found] == [("a", 0, 1), ("c", 1, 1), ("b", 2, 3)]
    assert views.pins(ledger, ANN) == []  # a page is one person's
    views.change(ledger, ANN, c, shared="finance")
    assert [one.view.name for one in views.pins(ledger, BOB)] == ["a", "b"]
    views.delete(ledger, ANN, a)
    views.unpin(ledger, BOB, b)
    assert views.pins(ledger, BOB) == []
    with refused("view_none"):
        views.pin(ledger, BOB, c)
