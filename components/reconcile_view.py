"""Reconciliation drawn: the matrix of shops and days, what stands behind a cell, and the form that signs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import dash_mantine_components as dmc
import flask
from dash import dcc, html

import access
from components import format as fmt
from components import names
from components.table import Column, table
from components.view import View
from config import tolerance
from errors import UserError
from metrics import reconcile, signoffs
from metrics.reconcile import PAIRS, REASONS
from metrics.signoffs import SignOff
from metrics.types import Period, Result

LEAST_DAYS, MOST_DAYS, SHOWN = 14, 31, 50
SIGNS = {"equal": "✓", "open": "!", "signed": "✎", "waiting": "·", "not_connected": "–"}


@dataclass(frozen=True)
class Cell:
    """One pair of one shop on one day."""

    pair: str
    platform: str
    shop: str
    day: date

    @property
    def word(self) -> str:
        """The cell as the address names it."""
        return "|".join((self.pair, self.platform, self.shop, self.day.isoformat()))

    @classmethod
    def read(cls, word: str | None) -> Cell | None:
        """The cell that an address names; None for anything else."""
        parts = (word or "").split("|")
        try:
            return cls(parts[0], parts[1], parts[2], date.fromisoformat(parts[3])) if parts[0] in PAIRS else None
        except (IndexError, ValueError):
            return None

    def title(self, view: View) -> str:
        return view.text(
            "reconciliation.of_cell",
            shop=f"{names.value(view, 'platform', self.platform)} {self.shop}",
            day=self.day,
            pair=view.text(f"reconciliation.pair.{self.pair}"),
        )


def may(view: View) -> bool:
    """Whether the reader may see and sign reconciliation."""
    return flask.has_request_context() and access.may(access.current_user(), "reconcile")


def span(view: View) -> Period:
    """The asked days; at least two weeks up to the asked period's end, so that a day is seen among its neighbours."""
    period = view.period
    days = min(MOST_DAYS, max(LEAST_DAYS, view.days))
    return Period(period.end - timedelta(days=days), period.end)


def ask(view: View) -> Result:
    """The cells of `span`, sign-offs laid over them.

    Raises:
        UserError: `not_allowed` for readers without the right.
    """
    if not may(view):
        raise UserError("not_allowed", metric=view.text("reconciliation.nav"))
    found = reconcile(view.context.warehouse, span(view), view.scope, view.filters)
    return replace(found, rows=signoffs.overlay(view.context.ledger, found.rows))


def words(view: View, found: Result) -> Result:
    """The same for a file: codes in words, who signed beside them."""
    rows = [
        row
        | {
            "pair": view.text(f"reconciliation.pair.{row['pair']}"),
            "state": view.text(f"reconciliation.state.{row['state']}"),
            "reason": reason(view, row.get("signed_reason") or row["reason"]),
        }
        for row in found.rows
    ]
    told = ("pair", "platform", "shop", "day", "state", "reason")
    return replace(found, rows=rows, dimensions=told, metrics=(*found.metrics, "signed_by", "signed_at"))


def reason(view: View, code: str | None) -> str:
    return view.text(f"reconciliation.reason.{code}") if code in REASONS else ""


def yuan(value: float) -> str:
    """A difference with its sign, to the cent."""
    return f"{value:+,.2f}"


def tiles(view: View, found: Result) -> html.Div:
    """How much is open, signed, and not connected."""
    opened = [row for row in found.rows if row["state"] == "open"]
    signed = [row for row in found.rows if row["state"] == "signed"]
    lacking = {(row["pair"], row["platform"], row["shop"]) for row in found.rows if row["state"] == "not_connected"}
    days = len({row["day"] for row in opened})
    money = fmt.number(sum(row["absolute"] for row in opened), "yuan", view.lang)
    told = (
        ("open", str(len(opened)), view.text("reconciliation.open_note", cells=len(opened), days=days)),
        ("absolute", f"{money.main}{money.unit}", view.text("reconciliation.absolute_note")),
        ("signed", str(len(signed)), view.text("reconciliation.signed_note")),
        ("missing", str(len(lacking)), view.text("reconciliation.missing_note", count=len(lacking))),
    )
    return html.Div([_tile(view.text(f"reconciliation.{name}"), *rest) for name, *rest in told], className="tally")


def _tile(title: str, value: str, note: str) -> html.Div:
    return html.Div(
        [html.Div(title, className="label"), html.Div(value, className="tally-value"), html.Div(note, className="note")]
    )


def matrix(view: View, found: Result) -> html.Div:
    """Shops and pairs down, days across; every cell has its word, and leads to its difference."""
    days = sorted({row["day"] for row in found.rows})
    held = Cell.read(view.extra.get("cell"))
    lines: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}
    for row in found.rows:
        lines.setdefault((row["platform"], row["shop"]), {}).setdefault(row["pair"], []).append(row)
    head = html.Tr(
        [
            html.Th(names.dimension(view, "shop"), scope="col"),
            *(html.Th(day.strftime("%m-%d"), scope="col", title=day.isoformat()) for day in days),
        ]
    )
    groups = [html.Tbody(_group(view, place, pairs, held, len(days))) for place, pairs in lines.items()]
    title = view.text("reconciliation.matrix")
    drawn = html.Table([html.Caption(title, className="sr-only"), html.Thead(head), *groups], className="ledger-matrix")
    return html.Div(drawn, className="table-scroll", tabIndex="0", role="region", **{"aria-label": title})


def _group(
    view: View, place: tuple[str, str], pairs: dict[str, list[dict[str, Any]]], held: Cell | None, days: int
) -> list[html.Tr]:
    shop = f"{names.value(view, 'platform', place[0])} {place[1]}"
    rows = [html.Tr(html.Th(shop, scope="rowgroup", colSpan=days + 1), className="ledger-shop")]
    lacking = [pair for pair, cells in pairs.items() if cells[0]["state"] == "not_connected"]
    for pair, cells in pairs.items():
        if pair not in lacking:
            name = view.text(f"reconciliation.pair.{pair}")
            drawn = [_cell(view, shop, name, row, held) for row in sorted(cells, key=lambda row: row["day"])]
            rows.append(html.Tr([html.Th(name, scope="row"), *drawn]))
    if lacking:
        said = names.several(view, [view.text(f"reconciliation.pair.{pair}") for pair in lacking])
        word = view.text("reconciliation.state.not_connected")
        hint = view.text("reconciliation.state_hint.not_connected")
        cell = html.Td(html.Span(said), colSpan=days, className="cell-none", title=hint)
        rows.append(html.Tr([html.Th(f"{SIGNS['not_connected']} {word}", scope="row"), cell]))
    return rows


def _cell(view: View, shop: str, pair: str, row: dict[str, Any], held: Cell | None) -> html.Td:
    state = row["state"]
    word = view.text(f"reconciliation.state.{state}")
    amount = f" {yuan(row['difference'])}" if row["difference"] is not None and state in ("open", "signed") else ""
    said = view.text("reconciliation.cell", shop=shop, day=row["day"], pair=pair, state=word, amount=amount)
    cell = Cell(row["pair"], row["platform"], row["shop"], row["day"])
    shown = [html.Span(SIGNS[state], **{"aria-hidden": "true"}), html.Span(word, className="cell-word")]
    on = " on" if cell == held else ""
    if row["difference"] is None:
        return html.Td(shown, className=f"cell-{state}", title=said)
    link = html.A(
        shown,
        href=view.href(extra={**view.extra, "cell": cell.word}),
        title=said,
        **{"data-nav": "1", "aria-label": said, "aria-current": "true" if on else "false"},
    )
    return html.Td(link, className=f"cell-{state}{on}")


def legend(view: View) -> html.Div:
    """What signs and colours mean."""
    return html.Div(
        [
            html.Span(
                [
                    html.B(f"{SIGNS[state]} {view.text(f'reconciliation.state.{state}')}", className=f"cell-{state}"),
                    f" {view.text(f'reconciliation.state_hint.{state}')}",
                ]
            )
            for state in SIGNS
        ],
        className="ledger-legend note",
    )


def detail(view: View, cell: Cell, row: dict[str, Any], behind: Result) -> list[Any]:
    """Both sides of a cell, its cases, and its signatures."""
    sides = [
        (view.text(f"reconciliation.left_of.{cell.pair}"), row["left"], row["left_count"]),
        (view.text(f"reconciliation.right_of.{cell.pair}"), row["right"], row["right_count"]),
        (view.text("reconciliation.difference"), row["difference"], row["odd"]),
    ]
    parts = [
        _tile(title, f"{value:,.2f}", f"{view.text('reconciliation.count')} {count}") for title, value, count in sides
    ]
    return [
        html.Div(
            [
                html.B(view.text(f"reconciliation.state.{row['state']}"), className=f"cell-{row['state']} state-word"),
                cell.title(view),
            ],
            className="ledger-title",
        ),
        html.Div(parts, className="tally"),
        html.Div(_tolerance(view, cell.pair), className="note"),
        _cases(view, behind),
    ]


def _tolerance(view: View, pair: str) -> str:
    absolute, share = tolerance(view.context.settings, pair)
    told = view.text(f"reconciliation.tolerance_{PAIRS[pair].judged}", value=f"{absolute:g}")
    return view.text("reconciliation.tolerance", absolute=told, share=f"{share * 100:g}%")


def _num(_row: dict[str, Any]) -> str:
    return "num"


def _cases(view: View, behind: Result) -> Any:
    if not behind.rows:
        return html.P(view.text("reconciliation.no_cases"), className="muted")
    rows = [
        row
        | {"ref": row["ref"] or view.text("reconciliation.whole_day"), "reason": reason(view, row["reason"])}
        | {name: f"{row[name]:,.2f}" for name in ("left", "right")}
        | {"difference": yuan(row["difference"])}
        for row in behind.rows[:SHOWN]
    ]
    columns = [
        Column("ref", view.text("reconciliation.case"), kind="text"),
        Column("left", view.text("reconciliation.left"), kind="text", tone=_num),
        Column("right", view.text("reconciliation.right"), kind="text", tone=_num),
        Column("difference", view.text("reconciliation.difference"), kind="text", tone=_num),
        Column("reason", view.text("reconciliation.reason_column"), kind="text"),
    ]
    more = view.text("reconciliation.cases_more", most=SHOWN) if len(behind.rows) > SHOWN else None
    drawn = table(view, rows, columns, most=SHOWN, caption=view.text("reconciliation.detail"), small=True)
    return html.Div([drawn, html.Div(more, className="note") if more else None], className="ledger-cases")


def form(view: View, row: dict[str, Any], acts: Sequence[SignOff]) -> html.Div:
    """Reason, note and button of an open cell; of a signed one the way back. Ids are there in every state."""
    opened = row["state"] == "open"
    choices = [{"value": code, "label": reason(view, code)} for code in REASONS]
    fields = [
        html.Div(
            dmc.Select(
                id="reconcile-reason",
                label=view.text("reconciliation.sign_reason"),
                data=choices,
                value=row["reason"] or "unknown",
                allowDeselect=False,
                comboboxProps={"zIndex": 70},
            ),
            className="form-field",
        ),
        html.Div(
            [
                html.Label(view.text("reconciliation.sign_note"), htmlFor="reconcile-note"),
                dcc.Input(id="reconcile-note", type="text", maxLength=500, value="", className="field"),
            ],
            className="form-field",
        ),
    ]
    buttons = [
        html.Button(
            view.text("reconciliation.sign"), id="reconcile-sign", className="button primary", style=_shown(opened)
        ),
        html.Button(
            view.text("reconciliation.withdraw"),
            id="reconcile-withdraw",
            className="button",
            style=_shown(row["state"] == "signed"),
        ),
    ]
    return html.Div(
        [
            html.Div(fields, className="form-grid", style=_shown(opened)),
            dcc.Store(id="reconcile-seen", data=row["difference"]),
            html.Div(buttons, className="act-buttons"),
            _history(view, row, acts),
        ],
        className="rule-form",
    )


def _shown(there: bool) -> dict[str, str]:
    return {} if there else {"display": "none"}


def _history(view: View, row: dict[str, Any], acts: Sequence[SignOff]) -> Any:
    if not acts:
        return None
    said = [_act(view, act) for act in acts]
    if acts[0].change == "signed" and row["state"] == "open":
        moved = {"was": yuan(acts[0].difference), "now": yuan(row["difference"])}
        said.insert(0, view.text("reconciliation.signed_moved", **moved))
    title = html.Div(view.text("reconciliation.history"), className="label")
    return html.Div([title, html.Ul([html.Li(one) for one in said])], className="ledger-history")


def _act(view: View, act: SignOff) -> str:
    at = act.at.replace("T", " ")
    if act.change == "withdrawn":
        return view.text("reconciliation.withdrawn_by", by=act.by, at=at)
    note = f" · {act.note}" if act.note else ""
    told = view.text("reconciliation.signed_by", by=act.by, at=at, reason=reason(view, act.reason))
    return f"{told} · {yuan(act.difference)}{note}"
