"""Strategic cockpit: is the business on course, what moves it, and where does that come from?"""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from components import beside, cards, delta, export, movers, names, picks, table, tiles, tree, trend
from components.columns import dimension_column
from components.layout import card, grid, places
from components.page import Answers, Block, Page
from components.table import Column
from components.view import View

CARDS = ("gmv", "net_sales", "contribution_profit", "cvr", "refund_rate", "turnover_days", "orders", "aov", "buyers")
TREE = (
    ("", "contribution_profit"),
    ("=", "gross_profit"),
    ("−", "platform_fee"),
    ("−", "creator_commission"),
    ("−", "ad_spend"),
    ("−", "logistics_cost"),
    ("|", "gmv"),
    ("=", "visitors"),
    ("×", "cvr"),
    ("×", "aov"),
)
CHANNEL = ("gmv", "cvr", "refund_rate", "marketing_ratio")
MOVED_BY = ("category", "channel", "platform", "province")


def _curve(view: View) -> Answers:
    return {**trend.ask(view, "gmv", against=("last_year",)), "now": view.ask("gmv", compare=view.compare)}


def _draw_curve(view: View, found: Answers) -> Any:
    moved = delta.change(view, found["now"], "gmv")
    way = view.text(f"pages.strategic.curve_{moved.way}", by=moved.text[1:]) if moved else ""
    title = view.text("pages.strategic.curve", versus=names.line(view, view.compare)) + way
    note = view.text("pages.strategic.curve_note", grain=view.text(f"components.grain.{view.grain}"))
    curves = {word: result for word, result in found.items() if word != "now"}
    return card(
        trend.trend(view, "strategic-curve-graph", curves, "gmv", height=208),
        title=title,
        note=note,
        corner=export.menu(view, "strategic", "curve", picture=True),
    )


def _moved(view: View) -> Answers:
    by = picks.chosen(view, "moved", MOVED_BY)
    return {"moved": view.ask("gmv", by=(by,), compare=view.compare)}


def _draw_moved(view: View, found: Answers) -> Any:
    by = picks.chosen(view, "moved", MOVED_BY)
    note = view.text("pages.strategic.moved_note", versus=names.comparison(view, view.compare))
    return card(
        [picks.dimensions(view, "moved", MOVED_BY), movers.movers(view, found["moved"], "gmv", by)],
        title=view.text("pages.strategic.moved"),
        note=note,
        corner=export.menu(view, "strategic", "moved"),
    )


def _tree(view: View) -> Answers:
    return tree.ask(view, TREE)


def _draw_tree(view: View, found: Answers) -> Any:
    return card(
        tree.tree(view, found, TREE),
        title=view.text("pages.strategic.tree"),
        corner=export.menu(view, "strategic", "tree"),
    )


def _channels(view: View) -> Answers:
    return beside.ask(view, CHANNEL, ("gmv",), by=("channel",), order="-gmv", limit=8)


def _draw_channels(view: View, found: Answers) -> Any:
    result = beside.merged(view, found)
    columns = [
        dimension_column(view, "channel"),
        *table.metric_columns(view, result, changes=("gmv",)),
    ]
    title = view.text("pages.strategic.channels")
    return card(
        table.table(view, result.rows, columns, most=5, caption=title, small=True),
        title=title,
        corner=export.menu(view, "strategic", "channels"),
    )


def _stock(view: View) -> Answers:
    return {
        "stock": view.ask("days_of_cover", "stock_available", "items", by=("sku",), order="+days_of_cover", limit=400)
    }


def _draw_stock(view: View, found: Answers) -> Any:
    rows = cards.by_urgency([row for row in found["stock"].rows if row.get("days_of_cover") is not None])
    columns = [
        dimension_column(view, "sku"),
        *table.metric_columns(view, found["stock"]),
    ]
    columns[1] = Column("days_of_cover", columns[1].title, unit="days", tone=cards.cover_tone)
    title = view.text("pages.strategic.stock")
    return card(
        table.table(view, rows, columns, most=5, caption=title, small=True),
        title=title,
        corner=[
            html.A(
                view.text("pages.more"),
                href=view.href("/execution", extra={"tab": "stock"}),
                className="inline",
                **{"data-nav": "1"},
            ),
            export.menu(view, "strategic", "stock"),
        ],
    )


def _provinces(view: View) -> Answers:
    free = {name: held for name, held in view.filters.items() if name != "province"}
    return {"provinces": view.ask("gmv", by=("province",), compare=view.compare, filters=free, order="-gmv")}


def _draw_provinces(view: View, found: Answers) -> Any:
    return card(
        tiles.province_tiles(view, found["provinces"], "gmv"),
        title=view.text("pages.strategic.provinces"),
        corner=export.menu(view, "strategic", "provinces"),
    )


BLOCKS = (
    cards.block(CARDS, "pages.strategic.title"),
    Block("curve", _curve, _draw_curve, 272, "chart", "pages.strategic.curve_title"),
    Block("moved", _moved, _draw_moved, 272, "chart", "pages.strategic.moved"),
    Block("tree", _tree, _draw_tree, 116, "strip", "pages.strategic.tree"),
    Block("channels", _channels, _draw_channels, 208, "table", "pages.strategic.channels"),
    Block("stock", _stock, _draw_stock, 208, "table", "pages.strategic.stock"),
    Block("provinces", _provinces, _draw_provinces, 208, "chart", "pages.strategic.provinces"),
)


def layout(view: View) -> Component:
    """Cards; curve beside what moved it; the profit tree; channels, stock and provinces."""
    at = places("strategic", BLOCKS)
    return html.Div(
        [
            html.H1(view.text("pages.strategic.title"), className="sr-only"),
            at["cards"],
            grid(at["curve"], at["moved"], columns="2fr 1fr"),
            at["tree"],
            grid(at["channels"], at["stock"], at["provinces"], columns="1.25fr 1fr .62fr"),
        ],
        className="stack",
    )


PAGE = Page(
    id="strategic",
    path="/",
    title="pages.strategic.nav",
    layout=layout,
    blocks=BLOCKS,
    section="cockpit",
    order=10,
    icon="gauge",
    aliases=("/strategic",),
)
