"""The explorer's files: every row of the answer, a bounded number of them in memory, rights and an audit row."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import flask
import openpyxl
import pytest

from access import User
from components import explorer_file
from components.context import Context, attach
from components.view import View, parse
from errors import UserError
from metrics import Query, Scope, query, stream
from tests.metrics.facts import ALL, Facts, days
from warehouse import Warehouse

MAY = "?period=2024-05-01..2024-05-10&"
LINES = 300


@pytest.fixture
def shop(warehouse: Warehouse) -> Facts:
    facts = Facts(warehouse)
    for i in range(LINES):
        facts.line(f"2024-05-{i % 10 + 1:02d} 10:00", 1.0 + i, buyer=i, province="浙江", sku_id=f"S{i:03d}")
    facts.line("2024-05-01 10:00", 5, province="=cmd|' /C calc'!A0", sku_id="S000", platform="tmall")
    return facts.ready()


def look(warehouse: Warehouse, search: str, ledger: Any = None, scope: Scope = ALL) -> View:
    context = Context(settings=warehouse.settings, warehouse=warehouse, ledger=ledger, scope=lambda: scope)
    return parse(context, "/explore", MAY + search, scope=scope)


def written(view: View, kind: str, path: Path) -> list[list[Any]]:
    from components.explorer_ask import read

    explorer_file.write(view, read(view), kind, path)
    if kind == "csv":
        return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(path, read_only=True).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_holds_every_row_what_it_means_and_its_filters(shop: Facts, tmp_path: Path, kind: str) -> None:
    view = look(shop.warehouse, "m=gmv,orders&by=sku&grain=day&platform=douyin")
    rows = written(view, kind, tmp_path / f"a.{kind}")
    text = "\n".join(" ".join(str(cell) for cell in row if cell is not None) for row in rows)
    assert "2024-05-01 00:00" in text and "抖音" in text and "sum(paid" not in text and "成交额" in text
    at = next(i for i, row in enumerate(rows) if row[0] == "日")
    body = [row for row in rows[at + 1 :] if row and row[0]]
    assert len(body) == LINES and sum(float(row[2]) for row in body) == sum(1 + i for i in range(LINES))
    assert rows[at][:4] == ["日", "SKU", "成交额", "支付订单数"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_cell_that_a_sheet_would_run_is_kept_from_it(shop: Facts, tmp_path: Path, kind: str) -> None:
    rows = written(look(shop.warehouse, "m=gmv&by=province"), kind, tmp_path / f"a.{kind}")
    assert [row[0] for row in rows if row and "cmd" in str(row[0])] == ["'=cmd|' /C calc'!A0"]


def test_rows_come_in_batches_and_the_spool_is_gone_afterwards(shop: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.stream.BATCH", 50)
    asked = Query(("gmv",), ("sku",), period=days("2024-05-01", "2024-05-10"))
    with stream.stream(shop.warehouse, asked, ALL) as found:
        batches = list(found.batches())
        path = found.path
    assert found.rows == LINES and sum(map(len, batches)) == LINES
    assert [row for batch in batches for row in batch] == query(shop.warehouse, asked, ALL).rows
    assert not path.exists() and not list(shop.warehouse.settings.tmp.glob("answer-*"))


def test_a_longer_answer_is_cut_and_says_so(shop: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer_file, "MOST_ROWS", 10)
    rows = written(look(shop.warehouse, "m=gmv&by=sku"), "csv", tmp_path / "a.csv")
    assert any("结果超过 10 行" in str(row) for row in rows)
    at = next(i for i, row in enumerate(rows) if row[0] == "SKU")
    assert len(rows[at + 1 :]) == 10 and float(rows[at + 1][1]) == 300  # the largest come first


def test_the_route_asks_for_the_right_sends_pieces_and_leaves_a_trace(
    shop: Facts, ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer_file, "PIECE", 1000)
    server = flask.Flask("t")
    narrow = Scope("ann", {"platform": ("tmall",)})
    view = look(shop.warehouse, "m=gmv&by=sku", ledger, narrow)
    attach(server, view.context)
    with server.test_request_context():
        flask.g.cockpit_user = User("ann", "operations")
        answer = explorer_file.response(view, "csv")
        pieces = list(answer.iter_encoded())
        answer.close()
        assert all(len(piece) <= 1000 for piece in pieces)
        text = b"".join(pieces).decode("utf-8-sig")
        assert "S000" in text and "S001" not in text  # only what their rights reach
        assert not list(view.context.settings.tmp.glob("explore-*"))
        row = ledger.one("SELECT * FROM audit WHERE action = 'exported'")
        assert row["actor"] == "ann" and '"rows": 1' in row["detail"] and "m=gmv" in row["subject"]
        flask.g.cockpit_user = User("w", "wall")
        with pytest.raises(UserError, match="not"):
            explorer_file.response(view, "csv")
    assert len(ledger.query("SELECT * FROM audit WHERE action = 'exported'")) == 1
