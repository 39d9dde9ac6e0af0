"""Incidents as people work through them: alarms with acknowledge in two taps, rules that cannot be judged, history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import dcc, html

import alerts
from alerts.types import ALARMS, FAULTS, Incident
from components import alert_then, definition, names, states
from components import alert_words as words
from components import format as fmt
from components.alert_badge import mark
from components.view import View

SILENCES = (1, 4, 24)  # hours offered
JUDGED_AGAIN = 30  # of the past ones: each is a question


def alarms(view: View, items: Sequence[Incident], now: datetime, may_act: bool) -> Any:
    """Alarms that stand: firing first, then those taken on, then those about to fire."""
    shown = [item for item in items if item.state in (*ALARMS, "pending")]
    if not shown:
        return states.message("✓", view.text("alerts.page.calm"), view.text("alerts.page.calm_hint"))
    return html.Div([card(view, item, now, may_act) for item in shown], className="incidents")


def card(view: View, item: Incident, now: datetime, may_act: bool) -> html.Article:
    """One alarm."""
    silenced = item.is_silenced(now)
    since = item.fired_at or item.opened_at
    meta = [
        view.text("alerts.page.since", at=fmt.moment(since, now), age=fmt.age(since, now, view.lang)),
        view.text("alerts.page.owner", owner=words.owner(view, item.owner)),
    ]
    if item.as_of:
        meta.append(view.text("alerts.page.as_of", at=fmt.moment(item.as_of, now)))
    if item.acknowledged_by:
        meta.append(view.text("alerts.page.taken", user=item.acknowledged_by, at=fmt.moment(item.acknowledged_at, now)))
    if silenced:
        meta.append(view.text("alerts.page.silenced", until=fmt.moment(item.silenced_until, now)))
    return html.Article(
        [
            html.Div([mark(view, item.severity), _state(view, item), _name(view, item)], className="incident-head"),
            html.Div(
                [
                    html.A(
                        words.figure(view, item.value, item.metric),
                        href=words.drill(view, item),
                        className="incident-value",
                        title=view.text("alerts.page.drill"),
                        **{"data-nav": "1"},
                    ),
                    html.Span(words.against(view, item), className="incident-line"),
                ],
                className="incident-figure",
            ),
            html.Div(
                [
                    html.Span(words.reason(view, item), className="incident-why"),
                    html.Span(" · ".join(meta), className="muted"),
                ],
                className="incident-meta",
            ),
            alert_then.line(view, item) if item.fired_at else None,
            _acts(view, item) if may_act and item.state in ALARMS else None,
        ],
        className=f"incident incident-{item.severity}" + (" quieted" if silenced or item.state != "firing" else ""),
        **{"data-incident": str(item.id), "data-state": item.state},
    )


def _state(view: View, item: Incident) -> html.Span:
    return html.Span(view.text(f"alerts.state.{item.state}"), className=f"chip chip-state chip-{item.state}")


def _name(view: View, item: Incident) -> html.Span:
    where = words.place(view, item.slice)
    return html.Span(
        [
            html.A(
                names.metric(view, item.metric),
                href=words.drill(view, item),
                className="incident-name",
                **{"data-nav": "1"},
            ),
            html.Span(where, className="incident-where") if where else None,
            definition.mark(view, item.metric),
        ],
        className="incident-title",
    )


def _acts(view: View, item: Incident) -> html.Details:
    """First tap opens, second acts; the note is there for who wants to say more."""
    key = item.id
    buttons: list[Any] = []
    if item.state == "firing":
        buttons.append(
            html.Button(
                view.text("alerts.act.confirm"), id={"type": "alert-ack", "id": key}, className="button primary"
            )
        )
    buttons += [
        html.Button(
            view.text("alerts.act.hush", hours=hours),
            id={"type": "alert-hush", "id": key, "hours": hours},
            className="button",
        )
        for hours in SILENCES
    ]
    note = dcc.Input(
        id={"type": "alert-note", "id": key},
        type="text",
        maxLength=500,
        className="field",
        placeholder=view.text("alerts.act.note"),
    )
    opener = "alerts.act.take" if item.state == "firing" else "alerts.act.more"
    return html.Details(
        [
            html.Summary(view.text(opener), className="button" + (" primary" if item.state == "firing" else "")),
            html.Div([note, html.Div(buttons, className="act-buttons")], className="acts-panel"),
        ],
        className="acts",
    )


def faults(view: View, items: Sequence[Incident], now: datetime) -> Any:
    """Rules that cannot be judged, gathered by cause: data faults, not business falls."""
    groups: dict[tuple[str, str], list[Incident]] = defaultdict(list)
    for item in items:
        if item.state in FAULTS:
            groups[item.state, item.detail].append(item)
    if not groups:
        return html.P(view.text("alerts.page.all_judged"), className="muted")
    rows = []
    for (state, _), group in sorted(groups.items()):
        first = min(item.opened_at for item in group)
        metrics = names.several(view, dict.fromkeys(names.metric(view, item.metric) for item in group))
        rows.append(
            html.Div(
                [
                    html.Span(view.text(f"alerts.state.{state}"), className=f"chip chip-late chip-{state}"),
                    html.Div(
                        [
                            html.Div(words.reason(view, group[0])),
                            html.Div(
                                view.text(
                                    "alerts.page.fault_rules",
                                    n=len(group),
                                    metrics=metrics,
                                    age=fmt.age(first, now, view.lang),
                                ),
                                className="muted",
                            ),
                        ]
                    ),
                ],
                className="fault",
                **{"data-fault": state},
            )
        )
    return html.Div(rows, className="faults")


def system(view: View, now: datetime) -> Any:
    """The machine's own faults: jobs whose last run failed, parts that were skipped at start."""
    scheduler = view.context.flags.get("scheduler")
    failing = [health for health in (scheduler.failing() if scheduler else []) if health.last]
    rows = [_fault(view.text("alerts.page.job"), _job_name(view, one.name), _failed(view, one, now)) for one in failing]
    rows += [_fault(view.text("alerts.page.skipped"), warning, "") for warning in view.context.warnings]
    return (
        html.Div(rows, className="faults") if rows else html.P(view.text("alerts.page.machine_well"), className="muted")
    )


def _failed(view: View, health: Any, now: datetime) -> str:
    since = fmt.age(health.last.started_at, now, view.lang)
    return f"{health.last.detail} · {view.text('alerts.page.job_failed', n=health.failures, age=since)}"


def _job_name(view: View, name: str) -> str:
    job, _, source = name.partition(" ")
    return f"{view.text(f'jobs.{job}')}{f' · {source}' if source else ''}"


def _fault(chip: str, title: str, detail: str) -> html.Div:
    return html.Div(
        [html.Span(chip, className="chip chip-late"), html.Div([html.Div(title), html.Div(detail, className="muted")])],
        className="fault",
        **{"data-fault": "system"},
    )


def history(view: View, items: Sequence[Incident], now: datetime) -> Any:
    """What fired and is over; each opens to its life."""
    if not items:
        return states.message("∅", view.text("alerts.page.no_history"))
    rows = [_past(view, item, now, number < JUDGED_AGAIN) for number, item in enumerate(items)]
    return html.Div(rows, className="past-list")


def _past(view: View, item: Incident, now: datetime, again: bool) -> html.Details:
    """One that is over, by what it fired on; `again` asks what is known of that now."""
    item = alert_then.as_fired(item)
    fired, over = item.fired_at or item.opened_at, item.resolved_at or item.changed_at
    steps = [
        html.Li(
            [
                html.Span(fmt.moment(event.at, now), className="muted"),
                " ",
                words.life(view, event),
                html.Span(f" · {words.figure(view, event.value, item.metric)}") if event.value is not None else None,
            ]
        )
        for event in alerts.events(view.context.ledger, item.id)
    ]
    return html.Details(
        [
            html.Summary(
                [
                    mark(view, item.severity),
                    html.Span(names.metric(view, item.metric), className="incident-name"),
                    html.Span(words.place(view, item.slice), className="incident-where"),
                    html.Span(
                        f"{words.figure(view, item.value, item.metric)} {words.against(view, item)}",
                        className="past-value",
                    ),
                    html.Span(f"{fmt.moment(fired, now)} → {fmt.moment(over, now)}", className="muted"),
                ]
            ),
            alert_then.line(view, item) if again else None,
            html.Ol(steps, className="life"),
        ],
        className="past",
    )
