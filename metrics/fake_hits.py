"""Products whose sales shot up: real hits, hits that faded, and fake ones (伪爆款) that nobody came back for.

Of the days looked at, a product's peak is its best seven days on end. It is a spike when it holds `least` items or
more and `spike` times the usual week before it, which four weeks before those days help to tell (a product with less
than two weeks of sales before it has no usual week: then the peak itself is the test). It has faded when a week after
the peak sells no more than `faded` of it. It is fake when besides its buyers did not come back: the share of the peak's
buyers who bought the product again on a later day is at most half of the same share over all products. A peak younger
than two weeks is not judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from metrics.slices import Columns, Lines, Slice, answer, lines
from metrics.types import Result, Scope
from warehouse.rollup import PRODUCTS

if TYPE_CHECKING:
    from warehouse import Warehouse

JUDGED_AFTER = 14  # days
RUN_UP = 28  # days before those looked at that tell what a usual week was
VERDICTS = ("fake", "faded", "lasting", "young")


def fake_hits(
    warehouse: Warehouse,
    asked: Slice,
    scope: Scope,
    days: int = 90,
    spike: float = 3.0,
    least: int = 30,
    faded: float = 0.3,
) -> Result:
    """One row a spike of the `days` up to the asked one, the worst first: `product`, `verdict` (fake, faded, lasting,
    young), `peak_day` (its last), `peak_items`, `peak_gmv`, `usual_items` (a week before), `later_items` (a week
    after), `later_share` (of the peak), `peak_buyers`, `again_rate` and `usual_again_rate` (null without known
    buyers, where nothing can be called fake), `refund_rate` (of what the peak paid).

    Raises:
        UserError: what `query` raises for filters and rights.
    """
    found = lines(warehouse, asked, scope, ("buyers", "items", "gmv", "refund_amount"), known=False)
    params = {
        "start": found.end - timedelta(days=days),
        "run_up": found.end - timedelta(days=days + RUN_UP),
        "spike": spike,
        "least": least,
        "faded": faded,
        "wait": JUDGED_AFTER,
    }
    columns = Columns(
        ("product",),
        {
            "peak_items": "count", "peak_gmv": "yuan", "usual_items": "count", "later_items": "count",
            "later_share": "rate", "peak_buyers": "count", "again_rate": "rate", "usual_again_rate": "rate",
            "refund_rate": "rate",
        },
    )  # fmt: skip
    spikes = answer(found, "spikes", Columns(("product",), dict.fromkeys(_SPIKE, "count")), _spikes(found), params)
    if not spikes.rows:  # nobody need be asked whether anybody came back
        notes = dict.fromkeys(columns.units, next(iter(spikes.notes.values()))) if spikes.notes else {}
        return replace(spikes, metrics=tuple(columns.units), units=dict(columns.units), notes=notes)
    params |= {name: [row[name] for row in spikes.rows] for name in _SPIKE}
    return answer(found, "fake_hits", columns, _sql(found), params)


_SPIKE = {  # what is known of a spike before its buyers are looked at
    "product_id": "VARCHAR",
    "peak_day": "DATE",
    "peak_items": "BIGINT",
    "usual_items": "DOUBLE",
    "later_items": "DOUBLE",
    "days_after": "BIGINT",
}


def _line(found: Lines, first: str) -> str:
    return f"""line AS NOT MATERIALIZED (
            SELECT product_id, paid_at::DATE AS day, paid_at, buyer, quantity, paid_amount, platform, shop, order_id
            FROM order_line WHERE {found.where} AND paid_at >= ${first} AND product_id IS NOT NULL)"""


def _sold(found: Lines) -> str:
    """CTE text of `sold`: `product_id, day, pieces`; kept by day and shop where nothing else is filtered."""
    if found.places is None:
        return f"""{_line(found, "run_up")},
        sold AS NOT MATERIALIZED (SELECT product_id, day, coalesce(quantity, 1) AS pieces FROM line)"""
    return f"""sold AS NOT MATERIALIZED (
            SELECT product_id, day, pieces FROM {PRODUCTS.table}
            WHERE day >= $run_up::DATE AND day < $end::DATE AND product_id IS NOT NULL AND {found.places})"""


# Of most products a spike can be ruled out by calendar weeks alone. A peak of seven days lies within two of them, `n`
# and the next: it sells no more than both, and all weeks before `n` are before it. `dips` are negative quantities.
_LIKELY = """weekly AS (
            SELECT product_id, date_diff('day', $run_up::DATE, day) // 7 AS n, min(day) AS first_day,
                   sum(pieces) AS items, sum(greatest(pieces, 0)) AS most, sum(least(pieces, 0)) AS dips
            FROM sold GROUP BY ALL),
        two_weeks AS (
            SELECT product_id, n, min(first_day) AS first_day, sum(most) AS most, sum(items) AS items, sum(dips) AS dips
            FROM (SELECT * FROM weekly UNION ALL SELECT product_id, n - 1, first_day, 0, most, 0 FROM weekly)
            GROUP BY product_id, n),
        compared AS (
            SELECT product_id, n, most, dips + sum(items) OVER earlier - items AS before,
                   n * 7 - date_diff('day', $run_up::DATE, min(first_day) OVER earlier) AS days_before
            FROM two_weeks WINDOW earlier AS (PARTITION BY product_id ORDER BY n ROWS UNBOUNDED PRECEDING)),
        likely AS (
            SELECT DISTINCT product_id FROM compared
            WHERE most >= $least AND n * 7 + 6 >= date_diff('day', $run_up::DATE, $start::DATE) - 6
                AND (days_before < 14 OR most * (1 + 1e-9) >= $spike * before * 7.0 / (days_before + 6)))"""


def _spikes(found: Lines) -> str:
    return f"""
        WITH {_sold(found)},
        {_LIKELY},
        daily AS MATERIALIZED (
            SELECT product_id, day, sum(pieces)::BIGINT AS items FROM sold SEMI JOIN likely USING (product_id)
            GROUP BY product_id, day),
        week AS (
            SELECT product_id, day, sum(items) OVER (
                PARTITION BY product_id ORDER BY day RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW) AS items
            FROM daily WHERE day >= $start),
        peak AS (
            SELECT product_id, arg_max(day, (items, -epoch(day))) AS peak_day, max(items) AS peak_items
            FROM week GROUP BY product_id HAVING max(items) >= $least),
        around AS (
            SELECT product_id, peak_day, peak_items,
                   coalesce(sum(items) FILTER (WHERE day <= peak_day - 7), 0) AS before,
                   date_diff('day', min(day), peak_day - 6) AS days_before,
                   coalesce(sum(items) FILTER (WHERE day > peak_day), 0) AS after,
                   date_diff('day', peak_day, $end::DATE) - 1 AS days_after
            FROM peak JOIN daily USING (product_id) GROUP BY product_id, peak_day, peak_items),
        spiked AS (
            SELECT *, CASE WHEN days_before >= 14 THEN before * 7.0 / days_before END AS usual_items,
                   CASE WHEN days_after > 0 THEN after * 7.0 / days_after END AS later_items
            FROM around WHERE days_before < 14 OR peak_items >= $spike * before * 7.0 / days_before)
        SELECT {", ".join(_SPIKE)} FROM spiked ORDER BY product_id"""


def _sql(found: Lines) -> str:
    spiked = ", ".join(f"unnest(${name}::{kind}[]) AS {name}" for name, kind in _SPIKE.items())
    return f"""
        WITH {_line(found, "start")},
        spiked AS MATERIALIZED (SELECT {spiked}),
        bought AS (
            SELECT product_id, buyer, min(day) FILTER (WHERE day > peak_day - 7 AND day <= peak_day) AS in_peak,
                   min(day) AS first_day, max(day) AS last_day
            FROM line LEFT JOIN spiked USING (product_id) WHERE buyer IS NOT NULL GROUP BY product_id, buyer),
        usual AS (SELECT count(*) FILTER (WHERE last_day > first_day) / nullif(count(*), 0) AS rate FROM bought),
        people AS (
            SELECT product_id, count(*) AS peak_buyers,
                   count(*) FILTER (WHERE last_day > in_peak) / count(*) AS again_rate
            FROM bought WHERE in_peak IS NOT NULL GROUP BY product_id),
        paid AS (
            SELECT product_id, sum(paid_amount) AS peak_gmv FROM line JOIN spiked USING (product_id)
            WHERE day > peak_day - 7 AND day <= peak_day GROUP BY product_id),
        returned AS (
            SELECT product_id, sum(r.amount) AS amount FROM refund r JOIN spiked s USING (product_id)
            WHERE r.status = 'success' AND r.order_paid_at::DATE > s.peak_day - 7
              AND r.order_paid_at::DATE <= s.peak_day
              AND (r.platform, r.shop, r.order_id) IN (SELECT (platform, shop, order_id) FROM line)
            GROUP BY product_id),
        told AS (
            SELECT s.product_id AS product, strftime(peak_day, '%Y-%m-%d') AS peak_day,
                   peak_items::BIGINT AS peak_items,
                   round(peak_gmv, 2)::DOUBLE AS peak_gmv, usual_items, later_items,
                   later_items / peak_items AS later_share, peak_buyers, again_rate, usual.rate AS usual_again_rate,
                   (coalesce(amount, 0) / nullif(peak_gmv, 0))::DOUBLE AS refund_rate, days_after
            FROM spiked s LEFT JOIN people USING (product_id) LEFT JOIN paid USING (product_id)
                 LEFT JOIN returned USING (product_id) CROSS JOIN usual)
        SELECT * EXCLUDE (days_after), CASE
                   WHEN days_after < $wait THEN 'young' WHEN later_share > $faded THEN 'lasting'
                   WHEN again_rate <= usual_again_rate / 2 THEN 'fake' ELSE 'faded' END AS verdict
        FROM told ORDER BY list_position(['fake', 'faded', 'young', 'lasting'], verdict), peak_gmv DESC, product"""
