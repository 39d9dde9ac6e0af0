"""A card bears the alarm of what it shows: the page's filters and the reader's own part decide."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from alerts import view as alarms
from components import alert_badge
from metrics.types import Scope
from tests.components import made


def incident(**part: tuple[str, ...]) -> Any:
    return SimpleNamespace(
        id=1,
        metric="gmv",
        state="firing",
        severity="critical",
        slice=part,
        changed_at=datetime(2026, 11, 11),
        opened_at=datetime(2026, 11, 11),
        fired_at=None,
        is_silenced=lambda moment: False,
    )


@pytest.mark.parametrize(
    ("speaks_of", "search", "rows", "shown"),
    [
        ({}, "", {}, True),
        ({}, "?sku=s1", {}, False),
        ({"sku": ("s1",)}, "?sku=s1", {}, True),
        ({"sku": ("s1",)}, "", {}, False),
        ({"sku": ("s1",)}, "?sku=s2", {}, False),
        ({"category": ("A",)}, "", {"category": ("A",)}, True),
        ({"category": ("A",)}, "?sku=s1", {"category": ("A",)}, False),
    ],
)
def test_the_badge_is_that_of_the_part_on_show(monkeypatch, speaks_of, search, rows, shown):
    monkeypatch.setattr(alarms.board, "standing", lambda ledger: [incident(**speaks_of)])
    view = made.view(search, scope=Scope("x", rows))
    view.context.ledger = object()
    assert (alert_badge.badge(view, "gmv") is not None) is shown
