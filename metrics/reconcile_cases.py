"""What each pair of sources is compared by, as SQL: one row a case, an order wherever both sides name orders.

Each gives `platform, shop, day, ref, left_amount, right_amount, left_count, right_count, reason`. `day` is the day
of payment, so that a difference marks the sales it speaks of; only where no paid order is known it is the other side's.
`reason` is the code that a rule can tell, 'unknown' where none can, null where both sides agree.
Parameters: `$start`, `$end` (days, half open), `$settle_days`, `$ship_hours`.
"""

from __future__ import annotations

from warehouse.refund_cases import CENT as _CENT
from warehouse.refund_cases import REFUND_CASE
from warehouse.refund_cases import REFUNDED as _REFUNDED

_KEY = "platform, shop, ref"


def _within(moment: str) -> str:
    return f"{moment} >= $start::TIMESTAMP AND {moment} < $end::TIMESTAMP"


# lines of one order may be paid minutes apart, over midnight too
_PAID = """paid AS (
    SELECT platform, shop, order_id AS ref, count(*) AS lines, min(paid_at) AS paid_at,
           coalesce(sum(paid_amount), 0) AS paid, coalesce(sum(freight_amount), 0) AS freight,
           coalesce(sum(list_amount), 0) AS listed,
           min(finished_at) AS first_finished, max(finished_at) AS finished_at,
           (count(finished_at) > 0 OR bool_or(status = 'finished'))
               AND bool_or(finished_at IS NULL AND status IN ('paid', 'part_shipped', 'shipped')) AS half_over,
           coalesce(max(promised_ship_at), min(paid_at) + to_hours($ship_hours)) AS due,
           max(shipped_at) AS shipped_at, bool_or(status IN ('shipped', 'part_shipped', 'finished')) AS left_house,
           bool_and(status IS NOT DISTINCT FROM 'closed') AS closed
    FROM order_line
    WHERE NOT is_test AND paid_at >= $start::TIMESTAMP - INTERVAL 1 DAY AND paid_at < $end::TIMESTAMP + INTERVAL 1 DAY
    GROUP BY ALL)"""

# kept at load: `warehouse/refund_cases.py`
REFUNDS = f"""SELECT platform, shop, day, ref, left_amount, right_amount, left_count, right_count, reason
    FROM {REFUND_CASE} WHERE day >= $start::DATE AND day < $end::DATE"""

_SETTLED = "settled_at IS NOT NULL AND order_id IS NOT NULL AND item IN ('income', 'refund', 'freight')"

# An order is compared once it is settled in full, or when its time to be settled lies inside what the statements tell:
# its lines may be over, and settled, on different days.
SETTLEMENT = f"""WITH {_PAID},
    got AS MATERIALIZED (
        SELECT platform, shop, order_id AS ref, sum(amount) AS amount, min(settled_at) AS settled_at,
               coalesce(min(ordered_at), min(settled_at)) AS ordered_at
        FROM settled WHERE {_SETTLED} AND settled_at >= $start::TIMESTAMP - INTERVAL 1 DAY GROUP BY ALL),
    told AS MATERIALIZED (
        SELECT platform, shop, settled_at::DATE AS day, min(settled_at) AS since, max(settled_at) AS until
        FROM settlement WHERE {_SETTLED} AND basis <> 'estimate' GROUP BY ALL),
    span AS (
        SELECT platform, shop, min(since) AS since, max(until) AS until,
               count(*) / (date_diff('day', min(day), max(day)) + 1) AS density
        FROM told GROUP BY ALL),
    back AS (
        SELECT r.platform, r.shop, r.order_id AS ref, sum(r.amount) AS amount,
               coalesce(sum(r.amount) FILTER (WHERE r.success_at > g.settled_at), 0) AS late
        FROM refund r JOIN span s ON s.platform = r.platform AND s.shop = r.shop AND r.success_at <= s.until
            AND r.success_at >= $start::TIMESTAMP - INTERVAL 1 DAY
        LEFT JOIN got g ON g.platform = r.platform AND g.shop = r.shop AND g.ref = r.order_id
        WHERE {_REFUNDED.replace("status", "r.status").replace("kind", "r.kind").replace("amount", "r.amount")}
        GROUP BY ALL),
    compared AS (
        SELECT p.*, p.paid - coalesce(b.amount, 0) AS net, coalesce(b.late, 0) AS late, g.amount, g.settled_at, s.until,
               s.density
        FROM paid p JOIN span s USING (platform, shop) LEFT JOIN got g USING ({_KEY}) LEFT JOIN back b USING ({_KEY})
        WHERE {_within("p.paid_at")}
            AND (abs(g.amount - p.paid + coalesce(b.amount, 0)) <= {_CENT}
                 OR NOT p.half_over
                    AND (p.finished_at >= s.since
                         OR g.ref IS NOT NULL AND coalesce(p.first_finished = p.finished_at, true))
                    AND (p.first_finished = p.finished_at OR coalesce(p.first_finished >= s.since, true))
                    AND coalesce(p.finished_at, g.settled_at) + to_days($settle_days) <= s.until)),
    gaps AS (
        SELECT c.platform, c.shop, c.ref,
               count(t.day) <= date_diff('day', any_value(c.first_finished::DATE), any_value(c.finished_at::DATE))
                   + $settle_days AS gap
        FROM compared c LEFT JOIN told t ON t.platform = c.platform AND t.shop = c.shop
            AND t.day BETWEEN c.first_finished::DATE AND c.finished_at::DATE + $settle_days
        WHERE coalesce(c.amount, 0) < c.net - {_CENT} AND c.finished_at IS NOT NULL GROUP BY ALL),
    strange AS (
        SELECT g.* FROM got g WHERE {_within("g.ordered_at")}
            AND NOT EXISTS (SELECT 1 FROM paid p WHERE p.platform = g.platform AND p.shop = g.shop AND p.ref = g.ref))
    SELECT platform, shop, paid_at::DATE AS day, ref, net AS left_amount, coalesce(amount, 0) AS right_amount,
           (abs(net) > {_CENT})::INT AS left_count, (amount IS NOT NULL)::INT AS right_count,
           CASE WHEN abs(coalesce(amount, 0) - net) <= {_CENT} THEN NULL
                WHEN amount IS NULL AND gap AND density >= 0.8 THEN 'missing_file'
                WHEN amount IS NULL AND finished_at + to_days(2 * $settle_days) > until THEN 'late_settlement'
                WHEN amount IS NULL THEN 'not_settled'
                WHEN late > 0 AND abs(amount - net - late) <= {_CENT} THEN 'refund_timing'
                WHEN freight > 0 AND abs(abs(amount - net) - freight) <= {_CENT} THEN 'freight'
                WHEN amount > net AND amount - net <= listed - paid + {_CENT} THEN 'coupon'
                WHEN amount < net AND gap AND density >= 0.8 AND lines > 1 THEN 'missing_file'
                ELSE 'unknown' END AS reason
    FROM compared LEFT JOIN gaps USING ({_KEY})
    UNION ALL
    SELECT platform, shop, ordered_at::DATE, ref, 0, amount, 0, 1, 'missing_file' FROM strange s
    WHERE NOT EXISTS (SELECT 1 FROM order_line o
                      WHERE o.platform = s.platform AND o.shop = s.shop AND o.order_id = s.ref)"""

# Fees of a movement are told by those files that say what a movement is made of.
FUNDS = f"""WITH bill AS MATERIALIZED (
        SELECT platform, shop, order_id AS ref, sum(amount) AS amount, min(settled_at) AS moment,
               sum(amount) FILTER (WHERE item NOT IN ('income', 'refund', 'freight', 'subsidy')) AS fees
        FROM settlement
        WHERE basis = 'statement' AND settled_at IS NOT NULL AND order_id IS NOT NULL AND item <> 'transfer'
            AND settled_at >= $start::TIMESTAMP - INTERVAL 60 DAY
        GROUP BY ALL),
    bill_days AS (
        SELECT DISTINCT platform, shop, settled_at::DATE AS day FROM settlement
        WHERE basis = 'statement' AND settled_at >= $start::TIMESTAMP - INTERVAL 60 DAY),
    flow AS MATERIALIZED (
        SELECT platform, shop, order_id AS ref, sum(amount) AS amount, min("at") AS moment,
               coalesce(sum(amount) FILTER (WHERE (platform, shop, "at"::DATE) NOT IN (SELECT platform, shop, day
                   FROM bill_days)), 0) AS dark
        FROM fund_flow
        WHERE order_id IS NOT NULL AND item IS DISTINCT FROM 'transfer'
            AND "at" >= $start::TIMESTAMP - INTERVAL 60 DAY
        GROUP BY ALL),
    made_of AS (
        SELECT platform, shop, order_id AS ref,
               sum(amount) FILTER (WHERE item NOT IN ('income', 'refund', 'freight', 'subsidy')) AS fees
        FROM settlement
        WHERE basis = 'flow' AND order_id IS NOT NULL AND item <> 'transfer'
            AND settled_at >= $start::TIMESTAMP - INTERVAL 60 DAY
        GROUP BY ALL),
    billed AS (
        SELECT platform, shop, min(settled_at)::DATE AS since, max(settled_at)::DATE AS until
        FROM settlement WHERE basis = 'statement' AND order_id IS NOT NULL GROUP BY ALL),
    flowed AS (
        SELECT platform, shop, min("at")::DATE AS since, max("at")::DATE AS until
        FROM fund_flow WHERE order_id IS NOT NULL GROUP BY ALL),
    span AS (
        SELECT b.platform, b.shop, greatest(b.since, f.since) AS since, least(b.until, f.until) AS until
        FROM billed b JOIN flowed f USING (platform, shop)),
    both_sides AS (
        SELECT platform, shop, ref, coalesce(b.moment, f.moment)::DATE AS day, b.amount AS billed, f.amount AS flowed,
               b.fees AS bill_fees, m.fees AS flow_fees, coalesce(f.dark, 0) AS dark
        FROM bill b FULL JOIN flow f USING ({_KEY}) LEFT JOIN made_of m USING ({_KEY}))
    SELECT c.platform, c.shop, c.day, c.ref, coalesce(billed, 0) AS left_amount, coalesce(flowed, 0) AS right_amount,
           (billed IS NOT NULL)::INT AS left_count, (flowed IS NOT NULL)::INT AS right_count,
           CASE WHEN abs(coalesce(flowed, 0) - coalesce(billed, 0)) <= {_CENT} THEN NULL
                WHEN flowed IS NULL AND NOT EXISTS (SELECT 1 FROM flow x WHERE x.platform = c.platform
                    AND x.shop = c.shop AND x.moment::DATE = c.day) THEN 'missing_file'
                WHEN billed IS NULL AND NOT EXISTS (SELECT 1 FROM bill x WHERE x.platform = c.platform
                    AND x.shop = c.shop AND x.moment::DATE = c.day) THEN 'missing_file'
                WHEN dark <> 0 AND abs(coalesce(flowed, 0) - coalesce(billed, 0) - dark) <= {_CENT} THEN 'missing_file'
                WHEN flowed IS NULL AND c.day > s.until - $settle_days THEN 'late_settlement'
                WHEN billed IS NULL OR flowed IS NULL THEN 'unknown'
                WHEN abs(coalesce(flow_fees, 0) - coalesce(bill_fees, 0) - (flowed - billed)) <= {_CENT} THEN 'fee'
                ELSE 'unknown' END AS reason
    FROM both_sides c JOIN span s USING (platform, shop)
    WHERE c.day BETWEEN s.since AND s.until AND c.day >= $start AND c.day < $end"""

# An order is due a parcel when its promised time lies inside what the parcel files tell, unless its money went
# back before it left the house.
SHIPMENTS = f"""WITH {_PAID},
    span AS (
        SELECT platform, shop, min(shipped_at)::DATE AS since, max(shipped_at) AS until
        FROM shipment WHERE shipped_at IS NOT NULL GROUP BY ALL),
    sent AS MATERIALIZED (
        SELECT platform, shop, ref, min(shipped_at) AS shipped_at
        FROM (SELECT platform, shop, order_id AS ref, shipped_at FROM shipment
              UNION ALL
              SELECT o.platform, o.shop, o.order_id, s.shipped_at
              FROM shipment_order o JOIN shipment s USING (platform, shop, shipment_id))
        WHERE ref IS NOT NULL AND shipped_at >= $start::TIMESTAMP - INTERVAL 1 DAY GROUP BY ALL),
    back AS (
        SELECT platform, shop, order_id AS ref, sum(amount) AS amount,
               bool_or(before_ship OR kind = 'refund_unshipped') AS held
        FROM refund
        WHERE {_REFUNDED} AND coalesce(order_paid_at, success_at) >= $start::TIMESTAMP - INTERVAL 1 DAY GROUP BY ALL),
    due AS (
        SELECT p.*, g.ref IS NOT NULL AS sent
        FROM paid p JOIN span s USING (platform, shop) LEFT JOIN sent g USING ({_KEY}) LEFT JOIN back b USING ({_KEY})
        WHERE {_within("p.paid_at")}
            AND (g.ref IS NOT NULL
                 OR p.paid_at >= s.since AND p.due < s.until
                    AND (p.shipped_at IS NOT NULL
                         OR NOT p.closed AND NOT coalesce(b.held, false) AND coalesce(b.amount, 0) < p.paid)))
    SELECT platform, shop, paid_at::DATE AS day, ref, paid AS left_amount,
           CASE WHEN sent THEN paid ELSE 0 END AS right_amount,
           1 AS left_count, sent::INT AS right_count,
           CASE WHEN sent THEN NULL WHEN left_house OR shipped_at IS NOT NULL THEN 'missing_file' ELSE 'not_shipped' END
               AS reason
    FROM due
    UNION ALL
    SELECT platform, shop, shipped_at::DATE, ref, 0, 0, 0, 1, 'no_order' FROM sent s
    WHERE {_within("shipped_at")}
        AND NOT EXISTS (SELECT 1 FROM order_line o
                        WHERE o.platform = s.platform AND o.shop = s.shop AND o.order_id = s.ref)"""


# Orders created while both ways told everything: each must have come by both.
API = f"""WITH span AS (
        SELECT platform, shop, max(since) AS since, min(until) AS until
        FROM (SELECT platform, shop, way, min(since) AS since, max(until) AS until FROM told_span GROUP BY ALL)
        GROUP BY ALL HAVING count(*) = 2),
    asked AS MATERIALIZED (
        SELECT o.platform, o.shop, o.order_id AS ref, coalesce(min(o.paid_at), min(o.created_at)) AS moment,
               coalesce(sum(o.paid_amount), 0) AS paid
        FROM order_line o JOIN span s USING (platform, shop)
        WHERE NOT o.is_test AND o.created_at BETWEEN s.since AND s.until
            AND o.created_at >= $start::TIMESTAMP - INTERVAL 45 DAY AND o.created_at < $end::TIMESTAMP
        GROUP BY ALL),
    told AS (
        SELECT platform, shop, order_id AS ref, bool_or(way = 'api') AS by_api, bool_or(way = 'file') AS by_file
        FROM order_told t SEMI JOIN asked a
            ON a.platform = t.platform AND a.shop = t.shop AND a.ref = t.order_id GROUP BY ALL)
    SELECT platform, shop, moment::DATE AS day, ref, CASE WHEN by_api THEN paid ELSE 0 END AS left_amount,
           CASE WHEN by_file THEN paid ELSE 0 END AS right_amount, by_api::INT AS left_count,
           by_file::INT AS right_count,
           CASE WHEN by_api AND by_file THEN NULL WHEN by_api THEN 'missing_file' ELSE 'not_pulled' END AS reason
    FROM asked JOIN told USING ({_KEY}) WHERE {_within("moment")}"""


def _settled_lines(item: str, name: str, told: str) -> str:
    """Lines settled around the period with what came in for them, before and after refunds, and what `item` took."""
    return f"""
        SELECT platform, shop, order_id AS ref, line_id, min(settled_at) AS settled_at, any_value({told}) AS {told},
               coalesce(sum(amount) FILTER (WHERE item IN ('income', 'freight') AND amount > 0), 0)::DOUBLE AS gross,
               coalesce(sum(amount) FILTER (WHERE item IN ('income', 'freight', 'refund')), 0)::DOUBLE AS net,
               -coalesce(sum(amount) FILTER (WHERE item = '{item}'), 0)::DOUBLE AS {name},
               greatest(count(*) FILTER (WHERE item = '{item}'), 1) AS parts
        FROM settled
        WHERE settled_at IS NOT NULL AND order_id IS NOT NULL AND item IN ('income', 'freight', 'refund', '{item}')
            AND settled_at >= $start::TIMESTAMP - INTERVAL 45 DAY AND settled_at < $end::TIMESTAMP + INTERVAL 45 DAY
        GROUP BY platform, shop, order_id, line_id"""


# A fee that both files tell is held against the rate that most of the like are charged: of its product where enough
# lines of it were settled, else of its shop. Where no single rate is usual, nothing is judged.
_LEAST, _MOST = 20, 0.7  # lines that make a rate usual, and the share of them that must be charged at it
_USUAL = f"""round(median(rate) FILTER (WHERE gross >= typical), 3) AS rate FROM charged GROUP BY ALL
        HAVING count(*) >= {_LEAST}"""
FEES = f"""WITH rows AS MATERIALIZED ({_settled_lines("platform_fee", "fee", "product_id")}),
    charged AS MATERIALIZED (
        SELECT *, fee / gross AS rate, 0.011 * parts AS slack,
               median(gross) OVER (PARTITION BY platform, shop, product_id) AS typical
        FROM rows WHERE gross > 0),
    by_product AS (SELECT platform, shop, product_id, {_USUAL} AND product_id IS NOT NULL),
    by_shop AS (SELECT platform, shop, {_USUAL}),
    judged AS MATERIALIZED (
        SELECT c.*, coalesce(p.rate, s.rate) AS usual, CASE WHEN p.rate IS NOT NULL THEN c.product_id END AS whose,
               abs(fee - usual * gross) <= slack OR abs(fee - usual * net) <= slack AS fits
        FROM charged c LEFT JOIN by_product p USING (platform, shop, product_id)
        LEFT JOIN by_shop s USING (platform, shop)
        WHERE coalesce(p.rate, s.rate) IS NOT NULL),
    steady AS (SELECT platform, shop, whose FROM judged GROUP BY ALL HAVING avg(fits::INT) >= {_MOST})
    SELECT j.platform, j.shop, min(settled_at)::DATE AS day, j.ref,
           sum(CASE WHEN fits THEN fee ELSE usual * net END)::DECIMAL(18,2) AS left_amount,
           sum(fee)::DECIMAL(18,2) AS right_amount, 1 AS left_count, 1 AS right_count,
           CASE WHEN bool_and(fits) THEN NULL ELSE 'fee' END AS reason
    FROM judged j JOIN steady s
        ON s.platform = j.platform AND s.shop = j.shop AND s.whose IS NOT DISTINCT FROM j.whose
    GROUP BY j.platform, j.shop, j.ref HAVING {_within("min(settled_at)")}"""


# What a creator took of a line is held against what was agreed for it (the alliance's forecast), else against the rate
# that most of the creator's lines are charged: of that product where enough of them were settled, else of all. Freight
# is shared with nobody; of what goes back the commission goes back too.
_TAKES = f"""round(median(rate) FILTER (WHERE base >= typical), 3) AS rate FROM charged GROUP BY ALL
        HAVING count(*) >= {_LEAST}"""
COMMISSIONS = f"""WITH rows AS MATERIALIZED ({_settled_lines("creator_commission", "taken", "creator")}),
    sold AS (
        SELECT platform, shop, order_id AS ref, line_id, product_id, creator, coalesce(freight_amount, 0) AS freight,
               coalesce(paid_amount, 0) AS paid
        FROM order_line
        WHERE paid_at >= $start::TIMESTAMP - INTERVAL 135 DAY AND paid_at < $end::TIMESTAMP + INTERVAL 45 DAY),
    agreed AS (
        SELECT platform, shop, line_id, -sum(amount)::DOUBLE AS agreed, any_value(creator) AS creator
        FROM settlement WHERE basis = 'estimate' AND item = 'creator_commission' AND line_id IS NOT NULL GROUP BY ALL),
    charged AS MATERIALIZED (
        SELECT r.* EXCLUDE (creator), coalesce(r.creator, s.creator, a.creator) AS whom, s.product_id,
               gross - least(freight, gross)::DOUBLE AS base, net - least(freight, greatest(net, 0))::DOUBLE AS kept,
               taken / base AS rate, 0.011 * parts + 0.01 AS slack,
               CASE WHEN s.paid > s.freight THEN agreed / (s.paid - s.freight)::DOUBLE END AS agreed,
               median(base) OVER (PARTITION BY r.platform, r.shop, whom) AS typical
        FROM rows r JOIN sold s USING (platform, shop, ref, line_id) LEFT JOIN agreed a USING (platform, shop, line_id)
        WHERE gross > freight AND coalesce(r.creator, s.creator, a.creator) IS NOT NULL),
    by_product AS (SELECT platform, shop, whom, product_id, {_TAKES} AND product_id IS NOT NULL),
    by_creator AS (SELECT platform, shop, whom, {_TAKES}),
    judged AS MATERIALIZED (
        SELECT c.*, coalesce(c.agreed, p.rate, w.rate) AS usual, c.agreed IS NOT NULL AS told,
               CASE WHEN p.rate IS NOT NULL THEN c.product_id END AS whose,
               abs(taken - usual * base) <= slack OR abs(taken - usual * kept) <= slack AS fits
        FROM charged c LEFT JOIN by_product p USING (platform, shop, whom, product_id)
        LEFT JOIN by_creator w USING (platform, shop, whom)
        WHERE coalesce(c.agreed, p.rate, w.rate) IS NOT NULL),
    steady AS (
        SELECT platform, shop, whom, whose, told FROM judged GROUP BY ALL HAVING told OR avg(fits::INT) >= {_MOST})
    SELECT j.platform, j.shop, min(settled_at)::DATE AS day, j.ref,
           sum(CASE WHEN fits THEN taken ELSE usual * kept END)::DECIMAL(18,2) AS left_amount,
           sum(taken)::DECIMAL(18,2) AS right_amount, 1 AS left_count, 1 AS right_count,
           CASE WHEN bool_and(fits) THEN NULL ELSE 'commission' END AS reason
    FROM judged j JOIN steady s
        ON s.platform = j.platform AND s.shop = j.shop AND s.whom = j.whom AND s.told = j.told
        AND s.whose IS NOT DISTINCT FROM j.whose
    GROUP BY j.platform, j.shop, j.ref HAVING {_within("min(settled_at)")}"""


def _by_day(left: str, right: str, missing: str) -> str:
    """Two sums of a shop and day, without orders to tell them apart."""
    return f"""WITH one AS ({left}), other AS ({right}),
    span AS (
        SELECT a.platform, a.shop, greatest(a.since, b.since) AS since, least(a.until, b.until) AS until
        FROM (SELECT platform, shop, min(day) AS since, max(day) AS until FROM one GROUP BY ALL) a
        JOIN (SELECT platform, shop, min(day) AS since, max(day) AS until FROM other GROUP BY ALL) b
            USING (platform, shop))
    SELECT platform, shop, day, NULL::VARCHAR AS ref, coalesce(a.amount, 0) AS left_amount,
           coalesce(b.amount, 0) AS right_amount, coalesce(a.cases, 0) AS left_count,
           coalesce(b.cases, 0) AS right_count,
           CASE WHEN abs(coalesce(a.amount, 0) - coalesce(b.amount, 0)) <= {_CENT} THEN NULL
                WHEN a.amount IS NULL OR b.amount IS NULL THEN 'missing_file' ELSE '{missing}' END AS reason
    FROM one a FULL JOIN other b USING (platform, shop, day) JOIN span USING (platform, shop)
    WHERE day BETWEEN since AND until AND day >= $start AND day < $end"""


_PLANS = "attribution IS DISTINCT FROM 'creative' AND aside IS NOT true"
_SPENT = f"""SELECT platform, shop, "at"::DATE AS day, sum(cost) AS amount, count(*) AS cases
    FROM ad_spend WHERE {_PLANS} AND cost IS NOT NULL GROUP BY ALL"""
ADS = _by_day(
    """SELECT platform, shop, paid_at::DATE AS day, sum(paid_amount) AS amount, count(DISTINCT order_id) AS cases
    FROM order_line WHERE NOT is_test AND paid_at IS NOT NULL AND (ad_plan IS NOT NULL OR channel = 'ad')
    GROUP BY ALL""",
    f"""SELECT platform, shop, "at"::DATE AS day, sum(gmv) AS amount, coalesce(sum(orders), 0) AS cases
    FROM ad_spend WHERE {_PLANS} AND gmv IS NOT NULL GROUP BY ALL""",
    "attribution",
)
AD_FUNDS = _by_day(
    _SPENT,
    """SELECT platform, shop, "at"::DATE AS day, -sum(amount) AS amount, count(*) AS cases
    FROM fund_flow WHERE item = 'promotion' GROUP BY ALL""",
    "unknown",
)
