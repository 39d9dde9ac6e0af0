"""A mapping and its tables in one ZIP, as the browser and the inbox take it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import connectors
from config import Settings
from errors import UserError
from tests.connectors.test_mapping_set import MAPPING, put
from warehouse import Warehouse
from warehouse.rebuild import rebuild

SUM = "SELECT sum(paid_amount)::DOUBLE AS paid, count(*) AS n FROM order_line"


def bundle(folder: Path, *mappings: str, tables: bool = True) -> Path:
    paths, _ = put(folder / "set")
    target = folder / "set.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for path in paths if tables else []:
            archive.write(path, f"表/{path.name}")
        for number, text in enumerate(mappings, 1):
            archive.writestr(f"表/mapping{number}.toml", text)
    return target


def test_a_set_in_one_file_loads_and_is_rebuilt(settings: Settings, tmp_path: Path) -> None:
    path = bundle(tmp_path, MAPPING)
    with Warehouse.open(settings) as warehouse:
        (report,) = [warehouse.load(batch) for batch in connectors.read_file(path, settings=settings)]
        assert (report.rows_read, report.accepted, report.quarantined) == (5, 3, 2)
        assert report.kind == "mapping.kiosk.lines"
        told = warehouse.read(SUM).to_pylist()
    assert told == [{"paid": 40.5, "n": 3}]
    assert rebuild(settings, connectors.read_archived).failed == []
    with Warehouse.open(settings) as warehouse:
        assert warehouse.read(SUM).to_pylist() == told


def test_what_is_wrong_with_a_bundle_is_told(settings: Settings, tmp_path: Path) -> None:
    def code(path: Path) -> str:
        with pytest.raises(UserError) as caught:
            list(connectors.read_file(path, settings=settings))
        return caught.value.code

    assert code(bundle(tmp_path / "a", MAPPING, MAPPING)) == "bundle_mappings"
    assert code(bundle(tmp_path / "b", MAPPING, tables=False)) == "mapping_no_file"
    assert code(bundle(tmp_path / "c", MAPPING.replace("from =", "form ="))) == "mapping_wrong"
    assert code(bundle(tmp_path / "d")) == "unknown_kind"  # tables that nobody explains
    assert code(tmp_path / "d" / "set" / "kiosk.toml") == "mapping_alone"
