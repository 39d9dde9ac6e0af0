"""What is most unusual: what should somebody look at who does not know yet what to ask?"""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from components import unusual
from components.layout import places
from components.page import Answers, Block, Page
from components.view import View


def _draw(view: View, _found: Answers) -> Any:
    return unusual.panel(view)


BLOCKS = (Block("unusual", lambda view: {}, _draw, 420, "text", "explain.sweep.title", export=False),)


def layout(view: View) -> Component:
    """The events of the period, one under the other."""
    title = html.Div(html.H1(view.text("explain.sweep.title")), className="page-title")
    return html.Div([title, places("unusual", BLOCKS)["unusual"]], className="stack")


PAGE = Page(
    id="unusual",
    path="/why",
    title="explain.sweep.nav",
    layout=layout,
    blocks=BLOCKS,
    section="cockpit",
    order=16,
    icon="spark",
)
