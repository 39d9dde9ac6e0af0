"""The form in which a metric is made or redefined."""

from __future__ import annotations

from typing import Any, get_args

import dash_mantine_components as dmc
from dash import dcc, html

import metrics
from components import alert_words as words
from components import names
from components.view import View
from metrics import definitions
from metrics.catalogue import declared
from metrics.declare import Metric
from metrics.types import Direction, Unit

FIELDS = ("id", "zh", "en", "formula", "unit", "direction", "layer", "owner", "definition_zh", "definition_en")
EMPTY = Metric("", "", "", "management", "yuan", "up", "operations", "", "", "")


def form(view: View, metric: Metric, *, may_take_back: bool) -> html.Div:
    """Every field of a definition, a helper that puts ids into the formula, and the buttons."""
    known = metric.id != ""
    over = metric.id in declared()
    parts = [
        _input(view, "id", metric.id, locked=known),
        _input(view, "zh", metric.zh),
        _input(view, "en", metric.en),
        _formula(view, metric),
        _select(view, "unit", _choices(view, "components.unit_name", get_args(Unit)), metric.unit, locked=over),
        _select(view, "direction", _choices(view, "components.direction", get_args(Direction)), metric.direction),
        _select(view, "layer", _choices(view, "components.layer", _layers(metric)), metric.layer),
        _select(view, "owner", _choices(view, "components.owner", definitions.OWNERS), metric.owner),
        _input(view, "definition_zh", metric.definition_zh, wide=True),
        _input(view, "definition_en", metric.definition_en, wide=True),
        _input(view, "note", "", wide=True),
    ]
    back = view.href(f"/dictionary/{metric.id}" if known else "/dictionary")
    buttons = [
        html.Button(view.text("definitions.form.preview"), id="define-preview", className="button primary"),
        html.Button(view.text("definitions.form.save"), id="define-save", className="button", disabled=True),
        html.A(view.text("definitions.form.cancel"), href=back, className="button", **{"data-nav": "1"}),
        _taking_back(view, metric) if may_take_back else html.Button(id="define-back", hidden=True),
    ]
    return html.Div(
        [
            html.P(view.text("definitions.form.over_hint" if over else "definitions.form.hint"), className="muted"),
            html.Div(parts, className="form-grid"),
            dcc.Store(id="define-seen"),
            html.Div(buttons, className="act-buttons"),
            html.Div(id="define-answer", className="form-answer", role="status"),
        ],
        className="rule-form define-form",
    )


def _layers(metric: Metric) -> tuple[str, ...]:
    return definitions.LAYERS if metric.layer in definitions.LAYERS else (metric.layer,)


def _choices(view: View, prefix: str, codes: tuple[str, ...]) -> list[dict[str, str]]:
    return words.options(view, prefix, codes)


def _formula(view: View, metric: Metric) -> html.Div:
    ids = [
        {"value": item.id, "label": f"{names.metric(view, item.id)} · {item.id}"}
        for item in metrics.catalogue().values()
        if item.layer != "system" and not item.uses & view.scope.hidden
    ]
    return html.Div(
        [
            html.Label(
                [
                    html.Span(view.text("definitions.form.formula")),
                    dcc.Textarea(
                        id="define-formula",
                        value=metric.formula or metric.id,
                        className="field define-formula",
                        maxLength=400,
                        spellCheck=False,
                    ),
                ],
                className="form-field",
            ),
            html.Div(
                dmc.Select(
                    id="define-insert",
                    label=view.text("definitions.form.insert"),
                    data=ids,
                    value=None,
                    searchable=True,
                    clearable=True,
                    maxDropdownHeight=320,
                    comboboxProps={"zIndex": 70},
                ),
                className="form-field",
            ),
            html.P(view.text("definitions.form.formula_hint"), className="muted"),
        ],
        className="define-formula-box wide",
    )


def _input(view: View, name: str, value: str, *, locked: bool = False, wide: bool = False) -> html.Label:
    most = {"id": definitions.LONGEST_NAME, "zh": definitions.LONGEST_NAME, "en": definitions.LONGEST_NAME}
    return html.Label(
        [
            html.Span(view.text(f"definitions.form.{name}")),
            dcc.Input(
                id=f"define-{name}",
                type="text",
                value=value,
                disabled=locked,
                maxLength=most.get(name, definitions.LONGEST_TEXT),
                className="field",
                autoComplete="off",
            ),
        ],
        className="form-field" + (" wide" if wide else ""),
    )


def _select(view: View, name: str, data: list[dict[str, str]], value: str, *, locked: bool = False) -> html.Div:
    return html.Div(
        dmc.Select(
            id=f"define-{name}",
            label=view.text(f"definitions.form.{name}"),
            data=data,
            value=value,
            disabled=locked,
            allowDeselect=False,
            comboboxProps={"zIndex": 70},
        ),
        className="form-field",
    )


def _taking_back(view: View, metric: Metric) -> html.Details:
    word = "restore" if metric.id in declared() else "remove"
    return html.Details(
        [
            html.Summary(view.text(f"definitions.form.{word}"), className="button"),
            html.Button(view.text(f"definitions.form.{word}_sure"), id="define-back", className="button danger"),
        ],
        className="sure",
    )


def read(values: dict[str, Any]) -> Metric:
    """The definition that a filled form means; checked by `definitions.check`, not here."""
    told = {name: str(values.get(name) or "").strip() for name in FIELDS}
    told["definition_en"] = told["definition_en"] or told["definition_zh"]
    return Metric(**told)  # type: ignore[arg-type]
