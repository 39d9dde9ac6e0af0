"""Tables that people keep, edited in the browser: how each looks, and how a save becomes a file on the data's road."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import connectors
import metrics
from access import COST_FACTS
from components import loading, names
from components.context import Context
from components.view import View
from errors import UserError
from metrics.types import Scope
from warehouse import sheets

PLATFORMS = ("", "douyin", "taobao", "tmall", "jd", "pdd", "kuaishou", "wechat", "xiaohongshu", "own")
PERIODS = ("day", "month", "quarter", "year")
ITEMS = ("platform_fee", "creator_commission", "logistics", "subsidy", "other")
CHANNELS = ("", "live", "video", "card", "search", "ad", "other")


@dataclass(frozen=True)
class Sheet:
    """One editable table: the fact it shows, the kind its file is, and the kind's field of each column."""

    id: str
    fact: str
    kind: str
    fields: Mapping[str, str]  # column of the fact → field of the kind
    key: tuple[str, ...]  # what makes a row; not changed once it is saved
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        return sheets.COLUMNS[self.fact]


SHEETS: dict[str, Sheet] = {
    sheet.id: sheet
    for sheet in (
        Sheet(
            "targets",
            "target",
            "sheet_targets",
            {
                "metric": "metric",
                "period": "period",
                "period_start": "starts",
                "platform": "platform_name",
                "shop": "shop_name",
                "category": "category",
                "amount": "amount",
            },
            ("metric", "period", "period_start", "platform", "shop", "category"),
            {"platform": PLATFORMS, "period": PERIODS, "metric": ()},
        ),
        Sheet(
            "campaigns",
            "campaign",
            "sheet_campaigns",
            {
                "campaign": "campaign",
                "platform": "platform_name",
                "family": "family",
                "starts_at": "starts_at",
                "ends_at": "ends_at",
                "subsidy": "subsidy",
            },
            ("campaign", "platform"),
            {"platform": PLATFORMS},
        ),
        Sheet(
            "costs",
            "cost",
            "sheet_costs",
            {
                "day": "day",
                "item": "item",
                "detail": "detail",
                "platform": "platform_name",
                "shop": "shop_name",
                "category": "category",
                "channel": "channel",
                "campaign": "campaign",
                "amount": "amount",
            },
            ("day", "item", "detail", "platform", "shop", "category", "channel", "campaign"),
            {"platform": PLATFORMS, "item": ITEMS, "channel": CHANNELS},
        ),
        Sheet(
            "unit_costs",
            "unit_cost",
            "sheet_costs",
            {"sku_id": "sku_id", "valid_from": "day", "amount": "unit_cost"},
            ("sku_id", "valid_from"),
        ),
        Sheet(
            "benchmarks",
            "benchmark",
            "sheet_benchmarks",
            {
                "metric": "metric",
                "period_start": "starts",
                "platform": "platform_name",
                "category": "category",
                "amount": "amount",
            },
            ("metric", "period_start", "platform", "category"),
            {"platform": PLATFORMS, "metric": ()},
        ),
        Sheet(
            "owners",
            "category_owner",
            "sheet_category_owners",
            {"category": "category", "owner": "owner"},
            ("category",),
        ),
    )
}


def choices(sheet: Sheet, column: str) -> tuple[str, ...] | None:
    """The values a column may take; None where anything may stand."""
    found = sheet.choices.get(column)
    return tuple(sorted(metrics.catalogue())) if found == () and column == "metric" else found


def labels(view: View, sheet: Sheet, column: str) -> dict[str, str]:
    """What the values of a column with choices are called; the file keeps the codes."""
    if column == "metric":
        return {name: names.metric(view, name) for name in metrics.catalogue()}
    said = {
        "platform": lambda code: names.value(view, "platform", code),
        "channel": lambda code: names.value(view, "channel", code),
        "item": lambda code: (
            names.metric(view, code) if code in metrics.catalogue() else view.text(f"data.item.{code}")
        ),
        "period": lambda code: view.text(f"data.period.{code}"),
    }.get(column)
    found = choices(sheet, column)
    return {code: said(code) if code else view.text("data.everything") for code in found} if found and said else {}


def title(view: View, sheet: Sheet, column: str) -> str:
    """A column's name: the usual header of its field (Chinese), or its own (English)."""
    if view.lang != "zh":
        return column.replace("_", " ").capitalize()
    kind = connectors.kind_named(sheet.kind)
    return kind.usual_header(sheet.fields[column]) if kind else column


def rows(context: Context, sheet: Sheet, scope: Scope | None = None) -> list[dict[str, str]]:
    """The table as texts, as a person would type them: those rows that the scope may see, all without one."""
    allowed = scope or Scope.everything()
    found = [row for row in sheets.rows(context.warehouse, sheet.fact) if _visible(sheet, row, allowed)]
    return [{name: _text(row[name], name) for name in sheet.columns} for row in found]


def _visible(sheet: Sheet, row: Mapping[str, Any], scope: Scope) -> bool:
    """A table without a column for what the reader is held to speaks of the whole shop."""
    if scope.hidden and (sheet.fact in COST_FACTS or _built_on(row.get("metric")) & scope.hidden):
        return False
    return all(row.get(name) in allowed for name, allowed in scope.rows.items())


def _built_on(metric_id: object) -> frozenset[str]:
    found = metrics.catalogue().get(str(metric_id))
    return frozenset({str(metric_id)}) | (found.uses if found else frozenset())


def _text(value: Any, column: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        if column == "ends_at" and value.time() == datetime.min.time():
            return (value - timedelta(days=1)).date().isoformat()  # the sheet's last day is meant inclusively
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def changed(
    sheet: Sheet, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Rows of `after` that `before` does not hold; blank ones are left out."""
    clean = [
        {name: str(row.get(name) if row.get(name) is not None else "").strip() for name in sheet.columns}
        for row in after
    ]
    known = {tuple(str(row.get(name, "")) for name in sheet.columns) for row in before}
    return [row for row in clean if any(row.values()) and tuple(row.values()) not in known]


def as_csv(sheet: Sheet, rows: Sequence[Mapping[str, str]]) -> bytes:
    """The rows under the headers of the sheet's kind, as a file that a spreadsheet opens and `load` reads."""
    kind = connectors.kind_named(sheet.kind)
    assert kind is not None
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([kind.usual_header(sheet.fields[name]) for name in sheet.columns])
    writer.writerows([[row.get(name, "") for name in sheet.columns] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def save(
    context: Context, sheet: Sheet, rows: Sequence[Mapping[str, str]], user: str, barred: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Write the rows as a small file and load it, so that lineage and rebuild hold for edits too.

    Returns the load report. Raises:
        UserError: `nothing_selected` without rows; what reading and loading raise.
    """
    if not rows:
        raise UserError("nothing_selected")
    context.settings.tmp.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=context.settings.tmp) as folder:
        path = Path(folder) / f"{sheet.id}.csv"
        path.write_bytes(as_csv(sheet, rows))
        asked = loading.Asked(kind=sheet.kind, source="browser", barred=barred)
        return loading.load(context, path, asked, lambda share, label: None, user)[0]
