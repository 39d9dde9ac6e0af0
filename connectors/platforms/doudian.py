"""抖店: orders and after-sales by API, in windows of their time of change, with an overlap (fact sheet 1.6, 1.10)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pyarrow as pa

from config import Settings, now
from connectors.http import Http
from connectors.platforms.doudian_client import Account, Client
from connectors.platforms.doudian_rows import AFTERSALES, ORDERS, aftersale_table, order_table
from connectors.sources import Section
from errors import RetryableError
from warehouse.batch import Batch, RowSpec, TableRows

PRODUCTION = "https://openapi-fxg.jinritemai.com"
DEEPEST = 50_000  # page × size that the platform answers
OVERLAP = 60  # seconds asked for again, for changes told late
WINDOW = 86_400  # longest window asked for at once
HISTORY = 89  # days back that the platform still knows
BATCH_ITEMS = 5_000  # orders after which a batch is closed


@dataclass(frozen=True)
class Feed:
    """One list of the platform: how it is asked, where its items and total are, and what its rows mean."""

    spec: RowSpec
    method: str
    items: str
    key: Callable[[Mapping[str, Any]], object]
    query: Callable[[int, int], dict[str, Any]]
    table: Callable[[list[Mapping[str, Any]]], pa.Table]


FEEDS = (
    Feed(
        ORDERS,
        "order.searchList",
        "shop_order_list",
        lambda item: item.get("order_id"),
        lambda start, end: {
            "update_time_start": start, "update_time_end": end, "order_by": "update_time", "order_asc": True},
        order_table,
    ),
    Feed(
        AFTERSALES,
        "afterSale.List",
        "items",
        lambda item: (item.get("aftersale_info") or {}).get("aftersale_id"),
        lambda start, end: {
            "update_start_time": start, "update_end_time": end, "order_by": ["update_time asc"]},
        aftersale_table,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class DoudianSource:
    """A configured 抖店 shop."""

    name: str
    shop: str
    account: Account
    settings: Settings
    size: int = 100
    history: int = HISTORY
    platform: str = "douyin"
    type: str = "doudian"

    def pull(
        self, http: Http, *, since: datetime | None = None, cursors: Mapping[str, str] | None = None
    ) -> Iterator[Batch]:
        """What changed since the cursors (kind → Unix seconds), or since `since`, up to now.

        Raises:
            RetryableError: `source_busy`, `source_answer`.  FatalError: `source_refused`.
            UserError: `source_reauthorise`, `source_invalid`.
        """
        client = Client(self.account, http, self.settings)
        for feed in FEEDS:
            yield from self._feed(client, feed, self._start(feed, since, cursors or {}))

    def _start(self, feed: Feed, since: datetime | None, cursors: Mapping[str, str]) -> int:
        oldest = now(self.settings) - timedelta(days=self.history)
        if since is not None:
            return _epoch(max(since, oldest), self.settings)
        cursor = cursors.get(feed.spec.kind)
        if cursor is not None:
            return max(int(cursor) - OVERLAP, _epoch(oldest, self.settings))
        return _epoch(oldest, self.settings)

    def _feed(self, client: Client, feed: Feed, start: int) -> Iterator[Batch]:
        """Batches of one feed. The last one may be empty: it says up to when everything is known."""
        end = client.epoch
        items: dict[object, Mapping[str, Any]] = {}
        bodies: list[bytes] = []
        first = start
        while start < end:
            stop = min(start + WINDOW, end)
            start = self._window(client, feed, start, stop, items, bodies)
            if len(items) >= BATCH_ITEMS and start < end:
                yield self._batch(feed, items, bodies, first, start)
                items, bodies, first = {}, [], start
        yield self._batch(feed, items, bodies, first, end)

    def _window(
        self,
        client: Client,
        feed: Feed,
        start: int,
        stop: int,
        items: dict[object, Mapping[str, Any]],
        bodies: list[bytes],
    ) -> int:
        """Read one window and give its end; it is halved while it holds more than the platform pages through.

        An item that changes while we page leaves the window and shifts the rest by one, so that one would be skipped:
        a window whose total moved is read again, and what comes twice is kept once.
        """
        for _ in range(5):
            total = last = None
            page = 0
            while True:
                answer = client.call(feed.method, {**feed.query(start, stop), "page": page, "size": self.size})
                data = self._data(feed, answer.json)
                found, last = data[feed.items], int(data.get("total") or 0)
                total = last if total is None else total
                if total > DEEPEST and stop - start > 1:
                    return self._window(client, feed, start, start + (stop - start) // 2, items, bodies)
                if found:
                    bodies.append(answer.body)
                for item in found:
                    items.pop(feed.key(item), None)
                    items[feed.key(item)] = item
                page += 1
                if not found or page * self.size >= last:
                    break
            if last == total:
                return stop
        return stop

    def _data(self, feed: Feed, answer: Mapping[str, Any]) -> dict[str, Any]:
        data = answer.get("data")
        if not isinstance(data, dict):
            raise RetryableError("source_answer", source=self.name, method=feed.method, detail="no data")
        found = data.get(feed.items)
        if found is not None and not (isinstance(found, list) and all(isinstance(item, dict) for item in found)):
            raise RetryableError("source_answer", source=self.name, method=feed.method, detail=feed.items)
        return {**data, feed.items: found or []}

    def _batch(
        self, feed: Feed, items: Mapping[object, Mapping[str, Any]], bodies: list[bytes], first: int, end: int
    ) -> Batch:
        observed = now(self.settings)
        through = datetime.fromtimestamp(end, ZoneInfo(self.settings.timezone)).replace(tzinfo=None)
        return Batch(
            source="doudian_api",
            spec=feed.spec,
            platform=self.platform,
            shop=self.shop,
            original=b"[" + b",".join(bodies) + b"]",
            file_name=f"{self.name}-{feed.method}-{first}-{end}.json",
            rows=TableRows(feed.table(list(items.values()))),
            observed_at=observed,
            options={
                "source": "doudian_api",
                "kind": feed.spec.kind,
                "platform": self.platform,
                "shop": self.shop,
                "observed_at": observed.isoformat(),
                "cursor": str(end),
                "complete_through": through.isoformat(),
            },
            cursor_after=str(end),
            complete_through=through,
        )


def _epoch(moment: datetime, settings: Settings) -> int:
    return int(moment.replace(tzinfo=ZoneInfo(settings.timezone)).timestamp())


def replay(original: bytes, file_name: str, options: Mapping[str, object]) -> Iterator[Batch]:
    """The batch that these archived answers gave."""
    feed = next(feed for feed in FEEDS if feed.spec.kind == options["kind"])
    items: dict[object, Mapping[str, Any]] = {}
    for answer in json.loads(original, parse_float=str):
        for item in (answer.get("data") or {}).get(feed.items) or []:
            items.pop(feed.key(item), None)
            items[feed.key(item)] = item
    yield Batch(
        source="doudian_api",
        spec=feed.spec,
        platform=str(options["platform"]),
        shop=str(options["shop"]),
        original=original,
        file_name=file_name,
        rows=TableRows(feed.table(list(items.values()))),
        observed_at=datetime.fromisoformat(str(options["observed_at"])),
        options=dict(options),
        cursor_after=str(options["cursor"]),
        complete_through=datetime.fromisoformat(str(options["complete_through"])),
    )


def configure(section: Section) -> DoudianSource:
    """The source that a `[source.NAME]` table with `type = "doudian"` describes.

    Raises:
        UserError: `source_invalid`.
    """
    app_key, shop_id = section.text("app_key"), section.text("shop_id")
    for field, value in (("app_key", app_key), ("shop_id", shop_id)):
        if not value.isdigit():
            raise section.error(field, f"{value!r} is not a number")
    base_url = section.text("base_url", PRODUCTION)
    parts = urlsplit(base_url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise section.error("base_url", f"{base_url!r} is no https address")
    authorised = section.choice("authorised", "self", ("self", "code"))
    account = Account(
        section.name,
        app_key,
        section.secret("app_secret"),
        shop_id,
        base_url,
        section.choice("sign_method", "hmac-sha256", ("hmac-sha256", "md5")),
        section.secret("auth_code") if authorised == "code" else None,
    )
    return DoudianSource(
        section.name,
        section.text("shop", section.settings.default_shop),
        account,
        section.settings,
        section.number("page_size", 100, 1, 100),
        section.number("history_days", HISTORY, 1, HISTORY),
    )
