"""Hits that are out of stock: gone sooner than they sell, and silent since.

Two things are improbable when all is as usual: that a stock which would have lasted for days is gone (Poisson: at
least so many sold in so short a time), and that what sells several times a day sells nothing for hours (Poisson: none).
Both are held against the sales of the SKU in its shop in the four weeks before.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from metrics.leaves import Asker
from metrics.scan import chance
from metrics.shape import number_text
from metrics.unusual import SURE, Event
from metrics.watch import NEAR_STOCK, STOCK

DAYS = 28
WORTH = 0.5  # pieces that would have been sold: less is no loss to speak of


def stock_outs(asker: Asker, start: datetime, end: datetime) -> tuple[list[Event], int]:
    """(SKUs that are out at `end`, were not at `start` or a fortnight before, and would have sold; SKUs looked at)."""
    if not asker.may(STOCK, ("shop", "sku")) or not asker.may("items", ("shop", "sku")):
        return [], 0
    rows = _rows(asker, start, end)
    found = []
    for row in rows:
        event = _event(row, end, int(row["looked_at"]))
        if event.by_chance <= SURE and event.usual >= WORTH:
            found.append(event)
    return found, int(rows[0]["looked_at"]) if rows else 0


def _rows(asker: Asker, start: datetime, end: datetime) -> list[dict[str, Any]]:
    stock, params = asker.condition("stock", STOCK)
    sales, more = asker.condition("sales", "items")
    seen = f"""
        WITH seen AS (
            SELECT platform, shop, sku_id, any_value(product_id) AS product_id, any_value(category) AS category,
                   snapshot_at, sum(available) AS free
            FROM stock WHERE snapshot_at >= $since AND snapshot_at < $to AND coalesce(active, TRUE) AND {stock}
            GROUP BY ALL),
        last AS (
            SELECT platform, shop, sku_id, any_value(product_id) AS product_id, any_value(category) AS category,
                   max(snapshot_at) AS at, arg_max(free, snapshot_at) AS free,
                   max(snapshot_at) FILTER (WHERE free > 0) AS had_at,
                   arg_max(free, snapshot_at) FILTER (WHERE free > 0) AS had
            FROM seen GROUP BY ALL)"""
    sql = f"""{seen},
        gone AS (
            SELECT l.*, min(s.snapshot_at) AS out_at FROM last AS l
            JOIN seen AS s ON s.platform = l.platform AND s.shop = l.shop AND s.sku_id = l.sku_id
                 AND s.snapshot_at > l.had_at
            WHERE l.free <= 0 AND l.had_at IS NOT NULL GROUP BY ALL),
        sold AS (
            SELECT platform, shop, sku_id,
                   sum(coalesce(quantity, 1)) FILTER (WHERE paid_at < $from) AS items,
                   count(*) FILTER (WHERE paid_at < $from) AS lines,
                   sum(paid_amount) FILTER (WHERE paid_at < $from) AS gmv, max(paid_at) AS last_sale
            FROM order_line WHERE paid_at >= $before AND paid_at < $to AND paid_amount > 0 AND {sales} GROUP BY ALL)
        SELECT g.*, s.items, s.lines, s.gmv::DOUBLE AS gmv, s.last_sale, (SELECT count(*) FROM last) AS looked_at
        FROM gone AS g JOIN sold AS s USING (platform, shop, sku_id)
        WHERE s.lines > 0 AND g.out_at >= $from"""
    given = params | more
    given |= {"since": start - timedelta(days=15), "before": start - timedelta(days=DAYS), "from": start, "to": end}
    # where nothing has run out, four weeks of sales need not be read
    if not _ask(asker, f"{seen} SELECT 1 FROM last WHERE free <= 0 AND had_at IS NOT NULL LIMIT 1", given):
        return []
    return _ask(asker, sql, given)


def _ask(asker: Asker, sql: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    text, names = number_text(sql)
    with asker.warehouse.reader() as cursor:
        found = cursor.execute(text, [given[name] for name in names])
        columns = [item[0] for item in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _event(row: dict[str, Any], end: datetime, looked_at: int) -> Event:
    first = row["had_at"] if row["last_sale"] is None else max(row["had_at"], row["last_sale"])
    silent = (end - first) / timedelta(days=1)
    a_day = row["items"] / DAYS
    missed = row["lines"] / DAYS * silent
    gone_in = max((row["out_at"] - row["had_at"]) / timedelta(days=1), 1 / 24)
    score = math.sqrt(_at_least(float(row["had"]), a_day * gone_in) + 2 * missed)
    price = row["gmv"] / row["items"] if row["items"] else 0.0
    where = {"shop": row["shop"], "sku": row["sku_id"]}
    full = where | {"platform": row["platform"], "product": row["product_id"], "category": row["category"]}
    return Event(
        STOCK, where, full, first, end, 0.0, a_day * silent, 1.0, 0.0, -a_day * silent * price, -score,
        chance(score, looked_at), NEAR_STOCK, looked=math.log(looked_at),
    )  # fmt: skip


def _at_least(count: float, mean: float) -> float:
    """Deviance of a Poisson count that is above its mean; 0 where it is not."""
    if count <= mean or mean <= 0:
        return 0.0
    return 2 * (count * math.log(count / mean) - (count - mean))
