"""The six states a block can be in besides well: loading, empty, late, partial, failed, not allowed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import html

from components import format as fmt
from components.view import View
from errors import CockpitError
from i18n import catalogue


def skeleton(kind: str, height: int) -> html.Div:
    """The grey shape of what is coming, as high as it will be."""
    if kind == "cards":
        inner: list[Any] = [html.Div(className="skeleton-card") for _ in range(6)]
    elif kind in ("table", "text"):
        inner = [
            html.Div(className="skeleton-line", style={"width": f"{96 - 7 * (i % 4)}%"})
            for i in range(max(3, height // 40))
        ]
    else:
        inner = [html.Div(className="skeleton-line short"), html.Div(className="skeleton-box")]
    return html.Div(
        inner,
        className=f"skeleton skeleton-{kind}",
        style={"minHeight": f"{height}px"},
        **{"aria-hidden": "true", "aria-busy": "true"},
    )


def message(
    icon: str, title: str, body: str | list[Any] = "", actions: list[Any] | None = None, tone: str = "quiet"
) -> html.Div:
    """A designed sentence where data would have been."""
    return html.Div(
        [
            html.Div(icon, className="state-icon", **{"aria-hidden": "true"}),
            html.Div(title, className="state-title"),
            html.Div(body, className="state-body") if body else None,
            html.Div(actions, className="state-actions") if actions else None,
        ],
        className=f"state state-{tone}",
        role="status" if tone != "failed" else "alert",
    )


def nothing(view: View) -> html.Div:
    """The question was answered: nothing there in this period and selection, or nothing kept of that moment."""
    if view.as_known is not None:
        back = html.A(view.text("components.known.back"), href=view.href(as_known=None), className="button")
        return message("∅", view.text("components.known.nothing"), view.text("components.known.nothing_hint"), [back])
    actions: list[Any] = []
    if view.filters:
        actions.append(
            html.A(view.text("components.state.clear_filters"), href=view.href(filters={}), className="button")
        )
    actions.append(
        html.A(view.text("components.state.last_30"), href=view.href(period_word="last_30_days"), className="button")
    )
    return message("∅", view.text("components.state.nothing"), view.text("components.state.nothing_hint"), actions)


def unavailable(view: View, reason: str | None) -> html.Div:
    """The sources loaded so far cannot tell this number."""
    texts = catalogue(view.lang)
    told = (
        texts.get(f"metric_note.{reason}")
        or texts.get(f"components.reason.{reason}")
        or view.text("components.reason.other")
    )
    return message("∅", view.text("components.state.unavailable"), told)


def failed(view: View, error: Exception, since: datetime, retry_id: str, name: str = "") -> html.Div:
    """What failed, since when, and a way to try again; never a stale number in its place. `name` is the block's."""
    reason = error.text(view.lang) if isinstance(error, CockpitError) else view.text("components.state.internal")
    return message(
        "!",
        " · ".join(filter(None, (name, view.text("components.state.failed")))),
        [reason, html.Span(view.text("components.state.since", at=fmt.moment(since)))],
        [html.Button(view.text("components.state.retry"), className="button", **{"data-retry": retry_id})],
        "failed",
    )


def not_allowed(view: View, name: str = "") -> html.Div:
    """The reader's rights do not reach these numbers, of the block `name`."""
    title = " · ".join(filter(None, (name, view.text("components.state.not_allowed"))))
    return message("⊘", title, view.text("components.state.not_allowed_hint"))


def empty_warehouse(view: View) -> html.Div:
    """Nothing loaded yet: three ways in."""
    ways: list[Any] = [("load", "/data/upload"), ("connect", "/data/sources")]
    cards: list[Any] = [
        html.A(
            [
                html.Div(view.text(f"components.empty.{name}"), className="way-title"),
                html.Div(view.text(f"components.empty.{name}_hint"), className="way-hint"),
            ],
            href=href,
            className="way",
        )
        for name, href in ways
    ]
    if view.context.flags.get("demo_loading"):
        cards.append(html.Div(view.text("commands.demo.loading"), className="way muted", **{"aria-busy": "true"}))
    elif "load_demo" in view.context.actions:
        cards.append(
            html.Button(
                [
                    html.Div(view.text("components.empty.demo"), className="way-title"),
                    html.Div(view.text("components.empty.demo_hint"), className="way-hint"),
                ],
                className="way",
                **{"data-action": "load_demo"},
            )
        )
    return html.Div(
        [
            html.H1(view.text("components.empty.title")),
            html.P(view.text("components.empty.body"), className="muted"),
            html.Div(cards, className="ways"),
        ],
        className="welcome",
    )
