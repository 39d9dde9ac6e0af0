"""Small files of every kind in every dress, and a warehouse to load them into."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

import connectors
from config import Settings
from warehouse import LoadReport, Warehouse

Rows = Sequence[Sequence[str]]


def text_of(rows: Rows, delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def workbook(path: Path, rows: Rows, numbers: tuple[int, ...] = ()) -> Path:
    """An Excel file; columns of `numbers` are written as numbers."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("订单")
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if y and x in numbers and cell:
                    sheet.write_number(y, x, float(cell))
                else:
                    sheet.write_string(y, x, cell)
    return path


def dressed(folder: Path, name: str, rows: Rows) -> Path:
    """The same rows as another sort of file."""
    path = folder / f"{name}.csv"
    text = text_of(rows)
    if name in ("gbk", "gb18030", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-8"):
        path.write_bytes(text.encode(name))
    elif name == "tsv":
        path.write_text(text_of(rows, "\t"), "utf-8", newline="")
    elif name == "semicolon":
        path.write_text(text_of(rows, ";"), "utf-8", newline="")
    elif name == "quoted":
        path.write_text(text_of(rows, quoting=csv.QUOTE_ALL), "utf-8", newline="")
    elif name == "tabs":
        path.write_text(text_of([[f"\t{cell}\t" for cell in row] for row in rows]), "utf-8", newline="")
    elif name == "cr":
        path.write_bytes(text.replace("\r\n", "\r").encode())
    elif name == "banner":
        path.write_text("#店铺订单导出\n#起始日期：2026-01-01\n-----列表-----\n" + text, "utf-8", newline="")
    elif name == "html":
        cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        path = path.with_suffix(".xls")
        path.write_text(f"<html><table>{cells}</table></html>", "utf-8")
    elif name in ("xlsx", "xlsx-as-csv"):
        workbook(folder / "book.xlsx", rows).rename(path)
    elif name == "zip":
        path = path.with_suffix(".zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("导出/订单.csv", text.encode("gb18030"))
    elif name == "gzip":
        import gzip

        path.write_bytes(gzip.compress(text.encode()))
    else:
        raise ValueError(name)
    return path


DRESSES = (
    "utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "tsv", "semicolon", "quoted", "tabs",
    "cr", "banner", "html", "xlsx", "zip", "gzip",
)  # fmt: skip


@pytest.fixture
def load(settings: Settings, warehouse: Warehouse) -> Callable[..., list[LoadReport]]:
    """Read a file and load its batches."""

    def loaded(path: Path, **how: Any) -> list[LoadReport]:
        return [warehouse.load(batch) for batch in connectors.read_file(path, settings=settings, **how)]

    return loaded
