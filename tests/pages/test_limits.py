"""Limits of segments set where they are shown: seen first, kept, audited, in force at once, and only by who may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
import pytest

import metrics
from access import User
from components import block, limits_form
from components.context import Context, attach
from components.view import View, parse
from errors import UserError
from metrics import Query, Scope, limits
from metrics.people import Cuts
from pages import _limits, buyers
from tests.components.made import find, texts
from tests.metrics.facts import Facts
from warehouse import Warehouse

ANN, BOB = User("ann", "boss"), User("bob", "operations")


@pytest.fixture
def context(warehouse: Warehouse, ledger: Any) -> Iterator[Context]:
    facts = Facts(warehouse)
    for number in range(1, 11):  # one buyer every ten days, the last on May 1
        facts.line(f"2024-0{1 + number // 3}-{1 + 10 * (number % 3):02} 10:00", 100.0 * number, buyer=number)
    facts.ready()
    made = Context(settings=warehouse.settings, warehouse=warehouse, ledger=ledger, user=lambda: "t")
    server = flask.Flask("t")
    attach(server, made)
    with server.test_request_context():
        yield made
    limits.forget(warehouse.settings)


def look(context: Context, user: User, lang: str = "zh") -> View:
    flask.g.cockpit_user = user
    return parse(context, "/buyers", "", lang=lang, scope=Scope.everything(user.name))


def _filled(**changes: Any) -> Cuts:
    values = {name: limits_form.written(Cuts(), name) for name in limits.FIELDS} | changes
    return limits_form.read(values)


def _silent(context: Context) -> tuple[Any, Any]:
    """Silent buyers by the page and by a question cut by segment."""
    view = look(context, ANN)
    by_page = metrics.segments(context.warehouse, metrics.Slice(view.period.end.date(), {}), view.scope).rows
    asked = Query(("buyers",), ("segment",))
    by_query = metrics.query(context.warehouse, asked, Scope.everything()).rows
    found = [[row["buyers"] for row in rows if row["segment"] == "silent"] for rows in (by_page, by_query)]
    return tuple(one[0] if one else 0 for one in found)  # type: ignore[return-value]


def test_limits_are_seen_then_kept_and_hold_everywhere_at_once(context: Context) -> None:
    assert _silent(context)[1] in (0, 1)
    before, cuts = _silent(context), _filled(silent_days="40", lost_days=60, money="10，20, 30/40")
    assert (cuts.silent_days, cuts.money) == (40, (10, 20, 30, 40))
    view = look(context, ANN)
    with pytest.raises(UserError) as refused:
        _limits.answer(view, "save", cuts, "", "")
    assert refused.value.code == "limit_unseen" and limits.history(context.ledger) == []
    shown, mark, barred = _limits.answer(view, "preview", cuts, "", "")
    assert "90 → 40" in texts(shown) and not barred
    assert _silent(context) == before, "a look changes nothing"
    _limits.answer(view, "save", cuts, mark, "shorter lives")
    after = _silent(context)
    assert after != before and after[0] == after[1]
    (kept,) = limits.history(context.ledger)
    assert (kept.cuts, kept.by, kept.note) == (cuts, "ann", "shorter lives")
    assert set(kept.effect) == set(metrics.SEGMENTS)
    assert "limits_set" in str(context.ledger.query("SELECT * FROM audit"))
    limits.forget(context.settings)
    assert _silent(context) == before
    limits.read(context.ledger, context.settings)  # as the next start does
    assert _silent(context) == after
    _limits.answer(look(context, ANN), "back", None, "", "")
    assert _silent(context) == before and limits.history(context.ledger)[0].cuts is None


def test_who_may_not_neither_sees_the_form_nor_gets_through(context: Context) -> None:
    part = next(one for one in buyers.BLOCKS if one.name == "segments")
    for user, may in ((ANN, True), (BOB, False)):
        page = block.draw(look(context, user), buyers.PAGE, part)
        assert bool(find(page, lambda one: getattr(one, "id", None) == "limits-save")) is may
        assert "buyers." not in texts(page)
    for act in ("preview", "save", "back"):
        with pytest.raises(UserError) as refused:
            _limits.answer(look(context, BOB), act, _filled(silent_days=40), "", "")
        assert refused.value.code == "act_not_allowed"
    assert limits.history(context.ledger) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"silent_days": 20}, "limit_days"),
        ({"lost_days": "1e9"}, "limit_days"),
        ({"new_days": 1.5}, "limit_days"),
        ({"new_days": None}, "limit_days"),
        ({"high_share": 100}, "limit_share"),
        ({"high_share": "nan"}, "limit_share"),
        ({"recency": "1,2,3"}, "limit_points"),
        ({"frequency": "1,2,2,3"}, "limit_points"),
        ({"money": "a,b,c,d"}, "limit_points"),
        ({"money": "-5,1,2,inf"}, "limit_points"),
    ],
)
def test_what_parts_nobody_is_refused(context: Context, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(UserError) as refused:
        _limits.answer(look(context, ANN), "preview", _filled(**changes), "", "")
    assert refused.value.code == code and refused.value.text("zh") and refused.value.text("en")
