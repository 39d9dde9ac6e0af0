"""Old Excel files (BIFF8 in an OLE2 container), as 生意参谋 writes them: text cells only, one sheet."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def write(path: Path, rows: Sequence[Sequence[str]], sheet: str = "Sheet1") -> int:
    """Write the rows as one sheet; gives their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_container(_workbook(rows, sheet)))
    return len(rows)


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _begin(part: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, part, 0x0DBB, 0x07CC, 0, 6))


def _text(text: str, length: str) -> bytes:
    """A string with its length, two bytes a character."""
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def _workbook(rows: Sequence[Sequence[str]], sheet: str) -> bytes:
    """The stream `Workbook`: globals that name the sheet and where it begins, then its cells."""
    bound = struct.pack("<IH", 0, 0) + _text(sheet, "<B")
    before = _begin(5) + _record(0x42, struct.pack("<H", 1200))
    start = len(before) + 4 + len(bound) + 4
    head = before + _record(0x85, struct.pack("<I", start) + bound[4:]) + _record(0x0A)
    width = max((len(row) for row in rows), default=0)
    cells = [_record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))]
    for y, row in enumerate(rows):
        cells += [
            _record(0x204, struct.pack("<HHH", y, x, 0) + _text(cell, "<H")) for x, cell in enumerate(row) if cell
        ]
    return head + _begin(16) + b"".join(cells) + _record(0x0A)


def _container(stream: bytes) -> bytes:
    """The stream in sectors behind a header, one directory and its allocation table."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    count = len(stream) // _SECTOR
    tables = 1
    while (count + 1 + tables) > tables * 128:
        tables += 1
    chain = [*range(1, count), _END, _END, *[_FAT] * tables]
    chain += [_FREE] * (tables * 128 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, count, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *[count + 1 + n for n in range(tables)], *[_FREE] * (109 - tables))
    directory = _entry("Root Entry", 5, _END, 0, 1) + _entry("Workbook", 2, 0, len(stream), _FREE) + bytes(256)
    return header + stream + directory + struct.pack(f"<{len(chain)}I", *chain)


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<III", _FREE, _FREE, child)
    place = struct.pack("<IQ", start, size)
    return text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1) + links + bytes(36) + place
