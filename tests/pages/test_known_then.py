"""What a page shows of an earlier moment is the same whatever has been loaded since.

Two shops with one load; in one of them a second load corrected and added to it later. Asked as known between the two,
a page that differs shows numbers of now under the banner of then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import flask
import pytest

import config
from access import User
from components import block
from components.context import Context, attach
from components.page import Page, find_pages
from components.view import parse
from metrics import Scope
from tests.warehouse.samples import DAY, ORDERS, REFUNDS, line, settings_in, table_batch
from warehouse import Warehouse
from warehouse.ledger import Ledger

BOSS = User("ann", "boss")
THEN = DAY + timedelta(days=30, hours=12)
KNOWN = f"known={THEN:%Y-%m-%dT%H:%M}"
PLACES = {
    "drill": ("/drill/gmv", "/drill/refund_rate"),
    "dictionary": ("/dictionary/gmv",),
    "define": (),
    "sku": ("/sku/s1",),
    "why": ("/why/gmv",),
    "explorer": ("/explorer?m=gmv,orders&by=platform",),
    "reconciliation": ("/reconciliation",),
}
PRESENT = {"alerts", "wall", "signin", "tables", "unusual"}
"""Pages without that picker: they speak of now."""


def _load(warehouse: Warehouse, days: int, scale: float, more: int) -> None:
    config.freeze(DAY + timedelta(days=days, hours=9))
    rows = []
    for number in range(30 + more):
        made = {
            "created_at": DAY + timedelta(days=number % 30, hours=9),
            "paid_at": DAY + timedelta(days=number % 30, hours=10),
        }
        rows.append(line(number, total=f"{(50 + number) * scale:.2f}", buyer=f"b{number % 7}", sku_id="s1", **made))
    warehouse.load(table_batch(ORDERS, rows, observed=DAY + timedelta(days=days, hours=9)))
    back = [
        {"refund_id": f"r{number}", "order_id": number, "amount": 3, "success_at": DAY + timedelta(days=number)}
        for number in range(0, 20 + more // 2, 3)
    ]
    warehouse.load(table_batch(REFUNDS, back, observed=DAY + timedelta(days=days, hours=9)))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Context]]:
    found = []
    for later in (False, True):
        home = settings_in(tmp_path_factory.mktemp("home"))
        warehouse, ledger = Warehouse.open(home), Ledger.open(home)
        _load(warehouse, 30, 1.0, 0)
        if later:
            _load(warehouse, 34, 2.5, 20)
        found.append(Context(settings=home, warehouse=warehouse, ledger=ledger, user=lambda: "ann"))
    yield found
    for one in found:
        one.warehouse.close()
        one.ledger.close()
    config.freeze(None)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    config.freeze(DAY + timedelta(days=35))
    yield


def _shown(context: Context, page: Page, address: str, known: str) -> dict[str, str]:
    path, _, search = address.partition("?")
    server = flask.Flask("t")
    attach(server, context)
    told = {}
    with server.test_request_context():
        flask.g.cockpit_user = BOSS
        for word in ("last_30_days", "yesterday"):
            asked = "&".join(filter(None, (search, f"period={word}", known)))
            view = parse(
                context, path, asked, path_args=page.match(path) or {}, lang="zh", scope=Scope.everything("ann")
            )
            for part in page.blocks:
                drawn: Any = block.draw(view, page, part)
                assert "state-failed" not in str(drawn), part.name
                told[f"{word} {part.name}"] = re.sub(r"\d+(\.\d+)? (ms|毫秒)", "", str(drawn))
    return told


PAGES, _ = find_pages()
ASKED = [(page, place) for page in PAGES if page.id not in PRESENT and not page.id.startswith("data_")
         for place in PLACES.get(page.id, (page.path,)) if page.blocks]  # fmt: skip


@pytest.mark.parametrize(("page", "place"), ASKED, ids=[place for _, place in ASKED])
def test_a_page_of_then_shows_nothing_of_now(both: list[Context], page: Page, place: str) -> None:
    alone, later = (_shown(context, page, place, KNOWN) for context in both)
    assert [name for name, told in later.items() if told != alone[name]] == []


def test_without_the_moment_they_differ(both: list[Context]) -> None:
    page = next(one for one in PAGES if one.id == "strategic")
    alone, later = (_shown(context, page, "/", "") for context in both)
    assert alone != later
