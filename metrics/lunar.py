"""A series against the lunar year before: each day beside its own lunar date, where that is not equally far for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from metrics.almanac import lunar_stretches
from metrics.types import Period, Query, Result


def by_lunar_day(asked: Query, whole: Result, ask: Callable[[Query], Result]) -> Result:
    """`whole` with the rows of its stretches asked one by one; `whole` itself where it is one stretch."""
    if whole.base_period is None:
        return whole
    here = Period(whole.period.start, whole.period.start + (whole.base_period.end - whole.base_period.start))
    stretches = lunar_stretches(here.start.date(), (here.end - timedelta(microseconds=1)).date())
    if len(stretches) == 1:
        return whole
    rows = []
    for first, last in stretches:
        span = Period.days(first, last)
        own = Period(max(span.start, here.start), min(span.end, here.end))
        rows += ask(replace(asked, period=own, order=None, limit=None)).rows
    if asked.order:
        name, down = asked.order[1:], asked.order[0] == "-"
        told = sorted((row for row in rows if row[name] is not None), key=lambda row: float(row[name]), reverse=down)
        rows = told + [row for row in rows if row[name] is None]
    return replace(whole, rows=rows[: asked.limit])
