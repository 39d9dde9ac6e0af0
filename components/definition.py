"""The drawer behind every number: what it means (口径), its formula, the SQL that was run, where the rows came from,
as of when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dash
import sqlglot
from dash import Input, Output, State, html, no_update

import metrics
from components import format as fmt
from components import freshness, names, why
from components.page import Page
from components.view import View
from errors import CockpitError
from metrics.catalogue import words
from metrics.knowledge import null_reasons
from metrics.types import Query

ViewOf = Callable[[Sequence[Page], str, str], tuple[View, Page | None]]


def mark(view: View, metric: str) -> html.Button:
    """The small ⓘ that opens the drawer."""
    label = view.text("components.define.open", name=names.metric(view, metric))
    return html.Button("i", className="define", title=label, **{"data-define": metric, "aria-label": label})


def facts(view: View, metric_id: str) -> list[Any]:
    """The entry of a metric: definition in both languages, formula, unit, direction, owner, dimensions, place in the
    tree."""
    metric = metrics.catalogue()[metric_id]
    first, second = (
        (metric.definition_zh, metric.definition_en)
        if view.lang == "zh"
        else (metric.definition_en, metric.definition_zh)
    )
    rows: list[tuple[str, Any]] = [
        ("id", html.Code(metric_id)),
        ("layer", view.text(f"components.layer.{metric.layer}")),
        ("unit", view.text(f"components.unit_name.{metric.unit}")),
        ("direction", view.text(f"components.direction.{metric.direction}")),
        ("owner", view.text(f"components.owner.{metric.owner}")),
        ("formula", _formula(view, metric)),
        ("parents", _links(view, metric.parents)),
        ("children", _links(view, children(metric_id))),
        (
            "dimensions",
            html.Span(names.several(view, (names.dimension(view, dim) for dim in metric.dimensions)) or fmt.DASH),
        ),
        ("nulls", html.Ul([html.Li(view.text(f"components.reason.{code}")) for code in _nulls(metric)])),
    ]
    return [
        html.P(first, className="definition"),
        html.P(second, className="definition muted", lang="en" if view.lang == "zh" else "zh"),
        html.Dl(
            [
                part
                for name, value in rows
                for part in (html.Dt(view.text(f"components.define.{name}")), html.Dd(value))
            ],
            className="facts",
        ),
    ]


def _nulls(metric: metrics.Metric) -> tuple[str, ...]:
    known = metrics.catalogue()
    return null_reasons(metric, (known[one] for one in metric.uses))


def _formula(view: View, metric: metrics.Metric) -> Any:
    """The formula; one that a person wrote says so."""
    told = html.Code(metric.formula) if metric.formula else fmt.DASH
    if metric.origin == "declared":
        return told
    chip = html.Span(view.text(f"definitions.origin.{metric.origin}"), className=f"chip chip-own chip-{metric.origin}")
    return html.Span([told, " ", chip])


def children(metric_id: str) -> list[str]:
    """Metrics that name this one as a parent; where none does, those that its formula names."""
    known = metrics.catalogue()
    below = [other.id for other in known.values() if metric_id in tuple(other.parents)]
    return below or [name for name in known if name in words(known[metric_id].formula) and name != metric_id]


def _links(view: View, ids: Sequence[str]) -> Any:
    if not ids:
        return fmt.DASH
    return html.Span(
        [
            html.A(names.metric(view, one), href=f"/dictionary/{one}", className="inline", **{"data-nav": "1"})
            for one in ids
        ],
        className="links",
    )


def evidence(view: View, metric_id: str) -> list[Any]:
    """The value under this view's filters, with SQL, as-of and the batches behind it; or why there is none."""
    try:
        found = view.ask(metric_id)
    except CockpitError as error:
        return [html.P(error.text(view.lang), className="muted")]
    value = found.rows[0].get(metric_id) if found.rows else None
    shown = fmt.number(value, found.units.get(metric_id, "count"), view.lang)
    note = found.notes.get(metric_id)
    parts: list[Any] = [
        html.H3(view.text("components.define.now")),
        html.Div(
            [html.Span(shown.main, className="value"), html.Span(shown.unit, className="unit")], title=shown.exact
        ),
        html.Div(view.text("components.define.exact", value=shown.exact), className="muted"),
        html.Div(
            view.text(
                "components.define.as_of", at=fmt.moment(found.as_of), through=fmt.moment(found.complete_through)
            ),
            className="muted",
        ),
    ]
    if note:
        parts.append(html.Div(freshness.noted(view, found, note), className="chip chip-late"))
    parts += [
        html.H3("SQL"),
        html.Pre(pretty(found.sql), className="sql", tabIndex="0"),
        html.H3(view.text("components.define.lineage")),
        _lineage(view, metric_id),
    ]
    return parts


def pretty(sql: str) -> str:
    """SQL laid out for reading."""
    try:
        return sqlglot.transpile(sql, read="duckdb", write="duckdb", pretty=True)[0]
    except sqlglot.errors.SqlglotError:
        return sql


def _lineage(view: View, metric_id: str) -> Any:
    try:
        batches = lineage(view, metric_id)
    except CockpitError as error:
        return html.P(error.text(view.lang), className="muted")
    if not batches:
        return html.P(view.text("components.define.no_lineage"), className="muted")
    head = [html.Th(view.text(f"components.define.batch_{name}")) for name in ("id", "file", "kind", "rows", "at")]
    body = [
        html.Tr(
            [
                html.Td(row["batch_id"]),
                html.Td(row.get("file_name") or fmt.DASH, className="break"),
                html.Td(names.kind(view, str(row.get("kind") or ""))),
                html.Td(fmt.plain(row.get("rows"), "count", view.lang), className="num"),
                html.Td(fmt.moment(row.get("loaded_at"))),
            ]
        )
        for row in batches[:20]
    ]
    more = (
        html.P(view.text("components.define.more", n=len(batches) - 20), className="muted")
        if len(batches) > 20
        else None
    )
    return html.Div(
        [html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="table small"), more],
        className="table-scroll",
    )


def lineage(view: View, metric_id: str) -> list[dict[str, Any]]:
    """Batches behind a number under this view's filters, newest first."""
    asked = Query(metrics=(metric_id,), period=view.period, filters=view.filters)
    return metrics.lineage(view.context.warehouse, asked, view.scope)


def register(app: dash.Dash, pages: Sequence[Page], view_of: ViewOf) -> None:
    """The callback that fills the drawer."""

    @app.callback(
        Output("drawer", "opened"),
        Output("drawer", "title"),
        Output("drawer-body", "children"),
        Input("define", "data"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def open_drawer(asked: Any, path: str, query: str) -> Any:
        metric_id = (asked or {}).get("metric")
        if metric_id not in metrics.catalogue():
            return no_update, no_update, no_update
        view, _ = view_of(pages, path, query)
        entry = html.A(
            view.text("components.define.entry"),
            href=f"/dictionary/{metric_id}",
            className="inline",
            **{"data-nav": "1"},
        )
        ways = html.Div([why.link(view, metric_id), entry], className="links")
        return True, names.metric(view, metric_id), [*facts(view, metric_id), ways, *evidence(view, metric_id)]
