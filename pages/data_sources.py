"""Sources with their freshness; drawn again every few seconds, since lateness grows without new data."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, dcc, html
from dash.development.base_component import Component

from components import data_frame, source_view
from components.page import Page
from components.view import View


def draw(view: View) -> Component:
    """The table and its clock."""
    return data_frame.page(
        view,
        "sources",
        html.Div(source_view.draw(view), id="sources-body"),
        dcc.Interval(id="sources-tick", interval=15_000),
    )


def _register(app: dash.Dash) -> None:
    @app.callback(
        Output("sources-body", "children"),
        Input("sources-tick", "n_intervals"),
        Input("version", "data"),
        prevent_initial_call=True,
    )
    def refresh(_beat: Any, _version: Any) -> Any:
        return source_view.draw(data_frame.here("/data/sources"))


PAGE = Page(
    id="data_sources",
    path="/data/sources",
    title="data.tab.sources",
    layout=draw,
    filters=False,
    periods=False,
    needs_data=False,
    register=_register,
)
