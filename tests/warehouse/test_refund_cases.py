"""Cases of refunds kept at load: what plain SQL finds order by order, after any change of orders and refunds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from config import Settings
from warehouse import Touched, Warehouse, refund_cases, rollup
from warehouse.engine import table_of

START = datetime(2024, 1, 29)
_LINES = f"""
INSERT INTO order_line BY NAME
SELECT ['jd', 'own'][(1 + hash(o, 1) % 2)::INT] AS platform, 'a' AS shop, 'o' || o AS order_id, 'l' || i AS line_id,
       (hash(i, 2) % 9000 / 100)::DECIMAL(18,2) AS paid_amount,
       CASE WHEN hash(i, 3) % 3 = 0 THEN 5 END AS freight_amount,
       CASE WHEN hash(o, 4) % 9 > 0 THEN TIMESTAMP '{START}' + to_hours((hash(o, 5) % 900)::INT)
              + to_minutes((i % 2)::INT * 50) END AS paid_at,  -- some over midnight
       'paid' AS status, i = o AS is_head, hash(o, 6) % 20 = 0 AS is_test, TIMESTAMP '{START}' AS version,
       1 AS batch_id, i AS source_row
FROM (SELECT i, i - i % 2 AS o FROM range(400) AS t(i))
"""
_REFUNDS = f"""
INSERT INTO refund BY NAME
SELECT ['jd', 'own'][(1 + hash(o, 1) % 2)::INT] AS platform, 'a' AS shop, 'r' || i AS refund_id,
       CASE WHEN hash(i, 7) % 8 > 0 THEN 'o' || (o + hash(o, 8) % 60 // 58 * 1000) END AS order_id,
       CASE WHEN hash(i, 9) % 9 = 0 THEN 'exchange' ELSE 'return' END AS kind,
       CASE WHEN hash(i, 10) % 5 = 0 THEN 'refused' ELSE 'success' END AS status,
       (hash(i, 11) % 9000 / 90)::DECIMAL(18,2) AS amount,
       TIMESTAMP '{START}' + to_hours((hash(i, 12) % 1200)::INT) AS success_at, TIMESTAMP '{START}' AS version,
       1 AS batch_id, i AS source_row
FROM (SELECT i, i // 2 * 4 AS o FROM range(150) AS t(i))
"""
_FILL = """
UPDATE refund SET order_paid_at = (
    SELECT paid_at FROM order_line l
    WHERE l.is_head AND (l.platform, l.shop, l.order_id) = (refund.platform, refund.shop, refund.order_id))
"""
_PLAIN = """
SELECT platform, shop, coalesce(l.day, r.day) AS day, ref, least(coalesce(paid, 0), amount) AS left_amount,
       amount AS right_amount, (l.day IS NOT NULL)::INT AS left_count, 1 AS right_count,
       CASE WHEN l.day IS NULL THEN 'missing_file' WHEN amount - paid <= 0.005 THEN NULL
            WHEN freight > 0 AND amount - paid <= freight + 0.005 THEN 'freight' ELSE 'unknown' END AS reason
FROM (SELECT platform, shop, coalesce(order_id, refund_id) AS ref, order_id, coalesce(sum(amount), 0) AS amount,
             coalesce(min(order_paid_at), min(success_at))::DATE AS day
      FROM refund WHERE status = 'success' AND (kind <> 'exchange' OR amount > 0) GROUP BY ALL) r
LEFT JOIN (SELECT platform, shop, order_id, min(paid_at)::DATE AS day, sum(paid_amount) AS paid,
                  coalesce(sum(freight_amount), 0) AS freight
           FROM order_line WHERE paid_at IS NOT NULL AND NOT is_test GROUP BY ALL) l USING (platform, shop, order_id)
WHERE (platform, shop, ref) NOT IN (SELECT (platform, shop, order_id) FROM order_line WHERE is_test)
ORDER BY ALL
"""
_CHANGES = (
    "UPDATE order_line SET paid_amount = 1 WHERE hash(order_id, 1) % 7 = 0",
    "UPDATE order_line SET is_test = NOT is_test WHERE hash(order_id, 2) % 7 = 0",
    "UPDATE order_line SET paid_at = paid_at - INTERVAL 5 DAY WHERE hash(order_id, 3) % 7 = 0",
    "UPDATE refund SET status = CASE status WHEN 'success' THEN 'closed' ELSE 'success' END "
    "WHERE hash(refund_id, 4) % 7 = 0",
    "UPDATE refund SET success_at = success_at + INTERVAL 20 DAY, amount = 3 WHERE hash(refund_id, 5) % 7 = 0",
    "DELETE FROM refund WHERE hash(refund_id, 6) % 7 = 0",
    "DELETE FROM order_line WHERE hash(order_id, 7) % 7 = 0",
    "DELETE FROM refund",
)


def _changed(connection: Any, change: Callable[[], object]) -> Touched:
    """Run `change`; the days of whatever it altered, as a load notes them."""
    touched = Touched()
    times = {"order_line": ("paid_at",), "refund": ("success_at", "order_paid_at")}
    before = {fact: table_of(connection, f"SELECT * FROM {fact}").to_pylist() for fact in times}
    change()
    for fact, columns in times.items():
        after = table_of(connection, f"SELECT * FROM {fact}").to_pylist()
        for rows, others in ((before[fact], after), (after, before[fact])):
            for row in (one for one in rows if one not in others):
                for column in columns:
                    touched.add(fact, column, [row[column] and row[column].date()])
    return touched


def _kept(connection: Any) -> list[Any]:
    found: list[Any] = connection.execute(f"SELECT * FROM {refund_cases.REFUND_CASE} ORDER BY ALL").fetchall()
    return found


def test_cases_are_what_plain_sql_finds_after_every_change(tmp_path: Path) -> None:
    with Warehouse.open(replace(Settings(), home=tmp_path / "home")) as opened:
        opened.write(lambda c: [c.execute(sql).fetchall() for sql in (_LINES, _REFUNDS, _FILL)] and rollup.rebuild(c))

        def work(connection: Any) -> None:
            order = "SELECT platform, shop, day, ref, left_amount, right_amount, left_count, right_count, reason"
            for change in ("SELECT 1", *_CHANGES):
                touched = _changed(connection, lambda change=change: _apply(connection, change))  # type: ignore[misc]
                rollup.refresh(connection, touched)
                plain = connection.execute(_PLAIN).fetchall()
                kept = connection.execute(f"{order} FROM {refund_cases.REFUND_CASE} ORDER BY ALL").fetchall()
                assert kept == plain, change
                assert bool(kept) == (change != "DELETE FROM refund")
                before = _kept(connection)
                rollup.rebuild(connection)
                assert _kept(connection) == before

        opened.write(work)


def _apply(connection: Any, change: str) -> None:
    connection.execute(change).fetchall()
    connection.execute(_FILL).fetchall()


def test_a_warehouse_from_before_is_filled_when_it_opens(tmp_path: Path) -> None:
    asked = replace(Settings(), home=tmp_path / "home")
    with Warehouse.open(asked) as opened:
        opened.write(lambda c: [c.execute(sql).fetchall() for sql in (_LINES, _REFUNDS, _FILL)] and rollup.rebuild(c))
        kept = opened.write(lambda c: {name: _content(c, name) for name in rollup.KEPT})
        late = ("buyer_channel", "sku_day", "sales_by_product", refund_cases.REFUND_CASE)
        assert all(kept[name] for name in late)
        opened.write(lambda c: [c.execute(f"DELETE FROM {name}") for name in late])
    with Warehouse.open(asked) as opened:
        assert kept == opened.write(lambda c: {name: _content(c, name) for name in rollup.KEPT})


def _content(connection: Any, table: str) -> list[str]:
    return sorted(map(str, connection.execute(f"SELECT * FROM {table}").fetchall()))
