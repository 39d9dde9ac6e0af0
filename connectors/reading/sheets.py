"""Excel workbooks, new and old, as tables of strings: ids keep their digits, dates become text."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc

from errors import UserError

LARGEST = 2 << 30  # bytes a workbook or ZIP may unpack to
RATIO = 300  # and how many times its packed size; text of an export packs 5 to 30 times
SPREAD = 16 << 20  # cells between A1 and the farthest one; the reader takes some 40 bytes for each
_COLUMN = re.compile(rb"""r\s*=\s*["']([A-Za-z]{1,3})\d""")
_BEYOND_Z = re.compile(rb"""r\s*=\s*["']([A-Za-z]{2,3})\d""")
_ROW_1000 = re.compile(rb"""r\s*=\s*["'][A-Za-z]{1,3}(\d{4,})""")
_ROW_100000 = re.compile(rb"""r\s*=\s*["'][A-Za-z]{1,3}(\d{6,})""")
_BLOCK, _OVERLAP = 1 << 22, 256


def check_bomb(path: Path) -> list[str]:
    """The member names of a ZIP, after looking at what it says it will unpack to.

    Raises:
        UserError: `archive_too_large`, `file_damaged`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UserError("file_damaged", file=path.name, detail=error) from None
    size = sum(member.file_size for member in members)
    packed = max(path.stat().st_size, 1)
    if size > LARGEST or (size > 64 << 20 and size / packed > RATIO):
        raise UserError(
            "archive_too_large", file=path.name, size=f"{size / 2**20:,.0f}", packed=f"{packed / 2**20:,.1f}"
        )
    return [member.filename for member in members]


def check_spread(path: Path) -> None:
    """Refuse a workbook whose cells lie so far apart that the rectangle around them takes the memory.

    The reader makes that rectangle whole, and dies with the process when there is no room: one stray cell in the last
    row and column of Excel is enough. A sheet as dense as an export is let through whatever its size.

    Raises:
        UserError: `sheet_too_wide`.
    """
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            most = max(SPREAD, member.file_size)
            width = max(map(_number, _found(archive, member, _BEYOND_Z)), default=26)
            length = max(map(int, _found(archive, member, _ROW_1000 if width > 26 else _ROW_100000)), default=999)
            if width == 26 and width * length > most:
                width = max(map(_number, _found(archive, member, _COLUMN)), default=1)
            if width * length > most:
                raise UserError("sheet_too_wide", file=path.name, rows=f"{length:,}", columns=f"{width:,}")


def _found(archive: zipfile.ZipFile, member: zipfile.ZipInfo, pattern: re.Pattern[bytes]) -> set[bytes]:
    """Every different thing that the pattern finds in a member, read block by block."""
    found: set[bytes] = set()
    with archive.open(member) as stream:
        tail = b""
        while block := stream.read(_BLOCK):
            found.update(pattern.findall(tail + block))
            tail = block[-_OVERLAP:]
    return found


def _number(letters: bytes) -> int:
    """`AA` → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def rows_table(rows: Sequence[Sequence[str | None]]) -> pa.Table:
    """Ragged rows as a table of strings with columns "0", "1", …; short rows are filled with nulls."""
    width = max((len(row) for row in rows), default=0)
    columns = [pa.array([row[i] if i < len(row) else None for row in rows], pa.string()) for i in range(width)]
    return pa.table(columns, names=[str(i) for i in range(width)])


def read_workbook(path: Path, only: str | None = None) -> Iterator[tuple[str, pa.Table]]:
    """Each sheet that holds anything: its name and its rows, the first at Excel row 1.

    Raises:
        UserError: `file_damaged` when the workbook cannot be opened (also when it has a password), `sheet_too_wide`.
    """
    try:
        if zipfile.is_zipfile(path):
            if path.suffix.lower() in (".xlsb", ".ods"):  # the reader goes by this name; their cells are not looked at
                raise ValueError("xlsb / ods")
            check_spread(path)
        reader = fastexcel.read_excel(str(path))
        names = [name for name in reader.sheet_names if only in (None, name)]
        for name in names:
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if sheet.height and sheet.width:
                table = pa.table(sheet.to_arrow())
                table = table.rename_columns([str(i) for i in range(table.num_columns)])
                yield name, _whole_ids(table)
    except (fastexcel.FastExcelError, pa.ArrowInvalid, OSError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError("file_damaged", file=path.name, detail=str(error).splitlines()[0]) from None


def _whole_ids(table: pa.Table) -> pa.Table:
    """Mark whole numbers that Excel kept as numbers: their last digits are gone.

    They are written in scientific notation, which every reader of ids refuses row by row. A column counts as numeric
    when each of its long numbers is one that a double can hold: true of one text id in a thousand, of two hardly ever.
    Excel itself keeps 15 digits and fills up with zeros; where a column has many such numbers, or one alone, these are
    marked although others came as text.
    """
    for index, name in enumerate(table.column_names):
        flat = table.column(name).combine_chunks()
        long = pc.fill_null(pc.match_substring_regex(flat, r"^\d{17,22}$"), False)
        count = pc.sum(long).as_py() or 0
        if not count:
            continue
        values = flat.filter(long).to_pylist()
        if count == 1 or not all(int(float(value)) == int(value) for value in values):
            rounded = [value for value in set(values) if _fifteen_digits(value)]
            long = pc.is_in(flat, pa.array(rounded, pa.string()))
            values = flat.filter(long).to_pylist()
            if not values or len(values) * 20 < count:
                continue
        marked = pa.array([f"{float(value):.14E}" for value in values], pa.string())
        table = table.set_column(index, name, pc.replace_with_mask(flat, long, marked))
    return table


def _fifteen_digits(value: str) -> bool:
    """Whether a number of 18 digits or more is one that Excel made of 15: true of one id in ten thousand."""
    return len(value) >= 18 and (not value[15:].strip("0") or int(value) == int(float(f"{float(value):.14E}")))
