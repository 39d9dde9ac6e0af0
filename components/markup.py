"""Component trees as plain HTML: a page to read before any script has run, and blocks that cost the browser little.

Dash asks every component at every change whether it is meant; a thousand of them make each answer wait for a second. So
what no callback can reach (`flat`) goes to the browser as one element with its inside as HTML (`assets/markup.js`).

In the page's first HTML, what only a script can draw (grids, graphs, Mantine's controls) keeps its place empty, and
identifiers are left out: the copy must not be taken for the components that follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from html import escape
from typing import Any

from dash.development.base_component import Component

VOID = frozenset({"br", "hr", "img", "input", "col", "wbr"})
UNSEEN = frozenset({"Store", "Interval", "Location", "Drawer", "Download"})
UNITLESS = frozenset(
    {"opacity", "zIndex", "flex", "flexGrow", "flexShrink", "gridRow", "gridColumn", "order", "lineHeight"}
)
NAMES = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "colSpan": "colspan", "rowSpan": "rowspan"}
PLAIN = frozenset(
    {"title", "role", "href", "lang", "target", "rel", "scope", "src", "alt", "type", "download", "dir", "value"}
)
FLAGS = frozenset({"hidden", "disabled", "open"})
SAFE_LINK = re.compile(r"(https?:|mailto:|[^:]*$|[^:]*[/?#])", re.IGNORECASE)  # no scheme that runs a script
_HTML = "dash_html_components"
_CAPITAL = re.compile(r"[A-Z]")


class Markup(Component):
    """One element: `tag`, its `attrs` as React names them, and its inside as HTML (None for an element without one)."""

    _children_props: list[str] = []
    _base_nodes = ["children"]
    _namespace = "cockpit_components"
    _type = "Markup"

    def __init__(self, tag: str, attrs: Mapping[str, Any], html: str | None) -> None:
        self._prop_names = ["id", "tag", "attrs", "html"]
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = self._prop_names
        self.available_wildcard_properties: list[str] = []
        self.tag, self.attrs, self.html = tag, dict(attrs), html
        super().__init__(tag=tag, attrs=self.attrs, html=html)


def flat(node: Any) -> Any:
    """The same tree with every element that no callback can reach, inside included, as one `Markup`."""
    return _flat(node, {})


def _flat(node: Any, known: dict[int, bool]) -> Any:
    if isinstance(node, list | tuple):
        return [_flat(child, known) for child in node]
    if not isinstance(node, Component) or isinstance(node, Markup):
        return node
    if _plain(node, known):
        tag = node._type.lower()
        return Markup(tag, dict(_kept(node)), None if tag in VOID else html_of(getattr(node, "children", None)))
    if getattr(node, "children", None) is None:
        return node
    changed = copy(node)
    changed.children = _flat(node.children, known)
    return changed


def _plain(node: Any, known: dict[int, bool]) -> bool:
    """Whether a tree is HTML through and through, without an identifier that a callback could name."""
    if isinstance(node, list | tuple):
        return all(_plain(child, known) for child in node)
    if not isinstance(node, Component):
        return True
    if id(node) not in known:
        own = node._namespace == _HTML and all(_known(name) for name in node.to_plotly_json()["props"])
        known[id(node)] = own and _plain(getattr(node, "children", None), known)
    return known[id(node)]


def _kept(node: Component) -> Iterator[tuple[str, Any]]:
    """The attributes that reach the page."""
    for name, value in vars(node).items():
        if value is None or (name in ("href", "src") and not SAFE_LINK.match(str(value))):
            continue
        if _known(name) and name != "children":
            yield name, value


def _known(name: str) -> bool:
    """Whether a property can be written as HTML; an element with another one (`id` too) is left to Dash, not cut."""
    if name in ("children", "style") or name in FLAGS or name in NAMES or name in PLAIN:
        return True
    return name.startswith(("data-", "aria-"))


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
    elif isinstance(node, Markup):
        inside = "" if node.html is None else f"{node.html}</{node.tag}>"
        parts.append(f"<{node.tag}{_attributes(node.attrs.items())}>{inside}")
    elif node._namespace == _HTML:
        _write_tag(node, parts)
    else:
        _write_stand_in(node, parts)


def _write_tag(node: Component, parts: list[str]) -> None:
    name = node._type.lower()
    parts.append(f"<{name}{_attributes(_kept(node))}>")
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


def _attributes(kept: Iterable[tuple[str, Any]]) -> str:
    found: list[str] = []
    for name, value in kept:
        if name == "style":
            found.append(_style(value))
        elif name in FLAGS:
            found.append(f" {name}" if value else "")
        else:
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
