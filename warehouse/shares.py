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
from warehouse.prices import weigh_by_price

_ORDER = "platform, shop, order_id"
_KEY = "platform, shop, line_id"
_GOODS = ("platform", "shop", "product_id", "created_at")  # what a line's usual price is known by
_PIECE = 0.0001  # yuan a piece weighs where no price is told: equal amounts are then always the order's


def share_totals(
    connection: Connection, columns: tuple[str, ...], weight_column: str, touched: Touched, pieces: str | None = None
) -> bool:
    """Fill `shares` (`_row` of an incoming line or `_at` of a stored one, an amount per column) from `unshared`.

    Needs `orders` (see `heads`). Stored lines are updated here; the incoming ones are left to the caller.
    With `pieces`, orders whose lines tell no weight are shared by pieces and usual prices.
    False when there is nothing to share.
    """
    _collect(connection, columns, weight_column, bool(pieces))
    if connection.execute("SELECT 1 FROM order_lines LIMIT 1").fetchone() is None:
        return False
    _judge(connection, columns)
    if connection.execute("SELECT 1 FROM total_orders LIMIT 1").fetchone() is None:
        return False
    if pieces:
        weigh_by_price(connection, columns)
    cut_up(connection, columns)
    _update_stored(connection, columns, touched)
    return True


def cut_up(connection: Connection, columns: tuple[str, ...]) -> None:
    """`shares` of `order_lines` and `total_orders`.

    Only orders with cents left over are ranked: ranking sorts, once a column.
    """
    whole = ", ".join(_whole(column, index) for index, column in enumerate(columns))
    connection.execute(  # a table of its own: within one statement these would be computed for each use again
        f"CREATE OR REPLACE TEMP TABLE whole AS SELECT l.o, l._row, l._at, l.line_id,"
        f" CAST(greatest(coalesce(l.weight, 0), 0) * 1000000 AS HUGEINT) AS part, {whole}"
        f" FROM order_lines l JOIN total_orders t USING (o)"
    )
    cut = ", ".join(_cut(index) for index in range(len(columns)))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE cut AS SELECT o, _row, _at, line_id, {cut} FROM whole")
    numbers = range(len(columns))
    left = ", ".join(f"max(cents{index}) - sum(base{index}) AS spare{index}" for index in numbers)
    some = " OR ".join(f"spare{index} > 0" for index in numbers)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE spare AS SELECT * FROM (SELECT o, {left} FROM cut GROUP BY o) WHERE {some}"
    )
    ranked = ", ".join(f"{_amount(index)} AS {name(column)}" for index, column in enumerate(columns))
    even = ", ".join(f"{_yuan(f'base{index}', index)} AS {name(column)}" for index, column in enumerate(columns))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE shares AS SELECT _row, _at, {ranked} FROM cut JOIN spare USING (o)"
        f" UNION ALL SELECT _row, _at, {even} FROM cut ANTI JOIN spare USING (o)"
    )


def _collect(connection: Connection, columns: tuple[str, ...], weight_column: str, by_pieces: bool) -> None:
    """`order_lines`: every line, incoming or stored, of the orders that have several; `was_` is what is stored."""
    stored_too = connection.execute("SELECT 1 FROM order_line LIMIT 1").fetchone() is not None
    new = ", ".join(f"i.{name(column)}" for column in columns)
    old = ", ".join(f"f.{name(column)}" for column in columns)
    before = ", ".join(f"f.{name(column)} AS {name('was_' + column)}" for column in columns)
    none = ", ".join(f"CAST(NULL AS DECIMAL(18,2)) AS {name('was_' + column)}" for column in columns)
    several = "orders" if stored_too else "(SELECT * FROM orders WHERE n > 1)"
    weight, old_weight, i_goods, f_goods = "i._weight", f"f.{name(weight_column)}", "", ""
    if by_pieces:
        weight, old_weight = (
            f"coalesce({weight}, i._pieces * {_PIECE})",
            f"coalesce({old_weight}, f.quantity * {_PIECE})",
        )
        i_goods = "".join(f", i.{column}" for column in _GOODS) + ", i._sku AS sku_id, i._pieces AS pieces"
        f_goods = "".join(f", f.{column}" for column in _GOODS)
        f_goods += f", f.sku_id, CASE WHEN f.{name(weight_column)} IS NULL THEN f.quantity END"
    lines = (
        f"SELECT o.o, i._row, CAST(NULL AS BIGINT) AS _at, i.line_id, {weight} AS weight, {new}{i_goods},"
        f" {before if stored_too else none} FROM unshared i JOIN {several} o USING ({_ORDER})"
        + (f" LEFT JOIN order_line f USING ({_KEY})" if stored_too else "")
    )
    if stored_too:
        lines += (
            f" UNION ALL SELECT o.o, NULL, f.rowid, f.line_id, {old_weight}, {old}{f_goods}, {before}"
            f" FROM order_line f JOIN orders o USING ({_ORDER}) ANTI JOIN unshared k USING ({_KEY})"
        )
        lines = f"SELECT * FROM ({lines}) QUALIFY count(*) OVER (PARTITION BY o) > 1"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE order_lines AS {lines}")


def _judge(connection: Connection, columns: tuple[str, ...]) -> None:
    """`total_orders`: orders whose lines say 'total'; per column n total `v<n>` (null: not repeated), weight `w<n>`.

    A stored amount is read back as the total it was shared from when the stored shares sum to what comes in now.
    """
    parts: list[str] = []
    repeated: list[str] = []
    said: list[str] = []
    for index, column in enumerate(columns):
        c, was, new, old = name(column), name("was_" + column), "_row IS NOT NULL", "_row IS NULL"
        parts.append(
            f"max({c}) FILTER ({new}) AS m{index}, min({c}) FILTER ({new}) AS lo{index}, count({c}) AS n{index},"
            f" min({c}) FILTER ({old}) AS old_lo{index}, max({c}) FILTER ({old}) AS old_hi{index},"
            f" sum({was}) AS stored{index}, count({was}) AS stored_n{index},"
            f" sum(greatest(weight, 0)) FILTER ({c} IS NOT NULL) AS w{index},"
            f" sum({name(columns[0])} - {c}) FILTER ({new}) AS off{index}"
        )
        m = f"m{index}"
        repeated.append(
            f"CASE WHEN {m} = lo{index} AND n{index} > 1 AND (old_lo{index} IS NULL"
            f" OR (old_lo{index} = {m} AND old_hi{index} = {m}) OR (stored_n{index} > 1 AND stored{index} = {m}))"
            f" THEN {m}{_by_line(columns, index)} END AS v{index}"
        )
        said.append(f"(v{index} <> 0 AND abs(v{index} - w{index}) < abs(n{index} * v{index} - w{index}))")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE total_orders AS SELECT * FROM (SELECT *, {', '.join(repeated)} FROM"
        f" (SELECT o, {', '.join(parts)} FROM order_lines GROUP BY o)) WHERE {' OR '.join(said)}"
    )


def _by_line(columns: tuple[str, ...], index: int) -> str:
    """One more branch: the payable total repeats, and what was taken off it at payment is told line by line."""
    if columns[index] != "paid_amount" or columns[0] != "payable_amount":
        return ""
    total = "v0 <> 0 AND abs(v0 - w0) < abs(n0 * v0 - w0)"
    return f" WHEN m{index} <> lo{index} AND n{index} = n0 AND old_lo{index} IS NULL AND {total} THEN v0 - off{index}"


def _whole(column: str, index: int) -> str:
    """What is shared out, as whole numbers: the total's cents (null: not of this line), its sign and all weights."""
    v = f"t.v{index}"
    return (
        f"CASE WHEN l.{name(column)} IS NOT NULL THEN CAST(abs({v}) * 100 AS HUGEINT) END AS cents{index},"
        f" CASE WHEN {v} < 0 THEN -1 ELSE 1 END AS side{index},"
        f" CAST(t.w{index} * 1000000 AS HUGEINT) AS all{index}, t.n{index}"
    )


def _cut(index: int) -> str:
    """Whole cents of a line and what is left over, in whole-number arithmetic; without weights in equal parts."""
    cents, all_weights = f"cents{index}", f"all{index}"
    base = f"CASE WHEN {all_weights} > 0 THEN {cents} * part // {all_weights} ELSE {cents} // n{index} END"
    rest = f"CASE WHEN {all_weights} > 0 THEN {cents} * part % {all_weights} ELSE {cents} * 0 END"
    return f"{base} AS base{index}, {rest} AS rest{index}, {cents}, side{index}"


def _amount(index: int) -> str:
    """The cents left over go to the largest remainders, one each."""
    place = f"row_number() OVER (PARTITION BY o ORDER BY rest{index} DESC NULLS LAST, line_id)"
    return _yuan(f"base{index} + CASE WHEN {place} <= spare{index} THEN 1 ELSE 0 END", index)


def _yuan(cents: str, index: int) -> str:
    return f"CAST(side{index} * CAST({cents} AS DECIMAL(20,0)) / 100.0 AS DECIMAL(18,2))"


def _update_stored(connection: Connection, columns: tuple[str, ...], touched: Touched) -> None:
    """Lines of earlier batches get their share now that the rest of their order is known."""
    for column in columns:
        c = name(column)
        differs = f"f.rowid = s._at AND s.{c} IS NOT NULL AND f.{c} IS DISTINCT FROM s.{c}"
        found = f"FROM order_line f JOIN shares s ON {differs}"
        if connection.execute(f"SELECT 1 {found} LIMIT 1").fetchone() is None:
            continue
        for time in FACTS["order_line"].times:
            days = connection.execute(f"SELECT DISTINCT CAST(f.{name(time)} AS DATE) {found}").fetchall()
            touched.add("order_line", time, (day for (day,) in days))
        connection.execute(f"UPDATE order_line AS f SET {c} = s.{c} FROM shares s WHERE {differs}")


def weight_column(columns: Mapping[str, str], weight: str | None) -> str:
    """The fact column that keeps the weight of a stored line: the one filled by the same SQL, else the list amount."""
    return next((column for column, sql in columns.items() if sql == weight), "list_amount")
