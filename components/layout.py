"""The page frame: sections on the left, pickers on top, banners, the drill path, and the grid the blocks stand in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from components import filters, states
from components.context import current, demo_present, theme
from components.page import SECTIONS, Block, Page
from components.tokens import mantine_theme
from components.view import View

ICONS = {  # 16 px line icons, drawn as masks so that they take the text's colour
    "gauge": "M2.5 11a5.5 5.5 0 1 1 11 0M8 11l2.6-3.6M5 13.5h6",
    "users": "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 7.3"
    "a2.2 2.2 0 0 0 0-4.3M12 9.8c1.6.4 2.5 1.7 2.5 3.4",
    "bolt": "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8l1-5.5Z",
    "book": "M3 2.5h8a2 2 0 0 1 2 2v9H5a2 2 0 0 1-2-2v-9Zm0 9a2 2 0 0 1 2-2h8",
    "table": "M2 3h12v10H2V3Zm0 3.4h12M2 9.7h12M6.4 3v10",
    "data": "M3 4c0-1.1 2.2-2 5-2s5 .9 5 2-2.2 2-5 2-5-.9-5-2Zm0 0v8c0 1.1 2.2 2 5 2s5-.9 5-2V4"
    "M3 8c0 1.1 2.2 2 5 2s5-.9 5-2",
    "bell": "M4 11.5V7a4 4 0 1 1 8 0v4.5l1 1H3l1-1ZM6.5 14h3",
    "box": "M2.5 5 8 2l5.5 3v6L8 14l-5.5-3V5Zm0 0L8 8l5.5-3M8 8v6",
    "tree": "M2.5 2.5h4v3h-4v-3ZM9.5 6.5h4v3h-4v-3ZM9.5 11.5h4v3h-4v-3ZM4.5 5.5V13h5M4.5 8h5",
    "spark": "M1.5 9.5h3l2-6 3 9 2-5.5 1 2.5h2",
    "screen": "M2 3h12v8H2V3Zm4 10.5h4M8 11v2.5",
    "scales": "M8 2v12M4.5 14h7M3 4.5h10M3 4.5 1.2 9a2 2 0 0 0 3.6 0L3 4.5Zm10 0L11.2 9a2 2 0 0 0 3.6 0L13 4.5Z",
    "coins": "M2 5c0-1.1 1.8-2 4-2s4 .9 4 2-1.8 2-4 2-4-.9-4-2Zm0 0v3.5c0 1.1 1.8 2 4 2"
    "M6 11c0-1.1 1.8-2 4-2s4 .9 4 2-1.8 2-4 2-4-.9-4-2Z",
    "dot": "M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Z",
    "upload": "M8 10.5v-8m0 0L5 5.5m3-3 3 3M2.5 10.5v3h11v-3",
    "search": "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.5-1.5L14 14",
    "moon": "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z",
    "menu": "M2 4h12M2 8h12M2 12h12",
}


def icon(name: str) -> html.Span:
    """A line icon by name (`ICONS`), in the colour of the text around it."""
    path = ICONS.get(name, ICONS["dot"])
    svg = (
        f"%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='black' stroke-width='1.4' "
        f"stroke-linecap='round' stroke-linejoin='round'%3E%3Cpath d='{path}'/%3E%3C/svg%3E"
    )
    return html.Span(
        className="icon", style={"maskImage": f'url("data:image/svg+xml,{svg}")'}, **{"aria-hidden": "true"}
    )


def document(screen: Any = None, drawn: str | None = None, late: Any = None) -> dmc.MantineProvider:
    """What every page starts from: the address, the stores that callbacks listen to, and places to draw in.

    `screen` is what is drawn already of the page at path `drawn`; `late` names its blocks that are still to come.
    """
    empty = html.Div(className="boot", **{"aria-busy": "true"})
    return dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="version", data=current().warehouse.data_version),
            dcc.Store(id="theme"),
            dcc.Store(id="retry"),
            dcc.Store(id="define"),
            dcc.Store(id="action"),
            dcc.Store(id="drawn", data=drawn),
            dcc.Store(id="late", data=late),
            dcc.Interval(id="tick", interval=2000),
            html.Div(id="toast", className="toast", role="status"),
            html.Div(id="root", children=empty if screen is None else screen),
            dmc.Drawer(
                id="drawer",
                position="right",
                size="520px",
                opened=False,
                title="",
                padding="lg",
                zIndex=400,
                children=html.Div(id="drawer-body"),
                transitionProps={"duration": 120},
                closeButtonProps={"aria-label": "close"},
            ),
        ],
        id="mantine",
        theme=mantine_theme(),
        forceColorScheme=theme(),
    )


def _lit(pages: Sequence[Page], here: Page | None) -> str | None:
    """The entry that stands for a page: its own, or of a page without one the first of its folder (`/data/…`)."""
    if here is None or here.section != "hidden":
        return here.id if here else None
    folder = here.path.split("/")[1]
    return next((page.id for page in pages if page.section != "hidden" and page.path.split("/")[1] == folder), None)


def navigation(view: View, pages: Sequence[Page], here: Page | None) -> html.Nav:
    """Sections by the reader's role."""
    parts: list[Any] = []
    lit = _lit(pages, here)
    for section in SECTIONS:
        mine = [page for page in pages if page.section == section]
        if not mine:
            continue
        parts.append(html.Div(view.text(f"components.section.{section}"), className="nav-section"))
        for page in mine:
            on = page.id == lit
            parts.append(
                html.A(
                    [icon(page.icon or "dot"), html.Span(view.text(page.title))],
                    href=view.href(page.path),
                    className="nav-item" + (" on" if on else ""),
                    **{"data-nav": "1", "aria-current": "page" if on else "false"},
                )
            )
    return html.Nav(parts, className="nav-list", **{"aria-label": view.text("components.frame.navigation")})


def frame(
    view: View, page: Page | None, content: Any, *, nav: Any, bar: Any, path: Any, tools: Any, banners: Any
) -> html.Div:
    """The whole screen around a page's content; the moving parts are filled anew by the chrome callbacks."""
    return html.Div(
        [
            html.A(view.text("components.frame.skip"), href="#main", className="skip"),
            html.Aside(
                [
                    html.A(
                        [
                            html.Span("◆", className="brand-mark", **{"aria-hidden": "true"}),
                            view.text("components.frame.brand"),
                        ],
                        href="/",
                        className="brand",
                        **{"data-nav": "1"},
                    ),
                    html.Div(nav, id="nav"),
                    html.Div(id="nav-foot", className="nav-foot"),
                ],
                className="side",
                id="side",
            ),
            html.Div(
                [
                    html.Header(
                        [
                            html.Button(
                                icon("menu"),
                                className="icon-button only-phone",
                                title=view.text("components.frame.menu"),
                                **{"data-menu": "1", "aria-label": view.text("components.frame.menu")},
                            ),
                            html.Div(bar, id="filter-bar", className="filter-bar"),
                            html.Div(tools, id="tools", className="tools"),
                        ],
                        className="top",
                    ),
                    html.Div(
                        [
                            html.Div(path, id="path", className="path"),
                            html.Div(banners, id="banners", className="banners"),
                        ],
                        className="under",
                    ),
                    html.Main(
                        content, id="main", className=f"main page-{page.id if page else 'missing'}", tabIndex="-1"
                    ),
                ],
                className="body",
            ),
        ],
        className="shell",
    )


def place(page_id: str, block: Block) -> html.Div:
    """Where a block will stand; holds its height with a skeleton until it is drawn."""
    return html.Div(
        states.skeleton(block.skeleton, block.height),
        id=f"{page_id}-{block.name}",
        className="place",
        style={"minHeight": f"{block.height}px"},
        **{"data-block": block.name},
    )


def places(page_id: str, blocks: Sequence[Block]) -> dict[str, html.Div]:
    """The places of a page's blocks by name, for its layout."""
    return {block.name: place(page_id, block) for block in blocks}


def grid(*children: Any, columns: str, className: str = "") -> html.Div:
    """A row of blocks; `columns` is a CSS grid-template (`2fr 1fr`); on a phone they stack."""
    return html.Div(list(children), className=f"grid {className}".strip(), style={"--columns": columns})


def card(
    children: Any, *, title: Any = None, note: Any = None, corner: Any = None, className: str = ""
) -> html.Section:
    """A surface with a question as its title."""
    head = (
        html.Div(
            [
                html.Div(
                    [html.H2(title) if title else None, html.Div(note, className="note") if note else None],
                    className="head-text",
                ),
                html.Div(corner, className="corner") if corner else None,
            ],
            className="head",
        )
        if title or corner
        else None
    )
    body = list(children) if isinstance(children, list | tuple) else [children]
    return html.Section([head, *body], className=f"card {className}".strip())


def banners(view: View) -> list[Any]:
    """What must be known about the whole screen: demo data, a shop whose newest data are old, pages that were
    skipped."""
    shown: list[Any] = []
    if demo_present(view.context):
        remove = html.Button(
            view.text("components.demo.remove"), className="button small", **{"data-action": "remove_demo"}
        )
        shown.append(
            html.Div(
                [
                    html.Span(view.text("components.demo.tag"), className="chip chip-demo"),
                    html.Span(view.text("components.demo.body"), title=view.text("components.demo.hint")),
                    remove if "remove_demo" in view.context.actions else None,
                ],
                className="banner banner-demo",
            )
        )
    if view.context.flags.get("open"):
        shown.append(html.Div(html.Span(view.text("components.demo.open")), className="banner banner-quiet"))
    return shown


def filter_bar(view: View, page: Page) -> Any:
    """The page's pickers."""
    return filters.bar(view, periods=page.periods, dimensions=page.filters)
