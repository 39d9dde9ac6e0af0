"""What connectors hand over: a batch of rows still as text, and the declaration that says what they mean.

The declaration (`RowSpec`) is data: which fields the rows have, of which type, which rows are unusable and which facts
the usable ones fill. The warehouse turns it into one set-based statement; it never branches on a platform's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa

FieldType = Literal[
    "id",
    "text",
    "int",
    "number",
    "money",
    "fen",
    "rate",
    "percent",
    "time",
    "epoch",
    "date",
    "bool",
    "person",
    "province",
    "status",
]
"""How the text of a field becomes a value.

id       text; tab, blank, ', ` and ="…" stripped, '.0' dropped; scientific notation is a fault (digits are lost)
text     trimmed text; null tokens become null
int      whole number, thousands separators and 万/亿 allowed
number   DOUBLE, the same
money    DECIMAL(18,2) yuan, ¥ and separators allowed;    fen   integer fen → yuan
rate     fraction; '12.3%' → 0.123 (a bare number under a '(%)' header is marked by the connector as 'percent')
time     business wall clock, all date forms of the fact sheet 7.8;   epoch   Unix seconds → wall clock, 0 → null
date     DATE
bool     是/否, true/false, 1/0
person   personal data: keyed 64-bit hash; the plain text never reaches a fact
province standard short name (江苏, 内蒙古, 广西)
status   mapped by `RowSpec.statuses`, unknown texts kept as null with a note
"""


@dataclass(frozen=True)
class Field:
    """One field of the rows, under its canonical name."""

    name: str
    type: FieldType
    required: bool = False  # a row without it goes to quarantine (`missing`)


@dataclass(frozen=True)
class Check:
    """A row is unusable when `bad` (SQL over typed fields) is true; `reason` is a code of the message catalogue."""

    bad: str
    reason: str
    field: str | None = None


@dataclass(frozen=True)
class Into:
    """One fact that the rows fill.

    `columns` maps fact columns to SQL expressions over the typed fields (and over platform, shop, observed_at);
    a fact column that is not named is left alone on rows that exist already, and null on new ones.
    `platform` and `shop` may be named too (a sheet that covers several shops); then they replace the batch's.
    Fields of the spec that the rows lack are null in every expression; a column over lacking fields only is as if not
    named. `batch_platform` and `batch_shop` are the batch's own where fields of that name hide them. `at` is a reserved
    word of DuckDB 2: write `"at"`. `is_head` is the warehouse's own work.
    """

    fact: str
    columns: Mapping[str, str]
    where: str = "true"
    order_totals: tuple[str, ...] = ()  # fact columns named above whose amounts repeat on every line of an order
    keep: tuple[str, ...] = ()  # fact columns where null says nothing: it neither differs nor wipes, and an
    #                                      older state fills what a newer one left null
    weight: str | None = None  # SQL: what they are shared out by (list amount of the line)
    pieces: str | None = None  # SQL: pieces of a line that tells no `weight`; with the usual price of its product
    #                            (`warehouse/prices.py`) they are what is shared out by
    whole: bool = False  # a row stands for a whole order and gives way to its lines (`warehouse/wholes.py`)


@dataclass(frozen=True)
class RowSpec:
    """What the rows of one kind mean."""

    kind: str
    fields: tuple[Field, ...]
    into: tuple[Into, ...]
    checks: tuple[Check, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    event_time: str | None = None  # SQL: the time of a row, for watermark and lineage
    only: str | None = None  # SQL: rows where it is false are none of this batch; they are counted in a note only
    stray_days: bool = False  # quarantine rows of thin days at either end of the file (behaviour logs)


@dataclass(frozen=True)
class TextRows:
    """A UTF-8 text file that DuckDB can read in place: the fast road for big exports."""

    path: Path
    delimiter: str
    first_line: int  # 1-based line of the first data row
    columns: tuple[str | None, ...]  # canonical field per file column, None = not needed
    headers: tuple[str, ...]  # original headers, for the quarantine's `raw`
    skip_totals: tuple[str, ...] = ()  # first-cell texts that mark total rows and footers


@dataclass(frozen=True)
class TableRows:
    """Rows already in memory: every column a string array under its canonical field name, plus `source_row` (int64)."""

    table: pa.Table
    headers: tuple[str, ...] = ()
    torn: tuple[tuple[int, str], ...] = ()  # (source_row, raw text) of rows that could not be cut into cells


@dataclass(frozen=True)
class Batch:
    """One lot of rows from one place, in whole or not at all."""

    source: str  # 'file', 'browser', 'doudian_api', …
    spec: RowSpec
    platform: str
    shop: str
    original: Path | bytes  # the bytes as they came; go to the archive under their SHA-256
    file_name: str
    rows: TextRows | TableRows
    observed_at: datetime  # when the platform said so: the later version of a row wins
    options: Mapping[str, object] = field(default_factory=dict)  # what a replay needs to read the bytes the same way
    cursor_after: str | None = None
    complete_through: datetime | None = None  # None: the latest event time of the rows
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadReport:
    """What became of a batch; `rows_read == accepted + unchanged + quarantined` always."""

    file: str
    kind: str
    sha256: str
    rows_read: int
    accepted: int
    unchanged: int
    quarantined: int
    batch_id: int
    seconds: float
    notes: tuple[str, ...] = ()
