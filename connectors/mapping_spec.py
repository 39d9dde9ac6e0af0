"""What the rows of a load of a set mapping mean to the warehouse: its expressions as SQL over typed fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from connectors.expressions import Fields, Written, columns_in, written
from connectors.mapping_set import Load, Target
from connectors.reading.headers import normal
from warehouse.batch import Check, Field, FieldType, Into, RowSpec
from warehouse.model import FACTS
from warehouse.schema import fact_columns

_IDS = frozenset({"order_id", "line_id", "product_id", "sku_id", "refund_id", "ad_plan", "creative", "live_session"})
_Writer = Callable[[str, str], str]  # expression and the type of a column that stands for itself → SQL
_BY_SQL = {"UBIGINT": "person", "TIMESTAMP": "time", "DATE": "date", "BOOLEAN": "bool", "BIGINT": "int"}


@dataclass
class Plan:
    """A load made ready: its targets as SQL, the fields they read, and the columns that each source must have."""

    load: Load
    fields: Fields
    into: tuple[Into, ...] = ()
    checks: tuple[Check, ...] = ()
    only: str | None = None
    event_time: str | None = None
    needs: dict[str, dict[str, str]] = field(default_factory=dict)  # source → normal header → name in the mapping
    spelt: dict[tuple[str, str], str] = field(default_factory=dict)  # (alias, normal header) → column as first written

    def name_of(self, column: str) -> str:
        """The one name of a column, however its header is spelt; it is noted as needed."""
        alias, _, rest = column.partition(".")
        join = next((join for join in self.load.joins if join.alias == alias), None) if rest else None
        if join is None:
            alias, rest, source = "", column, self.load.base
        else:
            source = join.source
        if rest == "#row" or (join is not None and join.count and rest == "count"):
            return column
        name = self.needs.setdefault(source, {}).setdefault(normal(rest), rest)
        return self.spelt.setdefault((alias, normal(rest)), f"{alias}.{name}" if alias else name)

    def spec(self, kind: str, statuses: Mapping[str, str]) -> RowSpec:
        """The declaration for the warehouse."""
        named = self.fields.named.items()
        fields = tuple(Field(name, cast(FieldType, kind)) for (_, kind), name in named)
        return RowSpec(
            kind, fields, self.into, self.checks, statuses=statuses, event_time=self.event_time, only=self.only
        )


def plan_of(load: Load, values: Mapping[str, Mapping[str, str]]) -> Plan:
    """Write every expression of a load as SQL."""
    types: dict[str, str] = {}
    plan = Plan(load, Fields(types))
    types.update({plan.name_of(column): kind for column, kind in load.types.items()})
    checks: list[Check] = []

    def sql(text: str, wanted: str) -> str:
        found: Written = written(text, wanted, plan.fields, values, plan.name_of)
        checks.extend(found.checks)
        return found.sql

    plan.into = tuple(_into(target, sql) for target in load.targets)
    plan.only = _only(load, sql)
    first = load.targets[0]
    times = [column for column in FACTS[first.fact].times if column in first.columns]
    event = load.time or (first.columns[times[0]] if times else None)
    plan.event_time = sql(event, "time") if event else None
    plan.checks = tuple(dict.fromkeys(checks))
    for join in load.joins:
        for ours, theirs in join.on.items():
            for column in columns_in(ours):
                plan.name_of(column)
            plan.needs.setdefault(join.source, {}).setdefault(normal(theirs), theirs)
        for column in join.how:
            plan.needs[join.source].setdefault(normal(column), column)
    return plan


def _into(target: Target, sql: _Writer) -> Into:
    types = fact_columns()[target.fact]
    columns = {
        name: sql(text, "time" if name == "version" else _wanted(name, types[name][0]))
        for name, text in target.columns.items()
    }
    return Into(
        target.fact,
        columns,
        where=sql(target.when, "bool") if target.when else "true",
        order_totals=target.order_totals,
        keep=target.keep,
        weight=sql(target.weight, "number") if target.weight else None,
    )


def _only(load: Load, sql: _Writer) -> str | None:
    """Rows that `where` leaves out, or that no target wants, are none of the batch."""
    parts = [f"({sql(load.where, 'bool')})"] if load.where else []
    if all(target.when for target in load.targets):
        parts.append("(" + " OR ".join(f"({sql(target.when or '', 'bool')})" for target in load.targets) + ")")
    return " AND ".join(parts) or None


def _wanted(name: str, sql_type: str) -> str:
    """What a column that stands for itself is read as, from the fact column it fills."""
    if sql_type.startswith("DECIMAL") or sql_type == "DOUBLE":
        return "number"
    return _BY_SQL.get(sql_type, "id" if name in _IDS else "text")
