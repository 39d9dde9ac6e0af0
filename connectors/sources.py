"""Platform sources as config.toml names them, checked at start; secrets come from elsewhere and never print.

[source.dianpu]
type = "doudian"
app_key = "7000000000000000001"
app_secret_env = "DOUDIAN_SECRET"     # or app_secret_file = "secrets/dianpu", or app_secret_keyring = "cockpit/dianpu"
shop_id = "4463798"
shop = "云杉官方旗舰店"
base_url = "https://openapi-fxg.jinritemai.com"
"""

from __future__ import annotations

import importlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from config import Settings, source_sections
from connectors.http import Http
from errors import UserError
from warehouse.batch import Batch


@dataclass(frozen=True)
class Secret:
    """A text that does not print itself."""

    reveal: Callable[[], str]

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


class Source(Protocol):
    """A configured source. `cursors` maps kinds to where their last pull ended."""

    @property
    def name(self) -> str: ...

    @property
    def platform(self) -> str: ...

    @property
    def shop(self) -> str: ...

    def pull(self, http: Http, *, since: datetime | None, cursors: Mapping[str, str]) -> Iterator[Batch]: ...


class Section:
    """One `[source.NAME]` table, read field by field with errors that name the field."""

    def __init__(self, name: str, raw: Mapping[str, object], settings: Settings) -> None:
        self.name, self.settings = name, settings
        self._raw = dict(raw)
        self._known: set[str] = {"type"}

    def error(self, field: str, detail: object) -> UserError:
        return UserError("source_invalid", source=self.name, field=field, detail=detail)

    def text(self, field: str, default: str | None = None) -> str:
        self._known.add(field)
        value = self._raw.get(field, default)
        if value is None or (isinstance(value, str) and not value.strip() and default is None):
            raise self.error(field, "missing")
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.error(field, f"{value!r} is not text")
        return str(value).strip()

    def number(self, field: str, default: int, lowest: int, highest: int) -> int:
        self._known.add(field)
        value = self._raw.get(field, default)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise self.error(field, f"{value!r} is not a whole number from {lowest} to {highest}")
        return value

    def choice(self, field: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(field, default)
        if value not in allowed:
            raise self.error(field, f"{value!r} is none of {', '.join(allowed)}")
        return value

    def secret(self, field: str) -> Secret:
        """A secret by `<field>_env`, `<field>_file` or `<field>_keyring`; never the secret itself in config.toml."""
        ways = [way for way in ("env", "file", "keyring") if f"{field}_{way}" in self._raw]
        self._known |= {f"{field}_{way}" for way in ways}
        if field in self._raw:
            raise self.error(field, f"a secret does not belong in config.toml: use {field}_env or {field}_file")
        if len(ways) != 1:
            raise self.error(f"{field}_env", "missing" if not ways else "named in two ways")
        place = self.text(f"{field}_{ways[0]}")
        return Secret(lambda: self._reveal(f"{field}_{ways[0]}", ways[0], place))

    def _reveal(self, field: str, way: str, place: str) -> str:
        if way == "env":
            value = os.environ.get(place, "")
        elif way == "file":
            value = self._secret_file(field, place)
        else:
            value = self._keyring(field, place)
        if not value.strip():
            raise self.error(field, f"{place} holds nothing")
        return value.strip()

    def _secret_file(self, field: str, place: str) -> str:
        path = Path(place) if Path(place).is_absolute() else self.settings.home / place
        try:
            mode = path.stat().st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise self.error(field, f"others can read {path}: chmod 600 it")
            return path.read_text("utf-8-sig")
        except OSError as error:
            raise self.error(field, error) from None

    def _keyring(self, field: str, place: str) -> str:
        service, _, user = place.partition("/")
        try:
            keyring: Any = importlib.import_module("keyring")
        except ModuleNotFoundError:
            raise self.error(field, "the package keyring is not installed; use a file or the environment") from None
        return keyring.get_password(service, user or self.name) or ""

    def done(self) -> None:
        """Every field must have been asked for: a misspelt one is an error, not silence."""
        if unknown := sorted(set(self._raw) - self._known):
            raise self.error(", ".join(unknown), "unknown field")


def sources(settings: Settings) -> list[Source]:
    """The configured sources, checked.

    Raises:
        UserError: `source_invalid` naming the section, the field and what is wrong.
    """
    return [_source(name, raw, settings) for name, raw in source_sections(settings).items()]


def _source(name: str, raw: Mapping[str, object], settings: Settings) -> Source:
    section = Section(name, raw, settings)
    kind = raw.get("type")
    folder = Path(__file__).parent / "platforms"
    known = sorted(path.stem for path in folder.glob("[a-z]*.py") if "_" not in path.stem)
    if kind not in known:
        raise section.error("type", f"{kind!r} is none of {', '.join(known)}")
    source: Source = importlib.import_module(f"connectors.platforms.{kind}").configure(section)
    section.done()
    return source
