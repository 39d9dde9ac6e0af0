"""A grid is one rectangle of text in a file: the file itself, a sheet of a workbook, a member of a ZIP."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

from connectors.reading.html import read_html
from connectors.reading.parquet import read_parquet
from connectors.reading.sheets import LARGEST, RATIO, check_bomb, read_workbook
from connectors.reading.sniff import shape
from connectors.reading.text import TextFile, prepare, rows
from errors import UserError

HEAD_ROWS = 60
MEMBERS = 500


@dataclass(frozen=True)
class Grid:
    """One rectangle of text. `place` finds it again in the file; exactly one of `text`, `table`, `error` is there."""

    place: dict[str, str]  # {"member": …, "sheet": …}
    head: list[tuple[int, list[str]]]  # first rows that are not blank, with their 1-based row numbers
    text: TextFile | None = None
    table: pa.Table | None = None
    error: UserError | None = None  # a member of an archive that cannot be opened; the others can

    def rows(self, after: int, width: int) -> Iterator[tuple[int, list[str]]]:
        """Rows below row number `after`, cells as text; broken bytes are lone surrogates."""
        if self.text is not None:
            yield from ((number, cells) for number, cells in rows(self.text, width) if number > after)
            return
        assert self.table is not None
        number = 0
        for batch in self.table.to_batches(max_chunksize=50_000):
            for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                if number > after and any(cell and cell.strip() for cell in cells):
                    yield number, [cell or "" for cell in cells]


def _table_grid(table: pa.Table, place: dict[str, str]) -> Grid:
    grid = Grid(place, [], table=table)
    head = list(islice(Grid(place, [], table=table.slice(0, 4 * HEAD_ROWS)).rows(0, table.num_columns), HEAD_ROWS))
    return Grid(grid.place, head, table=table)


def open_grids(path: Path, tmp: Path, place: dict[str, str] | None = None, nested: bool = False) -> Iterator[Grid]:
    """The grids of a file in order; copies made on the way are deleted when the next one is asked for.

    `place` asks for one grid only. Raises:
        UserError: `file_empty`, `file_damaged`, `archive_too_large`, `archive_locked`, `archive_nested`.
    """
    wanted = place or {}
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise UserError("file_empty", file=path.name)
    kind = shape(head, check_bomb(path) if head.startswith(b"PK") else None)
    if kind == "zip":
        if nested:
            raise UserError("archive_nested", file=path.name)
        yield from _members(path, tmp, wanted)
    elif kind == "gzip":
        yield from _unpacked(path, tmp, wanted)
    elif kind in ("xlsx", "xls"):
        for name, table in read_workbook(path, wanted.get("sheet")):
            yield _table_grid(table, {"sheet": name})
    elif kind == "parquet":
        yield _table_grid(read_parquet(path), {})
    elif kind == "html":
        yield _table_grid(read_html(path), {})
    else:
        yield from _text(path, tmp)


def _text(path: Path, tmp: Path) -> Iterator[Grid]:
    file, copy = prepare(path, tmp)
    try:
        yield Grid({}, list(islice(rows(file), HEAD_ROWS)), text=file)
    finally:
        if copy is not None:
            copy.unlink(missing_ok=True)


def _unpacked(path: Path, tmp: Path, wanted: dict[str, str]) -> Iterator[Grid]:
    tmp.mkdir(parents=True, exist_ok=True)
    limit = min(LARGEST, max(64 << 20, path.stat().st_size * RATIO))
    with tempfile.TemporaryDirectory(dir=tmp) as folder:
        copy = Path(folder) / path.stem
        with cast("IO[bytes]", gzip.open(path)) as stream:
            _copy(stream, copy, limit, path.name)
        with copy.open("rb") as unpacked:
            if unpacked.read(3) == b"\x1f\x8b\x08":  # layers without end would be gone through without end
                raise UserError("archive_nested", file=path.name)
        yield from open_grids(copy, tmp, wanted, nested=True)


def _member_name(info: zipfile.ZipInfo) -> str:
    """Windows tools write Chinese names as GBK without saying so; zipfile reads those as cp437."""
    if info.flag_bits & 0x800:
        return info.filename
    with suppress(UnicodeError):
        return info.filename.encode("cp437").decode("gb18030")
    return info.filename


def _members(path: Path, tmp: Path, wanted: dict[str, str]) -> Iterator[Grid]:
    tmp.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and not _hidden(info.filename)]
        if len(infos) > MEMBERS:
            raise UserError("archive_too_large", file=path.name, size=f"{len(infos)} files", packed=MEMBERS)
        if not infos:
            raise UserError("file_empty", file=path.name)
        for info in infos:
            name = _member_name(info)
            if wanted.get("member", name) != name:
                continue
            with tempfile.TemporaryDirectory(dir=tmp) as folder:
                copy = Path(folder) / ("member" + Path(name).suffix[:8])
                _extract(archive, info, copy, path)
                try:
                    for grid in open_grids(copy, tmp, wanted, nested=True):
                        yield Grid({"member": name, **grid.place}, grid.head, grid.text, grid.table)
                except UserError as error:
                    error.fields["file"] = f"{path.name}/{name}"
                    yield Grid({"member": name}, [], error=error)


def _hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or Path(name).name.startswith((".", "~$"))


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, path: Path) -> None:
    if info.flag_bits & 1:
        raise UserError("archive_locked", file=path.name)
    try:
        stream = archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise UserError("file_damaged", file=path.name, detail=error) from None
    with stream:
        _copy(stream, target, min(LARGEST, info.file_size + 1), path.name)


def _copy(stream: IO[bytes], target: Path, limit: int, name: str) -> None:
    """Unpack, counting the bytes that really come out: what an archive says of itself may be a lie."""
    try:
        with target.open("wb") as out:
            shutil.copyfileobj(_Bounded(stream, limit, name), out, 1 << 20)
    except UserError:
        raise
    except Exception as error:  # zlib, lzma and bz2 each have an error class of their own
        raise UserError("file_damaged", file=name, detail=error) from None


class _Bounded:
    """A stream that refuses to give more than `limit` bytes."""

    def __init__(self, stream: IO[bytes], limit: int, name: str) -> None:
        self._stream, self._left, self._name = stream, limit, name
        self._limit = f"> {limit / 2**20:,.0f}"

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise UserError("archive_too_large", file=self._name, size=self._limit, packed="–")
        return block
