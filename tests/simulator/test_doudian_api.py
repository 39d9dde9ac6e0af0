"""The simulated 抖店: signature to the byte, tokens, paging, envelopes, faults; and PyPI `doudian` against it."""

from __future__ import annotations

import http.client
import json
import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from config import ROOT
from simulator import doudian_api
from simulator.calendar import seconds
from simulator.doudian_api import APP_KEY, APP_SECRET, Platform, Server
from simulator.doudian_auth import sign
from tests.simulator.conftest import END

SHOP = "4463798"
SHEET = ROOT.parent / "shared" / "reference" / "platform-apis.md"


class Clock:
    """A wall clock that tests move."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock():
    return Clock(END)


@pytest.fixture
def server(world, clock):
    with Server(Platform(world, clock)) as running:
        yield running


def post(
    server: Server,
    call: str,
    params: Any,
    *,
    token: str | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    **query: str,
) -> dict[str, Any]:
    """One call, signed over the bytes that are sent; `query` replaces public parameters."""
    text = json.dumps(params, separators=(",", ":"), ensure_ascii=False, sort_keys=True) if body is None else body
    stamp = query.get("timestamp") or str(server.platform.gate.clock())
    public = {
        "app_key": APP_KEY,
        "method": call,
        "timestamp": stamp,
        "v": "2",
        "sign_method": "hmac-sha256",
        "sign": sign(
            APP_KEY,
            APP_SECRET,
            call,
            text or query.get("param_json", "{}"),
            stamp,
            query.get("sign_method", "hmac-sha256"),
        ),
        **query,
    }
    if token:
        public["access_token"] = token
    link = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    link.request(
        "POST", f"/{call.replace('.', '/')}?{urlencode(public, quote_via=quote)}", text.encode(), headers or {}
    )
    answer = link.getresponse()
    content = answer.read()
    link.close()
    assert answer.status == 200, content
    return json.loads(content)


def token_of(server: Server, shop: str = SHOP) -> str:
    return post(server, "token.create", {"code": "", "grant_type": "authorization_self", "shop_id": shop})["data"][
        "access_token"
    ]


@pytest.mark.skipif(not SHEET.exists(), reason="the fact sheet is not on this machine")
def test_signature_vectors():
    text = SHEET.read_text("utf-8")
    vectors = json.loads(re.search(r"```json\n(\[\n \{\n  \"id\": \"DY-1\".*?\n\])\n```", text, re.S)[1])
    chosen = [vector for vector in vectors if re.fullmatch(r"DY-\d", vector["id"])]
    assert len(chosen) == 6
    for vector in chosen:
        given = vector["inputs"]
        how = "md5" if vector["algorithm"].endswith("md5") else "hmac-sha256"
        assert (
            sign(given["app_key"], given["app_secret"], given["method"], given["param_json"], given["timestamp"], how)
            == vector["expected"]
        )


@pytest.mark.parametrize(
    ("change", "code", "sub_code"),
    [
        ({"sign": "0" * 64}, 40003, "isv.signature-invalid"),
        ({"sign": ""}, 40001, "isv.signature-missing"),
        ({"app_key": "7000000000000000009"}, 40003, "isv.app-id-invalid"),
        ({"app_key": ""}, 40001, "isv.app-id-missing"),
        ({"v": "1"}, 40003, "isv.parameter-invalid"),
        ({"sign_method": "sha1"}, 40003, "isv.parameter-invalid"),
        ({"timestamp": "1700000000"}, 40003, "isv.timestamp-invalid"),
        ({"timestamp": "yesterday"}, 40003, "isv.timestamp-format-error"),
        ({"method": "order.orderDetail"}, 40003, "isv.parameter-invalid"),
    ],
)
def test_refusals_of_public_parameters(server, change, code, sub_code):
    answer = post(server, "order.searchList", {"page": 0, "size": 10}, token=token_of(server), **change)
    assert (answer["code"], answer["sub_code"], answer["err_no"], answer["data"]) == (code, sub_code, code, None)


def test_the_signature_covers_the_bytes_on_the_wire(server):
    token, at = token_of(server), str(server.platform.gate.clock())
    for body in (
        '{"page":0,"product":"汉字<&>","size":1}',
        '{"page":0,"product":"\\u6c49\\u5b57<&>","size":1}',
        '{"size":1, "page":0}',
    ):
        assert post(server, "order.searchList", None, body=body, token=token)["code"] == 10000
    signed = sign(APP_KEY, APP_SECRET, "order.searchList", '{"page":0,"size":1}', at)
    changed = post(
        server, "order.searchList", None, body='{"page":0, "size":1}', token=token, sign=signed, timestamp=at
    )
    assert changed["sub_code"] == "isv.signature-invalid"  # the same object, other bytes
    assert post(server, "order.searchList", {"page": 0, "size": 1}, token=token, sign_method="md5")["code"] == 10000
    assert (
        post(server, "order.searchList", None, body="", param_json='{"page":0,"size":1}', token=token)["code"] == 10000
    )
    assert (
        post(server, "order.searchList", {"page": 0, "size": 1}, token=token, timestamp=f"{END:%Y-%m-%d %H:%M:%S}")[
            "code"
        ]
        == 10000
    )


def test_both_envelopes(server):
    both = post(server, "token.create", {"grant_type": "authorization_self", "shop_id": int(SHOP), "code": ""})
    assert both["err_no"] == 0 and both["message"] and both["code"] == 10000 and both["data"]["shop_id"] == SHOP
    new = post(
        server,
        "token.create",
        {"grant_type": "authorization_self", "shop_id": SHOP, "code": ""},
        headers={"x-open-no-old-err-code": "1"},
    )
    assert "err_no" not in new and "message" not in new and new["code"] == 10000


def test_tokens_live_rotate_and_die(server, clock):
    made = post(server, "token.create", {"grant_type": "authorization_self", "shop_id": SHOP, "code": ""})["data"]
    assert made["expires_in"] == 604_800

    def refresh(pair: dict[str, Any]) -> dict[str, Any]:
        return post(server, "token.refresh", {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]})

    def search(token: str | None) -> str:
        return post(server, "order.searchList", {"page": 0, "size": 1}, token=token)["sub_code"]

    assert refresh(made)["data"]["access_token"] == made["access_token"]  # days left: the same pair
    clock.at += timedelta(days=6, hours=23, minutes=30)
    renewed = refresh(made)["data"]
    assert (
        renewed["access_token"] != made["access_token"]
        and search(made["access_token"]) == search(renewed["access_token"]) == ""
    )
    clock.at += timedelta(minutes=61)
    assert search(made["access_token"]) == "isv.access-token-expired" and search(renewed["access_token"]) == ""
    assert search("nobody's") == "isv.access-token-no-existed" and search(None) == "isv.access-token-missing"
    clock.at += timedelta(days=15)
    assert refresh(renewed)["sub_code"] == "dop.token-generate-failed:token-expired"
    assert post(server, "token.create", {"grant_type": "password", "shop_id": SHOP})["sub_code"].endswith(
        "grant-type-invalid"
    )
    assert post(server, "token.create", {"grant_type": "authorization_self", "shop_id": "1"})["sub_code"].endswith(
        "no-authorization"
    )


def test_pages_hold_every_order_once(server, world):
    token, size = token_of(server), 100
    start, end = datetime(2026, 11, 11), datetime(2026, 11, 11, 12)
    window = {
        "create_time_start": seconds(start) - 28_800,
        "create_time_end": seconds(end) - 28_800,
        "order_by": "create_time",
        "order_asc": True,
    }
    found, page = [], 0
    while True:
        data = post(server, "order.searchList", {**window, "page": page, "size": size}, token=token)["data"]
        found += data["shop_order_list"]
        page += 1
        if page * size >= data["total"]:
            break
    lines = world.lines[(world.lines["shop"] == 0) & world.lines["created"].between(seconds(start), seconds(end))]
    assert page > 1 and len(found) == lines["order"].nunique() == len({order["order_id"] for order in found})
    assert [order["create_time"] for order in found] == sorted(order["create_time"] for order in found)
    assert sum(order["pay_amount"] for order in found) == lines["payable"].sum()
    sub = [line for order in found for line in order["sku_order_list"]]
    assert len(sub) == len(lines) and sum(line["pay_amount"] for line in sub) == lines["payable"].sum()


@pytest.mark.parametrize(
    "params",
    [
        {"page": 0, "size": 101},
        {"page": 501, "size": 100},
        {"page": -1, "size": 10},
        {"page": 0, "size": 0},
        {"page": 0, "size": 10, "order_by": "pay_time"},
    ],
)
def test_illegal_paging(server, params):
    assert post(server, "order.searchList", params, token=token_of(server))["code"] == 40004


def test_an_order_is_told_to_the_letter(server, world):
    lines = world.lines[(world.lines["shop"] == 0) & (world.lines["size"] > 1) & (world.lines["paid"] > 0)]
    wanted = lines["order"].iloc[-1]
    token = token_of(server)
    text = post(server, "order.orderDetail", {"shop_order_id": str(wanted)}, token=token)["data"]["shop_order_detail"]
    own = lines[lines["order"] == wanted]
    assert text["order_id"] == str(wanted) and isinstance(text["shop_id"], int) and text["order_level"] == 2
    assert text["create_time"] == own["created"].iloc[0] - 28_800 and text["pay_amount"] == own["payable"].sum()
    assert (
        text["promotion_amount"]
        == text["promotion_shop_amount"] + text["promotion_platform_amount"] + text["promotion_talent_amount"]
    )
    assert text["platform_cost_amount"] == text["only_platform_cost_amount"] + text["author_cost_amount"]
    line = text["sku_order_list"][0]
    assert (
        isinstance(line["product_id"], int)
        and line["product_id"] > 2**53
        and line["product_id_str"] == str(line["product_id"])
    )
    assert line["sum_amount"] == line["origin_amount"] * line["item_num"] and line["parent_order_id"] == str(wanted)
    assert (
        text["encrypt_post_tel"].startswith("$$")
        and text["encrypt_post_receiver"].startswith("##")
        and not text["post_tel"]
    )
    assert post(server, "order.orderDetail", {"shop_order_id": "1"}, token=token)["code"] == 50002
    assert post(server, "order.orderDetail", {}, token=token)["code"] == 40002


def test_new_orders_appear_as_time_passes(server, clock, world):
    token = token_of(server)
    before = seconds(clock.at) - 28_800
    clock.at += timedelta(hours=6)
    data = post(server, "order.searchList", {"page": 0, "size": 100, "create_time_start": before + 1}, token=token)[
        "data"
    ]
    later = world.until(clock.at).lines
    assert data["total"] == later[(later["shop"] == 0) & (later["created"] > seconds(END))]["order"].nunique() > 3


def test_after_sales(server, world):
    data = post(
        server,
        "afterSale.List",
        {
            "page": 0,
            "size": 100,
            "order_by": ["update_time asc"],
            "update_start_time": seconds(datetime(2026, 11, 15)) - 28_800,
        },
        token=token_of(server),
    )["data"]
    lines = world.lines[(world.lines["shop"] == 0) & (world.lines["applied"] > 0)]
    changed = lines[["applied", "succeeded", "refused"]].max(axis=1)
    assert data["total"] == (changed >= seconds(datetime(2026, 11, 15))).sum() > 5 and data["has_more"] == (
        data["total"] > 100
    )
    times = [item["aftersale_info"]["update_time"] for item in data["items"]]
    assert times == sorted(times)
    by_id = lines.set_index(lines["refund_id"].astype(str))
    for item in data["items"]:
        info = item["aftersale_info"]
        if info["refund_status"] == 3:
            assert info["refund_amount"] + info["refund_post_amount"] == by_id.loc[info["aftersale_id"], "refunded"]
    assert (
        post(server, "afterSale.List", {"page": 0, "size": 10, "order_by": ["price asc"]}, token=token_of(server))[
            "code"
        ]
        == 40004
    )


def test_goods(server, world):
    token = token_of(server)
    page = post(server, "product.listV2", {"page": 1, "size": 100}, token=token)["data"]
    assert page["total"] > 400 and len(page["data"]) == 100
    stock = post(server, "sku.list", {"product_id": page["data"][0]["product_id"]}, token=token)["data"]
    assert isinstance(stock, list) and all(sku["code"].startswith("YS") and sku["stock_num"] >= 0 for sku in stock)
    assert post(server, "product.listV2", {"page": 0, "size": 10}, token=token)["code"] == 40004


def test_faults_on_request(server):
    token, faults = token_of(server), server.platform.faults
    faults.pause = 0.01
    ask = {"page": 0, "size": 1}
    for fault, sub_code in (
        ("limited", "isv.traffic-limited"),
        ("busy", "isp.service-error:1"),
        ("expired", "isv.access-token-expired"),
    ):
        faults.add(fault, method="order.searchList")
        assert post(server, "token.create", {"grant_type": "authorization_self", "shop_id": SHOP})["code"] == 10000
        assert post(server, "order.searchList", ask, token=token)["sub_code"] == sub_code
    token = token_of(server)
    faults.add("truncated")
    with pytest.raises(json.JSONDecodeError):
        post(server, "order.searchList", ask, token=token)
    faults.add("http_500")
    with pytest.raises(AssertionError, match="Bad Gateway"):
        post(server, "order.searchList", ask, token=token)
    for fault in ("timeout", "hang_up"):
        faults.add(fault)
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            post(server, "order.searchList", ask, token=token)
    assert post(server, "order.searchList", ask, token=token)["code"] == 10000
    with pytest.raises(ValueError):
        faults.add("flood")


def test_the_rate_limit_is_a_setting(world, clock, monkeypatch):
    at = [100.0]
    monkeypatch.setattr(doudian_api, "time", SimpleNamespace(monotonic=lambda: at[0]))  # this module's alone
    platform = Platform(world, clock, limit=2)
    calls = []
    for _ in range(3):
        try:
            platform._count("order.searchList")
            calls.append(0)
        except doudian_api.Refusal as refusal:
            calls.append(refusal.code)
    assert calls == [0, 0, 60000]
    platform._count("afterSale.List")
    at[0] += 1.1
    platform._count("order.searchList")


def test_pypi_doudian_is_content(world, tmp_path):
    doudian = pytest.importorskip("doudian")
    real = datetime.now()  # the client reads the machine's clock: so does this server
    started = Platform(world, lambda: END + (datetime.now() - real))
    started.gate.clock = lambda: int(datetime.now().timestamp())
    started.gate.skew = 100_000  # the client's timestamp is local time, whatever the zone of the machine
    with Server(started) as running:
        address = property(lambda self: running.url, lambda self, value: None)
        client = type("Client", (doudian.DouDian,), {"_gate_way": address})(APP_KEY, APP_SECRET, shop_id=SHOP)
        answer = client.request("/order/searchList", {"page": 0, "size": 5, "product": "云杉"})
        assert answer["err_no"] == 0 and len(answer["data"]["shop_order_list"]) == 5 and answer["data"]["total"] > 100
        order = answer["data"]["shop_order_list"][0]["order_id"]
        assert (
            client.request("/order/orderDetail", {"shop_order_id": order})["data"]["shop_order_detail"]["order_id"]
            == order
        )
        assert client.request("/afterSale/List", {"page": 0, "size": 5})["err_no"] == 0
        started.gate.expire()
        assert client.request("/order/searchList", {"page": 0, "size": 5})["sub_code"] == "isv.access-token-expired"
        client._token["expires_in"] = 0
        assert (
            client.request("/order/searchList", {"page": 0, "size": 5})["err_no"] == 0
        )  # refreshed by the client's own rule
        wrong = type("Client", (doudian.DouDian,), {"_gate_way": address})(APP_KEY, "another secret", shop_id=SHOP)
        assert wrong._token is None and started.calls.count("token.create") == 2
