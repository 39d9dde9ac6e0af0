"""The search of the top bar: metrics, SKUs and orders by their names or ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import dash
from dash import Input, Output, State, html

import metrics
from components import answers, names
from components.page import Page
from components.view import View
from errors import CockpitError

ViewOf = Callable[[Sequence[Page], str, str], tuple[View, Page | None]]
MOST = 6
SHORTEST_ORDER = 5


def metric_hits(view: View, words: str) -> list[tuple[str, str, str]]:
    """(label, hint, link) of catalogue entries whose id or names hold the words."""
    found = [m for m in metrics.catalogue().values() if words in f"{m.id} {m.zh} {m.en}".lower()]
    return [(names.metric(view, m.id), m.id, f"/dictionary/{m.id}") for m in found[:MOST]]


def sku_hits(view: View, words: str) -> list[tuple[str, str, str]]:
    """(label, hint, link) of SKUs whose id or product name holds the words."""
    try:
        found = [s for s in answers.skus(view.context, view.scope) if words in f"{s[0]} {s[1]}".lower()]
    except CockpitError:
        return []
    return [
        (name or sku, sku if name else "", view.href(f"/sku/{quote(sku, safe='')}", filters={}))
        for sku, name in found[:MOST]
    ]


def _is_order(view: View, typed: str) -> bool:
    """Whether the reader may see a paid line of an order with this id."""
    try:
        return bool(metrics.details(view.context.warehouse, "order_line", {}, None, view.scope, 1, order_id=typed))
    except CockpitError:
        return False


def results(view: View, words: str) -> Any:
    """The list under the field."""
    typed = words.strip()
    words = typed.lower()
    if not words:
        return None
    parts: list[Any] = []
    for kind, hits in (("metric", metric_hits(view, words)), ("sku", sku_hits(view, words))):
        if hits:
            parts.append(html.Div(view.text(f"components.search.{kind}"), className="panel-title"))
            parts += [
                html.A(
                    [html.Span(label), html.Span(hint, className="hint")],
                    href=link,
                    className="option",
                    **{"data-nav": "1"},
                )
                for label, hint, link in hits
            ]
    if len(typed) >= SHORTEST_ORDER and _is_order(view, typed):
        href = view.href("/drill/gmv", filters={}, extra={"order": typed})
        label = view.text("components.search.order", id=typed)
        parts.append(html.A(label, href=href, className="option", **{"data-nav": "1"}))
    return html.Div(
        parts or html.Div(view.text("components.search.none"), className="muted pad"), className="panel open"
    )


def register(app: dash.Dash, pages: Sequence[Page], view_of: ViewOf) -> None:
    """The callback behind the field."""

    @app.callback(
        Output("search-results", "children"),
        Input("search", "value"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def find(words: str | None, path: str, query: str) -> Any:
        view, _ = view_of(pages, path, query)
        return results(view, words or "")
