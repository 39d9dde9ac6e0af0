"""Orders told twice: as a whole by an order report, and line by line by a report of sub-orders.

Whichever comes first, an order counts once. A row that stands for a whole order (`Into.whole`) gives way to the lines
of its order: it moves to a side table, or goes there at once. The lines say what was sold; what was paid, when, by whom
and where the whole order says: its amounts are shared out over the lines by `goods_amount`, to the cent. A line's own
time of payment stands when its file has one. Refunds of whole orders give way to refunds of lines in the same way.
"""

from __future__ import annotations

from warehouse.engine import Connection
from warehouse.faults import table_columns
from warehouse.fill import write_changed
from warehouse.model import FACTS, Touched
from warehouse.parse import name
from warehouse.shares import cut_up

SIDE = {"order_line": "order_whole", "refund": "refund_whole"}
AMOUNTS = ("payable_amount", "paid_amount", "freight_amount")
_ORDER = "platform, shop, order_id"
_TOLD = ("province", "city", "buyer")
RESOLVED = (*AMOUNTS, "created_at", "paid_at", "time_estimated", *_TOLD)


def move_aside(connection: Connection, fact: str, touched: Touched) -> None:
    """Move stored wholes of the incoming orders to the side table, because their lines come now."""
    if connection.execute(f"SELECT 1 FROM {fact} WHERE is_whole LIMIT 1").fetchone() is None:
        return
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE giving AS SELECT f.rowid AS _at FROM {fact} f"
        f" SEMI JOIN incoming i USING ({_ORDER}) WHERE f.is_whole"
    )
    if connection.execute("SELECT 1 FROM giving LIMIT 1").fetchone() is None:
        return
    _touch_days(connection, fact, f"{fact} f JOIN giving g ON f.rowid = g._at", touched)
    side, moving = SIDE[fact], f"{fact} f JOIN giving g ON f.rowid = g._at"
    key = ", ".join(FACTS[fact].key)
    connection.execute(
        f"DELETE FROM {side} AS s USING (SELECT {key} FROM {moving}) m WHERE"
        + " AND ".join(f" s.{column} = m.{column}" for column in FACTS[fact].key)
    )
    columns = _common(connection, fact)
    connection.execute(f"INSERT INTO {side} ({columns}) SELECT {columns} FROM {moving}")
    connection.execute(f"DELETE FROM {fact} WHERE rowid IN (SELECT _at FROM giving)")


def split_covered(connection: Connection, fact: str) -> bool:
    """`covered`: the incoming wholes whose lines are stored; `uncovered`: the others. False when there are none."""
    own = f"(SELECT * FROM {fact} WHERE is_whole IS NOT true) f USING ({_ORDER})"
    if connection.execute(f"SELECT 1 FROM {fact} WHERE is_whole IS NOT true LIMIT 1").fetchone() is None:
        return False
    connection.execute(f"CREATE OR REPLACE TEMP TABLE covered AS SELECT i.* FROM incoming i SEMI JOIN {own}")
    if connection.execute("SELECT 1 FROM covered LIMIT 1").fetchone() is None:
        return False
    connection.execute(f"CREATE OR REPLACE TEMP TABLE uncovered AS SELECT i.* FROM incoming i ANTI JOIN {own}")
    return True


def find_heads(connection: Connection) -> bool:
    """`heads`: what order reports said of the incoming orders, numbered `o`. False when they said nothing."""
    if connection.execute("SELECT 1 FROM order_whole LIMIT 1").fetchone() is None:
        return False
    columns = ", ".join(f"w.{name(column)}" for column in (*AMOUNTS, "created_at", "paid_at", *_TOLD))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE heads AS SELECT min(i._row) OVER (PARTITION BY i.platform, i.shop, i.order_id)"
        f" AS o, w.platform, w.shop, w.order_id, {columns} FROM order_whole w JOIN incoming i USING ({_ORDER})"
        f" QUALIFY row_number() OVER (PARTITION BY i.platform, i.shop, i.order_id ORDER BY w.version DESC) = 1"
    )
    return connection.execute("SELECT 1 FROM heads LIMIT 1").fetchone() is not None


def share_wholes(connection: Connection, incoming_columns: tuple[str, ...] | None, touched: Touched) -> None:
    """`shares` of every line of `heads`; stored lines are written. `None`: what comes in are wholes, not lines."""
    none = ", ".join(f"CAST(0 AS DECIMAL(18,2)) AS {column}" for column in AMOUNTS)
    stored = (
        f"SELECT h.o, CAST(NULL AS BIGINT) AS _row, f.rowid AS _at, f.line_id,"
        f" coalesce(f.goods_amount, f.list_amount) AS weight, {none} FROM order_line f JOIN heads h USING ({_ORDER})"
        f" WHERE f.is_whole IS NOT true"
    )
    lines = stored
    if incoming_columns is not None:
        weights = [f"i.{column}" for column in ("goods_amount", "list_amount") if column in incoming_columns]
        lines = (
            f"{stored} AND (f.platform, f.shop, f.line_id) NOT IN (SELECT platform, shop, line_id FROM incoming)"
            f" UNION ALL SELECT h.o, i._row, NULL, i.line_id,"
            f" coalesce({', '.join([*weights, 'NULL'])}), {none} FROM incoming i JOIN heads h USING ({_ORDER})"
        )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE order_lines AS {lines}")
    totals = {"payable_amount": "h.payable_amount", "freight_amount": "h.freight_amount"}
    totals["paid_amount"] = "coalesce(h.paid_amount, h.payable_amount)"
    parts = ", ".join(
        f"any_value({totals[column]}) AS v{index}, count(*) AS n{index}, sum(greatest(weight, 0)) AS w{index}"
        for index, column in enumerate(AMOUNTS)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE total_orders AS SELECT o, {parts} FROM order_lines JOIN heads h USING (o)"
        f" GROUP BY o"
    )
    cut_up(connection, AMOUNTS)
    values = ", ".join(f"{sql} AS {name(column)}" for column, sql in resolved("f").items())
    write_changed(
        connection,
        "order_line",
        RESOLVED,
        f"SELECT s._at, {values} FROM shares s JOIN order_line f ON f.rowid = s._at JOIN heads h USING ({_ORDER})",
        touched,
    )


def resolved(line: str, given: tuple[str, ...] = RESOLVED) -> dict[str, str]:
    """Per resolved column the SQL over a line, its share `s` and its head `h`; `given`: what the line has itself."""
    own = {column: f"{line}.{column}" if column in given else "NULL" for column in RESOLVED}
    guessed = f"({own['paid_at']} IS NULL OR coalesce({own['time_estimated']}, false))"
    paid_at = f"CASE WHEN {guessed} THEN coalesce(h.paid_at, {own['paid_at']}) ELSE {own['paid_at']} END"
    out = {column: f"coalesce(s.{column}, {own[column]})" for column in AMOUNTS}
    out["paid_amount"] = f"CASE WHEN ({paid_at}) IS NOT NULL THEN {out['paid_amount']} END"
    out["created_at"] = f"coalesce(h.created_at, {own['created_at']})"
    out["paid_at"] = paid_at
    out["time_estimated"] = f"coalesce({own['time_estimated']}, false) AND h.paid_at IS NULL"
    return out | {column: f"coalesce({own[column]}, h.{column})" for column in _TOLD}


def give_back(connection: Connection, touched: Touched) -> None:
    """Wholes whose lines were removed stand for their orders again."""
    for fact, side in SIDE.items():
        alone = f"{side} w ANTI JOIN {fact} f USING ({_ORDER})"
        if connection.execute(f"SELECT 1 FROM {alone} LIMIT 1").fetchone() is None:
            continue
        _touch_days(connection, fact, alone, touched)
        columns = [column for column in _common(connection, fact).split(", ") if column not in ('"is_head"',)]
        head = ", is_head" if fact == "order_line" else ""
        connection.execute(
            f"INSERT INTO {fact} ({', '.join(columns)}{head}) SELECT {', '.join(columns)}"
            f"{', false' if head else ''} FROM {alone}"
        )
        connection.execute(f"DELETE FROM {side} WHERE ({_ORDER}) IN (SELECT {_ORDER} FROM {fact} WHERE is_whole)")


def _common(connection: Connection, fact: str) -> str:
    """The columns that fact and side table share: later migrations may have widened the fact."""
    side = table_columns(connection, SIDE[fact])
    return ", ".join(name(column) for column in table_columns(connection, fact) if column in side)


def _touch_days(connection: Connection, fact: str, rows: str, touched: Touched) -> None:
    touched.note(fact)
    for column in FACTS[fact].times:
        days = connection.execute(f"SELECT DISTINCT CAST({name(column)} AS DATE) FROM {rows}").fetchall()
        touched.add(fact, column, (day for (day,) in days))
