"""Against a comparison: the value must not rise (or fall) by more than a share of yesterday's, last week's, …

Both sides are cut by the metrics engine at the time up to which the sources are complete, so that a young day is
held against the same part of the old one.
"""

from __future__ import annotations

import math

from alerts.rules.threshold import beyond
from alerts.types import Outcome, Reading, Rule
from errors import UserError
from metrics.editions import NO_BASE
from metrics.periods import COMPARISONS


class Change:
    id = "change"
    zh = "环比/同比变化"
    en = "Change against a comparison"

    def check(self, rule: Rule) -> None:
        if rule.compare not in COMPARISONS:
            raise UserError("alert_compare", value=rule.compare, known=", ".join(COMPARISONS))
        if not (math.isfinite(rule.threshold) and rule.threshold > 0):
            raise UserError("alert_change", value=rule.threshold)

    def compare(self, rule: Rule) -> str | None:
        return rule.compare

    def judge(self, rule: Rule, reading: Reading) -> tuple[Outcome, str]:
        if reading.value is None:
            return "no_data", reading.note or "no_value"
        if rule.compare == "last_campaign" and reading.base_note == NO_BASE["last_campaign"]:
            return "ok", "no_campaign"  # such a rule sleeps between campaigns
        if reading.base is None or reading.base == 0:
            return "no_data", "no_base"
        moved = (reading.value - reading.base) / abs(reading.base)
        limit = rule.threshold if rule.side == "above" else -rule.threshold
        outcome = beyond(moved, limit, rule.side, rule.threshold * rule.hysteresis)
        return outcome, f"{rule.side}_change" if outcome == "breach" else "within_change"

    def distance(self, rule: Rule, reading: Reading) -> float:
        return abs((reading.value or 0.0) - (reading.base or 0.0))


KIND = Change()
