"""How old the data are: the light of the top bar, the chip beside a number, the plain sentence when today has no
data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import html

from components import answers, names, restated
from components import format as fmt
from components.page import Page
from components.view import View
from config import now
from errors import CockpitError
from i18n import catalogue
from metrics.types import Result

STALE_MINUTES = 60


def told_until(result: Result) -> datetime | None:
    """How far the data behind an answer are known: the newest event, or further where all sources in time have told all
    and nothing happened."""
    return max((at for at in (result.as_of, result.complete_through) if at is not None), default=None)


def light(view: View) -> Any:
    """Up to when data are known, and who is late; leads to the sources."""
    if answers.is_empty(view.context, view.scope):
        return None
    try:
        found = view.ask("gmv", filters={})
    except CockpitError:
        return None
    clock = now(view.context.settings)
    late = found.late_sources
    told = told_until(found)
    old = told is None or (clock - told).total_seconds() > STALE_MINUTES * 60
    tone = "late" if late else "old" if old else "ok"
    parts = [view.text("components.fresh.until", at=fmt.moment(None if told is None else min(told, clock), clock))]
    if late:
        parts.append(view.text("components.fresh.late", sources=source_names(view, late[:1])))
    return html.A(
        [html.Span(className=f"light light-{tone}", **{"aria-hidden": "true"}), html.Span(" · ".join(parts))],
        href="/data/sources",
        className="pill fresh",
        title=source_names(view, late) if late else view.text(f"components.fresh.{tone}"),
        **{"data-nav": "1"},
    )


def banner(view: View, page: Page | None) -> list[Any]:
    """When the newest data are not of today: which day stands for it."""
    if page is None or not page.needs_data or not page.frame or answers.is_empty(view.context, view.scope):
        return []
    if view.as_known is not None:
        return [restated.banner(view)]
    anchor, today = view.anchor, now(view.context.settings).date()
    if anchor >= today:
        return []
    return [
        html.Div(
            view.text("components.fresh.anchored", day=anchor.isoformat(), days=(today - anchor).days),
            className="banner banner-quiet",
            role="status",
        )
    ]


def source_names(view: View, sources: Sequence[str]) -> str:
    """Late sources, named `door:kind:platform:shop` by the engine, as people call them: platform and shop."""
    parts = [source.split(":", 3) for source in sources]
    said = [f"{names.value(view, 'platform', part[2])} {part[3]}" for part in parts if len(part) == 4]
    return names.several(view, dict.fromkeys(said) or sources)


def marks(view: View, result: Result, metric: str | None = None, late: Sequence[str] | None = None) -> list[Any]:
    """Chips beside a number that is late, partial or estimated; `late` names the sources of this number alone."""
    shown: list[Any] = []
    note = result.notes.get(metric) if metric else None
    late = result.late_sources if late is None else late
    if late:
        told = view.text("components.state.late", sources=source_names(view, late))
        shown.append(
            html.Span(
                view.text("components.state.late_short"),
                className="chip chip-late",
                title=f"{told} · {view.text('components.state.late_hint')}",
            )
        )
    if note and result.rows and metric and result.rows[0].get(metric) is not None:
        kind = "estimated" if note.startswith(("estimated", "from_")) else "partial"
        shown.append(
            html.Span(
                view.text(f"components.state.{kind}"), className="chip chip-note", title=noted(view, result, note)
            )
        )
    return shown


def noted(view: View, result: Result, code: str) -> str:
    """`reason`, with the days that a sum lacks."""
    days = [day.isoformat() for day in result.left_out] if code == "partial_people" else []
    return " ".join([reason(view, code), names.several(view, days)]) if days else reason(view, code)


def reason(view: View, code: str) -> str:
    """Why a number is null, partial or estimated, in words."""
    texts = catalogue(view.lang)
    return (
        texts.get(f"metric_note.{code}")
        or texts.get(f"components.reason.{code}")
        or view.text("components.reason.other")
    )
