"""Quarantine, lineage, freshness, rebuild, backup: nothing is lost, everything can be followed back."""

import csv
import io
from datetime import timedelta

import pytest

from errors import FatalError, UserError
from tests.warehouse.samples import (
    DAY,
    ORDERS,
    REFUNDS,
    csv_text,
    line,
    one,
    reader,
    settings_in,
    table_batch,
    text_batch,
    with_kind,
)
from warehouse import FACTS, Warehouse, lineage, quarantine
from warehouse.backup import backup, backups, restore, try_backup
from warehouse.freshness import sources
from warehouse.ledger import Ledger
from warehouse.rebuild import catch_up, rebuild

SPECS = {"orders": ORDERS, "refunds": REFUNDS}


def facts(warehouse):
    """Everything that rows mean, without when they were loaded."""
    tables = {fact: warehouse.read(f"SELECT * FROM {fact} ORDER BY ALL").to_pylist() for fact in FACTS}
    tables["quarantine"] = warehouse.read(
        "SELECT batch_id, source_row, kind, reason, field, state, closed_by_batch FROM quarantine ORDER BY ALL"
    ).to_pylist()
    tables["load_batch"] = warehouse.read(
        "SELECT batch_id, source, kind, platform, shop, file_name, sha256, rows_read, accepted, unchanged, quarantined"
        " FROM load_batch ORDER BY ALL"
    ).to_pylist()
    return tables


def load_some(warehouse, folder):
    bad = [line(1), line(2, total="一百"), line(3, total="1oo", quantity="x"), line(4, created_at="")]
    warehouse.load(with_kind(text_batch(folder, ORDERS, csv_text(bad) + "torn\n", name="orders.csv")))
    text = csv_text([{"refund_id": "r1", "order_id": 1, "amount": 3, "success_at": DAY + timedelta(days=2)}])
    warehouse.load(with_kind(text_batch(folder, REFUNDS, text, name="refunds.csv")))


def test_listing_showing_and_taking_away(warehouse, tmp_path):
    load_some(warehouse, tmp_path)
    assert quarantine.list_rows(warehouse).total == 4
    assert quarantine.list_rows(warehouse, {"reason": "bad_money"}).total == 1
    assert [row["reason"] for row in quarantine.summary(warehouse)] == ["bad_int", "bad_money", "missing", "torn"]
    row = quarantine.show(warehouse, 1, 3)
    assert (row["value"], row["raw"]["total"], row["file_name"]) == ("一百", "一百", "orders.csv")
    with pytest.raises(UserError):
        quarantine.show(warehouse, 1, 99)
    table = list(csv.DictReader(io.StringIO(quarantine.export_csv(warehouse, {"reason": "bad_money"}))))
    assert [(row["value"], row["order_id"]) for row in table] == [("一百", "2")]


def test_mend_and_replay(warehouse, tmp_path):
    load_some(warehouse, tmp_path)
    assert quarantine.mend(warehouse, [(1, 3), (1, 5), (1, 99)], "total", value="100") == 2
    assert quarantine.mend(warehouse, [(1, 4)], "total", find="oo", put="00") == 1
    (report,) = quarantine.replay(warehouse, ORDERS)
    assert (report.rows_read, report.accepted, report.quarantined) == (3, 1, 2)
    assert one(warehouse, "SELECT payable_amount FROM order_line WHERE line_id = '2'") == 100
    states = warehouse.read("SELECT source_row, state, reason, closed_by_batch FROM quarantine ORDER BY 1").to_pylist()
    assert [tuple(row.values()) for row in states] == [
        (3, "replayed", "bad_money", report.batch_id),
        (4, "open", "bad_int", None),
        (5, "open", "missing", None),
        (6, "open", "torn", None),
    ]
    assert quarantine.mend(warehouse, [(1, 4)], "quantity", value="2") == 1
    assert quarantine.replay(warehouse, ORDERS, [(1, 4)])[0].accepted == 1
    assert quarantine.dismiss(warehouse, [(1, 5), (1, 6)]) == 2
    assert quarantine.summary(warehouse) == [] and quarantine.replay(warehouse, ORDERS) == []
    buyers = warehouse.read("SELECT order_id, buyer FROM order_line").to_pylist()
    again = warehouse.load(text_batch(tmp_path, ORDERS, csv_text([line(2, total="100")]), name="right.csv"))
    assert again.accepted == 0, "a mended row is the same as a right one, its hashed buyer too"
    assert warehouse.read("SELECT order_id, buyer FROM order_line").to_pylist() == buyers


def test_lineage_leads_to_files_and_lines(warehouse, tmp_path):
    load_some(warehouse, tmp_path)
    (batch,) = lineage.batches(warehouse, "order_line", "paid_at IS NOT NULL AND province = ?", ("广东",))
    assert (batch["file_name"], batch["rows"], batch["first_row"]) == ("orders.csv", 1, 2)
    (row,) = lineage.rows(warehouse, "refund", "refund_id = 'r1'")
    assert (row["file_name"], row["source_row"]) == ("refunds.csv", 2)
    with pytest.raises(UserError):
        lineage.batches(warehouse, "no_fact")


def test_freshness_is_fresh_late_then_silent(warehouse):
    warehouse.load(table_batch(ORDERS, [line(1)], source="file"))
    through = DAY + timedelta(minutes=2)
    states = [
        sources(warehouse, through + lag)[0].state
        for lag in (timedelta(hours=20), timedelta(days=2), timedelta(days=9))
    ]
    assert states == ["fresh", "late", "silent"]
    assert sources(warehouse, through + timedelta(days=2))[0].lag == timedelta(days=2)


def test_rebuild_equals_live(tmp_path):
    settings = settings_in(tmp_path / "home")
    with Warehouse.open(settings) as warehouse:
        load_some(warehouse, tmp_path)
        warehouse.load(
            with_kind(
                text_batch(
                    tmp_path,
                    ORDERS,
                    csv_text([line(1, status="已完成"), line(9)]),
                    observed=DAY + timedelta(days=1),
                    name="later.csv",
                )
            )
        )
        warehouse.load(with_kind(text_batch(tmp_path, ORDERS, csv_text([line(50)]), name="demo.csv", source="demo")))
        warehouse.remove_batches("demo")
        quarantine.mend(warehouse, [(1, 3)], "total", value="100")
        quarantine.replay(warehouse, ORDERS, [(1, 3)])
        quarantine.dismiss(warehouse, [(1, 5)])
        live = facts(warehouse)
    report = rebuild(settings, reader(SPECS, tmp_path))
    assert (report.batches, report.failed) == (4, []) and report.aside.exists()
    with Warehouse.open(settings) as warehouse:
        assert facts(warehouse) == live
    settings.warehouse_file.unlink()
    with pytest.raises(FatalError, match="."):
        Warehouse.open(settings)
    rebuild(settings, reader(SPECS, tmp_path))
    with Warehouse.open(settings) as warehouse:
        assert facts(warehouse) == live, "from the archive alone"


def test_a_batch_that_cannot_be_read_again_is_told(tmp_path):
    settings = settings_in(tmp_path / "home")
    with Warehouse.open(settings) as warehouse:
        load_some(warehouse, tmp_path)
        warehouse.archive.path_of(one(warehouse, "SELECT sha256 FROM load_batch WHERE batch_id = 2")).write_bytes(
            b"rot"
        )
    report = rebuild(settings, reader(SPECS, tmp_path))
    assert report.batches == 1 and [number for number, _ in report.failed] == [2]


def test_backup_and_restore_and_catch_up(tmp_path):
    settings = settings_in(tmp_path / "home")
    with Warehouse.open(settings) as warehouse, Ledger.open(settings) as ledger:
        load_some(warehouse, tmp_path)
        ledger.audit("boss", "before")
        made = backup(warehouse, ledger)
        assert try_backup(settings, made.folder).counts["order_line"] == 1
        warehouse.load(with_kind(text_batch(tmp_path, ORDERS, csv_text([line(7)]), name="after.csv")))
        ledger.audit("boss", "after")
        live = facts(warehouse)
        with pytest.raises(UserError) as error:
            restore(settings, made.folder)
        assert error.value.code == "warehouse_busy"
    restore(settings, made.folder)
    with Warehouse.open(settings) as warehouse, Ledger.open(settings) as ledger:
        assert one(warehouse, "SELECT count(*) FROM order_line") == 1
        assert [row["action"] for row in ledger.query("SELECT action FROM audit")] == ["before"]
        assert catch_up(warehouse, reader(SPECS, tmp_path)).batches == 1
        assert facts(warehouse) == live


def test_only_so_many_backups_are_kept_and_a_rotten_one_is_told(tmp_path):
    from dataclasses import replace

    settings = replace(settings_in(tmp_path / "home"), backup_keep=2)
    with Warehouse.open(settings) as warehouse, Ledger.open(settings) as ledger:
        made = [backup(warehouse, ledger) for _ in range(3)]
        assert [found.folder for found in backups(settings)] == [made[2].folder, made[1].folder]
    (made[2].folder / "warehouse.duckdb").write_bytes(b"rot" * 5000)
    with pytest.raises(UserError) as error:
        try_backup(settings, made[2].folder)
    assert error.value.code == "backup_invalid"
