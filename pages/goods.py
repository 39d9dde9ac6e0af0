"""Goods: what sells and what lies, what people look at and do not buy, which hits were none, and each SKU's figures."""

from __future__ import annotations

import math
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

import metrics
from components import answers, cards, export, names, people, picks, states, table
from components import format as fmt
from components.columns import dimension_column
from components.layout import card, grid, places
from components.page import Answers, Block, Page
from components.table import Column
from components.tokens import COLOURS, SERIES, plotly_template
from components.view import View
from config import now
from metrics.details import homes
from metrics.diagnosis import QUARTERS, Diagnosis

CARDS = (
    "skus_sold",
    "sell_through_rate",
    "slow_stock_value",
    "stockout_skus",
    "days_of_cover",
    "gross_margin",
    "refund_rate",
    "slow_skus",
    "turnover_days",
    "items",
    "unit_price",
)
TABLES: dict[str, tuple[tuple[str, ...], str]] = {  # tab: metrics, order
    "hot": (("gmv", "items", "unit_price", "gross_margin", "refund_rate", "stock_available", "days_of_cover"), "-gmv"),
    "slow": (("slow_stock_value", "stock_value", "stock_available", "items", "turnover_days"), "-slow_stock_value"),
    "margin": (("gross_profit", "gross_margin", "gmv", "cogs", "discount_rate"), "+gross_profit"),
    "refunds": (("refund_amount", "refund_rate", "return_rate", "gmv", "items"), "-refund_amount"),
}
MOST, MOST_POINTS, MOST_ROWS = 500, 150, 8  # SKUs; points of each quarter; rows


def _diagnosis(view: View) -> Diagnosis:
    """Asked once for the picture and the list."""
    scope = view.scope
    held = tuple(sorted(view.filters.items()))
    key = ("diagnosis", view.period, held, tuple(sorted(scope.rows.items())), scope.hidden)
    found: Diagnosis = answers.once(
        view.context, key, lambda: metrics.diagnose(view.context.warehouse, view.period, scope, view.filters)
    )
    codes = [str(row["product"]) for row in _shown(found)]
    if codes:
        answers.learn(view.context, "product", codes)
    return found


def _quarters(view: View) -> Answers:
    return {"quarters": _diagnosis(view).result}


def _draw_quarters(view: View, _found: Answers) -> Any:
    found, title = _diagnosis(view), view.text("goods.quarters")
    if not found.result.rows or found.views is None:
        return card(_none(view, found), title=title)
    graph = dcc.Graph(
        id="goods-quarters-graph",
        figure=_figure(view, found),
        style={"height": "360px"},
        responsive=True,
        config={"displayModeBar": False, "doubleClick": False, "scrollZoom": False},
    )
    counts = {name: sum(row["quarter"] == name for row in found.result.rows) for name in QUARTERS}
    told = " · ".join(f"{view.text(f'buyers.quarter.{name}')} {n}" for name, n in counts.items())
    return card(
        html.Figure([graph, html.Figcaption(told, className="note")], className="chart"),
        title=title,
        note=view.text("goods.quarters_note", views=names.metric(view, found.views)),
        corner=export.menu(view, "goods", "quarters", picture=True),
    )


def _none(view: View, found: Diagnosis) -> Any:
    reason, told = next(iter(found.result.notes.values()), None), found.result.as_of
    if found.views is None and told is not None and _young(view):
        back = html.A(view.text("goods.yesterday"), href=view.href(period_word="yesterday"), className="button")
        hint = view.text("goods.not_yet_hint", at=fmt.moment(told))
        return states.message("…", view.text("goods.not_yet"), hint, [back])
    return states.unavailable(view, reason) if found.views is None else states.nothing(view)


def _young(view: View) -> bool:
    """Whether only the day that is going on is asked about."""
    return view.period.start.date() == now(view.context.settings).date()


def _figure(view: View, found: Diagnosis) -> dict[str, Any]:
    """Lookers against conversion, a colour a quarter, the two borders as lines."""
    rows, colours = _shown(found), COLOURS[view.theme]
    tones = {
        "star": SERIES[view.theme][1],
        "leak": colours["red"],
        "hidden": SERIES[view.theme][0],
        "weak": colours["comparison"],
    }
    data = [
        _points(view, view.text(f"goods.quarter.{name}"), [row for row in rows if row["quarter"] == name], tones[name])
        for name in QUARTERS
    ]
    line = {"color": colours["target"], "width": 1, "dash": "dot"}
    x, y = found.views_split or 0, found.conversion_split or 0
    borders = [
        {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line},
        {"type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line},
    ]
    layout = {
        "template": plotly_template(view.theme),
        "xaxis": {"type": "log", "dtick": 1 if _decades(rows) > 1.5 else "D2"},  # the note names both axes
        "yaxis": {"tickformat": ".1%", "rangemode": "tozero"},
        "shapes": borders,
        "hovermode": "closest",
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.12, "x": 0, "font": {"size": 12}},
        "margin": {"l": 8, "r": 12, "t": 28, "b": 24},
    }
    return {"data": data, "layout": layout}


def _decades(rows: list[dict[str, Any]]) -> float:
    seen = [row["views"] for row in rows]
    return math.log10(max(seen) / min(seen)) if seen else 0.0


def _shown(found: Diagnosis) -> list[dict[str, Any]]:
    """The points drawn: of every quarter those that most people look at."""
    rows = sorted(found.result.rows, key=lambda row: -row["views"])
    return [row for name in QUARTERS for row in [one for one in rows if one["quarter"] == name][:MOST_POINTS]]


def _points(view: View, name: str, rows: list[dict[str, Any]], colour: str) -> dict[str, Any]:
    told = [
        view.text(
            "goods.point",
            name=names.value(view, "product", row["product"]),
            views=fmt.plain(row["views"], "count", view.lang),
            orders=fmt.plain(row["orders"], "count", view.lang),
            share=fmt.share(row["conversion"]),
        )
        for row in rows
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [row["views"] for row in rows],
        "y": [row["conversion"] for row in rows],
        "text": told,
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "marker": {"size": 9, "color": colour, "opacity": 0.8},
    }


def _draw_leaks(view: View, _found: Answers) -> Any:
    """Products that many look at and few buy, and what may be in the way."""
    found, title = _diagnosis(view), view.text("goods.leaks")
    leaks = [row for row in found.result.rows if row["quarter"] == "leak"]
    if not found.result.rows or found.views is None:
        return card(_none(view, found), title=title)
    if not leaks:
        return card(states.message("✓", view.text("goods.no_leaks")), title=title)
    rows, shop = _placed(view, [row | {"told": _hints(view, row)} for row in leaks])
    columns = [
        dimension_column(view, "product"),
        *shop,
        Column("views", names.metric(view, found.views)),
        Column("conversion", view.text("goods.conversion"), unit="rate"),
        Column("told", view.text("goods.hints"), kind="text", tone=_wrapped),
    ]
    return card(
        table.table(view, rows, columns, most=MOST_ROWS, caption=title),
        title=title,
        note=view.text("goods.leaks_note"),
        corner=export.menu(view, "goods", "leaks"),
    )


def _placed(view: View, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Column]]:
    """The rows with their shops, where goods shown of two shops have one name; else as they are."""
    codes = [str(row["product"]) for row in rows[:MOST_ROWS]]
    if len({names.value(view, "product", code) for code in codes}) == len(set(codes)):
        return rows, []
    shops = homes(view.context.warehouse, codes)
    placed = [row | {"shop": shops.get(str(row["product"]))} for row in rows]
    return placed, [Column("shop", names.dimension(view, "shop"), kind="text")]


def _wrapped(_row: dict[str, Any]) -> str:
    return "wrapped"


def _hints(view: View, row: dict[str, Any]) -> str:
    hints = [view.text(f"buyers.hint.{hint}") for hint in str(row["hints"]).split(",") if hint]
    return names.several(view, hints if row["sure"] else [view.text("goods.not_sure"), *hints])


def _hits(view: View) -> Answers:
    return {"hits": metrics.fake_hits(view.context.warehouse, people.slice_of(view), view.scope)}


def _draw_hits(view: View, found: Answers) -> Any:
    result, title = found["hits"], view.text("goods.hits")
    if not result.rows:
        reason = next(iter(result.notes.values()), None)
        known = reason in (None, "partial_buyers")
        none = states.message("✓", view.text("goods.no_hits")) if known else states.unavailable(view, reason)
        return card(none, title=title)
    shown = result.rows[:MOST_ROWS]
    answers.learn(view.context, "product", [str(row["product"]) for row in shown])
    rows, shop = _placed(view, [row | {"told": view.text(f"buyers.verdict.{row['verdict']}")} for row in shown])
    columns = [
        dimension_column(view, "product"),
        *shop,
        Column("told", view.text("goods.verdict"), kind="text"),
        Column("peak_day", view.text("goods.peak_day"), kind="text"),
        Column("peak_items", view.text("goods.peak_items")),
        Column("later_share", view.text("goods.later_share"), unit="rate"),
        Column("again_rate", view.text("goods.again_rate"), unit="rate"),
        Column("refund_rate", names.metric(view, "refund_rate"), unit="rate"),
    ]
    return card(
        table.table(view, rows, columns, most=MOST_ROWS, caption=title),
        title=title,
        note=view.text("goods.hits_note"),
        corner=export.menu(view, "goods", "hits"),
    )


def _table(view: View) -> Answers:
    tab = picks.chosen(view, "tab", list(TABLES))
    asked, order = TABLES[tab]
    return {tab: view.ask(*asked, by=("sku",), order=order, limit=MOST)}


def _draw_table(view: View, found: Answers) -> Any:
    tab, result = next(iter(found.items()))
    columns = [dimension_column(view, "sku", filter=True, width=260)]
    columns += [
        Column(
            one.field,
            one.title,
            unit=one.unit,
            tone=cards.cover_tone if one.field == "days_of_cover" else None,
            filter=True,
        )
        for one in table.metric_columns(view, result)
    ]
    first = TABLES[tab][1][1:]
    rows = [row for row in result.rows if row.get(first) is not None and (tab != "slow" or row[first])]
    body = table.grid(view, f"goods-{tab}-grid", rows, columns, height=520, page_size=50)
    if not rows and first in result.notes:
        note = result.notes[first]
        body = states.not_allowed(view) if note == "not_allowed" else states.unavailable(view, note)
    labels = {name: view.text(f"goods.tab.{name}") for name in TABLES}
    return card(
        [picks.tabs(view, "tab", labels), body],
        title=view.text(f"goods.ask.{tab}"),
        note=view.text("goods.table_note"),
        corner=export.menu(view, "goods", "table"),
    )


BLOCKS = (
    cards.block(CARDS, "goods.title"),
    Block("quarters", _quarters, _draw_quarters, 440, "chart", "goods.quarters", then=False),
    Block("leaks", _quarters, _draw_leaks, 440, "table", "goods.leaks", then=False),
    Block("table", _table, _draw_table, 560, "table", "goods.title"),
    Block("hits", _hits, _draw_hits, 300, "table", "goods.hits", then=False),
)


def layout(view: View) -> Component:
    """Cards; products by lookers and buyers beside those that leak; SKUs; hits."""
    at = places("goods", BLOCKS)
    return html.Div(
        [
            html.H1(view.text("goods.title"), className="sr-only"),
            at["cards"],
            grid(at["quarters"], at["leaks"], columns="1fr 1.35fr"),
            at["table"],
            at["hits"],
        ],
        className="stack",
    )


PAGE = Page(
    id="goods",
    path="/goods",
    title="goods.nav",
    layout=layout,
    blocks=BLOCKS,
    section="business",
    order=20,
    icon="box",
)
