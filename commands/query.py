"""`query`: numbers of the catalogue as a table, CSV or JSON; and the same question for the HTTP API."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import metrics
from access import scope_for
from access.users import need
from commands.arguments import edge, filters, moment, names
from commands.outcome import Args, Call, Outcome, as_json, as_table
from commands.words import PERIOD_WORDS
from errors import UserError
from i18n import catalogue as texts
from metrics.types import Period, Query, Result, Scope

FIRST, LAST = datetime(1970, 1, 1), datetime(2200, 1, 1)
DAY_GRAINS = ("day", "week", "month", "quarter", "year")


def query(call: Call) -> Outcome:
    """Answer a question from the command line."""
    scope = _scope(call)
    result = ask(call.context.warehouse, call.args, scope)
    form = call.args.get("form") or "table"
    sql = result.sql if call.args.get("sql") else ""
    if form == "json":
        return Outcome(as_json(answer(call.args, result)), sql)
    if form == "csv":
        return Outcome(_csv(result), sql)
    return Outcome(_table(result, call), sql)


def ask(warehouse: Any, args: Args, scope: Scope) -> Result:
    """Run a question given as plain values (command line or HTTP).

    Raises:
        UserError: for every unknown name or value, naming it.
    """
    conditions = args.get("where") or []
    where = _mapping_filters(conditions) if isinstance(conditions, Mapping) else filters(_several(conditions))
    known = args.get("as_known")
    question = Query(
        metrics=names(_several(args.get("metrics"))),
        dimensions=names(_several(args.get("by"))),
        grain=args.get("grain") or None,
        period=period_of(args, warehouse, scope),
        filters=where,
        compare=args.get("compare") or None,
        order=args.get("order") or None,
        limit=args.get("limit"),
        as_known=moment(str(known), "as-known", end=True) if known else None,
        expected=bool(args.get("expected")),
    )
    if not question.metrics:
        raise UserError("no_metric")
    return metrics.query(warehouse, question, scope)


def period_of(args: Args, warehouse: Any, scope: Scope) -> Period | str | None:
    """The period asked for: a word, dates (inclusive), date-times (half-open), or None for all data. `start` and `end`
    take words too: `start=last_7_days, end=yesterday` runs from the first of seven days to yesterday's end.

    Raises:
        UserError: `bad_date`, `period_twice`, `period_backwards`.
    """
    word, start, end = args.get("period"), args.get("start"), args.get("end")
    if start in PERIOD_WORDS and not end:
        word, start = start, None
    if word:
        if start or end:
            raise UserError("period_twice", word=word)
        if word not in PERIOD_WORDS:
            raise UserError("bad_date", option="period", value=word)
        return str(word)
    if not start and not end:
        return None

    def today() -> date:
        return metrics.anchor(warehouse, scope)

    first = edge(str(start), "start", today) if start else FIRST
    last = edge(str(end), "end", today, end=True) if end else _after_last(warehouse, scope)
    if last <= first:
        if not end:
            return Period(first, first + timedelta(days=1))
        raise UserError("period_backwards", start=start, end=end)
    return Period(first, last)


def payload(result: Result) -> dict[str, Any]:
    """The JSON of CONTRACT.md."""
    start, end = _edges(result.period)
    return {
        "metrics": list(result.metrics), "dimensions": list(result.dimensions), "grain": result.grain,
        "period": {"start": start, "end": end}, "compare": result.compare,
        "rows": [{name: _value(value, name, result.grain) for name, value in row.items()} for row in result.rows],
        "as_of": _value(result.as_of), "complete_through": _value(result.complete_through),
        "units": dict(result.units), "seconds": round(result.seconds, 6), "notes": dict(result.notes),
    }  # fmt: skip


def answer(args: Args, result: Result) -> dict[str, Any]:
    """The JSON of CONTRACT.md, and beside it what was asked for: `expected`, one entry a row and young number."""
    return payload(result) | ({"expected": expected(result)} if args.get("expected") else {})


def expected(result: Result) -> list[dict[str, Any]]:
    """What young numbers will come to: the row's dimensions, the metric, `value` between `low` and `high`, what is
    `known`, the back test's `error` (null without enough past cases), and `tested` and `cases` it stands on."""
    return [
        {name: _value(row[name]) for name in result.dimensions} | {"metric": metric} | asdict(one)
        for row, found in zip(result.rows, result.expected_rows, strict=False)
        for metric, one in found.items()
    ]


def _scope(call: Call) -> Scope:
    name = call.args.get("as_user")
    if not name:
        return Scope.everything()
    return scope_for(need(call.context.ledger, name), call.context.warehouse)


def _after_last(warehouse: Any, scope: Scope) -> datetime:
    return datetime.combine(metrics.anchor(warehouse, scope) + timedelta(days=1), time.min)


def _several(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(item) for item in value]


def _mapping_filters(conditions: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {str(name): tuple(_several(values)) for name, values in conditions.items()}


def _edges(period: Period) -> tuple[str, str]:
    """Whole days as inclusive dates, anything else as half-open date-times."""
    if period.start.time() == time.min and period.end.time() == time.min and period.end > period.start:
        return period.start.date().isoformat(), (period.end.date() - timedelta(days=1)).isoformat()
    return period.start.isoformat(), period.end.isoformat()


def _value(value: Any, name: str = "", grain: str | None = None) -> Any:
    """A cell as JSON knows it; whole-day grains as dates."""
    if isinstance(value, datetime):
        return value.date().isoformat() if name == grain and grain in DAY_GRAINS else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value


def _columns(result: Result) -> list[str]:
    """Column names in the order of the rows, or what they would be without any row."""
    if result.rows:
        return list(result.rows[0])
    grain = [result.grain] if result.grain else []
    return [*grain, *result.dimensions, *result.metrics]


def _csv(result: Result) -> str:
    """With expected values asked for, `METRIC__expected`, `__low`, `__high` and `__error` of young ones."""
    text = io.StringIO()
    columns = _columns(result)
    young = sorted({name for found in result.expected_rows for name in found})
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, *(f"{name}__{part}" for name in young for part in ("expected", "low", "high", "error"))])
    pairs: Iterable[tuple[Any, Any]] = zip_longest(result.rows, result.expected_rows, fillvalue={})
    for row, found in pairs:
        cells = ["" if row.get(name) is None else _value(row[name], name, result.grain) for name in columns]
        for name in young:
            one = found.get(name)
            parts = (one.value, one.low, one.high, one.error) if one else (None,) * 4
            cells += ["" if value is None else value for value in parts]
        writer.writerow(cells)
    return text.getvalue().rstrip("\n")


def _table(result: Result, call: Call) -> str:
    columns = _columns(result)
    rows = [
        [_cell(_value(row.get(name), name, result.grain), _unit(result, name)) for name in columns]
        for row in result.rows
    ]
    start, end = _edges(result.period)
    foot = call.text("query.foot", start=start, end=end, rows=len(rows), seconds=f"{result.seconds:.3f}")
    if result.complete_through:
        foot += call.text("query.through", moment=f"{result.complete_through:%Y-%m-%d %H:%M}")
    return "\n\n".join([as_table(columns, rows), *_told(result, call), *_notes(result, call), foot])


def _notes(result: Result, call: Call) -> list[str]:
    """Why a number is null or what to know about it, one a line."""
    known = texts(call.lang)
    lines = [f"{name}: {known.get(f'components.reason.{code}', code)}" for name, code in result.notes.items()]
    return ["\n".join(lines)] if lines else []


def _told(result: Result, call: Call) -> list[str]:
    """Young numbers and what they will come to, one a line."""
    lines = []
    for one in expected(result):
        unit = result.units.get(one["metric"])
        place = " · ".join(str(one[name] or "–") for name in result.dimensions)
        figures = {part: _cell(one[part], unit) for part in ("known", "value", "low", "high")}
        line = call.text("query.expected", metric=" · ".join(filter(None, (place, one["metric"]))), **figures)
        if one["error"] is not None:
            line += call.text("query.expected_error", error=f"{one['error']:.1%}", tested=one["tested"])
        lines.append(line)
    if not lines and call.args.get("expected"):
        lines.append(call.text("query.none_young"))
    return ["\n".join(lines)] if lines else []


def _unit(result: Result, column: str) -> str | None:
    metric, _, part = column.partition("__")
    return "rate" if part == "pct" else result.units.get(metric)


def _cell(value: Any, unit: str | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "rate":
        return f"{value:.4%}"
    if unit is None:
        return str(value)  # a dimension's own value (hour, weekday)
    if unit == "count" and float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.2f}"
