"""Component trees as plain HTML, so that a page can be read before any script has run.

What only a script can draw (grids, graphs, Mantine's controls) keeps its place empty. Identifiers are left out: the
copy must not be taken for the components that follow it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from dash.development.base_component import Component

VOID = frozenset({"br", "hr", "img", "input", "col", "wbr"})
UNSEEN = frozenset({"Store", "Interval", "Location", "Drawer", "Download"})
UNITLESS = frozenset(
    {"opacity", "zIndex", "flex", "flexGrow", "flexShrink", "gridRow", "gridColumn", "order", "lineHeight"}
)
NAMES = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "colSpan": "colspan", "rowSpan": "rowspan"}
PLAIN = frozenset({"title", "role", "href", "lang", "target", "rel", "scope", "src", "alt", "type", "download", "dir"})
FLAGS = frozenset({"hidden", "disabled", "open"})
_CAPITAL = re.compile(r"[A-Z]")


def html_of(node: Any) -> str:
    """The HTML of whatever a Dash `children` may hold."""
    parts: list[str] = []
    _write(node, parts)
    return "".join(parts)


def _write(node: Any, parts: list[str]) -> None:
    if node is None or isinstance(node, bool):
        return
    if isinstance(node, list | tuple):
        for child in node:
            _write(child, parts)
    elif not isinstance(node, Component):
        parts.append(escape(str(node), quote=False))
    elif node._namespace == "dash_html_components":
        _write_tag(node, parts)
    else:
        _write_stand_in(node, parts)


def _write_tag(node: Component, parts: list[str]) -> None:
    name = node._type.lower()
    parts.append(f"<{name}{_attributes(node)}>")
    if name not in VOID:
        _write(getattr(node, "children", None), parts)
        parts.append(f"</{name}>")


def _write_stand_in(node: Component, parts: list[str]) -> None:
    """An input as Dash draws it; of the rest the place it will take."""
    if node._type in UNSEEN:
        return
    if node._namespace == "dash_core_components" and node._type == "Input":
        kept = {name: getattr(node, name, None) for name in ("type", "placeholder", "value")}
        told = "".join(f' {name}="{escape(str(value))}"' for name, value in kept.items() if value is not None)
        classes = escape(f"dash-input-container dash-input {getattr(node, 'className', '')}")
        parts.append(f'<div class="{classes}"><input class="dash-input-element"{told}></div>')
        return
    waits = "" if node._type == "Graph" else ' class="skeleton"'
    parts.append(f'<div{waits}{_style(getattr(node, "style", None))} aria-busy="true">')
    _write(getattr(node, "children", None), parts)
    parts.append("</div>")


def _attributes(node: Component) -> str:
    found: list[str] = []
    for name, value in vars(node).items():
        if value is None:
            continue
        if name == "style":
            found.append(_style(value))
        elif name in FLAGS:
            found.append(f" {name}" if value else "")
        elif name in NAMES or name in PLAIN or name.startswith(("data-", "aria-")):
            found.append(f' {NAMES.get(name, name)}="{escape(str(value))}"')
    return "".join(found)


def _style(style: Mapping[str, Any] | None) -> str:
    if not style:
        return ""
    told = ";".join(
        f"{_css_name(name)}:{_css_value(name, value)}" for name, value in style.items() if value is not None
    )
    return f' style="{escape(told)}"'


def _css_name(name: str) -> str:
    return name if name.startswith("--") else _CAPITAL.sub(lambda found: f"-{found[0].lower()}", name)


def _css_value(name: str, value: Any) -> str:
    bare = not isinstance(value, int | float) or not value or name in UNITLESS or name.startswith("--")
    return str(value) if bare else f"{value}px"
