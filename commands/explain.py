"""`explain`: why a number changed, as text or JSON; and the same question for the HTTP API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import metrics
from access import scope_for
from access.users import need
from commands.arguments import edge, filters, names
from commands.outcome import Args, Call, Outcome, as_json
from errors import UserError
from i18n import catalogue, text
from metrics.contributions import Part
from metrics.decompose import Branch
from metrics.dimensions import DIMENSIONS
from metrics.explain import Explanation, Why
from metrics.findings import (
    amount,
    coincidence_sentences,
    findings,
    headline,
    line_text,
    part_name,
)
from metrics.types import Period, Scope

CODED = ("platform", "channel", "weekday")  # values that are codes with names of their own
TOLD = 5  # values of a dimension in the text


def explain(call: Call) -> Outcome:
    """Answer from the command line."""
    name = call.args.get("as_user")
    context = call.context
    scope = scope_for(need(context.ledger, name), context.warehouse) if name else Scope.everything()
    told = ask(context.warehouse, call.args, scope)
    if call.args.get("form") == "json":
        return Outcome(as_json(payload(context.warehouse, told, call.lang)))
    return Outcome(as_text(context.warehouse, told, call.lang))


def ask(warehouse: Any, args: Args, scope: Scope) -> Explanation:
    """Explain a change asked for in plain values (command line or HTTP).

    Raises:
        UserError: `no_metric`, `explain_dates`, `bad_date`, `period_backwards`, and what `metrics.explain` raises.
    """
    asked = names([str(args.get("metric") or "")])
    if len(asked) != 1:
        raise UserError("no_metric")
    where = args.get("where") or []
    if isinstance(where, Mapping):
        kept = {str(name): tuple([values] if isinstance(values, str) else values) for name, values in where.items()}
    else:
        kept = filters([where] if isinstance(where, str) else where)
    by = args.get("by") or []

    def today() -> date:
        return metrics.anchor(warehouse, scope)

    return metrics.explain(
        warehouse,
        Why(
            asked[0],
            _period(args, "start", "end", today),
            _period(args, "base_start", "base_end", today),
            names([by] if isinstance(by, str) else by),
            kept,
        ),
        scope,
    )


def payload(warehouse: Any, told: Explanation, lang: str) -> dict[str, Any]:
    """The JSON of CONTRACT.md; beside it what the page shows: other splits of the tree, coincidences, notes."""
    name = namer(warehouse, told, lang)
    diff = float(told.diff or 0)
    main = told.splits[0] if told.splits else None
    return {
        "metric": told.asked.metric, "value": _number(told.value), "base": _number(told.base),
        "diff": _number(told.diff), "unit": told.unit,
        "tree": [_branch(part) for part in main.branches] if main else _alone(told),
        "dimensions": {dim: [_part(part, diff) for part in parts] for dim, parts in told.dimensions.items()},
        "findings": [
            {"where": dict(item.where), "contribution": item.contribution, "sentence": item.sentence, "kind": item.kind}
            for item in findings(told, lang, name)
        ],
        "line": main.line if main else None, "skipped": told.skipped,
        "splits": [{"line": one.line, "tree": [_branch(part) for part in one.branches]} for one in told.splits[1:]],
        "coincidences": [
            {"kind": item.kind, "where": dict(item.where), "sentence": sentence}
            for item, sentence in zip(told.beside, coincidence_sentences(told, lang), strict=True)
        ],
        "searched": list(told.located.dims), "everywhere": told.located.everywhere, "not_split": list(told.not_split),
        "notes": dict(told.notes), "seconds": round(told.seconds, 6),
        "period": _edges(told.asked.period), "base_period": _edges(told.asked.base),
    }  # fmt: skip


def as_text(warehouse: Any, told: Explanation, lang: str) -> str:
    """The explanation for a terminal."""
    name = namer(warehouse, told, lang)
    lines = [headline(told, lang)]
    lines += [f"• {item.sentence}" for item in findings(told, lang, name)] if told.diff else []
    for split in told.splits:
        lines += ["", text("explain.tree", lang, line=line_text(split.line, lang))]
        lines += [row for part in split.branches for row in _tree_rows(told, part, lang, 1)]
    if told.skipped:
        lines.append(text("explain.skipped", lang, line=line_text(told.skipped, lang)))
    if told.dimensions:
        lines += ["", text("explain.dimensions", lang)]
        lines += [
            _dimension_row(told, dim, parts, lang, name) for dim, parts in told.dimensions.items() if len(parts) > 1
        ]
    if told.beside:
        lines += ["", text("explain.beside_title", lang)]
        lines += [f"• {sentence}" for sentence in coincidence_sentences(told, lang)]
    return "\n".join(lines)


def namer(warehouse: Any, told: Explanation, lang: str) -> Any:
    """A function (dimension, value) → name, for the values that sentences and texts may name."""
    wanted: dict[str, list[str]] = {}
    for cause in told.located.causes:
        for dim, value in cause.where.items():
            wanted.setdefault(dim, []).append(str(value))
    for dim, parts in told.dimensions.items():
        wanted.setdefault(dim, []).extend(str(part.value) for part in parts[:TOLD])
    known = {dim: metrics.labels(warehouse, dim, values) for dim, values in wanted.items()}

    def name(dim: str, value: Any) -> str:
        told_as = known.get(dim, {}).get(str(value))
        if told_as:
            return f"{told_as}({value})"
        return catalogue(lang).get(f"components.value.{dim}.{value}", str(value)) if dim in CODED else str(value)

    return name


def _period(args: Args, first: str, last: str, today: Callable[[], date]) -> Period:
    if not args.get(first) or not args.get(last):
        raise UserError("explain_dates")
    start, end = edge(str(args[first]), first, today), edge(str(args[last]), last, today, end=True)
    if end <= start:
        raise UserError("period_backwards", start=args[first], end=args[last])
    return Period(start, end)


def _branch(part: Branch) -> dict[str, Any]:
    row: dict[str, Any] = {
        "metric": part.name, "contribution": float(part.amount), "value": part.after, "base": part.before,
    }  # fmt: skip
    if part.rounding:
        row["rounding"] = float(part.rounding)
    if part.parts:
        row["tree"] = [_branch(one) for one in part.parts]
    return row


def _alone(told: Explanation) -> list[dict[str, Any]]:
    """A metric that no line splits is the only branch of its change, so that every tree sums to `diff`."""
    if told.diff is None:
        return []
    sides = {"value": _number(told.value), "base": _number(told.base)}
    return [{"metric": told.asked.metric, "contribution": float(told.diff)} | sides]


def _part(part: Part, diff: float) -> dict[str, Any]:
    share = part.contribution / diff if diff else None
    row: dict[str, Any] = {"value": part.value, "contribution": part.contribution, "share": share}
    if part.rest:
        row["rest"] = part.rest
    if part.rate is not None:
        row |= {"rate": part.rate, "mix": part.mix}
    return row


def _tree_rows(told: Explanation, part: Branch, lang: str, depth: int) -> list[str]:
    rounding = text("explain.rounding", lang, amount=amount(told, part.rounding, lang)) if part.rounding else ""
    rounding = f" ({rounding})" if rounding and abs(part.rounding) >= 0.01 else ""
    row = f"{'  ' * depth}{part_name(part.name, lang)}  {amount(told, part.amount, lang)}{rounding}"
    return [row, *(inner for one in part.parts for inner in _tree_rows(told, one, lang, depth + 1))]


def _dimension_row(told: Explanation, dim: str, parts: list[Part], lang: str, name: Any) -> str:
    def call(part: Part) -> str:
        if part.rest:
            return text(f"explain.{part.rest}", lang)
        return text("explain.none", lang) if part.value is None else str(name(dim, part.value))

    shown = [f"{call(part)} {amount(told, part.contribution, lang)}" for part in parts[:TOLD]]
    return f"  {getattr(DIMENSIONS[dim], lang)}: " + ("; ".join(shown)) + (" …" if len(parts) > TOLD else "")


def _edges(period: Period) -> dict[str, str]:
    return {"start": _moment(period.start), "end": _moment(period.end)}


def _moment(value: datetime) -> str:
    return value.isoformat()


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
