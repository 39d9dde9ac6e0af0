"""The columns of the canonical model, read from the migrations, for those who describe rows before any file is open."""

from __future__ import annotations

from functools import cache

from warehouse.engine import MIGRATIONS, scratch
from warehouse.faults import table_columns
from warehouse.model import FACTS, SYSTEM_COLUMNS

_OWN = frozenset({*SYSTEM_COLUMNS, "is_head"})


@cache
def fact_columns() -> dict[str, dict[str, tuple[str, bool]]]:
    """Fact → column → (SQL type, may be null), of the columns that a batch may fill."""
    with scratch() as connection:
        connection.execute("ATTACH ':memory:' AS warehouse; USE warehouse")
        for path in sorted(MIGRATIONS.glob("[0-9]*.sql")):
            connection.execute(path.read_text("utf-8"))
        return {
            fact: {name: told for name, told in table_columns(connection, fact).items() if name not in _OWN}
            for fact in FACTS
        }
