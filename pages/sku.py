"""Everything about one SKU on one page: sales, price, refunds, stock, where it sells, and the orders behind it."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from components import answers, bars, cards, details, export, names, picks, tiles, trend
from components.layout import card, grid, places
from components.page import Answers, Block, Page
from components.view import View

CARDS = ("gmv", "items", "unit_price", "refund_rate", "stock_available", "days_of_cover", "orders", "gross_margin")
CURVES = ("items", "gmv", "unit_price", "refund_amount", "stock_available")


def held(view: View) -> View:
    """This view held to the SKU of the address."""
    return view.with_filter("sku", view.path_args["sku"])


def name(view: View) -> str:
    """The product's name, else the SKU."""
    sku = view.path_args["sku"]
    return dict(answers.skus(view.context, view.scope)).get(sku) or sku


def _curve(view: View) -> Answers:
    metric = picks.chosen(view, "curve", CURVES)
    return trend.ask(held(view), metric)


def _draw_curve(view: View, found: Answers) -> Any:
    metric = picks.chosen(view, "curve", CURVES)
    labels = {one: names.metric(view, one) for one in CURVES}
    return card(
        [picks.tabs(view, "curve", labels), trend.trend(view, "sku-curve-graph", found, metric, height=260)],
        title=view.text("pages.sku.curve"),
        corner=export.menu(view, "sku", "curve", picture=True),
    )


def _channels(view: View) -> Answers:
    return {
        "channels": held(view).ask("gmv", by=("channel",), compare=view.compare, order="-gmv"),
        "platforms": held(view).ask("gmv", by=("platform",), compare=view.compare, order="-gmv"),
    }


def _draw_channels(view: View, found: Answers) -> Any:
    return card(
        [
            bars.bars(view, found["channels"], "gmv", "channel", most=6),
            html.H3(names.dimension(view, "platform")),
            bars.bars(view, found["platforms"], "gmv", "platform", most=5),
        ],
        title=view.text("pages.sku.channels"),
        corner=export.menu(view, "sku", "channels"),
    )


def _provinces(view: View) -> Answers:
    return {"provinces": held(view).ask("items", by=("province",), compare=view.compare, order="-items")}


def _draw_provinces(view: View, found: Answers) -> Any:
    return card(
        tiles.province_tiles(view, found["provinces"], "items"),
        title=view.text("pages.sku.provinces"),
        corner=export.menu(view, "sku", "provinces"),
    )


BLOCKS = (
    cards.block(CARDS, "pages.sku.title", held),
    Block("curve", _curve, _draw_curve, 372, "chart", "pages.sku.curve"),
    Block("channels", _channels, _draw_channels, 372, "chart", "pages.sku.channels"),
    Block("provinces", _provinces, _draw_provinces, 372, "chart", "pages.sku.provinces"),
    Block(
        "lines",
        lambda view: {},
        lambda view, found: details.lines(held(view), "sku-lines"),
        480,
        "table",
        "pages.sku.lines",
        export=False,
        then=False,
    ),
)


def layout(view: View) -> Component:
    """Cards; curve, channels and provinces; order lines at the bottom of the drill."""
    at = places("sku", BLOCKS)
    return html.Div(
        [
            html.Div(
                [html.H1(name(view)), html.Code(view.path_args["sku"], className="muted")], className="page-title"
            ),
            at["cards"],
            grid(at["curve"], at["channels"], at["provinces"], columns="1.6fr 1fr .9fr"),
            at["lines"],
        ],
        className="stack",
    )


def _path(view: View) -> list[tuple[str, str]]:
    return [
        (view.text("pages.strategic.nav"), view.href("/")),
        (view.text("pages.execution.tab_stock"), view.href("/execution", extra={"tab": "stock"})),
        (name(view), view.href()),
    ]


PAGE = Page(id="sku", path="/sku/<sku>", title="pages.sku.title", layout=layout, blocks=BLOCKS, breadcrumb=_path)
