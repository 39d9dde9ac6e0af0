"""A whole answer as a file: up to a million rows, written while they come, with what it means at its head."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import flask
import xlsxwriter

import metrics
from access import current_user, require
from access.audit import Exported, record
from access.gate import address
from components import answers, export, names
from components import explorer_ask as ask
from components.explorer_ask import Question
from components.view import View
from config import now
from errors import UserError
from metrics.stream import Stream, stream
from warehouse.quarantine import guarded

MOST_ROWS = 1_000_000  # a sheet holds 1,048,576
PIECE = 256 * 1024  # bytes sent at a time
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": export.XLSX}


def head(view: View, found: Stream) -> list[list[str]]:
    """Period, filters, as-of; then what each metric means, and whether rows were left out."""
    rows = export.head(view, found.result)
    for name in found.result.metrics:
        item = metrics.catalogue()[name]
        told = item.definition_zh if view.lang == "zh" else item.definition_en
        formula = f" · {item.formula}" if item.formula else ""
        rows.append([names.metric(view, name), f"{told}{formula}"])
    if found.rows > MOST_ROWS:
        rows.append([view.text("explorer.file_cut_label"), view.text("explorer.file_cut", n=f"{MOST_ROWS:,}")])
    return [[str(guarded(cell)) for cell in row] for row in rows]


def lines(view: View, found: Stream) -> Iterator[list[Any]]:
    """The rows as they are written: readable values of dimensions, exact numbers, nothing that a sheet would run."""
    result, left = found.result, MOST_ROWS
    fields = [field for field, _ in export.columns(view, result)]
    dims = set(result.dimensions)
    for batch in found.batches():
        rows = batch[:left]
        left -= len(rows)
        for name in dims & answers.LABELLED:
            codes = dict.fromkeys(str(row[name]) for row in rows if row[name] is not None)
            answers.learn(view.context, name, list(codes))
        told: dict[tuple[str, Any], Any] = {}
        for row in rows:
            yield [_cell(view, field, row.get(field), field in dims, told) for field in fields]


def _cell(view: View, field: str, value: Any, coded: bool, told: dict[tuple[str, Any], Any]) -> Any:
    if not coded:
        return guarded(value)
    if (field, value) not in told:
        told[field, value] = guarded(names.value(view, field, value))
    return told[field, value]


def write_csv(path: Path, about: Iterable[list[str]], titles: list[str], rows: Iterable[list[Any]]) -> None:
    """UTF-8 with BOM, so that Excel reads Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([f"# {label}", *rest] for label, *rest in about)
        writer.writerow([guarded(title) for title in titles])
        writer.writerows(rows)


def write_xlsx(path: Path, about: Iterable[list[str]], titles: list[str], rows: Iterable[list[Any]]) -> None:
    """One sheet, each row on disk before the next is made."""
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.set_column(0, len(titles), 16)
        at = 0
        for line in about:
            sheet.write_row(at, 0, line)
            at += 1
        sheet.write_row(at + 1, 0, titles, bold)
        sheet.freeze_panes(at + 2, 0)
        for number, line in enumerate(rows, start=at + 2):
            sheet.write_row(number, 0, line)


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}


def write(view: View, question: Question, kind: str, path: Path) -> int:
    """Write the whole answer to `path`; gives the number of rows.

    Raises:
        UserError: as `metrics.query`.
    """
    asked = ask.whole(view, question, MOST_ROWS + 1)
    with stream(view.context.warehouse, asked, view.scope) as found:
        titles = [title for _, title in export.columns(view, found.result)]
        WRITERS[kind](path, head(view, found), titles, lines(view, found))
        return min(found.rows, MOST_ROWS)


def response(view: View, kind: str) -> flask.Response:
    """The file of this view's question, sent piece by piece; the export stands in the audit trail.

    Raises:
        UserError: `not_signed_in`, `act_not_allowed`, and as `metrics.query`.
    """
    user, question = require(current_user(), "export"), ask.read(view)
    if kind not in TYPES or not question.metrics:
        raise UserError("no_metrics")
    folder = view.context.settings.tmp
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"explore-{os.urandom(8).hex()}.{kind}"
    try:
        count = write(view, question, kind, path)
        if view.context.ledger is not None:
            record(view.context.ledger, Exported(user.name, view.href()[:500], count), address())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    answer = flask.Response(pieces(path), content_type=TYPES[kind])
    stamp = f"{now(view.context.settings):%Y%m%d-%H%M}"
    title = names.several(view, [names.metric(view, name) for name in question.metrics[:2]])
    answer.headers["Content-Length"] = str(path.stat().st_size)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{title}-{stamp}.{kind}')}"
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(lambda: path.unlink(missing_ok=True))
    return answer


def pieces(path: Path) -> Iterator[bytes]:
    """The file's bytes, `PIECE` at a time."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
