"""Buyers by the month of their first order: who came back in which month, and how soon they did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from metrics.slices import Columns, Kept, Lines, Slice, answer, lines
from metrics.types import Result, Scope
from warehouse.alike import RETURN
from warehouse.people import COHORT

if TYPE_CHECKING:
    from warehouse import Warehouse

CURVE_DAYS = (1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 150, 180, 270, 365)
_DAY = 86_400_000_000  # microseconds


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
        WITH {_cells(found)},
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
    params = {"days": list(CURVE_DAYS)}
    if found.kept and found.kept.history and not found.past:
        return answer(found, "repurchase", columns, _curve_kept(found.kept), params)
    sql = f"""
        WITH {_two(found)},
        newest AS (SELECT max(latest) AS newest FROM two),
        reached AS (
            SELECT {_days_of("newest", ">=")} AS able, {_days_of("second_at", "<=")} AS again, count(*) AS buyers
            FROM (SELECT epoch_us(newest) - epoch_us(first_at) AS newest,
                         epoch_us(second_at) - epoch_us(first_at) AS second_at FROM two CROSS JOIN newest)
            GROUP BY ALL),
        horizon AS (SELECT unnest($days::INT[]) AS days),
        counted AS (
            SELECT days, coalesce(sum(buyers) FILTER (WHERE able >= days), 0)::BIGINT AS able,
                   coalesce(sum(buyers) FILTER (WHERE able >= days AND again <= days), 0)::BIGINT AS again
            FROM reached CROSS JOIN horizon GROUP BY days)
        SELECT days, able, again, again / able AS share FROM counted WHERE able > 0 ORDER BY days"""
    return answer(found, "repurchase", columns, sql, params)


def _curve_kept(kept: Kept) -> str:
    """From counts by the day of the first order, as of now; on the one day for which a window is over for those only
    who ordered early on it, the buyers are looked at one by one."""
    return f"""
        WITH newest AS MATERIALIZED (SELECT max(last_at) AS newest FROM {kept.table} WHERE {kept.where}),
        reached AS (
            SELECT {_days_of("whole", ">", 1)} AS able, {_days_of("gap", "<=", 1)} AS again, sum(buyers) AS buyers
            FROM (SELECT date_diff('day', first_day, newest::DATE) AS whole, gap, buyers
                  FROM {RETURN} CROSS JOIN newest WHERE {kept.cells})
            GROUP BY ALL),
        edge AS MATERIALIZED (
            SELECT days, newest - to_days(days) AS until, until::DATE AS first_day
            FROM (SELECT unnest($days::INT[]) AS days) CROSS JOIN newest),
        counted AS (
            SELECT days, coalesce(sum(buyers) FILTER (WHERE able >= days), 0) AS able,
                   coalesce(sum(buyers) FILTER (WHERE able >= days AND again <= days), 0) AS again
            FROM reached CROSS JOIN edge GROUP BY days
            UNION ALL
            SELECT days, count(*), count(*) FILTER (WHERE second_at <= first_at + to_days(days))
            FROM {kept.table} JOIN edge USING (first_day) WHERE first_at <= until AND {kept.where} GROUP BY days)
        SELECT days, sum(able)::BIGINT AS able, sum(again)::BIGINT AS again, sum(again) / sum(able) AS share
        FROM counted GROUP BY days HAVING sum(able) > 0 ORDER BY days"""


def _days_of(span: str, than: str, day: int = _DAY) -> str:
    """SQL: the most of the curve's days that a span (of microseconds, or with `day` 1 of days) reaches (>=) or is
    longer than (>), or the least that hold it (<=)."""
    days = CURVE_DAYS if than == "<=" else reversed(CURVE_DAYS)
    return f"CASE {' '.join(f'WHEN {span} {than} {one * day} THEN {one}::SMALLINT' for one in days)} END"


def _cells(found: Lines) -> str:
    """CTE text of `cell`: `cohort, months, buyers, orders, paid`; kept by day where shops are asked whole."""
    held = "date_diff('month', cohort, $last::DATE) < $most"
    if found.kept and found.kept.history:
        place = "platform IS NULL" if found.kept.history == "any" else found.kept.where
        return f"""cell AS (
            SELECT cohort, date_diff('month', cohort, day) AS months, sum(buyers)::BIGINT AS buyers,
                   sum(orders) AS orders, sum(paid_amount) AS paid
            FROM {COHORT} WHERE day < $end AND {place} AND {held} GROUP BY ALL)"""
    return f"""bought AS (
            SELECT buyer, date_trunc('month', paid_at)::DATE AS at_month, {found.orders} AS orders,
                   coalesce(sum(paid_amount), 0) AS paid
            FROM order_line WHERE {found.where} GROUP BY buyer, at_month),
        first AS (SELECT buyer, min(at_month) AS cohort FROM bought GROUP BY buyer),
        cell AS (
            SELECT cohort, date_diff('month', cohort, at_month) AS months, count(*) AS buyers,
                   sum(orders) AS orders, sum(paid) AS paid
            FROM bought JOIN first USING (buyer) WHERE {held} GROUP BY ALL)"""


def _two(found: Lines) -> str:
    """CTE text of `two`: each buyer's first order, the first at a later moment, and how late any is known.

    The first two do not change with later orders, so that a kept row tells them for any day.
    """
    kept = found.kept
    if kept and kept.history:
        latest = "last_at"
        if found.past:
            latest = (
                f"(SELECT max(paid_at) FROM buyer_order WHERE buyer IS NOT NULL AND paid_at < $end AND {kept.where})"
            )
        return f"""two AS NOT MATERIALIZED (
            SELECT first_at, CASE WHEN second_at < $end THEN second_at END AS second_at, {latest} AS latest
            FROM {kept.table} WHERE first_at < $end AND {kept.where})"""
    return f"""bought AS (SELECT DISTINCT buyer, paid_at FROM order_line WHERE {found.where}),
        two AS (SELECT min(paid_at, 2)[1] AS first_at, min(paid_at, 2)[2] AS second_at, max(paid_at) AS latest
                FROM bought GROUP BY buyer)"""
