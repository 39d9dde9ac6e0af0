"""Definition diff as a person reads it: one sentence, then what moves and by how much, kind by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from dash import html

from alerts.consequences import Effect, Move
from components import alert_words, names, used_by
from components import format as fmt
from components.view import View
from metrics.catalogue import Book, book, using

MOST = 12


def effect(view: View, found: Effect, new: Book) -> html.Div:
    """All sections of a diff; those that nothing moves in say so in one line."""
    with using(new if found.metric not in book().metrics else book()):  # a new metric has its name there only
        return html.Div(
            [
                html.H3(view.text("definitions.effect.title")),
                html.P(_sentence(view, found), className="effect-sentence"),
                _barred(view, found),
                _narrowed(view, found),
                _values(view, found),
                _months(view, found),
                _rules(view, found),
                _decisions(view, found),
                _targets(view, found),
                _signed(view, found),
                _places(view, found),
            ],
            className="effect",
            **{"data-effect": found.metric},
        )


def _sentence(view: View, found: Effect) -> str:
    first = found.values[0]
    if first.old is None:
        shown = _shown(view, found.metric, first.new)
        return view.text("definitions.effect.new", name=names.metric(view, found.metric), value=shown)
    moved = sum(one.moved for one in found.values)
    if not moved:
        return view.text("definitions.effect.nothing", name=names.metric(view, found.metric))
    return view.text(
        "definitions.effect.sentence",
        name=names.metric(view, found.metric),
        old=_shown(view, found.metric, first.old),
        new=_shown(view, found.metric, first.new),
        by=_share(first),
        others=moved - first.moved,
        rules=sum(one.moved for one in found.rules),
        decisions=sum(one.was != one.would for one in found.decisions),
    )


def _unit(metric_id: str) -> str:
    item = book().metrics.get(metric_id)
    return item.unit if item else "count"


def _shown(view: View, metric_id: str, value: float | None) -> str:
    return str(fmt.number(value, _unit(metric_id), view.lang))


def _share(move: Move) -> str:
    share = move.share
    if share is None:
        return fmt.DASH
    return ("+" if share > 0 else fmt.MINUS if share < 0 else "") + f"{abs(share) * 100:.1f}%"


def _section(view: View, name: str, body: Any, note: str = "") -> html.Section:
    title = view.text(f"definitions.effect.{name}")
    return html.Section(
        [html.H4(title), html.P(note, className="muted") if note else None, body], **{"data-section": name}
    )


def _table(view: View, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> html.Div:
    head = html.Tr(
        [html.Th(view.text(f"definitions.effect.{name}"), className="num" if i else "") for i, name in enumerate(heads)]
    )
    body = [html.Tr([html.Td(cell, className="num" if i else "") for i, cell in enumerate(row)]) for row in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)], className="table small effect-table")
    return html.Div(table, className="table-scroll", tabIndex="0")


def _none(view: View) -> html.P:
    return html.P(view.text("definitions.effect.none"), className="muted")


def _barred(view: View, found: Effect) -> Any:
    if not found.barred:
        return None
    told = names.several(view, (names.metric(view, name) for name in found.barred))
    return html.P(view.text("definitions.effect.barred", names=told), className="chip chip-late effect-warning")


def _narrowed(view: View, found: Effect) -> Any:
    """Cuts that fall away: pages and rules that ask for them will say that they cannot be answered."""
    told = []
    for one in found.narrowed[:MOST]:
        parts = [names.dimension(view, dim) for dim in one.dimensions]
        if one.grain:
            parts.append(view.text("definitions.effect.coarser", grain=view.text(f"components.grain.{one.grain}")))
        told.append(html.Li(f"{names.metric(view, one.metric)}: {names.several(view, parts)}"))
    if not told:
        return None
    label = html.Summary(view.text("definitions.effect.narrowed", n=len(found.narrowed)))
    return html.Details([label, html.Ul(told)], className="effect-narrowed", open=len(told) < 4)


def _values(view: View, found: Effect) -> html.Section:
    moved = [one for one in found.values if one.moved]
    still = len(found.values) - len(moved)
    note = view.text("definitions.effect.values_note", first=_day(found.period.start), last=_day(found.period.end, -1))
    if not moved:
        return _section(view, "values", _none(view), note)
    ordered = sorted(moved, key=lambda one: (one.name != found.metric, -abs(one.share or 0)))
    rows = [_row(view, one, one.name, names.metric(view, one.name)) for one in ordered[:MOST]]
    parts: list[Any] = [_table(view, ("what", "old", "then", "by"), rows)]
    left = ordered[MOST:]
    if left:
        more = [_row(view, one, one.name, names.metric(view, one.name)) for one in left]
        parts.append(
            html.Details(
                [
                    html.Summary(view.text("definitions.effect.more", n=len(left)), className="inline"),
                    _table(view, ("what", "old", "then", "by"), more),
                ]
            )
        )
    if still:
        parts.append(html.P(view.text("definitions.effect.still", n=still), className="muted"))
    return _section(view, "values", html.Div(parts), note)


def _row(view: View, move: Move, metric_id: str, label: str) -> tuple[Any, ...]:
    return label, _shown(view, metric_id, move.old), _shown(view, metric_id, move.new), _share(move)


def _day(moment: Any, days: int = 0) -> str:
    return f"{moment + timedelta(days=days):%Y-%m-%d}"


def _months(view: View, found: Effect) -> html.Section:
    rows = [_row(view, one, found.metric, one.name) for one in found.months]
    body = _table(view, ("month", "old", "then", "by"), rows) if rows else _none(view)
    return _section(view, "months", body)


def _rules(view: View, found: Effect) -> html.Section:
    if not found.rules:
        return _section(view, "rules", html.P(view.text("definitions.effect.no_rules"), className="muted"))
    rows = []
    for one in sorted(found.rules, key=lambda one: not one.moved):
        label = f"{names.metric(view, one.rule.metric)} · {alert_words.line(view, one.rule)}"
        gone = sorted(set(one.old or ()) - set(one.new or ()))
        come = sorted(set(one.new or ()) - set(one.old or ()))
        told = [view.text("definitions.effect.gone", days=_days(view, gone)) if gone else ""]
        told += [view.text("definitions.effect.come", days=_days(view, come)) if come else ""]
        counts = [fmt.DASH if days is None else str(len(days)) for days in (one.old, one.new)]
        told += [view.text("definitions.effect.untold") if one.old is None or one.new is None else ""]
        rows.append((label, *counts, " ".join(part for part in told if part)))
    return _section(
        view, "rules", _table(view, ("what", "old_days", "new_days", "change"), rows),
        view.text("definitions.effect.rules_note"),
    )  # fmt: skip


def _days(view: View, days: Sequence[str]) -> str:
    told = names.several(view, (day[5:] for day in days[:6]))
    return told + (" …" if len(days) > 6 else "")


def _decisions(view: View, found: Effect) -> html.Section:
    if not found.decisions:
        return _section(view, "decisions", html.P(view.text("definitions.effect.no_decisions"), className="muted"))
    rows = []
    for one in found.decisions:
        item = one.incident
        who = f"{item.acknowledged_by} · {fmt.moment(item.acknowledged_at)} · {names.metric(view, item.metric)}"
        words = [view.text(f"alerts.outcome.{outcome}") for outcome in (one.was, one.would)]
        told = words[0] if one.was == one.would else " → ".join(words)
        rows.append((who, _shown(view, item.metric, one.old), _shown(view, item.metric, one.new), told))
    return _section(
        view, "decisions", _table(view, ("who", "old", "then", "judged"), rows),
        view.text("definitions.effect.decisions_note"),
    )  # fmt: skip


def _targets(view: View, found: Effect) -> html.Section:
    if not found.targets:
        return _section(view, "targets", html.P(view.text("definitions.effect.no_targets"), className="muted"))
    rows = [
        (names.metric(view, one.name), _per_cent(one.old), _per_cent(one.new), _share(one)) for one in found.targets
    ]
    return _section(view, "targets", _table(view, ("what", "old", "then", "by"), rows))


def _signed(view: View, found: Effect) -> Any:
    """Days and shops whose reconciliation was signed over the old value; nothing where there are none."""
    moved = [one for one in found.signed if one.moved]
    if not moved:
        return None
    rows = [_row(view, one, found.metric, one.name) for one in moved[:MOST]]
    note = view.text("definitions.effect.signed_note", n=len(moved))
    return _section(view, "signed", _table(view, ("what", "old", "then", "by"), rows), note)


def _per_cent(value: float | None) -> str:
    return fmt.DASH if value is None else f"{value * 100:.1f}%"


def _places(view: View, found: Effect) -> html.Section:
    """Pages and saved views that show a metric that moves."""
    moved = [one.name for one in found.values if one.moved and one.name in book().metrics]
    found_at: dict[str, used_by.Use] = {}
    for name in moved:
        for use in (*used_by.pages(view, name), *used_by.saved_views(view, name)):
            found_at.setdefault(use.label, use)
    body = used_by.uses(list(found_at.values())) if found_at else _none(view)
    return _section(view, "pages", body, view.text("definitions.effect.pages_note") if found_at else "")
