"""The first answer: a page comes complete, as HTML to read at once and as the layout from which Dash goes on.

Dash itself sends an empty page, then asks for the layout, then for each block: four round trips and half a second of
script before the first number stands. Here the blocks that are answered within `SECONDS` are in the HTML already;
the browser shows them while its scripts load, and `assets/first.js` changes over when Dash has drawn the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components import answers, block, breadcrumb, chrome, freshness, layout
from components.page import Page
from components.view import View

SECONDS = 0.6  # how long a page waits for its blocks; the rest follow by themselves


def nodes(tree: Any) -> Iterator[Component]:
    """Every component of a tree, the tree itself first."""
    if isinstance(tree, list | tuple):
        for one in tree:
            yield from nodes(one)
    elif isinstance(tree, Component):
        yield tree
        yield from nodes(getattr(tree, "children", None))


def placed(tree: Any, page: Page) -> dict[str, html.Div]:
    """The places of the page's blocks that stand in a laid-out page, by block name."""
    wanted = {f"{page.id}-{part.name}": part.name for part in page.blocks}
    return {wanted[node.id]: node for node in nodes(tree) if getattr(node, "id", None) in wanted}


def turn_id(page: Page) -> str:
    """The store that asks for a page's blocks anew; it stands on its page only, and so calls no other page."""
    return f"{page.id}-turn"


def complete(view: View, page: Page, inside: Any) -> tuple[Any, list[str]]:
    """A laid-out page with its blocks drawn, and the names of those that are not ready yet.

    A block that the page leaves out gets a hidden place, because one callback answers for all of a page's blocks.
    """
    if not page.blocks:
        return inside, []
    places = placed(inside, page)
    if not places:
        return inside, []
    shown = [part for part in page.blocks if part.name in places]
    drawn = block.draw_all(view, page, shown, SECONDS)
    for name, picture in drawn.items():
        places[name].children = picture
    spare = [html.Div(id=f"{page.id}-{part.name}", hidden=True) for part in page.blocks if part.name not in places]
    turn = dcc.Store(id=turn_id(page))
    return [inside, *spare, turn], [part.name for part in shown if part.name not in drawn]


def frame(view: View, pages: Sequence[Page], page: Page | None, inside: Any) -> Component:
    """The whole screen around a page's content, every part of it drawn."""
    empty = answers.is_empty(view.context, view.scope)
    return layout.frame(
        view,
        page,
        inside,
        nav=layout.navigation(view, pages, page),
        bar=None if empty or page is None else layout.filter_bar(view, page),
        path=breadcrumb.path(view, page),
        tools=chrome.tools(view),
        banners=[*layout.banners(view), *freshness.banner(view, page)],
    )
