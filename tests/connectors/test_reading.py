# ruff: noqa: E501 - cells of files stand as they are
"""Magic bytes, encodings, delimiters, headers: the same rows in any dress are the same rows."""

from __future__ import annotations

import gzip
import random
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

import connectors
from config import Settings
from connectors import build
from connectors.reading.headers import is_banner, normal, normal_row
from connectors.reading.sheets import check_spread
from connectors.reading.sniff import delimiter, shape, wide
from connectors.reading.text import encoding_of
from errors import UserError
from tests.connectors.conftest import DRESSES, dressed, text_of, workbook
from warehouse import Warehouse

ORDERS = [
    ["订单编号", "总金额", "买家实际支付金额", "收货地址 ", "订单创建时间", "订单付款时间 ", "退款金额"],
    ["6930000000000000001", "1,178.80", "1,178.80", "上海", "2026-02-21 00:00:00", "2026-02-21 00:00:09", "0"],
    ["6930000000000000002", "21.00", "0.00", "内蒙古自治区", "2026-02-20 23:59:54", "2026-02-21 00:00:02", "21.00"],
    ["6930000000000000003", "88", "0", "广东省", "2026-02-20 23:58:00", "", "0"],
]
FACTS = (
    "SELECT l.order_id, l.province, l.payable_amount::DECIMAL(18,2), l.paid_amount::DECIMAL(18,2), l.created_at,"
    " l.paid_at, l.status, r.amount::DECIMAL(18,2)"
    " FROM order_line l LEFT JOIN refund r USING (order_id) ORDER BY 1"
)


@pytest.mark.parametrize("dress", DRESSES)
def test_every_dress_gives_the_same_facts(load, warehouse: Warehouse, tmp_path: Path, dress: str) -> None:
    (report,) = load(dressed(tmp_path, dress, ORDERS))
    assert (report.kind, report.rows_read, report.accepted, report.quarantined) == ("tmall_orders", 3, 3, 0)
    rows = [tuple(map(str, row.values())) for row in warehouse.read(FACTS).to_pylist()]
    assert rows == [
        (
            "6930000000000000001",
            "上海",
            "1178.80",
            "1178.80",
            "2026-02-21 00:00:00",
            "2026-02-21 00:00:09",
            "paid",
            "None",
        ),
        (
            "6930000000000000002",
            "内蒙古",
            "21.00",
            "21.00",
            "2026-02-20 23:59:54",
            "2026-02-21 00:00:02",
            "paid",
            "21.00",
        ),
        ("6930000000000000003", "广东", "88.00", "None", "2026-02-20 23:58:00", "None", "unpaid", "None"),
    ]


@pytest.mark.parametrize(("old", "new"), [("utf-8", "gbk"), ("xlsx", "zip"), ("tsv", "utf-16")])
def test_other_dresses_change_nothing(load, tmp_path: Path, old: str, new: str) -> None:
    load(dressed(tmp_path, old, ORDERS))
    (again,) = load(dressed(tmp_path, new, ORDERS))
    assert (again.accepted, again.unchanged) == (0, 3)


def test_the_same_file_twice_gives_equal_batches(settings: Settings, tmp_path: Path) -> None:
    path = dressed(tmp_path, "xlsx", ORDERS).rename(tmp_path / "1791430000_a.csv")
    first, second = (list(connectors.read_file(path, kind="tmall_orders", settings=settings)) for _ in "ab")
    assert [batch.rows for batch in first] == [batch.rows for batch in second]
    assert [batch.options["place"] for batch in first] == [batch.options["place"] for batch in second]


@pytest.mark.parametrize("dress", ["utf-8", "gbk", "xlsx", "zip", "html"])
def test_archived_bytes_give_the_same_facts(
    load, warehouse: Warehouse, settings: Settings, tmp_path: Path, dress: str
) -> None:
    path = dressed(tmp_path, dress, ORDERS)
    for batch in connectors.read_file(path, shop="甲店", settings=settings):
        warehouse.load(batch)
    for original in (path, path.read_bytes()):
        for again in connectors.read_archived(original, batch.file_name, batch.options, settings=settings):
            report = warehouse.load(again)
            assert (report.accepted, report.unchanged, again.shop) == (0, 3, "甲店")
            assert (again.observed_at, again.options) == (batch.observed_at, batch.options)


# Trouble in the bytes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_broken_bytes_end_in_quarantine(load, warehouse: Warehouse, tmp_path: Path, encoding: str) -> None:
    data = text_of(
        [
            *ORDERS,
            *([f"6940000000000000{i:03d}", "1", "1", "江苏省", "2026-01-01", "2026-01-02", "0"] for i in range(50)),
        ]
    )
    lines = data.encode(encoding).split(b"\r\n")
    lines[2] = lines[2].replace("内".encode(encoding), b"\xff")
    path = tmp_path / "a.csv"
    path.write_bytes(b"\r\n".join(lines))
    (report,) = load(path)
    assert (report.rows_read, report.accepted, report.quarantined) == (53, 52, 1)
    (row,) = warehouse.read("SELECT source_row, raw FROM quarantine").to_pylist()
    assert row["source_row"] == 3
    assert "6930000000000000002" in row["raw"]


def test_mixed_encodings_cost_only_the_lines_of_the_minority(load, tmp_path: Path) -> None:
    lines = text_of(ORDERS).encode().split(b"\r\n")
    lines[3] = lines[3].decode().encode("gb18030")
    path = tmp_path / "a.csv"
    path.write_bytes(b"\r\n".join(lines))
    (report,) = load(path)
    assert (report.rows_read, report.accepted, report.quarantined) == (3, 2, 1)


def test_an_open_quote_costs_its_own_line(load, tmp_path: Path) -> None:
    rows = [[str(i), "10", "10", "江苏", "2026-01-01 10:00:00", "2026-01-01 10:01:00", "0"] for i in range(100, 200)]
    text = text_of([ORDERS[0], *rows]).replace("150,10,10,江苏", '150,10,10,"江苏')
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8", newline="")
    (report,) = load(path)
    assert report.rows_read == 100
    assert report.quarantined == 1


def test_a_quoted_line_feed_is_one_row(load, warehouse: Warehouse, tmp_path: Path) -> None:
    header = [*ORDERS[0], "宝贝标题"]
    path = tmp_path / "a.csv"
    path.write_text(text_of([header, [*ORDERS[1], "上\n下"], [*ORDERS[2], "x"]]), "utf-8", newline="")
    (report,) = load(path)
    assert (report.rows_read, report.accepted) == (2, 2)


def test_a_trailing_delimiter_does_not_tear_rows(load, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = text_of(ORDERS).split("\r\n")
    path.write_text("\r\n".join([lines[0], *(line + "," if line else "" for line in lines[1:])]), "utf-8", newline="")
    (report,) = load(path)
    assert (report.rows_read, report.accepted) == (3, 3)


# Excel ----------------------------------------------------------------------------------------------------------------


def test_excel_numbers_that_lost_digits_are_refused_row_by_row(load, warehouse: Warehouse, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ORDERS, numbers=(0,))
    (report,) = load(path)
    assert (report.rows_read, report.quarantined) == (3, 3)
    reasons = warehouse.read("SELECT DISTINCT reason, field FROM quarantine").to_pylist()
    assert reasons == [{"reason": "bad_id", "field": "order_id"}]


def test_excel_float_ids_within_reach_are_ids(load, warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [ORDERS[0], *([f"1016007048451{i}", *row[1:]] for i, row in enumerate(ORDERS[1:]))]
    load(workbook(tmp_path / "a.xlsx", rows, numbers=(0,)))
    found = warehouse.read("SELECT order_id FROM order_line ORDER BY 1").to_pylist()
    assert [row["order_id"] for row in found] == ["10160070484510", "10160070484511", "10160070484512"]


def test_several_sheets_are_several_batches(settings: Settings, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("说明").write_string(0, 0, "导出说明")
        for name in ("一月", "二月"):
            sheet = book.add_worksheet(name)
            for y, row in enumerate([["报表"], [], *ORDERS]):
                for x, cell in enumerate(row):
                    sheet.write_string(y, x, cell)
    batches = list(connectors.read_file(tmp_path / "a.xlsx", settings=settings))
    assert [batch.options["place"] for batch in batches] == ['{"sheet": "一月"}', '{"sheet": "二月"}']
    assert [batch.rows.table["source_row"].to_pylist() for batch in batches] == [[4, 5, 6], [4, 5, 6]]


# Archives -------------------------------------------------------------------------------------------------------------


def test_zip_bombs_are_refused(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("a.csv", "w") as out,
    ):
        for _ in range(80):
            out.write(b"0" * (1 << 20))
    with pytest.raises(UserError) as failure:
        list(connectors.read_file(path, settings=settings))
    assert failure.value.code == "archive_too_large"


def test_gzip_bombs_are_refused(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv"
    path.write_bytes(gzip.compress(b"0" * (80 << 20), 9))
    with pytest.raises(UserError) as failure:
        list(connectors.read_file(path, settings=settings))
    assert failure.value.code == "archive_too_large"


def test_archives_with_unknown_members_load_the_known_and_tell(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._a.csv", b"junk")
        archive.writestr("a.csv", "甲,乙\n1,2\n".encode())
        archive.writestr("b.csv", text_of(ORDERS).encode())
        archive.writestr("c.csv", b"")
        archive.writestr("d.csv", text_of(ORDERS[:1]).encode())
        archive.writestr("e.csv", text_of(ORDERS).encode("gbk"))
    found = []
    with pytest.raises(UserError) as failure:
        for batch in connectors.read_file(path, settings=settings):
            found.append(batch.file_name)
    assert found == ["a.zip/b.csv", "a.zip/e.csv"]
    assert (failure.value.code, failure.value.fields["loaded"], failure.value.fields["left"]) == ("parts_left", 2, 3)
    for lang in ("zh", "en"):
        lines = failure.value.text(lang).splitlines()
        assert len(lines) == 4 and all(f"a.zip/{part}.csv" in lines[n] for n, part in ((1, "a"), (2, "c"), (3, "d")))


def test_sheets_that_nobody_knows_are_named(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in (("说明", [["甲", "乙"], ["1", "2"]]), ("订单", ORDERS), ("汇率", [["丙"], ["3"]])):
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                sheet.write_row(y, 0, row)
    (batch,) = connectors.read_file(path, settings=settings)
    assert connectors.note_text(batch.notes[-1], "zh") == "有工作表不认识，没有载入：说明, 汇率。"


DAMAGED = [
    (b"", "file_empty"),
    (b"\xef\xbb\xbf\r\n", "file_empty"),
    (b"PK\x03\x04" + b"\0" * 100, "file_damaged"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "file_damaged"),
    (b"\x1f\x8b\x08" + b"\0" * 40, "file_damaged"),
    ("甲,乙\n1,2\n".encode(), "unknown_kind"),
    (",".join(ORDERS[0]).encode(), "no_rows"),
    (random.Random(1).randbytes(5000), None),
]


@pytest.mark.parametrize(("data", "code"), DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_files_are_clear_errors(settings: Settings, tmp_path: Path, data: bytes, code: str | None) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(UserError) as failure:
        list(connectors.read_file(path, settings=settings))
    assert code in (None, failure.value.code)
    assert "a.csv" in failure.value.text("zh")


def test_missing_columns_are_named(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("订单编号,总金额\n1,2\n", "utf-8")
    with pytest.raises(UserError) as failure:
        list(connectors.read_file(path, kind="tmall_orders", settings=settings))
    assert failure.value.code == "missing_columns"
    assert "买家实际支付金额" in str(failure.value.fields["missing"])
    assert failure.value.fields["headers"] == "订单编号, 总金额"


def test_unknown_kind_and_missing_file(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="tmall_orders"):
        connectors.read_file(dressed(tmp_path, "utf-8", ORDERS), kind="nope", settings=settings)
    with pytest.raises(UserError, match="no such file"):
        connectors.read_file(tmp_path / "gone.csv", settings=settings)


# Parts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("收货地址 ", "收货地址"), ("\ufeff订单编号", "订单编号"), ("消耗（元）", "消耗(元)"), ("动帐流水号", "动账流水号"),
        ("点击率\n(%)", "点击率(%)"), ("Order ID", "orderid"), ("\u200b状态\t", "状态"), ('="订单"', "订单"), (None, ""),
        ("ＵＶ", "uv"),
    ],
)  # fmt: skip
def test_headers_come_to_one_form(header: str | None, expected: str) -> None:
    assert normal(header) == expected


def test_repeated_headers_are_numbered() -> None:
    assert normal_row(["金额", "金额 ", "", ""]) == ("金额", "金额#2", "", "")


@pytest.mark.parametrize(
    ("cells", "banner"),
    [(["#支付宝"], True), (["-----列表-----"], True), (["- 1"], False), (["订单"], False), ([], False)],
)
def test_banner_lines(cells: list[str], banner: bool) -> None:
    assert is_banner(cells) is banner


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"PK\x03\x04", "zip"), (b"\xd0\xcf\x11\xe0", "xls"), (b"\xef\xbb\xbf\n <html>", "html"), (b"<TABLE border=1>", "html"),
        (b"a,b", "text"), ("<table>".encode("utf-16"), "html"), (b"\x1f\x8b\x08", "gzip"), (b"<5,6", "text"),
    ],
)  # fmt: skip
def test_shape_by_bytes(data: bytes, expected: str) -> None:
    assert shape(data, []) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("a,b\n1,2", ","), ("a\tb,c\n1\t2", "\t"), ("a;b\n1,5;2", ";"), ("单列\n1", ","), ("", ",")]
)
def test_delimiter(text: str, expected: str) -> None:
    assert delimiter(text) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(("订单编号,总金额\r\n" + "123456,78.90\r\n" * 20).encode(encoding))
    assert encoding_of(path) == encoding
    assert wide(path.read_bytes()) == (encoding if "16" in encoding else None)


def test_encoding_across_block_borders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.reading.text.BLOCK", 7)
    path = tmp_path / "a"
    path.write_bytes("订单编号,总金额\n汉字汉字汉字,1\n".encode() * 5)
    assert encoding_of(path) == "utf-8"
    path.write_bytes("订单编号,总金额\n汉字汉字汉字,1\n".encode("gb18030") * 5)
    assert encoding_of(path) == "gb18030"


def far_apart(path: Path, cell: str) -> Path:
    """A workbook of two cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet[cell] = "订单编号", "x"
    book.save(path)
    return path


def test_a_stray_cell_at_the_end_of_excel_does_not_take_the_process_with_it(settings: Settings, tmp_path: Path) -> None:
    for cell in ("XFD1048576", "AZ1000000", "Z1048576"):
        with pytest.raises(UserError) as failure:
            list(connectors.read_file(far_apart(tmp_path / "far.xlsx", cell), settings=settings))
        assert failure.value.code == "sheet_too_wide"
    for cell in ("AZ2000", "L1048576", "XFD9"):
        check_spread(far_apart(tmp_path / "near.xlsx", cell))


def test_gzip_in_gzip_is_refused_and_not_followed(settings: Settings, tmp_path: Path) -> None:
    packed = "甲,乙\n1,2\n".encode()
    for _ in range(600):
        packed = gzip.compress(packed, 1)
    (tmp_path / "deep.csv.gz").write_bytes(packed)
    with pytest.raises(UserError) as failure:
        list(connectors.read_file(tmp_path / "deep.csv.gz", settings=settings))
    assert failure.value.code == "archive_nested"


@pytest.mark.parametrize("nonsense", ["NaN", "sNaN", "Infinity", "-inf", "9E999999", "1e40"])
def test_a_number_that_no_account_holds_is_none(nonsense: str) -> None:
    assert build._amount(nonsense) is None and build._amount("1,234.50") == Decimal("1234.50")
