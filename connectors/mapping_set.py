"""Mappings of whole sets of tables: sources, joins by key, and the facts that their rows fill (docs/mappings.md).

This is the long form of a mapping file; `connectors/mapping.py` has the short one, for one file of a known kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.expressions import ALLOWED_TEXT, TYPES, ExpressionError, columns_in, value_maps_in
from errors import UserError
from warehouse.model import FACTS
from warehouse.schema import fact_columns

HOW = ("first", "sum", "min", "max", "list")
_TOP = ("name", "platform", "shop", "source", "values", "load", "about")
_SOURCE = ("file", "sheet", "columns")
_LOAD = ("from", "join", "where", "types", "into", "time", "status")
_JOIN = ("source", "as", "on", "count", *HOW)
_INTO = ("fact", "columns", "when", "order_totals", "weight", "keep")


@dataclass(frozen=True)
class SourceTable:
    """A table of the set: which file (pattern of its name), which sheet; `columns` name those of a file without any."""

    name: str
    file: str
    sheet: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Join:
    """Another table beside the rows: found by `on` (our column → theirs), never more than one row for each of ours.

    `how` says what becomes of a column where their table has several rows for a key.
    """

    source: str
    alias: str
    on: Mapping[str, str]
    how: Mapping[str, str] = field(default_factory=dict)
    count: bool = False


@dataclass(frozen=True)
class Target:
    """One fact that the rows fill: its columns as expressions, and which rows."""

    fact: str
    columns: Mapping[str, str]
    when: str | None = None
    order_totals: tuple[str, ...] = ()
    weight: str | None = None
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Load:
    """The rows of one table, what is joined to them, and the facts they fill."""

    base: str
    joins: tuple[Join, ...]
    targets: tuple[Target, ...]
    where: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    time: str | None = None
    status: str | None = None  # value map of fields of type status

    def expressions(self) -> list[str]:
        """Every expression of it."""
        found = [text for target in self.targets for text in (*target.columns.values(), target.when, target.weight)]
        return [text for text in (*found, self.where, self.time) if text]


@dataclass(frozen=True)
class SetMapping:
    """A checked mapping of a set of tables; `raw` is what it was made of."""

    name: str
    sources: Mapping[str, SourceTable]
    loads: tuple[Load, ...]
    values: Mapping[str, Mapping[str, str]]
    platform: str | None
    shop: str | None
    raw: Mapping[str, Any]

    def kind(self, index: int) -> str:
        """The kind under which the rows of a load stand in the warehouse."""
        return f"mapping.{self.name}.{self.loads[index].base}" + (f".{index + 1}" if self._repeats(index) else "")

    def _repeats(self, index: int) -> bool:
        return any(load.base == self.loads[index].base for load in self.loads[:index])


@dataclass
class _Reader:
    """Takes a mapping apart; complains with the line that a wrong word stands in."""

    file: str
    lines: Sequence[str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def wrong(self, where: str, what: object, allowed: object) -> UserError:
        """The complaint about `what` (as it stands in the file)."""
        return UserError(
            "mapping_wrong", file=self.file, line=self._line(where, what), field=where, what=what, allowed=allowed
        )

    def _line(self, where: str, what: object) -> str:
        word, key = str(what), re.split(r"[.\[\]]", where.rstrip("]"))[-1]
        for wanted in (lambda line: key in line and word in line, lambda line: word in line, lambda line: key in line):
            for number, line in enumerate(self.lines, 1):
                if word and wanted(line) and not line.lstrip().startswith("#"):
                    return str(number)
        return "?"

    def table(self, raw: object, where: str, known: Sequence[str], needed: Sequence[str] = ()) -> Mapping[str, Any]:
        """A table whose keys are all known and that has the needed ones."""
        if not isinstance(raw, Mapping):
            raise self.wrong(where, raw, "a table")
        for key in raw:
            if key not in known:
                raise self.wrong(where, key, ", ".join(known))
        for key in needed:
            if not raw.get(key):
                raise self.wrong(where, key, f"{key} = …")
        return raw

    def tables(self, raw: object, where: str) -> list[Any]:
        """A list of tables; one alone may stand without brackets."""
        found = raw if isinstance(raw, list) else [] if raw is None else [raw]
        for one in found:
            if not isinstance(one, Mapping):
                raise self.wrong(where, one, f"[[{where}]]")
        return found

    def texts(self, raw: object, where: str) -> tuple[str, ...]:
        """A list of texts; one alone may stand without brackets."""
        found = raw if isinstance(raw, list) else [] if raw is None else [raw]
        if not all(isinstance(one, str) for one in found):
            raise self.wrong(where, raw, '["…", "…"]')
        return tuple(found)

    def expression(self, raw: object, where: str) -> str:
        """An expression that can be parsed; a number or truth value stands for itself."""
        if isinstance(raw, bool | int | float):
            return str(raw).lower()
        if not isinstance(raw, str) or not raw.strip():
            raise self.wrong(where, raw, "an expression")
        try:
            columns_in(raw)
        except ExpressionError as error:
            raise UserError(
                "mapping_expression", file=self.file, line=self._line(where, raw), field=where, text=raw, detail=error,
                allowed=ALLOWED_TEXT,
            ) from None  # fmt: skip
        for table in value_maps_in(raw):
            if table not in self.values:
                raise self.wrong(where, table, ", ".join(f"[values.{name}]" for name in self.values) or "[values.…]")
        return raw

    def optional(self, raw: Mapping[str, Any], key: str, where: str) -> str | None:
        """The expression under a key that may be missing."""
        return self.expression(raw[key], f"{where}.{key}") if key in raw else None


def read_set(raw: Mapping[str, Any], file: str = "", text: str = "") -> SetMapping:
    """Check a mapping and take it over; `text` is the file's, so that complaints can name the line.

    Raises:
        UserError: `mapping_wrong`, `mapping_expression` with file, line, where, what stands there and what is allowed.
    """
    reader = _Reader(file, text.splitlines())
    top = reader.table(raw, "mapping", _TOP, ("source", "load"))
    name = re.sub(r"[^\w-]+", "_", str(raw.get("name") or file.rsplit(".", 1)[0] or "set"))
    listed = reader.table(top["source"], "source", tuple(top["source"]) if isinstance(top["source"], Mapping) else ())
    sources = {key: _source(reader, key, value) for key, value in listed.items()}
    told = reader.table(raw.get("values") or {}, "values", tuple(raw.get("values") or ()))
    values = {key: _value_map(reader, key, table) for key, table in told.items()}
    reader.values = values
    loads = tuple(_load(reader, one, sources) for one in reader.tables(raw["load"], "load"))
    platform, shop = (str(raw[key]) if raw.get(key) else None for key in ("platform", "shop"))
    return SetMapping(name, sources, loads, values, platform, shop, raw)


def _source(reader: _Reader, name: str, raw: object) -> SourceTable:
    where = f"source.{name}"
    table = reader.table(raw, where, _SOURCE, ("file",))
    sheet = table.get("sheet")
    return SourceTable(
        name, str(table["file"]), str(sheet) if sheet else None, reader.texts(table.get("columns"), where)
    )


def _value_map(reader: _Reader, name: str, raw: object) -> dict[str, str]:
    table = reader.table(raw, f"values.{name}", tuple(raw) if isinstance(raw, Mapping) else ())
    return {str(text): "" if code is None else str(code) for text, code in table.items()}


def _load(reader: _Reader, raw: Mapping[str, Any], sources: Mapping[str, SourceTable]) -> Load:
    table = reader.table(raw, "load", _LOAD, ("from", "into"))
    if table["from"] not in sources:
        raise reader.wrong("load.from", table["from"], ", ".join(sources))
    types = dict(table.get("types") or {})
    for column, kind in types.items():
        if kind not in TYPES:
            raise reader.wrong(f"load.types.{column}", kind, ", ".join(TYPES))
    if table.get("status") and table["status"] not in reader.values:
        raise reader.wrong("load.status", table["status"], ", ".join(reader.values) or "[values.…]")
    joins = tuple(_join(reader, one, sources) for one in reader.tables(table.get("join"), "load.join"))
    aliases = [join.alias for join in joins]
    for alias in aliases:
        if aliases.count(alias) > 1:
            raise reader.wrong("load.join.as", alias, f'as = "{alias}2"')
    return Load(
        str(table["from"]),
        joins,
        tuple(_target(reader, one) for one in reader.tables(table["into"], "load.into")),
        reader.optional(table, "where", "load"),
        types,
        reader.optional(table, "time", "load"),
        table.get("status"),
    )


def _join(reader: _Reader, raw: Mapping[str, Any], sources: Mapping[str, SourceTable]) -> Join:
    table = reader.table(raw, "load.join", _JOIN, ("source", "on"))
    if table["source"] not in sources:
        raise reader.wrong("load.join.source", table["source"], ", ".join(sources))
    on = table["on"]
    quoted = {
        '"' + one.replace('"', '""') + '"': one for one in reader.texts([] if isinstance(on, Mapping) else on, "on")
    }
    keys = dict(on) if isinstance(on, Mapping) else quoted
    for ours in keys:
        reader.expression(ours, "load.join.on")
    how = {column: word for word in HOW for column in reader.texts(table.get(word), f"load.join.{word}")}
    return Join(str(table["source"]), str(table.get("as") or table["source"]), keys, how, bool(table.get("count")))


def _target(reader: _Reader, raw: Mapping[str, Any]) -> Target:
    table = reader.table(raw, "load.into", _INTO, ("fact", "columns"))
    fact = table["fact"]
    if fact not in FACTS:
        raise reader.wrong("load.into.fact", fact, ", ".join(FACTS))
    known = [*fact_columns()[fact], *(["version"] if FACTS[fact].key else [])]
    reader.table(table["columns"], f"load.into.columns[{fact}]", known)
    columns = {key: reader.expression(value, f"{fact}.{key}") for key, value in table["columns"].items()}
    for column, (_, nullable) in fact_columns()[fact].items():
        if not nullable and column not in columns and column not in ("platform", "shop", "is_test", *_DEFAULTED):
            raise reader.wrong(f"load.into[{fact}]", column, f"{column} = …")
    lists = {key: reader.texts(table.get(key), f"load.into.{key}") for key in ("order_totals", "keep")}
    for key, names in lists.items():
        for one in names:
            if one not in columns:
                raise reader.wrong(f"load.into.{key}", one, ", ".join(columns))
    when, weight = reader.optional(table, "when", "load.into"), reader.optional(table, "weight", "load.into")
    return Target(fact, columns, when, lists["order_totals"], weight, lists["keep"])


_DEFAULTED = ("time_estimated", "estimated")
