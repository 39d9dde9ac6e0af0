"""Files nobody knows: proposals, mapping files, and mappings that are remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import connectors
from config import Settings
from connectors.mapping import MappingFile, load_mapping, remember, signature
from connectors.reading import open_grids
from errors import UserError
from tests.connectors.conftest import text_of
from warehouse import Warehouse

ROWS = [
    ["单号", "金额合计", "实付", "送货地址", "付款日期", "备注"],
    ["A100001", "100.00", "80.00", "江苏省南京市", "2026-01-05 10:00:00", "好"],
    ["A100002", "50.00", "50.00", "四川省成都市", "2026-01-06 11:00:00", ""],
]
COLUMNS = {"单号": "order_id", "金额合计": "total", "实付": "net_paid", "送货地址": "address", "付款日期": "paid_at"}


class Memory:
    """A store as the ledger has one."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def mapping_for(self, header_signature: str) -> str | None:
        return self.kept.get(header_signature)

    def save_mapping(self, header_signature: str, mapping_json: str) -> None:
        self.kept[header_signature] = mapping_json


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text(text_of(ROWS), "utf-8", newline="")
    return path


def test_a_mapping_loads_what_nobody_knew(load, warehouse: Warehouse, path: Path) -> None:
    mapping = MappingFile("tmall_orders", COLUMNS, platform="own", shop="官网", constants={"refund": "5"})
    (report,) = load(path, mapping=mapping)
    assert (report.accepted, report.quarantined) == (2, 0)
    assert connectors.note_text(report.notes[0]) == "有 1 列没有用到：备注。"
    rows = warehouse.read(
        "SELECT order_id, platform, shop, province, paid_amount::DECIMAL(18,2) AS paid FROM order_line ORDER BY 1"
    ).to_pylist()
    assert [tuple(map(str, row.values())) for row in rows] == [
        ("A100001", "own", "官网", "江苏", "100.00"),
        ("A100002", "own", "官网", "四川", "50.00"),
    ]
    assert warehouse.read("SELECT sum(amount)::DECIMAL(18,2)::VARCHAR AS s FROM refund").to_pylist() == [{"s": "10.00"}]


def test_a_mapped_file_can_be_read_again_from_the_archive(settings: Settings, path: Path) -> None:
    mapping = MappingFile("tmall_orders", COLUMNS, shop="官网")
    for batch in connectors.read_file(path, mapping=mapping, settings=settings):
        for again in connectors.read_archived(path.read_bytes(), batch.file_name, batch.options, settings=settings):
            assert (again.spec, again.rows.columns, again.shop) == (batch.spec, batch.rows.columns, "官网")


def test_a_remembered_mapping_is_used_again(settings: Settings, path: Path, tmp_path: Path) -> None:
    store = Memory()
    with pytest.raises(UserError):
        list(connectors.read_file(path, settings=settings, store=store))
    remember(store, ROWS[0], MappingFile("tmall_orders", COLUMNS))
    other = tmp_path / "b.csv"
    other.write_text(text_of([row[::-1] for row in ROWS]), "utf-8", newline="")
    for file in (path, other):
        kinds = [batch.spec.kind for batch in connectors.read_file(file, settings=settings, store=store)]
        assert kinds == ["tmall_orders"]


def test_the_ledger_remembers(settings: Settings, ledger, path: Path) -> None:
    from connectors.mapping_store import LedgerMappings

    remember(LedgerMappings(ledger, "小王"), ROWS[0], MappingFile("tmall_orders", COLUMNS))
    (batch,) = connectors.read_file(path, settings=settings, store=LedgerMappings(ledger))
    assert batch.spec.kind == "tmall_orders"


def test_signature_ignores_order_and_spelling() -> None:
    assert signature(["订单编号", "金额（元）"]) == signature([" 金额(元)", "订单编号\t", ""])
    assert signature(["订单编号"]) != signature(["订单号"])


def test_headerless_files_are_mapped_by_position(load, warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("u1;i1;浏览;2026-01-01 10:00:00\nu2;i1;购买;2026-01-01 11:00:00\n", "utf-8")
    mapping = MappingFile("behaviour_log", {"#1": "buyer", "#2": "product_id", "#3": "event", "#4": "moment"})
    (report,) = load(path, mapping=mapping)
    assert report.accepted == 2
    assert [row["event"] for row in warehouse.read("SELECT event FROM behaviour ORDER BY 1").to_pylist()] == [
        "buy",
        "view",
    ]


def test_guesses_come_from_names_and_values(tmp_path: Path, path: Path) -> None:
    (grid,) = open_grids(path, tmp_path)
    best = connectors.guess_mapping(grid, "tmall_orders")[0]
    assert best.columns["送货地址"] == "address"
    assert best.columns["单号"] == "order_id"
    assert best.columns["付款日期"] == "paid_at"
    assert all(0 < sure <= 1 for sure in best.certainty.values())
    assert best.sample[0][0] == "A100001"


def test_every_kind_is_its_own_best_guess_with_slightly_other_headers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [["主订单号码", "子订单号码", "订单应付总金额", "订单提交的时间", "订单当前状态", "商品数量x"],
            ["6930000000000000001", "6930000000000000001", "10.00", "2026-01-01 10:00:00", "已完成", "1"]]  # fmt: skip
    path.write_text(text_of(rows), "utf-8", newline="")
    (grid,) = open_grids(path, tmp_path)
    best = connectors.guess_mapping(grid)[0]
    assert (best.kind, best.missing) == ("doudian_orders", ())
    assert best.columns["子订单号码"] == "line_id"


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_mapping_files(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"m{suffix}"
    mapping = MappingFile("tmall_orders", COLUMNS, platform="own", constants={"refund": "0"})
    if suffix == ".json":
        path.write_text(json.dumps(mapping.to_dict(), ensure_ascii=False), "utf-8")
    else:
        columns = "\n".join(f'"{header}" = "{field}"' for header, field in COLUMNS.items())
        path.write_text(
            f'kind = "tmall_orders"\nplatform = "own"\n[columns]\n{columns}\n[constants]\nrefund = "0"\n', "utf-8"
        )
    assert load_mapping(path) == mapping


WRONG = [
    ('kind = "nope"', "kind"),
    ('kind = "tmall_orders"\n[columns]\n"a" = "nope"', "nope"),
    ('kind = "tmall_orders"\n[columns]\n"a" = "order_id"', "total"),
    ('kind = "tmall_orders"\nshoop = "x"', "shoop"),
    ("kind = ", "m.toml"),
    ('kind = "tmall_orders"\ncolumns = 3', "columns"),
]


@pytest.mark.parametrize(("text", "field"), WRONG)
def test_wrong_mapping_files_name_the_field(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError) as failure:
        load_mapping(path)
    assert failure.value.code == "mapping_invalid"
    assert field in str(failure.value.fields["field"])


def test_a_mapping_that_does_not_fit_the_file_is_an_error(settings: Settings, path: Path) -> None:
    mapping = MappingFile("tmall_orders", {**COLUMNS, "不存在": "refund"})
    with pytest.raises(UserError) as failure:
        list(connectors.read_file(path, mapping=mapping, settings=settings))
    assert failure.value.code == "unknown_kind"
