"""Drill: one metric cut by any dimension it allows, step by step, down to the order lines behind it."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

import metrics
from components import answers, bars, cards, definition, details, export, names, picks, states, trend, why
from components.kpi_card import kpi_card
from components.layout import card, grid, places
from components.page import Answers, Block, Page
from components.view import COMPARISONS, View

ORDER = (
    "platform",
    "shop",
    "channel",
    "category",
    "product",
    "sku",
    "province",
    "city",
    "live_session",
    "creator",
    "campaign",
    "ad_plan",
    "hour",
    "weekday",
    "video",
    "creative",
    "warehouse",
)
PLACES = ("platform", "shop")  # not worth a cut when there is only one
WITH_LINES = ("order_line", "refund")


def dimensions(view: View) -> list[str]:
    """The dimensions left to cut by: allowed by the metric and not held to one value yet."""
    allowed = metrics.catalogue()[view.path_args["metric"]].dimensions
    single = {dim for dim in PLACES if len(answers.values(view.context, dim, view.scope)) < 2}
    left = [dim for dim in ORDER if dim in allowed and dim not in single and len(view.filters.get(dim, ())) != 1]
    return left or [dim for dim in ORDER if dim in allowed][:1] or ["platform"]


def _curve(view: View) -> Answers:
    metric = view.path_args["metric"]
    return {**cards.ask(view, (metric,), 1), **trend.ask(view, metric)}


def _draw_curve(view: View, found: Answers) -> Any:
    metric = view.path_args["metric"]
    title = view.text("pages.drill.curve", name=names.metric(view, metric))
    curves = {word: result for word, result in found.items() if word in ("curve", "target", *COMPARISONS)}
    return grid(
        kpi_card(view, {word: result for word, result in found.items() if word not in curves}, metric),
        card(
            trend.trend(view, "drill-curve-graph", curves, metric, height=208),
            title=title,
            corner=export.menu(view, "drill", "curve", picture=True),
        ),
        columns="280px 1fr",
    )


def _parts(view: View) -> Answers:
    by, metric = picks.chosen(view, "by", dimensions(view)), view.path_args["metric"]
    return {"parts": view.ask(metric, by=(by,), compare=view.compare, order=f"-{metric}", limit=200)}


def _draw_parts(view: View, found: Answers) -> Any:
    allowed, metric = dimensions(view), view.path_args["metric"]
    by = picks.chosen(view, "by", allowed)
    title = view.text("pages.drill.parts", name=names.metric(view, metric), by=names.dimension(view, by))
    return card(
        [picks.dimensions(view, "by", allowed), bars.bars(view, found["parts"], metric, by, most=40)],
        title=title,
        note=view.text("pages.drill.parts_note"),
        corner=export.menu(view, "drill", "parts"),
    )


def _draw_lines(view: View, _found: Answers) -> Any:
    if "order" in view.extra:
        found = [details.lines(view, f"drill-{fact}", fact) for fact in WITH_LINES]
        return html.Div(found, className="stack")
    return details.lines(view, "drill-lines", metrics.catalogue()[view.path_args["metric"]].fact)


BLOCKS = (
    Block("curve", _curve, _draw_curve, 256, "chart", "pages.drill.title"),
    Block("parts", _parts, _draw_parts, 160, "table", "pages.drill.title"),
    Block("lines", lambda view: {}, _draw_lines, 420, "table", "pages.sku.lines", export=False, then=False),
)


def layout(view: View) -> Component:
    """The metric's card and curve; its parts; the lines behind it."""
    metric = view.path_args["metric"]
    if metric not in metrics.catalogue():
        return states.message(
            "?", view.text("pages.dictionary.missing", id=metric), view.text("pages.dictionary.missing_hint")
        )
    at = places("drill", BLOCKS)
    if order := view.extra.get("order"):
        title = html.H1(view.text("pages.drill.order", id=order))
        return html.Div([html.Div(title, className="page-title"), at["lines"]], className="stack")
    shown = [at["curve"], at["parts"]] + ([at["lines"]] if metrics.catalogue()[metric].fact in WITH_LINES else [])
    return html.Div(
        [
            html.Div(
                [html.H1(names.metric(view, metric)), definition.mark(view, metric), why.link(view, metric)],
                className="page-title",
            ),
            *shown,
        ],
        className="stack",
    )


def _path(view: View) -> list[tuple[str, str]]:
    return [
        (view.text("pages.strategic.nav"), view.href("/", filters={})),
        (names.metric(view, view.path_args["metric"]), view.href()),
    ]


PAGE = Page(
    id="drill", path="/drill/<metric>", title="pages.drill.title", layout=layout, blocks=BLOCKS, breadcrumb=_path
)
