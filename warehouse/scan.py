"""The statement that makes typed rows of text, in layers: raw text → value per field → first fault → what is kept.

Two roads to the same table `staged`. `read_in_full` gives every cell all that `parse` can do. `read_clean` takes the
cheap values of `clean` and keeps the text of rows with a cell in doubt or a fault; those rows are then read in full.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse import clean, parse
from warehouse.batch import Batch, Field
from warehouse.engine import Connection
from warehouse.faults import Fault, number_of, of_types, total_tests
from warehouse.parse import Zone, name, quote

SQL_TYPES = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "int": "BIGINT",
    "number": "DOUBLE",
    "money": "DECIMAL(18,2)",
    "fen": "DECIMAL(18,2)",
    "rate": "DOUBLE",
    "percent": "DOUBLE",
    "time": "TIMESTAMP",
    "epoch": "TIMESTAMP",
    "date": "DATE",
    "bool": "BOOLEAN",
    "person": "UBIGINT",
    "province": "VARCHAR",
    "status": "VARCHAR",
}
_SAMPLE = 10_000
_OFTEN = 0.02  # a field in doubt in more of the sample's rows is read in full at once
_MOST = 0.25  # with more rows in doubt, reading the file again in full is cheaper than mending them


@dataclass
class Scan:
    """What the statements of one batch have in common."""

    batch: Batch
    zone: Zone
    fields: list[Field]  # those that the rows have
    raws: dict[str, str]  # field → column of the source
    faults: list[Fault] = field(default_factory=list)
    totals: tuple[str, ...] = ()

    def typed(self, source: str, raws: dict[str, str], own_row: str, cheap: frozenset[str] = frozenset()) -> str:
        """Three layers: raw text `r:`; quick value `q:` and plain text `p:` of what has none; the value.

        A field of `cheap` has its value, without doubt or not, in the second layer already.
        """
        columns = [own_row] + [f"{column} AS {name('r:' + spec)}" for spec, column in raws.items()]
        first: list[str] = []
        values: list[str] = []
        for spec in self.fields:
            if spec.name in cheap:
                first.append(f"{self._cheap_value(spec)} AS {name(spec.name)}")
                continue
            r, q, p = (name(f"{layer}:{spec.name}") for layer in "rqp")
            quick = parse.quick(spec.type, r, self.zone)
            read = parse.slow(spec.type, p, self.zone, self.batch.spec.statuses)
            if quick is None:
                first.append(f"{parse.plain(spec.type, r)} AS {p}")
                values.append(f"{read} AS {name(spec.name)}")
            else:
                unread = f"{quick} IS NULL AND NOT {parse.is_null_token(spec.type, r)}"
                first += [f"{quick} AS {q}", f"CASE WHEN {unread} THEN {parse.plain(spec.type, r)} END AS {p}"]
                values.append(f"coalesce({q}, {read}) AS {name(spec.name)}")
        own = ", ".join(["*", *values, *absent_fields(self.batch, raws), *own_names(self.batch)])
        return f"SELECT {own} FROM (SELECT {', '.join(['*', *first])} FROM (SELECT {', '.join(columns)} FROM {source}))"

    def _cheap_value(self, spec: Field) -> str | None:
        return clean.value(spec.type, name("r:" + spec.name), self.zone, self.batch.spec.statuses)

    def doubt(self, spec: Field) -> str:
        """SQL that is true when the cheap value of a field may be wrong."""
        return clean.doubt(spec.type, name("r:" + spec.name), name(spec.name))

    def unknown(self, spec: Field) -> str | None:
        """SQL for the text that no mapping knows, over what `typed` gives of a field read in full."""
        return parse.unknown(spec.type, name("p:" + spec.name), name(spec.name))

    @property
    def noted(self) -> list[Field]:
        """Fields whose unknown texts are kept beside them, under `?` and their name."""
        return [spec for spec in self.fields if spec.type in ("status", "province")]

    def kept(self, source: str, raws: dict[str, str], own_row: str, own: str = "") -> str:
        """The statement whose rows are those of `staged`, read in full, with the columns `own` of the source."""
        fault = number_of(self.faults, self.totals, self.batch.spec.only)
        raw = ", ".join(f"{quote(spec.name)}, {_raw_text(spec)}" for spec in self.fields)
        columns = [name(spec.name) for spec in self.fields]
        columns += [f"{self.unknown(spec)} AS {name('?' + spec.name)}" for spec in self.noted] + ([own] if own else [])
        return (
            f"SELECT {', '.join(columns)}, _fault,"
            f" CASE WHEN _fault > 0 THEN CAST(json_object({raw}) AS VARCHAR) END AS _raw"
            f" FROM (SELECT *, CAST({fault} AS SMALLINT) AS _fault FROM ({self.typed(source, raws, own_row)}))"
        )


def absent_fields(batch: Batch, present: dict[str, str]) -> list[str]:
    """The fields that the rows lack, as null columns."""
    return [
        f"CAST(NULL AS {SQL_TYPES[spec.type]}) AS {name(spec.name)}"
        for spec in batch.spec.fields
        if spec.name not in present
    ]


def own_names(batch: Batch) -> list[str]:
    """The batch's own names as columns; a field called like one hides it."""
    own = {
        "platform": f"CAST({quote(batch.platform)} AS VARCHAR)",
        "shop": f"CAST({quote(batch.shop)} AS VARCHAR)",
        "batch_platform": quote(batch.platform),
        "batch_shop": quote(batch.shop),
        "observed_at": f"TIMESTAMP {quote(batch.observed_at.replace(tzinfo=None).isoformat(sep=' '))}",
    }
    taken = {spec.name for spec in batch.spec.fields}
    return [f"{sql} AS {column}" for column, sql in own.items() if column not in taken]


def _raw_text(spec: Field) -> str:
    """What a quarantined row keeps of a field: its text, or of a person the hash only."""
    return parse.person_text(name(spec.name)) if spec.type == "person" else name("r:" + spec.name)


def read_in_full(connection: Connection, scan: Scan, source: str, own_row: str, own: str = "") -> None:
    """Fill `staged`; every cell gets all that `parse` can do."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {scan.kept(source, scan.raws, own_row, own)}")


def read_clean(connection: Connection, scan: Scan, source: str, own_row: str) -> None:
    """Fill `staged` with the same rows at less cost; `own_row` gives the first cell as `r:`."""
    cheap = _cheap(connection, scan, source, own_row)
    columns = [name(spec.name) for spec in scan.fields]
    columns += [f"CAST(NULL AS VARCHAR) AS {name('?' + spec.name)}" for spec in scan.noted]
    cells = ", ".join(['"r:"', *(name("r:" + column) for column in scan.raws)])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS SELECT {', '.join(columns)}, CAST(0 AS SMALLINT) AS _fault,"
        f" CAST(NULL AS VARCHAR) AS _raw, CASE WHEN {_doubtful(scan, cheap)} THEN [{cells}] END AS _cells"
        f" FROM ({scan.typed(source, scan.raws, own_row, cheap)})"
    )
    rows, doubtful = connection.execute("SELECT count(*), count(_cells) FROM staged").fetchone() or (0, 0)
    if doubtful > rows * _MOST:
        read_in_full(connection, scan, source, own_row)
    elif doubtful:
        _read_doubtful(connection, scan)


def _cheap(connection: Connection, scan: Scan, source: str, own_row: str) -> frozenset[str]:
    """The fields that are clean in nearly all first rows of the source."""
    able = [spec for spec in scan.fields if clean.value(spec.type, "x", scan.zone, {}) is not None]
    if not able:
        return frozenset()
    counts = ", ".join(f"count(*) FILTER (WHERE {scan.doubt(spec)})" for spec in able)
    sample = f"(SELECT * FROM {source} LIMIT {_SAMPLE})"
    typed = scan.typed(sample, scan.raws, own_row, frozenset(spec.name for spec in able))
    rows, *doubts = connection.execute(f"SELECT count(*), {counts} FROM ({typed})").fetchone() or (0,)
    return frozenset(spec.name for spec, count in zip(able, doubts, strict=True) if count <= rows * _OFTEN)


def _doubtful(scan: Scan, cheap: frozenset[str]) -> str:
    """SQL: a row has a cell in doubt or a fault, whichever it is."""
    full = [spec for spec in scan.fields if spec.name not in cheap]
    types = {fault.condition for fault in of_types(scan.fields)}
    tests = [scan.doubt(spec) for spec in scan.fields if spec.name in cheap]
    tests += [fault.condition for fault in of_types(full)]
    tests += [f"({scan.unknown(spec)}) IS NOT NULL" for spec in full if spec in scan.noted]
    tests += [fault.condition for fault in scan.faults if fault.condition not in types]
    if scan.batch.spec.only:
        tests.append(f"NOT TRY({scan.batch.spec.only})")
    if scan.totals:
        digit = "" if any(mark[:1].isdigit() for mark in scan.totals) else "NOT (\"r:\" >= '0' AND \"r:\" < ':') AND "
        tests.append(f"({digit}({' OR '.join(total_tests(scan.totals))}))")
    return " OR ".join(f"({test})" for test in tests) or "false"


def _read_doubtful(connection: Connection, scan: Scan) -> None:
    """Read the rows whose cells were kept in full, in their places."""
    raws = {column: f"_cells[{index}]" for index, column in enumerate(scan.raws, 2)}
    kept = scan.kept("staged WHERE _cells IS NOT NULL", raws, '_cells[1] AS "r:", rowid AS _at', "_at")
    names = [spec.name for spec in scan.fields] + ["?" + spec.name for spec in scan.noted] + ["_fault", "_raw"]
    sets = ", ".join(f"{name(column)} = i.{name(column)}" for column in names)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE doubtful AS {kept}")
    connection.execute(f"UPDATE staged SET {sets} FROM doubtful i WHERE staged.rowid = i._at")
