"""The tree of metrics as a nested list that opens and closes: every node with its value, its change and its alarm, and
a link to its drill. The list is HTML alone, so it opens without asking the server, and reads on a phone as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dash import html

import alerts
import metrics
from components import alert_badge, delta, freshness, names
from components import format as fmt
from components import tree as strip
from components.page import Answers
from components.view import View
from metrics.catalogue import book, words

SIGNS = {"sum": ("+", "−"), "product": ("×", "÷"), "ratio": ("÷", "÷")}
OPEN_DEPTH = 3


@dataclass(frozen=True)
class Line:
    """One way in which a metric is made of others: (sign before it, metric id) each."""

    parts: tuple[tuple[str, str], ...]


def lines(metric_id: str) -> tuple[Line, ...]:
    """The lines of the tree that the metric stands over; without one, the metrics that its formula names."""
    return _grown(book().version).lines[metric_id]


def trunk(metric_id: str) -> tuple[Line, ...]:
    """The lines of the tree that the metric stands over.

    A line of the tree is a fact about the declared metrics: where a person has redefined one of them it is left out.
    """
    return _grown(book().version).trunks[metric_id]


@dataclass(frozen=True)
class _Grown:
    """All lines of one catalogue, by metric."""

    trunks: Mapping[str, tuple[Line, ...]]
    lines: Mapping[str, tuple[Line, ...]]


@lru_cache(maxsize=8)
def _grown(_version: str) -> _Grown:
    known = metrics.catalogue()
    trunks: dict[str, list[Line]] = {name: [] for name in known}
    for item in metrics.tree():
        involved = (item.metric, *(name for name, _ in item.terms))
        if all(known[name].origin == "declared" for name in involved):
            signs = SIGNS[item.kind]
            terms = (("" if not i else signs[way < 0], name) for i, (name, way) in enumerate(item.terms))
            trunks[item.metric].append(Line(tuple(terms)))
    found = {name: tuple(own) for name, own in trunks.items()}
    return _Grown(found, {name: own or _formula(name, known) for name, own in found.items()})


def _formula(metric_id: str, known: Mapping[str, metrics.Metric]) -> tuple[Line, ...]:
    told = [name for name in _named(known[metric_id].formula) if name in known and name != metric_id]
    return (Line(tuple(("", name) for name in told)),) if told else ()


def _named(formula: str) -> list[str]:
    return sorted(words(formula), key=formula.find)


def below(metric_id: str) -> tuple[str, ...]:
    """The metric and everything it is made of, in reading order, once."""
    found: dict[str, None] = {}

    def walk(name: str) -> None:
        if name in found:
            return
        found[name] = None
        for line in lines(name):
            for _, part in line.parts:
                walk(part)

    walk(metric_id)
    return tuple(found)


def roots(layer: str) -> list[str]:
    """The metrics of a layer that no line of the tree puts under another of it: trees first, then what is told by a
    formula, then the plain ones."""
    mine = [name for name, item in metrics.catalogue().items() if item.layer == layer]
    inside = {part for name in mine for line in trunk(name) for _, part in line.parts}
    found = [name for name in mine if name not in inside]
    return sorted(found, key=lambda name: (not trunk(name), not lines(name), -len(below(name)) if trunk(name) else 0))


def ask(view: View, ids: Iterable[str]) -> Answers:
    """Newest values and changes of all nodes, in as few questions as the sources allow."""
    return strip.ask(view, tuple(("", name) for name in ids))


class Branches:
    """Draws nodes of one answer. A metric that stands in several places is opened at the first of them only."""

    def __init__(self, view: View, found: Answers, ids: Sequence[str], *, link: str = "/drill") -> None:
        self._view, self._found, self._link = view, found, link
        self._drawn: set[str] = set()
        self._single = False
        ledger = view.context.ledger
        self._alarms: Mapping[str, Any] = alerts.for_metrics(ledger, ids, view.scope) if ledger is not None else {}
        self._moves = {name: result for key, result in found.items() if key != "now" for name in result.metrics}

    def trees(self, ids: Sequence[str], open_depth: int = OPEN_DEPTH) -> html.Ul:
        """Several trees under each other; single metrics that nothing is known of stand folded behind them."""
        self._single = len(ids) == 1
        silent = [] if self._single else [name for name in ids if self._is_silent(name)]
        told = [html.Li(self.node(name, 0, open_depth)) for name in ids if name not in silent]
        if silent:
            rows = html.Ul([html.Li(self.node(name, 0, open_depth)) for name in silent], className="mtree")
            head = html.Summary(self._view.text("definitions.tree.silent", n=len(silent)), className="muted")
            told.append(html.Li(html.Details([head, rows], className="mtree-silent")))
        return html.Ul(told, className="mtree")

    def _is_silent(self, name: str) -> bool:
        now = self._found["now"]
        return not lines(name) and name not in self._alarms and not (now.rows and now.rows[0].get(name) is not None)

    def node(self, name: str, depth: int, open_depth: int, sign: str = "", named: bool = False) -> Any:
        """A metric with what it is made of below it.

        On the page of all, what a formula merely names (`named`) stands closed: it has its own place there.
        """
        parts = () if named and not self._single else lines(name)
        again = bool(parts) and name in self._drawn
        if not parts or again:
            return html.Div(self._row(name, sign, again), className="mnode leaf", **{"data-node": name})
        self._drawn.add(name)
        by_formula = not trunk(name)
        inner: list[Any] = []
        for number, line in enumerate(parts):
            if len(parts) > 1:
                told = self._view.text("definitions.tree.line", n=number + 1)
                inner.append(html.Li(told, className="mtree-line muted"))
            below_ = (self.node(part, depth + 1, open_depth, mark, by_formula) for mark, part in line.parts)
            inner += [html.Li(one) for one in below_]
        label = self._view.text("definitions.tree.open", name=names.metric(self._view, name))
        return html.Div(
            [
                html.Div(self._row(name, sign, False), className="mnode", **{"data-node": name}),
                html.Details(
                    [html.Summary(className="mopen", **{"aria-label": label}), html.Ul(inner, className="mtree-in")],
                    open=depth < open_depth - 1 and (self._single or not by_formula),
                ),
            ],
            className="mbranch",
        )

    def _row(self, name: str, sign: str, again: bool) -> list[Any]:
        view, now = self._view, self._found["now"]
        row = now.rows[0] if now.rows else {}
        value = fmt.number(row.get(name), now.units.get(name, "count"), view.lang)
        note = now.notes.get(name)
        why = freshness.reason(view, note) if note and row.get(name) is None else ""
        compared = self._moves.get(name)
        alarm = self._alarms.get(name)
        title = view.text("definitions.tree.again") if again else None
        return [
            html.Span(sign, className="mtree-sign") if sign else None,
            html.Span(
                [
                    html.A(
                        names.metric(view, name),
                        href=view.href(f"{self._link}/{name}"),
                        className="inline mtree-link",
                        **{"data-nav": "1"},
                    ),
                    alert_badge.mark(view, alarm["severity"]) if alarm else None,
                    own_mark(view, name),
                    html.Span("↑", className="muted", title=title) if again else None,
                ],
                className="mtree-name",
            ),
            html.Span([html.B(value.main), html.Small(value.unit)], className="mtree-value", title=why or value.exact),
            html.Span(
                delta.figure(view, None if compared is None else delta.change(view, compared, name)),
                className="mtree-delta",
            ),
        ]


def own_mark(view: View, metric_id: str) -> html.Span | None:
    """The chip on a metric that a person defined; None on a declared one."""
    item = metrics.catalogue().get(metric_id)
    if item is None or item.origin == "declared":
        return None
    return html.Span(view.text(f"definitions.origin.{item.origin}"), className=f"chip chip-own chip-{item.origin}")
