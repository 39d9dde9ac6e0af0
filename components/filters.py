"""The bar of pickers: period, comparison, platform, shop, category. Every choice is a link, so the address is the
state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dash import dcc, html

from components import answers, names
from components import format as fmt
from components.view import COMPARISONS, PERIODS, View

BAR = ("platform", "shop", "category")
SEARCHABLE = 12  # from so many values on, a picker has a field to narrow them


def pick(
    label: str, value: str, panel: list[Any], *, chosen: bool = False, keep: bool = False, name: str = ""
) -> html.Details:
    """A pill that opens a panel; native details, so it works by keyboard without a script."""
    extra = {"data-keep": "1"} if keep else {}
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(label, className="pill-label"),
                    html.Span(value, className="pill-value"),
                    html.Span("▾", className="pill-arrow", **{"aria-hidden": "true"}),
                ],
                className="pill" + (" pill-on" if chosen else ""),
            ),
            html.Div(panel, className="panel"),
        ],
        className="pick",
        **{"data-pick": name},
        **extra,
    )


def option(label: str, href: str, on: bool, *, multiple: bool = False, hint: str = "") -> html.A:
    """One choice of a panel."""
    return html.A(
        [
            html.Span("✓" if on else "", className="tick", **{"aria-hidden": "true"}),
            html.Span(label),
            html.Span(hint, className="hint") if hint else None,
        ],
        href=href,
        className="option" + (" on" if on else ""),
        **{
            "aria-current" if not multiple else "aria-checked": "true" if on else "false",
            "data-nav": "1",
            "data-find": label.lower(),
        },
        role=None if not multiple else "menuitemcheckbox",
    )


def period_label(view: View) -> str:
    """What the period pill says: today with its times, a word, or the days."""
    if view.period_word in PERIODS:
        return view.text(f"components.period.{view.period_word}")
    period = view.period
    return fmt.day_range(period.start.date(), _last_day(view))


def _last_day(view: View) -> date:
    return (view.period.end - timedelta(microseconds=1)).date()


def _period(view: View) -> html.Details:
    words = [
        option(view.text(f"components.period.{word}"), view.href(period_word=word), word == view.period_word)
        for word in PERIODS
    ]
    first, last = view.period.start.date(), _last_day(view)
    own = html.Div(
        [
            html.Div(view.text("components.period.own"), className="panel-title"),
            html.Div(
                [
                    dcc.Input(
                        id="range-first", type="date", value=first.isoformat(), className="field", debounce=False
                    ),
                    html.Span("–"),
                    dcc.Input(id="range-last", type="date", value=last.isoformat(), className="field", debounce=False),
                    html.Button(view.text("components.period.apply"), className="button", **{"data-range": "1"}),
                ],
                className="range",
            ),
        ],
        className="panel-foot",
    )
    earlier = html.Div(
        [
            html.Label(view.text("components.known.label"), className="panel-title", htmlFor="known-at"),
            html.Div(
                [
                    dcc.Input(
                        id="known-at",
                        type="datetime-local",
                        value=view.as_known.isoformat(timespec="minutes") if view.as_known else "",
                        className="field",
                        debounce=False,
                    ),
                    html.Button(view.text("components.period.apply"), className="button", **{"data-known": "1"}),
                ],
                className="range",
            ),
        ],
        className="panel-foot",
    )
    dates = fmt.day_range(first, last, short=first.year == view.anchor.year and first != last)
    return pick(
        period_label(view),
        dates if view.period_word in PERIODS else "",
        [html.Div(words, className="columns"), own, earlier],
        chosen=view.as_known is not None,
        name="period",
    )


def _compare(view: View) -> html.Details:
    options = [
        option(view.text(f"components.compare.{word}"), view.href(compare_word=word), word == view.compare)
        for word in COMPARISONS
    ]
    return pick(
        view.text("components.compare.label"),
        view.text(f"components.compare.chosen.{view.compare}"),
        options,
        name="compare",
    )


def _dimension(view: View, dimension: str) -> html.Details | None:
    values = answers.values(view.context, dimension, view.scope)
    held = view.filters.get(dimension, ())
    if len(values) < 2 and not held:
        return None
    labels = {value: names.value(view, dimension, value) for value in dict.fromkeys((*values, *held))}
    options: list[Any] = [option(view.text("components.filter.all"), view.with_filter(dimension).href(), not held)]
    if len(labels) >= SEARCHABLE:
        options.insert(
            0,
            dcc.Input(
                className="field narrow",
                type="text",
                placeholder=view.text("components.filter.narrow"),
                id=f"narrow-{dimension}",
            ),
        )
    options += [
        option(label, view.toggled(dimension, value).href(), value in held, multiple=True)
        for value, label in labels.items()
    ]
    shown = view.text("components.filter.all")
    if held:
        shown = labels[held[0]] if len(held) == 1 else view.text("components.filter.several", n=len(held))
    return pick(names.dimension(view, dimension), shown, options, chosen=bool(held), keep=True, name=dimension)


def bar(view: View, *, periods: bool = True, dimensions: bool = True) -> html.Div:
    """The pickers of a page."""
    parts: list[Any] = [_period(view), _compare(view)] if periods else []
    if dimensions:
        parts += [_dimension(view, dimension) for dimension in BAR]
    return html.Div([part for part in parts if part is not None], className="filters")


def chips(view: View) -> list[Any]:
    """The filters that stand outside the bar (set by clicking on a chart), each with its way out."""
    shown: list[Any] = []
    for dimension, held in view.filters.items():
        for value in held:
            shown.append(
                html.A(
                    [
                        html.Span(names.dimension(view, dimension), className="muted"),
                        html.Span(names.value(view, dimension, value)),
                        html.Span("×", **{"aria-hidden": "true"}),
                    ],
                    href=view.toggled(dimension, value).href(),
                    className="chip chip-filter",
                    title=view.text("components.filter.remove"),
                    **{"data-nav": "1"},
                )
            )
    if len(shown) > 1:
        shown.append(
            html.A(
                view.text("components.filter.clear"),
                href=view.href(filters={}),
                className="chip-clear",
                **{"data-nav": "1"},
            )
        )
    return shown
