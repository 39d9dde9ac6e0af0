"""The Dash app around the pages: finds them, frames them, runs their blocks when address, data version or theme moves.

A page comes complete with the first answer (`components.first`); what moves later is asked for in one request a page.

`create_app(context, server)` is the one door for the front door (`app.py`, `commands/serve.py`).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import dash
import dash_ag_grid
import flask
from dash import Input, Output, State, html, no_update
from dash._utils import to_json
from dash.exceptions import PreventUpdate

import i18n
from components import answers, block, chrome, definition, export, first, layout, markup, search, states, tokens
from components.context import Context, attach, current, lang, rise_colour, theme
from components.page import Page, find_pages
from components.view import View, parse
from config import ROOT
from errors import CockpitError

log = logging.getLogger(__name__)
GRID = "dash_ag_grid.min.js"  # fetched by assets/grid_lazy.js when a page draws a grid
PLOTLY = "vendor/plotly-basic.min.js"  # scatter, bar and pie: a quarter of the full bundle

_INDEX = """<!DOCTYPE html>
<html lang="{lang}" data-theme="{theme}" data-mantine-color-scheme="{theme}" data-rise="{rise}" data-grid="{grid}">
<head>{metas}<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>{favicon}
<script src="{first}" defer></script><link rel="preload" as="script" href="{plotly}">
<style>{tokens}</style>{css}
<script>Object.defineProperty(window,"_dashPlotlyJSURL",
{{get:function(){{return "{plotly}"}},set:function(){{}}}})</script>
</head><body>{app_entry}<footer>{config}{scripts}{renderer}</footer></body></html>"""
_FIRST = """<div id="first">{screen}</div>{entry}<template id="first-scripts">{scripts}</template>
<script id="first-layout" type="application/json">{layout}</script>
<script id="first-dependencies" type="application/json">{dependencies}</script>"""


class CockpitDash(dash.Dash):
    """Dash whose first HTML already carries the page, in the reader's language, theme and colour convention."""

    pages: Sequence[Page] = ()

    def interpolate_index(self, **parts: Any) -> str:
        """The page's HTML; no flash of the wrong theme."""
        language = lang()
        parts["title"] = i18n.text("components.frame.brand", language)
        parts["app_entry"] = (
            '<div id="react-entry-point"><div class="_dash-loading boot">'
            f"{i18n.text('components.state.loading', language)}</div></div>"
        )
        screen = self._first(parts) if self.pages else None
        if screen is not None:
            sources = re.findall(r'src="([^"]+)"', parts["scripts"])
            preload = "".join(f'<link rel="preload" as="script" href="{source}">' for source in sources)
            parts |= {"app_entry": screen, "scripts": "", "renderer": "", "metas": parts["metas"] + preload}
        return _INDEX.format(
            lang="zh-CN" if language == "zh" else "en",
            theme=theme(),
            rise=rise_colour(current().settings, language),
            tokens=tokens.css(),
            plotly=self.asset(PLOTLY),
            first=self.asset("first.js"),
            grid=f"{self.config.requests_pathname_prefix}_dash-component-suites/dash_ag_grid/{GRID}",
            **{
                name: parts.get(name, "")
                for name in ("metas", "title", "favicon", "css", "app_entry", "config", "scripts", "renderer")
            },
        )

    def asset(self, path: str) -> str:
        """The address of one of our files, with its age in it, so that browsers may keep it."""
        return f"{self.get_asset_url(path)}?m={(ROOT / 'assets' / path).stat().st_mtime}"

    def _first(self, parts: dict[str, Any]) -> str | None:
        """The page as HTML and as layout, Dash's scripts held back until it is painted; None when that fails: then
        Dash asks for everything, as it does by itself."""
        path, query = quote(flask.request.path, safe="/:@!$&'()*+,;=~"), flask.request.query_string.decode("latin-1")
        try:
            screen, late = screen_of(self.pages, path, f"?{query}" if query else "")
            screen = markup.flat(screen)
        except CockpitError as error:
            log.debug("no first answer: %s", error.code)
            return None
        except Exception:
            log.exception("the first answer failed")
            return None
        return _FIRST.format(
            screen=markup.html_of(screen),
            entry=parts["app_entry"],
            scripts=parts["scripts"] + parts["renderer"],
            layout=_inline(to_json(layout.document(screen, path, late))),
            dependencies=_inline(to_json(self._callback_list)),
        )


def _inline(told: str) -> str:
    """JSON that may stand inside a script element."""
    return told.replace("<", "\\u003c")


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
        assets_ignore=r"plotly-basic.*|wall.*|first.js",
        use_pages=False,
        pages_folder="",
        suppress_callback_exceptions=True,
        serve_locally=True,
        update_title="",
        compress=False,
        add_log_handler=False,
    )
    app.layout = layout.document
    app.pages = pages
    _register_root(app, pages)
    chrome.register(app, pages, view_of)
    for page in pages:
        if page.blocks:
            _register_blocks(app, pages, page)
        if page.register:
            page.register(app)
    definition.register(app, pages, view_of)
    search.register(app, pages, view_of)
    export.register(server, pages, view_of)
    return app


def screen_of(pages: Sequence[Page], path: str, query: str) -> tuple[Any, dict[str, Any]]:
    """All that stands at an address, and what of it is still to come (`late_blocks`)."""
    view, page = view_of(pages, path, query)
    inside = content(view, page)
    waiting: list[str] = []
    if page is not None:
        inside, waiting = first.complete(view, page, inside)
    screen = inside if page is not None and not page.frame else first.frame(view, pages, page, inside)
    return screen, late_blocks(page, waiting)


def late_blocks(page: Page | None, names: Sequence[str]) -> dict[str, Any]:
    """What the browser asks for next: the named blocks of the page; new each time, so that it is noticed."""
    return {"page": page.id if page else "", "blocks": list(names), "at": time.time()}


def _register_root(app: dash.Dash, pages: Sequence[Page]) -> None:
    @app.callback(
        Output("root", "children"),
        Output("late", "data"),
        Output("drawn", "data"),
        Input("url", "pathname"),
        State("url", "search"),
        State("drawn", "data"),
    )
    def draw_root(path: str, query: str, drawn: str | None) -> Any:
        if path == drawn:
            raise PreventUpdate
        screen, late = screen_of(pages, path, query)
        return markup.flat(screen), late, path


def _register_blocks(app: dash.Dash, pages: Sequence[Page], page: Page) -> None:
    """One callback answers for all blocks of a page; what takes longer than a moment comes with the next answer."""

    @app.callback(
        *(Output(f"{page.id}-{part.name}", "children") for part in page.blocks),
        Output("late", "data", allow_duplicate=True),
        Input(first.turn_id(page), "data"),
        State("url", "search"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    def draw_blocks(turn: Any, query: str, path: str) -> Any:
        view, here = view_of(pages, path, query)
        if here is None or here.id != page.id:
            raise PreventUpdate
        shown, asked = first.placed(page.layout(view), page), (turn or {}).get("blocks")
        parts = [part for part in page.blocks if part.name in shown and (asked is None or part.name in asked)]
        if not parts:
            raise PreventUpdate
        drawn = block.draw_all(view, page, parts, first.SECONDS)
        waiting = [part.name for part in parts if part.name not in drawn]
        late = late_blocks(page, waiting) if waiting else no_update
        pictures = (markup.flat(drawn[part.name]) if part.name in drawn else no_update for part in page.blocks)
        return *pictures, late
