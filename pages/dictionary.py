"""Metric dictionary: what does each number mean, how is it computed, and where does it come from?"""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

import metrics
from access import current_user
from access.define import maker, may_define
from components import (
    cards,
    definition,
    definition_history,
    export,
    freshness,
    metric_tree,
    names,
    states,
    trend,
    used_by,
)
from components.kpi_card import kpi_card
from components.layout import card, places
from components.page import Answers, Block, Page
from components.view import COMPARISONS, View
from metrics import definitions

LAYERS = ("strategic", "management", "execution", "system")


def _entry(view: View, metric: Any) -> html.Div:
    told = metric.definition_zh if view.lang == "zh" else metric.definition_en
    find = f"{metric.id} {metric.zh} {metric.en}".lower()
    return html.Div(
        [
            html.A(
                [html.Span(names.metric(view, metric.id)), html.Code(metric.id), metric_tree.own_mark(view, metric.id)],
                href=view.href(f"/dictionary/{metric.id}"),
                className="entry-name stretched",
                **{"data-nav": "1"},
            ),
            html.Div(told, className="entry-text"),
        ],
        className="entry",
        **{"data-find": find},
    )


def _list(view: View) -> Component:
    parts: list[Any] = [
        dcc.Input(id="narrow-entries", type="text", className="field", placeholder=view.text("pages.dictionary.find"))
    ]
    for layer in LAYERS:
        mine = [metric for metric in metrics.catalogue().values() if metric.layer == layer]
        parts.append(html.H2(f"{view.text(f'components.layer.{layer}')} · {len(mine)}"))
        parts.append(html.Div([_entry(view, metric) for metric in mine], className="entry-list"))
    return html.Div(parts, className="stack panel-like")


def _one(view: View, metric_id: str) -> Component:
    at = places("dictionary", BLOCKS)
    head = html.Div(
        [
            html.H1(names.metric(view, metric_id)),
            metric_tree.own_mark(view, metric_id),
            html.A(
                view.text("definitions.page.drill"),
                href=view.href(f"/drill/{metric_id}"),
                className="inline",
                **{"data-nav": "1"},
            ),
            _change(view, metric_id),
        ],
        className="page-title",
    )
    return html.Div(
        [
            head,
            html.Div(
                [
                    html.Div([at["now"], card(definition.facts(view, metric_id)), at["used"]], className="stack"),
                    html.Div([at["tree"], at["history"]], className="stack"),
                ],
                className="grid",
                style={"--columns": "1fr 1fr"},
            ),
            at["evidence"],
        ],
        className="stack",
    )


def _change(view: View, metric_id: str) -> Component | None:
    ledger = view.context.ledger
    item = metrics.catalogue()[metric_id]
    if ledger is None or item.layer == "system" or item.uses & view.scope.hidden:
        return None
    if not may_define(current_user(), metric_id, maker(ledger, metric_id)):
        return None
    return html.A(
        view.text("definitions.page.change"),
        href=view.href(f"/define/{metric_id}"),
        className="button small",
        **{"data-nav": "1"},
    )


def layout(view: View) -> Component:
    """The list by layer, or one entry."""
    metric_id = view.path_args.get("metric")
    if metric_id is None:
        head = html.Div([html.H1(view.text("pages.dictionary.title")), *_ways(view)], className="page-title")
        return html.Div([head, *_left_out(view), _list(view)], className="stack")
    if metric_id not in metrics.catalogue():
        return states.message(
            "?", view.text("pages.dictionary.missing", id=metric_id), view.text("pages.dictionary.missing_hint")
        )
    return _one(view, metric_id)


def _ways(view: View) -> list[Component]:
    """From the list: the tree, and a metric of one's own."""
    tree = html.A(view.text("definitions.tree.nav"), href=view.href("/tree"), className="inline", **{"data-nav": "1"})
    if view.context.ledger is None or not may_define(current_user()):
        return [tree]
    new = html.A(
        view.text("definitions.form.new"), href=view.href("/define"), className="button small", **{"data-nav": "1"}
    )
    return [tree, new]


def _left_out(view: View) -> list[Component]:
    """Definitions in the ledger that hold no more, each with its reason, for those who can mend them."""
    if view.context.ledger is None or not may_define(current_user()):
        return []
    broken = definitions.standing(view.context.ledger)[1]
    items = [html.Li([html.Code(name), f" · {error.text(view.lang)}"]) for name, error in broken.items()]
    title = view.text("definitions.page.left_out")
    return [card(html.Ul(items, className="history"), title=title)] if items else []


def _known(view: View) -> str | None:
    metric_id = view.path_args.get("metric", "")
    return metric_id if metric_id in metrics.catalogue() else None


def _ask_now(view: View) -> Answers:
    metric_id = _known(view)
    if metric_id is None or not view.answerable(metric_id):
        return {}
    return {**cards.ask(view, (metric_id,), 1), **trend.ask(view, metric_id)}


def _draw_now(view: View, found: Answers) -> Any:
    metric_id = _known(view)
    if metric_id is None:
        return None
    title = view.text("definitions.page.now")
    if not found:
        note = "not_allowed" if metrics.catalogue()[metric_id].uses & view.scope.hidden else "not_by_this"
        return card(html.P(freshness.reason(view, note), className="muted"), title=title)
    curves = {word: result for word, result in found.items() if word in ("curve", "target", *COMPARISONS)}
    rest = {word: result for word, result in found.items() if word not in curves}
    return card(
        [kpi_card(view, rest, metric_id), trend.trend(view, "dictionary-now-graph", curves, metric_id, height=180)],
        title=title,
        corner=export.menu(view, "dictionary", "now", picture=True),
    )


def _ask_tree(view: View) -> Answers:
    metric_id = _known(view)
    return metric_tree.ask(view, metric_tree.below(metric_id)) if metric_id and metric_tree.lines(metric_id) else {}


def _draw_tree(view: View, found: Answers) -> Any:
    metric_id = _known(view)
    if metric_id is None:
        return None
    title = view.text("definitions.page.tree")
    if not found:
        return card(html.P(view.text("definitions.page.no_tree"), className="muted"), title=title)
    ids = metric_tree.below(metric_id)
    branches = metric_tree.Branches(view, found, ids, link="/dictionary")
    note = view.text("definitions.page.tree_note", versus=names.comparison(view, view.compare))
    return card(branches.trees([metric_id]), title=title, note=note, className="tree-card")


def _draw_evidence(view: View, _found: Answers) -> Any:
    return card(definition.evidence(view, view.path_args["metric"])) if _known(view) else None


def _draw_used(view: View, _found: Answers) -> Any:
    metric_id = _known(view)
    return metric_id and card(used_by.listing(view, metric_id), title=view.text("definitions.page.used"))


def _draw_history(view: View, _found: Answers) -> Any:
    metric_id = _known(view)
    return metric_id and card(definition_history.history(view, metric_id), title=view.text("definitions.page.history"))


def _nothing(view: View) -> Answers:
    return {}


def _path(view: View) -> list[tuple[str, str]]:
    steps = [(view.text("pages.dictionary.nav"), view.href("/dictionary"))]
    if "metric" in view.path_args:
        steps.append((names.metric(view, view.path_args["metric"]), view.href()))
    return steps


BLOCKS = (
    Block("now", _ask_now, _draw_now, 320, "chart", "definitions.page.now"),
    Block("tree", _ask_tree, _draw_tree, 320, "table", "definitions.page.tree", export=False),
    Block("used", _nothing, _draw_used, 160, "text", "definitions.page.used", export=False),
    Block("history", _nothing, _draw_history, 120, "text", "definitions.page.history", export=False),
    Block("evidence", _nothing, _draw_evidence, 360, "text", "pages.dictionary.title", export=False, then=False),
)

PAGE = Page(
    id="dictionary",
    path="/dictionary",
    aliases=("/dictionary/<metric>",),
    title="pages.dictionary.nav",
    layout=layout,
    blocks=BLOCKS,
    section="governance",
    order=80,
    icon="book",
    needs_data=False,
    breadcrumb=_path,
)
