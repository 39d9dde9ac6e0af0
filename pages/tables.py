"""Targets, campaigns, costs, benchmarks and category owners: plain tables that people edit in the browser."""

from __future__ import annotations

from typing import Any

import dash
import dash_ag_grid as dag
import flask
from dash import Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import data_frame, states
from components import sheet_tables as tables
from components.page import Page
from components.table import grid_locale
from components.tokens import grid_theme
from components.view import View
from errors import CockpitError, UserError
from warehouse.quarantine import guarded

FIRST = "targets"
AMOUNTS = {"amount", "subsidy"}


def draw(view: View) -> Component:
    """The table that the address names (`?table=`), and tabs for the others."""
    sheet = tables.SHEETS.get(view.extra.get("table", FIRST), tables.SHEETS[FIRST])
    tabs = [
        html.A(
            view.text(f"data.tables.{name}"),
            href=f"/data/tables?table={name}",
            className="data-tab" + (" on" if name == sheet.id else ""),
            **{"data-nav": "1"},
        )
        for name in tables.SHEETS
    ]
    rows = tables.rows(view.context, sheet, view.scope)
    return data_frame.page(
        view,
        "tables",
        dcc.Store(id="sheet-id", data=sheet.id),
        dcc.Store(id="sheet-before", data=rows),
        data_frame.card(
            [
                html.Nav(tabs, className="data-tabs inner"),
                _bar(view, sheet),
                _grid(view, sheet, rows),
                None
                if rows
                else states.message("∅", view.text("data.tables.nothing"), view.text("data.tables.nothing_hint")),
            ],
            title=view.text("data.tables.title"),
            note=view.text("data.tables.note"),
        ),
    )


def _bar(view: View, sheet: tables.Sheet) -> Component:
    links = [
        html.A(
            view.text(f"data.tables.{name}"),
            href=f"/data/tables/{sheet.id}.csv{query}",
            className="button",
            download=f"{sheet.id}.csv",
        )
        for name, query in (("download", ""), ("template", "?empty=1"))
    ]
    upload = html.A(view.text("data.tables.upload"), href="/data/inbox", className="button", **{"data-nav": "1"})
    if not data_frame.may_change(view):
        return html.Div(links[:1], className="mend-bar")
    return html.Div(
        [
            html.Button(view.text("data.tables.add"), id="sheet-add", className="button"),
            html.Button(view.text("data.tables.save"), id="sheet-save", className="button primary"),
            *links,
            upload,
            html.Span(id="sheet-note", role="status"),
        ],
        className="mend-bar",
    )


def _grid(view: View, sheet: tables.Sheet, rows: list[dict[str, str]]) -> Component:
    return dag.AgGrid(
        id="sheet-grid",
        rowData=rows,
        columnDefs=[_column(view, sheet, name) for name in sheet.columns],
        defaultColDef={"resizable": True, "flex": 1, "minWidth": 104},
        dashGridOptions={
            "theme": grid_theme(),
            "stopEditingWhenCellsLoseFocus": True,
            "singleClickEdit": True,
            "animateRows": False,
            "localeText": grid_locale(view),
        },
        style={"height": "440px"},
        dangerously_allow_code=False,
    )


def _column(view: View, sheet: tables.Sheet, name: str) -> dict[str, Any]:
    editable: Any = data_frame.may_change(view)
    if editable and name in sheet.key:
        editable = {"function": "params.data._new === 1"}  # a saved row keeps its key; another key is another row
    values = tables.choices(sheet, name)
    column: dict[str, Any] = {"field": name, "headerName": tables.title(view, sheet, name), "editable": editable}
    if name in AMOUNTS:  # read as a figure, kept and edited as the text that was typed
        column |= {"type": "rightAligned", "valueFormatter": {"function": "cockpitGrouped(params)"}}
    if values:
        column |= {
            "cellEditor": "agSelectCellEditor",
            "cellEditorParams": {"values": list(values)},
            "refData": tables.labels(view, sheet, name),
        }
    return column


def _register(app: dash.Dash) -> None:
    app.server.add_url_rule("/data/tables/<name>.csv", "data_table_file", _file, methods=["GET"])

    @app.callback(Output("sheet-grid", "rowTransaction"), Input("sheet-add", "n_clicks"), prevent_initial_call=True)
    def add(_clicks: int | None) -> Any:
        return {"add": [{"_new": 1}], "addIndex": 0} if _clicks else no_update

    @app.callback(
        Output("sheet-note", "children"),
        Output("sheet-before", "data"),
        Output("sheet-grid", "rowData"),
        Input("sheet-save", "n_clicks"),
        Input("sheet-grid", "cellValueChanged"),
        State("sheet-id", "data"),
        State("sheet-before", "data"),
        State("sheet-grid", "virtualRowData"),
        prevent_initial_call=True,
    )
    def save(
        clicks: int | None, _edited: Any, name: str, before: list[dict[str, Any]], after: list[dict[str, Any]] | None
    ) -> Any:
        view = data_frame.here("/data/tables")
        if ctx.triggered_id == "sheet-grid":
            return view.text("data.tables.unsaved"), no_update, no_update
        return _saved(view, tables.SHEETS[name], before, after or []) if clicks else (no_update,) * 3


def _saved(view: View, sheet: tables.Sheet, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Any:
    changes = tables.changed(sheet, before, after)
    if not changes:
        return view.text("data.tables.no_change"), no_update, no_update
    try:
        report = tables.save(view.context, sheet, changes, data_frame.actor(), data_frame.barred())
    except CockpitError as error:
        detail = view.text("data.tables.bad", detail=error.text(view.lang))
        return html.Span(detail, className="data-error", role="alert"), no_update, no_update
    counts = {name: report[name] for name in ("accepted", "unchanged", "quarantined")}
    told: list[Any] = [
        html.Span(
            view.text("data.tables.saved", **counts), className="data-error" if report["quarantined"] else "data-told"
        )
    ]
    if report["quarantined"]:
        told.append(
            html.A(
                view.text("data.upload.mend"),
                href=f"/data/quarantine?batch={report['batch_id']}",
                className="inline",
                **{"data-nav": "1"},
            )
        )
    rows = tables.rows(view.context, sheet, view.scope)
    return told, rows, rows


def _file(name: str) -> flask.Response:
    sheet = tables.SHEETS.get(name)
    if sheet is None:
        raise UserError("not_found", path=flask.request.path)
    view = data_frame.here("/data/tables")
    rows = [] if flask.request.args.get("empty") else tables.rows(view.context, sheet, view.scope)
    response = flask.Response(tables.as_csv(sheet, [_guarded(row) for row in rows]), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{sheet.id}.csv"'
    return response


def _guarded(row: dict[str, str]) -> dict[str, str]:
    return {name: str(guarded(value)) for name, value in row.items()}


PAGE = Page(
    id="tables",
    path="/data/tables",
    title="data.tab.tables",
    layout=draw,
    section="governance",
    order=20,
    icon="table",
    filters=False,
    periods=False,
    needs_data=False,
    register=_register,
)
