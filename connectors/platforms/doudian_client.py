"""Calls to 抖店: signed, with a token that is created, refreshed and kept; both envelopes understood."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config import Settings, now
from connectors.http import Answer, Http, Judgement
from connectors.platforms.doudian_sign import param_json, sign
from connectors.sources import Secret
from errors import FatalError, RetryableError, UserError

REFRESH_BEFORE = 3000  # seconds of life left below which a token is refreshed
_RETRY = {"20000", "20001", "50000", "60000", "90000"}
_TOKEN = ("isv.access-token-expired", "isv.access-token-no-existed", "isv.business-failed:31009")


def judge(answer: dict[str, Any]) -> Judgement:
    """What an answer means, in the new envelope (`code`, 10000 is success) or the old one (`err_no`, 0 is success)."""
    if "code" in answer:
        code, sub = str(answer["code"]), str(answer.get("sub_code") or "")
        detail = str(answer.get("sub_msg") or answer.get("msg") or "")
        if code in ("10000", "10001"):
            return Judgement("ok", code)
    else:
        code, sub, detail = str(answer.get("err_no")), "", str(answer.get("message") or "")
        if code == "0":
            return Judgement("ok", code)
    if sub in _TOKEN:
        return Judgement("token", code, sub)
    if code in _RETRY:
        return Judgement("retry", code, sub or detail)
    return Judgement("refuse", code, f"{sub} {detail}".strip())


@dataclass(frozen=True)
class Account:
    """Who asks, and where."""

    name: str
    app_key: str
    app_secret: Secret
    shop_id: str
    base_url: str
    sign_method: str = "hmac-sha256"
    auth_code: Secret | None = None  # of an app of the 工具型 kind; None: 自用型


class Client:
    """Calls of one account. The token is kept in `COCKPIT_HOME/secrets/<name>.json`, readable by its owner only."""

    def __init__(self, account: Account, http: Http, settings: Settings) -> None:
        self._account, self._http, self._settings = account, http, settings
        self._token: dict[str, Any] | None = self._stored()

    @property
    def epoch(self) -> int:
        """The business clock in Unix seconds."""
        return int(now(self._settings).replace(tzinfo=ZoneInfo(self._settings.timezone)).timestamp())

    def call(self, method: str, params: Mapping[str, Any]) -> Answer:
        """One business call; a token found invalid is renewed once and the call made once more.

        Raises:
            RetryableError, FatalError: as `Http.call`.  UserError: `source_reauthorise`.
        """
        answer = self._send(method, params, self._access_token())
        if answer.judgement.verdict == "token":
            self._renew()
            answer = self._send(method, params, self._access_token())
        if answer.judgement.verdict == "token":
            raise UserError("source_reauthorise", source=self._account.name, detail=answer.judgement.detail)
        return answer

    def _send(self, method: str, params: Mapping[str, Any], token: str | None) -> Answer:
        account = self._account
        body = param_json(dict(params))

        def build() -> tuple[Mapping[str, str], bytes, Mapping[str, str]]:
            stamp = str(self.epoch)
            query = {
                "app_key": account.app_key,
                "method": method,
                "timestamp": stamp,
                "v": "2",
                "sign_method": account.sign_method,
                "sign": sign(account.app_key, account.app_secret.reveal(), method, body, stamp, account.sign_method),
            }
            if token is not None:
                query["access_token"] = token
            return query, body.encode(), {"Content-Type": "application/json;charset=utf-8", "from": "sdk"}

        url = f"{account.base_url.rstrip('/')}/{method.replace('.', '/')}"
        return self._http.call(account.name, method, url, build=build, judge=judge)

    # Tokens -----------------------------------------------------------------------------------------------------------

    @property
    def _file(self) -> Path:
        return self._settings.home / "secrets" / f"{self._account.name}.json"

    def _stored(self) -> dict[str, Any] | None:
        try:
            token = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        whole = isinstance(token, dict) and {"access_token", "refresh_token", "expires_at"} <= set(token)
        return token if whole and token.get("app_key") == self._account.app_key else None

    def _access_token(self) -> str:
        if self._token is None:
            self._create()
        elif int(self._token["expires_at"]) - self.epoch < REFRESH_BEFORE:
            self._renew()
        assert self._token is not None
        return str(self._token["access_token"])

    def _create(self) -> None:
        account = self._account
        if account.auth_code is None:
            params = {"code": "", "grant_type": "authorization_self", "shop_id": account.shop_id}
        else:
            params = {"code": account.auth_code.reveal(), "grant_type": "authorization_code"}
        self._keep(self._token_call("token.create", params))

    def _renew(self) -> None:
        """Refresh; an app of the merchant's own may simply ask for a new token when the old one cannot be refreshed."""
        assert self._token is not None
        params = {"grant_type": "refresh_token", "refresh_token": str(self._token["refresh_token"])}
        try:
            self._keep(self._token_call("token.refresh", params))
        except UserError:
            if self._account.auth_code is not None:
                raise
            self._create()

    def _token_call(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer = self._send(method, params, None)
        except FatalError as error:
            raise UserError("source_reauthorise", source=self._account.name, detail=error.fields["detail"]) from None
        data = answer.json.get("data")
        if not isinstance(data, dict) or not data.get("access_token"):
            raise RetryableError("source_answer", source=self._account.name, method=method, detail="no access_token")
        return data

    def _keep(self, data: dict[str, Any]) -> None:
        self._token = {
            "app_key": self._account.app_key,
            "access_token": str(data["access_token"]),
            "refresh_token": str(data.get("refresh_token") or ""),
            "expires_at": self.epoch + int(data.get("expires_in") or 0),
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(self._token, stream)
        draft.replace(self._file)
