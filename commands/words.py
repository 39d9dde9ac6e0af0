"""The words a question may use, spelled out so that `--help` need not load the engine (a test holds them equal)."""

from __future__ import annotations

GRAINS = ("minute", "hour", "day", "week", "month", "quarter", "year")
PERIOD_WORDS = (
    "today", "yesterday", "last_7_days", "last_30_days", "this_week", "this_month", "this_quarter", "this_year",
)  # fmt: skip
COMPARISONS = (
    "previous", "yesterday", "last_week", "last_year", "last_campaign", "lunar_year", "target", "benchmark",
)  # fmt: skip
ROLES = ("boss", "operations", "finance", "warehouse", "service", "technology", "wall", "admin")
