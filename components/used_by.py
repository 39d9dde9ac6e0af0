"""Who uses a metric: pages, alert rules, targets, other metrics, saved views.

Which page shows which metric is read from the pages' own code: the ids named in a page's module, and in the parts that
no other page uses. Pages that show whatever is asked for (drill, dictionary, explorer) name none, and so stand for
none.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

from dash import html

import alerts
import metrics
from access import current_user
from access.views import views
from components import alert_words, names
from components import format as fmt
from components.page import find_pages
from components.view import View
from config import ROOT
from metrics.catalogue import words

WHOLE = frozenset({"components.shell", "components.page", "components.view"})  # reached by all, part of none


@dataclass(frozen=True)
class Use:
    """One user of a metric: what it is called, where it is, and a word more."""

    label: str
    href: str | None = None
    note: str = ""


def pages(view: View, metric_id: str) -> list[Use]:
    """Pages that name the metric."""
    shown = _named_by_page()
    found = [page for page in find_pages()[0] if metric_id in shown.get(page.id, ())]
    return [Use(view.text(page.title), view.href(page.path) if "<" not in page.path else None) for page in found]


@cache
def _named_by_page() -> dict[str, frozenset[str]]:
    """Page id → every text that could be a metric's id, of the page's module and the parts only it uses."""
    reached: dict[str, frozenset[str]] = {}
    for path in sorted((ROOT / "pages").glob("[!_]*.py")):
        reached[path.stem] = _reach(f"pages.{path.stem}")
    shared = Counter(module for modules in reached.values() for module in modules)
    found: dict[str, frozenset[str]] = {}
    for stem, modules in reached.items():
        own = {module for module in modules if shared[module] == 1} | {f"pages.{stem}"}
        told = frozenset(text for module in own for text in _texts(module))
        found[_page_id(stem)] = told
    return found


@cache
def _page_id(stem: str) -> str:
    for node in ast.walk(_tree(f"pages.{stem}")):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Page":
            for word in node.keywords:
                if word.arg == "id" and isinstance(word.value, ast.Constant):
                    return str(word.value.value)
    return stem


@cache
def _tree(module: str) -> ast.Module:
    path = ROOT / (module.replace(".", "/") + ".py")
    return ast.parse(path.read_text("utf-8")) if path.is_file() else ast.parse("")


@cache
def _imports(module: str) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{name.name}" for name in node.names)
    return frozenset(name for name in found if name.startswith("components.") and name not in WHOLE)


def _reach(module: str) -> frozenset[str]:
    found: set[str] = set()
    queue = [module]
    while queue:
        for name in _imports(queue.pop()) - found:
            found.add(name)
            queue.append(name)
    return frozenset(found)


def _texts(module: str) -> set[str]:
    tree = _tree(module)
    # `compare="target"` names a comparison, `by=("campaign",)` a dimension: no metrics
    aside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg in ("compare", "by", "name", "id")
        for inner in ast.walk(node.value)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in aside
    }


def rules(view: View, metric_id: str) -> list[Use]:
    """Alert rules that watch the metric."""
    if view.context.ledger is None:
        return []
    mine = [rule for rule in alerts.rules(view.context.ledger) if rule.metric == metric_id]
    href = view.href("/alerts", extra={"tab": "rules"})
    off = view.text("definitions.used.off")
    return [Use(alert_words.line(view, rule), href, "" if rule.enabled else off) for rule in mine]


def targets(view: View, metric_id: str) -> list[Use]:
    """How many targets are set for the metric."""
    if metric_id not in metrics.targeted(view.context.warehouse):
        return []
    rows = view.context.warehouse.read("SELECT count(*) AS n FROM target WHERE metric = ?", (metric_id,)).to_pylist()
    return [Use(view.text("definitions.used.count", n=fmt.plain(rows[0]["n"], "count", view.lang)))]


def built_on(view: View, metric_id: str) -> list[Use]:
    """Metrics whose own formula names this one; those that people made say so."""
    found = [item for item in metrics.catalogue().values() if metric_id in words(item.formula) and item.id != metric_id]
    return [
        Use(
            names.metric(view, item.id),
            view.href(f"/dictionary/{item.id}"),
            "" if item.origin == "declared" else view.text(f"definitions.origin.{item.origin}"),
        )
        for item in found
    ]


def saved_views(view: View, metric_id: str) -> list[Use]:
    """Saved views that name the metric: the reader's own, and those shared with them."""
    user = current_user()
    if view.context.ledger is None or user is None:
        return []
    named = re.compile(rf"(?<!\w){re.escape(metric_id)}(?!\w)")
    found = [one for one in views(view.context.ledger, user) if named.search(f"{one.page} {one.query}")]
    return [Use(one.name, f"{one.page}?{one.query}" if one.query else one.page, one.owner) for one in found]


USERS = {
    "pages": pages,
    "rules": rules,
    "targets": targets,
    "metrics": built_on,
    "views": saved_views,
}


def listing(view: View, metric_id: str) -> html.Dl:
    """All users by kind; a dash where there are none."""
    parts: list[Any] = []
    for name, users in USERS.items():
        found = users(view, metric_id)
        parts += [html.Dt(view.text(f"definitions.used.{name}")), html.Dd(uses(found) if found else fmt.DASH)]
    return html.Dl(parts, className="facts")


def uses(found: list[Use]) -> html.Ul:
    """Uses as a list of links."""
    return html.Ul([html.Li(_use(one)) for one in found], className="uses")


def _use(one: Use) -> list[Any]:
    label = html.A(one.label, href=one.href, className="inline", **{"data-nav": "1"}) if one.href else one.label
    return [label, html.Span(f" · {one.note}", className="muted") if one.note else None]
