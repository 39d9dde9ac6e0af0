"""The world's own figures by pandas, for holding the product against."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from simulator import calendar
from simulator.catalogue import LEAVES
from simulator.geography import PROVINCES
from simulator.refunds import EXCHANGE, RETURN
from simulator.seen import Seen
from simulator.shops import CHANNELS, PLANS, SHOPS

SALES = ("gmv", "orders", "items", "buyers", "lines", "list_amount", "cogs_sold")
CREATED = ("orders_created", "order_amount", "payment_rate")
REFUNDS = ("refund_amount", "refund_orders")
_TIME = {"day": "D", "hour": "h", "minute": "min"}


def figures(
    world: Seen,
    metrics: tuple[str, ...],
    by: tuple[str, ...] = (),
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    platform: str | None = None,
    refunds_at_payment: bool = False,
) -> pd.DataFrame:
    """Metrics (yuan, counts, fractions) of [start, end), one row a group of `by`.

    `by` takes platform, shop, channel, province, category, sku, creator, day, hour and minute. `refunds_at_payment`
    places refunds where a source without refund times must place them.
    """
    lines = _labelled(world)
    if platform:
        lines = lines[lines["platform"] == platform]
    parts: dict[str, Any] = {}
    for name in metrics:
        parts[name] = _one(world, lines, name, by, start, end, refunds_at_payment)
    return pd.DataFrame(parts) if by else pd.DataFrame({name: [value] for name, value in parts.items()})


def _labelled(world: Seen) -> pd.DataFrame:
    lines = world.lines.copy()
    lines["platform"] = [SHOPS[shop].platform for shop in lines["shop"]]
    lines["category"] = [LEAVES[leaf].name for leaf in world.catalogue.sku_leaf[lines["sku"].to_numpy()]]
    lines["province"] = [PROVINCES[province] for province in lines["province"]]
    lines["channel"] = [CHANNELS[channel] for channel in lines["channel"]]
    lines["cost"] = world.catalogue.sku_cost[lines["sku"].to_numpy()] * lines["quantity"]
    lines["sku"] = [world.catalogue.sku_code[sku] for sku in lines["sku"]]
    lines["shop"] = [SHOPS[shop].name for shop in lines["shop"]]
    return lines


def _within(frame: pd.DataFrame, column: str, start: datetime | None, end: datetime | None) -> pd.DataFrame:
    frame = frame[frame[column] > 0]
    if start is not None:
        frame = frame[frame[column] >= calendar.seconds(start)]
    return frame[frame[column] < calendar.seconds(end)] if end is not None else frame


def _sum(frame: pd.DataFrame, column: str, by: tuple[str, ...], at: str, how: str = "sum") -> Any:
    keys = [
        pd.to_datetime(frame[at], unit="s").dt.floor(_TIME[name]).rename(name) if name in _TIME else frame[name]
        for name in by
    ]
    return getattr(frame.groupby(keys)[column], how)() if keys else getattr(frame[column], how)()


def _one(
    world: Seen,
    lines: pd.DataFrame,
    name: str,
    by: tuple[str, ...],
    start: datetime | None,
    end: datetime | None,
    at_payment: bool,
) -> Any:
    if name == "net_sales":
        refunded = _one(world, lines, "refund_amount", by, start, end, at_payment)
        gross = _one(world, lines, "gmv", by, start, end, at_payment)
        return gross.sub(refunded, fill_value=0.0) if by else gross - refunded
    if name == "ad_spend":
        return _ad_spend(world, by, start, end)
    if name in CREATED:
        return _created(_within(lines, "created", start, end), name, by)
    if name in REFUNDS:
        done = lines[(lines["succeeded"] > 0) & (lines["refund_kind"] != EXCHANGE)]
        at = "paid" if at_payment else "succeeded"
        done = _within(done, at, start, end)
        return (
            _sum(done, "refunded", by, at) / 100 if name == "refund_amount" else _sum(done, "order", by, at, "nunique")
        )
    return _sales(_within(lines, "paid", start, end), name, by)


def _created(frame: pd.DataFrame, name: str, by: tuple[str, ...]) -> Any:
    created = _sum(frame, "order", by, "created", "nunique")
    if name == "orders_created":
        return created
    if name == "order_amount":
        return _sum(frame, "payable", by, "created") / 100
    return _sum(frame[frame["paid"] > 0], "order", by, "created", "nunique") / created


def _sales(frame: pd.DataFrame, name: str, by: tuple[str, ...]) -> Any:
    if name == "cogs":
        kept = frame.assign(cost=frame["cost"].where(~((frame["succeeded"] > 0) & (frame["refund_kind"] == RETURN)), 0))
        return _sum(kept, "cost", by, "paid") / 100
    columns = {
        "gmv": "spent",
        "list_amount": "list_amount",
        "items": "quantity",
        "cogs_sold": "cost",
        "orders": "order",
        "buyers": "buyer",
        "lines": "line",
    }
    how = "nunique" if name in ("orders", "buyers") else "size" if name == "lines" else "sum"
    value = _sum(frame, columns[name], by, "paid", how) if how != "size" else _sum(frame, "line", by, "paid", "count")
    return value / 100 if name in ("gmv", "list_amount", "cogs_sold") else value


def _ad_spend(world: Seen, by: tuple[str, ...], start: datetime | None, end: datetime | None) -> Any:
    hours = world.ad_hours.assign(
        shop=[SHOPS[shop].name for shop in world.ad_hours["shop"]],
        platform="douyin",
        ad_plan=[PLANS[plan].name for plan in world.ad_hours["plan"]],
    )
    return _sum(_within(hours, "at", start, end), "cost", by, "at") / 100
