"""Management: how well do channels, categories and buyers work, compared part against part?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from components import bars, beside, cards, export, funnel, names, picks, table, trend
from components.columns import dimension_column
from components.layout import card, grid, places
from components.page import Answers, Block, Page
from components.view import View

CARDS = (
    "cvr",
    "aov",
    "order_value",
    "units_per_order",
    "repeat_rate",
    "refund_rate",
    "payment_rate",
    "new_buyer_share",
)
STEPS = ("exposures", "clicks", "visitors", "add_to_cart", "buyers", "repeat_buyers")
RATES = {"clicks": "ctr", "add_to_cart": "add_to_cart_rate", "buyers": "cvr", "repeat_buyers": "repeat_rate"}
EVENTS = ("funnel_view_users", "funnel_interest_users", "funnel_buy_users")
PARTS = ("channel", "platform", "shop", "category", "creator", "province")
COMPARED = (
    "gmv",
    "orders",
    "buyers",
    "aov",
    "units_per_order",
    "cvr",
    "discount_rate",
    "refund_rate",
    "refund_rate_cohort",
    "repeat_rate",
)
CHANGES = ("gmv", "cvr", "refund_rate")
LOYALTY = (
    "new_buyers",
    "new_buyer_gmv",
    "returning_buyer_gmv",
    "repeat_rate",
    "repurchase_rate_30",
    "repurchase_rate_90",
)
CURVES = ("refund_rate", "aov", "cvr", "repeat_rate")


def _funnel(view: View) -> Answers:
    return {
        "funnel": view.ask(*STEPS, *RATES.values(), funnel.SPEND),
        "events": view.ask(*EVENTS),
        "against": view.ask(*STEPS, funnel.SPEND, compare=view.compare, newest=False),
    }


def _draw_funnel(view: View, found: Answers) -> Any:
    row = found["funnel"].rows[0] if found["funnel"].rows else {}
    traffic = any(row.get(step) for step in STEPS[: STEPS.index(funnel.PAYING)])
    body = (
        funnel.funnel(view, found["funnel"], STEPS, RATES, found["against"])
        if traffic
        else funnel.funnel(view, found["events"], EVENTS, {})
    )
    return card(
        body,
        title=view.text("pages.management.funnel"),
        note=view.text("pages.management.funnel_note"),
        corner=export.menu(view, "management", "funnel"),
    )


def _refunds(view: View) -> Answers:
    by = picks.chosen(view, "refunds", PARTS)
    return {
        "refunds": view.ask(
            "refund_rate", "refund_amount", "gmv", by=(by,), compare=view.compare, order="-refund_amount", limit=20
        )
    }


def _draw_refunds(view: View, found: Answers) -> Any:
    by = picks.chosen(view, "refunds", PARTS)
    return card(
        [picks.dimensions(view, "refunds", PARTS[:5]), bars.bars(view, found["refunds"], "refund_rate", by, most=8)],
        title=view.text("pages.management.refunds"),
        note=view.text("pages.management.refunds_note"),
        corner=export.menu(view, "management", "refunds"),
    )


def _parts(view: View) -> Answers:
    by = picks.chosen(view, "by", PARTS)
    return beside.ask(view, COMPARED, CHANGES, by=(by,), order="-gmv", limit=200)


def _draw_parts(view: View, found: Answers) -> Any:
    by = picks.chosen(view, "by", PARTS)
    result = beside.merged(view, found)
    first = dimension_column(view, by, filter=True, width=150)
    columns = [first, *table.metric_columns(view, result, changes=CHANGES)]
    return card(
        [
            picks.dimensions(view, "by", PARTS),
            table.grid(view, "management-parts-grid", result.rows, columns, height=380),
        ],
        title=view.text("pages.management.parts"),
        corner=export.menu(view, "management", "parts"),
    )


def _longer(view: View) -> View:
    """The hours of one day do not tell whether a rate gets better: a single day is drawn with the two weeks to it."""
    if view.days > 1:
        return view
    last = (view.period.end - timedelta(microseconds=1)).date()
    return replace(view, period_word=f"{last - timedelta(days=13)}..{last}", compare_word="previous")


def _curves(view: View) -> tuple[str, ...]:
    """The curves this reader may see; the block refuses only who may see none."""
    return tuple(metric for metric in CURVES if view.answerable(metric)) or CURVES


def _curve(view: View) -> Answers:
    return trend.ask(_longer(view), picks.chosen(view, "curve", _curves(view)))


def _draw_curve(view: View, found: Answers) -> Any:
    metric = picks.chosen(view, "curve", _curves(view))
    labels = {one: names.metric(view, one) for one in _curves(view)}
    return card(
        [
            picks.tabs(view, "curve", labels),
            trend.trend(_longer(view), "management-curve-graph", found, metric, height=252),
        ],
        title=view.text("pages.management.curve", name=names.metric(view, metric)),
        corner=export.menu(view, "management", "curve", picture=True),
    )


def _loyalty(view: View) -> Answers:
    return {"loyalty": view.ask(*LOYALTY, by=("platform",), compare=view.compare, order="-new_buyers")}


def _draw_loyalty(view: View, found: Answers) -> Any:
    result = found["loyalty"]
    columns = [
        dimension_column(view, "platform"),
        *table.metric_columns(view, result, changes=("new_buyers",)),
    ]
    title = view.text("pages.management.loyalty")
    return card(
        table.table(view, result.rows, columns, caption=title),
        title=title,
        note=view.text("pages.management.loyalty_note"),
        corner=export.menu(view, "management", "loyalty"),
    )


BLOCKS = (
    cards.block(CARDS, "pages.management.title"),
    Block("funnel", _funnel, _draw_funnel, 440, "chart", "pages.management.funnel"),
    Block("curve", _curve, _draw_curve, 360, "chart", "pages.management.curve_title"),
    Block("refunds", _refunds, _draw_refunds, 360, "chart", "pages.management.refunds"),
    Block("parts", _parts, _draw_parts, 400, "table", "pages.management.parts"),
    Block("loyalty", _loyalty, _draw_loyalty, 168, "table", "pages.management.loyalty"),
)


def layout(view: View) -> Component:
    """Cards; funnel, curve and refunds side by side; the comparison of parts; buyers who come back."""
    at = places("management", BLOCKS)
    return html.Div(
        [
            html.H1(view.text("pages.management.title"), className="sr-only"),
            at["cards"],
            grid(at["funnel"], at["curve"], at["refunds"], columns="1.1fr 1.2fr 1fr"),
            at["parts"],
            at["loyalty"],
        ],
        className="stack",
    )


PAGE = Page(
    id="management",
    path="/management",
    title="pages.management.nav",
    layout=layout,
    blocks=BLOCKS,
    section="cockpit",
    order=20,
    icon="users",
)
