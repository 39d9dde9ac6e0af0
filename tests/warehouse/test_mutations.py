"""Ten thousand random mutations of a small valid file: no crash, every row accounted for, no untouched row lost.

A load costs the planning of its statements whatever its size, so each example carries many mutations of one file.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import warehouse.load as loading
from tests.warehouse.samples import ORDERS, csv_text, line, settings_in, text_batch
from warehouse import Warehouse

ROWS, MUTATIONS, EXAMPLES, PARTS = 1200, 250, 11, 4  # 4 × 10 × 250 = 10,000; the first example is the simplest

WRONG = [
    "",
    "-",
    "x",
    "6.93E+18",
    "1e999",
    "99999999999999999999",
    "-0",
    "1,2,3",
    "２０２０年",
    "0000-00-00",
    "NaN",
    "'",
    "=",
    "2020-13-45",
    "1.5万亿",
    "\u200b",
    "#",
    "%",
    "a" * 3000,
    "\\",
    "NULL",
    "infinity",
    "1:2:3",
    "¥",
    "~",
    "至",
]


def cut(text: bytes, at: int, what: int, other: int) -> bytes:
    return text[:at] + text[at + 1 + other % 9 :]


def tear(text: bytes, at: int, what: int, other: int) -> bytes:
    return text[:at]


def split(text: bytes, at: int, what: int, other: int) -> bytes:
    return text[:at] + b"\n" + text[at:]


def noise(text: bytes, at: int, what: int, other: int) -> bytes:
    return text[:at] + bytes([what % 256, other % 256]) + text[at:]


def recode(text: bytes, at: int, what: int, other: int) -> bytes:
    return text.decode("utf-8", "replace").encode(("gb18030", "utf-16", "utf-16-be", "big5")[what % 4], "replace")


def retype(text: bytes, at: int, what: int, other: int) -> bytes:
    cells = text.split(b",")
    cells[at % len(cells)] = WRONG[what % len(WRONG)].encode()
    return b",".join(cells)


def delimit(text: bytes, at: int, what: int, other: int) -> bytes:
    return text[:at] + (b",", b"\t", b"\r", b"\0", b";")[what % 5] + text[at:]


def quote(text: bytes, at: int, what: int, other: int) -> bytes:
    return text[:at] + b'"' + text[at:]


KINDS = [cut, tear, split, noise, recode, retype, retype, delimit]
mutation = st.tuples(
    st.integers(0, ROWS - 1),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
)


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_mutations(tmp_path_factory, part, monkeypatch):
    folder = tmp_path_factory.mktemp("mutations")
    kinds = KINDS + ([quote] if part % 2 else [])
    head, *lines = csv_text([line(n) for n in range(1, ROWS + 1)]).encode().splitlines()
    monkeypatch.setattr(loading, "refresh_rollups", lambda connection, touched: None)  # rollups have their own tests
    with Warehouse.open(settings_in(folder / "home")) as warehouse:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(mutation, min_size=MUTATIONS, max_size=MUTATIONS))
        def check(mutations):
            changed, touched = list(lines), set()
            for row, kind, at, what, other in mutations:
                touched.add(row)
                changed[row] = kinds[kind % len(kinds)](changed[row], at % (len(changed[row]) + 1), what, other)
            account(
                warehouse,
                folder,
                b"\n".join([head, *changed]) + b"\n",
                set(range(1, ROWS + 1)) - {n + 1 for n in touched},
            )

        check()


def account(warehouse, folder, content, untouched):
    warehouse.write(
        lambda connection: [connection.execute(f"DELETE FROM {table}") for table in ("order_line", "quarantine")]
    )
    report = warehouse.load(text_batch(folder, ORDERS, content))
    assert report.rows_read == report.accepted + report.unchanged + report.quarantined
    stored = {row["line_id"] for row in warehouse.read("SELECT line_id FROM order_line").to_pylist()}
    lost = {number for number in untouched if str(number) not in stored}
    found = warehouse.read("SELECT source_row, raw FROM quarantine").to_pylist()
    assert len(found) == report.quarantined
    if b'"' not in content:
        rows = [text for text in content.split(b"\n")[1:] if text.strip(b" \t\r")]
        footers = [text for text in rows if text.split(b",", 1)[0].strip(b" \t\r\n'\xef\xbb\xbf").startswith(b"#")]
        assert report.rows_read == len(rows) - len(footers)
        assert not lost
    else:  # an open quote may take the next lines into its cell; then they stand in that row's text
        text = "\n".join(row["raw"] for row in found)
        kept = warehouse.read("SELECT coalesce(sku_id, '') || coalesce(category, '') AS t FROM order_line").to_pylist()
        text += "".join(row["t"] for row in kept)
        assert all(f"{number},{number},7" in text for number in lost)
