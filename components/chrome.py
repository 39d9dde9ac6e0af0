"""What stands around every page and moves with the address and the data: navigation, pickers, tools, banners, drill
path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

import alerts
from components import answers, breadcrumb, freshness, layout, markup
from components.context import current
from components.page import Page
from components.view import View

ViewOf = Callable[[Sequence[Page], str, str], tuple[View, Page | None]]


def tools(view: View) -> list[Any]:
    """The right end of the top bar: search, freshness light, alert bell, language, theme, user."""
    other = "en" if view.lang == "zh" else "zh"
    user = view.context.user()
    firing = alerts.badge(view.context.ledger, view.scope)["firing"]  # later the tick keeps it (assets/cockpit.js)
    parts: list[Any] = [
        html.Div(
            [
                dcc.Input(
                    id="search",
                    type="text",
                    placeholder=view.text("components.search.hint"),
                    className="field search",
                    debounce=0.25,
                    autoComplete="off",
                ),
                html.Div(id="search-results", className="search-results"),
            ],
            className="search-box",
        ),
        freshness.light(view),
        html.A(
            [layout.icon("bell"), html.Span(str(firing or ""), id="alert-count", className="bell-count")],
            href="/alerts",
            className="pill bell alarmed" if firing else "pill bell",
            title=view.text("components.frame.alerts"),
            **{"data-nav": "1", "aria-label": view.text("components.frame.alerts")},
        ),
        html.Button(
            "中 / EN",
            className="pill",
            title=view.text("components.frame.language"),
            lang=other,
            **{"data-lang": other, "aria-label": view.text("components.frame.language")},
        ),
        html.Button(
            layout.icon("moon"),
            className="pill icon-pill",
            title=view.text("components.frame.theme"),
            **{"data-theme-toggle": "1", "aria-label": view.text("components.frame.theme")},
        ),
    ]
    if user:
        parts.append(
            html.Details(
                [
                    html.Summary(user[:1].upper(), className="pill user", title=user),
                    html.Div(
                        [
                            html.Div(user, className="panel-title"),
                            html.A(view.text("components.frame.sign_out"), href="/logout", className="option"),
                        ],
                        className="panel right",
                    ),
                ],
                className="pick",
            )
        )
    return parts


def register(app: dash.Dash, pages: Sequence[Page], view_of: ViewOf) -> None:
    """Callbacks of the frame, the tick and the hooks from above."""

    @app.callback(
        Output("nav", "children"),
        Output("filter-bar", "children"),
        Output("path", "children"),
        Output("banners", "children"),
        Input("url", "search"),
        Input("version", "data"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    def draw_frame(query: str, _version: Any, path: str) -> Any:
        view, page = view_of(pages, path, query)
        empty = answers.is_empty(view.context, view.scope)
        bar = None if empty or page is None else layout.filter_bar(view, page)
        banners = [*layout.banners(view), *freshness.banner(view, page)]
        return markup.flat([layout.navigation(view, pages, page), bar, breadcrumb.path(view, page), banners])

    @app.callback(
        Output("tools", "children"),
        Input("version", "data"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def draw_tools(_version: Any, path: str, query: str) -> Any:
        view, _ = view_of(pages, path, query)
        return markup.flat(tools(view))

    @app.callback(
        Output("toast", "children"),
        Input("action", "data"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def act(asked: Any, path: str, query: str) -> Any:
        name = (asked or {}).get("name", "")
        hook = current().actions.get(name)
        if hook is None:
            return no_update
        view, _ = view_of(pages, path, query)
        hook()
        return view.text("components.frame.done")

    app.clientside_callback(
        ClientsideFunction("cockpit", "turn"),
        Input("url", "search"),
        Input("version", "data"),
        Input("theme", "data"),
        Input("retry", "data"),
        Input("late", "data"),
        State("url", "pathname"),
        State("drawn", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("cockpit", "tick"),
        Output("version", "data"),
        Input("tick", "n_intervals"),
        State("version", "data"),
    )
