"""Finance: from what was sold to what is left, who earns it, and where money leaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from components import export, names, picks, states, table
from components import format as fmt
from components.freshness import marks, reason
from components.layout import card, places
from components.page import Answers, Block, Page
from components.table import Column
from components.unreconciled import chip
from components.view import View
from errors import UserError
from metrics.leaks import RULES, leaks
from metrics.types import Result

STEPS = (  # sign, metric: what is taken off on the way, and the sums in between
    ("", "gmv"),
    ("-", "refund_amount"),
    ("=", "net_sales"),
    ("-", "cogs"),
    ("=", "gross_profit"),
    ("-", "platform_fee"),
    ("-", "creator_commission"),
    ("-", "ad_spend"),
    ("-", "logistics_cost"),
    ("=", "contribution_profit"),
    ("-", "other_cost"),
    ("=", "operating_profit"),
)
BY = ("sku", "channel", "campaign", "category")
ASKED = (
    "gmv", "refund_amount", "cogs", "gross_profit", "gross_margin", "platform_fee", "creator_commission", "ad_spend",
    "logistics_cost", "contribution_profit", "contribution_margin", "operating_profit",
)  # fmt: skip
MOST, SHOWN = 2000, 12


def _ask_steps(view: View) -> Answers:
    return {"steps": view.ask(*(metric for _, metric in STEPS), compare=view.compare)}


def _draw_steps(view: View, found: Answers) -> Any:
    result = found["steps"]
    row = result.rows[0] if result.rows else {}
    top = max((abs(row[metric]) for _, metric in STEPS if row.get(metric) is not None), default=0.0)
    body: Any = states.nothing(view)
    if row.get("gmv") is not None:
        told = [_step(view, result, row, sign, metric, span) for sign, metric, span in _spans(row, top)]
        body = html.Div(told, className="waterfall", role="list")
    return card(
        body,
        title=view.text("finance.waterfall"),
        note=view.text("finance.waterfall_note"),
        corner=[*chip(view, result.period, "operating_profit"), export.menu(view, "finance", "waterfall")],
    )


def _spans(row: dict[str, Any], top: float) -> list[tuple[str, str, tuple[float, float] | None]]:
    """Where each bar begins and ends, as shares of the widest; None where the amount is not known."""
    level = 0.0
    found: list[tuple[str, str, tuple[float, float] | None]] = []
    low = min(0.0, *(row[metric] for sign, metric in STEPS if sign != "-" and row.get(metric) is not None))
    width = (top - low) or 1.0
    for sign, metric in STEPS:
        value = row.get(metric)
        if value is None:
            found.append((sign, metric, None))
            continue
        begin, end = (level, level - value) if sign == "-" else (0.0, value)
        level = end
        left, right = sorted(((begin - low) / width, (end - low) / width))
        found.append((sign, metric, (left, right - left)))
    return found


def _step(
    view: View, result: Result, row: dict[str, Any], sign: str, metric: str, span: tuple[float, float] | None
) -> html.Div:
    shown = fmt.number(row.get(metric), "yuan", view.lang)
    share = row[metric] / row["gmv"] if row.get("gmv") and row.get(metric) is not None else None
    why = reason(view, result.notes[metric]) if row.get(metric) is None and metric in result.notes else None
    kind = {"-": "minus", "=": "sum"}.get(sign, "first")
    bar = (
        html.Span(style={"left": f"{span[0] * 100:.2f}%", "width": f"{span[1] * 100:.2f}%"}, className=f"fall-{kind}")
        if span
        else html.Small(why or "", className="muted")
    )
    name = html.A(
        [html.Span({"-": "−", "=": "="}.get(sign, ""), className="fall-sign"), names.metric(view, metric)],
        href=view.href(f"/drill/{metric}"),
        className="inline",
        **{"data-nav": "1"},
    )
    return html.Div(
        [
            html.Span([name, *marks(view, result, metric)], className="fall-name"),
            html.Div(bar, className="fall-track"),
            html.B([shown.main, html.Small(shown.unit)], className="fall-value", title=shown.exact),
            html.Span(fmt.share(share), className="fall-share"),
        ],
        className=f"fall-row fall-row-{kind}",
        role="listitem",
    )


def _ask_parts(view: View) -> Answers:
    by = picks.chosen(view, "by", BY)
    asked = [metric for metric in ASKED if view.fits(metric, (by,))]
    return {"parts": view.ask(*asked, by=(by,), order="-gross_profit", limit=MOST)}


def _draw_parts(view: View, found: Answers) -> Any:
    by, result = picks.chosen(view, "by", BY), found["parts"]
    known = [name for name in result.metrics if any(row.get(name) is not None for row in result.rows)]
    columns = [
        Column(
            by,
            names.dimension(view, by),
            kind="dimension",
            link=lambda row: _link(view, by, row),
            width=300 if by == "sku" else 200,
        ),
        *(column for column in table.metric_columns(view, result) if column.field in known),
    ]
    return card(
        [picks.dimensions(view, "by", BY), table.grid(view, "finance-grid", result.rows, columns, page_size=100)],
        title=view.text("finance.parts", by=names.dimension(view, by)),
        note=view.text("finance.parts_note"),
        corner=export.menu(view, "finance", "parts"),
    )


def _link(view: View, by: str, row: dict[str, Any]) -> str | None:
    value = row.get(by)
    if value is None:
        return None
    if by == "sku":
        return view.href(f"/sku/{value}")
    return view.with_filter(by, str(value)).href("/drill/gross_profit")


def _ask_leaks(view: View) -> Answers:
    def ask(names_asked: tuple[str, ...], by: tuple[str, ...]) -> Result | None:
        if not all(view.answerable(name) and view.fits(name, by) for name in names_asked):
            return None
        return view.ask(*names_asked, by=by)

    if not view.answerable("gross_profit"):
        raise UserError("not_allowed", metric=names.metric(view, "gross_profit"))
    told = {rule.id: [(name, names.metric(view, name)) for name in rule.needs] for rule in RULES}
    rows = [
        {
            "leak": view.text(f"finance.leak.{leak.rule}"),
            "part": names.value(view, leak.dimension, leak.value),
            "lost": leak.yuan,
            "why": _why(view, told, leak.rule, leak.row),
            "href": _link(view, leak.dimension, {leak.dimension: leak.value}),
        }
        for leak in leaks(ask)
    ]
    result = view.ask("gmv")
    answer = Result(
        ("lost",), ("leak", "part", "why"), None, view.period, None, rows, result.as_of, result.complete_through,
        {"lost": "yuan"}, "", 0.0, {},
    )  # fmt: skip
    return {"leaks": answer}


def _why(view: View, told: Mapping[str, Sequence[tuple[str, str]]], rule: str, row: Mapping[str, Any]) -> str:
    return " · ".join(f"{name} {fmt.number(row[metric], 'yuan', view.lang)}" for metric, name in told[rule])


def _draw_leaks(view: View, found: Answers) -> Any:
    rows = found["leaks"].rows
    columns = [
        Column("leak", view.text("finance.leak_column"), kind="text"),
        Column("part", view.text("finance.part_column"), kind="text", link=lambda row: row["href"]),
        Column("lost", view.text("finance.lost_column"), unit="yuan"),
        Column("why", view.text("finance.why_column"), kind="text"),
    ]
    title = view.text("finance.leaks")
    body = (
        table.table(view, rows, columns, most=SHOWN, caption=title, small=True)
        if rows
        else html.P(view.text("finance.no_leaks"), className="muted")
    )
    rules = [html.Li(view.text(f"finance.rule.{rule.id}")) for rule in RULES]
    told = html.Details([html.Summary(view.text("finance.rules")), html.Ul(rules)], className="note")
    note = view.text("finance.more", most=SHOWN, all=len(rows)) if len(rows) > SHOWN else None
    return card([body, told], title=title, note=note, corner=export.menu(view, "finance", "leaks"))


BLOCKS = (
    Block("waterfall", _ask_steps, _draw_steps, 420, "chart", "finance.waterfall"),
    Block("leaks", _ask_leaks, _draw_leaks, 240, "table", "finance.leaks"),
    Block("parts", _ask_parts, _draw_parts, 460, "table", "finance.parts_title"),
)


def layout(view: View) -> Component:
    """The waterfall, the leaks, profit by part."""
    at = places("finance", BLOCKS)
    heading = html.H1(view.text("finance.title"), className="sr-only")
    return html.Div([heading, at["waterfall"], at["leaks"], at["parts"]], className="stack")


PAGE = Page(
    id="finance", path="/finance", title="finance.nav", layout=layout, blocks=BLOCKS, section="business", order=54,
    icon="coins",
)  # fmt: skip
