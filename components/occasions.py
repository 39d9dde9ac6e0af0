"""What stands on a time axis beside the curve: campaigns, and the stretch that a late source has not told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from components import answers, freshness
from components.series import until
from components.view import View
from metrics.types import Period, Result
from warehouse import freshness as sources
from warehouse import labels

Span = tuple[datetime, datetime, str]
MOST = 3


def campaigns(view: View, period: Period) -> list[labels.Campaign]:
    """Campaigns of the reader's that touch the period, the shortest first: the day of a sale says more than its
    season."""
    context = view.context
    found: Sequence[labels.Campaign] = answers.once(
        context, ("campaigns", period), lambda: labels.campaigns(context.warehouse, period.start, period.end)
    )
    allowed = view.scope.rows.get("campaign")
    mine = [item for item in found if allowed is None or item.name in allowed]
    return sorted(mine, key=lambda item: item.ends_at - item.starts_at)


def late_spans(view: View, result: Result) -> list[Span]:
    """(from, to, who) for the late sources of a curve: from where each stopped to where the others are."""
    if not result.late_sources:
        return []
    end = until(result)
    spans = [
        (max(one.complete_through, result.period.start), end, freshness.source_names(view, (one.name,)))
        for one in sources.told(view.context.warehouse)
        if one.name in result.late_sources and one.complete_through is not None and one.complete_through < end
    ]
    return sorted(spans)[:MOST]
