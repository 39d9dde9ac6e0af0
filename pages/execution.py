"""Execution: what has to be done today, on which plan, SKU, live room or order?"""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from components import bars, cards, export, picks, table, trend
from components.columns import dimension_column
from components.layout import card, grid, places
from components.page import Answers, Block, Page
from components.table import Column
from components.view import View

CARDS = (
    "orders_to_ship",
    "late_orders",
    "ad_spend",
    "ad_roi",
    "stockout_skus",
    "live_gmv",
    "ship_on_time_rate",
    "campaign_roi",
    "slow_stock_value",
    "pay_seconds",
    "refund_hours",
)
TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {  # tab: dimensions, metrics, order
    "stock": (
        ("sku", "category"),
        ("stock_available", "days_of_cover", "items", "gmv", "stock_value"),
        "+days_of_cover",
    ),
    "ads": (
        ("ad_plan",),
        ("ad_spend", "ad_gmv", "ad_roi", "ad_orders", "ad_cpa", "ad_clicks", "ad_ctr", "ad_cpc", "ad_cpm"),
        "-ad_spend",
    ),
    "live": (
        ("live_session", "creator"),
        (
            "live_gmv",
            "live_minutes",
            "live_entries",
            "acu",
            "pcu",
            "watch_seconds",
            "live_click_rate",
            "live_pay_rate",
            "live_gpm",
        ),
        "-live_gmv",
    ),
    "campaigns": (("campaign",), ("gmv", "orders", "ad_spend", "campaign_roi"), "-gmv"),
    "ship": (
        ("platform", "shop"),
        ("orders_to_ship", "late_orders", "ship_on_time_rate", "ship_hours"),
        "-orders_to_ship",
    ),
}
MOST = 500


def _table(view: View) -> Answers:
    tab = picks.chosen(view, "tab", list(TABLES))
    by, asked, order = TABLES[tab]
    return {tab: view.ask(*asked, by=by, order=order, limit=MOST)}


def _draw_table(view: View, found: Answers) -> Any:
    tab, result = next(iter(found.items()))
    columns = [
        dimension_column(view, dim, filter=True, width=240 if dim in ("sku", "ad_plan", "live_session") else 130)
        for dim in result.dimensions
    ]
    tones = {"days_of_cover": cards.cover_tone}
    columns += [
        Column(one.field, one.title, unit=one.unit, tone=tones.get(one.field), filter=True)
        for one in table.metric_columns(view, result)
    ]
    labels = {name: view.text(f"pages.execution.tab_{name}") for name in TABLES}
    rows = [row for row in result.rows if any(row.get(metric) is not None for metric in result.metrics)]
    rows = cards.by_urgency(rows) if tab == "stock" else rows
    return card(
        [
            picks.tabs(view, "tab", labels),
            table.grid(view, f"execution-{tab}-grid", rows, columns, height=520, page_size=50),
        ],
        title=view.text(f"pages.execution.ask_{tab}"),
        note=view.text("pages.execution.table_note"),
        corner=export.menu(view, "execution", "table"),
    )


def _plans(view: View) -> Answers:
    return {
        "plans": view.ask(
            "ad_roi", "ad_spend", "ad_gmv", by=("ad_plan",), compare=view.compare, order="-ad_spend", limit=12
        )
    }


def _draw_plans(view: View, found: Answers) -> Any:
    return card(
        bars.bars(view, found["plans"], "ad_roi", "ad_plan", most=7),
        title=view.text("pages.execution.plans"),
        note=view.text("pages.execution.plans_note"),
        corner=export.menu(view, "execution", "plans"),
    )


def _spend(view: View) -> Answers:
    return trend.ask(view, "ad_spend")


def _draw_spend(view: View, found: Answers) -> Any:
    return card(
        trend.trend(view, "execution-spend-graph", found, "ad_spend", height=232),
        title=view.text("pages.execution.spend"),
        corner=export.menu(view, "execution", "spend", picture=True),
    )


def _late(view: View) -> Answers:
    return {"late": view.ask("orders_to_ship", "late_orders", by=("shop",), order="-late_orders", limit=10)}


def _draw_late(view: View, found: Answers) -> Any:
    result = found["late"]
    columns = [
        dimension_column(view, "shop"),
        *table.metric_columns(view, result),
    ]
    title = view.text("pages.execution.late")
    return card(
        table.table(view, result.rows, columns, most=7, caption=title),
        title=title,
        corner=export.menu(view, "execution", "late"),
    )


BLOCKS = (
    cards.block(CARDS, "pages.execution.title"),
    Block("plans", _plans, _draw_plans, 312, "chart", "pages.execution.plans"),
    Block("spend", _spend, _draw_spend, 312, "chart", "pages.execution.spend"),
    Block("late", _late, _draw_late, 312, "table", "pages.execution.late"),
    Block("table", _table, _draw_table, 560, "table", "pages.execution.table"),
)


def layout(view: View) -> Component:
    """Cards; plans, spend and shipping; the table that acts."""
    at = places("execution", BLOCKS)
    return html.Div(
        [
            html.H1(view.text("pages.execution.title"), className="sr-only"),
            at["cards"],
            grid(at["plans"], at["spend"], at["late"], columns="1.1fr 1.3fr .9fr"),
            at["table"],
        ],
        className="stack",
    )


PAGE = Page(
    id="execution",
    path="/execution",
    title="pages.execution.nav",
    layout=layout,
    blocks=BLOCKS,
    section="cockpit",
    order=30,
    icon="bolt",
)
