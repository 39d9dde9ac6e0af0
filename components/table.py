"""Tables: a light one for a handful of rows, and AG Grid for long ones that are sorted, filtered and searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dash_ag_grid as dag
from dash import html

import metrics
from components import delta, names, states
from components import format as fmt
from components.tokens import grid_theme
from components.view import View
from metrics.types import Result


@dataclass(frozen=True)
class Column:
    """One column: a field of the rows and how it is shown.

    `kind`: 'text', 'dimension' (readable name of a code), 'number' (in `unit`), 'delta' (change of metric `field`),
    'time'. `link` makes the cell a link. `tone` names a class for the cell by its row.
    """

    field: str
    title: str
    kind: str = "number"
    unit: str = "count"
    link: Callable[[dict[str, Any]], str | None] | None = None
    tone: Callable[[dict[str, Any]], str] | None = None
    width: int | None = None
    filter: bool = False


def metric_columns(view: View, result: Result, *, changes: Sequence[str] = ()) -> list[Column]:
    """A column for every metric of a result, and for those in `changes` their change beside it."""
    columns: list[Column] = []
    for metric in result.metrics:
        columns.append(Column(metric, names.metric(view, metric), unit=result.units.get(metric, "count")))
        if metric in changes and result.compare:
            columns.append(
                Column(
                    metric, names.comparison(view, result.compare), kind="delta", unit=result.units.get(metric, "count")
                )
            )
    return columns


def _cell(view: View, column: Column, row: dict[str, Any]) -> Any:
    value = row.get(column.field)
    if column.kind == "delta":
        found = metrics.catalogue().get(column.field)
        moved = fmt.delta(
            row.get(f"{column.field}__diff"),
            row.get(f"{column.field}__pct"),
            column.unit,
            found.direction if found else "none",
            view.lang,
        )
        return delta.figure(view, moved)
    if column.kind == "number":
        shown = fmt.number(value, column.unit, view.lang)
        return html.Span(f"{shown.main}{shown.unit}", title=shown.exact)
    if column.kind == "time":
        return fmt.moment(value)
    told = (
        names.value(view, column.field, value)
        if column.kind == "dimension"
        else (fmt.DASH if value is None else str(value))
    )
    href = column.link(row) if column.link else None
    if column.kind == "dimension" and (hint := names.hint(view, value)):
        return html.Span(told, className="muted", title=hint)
    return html.A(told, href=href, className="inline", title=told, **{"data-nav": "1"}) if href else told


def table(
    view: View,
    rows: Sequence[dict[str, Any]],
    columns: Sequence[Column],
    *,
    most: int = 8,
    caption: str = "",
    small: bool = False,
    drill: Callable[[dict[str, Any]], str] | None = None,
) -> Any:
    """A plain table of at most `most` rows."""
    if not rows:
        return states.nothing(view)
    right = {"number", "delta"}
    head = html.Tr(
        [html.Th(column.title, className="num" if column.kind in right else "", scope="col") for column in columns]
    )
    body = [
        html.Tr(
            [
                html.Td(
                    _cell(view, column, row),
                    className=" ".join(
                        filter(None, ("num" if column.kind in right else "", column.tone(row) if column.tone else ""))
                    ),
                    **{"data-label": column.title},
                )
                for column in columns
            ],
            **({"data-drill": drill(row)} if drill else {}),
        )
        for row in rows[:most]
    ]
    return html.Div(
        html.Table(
            [html.Caption(caption, className="sr-only"), html.Thead(head), html.Tbody(body)],
            className="table listed small" if small else "table listed",
        ),
        className="table-scroll",
        tabIndex="0",
        role="region",
        **{"aria-label": caption or "table"},
    )


def _definition(view: View, column: Column, first: bool) -> dict[str, Any]:
    key = f"{column.field}__delta" if column.kind == "delta" else column.field
    numeric = column.kind in ("number", "delta")
    spec: dict[str, Any] = {
        "field": key,
        "headerName": column.title,
        "sortable": True,
        "resizable": True,
        "minWidth": column.width or (92 if numeric else 110),
        "width": column.width,
        "flex": None if column.width else (1 if numeric else 1.4),
        "headerTooltip": column.title,
        "wrapHeaderText": True,
        "autoHeaderHeight": True,
        "filter": ("agNumberColumnFilter" if numeric else "agTextColumnFilter") if column.filter else False,
        "type": "rightAligned" if numeric else None,
        "pinned": "left" if first else None,
        "tooltipField": f"{key}__exact" if numeric or column.kind == "dimension" else key,
    }
    spec["valueFormatter"] = {"function": "cockpitShown(params)"}
    if column.kind == "delta":
        spec["cellClass"] = {"function": "cockpitWay(params)"}
    if column.link:
        spec["cellRenderer"] = "CockpitLink"
    return {name: value for name, value in spec.items() if value is not None}


def _row_data(view: View, columns: Sequence[Column], row: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for column in columns:
        value = row.get(column.field)
        if column.kind == "number":
            shown = fmt.number(value, column.unit, view.lang)
            data |= {column.field: value, f"{column.field}__shown": str(shown), f"{column.field}__exact": shown.exact}
        elif column.kind == "delta":
            found = metrics.catalogue().get(column.field)
            diff, pct = row.get(f"{column.field}__diff"), row.get(f"{column.field}__pct")
            moved = fmt.delta(diff, pct, column.unit, found.direction if found else "none", view.lang)
            data |= {
                f"{column.field}__delta": diff if column.unit in ("rate", "days", "hours") else pct,
                f"{column.field}__delta__shown": moved.text if moved else fmt.DASH,
                f"{column.field}__delta__way": moved.way if moved else "flat",
            }
        elif column.kind == "time":
            data |= {column.field: value.isoformat() if value else None, f"{column.field}__shown": fmt.moment(value)}
        elif column.kind == "dimension":
            told = names.value(view, column.field, value)
            data |= {column.field: told, f"{column.field}__exact": names.hint(view, value) or told}
        else:
            data[column.field] = value
        if column.link:
            data[f"{column.field}__href"] = column.link(row)
    return data


def grid(
    view: View,
    grid_id: str,
    rows: Sequence[dict[str, Any]],
    columns: Sequence[Column],
    *,
    height: int = 420,
    page_size: int | None = None,
    quick: str = "",
) -> Any:
    """AG Grid over the rows: sortable, filterable, keyboard reachable; cells show formatted text and sort by the
    number."""
    if not rows:
        return states.nothing(view)
    options: dict[str, Any] = {
        "theme": grid_theme(),
        "animateRows": False,
        "suppressColumnMoveAnimation": True,
        "suppressCellFocus": False,
        "enableCellTextSelection": True,
        "tooltipShowDelay": 300,
        "suppressMovableColumns": False,
        "localeText": _locale(view),
        "quickFilterText": quick,
        "suppressColumnVirtualisation": len(columns) < 16,
        "isFullWidthRow": {"function": "cockpitPhone()"},  # on a phone a row is an entry of a list
        "fullWidthCellRenderer": "CockpitEntry",
        "getRowHeight": {"function": "cockpitEntryHeight(params)"},
    }
    if page_size:
        options |= {"pagination": True, "paginationPageSize": page_size, "paginationPageSizeSelector": False}
    return dag.AgGrid(
        id=grid_id,
        rowData=[_row_data(view, columns, row) for row in rows],
        columnDefs=[_definition(view, column, i == 0) for i, column in enumerate(columns)],
        dashGridOptions=options,
        style={"height": f"{min(height, 80 + 34 * len(rows))}px", "width": "100%"},
        className="listed-grid",
        dangerously_allow_code=False,
    )


def _locale(view: View) -> dict[str, str]:
    if view.lang != "zh":
        return {}
    words = (
        "page",
        "of",
        "to",
        "more",
        "next",
        "last",
        "first",
        "previous",
        "noRowsToShow",
        "contains",
        "equals",
        "greaterThan",
        "lessThan",
        "filterOoo",
        "notContains",
        "startsWith",
        "endsWith",
        "blank",
        "notBlank",
        "notEqual",
        "inRange",
        "greaterThanOrEqual",
        "lessThanOrEqual",
        "andCondition",
        "orCondition",
    )
    return {word: view.text(f"components.grid.{word}") for word in words}


grid_locale = _locale
