"""Signature of 抖店 calls, version 2 (fact sheet 1.2)."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any


def param_json(params: dict[str, Any]) -> str:
    """Business parameters as the platform signs them: keys sorted at every level, compact, non-ASCII raw."""
    return json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sign(
    app_key: str, app_secret: str, method: str, params: str, timestamp: str, sign_method: str = "hmac-sha256"
) -> str:
    """Lower-case hex of HMAC-SHA256 (or MD5) over the secret-wrapped pattern; `params` is the body's exact text."""
    pattern = f"app_key{app_key}method{method}param_json{params}timestamp{timestamp}v2"
    base = f"{app_secret}{pattern}{app_secret}".encode()
    if sign_method == "md5":
        return hashlib.md5(base, usedforsecurity=False).hexdigest()
    return hmac.new(app_secret.encode(), base, hashlib.sha256).hexdigest()
