"""Whether the sources agree: orders against refunds, statements, movements, parcels and ad reports, per shop and day.

Each pair is compared case by case (`metrics.reconcile_cases`) and summed by shop and day, so cells add up to the whole
and every difference has its rows. A pair whose side has no data is 'not_connected', never equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from config import tolerance
from errors import UserError
from metrics import cache, reconcile_cases
from metrics.shape import number_text
from metrics.types import Period, Result, Scope

if TYPE_CHECKING:
    from warehouse import Warehouse

State = Literal["equal", "open", "waiting", "not_connected"]
ROWS = 1000


@dataclass(frozen=True)
class Pair:
    """Two sources that tell the same. `left` and `right` are conditions on what must be there for a shop.

    `judged` says what the tolerance is in: 'yuan' or 'count' (cases that differ). `marks` are the facts whose numbers
    a difference casts doubt on.
    """

    id: str
    cases: str
    left: tuple[str, str]  # table, condition
    right: tuple[str, str]
    judged: Literal["yuan", "count"] = "yuan"
    marks: frozenset[str] = frozenset()


_SALES = ("order_line", "paid_at IS NOT NULL AND NOT is_test")
_AD_SALES = ("order_line", f"{_SALES[1]} AND (ad_plan IS NOT NULL OR channel = 'ad')")
_RETURNED = ("refund", "status = 'success'")
_KEPT_PLACES = {  # the rollups know, and are small
    _RETURNED: "SELECT DISTINCT platform, shop FROM coverage WHERE subject IN ('refunds', 'refund_cohort')",
    _SALES: "SELECT DISTINCT platform, shop FROM coverage WHERE subject = 'sales'",
    _AD_SALES: f"""SELECT DISTINCT platform, shop FROM sales_by_channel WHERE channel = 'ad'
        UNION SELECT DISTINCT platform, shop FROM order_line WHERE ad_plan IS NOT NULL AND {_SALES[1]}""",
}
_BILLS = "settled_at IS NOT NULL AND order_id IS NOT NULL"
_AD_REPORT = "attribution IS DISTINCT FROM 'creative' AND aside IS NOT true"
PAIRS: dict[str, Pair] = {
    pair.id: pair
    for pair in (
        Pair(
            "refunds",
            reconcile_cases.REFUNDS,
            _SALES,
            _RETURNED,
            marks=frozenset({"order_line", "refund"}),
        ),
        Pair(
            "settlement",
            reconcile_cases.SETTLEMENT,
            _SALES,
            ("settlement", f"{_BILLS} AND basis <> 'estimate'"),
            marks=frozenset({"order_line", "refund"}),
        ),
        Pair(
            "funds",
            reconcile_cases.FUNDS,
            ("settlement", f"{_BILLS} AND basis = 'statement'"),
            ("fund_flow", "order_id IS NOT NULL"),
            marks=frozenset({"cost"}),
        ),
        Pair(
            "fees",
            reconcile_cases.FEES,
            ("settlement", f"{_BILLS} AND item = 'income' AND basis <> 'estimate'"),
            ("settlement", f"{_BILLS} AND item = 'platform_fee' AND basis <> 'estimate'"),
            judged="count",
            marks=frozenset({"cost"}),
        ),
        Pair(
            "commissions",
            reconcile_cases.COMMISSIONS,
            ("settlement", f"{_BILLS} AND item = 'income' AND basis <> 'estimate'"),
            ("settlement", f"{_BILLS} AND item = 'creator_commission' AND basis <> 'estimate'"),
            judged="count",
            marks=frozenset({"cost"}),
        ),
        Pair(
            "api",
            reconcile_cases.API,
            ("told_span", "way = 'api'"),
            ("told_span", "way = 'file'"),
            judged="count",
            marks=frozenset({"order_line"}),
        ),
        Pair(
            "shipments",
            reconcile_cases.SHIPMENTS,
            _SALES,
            ("shipment", "shipped_at IS NOT NULL"),
            judged="count",
            marks=frozenset({"shipment"}),
        ),
        Pair(
            "ads",
            reconcile_cases.ADS,
            _AD_SALES,
            ("ad_spend", f"{_AD_REPORT} AND gmv IS NOT NULL"),
            marks=frozenset({"ad_spend"}),
        ),
        Pair(
            "ad_funds",
            reconcile_cases.AD_FUNDS,
            ("ad_spend", f"{_AD_REPORT} AND cost IS NOT NULL"),
            ("fund_flow", "item = 'promotion'"),
            marks=frozenset({"ad_spend"}),
        ),
    )
}
REASONS = (
    "late_settlement",
    "not_settled",
    "refund_timing",
    "freight",
    "coupon",
    "fee",
    "commission",
    "attribution",
    "not_shipped",
    "no_order",
    "missing_file",
    "not_pulled",
    "test_order",
    "unknown",
)
"""Codes of reasons. Rules propose them; 'test_order' and any other is for a person to choose."""
_UNITS = {"left": "yuan", "right": "yuan", "difference": "yuan", "absolute": "yuan"}
_COUNTS = {"left_count": "count", "right_count": "count", "odd": "count"}
MOST_DAYS = 400


def reconcile(
    warehouse: Warehouse,
    period: Period,
    scope: Scope,
    filters: Mapping[str, tuple[str, ...]] | None = None,
    pairs: Iterable[str] | None = None,
) -> Result:
    """Cells by pair, shop and day of the period, oldest first.

    Rows: `pair, platform, shop, day`, `left` and `right` (yuan), `difference` (right − left), `absolute` (what
    single cases differ by, added up without signs), `left_count`, `right_count`, `odd` (cases that differ), `state` and
    `reason` (the proposed one that explains most). Days for which one side tells nothing yet are 'waiting'.
    `filters` holds platform and shop; other dimensions are not told by all sources and are left aside.

    Raises:
        UserError: `not_allowed` for a scope that may not see whole shops or hides finance, `unknown_pair`,
            `period_long`.
    """
    _check(period, scope)
    found: list[dict[str, Any]] = []
    started = perf_counter()
    wanted = tuple(PAIRS if pairs is None else pairs)
    for name in wanted:
        if name not in PAIRS:
            raise UserError("unknown_pair", name=name, known=", ".join(PAIRS))
        found += _cells(warehouse, PAIRS[name], period).rows
    rows = [row for row in found if _allowed(row, scope.rows) and _allowed(row, filters or {})]
    return _result(warehouse, rows, ("pair", "platform", "shop", "day"), period, perf_counter() - started)


def cases(warehouse: Warehouse, pair: str, platform: str, shop: str, day: date, scope: Scope) -> Result:
    """The cases behind one cell that differ, largest first: `ref` (order), `left`, `right`, `difference`, `reason`.

    Raises:
        UserError: as `reconcile`.
    """
    period = Period.days(day, day)
    _check(period, scope)
    if pair not in PAIRS:
        raise UserError("unknown_pair", name=pair, known=", ".join(PAIRS))
    if not _allowed({"platform": platform, "shop": shop}, scope.rows):
        raise UserError("not_allowed", metric=pair)
    sql = f"""SELECT ref, left_amount::DOUBLE AS "left", right_amount::DOUBLE AS "right",
            (right_amount - left_amount)::DOUBLE AS difference, left_count, right_count, reason
        FROM ({PAIRS[pair].cases}) WHERE platform = $platform AND shop = $shop AND reason IS NOT NULL
        ORDER BY abs(right_amount - left_amount) DESC, ref LIMIT {ROWS}"""
    started = perf_counter()
    rows = _run(warehouse, sql, _params(warehouse, period) | {"platform": platform, "shop": shop})
    return _result(warehouse, rows, ("ref",), period, perf_counter() - started)


def connected(warehouse: Warehouse, pair: Pair) -> frozenset[tuple[str, str]]:
    """Platform and shop wherever both sides of a pair have rows; read once per data version."""
    right = _places(warehouse, *pair.right)  # the reports: fewer rows than orders, and often none
    return right & _places(warehouse, *pair.left) if right else right


def known_places(warehouse: Warehouse) -> list[tuple[str, str]]:
    """Every platform and shop that any side of any pair speaks of."""
    found: set[tuple[str, str]] = set()
    for pair in PAIRS.values():
        for side in (pair.left, pair.right):
            found |= _places(warehouse, *side)
    return sorted(found)


def _places(warehouse: Warehouse, table: str, where: str) -> frozenset[tuple[str, str]]:
    def ask() -> Result:
        source = _KEPT_PLACES.get((table, where), f"SELECT DISTINCT platform, shop FROM {table} WHERE {where}")
        return _result(warehouse, _run(warehouse, source, {}), ("platform", "shop"), Period.days(date.min, date.min), 0)

    found = cache.once(warehouse, ("reconcile.places", warehouse.data_version, table, where), ask)
    return frozenset((row["platform"], row["shop"]) for row in found.rows)


def _check(period: Period, scope: Scope) -> None:
    if scope.hidden or not set(scope.rows) <= {"platform", "shop"}:
        raise UserError("not_allowed", metric="reconciliation")
    if period.end - period.start > timedelta(days=MOST_DAYS):
        raise UserError("period_long", days=MOST_DAYS)


def _allowed(row: Mapping[str, Any], held: Mapping[str, tuple[str, ...]]) -> bool:
    return all(row[name] in held[name] for name in ("platform", "shop") if name in held)


def open_cells(warehouse: Warehouse, pair: str, period: Period) -> list[dict[str, Any]]:
    """The cells of a pair that differ by more than is tolerated, of every shop; kept apart from the many that are
    even, since every card of a page asks."""
    limits, asked = tolerance(warehouse.settings, pair), PAIRS[pair]
    if not connected(warehouse, asked):
        return []

    def ask() -> Result:
        found = _summed(warehouse, asked, period)
        rows = [{"pair": pair, "state": "open"} | cell for cell in found.rows if _beyond(cell, asked, limits)]
        return replace(found, rows=rows)

    params = tuple(sorted(_params(warehouse, period).items()))
    return cache.once(warehouse, ("reconcile.open", warehouse.data_version, pair, limits, params), ask).rows


def _cells(warehouse: Warehouse, pair: Pair, period: Period) -> Result:
    limits = tolerance(warehouse.settings, pair.id)
    key = (
        "reconcile",
        warehouse.data_version,
        pair.id,
        period,
        limits,
        tuple(sorted(_params(warehouse, period).items())),
    )
    return cache.once(warehouse, key, partial(_compute, warehouse, pair, period, limits))


def _compute(warehouse: Warehouse, pair: Pair, period: Period, limits: tuple[float, float]) -> Result:
    started, joined = perf_counter(), connected(warehouse, pair)
    summed = _summed(warehouse, pair, period).rows if joined else []
    found = {(row.pop("platform"), row.pop("shop"), row.pop("day")): row for row in summed}
    rows = []
    for platform, shop in known_places(warehouse):
        for day in _days(period):
            cell = found.get((platform, shop, day))
            state: State = "waiting" if (platform, shop) in joined else "not_connected"
            if cell is not None:
                state = "open" if _beyond(cell, pair, limits) else "equal"
            rows.append(
                {"pair": pair.id, "platform": platform, "shop": shop, "day": day}
                | (cell or dict.fromkeys((*_UNITS, *_COUNTS, "reason")))
                | {"state": state}
            )
    return _result(warehouse, rows, ("pair", "platform", "shop", "day"), period, perf_counter() - started)


def _summed(warehouse: Warehouse, pair: Pair, period: Period) -> Result:
    """What both sides tell by platform, shop and day, where any of them tells something; once per data version."""
    params = _params(warehouse, period)
    key = ("reconcile.summed", warehouse.data_version, pair.id, tuple(sorted(params.items())))
    return cache.once(warehouse, key, partial(_sum_up, warehouse, pair, period, params))


def _sum_up(warehouse: Warehouse, pair: Pair, period: Period, params: Mapping[str, Any]) -> Result:
    started = perf_counter()
    sql = f"""WITH told AS MATERIALIZED ({pair.cases}),
        reasons AS (
            SELECT platform, shop, day, arg_max(reason, (weight, reason)) AS most
            FROM (SELECT platform, shop, day, reason, sum(abs(right_amount - left_amount)) + count(*) / 1e6 AS weight
                  FROM told WHERE reason IS NOT NULL GROUP BY ALL) GROUP BY ALL)
        SELECT platform, shop, day, sum(left_amount)::DOUBLE AS "left", sum(right_amount)::DOUBLE AS "right",
               sum(right_amount - left_amount)::DOUBLE AS difference,
               sum(abs(right_amount - left_amount))::DOUBLE AS absolute, sum(left_count)::BIGINT AS left_count,
               sum(right_count)::BIGINT AS right_count, count(reason)::BIGINT AS odd, any_value(reasons.most) AS reason
        FROM told LEFT JOIN reasons USING (platform, shop, day) GROUP BY platform, shop, day"""
    rows = _run(warehouse, sql, params)
    return _result(warehouse, rows, ("platform", "shop", "day"), period, perf_counter() - started)


def _beyond(cell: Mapping[str, Any], pair: Pair, limits: tuple[float, float]) -> bool:
    """Whether a cell differs by more than is tolerated: the larger of the absolute and the relative limit."""
    differs, whole = ("odd", "left_count") if pair.judged == "count" else ("absolute", "left")
    allowed = max(limits[0], limits[1] * abs(cell[whole]))
    return bool(cell[differs] > allowed + 1e-9)


def _days(period: Period) -> list[date]:
    first = period.start.date()
    count = max(1, -(-(period.end - period.start) // timedelta(days=1)))
    return [first + timedelta(days=number) for number in range(count)]


def _params(warehouse: Warehouse, period: Period) -> dict[str, Any]:
    days = _days(period)
    return {
        "start": days[0],
        "end": days[-1] + timedelta(days=1),
        "settle_days": warehouse.settings.settle_days,
        "ship_hours": warehouse.settings.ship_hours,
    }


def _run(warehouse: Warehouse, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    text, names = number_text(sql)
    with warehouse.reader() as cursor:
        cursor.execute(text, [params[name] for name in names])
        titles = [item[0] for item in cursor.description or ()]
        return [dict(zip(titles, row, strict=True)) for row in cursor.fetchall()]


def _result(
    warehouse: Warehouse, rows: list[dict[str, Any]], dimensions: tuple[str, ...], period: Period, seconds: float
) -> Result:
    return Result(
        metrics=(*_UNITS, *_COUNTS),
        dimensions=dimensions,
        grain=None,
        period=period,
        compare=None,
        rows=rows,
        as_of=None,
        complete_through=None,
        units=_UNITS | _COUNTS,
        sql="",
        seconds=seconds,
        notes={},
        data_version=warehouse.data_version,
    )
