"""Why did it change: one metric's change split along the tree and over every dimension, in sentences and bars."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

import metrics
from components import definition, names, states, why
from components.layout import places
from components.page import Answers, Block, Page
from components.view import View


def _draw(view: View, _found: Answers) -> Any:
    return why.panel(view, view.path_args["metric"])


BLOCKS = (Block("why", lambda view: {}, _draw, 640, "text", "explain.page.title", export=False, then=False),)


def layout(view: View) -> Component:
    """The metric's name, then the answer."""
    metric = view.path_args["metric"]
    if metric not in metrics.catalogue():
        return states.message(
            "?", view.text("pages.dictionary.missing", id=metric), view.text("pages.dictionary.missing_hint")
        )
    title = html.H1(view.text("explain.page.heading", name=names.metric(view, metric)))
    head = html.Div([title, definition.mark(view, metric)], className="page-title")
    return html.Div([head, places("why", BLOCKS)["why"]], className="stack")


def _path(view: View) -> list[tuple[str, str]]:
    metric = view.path_args["metric"]
    return [
        (view.text("pages.strategic.nav"), view.href("/", filters={})),
        (names.metric(view, metric), view.href(f"/drill/{metric}")),
        (view.text("explain.page.title"), view.href()),
    ]


PAGE = Page(id="why", path="/why/<metric>", title="explain.page.title", layout=layout, blocks=BLOCKS, breadcrumb=_path)
