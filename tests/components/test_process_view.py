"""The system line on the sources page: values in their units, reasons for what is unknown, nothing for the barred."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from components import process_view
from metrics import catalogue
from metrics.types import Query, Result, Scope
from tests.components import made


def answered(asked: list[Query]) -> Any:
    def query(_warehouse: Any, question: Query, _scope: Scope) -> Result:
        asked.append(question)
        row = dict.fromkeys(question.metrics) | {"db_bytes": 5.5 * 2**20, "query_ms_p95": 120.0}
        return replace(made.result([row], *question.metrics), notes={"queue_lag": "not_connected"})

    return query


def shown(drawn: Any) -> dict[str, str]:
    cells = [part for part in drawn._traverse() if getattr(part, "data-metric", None)]
    return {getattr(cell, "data-metric"): str(cell.children) for cell in cells}


def test_every_system_metric_has_its_line():
    asked: list[Query] = []
    found = shown(process_view.draw(made.view(query=answered(asked))))
    assert set(found) == {name for name, item in catalogue().items() if item.layer == "system"}
    assert found["db_bytes"] == "5.5 MB" and found["query_ms_p95"].startswith("120")
    assert "尚未接通" in found["queue_lag"]
    assert len(asked) == 1


def test_who_sees_one_category_only_sees_no_system_line():
    asked: list[Query] = []
    view = made.view(query=answered(asked), scope=Scope("x", {"category": ("A",)}))
    assert process_view.draw(view) is None and not asked
