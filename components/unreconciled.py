"""The mark above a number whose period holds days on which the sources do not agree."""

from __future__ import annotations

from typing import Any

from dash import html

from components import names
from components.reconcile_view import may
from components.view import View
from metrics import signoffs
from metrics.types import Period


def chip(view: View, period: Period, metric: str) -> list[Any]:
    """How many days of the period are open, leading to them for readers who may see; nothing when all are even."""
    warehouse, ledger = view.context.warehouse, view.context.ledger
    pairs = signoffs.pairs_above(metric) if ledger is not None else ()
    if not pairs:
        return []
    found = signoffs.open_days(warehouse, ledger, period, pairs, view.filters, view.scope)
    if not found:
        return []
    said = names.several(view, [view.text(f"reconciliation.pair.{pair}") for pair in pairs if _any(found, pair)])
    word = view.text("reconciliation.open_days", days=len(found))
    hint = view.text("reconciliation.open_days_hint", days=len(found), pairs=said)
    if not may(view):
        return [html.Span(word, className="chip chip-open", title=hint)]
    held = {name: values for name, values in view.filters.items() if name in ("platform", "shop")}
    link = view.href("/reconciliation", period_word=f"{min(found)}..{max(found)}", compare_word=None, filters=held)
    return [html.A(word, href=link, className="chip chip-open", title=hint, **{"data-nav": "1"})]


def _any(found: dict[Any, tuple[str, ...]], pair: str) -> bool:
    return any(pair in pairs for pairs in found.values())
