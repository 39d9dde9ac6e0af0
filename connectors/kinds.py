"""What a kind of export is, as a declaration; and the kinds there are, found in `connectors/exports/`.

A new kind is one file there with one `KIND = ExportKind(...)`; docs/connectors.md shows how.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import connectors.exports
from connectors.reading.headers import normal
from warehouse.batch import Check, Field, FieldType, Into, RowSpec

TOTALS = ("总计", "合计", "汇总", "总计:", "合计:", "汇总:", "全部汇总", "小计", "total", "sum", "grandtotal")


@dataclass(frozen=True)
class Column:
    """One field of a kind: its canonical name, its type, and the headers it goes by (the first is the usual one)."""

    field: str
    type: FieldType
    headers: tuple[str, ...]
    required: bool = False  # a row without a value goes to quarantine

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The headers in normal form."""
        return tuple(dict.fromkeys(normal(header) for header in self.headers))


@dataclass(frozen=True)
class ExportKind:
    """A kind of export file.

    `key`      fields whose columns a file must have to be of this kind; `"a|b"`: one of them is enough.
    `without`  for a file that has no column for a field: fact → expressions that replace those of `into`.
    `shape`    for files without a header: field and pattern of each column, in order.
    """

    id: str
    zh: str
    en: str
    platform: str | None  # None: the sheet names it, or it holds for every platform
    description_zh: str
    description_en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    into: tuple[Into, ...]
    checks: tuple[Check, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    event_time: str | None = None
    stray_days: bool = False
    without: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    shape: tuple[tuple[str, str], ...] = ()
    totals: tuple[str, ...] = ()  # first-cell texts of total rows and footers, beside `#…`
    totals_lack: tuple[str, ...] = ()  # a row without any of these fields is a summary or a footer, wherever it stands
    continues: bool = False  # in a workbook, sheets without a header go on with the columns of the sheet before
    epoch_in_name: bool = False  # the file name starts with the second of the export
    copies: Mapping[str, str] = field(default_factory=dict)  # field → field whose text it repeats, read as another type
    above: Mapping[str, str] = field(
        default_factory=dict
    )  # field → pattern of its text above the header, or in the name
    levels: tuple[str, ...] = ()  # fields of a path whose subtotals (汇总) are passed over where they are broken down

    @cached_property
    def by_header(self) -> dict[str, str]:
        """Normal header → field."""
        return {name: column.field for column in reversed(self.columns) for name in reversed(column.names)}

    @property
    def personal(self) -> tuple[str, ...]:
        """Fields that hold personal data: hashed, never kept as text."""
        return tuple(column.field for column in self.columns if column.type == "person")

    def place(self, headers: Iterable[str]) -> tuple[str | None, ...]:
        """The field of each column, by normal header. Of several headers of one field the usual one wins."""
        cells = tuple(headers)
        taken: dict[int, str] = {}
        for column in self.columns:
            hit = next(
                (cells.index(name) for name in column.names if name in cells and cells.index(name) not in taken),
                None,
            )
            if hit is not None:
                taken[hit] = column.field
        return tuple(taken.get(index) for index in range(len(cells)))

    def missing(self, present: Iterable[str | None]) -> tuple[str, ...]:
        """The key fields that a file with these fields lacks."""
        have = {*present, *self.above}
        return tuple(need for need in self.key if not have & set(need.split("|")))

    def usual_header(self, name: str) -> str:
        """What a field is usually called in this kind of file."""
        return next((column.headers[0] for column in self.columns if column.field == name), name)

    def spec(self, present: Iterable[str | None]) -> RowSpec:
        """The meaning of the rows of a file that has these fields (`without` says what others have instead)."""
        have = set(present)
        instead = [by_fact for name, by_fact in self.without.items() if name not in have]
        into = tuple(self._instead(target, instead) for target in self.into)
        return RowSpec(
            kind=self.id,
            fields=tuple(Field(column.field, column.type, column.required) for column in self.columns),
            into=into,
            checks=self.checks,
            statuses=self.statuses,
            event_time=self.event_time,
            stray_days=self.stray_days,
        )

    @staticmethod
    def _instead(target: Into, instead: list[Mapping[str, Mapping[str, str]]]) -> Into:
        columns = dict(target.columns)
        for by_fact in instead:
            columns |= by_fact.get(target.fact, {})
        return replace(target, columns=columns)


def same(*names: str) -> dict[str, str]:
    """Fact columns that are filled by the field of the same name."""
    return {name: name for name in names}


@cache
def _found() -> tuple[dict[str, ExportKind], tuple[tuple[str, str], ...]]:
    kinds: dict[str, ExportKind] = {}
    broken = []
    for module in sorted(pkgutil.iter_modules(connectors.exports.__path__), key=lambda entry: entry.name):
        if module.name.startswith("_"):
            continue
        try:
            declared = importlib.import_module(f"connectors.exports.{module.name}").KIND
            if not isinstance(declared, ExportKind):
                raise TypeError("KIND is not an ExportKind")
            kinds[declared.id] = declared
        except Exception as error:  # whatever a plug-in does wrong must not stop the others
            broken.append((module.name, f"{type(error).__name__}: {error}"))
    return kinds, tuple(broken)


def kinds() -> list[ExportKind]:
    """Every kind of export that can be loaded."""
    return list(_found()[0].values())


def kind_named(name: str) -> ExportKind | None:
    """The kind with this id."""
    return _found()[0].get(name)


def broken_kinds() -> tuple[tuple[str, str], ...]:
    """(file, reason) of each declaration that could not be read, for the system line."""
    return _found()[1]
