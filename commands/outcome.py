"""What a command gives back, wherever it ran: in this process or in the server that owns the warehouse."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from config import Settings
from i18n import text

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and a short label; may be called from any thread."""

Args = dict[str, Any]
"""A command's arguments as plain JSON values, so that they can travel to the server."""

OK, FAILED, USAGE, QUARANTINED = 0, 1, 2, 3


@dataclass(frozen=True)
class Outcome:
    """Text for standard output, sentences for standard error, and the exit code of CONTRACT.md."""

    out: str = ""
    err: str = ""
    exit_code: int = OK


def silent(share: float, label: str) -> None:
    """Progress that nobody watches."""


class Home(Protocol):
    """What a command works on: the server's `Context`, or `OpenHome` when there is no server."""

    settings: Settings
    warehouse: Any
    ledger: Any


@dataclass
class OpenHome:
    """Warehouse and ledger, opened by this process for one command."""

    settings: Settings
    warehouse: Any
    ledger: Any


@dataclass(frozen=True)
class Call:
    """One command to be carried out: what was asked, in which language, and on what."""

    settings: Settings
    args: Args = field(default_factory=dict)
    lang: str = "zh"
    progress: Progress = silent
    opened: Home | None = None

    @property
    def context(self) -> Home:
        """Warehouse and ledger; only commands that need the home have them."""
        if self.opened is None:
            raise RuntimeError("this command was registered as needing no data")
        return self.opened

    def text(self, key: str, **fields: object) -> str:
        """A text of `commands.toml` in the caller's language."""
        return text(f"commands.{key}", self.lang, **fields)


def as_json(value: object) -> str:
    """JSON as every command prints it: readable Chinese, no NaN (undefined numbers are null already)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)


def as_table(headers: list[str], rows: list[list[str]]) -> str:
    """A plain text table; Chinese characters count two columns wide, as terminals draw them."""
    if not rows:
        return "  ".join(headers)
    widths = [max(_width(row[i]) for row in [headers, *rows]) for i in range(len(headers))]
    lines = [headers, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
