"""Order totals: amounts that an export repeats on every line of an order, shared out over the lines to the cent.

Exports differ and do not say: the same column holds the line's amount in one shop's file and the order's in another's.
So the lines themselves decide, order by order. Values that differ are line amounts. Values that are all equal are the
order's total when one of them is nearer to the sum of the lines' weights than all of them together are; then every
repeated amount of that order (freight too) is shared out by weight, largest remainder first, so that sums are exact.
Lines of an order that came in earlier batches take part: what is stored of them is the share, unless they stood alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from warehouse.engine import Connection
from warehouse.model import FACTS, Touched
from warehouse.parse import name

_ORDER = "platform, shop, order_id"
_KEY = "platform, shop, line_id"


def share_totals(connection: Connection, columns: tuple[str, ...], weight_column: str, touched: Touched) -> bool:
    """Fill `shares` (key, is_new and one amount per column) for the orders of `unshared` that have several lines.

    Stored lines are updated here; the incoming ones are left to the caller. False when there is nothing to share.
    """
    if not _collect(connection, columns, weight_column):
        return False
    _judge(connection, columns)
    for index, column in enumerate(columns):
        _share(connection, column, index)
    amounts = ", ".join(f"s{index}.amount AS {name(column)}" for index, column in enumerate(columns))
    joins = " ".join(f"LEFT JOIN share_{index} s{index} USING ({_KEY})" for index in range(len(columns)))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE shares AS SELECT l.platform, l.shop, l.line_id, l.is_new, {amounts}"
        f" FROM order_lines l {joins}")
    _update_stored(connection, columns, touched)
    return True


def _collect(connection: Connection, columns: tuple[str, ...], weight_column: str) -> bool:
    """`order_lines`: every line, incoming or stored, of the orders that have several; with its amounts and weight."""
    stored_too = connection.execute("SELECT 1 FROM order_line LIMIT 1").fetchone() is not None
    new = ", ".join(f"i.{name(column)}" for column in columns)
    old = ", ".join(f"f.{name(column)}" for column in columns)
    before = ", ".join(f"f.{name(column)} AS {name('was_' + column)}" for column in columns)
    none = ", ".join(f"CAST(NULL AS DECIMAL(18,2)) AS {name('was_' + column)}" for column in columns)
    if stored_too:
        lines = (
            f"SELECT i.platform, i.shop, i.order_id, i.line_id, i._weight AS weight, true AS is_new, {new}, {before}"
            f" FROM unshared i LEFT JOIN order_line f USING ({_KEY})"
            f" UNION ALL SELECT f.platform, f.shop, f.order_id, f.line_id, f.{name(weight_column)}, false, {old}, {before}"
            f" FROM order_line f SEMI JOIN unshared i USING ({_ORDER}) ANTI JOIN unshared k USING ({_KEY})")
    else:
        lines = (f"SELECT i.platform, i.shop, i.order_id, i.line_id, i._weight AS weight, true AS is_new, {new}, {none}"
                 f" FROM unshared i SEMI JOIN"
                 f" (SELECT {_ORDER} FROM unshared GROUP BY ALL HAVING count(*) > 1) USING ({_ORDER})")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE order_lines AS SELECT * FROM ({lines})"
        f" QUALIFY count(*) OVER (PARTITION BY {_ORDER}) > 1")
    return connection.execute("SELECT 1 FROM order_lines LIMIT 1").fetchone() is not None


def _judge(connection: Connection, columns: tuple[str, ...]) -> None:
    """`totals_<n>`: orders whose column n is equal on all lines, and `total_orders`: those whose lines say 'total'.

    A stored amount is read back as the total it was shared from when the stored shares sum to what comes in now.
    """
    for index, column in enumerate(columns):
        c, was = name(column), name("was_" + column)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE totals_{index} AS SELECT {_ORDER}, v, v_lines AS n, w FROM ("
            f" SELECT {_ORDER}, max({c}) FILTER (is_new) AS v, min({c}) FILTER (is_new) AS lo, sum({was}) AS stored,"
            f" count({was}) AS stored_lines, count({c}) AS v_lines, sum(greatest(weight, 0)) FILTER ({c} IS NOT NULL) AS w,"
            f" min({c}) FILTER (NOT is_new) AS old_lo, max({c}) FILTER (NOT is_new) AS old_hi"
            f" FROM order_lines GROUP BY {_ORDER})"
            f" WHERE v = lo AND v_lines > 1 AND (old_lo IS NULL OR (old_lo = v AND old_hi = v)"
            f" OR (stored_lines > 1 AND stored = v))")
    said = " UNION ".join(
        f"SELECT {_ORDER} FROM totals_{index} WHERE w IS NOT NULL AND abs(v - w) < abs(n * v - w)"
        for index in range(len(columns)))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE total_orders AS {said}")


def _share(connection: Connection, column: str, index: int) -> None:
    """`share_<n>`: the cents of each line, by whole-number arithmetic; without weights in equal parts."""
    weight = "CAST(greatest(coalesce(l.weight, 0), 0) * 1000000 AS HUGEINT)"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE share_{index} AS"
        f" WITH lines AS (SELECT l.platform, l.shop, l.order_id, l.line_id, CAST(abs(t.v) * 100 AS HUGEINT) AS cents,"
        f"  sign(t.v) AS side, CASE WHEN coalesce(t.w, 0) > 0 THEN {weight} ELSE 1 END AS part"
        f"  FROM order_lines l JOIN totals_{index} t USING ({_ORDER}) SEMI JOIN total_orders USING ({_ORDER})"
        f"  WHERE l.{name(column)} IS NOT NULL),"
        f" cut AS (SELECT *, sum(part) OVER o AS whole, cents * part // sum(part) OVER o AS base,"
        f"  cents * part % sum(part) OVER o AS rest FROM lines WINDOW o AS (PARTITION BY {_ORDER})),"
        f" ranked AS (SELECT *, cents - sum(base) OVER (PARTITION BY {_ORDER}) AS spare,"
        f"  row_number() OVER (PARTITION BY {_ORDER} ORDER BY rest DESC, line_id) AS place FROM cut)"
        f" SELECT platform, shop, line_id,"
        f"  CAST(side * CAST(base + CASE WHEN place <= spare THEN 1 ELSE 0 END AS DECIMAL(20,0)) / 100.0 AS DECIMAL(18,2))"
        f"  AS amount FROM ranked")


def _update_stored(connection: Connection, columns: tuple[str, ...], touched: Touched) -> None:
    """Lines of earlier batches get their share now that the rest of their order is known."""
    for column in columns:
        c = name(column)
        differs = f"s.{c} IS NOT NULL AND f.{c} IS DISTINCT FROM s.{c}"
        same = "f.platform = s.platform AND f.shop = s.shop AND f.line_id = s.line_id AND NOT s.is_new"
        found = f"FROM order_line f JOIN shares s ON {same} WHERE {differs}"
        if connection.execute(f"SELECT 1 {found} LIMIT 1").fetchone() is None:
            continue
        for time in FACTS["order_line"].times:
            days = connection.execute(f"SELECT DISTINCT CAST(f.{name(time)} AS DATE) {found}").fetchall()
            touched.add("order_line", time, (day for (day,) in days))
        connection.execute(f"UPDATE order_line AS f SET {c} = s.{c} FROM shares s WHERE {same} AND {differs}")


def weight_column(columns: Mapping[str, str], weight: str | None) -> str:
    """The fact column that keeps the weight of a stored line: the one filled by the same SQL, else the list amount."""
    return next((column for column, sql in columns.items() if sql == weight), "list_amount")
