"""The rows of a grid under names that the caller gives, as text: for mappings of whole sets of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from connectors.reading.grids import Grid
from connectors.reading.headers import is_banner, normal_row, tidy
from connectors.reading.text import is_broken, printable
from warehouse.batch import TableRows

_SEARCH = 20
_CHUNK = 50_000


class Missing(Exception):
    """A grid has no header row with these columns; its most header-like row had `headers`."""

    def __init__(self, columns: Sequence[str], headers: Sequence[str]) -> None:
        super().__init__(", ".join(columns))
        self.columns, self.headers = tuple(columns), tuple(headers)


def read_columns(grid: Grid, wanted: Mapping[str, str], names: Sequence[str] = ()) -> tuple[TableRows, list[str]]:
    """The columns `wanted` (normal header → name to give) of all rows, with `source_row`; and remarks.

    `names` are the headers of a file without any. Rows that cannot be cut into cells stand in `torn`.

    Raises:
        Missing: no header row has all of them.
    """
    after, headers = _header(grid, wanted, names)
    places = {headers.index(header): name for header, name in wanted.items()}
    shown = tidy(names or next(cells for number, cells in grid.head if number == after))
    if grid.table is not None:
        return TableRows(_of_table(grid.table, after, places), shown), []
    return _of_text(grid, after, len(headers), places, shown), []


def _header(grid: Grid, wanted: Mapping[str, str], names: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    if names:
        row = normal_row(names)
        if lacking := [name for header, name in wanted.items() if header not in row]:
            raise Missing(lacking, names)
        return 0, row
    best: tuple[list[str], Sequence[str]] = (list(wanted.values()), ())
    for number, cells in grid.head[:_SEARCH]:
        if is_banner(cells):
            continue
        row = normal_row(cells)
        lacking = [name for header, name in wanted.items() if header not in row]
        if not lacking:
            return number, row
        if len(lacking) < len(best[0]) or not best[1]:
            best = (lacking, tidy(cells))
    raise Missing(*best)


def _of_table(table: pa.Table, after: int, places: Mapping[int, str]) -> pa.Table:
    """The rows below the header, blank ones left out."""
    below = table.slice(after)
    columns = {name: below.column(index).cast(pa.string()) for index, name in places.items()}
    columns["source_row"] = pa.array(range(after + 1, table.num_rows + 1), pa.int64())
    filled = None
    for column in below.columns:
        some = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column.cast(pa.string())), ""), False)
        filled = some if filled is None else pc.or_(filled, some)
    found = pa.table(columns)
    return (found.filter(filled) if filled is not None else found).combine_chunks()


def _of_text(grid: Grid, after: int, width: int, places: Mapping[int, str], headers: tuple[str, ...]) -> TableRows:
    torn: list[tuple[int, str]] = []
    delimiter = grid.text.delimiter if grid.text else ","
    chunks: list[pa.RecordBatch] = []
    cells_of: dict[str, list[str]] = {name: [] for name in places.values()}
    numbers: list[int] = []

    def flush() -> None:
        arrays = {name: pa.array(cells, pa.string()) for name, cells in cells_of.items()}
        chunks.append(pa.record_batch({**arrays, "source_row": pa.array(numbers, pa.int64())}))
        numbers.clear()
        for cells in cells_of.values():
            cells.clear()

    for number, cells in grid.rows(after, width):
        if is_broken(cells) or len(cells) < width or any(cell.strip() for cell in cells[width:]):
            torn.append((number, printable(cells, delimiter)))
            continue
        numbers.append(number)
        for index, name in places.items():
            cells_of[name].append(cells[index])
        if len(numbers) >= _CHUNK:
            flush()
    flush()
    return TableRows(pa.Table.from_batches(chunks).combine_chunks(), headers, tuple(torn))
