"""One owner, one writer, fair readers, errors with names."""

import json
import subprocess
import sys
import threading
import time

import pytest

from config import ROOT
from errors import FatalError, RetryableError, UserError
from tests.warehouse.samples import ORDERS, line, one, settings_in, table_batch
from warehouse import Warehouse
from warehouse.gate import FairGate

OPEN = """
import sys
from pathlib import Path
from config import Settings
from errors import CockpitError
from warehouse import Warehouse
try:
    Warehouse.open(Settings(home=Path(sys.argv[1]))).close()
except CockpitError as error:
    print(error.code, error.fields.get("pid"))
"""


def test_a_second_process_is_told_who_holds_the_file(warehouse):
    import os

    home = str(warehouse.settings.home)
    told = subprocess.run(
        [sys.executable, "-c", OPEN, home], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.stdout.split() == ["warehouse_busy", str(os.getpid())], told.stderr
    with pytest.raises(UserError) as error:
        Warehouse.open(warehouse.settings)
    assert error.value.code == "warehouse_busy"
    assert one(warehouse, "SELECT 42") == 42


def test_writes_run_one_after_another_and_errors_come_back(warehouse):
    warehouse.write(lambda connection: connection.execute("INSERT INTO meta VALUES ('n', '0')"))

    def add(connection):
        value = int(connection.execute("SELECT value FROM meta WHERE name = 'n'").fetchone()[0])
        time.sleep(0.001)
        connection.execute("UPDATE meta SET value = ? WHERE name = 'n'", [str(value + 1)])

    threads = [threading.Thread(target=lambda: [warehouse.write(add) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one(warehouse, "SELECT value FROM meta WHERE name = 'n'") == "40"

    def fail(connection):
        connection.execute("UPDATE meta SET value = 'lost' WHERE name = 'n'")
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        warehouse.write(fail)
    assert one(warehouse, "SELECT value FROM meta WHERE name = 'n'") == "40"


def test_a_query_over_its_time_is_stopped_by_name(warehouse):
    with pytest.raises(RetryableError) as error:
        warehouse.read("SELECT sum(a.range * b.range) FROM range(100000000) a, range(100000) b", seconds=0.2)
    assert error.value.code == "query_timeout"
    assert one(warehouse, "SELECT 1") == 1


def test_after_close_everything_raises_by_name(tmp_path):
    warehouse = Warehouse.open(settings_in(tmp_path))
    warehouse.close()
    warehouse.close()
    for call in (
        lambda: warehouse.read("SELECT 1"),
        lambda: warehouse.write(lambda connection: None),
        lambda: warehouse.load(table_batch(ORDERS, [line(1)])),
    ):
        with pytest.raises(FatalError) as error:
            call()
        assert error.value.code == "warehouse_closed"


def test_the_gate_lets_in_by_order_of_arrival():
    gate, order, ready = FairGate(1), [], threading.Event()

    def visit(number):
        with gate.enter(10):
            order.append(number)

    with gate.enter(1):
        threads = []
        for number in range(6):
            threads.append(threading.Thread(target=visit, args=(number,)))
            threads[-1].start()
            while len(gate._waiting) <= number:
                ready.wait(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(6))


def test_the_gate_gives_up_in_time_and_lets_one_thread_in_twice():
    gate = FairGate(1)
    with gate.enter(1), gate.enter(1):
        failed = []

        def late():
            try:
                with gate.enter(0.05):
                    pass
            except RetryableError as error:
                failed.append(error.code)

        thread = threading.Thread(target=late)
        thread.start()
        thread.join()
        assert failed == ["warehouse_crowded"]
    with gate.enter(1):
        pass


def test_a_reader_that_left_rows_unfetched_is_no_trouble_to_the_next(warehouse):
    with warehouse.reader() as cursor:
        assert cursor.execute("SELECT * FROM range(3)").fetchone() == (0,)
    assert warehouse.read("SELECT 1").num_rows == 1


def test_readers_see_whole_commits_only(warehouse):
    stop, seen = threading.Event(), set()

    def watch():
        while not stop.is_set():
            seen.add(one(warehouse, "SELECT count(*) FROM order_line"))

    thread = threading.Thread(target=watch)
    thread.start()
    for n in range(3):
        warehouse.load(table_batch(ORDERS, [line(n * 10 + k) for k in range(1, 8)]))
    stop.set()
    thread.join()
    assert seen <= {0, 7, 14, 21}


def test_a_file_readable_by_duckdb_1_5(warehouse):
    tags = warehouse.read("SELECT tags FROM duckdb_databases() WHERE database_name = 'warehouse'").to_pylist()
    assert "v1.5.0" in json.dumps(tags, default=str)
    assert warehouse.read("SELECT count(*) AS n FROM duckdb_indexes()").to_pylist() == [{"n": 0}]


def test_a_damaged_file_is_set_aside_and_never_replaced_by_an_empty_one(tmp_path):
    settings = settings_in(tmp_path)
    with Warehouse.open(settings) as warehouse:
        warehouse.load(table_batch(ORDERS, [line(1)]))
    settings.warehouse_file.write_bytes(b"not a database" * 1000)
    with pytest.raises(FatalError) as error:
        Warehouse.open(settings)
    assert error.value.code == "warehouse_damaged"
    assert list(tmp_path.glob("warehouse.duckdb.damaged-*"))
    for _ in range(2):
        with pytest.raises(FatalError) as error:
            Warehouse.open(settings)
        assert error.value.code == "warehouse_needs_rebuild" and error.value.fields["batches"] == 1


def test_the_key_of_persons_is_its_owners_only(tmp_path):
    settings = settings_in(tmp_path)
    Warehouse.open(settings).close()
    key = (tmp_path / "secret.key").read_text()
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0 and len(key) == 64
    Warehouse.open(settings).close()
    assert (tmp_path / "secret.key").read_text() == key
