"""What stands behind a block as a file: CSV or XLSX of the same answers, with the filters written into the file.

`GET /export/<page>/<block>.<csv|xlsx>?<the address's query>&path=<the address's path>`; guarded like every route,
asked with
the reader's scope. Pictures are saved by the browser itself (assets/cockpit.js).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import flask
import xlsxwriter
from dash import html

from components import format as fmt
from components import names
from components.page import Page
from components.view import View
from config import now
from errors import UserError
from i18n import text
from metrics.types import Result
from warehouse.quarantine import guarded

ViewOf = Callable[[Sequence[Page], str, str], tuple[View, Page | None]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPECTED = ("value", "low", "high", "error")  # of a young number (`metrics.Expected`)


def menu(view: View, page_id: str, block: str, *, picture: bool = False) -> html.Details:
    """The right corner of a block: CSV, XLSX and, for charts, PNG."""
    query = view.query_string()
    joint = "&" if query else "?"
    links: list[Any] = [
        html.A(
            kind.upper(),
            href=f"/export/{page_id}/{block}.{kind}{query}{joint}path={quote(view.path)}",
            className="option",
            download=f"{page_id}-{block}.{kind}",
        )
        for kind in ("csv", "xlsx")
    ]
    if picture:
        links.append(html.Button("PNG", className="option", **{"data-png": f"{page_id}-{block}"}))
    return html.Details(
        [
            html.Summary(
                "⋯",
                className="icon-button",
                title=view.text("components.export.title"),
                **{"aria-label": view.text("components.export.title")},
            ),
            html.Div(links, className="panel right"),
        ],
        className="pick",
    )


def head(view: View, result: Result) -> list[list[str]]:
    """What the file is about: period, comparison, filters, as-of, when it was made."""
    period = f"{result.period.start:%Y-%m-%d %H:%M} – {result.period.end:%Y-%m-%d %H:%M}"
    rows = [[view.text("components.export.period"), period]]
    if result.compare:
        rows.append([view.text("components.export.compare"), names.comparison(view, result.compare)])
    rows += [
        [names.dimension(view, dim), " ".join(names.value(view, dim, v) for v in held)]
        for dim, held in view.filters.items()
    ]
    if result.as_known:
        rows.append([view.text("components.known.label"), fmt.moment(result.as_known)])
    rows.append([view.text("components.export.as_of"), fmt.moment(result.as_of)])
    rows.append([view.text("components.export.made"), f"{now(view.context.settings):%Y-%m-%d %H:%M:%S}"])
    return rows


def columns(view: View, result: Result) -> list[tuple[str, str]]:
    """(field of the rows, heading) of a result, in reading order."""
    found = [(dim, names.dimension(view, dim)) for dim in result.dimensions]
    if result.grain:
        found.insert(0, (result.grain, view.text(f"components.grain.{result.grain}")))
    for metric in result.metrics:
        title = names.metric(view, metric)
        found.append((metric, title))
        if result.compare and any(f"{metric}__cut" in row for row in result.rows[:1]):
            found.append(
                (
                    f"{metric}__cut",
                    f"{title} · {view.text('components.export.until', at=fmt.moment(result.complete_through))}",
                )
            )
        if result.compare:
            versus = names.comparison(view, result.compare)
            found += [
                (f"{metric}__base", f"{title} · {versus}"),
                (f"{metric}__diff", f"{title} · Δ"),
                (f"{metric}__pct", f"{title} · Δ%"),
            ]
        if metric in result.expected:
            found += [
                (f"{metric}__{part}", f"{title} · {view.text(f'components.export.expected.{part}')}")
                for part in EXPECTED
            ]
    return found


def cells(view: View, result: Result) -> list[list[Any]]:
    """The rows of a result with readable dimension values and exact numbers."""
    fields = [field for field, _ in columns(view, result)]
    told = {f"{name}__{part}": getattr(one, part) for name, one in result.expected.items() for part in EXPECTED}
    dims = set(result.dimensions)
    return [
        [
            names.value(view, field, row.get(field)) if field in dims else row.get(field, told.get(field))
            for field in fields
        ]
        for row in result.rows
    ]


def as_csv(view: View, parts: dict[str, Result]) -> bytes:
    """All answers of a block under each other, UTF-8 with BOM so that Excel reads Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    for name, result in parts.items():
        writer.writerow([f"# {name}"])
        writer.writerows([[f"# {label}", guarded(value)] for label, value in head(view, result)])
        writer.writerow([guarded(title) for _, title in columns(view, result)])
        writer.writerows([[guarded(cell) for cell in row] for row in cells(view, result)])
        writer.writerow([])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def as_xlsx(view: View, parts: dict[str, Result]) -> bytes:
    """One sheet an answer."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "remove_timezone": True,
            "nan_inf_to_errors": True,
        },
    )
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for name, result in parts.items():
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", name)[:31])
        about = head(view, result)
        for i, row in enumerate(about):
            sheet.write_row(i, 0, row)
        first = len(about) + 1
        sheet.write_row(first, 0, [title for _, title in columns(view, result)], bold)
        for i, cells_row in enumerate(cells(view, result)):
            for j, value in enumerate(cells_row):
                if hasattr(value, "year"):
                    sheet.write_datetime(first + 1 + i, j, value, day)
                else:
                    sheet.write(first + 1 + i, j, value)
        sheet.autofit()
        sheet.freeze_panes(first + 1, 0)
    book.close()
    return out.getvalue()


def register(server: flask.Flask, pages: Sequence[Page], view_of: ViewOf) -> None:
    """The download route."""

    @server.get("/export/<page_id>/<block>.<kind>")
    def export_block(page_id: str, block: str, kind: str) -> flask.Response:
        query = flask.request.query_string.decode()
        view, page = view_of(pages, flask.request.args.get("path", "/"), query)
        found = (
            next((part for part in page.blocks if part.name == block), None) if page and page.id == page_id else None
        )
        unkept = found is not None and view.as_known is not None and not found.then
        if found is None or unkept or not found.export or kind not in ("csv", "xlsx"):
            flask.abort(404)
        try:
            parts = dict(found.ask(view))
        except UserError as error:
            return flask.Response(
                error.text(view.lang), status=403 if error.code == "not_allowed" else 400, mimetype="text/plain"
            )
        body = as_csv(view, parts) if kind == "csv" else as_xlsx(view, parts)
        title = text(found.title, view.lang) if found.title else block
        stamp = f"{now(view.context.settings):%Y%m%d-%H%M}"
        response = flask.Response(body, content_type="text/csv; charset=utf-8" if kind == "csv" else XLSX)
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{title}-{stamp}.{kind}')}"
        response.headers["Cache-Control"] = "no-store"
        return response
