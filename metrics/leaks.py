"""Black holes: where money leaks, found by declared rules over the answers of `query`, each with its yuan.

A rule names the parts it looks at and says how much of a part's money is lost; parts for which a number is not known
are left out, so that nothing is called a leak for want of data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.types import Result

Row = Mapping[str, Any]
Ask = Callable[[tuple[str, ...], tuple[str, ...]], Result | None]
"""Answers metrics by dimensions in the asker's period, filters and rights; None where they may not be asked."""


@dataclass(frozen=True)
class Rule:
    """One kind of leak. `lost` gives yuan from a row and the margin of the whole; what is not above 0 is no leak."""

    id: str
    dimension: str
    needs: tuple[str, ...]
    lost: Callable[[Row, float], float]


RULES: tuple[Rule, ...] = (
    Rule("negative_margin", "sku", ("gross_profit", "gmv"), lambda row, _margin: -row["gross_profit"]),
    Rule(
        "commission",
        "channel",
        ("creator_commission", "gross_profit", "gmv"),
        lambda row, _margin: row["creator_commission"] - max(row["gross_profit"], 0.0),
    ),
    Rule(
        "after_sale",
        "category",
        ("refund_amount", "logistics_cost", "gross_profit", "gmv"),
        lambda row, _margin: row["refund_amount"] + row["logistics_cost"] - max(row["gross_profit"], 0.0),
    ),
    Rule(
        "ads",
        "ad_plan",
        ("ad_gmv", "ad_spend"),
        lambda row, margin: row["ad_spend"] - row["ad_gmv"] * max(margin, 0.0),
    ),
)
"""negative_margin: a SKU sold below what it cost. commission: a channel's commission above its gross profit.
after_sale: refunds and logistics of a category above its gross profit (what is at stake: refunds are money that
went back). ads: a plan below break-even ROI, which is 1 / gross margin of the whole."""
MARGIN = "gross_margin"


@dataclass(frozen=True)
class Leak:
    """One part that leaks: the rule, the part, yuan lost, and the numbers the rule looked at."""

    rule: str
    dimension: str
    value: str
    yuan: float
    row: Row


def leaks(ask: Ask, rules: Sequence[Rule] = RULES) -> list[Leak]:
    """Every leak, the most expensive first."""
    whole = ask((MARGIN,), ())
    margin = whole.rows[0].get(MARGIN) if whole is not None and whole.rows else None
    found: list[Leak] = []
    for rule in rules:
        if rule.id == "ads" and margin is None:
            continue
        answer = ask(rule.needs, (rule.dimension,))
        for row in answer.rows if answer is not None else ():
            if row.get(rule.dimension) is None or any(row.get(name) is None for name in rule.needs):
                continue
            lost = float(rule.lost(row, float(margin or 0.0)))
            if lost > 0.005:
                found.append(Leak(rule.id, rule.dimension, str(row[rule.dimension]), round(lost, 2), row))
    return sorted(found, key=lambda leak: (-leak.yuan, leak.rule, leak.value))
