"""The rules: a list that says what each watches and how it last went, and the form that makes or changes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

import alerts
import metrics
from alerts.people import OWNERS, PERIODS
from alerts.rules import kinds
from alerts.rules.change import COMPARISONS
from alerts.types import SEVERITIES, Rule
from components import alert_words as words
from components import answers, definition, names
from components import format as fmt
from components.alert_badge import mark
from components.view import View

FIELDS = (
    "metric",
    "kind",
    "side",
    "threshold",
    "compare",
    "period",
    "dimension",
    "platform",
    "severity",
    "owner",
    "floor",
    "hold",
    "hysteresis",
    "note",
)
SCALED = ("rate",)  # units that people write in per cent


def rule_list(view: View, rules: Sequence[Rule], may_change: bool) -> Any:
    """Every rule, those switched off last."""
    head = html.Div(
        [
            html.P(view.text("alerts.rules.hint"), className="muted"),
            html.A(
                view.text("alerts.rules.new"),
                href=view.href("/alerts", extra={"tab": "rules", "rule": "new"}),
                className="button primary",
                **{"data-nav": "1"},
            )
            if may_change
            else None,
        ],
        className="rules-head",
    )
    ordered = sorted(rules, key=lambda rule: (not rule.enabled, SEVERITIES.index(rule.severity), rule.id))
    return html.Div([head, *[_row(view, rule, may_change) for rule in ordered]], className="rules")


def _row(view: View, rule: Rule, may_change: bool) -> html.Article:
    last = alerts.last_evaluation(view.context.ledger, rule.id)
    cut = words.place(view, dict(rule.filters))
    each = (
        view.text(
            "alerts.rules.each",
            dimension=names.several(view, (names.dimension(view, one) for one in rule.dimensions)),
        )
        if rule.dimensions
        else ""
    )
    extras = [
        each,
        cut,
        view.text("alerts.page.owner", owner=words.owner(view, rule.owner)),
        _extras(view, rule),
        rule.note,
    ]
    outcome = html.Span(
        view.text(
            f"alerts.outcome.{last['outcome'] if last and rule.enabled else ('off' if not rule.enabled else 'new')}"
        ),
        className=f"chip chip-outcome chip-{last['outcome'] if last else 'new'}",
    )
    return html.Article(
        [
            html.Div(
                [
                    mark(view, rule.severity),
                    html.Span(names.metric(view, rule.metric), className="incident-name"),
                    definition.mark(view, rule.metric),
                    outcome,
                ],
                className="incident-head",
            ),
            html.Div(
                [
                    html.Span(words.line(view, rule), className="rule-line"),
                    html.Span(" · ".join(part for part in extras if part), className="muted"),
                ],
                className="incident-meta",
            ),
            _rule_acts(view, rule) if may_change else None,
        ],
        className="rule" + ("" if rule.enabled else " rule-off"),
        **{"data-rule": str(rule.id)},
    )


def _extras(view: View, rule: Rule) -> str:
    parts = []
    if rule.hold_seconds:
        parts.append(view.text("alerts.rules.hold", minutes=f"{rule.hold_seconds / 60:g}"))
    if rule.floor:
        parts.append(view.text("alerts.rules.floor", floor=fmt.plain(rule.floor, "yuan", view.lang)))
    return " · ".join(parts)


def _rule_acts(view: View, rule: Rule) -> html.Div:
    word = "off" if rule.enabled else "on"
    return html.Div(
        [
            html.A(
                view.text("alerts.rules.edit"),
                href=view.href("/alerts", extra={"tab": "rules", "rule": str(rule.id)}),
                className="button small",
                **{"data-nav": "1"},
            ),
            html.Button(
                view.text(f"alerts.rules.{word}"),
                id={"type": "alert-rule", "id": rule.id, "do": word},
                className="button small",
            ),
            html.Details(
                [
                    html.Summary(view.text("alerts.rules.remove"), className="button small"),
                    html.Button(
                        view.text("alerts.rules.remove_sure"),
                        id={"type": "alert-rule", "id": rule.id, "do": "remove"},
                        className="button small danger",
                    ),
                ],
                className="sure",
            ),
        ],
        className="rule-acts",
    )


# The form -------------------------------------------------------------------------------------------------------------


def form(view: View, rule: Rule) -> html.Div:
    """Make (id 0) or change a rule."""
    catalogue = metrics.catalogue()
    choices = [
        {"value": name, "label": f"{names.metric(view, name)} · {name}"}
        for name in catalogue
        if name not in view.scope.hidden
    ]
    dims = [{"value": "", "label": view.text("alerts.form.whole")}] + [
        {"value": name, "label": names.dimension(view, name)} for name in _dimensions(rule.metric)
    ]
    platforms = [
        {"value": value, "label": names.value(view, "platform", value)}
        for value in answers.values(view.context, "platform", view.scope)
    ]
    kept = rule.filters.get("platform", ())
    parts = [
        _select(view, "metric", choices, rule.metric, searchable=True),
        _select(
            view,
            "kind",
            [{"value": name, "label": kind.zh if view.lang == "zh" else kind.en} for name, kind in kinds().items()],
            rule.kind,
        ),
        _select(view, "side", words.options(view, "alerts.side", ("above", "below")), rule.side),
        _number(view, "threshold", shown_threshold(rule), suffix(view, rule.metric, rule.kind)),
        _select(
            view,
            "compare",
            words.options(view, "alerts.compare", COMPARISONS),
            rule.compare or "yesterday",
            hidden=rule.kind != "change",
        ),
        _select(view, "period", words.options(view, "components.period", PERIODS), rule.period),
        _select(view, "dimension", dims, rule.dimensions[0] if rule.dimensions else ""),
        _select(
            view,
            "platform",
            [{"value": "", "label": view.text("alerts.form.all")}, *platforms],
            kept[0] if kept else "",
        ),
        _select(view, "severity", words.options(view, "alerts.severity", SEVERITIES), rule.severity),
        _select(view, "owner", words.options(view, "components.owner", OWNERS), rule.owner),
        _number(view, "floor", rule.floor, view.text("components.unit_name.yuan")),
        _number(view, "hold", rule.hold_seconds / 60, view.text("components.unit_name.minutes")),
        _number(view, "hysteresis", rule.hysteresis * 100, "%"),
        html.Label(
            [
                html.Span(view.text("alerts.form.note")),
                dcc.Input(id="rule-note", type="text", maxLength=500, value=rule.note, className="field"),
            ],
            className="form-field wide",
        ),
    ]
    title = view.text("alerts.form.change" if rule.id else "alerts.form.make")
    buttons = [
        html.Button(view.text("alerts.form.preview"), id="rule-preview", className="button"),
        html.Button(view.text("alerts.form.save"), id="rule-save", className="button primary"),
        html.A(
            view.text("alerts.form.cancel"),
            href=view.href("/alerts", extra={"tab": "rules"}),
            className="button",
            **{"data-nav": "1"},
        ),
    ]
    return html.Div(
        [
            html.H2(title),
            dcc.Store(id="rule-id", data=rule.id),
            html.Div(parts, className="form-grid"),
            html.Div(buttons, className="act-buttons"),
            html.Div(id="rule-answer", className="form-answer", role="status"),
        ],
        className="rule-form",
    )


def _dimensions(metric: str) -> tuple[str, ...]:
    found = metrics.catalogue().get(metric)
    return tuple(name for name in found.dimensions if name not in ("hour", "weekday")) if found else ()


def dimension_choices(view: View, metric: str) -> list[dict[str, str]]:
    """What a rule on this metric can be cut by."""
    return [
        {"value": "", "label": view.text("alerts.form.whole")},
        *({"value": name, "label": names.dimension(view, name)} for name in _dimensions(metric)),
    ]


def _select(
    view: View, name: str, data: list[dict[str, str]], value: str, *, searchable: bool = False, hidden: bool = False
) -> html.Div:
    return html.Div(
        dmc.Select(
            id=f"rule-{name}",
            label=view.text(f"alerts.form.{name}"),
            data=data,
            value=value,
            searchable=searchable,
            allowDeselect=False,
            maxDropdownHeight=320,
            comboboxProps={"zIndex": 70},
        ),
        id=f"rule-{name}-box",
        className="form-field",
        style={"display": "none"} if hidden else {},
    )


def _number(view: View, name: str, value: float, unit: str) -> html.Div:
    return html.Div(
        dmc.NumberInput(
            id=f"rule-{name}",
            label=view.text(f"alerts.form.{name}"),
            value=round(value, 6),
            suffix=f" {unit}",
            decimalScale=4,
            thousandSeparator=",",
        ),
        className="form-field",
    )


def suffix(view: View, metric: str, kind: str) -> str:
    """The unit people write the threshold in."""
    unit = words.unit(metric)
    return "%" if kind == "change" or unit in SCALED else view.text(f"components.unit_name.{unit}")


def shown_threshold(rule: Rule) -> float:
    """The threshold as people write it: per cent for rates and changes."""
    return rule.threshold * (100 if rule.kind == "change" or words.unit(rule.metric) in SCALED else 1)


def read_form(values: dict[str, Any], kept: Rule) -> Rule:
    """The rule that a filled form means. `kept` gives what the form has no field for."""
    metric, kind = str(values["metric"]), str(values["kind"])
    scale = 100 if kind == "change" or words.unit(metric) in SCALED else 1
    filters = {name: cut for name, cut in kept.filters.items() if name != "platform"}
    if values["platform"]:
        filters["platform"] = (str(values["platform"]),)
    return Rule(
        id=kept.id,
        origin=kept.origin,
        enabled=kept.enabled,
        metric=metric,
        kind=kind,
        side=values["side"],
        threshold=_float(values["threshold"]) / scale,
        compare=values["compare"] if kind == "change" else None,
        period=values["period"],
        dimensions=(values["dimension"],) if values["dimension"] else (),
        filters=filters,
        severity=values["severity"],
        owner=values["owner"],
        floor=_float(values["floor"]),
        hold_seconds=round(_float(values["hold"]) * 60),
        hysteresis=_float(values["hysteresis"]) / 100,
        note=str(values["note"] or ""),
    )


def _float(value: Any) -> float:
    try:
        return float(value if value not in (None, "") else 0)
    except (TypeError, ValueError):
        return float("nan")
