"""The slow road for text files that a strict reader refuses: no line is lost, none can take others with it.

Lines are cut one by one. An open quote may run on over a few lines, as quoted line feeds do; when that does not give a
row of the right width, the first line alone is torn and reading goes on with the next one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pyarrow as pa

from warehouse.batch import TextRows

_CHUNK = 50_000
_MAX_JOINED = 20

Torn = tuple[int, str, str]  # source_row, raw text, reason


def read(rows: TextRows, totals: list[int] | None = None) -> tuple[pa.Table, list[Torn]]:
    """The rows as text under their canonical names plus `source_row`, and the lines that are no rows.

    `source_row` counts rows from `first_line` on, as the fast road does; the numbers of total rows go to `totals`.
    """
    wanted = [(index, column) for index, column in enumerate(rows.columns) if column]
    schema = pa.schema([pa.field(column, pa.string()) for _, column in wanted] + [pa.field("source_row", pa.int64())])
    torn: list[Torn] = []
    chunks: list[pa.RecordBatch] = []
    cells: list[list[str]] = []
    numbers: list[int] = []
    for number, (row, reason, raw) in enumerate(_rows(rows), rows.first_line):
        first = raw.split(rows.delimiter, 1)[0] if row is None else row[0]
        if is_total(first, rows.skip_totals):
            if totals is not None:
                totals.append(number)
        elif row is None:
            torn.append((number, raw, reason))
        else:
            cells.append(row)
            numbers.append(number)
            if len(cells) == _CHUNK:
                chunks.append(_chunk(cells, numbers, [index for index, _ in wanted], schema))
                cells, numbers = [], []
    chunks.append(_chunk(cells, numbers, [index for index, _ in wanted], schema))
    return pa.Table.from_batches(chunks, schema), torn


def is_total(cell: str, totals: tuple[str, ...]) -> bool:
    """Whether a first cell marks a total row or a footer; a mark that is punctuation only ('#') marks by prefix."""
    text = cell.strip(" \t\r\n\"'\ufeff")
    return text in totals or any(text.startswith(mark) for mark in totals if not mark.isalnum())


def _chunk(cells: list[list[str]], numbers: list[int], indexes: list[int], schema: pa.Schema) -> pa.RecordBatch:
    columns: list[pa.Array] = [pa.array([row[index] or None for row in cells], pa.string()) for index in indexes]
    return pa.RecordBatch.from_arrays([*columns, pa.array(numbers, pa.int64())], schema=schema)


def _rows(rows: TextRows) -> Iterator[tuple[list[str] | None, str, str]]:
    """(cells, '', '') of a whole row, or (None, reason, raw text) of a line that is none."""
    width = len(rows.columns)
    lines = _lines(rows)
    at = rows.first_line - 1
    while at < len(lines):
        text, reason = _decode(lines[at])
        if not text.strip(" \t\r"):
            at += 1
            continue
        row = None if reason else _cut(text, rows.delimiter, width)
        joined = 1
        if row is None and not reason and text.count('"') % 2:
            row, joined = _join(lines, at, rows.delimiter, width)
        if row is None:
            yield None, reason or "torn", text
            at += 1
        else:
            yield row, "", ""
            at += joined


def _lines(rows: TextRows) -> list[bytes]:
    content = rows.path.read_bytes()
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content.split(b"\n")


def _decode(line: bytes) -> tuple[str, str]:
    if b"\0" in line:
        return line.replace(b"\0", "\u2400".encode()).decode("utf-8", "replace").rstrip("\r"), "torn"
    try:
        return line.decode("utf-8").rstrip("\r"), ""
    except UnicodeDecodeError:
        return line.decode("utf-8", "replace").rstrip("\r"), "bad_encoding"


def _cut(text: str, delimiter: str, width: int) -> list[str] | None:
    """The cells of one line; surplus cells must be blank. None when it is no row."""
    if '"' not in text:
        row = text.split(delimiter)
    else:
        try:
            row = next(csv.reader([text], delimiter=delimiter, strict=True))
        except (csv.Error, StopIteration):
            return None
    if len(row) < width or any(cell.strip() for cell in row[width:]):
        return None
    return row[:width]


def _join(lines: list[bytes], at: int, delimiter: str, width: int) -> tuple[list[str] | None, int]:
    """A row whose quoted cell holds line feeds: joined from up to 20 lines."""
    text = ""
    for count in range(1, min(_MAX_JOINED, len(lines) - at) + 1):
        part, reason = _decode(lines[at + count - 1])
        if reason:
            break
        text = part if count == 1 else f"{text}\n{part}"
        if count > 1 and text.count('"') % 2 == 0:
            return _cut(text, delimiter, width), count
    return None, 1
