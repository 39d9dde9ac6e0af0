"""Do two metrics move together, and which one first? With the sample, the interval, and a warning against reading cause
into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

import metrics
from components import export, names, picks, states
from components import format as fmt
from components.layout import card, places
from components.page import Answers, Block, Page
from components.tokens import COLOURS, plotly_template
from components.view import View
from metrics.types import Result

FIRST: tuple[str, ...] = (
    "ad_exposures",
    "ad_spend",
    "visitors",
    "exposures",
    "discount_rate",
    "stockout_rate",
    "live_viewers",
    "gmv",
)
SECOND: tuple[str, ...] = ("gmv", "orders", "new_buyers", "cvr", "refund_rate", "repeat_rate", "add_to_cart")
LEAST_DAYS, USUAL_DAYS = 28, 120


def _chosen(view: View) -> tuple[str, str]:
    """Both metrics of the address, else the first of each list that may be asked here; any metric may be named."""
    known = metrics.catalogue()
    found = []
    for name, offered in (("a", FIRST), ("b", SECOND)):
        asked = view.extra.get(name, "")
        offered = _offered(view, offered)
        found.append(asked if asked in known else next(one for one in offered if one not in found))
    return found[0], found[1]


def _offered(view: View, offered: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in offered if name in metrics.catalogue() and view.answerable(name)) or offered


def _longer(view: View) -> View:
    """A lag needs weeks of days: a shorter period is drawn as the four months to its end."""
    if view.days >= LEAST_DAYS:
        return view
    last = (view.period.end - timedelta(microseconds=1)).date()
    return replace(view, period_word=f"{last - timedelta(days=USUAL_DAYS - 1)}..{last}")


def _ask(view: View) -> Answers:
    """The days themselves, as they are exported; the correlation rests on the same question."""
    a, b = _chosen(view)
    return {"days": _longer(view).ask(a, b, grain="day")}


def _found(view: View) -> metrics.Correlation | None:
    a, b = _chosen(view)
    if a == b:
        return None
    here = _longer(view)
    return metrics.correlate(here.context.warehouse, a, b, here.period, here.scope, here.filters)


def _draw(view: View, found: Answers) -> Any:
    a, b = _chosen(view)
    told = _found(view)
    return card(
        [
            *_pickers(view, (a, b)),
            html.P(_sentence(view, told), className="lead") if told else states.unavailable(view, "no_data"),
            _graph(view, told) if told else None,
            html.Ul([html.Li(view.text(f"buyers.warning.{code}")) for code in told.warnings] if told else []),
        ],
        title=view.text("correlation.question", a=names.metric(view, a), b=names.metric(view, b)),
        note=_note(view, found["days"], told),
        corner=export.menu(view, "correlation", "lags", picture=True),
    )


def _note(view: View, days: Result, told: metrics.Correlation | None) -> str:
    last = (days.period.end - timedelta(microseconds=1)).date()
    span = fmt.day_range(days.period.start.date(), last)
    return view.text("correlation.note", span=span, days=told.days if told else 0)


def _pickers(view: View, chosen: tuple[str, str]) -> list[Any]:
    found = []
    for name, offered, now in (("a", FIRST, chosen[0]), ("b", SECOND, chosen[1])):
        held = tuple(dict.fromkeys((now, *_offered(view, offered))))
        labels = {one: names.metric(view, one) for one in sorted(held, key=lambda one: _place(offered, one))}
        shown = replace(view, extra={**view.extra, name: now})
        label = html.Span(view.text(f"correlation.{name}"), className="muted")
        found.append(html.Div([label, picks.tabs(shown, name, labels)], className="pick-line"))
    return found


def _place(offered: tuple[str, ...], name: str) -> int:
    return offered.index(name) if name in offered else len(offered)


def _sentence(view: View, told: metrics.Correlation) -> str:
    a, b = (names.metric(view, name) for name in told.metrics)
    best = told.best
    if best is None or best.pearson is None or best.low is None or best.high is None:
        return view.text("correlation.none", a=a, b=b, days=told.days)
    way = "same" if best.days == 0 else "first" if best.days > 0 else "second"
    return view.text(
        f"correlation.{way}",
        a=a,
        b=b,
        lag=abs(best.days),
        r=f"{best.pearson:.2f}",
        low=f"{best.low:.2f}",
        high=f"{best.high:.2f}",
        rank=fmt.DASH if best.spearman is None else f"{best.spearman:.2f}",
        changes=fmt.DASH if best.changes is None else f"{best.changes:.2f}",
        pairs=best.pairs,
        effective=f"{best.effective:.0f}",
    )


def _graph(view: View, told: metrics.Correlation) -> Any:
    """A bar a lag, with its interval; those that reach over zero are grey."""
    lags = [lag for lag in told.lags if lag.pearson is not None]
    if not lags:
        return None
    table = COLOURS[view.theme]
    clear = [lag.low is not None and lag.high is not None and lag.low * lag.high > 0 for lag in lags]
    bars = {
        "type": "bar",
        "x": [lag.days for lag in lags],
        "y": [lag.pearson for lag in lags],
        "marker": {"color": [table["today"] if sure else table["comparison"] for sure in clear]},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [(lag.high or lag.pearson or 0) - (lag.pearson or 0) for lag in lags],
            "arrayminus": [(lag.pearson or 0) - (lag.low or lag.pearson or 0) for lag in lags],
            "color": table["muted"],
            "thickness": 1,
            "width": 2,
        },
        "text": [view.text("correlation.point", lag=lag.days, r=f"{lag.pearson:.2f}", pairs=lag.pairs) for lag in lags],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }
    ticks = [lag.days for lag in lags if lag.days % 7 == 0]
    layout = {
        "template": plotly_template(view.theme),
        "height": 300,
        "hovermode": "closest",
        "xaxis": {"tickvals": ticks, "ticktext": [view.text("correlation.tick", lag=day) for day in ticks]},
        "yaxis": {"range": [-1.05, 1.05], "tickvals": [-1, -0.5, 0, 0.5, 1]},
    }
    figure = {"data": [bars], "layout": layout}
    return dcc.Graph(id="correlation-graph", figure=figure, config={"displayModeBar": False}, className="chart")


BLOCKS = (Block("lags", _ask, _draw, 520, "chart", "correlation.nav", then=False),)


def layout(view: View) -> Component:
    """One question and its answer."""
    at = places("correlation", BLOCKS)
    return html.Div([html.H1(view.text("correlation.nav"), className="sr-only"), at["lags"]], className="stack")


PAGE = Page(
    id="correlation", path="/correlation", title="correlation.nav", layout=layout, blocks=BLOCKS, section="business",
    order=58, icon="table",
)  # fmt: skip
