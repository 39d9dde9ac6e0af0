"""Alarms on the wall: what fires and has not been acknowledged, the worst first."""

from __future__ import annotations

import logging
from typing import Any

import alerts
import metrics
from alerts.types import SEVERITIES, Incident
from components import format as fmt
from components import names
from components.wall_day import Day

log = logging.getLogger(__name__)
MARKS = {"critical": "▲", "warning": "◆", "info": "●"}  # form beside colour: a severity is told twice


def alarms(day: Day) -> list[dict[str, Any]]:
    """The banner's lines. An acknowledged incident is somebody's work now and leaves the wall."""
    ledger = day.view.context.ledger
    if ledger is None:
        return []
    firing = [
        item
        for item in alerts.active(ledger, day.view.scope)
        if item.state == "firing" and not item.is_silenced(day.at)
    ]
    firing.sort(key=lambda item: (SEVERITIES.index(item.severity), -item.changed_at.timestamp()))
    return [_line(day, item) for item in firing]


def _line(day: Day, item: Incident) -> dict[str, Any]:
    view = day.view
    unit = getattr(metrics.catalogue().get(item.metric), "unit", "count")
    where = " · ".join(names.value(view, name, value) for name, values in item.slice.items() for value in values)
    value, base, limit = (fmt.plain(number, unit, view.lang) for number in (item.value, item.base, item.threshold))
    text = day.text(
        "alarm.text" if item.base is None else "alarm.text_base",
        where=f"{where} · " if where else "",
        metric=names.metric(view, item.metric),
        value=value,
        base=base,
    )
    since = day.text("alarm.since", time=fmt.moment(item.fired_at or item.opened_at, day.at))
    parts = [since]
    if item.rule is not None and item.rule.kind == "threshold":
        parts.append(day.text(f"alarm.limit_{item.rule.side}", threshold=limit))
    return {
        "id": item.id,
        "severity": item.severity,
        "badge": f"{MARKS[item.severity]} {day.text(f'severity.{item.severity}')}",
        "text": text,
        "since": " · ".join(parts),
    }
