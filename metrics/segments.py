"""Buyers by recency, frequency and money (RFM), and the segments named after it, as they stood at the end of a day.

Per buyer of a slice: R, whole days from the day of the last order to the day after the asked one (who bought on it has
1); F, distinct paid orders; M, paid amount before refunds. Scores run from 1 to 5, 5 is best, parted by quintiles or by
the fixed cut points of the settings. Beside them stand the eight classes used in Chinese retail, which hold each of the
three against its mean over all buyers (R good below it, F and M good above it).

Segments part the buyers: each is in exactly one, the first that fits of
lost (R > `lost_days`), silent (R > `silent_days`), new (first order within `new_days`), high_value (M above what
all but the top `high_share` of buyers paid), active (all others).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from metrics.people import AXES, CLASSES, SEGMENTS, Cuts, cut_params, segment_of, segment_sql
from metrics.slices import Columns, Kept, Lines, Slice, answer, lines
from metrics.standing import FIFTHS, counted, parting, standing, whole_yuan, yuan_of
from metrics.types import Result, Scope, Unit
from warehouse.alike import ALIKE, band

if TYPE_CHECKING:
    from warehouse import Warehouse

Scoring = Literal["quintiles", "fixed"]
_UNITS: dict[str, Unit] = {
    "buyers": "count",
    "share": "rate",
    "gmv": "yuan",
    "gmv_share": "rate",
    "orders": "count",
    "aov": "yuan",
    "orders_per_buyer": "ratio",
    "recency_days": "days",
    "rich_buyers": "count",
}


@dataclass(frozen=True)
class Thresholds:
    """What the scores were parted by in the end: four cut points an axis, the means, and what high value exceeds.

    A score is 1 and one more for every cut point that F or M is above; R is 5 and one less for every one it is above.
    """

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    money: tuple[float, ...]
    means: tuple[float, float, float]
    high_money: float


def segments(warehouse: Warehouse, asked: Slice, scope: Scope, cuts: Cuts | None = None) -> Result:
    """One row a segment, all five: `segment, buyers, share, gmv, gmv_share, orders, aov, orders_per_buyer,
    recency_days` (mean) and `rich_buyers` (those of them who paid more than `high_money`).

    Raises:
        UserError: what `query` raises for filters and rights.
    """
    found, cube = _cube(warehouse, asked, scope, cuts, "quintiles")
    return _told(found, cube, ("segment",), [(name,) for name in SEGMENTS])


def rfm(
    warehouse: Warehouse, asked: Slice, scope: Scope, cuts: Cuts | None = None, scoring: Scoring = "quintiles"
) -> Result:
    """One row for each of the 25 pairs of scores: `r, f` (1–5) and the numbers of `segments`."""
    found, cube = _cube(warehouse, asked, scope, cuts, scoring)
    return _told(found, cube, ("r", "f"), [(r, f) for r in range(5, 0, -1) for f in range(1, 6)])


def rfm_classes(warehouse: Warehouse, asked: Slice, scope: Scope) -> Result:
    """One row for each of the eight classes against the means: `rfm_class` and the numbers of `segments`."""
    found, cube = _cube(warehouse, asked, scope, None, "quintiles")
    return _told(found, cube, ("rfm_class",), [(name,) for name in CLASSES.values()])


def thresholds(
    warehouse: Warehouse, asked: Slice, scope: Scope, cuts: Cuts | None = None, scoring: Scoring = "quintiles"
) -> Thresholds | None:
    """What `rfm` and `segments` were parted by; None without buyers."""
    _, cube = _cube(warehouse, asked, scope, cuts, scoring)
    if not cube.rows:
        return None
    row = cube.rows[0]
    points = {name: tuple(float(value) for value in row[f"{name}_cuts"]) for name in AXES}
    means = (float(row["mean_r"]), float(row["mean_f"]), float(row["mean_m"]))
    return Thresholds(**points, means=means, high_money=float(row["high_money"]))


# The cube: a few hundred cells that hold every buyer once; all the above is summed from it ----------------------------


def _cube(
    warehouse: Warehouse, asked: Slice, scope: Scope, cuts: Cuts | None, scoring: Scoring
) -> tuple[Lines, Result]:
    cuts = cuts or Cuts.of(warehouse.settings)
    found = lines(warehouse, asked, scope)
    params = cut_params(cuts)
    if scoring == "fixed":
        params |= {f"{name}_cuts": list(getattr(cuts, name)) for name in AXES}
    points = ", ".join(
        f"[{', '.join(f'{name}_{number}' for number in FIFTHS)}]::DOUBLE[] AS {name}_cuts" for name in AXES
    )
    sql = f"""
        WITH {standing(found)}, {parting(scoring == "fixed", kept=counted(found, cuts.new_days))},
        cell AS (
            SELECT {segment_of("recency", "fresh", "rich")} AS segment,
                   {_score("recency", True)} AS r, {_score("frequency")} AS f, m::INT AS m,
                   recency < mean_r AS r_good, frequency > mean_f AS f_good, m_good,
                   sum(n)::BIGINT AS buyers, sum(paid) AS gmv, sum(frequency * n) AS orders, sum(recency * n) AS days,
                   coalesce(sum(n) FILTER (WHERE rich), 0)::BIGINT AS rich_buyers
            FROM same CROSS JOIN cut GROUP BY ALL)
        SELECT cell.*, {points}, mean_r, mean_f, mean_m, high_money FROM cell CROSS JOIN cut"""
    cube = answer(found, "rfm", Columns(("segment", "r", "f", "m"), _UNITS), sql, params)
    return found, cube


def high_money(warehouse: Warehouse, asked: Slice, scope: Scope, cuts: Cuts | None = None) -> Decimal | None:
    """The money above which a buyer is of high value, of the kept answer that segments are told from."""
    _, cube = _cube(warehouse, asked, scope, cuts, "quintiles")
    return cube.rows[0]["high_money"] if cube.rows else None


def _score(name: str, low_is_good: bool = False) -> str:
    above = " + ".join(f"({name} > {name}_{number})::INT" for number in FIFTHS)
    return f"5 - ({above})" if low_is_good else f"1 + {above}"


def _told(found: Lines, cube: Result, dims: tuple[str, ...], every: Iterable[tuple[Any, ...]]) -> Result:
    """The cube summed over all but `dims`, with a row for every value."""
    if not cube.rows:
        return replace(cube, dimensions=dims)
    sums: dict[tuple[Any, ...], dict[str, Any]] = {key: dict.fromkeys(_SUMMED, 0) for key in every}
    for row in cube.rows:
        row["rfm_class"] = CLASSES[row["r_good"], row["f_good"], row["m_good"]]
        into = sums[tuple(row[name] for name in dims)]
        for name in _SUMMED:
            into[name] += row[name]
    total = {name: sum(one[name] for one in sums.values()) for name in _SUMMED}
    rows = [dict(zip(dims, key, strict=True)) | _numbers(one, total) for key, one in sums.items()]
    return replace(cube, dimensions=dims, rows=rows)


_SUMMED = ("buyers", "gmv", "orders", "days", "rich_buyers")


def _numbers(one: Mapping[str, Any], total: Mapping[str, Any]) -> dict[str, Any]:
    buyers, gmv = int(one["buyers"]), Decimal(one["gmv"])
    return {
        "buyers": buyers,
        "share": buyers / total["buyers"] if total["buyers"] else None,
        "gmv": float(round(gmv, 2)),
        "gmv_share": float(gmv / total["gmv"]) if total["gmv"] else None,
        "orders": int(one["orders"]),
        "aov": float(gmv / buyers) if buyers else None,
        "orders_per_buyer": float(one["orders"]) / buyers if buyers else None,
        "recency_days": float(one["days"]) / buyers if buyers else None,
        "rich_buyers": int(one["rich_buyers"]),
    }


# Life cycle -----------------------------------------------------------------------------------------------------------


def moves(warehouse: Warehouse, asked: Slice, scope: Scope, days: int = 30, cuts: Cuts | None = None) -> Result:
    """Where buyers went within the `days` up to the asked day: `was` (None: no buyer yet), `segment` (now), `buyers`,
    `gmv` (all they ever paid). High value is held against the same money on both days, so that only buyers move."""
    cuts = cuts or Cuts.of(warehouse.settings)
    found = lines(warehouse, asked, scope)
    before = found.end - timedelta(days=days)
    params = cut_params(cuts) | {
        "before": before,
        "high_money": high_money(warehouse, asked, scope, cuts),
    }
    kept = counted(found, cuts.new_days)
    sql = f"""
        WITH {_both_kept(kept) if kept else _both_joined(found, before)}
        SELECT was, segment, sum(n)::BIGINT AS buyers, round(sum(money), 2)::DOUBLE AS gmv
        FROM both_days GROUP BY ALL ORDER BY ALL"""
    return answer(found, "moves", Columns(("was", "segment"), {"buyers": "count", "gmv": "yuan"}), sql, params)


def _both_joined(found: Lines, before: datetime) -> str:
    """CTE text of `both_days`: `was, segment, n, money`, every buyer with his segment on both days."""
    return f"""{standing(found, "late")}, {standing(found, "early", "before", at=before)},
        late_in AS (SELECT buyer, money, {segment_sql("$high_money")} AS segment FROM late),
        early_in AS (SELECT buyer, {segment_sql("$high_money")} AS was FROM early),
        both_days AS (SELECT was, segment, 1 AS n, money FROM late_in LEFT JOIN early_in USING (buyer))"""


def _both_kept(kept: Kept) -> str:
    """The same from the kept rows: who bought nothing between has only grown older, the others had less by what they
    bought since. Who is not rich now was not rich then, unless some line took money off."""
    fresh = """date_diff('day', first_day, $end::DATE) <= $new_days AS fresh,
                   date_diff('day', first_day, $before::DATE) <= $new_days AS was_fresh"""
    ages = """date_diff('day', last_day, $end::DATE) AS recency, date_diff('day', was_last_day, $before::DATE) AS ago"""
    was = segment_of("ago", "was_fresh", "was_rich")
    lines = f"order_line WHERE NOT is_test AND buyer IS NOT NULL AND paid_at >= $before AND {kept.where}"
    return f"""near AS MATERIALIZED (SELECT {band(whole_yuan("$high_money"))} AS band),
        early AS (
            SELECT last_day, first_day, paid_amount > $high_money AS rich, 1 AS n, paid_amount AS paid
            FROM {kept.table}
            WHERE last_at < $before AND {kept.where} AND yuan IN ({yuan_of(kept, "SELECT band FROM near")})
            UNION ALL
            SELECT last_day, first_day, band > $high_money, buyers, paid_amount
            FROM {ALIKE} WHERE last_day < $before::DATE AND {kept.cells} AND band NOT IN (SELECT band FROM near)),
        late AS MATERIALIZED (
            SELECT buyer, last_day, first_day, paid_amount, paid_amount > $high_money AS rich
            FROM {kept.table} WHERE last_at >= $before AND {kept.where}),
        earlier AS (
            SELECT buyer, {kept.prev}::DATE AS was_last_day FROM buyer_order
            WHERE buyer IS NOT NULL AND paid_at >= $before AND {kept.prev} < $before AND {kept.where}),
        dips AS MATERIALIZED (SELECT coalesce(min(paid_amount) < 0, FALSE) AS any FROM {lines}),
        since AS (
            SELECT buyer, coalesce(sum(paid_amount), 0) AS paid FROM {lines}
                AND buyer IN (SELECT buyer FROM late CROSS JOIN dips WHERE rich OR dips.any) GROUP BY buyer),
        alike AS (
            SELECT last_day, last_day AS was_last_day, {fresh}, rich, rich AS was_rich, sum(n) AS n, sum(paid) AS money
            FROM early GROUP BY ALL
            UNION ALL
            SELECT last_day, was_last_day, {fresh}, rich, coalesce(paid_amount - paid > $high_money, FALSE), 1,
                   paid_amount
            FROM late LEFT JOIN earlier USING (buyer) LEFT JOIN since USING (buyer)),
        both_days AS (
            SELECT CASE WHEN was_last_day IS NOT NULL THEN {was} END AS was,
                   {segment_of("recency", "fresh", "rich")} AS segment, n, money FROM (SELECT *, {ages} FROM alike))"""
