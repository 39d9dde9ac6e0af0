"""The overview wall: which blocks stand on it. Drawn outside the Dash page (see `components/wall_shell.py`)."""

from __future__ import annotations

import dash
from dash import dcc, html
from dash.development.base_component import Component

from components import wall_blocks, wall_kpis, wall_routes
from components.page import Page
from components.view import View
from components.wall_model import model

TILES = {
    "gmv": wall_kpis.gmv,
    "pace": wall_kpis.pace,
    "orders": wall_kpis.of("orders"),
    "net_sales": wall_kpis.of("net_sales"),
    "cvr": wall_kpis.of("cvr", otherwise="order_value"),
    "curve": wall_blocks.curve,
    "skus": wall_blocks.skus,
    "channels": wall_blocks.channels,
    "live": wall_blocks.live,
    "provinces": wall_blocks.provinces,
}


def _leave(view: View) -> Component:
    """Reached from inside the app: the wall is its own document, so the browser goes there whole."""
    return html.Div(dcc.Location(id="to-wall", href="/wall/overview", refresh=True))


def _register(app: dash.Dash) -> None:
    wall_routes.register(app, {"overview": lambda view, build: model(view, TILES, build)})


PAGE = Page(
    id="wall",
    path="/wall/overview",
    title="wall.name",
    layout=_leave,
    section="cockpit",
    order=90,
    icon="screen",
    frame=False,
    filters=False,
    periods=False,
    needs_data=False,
    register=_register,
)
