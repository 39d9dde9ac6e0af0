"""Metric dictionary: what does each number mean, how is it computed, and where does it come from?"""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

import metrics
from components import definition, names, states
from components.layout import card, places
from components.page import Answers, Block, Page
from components.view import View

LAYERS = ("strategic", "management", "execution", "system")


def _entry(view: View, metric: Any) -> html.Div:
    told = metric.definition_zh if view.lang == "zh" else metric.definition_en
    find = f"{metric.id} {metric.zh} {metric.en}".lower()
    return html.Div(
        [
            html.A(
                [html.Span(names.metric(view, metric.id)), html.Code(metric.id)],
                href=view.href(f"/dictionary/{metric.id}"),
                className="entry-name stretched",
                **{"data-nav": "1"},
            ),
            html.Div(told, className="entry-text"),
        ],
        className="entry",
        **{"data-find": find},
    )


def _list(view: View) -> Component:
    parts: list[Any] = [
        dcc.Input(id="narrow-entries", type="text", className="field", placeholder=view.text("pages.dictionary.find"))
    ]
    for layer in LAYERS:
        mine = [metric for metric in metrics.catalogue().values() if metric.layer == layer]
        parts.append(html.H2(f"{view.text(f'components.layer.{layer}')} · {len(mine)}"))
        parts.append(html.Div([_entry(view, metric) for metric in mine], className="entry-list"))
    return html.Div(parts, className="stack panel-like")


def _one(view: View, metric_id: str) -> Component:
    at = places("dictionary", BLOCKS)
    return html.Div(
        [
            html.Div(
                [card([html.H1(names.metric(view, metric_id)), *definition.facts(view, metric_id)]), at["evidence"]],
                className="grid",
                style={"--columns": "1fr 1fr"},
            )
        ],
        className="stack",
    )


def layout(view: View) -> Component:
    """The list by layer, or one entry."""
    metric_id = view.path_args.get("metric")
    if metric_id is None:
        return html.Div([html.H1(view.text("pages.dictionary.title")), _list(view)], className="stack")
    if metric_id not in metrics.catalogue():
        return states.message(
            "?", view.text("pages.dictionary.missing", id=metric_id), view.text("pages.dictionary.missing_hint")
        )
    return _one(view, metric_id)


def _ask(view: View) -> Answers:
    metric_id = view.path_args.get("metric", "")
    return {metric_id: view.ask(metric_id)} if metric_id in metrics.catalogue() else {}


def _draw(view: View, found: Answers) -> Any:
    return card(definition.evidence(view, view.path_args["metric"])) if found else None


def _path(view: View) -> list[tuple[str, str]]:
    steps = [(view.text("pages.dictionary.nav"), view.href("/dictionary"))]
    if "metric" in view.path_args:
        steps.append((names.metric(view, view.path_args["metric"]), view.href()))
    return steps


BLOCKS = (Block("evidence", _ask, _draw, 360, "text", "pages.dictionary.title"),)

PAGE = Page(
    id="dictionary",
    path="/dictionary",
    aliases=("/dictionary/<metric>",),
    title="pages.dictionary.nav",
    layout=layout,
    blocks=BLOCKS,
    section="governance",
    order=80,
    icon="book",
    needs_data=False,
    breadcrumb=_path,
)
