"""Values by parts, with the change of some of them beside: each change is cut where its own sources end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from components import cards
from components.page import Answers
from components.view import View
from metrics.types import Result

_CHANGE = ("base", "diff", "pct")


def ask(
    view: View, wanted: Sequence[str], changes: Sequence[str], *, by: tuple[str, ...], order: str, limit: int
) -> Answers:
    """The newest values of `wanted` (`now`), and one compared answer for each group of `changes` told equally far.

    In one question the sales of a channel would be compared up to the hour of the slowest traffic report.
    """
    found = {"now": view.ask(*wanted, by=by, order=order, limit=limit)}
    for i, group in enumerate(cards.groups(view, changes)):
        if any(view.answerable(metric) for metric in group):
            found[f"change {i}"] = view.ask(*group, by=by, compare=view.compare, newest=False)
    return found


def merged(view: View, found: Mapping[str, Result]) -> Result:
    """`ask`'s answers as one result: the rows of `now` with the changes beside their values."""
    now = found["now"]
    beside: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name, result in found.items():
        if name == "now":
            continue
        fields = [f"{metric}__{part}" for metric in result.metrics for part in _CHANGE]
        for row in result.rows:
            kept = {field: row[field] for field in fields if field in row}
            beside.setdefault(_part(now, row), {}).update(kept)
    rows = [{**row, **beside.get(_part(now, row), {})} for row in now.rows]
    return replace(now, rows=rows, compare=view.compare if beside else None)


def _part(result: Result, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[dimension] for dimension in result.dimensions)
