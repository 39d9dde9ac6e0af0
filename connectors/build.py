"""From a grid and its layout to a batch: rows under field names, total rows set aside, torn rows kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from connectors.kinds import TOTALS
from connectors.reading import Grid
from connectors.reading.headers import normal
from connectors.reading.text import is_broken, printable
from connectors.recognise import Layout
from warehouse.batch import TableRows, TextRows
from warehouse.parse import NULL_TOKENS, PADDING

CHUNK = 50_000
_SUMMED = ("int", "number", "money")
_PLAIN = str.maketrans("", "", ",，¥￥'")
_DIGITS = 30  # more before the point than any sum of money has; beyond it Decimal overflows


def note(code: str, **fields: object) -> str:
    """A remark on a batch: a code of the message catalogue and its fields (`connectors.note_text` reads it)."""
    return "|".join([code, *(f"{name}={str(value).replace('|', '/')}" for name, value in fields.items())])


@dataclass
class _Rows:
    """Collects cells column by column, in chunks, so that memory holds Arrow and not Python strings."""

    columns: dict[int, str]
    numbers: list[int] = field(default_factory=list)
    cells: dict[str, list[str | None]] = field(default_factory=dict)
    chunks: list[pa.RecordBatch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cells = {name: [] for name in self.columns.values()}

    def add(self, number: int, cells: list[str]) -> None:
        self.numbers.append(number)
        for index, name in self.columns.items():
            self.cells[name].append(cells[index] if index < len(cells) else None)
        if len(self.numbers) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        arrays = {name: pa.array(values, pa.string()) for name, values in self.cells.items()}
        arrays["source_row"] = pa.array(self.numbers, pa.int64())
        self.chunks.append(pa.record_batch(arrays))
        self.numbers, self.cells = [], {name: [] for name in self.cells}

    def table(self) -> pa.Table:
        self.flush()
        return pa.Table.from_batches(self.chunks).combine_chunks()


def is_total(cells: list[str], marks: frozenset[str]) -> bool:
    """A total row or footer: its first filled cell is a mark, or starts with `#` and most others are blank."""
    filled = [cell for cell in cells if cell.strip()]
    first = filled[0] if filled else ""
    return (first.lstrip().startswith("#") and len(filled) * 2 <= len(cells) + 1) or normal(first) in marks


def _lacks(cells: list[str], places: list[int]) -> bool:
    """Whether the fields that every row has are all empty here."""
    return bool(places) and all(at >= len(cells) or cells[at].strip(PADDING) in NULL_TOKENS for at in places)


def _text_marks(layout: Layout) -> tuple[str, ...]:
    """First-cell marks of rows to pass over; `#` only where no value starts with it, as a name or cipher may."""
    types = {column.field: column.type for column in layout.kind.columns}
    first = types.get(layout.columns[0] or "", "text") if layout.columns else "text"
    return (*TOTALS, *(() if first in ("text", "person", "province", "status") else ("#",)))


def _amount(text: str | None) -> Decimal | None:
    """The number a cell holds; what Decimal would take but no account holds (`NaN`, `Infinity`, `9E999`) is none."""
    try:
        value = Decimal((text or "").strip().translate(_PLAIN))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() < _DIGITS else None


def _check_total(layout: Layout, number: int, cells: list[str], table: pa.Table) -> str:
    """Compare a total row with the sum of the rows; a difference is worth telling, not an error."""
    types = {column.field: column.type for column in layout.kind.columns}
    compared, different = 0, []
    for index, name in enumerate(layout.columns):
        stated = _amount(cells[index]) if index < len(cells) else None
        if name is None or stated is None or types.get(name) not in _SUMMED:
            continue
        total = sum(
            (value for text in table.column(name).to_pylist() if (value := _amount(text)) is not None),
            Decimal(),
        )
        compared += 1
        if abs(total - stated) > Decimal("0.01"):
            different.append(f"{layout.headers[index]} {stated} ≠ {total}")
    if different:
        return note("total_differs", row=number, columns="; ".join(different))
    return note("total_agrees" if compared else "total_seen", row=number, columns=compared)


def _table(grid: Grid, layout: Layout, constants: Mapping[str, str]) -> tuple[TableRows, list[str]]:
    needed = {index: name for index, name in enumerate(layout.columns) if name and name not in constants}
    rows, torn, totals = _Rows(needed), [], []
    narrowest = max(
        (i + 1 for i, header in enumerate(layout.headers) if header or layout.columns[i]),
        default=layout.width,
    )
    marks = frozenset(normal(mark) for mark in (*TOTALS, *layout.kind.totals)) if layout.kind.totals else frozenset()
    always = [index for index, name in enumerate(layout.columns) if name in layout.kind.totals_lack]
    delimiter = grid.text.delimiter if grid.text else ","
    for number, cells in grid.rows(layout.after, layout.width):
        if (layout.after and is_total(cells, marks)) or _lacks(cells, always):
            totals.append((number, cells))
        elif is_broken(cells) or len(cells) < narrowest or any(cell.strip() for cell in cells[layout.width :]):
            torn.append((number, printable(cells, delimiter)))
        else:
            rows.add(number, cells)
    table = rows.table()
    for name, value in constants.items():
        table = table.append_column(name, pa.array([value] * table.num_rows, pa.string()))
    remarks = [_check_total(layout, number, cells, table) for number, cells in totals]
    for name, source in layout.kind.copies.items():
        if name not in table.column_names and source in table.column_names:
            table = table.append_column(name, table.column(source))
    if layout.kind.levels:
        table, passed = _without_subtotals(table, layout.kind.levels)
        remarks += [note("total_rows", count=passed)] if passed else []
    return TableRows(table, layout.headers, tuple(torn)), remarks


def _without_subtotals(table: pa.Table, levels: tuple[str, ...]) -> tuple[pa.Table, int]:
    """The rows that no other row breaks down further, and how many were passed over."""
    columns = [table.column(name).to_pylist() for name in levels if name in table.column_names]
    days = table.column("day").to_pylist() if "day" in table.column_names else [None] * table.num_rows
    paths = [(day, *_steps(cells)) for day, cells in zip(days, zip(*columns, strict=True), strict=True)]
    broken_down = {path[:length] for path in paths for length in range(1, len(path))}
    kept = pa.array([path not in broken_down for path in paths], pa.bool_())
    return table.filter(kept), len(paths) - sum(kept.to_pylist())


def _steps(cells: tuple[str | None, ...]) -> tuple[str, ...]:
    """A path down to where it says 汇总, or nothing."""
    steps = [normal(cell) for cell in cells]
    ends = (index for index, step in enumerate(steps) if step in ("", "-", *TOTALS))
    return tuple(steps[: next(ends, len(steps))])


def cut_rows(grid: Grid, layout: Layout, constants: Mapping[str, str]) -> tuple[TextRows | TableRows, list[str]]:
    """The rows of a grid. Plain text is left to DuckDB, which reads it in place; kinds with total rows are cut here."""
    if grid.text is not None and not layout.kind.totals and not layout.kind.totals_lack and not constants:
        text, marks = grid.text, _text_marks(layout)
        return TextRows(text.path, text.delimiter, layout.first, layout.columns, layout.headers, marks), []
    return _table(grid, layout, constants)
