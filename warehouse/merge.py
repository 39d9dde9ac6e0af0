"""From typed rows to a fact: new rows in, changed rows updated in the columns the batch knows, the rest left alone.

Set-based throughout. Within a batch the later row of a key wins; against the fact the later `version` does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from warehouse.batch import Batch, Into
from warehouse.engine import Connection
from warehouse.faults import table_columns, words
from warehouse.fill import FILLED
from warehouse.heads import mark_followers, number_orders
from warehouse.model import FACTS, SYSTEM_COLUMNS, Fact, Touched
from warehouse.parse import name
from warehouse.refine import Staged
from warehouse.shares import share_totals, weight_column
from warehouse.wholes import (
    RESOLVED,
    SIDE,
    find_heads,
    move_aside,
    resolved,
    share_wholes,
    split_covered,
)


@dataclass(frozen=True)
class Incoming:
    """One fact's rows of a batch: the view or table `incoming` with `_row` and these columns."""

    fact: Fact
    columns: tuple[str, ...]  # what the batch provides, key included
    batch_id: int
    projection: str  # the SELECT behind the view `incoming`
    keep: tuple[str, ...]  # of these, null says nothing

    @property
    def same_key(self) -> str:
        """SQL: a stored row `f` and an incoming row `i` are the same thing (null equals null)."""
        return " AND ".join(f"f.{name(column)} IS NOT DISTINCT FROM i.{name(column)}" for column in self.fact.key)


def merge(connection: Connection, batch: Batch, staged: Staged, into: Into, batch_id: int, touched: Touched) -> None:
    """Bring `usable` rows into `into.fact`; what changed carries `batch_id` afterwards."""
    incoming = _project(connection, batch, staged, into, batch_id)
    if incoming.fact.key:
        _upsert(connection, incoming, into, touched)
    else:
        _append_events(connection, incoming)
    _touch(connection, incoming.fact, touched, f"{incoming.fact.name} WHERE batch_id = {batch_id}")


def accepted(connection: Connection, batch: Batch, batch_id: int) -> int:
    """How many rows of the file changed a fact, whichever and how many facts they fill."""
    facts = {into.fact for into in batch.spec.into} | {SIDE[into.fact] for into in batch.spec.into if into.whole}
    rows = " UNION ALL ".join(f"SELECT source_row FROM {fact} WHERE batch_id = {batch_id}" for fact in sorted(facts))
    found = connection.execute(f"SELECT count(DISTINCT source_row) FROM ({rows})").fetchone()
    return int(found[0]) if found else 0


def _upsert(connection: Connection, incoming: Incoming, into: Into, touched: Touched) -> None:
    fact = incoming.fact.name
    if into.whole:
        _give_way(connection, incoming, touched)
    elif fact in SIDE:
        move_aside(connection, fact, touched)
    plain = _keys_unique(connection, incoming) and not _overlaps(connection, incoming)
    if not plain:
        _keep_latest(connection, incoming)
    if fact == "order_line":
        number_orders(connection)
        if not into.whole and find_heads(connection):
            incoming = _take_from_wholes(connection, incoming, touched)
        else:
            _share_out(connection, incoming, into, touched)
        mark_followers(connection)
    if plain:
        _insert(connection, incoming, "incoming i")
    else:
        _update(connection, incoming, touched)
        _insert(connection, incoming, f"incoming i ANTI JOIN {incoming.fact.name} f ON {incoming.same_key}")


def _project(connection: Connection, batch: Batch, staged: Staged, into: Into, batch_id: int) -> Incoming:
    """The view `incoming`: the fact's columns as the batch fills them."""
    fact = FACTS[into.fact]
    types = table_columns(connection, fact.name)
    marks = {"is_whole": "true"} if into.whole else {}
    absent = {spec.name for spec in batch.spec.fields} - staged.present
    present = {spec.name for spec in batch.spec.fields} & staged.present
    given: dict[str, str] = {}
    for column, sql in {**into.columns, **marks}.items():
        mentioned = words(sql)
        if mentioned & absent and not mentioned & present and types[column][1] and column not in fact.key:
            continue  # the file does not have what this column is made of: it says nothing about it
        given[column] = sql
    for column in ("platform", "shop"):
        if column in types and not types[column][1]:
            given.setdefault(column, f"batch_{column}")
    if "version" in types:
        own = given.get("version")
        given["version"] = f"coalesce({own}, observed_at)" if own else "observed_at"
    for column in fact.key:
        given.setdefault(column, "NULL")
    projection = ", ".join(f"CAST({sql} AS {types[column][0]}) AS {name(column)}" for column, sql in given.items())
    weight = f", CAST({into.weight or 'NULL'} AS DECIMAL(38,6)) AS _weight" if into.order_totals else ""
    if into.pieces:
        weight += f", CASE WHEN _weight IS NULL THEN {into.pieces} END AS _pieces"
        weight += f", {into.columns.get('sku_id', 'NULL')} AS _sku"
    connection.execute("DROP TABLE IF EXISTS temp.incoming_kept")
    select = f"SELECT {projection}{weight}, _row FROM usable WHERE {into.where}"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW incoming AS {select}")
    return Incoming(fact, tuple(given), batch_id, select, tuple(column for column in into.keep if column in given))


def _keys_unique(connection: Connection, incoming: Incoming) -> bool:
    """Whether no key comes twice (a rare hash collision only costs the slower road)."""
    key = ", ".join(name(column) for column in incoming.fact.key)
    row = connection.execute(f"SELECT count(*) = count(DISTINCT hash({key})) FROM incoming").fetchone()
    return bool(row and row[0])


def _overlaps(connection: Connection, incoming: Incoming) -> bool:
    """Whether the fact holds a row of these keys."""
    fact = incoming.fact.name
    if connection.execute(f"SELECT 1 FROM {fact} LIMIT 1").fetchone() is None:
        return False
    found = connection.execute(f"SELECT 1 FROM {fact} f SEMI JOIN incoming i ON {incoming.same_key} LIMIT 1").fetchone()
    return found is not None


def _keep_latest(connection: Connection, incoming: Incoming) -> None:
    """Make `incoming` a table with one row a key: the later row of the file, or the later version where it tells."""
    key = ", ".join(name(column) for column in incoming.fact.key)
    latest = f"PARTITION BY {key} ORDER BY version DESC, _row DESC"
    whole = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    known = ", ".join(
        f"first_value({name(column)} IGNORE NULLS) OVER ({latest} {whole}) AS {name(column)}"
        for column in incoming.keep
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE incoming_kept AS SELECT *{f' REPLACE ({known})' if known else ''} FROM incoming"
        f" QUALIFY row_number() OVER ({latest}) = 1"
    )
    connection.execute("CREATE OR REPLACE TEMP VIEW incoming AS SELECT * FROM temp.incoming_kept")


def _give_way(connection: Connection, incoming: Incoming, touched: Touched) -> None:
    """Wholes whose lines are stored go to the side table, and their lines learn what they say; the others stay."""
    if not split_covered(connection, incoming.fact.name):
        return
    aside = replace(incoming, fact=FACTS[SIDE[incoming.fact.name]])
    connection.execute("CREATE OR REPLACE TEMP VIEW incoming AS SELECT * FROM temp.covered")
    _keep_latest(connection, aside)
    _update(connection, aside, touched)
    _insert(connection, aside, f"incoming i ANTI JOIN {aside.fact.name} f ON {aside.same_key}")
    if incoming.fact.name == "order_line" and find_heads(connection):
        share_wholes(connection, None, touched)
    connection.execute("CREATE OR REPLACE TEMP VIEW incoming AS SELECT * FROM temp.uncovered")


def _take_from_wholes(connection: Connection, incoming: Incoming, touched: Touched) -> Incoming:
    """Lines take the amounts, the times and the buyer of their order from what an order report said of it."""
    if not _is_kept(connection):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE incoming_kept AS {incoming.projection}")
        connection.execute("CREATE OR REPLACE TEMP VIEW incoming AS SELECT * FROM temp.incoming_kept")
    share_wholes(connection, incoming.columns, touched)
    values = resolved("u", incoming.columns)
    more = tuple(column for column in RESOLVED if column not in incoming.columns and column != "time_estimated")
    rows = "temp.incoming_kept u LEFT JOIN shares s USING (_row) LEFT JOIN heads h USING (platform, shop, order_id)"
    replaced = ", ".join(
        f"CASE WHEN h.o IS NULL THEN u.{column} ELSE {values[column]} END AS {column}"
        for column in RESOLVED
        if column in incoming.columns
    )
    added = "".join(f", CASE WHEN h.o IS NOT NULL THEN {values[column]} END AS {column}" for column in more)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW incoming AS SELECT u.* REPLACE ({replaced}){added} FROM {rows}")
    return replace(incoming, columns=(*incoming.columns, *more), keep=(*incoming.keep, *more))


def _share_out(connection: Connection, incoming: Incoming, into: Into, touched: Touched) -> None:
    """Put each line's share in the place of amounts that repeat on every line of an order."""
    columns = tuple(column for column in into.order_totals if column in incoming.columns)
    if not columns:
        return
    kept = "SELECT * FROM temp.incoming_kept" if _is_kept(connection) else incoming.projection
    connection.execute(f"CREATE OR REPLACE TEMP VIEW unshared AS {kept}")
    if not share_totals(connection, columns, weight_column(into.columns, into.weight), touched, into.pieces):
        return
    shared = ", ".join(f"coalesce(s.{name(column)}, u.{name(column)}) AS {name(column)}" for column in columns)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW incoming AS SELECT u.* REPLACE ({shared}) FROM unshared u"
        f" LEFT JOIN shares s USING (_row)"
    )


def _is_kept(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'incoming_kept'").fetchone() is not None


def _insert(connection: Connection, incoming: Incoming, source: str) -> None:
    columns = [*incoming.columns]
    values = [f"i.{name(column)}" for column in columns]
    if incoming.fact.name == "order_line":
        columns.append("is_head")
        values.append("i._row NOT IN (SELECT _row FROM followers)")
    connection.execute(
        f"INSERT INTO {incoming.fact.name} ({', '.join(map(name, columns))}, batch_id, source_row)"
        f" SELECT {', '.join(values)}, {incoming.batch_id}, i._row FROM {source}"
    )


def _update(connection: Connection, incoming: Incoming, touched: Touched) -> None:
    """Update stored rows whose provided columns differ, unless what is stored was observed later.

    An older state still fills `keep` columns that the newer one left null, whatever is loaded first.
    """
    fact = incoming.fact
    fixed = {*fact.key, *SYSTEM_COLUMNS, *(["order_id"] if fact.name == "order_line" else [])}
    provided = [column for column in incoming.columns if column not in fixed]
    filled = FILLED.get(fact.name, ())
    kept = [column for column in provided if column in incoming.keep and column not in filled]
    differs = " OR ".join(_differs(column, column in filled, column in kept) for column in provided) or "false"
    fills = " OR ".join(_differs(column, True, True) for column in kept) or "false"
    old = "".join(f", f.{name(column)} AS {name('old_' + column)}" for column in fact.times)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS SELECT i.*, i.version >= f.version AS _newer{old} FROM incoming i"
        f" JOIN {fact.name} f ON {incoming.same_key}"
        f" WHERE CASE WHEN i.version >= f.version THEN {differs} ELSE {fills} END"
    )
    # what was seen again unchanged counts as seen at the later time, so that an older state cannot overtake it
    connection.execute(
        f"UPDATE {fact.name} AS f SET version = i.version FROM incoming i"
        f" WHERE {incoming.same_key} AND i.version > f.version AND NOT ({differs})"
    )
    _touch(connection, fact, touched, "changed", "old_")
    if provided:
        sets = ", ".join(_set(column, column in filled, column in kept) for column in [*provided, "version"])
        connection.execute(
            f"UPDATE {fact.name} AS f SET {sets}, batch_id = {incoming.batch_id}, source_row = i._row"
            f" FROM changed i WHERE {incoming.same_key}"
        )


def _differs(column: str, filled: bool, kept: bool) -> str:
    """A filled column differs only where nothing stands: what stands may have come from the product list."""
    if filled:
        return f"(f.{name(column)} IS NULL AND i.{name(column)} IS NOT NULL)"
    differs = f"f.{name(column)} IS DISTINCT FROM i.{name(column)}"
    return f"(i.{name(column)} IS NOT NULL AND {differs})" if kept else differs


def _set(column: str, filled: bool, kept: bool) -> str:
    stored, new = f"f.{name(column)}", f"i.{name(column)}"
    known = f"coalesce({new}, {stored})" if filled or kept else new
    older = f"coalesce({stored}, {new})" if kept else stored
    return f"{name(column)} = CASE WHEN i._newer THEN {known} ELSE {older} END"


def _append_events(connection: Connection, incoming: Incoming) -> None:
    """Facts without key: of equal rows as many are stored as the richest batch had."""
    fact, time = incoming.fact, incoming.fact.times[0]
    whole = ", ".join(name(column) for column in incoming.columns)
    same = " AND ".join(f"f.{name(column)} IS NOT DISTINCT FROM i.{name(column)}" for column in incoming.columns)
    span = f"(SELECT min(i.{name(time)}) FROM incoming i) AND (SELECT max(i.{name(time)}) FROM incoming i)"
    stored = f"SELECT {whole}, count(*) AS _stored FROM {fact.name} WHERE {name(time)} BETWEEN {span} GROUP BY ALL"
    source = "incoming i"
    if connection.execute(f"SELECT 1 FROM ({stored}) LIMIT 1").fetchone():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE stored_events AS {stored}")
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE incoming_kept AS SELECT i.* EXCLUDE (_nth) FROM (SELECT *, row_number() OVER"
            f" (PARTITION BY {whole} ORDER BY _row) AS _nth FROM incoming) i LEFT JOIN stored_events f ON {same}"
            f" WHERE i._nth > coalesce(f._stored, 0)"
        )
        source = "temp.incoming_kept i"
    _insert(connection, incoming, source)


def _touch(connection: Connection, fact: Fact, touched: Touched, rows: str, prefix: str = "") -> None:
    """Add the days of `rows` to what this transaction touched."""
    if connection.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchone() is None:
        return
    touched.note(fact.name)
    for column in fact.times:
        days = connection.execute(f"SELECT DISTINCT CAST({name(prefix + column)} AS DATE) FROM {rows}").fetchall()
        touched.add(fact.name, column, (day for (day,) in days))
