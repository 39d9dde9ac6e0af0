"""Which orders came by which way: the platform's interface or an export file.

A shop whose orders come by one way only costs a row a batch. With the second way's first batch each way gets the set of
its orders: what was there before came by the first way; from then on every load adds the orders it is the first to
tell. Counts by day, and the orders that one way lacks, follow from the sets.
"""

from __future__ import annotations

from warehouse.batch import Batch, Into
from warehouse.engine import Connection


def way_of(kind: str) -> str:
    """'api' for the kinds that a platform's interface gives, 'file' for all others."""
    return "api" if "_api_" in kind else "file"


def begin(connection: Connection, batch: Batch) -> None:
    """Before a batch is merged: when it is the first of a shop's second way, what is there came by the first."""
    if not _orders(batch):
        return
    place = [batch.platform, batch.shop]
    ways = _ways(connection, place)
    if len(ways) == 1 and way_of(batch.spec.kind) not in ways:
        way = ways.pop()
        connection.execute(
            "INSERT INTO order_told SELECT platform, shop, ?, order_id, min(batch_id) FROM order_line l"
            " WHERE platform = ? AND shop = ? AND NOT EXISTS (SELECT 1 FROM order_told o WHERE o.platform = l.platform"
            " AND o.shop = l.shop AND o.way = ? AND o.order_id = l.order_id) GROUP BY platform, shop, order_id",
            [way, *place, way],
        )


def note(connection: Connection, batch: Batch, number: int) -> None:
    """After a batch is merged: keep its span, and the orders that its way tells for the first time."""
    into = _orders(batch)
    if into is None:
        return
    way, place = way_of(batch.spec.kind), [batch.platform, batch.shop]
    order = f"CAST({into.columns['order_id']} AS VARCHAR)"
    at = (into.columns.get("version") if way == "api" else None) or batch.spec.event_time
    moment = f"TRY(CAST({at} AS TIMESTAMP))" if at else "CAST(NULL AS TIMESTAMP)"
    connection.execute(
        f"INSERT INTO told_span SELECT ?, ?, ?, min({moment}), max({moment}), count(DISTINCT {order}), ?"
        f" FROM usable WHERE {into.where}",
        [*place, way, number],
    )
    if len(_ways(connection, place)) > 1:
        connection.execute(
            f"INSERT INTO order_told SELECT ?, ?, ?, t.order_id, ?"
            f" FROM (SELECT DISTINCT {order} AS order_id FROM usable WHERE {into.where}) t"
            f" WHERE t.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM order_told o"
            f" WHERE o.platform = ? AND o.shop = ? AND o.way = ? AND o.order_id = t.order_id)",
            [*place, way, number, *place, way],
        )


def forget(connection: Connection, batches: str) -> None:
    """What removed batches told; `batches` is SQL that gives their ids."""
    for table in ("told_span", "order_told"):
        connection.execute(f"DELETE FROM {table} WHERE batch_id IN ({batches})")


def _orders(batch: Batch) -> Into | None:
    return next((into for into in batch.spec.into if into.fact == "order_line" and "order_id" in into.columns), None)


def _ways(connection: Connection, place: list[str]) -> set[str]:
    found = connection.execute("SELECT DISTINCT way FROM told_span WHERE platform = ? AND shop = ?", place)
    return {way for (way,) in found.fetchall()}
