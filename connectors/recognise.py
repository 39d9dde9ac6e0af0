"""Which kind of export a grid is, and where its header stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.kinds import ExportKind, kinds
from connectors.reading import Grid
from connectors.reading.headers import is_banner, normal_row, tidy

SEARCH_ROWS = 20


@dataclass(frozen=True)
class Layout:
    """How a grid is to be read: kind, columns, and the row after which the data start."""

    kind: ExportKind
    columns: tuple[str | None, ...]  # field per file column
    headers: tuple[str, ...]  # original headers, tidied
    after: int  # row number of the header (0: none)
    first: int  # row number of the first data row

    @property
    def width(self) -> int:
        return len(self.columns)


def _data_width(grid: Grid, after: int, width: int) -> int:
    """Rows may end in a delimiter too many: the usual width of the first rows, when their extra cells are blank."""
    below = [cells for number, cells in grid.head if number > after]
    wide = [cells for cells in below if len(cells) > width]
    if len(wide) * 2 > len(below) and all(not any(cell.strip() for cell in cells[width:]) for cells in wide):
        return max(len(cells) for cells in wide)
    return width


def layout_at(grid: Grid, kind: ExportKind, index: int, columns: Sequence[str | None]) -> Layout:
    """The layout with the header at `grid.head[index]`."""
    after, cells = grid.head[index]
    first = grid.head[index + 1][0] if index + 1 < len(grid.head) else after + 1
    width = _data_width(grid, after, len(cells))
    pad = width - len(cells)
    return Layout(kind, tuple(columns) + (None,) * pad, tidy(cells) + ("",) * pad, after, first)


def candidates(grid: Grid) -> list[int]:
    """Indexes of head rows that could be a header."""
    return [i for i, (_, cells) in enumerate(grid.head[:SEARCH_ROWS]) if not is_banner(cells)]


def header_row(grid: Grid) -> tuple[str, ...]:
    """The most header-like row, for error messages: the widest of the first rows, the earliest among equals."""
    rows = [grid.head[i][1] for i in candidates(grid)]
    return tidy(max(rows, key=lambda cells: sum(bool(cell and cell.strip()) for cell in cells))) if rows else ()


def with_header(grid: Grid, among: Sequence[ExportKind]) -> Layout | None:
    """The best match of a head row with the headers of a kind: all key fields, then most columns known."""
    best: tuple[tuple[int, int, int], ExportKind, int, tuple[str | None, ...]] | None = None
    for index in candidates(grid):
        names = normal_row(grid.head[index][1])
        for kind in among:
            columns = kind.place(names)
            known = sum(column is not None for column in columns)
            if known < 2 or kind.missing(columns):
                continue
            score = (known, len(kind.key), -index)
            if best is None or score > best[0]:
                best = (score, kind, index, columns)
    return layout_at(grid, best[1], best[2], best[3]) if best else None


def _fits(row: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> bool:
    return len(row) == len(patterns) and all(
        pattern.fullmatch(cell.strip()) for pattern, cell in zip(patterns, row, strict=True)
    )


def without_header(grid: Grid, among: Sequence[ExportKind]) -> Layout | None:
    """A file without header, by the shape of its values: four rows of five must fit."""
    rows = [cells for _, cells in grid.head]
    for kind in among:
        if not kind.shape or not rows:
            continue
        patterns = [re.compile(pattern) for _, pattern in kind.shape]
        fits = [
            len(row) == len(patterns) and all(p.fullmatch(c.strip()) for p, c in zip(patterns, row, strict=True))
            for row in rows
        ]
        if fits[0] and sum(fits) * 5 >= len(fits) * 4:
            fields = tuple(name for name, _ in kind.shape)
            return Layout(kind, fields, fields, 0, grid.head[0][0])
    return None


def recognise(grid: Grid, only: ExportKind | None = None) -> Layout | None:
    """How to read this grid, or None when nobody knows it."""
    among = [only] if only else kinds()
    return with_header(grid, among) or without_header(grid, among)


def continued(grid: Grid, before: Layout) -> Layout | None:
    """The layout of a sheet that goes on where the sheet before it ended, without a header of its own."""
    fits = grid.table is not None and bool(grid.head) and len(grid.head[0][1]) <= before.width
    if not before.kind.continues or not fits:
        return None
    return Layout(before.kind, before.columns, before.headers, 0, grid.head[0][0])


def nearest(grid: Grid, kind: ExportKind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For a kind that was asked for but does not fit: its headers that are missing in the best row, and that row."""
    best: tuple[int, tuple[str, ...], tuple[str, ...]] | None = None
    for index in candidates(grid):
        cells = grid.head[index][1]
        columns = kind.place(normal_row(cells))
        known = sum(column is not None for column in columns)
        if best is None or known > best[0]:
            missing = tuple(
                "/".join(kind.usual_header(name) for name in need.split("|")) for need in kind.missing(columns)
            )
            best = (known, missing, tidy(cells))
    return (best[1], best[2]) if best and best[0] else (tuple(map(kind.usual_header, kind.key)), header_row(grid))
