"""A view over answers given by hand, for tests of parts that only draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from components.context import Context
from components.view import View, parse
from config import Settings
from metrics.types import Period, Query, Result, Scope

NOW = datetime(2026, 11, 11, 16, 47)
DAY = Period(datetime(2026, 11, 11), datetime(2026, 11, 12))


def result(rows: list[dict[str, Any]], *metrics: str, units: Mapping[str, str] | None = None, **more: Any) -> Result:
    """A result of these rows on 2026-11-11, known until 16:47."""
    base = Result(
        metrics=metrics,
        dimensions=(),
        grain=None,
        period=DAY,
        compare=None,
        rows=rows,
        as_of=NOW,
        complete_through=NOW,
        units=dict.fromkeys(metrics, "yuan") | dict(units or {}),
        sql="SELECT 1",
        seconds=0.0,
        notes={},
    )
    return replace(base, **more)


def view(
    search: str = "",
    *,
    path: str = "/",
    lang: str = "zh",
    query: Callable[[Any, Query, Scope], Result] | None = None,
    scope: Scope | None = None,
    **more: Any,
) -> View:
    """A view whose questions are answered by `query`."""
    warehouse = SimpleNamespace(data_version=1)
    context = Context(settings=Settings(), warehouse=warehouse, scope=Scope.everything, user=lambda: "tester")
    if query is not None:
        context.query = query
    scope = scope or Scope.everything("tester")
    context.memo[(1, ("anchor", (tuple(sorted(scope.rows.items())), scope.hidden)))] = done(NOW.date())
    return parse(context, path, search, lang=lang, scope=scope, **more)


def done(value: Any) -> Any:
    """A future that already knows."""
    from concurrent.futures import Future

    future: Future[Any] = Future()
    future.set_result(value)
    return future


def texts(component: Any) -> str:
    """All text of a Dash component, in reading order."""
    if component is None:
        return ""
    if isinstance(component, str | int | float):
        return str(component)
    if isinstance(component, list | tuple):
        return " ".join(filter(None, map(texts, component)))
    return texts(getattr(component, "children", None))


def find(component: Any, test: Callable[[Any], bool]) -> list[Any]:
    """Components below (and with) `component` that pass."""
    if isinstance(component, list | tuple):
        return [hit for one in component for hit in find(one, test)]
    if component is None or isinstance(component, str | int | float):
        return []
    here = [component] if test(component) else []
    return here + find(getattr(component, "children", None), test)
