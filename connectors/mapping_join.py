"""Joins of a set mapping: other tables beside the rows, by key. A key finds one row only, so rows never multiply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from connectors.expressions import Fields, written
from connectors.mapping_set import Join, Load
from connectors.mapping_spec import Plan
from connectors.reading.headers import normal
from errors import UserError
from warehouse.batch import TableRows
from warehouse.engine import Connection, scratch
from warehouse.parse import name, quote

_NUMBER = "TRY_CAST(regexp_replace({}, '[¥￥$,\\s]', '', 'g') AS DECIMAL(28, 6))"


@dataclass(frozen=True)
class Base:
    """The load whose rows are joined."""

    load: Load
    plan: Plan
    values: Mapping[str, Mapping[str, str]]


class _AsText(Fields):
    """In a join every column is text and goes by its own name."""

    def name(self, column: str, kind: str) -> str:
        return column


def joined(base: Base, rows: TableRows, others: Mapping[str, pa.Table]) -> TableRows:
    """The rows with every field that the plan asks for, in their order.

    Raises:
        UserError: `mapping_not_unique`, `mapping_no_number`, `mapping_join`.
    """
    with scratch() as connection:
        connection.register("base_rows", rows.table)
        connection.execute('CREATE TABLE beside AS SELECT *, CAST(source_row AS VARCHAR) AS "#row" FROM base_rows')
        for join in base.load.joins:
            connection.register("other_rows", others[join.alias])
            try:
                _put_beside(connection, base, join)
            except duckdb.Error as error:
                raise UserError("mapping_join", source=join.alias, detail=str(error).splitlines()[0]) from None
            connection.unregister("other_rows")
        cells = [f"{name(column)} AS {name(field)}" for (column, _), field in base.plan.fields.named.items()]
        found = connection.sql(f"SELECT {', '.join([*cells, 'source_row'])} FROM beside ORDER BY source_row")
        return TableRows(found.to_arrow_table(), rows.headers, rows.torn)


def _put_beside(connection: Connection, base: Base, join: Join) -> None:
    """Add the columns of one other table to `beside`, under `alias.column`."""
    theirs = [_key(name(column)) for column in _spelt(base, join, join.on.values())]
    ours = [_key(_ours(base, text)) for text in join.on]
    columns = {header: _spelling(base, join, header) for header in _wanted(base, join)}
    keys = ", ".join(f"{key} AS k{index}" for index, key in enumerate(theirs))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE keyed AS SELECT *, {keys} FROM other_rows"
        f" WHERE {' AND '.join(f'{key} IS NOT NULL' for key in theirs)}"
    )
    how = {normal(column): word for column, word in join.how.items()}
    for header, column in columns.items():
        _check(connection, join, column, how.get(header), len(theirs))
    cells = [
        f"{_picked(column, how.get(header))} AS {name(f'{join.alias}.{column}')}" for header, column in columns.items()
    ]
    counted = [f"CAST(count(*) AS VARCHAR) AS {name(join.alias + '.count')}"] if join.count else []
    grouped = ", ".join(f"k{index}" for index in range(len(theirs)))
    outer = ", ".join(f"o.{name(f'{join.alias}.{column}')}" for column in columns.values())
    counts = f"coalesce(o.{name(join.alias + '.count')}, '0') AS {name(join.alias + '.count')}" if join.count else ""
    same = " AND ".join(f"o.k{index} = {key}" for index, key in enumerate(ours))
    found = f"SELECT {', '.join([grouped, *cells, *counted])} FROM keyed GROUP BY {grouped}"
    shown = ", ".join(part for part in ("b.*", outer, counts) if part)
    connection.execute(f"CREATE TABLE wider AS SELECT {shown} FROM beside b LEFT JOIN ({found}) o ON {same}")
    connection.execute("DROP TABLE beside; ALTER TABLE wider RENAME TO beside")


def _wanted(base: Base, join: Join) -> list[str]:
    """The columns (normal headers) that expressions read from this joined table."""
    return [header for alias, header in base.plan.spelt if alias == join.alias]


def _spelling(base: Base, join: Join, header: str) -> str:
    return base.plan.needs[join.source][header]


def _spelt(base: Base, join: Join, columns: Iterable[str]) -> list[str]:
    return [_spelling(base, join, normal(column)) for column in columns]


def _ours(base: Base, text: str) -> str:
    """Our side of a key: an expression over text columns."""
    return written(text, "text", _AsText(), base.values, base.plan.name_of).sql


def _key(sql: str) -> str:
    """A key as people mean it: without blanks, quotes and the `.0` spreadsheets add to ids; a blank finds nothing."""
    trimmed = f"trim(CAST({sql} AS VARCHAR), {quote(' ' + chr(9) + chr(39) + '`')})"
    return f"nullif(regexp_replace({trimmed}, '^(\\d+)\\.0+$', '\\1'), '')"


def _picked(column: str, how: str | None) -> str:
    """What becomes of a column whose key has several rows."""
    cell = name(column)
    number = _NUMBER.format(cell)
    match how:
        case "sum":
            return f"CAST(sum({number}) AS VARCHAR)"
        case "min" | "max":
            numeric = f"count({cell}) = count({number})"
            return f"CASE WHEN {numeric} THEN CAST({how}({number}) AS VARCHAR) ELSE {how}({cell}) END"
        case "list":
            return f"string_agg(DISTINCT {cell}, ',' ORDER BY {cell})"
    return f"arg_min({cell}, source_row)"


def _check(connection: Connection, join: Join, column: str, how: str | None, keys: int) -> None:
    """Refuse what would be an arbitrary choice, or a sum of what is no number."""
    cell = name(column)
    if how == "sum":
        number = _NUMBER.format(cell)
        bad = f"SELECT source_row, {cell} FROM keyed WHERE trim({cell}) NOT IN ('', '-') AND {number} IS NULL LIMIT 1"
        if row := connection.execute(bad).fetchone():
            raise UserError("mapping_no_number", source=join.source, column=column, row=row[0], value=row[1])
    if how is None:
        grouped = ", ".join(f"k{index}" for index in range(keys))
        several = (
            f"SELECT {grouped} FROM keyed GROUP BY {grouped} HAVING count(DISTINCT coalesce({cell}, '')) > 1 LIMIT 1"
        )
        if row := connection.execute(several).fetchone():
            value = ", ".join(map(str, row))
            raise UserError(
                "mapping_not_unique", source=join.source, column=column, keys=", ".join(join.on.values()), value=value
            )
