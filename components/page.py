"""What a page is: a declaration found in `pages/`, one module a page, holding `PAGE = Page(...)`.

A page is laid out of blocks. A block asks (`ask` → results of `metrics.query`) and draws (`draw` → component);
between the two
stands the shell, which shows loading, failed and not-allowed states, and exports what was asked as CSV or XLSX.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import dash
from dash.development.base_component import Component

from components.view import View
from metrics.types import Result

log = logging.getLogger(__name__)

Section = Literal["cockpit", "business", "governance", "hidden"]
SECTIONS: tuple[Section, ...] = ("cockpit", "business", "governance")
Answers = Mapping[str, Result]


@dataclass(frozen=True)
class Block:
    """One part of a page that is asked, drawn, fails and is exported by itself.

    `height` (px) is kept free while loading, so that nothing jumps. `title` is a text key; the block's question.
    `draw` may return anything Dash can show; `ask` returns {} for a block without numbers. A block whose numbers do not
    all come by `View.ask` has `then=False`: as known at an earlier moment it says that this is not kept.
    """

    name: str
    ask: Callable[[View], Answers]
    draw: Callable[[View, Answers], Any]
    height: int = 240
    skeleton: Literal["cards", "chart", "table", "strip", "text"] = "chart"
    title: str | None = None
    export: bool = True
    then: bool = True


@dataclass(frozen=True)
class Page:
    """A page. `path` may hold `<name>` parts, which arrive in `View.path_args`.

    `title` is a text key. `register` may add the page's own callbacks to the app.
    `frame=False` leaves out navigation and top bar (the wall, sign-in). `filters` shows period and dimension pickers.
    """

    id: str
    path: str
    title: str
    layout: Callable[[View], Component]
    blocks: tuple[Block, ...] = ()
    section: Section = "hidden"
    order: int = 100
    icon: str | None = None
    frame: bool = True
    filters: bool = True
    periods: bool = True
    needs_data: bool = True  # an empty warehouse shows the way in instead of this page
    register: Callable[[dash.Dash], None] | None = None
    aliases: tuple[str, ...] = ()
    breadcrumb: Callable[[View], list[tuple[str, str]]] | None = None
    parents: tuple[str, ...] = field(default=())

    def match(self, path: str) -> dict[str, str] | None:
        """The `<name>` parts of `path` when it is this page's, else None."""
        for pattern in (self.path, *self.aliases):
            regex = "^" + re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", pattern.rstrip("/") or "/") + "/?$"
            found = re.match(regex, path or "/")
            if found:
                return found.groupdict()
        return None


def find_pages(package: str = "pages") -> tuple[list[Page], list[str]]:
    """Every `PAGE` of the package's modules, by section and order, and a warning for each module that is broken."""
    pages: list[Page] = []
    warnings: list[str] = []
    root = importlib.import_module(package)
    for module_info in sorted(pkgutil.iter_modules(root.__path__), key=lambda info: info.name):
        if module_info.name.startswith("_"):
            continue
        name = f"{package}.{module_info.name}"
        try:
            found = importlib.import_module(name).PAGE
            if not isinstance(found, Page):
                raise TypeError(f"PAGE is a {type(found).__name__}, not a Page")
            pages.append(found)
        except Exception as error:  # a broken page must not take the others with it
            log.warning("page %s skipped: %s", name, error)
            warnings.append(f"{name}: {error}")
    pages.sort(key=lambda page: (page.order, page.id))
    return pages, warnings
