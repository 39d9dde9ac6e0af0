"""What was loaded, batch by batch; each leads back to its original file."""

from __future__ import annotations

from urllib.parse import quote

import dash
import flask
from dash.development.base_component import Component

from components import batch_view, data_frame, raw
from components.context import current
from components.page import Page
from components.uploads import safe_name
from components.view import View
from errors import UserError
from warehouse import batches


def draw(view: View) -> Component:
    """The list, or the batch that the address names."""
    batch = view.extra.get("batch")
    return data_frame.page(view, "batches", batch_view.detail(view, batch) if batch else batch_view.listing(view))


def original(number: int) -> flask.Response:
    """The bytes as they came. They hold every category: only for those who may load and see all of it."""
    data_frame.actor()
    row = batches.one(current().warehouse, number)
    if row is None:
        raise UserError("batch_unknown", batch=number)
    raw.need(current().scope(), batches.kinds_in(current().warehouse, row["sha256"]))
    response = flask.Response(current().warehouse.archive.bytes_of(row["sha256"]), mimetype="application/octet-stream")
    name = safe_name(row["file_name"] or "original")
    response.headers["Content-Disposition"] = f"attachment; filename=\"original\"; filename*=UTF-8''{quote(name)}"
    return response


def _register(app: dash.Dash) -> None:
    app.server.add_url_rule("/data/batches/<int:number>/original", "data_original", original, methods=["GET"])


PAGE = Page(
    id="data_batches",
    path="/data/batches",
    title="data.tab.batches",
    layout=draw,
    filters=False,
    periods=False,
    needs_data=False,
    register=_register,
)
