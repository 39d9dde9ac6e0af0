"""The command line of CONTRACT.md on a small file: shapes, dates, filters, errors and exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest

import config
from commands import words
from commands.arguments import filters, moment, names
from config import ROOT
from errors import UserError
from metrics.types import Expected, Grain
from tests.commands.conftest import ROWS, Cockpit, write

BATCH = {"file", "kind", "sha256", "rows_read", "accepted", "unchanged", "quarantined", "batch_id", "seconds"}
ANSWER = {
    "metrics",
    "dimensions",
    "grain",
    "period",
    "compare",
    "rows",
    "as_of",
    "complete_through",
    "units",
    "seconds",
}


def answer(cockpit: Cockpit, *asked: str) -> dict[str, Any]:
    said = cockpit("query", *asked, "--format", "json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_load_tells_what_became_of_every_row_and_twice_changes_nothing(cockpit: Cockpit, orders: Path) -> None:
    first = json.loads(cockpit("load", orders, "--json").out)["batches"]
    assert len(first) == 1 and set(first[0]) == BATCH
    assert (first[0]["rows_read"], first[0]["accepted"], first[0]["kind"]) == (5, 5, "tmall_orders")
    again = json.loads(cockpit("load", orders, "--json").out)["batches"][0]
    assert (again["accepted"], again["unchanged"], again["quarantined"]) == (0, 5, 0)
    assert again["sha256"] == first[0]["sha256"]


def test_query_answers_in_the_shape_of_the_contract(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    found = answer(cockpit, "gmv", "net_sales,orders", "orders_created")
    assert set(found) >= ANSWER
    assert found["rows"] == [{"gmv": 250.5, "net_sales": 200.5, "orders": 4, "orders_created": 5}]
    assert found["metrics"] == ["gmv", "net_sales", "orders", "orders_created"]
    assert found["period"] == {"start": "2026-11-01", "end": "2026-11-03"}
    assert found["units"]["gmv"] == "yuan" and found["grain"] is None


@pytest.mark.parametrize(
    ("start", "end", "gmv"),
    [
        ("2026-11-01", "2026-11-01", 150.0),
        ("2026-11-01", "2026-11-02", 230.5),
        ("2026-11-02", None, 100.5),
        (None, "2026-11-01", 150.0),
        ("2026-11-01T10:00", "2026-11-01T11:00", 100.0),
        ("2026-11-01T10:01:00", "2026-11-01T11:02:00", 100.0),
        ("2026-11-01 10:01:01", "2026-11-01 11:02:01", 50.0),
        ("2026/11/03", "2026-11-03", 20.0),
    ],
)
def test_dates_are_inclusive_and_date_times_half_open(
    cockpit: Cockpit, orders: Path, start: str, end: str, gmv: float
) -> None:
    cockpit("load", orders)
    asked = [*(("--start", start) if start else ()), *(("--end", end) if end else ())]
    assert answer(cockpit, "gmv", *asked)["rows"] == [{"gmv": gmv}]


def test_grain_dimensions_filters_order_and_limit(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    by_day = answer(cockpit, "gmv", "--grain", "day")["rows"]
    assert by_day == [
        {"day": "2026-11-01", "gmv": 150.0},
        {"day": "2026-11-02", "gmv": 80.5},
        {"day": "2026-11-03", "gmv": 20.0},
    ]
    top = answer(cockpit, "gmv", "--by", "province", "--order", "-gmv", "--limit", "2")["rows"]
    assert top == [{"province": "上海", "gmv": 180.5}, {"province": "北京", "gmv": 50.0}]
    some = answer(
        cockpit, "gmv", "--by", "platform,province", "--where", "province=浙江,北京", "--where", "platform=tmall"
    )
    assert some["dimensions"] == ["platform", "province"]
    assert {row["province"]: row["gmv"] for row in some["rows"]} == {"浙江": 20.0, "北京": 50.0}


def test_a_comparison_adds_base_diff_and_pct(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    row = answer(cockpit, "gmv", "--start", "2026-11-02", "--end", "2026-11-02", "--compare", "previous")["rows"][0]
    assert row["gmv"] == 80.5 and row["gmv__base"] == 150.0
    assert row["gmv__diff"] == pytest.approx(-69.5) and row["gmv__pct"] == pytest.approx(-69.5 / 150)


def test_period_words_follow_the_clock(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    config.freeze(datetime(2026, 11, 3, 23, 59, 59))
    for asked in (("--period", "yesterday"), ("--start", "yesterday")):
        found = answer(cockpit, "gmv", *asked)
        assert found["rows"] == [{"gmv": 80.5}] and found["period"] == {"start": "2026-11-02", "end": "2026-11-02"}


def test_a_period_word_may_stand_at_either_end(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    config.freeze(datetime(2026, 11, 3, 23, 59, 59))
    today = answer(cockpit, "gmv", "--start", "today", "--end", "today")
    assert today["rows"] == [{"gmv": 20.0}] and today["period"] == {"start": "2026-11-03", "end": "2026-11-03"}
    some = answer(cockpit, "gmv", "--start", "last_7_days", "--end", "yesterday")
    assert some["rows"] == [{"gmv": 230.5}] and some["period"] == {"start": "2026-10-28", "end": "2026-11-02"}
    ends = ("--start", "yesterday", "--end", "yesterday", "--base-start", "2026-11-01", "--base-end", "2026-11-01")
    assert json.loads(cockpit("explain", "gmv", *ends, "--format", "json").out)["diff"] == -69.5
    assert cockpit("query", "gmv", "--start", "today", "--end", "yesterday").code == 1


def test_csv_and_table_say_the_same_as_json(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    rows = list(csv.DictReader(io.StringIO(cockpit("query", "gmv", "--grain", "day", "--format", "csv").out)))
    assert rows[0] == {"day": "2026-11-01", "gmv": "150.0"}
    table = cockpit("query", "gmv", "payment_rate", "--by", "platform").out
    assert "250.50" in table and "80.0000%" in table


def test_a_table_says_why_a_number_is_null(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    assert "buyers: " in cockpit("query", "gmv", "buyers").out and "gmv: " not in cockpit("query", "gmv", "buyers").out


def test_expected_values_are_said_in_every_form(
    cockpit: Cockpit, orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cockpit("load", orders)
    assert answer(cockpit, "gmv", "--expected")["expected"] == [] and "expected" not in answer(cockpit, "gmv")
    said = Expected(250.5, 300.0, 280.0, 320.0, 0.02, 12, 30)
    monkeypatch.setattr("metrics.arrival.expected", lambda *_: {"gmv": said})
    (one,) = answer(cockpit, "gmv", "orders", "--by", "platform", "--expected")["expected"]
    assert one == {"platform": "tmall", "metric": "gmv", "known": 250.5, "value": 300.0, "low": 280.0, "high": 320.0,
                   "error": 0.02, "tested": 12, "cases": 30}  # fmt: skip
    table = cockpit("query", "gmv", "--expected").out
    assert "300.00" in table and "2.0%" in table
    lines = cockpit("query", "gmv", "--expected", "--format", "csv").out.split()
    assert lines == ["gmv,gmv__expected,gmv__low,gmv__high,gmv__error", "250.5,300.0,280.0,320.0,0.02"]


def test_an_empty_warehouse_answers_without_rows_or_with_null(cockpit: Cockpit) -> None:
    said = cockpit("query", "gmv", "--format", "json")
    assert said.code == 0 and all(row["gmv"] in (None, 0) for row in json.loads(said.out)["rows"])


def test_sql_goes_to_standard_error_and_leaves_json_clean(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    said = cockpit("query", "gmv", "--format", "json", "--sql")
    assert json.loads(said.out)["rows"] and "SELECT" in said.err.upper()


@pytest.mark.parametrize(
    "asked",
    [
        ("query", "no_such_metric"),
        ("query", "gmv", "--by", "colour"),
        ("query", "gmv", "--where", "platform"),
        ("query", "gmv", "--where", "=x"),
        ("query", "gmv", "--start", "yesterdays"),
        ("query", "gmv", "--start", "2026-02-30"),
        ("query", "gmv", "--start", "2026-11-03", "--end", "2026-11-01"),
        ("query", "gmv", "--order", "-nothing"),
        ("query", "gmv", "--as", "nobody"),
        ("query", "gmv", "--start", "2026-11-01T00:00+09:00"),
        ("load", "/no/such/file.csv"),
        ("query", "gmv", "--period", "today", "--end", "2026-11-01"),
        ("pull", "nowhere"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_exit_1(cockpit: Cockpit, orders: Path, asked: tuple[str, ...]) -> None:
    cockpit("load", orders)
    said = cockpit(*asked, *(("--format", "json") if asked[0] == "query" else ()))
    assert said.code == 1 and said.out == ""
    assert said.err and "\n" not in said.err and "Traceback" not in said.err and "errors." not in said.err


@pytest.mark.parametrize(
    "asked",
    [
        ("nonsense",),
        ("query",),
        ("query", "gmv", "--grain", "fortnight"),
        ("query", "gmv", "--limit", "0"),
        ("load",),
        ("query", "gmv", "--compare", "never"),
        ("query", "gmv", "--colour"),
        ("user", "add", "x", "--role", "king"),
        ("serve", "--port", "x"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(
    cockpit: Cockpit, asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = cockpit(*asked)
    assert said.code == 2 and said.out == "" and said.err and "\n" not in said.err
    assert "--help" in said.err and "commands." not in said.err
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "用法见" in (chinese := cockpit(*asked).err)
    assert not {"Invalid", "Missing", "such", "value", "Did"} & set(chinese.split())


def test_wrong_usage_names_what_is_wrong_and_what_may_stand_there(cockpit: Cockpit) -> None:
    assert "--compare" in (said := cockpit("query", "gmv", "--compare", "never").err) and "never" in said
    assert "last_campaign" in said and "nonsense" in cockpit("nonsense").err
    assert "--start" in cockpit("explain", "gmv").err and "--colour" in cockpit("query", "gmv", "--colour").err
    assert cockpit("quarantine", "replay", "999").code == 1


def test_quarantine_is_exit_3_only_when_asked_to_be_strict(cockpit: Cockpit, tmp_path: Path) -> None:
    broken = write(tmp_path / "broken.csv", [*ROWS, "9006,-5.00,-5.00,上海,2026-11-03 10:00:00,2026-11-03 10:00:00,0"])
    strict = cockpit("load", broken, "--json", "--strict")
    batch = json.loads(strict.out)["batches"][0]
    assert (strict.code, batch["accepted"], batch["quarantined"], batch["rows_read"]) == (3, 5, 1, 6)
    assert cockpit("load", broken, "--json").code == 0
    assert cockpit("load", write(tmp_path / "fine.csv", ROWS), "--strict").code == 0


def test_one_bad_file_does_not_stop_the_others_but_the_exit_code_tells(
    cockpit: Cockpit, orders: Path, tmp_path: Path
) -> None:
    (tmp_path / "a_strange.csv").write_text("colour,shape\nred,round\nblue,flat\n", "utf-8")
    said = cockpit("load", tmp_path, "--json")
    assert said.code == 1 and "a_strange.csv" in said.err
    assert [batch["file"] for batch in json.loads(said.out)["batches"]] == ["orders.csv"]


def test_a_dry_run_tells_and_changes_nothing(cockpit: Cockpit, orders: Path) -> None:
    batch = json.loads(cockpit("load", orders, "--dry-run", "--json").out)["batches"][0]
    assert (batch["rows_read"], batch["accepted"]) == (5, 5)
    assert json.loads(cockpit("sources", "--json").out)["sources"] == []
    assert json.loads(cockpit("load", orders, "--json").out)["batches"][0]["accepted"] == 5
    version = cockpit("query", "gmv", "--format", "json").out
    again = json.loads(cockpit("load", orders, "--dry-run", "--json").out)["batches"][0]
    assert (again["rows_read"], again["accepted"], again["unchanged"]) == (5, 0, 5)
    write(orders, [*ROWS[1:], "9006,7.00,7.00,上海,2026-11-03 10:00:00,2026-11-03 10:01:00,0", "9007,x,0,上海,,,0"])
    more = json.loads(cockpit("load", orders, "--dry-run", "--json").out)["batches"][0]
    assert (more["accepted"], more["unchanged"], more["quarantined"]) == (1, 4, 1)
    assert json.loads(cockpit("query", "gmv", "--format", "json").out)["rows"] == json.loads(version)["rows"]
    real = json.loads(cockpit("load", orders, "--json").out)["batches"][0]
    assert [real[name] for name in ("accepted", "unchanged", "quarantined")] == [1, 4, 1]


def test_rights_follow_the_user_named(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    cockpit("user", "add", "packer", "--role", "warehouse")
    cockpit("user", "add", "chef", "--role", "boss")
    hidden = [row["id"] for row in json.loads(cockpit("metrics", "--json").out)["metrics"] if row["owner"] == "finance"]
    assert hidden
    assert cockpit("query", hidden[0], "--as", "packer").code == 1
    assert cockpit("query", hidden[0], "--as", "chef").code == 0
    assert cockpit("query", "orders", "--as", "packer").code == 0


def test_listings(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    catalogue = json.loads(cockpit("metrics", "--json").out)["metrics"]
    assert len(catalogue) >= 70 and all(
        row["zh"] and row["en"] and row["definition_zh"] and row["unit"] for row in catalogue
    )
    nulls = {row["id"]: {one["code"] for one in row["null_reasons"]} for row in catalogue}
    assert all(nulls.values()) and {"no_sales", "no_buyer"} <= nulls["buyers"] and "undefined" not in nulls["gmv"]
    assert {"not_additive", "no_traffic", "undefined"} <= nulls["cvr"]
    assert all(
        one["zh"] and not one["en"].startswith("components.") for row in catalogue for one in row["null_reasons"]
    )
    kinds = json.loads(cockpit("kinds", "--json").out)["kinds"]
    assert {"tmall_orders"} <= {kind["id"] for kind in kinds}
    source = json.loads(cockpit("sources", "--json").out)["sources"][0]
    assert (source["kind"], source["platform"]) == ("tmall_orders", "tmall") and source["complete_through"].startswith(
        "2026-11-0"
    )
    for command in ("metrics", "kinds", "sources"):
        assert cockpit(command).out


def test_users_from_the_command_line(cockpit: Cockpit, monkeypatch: pytest.MonkeyPatch) -> None:
    said = cockpit("user", "add", "王芳", "--role", "operations")
    assert said.code == 0 and "One-time password" in said.out
    assert cockpit("user", "add", "王芳").code == 1
    monkeypatch.setattr(sys, "stdin", io.StringIO("a longer phrase\n"))
    assert "One-time" not in cockpit("user", "passwd", "王芳", "--password-stdin").out
    assert [row["name"] for row in json.loads(cockpit("user", "list", "--json").out)["users"]] == ["王芳"]
    assert cockpit("user", "token", "王芳").out.startswith("ck_")
    assert cockpit("user", "wall-key", "add", "overview").out.startswith("/wall/overview?key=wk_")
    ident = json.loads(cockpit("user", "wall-key", "list", "--json").out)["wall_keys"][0]["id"]
    assert cockpit("user", "wall-key", "remove", ident).code == 0
    assert cockpit("user", "remove", "王芳").code == 0
    assert json.loads(cockpit("user", "list", "--json").out)["users"] == []


def test_the_doctor_looks_and_finds_an_open_key_file(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    fine = json.loads(cockpit("doctor", "--json").out)
    assert fine["ok"] and {"warehouse", "ledger", "audit", "disk"} <= {check["check"] for check in fine["checks"]}
    if sys.platform != "win32":
        (Path(os.environ["COCKPIT_HOME"]) / "secret.key").chmod(0o644)
        said = cockpit("doctor", "--json")
        assert said.code == 1 and not json.loads(said.out)["ok"]


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US", "COCKPIT_LANGUAGE": "zh"}, "zh"),
        ({"LANG": "zh_CN", "COCKPIT_LANGUAGE": "en"}, "en"),
    ],
)
def test_a_terminal_is_answered_in_its_language(tmp_path: Path, environ: dict[str, str], lang: str) -> None:
    """In a process of its own, as a person starts it, and with nothing but the answer on either stream."""
    clean = {name: value for name, value in os.environ.items() if name not in ("LC_ALL", "LC_MESSAGES", "LANG")}
    done = subprocess.run(
        [sys.executable, ROOT / "app.py", "load", "/no/such/file"], capture_output=True, encoding="utf-8", timeout=120,
        env={**clean, "COCKPIT_HOME": str(tmp_path), **environ}, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert ("没有" in done.stderr) == (lang == "zh")


def test_help_loads_neither_dash_nor_the_engine() -> None:
    heavy = ("dash", "duckdb", "flask", "pandas", "metrics", "sqlglot")
    probe = f"import sys, app; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", probe], cwd=ROOT, text=True, timeout=120).strip() == "[]"


def test_words_spelled_out_are_the_engines_own() -> None:
    from access.users import ROLES
    from metrics import periods

    assert get_args(Grain) == words.GRAINS and ROLES == words.ROLES
    assert set(words.PERIOD_WORDS) == set(periods.WORDS)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (["platform=tmall,jd"], {"platform": ("tmall", "jd")}),
        (["platform=tmall", "platform=jd"], {"platform": ("tmall", "jd")}),
        (["province= 上海 , 北京 "], {"province": ("上海", "北京")}),
        (["sku=a=b"], {"sku": ("a=b",)}),
    ],
)
def test_filters(conditions: list[str], found: dict[str, tuple[str, ...]]) -> None:
    assert filters(conditions) == found


def test_names_and_moments() -> None:
    assert names(["gmv, orders", "gmv", ""]) == ("gmv", "orders")
    assert moment("2026-11-11", "end", end=True) == datetime(2026, 11, 12)
    assert moment("2026-11-11T20:00", "end", end=True) == datetime(2026, 11, 11, 20)
    with pytest.raises(UserError):
        moment("9999-12-31", "end", end=True)


BROKEN = "9006,-5.00,-5.00,上海,2026-11-03 10:00:00,2026-11-03 10:00:00,0"


def test_quarantine_is_listed_shown_and_taken_away(cockpit: Cockpit, tmp_path: Path) -> None:
    cockpit("load", write(tmp_path / "broken.csv", [*ROWS, BROKEN]))
    row = json.loads(cockpit("quarantine", "list", "--json").out)["quarantine"][0]
    assert (row["batch"], row["reason"], row["rows"], row["file"]) == (1, "negative_amount", 1, "broken.csv")
    shown = json.loads(cockpit("quarantine", "show", "1", "--json").out)
    assert shown["total"] == 1 and shown["rows"][0]["raw"]["total"] == "-5.00"
    assert cockpit("quarantine", "list").out and cockpit("quarantine", "show", "1").out
    assert cockpit("quarantine", "show", "99").code == 1
    assert cockpit("quarantine", "export", tmp_path / "out.csv").code == 0
    taken = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))))
    assert [line["order_id"] for line in taken] == ["9006"]
    again = json.loads(cockpit("quarantine", "replay", "--json").out)
    assert again == {"rows": 1, "accepted": 0, "quarantined": 1}
    assert len(json.loads(cockpit("quarantine", "list", "--json").out)["quarantine"]) == 1


def test_a_backup_brings_back_numbers_and_users_and_later_batches(
    cockpit: Cockpit, orders: Path, tmp_path: Path
) -> None:
    cockpit("load", orders)
    cockpit("user", "add", "chef", "--role", "boss")
    made = json.loads(cockpit("backup", "--json").out)["path"]
    later = write(tmp_path / "later.csv", ["9007,10.00,10.00,上海,2026-11-03 10:00:00,2026-11-03 10:00:00,0"])
    cockpit("load", later)
    before = answer(cockpit, "gmv", "orders", "--grain", "day")["rows"]
    cockpit("user", "remove", "chef")
    (Path(os.environ["COCKPIT_HOME"]) / "warehouse.duckdb").write_bytes(b"not a database")
    said = cockpit("restore", Path(made).name)
    assert said.code == 0, said.err
    assert answer(cockpit, "gmv", "orders", "--grain", "day")["rows"] == before
    assert [row["name"] for row in json.loads(cockpit("user", "list", "--json").out)["users"]] == ["chef"]


def test_rebuild_gives_the_same_numbers(cockpit: Cockpit, orders: Path) -> None:
    cockpit("load", orders)
    before = answer(cockpit, "gmv", "net_sales", "orders", "--grain", "day", "--by", "province")["rows"]
    told = json.loads(cockpit("rebuild", "--json").out)
    assert told["batches"] == 1 and told["failed"] == []
    assert answer(cockpit, "gmv", "net_sales", "orders", "--grain", "day", "--by", "province")["rows"] == before


def test_rules_can_be_judged_and_tried_from_the_command_line(cockpit: Cockpit, orders: Path, settings: Any) -> None:
    import alerts
    from alerts.types import Rule
    from warehouse.ledger import Ledger

    cockpit("load", orders)
    with Ledger.open(settings) as ledger:
        rule = alerts.save_rule(ledger, Rule("gmv", 1e9, side="below"), "boss", datetime(2026, 11, 3, 23, 59))
    config.freeze(datetime(2026, 11, 3, 23, 59, 59))
    reading = json.loads(cockpit("alerts", "test", str(rule.id), "--json").out)["readings"][0]
    assert (reading["outcome"], reading["value"]) == ("breach", 20.0)
    assert json.loads(cockpit("alerts", "list", "--json").out)["alerts"] == []
    assert json.loads(cockpit("alerts", "evaluate", "--json").out)["fired"] == 1
    found = json.loads(cockpit("alerts", "list", "--json").out)["alerts"]
    assert [(item["metric"], item["state"]) for item in found] == [("gmv", "firing")]
    assert cockpit("alerts", "ack", str(found[0]["id"]), "--note", "calling the shop").code == 0
    assert json.loads(cockpit("alerts", "list", "--json").out)["alerts"][0]["state"] == "acknowledged"
    assert cockpit("alerts", "silence", str(found[0]["id"]), "--minutes", "30").code == 0
    assert cockpit("alerts", "ack", "999").code == 1 and cockpit("alerts", "list").out
