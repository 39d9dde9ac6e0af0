"""Buyers by the month of their first order: who came back in which month, and how soon they did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from metrics.slices import Columns, Slice, answer, lines
from metrics.types import Result, Scope

if TYPE_CHECKING:
    from warehouse import Warehouse

CURVE_DAYS = (1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 150, 180, 270, 365)


def cohorts(warehouse: Warehouse, asked: Slice, scope: Scope, months: int = 12) -> Result:
    """The repurchase triangle of the last `months` cohorts, oldest first.

    Rows: `cohort` (YYYY-MM of the first paid order), `months` since then (0 is that month itself), `size` (its buyers),
    `buyers` who ordered in that month, `share` of the size, `orders`, `gmv`, `value` (yuan paid so far, per buyer
    of the cohort) and `whole` (0 while the month is not over at the asked day). Months not begun are left out.

    Raises:
        UserError: what `query` raises for filters and rights.
    """
    found = lines(warehouse, asked, scope)
    columns = Columns(
        ("cohort", "months"),
        {"size": "count", "buyers": "count", "share": "rate", "orders": "count", "gmv": "yuan", "value": "yuan"},
    )
    sql = f"""
        WITH bought AS (
            SELECT buyer, date_trunc('month', paid_at)::DATE AS at_month, {found.orders} AS orders,
                   coalesce(sum(paid_amount), 0) AS paid
            FROM order_line WHERE {found.where} GROUP BY buyer, at_month),
        first AS (SELECT buyer, min(at_month) AS cohort FROM bought GROUP BY buyer),
        cell AS (
            SELECT cohort, date_diff('month', cohort, at_month) AS months, count(*) AS buyers,
                   sum(orders) AS orders, sum(paid) AS paid
            FROM bought JOIN first USING (buyer)
            WHERE date_diff('month', cohort, $last::DATE) < $most GROUP BY ALL),
        whole AS (SELECT cohort, buyers AS size FROM cell WHERE months = 0),
        grid AS (
            SELECT cohort, size, unnest(range(date_diff('month', cohort, $last::DATE) + 1)) AS months FROM whole)
        SELECT strftime(cohort, '%Y-%m') AS cohort, months::INT AS months, size,
               coalesce(buyers, 0) AS buyers, coalesce(buyers, 0) / size AS share,
               coalesce(orders, 0)::BIGINT AS orders, round(coalesce(paid, 0), 2)::DOUBLE AS gmv,
               (sum(coalesce(paid, 0)) OVER (PARTITION BY cohort ORDER BY months))::DOUBLE / size AS value,
               (cohort + to_months(months::INT + 1) <= $end)::INT AS whole
        FROM grid LEFT JOIN cell USING (cohort, months) ORDER BY cohort, months"""
    return answer(found, "cohorts", columns, sql, {"last": (found.end - timedelta(days=1)).date(), "most": months})


def repurchase(warehouse: Warehouse, asked: Slice, scope: Scope) -> Result:
    """How many came back within so many days of their first order: `days`, `able`, `again`, `share`.

    Only buyers whose whole window lies before the newest order are counted (`able`), so young buyers do not press the
    curve down; an order at the very same moment as the first is no second one.
    """
    found = lines(warehouse, asked, scope)
    columns = Columns(("days",), {"able": "count", "again": "count", "share": "rate"})
    over = "first_at + INTERVAL {days} DAY <= newest"
    cells = ", ".join(
        f"{{'days': {days}, 'able': count(*) FILTER (WHERE {over.format(days=days)}), 'again': count(*) FILTER "
        f"(WHERE {over.format(days=days)} AND second_at <= first_at + INTERVAL {days} DAY)}}"
        for days in CURVE_DAYS
    )
    sql = f"""
        WITH {_CHAINED if found.whole else _LINES.format(where=found.where)},
        newest AS (SELECT max(latest) AS newest FROM two),
        counted AS (SELECT unnest([{cells}]) AS cell FROM two CROSS JOIN newest)
        SELECT cell.days, cell.able, cell.again, cell.again / cell.able AS share
        FROM counted WHERE cell.able > 0 ORDER BY cell.days"""
    return answer(found, "repurchase", columns, sql)


# Each buyer's first order, the first at a later moment, and the last. Over everything the orders are chained already
# (`warehouse/rollup.py`): what comes later than its predecessor is no part of the first moment.
_CHAINED = """two AS (
            SELECT buyer, min(paid_at) AS first_at, max(paid_at) AS latest,
                   min(paid_at) FILTER (WHERE paid_at > prev_any) AS second_at
            FROM buyer_order WHERE buyer IS NOT NULL AND paid_at < $end GROUP BY buyer)"""
_LINES = """bought AS (SELECT DISTINCT buyer, paid_at FROM order_line WHERE {where}),
        two AS (SELECT buyer, min(paid_at, 2)[1] AS first_at, min(paid_at, 2)[2] AS second_at, max(paid_at) AS latest
                FROM bought GROUP BY buyer)"""
