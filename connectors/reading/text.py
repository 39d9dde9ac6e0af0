"""Text files: encoding found, brought to UTF-8 when it is another, broken bytes kept broken.

A UTF-8 file is read in place, a GB18030 or UTF-16 file through a UTF-8 copy. Bytes that cannot be decoded stay invalid
in the copy, so that their rows end in quarantine and neither vanish nor pass as something else.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from connectors.reading.sniff import delimiter, wide

BLOCK = 1 << 24
_HEAD = 1 << 16
SPAN = 50  # lines that one quoted cell may cover
BROKEN = "\ufdd0"  # stands for a broken byte where text must be valid: a code point that is no character
_BROKEN = re.compile(f"[\udc80-\udcff{BROKEN}]")
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class TextFile:
    """A text file made ready: UTF-8 but for bytes that could not be decoded."""

    path: Path
    delimiter: str


def _valid_utf8(block: bytes) -> bool:
    offsets = pa.py_buffer(b"\0\0\0\0" + len(block).to_bytes(4, "little"))
    try:
        pa.StringArray.from_buffers(1, offsets, pa.py_buffer(block)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    """Blocks of whole lines. Neither UTF-8 nor GB18030 has a line feed inside a character."""
    with path.open("rb") as stream:
        rest = b""
        while chunk := stream.read(BLOCK):
            cut = chunk.rfind(b"\n") + 1
            if not cut and len(rest) < 4 * BLOCK:
                rest += chunk
                continue
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        if rest:
            yield rest


def _decodes(block: bytes, encoding: str) -> bool:
    if encoding == "utf-8":
        return _valid_utf8(block)
    try:
        block.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _majority(path: Path) -> str:
    """For a file that no encoding reads whole: the one that reads more of its non-ASCII lines."""
    utf8 = gb = 0
    for block in _blocks(path):
        for line in block.split(b"\n"):
            if line.isascii():
                continue
            if _decodes(line, "utf-8"):
                utf8 += 1  # bytes that are UTF-8 by chance are far rarer than bytes that are GB18030 by chance
            elif _decodes(line, "gb18030"):
                gb += 1
        if utf8 + gb > 2000:
            break
    return "utf-8" if utf8 >= gb else "gb18030"


def encoding_of(path: Path) -> str:
    """The encoding of a text file: the one that reads every byte, or else most lines."""
    return _survey(path)[0]


def _survey(path: Path) -> tuple[str, bool]:
    """The encoding of a text file, and whether its lines end in both ways; one pass for UTF-8."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if (flavour := wide(head)) is not None:
        return flavour, _mixed_ends(path)
    ends = _Ends()
    if all(ends.see(block) and _valid_utf8(block) for block in _blocks(path)):
        return "utf-8", ends.mixed
    if all(_decodes(block, "gb18030") for block in _blocks(path)):
        return "gb18030", _mixed_ends(path)
    return _majority(path), _mixed_ends(path)


def decoded(path: Path, encoding: str) -> Iterator[str]:
    """Blocks of text; a byte that cannot be decoded becomes a lone surrogate."""
    utf16 = "16" in encoding
    with path.open("r", encoding=encoding, errors="replace" if utf16 else "surrogateescape", newline="") as stream:
        first = True
        while text := stream.read(1 << 22):
            if text.endswith("\r"):
                text += stream.read(1)  # keep a pair of line ends together
            if first:
                text, first = text.removeprefix("\ufeff"), False
            yield text.replace("\ufffd", "\udcff") if utf16 else text


def prepare(path: Path, tmp: Path) -> tuple[TextFile, Path | None]:
    """Make a text file ready; the second value is a temporary copy to delete afterwards."""
    (encoding, mixed), copy = _survey(path), None
    if encoding != "utf-8" or mixed:
        tmp.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".csv", dir=tmp)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as target:
            for text in decoded(path, encoding):
                target.write(text.replace("\r\n", "\n") if mixed else text)
        path = copy = Path(name)
    return TextFile(path, delimiter(_first_lines(path))), copy


class _Ends:
    """Whether lines end in both ways: DuckDB's reader may then give no rows at all, without a word."""

    def __init__(self) -> None:
        self._pairs = self._bare = False

    @property
    def mixed(self) -> bool:
        return self._pairs and self._bare

    def see(self, block: bytes) -> bool:
        """Look at a block of whole lines; always true. Most files have no carriage return, which is quickly found."""
        pairs = block.count(b"\r\n") if b"\r" in block else 0
        self._pairs = self._pairs or pairs > 0
        self._bare = self._bare or (block.count(b"\n") > pairs if pairs else b"\n" in block)
        return True


def _mixed_ends(path: Path) -> bool:
    ends = _Ends()
    return any(ends.see(block) and ends.mixed for block in _blocks(path))


def _first_lines(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    text = head.decode("utf-8", errors="replace")
    return text[: text.rfind("\n") + 1] if len(head) == _HEAD and "\n" in text else text


def _lines(path: Path) -> Iterator[str]:
    with path.open("r", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        for number, line in enumerate(stream):
            text = line.removeprefix("\ufeff") if number == 0 else line
            yield text.replace("\0", "\udc80")


class _Records:
    """Cuts lines into records. A quote that never closes costs its own line and no other."""

    def __init__(self, file: TextFile, width: int | None) -> None:
        self._lines = _lines(file.path)
        self._ahead: deque[str] = deque()
        self._delimiter, self._width = file.delimiter, width
        self._number = 1

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while (line := self._ahead.popleft() if self._ahead else next(self._lines, None)) is not None:
            start, cells, used = self._number, None, 0
            if '"' not in line:
                cells = line.rstrip("\r\n").split(self._delimiter)
            elif line.count('"') % 2 == 0:
                cells = self._cut(line)
            else:
                cells, used = self._join(line)
            self._number = start + 1 + used
            if any(cell.strip() for cell in cells):
                yield start, cells

    def _cut(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error:
            return text.rstrip("\r\n").split(self._delimiter)

    def _join(self, first: str) -> tuple[list[str], int]:
        """The record that goes on over the next lines, and how many; it must come out `width` cells wide."""
        text = first
        for used in range(SPAN):
            if used == len(self._ahead):
                following = next(self._lines, None)
                if following is None:
                    break
                self._ahead.append(following)
            text += self._ahead[used]
            if text.count('"') % 2 == 0:
                cells = self._cut(text)
                if self._width is not None and len(cells) != self._width:
                    break
                for _ in range(used + 1):
                    self._ahead.popleft()
                return cells, used + 1
        return first.rstrip("\r\n").split(self._delimiter), 0


def rows(file: TextFile, width: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not blank, with the number of its first line; broken bytes are lone surrogates.

    A cell goes on over a line end only when the record then has `width` cells.
    """
    return iter(_Records(file, width))


def is_broken(cells: list[str]) -> bool:
    """Whether a record holds bytes that could not be decoded."""
    return any(_BROKEN.search(cell) for cell in cells)


def printable(cells: list[str], delimiter: str) -> str:
    """A record as one line that can be stored: broken bytes as `\\xNN`."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="").writerow(cells)
    text = stream.getvalue()
    return _BROKEN.sub(_spelt, text)


def _spelt(found: re.Match[str]) -> str:
    return "\\x??" if found.group() == BROKEN else f"\\x{ord(found.group()) - 0xDC00:02x}"


def storable(text: str) -> str:
    """Text without lone surrogates; what was broken stays marked."""
    return _BROKEN.sub(BROKEN, text)
