"""Parquet as a table of text: the header stands in the first row, as in a sheet."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.reading.sheets import LARGEST
from errors import UserError


def read_parquet(path: Path) -> pa.Table:
    """Columns "0", "1", …: names in row 1, then every row as text; nested columns stay empty.

    Raises:
        UserError: `file_damaged`, `archive_too_large`.
    """
    try:
        size = sum(
            pq.ParquetFile(path).metadata.row_group(index).total_byte_size
            for index in range(pq.ParquetFile(path).num_row_groups)
        )
        if size > LARGEST:
            packed = f"{path.stat().st_size / 2**20:,.1f}"
            raise UserError("archive_too_large", file=path.name, size=f"{size / 2**20:,.0f}", packed=packed)
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise UserError("file_damaged", file=path.name, detail=str(error).splitlines()[0]) from None
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        head = pa.chunked_array([pa.array([name], pa.string())])
        columns.append(pa.chunked_array([*head.chunks, *_as_text(column).chunks], pa.string()))
    return pa.table(columns, names=[str(index) for index in range(len(columns))])


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    if pa.types.is_floating(kind):
        return _plain_numbers(column.cast(pa.float64()))
    return column.cast(kind).cast(pa.string()) if kind is not column.type else column.cast(pa.string())


def _plain_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers without exponent: readers of ids take `1e+20` for digits that are lost."""
    text = column.cast(pa.string())
    odd = pc.fill_null(pc.match_substring(text, "e"), False)
    if not pc.any(odd).as_py():
        return text
    spelt = [f"{value:.10f}".rstrip("0").rstrip(".") for value in column.filter(odd).to_pylist()]
    flat = text.combine_chunks()
    mask = odd.combine_chunks() if isinstance(odd, pa.ChunkedArray) else odd
    return pa.chunked_array([pc.replace_with_mask(flat, mask, pa.array(spelt, pa.string()))])
