"""Texts in Chinese and English: `text(key, lang, **fields)` reads them from `i18n/<lang>/*.toml`.

One file a room, so that each room owns its words; keys are dotted (`errors.unknown_kind`).
A missing key is returned as it stands: a page shows a raw key rather than failing, and a test
(`tests/test_i18n.py`) holds both languages to the same set of keys and fields.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")


def _flatten(prefix: str, table: dict[str, Any], into: dict[str, str]) -> None:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            _flatten(f"{key}.", value, into)
        else:
            into[key] = str(value)


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Every text of one language, dotted key to text."""
    texts: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / lang).glob("*.toml")):
        _flatten("", tomllib.loads(path.read_text("utf-8")), texts)
    return texts


def text(key: str, lang: str = "zh", **fields: object) -> str:
    """The text of `key` in `lang` with `{field}` filled in; the key itself when there is none."""
    template = catalogue(lang).get(key)
    if template is None:
        detail = ", ".join(f"{name}={value}" for name, value in fields.items())
        return f"{key} ({detail})" if detail else key
    return template.format(**fields) if fields else template
