"""Excel workbooks, new and old, as tables of strings: ids keep their digits, dates become text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc

from errors import UserError

LARGEST = 2 << 30  # bytes a workbook or ZIP may unpack to
RATIO = 300  # and how many times its packed size; text of an export packs 5 to 30 times


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


def rows_table(rows: Sequence[Sequence[str | None]]) -> pa.Table:
    """Ragged rows as a table of strings with columns "0", "1", …; short rows are filled with nulls."""
    width = max((len(row) for row in rows), default=0)
    columns = [
        pa.array([row[i] if i < len(row) else None for row in rows], pa.string()) for i in range(width)
    ]
    return pa.table(columns, names=[str(i) for i in range(width)])


def read_workbook(path: Path, only: str | None = None) -> Iterator[tuple[str, pa.Table]]:
    """Each sheet that holds anything: its name and its rows, the first at Excel row 1.

    Raises:
        UserError: `file_damaged` when the workbook cannot be opened (also when it has a password).
    """
    try:
        reader = fastexcel.read_excel(str(path))
        names = [name for name in reader.sheet_names if only in (None, name)]
        for name in names:
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if sheet.height and sheet.width:
                table = pa.table(sheet.to_arrow())
                table = table.rename_columns([str(i) for i in range(table.num_columns)])
                yield name, _whole_ids(table)
    except (fastexcel.FastExcelError, pa.ArrowInvalid, OSError, ValueError) as error:
        raise UserError("file_damaged", file=path.name, detail=str(error).splitlines()[0]) from None


def _whole_ids(table: pa.Table) -> pa.Table:
    """Mark whole numbers that Excel kept as floats: beyond 2^53 their last digits are gone.

    They are written in scientific notation, which every reader of ids refuses row by row. A column counts as numeric
    when each of its long numbers is one that a double can hold: true of one text id in a thousand, of two hardly ever.
    """
    for index, name in enumerate(table.column_names):
        column = table.column(name)
        long = pc.fill_null(pc.match_substring_regex(column, r"^\d{17,22}$"), False)
        if (pc.sum(long).as_py() or 0) < 2:
            continue
        values = column.filter(long).to_pylist()
        if all(int(float(value)) == int(value) for value in values):
            marked = pa.array([f"{float(value):.14E}" for value in values], pa.string())
            flat = column.combine_chunks()
            table = table.set_column(
                index, name, pc.replace_with_mask(flat, pc.fill_null(long.combine_chunks(), False), marked)
            )
    return table
