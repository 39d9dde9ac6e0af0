"""Small choices inside a page that live in the address too: tabs, and the dimension something is cut by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from components import names
from components.view import View


def chosen(view: View, name: str, allowed: Sequence[str]) -> str:
    """The value of a choice in the address, the first of `allowed` if there is none."""
    asked = view.extra.get(name, "")
    return asked if asked in allowed else allowed[0]


def tabs(view: View, name: str, labels: Mapping[str, str]) -> html.Nav:
    """Links that set `name` in the address."""
    now = chosen(view, name, list(labels))
    return html.Nav(
        [
            html.A(
                label,
                href=view.href(extra={**view.extra, name: value}),
                className="tab" + (" on" if value == now else ""),
                **{"data-nav": "1", "aria-current": "true" if value == now else "false"},
            )
            for value, label in labels.items()
        ],
        className="tabs",
    )


def dimensions(view: View, name: str, allowed: Sequence[str]) -> html.Nav:
    """Tabs over dimensions."""
    return tabs(view, name, {dim: names.dimension(view, dim) for dim in allowed})
