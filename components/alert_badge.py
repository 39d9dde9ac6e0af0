"""Alarms in their own form: filled badge, icon and severity word, never mistaken for a red rise."""

from __future__ import annotations

from typing import Any

from dash import html

from components.view import View


def firing(view: View) -> list[Any]:
    """Incidents that the reader may see; empty until the alerts room has been attached (`context.actions['alerts']`)."""
    hook = view.context.actions.get("alerts")
    return list(hook(view.scope)) if hook else []


def badge(view: View, metric: str) -> html.A | None:
    """The badge of the gravest incident of a metric."""
    mine = [one for one in firing(view) if one.metric == metric]
    if not mine:
        return None
    worst = min(mine, key=lambda one: ("critical", "warning", "info").index(one.severity))
    return html.A([html.Span("▲", **{"aria-hidden": "true"}), view.text(f"components.severity.{worst.severity}")],
                  href="/alerts", className=f"alarm alarm-{worst.severity}", **{"data-nav": "1"})
