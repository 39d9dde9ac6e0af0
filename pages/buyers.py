"""Buyers: which segments they form and what each is worth, whether they come back, and what they are like."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

import metrics
from access import current_user, may
from components import bars, export, limits_form, names, people, picks, table
from components import format as fmt
from components.layout import card, grid, places
from components.page import Answers, Block, Page
from components.table import Column
from components.view import View
from metrics.segments import Scoring
from metrics.types import Result
from pages import _limits

CUTS = ("share", "gmv", "value")
SCORINGS: tuple[Scoring, ...] = ("quintiles", "fixed")
BY = ("province", "hour", "level")
CELLS = ("buyers", "gmv")
MOVED_DAYS = 30
UNITS = ("pairs", "users")
WINDOWS = {"any": None, "h1": 1.0, "h24": 24.0, "h168": 168.0}


def _asked(view: View) -> tuple[Any, metrics.Slice, metrics.Scope]:
    return view.context.warehouse, people.slice_of(view), view.scope


def _segments(view: View) -> Answers:
    return {"segments": metrics.segments(*_asked(view))}


def _held(view: View) -> str | None:
    """The segment chosen by a click, else the one the address is held to; None is all buyers."""
    asked = view.extra.get("who", next(iter(view.filters.get("segment", ())), ""))
    return asked if asked in metrics.SEGMENTS else None


def _draw_segments(view: View, found: Answers) -> Any:
    result = found["segments"]
    title = view.text("buyers.segments")
    if not result.rows:
        return card(people.missing(view, result), title=title)
    points = metrics.thresholds(*_asked(view))
    top = max(row["gmv"] for row in result.rows) or 1.0
    rows = [_segment(view, row, row["gmv"] / top, points) for row in result.rows]
    heads = ("segment", "size", "money", "per_buyer", "recency", "rich")
    body = html.Table(
        [
            html.Caption(title, className="sr-only"),
            html.Thead(
                html.Tr(
                    [
                        html.Th(
                            view.text(f"buyers.{name}") if name != "segment" else names.dimension(view, "segment"),
                            scope="col",
                            className="" if name == "segment" else "num",
                            title=view.text("buyers.rich_hint") if name == "rich" else None,
                        )
                        for name in heads
                    ]
                )
            ),
            html.Tbody(rows),
        ],
        className="table listed segments",
    )
    scroll = html.Div(body, className="table-scroll", tabIndex="0", role="region", **{"aria-label": title})
    ledger = view.context.ledger is not None and may(current_user(), "administer")
    return card(
        [scroll, limits_form.form(view) if ledger else None],
        title=title,
        note=_as_of(view, result),
        corner=export.menu(view, "buyers", "segments"),
    )


def _as_of(view: View, result: Result) -> str:
    """The day it is told for, and whether buyers are known for a part of the orders only."""
    told: str = view.text("buyers.as_of", day=people.slice_of(view).day)
    return told + view.text("buyers.partial") if result.notes.get("buyers") == "partial_buyers" else told


def _segment(view: View, row: dict[str, Any], width: float, points: metrics.Thresholds | None) -> html.Tr:
    name, on = row["segment"], row["segment"] == _held(view)
    link = view.href(extra={**view.extra, "who": "" if on else name})
    label = view.text("buyers.size")
    return html.Tr(
        [
            html.Td(
                [
                    html.A(
                        people.segment_name(view, name),
                        href=link,
                        className="inline",
                        **{"data-nav": "1", "aria-current": "true" if on else "false"},
                    ),
                    html.Div(people.segment_rule(view, name, points), className="note"),
                ],
                **{"data-label": names.dimension(view, "segment")},
            ),
            _figures(view, label, (row["buyers"], "count"), (row["share"], "rate")),
            html.Td(
                [
                    people.figure(view, row["gmv"], "yuan"),
                    html.Small(fmt.share(row["gmv_share"])),
                    html.Div(
                        html.Span(style={"width": f"{width * 100:.1f}%"}),
                        className="bar-track",
                        **{"aria-hidden": "true"},
                    ),
                ],
                className="num",
                **{"data-label": view.text("buyers.money")},
            ),
            _figures(view, view.text("buyers.per_buyer"), (row["aov"], "yuan")),
            _figures(view, view.text("buyers.recency"), (row["recency_days"], "days")),
            _figures(view, view.text("buyers.rich"), (row["rich_buyers"], "count")),
        ],
        className="on" if on else "",
    )


def _figures(view: View, label: str, *values: tuple[float | None, str]) -> html.Td:
    first, *rest = values
    small = [html.Small(fmt.share(value)) for value, _ in rest]
    return html.Td([people.figure(view, *first), *small], className="num", **{"data-label": label})


def _moves(view: View) -> Answers:
    return {"moves": metrics.moves(*_asked(view), days=MOVED_DAYS)}


def _draw_moves(view: View, found: Answers) -> Any:
    result = found["moves"]
    rows = sorted((row for row in result.rows if row["was"] != row["segment"]), key=lambda row: -row["gmv"])
    told = [
        row | {"was": people.segment_name(view, row["was"]), "segment": people.segment_name(view, row["segment"])}
        for row in rows
    ]
    columns = [
        Column("was", view.text("buyers.was"), kind="text"),
        Column("segment", view.text("buyers.now"), kind="text"),
        Column("buyers", view.text("buyers.size")),
        Column("gmv", view.text("buyers.money"), unit="yuan"),
    ]
    title = view.text("buyers.moves", days=MOVED_DAYS)
    if not result.rows:
        body = people.missing(view, result)
    elif not rows:
        body = html.P(view.text("buyers.no_moves"), className="muted")
    else:
        body = table.table(view, told, columns, caption=title, small=True)
    note = view.text("buyers.moves_note", days=MOVED_DAYS)
    return card(body, title=title, note=note, corner=export.menu(view, "buyers", "moves"))


def _cohorts(view: View) -> Answers:
    return {"cohorts": metrics.cohorts(*_asked(view))}


def _draw_cohorts(view: View, found: Answers) -> Any:
    metric = picks.chosen(view, "cut", CUTS)
    labels = {one: view.text(f"buyers.cut.{one}") for one in CUTS}
    return card(
        [picks.tabs(view, "cut", labels), people.triangle(view, found["cohorts"], metric)],
        title=view.text("buyers.cohorts"),
        note=view.text("buyers.cohorts_note"),
        corner=export.menu(view, "buyers", "cohorts"),
    )


def _curve(view: View) -> Answers:
    return {"curve": metrics.repurchase(*_asked(view))}


def _draw_curve(view: View, found: Answers) -> Any:
    return card(
        people.curve(view, found["curve"], "buyers-curve-graph", height=380),
        title=view.text("buyers.curve"),
        note=view.text("buyers.curve_note"),
        corner=export.menu(view, "buyers", "curve", picture=True),
    )


def _scoring(view: View) -> Scoring:
    return next(one for one in SCORINGS if one == picks.chosen(view, "scoring", SCORINGS))


def _rfm(view: View) -> Answers:
    return {
        "rfm": metrics.rfm(*_asked(view), scoring=_scoring(view)),
        "classes": metrics.rfm_classes(*_asked(view)),
    }


def _draw_rfm(view: View, found: Answers) -> Any:
    points = metrics.thresholds(*_asked(view), scoring=_scoring(view))
    cell = picks.chosen(view, "cell", CELLS)
    head = html.Div(
        [
            picks.tabs(view, "scoring", {one: view.text(f"buyers.{one}") for one in SCORINGS}),
            picks.tabs(view, "cell", {one: view.text(f"buyers.cut.{one}") for one in CELLS}),
        ],
        className="tab-rows",
    )
    return card(
        [head, people.scores(view, found["rfm"], points, cell), _points(view, points)],
        title=view.text("buyers.rfm"),
        note=view.text("buyers.rfm_note"),
        corner=export.menu(view, "buyers", "rfm"),
    )


def _points(view: View, points: metrics.Thresholds | None) -> Any:
    """The cut points in force, in words."""
    if points is None:
        return None
    joined = {
        name: " / ".join(f"{value:,.10g}" for value in getattr(points, axis))
        for name, axis in (("r", "recency"), ("f", "frequency"), ("m", "money"))
    }
    means = {name: f"{value:,.1f}" for name, value in zip(("mr", "mf", "mm"), points.means, strict=True)}
    return html.Div(view.text(f"buyers.points_{_scoring(view)}", **joined, **means), className="note")


def _draw_classes(view: View, found: Answers) -> Any:
    result = found["classes"]
    rows = [row | {"rfm_class": names.value(view, "rfm", row["rfm_class"])} for row in result.rows]
    columns = [
        Column("rfm_class", names.dimension(view, "rfm_class"), kind="text"),
        Column("buyers", view.text("buyers.size")),
        Column("share", view.text("buyers.share"), unit="rate"),
        Column("gmv", view.text("buyers.money"), unit="yuan"),
        Column("gmv_share", view.text("buyers.money_share"), unit="rate"),
    ]
    title = view.text("buyers.classes")
    body = table.table(view, rows, columns, caption=title, small=True) if rows else people.missing(view, result)
    return card(body, title=title, note=view.text("buyers.classes_note"), corner=export.menu(view, "buyers", "classes"))


def _profile(view: View) -> Answers:
    by = picks.chosen(view, "by", BY)
    return {"profile": metrics.profile(*_asked(view), by=by, segment=_held(view))}  # type: ignore[arg-type]


def _draw_profile(view: View, found: Answers) -> Any:
    by, held = picks.chosen(view, "by", BY), _held(view)
    result = found["profile"]
    labels = {one: view.text(f"buyers.by.{one}") for one in BY}
    segment = people.segment_name(view, held) if held else view.text("buyers.everyone")
    body = people.levels(view, result) if by == "level" else bars.bars(view, result, "buyers", by, most=24)
    if not result.rows and result.notes:
        body = people.missing(view, result)
    return card(
        [picks.tabs(view, "by", labels), html.Div(body, className="tall-bars")],
        title=view.text("buyers.profile", segment=segment),
        note=view.text("buyers.profile_note"),
        corner=export.menu(view, "buyers", "profile"),
    )


def _path(view: View) -> Answers:
    hours = WINDOWS[picks.chosen(view, "window", tuple(WINDOWS))]
    unit: Any = picks.chosen(view, "unit", UNITS)
    asked = metrics.Path(within_hours=hours, unit=unit, period=view.period, filters=people.slice_of(view).filters)
    return {"path": metrics.path(view.context.warehouse, asked, view.scope)}


def _draw_path(view: View, found: Answers) -> Any:
    window, result = picks.chosen(view, "window", tuple(WINDOWS)), found["path"]
    hours = WINDOWS[window]
    told = view.text("buyers.path_within", hours=f"{hours:g}") if hours else view.text("buyers.path_any")
    head = html.Div(
        [
            picks.tabs(view, "unit", {one: view.text(f"buyers.{one}") for one in UNITS}),
            picks.tabs(view, "window", {one: view.text(f"buyers.window.{one}") for one in WINDOWS}),
        ],
        className="tab-rows",
    )
    return card(
        [head, people.steps(view, result)],
        title=view.text("buyers.path"),
        note=view.text("buyers.path_note", window=told),
        corner=export.menu(view, "buyers", "path"),
    )


BLOCKS = (
    Block("segments", _segments, _draw_segments, 360, "table", "buyers.segments", then=False),
    Block("moves", _moves, _draw_moves, 360, "table", "buyers.moves", then=False),
    Block("cohorts", _cohorts, _draw_cohorts, 480, "chart", "buyers.cohorts", then=False),
    Block("curve", _curve, _draw_curve, 480, "chart", "buyers.curve", then=False),
    Block("rfm", _rfm, _draw_rfm, 360, "chart", "buyers.rfm", then=False),
    Block(
        "classes",
        lambda view: {"classes": _rfm(view)["classes"]},
        _draw_classes,
        360,
        "table",
        "buyers.classes",
        then=False,
    ),
    Block("profile", _profile, _draw_profile, 360, "chart", "buyers.profile_title", then=False),
    Block("path", _path, _draw_path, 220, "chart", "buyers.path", then=False),
)


def layout(view: View) -> Component:
    """Segments and who moved; the triangle and the curve; scores, classes and the profile."""
    at = places("buyers", BLOCKS)
    return html.Div(
        [
            html.H1(view.text("buyers.title"), className="sr-only"),
            grid(at["segments"], at["moves"], columns="1.9fr 1fr"),
            grid(at["cohorts"], at["curve"], columns="1.9fr 1fr"),
            grid(at["rfm"], at["classes"], at["profile"], columns="1.2fr 1fr 1fr"),
            at["path"],
        ],
        className="stack",
    )


PAGE = Page(
    id="buyers", path="/buyers", title="buyers.nav", layout=layout, blocks=BLOCKS, section="business", order=52,
    icon="users", register=_limits.register,
)  # fmt: skip
