"""How every buyer stood at the end of a day, and where buyers are parted then, as SQL.

A buyer's state comes from the quickest of three places that tell it exactly:

* his kept row (`warehouse/people.py`), where nothing but platform and shop is filtered and no order is later;
* that row less what he bought since, with the order before it (`buyer_order`), where later orders exist;
* his lines.
"""

from __future__ import annotations

from datetime import datetime

from metrics.people import AXES, buyers_sql
from metrics.slices import Kept, Lines
from warehouse.alike import ALIKE, SPAN, YUAN, band
from warehouse.people import MOST_YUAN

_YUAN = "floor(coalesce(sum(paid_amount), 0)::DOUBLE)::BIGINT AS yuan,"
_DEARER = 3  # times what a line costs in a state by itself: taking it off a kept row
FIFTHS = (1, 2, 3, 4)
# the mean cut down to the millionths that money has: what exceeds the one exceeds the other, and both are exact
_BELOW = "((millionths - (millionths % total + total) % total) // total)::DECIMAL(38,0) * 0.000001::DECIMAL(7,6)"


def standing(
    found: Lines, name: str = "buyer_state", end: str = "end", province: bool = False, at: datetime | None = None
) -> str:
    """CTE text of `name`: `buyer, recency, age, frequency, money, yuan` (what `metrics/people.py` says of them; `yuan`
    rises with `money`), and with `province` that of the last order that has one. `at` is the value of the parameter
    `end`, the midnight after the day (None: that of `found`)."""
    past = found.past or end != "end"
    if found.kept is None or (past and (found.kept.history is None or _long_ago(found, at or found.end))):
        more = "arg_max(province, paid_at) AS province," if province else ""
        return buyers_sql(found.where.replace("$end", f"${end}"), found.orders, name, end, _YUAN + more)
    return _past(found.kept, name, end, province) if past else _present(found.kept, name, end)


def _long_ago(found: Lines, at: datetime) -> bool:
    """Whether so much came after that the lines before are read sooner."""
    if found.first is None or found.as_of is None:
        return False
    return _DEARER * (found.as_of - at) > at - found.first


def _present(kept: Kept, name: str, end: str) -> str:
    days = f"date_diff('day', last_day, ${end}::DATE) AS recency, date_diff('day', first_day, ${end}::DATE) AS age"
    if kept.history:
        return f"""{name} AS NOT MATERIALIZED (
        SELECT buyer, {days}, orders AS frequency, paid_amount AS money, yuan, province
        FROM {kept.table} WHERE {kept.where})"""
    return f"""{name}_by_shop AS NOT MATERIALIZED (
        SELECT buyer, max(last_day) AS last_day, min(first_day) AS first_day, sum(orders)::BIGINT AS frequency,
               sum(paid_amount) AS money, arg_max(province, province_at) AS province
        FROM {kept.table} WHERE {kept.where} GROUP BY buyer),
        {name} AS MATERIALIZED (
        SELECT buyer, {days}, frequency, money, floor(money::DOUBLE)::BIGINT AS yuan, province
        FROM {name}_by_shop)"""


def _past(kept: Kept, name: str, end: str, province: bool) -> str:
    """Only the rows of who bought since are made anew, and their provinces looked up."""
    lived = f"""(SELECT buyer, arg_max(province, paid_at) AS province FROM order_line
              WHERE NOT is_test AND paid_at < ${end} AND buyer IN (SELECT buyer FROM {name}_since) AND {kept.where}
              GROUP BY buyer)"""
    join, told = (f"LEFT JOIN {lived} l USING (buyer)", "l.province") if province else ("", "NULL")
    return f"""{since(kept, name, end)},
        {name}_back AS MATERIALIZED (
        SELECT buyer, s.last_day, k.first_day, k.orders - s.orders AS orders, k.paid_amount - s.paid AS paid_amount,
               {told} AS province
        FROM (SELECT * EXCLUDE (last_day, province) FROM {kept.table}
              WHERE last_at >= ${end} AND first_at < ${end} AND {kept.where}) k
        JOIN {name}_since s USING (buyer) {join}),
        {name} AS NOT MATERIALIZED (
        SELECT buyer, date_diff('day', last_day, ${end}::DATE) AS recency,
               date_diff('day', first_day, ${end}::DATE) AS age,
               orders AS frequency, paid_amount AS money, yuan, province
        FROM (SELECT buyer, last_day, first_day, orders, paid_amount, yuan, province FROM {kept.table}
              WHERE last_at < ${end} AND {kept.where}
              UNION ALL
              SELECT buyer, last_day, first_day, orders, paid_amount, floor(paid_amount::DOUBLE)::BIGINT, province
              FROM {name}_back))"""


def since(kept: Kept, name: str, end: str) -> str:
    """CTE text of `name`_since: what each buyer bought from `end` on (`orders`, `paid`), and the `last_day` he had
    bought on before it (null: never)."""
    return f"""{name}_since AS MATERIALIZED (
        SELECT buyer, sum(heads)::BIGINT AS orders, coalesce(sum(paid), 0) AS paid, max(earlier)::DATE AS last_day
        FROM (SELECT buyer, is_head::INT AS heads, paid_amount AS paid, NULL::TIMESTAMP AS earlier FROM order_line
              WHERE NOT is_test AND buyer IS NOT NULL AND paid_at >= ${end} AND {kept.where}
              UNION ALL
              SELECT buyer, NULL, NULL, {kept.prev} FROM buyer_order
              WHERE buyer IS NOT NULL AND paid_at >= ${end} AND {kept.prev} < ${end} AND {kept.where})
        GROUP BY buyer)"""


def parting(fixed: bool, name: str = "buyer_state", kept: Kept | None = None) -> str:
    """CTE text of `same` (how many buyers, `n`, are alike, and what they `paid`: `recency, frequency, fresh, m, m_good,
    rich`) and `cut` (one row: `recency_1` … `money_4`, `mean_r`, `mean_f`, `mean_m`, `high_money`).

    The quintiles are discrete ones (the least value that k fifths of the buyers do not exceed), exact: those of money
    by sorting only the buyers of the yuan that holds each, those of days and orders from the counts of who is alike.
    With `kept` (of the present, see `counted`) whole bands of amounts are taken from the counts of who is alike, and
    only the buyers of the bands that a cut lies in are read one by one.
    """
    fifths = ", ".join(f"(total * {number} + 4) // 5" for number in FIFTHS)
    score = "CASE WHEN money > money_3 THEN CASE WHEN money > money_4 THEN 5 ELSE 4 END WHEN money > money_2 THEN 3 "
    score += "WHEN money > money_1 THEN 2 ELSE 1 END"  # the points rise
    names = ", ".join(f"{axis}_{number}" for axis in AXES for number in FIFTHS)
    by_yuan = (
        f"SELECT yuan, sum(count(*)) OVER (ORDER BY yuan) AS through, sum(money) AS paid FROM {name} GROUP BY yuan"
    )
    rows, alike, close = f"SELECT *, 1 AS n, money AS paid FROM {name}", name, ""
    if kept:
        by_yuan = f"SELECT yuan, sum(buyers) OVER (ORDER BY yuan) AS through, paid_amount AS paid FROM {YUAN} WHERE "
        by_yuan += kept.cells
        rows, alike, close = _bands(kept), "close", _close(kept, name, fixed)
    return f"""
        by_yuan AS MATERIALIZED ({by_yuan}),
        everyone AS MATERIALIZED (
            SELECT max(through)::BIGINT AS total, sum(paid)::DECIMAL(38,6) AS paid,
                   replace(sum(paid)::DECIMAL(38,6)::VARCHAR, '.', '')::HUGEINT AS millionths FROM by_yuan),
        wanted AS (
            SELECT unnest([1, 2, 3, 4, 5]) AS k,
                   unnest([{fifths}, greatest(1, total - floor(total - $high_from * total)::BIGINT)]) AS rank
            FROM everyone),
        spot AS MATERIALIZED (
            SELECT k, min(yuan) FILTER (WHERE through >= rank) AS yuan,
                   (rank - coalesce(max(through) FILTER (WHERE through < rank), 0))::BIGINT AS nth
            FROM wanted CROSS JOIN by_yuan GROUP BY k, rank),
        {close}
        sorted AS (
            SELECT k, list_sort(list(money))[any_value(nth)] AS exact FROM {alike} JOIN spot USING (yuan) GROUP BY k),
        money_cut AS MATERIALIZED (
            SELECT {", ".join(_money(number, fixed) for number in FIFTHS)},
                   max(exact) FILTER (WHERE k = 5) AS high_money, any_value(paid::DOUBLE / total) AS mean_m,
                   any_value({_BELOW}) AS mean_below
            FROM sorted CROSS JOIN everyone),
        same AS MATERIALIZED (
            SELECT recency, frequency, coalesce(age <= $new_days, FALSE) AS fresh, {score} AS m,
                   money > mean_below AS m_good, money > high_money AS rich, sum(n)::BIGINT AS n, sum(paid) AS paid
            FROM ({rows}) CROSS JOIN money_cut GROUP BY ALL),
        {_fifths("recency", fixed)}, {_fifths("frequency", fixed)},
        cut AS MATERIALIZED (
            SELECT {names}, mean_r, mean_f, mean_m, high_money
            FROM money_cut CROSS JOIN fifths_recency CROSS JOIN fifths_frequency CROSS JOIN (
                SELECT sum(recency * n)::DOUBLE / sum(n) AS mean_r, sum(frequency * n)::DOUBLE / sum(n) AS mean_f
                FROM same))"""


def counted(found: Lines, new_days: int) -> Kept | None:
    """Where buyers alike are counted as they stand now, if that tells the slice and who is new in it."""
    kept = found.kept
    return kept if kept and kept.history and not found.past and new_days <= SPAN else None


def _close(kept: Kept, name: str, fixed: bool) -> str:
    """CTE text of `near` (the bands that a cut lies in) and `close` (their buyers)."""
    cuts = f"SELECT yuan FROM spot UNION ALL SELECT {whole_yuan(_BELOW)} FROM everyone"
    if fixed:
        cuts += f" UNION ALL SELECT {whole_yuan('cut')} FROM (SELECT unnest($money_cuts::DOUBLE[]) AS cut)"
    return f"""near AS MATERIALIZED (SELECT DISTINCT {band("yuan")} AS band FROM ({cuts})),
        close AS MATERIALIZED (SELECT * FROM {name} WHERE yuan IN ({yuan_of(kept, "SELECT band FROM near")})),"""


def yuan_of(kept: Kept, bands: str) -> str:
    """SELECT: the whole yuan that any of these buyers paid, of some bands."""
    return f"SELECT yuan FROM {YUAN} WHERE {kept.cells} AND {band('yuan')} IN ({bands})"


def whole_yuan(money: str) -> str:
    """SQL: the `yuan` of somebody who paid so much."""
    return f"floor(greatest(least({money}, {MOST_YUAN}), -{MOST_YUAN}))::BIGINT"


def _bands(kept: Kept) -> str:
    """SELECT: `close`, and for every other band its buyers by who is alike, with a value of the band for their money:
    what any of them paid lies on the same side of every cut."""
    return f"""
            SELECT recency, frequency, age, money, 1 AS n, money AS paid FROM close
            UNION ALL
            SELECT date_diff('day', last_day, $end::DATE), orders, date_diff('day', first_day, $end::DATE),
                   band::DECIMAL(38,6), buyers, paid_amount
            FROM {ALIKE} WHERE {kept.cells} AND band NOT IN (SELECT band FROM near)"""


def _money(number: int, fixed: bool) -> str:
    given = f"any_value($money_cuts[{number}]::DOUBLE)" if fixed else f"max(exact) FILTER (WHERE k = {number})"
    return f"{given} AS money_{number}"


def _fifths(axis: str, fixed: bool) -> str:
    if fixed:
        points = ", ".join(f"${axis}_cuts[{number}]::DOUBLE AS {axis}_{number}" for number in FIFTHS)
        return f"fifths_{axis} AS (SELECT {points})"
    points = ", ".join(
        f"min(v) FILTER (WHERE through * 5 >= total * {number})::DOUBLE AS {axis}_{number}" for number in FIFTHS
    )
    return f"""fifths_{axis} AS (
            SELECT {points} FROM everyone CROSS JOIN (
                SELECT {axis} AS v, sum(sum(n)) OVER (ORDER BY {axis}) AS through FROM same GROUP BY {axis}))"""
