"""Incidents and rules in the reader's words: what, how far from the line, since when, why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import metrics
from alerts.types import Event, Incident, Rule
from components import format as fmt
from components import freshness, names
from components.view import View
from i18n import catalogue


def unit(metric: str) -> str:
    """The metric's unit; 'count' for one that left the catalogue."""
    found = metrics.catalogue().get(metric)
    return found.unit if found else "count"


def figure(view: View, value: float | None, metric: str) -> str:
    """A value in its metric's unit."""
    shown = fmt.plain(value, unit(metric), view.lang)
    yuan = view.lang == "zh" and unit(metric) == "yuan" and value is not None
    return shown + view.text("components.unit.yuan") if yuan else shown


def place(view: View, cut: dict[str, tuple[str, ...]]) -> str:
    """The slice an incident speaks of: 抖音 · 女装; empty for the whole shop."""
    parts = [names.several(view, (names.value(view, name, value) for value in values)) for name, values in cut.items()]
    return " · ".join(parts)


def line(view: View, rule: Rule) -> str:
    """What the rule demands, as a sentence: 今日 退款率 高于 25.0%."""
    period = view.text(f"components.period.{rule.period}")
    if rule.kind == "change":
        limit = view.text(
            f"alerts.line.change_{rule.side}",
            compare=view.text(f"alerts.compare.{rule.compare}"),
            limit=fmt.share(rule.threshold),
        )
    else:
        limit = view.text(f"alerts.line.{rule.side}", limit=figure(view, rule.threshold, rule.metric))
    return f"{period} · {limit}"


def against(view: View, item: Incident) -> str:
    """The line an incident's value stands against, short: > 25.0%, or ↓ 31.2% 较上周同日."""
    rule = item.rule
    if rule is not None and rule.kind == "change" and item.base and item.value is not None:
        moved = (item.value - item.base) / abs(item.base)
        arrow = "↑" if moved > 0 else "↓"
        return view.text(
            "alerts.line.moved",
            arrow=arrow,
            share=fmt.share(abs(moved)),
            compare=view.text(f"alerts.compare.{rule.compare}"),
            limit=fmt.share(rule.threshold),
        )
    sign = ">" if rule is None or rule.side == "above" else "<"
    return f"{sign} {figure(view, item.threshold, item.metric)}"


def reason(view: View, item: Incident) -> str:
    """Why it is in its state, or why it cannot be judged."""
    if item.outcome in ("late", "no_data", "error"):
        detail = item.detail
        if item.outcome == "late" and item.detail[:4].isdigit():
            return view.text("alerts.unjudged.not_told", at=fmt.moment(datetime.fromisoformat(item.detail)))
        if item.outcome == "no_data":
            key = f"components.reason.{item.detail}"
            detail = catalogue(view.lang).get(key, view.text("alerts.reason.no_value"))
        elif item.outcome == "late":
            detail = freshness.source_names(view, item.detail.split(", "))
        return view.text(f"alerts.unjudged.{item.outcome}", detail=detail)
    return view.text(f"alerts.reason.{item.reason}")


def life(view: View, event: Event) -> str:
    """One step of an incident's life."""
    told = view.text(f"alerts.reason.{event.reason}")
    who = "" if event.actor == "system" else f" · {event.actor}"
    return f"{told}{who}{f' · {event.note}' if event.note else ''}"


def drill(view: View, item: Incident) -> str:
    """The address that opens the number behind an incident, with its period and slice."""
    period = item.rule.period if item.rule else "today"
    return view.href(f"/drill/{item.metric}", period_word=period, filters=item.slice, extra={})


def owner(view: View, role: str) -> str:
    return view.text(f"components.owner.{role}")


def options(view: View, prefix: str, values: Any) -> list[dict[str, str]]:
    """Choices of a select, named by the message catalogue."""
    return [{"value": str(value), "label": view.text(f"{prefix}.{value}")} for value in values]
