"""`load --mapping` with a set of tables, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.conftest import Cockpit
from tests.connectors.test_mapping_set import put


def test_a_set_is_tried_out_loaded_and_replayed(cockpit: Cockpit, tmp_path: Path) -> None:
    paths, file = put(tmp_path / "set")
    tried = cockpit("load", "--mapping", file, tmp_path / "set", "--dry-run", "--json")
    (batch,) = json.loads(tried.out)["batches"]
    assert (batch["rows_read"], batch["accepted"], batch["quarantined"]) == (5, 3, 2)
    done = cockpit("load", "--mapping", file, *paths, "--json", "--strict")
    (batch,) = json.loads(done.out)["batches"]
    assert (done.code, batch["kind"], batch["accepted"]) == (3, "mapping.kiosk.lines", 3)
    assert json.loads(cockpit("query", "gmv", "--format", "json").out)["rows"] == [{"gmv": 40.5}]
    replayed = cockpit("quarantine", "replay", "--json")
    assert json.loads(replayed.out) == {"rows": 2, "accepted": 0, "quarantined": 2}


def test_what_is_missing_or_too_much_is_one_sentence(cockpit: Cockpit, tmp_path: Path) -> None:
    paths, file = put(tmp_path / "set")
    said = cockpit("load", "--mapping", file, paths[0])
    assert said.code == 1 and "payments.csv" in said.err and said.err.count("\n") == 0
    assert cockpit("load", "--mapping", file, *paths, "--kind", "tmall_orders").code == 1
