"""Every order that money went back for, beside what was paid for it, kept at load for the orders a batch touched.

A case is an order with all its successful refunds, or a refund that names no order. Its `day` is that of the order's
payment, where it is known, else of the refund. `left` is what the sale accounts for, `right` what was given back.
Orders of tests are no cases. A touched case is deleted and made again from the facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb

from warehouse.days import around, in_days
from warehouse.model import Touched

Connection = duckdb.DuckDBPyConnection

REFUND_CASE = "refund_case"
REFUNDED = "status = 'success' AND (kind IS DISTINCT FROM 'exchange' OR amount > 0)"
CENT = "0.005"
_REF = "coalesce(order_id, refund_id)"
_COUNTED = f"{REFUNDED} AND success_at IS NOT NULL"


def refresh(connection: Connection, touched: Touched) -> None:
    """Make the cases again that the touched days may have changed."""
    refunded = touched.of("refund", "success_at")
    paid = touched.of("order_line", "paid_at") | touched.of("refund", "order_paid_at")
    if not refunded | paid or not connection.execute("SELECT 1 FROM refund LIMIT 1").fetchone():
        if refunded:
            connection.execute(f"DELETE FROM {REFUND_CASE}")
        return
    # lines of one order may be paid over midnight, and a case may lie on the day of any of them
    near = around(paid)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE moved_case AS
        SELECT platform, shop, {_REF} AS ref FROM refund
        WHERE {in_days("success_at", refunded)} OR {in_days("order_paid_at", near)}
        UNION SELECT platform, shop, ref FROM {REFUND_CASE} WHERE {in_days("day", near | around(refunded))}""")
    connection.execute(
        f"DELETE FROM {REFUND_CASE} WHERE (platform, shop, ref) IN (SELECT (platform, shop, ref) FROM moved_case)"
    )
    _make(connection, "SEMI JOIN moved_case USING (platform, shop, ref)")
    connection.execute("DROP TABLE moved_case")


def seed(connection: Connection) -> None:
    """Fill the table of a warehouse loaded before it was kept. Does nothing where it is filled."""
    if not connection.execute(f"SELECT 1 FROM {REFUND_CASE} LIMIT 1").fetchone():
        _make(connection, "")


def _make(connection: Connection, which: str) -> None:
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE money_back AS
        SELECT *, row_number() OVER () AS n
        FROM (SELECT platform, shop, order_id, ref, coalesce(sum(amount), 0) AS amount,
                     min(order_paid_at) AS paid_at, min(success_at) AS success_at
              FROM (SELECT *, {_REF} AS ref FROM refund WHERE {_COUNTED}) {which} GROUP BY ALL)""")
    days = connection.execute("SELECT DISTINCT coalesce(paid_at, success_at)::DATE FROM money_back").fetchall()
    if days:
        connection.execute(f"INSERT INTO {REFUND_CASE} {_cases(row[0] for row in days)}")
    connection.execute("DROP TABLE money_back")


def _cases(days: Iterable[date]) -> str:
    """SQL: the cases of `money_back`, whose orders were paid around these days."""
    return f"""
        WITH paid AS (
            SELECT b.n, min(l.paid_at) AS paid_at, coalesce(sum(l.paid_amount), 0) AS paid,
                   coalesce(sum(l.freight_amount), 0) AS freight
            FROM order_line l JOIN money_back b USING (platform, shop, order_id)
            WHERE NOT l.is_test AND {in_days("l.paid_at", around(days))}
            GROUP BY b.n),
        tested AS (SELECT DISTINCT platform, shop, order_id AS ref FROM order_line WHERE is_test),
        both_sides AS (
            SELECT b.platform, b.shop, b.ref, coalesce(p.paid_at, b.paid_at, b.success_at) AS moment, b.amount,
                   coalesce(p.paid, 0) AS paid, coalesce(p.freight, 0) AS freight, p.n IS NOT NULL AS known
            FROM money_back b LEFT JOIN paid p USING (n)
            ANTI JOIN tested t ON t.platform = b.platform AND t.shop = b.shop AND t.ref = b.ref)
        SELECT platform, shop, moment::DATE AS day, ref, least(paid, amount), amount, known::INT, 1,
               CASE WHEN amount - paid <= {CENT} AND known THEN NULL WHEN NOT known THEN 'missing_file'
                    WHEN freight > 0 AND amount - paid <= freight + {CENT} THEN 'freight' ELSE 'unknown' END
        FROM both_sides ORDER BY day"""
