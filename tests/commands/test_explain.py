"""`explain` from the command line and over HTTP: the JSON of the contract, words in both languages, the same rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from access import keys, users
from commands.load import load
from commands.outcome import Call
from commands.web.assemble import WebApp, assemble
from components.context import Context
from config import Settings
from tests.commands.conftest import Cockpit

PERIODS = {"start": "2026-11-02", "end": "2026-11-02", "base_start": "2026-11-01", "base_end": "2026-11-01"}
WORDS = [word for name, value in PERIODS.items() for word in (f"--{name.replace('_', '-')}", value)]
KEYS = {"metric", "value", "base", "diff", "tree", "dimensions", "findings"}


def test_the_json_of_the_contract(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    said = cockpit("explain", "gmv", *WORDS, "--format", "json")
    found = json.loads(said.out)
    assert set(found) >= KEYS and (found["value"], found["base"], found["diff"]) == (80.5, 150.0, -69.5)
    assert round(sum(part["contribution"] for part in found["tree"]), 10) == found["diff"]
    provinces = {row["value"]: row["contribution"] for row in found["dimensions"]["province"]}
    assert provinces == {"北京": -50.0, "上海": -19.5}
    assert sum(row["share"] for row in found["dimensions"]["province"]) == pytest.approx(1)
    assert all(set(item) >= {"where", "contribution", "sentence"} for item in found["findings"])


def test_a_metric_that_no_line_splits_is_its_own_branch(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    found = json.loads(cockpit("explain", "orders", *WORDS, "--format", "json").out)
    assert [part["metric"] for part in found["tree"]] == ["orders"]
    assert found["tree"][0]["contribution"] == found["diff"] == found["value"] - found["base"]


def test_by_and_where_narrow_it(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    said = cockpit("explain", "gmv", *WORDS, "--by", "province", "--where", "province=上海,北京", "--format", "json")
    assert set(json.loads(said.out)["dimensions"]) == {"province"}
    assert (
        json.loads(cockpit("explain", "gmv", *WORDS, "--where", "province=上海", "--format", "json").out)["base"] == 100
    )


def test_the_text_says_it_in_words(cockpit: Cockpit, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cockpit("load", orders)
    english = cockpit("explain", "gmv", *WORDS)
    assert (
        english.out.startswith("GMV went from ¥150.00 to ¥80.50: −¥69.50")
        and "Paid orders × Order value" in english.out
    )
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    chinese = cockpit("explain", "gmv", *WORDS).out
    assert chinese.startswith("成交额从 150.00 元 变为 80.50 元") and "按指标树拆分" in chinese


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["explain", "gmv", "--start", "2026-11-02"], 2),
        (["explain", "gmw", *WORDS], 1),
        (["explain", "gmv", *WORDS, "--by", "galaxy"], 1),
        (["explain", "gmv", "--start", "x", *WORDS[2:]], 1),
        (["explain", "gmv", "--start", "2026-11-05", *WORDS[2:]], 1),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(cockpit: Cockpit, orders: Path, words: list[str], code: int) -> None:
    cockpit("load", orders)
    said = cockpit(*words)
    assert said.code == code and said.err and "Traceback" not in said.err and not said.out


@pytest.fixture
def web(settings: Settings, warehouse: Any, ledger: Any, orders: Path) -> WebApp:
    context = Context(settings=settings, warehouse=warehouse, ledger=ledger)
    load(Call(settings, {"paths": [str(orders)]}, opened=context))
    return assemble(context)


@pytest.fixture
def asked_by(web: WebApp, ledger: Any) -> Callable[..., Any]:
    def ask(role: str, body: Any) -> Any:
        users.add(ledger, role, role, "long enough 1")
        headers = {"Authorization": f"Bearer {keys.make_token(ledger, role)}", "Accept-Language": "en"}
        return web.server.test_client().post("/api/v1/explain", headers=headers, json=body)

    return ask


def test_over_http_it_is_the_same(asked_by: Callable[..., Any]) -> None:
    found = asked_by("boss", {"metric": "gmv", "by": ["province"], **PERIODS}).get_json()
    assert set(found) >= KEYS and found["diff"] == -69.5 and set(found["dimensions"]) == {"province"}


@pytest.mark.parametrize(
    "body",
    [{}, {"metric": "gmv"}, {"metric": 7, **PERIODS}, {"metric": "gmv", **PERIODS, "x": 1},
     {"metric": "gmv", **PERIODS, "start": 5}, {"metric": "gmv", **PERIODS, "where": {"province": 3}}],
)  # fmt: skip
def test_bad_questions_are_refused_in_one_shape(asked_by: Callable[..., Any], body: Any) -> None:
    answer = asked_by("boss", body)
    assert answer.status_code == 400 and set(answer.get_json()["error"]) == {"code", "message", "fields"}


def test_hidden_metrics_are_refused(asked_by: Callable[..., Any]) -> None:
    answer = asked_by("warehouse", {"metric": "refund_amount", **PERIODS})  # finance answers for it
    assert answer.status_code == 403 and answer.get_json()["error"]["code"] == "not_allowed"


def test_rows_are_the_askers_own(web: WebApp, asked_by: Callable[..., Any], warehouse: Any) -> None:
    warehouse.write(
        lambda connection: connection.execute(
            "INSERT INTO category_owner VALUES ('茶', 'operations', TIMESTAMP '2026-01-01', 1, 1)"
        ).fetchall()
    )
    found = asked_by("operations", {"metric": "gmv", **PERIODS}).get_json()
    assert found["value"] in (None, 0.0) and not any(item["where"] for item in found["findings"])
