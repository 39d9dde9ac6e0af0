"""What else happened at the time of a change. Coincidence, never cause: the reader judges.

Facts of the warehouse only: campaigns of the calendar, prices, stock and ad plans by the metrics of the catalogue, and
how far the sources have told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from config import now
from metrics.almanac import holiday
from metrics.corners import Located
from metrics.sides import Sides
from metrics.types import Period, Result
from warehouse import labels
from warehouse.freshness import ENDED

MOST = 3  # of a kind
PRICE_STEP = 0.10  # share by which the mean price of a SKU must differ
ITEMS = 5  # sold on both sides, or there is no price to speak of
_NEAR = timedelta(seconds=1)
WEIGHT = 0.02  # share of all spend a plan must have had to be worth a word


@dataclass(frozen=True)
class Coincidence:
    """`kind` is the key of its sentence; `fields` fill it (a pair is Chinese, English); `where` is what it happened
    to."""

    kind: str
    where: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)


def coincidences(sides: Sides, located: Located, results: list[Result]) -> tuple[Coincidence, ...]:
    """Everything that coincides, data faults first: they make all else doubtful."""
    return (
        *_faults(sides, results),
        *_campaigns(sides),
        *_calendar(sides),
        *_prices(sides),
        *_stock_outs(sides),
        *_ad_plans(sides),
    )


def _faults(sides: Sides, results: list[Result]) -> Iterator[Coincidence]:
    base, asked = results
    for name in dict.fromkeys((*asked.late_sources, *base.late_sources)):
        yield Coincidence("late_source", fields={"source": name})
    through = asked.complete_through
    if through is not None and not asked.late_sources and through + _NEAR < asked.period.end and asked.rows:
        over = now(sides.warehouse.settings) - through > ENDED
        yield Coincidence("data_end" if over else "not_complete", fields={"moment": f"{through:%Y-%m-%d %H:%M}"})


def _campaigns(sides: Sides) -> Iterator[Coincidence]:
    """Campaigns that run in one of the two periods only, the reader's own ones."""
    allowed = sides.scope.rows.get("campaign")
    running = [
        {item.name: item for item in labels.campaigns(sides.warehouse, side.start, side.end)}
        for side in (sides.base, sides.period)
    ]
    for kind, here, there in (
        ("campaign_ended", running[0], running[1]),
        ("campaign_started", running[1], running[0]),
    ):
        names = [name for name in here if name not in there and (allowed is None or name in allowed)]
        for name in names[:MOST]:
            item = here[name]
            span = {"start": f"{item.starts_at:%Y-%m-%d}", "end": f"{item.ends_at:%Y-%m-%d}"}
            yield Coincidence(kind, {"campaign": name}, {"name": name, **span})


def _calendar(sides: Sides) -> Iterator[Coincidence]:
    """Holidays in one of the periods only; lengths that differ, else weekend days that do."""
    base, asked = _days(sides.base), _days(sides.period)
    there, here = ({name for day in days if (name := holiday(day))} for days in (base, asked))
    for kind, names in (("holiday_now", here - there), ("holiday_before", there - here)):
        for name in sorted(names):
            yield Coincidence(kind, fields={"name": name})
    if len(base) != len(asked):
        yield Coincidence("other_length", fields={"base": len(base), "days": len(asked)})
        return
    weekends = [sum(day.weekday() >= 5 for day in days) for days in (base, asked)]
    if weekends[0] != weekends[1]:
        yield Coincidence("weekend_days", fields={"base": weekends[0], "days": weekends[1]})


def _days(side: Period) -> list[date]:
    first, last = side.start.date(), (side.end - timedelta(microseconds=1)).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _prices(sides: Sides) -> Iterator[Coincidence]:
    """SKUs whose mean price differs, by what the step made of their sales."""
    if not all(sides.may(name, ("sku",)) for name in ("gmv", "items")):
        return
    frame = sides.frame(("gmv", "items"), ("sku",))
    frame = frame[(frame["items__0"] >= ITEMS) & (frame["items__1"] >= ITEMS) & frame["sku"].notna()]
    was, now = frame["gmv__0"] / frame["items__0"], frame["gmv__1"] / frame["items__1"]
    frame = frame.assign(was=was, now=now, moved=((now - was) * frame["items__1"]).abs())
    frame = frame[(now / was - 1).abs() >= PRICE_STEP].nlargest(MOST, "moved")
    names = labels.sku_names(sides.warehouse, list(frame["sku"]))
    for row in frame.to_dict("records"):
        fields = {"name": names.get(row["sku"], row["sku"]), "was": f"{row['was']:,.2f}", "now": f"{row['now']:,.2f}"}
        yield Coincidence("price_change", {"sku": row["sku"]}, fields)


def _stock_outs(sides: Sides) -> Iterator[Coincidence]:
    """SKUs with nothing left at the end of the asked period that had some at the end of the base."""
    if not sides.may("stockout_skus", ("sku",)):
        return
    frame = sides.frame(("stockout_skus", "stock_available"), ("sku",))
    frame = frame[(frame["stockout_skus__1"] > 0) & (frame["stockout_skus__0"] == 0)]
    frame = frame.nlargest(MOST, "stock_available__0")
    names = labels.sku_names(sides.warehouse, list(frame["sku"]))
    for row in frame.to_dict("records"):
        had = f"{row['stock_available__0']:,.0f}"
        yield Coincidence("stock_out", {"sku": row["sku"]}, {"name": names.get(row["sku"], row["sku"]), "had": had})


def _ad_plans(sides: Sides) -> Iterator[Coincidence]:
    """Ad plans that spend in one of the periods only."""
    if not sides.may("ad_spend", ("ad_plan",)):
        return
    frame = sides.frame(("ad_spend",), ("ad_plan",))
    frame = frame[frame["ad_plan"].notna()]
    for kind, here, there in (("ad_stopped", 0, 1), ("ad_started", 1, 0)):
        spent = frame[f"ad_spend__{here}"]
        gone = frame[(frame[f"ad_spend__{there}"] == 0) & (spent > WEIGHT * spent.sum())]
        for row in gone.nlargest(MOST, f"ad_spend__{here}").to_dict("records"):
            fields = {"name": row["ad_plan"], "spend": f"{row[f'ad_spend__{here}']:,.0f}"}
            yield Coincidence(kind, {"ad_plan": row["ad_plan"]}, fields)
