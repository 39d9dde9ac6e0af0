# ruff: noqa: E501 - cells of files stand as they are
"""Files cut, torn, mixed and scrambled: never a crash, and every line accounted for."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

import connectors
from config import Settings
from errors import CockpitError, UserError
from tests.connectors.conftest import text_of
from tests.connectors.samples import SAMPLES
from warehouse import Warehouse

EXAMPLES = int(os.environ.get("MUTATIONS", "6"))  # each; a long run: MUTATIONS=2000

BASES = {
    name: text_of([SAMPLES[name][0], *(SAMPLES[name][1:] * 4)])
    for name in ("tmall_orders", "doudian_orders", "qianchuan_report", "behaviour_log", "sheet_costs")
}

PIECES = st.sampled_from(
    [
        b'"', b",", b"\n", b"\r", b"\r\n", b"\t", b"\0", b"\xff", b"\xfe\xff", b"\xd6\xd0", "中".encode(), b'="1"', b"-", b"--",
        b"1e400", b"6.93E+18", b"nan", b"inf", b"9" * 40, b"0000-00-00", b"2026-02-30", b"#", "总计".encode(), b"'", b";", b"\\",
        b"%", "1.2万".encode(), b"\xef\xbb\xbf", b"", b" " * 50, b"99999-01-01", b"-1", "２０２６".encode(), b"null", b"\x1a",
    ]
)  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn, base: bytes) -> bytes:
    data = bytearray(base)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, 1 << 16)) % max(len(data), 1)  # archives differ by a few bytes from run to run
        action = draw(st.sampled_from(["insert", "delete", "replace", "cut", "double", "swap", "flip"]))
        if action == "insert":
            data[at:at] = draw(PIECES)
        elif action == "delete":
            del data[at : at + draw(st.integers(1, 30))]
        elif action == "replace":
            data[at : at + draw(st.integers(1, 12))] = draw(PIECES)
        elif action == "cut":
            del data[at:]
        elif action == "double":
            data[at:at] = data[at : at + draw(st.integers(1, 80))]
        elif action == "swap":
            lines = bytes(data).split(b"\n")
            i, j = (draw(st.integers(0, 1 << 10)) % len(lines) for _ in "ab")
            lines[i], lines[j] = lines[j], lines[i]
            data = bytearray(b"\n".join(lines))
        elif data:
            data[at] ^= 1 << draw(st.integers(0, 7))
    return bytes(data)


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, Settings]]:
    settings = replace(Settings(), home=tmp_path_factory.mktemp("mutations") / "home")
    with Warehouse.open(settings) as warehouse:
        yield warehouse, settings


def check(house: tuple[Warehouse, Settings], data: bytes, suffix: str = ".csv") -> int:
    """Load mutated bytes; every non-blank line of a text file is a row, a torn row or a row's continuation."""
    warehouse, settings = house
    path = settings.home / f"mutant{suffix}"
    path.write_bytes(data)
    loaded = 0
    try:
        for batch in connectors.read_file(path, settings=settings):
            report = warehouse.load(batch)
            assert report.rows_read == report.accepted + report.unchanged + report.quarantined
            loaded += report.rows_read
    except UserError as error:
        assert error.text("zh").encode()
        assert error.text("en").encode()
    except CockpitError as error:  # pragma: no cover - what must not happen
        raise AssertionError(f"{error.code}: {error}") from error
    return loaded


@pytest.mark.parametrize("name", BASES)
@how(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_mutated_text_never_crashes(open_house: tuple[Warehouse, Settings], name: str, data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(["utf-8", "gb18030", "utf-8-sig", "utf-16"]))
    check(open_house, data.draw(mutations(BASES[name].encode(encoding))))


@how(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_mutated_workbooks_and_archives_never_crash(
    open_house: tuple[Warehouse, Settings], data: st.DataObject
) -> None:
    from tests.connectors.conftest import dressed

    folder = open_house[1].home
    dress = data.draw(st.sampled_from(["xlsx", "zip", "gzip", "html"]))
    rows = list(csv.reader(BASES["tmall_orders"].splitlines()))
    path = dressed(folder, dress, rows)
    check(open_house, data.draw(mutations(path.read_bytes())), path.suffix)


ROWS, PER_FILE, FILES = 500, 250, 8  # of each kind: 5 × 8 × 250 = 10,000 mutations by default
ID_COLUMN = {  # what names a row of the kind in its fact, and the fact
    "tmall_orders": (0, "SELECT order_id FROM order_line"),
    "doudian_orders": (1, "SELECT line_id FROM order_line"),
    "qianchuan_report": (2, "SELECT ad_plan FROM ad_spend"),
    "behaviour_log": (1, "SELECT product_id FROM behaviour"),
    "sheet_costs": (3, "SELECT detail FROM cost"),
}
SPOT = st.tuples(st.integers(0, ROWS - 1), st.integers(0, 1 << 12), st.integers(0, 7), PIECES)


def numbered(name: str) -> list[list[str]]:
    """The sample's header and ROWS rows of it, each with a number of its own in the column that names a row."""
    header, *rows = SAMPLES[name]
    rows = [row for row in rows if "总计" not in row[0]]
    column = ID_COLUMN[name][0]
    made = [list(rows[number % len(rows)]) for number in range(ROWS)]
    for number, row in enumerate(made):
        row[column] = f"{70_000_000 + number}"
        if name == "doudian_orders":
            row[0] = row[column]
    return [header, *made]


def hit(line: bytes, at: int, action: int, piece: bytes) -> bytes:
    """One mutation of one line. Nothing that opens a quote or ends the line for good: it may cost no other line."""
    piece, at = piece.replace(b'"', b"'"), at % (len(line) + 1)
    if action == 0:
        return line[:at] + line[at + 1 + len(piece) :]
    if action == 1:
        return line[:at]
    if action == 2:
        return line[:at] + line[max(at - 9, 0) :]
    if action == 3 and line:
        at %= len(line)
        flipped = bytes([line[at] ^ 1 << len(piece) % 8])
        return line[:at] + (b"" if flipped == b'"' else flipped) + line[at + 1 :]
    if action == 4:
        cells = line.split(b",")
        cells[at % len(cells)] = piece
        return b",".join(cells)
    if action == 5:
        return line.decode("utf-8", "replace").encode("gb18030")
    return line[:at] + piece + line[at:]


@pytest.mark.parametrize("name", BASES)
def test_ten_thousand_mutations_lose_no_other_row(
    open_house: tuple[Warehouse, Settings], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many mutations in one file, as a load costs the same for one row or a thousand: untouched rows must all arrive."""
    warehouse, settings = open_house
    monkeypatch.setattr("warehouse.load.refresh_rollups", lambda connection, touched: None)  # tested elsewhere
    header, *lines = text_of(numbered(name)).encode().split(b"\r\n")[:-1]
    column, stored = ID_COLUMN[name]
    fact = stored.rpartition(" ")[2]

    @how(
        max_examples=FILES + 1, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(spots=st.lists(SPOT, min_size=PER_FILE, max_size=PER_FILE))
    def mutate(spots: list[tuple[int, int, int, bytes]]) -> None:
        changed = list(lines)
        for row, at, action, piece in spots:
            changed[row] = hit(changed[row], at, action, piece)
        touched = {row for row, *_ in spots}
        warehouse.write(lambda connection: connection.execute(f"DELETE FROM {fact}") and None)
        check(open_house, b"\r\n".join([header, *changed, b""]))
        found = {row for (row,) in (tuple(one.values()) for one in warehouse.read(stored).to_pylist())}
        missing = {f"{70_000_000 + row}" for row in range(ROWS) if row not in touched} - found
        assert not missing, sorted(missing)[:5]

    mutate()


@how(max_examples=2 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    line=st.integers(1, 12),
    text=st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters='\r\n"\0,'), max_size=30),
)
def test_a_changed_cell_loses_no_row(open_house: tuple[Warehouse, Settings], line: int, text: str) -> None:
    """Whatever stands in one cell, the file has as many rows as before."""
    lines = BASES["tmall_orders"].split("\r\n")
    cells = lines[line].split(",")
    cells[line % len(cells)] = text
    lines[line] = ",".join(cells)
    expected = len([one for one in lines[1:] if one])
    stripped = cells[0].strip(" \t\ufeff'")
    if stripped.startswith("#") or any(mark in stripped for mark in ("计", "总", "汇", "total", "sum")):
        return
    assert check(open_house, "\r\n".join(lines).encode()) == expected
