"""Alarms in their own form: filled badge, icon and severity word, never mistaken for a red rise."""

from __future__ import annotations

from typing import Any

from dash import html

import alerts
from components.view import View

ICONS = {"critical": "▲", "warning": "◆", "info": "●"}  # a severity is told by form, word and colour


def mark(view: View, severity: str) -> html.Span:
    """The badge by itself."""
    return html.Span(_inside(view, severity), className=f"alarm alarm-{severity}")


def badge(view: View, metric: str) -> html.A | None:
    """The badge of the gravest alarm on a metric within the view's filters, a link to the alerts page; None when there
    is none."""
    if view.context.ledger is None:
        return None
    part = {**view.scope.rows, **view.filters}
    found = alerts.for_metrics(view.context.ledger, [metric], view.scope, part).get(metric)
    if found is None:
        return None
    taken = " alarm-taken" if found["state"] == "acknowledged" else ""
    return html.A(
        _inside(view, found["severity"]),
        href="/alerts",
        className=f"alarm alarm-{found['severity']}{taken}",
        title=view.text(f"alerts.state.{found['state']}"),
        **{"data-nav": "1"},
    )


def _inside(view: View, severity: str) -> list[Any]:
    return [html.Span(ICONS[severity], **{"aria-hidden": "true"}), view.text(f"alerts.severity.{severity}")]
