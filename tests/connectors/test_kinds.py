# ruff: noqa: E501 - cells of files stand as they are
"""Every kind of export: recognised by its header, and its rows as the typed facts they mean."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import connectors
from config import ROOT, Settings
from connectors.kinds import _found
from connectors.reading.headers import normal
from errors import UserError
from tests.connectors.conftest import text_of
from tests.connectors.samples import SAMPLES
from tests.connectors.samples_ads import ADS
from tests.connectors.samples_money import MONEY
from warehouse import Warehouse

KINDS = {kind.id: kind for kind in connectors.kinds()}

EXPECTED: dict[str, tuple[str, list[tuple]]] = {
    "tmall_orders": (
        "SELECT order_id, province, payable_amount, paid_amount, status, created_at, paid_at FROM order_line"
        " WHERE platform = 'tmall' ORDER BY 1",
        [
            ("1", "上海", "178.80", "178.80", "paid", "2026-02-21 00:00:00", "2026-02-21 00:00:09"),
            ("2", "内蒙古", "21.00", "21.00", "paid", "2026-02-20 23:59:00", "2026-02-21 00:00:00"),
            ("3", "上海", "188320.00", None, "unpaid", "2026-02-20 23:59:35", None),
            ("4", "广东", "100.00", "100.00", "paid", "2026-02-20 10:00:00", "2026-02-20 10:01:00"),
        ],
    ),
    "doudian_orders": (
        "SELECT line_id, order_id, product_id, sku_id, quantity, list_amount, payable_amount, paid_amount, freight_amount,"
        " channel, status, creator, province, city, buyer IS NOT NULL, finished_at FROM order_line"
        " WHERE platform = 'douyin' ORDER BY 1",
        [
            ("6930000000000000001", "6930000000000000001", "3700000000000000001", "SKU-1", 2, "2000.00", "1910.00", "1905.00",
             "10.00", "live", "finished", "88012", "广东", "深圳市", True, "2026-10-09 10:00:00"),
            ("6930000000000000003", "6930000000000000002", "3700000000000000002", "SKU-2", 1, "60.00", "66.67", "66.67", "6.67",
             "search", "paid", None, "内蒙古", "包头市", True, None),
            ("6930000000000000004", "6930000000000000002", "3700000000000000003", "SKU-3", 1, "30.00", "33.33", "33.33", "3.33",
             "ad", "paid", None, "内蒙古", "包头市", True, None),
            ("6930000000000000005", "6930000000000000005", "3700000000000000004", "SKU-4", 1, "88.00", "88.00", None, "0.00",
             None, "closed", None, "北京", "北京市", True, None),
        ],
    ),
    "doudian_aftersales": (
        "SELECT refund_id, line_id, kind, status, amount, goods_returned, before_ship, applied_at, success_at, estimated,"
        " reason FROM refund WHERE platform = 'douyin' ORDER BY 1",
        [
            ("7100000000000000001", "6930000000000000001", "return", "success", "1000.00", True, False, "2026-10-10 09:00:00",
             "2026-10-12 09:30:00", False, "不喜欢"),
            ("7100000000000000002", "6930000000000000003", "refund_unshipped", "open", "70.00", False, True,
             "2026-10-01 12:00:00", None, False, "多拍"),
            ("7100000000000000003", "6930000000000000009", "exchange", "success", "0.00", False, False, "2026-10-02 12:00:00",
             "2026-10-06 12:00:00", False, "尺码"),
        ],
    ),
    "doudian_products": (
        "SELECT product_id, sku_id, name, sku_name, category, category_path, price, listed_at FROM product",
        [("3700000000000000001", "SKU-1", "连衣裙", "S", "连衣裙", "女装>连衣裙", "1000.00", "2024-03-01 10:00:00")],
    ),
    "doudian_stock": (
        "SELECT sku_id, category, warehouse, on_hand, reserved, available, unit_cost, active, snapshot_at FROM stock ORDER BY 1",
        [
            ("SKU-1", "连衣裙", "华东仓", 1200, 20, 1180, "45.5000", True, "2026-10-01 06:00:00"),
            ("SKU-2", "T恤", "华东仓", 5, None, 5, "9.9000", False, "2026-10-01 06:00:00"),
        ],
    ),
    "compass_traffic": (
        'SELECT "at", span, channel, exposures, clicks, visitors, favourites, buyers, gmv FROM traffic ORDER BY exposures',
        [
            ("2026-10-01 08:00:00", "hour", "live", 4000, 500, 300, 5, 20, "2000.00"),
            ("2026-10-01 08:00:00", "hour", None, 10000, 800, 600, 20, 30, "3210.50"),
            ("2026-10-01 08:00:00", "hour", "ad", None, 100, 90, None, 3, "300.00"),
        ],
    ),
    "compass_live": (
        "SELECT live_session, creator, title, started_at, ended_at, minutes, entries, viewers, acu, pcu, watch_seconds,"
        " product_clickers, gmv, refund_amount, ad_cost FROM live_session",
        [("88012-20261001200000", "88012", "小云", "2026-10-01 20:00:00", "2026-10-01 23:30:00", 210.0, 12000, 9000, 310.0, 800,
          90.0, 2500, "19500.50", "900.00", "1200.00")],
    ),
    "qianchuan_report": (
        'SELECT "at", span, ad_plan, ad_plan_name, channel, cost, exposures, clicks, orders, gmv, attribution FROM ad_spend'
        " ORDER BY 1",
        [
            ("2026-10-01 08:00:00", "hour", "1790000000000000001", "拉新", "live", "1234.50", 120000, 1800, 38, "5800.00",
             "direct"),
            ("2026-10-01 09:00:00", "hour", "1790000000000000001", "拉新", "live", "100.00", 10000, 150, 2, "200.00", "direct"),
        ],
    ),
    "sheet_costs": (
        "SELECT day, platform, shop, item, channel, amount FROM cost ORDER BY amount",
        [
            ("2026-10-01", "tmall", "天猫店", "logistics", None, "88.00"),
            ("2026-10-01", "douyin", "旗舰店", "creator_commission", "live", "300.00"),
            ("2026-10-01", "douyin", "旗舰店", "platform_fee", None, "1234.50"),
        ],
    ),
    "sheet_targets": (
        "SELECT metric, period, period_start, platform, shop, category, amount FROM target ORDER BY amount",
        [
            ("refund_rate", "quarter", "2026-10-01", None, None, None, "0.1250"),
            ("成交额", "month", "2026-10-01", "douyin", None, None, "1000000.0000"),
            ("gmv", "month", "2026-11-01", None, None, "连衣裙", "2500000.0000"),
            ("gmv", "year", "2026-01-01", None, None, None, "12000000.0000"),
        ],
    ),
    "sheet_benchmarks": (
        "SELECT metric, period_start, platform, category, amount FROM benchmark ORDER BY amount",
        [
            ("refund_rate", "2026-10-01", "douyin", None, "0.138000"),
            ("aov", "2026-09-01", "tmall", "女装", "205.000000"),
        ],
    ),
    "sheet_campaigns": (
        "SELECT campaign, platform, family, starts_at, ends_at, subsidy FROM campaign ORDER BY 1",
        [
            ("2026双11", None, "double11", "2026-10-31 20:00:00", "2026-11-12 00:00:00", "9100.00"),
            ("会员日", "douyin", "member", "2026-10-08 00:00:00", "2026-10-08 23:59:59", None),
        ],
    ),
    "sheet_shipments": (
        "SELECT shipment_id, platform, shop, order_id, warehouse, carrier, province, picked_at IS NULL, shipped_at, delivered_at,"
        " exception, exception_at, cost FROM shipment ORDER BY 1",
        [
            ("SF100", "douyin", "旗舰店", "6930000000000000001", "华东仓", "顺丰", "广东", False, "2026-10-01 20:00:00",
             "2026-10-03 20:00:00", None, None, "3.50"),
            ("YT200", "douyin", "旗舰店", "6930000000000000002", "华东仓", "圆通", None, True, "2026-10-01 21:00:00", None,
             "delayed", "2026-10-06 09:00:00", "2.80"),
            ("YT201", "own", "默认店铺", None, "华南仓", "圆通", "北京", True, "2026-10-02 08:00:00", "2026-10-05 08:00:00",
             "other", "2026-10-05 08:00:00", "2.80"),
        ],
    ),
    "sheet_tickets": (
        "SELECT ticket_id, platform, shop, staff, order_id, complaint, replied_at, resolved_at, score FROM ticket ORDER BY 1",
        [
            ("T1", "douyin", "旗舰店", "小美", "6930000000000000001", False, "2026-10-01 10:00:25", "2026-10-01 11:00:00", 5),
            ("T2", "tmall", "天猫店", "阿强", None, True, "2026-10-01 12:02:00", None, None),
        ],
    ),
    "sheet_reviews": (
        "SELECT review_id, platform, shop, line_id, product_id, score, bad, reviewed_at FROM review ORDER BY 1",
        [
            ("R1", "douyin", "旗舰店", "6930000000000000001", None, 5, False, "2026-10-05 10:00:00"),
            ("R2", "douyin", "旗舰店", None, "3700000000000000002", 2, True, "2026-10-06 10:00:00"),
            ("R3", "tmall", "天猫店", None, "1", None, False, "2026-10-07 10:00:00"),
        ],
    ),
    "sheet_purchases": (
        "SELECT purchase_id, sku_id, supplier, quantity, arrived_quantity, ordered_at, expected_at, arrived_at FROM purchase"
        " ORDER BY 1, 2",
        [
            ("PO-1", "SKU-1", "杭州织造", 1200, 1180, "2026-09-01 00:00:00", "2026-09-15 00:00:00", "2026-09-16 10:00:00"),
            ("PO-1", "SKU-2", "杭州织造", 300, 300, "2026-09-01 00:00:00", "2026-09-15 00:00:00", "2026-09-14 00:00:00"),
            ("PO-2", "SKU-1", "杭州织造", 500, None, "2026-09-20 00:00:00", "2026-10-04 00:00:00", None),
        ],
    ),
    "sheet_videos": (
        "SELECT video, platform, shop, day, creator, published_at, seconds, plays, finishes, product_exposures, product_clicks,"
        " gmv FROM video_day ORDER BY 1",
        [
            ("V1", "douyin", "旗舰店", "2026-10-02", "88012", "2026-10-01 18:00:00", 32.5, 12000, 3000, 900, 80, "1234.50"),
            ("V2", "own", "默认店铺", "2026-10-02", None, None, None, 500, None, None, None, None),
        ],
    ),
    "sheet_category_owners": ("SELECT category, owner FROM category_owner", [("连衣裙", "陈思雨")]),
    "behaviour_log": (
        'SELECT event, product_id, category, "at" FROM behaviour ORDER BY "at", event',
        [
            ("view", "2268318", "2520377", "2017-11-25 01:21:10"),
            ("buy", "2333346", "2520771", "2017-11-25 06:15:33"),
            ("favourite", "2333346", "2520771", "2017-11-25 06:15:33"),
            ("cart", "2333346", "2520771", "2017-11-25 06:15:34"),
        ],
    ),
}  # fmt: skip
EXPECTED |= {name: (sql, answer) for name, (_, sql, answer) in (MONEY | ADS).items()}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, Settings]]:
    settings = replace(Settings(), home=tmp_path_factory.mktemp("kinds") / "home")
    with Warehouse.open(settings) as warehouse:
        yield warehouse, settings


def put(house: tuple[Warehouse, Settings], rows: list[list[str]], name: str = "1791430000_x.csv", **how: str) -> list:
    warehouse, settings = house
    path = settings.home / name
    path.write_text(text_of(rows), "utf-8", newline="")
    return [warehouse.load(batch) for batch in connectors.read_file(path, settings=settings, **how)]


def plain(value: object) -> object:
    """A value as the tables write it; decimals with two places and as many more as they need."""
    if value is None or isinstance(value, bool | int | float):
        return value
    found = re.fullmatch(r"(-?\d+\.\d\d\d*?)0*", str(value))
    return found.group(1) if found else str(value)


def test_every_kind_has_a_sample_and_an_expectation() -> None:
    assert set(KINDS) == set(SAMPLES) == set(EXPECTED)
    assert connectors.broken_kinds() == ()


@pytest.mark.parametrize("name", EXPECTED)
def test_kind_fills_its_facts(house: tuple[Warehouse, Settings], name: str) -> None:
    (report,) = put(house, SAMPLES[name])
    totals = sum(row[0] in ("总计", "合计", "汇总") for row in SAMPLES[name])
    assert (report.kind, report.quarantined, report.rows_read) == (name, 0, len(SAMPLES[name]) - 1 - totals)
    sql, expected = EXPECTED[name]
    found = [tuple(plain(value) for value in row.values()) for row in house[0].read(sql).to_pylist()]
    assert found == [tuple(plain(value) for value in row) for row in expected]
    (again,) = put(house, SAMPLES[name])
    assert again.accepted == 0


@pytest.mark.parametrize("name", [name for name in EXPECTED if name != "behaviour_log"])
def test_order_of_columns_does_not_matter(house: tuple[Warehouse, Settings], name: str) -> None:
    rows = [row for row in SAMPLES[name] if row[0] != "总计"]
    put(house, rows)
    (report,) = put(house, [row[::-1] for row in rows])
    assert (report.kind, report.accepted, report.quarantined) == (name, 0, 0)


@pytest.mark.parametrize("name", EXPECTED)
def test_aliases_lead_to_the_same_kind(settings: Settings, tmp_path: Path, name: str) -> None:
    """A file with the usual headers of a kind, and one with any single header replaced by an alias, is of that kind."""
    kind = KINDS[name]
    columns = [column for column in kind.columns if normal(column.headers[0])]
    fields = {column.field for column in columns}
    assert not kind.missing(fields)
    for changed in [None, *columns]:
        for alias in changed.headers if changed else ("",):
            headers = [alias if column is changed else column.headers[0] for column in columns]
            if len(set(map(normal, headers))) < len(headers) or not all(map(normal, headers)):
                continue
            path = tmp_path / "a.csv"
            path.write_text(text_of([headers, ["1"] * len(headers)]), "utf-8", newline="")
            (batch,) = connectors.read_file(path, settings=settings)
            assert batch.spec.kind == name, (alias, batch.spec.kind)


def test_declarations_are_whole() -> None:
    for kind in KINDS.values():
        fields = [column.field for column in kind.columns]
        assert len(fields) == len(set(fields)), kind.id
        assert all((kind.zh, kind.en, kind.description_zh, kind.description_en))
        for need in kind.key:
            assert set(need.split("|")) <= set(fields), (kind.id, need)
        for target in kind.into:
            assert set(target.order_totals) <= set(target.columns), kind.id


def test_a_broken_declaration_is_skipped_with_a_warning() -> None:
    broken = ROOT / "connectors" / "exports" / "zz_broken_test.py"
    broken.write_text("KIND = 1 / 0\n", "utf-8")
    try:
        importlib.invalidate_caches()
        _found.cache_clear()
        assert len(connectors.kinds()) == len(KINDS)
        assert connectors.broken_kinds() == (("zz_broken_test", "ZeroDivisionError: division by zero"),)
    finally:
        broken.unlink()
        _found.cache_clear()


def test_kinds_are_documented() -> None:
    text = (ROOT / "docs" / "kinds-table.md").read_text("utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []


# Traps ----------------------------------------------------------------------------------------------------------------


def test_tmall_refunds_stand_at_the_payment_time_as_estimates(house: tuple[Warehouse, Settings]) -> None:
    put(house, SAMPLES["tmall_orders"])
    rows = (
        house[0]
        .read("SELECT order_id, amount, success_at, estimated FROM refund WHERE length(order_id) = 1 ORDER BY 1")
        .to_pylist()
    )
    assert [(row["order_id"], plain(row["amount"]), str(row["success_at"]), row["estimated"]) for row in rows] == [
        ("2", "21.00", "2026-02-21 00:00:00", True),
        ("4", "40.00", "2026-02-20 10:01:00", True),
    ]


def test_an_index_never_collides_with_an_order_number(load, warehouse: Warehouse, tmp_path: Path) -> None:
    header, *rows = SAMPLES["tmall_orders"]
    for name, head in (("a.csv", header), ("b.csv", ["", *header[1:]])):
        (tmp_path / name).write_text(text_of([head, *rows]), "utf-8", newline="")
        load(tmp_path / name)
    ids = [row["order_id"] for row in warehouse.read("SELECT order_id FROM order_line ORDER BY 1").to_pylist()]
    assert ids == [
        "1",
        "2",
        "3",
        "4",
        "idx-1-20260221000009",
        "idx-2-20260221000000",
        "idx-3",
        "idx-4-20260220100100",
    ]


def test_doudian_without_pay_time_goes_by_status(load, warehouse: Warehouse, tmp_path: Path) -> None:
    at = SAMPLES["doudian_orders"][0].index("支付完成时间")
    rows = [row[:at] + row[at + 1 :] for row in SAMPLES["doudian_orders"]]
    (tmp_path / "a.csv").write_text(text_of(rows), "utf-8", newline="")
    load(tmp_path / "a.csv")
    found = warehouse.read(
        "SELECT line_id, paid_at, paid_amount, time_estimated FROM order_line ORDER BY 1"
    ).to_pylist()
    assert [(str(row["paid_at"]), row["time_estimated"]) for row in found] == [
        ("2026-10-01 10:00:00", True),
        ("2026-10-01 11:00:00", True),
        ("2026-10-01 11:00:00", True),
        ("None", False),
    ]


def test_a_later_export_wins_and_fewer_columns_wipe_nothing(load, warehouse: Warehouse, tmp_path: Path) -> None:
    header, *rows = SAMPLES["doudian_orders"]
    keep = [i for i, name in enumerate(header) if name not in ("达人ID", "省", "流量体裁", "流量渠道", "广告渠道")]
    status = header.index("订单状态")
    later = [[*row[:status], "已关闭" if i == 0 else row[status], *row[status + 1 :]] for i, row in enumerate(rows)]
    files = {
        "1791430000_a.csv": [header, *rows],
        "1791440000_b.csv": [[row[i] for i in keep] for row in (header, *later)],
        "1791420000_old.csv": [header, *rows],
    }
    reports = []
    for name, content in files.items():
        (tmp_path / name).write_text(text_of(content), "utf-8", newline="")
        reports += load(tmp_path / name)
    assert [report.accepted for report in reports] == [4, 1, 0]
    (row,) = warehouse.read(
        "SELECT status, creator, province, channel, version FROM order_line WHERE line_id = '6930000000000000001'"
    ).to_pylist()
    assert (row["status"], row["creator"], row["province"], row["channel"]) == ("closed", "88012", "广东", "live")
    assert str(row["version"]) == "2026-10-08 14:13:20"


def test_total_rows_are_compared_with_the_sum(house: tuple[Warehouse, Settings]) -> None:
    (fits,) = put(house, SAMPLES["qianchuan_report"])
    rows = [list(row) for row in SAMPLES["qianchuan_report"]]
    rows[1][5] = "9,999.00"
    (differs,) = put(house, rows)
    assert connectors.note_text(fits.notes[0], "zh") == "第 2 行是合计行，未计入数据；与各行之和一致（核对 5 列）。"
    assert "9999" in connectors.note_text(differs.notes[0], "en")
    assert differs.rows_read == 2


@pytest.mark.parametrize(
    ("headers", "row", "expected"),
    [
        (
            ["时间-天", "整体消耗", "整体成交金额", "整体成交订单数"],
            ["2026-10-01", "10", "55.5", "2"],
            ("day", "overall", "55.50"),
        ),
        (["日期\t", "消耗\n(元)", "展示次数"], ["2026/10/2", "10", "7"], ("day", None, None)),
        (["统计时间", "消耗", "点击次数"], ["2026-10-03 13:00:00", "10", "7"], ("hour", None, None)),
    ],
)
def test_forms_of_qianchuan(
    load, warehouse: Warehouse, tmp_path: Path, headers: list, row: list, expected: tuple
) -> None:
    (tmp_path / "a.csv").write_text(text_of([headers, row]), "utf-8", newline="")
    load(tmp_path / "a.csv")
    (found,) = warehouse.read("SELECT span, attribution, gmv FROM ad_spend").to_pylist()
    assert tuple(plain(value) for value in found.values()) == expected


BAD_ROWS = [
    ("tmall_orders", 0, "6.93E+18", "bad_id"),
    ("tmall_orders", 1, "abc", "bad_money"),
    ("tmall_orders", 1, "-5", "negative_amount"),
    ("tmall_orders", 5, "2026-02-30 00:00:00", "bad_time"),
    ("doudian_orders", 1, "-", "missing"),
    ("doudian_orders", 3, "1.5", "bad_int"),
    ("behaviour_log", 3, "stare", "unknown_value"),
    ("sheet_targets", 2, "someday", "bad_date"),
    ("sheet_targets", 1, "fortnight", "unknown_value"),
    ("sheet_campaigns", 4, "2020-01-01", "ends_before_start"),
    ("sheet_costs", 5, "", "missing"),
    ("sheet_shipments", 7, "2026-09-03 20:00:00", "ends_before_start"),
    ("sheet_tickets", 6, "9", "unknown_value"),
    ("sheet_reviews", 3, "还行", "unknown_value"),
    ("sheet_purchases", 4, "0", "negative_amount"),
]


@pytest.mark.parametrize(
    ("name", "column", "value", "reason"), BAD_ROWS, ids=[f"{a}-{d}-{c}" for a, _, c, d in BAD_ROWS]
)
def test_bad_rows_name_their_reason(
    house: tuple[Warehouse, Settings], name: str, column: int, value: str, reason: str
) -> None:
    rows = [list(row) for row in SAMPLES[name]]
    rows[1][column] = value
    (report,) = put(house, rows)
    assert report.quarantined == 1
    (found,) = (
        house[0].read("SELECT reason, source_row FROM quarantine WHERE batch_id = ?", (report.batch_id,)).to_pylist()
    )
    assert found == {"reason": reason, "source_row": 2}


def test_reasons_have_words_in_both_languages() -> None:
    from i18n import catalogue

    reasons = {check.reason for kind in KINDS.values() for check in kind.checks}
    for lang in ("zh", "en"):
        words = catalogue(lang)
        assert [reason for reason in reasons if not any(key.endswith(f".{reason}") for key in words)] == []


def test_unknown_file_lists_its_headers(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("单号,钱数\nA1,2\n", "utf-8")
    with pytest.raises(UserError) as failure:
        list(connectors.read_file(tmp_path / "a.csv", settings=settings))
    assert (failure.value.code, failure.value.fields["headers"]) == ("unknown_kind", "单号, 钱数")
