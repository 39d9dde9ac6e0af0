"""The cheap road through a text file gives the rows, faults, raw texts and notes that the full one gives."""

import csv
import io
import random
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.samples import settings_in, text_batch
from tests.warehouse.test_parse import CASES
from warehouse import Batch, Check, Field, Into, RowSpec, Warehouse, refine, scan
from warehouse.parse import PADDING, Zone

ODD = [
    "1e5", " 12 ", "+5", "2026-01-01T10:11:12", "2026-01-01 10:11:12+08", "0x1f", "inf", "nan", "TRUE", "1e999", "\\N",
    "NULL", "null", "9" * 30, "-0", "1_000", "0000-00-00", "1970-01-01 08:00:00", "0202-01-01", "2026-1-1 1:2:3",
    "10000000000", "2026-02-30", "12:30", "1.005", "'1", '="7"', "合计", "#", "广东省", "中国广东", "火星",
    "138****1234", "#0123456789abcdef", "已支付", "没有的状态", "A.0", "1.0", "é", "-", "", "\t",
    *PADDING.replace("\n", ""),
]  # fmt: skip
CLEAN = {
    "id": "690{n}", "text": "第{n}款", "int": "{n}", "number": "{n}.5", "money": "{n}.20", "fen": "{n}",
    "rate": "0.{n}", "percent": "{n}", "time": "2026-01-02 03:04:05", "epoch": "176{n}0000", "date": "2026-01-02",
    "bool": "是", "person": "139{n}", "province": "四川省", "status": "已支付",
}  # fmt: skip
SPEC = RowSpec(
    "everything",
    (
        Field("id", "id", required=True),
        *(Field("f_" + kind, kind) for kind in CLEAN),  # type: ignore[arg-type]
    ),
    (Into("order_line", {"order_id": "id", "line_id": "id", "created_at": "f_time", "quantity": "f_int"}),),
    checks=(Check("f_money < 0", "negative_amount", "f_money"),),
    statuses={"已支付": "paid"},
)


def some_file(seed: int, rows: int, dirty: float, spoilt: str | None) -> str:
    """A file in which a share of cells is odd, and the field `spoilt` is odd in every row."""
    dice = random.Random(seed)
    known = [str(case[0]) for cases in CASES.values() for case in cases]  # type: ignore[attr-defined]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([field.name for field in SPEC.fields])
    for n in range(rows):
        cells = []
        for field in SPEC.fields:
            text, pad = CLEAN[field.type].format(n=100 + n), dice.choice(PADDING)
            if dice.random() < dirty or field.name == spoilt:
                text = dice.choice([dice.choice(ODD), dice.choice(known), pad + text, text + pad])
            cells.append(text.replace("\n", " ").replace("\r", " "))
        writer.writerow(cells)
    return out.getvalue()


def staged(warehouse: Warehouse, batch: Batch) -> tuple[list[tuple[object, ...]], list[str], int, int, int]:
    """What a batch is staged as: every row, the notes, rows read and set aside, and how many rows were in doubt."""

    def look(connection: duckdb.DuckDBPyConnection) -> tuple[list[tuple[object, ...]], list[str], int, int, int]:
        result = refine.stage(connection, batch, Zone.of("Asia/Shanghai"))
        doubtful = connection.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'doubtful'"
        ).fetchone() or (0,)
        columns = [f'"{field.name}"' for field in SPEC.fields] + ['"?f_province"', '"?f_status"']
        rows = connection.execute(
            f"SELECT _row, {', '.join(columns)}, _fault, _raw FROM numbered ORDER BY _row"
        ).fetchall()
        connection.execute("DROP TABLE IF EXISTS temp.doubtful")
        return rows, result.notes, result.rows_read, result.quarantined, doubtful[0]

    return warehouse.engine.run(look)


@pytest.mark.parametrize(
    ("dirty", "spoilt", "mended"),
    [(0.0, None, 0), (0.002, None, 1), (0.002, "f_text", 1), (0.002, "id", 1), (0.5, None, None)],
)
def test_both_roads_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dirty: float, spoilt: str | None, mended: int | None
) -> None:
    with Warehouse.open(settings_in(tmp_path / "home")) as warehouse:
        for seed in range(3):
            batch = text_batch(tmp_path, SPEC, some_file(seed, 600, dirty, spoilt), name=f"{seed}.csv")
            cheap = staged(warehouse, batch)
            with monkeypatch.context() as patch:
                patch.setattr(refine, "read_clean", scan.read_in_full)
                full = staged(warehouse, batch)
            assert cheap[:4] == full[:4]
            assert mended is None or cheap[4] == mended
