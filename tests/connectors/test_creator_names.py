"""Creators have ids in orders and names in what their own pages export: readers see the names."""

from __future__ import annotations

from pathlib import Path

import metrics
from tests.connectors.conftest import text_of
from warehouse import Warehouse

LIVE = [
    ["主播昵称", "主播抖音号", "开播时间", "下播时间", "直播间观看人数", "直播间成交金额"],
    ["小鹿严选", "88007407402", "2026-10-01 20:00:00", "2026-10-01 22:00:00", "100", "900.00"],
    ["小鹿优选", "88007407402", "2026-10-02 20:00:00", "2026-10-02 22:00:00", "120", "800.00"],
]


def test_the_name_told_last_is_the_creators(load, warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "live.csv"
    path.write_text(text_of(LIVE), "utf-8", newline="")
    (report,) = load(path, kind="compass_live")
    assert (report.accepted, report.quarantined) == (2, 0)
    assert metrics.labels(warehouse, "creator", ["88007407402", "1"]) == {"88007407402": "小鹿优选"}
    (again,) = load(path, kind="compass_live")
    assert (again.accepted, again.unchanged) == (0, 2)
