"""The Dash app around the pages: finds them, frames them, runs their blocks when address, data version or theme moves.

`create_app(context, server)` is the one door for the front door (`app.py`, `commands/serve.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import dash
import dash_ag_grid
import flask
from dash import Input, Output, State, html, no_update

import i18n
from components import answers, block, chrome, definition, export, layout, search, states, tokens
from components.context import Context, attach, current, lang, rise_colour, theme
from components.page import Block, Page, find_pages
from components.view import View, parse
from config import ROOT

log = logging.getLogger(__name__)
GRID = "dash_ag_grid.min.js"  # fetched by assets/grid_lazy.js when a page draws a grid
PLOTLY = "vendor/plotly-basic.min.js"  # scatter, bar and pie: a quarter of the full bundle

_INDEX = """<!DOCTYPE html>
<html lang="{lang}" data-theme="{theme}" data-mantine-color-scheme="{theme}" data-rise="{rise}" data-grid="{grid}">
<head>{metas}<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>{favicon}
<link rel="preload" as="script" href="{plotly}">
<style>{tokens}</style>{css}
<script>Object.defineProperty(window,"_dashPlotlyJSURL",
{{get:function(){{return "{plotly}"}},set:function(){{}}}})</script>
</head><body>{app_entry}<footer>{config}{scripts}{renderer}</footer></body></html>"""


class CockpitDash(dash.Dash):
    """Dash whose first HTML already carries the reader's language, theme and colour convention."""

    def interpolate_index(self, **parts: Any) -> str:
        """The page's HTML; no flash of the wrong theme."""
        language = lang()
        parts["title"] = i18n.text("components.frame.brand", language)
        parts["app_entry"] = (
            '<div id="react-entry-point"><div class="_dash-loading boot">'
            f"{i18n.text('components.state.loading', language)}</div></div>"
        )
        return _INDEX.format(
            lang="zh-CN" if language == "zh" else "en",
            theme=theme(),
            rise=rise_colour(current().settings, language),
            tokens=tokens.css(),
            plotly=self.get_asset_url(PLOTLY),
            grid=f"{self.config.requests_pathname_prefix}_dash-component-suites/dash_ag_grid/{GRID}",
            **{
                name: parts.get(name, "")
                for name in ("metas", "title", "favicon", "css", "app_entry", "config", "scripts", "renderer")
            },
        )


def view_of(pages: Sequence[Page], path: str, query: str) -> tuple[View, Page | None]:
    """The asker's view of an address, and the page that it is."""
    context, language = current(), lang()
    page, path_args = match(pages, path)
    view = parse(
        context,
        path,
        query,
        path_args=path_args,
        lang=language,
        theme=theme(),
        rise=rise_colour(context.settings, language),
        scope=context.scope(),
    )
    return view, page


def match(pages: Sequence[Page], path: str) -> tuple[Page | None, dict[str, str]]:
    """The page of a path, with the path's named parts."""
    for page in pages:
        found = page.match(path)
        if found is not None:
            return page, found
    return None, {}


def content(view: View, page: Page | None) -> Any:
    """A page's layout, or the state it is in."""
    if page is None:
        return states.message(
            "?",
            view.text("components.state.no_page"),
            view.text("components.state.no_page_hint"),
            [html.A(view.text("components.state.home"), href="/", className="button")],
        )
    if page.needs_data and answers.is_empty(view.context, view.scope):
        return states.empty_warehouse(view)
    return page.layout(view)


def _hold_grid_back() -> None:
    """Mark the grid's script as one that is fetched on demand, as Dash's own larger components are."""
    for script in dash_ag_grid._js_dist:
        if script["relative_package_path"] == GRID:
            script["async"] = True


def create_app(context: Context, server: flask.Flask) -> dash.Dash:
    """Build the web app on `server`. Pages are found in `pages/`; a broken one is skipped and named in
    `context.warnings`."""
    attach(server, context)
    _hold_grid_back()
    pages, warnings = find_pages()
    context.warnings.extend(warnings)
    app = CockpitDash(
        "cockpit",
        server=server,
        assets_folder=str(ROOT / "assets"),
        assets_ignore=r"plotly-basic.*|wall.*",
        use_pages=False,
        pages_folder="",
        suppress_callback_exceptions=True,
        serve_locally=True,
        update_title="",
        compress=False,
        add_log_handler=False,
    )
    app.layout = layout.document
    _register_root(app, pages)
    chrome.register(app, pages, view_of)
    for page in pages:
        for part in page.blocks:
            _register_block(app, pages, page, part)
        if page.register:
            page.register(app)
    definition.register(app, pages, view_of)
    search.register(app, pages, view_of)
    export.register(server, pages, view_of)
    return app


def _register_root(app: dash.Dash, pages: Sequence[Page]) -> None:
    @app.callback(Output("root", "children"), Input("url", "pathname"), State("url", "search"))
    def draw_root(path: str, query: str) -> Any:
        view, page = view_of(pages, path, query)
        inside = content(view, page)
        return inside if page is not None and not page.frame else layout.frame(view, page, inside)


def _register_block(app: dash.Dash, pages: Sequence[Page], page: Page, part: Block) -> None:
    place = f"{page.id}-{part.name}"

    @app.callback(
        Output(place, "children"),
        Input("url", "search"),
        Input("version", "data"),
        Input("theme", "data"),
        Input("retry", "data"),
        State("url", "pathname"),
        prevent_initial_call=False,
    )
    def draw_block(query: str, _version: Any, _theme: Any, retry: Any, path: str) -> Any:
        if dash.ctx.triggered_id == "retry" and retry != place:
            return no_update
        view, here = view_of(pages, path, query)
        if here is None or here.id != page.id:
            return no_update
        return block.draw(view, page, part)
