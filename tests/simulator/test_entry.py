"""The simulator by its own door: `python -m simulator export FOLDER`."""

from __future__ import annotations

import json
import subprocess
import sys

from config import ROOT


def test_export_writes_a_small_shop_and_its_answers(tmp_path):
    span = ["--start", "2026-11-08", "--end", "2026-11-11T12:00:00", "--lines", "400", "--seed", "7"]
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "export", str(tmp_path), *span],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    written = {line.split()[0] for line in done.stdout.splitlines()}
    assert {"doudian_orders", "tmall_orders", "compass_live", "behaviour_log", "sheet_targets"} <= written
    assert len(list(tmp_path.iterdir())) == len(done.stdout.splitlines()) + 1
    orders = next(tmp_path.glob("*_订单_云杉官方旗舰店.csv")).read_text("utf-8-sig").splitlines()
    assert orders[0].startswith("主订单编号,子订单编号") and 60 < len(orders) < 400
    truth = json.loads((tmp_path / "incidents.truth.json").read_text("utf-8"))
    assert {"price_typo", "refund_wave"} <= {row["kind"] for row in truth}
