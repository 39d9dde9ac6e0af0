"""The drill path: where the reader stands and what is held, each step with its way back."""

from __future__ import annotations

from typing import Any

from dash import html

from components import filters
from components.page import Page
from components.view import View


def path(view: View, page: Page | None) -> list[Any]:
    """Section › page › … followed by the filters that hold."""
    if page is None:
        return []
    steps: list[tuple[str, str]] = page.breadcrumb(view) if page.breadcrumb else [(view.text(page.title), view.href())]
    crumbs: list[Any] = []
    for i, (label, href) in enumerate(steps):
        last = i == len(steps) - 1
        if i:
            crumbs.append(html.Span("›", className="crumb-sep", **{"aria-hidden": "true"}))
        crumbs.append(
            html.Span(label, className="crumb here", **{"aria-current": "page"})
            if last
            else html.A(label, href=href, className="crumb", **{"data-nav": "1"})
        )
    held = filters.chips(view)
    return [
        html.Nav(crumbs, className="crumbs", **{"aria-label": view.text("components.frame.path")}),
        html.Div(held, className="held") if held else None,
    ]
