"""Taking batches out again: the demo shop, when the real one moves in."""

from __future__ import annotations

from config import now
from warehouse import told
from warehouse.engine import Connection, Engine
from warehouse.fill import refill
from warehouse.load import refresh_rollups
from warehouse.model import FACTS, Touched
from warehouse.parse import name
from warehouse.vintage import REMOVED, forget, record
from warehouse.wholes import give_back


def remove(engine: Engine, source_prefix: str) -> int:
    """Delete facts, quarantine, batches and states of sources with this prefix, in one transaction."""

    def job(connection: Connection) -> int:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE gone AS SELECT batch_id FROM load_batch"
            " WHERE starts_with(source, ?) OR CAST(json_extract(options, '$.\"_mend_of\"') AS BIGINT) IN"
            " (SELECT batch_id FROM load_batch WHERE starts_with(source, ?))",
            [source_prefix, source_prefix],
        )
        row = connection.execute("SELECT count(*) FROM gone").fetchone()
        if not row or not row[0]:
            return 0
        touched = Touched()
        for fact in FACTS.values():
            for column in fact.times:
                days = connection.execute(
                    f"SELECT DISTINCT CAST({name(column)} AS DATE) FROM {fact.name} SEMI JOIN gone USING (batch_id)"
                )
                found = [day for (day,) in days.fetchall()]
                if found:
                    touched.add(fact.name, column, found)
            connection.execute(f"DELETE FROM {fact.name} WHERE batch_id IN (SELECT batch_id FROM gone)")
        connection.execute("DELETE FROM quarantine WHERE batch_id IN (SELECT batch_id FROM gone)")
        connection.execute("DELETE FROM load_batch WHERE batch_id IN (SELECT batch_id FROM gone)")
        told.forget(connection, "SELECT batch_id FROM gone")
        connection.execute("DELETE FROM source_state WHERE starts_with(source, ?)", [source_prefix])
        give_back(connection, touched)
        _give_heads(connection, touched)
        refill(connection, touched)
        refresh_rollups(connection, touched)
        forget(connection, "SELECT batch_id FROM gone", touched)
        record(connection, touched, REMOVED, now(engine.settings))
        engine.raise_version(connection, touched)
        return int(row[0])

    return engine.write(job)


def _give_heads(connection: Connection, touched: Touched) -> None:
    """Orders whose head line went, while others stayed, get a new one."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE headless AS SELECT platform, shop, min(line_id) AS line_id FROM order_line"
        " GROUP BY platform, shop, order_id HAVING NOT bool_or(is_head)"
    )
    same = "f.platform = h.platform AND f.shop = h.shop AND f.line_id = h.line_id"
    for column in FACTS["order_line"].times:
        days = connection.execute(
            f"SELECT DISTINCT CAST(f.{name(column)} AS DATE) FROM order_line f JOIN headless h ON {same}"
        )
        found = [day for (day,) in days.fetchall()]
        if found:
            touched.add("order_line", column, found)
    connection.execute(f"UPDATE order_line AS f SET is_head = true FROM headless h WHERE {same}")
