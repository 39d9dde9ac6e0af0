"""The eight questions: `metrics.query` against the same SQL written by hand on one flat table.

    uv run python bench/questions.py [--sizes 1 10 20] [--repeat 5]

The data are made by SQL: two years, 4 platforms, 5 channels, 40 categories, 5,000 SKUs, 31 provinces, 3 million buyers,
about 7 % of the lines refunded, in time order as a shop's life brings them. The same rows go into the canonical tables
(with their rollups) and into one flat table. The engine's cache is off and everything is warm; each question is asked
`--repeat` times through both, and the median counts. Both must give the same numbers.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
import metrics
from config import Settings
from metrics import Period, Query, Scope
from metrics import cache as answers
from warehouse import Warehouse, rollup

START = datetime(2024, 11, 1)
DAYS = 731
NOW = START + timedelta(days=DAYS - 1, hours=15)  # the middle of the last day
ALL = Scope.everything()

_LINES = f"""
INSERT INTO order_line BY NAME
SELECT ['douyin', 'tmall', 'jd', 'pdd'][(1 + hash(o, 1) % 4)::INT] AS platform, '旗舰店' AS shop,
       printf('%012d', o) AS order_id, printf('%012d', i) AS line_id,
       printf('P%05d', s // 2) AS product_id, printf('S%05d', s) AS sku_id,
       printf('类目%02d', s % 40) AS category,
       ['live', 'video', 'card', 'search', 'ad'][(1 + hash(o, 2) % 5)::INT] AS channel,
       printf('省%02d', hash(b, 3) % 31) AS province, b AS buyer,
       (1 + hash(i, 4) % 3)::BIGINT AS quantity, (100 + s % 300)::DECIMAL(18,2) AS list_amount,
       ((80 + s % 300) * 0.95)::DECIMAL(18,2) AS payable_amount, ((80 + s % 300) * 0.95)::DECIMAL(18,2) AS paid_amount,
       (30 + s % 100)::DECIMAL(18,4) AS unit_cost,
       CASE WHEN moment + INTERVAL 1 DAY < TIMESTAMP '{NOW}' THEN 'finished' ELSE 'paid' END AS status,
       moment AS created_at, moment + INTERVAL 20 SECOND AS paid_at, moment + INTERVAL 2 DAY AS promised_ship_at,
       CASE WHEN moment + INTERVAL 1 DAY < TIMESTAMP '{NOW}' THEN moment + INTERVAL 1 DAY END AS shipped_at,
       i % 4 <> 3 AS is_head, false AS is_test, false AS time_estimated,
       moment AS version, 1 AS batch_id, i AS source_row
FROM (SELECT i, i - (i % 4 = 3)::INT AS o, (hash(i, 5) % 5000)::BIGINT AS s, hash(i - (i % 4 = 3)::INT,
       6) % 3000000 AS b,
             ?::TIMESTAMP + to_microseconds(((i - (i % 4 = 3)::INT) * ?)::BIGINT) AS moment FROM range(?, ?) AS t(i))
"""
_REFUNDS = """
INSERT INTO refund BY NAME
SELECT platform, shop, 'R' || line_id AS refund_id, order_id, line_id, 'return' AS kind, 'success' AS status,
       paid_amount AS amount, quantity, true AS goods_returned, false AS before_ship,
       paid_at + INTERVAL 2 DAY AS applied_at, paid_at + INTERVAL 3 DAY AS success_at, false AS estimated,
       product_id, sku_id, category, channel, province, buyer, unit_cost, paid_at AS order_paid_at,
       version, batch_id, source_row
FROM order_line WHERE hash(source_row, 7) % 100 < 7 AND paid_at + INTERVAL 3 DAY < ? ORDER BY success_at
"""
_FLAT = """
CREATE TABLE flat AS
SELECT l.platform, l.shop, l.order_id, l.line_id, l.product_id, l.sku_id, l.category, l.channel, l.province, l.buyer,
       l.quantity, l.list_amount, l.paid_amount, l.unit_cost, l.status, l.created_at, l.paid_at, l.is_head,
       r.amount AS refund_amount, r.success_at AS refunded_at
FROM order_line AS l LEFT JOIN refund AS r ON r.line_id = l.line_id ORDER BY l.source_row
"""


def build(warehouse: Warehouse, lines: int) -> None:
    """Fill the canonical tables, the rollups and the flat table."""
    seconds = (NOW - START).total_seconds() / lines
    step = 2_000_000
    for first in range(0, lines, step):
        warehouse.write(
            lambda c, a=first: c.execute(_LINES, [START, seconds * 1e6, a, min(a + step, lines)]).fetchall()
        )
    warehouse.write(lambda c: c.execute(_REFUNDS, [NOW]).fetchall())
    warehouse.write(rollup.rebuild)
    warehouse.write(lambda c: c.execute(_FLAT).fetchall())
    warehouse.write(lambda c: c.execute("UPDATE meta SET value = '1' WHERE name = 'data_version'").fetchall())
    with warehouse.reader() as cursor:
        cursor.execute("CHECKPOINT warehouse").fetchall()


def day(back: int) -> datetime:
    """Midnight so many days before today."""
    return datetime.combine(NOW.date(), datetime.min.time()) - timedelta(days=back)


def last(days: int) -> Period:
    """The last so many days, today included."""
    return Period(day(days - 1), day(-1))


def between(period: Period, column: str = "paid_at") -> str:
    return f"{column} >= TIMESTAMP '{period.start}' AND {column} < TIMESTAMP '{period.end}'"


def questions(newest: datetime) -> dict[str, tuple[list[Query], list[str]]]:
    """Name → (questions for the engine, SQL by hand on the flat table); comparisons are cut after the newest event."""
    today, week, month, quarter = last(1), last(7), last(30), last(90)
    year = last(365)
    until = newest + timedelta(microseconds=1)
    sides = [
        Period(day(0), until),
        Period(day(1), until - timedelta(days=1)),
        Period(day(365), until.replace(year=until.year - 1)),
    ]
    so_far = ", ".join(f"sum(paid_amount) FILTER (WHERE {between(side)})::DOUBLE" for side in sides)
    some = " OR ".join(f"({between(side)})" for side in sides)
    return {
        "today's GMV by minute": (
            [Query(("gmv",), grain="minute", period=today)],
            [
                f"SELECT date_trunc('minute', paid_at), sum(paid_amount)::DOUBLE FROM flat "
                f"WHERE {between(today)} GROUP BY 1 ORDER BY 1"
            ],
        ),
        "today so far, yesterday, last year": (
            [Query(("gmv",), period=today, compare="yesterday"), Query(("gmv",), period=today, compare="last_year")],
            [f"SELECT {so_far} FROM flat WHERE {some}"],
        ),
        "30 days by day and platform": (
            [Query(("gmv", "orders"), ("platform",), grain="day", period=month)],
            [
                f"SELECT paid_at::DATE, platform, "
                f"sum(paid_amount)::DOUBLE, count(DISTINCT order_id) FROM flat WHERE {between(month)} "
                "GROUP BY 1, 2 ORDER BY 1, 2"
            ],
        ),
        "category × channel, 7 days": (
            [Query(("gmv", "items"), ("category", "channel"), period=week)],
            [
                f"SELECT category, channel, sum(paid_amount)::DOUBLE, sum(quantity)::BIGINT "
                f"FROM flat WHERE {between(week)} "
                "GROUP BY 1, 2 ORDER BY 1, 2"
            ],
        ),
        "top 20 SKUs with refund rate, 7 days": (
            [Query(("gmv", "refund_amount", "refund_rate"), ("sku",), period=week, order="-gmv", limit=20)],
            [
                f"""SELECT sku_id, g::DOUBLE, r::DOUBLE, r::DOUBLE / nullif(g, 0) FROM (
                 SELECT sku_id, coalesce(sum(paid_amount) FILTER (WHERE {between(week)}), 0) AS g,
                        coalesce(sum(refund_amount) FILTER (WHERE {between(week, "refunded_at")}), 0) AS r
                 FROM flat WHERE ({between(week)}) OR ({between(week, "refunded_at")}) GROUP BY 1)
                 ORDER BY g DESC, sku_id LIMIT 20"""
            ],
        ),
        "provinces, 30 days": (
            [Query(("gmv", "orders"), ("province",), period=month)],
            [
                f"SELECT province, sum(paid_amount)::DOUBLE, count(DISTINCT order_id) "
                f"FROM flat WHERE {between(month)} GROUP BY 1 ORDER BY 1"
            ],
        ),
        "buyers and repeat rate, 90 days": (
            [Query(("buyers", "repeat_rate"), period=quarter)],
            [
                f"""SELECT count(*), (count(*) FILTER (WHERE n >= 2))::DOUBLE / count(*) FROM (
                 SELECT buyer, count(DISTINCT order_id) AS n FROM flat WHERE {between(quarter)} GROUP BY 1)"""
            ],
        ),
        "one SKU by day, a year": (
            [Query(("gmv", "items"), grain="day", period=year, filters={"sku": ("S01234",)})],
            [
                f"SELECT paid_at::DATE, sum(paid_amount)::DOUBLE, sum(quantity)::BIGINT "
                f"FROM flat WHERE sku_id = 'S01234' AND {between(year)} "
                "GROUP BY 1 ORDER BY 1"
            ],
        ),
    }


def numbers(rows: list[tuple[Any, ...]]) -> list[list[float]]:
    """Only the numbers of the rows, for comparison."""
    return [[float(value) for value in row if isinstance(value, (int, float))] for row in rows]


def same(name: str, ours: list[list[float]], hand: list[list[float]]) -> None:
    """Both roads give equal numbers, or the bench stops."""
    if "last year" in name:
        ours = [[ours[0][0], ours[0][1], ours[1][1]]]
    assert len(ours) == len(hand), f"{name}: {len(ours)} rows against {len(hand)}"
    for mine, theirs in zip(ours, hand, strict=True):
        assert len(mine) == len(theirs), f"{name}: {mine} against {theirs}"
        assert all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6) for a, b in zip(mine, theirs, strict=True)), (
            f"{name}: {mine} against {theirs}"
        )


def timed(run: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """(median milliseconds after two warm-ups, value)."""
    run()
    value = run()
    spent = []
    for _ in range(repeat):
        start = time.perf_counter()
        value = run()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent), value


def ask(warehouse: Warehouse, asked: list[Query]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for item in asked for row in metrics.query(warehouse, item, ALL).rows]


def by_hand(warehouse: Warehouse, statements: list[str]) -> list[tuple[Any, ...]]:
    with warehouse.reader() as cursor:
        return [row for sql in statements for row in cursor.execute(sql).fetchall()]


def bench(lines: int, repeat: int, home: Path) -> tuple[float, float]:
    """Build, ask and print one size; (total by the engine, total by hand) in ms."""
    settings = replace(Settings(), home=home, memory_limit="4GB")
    warehouse = Warehouse.open(settings)
    try:
        start = time.perf_counter()
        build(warehouse, lines)
        print(f"\n{lines / 1e6:.0f} M order lines (built in {time.perf_counter() - start:.0f} s)")
        print(f"{'question':40} {'query ms':>9} {'by hand':>9} {'ratio':>6}")
        ours_total = hand_total = 0.0
        newest = by_hand(warehouse, ["SELECT max(paid_at) FROM flat"])[0][0]
        for name, (asked, statements) in questions(newest).items():
            ours, rows = timed(lambda asked=asked: ask(warehouse, asked), repeat)
            hand, expected = timed(lambda sql=statements: by_hand(warehouse, sql), repeat)
            same(name, numbers(rows), numbers(expected))
            print(f"{name:40} {ours:9.1f} {hand:9.1f} {ours / hand:6.2f}")
            ours_total, hand_total = ours_total + ours, hand_total + hand
        print(f"{'together':40} {ours_total:9.1f} {hand_total:9.1f} {ours_total / hand_total:6.2f}")
        return ours_total, hand_total
    finally:
        warehouse.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 20], help="million order lines")
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    config.freeze(NOW)
    answers.enable(False)
    totals: dict[int, tuple[float, float]] = {}
    for size in arguments.sizes:
        home = Path(tempfile.mkdtemp(prefix="cockpit-bench-"))
        try:
            totals[size] = bench(size * 1_000_000, arguments.repeat, home)
        finally:
            shutil.rmtree(home, ignore_errors=True)
    small, large = min(totals), max(totals)
    print(f"\nratio to the hand-written SQL at {large} M lines: {totals[large][0] / totals[large][1]:.2f} (goal ≤ 0.5)")
    if small != large:
        print(f"growth from {small} to {large} M lines: {totals[large][0] / totals[small][0]:.2f}× (goal < 3×)")


if __name__ == "__main__":
    main()
