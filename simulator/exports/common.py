"""How every writer writes: DuckDB formats the cells, the header is put down to the letter, blanks and all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

_MACROS = """
CREATE MACRO yuan(fen) AS (fen // 100)::VARCHAR || '.' || lpad((fen % 100)::VARCHAR, 2, '0');
CREATE MACRO yuan_commas(fen) AS format('{:,}', fen // 100) || '.' || lpad((fen % 100)::VARCHAR, 2, '0');
CREATE MACRO wall(second) AS make_timestamp(second * 1000000)::VARCHAR;
CREATE MACRO wall_or_dash(second) AS CASE WHEN second > 0 THEN wall(second) ELSE '-' END;
CREATE MACRO token(what, who) AS base64(unhex(md5(what || who)));
CREATE MACRO cipher_tel(who) AS '$$' || token('tel:', who) || '*' || token('tel/', who) || '$1$$';
CREATE MACRO cipher_name(who) AS '##' || token('name:', who) || '*' || token('name/', who) || '#1##';
CREATE MACRO cipher_address(who) AS '##' || token('addr:', who) || '*' || token('addr/', who) || '#1##';
"""


def write_csv(
    path: Path,
    columns: Mapping[str, str],
    source: str,
    tables: Mapping[str, pd.DataFrame],
    *,
    encoding: str = "utf-8",
    bom: bool = False,
    order: str | None = None,
    before: str = "",
    force_quote: bool = False,
) -> int:
    """Write one file: `columns` maps headers, as they stand in it, to SQL over `source`; NULL cells come out empty.
    Gives the number of rows written.

    `before` is text that stands above the header; `order` an ORDER BY.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    body = path.with_name(path.name + ".body")
    cells = ", ".join(f'{expression} AS "c{number}"' for number, expression in enumerate(columns.values()))
    with duckdb.connect() as connection:
        connection.execute(_MACROS)
        connection.execute("SET threads = 2")
        for name, table in tables.items():
            connection.register(name, table)
        quoting = ", FORCE_QUOTE *" if force_quote else ""
        rows = f"SELECT {cells} FROM {source}" + (f" ORDER BY {order}" if order else "")
        count = connection.execute(f"COPY ({rows}) TO '{_quoted(body)}' (FORMAT csv, HEADER false{quoting})").fetchone()
    head = before + ",".join(_cell(header, force_quote) for header in columns) + "\n"
    _join(path, head, body, encoding, bom)
    return int(count[0]) if count else 0


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _cell(text: str, always: bool) -> str:
    return '"' + text.replace('"', '""') + '"' if always or re.search(r'[,"\n]', text) else text


def _join(path: Path, head: str, body: Path, encoding: str, bom: bool) -> None:
    if encoding == "utf-8":
        with path.open("wb") as out, body.open("rb") as rows:
            out.write((b"\xef\xbb\xbf" if bom else b"") + head.encode())
            shutil.copyfileobj(rows, out, 1 << 20)
    else:
        path.write_bytes((head + body.read_text("utf-8")).encode(encoding))
    body.unlink()


def write_frame(path: Path, frame: pd.DataFrame, *, encoding: str = "utf-8", bom: bool = False) -> int:
    """Write a table as it stands: its column names are the headers, its cells are text already (None: empty)."""
    columns = {name: f'"{name}"' for name in frame.columns}
    return write_csv(path, columns, "frame", {"frame": frame}, encoding=encoding, bom=bom)


def write_xlsx(path: Path, frame: pd.DataFrame) -> int:
    """The same as an Excel sheet."""
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, list(frame.columns))
        rows: Any = frame.itertuples(index=False)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, ["" if value is None else value for value in row])
    return len(frame)
