"""抖店's gate: signatures over the raw bytes, timestamps in both forms, tokens that live, rotate and die."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

ACCESS_LIFE, REFRESH_LIFE, LAST_HOUR = 7 * 86_400, 14 * 86_400, 3600
_ZONE = timezone(timedelta(hours=8))


class Refusal(Exception):
    """A business error: `code`, `sub_code`, and a sentence."""

    def __init__(self, code: int, sub_code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.sub_code, self.message = code, sub_code, message


def sign(
    app_key: str,
    secret: str,
    method: str,
    param_json: str,
    timestamp: str,
    how: str = "hmac-sha256",
    version: str = "2",
) -> str:
    """Signature v2 over the exact text on the wire."""
    base = (
        f"{secret}app_key{app_key}method{method}param_json{param_json}timestamp{timestamp}v{version}{secret}".encode()
    )
    if how == "md5":
        return hashlib.md5(base).hexdigest()
    return hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def unix_of(timestamp: str) -> int:
    """Unix seconds of either form."""
    if timestamp.isdigit():
        return int(timestamp)
    try:
        return int(datetime.strptime(timestamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_ZONE).timestamp())
    except ValueError:
        raise Refusal(40003, "isv.timestamp-format-error", "timestamp格式错误") from None


@dataclass
class Token:
    """A pair of tokens and when (Unix seconds) each dies."""

    access: str
    refresh: str
    access_dies: float
    refresh_dies: float
    shop: int


@dataclass
class Gate:
    """Who may call. `clock` tells Unix seconds; `skew` is how far a timestamp may be off."""

    app_key: str
    app_secret: str
    clock: Callable[[], float]
    skew: int = 600
    access_life: int = ACCESS_LIFE
    pairs: list[Token] = field(default_factory=list)

    def check(self, query: dict[str, str], method: str, param_json: str) -> None:
        """Public parameters and signature."""
        for name, sub_code in (
            ("app_key", "isv.app-id-missing"),
            ("method", "isv.parameter-missing"),
            ("timestamp", "isv.parameter-missing"),
            ("v", "isv.parameter-missing"),
            ("sign", "isv.signature-missing"),
        ):
            if not query.get(name):
                raise Refusal(40001, sub_code, f"缺少平台参数{name}")
        if query["app_key"] != self.app_key:
            raise Refusal(40003, "isv.app-id-invalid", "app_key不合法")
        how = query.get("sign_method", "hmac-sha256")
        if query["method"] != method or query["v"] != "2" or how not in ("hmac-sha256", "md5"):
            raise Refusal(40003, "isv.parameter-invalid", "平台参数不合法")
        wanted = sign(self.app_key, self.app_secret, method, param_json, query["timestamp"], how)
        if not hmac.compare_digest(wanted.encode(), query["sign"].encode()):
            raise Refusal(40003, "isv.signature-invalid", "签名校验失败")
        if abs(unix_of(query["timestamp"]) - self.clock()) > self.skew:
            raise Refusal(40003, "isv.timestamp-invalid", "timestamp与服务器时间相差过大")

    def shop_of(self, access_token: str | None) -> int:
        """The shop a token opens."""
        if not access_token:
            raise Refusal(40001, "isv.access-token-missing", "缺少access_token")
        pair = next((pair for pair in self.pairs if pair.access == access_token), None)
        if pair is None:
            raise Refusal(40003, "isv.access-token-no-existed", "access_token不存在")
        if pair.access_dies <= self.clock():
            raise Refusal(40003, "isv.access-token-expired", "access_token已过期")
        return pair.shop

    def create(self, shop: int) -> Token:
        """A pair for a shop: the living one, or a new one."""
        living = [pair for pair in self.pairs if pair.shop == shop and pair.access_dies > self.clock() + LAST_HOUR]
        return living[-1] if living else self._issue(shop)

    def refresh(self, refresh_token: str) -> Token:
        """More than an hour left: the same pair. Less: a new one, the old lives on for an hour. Dead: a new one."""
        now = self.clock()
        pair = next((pair for pair in self.pairs if pair.refresh == refresh_token), None)
        if pair is None:
            raise Refusal(50001, "dop.token-generate-failed:token-invalid", "refresh_token不合法")
        if pair.refresh_dies <= now:
            raise Refusal(50001, "dop.token-generate-failed:token-expired", "refresh_token已过期，请重新授权")
        if pair.access_dies > now + LAST_HOUR:
            return pair
        if pair.access_dies > now:
            pair.access_dies = now + LAST_HOUR
        pair.refresh_dies = now
        return self._issue(pair.shop)

    def expire(self) -> None:
        """Let every access token die now."""
        for pair in self.pairs:
            pair.access_dies = self.clock()

    def _issue(self, shop: int) -> Token:
        now = self.clock()
        self.pairs.append(
            Token(secrets.token_hex(18), secrets.token_hex(18), now + self.access_life, now + REFRESH_LIFE, shop)
        )
        return self.pairs[-1]
