"""The whole indicator tree: what is every number made of, how does it stand, and where does one look next?"""

from __future__ import annotations

from functools import partial
from typing import Any

from dash import html
from dash.development.base_component import Component

import metrics
from components import export, metric_tree, names
from components.layout import card, places
from components.page import Answers, Block, Page
from components.view import View

LAYERS = ("strategic", "management", "execution", "system")
_COLUMNS = (("strategic", "system"), ("management",), ("execution",))


def _ids(layer: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for root in metric_tree.roots(layer) for name in metric_tree.below(root)))


def _ask(layer: str, view: View) -> Answers:
    return metric_tree.ask(view, _ids(layer))


def _draw(layer: str, view: View, found: Answers) -> Any:
    roots = metric_tree.roots(layer)
    branches = metric_tree.Branches(view, found, _ids(layer))
    own = sum(item.layer == layer for item in metrics.catalogue().values())
    note = view.text("definitions.tree.note", n=own, versus=names.comparison(view, view.compare))
    return card(
        branches.trees(roots),
        title=view.text(f"components.layer.{layer}"),
        note=note,
        corner=export.menu(view, "tree", layer),
        className="tree-card",
    )


BLOCKS = tuple(
    Block(layer, partial(_ask, layer), partial(_draw, layer), 480, "table", f"components.layer.{layer}")
    for layer in LAYERS
)


def layout(view: View) -> Component:
    """A column for each layer of the business, the system's below the shortest; under each other without room."""
    at = places("tree", BLOCKS)
    return html.Div(
        [
            html.Div(
                [
                    html.H1(view.text("definitions.tree.title")),
                    html.A(
                        view.text("definitions.tree.meaning"),
                        href=view.href("/dictionary"),
                        className="inline",
                        **{"data-nav": "1"},
                    ),
                ],
                className="page-title",
            ),
            html.Div(
                [html.Div([at[layer] for layer in column], className="stack") for column in _COLUMNS],
                className="tree-columns",
            ),
        ],
        className="stack",
    )


PAGE = Page(
    id="tree",
    path="/tree",
    title="definitions.tree.nav",
    layout=layout,
    blocks=BLOCKS,
    section="cockpit",
    order=15,
    icon="tree",
)
