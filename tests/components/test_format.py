"""Numbers as people read them."""

from datetime import datetime, timedelta

import pytest

from components import format as fmt

M = "−"


@pytest.mark.parametrize(
    ("value", "unit", "lang", "shown"),
    [
        (12_846_000, "yuan", "zh", "1,284.6万"),
        (2_864_123.45, "yuan", "zh", "286.4万"),
        (128_460_000, "yuan", "zh", "1.28亿"),
        (9_999.4, "yuan", "zh", "9,999"),
        (347.52, "yuan", "zh", "347.5"),
        (45.87, "yuan", "zh", "45.87"),
        (0, "yuan", "zh", "0"),
        (-316_000, "yuan", "zh", f"{M}31.6万"),
        (2_864_123.45, "yuan", "en", "¥2.86M"),
        (-20_000, "yuan", "en", f"{M}¥20.0K"),
        (8_243, "count", "zh", "8,243"),
        (241_000, "count", "zh", "24.1万"),
        (52_839, "count", "en", "52,839"),
        (53.14, "seconds", "zh", "53.1秒"),
        (49_346, "seconds", "zh", "13.7小时"),
        (-900, "seconds", "en", f"{M}15.0 min"),
        (23_268, "minutes", "zh", "387.8小时"),
        (87_703, "seconds", "zh", "24.4小时"),
        (46.5, "hours", "zh", "46.5小时"),
        (0.0342, "rate", "zh", "3.42%"),
        (0.12, "rate", "zh", "12.0%"),
        (0.09996, "rate", "zh", "10.0%"),
        (34.62, "days", "zh", "34.6天"),
        (34.62, "days", "en", "34.6 d"),
        (3.4149, "ratio", "zh", "3.41"),
        (None, "yuan", "zh", "—"),
    ],
)
def test_values_are_set_in_the_readers_way(value, unit, lang, shown):
    assert fmt.plain(value, unit, lang) == shown


def test_the_exact_value_stands_ready_for_the_hover():
    assert fmt.number(2_864_123.456, "yuan", "zh").exact == "2,864,123.46 元"
    assert fmt.number(0.034217, "rate", "zh").exact == "3.4217%"


@pytest.mark.parametrize(
    ("diff", "pct", "unit", "direction", "text", "way", "bad"),
    [
        (100.0, 0.123, "yuan", "up", "↑12.3%", "up", False),
        (-100.0, -0.158, "yuan", "up", "↓15.8%", "down", True),
        (0.012, 0.11, "rate", "down", "↑1.20pp", "up", True),
        (-0.0051, -0.2, "rate", "up", "↓0.51pp", "down", True),
        (-1.8, -0.05, "days", "down", "↓1.8天", "down", False),
        (0.0, 0.0, "yuan", "up", "→0.0%", "flat", False),
        (5.0, 0.2, "count", "none", "↑20.0%", "up", False),
        (9.0, 11.0, "yuan", "up", "↑12×", "up", False),
    ],
)
def test_a_change_carries_arrow_figure_and_whether_it_is_bad(diff, pct, unit, direction, text, way, bad):
    assert fmt.delta(diff, pct, unit, direction, "zh") == fmt.Delta(text, way, bad)


def test_an_unknown_change_is_not_shown_as_none():
    assert fmt.delta(None, None, "yuan", "up") is None
    assert fmt.delta(5.0, None, "yuan", "up") is None


def test_axis_figures_have_no_empty_decimals():
    assert [fmt.tick(v, u) for v, u in ((0.04, "rate"), (200_000, "yuan"), (25_000, "yuan"), (0, "rate"))] == [
        "4%",
        "20万",
        "2.5万",
        "0%",
    ]


def test_ages_and_moments_are_as_short_as_they_can_be():
    now = datetime(2026, 11, 22, 16, 47)
    assert fmt.age(now - timedelta(seconds=12), now) == "12 秒前"
    assert fmt.age(now - timedelta(hours=2, minutes=5), now, "en") == "2 h ago"
    assert fmt.age(now - timedelta(days=3), now) == "3 天前"
    assert fmt.moment(now, now) == "16:47"
    assert fmt.moment(datetime(2026, 2, 3, 4, 5), now) == "02-03 04:05"
    assert fmt.moment(datetime(2020, 2, 3, 4, 5), now) == "2020-02-03 04:05"


@pytest.mark.parametrize(
    ("start", "grain", "shown"),
    [
        ("2026-11-01", "month", "2026-11"),
        ("2026-10-01", "quarter", "2026 Q4"),
        ("2026-01-01", "year", "2026"),
        ("2026-11-16", "week", "2026-11-16"),
        ("2026-11-16 09:00", "hour", "2026-11-16 09:00"),
        (None, "month", "–"),
    ],
)
def test_a_bucket_is_told_no_longer_than_its_grain(start: str | None, grain: str, shown: str) -> None:
    assert fmt.bucket(start, grain) == shown
