"""Mappings of sets of tables: joins, value maps, formats, several facts of a row; what is told when they are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import connectors
from config import Settings
from connectors.expressions import ExpressionError, Fields, parsed, written
from connectors.mapping_set import SetMapping
from errors import UserError
from tests.connectors.conftest import text_of, workbook
from warehouse import Warehouse, quarantine
from warehouse.rebuild import rebuild

MAPPING = """
name = "kiosk"
platform = "own"
shop = "亭"

[source.lines]
file = "lines*"

[source.orders]
file = "orders.csv"

[source.payments]
file = "payments.csv"

[values.state]
done = "finished"
open = "paid"

[[load]]
from = "lines"

[[load.join]]
source = "orders"
on = { "order" = "No" }

[[load.join]]
source = "payments"
on = { "order" = "order no" }
sum = ["amount"]
count = true

[[load.into]]
fact = "order_line"
order_totals = ["payable_amount"]
weight = "price * pieces / 100"

[load.into.columns]
order_id = "order"
line_id = "concat(order, '-', pos)"
product_id = "\\"item no\\""
quantity = "pieces"
list_amount = "price * pieces / 100"
paid_amount = "price * pieces / 100"
payable_amount = "payments.amount"
buyer = "orders.customer"
status = "mapped(orders.state, 'state')"
channel = "case when contains(lower(orders.note), 'live') then 'live' else 'card' end"
created_at = "time(orders.day, '%d.%m.%Y')"
paid_at = "time(orders.day, '%d.%m.%Y')"

[[load.into]]
fact = "refund"
when = "back > 0"

[load.into.columns]
refund_id = "concat(order, '-', pos)"
order_id = "order"
line_id = "concat(order, '-', pos)"
kind = "'return'"
status = "'success'"
amount = "back / 100"
success_at = "time(orders.day, '%d.%m.%Y')"
"""
LINES = [
    ["order", "pos", "item no", "pieces", "price", "back"],
    ["A1", "1", "SKU-1", "2", "1050", "0"],
    ["A1", "2", "SKU-2", "1", "900", "900"],
    ["A2", "1", "SKU-1", "1", "1050", ""],
    ["A3", "1", "SKU-1", "one", "1050", ""],
    ["A4", "1", "SKU-1", "1", "1050", ""],
]
ORDERS = [
    ["No", "day", "customer", "state", "note"],
    ["A1", "01.10.2026", "c1", "done", "from LIVE room"],
    ["A2", "02.10.2026", "c2", "open", ""],
    ["A3", "02.10.2026", "c2", "open", ""],
    ["A4", "02.10.2026", "c2", "lost", ""],
]
PAYMENTS = [["order no", "amount"], ["A1", "20.00"], ["A1", "10.00"], ["A2", "10.50"], ["A3", "10.50"]]


def put(folder: Path, mapping: str = MAPPING, **tables: list[list[str]]) -> tuple[list[Path], Path]:
    folder.mkdir(parents=True, exist_ok=True)
    found = {"lines": LINES, "orders": ORDERS, "payments": PAYMENTS} | tables
    for name, rows in found.items():
        (folder / f"{name}.csv").write_text(text_of(rows), "utf-8", newline="")
    (folder / "kiosk.toml").write_text(mapping, "utf-8")
    return [folder / f"{name}.csv" for name in found], folder / "kiosk.toml"


def load(warehouse: Warehouse, settings: Settings, paths: list[Path], file: Path) -> list[Any]:
    mapping = connectors.load_mapping(file)
    assert isinstance(mapping, SetMapping)
    return [warehouse.load(batch) for batch in connectors.read_mapped(paths, mapping, settings=settings)]


def refused(settings: Settings, folder: Path, mapping: str = MAPPING, **tables: list[list[str]]) -> UserError:
    paths, file = put(folder, mapping, **tables)
    with pytest.raises(UserError) as caught:
        found = connectors.load_mapping(file)
        assert isinstance(found, SetMapping)
        list(connectors.read_mapped(paths, found, settings=settings))
    return caught.value


def test_joined_rows_fill_two_facts_and_are_all_accounted_for(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    paths, file = put(tmp_path / "set")
    (report,) = load(warehouse, settings, paths, file)
    assert (report.rows_read, report.accepted, report.unchanged, report.quarantined) == (5, 3, 0, 2)
    lines = warehouse.read(
        "SELECT line_id, quantity, paid_amount::DOUBLE AS paid, payable_amount::DOUBLE AS payable, status, channel,"
        " paid_at::VARCHAR AS at, shop, source_row FROM order_line ORDER BY 1"
    ).to_pylist()
    assert [tuple(row.values()) for row in lines] == [
        ("A1-1", 2, 21.0, 21.0, "finished", "live", "2026-10-01 00:00:00", "亭", 2),
        ("A1-2", 1, 9.0, 9.0, "finished", "live", "2026-10-01 00:00:00", "亭", 3),
        ("A2-1", 1, 10.5, 10.5, "paid", "card", "2026-10-02 00:00:00", "亭", 4),
    ]
    assert warehouse.read("SELECT line_id, amount::DOUBLE AS a FROM refund").to_pylist() == [
        {"line_id": "A1-2", "a": 9.0}
    ]
    reasons = warehouse.read("SELECT source_row, reason, value FROM quarantine ORDER BY 1").to_pylist()
    assert [tuple(row.values()) for row in reasons] == [(5, "bad_int", "one"), (6, "unknown_value", "lost")]
    (again,) = load(warehouse, settings, paths, file)
    assert (again.rows_read, again.accepted, again.unchanged, again.quarantined) == (5, 0, 3, 2)


def test_mended_rows_of_a_mapping_are_replayed(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    (report,) = load(warehouse, settings, *put(tmp_path / "set"))
    rows = quarantine.list_rows(warehouse, {"reason": "bad_int"}).rows
    keys = [(row["batch_id"], row["source_row"]) for row in rows]
    for name in [name for name, text in rows[0]["raw"].items() if text == "one"]:
        quarantine.mend(warehouse, keys, name, value="1")
    (row,) = warehouse.read("SELECT options FROM load_batch WHERE batch_id = ?", (report.batch_id,)).to_pylist()
    spec = connectors.spec_again(row["options"])
    assert spec is not None
    (mended,) = quarantine.replay(warehouse, spec, keys)
    assert (mended.accepted, mended.quarantined) == (1, 0)
    assert warehouse.read("SELECT quantity FROM order_line WHERE order_id = 'A3'").to_pylist() == [{"quantity": 1}]


def test_the_archive_gives_the_set_again(settings: Settings, tmp_path: Path) -> None:
    sql = "SELECT line_id, paid_amount, status, batch_id, source_row FROM order_line ORDER BY 1"
    with Warehouse.open(settings) as warehouse:
        load(warehouse, settings, *put(tmp_path / "set"))
        before = warehouse.read(sql).to_pylist()
    report = rebuild(settings, connectors.read_archived)
    assert (report.batches, report.failed) == (1, [])
    with Warehouse.open(settings) as warehouse:
        assert warehouse.read(sql).to_pylist() == before


def test_the_same_set_in_other_dress(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    """Lines as parquet, orders in GBK with blanks around keys, the columns in another order: nothing changes."""
    paths, file = put(tmp_path / "set")
    load(warehouse, settings, paths, file)
    columns = {head: [row[index] for row in LINES[1:]] for index, head in enumerate(LINES[0])}
    parquet = tmp_path / "set" / "lines.parquet"
    pq.write_table(pa.table(columns), parquet)
    other = [[f" {cell}" if index == 0 else cell for index, cell in enumerate(row)][::-1] for row in ORDERS]
    paths[1].write_bytes(text_of(other).encode("gb18030"))
    (again,) = load(warehouse, settings, [parquet, paths[1], paths[2]], file)
    assert (again.rows_read, again.accepted, again.unchanged) == (5, 0, 3)


def test_rows_left_out_are_told(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    paths, file = put(tmp_path / "set", MAPPING.replace('from = "lines"', 'from = "lines"\nwhere = "order <> \'A2\'"'))
    (report,) = load(warehouse, settings, paths, file)
    assert (report.rows_read, report.accepted, report.quarantined) == (4, 2, 2)
    assert "有 1 行不属于这里" in connectors.note_text(report.notes[0])


def test_a_join_never_multiplies_rows(settings: Settings, tmp_path: Path) -> None:
    error = refused(settings, tmp_path, orders=[*ORDERS, ["A1", "03.10.2026", "c9", "done", ""]])
    assert error.code == "mapping_not_unique"
    assert error.fields["value"] == "A1" and "first, sum, min, max" in error.text("en")


def test_a_sum_of_what_is_no_number_is_refused(settings: Settings, tmp_path: Path) -> None:
    error = refused(settings, tmp_path, payments=[*PAYMENTS, ["A2", "soon"]])
    assert (error.code, error.fields["row"], error.fields["value"]) == ("mapping_no_number", 6, "soon")


def test_missing_files_and_columns_are_named(settings: Settings, tmp_path: Path) -> None:
    error = refused(settings, tmp_path / "a", orders=[["No", "day", "customer", "note"], ["A1", "1", "c", ""]])
    assert error.code == "mapping_no_column"
    assert (error.fields["missing"], error.fields["headers"]) == ("state", "No, day, customer, note")
    error = refused(settings, tmp_path / "b", MAPPING.replace("payments.csv", "pay*.xlsx"))
    assert (error.code, error.fields["pattern"]) == ("mapping_no_file", "pay*.xlsx")


WRONG = [
    ('fact = "refund"', 'fact = "refunds"', "mapping_wrong", "refunds", "order_line"),
    ('buyer = "orders.customer"', 'byer = "orders.customer"', "mapping_wrong", "byer", "buyer_masked"),
    ('from = "lines"', 'from = "line"', "mapping_wrong", "line", "payments"),
    ('sum = ["amount"]', 'total = ["amount"]', "mapping_wrong", "total", "sum"),
    ("mapped(orders.state, 'state')", "mapped(orders.state, 'states')", "mapping_wrong", "states", "[values.state]"),
    ('"price * pieces / 100"', "\"getenv('HOME')\"", "mapping_expression", "getenv()", "coalesce()"),
    ('"back / 100"', '"(select 1)"', "mapping_expression", "(select 1)", "case when"),
    ('order_id = "order"\nline_id', "line_id", "mapping_wrong", "order_id", "order_id = …"),
]


@pytest.mark.parametrize(("old", "new", "code", "what", "allowed"), WRONG, ids=[row[1][:24] for row in WRONG])
def test_a_wrong_mapping_says_line_and_what_is_allowed(
    settings: Settings, tmp_path: Path, old: str, new: str, code: str, what: str, allowed: str
) -> None:
    error = refused(settings, tmp_path, MAPPING.replace(old, new, 1))
    assert error.code == code
    sentence = error.text("en")
    assert what in sentence and allowed in sentence, sentence
    if "…" not in allowed:
        lines = MAPPING.replace(old, new, 1).splitlines()
        assert new.splitlines()[0] in lines[int(str(error.fields["line"])) - 1], error.fields


def test_a_set_refuses_broken_toml_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("name = 'x'\n[source.a\n", "utf-8")
    with pytest.raises(UserError) as caught:
        connectors.load_mapping(tmp_path / "a.toml")
    assert "line 2" in caught.value.text("en")


@pytest.mark.parametrize(
    "text", ["a; drop table x", "read_csv('/etc/passwd')", "a -- b\n or select", "x in (select 1)", "exists(select 1)",
             "count(*)", "a::int", "struct.a.b", "lambda x: x", "date(1)", "mapped(a, b)", "", "'unclosed"]
)  # fmt: skip
def test_only_plain_expressions_are_taken(text: str) -> None:
    with pytest.raises(ExpressionError):
        parsed(text)


def test_columns_are_read_as_their_use_asks() -> None:
    fields = Fields()
    names = {"price": "number", "day": "time", "note": "text", "state": "text"}
    sql = written(
        "case when state = 'x' and price > 3 then year(day) else length(note) end", "int", fields, {}, str
    ).sql
    assert dict(fields.named.keys()) == names
    assert '"price" > 3' in sql


def test_workbooks_give_their_sheets(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    paths, file = put(tmp_path / "set")
    book = workbook(tmp_path / "set" / "orders.xlsx", ORDERS)
    file.write_text(file.read_text("utf-8").replace('file = "orders.csv"', 'file = "*.xlsx"\nsheet = "订*"'), "utf-8")
    (report,) = load(warehouse, settings, [paths[0], book, paths[2]], file)
    assert report.accepted == 3


def test_a_zip_of_the_set_is_the_set(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    import zipfile

    paths, file = put(tmp_path / "set")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in paths:
            archive.write(path, f"export/{path.name}")
    (report,) = load(warehouse, settings, [tmp_path / "all.zip"], file)
    assert (report.rows_read, report.accepted) == (5, 3)
