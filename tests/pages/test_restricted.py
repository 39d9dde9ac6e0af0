"""A reader of some categories: every page and file is the same whether or not there is more that they may not see.

Two shops of the same sales in category A; in one of them category B sold as well, at the same hours. Whatever the
reader is shown that differs between them tells something of B.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import flask
import pytest

import config
import metrics
from access import User, views
from components import block, explorer_ask, explorer_file
from components.context import Context, attach
from components.page import Page, find_pages
from components.view import View, parse
from errors import UserError
from metrics import Scope
from metrics.stream import stream
from tests.metrics.facts import Facts, at
from tests.warehouse.samples import settings_in
from warehouse import Warehouse
from warehouse.ledger import Ledger

READER = User("ann", "operations")
SCOPE = Scope("ann", {"category": ("A",)})
NOW = at("2024-05-20 12:00")
VIEW = "period=last_30_days&m=gmv,orders,buyers,refund_rate&by=category&grain=day"
PLACES = {  # pages with a part in their address, or a question behind it
    "drill": ("/drill/gmv", "/drill/gmv?by=sku", "/drill/gmv?category=B", "/drill/refund_amount?by=product"),
    "dictionary": ("/dictionary/gmv", "/dictionary/refund_rate", "/dictionary"),
    "define": ("/define/net_sales", "/define"),
    "sku": ("/sku/sB", "/sku/sA"),
    "why": ("/why/gmv", "/why/refund_rate?compare=last_week"),
    "explorer": (f"/explorer?{VIEW}", "/explorer?m=gmv&by=product,shop&compare=previous", "/explorer?m=gmv&category=B"),
    "correlation": ("/correlation?a=gmv&b=refund_rate", "/correlation?a=orders&b=buyers&category=B"),
    "reconciliation": ("/reconciliation", "/reconciliation?cell=refunds~tmall~甲~2024-05-19"),
    "goods": ("/goods", "/goods?category=B"),
    "buyers": ("/buyers", "/buyers?who=new&by=province", "/buyers?category=B"),
    "finance": ("/finance", "/finance?by=sku"),
    "tree": ("/tree", "/tree?compare=last_week"),
}
OPEN = {
    "alerts",
    "wall",
    "signin",
    "tables",
    "data_batches",
    "data_inbox",
    "data_mapping",
    "data_quarantine",
    "data_sources",
}
"""Pages held by acts and by other tests: they show sources, batches, sheets and rules, not the numbers of a part."""


def _fill(warehouse: Warehouse, more: bool) -> Facts:
    facts = Facts(warehouse)
    parts = (("A", 1.0), ("B", 7.3)) if more else (("A", 1.0),)
    for part, scale in parts:  # one after the other, so that A's rows carry the same numbers in both
        for number in range(70):
            day = date(2024, 3, 12) + timedelta(days=number)
            amount = round((90 + 11 * (number % 7)) * scale, 2)
            own = {"category": part, "product_id": f"p{part}", "sku_id": f"s{part}", "platform": "tmall", "shop": "甲"}
            sold = own | {"province": {"A": "浙江", "B": "西藏"}[part], "channel": "search", "unit_cost": 30}
            facts.line(f"{day} 09:00", amount, buyer=number % 23 + (1000 if part == "B" else 0), **sold)
            if number % 3 == 0:
                facts.refund(f"{day} 10:00", round(amount / 4, 2), paid=f"{day} 09:00", **own)
    return facts.ready()


def _context(home: Path, more: bool) -> Context:
    warehouse, ledger = Warehouse.open(settings_in(home)), Ledger.open(settings_in(home))
    _fill(warehouse, more)
    made = Context(settings=warehouse.settings, warehouse=warehouse, ledger=ledger, user=lambda: "ann")
    kept = views.save(ledger, User("bob", "boss"), "all of it", VIEW, "all")
    views.pin(ledger, READER, kept)
    return made


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Context, Context]]:
    config.freeze(NOW)
    found = tuple(_context(tmp_path_factory.mktemp("home"), more) for more in (False, True))
    yield found  # type: ignore[misc]
    for one in found:
        one.warehouse.close()
        one.ledger.close()
    config.freeze(None)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    config.freeze(NOW)
    yield


def _look(context: Context, page: Page, address: str, scope: Scope = SCOPE) -> View:
    path, _, search = address.partition("?")
    return parse(context, path, search, path_args=page.match(path) or {}, lang="zh", scope=scope)


def _shown(context: Context, page: Page, address: str, scope: Scope = SCOPE) -> str:
    """All that a page sends, without times of computing."""
    server = flask.Flask("t")
    attach(server, context)
    with server.test_request_context():
        flask.g.cockpit_user = READER
        view = _look(context, page, address, scope)
        told = [str(page.layout(view).to_plotly_json())]
        told += [str(block.draw(view, page, part)) for part in page.blocks]
    return re.sub(r"\d+(\.\d+)? (ms|毫秒)|[0-9.]+ ?秒|[0-9a-f]{8,}", "", "\n".join(told))


PAGES, _ = find_pages()
ASKED = [(page, place) for page in PAGES if page.id not in OPEN for place in PLACES.get(page.id, (page.path,))]


@pytest.mark.parametrize(("page", "place"), ASKED, ids=[place for _, place in ASKED])
def test_a_page_tells_nothing_of_what_its_reader_may_not_see(
    both: tuple[Context, Context], page: Page, place: str
) -> None:
    alone, beside = (_shown(context, page, place) for context in both)
    assert "state-failed" not in alone
    differ = [pair for pair in zip_longest(alone.splitlines(), beside.splitlines()) if pair[0] != pair[1]]
    assert not differ, [_first_difference(*pair) for pair in differ[:3]]


def _first_difference(one: str | None, other: str | None) -> tuple[str, str]:
    one, other = one or "", other or ""
    at_ = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(0, at_ - 60) : at_ + 60], other[max(0, at_ - 60) : at_ + 60]


def test_the_two_shops_do_differ(both: tuple[Context, Context]) -> None:
    page = next(one for one in PAGES if one.id == "explorer")
    whole = Scope.everything("ann")
    alone, beside = (_shown(context, page, PLACES["explorer"][0], whole) for context in both)
    assert beside != alone


@pytest.mark.parametrize("question", [VIEW, "m=gmv&by=product,province", "m=gmv,buyers&category=B", "m=gmv,gmv_share"])
def test_a_file_of_the_explorer_holds_the_readers_rows_only(both: tuple[Context, Context], question: str) -> None:
    told: list[Any] = []
    page = next(one for one in PAGES if one.id == "explorer")
    for context in both:
        view = _look(context, page, f"/explorer?{question}")
        try:
            whole = explorer_ask.whole(view, explorer_ask.read(view), 1000)
            with stream(context.warehouse, whole, SCOPE) as found:
                told.append(list(explorer_file.lines(view, found)))
        except UserError as error:
            told.append(error.code)
    assert told[0] == told[1]


def test_what_has_no_part_is_not_told_at_all(both: tuple[Context, Context]) -> None:
    """Reconciliation and whatever cannot be cut by category is refused, not told of the whole shop."""
    alone, beside = both
    for context in (alone, beside):
        with pytest.raises(UserError) as refused:
            metrics.query(
                context.warehouse, metrics.Query(("suggested_qty",)), replace(SCOPE, rows={"province": ("浙江",)})
            )
        assert refused.value.code == "not_allowed"
