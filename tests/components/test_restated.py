"""Marks of time on a card: moved since published, expected final value, knowledge of an earlier moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import config
from components import export, restated
from components.filters import bar
from components.kpi_card import kpi_card
from metrics import Expected, Published
from tests.components.made import DAY, NOW, done, result, view

PUBLISHED = Published(NOW - timedelta(days=1), NOW - timedelta(hours=2))
EXPECTED = Expected(100.0, 125.0, 118.0, 131.0, 0.021, 30, 56)


def _words(part: Any) -> str:
    """Every text and title of a component."""
    if part is None or isinstance(part, (str, int, float)):
        return str(part or "")
    if isinstance(part, (list, tuple)):
        return " ".join(_words(one) for one in part)
    return f"{getattr(part, 'title', '')} {_words(getattr(part, 'children', None))}"


def _asked(**more: Any) -> Any:
    asked = view(query=lambda *_: result([{"gmv": 90.0}], "gmv"), lang="en", **more)
    asked.context.memo[(1, ("published", DAY, ()))] = done(PUBLISHED)
    return asked


def test_a_card_says_was_is_when_where_its_number_has_moved() -> None:
    asked = _asked()
    found = {name: ask() for name, ask in restated.questions(asked, ["gmv"]).items()}
    assert found["published"].rows == [{"gmv": 90.0}]
    card = _words(kpi_card(asked, {"now": result([{"gmv": 100.0}], "gmv"), "published": found["published"]}, "gmv"))
    assert "Moved" in card and "90" in card and "100" in card and "11-11 14:47" in card
    same = kpi_card(asked, {"now": result([{"gmv": 90.01}], "gmv"), "published": found["published"]}, "gmv")
    assert "Moved" not in _words(same)


def test_refunds_of_a_cohort_come_in_by_nature_and_are_no_restatement() -> None:
    asked = _asked()
    assert set(restated.questions(asked, ["refund_rate_cohort"])) == {"expected"}
    assert set(restated.questions(asked, ["aov"])) == {"published"}


def test_a_young_number_carries_its_final_value_band_and_past_error() -> None:
    found = result([{"gmv": 100.0}], "gmv", expected={"gmv": EXPECTED})
    card = _words(kpi_card(_asked(), {"now": found, "expected": found}, "gmv"))
    assert all(word in card for word in ("125", "118", "131", "2.1%", "56", "30"))
    assert restated.expected(_asked(), result([{"gmv": 1.0}], "gmv"), "gmv") is None


def test_exports_carry_the_expected_value_and_name_the_moment() -> None:
    asked, found = _asked(), result([{"gmv": 100.0}], "gmv", expected={"gmv": EXPECTED}, as_known=NOW)
    assert [value for _, value in export.columns(asked, found)][1:] == [
        f"GMV · {word}" for word in ("expected final", "expected, low", "expected, high", "past error")
    ]
    assert export.cells(asked, found) == [[100.0, 125.0, 118.0, 131.0, 0.021]]
    assert ["Numbers as known at", "2026-11-11 16:47"] in export.head(asked, found)


def test_a_page_of_an_earlier_moment_says_so_and_leads_back() -> None:
    config.freeze(NOW)
    then = view("?known=2026-11-09T09:30&platform=douyin", lang="en")
    then.context.memo[(1, ("anchor", ((), frozenset()), datetime(2026, 11, 9, 9, 30)))] = done(NOW.date())
    assert restated.questions(then, ["gmv"]) == {}
    banner = restated.banner(then)
    assert "11-09 09:30" in _words(banner) and "Back to now" in _words(banner)
    (link,) = [part for part in banner.children if getattr(part, "href", None)]
    assert link.href == "/?platform=douyin"
    fields = str(bar(then, dimensions=False).to_plotly_json())
    assert "2026-11-09T09:30" in fields and "known-at" in fields
