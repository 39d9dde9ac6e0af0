"""抖店's open platform on this machine: token.create, token.refresh, order.searchList, order.orderDetail,
afterSale.List, product.listV2 and sku.list, over the same world that the export files are written from, living on
with the clock.

Faults can be switched on (`Faults`), one answer at a time.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pandas as pd

from simulator.calendar import seconds
from simulator.doudian_auth import Gate, Refusal, Token
from simulator.doudian_payload import ZONE, Payload, records
from simulator.doudian_service import ServicePayload
from simulator.shops import SHOPS
from simulator.world import World, as_of

APP_KEY, APP_SECRET = "7000000000000000001", "sim-secret-0001"  # of the simulator; no platform knows them
HISTORY = timedelta(days=90)
MOST = 50_000
FAULTS = ("http_500", "timeout", "truncated", "limited", "expired", "busy", "hang_up")


class Faults:
    """Answers to come that go wrong, first in first out; each may be for one method only."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, str | None]] = deque()
        self.pause = 1.0  # seconds that 'timeout' keeps silent
        self._lock = threading.Lock()

    def add(self, fault: str, times: int = 1, method: str | None = None) -> None:
        """Let the next `times` answers (of `method`) fail: one of FAULTS."""
        if fault not in FAULTS:
            raise ValueError(f"unknown fault {fault!r}, known: {', '.join(FAULTS)}")
        with self._lock:
            self._waiting.extend([(fault, method)] * times)

    def take(self, method: str) -> str | None:
        """The fault for this call, if any."""
        with self._lock:
            for place, (fault, only) in enumerate(self._waiting):
                if only in (None, method):
                    del self._waiting[place]
                    return fault
        return None


class LiveShops:
    """The world's Douyin shops at the clock's moment. Orders reach back HISTORY, or to the world's start."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self._first, self.clock = world, clock
        self._world: World | None = None
        self._known: tuple[int, pd.DataFrame] | None = None
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The wall clock, to the second."""
        return self.clock().replace(microsecond=0)

    def world(self) -> World:
        """The world up to today, made again when the day turns."""
        now = self.now()
        if self._world is None or self._world.end.date() != now.date():
            start = max(self._first.start, datetime.combine((now - HISTORY).date(), datetime.min.time()))
            self._world, self._known = self._first.until(now, start), None
        return self._world

    def lines(self) -> pd.DataFrame:
        """Lines as they stand now, with `order_updated`."""
        with self._lock:
            world, second = self.world(), seconds(self.now())
            if self._known is None or self._known[0] != second:
                frame = world.all_lines
                frame = as_of(frame[(frame["created"] >= seconds(world.start)) & (frame["created"] <= second)], second)
                frame["order_updated"] = frame.groupby("order")["updated"].transform("max")
                self._known = (second, frame)
            return self._known[1]


class Platform:
    """The answers. `limit` calls a second and method are let through; `clock` is the wall clock of the business."""

    def __init__(
        self,
        world: World,
        clock: Callable[[], datetime],
        *,
        app_key: str = APP_KEY,
        app_secret: str = APP_SECRET,
        limit: int = 10_000,
    ) -> None:
        self.shops, self.faults, self.limit = LiveShops(world, clock), Faults(), limit
        self.gate = Gate(app_key, app_secret, lambda: seconds(clock()) - ZONE)
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()
        self.numbers = {
            SHOPS[number].platform_id: number for number in world.shops if SHOPS[number].platform == "douyin"
        }
        self.calls: list[str] = []
        self._answers: dict[str, Callable[[int, dict[str, Any]], Any]] = {
            "order.searchList": self._search,
            "order.orderDetail": self._detail,
            "afterSale.List": self._after_sales,
            "product.listV2": self._products,
            "sku.list": self._skus,
        }

    def answer(self, method: str, query: dict[str, str], body: bytes) -> Any:
        """Data of a call. Raises Refusal."""
        self.calls.append(method)
        param_json = body.decode("utf-8", "replace") or query.get("param_json", "") or "{}"
        self.gate.check(query, method, param_json)
        self._count(method)
        try:
            params = json.loads(param_json)
        except ValueError:
            raise Refusal(40003, "isv.parameter-format-invalid", "param_json不是合法的JSON") from None
        if method in ("token.create", "token.refresh"):
            return self._token(method, params)
        shop = self.gate.shop_of(query.get("access_token"))
        if method not in self._answers:
            raise Refusal(70000, "isp.api-service-off", "接口不存在或已下线")
        return self._answers[method](shop, params)

    def _count(self, method: str) -> None:
        with self._lock:
            recent, now = self._calls[method], time.monotonic()
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= self.limit:
                raise Refusal(60000, "isv.traffic-limited", "接口限流")
            recent.append(now)

    def _token(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method == "token.refresh":
            if params.get("grant_type") != "refresh_token":
                raise Refusal(50001, "dop.token-generate-failed:grant-type-invalid", "grant_type不合法")
            return self._pair(self.gate.refresh(str(params.get("refresh_token", ""))))
        if params.get("grant_type") not in ("authorization_self", "authorization_code"):
            raise Refusal(50001, "dop.token-generate-failed:grant-type-invalid", "grant_type不合法")
        wanted = str(params.get("shop_id") or "")
        number = (
            self.numbers.get(int(wanted))
            if wanted.isdigit()
            else next(iter(self.numbers.values()))
            if params.get("test_shop")
            else None
        )
        if number is None:
            raise Refusal(50001, "dop.token-generate-failed:no-authorization", "店铺未授权")
        return self._pair(self.gate.create(number))

    def _pair(self, pair: Token) -> dict[str, Any]:
        shop = SHOPS[pair.shop]
        return {
            "access_token": pair.access,
            "expires_in": max(0, int(pair.access_dies - self.gate.clock())),
            "refresh_token": pair.refresh,
            "scope": "SCOPE",
            "shop_id": str(shop.platform_id),
            "shop_name": shop.name,
            "authority_id": str(shop.platform_id),
            "auth_subject_type": "",
        }

    def _search(self, shop: int, params: dict[str, Any]) -> dict[str, Any]:
        page, size = paging(params)
        order_by = params.get("order_by", "create_time")
        if order_by not in ("create_time", "update_time"):
            raise Refusal(40004, "isv.parameter-invalid", "order_by不合法")
        lines = self.shops.lines()
        lines = lines[lines["shop"] == shop]
        lines = window(lines, "created", params.get("create_time_start"), params.get("create_time_end"))
        lines = window(lines, "order_updated", params.get("update_time_start"), params.get("update_time_end"))
        if wanted := params.get("product"):
            payload = Payload(self.shops.world(), shop)
            names, products = self.shops.world().catalogue.product_name, self.shops.world().catalogue.sku_product
            match = [
                str(payload.product_ids[products[sku]]) == str(wanted) or str(wanted) in names[products[sku]]
                for sku in lines["sku"]
            ]
            lines = lines[lines["order"].isin(lines.loc[match, "order"])]
        column = "created" if order_by == "create_time" else "order_updated"
        ascending = bool(params.get("order_asc", False))
        heads = lines.drop_duplicates("order").sort_values([column, "order"], ascending=ascending)
        chosen = heads["order"].iloc[page * size : (page + 1) * size]
        payload = Payload(self.shops.world(), shop)
        groups: dict[int, list[dict[str, Any]]] = {int(order): [] for order in chosen}
        for row in records(lines[lines["order"].isin(chosen)].sort_values("place")):
            groups[row["order"]].append(row)
        return {
            "shop_order_list": [payload.order(rows) for rows in groups.values()],
            "page": page,
            "size": size,
            "total": len(heads),
        }

    def _detail(self, shop: int, params: dict[str, Any]) -> dict[str, Any]:
        wanted = str(params.get("shop_order_id") or "")
        if not wanted:
            raise Refusal(40002, "isv.parameter-missing", "缺少参数shop_order_id")
        lines = self.shops.lines()
        found = lines[(lines["shop"] == shop) & (lines["order"].astype(str) == wanted)]
        if found.empty:
            raise Refusal(50002, "isv.business-failed:1102", "订单不存在")
        return {"shop_order_detail": Payload(self.shops.world(), shop).order(records(found.sort_values("place")))}

    def _after_sales(self, shop: int, params: dict[str, Any]) -> dict[str, Any]:
        page, size = paging(params)
        lines = self.shops.lines()
        lines = lines[(lines["shop"] == shop) & (lines["applied"] > 0)]
        lines = lines.assign(changed=lines[["applied", "succeeded", "refused"]].max(axis=1))
        lines = window(lines, "applied", params.get("start_time"), params.get("end_time"))
        lines = window(lines, "changed", params.get("update_start_time"), params.get("update_end_time"))
        if params.get("order_id"):
            lines = lines[lines["order"].astype(str) == str(params["order_id"])]
        if params.get("aftersale_id"):
            lines = lines[lines["refund_id"].astype(str) == str(params["aftersale_id"])]
        column, ascending = aftersale_order(params.get("order_by"))
        found = lines.sort_values([column, "refund_id"], ascending=ascending)
        payload = ServicePayload(self.shops.world(), shop)
        rows = found.iloc[page * size : (page + 1) * size]
        return {
            "items": [payload.after_sale(row) for row in records(rows)],
            "has_more": (page + 1) * size < len(found),
            "total": len(found),
            "page": page,
            "size": size,
        }

    def _products(self, shop: int, params: dict[str, Any]) -> dict[str, Any]:
        page, size = int(params.get("page", 1)), int(params.get("size", 10))
        if page < 1 or not 1 <= size <= 100 or page * size > 10_000:
            raise Refusal(40004, "isv.parameter-invalid", "page或size不合法")
        found = ServicePayload(self.shops.world(), shop).products()
        return {
            "data": found[(page - 1) * size : page * size],
            "total": len(found),
            "page": page,
            "size": size,
            "cursor_id": "",
        }

    def _skus(self, shop: int, params: dict[str, Any]) -> list[dict[str, Any]]:
        if not params.get("product_id"):
            raise Refusal(40002, "isv.parameter-missing", "缺少参数product_id")
        return ServicePayload(self.shops.world(), shop).skus(
            int(params["product_id"]), self.shops.world().stock_at(shop, self.shops.now())
        )


def paging(params: dict[str, Any]) -> tuple[int, int]:
    """Page from 0 and size 1 to 100, no deeper than 50,000 rows."""
    try:
        page, size = int(params["page"]), int(params["size"])
    except KeyError as missing:
        raise Refusal(40002, "isv.parameter-missing", f"缺少参数{missing.args[0]}") from None
    except (TypeError, ValueError):
        raise Refusal(40004, "isv.parameter-invalid", "page或size不合法") from None
    if page < 0 or not 1 <= size <= 100 or page * size > MOST:
        raise Refusal(40004, "isv.parameter-invalid", "page或size不合法")
    return page, size


def window(lines: pd.DataFrame, column: str, start: Any, end: Any) -> pd.DataFrame:
    """Rows whose `column` lies in [start, end] (Unix seconds)."""
    if start:
        lines = lines[lines[column] >= int(start) + ZONE]
    return lines[lines[column] <= int(end) + ZONE] if end else lines


def aftersale_order(wanted: Any) -> tuple[str, bool]:
    """`order_by` of afterSale.List is an array of '<field> asc|desc'."""
    if wanted is None:
        return "applied", False
    field, _, way = str(wanted[0] if isinstance(wanted, list) and wanted else "").partition(" ")
    columns = {"update_time": "changed", "apply_time": "applied"}
    if field not in columns or way not in ("asc", "desc", ""):
        raise Refusal(40004, "isv.parameter-invalid", "order_by不合法")
    return columns[field], way == "asc"


def envelope(data: Any, refusal: Refusal | None, new_only: bool) -> dict[str, Any]:
    """The answer's outside: the new form, and the old one too unless the caller asked for none."""
    code, sub_code, message = (
        (10000, "", "success") if refusal is None else (refusal.code, refusal.sub_code, refusal.message)
    )
    body = {
        "code": code,
        "msg": message,
        "sub_code": sub_code,
        "sub_msg": "" if refusal is None else message,
        "log_id": f"20260101{time.time_ns()}",
        "data": data,
    }
    return body if new_only else {**body, "err_no": 0 if refusal is None else code, "message": message}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform: Platform

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query, method = dict(parse_qsl(parts.query, keep_blank_values=True)), parts.path.strip("/").replace("/", ".")
        fault = self.platform.faults.take(method)
        if fault in ("timeout", "hang_up"):
            time.sleep(self.platform.faults.pause if fault == "timeout" else 0)
            self.close_connection = True
            return
        if fault == "http_500":
            self._send(b"<html>502 Bad Gateway</html>", 502)
            return
        refusal = {
            "limited": Refusal(60000, "isv.traffic-limited", "接口限流"),
            "busy": Refusal(20000, "isp.service-error:1", "服务暂不可用"),
            "expired": Refusal(40003, "isv.access-token-expired", "access_token已过期"),
        }.get(fault or "")
        data: Any = None
        try:
            if fault == "expired":
                self.platform.gate.expire()
            data = None if refusal else self.platform.answer(method, query, body)
        except Refusal as found:
            refusal = found
        text = json.dumps(
            envelope(data, refusal, self.headers.get("x-open-no-old-err-code") == "1"), ensure_ascii=False
        ).encode()
        self._send(text[: len(text) // 2] if fault == "truncated" else text)

    def do_HEAD(self) -> None:
        self._send(b"")

    def _send(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


class Server:
    """The platform on 127.0.0.1, in its own threads; `url` says where. Use it as a context or `start` and `stop` it."""

    def __init__(self, platform: Platform, port: int = 0) -> None:
        self.platform = platform
        handler = type("Handler", (_Handler,), {"platform": platform})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Server:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True, name="doudian-simulator"
        ).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()
