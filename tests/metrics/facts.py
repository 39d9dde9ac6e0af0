"""Facts written straight into a warehouse, a few words a row, for tests that know every number by heart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from metrics import Period, Query, Result, Scope, query
from warehouse import Warehouse, rollup

ALL = Scope.everything()
SYSTEM = ("job_run", "api_call", "kind_fact", "process_sample")  # tables without platform and shop


def at(text: str) -> datetime:
    """'2024-03-05 10:00' or '2024-03-05'."""
    return datetime.fromisoformat(text)


def days(first: str, last: str) -> Period:
    return Period.days(at(first).date(), at(last).date())


class Facts:
    """A warehouse to be filled by hand; `ready` computes the rollups and raises the version, as a load does."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self._number = 0
        self._rows: list[tuple[str, list[Any]]] = []

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        self._rows.append((f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values())))

    def _system(self) -> dict[str, Any]:
        self._number += 1
        return {"version": at("2024-01-01"), "batch_id": 1, "source_row": self._number}

    def line(self, paid: str | None, amount: float | None, **more: Any) -> None:
        """One order line; its own order unless `order` says otherwise."""
        system = self._system()
        order = more.pop("order", f"o{self._number}")
        paid_at = at(paid) if paid else None
        row = {
            "platform": "douyin",
            "shop": "a",
            "order_id": order,
            "line_id": f"l{self._number}",
            "paid_amount": amount,
            "payable_amount": amount,
            "paid_at": paid_at,
            "created_at": paid_at,
            "is_head": True,
            "is_test": False,
            "status": "paid" if paid else "unpaid",
            "quantity": 1,
            "time_estimated": False,
        }
        for name in ("created_at", "promised_ship_at", "shipped_at"):
            if isinstance(more.get(name), str):
                more[name] = at(more[name])
        self._insert("order_line", row | more | system)

    def refund(self, success: str | None, amount: float, paid: str | None = None, **more: Any) -> None:
        """One successful after-sale."""
        system = self._system()
        row = {
            "platform": "douyin",
            "shop": "a",
            "refund_id": f"r{self._number}",
            "order_id": f"ro{self._number}",
            "status": "success",
            "amount": amount,
            "success_at": at(success) if success else None,
            "order_paid_at": at(paid) if paid else None,
            "estimated": False,
        }
        if isinstance(more.get("applied_at"), str):
            more["applied_at"] = at(more["applied_at"])
        self._insert("refund", row | more | system)

    def row(self, table: str, **values: Any) -> None:
        """One row of any other fact."""
        system = {} if table in (*SYSTEM, "load_batch", "source_state") else self._system()
        if table == "behaviour":
            system.pop("version")
        if table not in SYSTEM:
            values = {"platform": "douyin", "shop": "a"} | values
        if table in ("unit_cost", "benchmark"):
            values.pop("platform"), values.pop("shop")
        if industry := values.pop("industry", None):  # platform and category of a benchmark
            values["platform"], values["category"] = industry
        if table == "campaign":
            values.pop("shop")
        self._insert(table, values | system)

    def ready(self) -> Facts:
        rows, self._rows = self._rows, []

        def work(connection: Any) -> None:
            for sql, values in rows:
                connection.execute(sql, values).fetchall()
            rollup.rebuild(connection)
            self.warehouse.engine.raise_version(connection)

        self.warehouse.write(work)
        return self

    def ask(self, *metrics: str, scope: Scope = ALL, **more: Any) -> Result:
        return query(self.warehouse, Query(metrics, **more), scope)

    def one(self, metric: str, **more: Any) -> Any:
        """The only value of a question with one row."""
        rows = self.ask(metric, **more).rows
        assert len(rows) == 1
        return rows[0][metric]
