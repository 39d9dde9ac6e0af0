"""What a young number will come to: how the past arrived tells how much of the present is still to come.

Two things arrive late. Sales, because sources tell them late: the share known so long after a day is taken from the
vintages (`warehouse/vintage.py`). Refunds, because buyers ask for them days after they paid: what is still to come per
yuan of sales is taken from the refunds' own dates. In both the asked period is moved back day by day, with the moment
of knowing, onto periods whose end is known. Sales develop by a factor, the sum of final values over the sum of what was
known so early (chain ladder: Mack, "Distribution-free calculation of the standard error of chain ladder reserve
estimates", ASTIN Bulletin 23, 1993); refunds by an addition in proportion to sales (the additive method: Schmidt,
"Methods and Models of Loss Reserving Based on Run-Off Triangles", CAS Forum, 2006), which says something even on the
first day, when none has come yet. The band is between empirical quantiles of the past cases; the error of the back test
is the median of what the same reckoning, knowing only what had ended by then, missed the final values by.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from config import now
from metrics.types import Expected, Period, Query

if TYPE_CHECKING:
    from warehouse import Warehouse

Numbers = NDArray[np.float64]
Filters = Mapping[str, tuple[Any, ...]]

FILTERS = frozenset({"platform", "shop", "category"})
LEARNT = ("gmv", "orders", "refund_rate_cohort")
"""Metrics that get an expected value."""

BAND = (0.1, 0.9)
CASES, FEWEST, FEWEST_BEFORE = 56, 10, 5  # past periods looked at, needed, and needed for one case of the back test
ROWS = 50  # sources told of at once
LONGEST = 92  # days: of longer periods hardly anything is young
_SETTLED = 0.995  # of its final value known: a day is old
_LONGEST_DELAY = {"sales": 30, "refunds": 60}  # days after which nothing more is waited for
_TOLD = 0.002  # a number this near to its final value is not young
_JITTER, _HOUR = timedelta(hours=3), timedelta(hours=1)


@dataclass(frozen=True)
class _Case:
    """One past period: what was known so early, what it came to, and what its development is in proportion to."""

    back: int  # days before the asked one
    known: float
    final: float
    size: float


def expected(
    warehouse: Warehouse, metrics: tuple[str, ...], period: Period, filters: Filters, moment: datetime
) -> dict[str, Expected]:
    """Per metric of `LEARNT` the final value of `period` to be expected at `moment`; old and unlearnt ones are absent.

    `filters` may hold `FILTERS` only; with others nothing is said.
    """
    days = _days(period)
    if not days or not set(filters) <= FILTERS:
        return {}
    found: dict[str, Expected | None] = {}
    if "refund_rate_cohort" in metrics:
        found["refund_rate_cohort"] = _refunds(warehouse, days, filters, moment)
    for name, column in (("gmv", "paid_amount"), ("orders", "order_count")):
        if name in metrics and not (name == "orders" and "category" in filters):
            found[name] = _sales(warehouse, column, days, filters, moment)
    return {name: one for name, one in found.items() if one is not None}


def by_row(
    warehouse: Warehouse, asked: Query, period: Period, filters: Filters, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Expected]]:
    """What the young numbers of each row will come to: of the whole or, by platform and shop, of each source from its
    own past; of an earlier moment and other cuts nothing is said."""
    if asked.grain or asked.as_known is not None or not set(asked.dimensions) <= {"platform", "shop"}:
        return []
    found = []
    for row in rows[:ROWS]:
        own = {**filters, **{name: (row[name],) for name in asked.dimensions}}
        told = expected(warehouse, asked.metrics, period, own, now(warehouse.settings))
        found.append({name: one.at_least(row.get(name)) for name, one in told.items()})
    return found


def _days(period: Period) -> list[date]:
    first, last = period.start.date(), (period.end - timedelta(microseconds=1)).date()
    length = (last - first).days + 1
    if length > LONGEST or period.start.time() != time.min or period.end.time() != time.min:
        return []
    return [first + timedelta(days=number) for number in range(length)]


def _where(filters: Filters) -> tuple[str, list[Any]]:
    tests, values = ["true"], []
    for name, wanted in filters.items():
        some = [value for value in wanted if value is not None]
        either = [f"{name} IS NULL"] if None in wanted else []
        either += [f"{name} IN ({', '.join('?' for _ in some)})"] if some else []
        tests.append(f"({' OR '.join(either) or 'false'})")
        values += some
    return " AND ".join(tests), values


# Developing -----------------------------------------------------------------------------------------------------------


def _develop(cases: list[_Case], known: float, size: float, wait: int, by_factor: bool) -> Expected | None:
    """The final value from what is known, by the cases; None without enough of them, or where nothing is to come.

    `wait`: days until a case's end is known, so that the back test learns from what had ended then.
    """
    if len(cases) < FEWEST or (by_factor and known <= 0) or size <= 0:
        return None
    back = np.array([case.back for case in cases])
    early, final, sizes = (np.array([getattr(case, name) for case in cases]) for name in ("known", "final", "size"))
    base = early if by_factor else sizes

    def total(rows: NDArray[np.bool_]) -> float:
        return float((final - early)[rows].sum() / base[rows].sum())

    step = known if by_factor else size
    low, high = (known + step * float(rest) for rest in np.quantile((final - early) / base, BAND))
    value = known + step * total(np.ones(len(cases), dtype=bool))
    if abs(value - known) <= _TOLD * abs(value):
        return None
    errors = []
    for number in range(len(cases)):
        before = back >= back[number] + wait
        if before.sum() >= FEWEST_BEFORE and final[number] > 0:
            told = early[number] + base[number] * total(before)
            errors.append(abs(told / final[number] - 1))
    error = float(np.median(errors)) if errors else None
    return Expected(known, value, min(low, value), max(high, value), error, len(errors), len(cases))


# Sales: known late ----------------------------------------------------------------------------------------------------


def _sales(warehouse: Warehouse, column: str, days: list[date], filters: Filters, moment: datetime) -> Expected | None:
    loads = _loads(warehouse, filters, moment)
    if len(loads) < FEWEST:
        return None
    pulled = _gap(loads) < _HOUR
    if pulled:  # of pulls every few minutes the vintages keep what was known at full hours
        loads = sorted({one.replace(minute=0, second=0, microsecond=0) for one in loads})
        if len(loads) < FEWEST:  # a shop whose pulls began hours ago
            return None
    last = loads[-1]
    days = [day for day in days if day <= last.date()]  # what has not happened is no matter of arrival
    if not days:
        return None
    known = _Arrivals.read(warehouse, column, days[0] - timedelta(days=2 * CASES), days[-1], filters, moment)
    wait = known.delay(last, loads[0])
    near = min(_JITTER, max(timedelta(minutes=2), _gap(loads) / 2))
    cases = []
    oldest = max(0, (days[-1] + timedelta(days=1 + wait) - last.date()).days)
    for back in range(max(1, oldest), oldest + CASES):
        at = last - timedelta(days=back)
        place = bisect_right(loads, at + near) - 1
        if place < 0 or loads[place] < at - near:
            continue
        moved = [day - timedelta(days=back) for day in days]
        case = _Case(back, known.value(moved, loads[place]), known.value(moved, None), 1.0)
        if case.known > 0 and case.final > 0:
            cases.append(case)
    return _develop(cases, known.value(days, last if pulled else None), 1.0, max(1, oldest), by_factor=True)


def _loads(warehouse: Warehouse, filters: Filters, moment: datetime) -> list[datetime]:
    """When sales were loaded lately, whatever it brought."""
    where, values = _where({name: wanted for name, wanted in filters.items() if name != "category"})
    with warehouse.reader() as cursor:
        rows = cursor.execute(
            "SELECT DISTINCT loaded_at FROM load_batch WHERE kind IN"
            f" (SELECT kind FROM kind_fact WHERE fact = 'order_line') AND loaded_at <= ?"
            f" AND loaded_at > ? AND {where} ORDER BY 1",
            [moment, moment - timedelta(days=2 * CASES), *values],
        ).fetchall()
    return [row[0] for row in rows]


def _gap(loads: list[datetime]) -> timedelta:
    gaps = np.diff(np.array(loads, dtype="datetime64[us]")).astype("timedelta64[s]").astype(float)
    return timedelta(seconds=float(np.median(gaps[-CASES:])))


@dataclass(frozen=True)
class _Arrivals:
    """Per day when which differences became known, in order, as running sums."""

    known: dict[date, tuple[NDArray[np.datetime64], Numbers]]

    @classmethod
    def read(
        cls, warehouse: Warehouse, column: str, first: date, last: date, filters: Filters, moment: datetime
    ) -> _Arrivals:
        where, values = _where(filters)
        table = "vintage_sales_category" if "category" in filters else "vintage_sales"
        with warehouse.reader() as cursor:
            rows = cursor.execute(
                f"SELECT day, known_at, CAST(sum({column}) AS DOUBLE) FROM {table}"
                f" WHERE day >= ? AND day <= ? AND known_at <= ? AND {where} GROUP BY ALL ORDER BY ALL",
                [first, last, moment, *values],
            ).fetchall()
        found: dict[date, list[tuple[datetime, float]]] = {}
        for day, at, value in rows:
            found.setdefault(day, []).append((at, value))
        return cls(
            {
                day: (np.array([at for at, _ in one], dtype="datetime64[us]"), np.cumsum([value for _, value in one]))
                for day, one in found.items()
            }
        )

    def value(self, days: list[date], at: datetime | None) -> float:
        """What these days added up to as known at a moment, or by now."""
        total = 0.0
        for day in days:
            if day in self.known:
                times, sums = self.known[day]
                place = len(sums) if at is None else int(np.searchsorted(times, np.datetime64(at), side="right"))
                total += float(sums[place - 1]) if place else 0.0
        return total

    def delay(self, last: datetime, first: datetime) -> int:
        """Days after which a day is settled, learnt from days that were loaded as they went by."""
        longest = _LONGEST_DELAY["sales"]
        finals, shares = 0.0, np.zeros(longest + 1)
        for day, (times, sums) in self.known.items():
            start = datetime.combine(day, time.min)
            if start < first or start + timedelta(days=longest) > last:
                continue
            places = np.searchsorted(
                times, np.array([start + timedelta(days=n + 1) for n in range(longest + 1)], dtype="datetime64[us]")
            )
            shares += np.where(places > 0, sums[np.maximum(places - 1, 0)], 0.0)
            finals += float(sums[-1])
        settled = np.flatnonzero(shares >= _SETTLED * finals) if finals > 0 else np.array([7])
        return int(settled[0]) if len(settled) else longest


# Refunds: asked for late ----------------------------------------------------------------------------------------------


def _refunds(warehouse: Warehouse, days: list[date], filters: Filters, moment: datetime) -> Expected | None:
    longest = _LONGEST_DELAY["refunds"]
    first = days[0] - timedelta(days=2 * longest + CASES)
    sold, amounts, last = _triangle(warehouse, first, days[-1], filters, moment)
    if last is None:
        return None
    days = [day for day in days if day <= last]
    if not days:
        return None
    place = np.array([(day - first).days for day in days])
    ages = np.array([(last - day).days for day in days])
    wait = _refund_delay(amounts, sold, (last - first).days)
    known_by = np.minimum(ages, wait)
    sums = np.cumsum(amounts[:, : wait + 1], axis=1)
    cases = []
    begun = np.flatnonzero(sold)
    oldest = max(1, wait - int(ages.min()))
    for back in range(oldest, oldest + CASES):
        rows = place - back
        if not len(begun) or rows.min() < begun[0]:
            break
        size = float(sold[rows].sum())
        if size > 0:
            cases.append(_Case(back, float(sums[rows, known_by].sum()), float(sums[rows, wait].sum()), size))
    size, known = float(sold[place].sum()), float(sums[place, known_by].sum())
    if ages.min() >= wait:
        return None
    told = _develop(cases, known, size, oldest, by_factor=False)
    return None if told is None else told.per(size)


def _triangle(
    warehouse: Warehouse, first: date, last_day: date, filters: Filters, moment: datetime
) -> tuple[Numbers, Numbers, date | None]:
    """(sales by day from `first` on, refunds by that day and the days until they succeeded, last day told in full)."""
    where, values = _where(filters)
    longest = _LONGEST_DELAY["refunds"]
    table = "sales_by_channel" if "category" in filters else "sales_by_province"
    with warehouse.reader() as cursor:
        sales = cursor.execute(
            f"SELECT day, CAST(sum(paid_amount) AS DOUBLE) FROM {table} WHERE day >= ? AND day <= ? AND {where}"
            " GROUP BY day",
            [first, last_day, *values],
        ).fetchall()
        refunds = cursor.execute(
            "SELECT order_paid_at::DATE, date_diff('day', order_paid_at::DATE, success_at::DATE),"
            " CAST(sum(amount) AS DOUBLE) FROM refund WHERE status = 'success' AND order_paid_at >= ?"
            f" AND order_paid_at::DATE <= ? AND success_at <= ? AND {where} GROUP BY ALL",
            [first, last_day, moment, *values],
        ).fetchall()
        newest = cursor.execute("SELECT max(success_at) FROM refund WHERE success_at <= ?", [moment]).fetchone()
    sold = np.zeros((last_day - first).days + 1)
    amounts = np.zeros((len(sold), longest + 1))
    for day, value in sales:
        sold[(day - first).days] = value or 0.0
    for day, lag, value in refunds:
        if 0 <= lag <= longest:
            amounts[(day - first).days, lag] += value or 0.0
    told = newest[0] if newest else None
    return sold, amounts, None if told is None else told.date() - timedelta(days=1)


def _refund_delay(amounts: Numbers, sold: Numbers, last: int) -> int:
    """Days after payment by which all but a few refunds have come, learnt from days old enough to know."""
    longest = amounts.shape[1] - 1
    begun = np.flatnonzero(sold)
    old = amounts[: max(0, last - longest)]
    if not len(begun) or last - longest - int(begun[0]) < FEWEST or old.sum() <= 0:
        return longest // 2
    shares = np.cumsum(old.sum(axis=0)) / old.sum()
    return int(np.flatnonzero(shares >= _SETTLED)[0])
