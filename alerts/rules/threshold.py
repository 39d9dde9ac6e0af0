"""A fixed line: the value must not go above (or below) it."""

from __future__ import annotations

import math

from alerts.types import Outcome, Reading, Rule
from errors import UserError


def beyond(value: float, limit: float, side: str, margin: float) -> Outcome:
    """`breach` past the limit, `band` when back by less than `margin`, else `ok`."""
    over = value - limit if side == "above" else limit - value
    if over > 0:
        return "breach"
    return "ok" if over <= -margin else "band"


class Threshold:
    id = "threshold"
    zh = "固定阈值"
    en = "Fixed threshold"

    def check(self, rule: Rule) -> None:
        if not math.isfinite(rule.threshold):
            raise UserError("alert_threshold", value=rule.threshold)

    def compare(self, rule: Rule) -> str | None:
        return None

    def judge(self, rule: Rule, reading: Reading) -> tuple[Outcome, str]:
        if reading.value is None:
            return "no_data", reading.note or "no_value"
        margin = abs(rule.threshold) * rule.hysteresis
        outcome = beyond(reading.value, rule.threshold, rule.side, margin)
        return outcome, f"{rule.side}_threshold" if outcome == "breach" else "within_threshold"

    def distance(self, rule: Rule, reading: Reading) -> float:
        return abs((reading.value or 0.0) - rule.threshold)


KIND = Threshold()
