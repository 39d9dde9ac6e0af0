"""抖店 by API against the simulator's endpoint: signatures, tokens, windows, faults; and the same orders by file."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import config
import connectors
from config import Settings
from connectors.http import ApiCall, Http, Retry
from connectors.platforms import doudian
from connectors.platforms.doudian_sign import param_json, sign
from connectors.sources import sources
from errors import FatalError, RetryableError, UserError
from simulator.doudian_api import APP_KEY, APP_SECRET, Faults, Platform, Server
from simulator.exports import doudian_aftersales, doudian_orders
from simulator.world import World
from warehouse import Warehouse

END = datetime(2026, 11, 12, 10)
SHOP, SHOP_ID = "云杉官方旗舰店", "4463798"
FACTS = (
    "SELECT order_id, line_id, product_id, sku_id, channel, creator, province, city, buyer, quantity, list_amount,"
    " status, created_at, paid_at, promised_ship_at, shipped_at, finished_at, payable_amount, paid_amount,"
    " freight_amount FROM order_line ORDER BY line_id"
)
REFUNDS = (
    "SELECT refund_id, order_id, line_id, kind, status, amount, applied_at, success_at, goods_returned, before_ship,"
    " reason, quantity FROM refund ORDER BY refund_id"
)


@pytest.fixture(scope="module")
def world() -> World:
    return World(5, start=END - timedelta(days=4), end=END, lines=500)


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Server]:
    with Server(Platform(world, lambda: END)) as running:
        yield running


@pytest.fixture
def platform(server: Server) -> Platform:
    """The platform without faults, tokens or memory of calls from other tests."""
    server.platform.faults = Faults()
    server.platform.calls.clear()
    server.platform.gate.pairs.clear()
    return server.platform


@pytest.fixture
def ours(settings: Settings, server: Server, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Settings:
    config.freeze(END)
    monkeypatch.setenv("SHOP_SECRET", APP_SECRET)
    write_config(settings, server.url)
    return settings


def write_config(settings: Settings, url: str, extra: str = "") -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / "config.toml").write_text(
        f'[source.main]\ntype = "doudian"\napp_key = "{APP_KEY}"\napp_secret_env = "SHOP_SECRET"\n'
        f'shop_id = "{SHOP_ID}"\nshop = "{SHOP}"\nbase_url = "{url}"\nhistory_days = 5\n{extra}',
        "utf-8",
    )


def patient(
    settings: Settings, calls: list[ApiCall] | None = None, waits: list[float] | None = None, wait: float = 30.0
) -> Http:
    """A door that does not really wait."""
    return Http(
        settings,
        None if calls is None else calls.append,
        Retry(attempts=4),
        timeout=(30.0, wait),
        sleep=(waits if waits is not None else []).append,
        rng=random.Random(1),
    )


# Signature ------------------------------------------------------------------------------------------------------------


def vectors(shared: Path) -> list[dict]:
    text = (shared / "reference" / "platform-apis.md").read_text("utf-8")
    block = text[text.index("## 9. Test vectors") :]
    block = block[block.index("```json") + 7 :]
    return json.loads(block[: block.index("```")])


@pytest.mark.parametrize("name", ["DY-1", "DY-2", "DY-3", "DY-4", "DY-5", "DY-6"])
def test_signature_vectors(shared: Path, name: str) -> None:
    vector = next(vector for vector in vectors(shared) if vector["id"] == name)
    given = vector["inputs"]
    how = "md5" if vector["algorithm"].endswith("md5") else "hmac-sha256"
    made = sign(given["app_key"], given["app_secret"], given["method"], given["param_json"], given["timestamp"], how)
    assert made == vector["expected"]


def test_signature_agrees_with_an_independent_client() -> None:
    core = pytest.importorskip("doudian.core")
    client = object.__new__(core.DouDian)
    client._app_key, client._app_secret, client._version, client._logger = "7000000000000000001", "s3cret", 2, None
    body = param_json({"z": 1, "a": {"c": "汉<&>", "b": [1, 2]}})
    assert body == '{"a":{"b":[1,2],"c":"汉<&>"},"z":1}'
    stamp = "2026-01-02 00:00:00"
    assert sign(client._app_key, "s3cret", "order.searchList", body, stamp) == client._sign(
        "order.searchList", body, stamp
    )


# Pull -----------------------------------------------------------------------------------------------------------------


def test_api_and_files_tell_the_same(ours: Settings, world: World, tmp_path: Path) -> None:
    """Orders and after-sales by API fill the same keys and values as the export files of the same shop."""
    with Warehouse.open(ours) as by_api:
        reports = connectors.pull(ours, by_api, "main", http=patient(ours))
        assert [report.quarantined for report in reports] == [0, 0]
        orders, refunds = by_api.read(FACTS).to_pylist(), by_api.read(REFUNDS).to_pylist()
    other = replace(ours, home=tmp_path / "other")
    files = [tmp_path / "1794448800_订单.csv", tmp_path / "1794448800_售后.csv"]
    doudian_orders.write(world, 0, files[0])
    doudian_aftersales.write(world, 0, files[1])
    (other.home / "secrets").mkdir(parents=True)
    for name in ("person_key", "secrets/person_key"):
        if (ours.home / name).is_file():
            (other.home / name).write_bytes((ours.home / name).read_bytes())
    with Warehouse.open(other) as by_file:
        for file in files:
            for batch in connectors.read_file(file, shop=SHOP, settings=other):
                by_file.load(batch)
        file_orders, file_refunds = by_file.read(FACTS).to_pylist(), by_file.read(REFUNDS).to_pylist()
    assert len(orders) > 100
    assert len(refunds) > 5
    assert without(orders, "buyer") == without(file_orders, "buyer")
    assert refunds == file_refunds
    same_buyer = {(row["buyer"], other_row["buyer"]) for row, other_row in zip(orders, file_orders, strict=True)}
    assert len(same_buyer) == len({row["buyer"] for row in orders})


def without(rows: list[dict], *names: str) -> list[dict]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def test_a_second_pull_overlaps_and_changes_nothing(ours: Settings, platform: Platform) -> None:
    with Warehouse.open(ours) as warehouse:
        connectors.pull(ours, warehouse, "main", http=patient(ours))
        state = warehouse.read("SELECT kind, cursor_value, complete_through FROM source_state").to_pylist()
        assert {row["complete_through"] for row in state} == {END}
        before = len(platform.calls)
        again = connectors.pull(ours, warehouse, "main", http=patient(ours))
        assert sum(report.accepted for report in again) == 0
        assert len(platform.calls) - before <= 4, "from the cursor, not from the beginning"
        assert "token.create" not in platform.calls[before:], "the token was kept"


def test_calls_are_kept_in_the_warehouse(ours: Settings) -> None:
    with Warehouse.open(ours) as warehouse:
        connectors.pull(ours, warehouse, "main")
        kept = warehouse.read("SELECT method, outcome, count(*) AS n FROM api_call GROUP BY ALL").to_pylist()
    assert {(row["method"], row["outcome"]) for row in kept} >= {("order.searchList", "ok"), ("token.create", "ok")}


def test_archived_answers_give_the_same_batch(ours: Settings) -> None:
    source = sources(ours)[0]
    for batch in source.pull(patient(ours), since=None, cursors={}):
        assert isinstance(batch.original, bytes)
        (again,) = connectors.read_archived(batch.original, batch.file_name, batch.options, settings=ours)
        assert again.rows == batch.rows
        assert replace(again, rows=batch.rows) == batch


def test_windows_over_the_cap_are_halved(ours: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    source = sources(ours)[0]
    whole = [batch.rows.table.num_rows for batch in source.pull(patient(ours), since=None, cursors={})]
    monkeypatch.setattr(doudian, "DEEPEST", 20)
    halved = list(source.pull(patient(ours), since=None, cursors={}))
    assert [batch.rows.table.num_rows for batch in halved] == whole
    assert {batch.cursor_after for batch in halved} == {
        str(int(END.replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()))
    }


def test_big_pulls_come_in_batches_that_each_carry_a_cursor(ours: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doudian, "BATCH_ITEMS", 15)
    source = sources(ours)[0]
    batches = [batch for batch in source.pull(patient(ours), since=None, cursors={}) if batch.spec is doudian.ORDERS]
    cursors = [int(batch.cursor_after or 0) for batch in batches]
    assert len(batches) > 2
    assert cursors == sorted(set(cursors))


# Faults ---------------------------------------------------------------------------------------------------------------

PASSING = [
    ("limited", 2),
    ("http_500", 2),
    ("timeout", 1),
    ("truncated", 2),
    ("busy", 1),
    ("expired", 1),
    ("hang_up", 1),
]


@pytest.mark.parametrize(("fault", "times"), PASSING, ids=[fault for fault, _ in PASSING])
def test_faults_that_pass_lose_nothing(ours: Settings, platform: Platform, fault: str, times: int) -> None:
    source = sources(ours)[0]
    expected = [batch.rows.table.num_rows for batch in source.pull(patient(ours), since=None, cursors={})]
    platform.faults.add(fault, times, "order.searchList")
    calls: list[ApiCall] = []
    waits: list[float] = []
    platform.faults.pause = 7
    door = patient(ours, calls, waits, 5.0 if fault == "timeout" else 60.0)
    got = [batch.rows.table.num_rows for batch in source.pull(door, since=None, cursors={})]
    assert got == expected
    bad = [call for call in calls if call.outcome != "ok"]
    assert len(bad) == times
    if fault != "expired":
        assert len(waits) == times
        assert all(0 < wait <= 30 for wait in waits)
    else:
        assert "token.refresh" in platform.calls or platform.calls.count("token.create") == 2


@pytest.mark.parametrize("fault", ["limited", "http_500", "timeout", "truncated"])
def test_faults_that_stay_end_in_a_retryable_error(ours: Settings, platform: Platform, fault: str) -> None:
    platform.faults.add(fault, 50, "order.searchList")
    platform.faults.pause = 1.5
    calls: list[ApiCall] = []
    with pytest.raises(RetryableError) as failure:
        list(
            sources(ours)[0].pull(
                patient(ours, calls, wait=1.0 if fault == "timeout" else 30.0), since=None, cursors={}
            )
        )
    assert failure.value.code == ("source_answer" if fault == "truncated" else "source_busy")
    assert len([call for call in calls if call.method == "order.searchList"]) == 4, "bounded"
    assert "main" in failure.value.text("zh")


def test_a_failed_pull_keeps_what_came_before(ours: Settings, platform: Platform) -> None:
    platform.faults.add("limited", 50, "afterSale.List")
    with Warehouse.open(ours) as warehouse:
        with pytest.raises(RetryableError):
            connectors.pull(ours, warehouse, "main", http=patient(ours))
        kinds = warehouse.read("SELECT kind, cursor_value FROM source_state").to_pylist()
        assert [row["kind"] for row in kinds] == ["doudian_api_orders"]
        assert warehouse.read("SELECT count(*) AS n FROM order_line").to_pylist()[0]["n"] > 100


def test_a_wrong_secret_is_fatal_and_not_repeated(
    ours: Settings, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SECRET", "not-the-key")
    with pytest.raises((FatalError, UserError)) as failure:
        list(sources(ours)[0].pull(patient(ours), since=None, cursors={}))
    assert "isv.signature-invalid" in failure.value.text("en")
    assert platform.calls == ["token.create"]
    assert "not-the-key" not in repr(sources(ours)[0])


def test_token_file_is_private(ours: Settings) -> None:
    list(sources(ours)[0].pull(patient(ours), since=END - timedelta(hours=1), cursors={}))
    kept = ours.home / "secrets" / "main.json"
    assert json.loads(kept.read_text())["access_token"]
    assert kept.stat().st_mode & 0o077 == 0


# Configuration --------------------------------------------------------------------------------------------------------

WRONG = [
    ('type = "taobaoo"', "type"),
    ('app_key = "abc"', "app_key"),
    ('app_secret = "plain"', "app_secret"),
    ('shop_id = ""', "shop_id"),
    ('base_url = "http://example.com"', "base_url"),
    ("page_size = 1000", "page_size"),
    ('shoop = "x"', "shoop"),
    ('sign_method = "sha1"', "sign_method"),
]


@pytest.mark.parametrize(("line", "field"), WRONG, ids=[field for _, field in WRONG])
def test_wrong_settings_name_the_field(settings: Settings, line: str, field: str) -> None:
    lines = {
        "type": 'type = "doudian"',
        "app_key": f'app_key = "{APP_KEY}"',
        "app_secret_env": 'app_secret_env = "X"',
        "shop_id": 'shop_id = "1"',
    }
    lines[field] = line
    settings.home.mkdir(parents=True)
    (settings.home / "config.toml").write_text("[source.main]\n" + "\n".join(lines.values()), "utf-8")
    with pytest.raises(UserError) as failure:
        sources(settings)
    assert failure.value.code == "source_invalid"
    assert field in str(failure.value.fields["field"])


def test_a_secret_file_that_others_can_read_is_refused(ours: Settings, server: Server) -> None:
    write_config(ours, server.url)
    text = (
        (ours.home / "config.toml")
        .read_text("utf-8")
        .replace('app_secret_env = "SHOP_SECRET"', 'app_secret_file = "s"')
    )
    (ours.home / "config.toml").write_text(text, "utf-8")
    (ours.home / "s").write_text(APP_SECRET)
    (ours.home / "s").chmod(0o644)
    with pytest.raises(UserError, match="chmod 600"):
        list(sources(ours)[0].pull(patient(ours), since=None, cursors={}))
    (ours.home / "s").chmod(0o600)
    assert list(sources(ours)[0].pull(patient(ours), since=END - timedelta(hours=1), cursors={}))


def test_unknown_source_is_named(ours: Settings, warehouse: Warehouse) -> None:
    with pytest.raises(UserError, match="nowhere"):
        connectors.pull(ours, warehouse, "nowhere")
