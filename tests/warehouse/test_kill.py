"""kill -9 at a hundred random moments of loading: the acknowledged is there, nothing doubled, rebuild equals live."""

import os
import subprocess
import sys

import pytest

from config import ROOT
from tests.warehouse.samples import ORDERS, reader, settings_in
from tests.warehouse.test_keeping import facts
from warehouse import Warehouse
from warehouse.rebuild import rebuild

PARTS, KILLS, LINES = 4, 25, 6  # 4 × 25 = 100 kills, in parts so that they can run side by side

NURSERY = '''
"""Forks loaders (cheaper than starting Python a hundred times) and kills each at a random moment."""
import os, random, signal, sys, time
from datetime import timedelta
from pathlib import Path
from tests.warehouse.samples import DAY, ORDERS, csv_text, line, settings_in, text_batch, with_kind
from warehouse import Warehouse

home, kills, lines, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
dice = random.Random(seed)

def say(text):
    with open(home / "said", "a") as out:
        out.write(text + "\\n")

def load_on(pipe):
    warehouse = Warehouse.open(settings_in(home / "data"))
    done = {row["file_name"] for row in warehouse.read("SELECT file_name FROM load_batch").to_pylist()}
    said = (home / "said").read_text().split() if (home / "said").exists() else []
    missing = [name for name in said if name not in done]
    if missing:
        (home / "lost").write_text(" ".join(missing))
    os.write(pipe, b"x")
    number = len(done)
    while True:
        # the first line of every batch belongs to an order that each batch changes; one row is unusable
        rows = [line(0, 1000000, quantity=number)]
        rows += [line(number * lines + n, number * lines + n + 1) for n in range(lines)]
        rows.append(line(5, 5, total="x%d" % number))
        batch = text_batch(home, ORDERS, csv_text(rows), name=f"{number}.csv", observed=DAY + timedelta(minutes=number))
        begun = time.perf_counter()
        warehouse.load(with_kind(batch))
        (home / "seconds").write_text(str(time.perf_counter() - begun))
        say(f"{number}.csv")
        number += 1

for kill in range(kills):
    ready, pipe = os.pipe()
    child = os.fork()
    if child == 0:
        load_on(pipe)
    os.close(pipe)
    os.read(ready, 1)
    os.close(ready)
    while kill == 0 and len((home / "said").read_text().split() if (home / "said").exists() else []) < 3:
        time.sleep(0.01)       # three loads say how long one takes on this machine today
    time.sleep(dice.random() * 1.6 * float((home / "seconds").read_text() or 0.2))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
'''


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.parametrize("part", range(PARTS))
def test_kill_at_random_moments(tmp_path, part):
    done = subprocess.run(
        [sys.executable, "-c", NURSERY, str(tmp_path), str(KILLS), str(LINES), str(part)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "lost").exists(), "acknowledged batches were gone at a reopening"
    acknowledged = set((tmp_path / "said").read_text().split())
    settings = settings_in(tmp_path / "data")
    with Warehouse.open(settings) as warehouse:
        names = [
            row["file_name"] for row in warehouse.read("SELECT file_name FROM load_batch ORDER BY batch_id").to_pylist()
        ]
        assert acknowledged <= set(names) and len(names) == len(set(names)) >= 1
        lines = [row["line_id"] for row in warehouse.read("SELECT line_id FROM order_line").to_pylist()]
        assert len(lines) == len(set(lines)) == len(names) * LINES + 1
        assert warehouse.read("SELECT quantity FROM order_line WHERE line_id = '1000000'").to_pylist() == [
            {"quantity": len(names) - 1}
        ]
        assert warehouse.read("SELECT count(*) AS n FROM quarantine").to_pylist() == [{"n": len(names)}]
        live = facts(warehouse)
    report = rebuild(settings, reader({"orders": ORDERS}, tmp_path))
    assert report.failed == []
    with Warehouse.open(settings) as warehouse:
        assert facts(warehouse) == live
