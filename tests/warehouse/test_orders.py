"""Order totals shared to the cent, heads of orders, dimensions filled both ways."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.warehouse.samples import (
    CAMPAIGNS,
    DAY,
    ORDERS,
    PRODUCTS,
    REFUNDS,
    UNIT_COSTS,
    csv_text,
    line,
    one,
    table_batch,
    text_batch,
)

D = Decimal


def amounts(warehouse, column="payable_amount"):
    return {
        row["line_id"]: row[column]
        for row in warehouse.read(f"SELECT line_id, {column} FROM order_line ORDER BY line_id").to_pylist()
    }


SHARING = [
    # (what, [(price of the line, amount in its row)], shares)
    ("one line keeps its amount", [("10", "8")], ["8.00"]),
    ("equal amounts that are the order's total", [("60", "100"), ("40", "100")], ["60.00", "40.00"]),
    ("a discounted total", [("60", "90"), ("40", "90")], ["54.00", "36.00"]),
    ("different amounts are the lines' own", [("60", "60"), ("40", "40")], ["60.00", "40.00"]),
    ("equal amounts that are the lines' own", [("50", "50"), ("50", "50")], ["50.00", "50.00"]),
    ("equal lines, discounted each", [("50", "45"), ("50", "45")], ["45.00", "45.00"]),
    ("cents that do not divide", [("1", "100"), ("1", "100"), ("1", "100")], ["33.34", "33.33", "33.33"]),
    ("the largest remainder gets the cent", [("10", "29.99"), ("20", "29.99")], ["10.00", "19.99"]),
    ("a line that was free", [("0", "10"), ("10", "10")], ["0.00", "10.00"]),
]


@pytest.mark.parametrize(("what", "lines", "shares"), SHARING, ids=[case[0] for case in SHARING])
def test_order_totals(warehouse, what, lines, shares):
    rows = [line(1, n, price=price, total=total) for n, (price, total) in enumerate(lines, 1)]
    warehouse.load(table_batch(ORDERS, rows))
    assert list(amounts(warehouse).values()) == [D(share) for share in shares]
    assert list(amounts(warehouse, "paid_amount").values()) == [D(share) for share in shares]


@pytest.mark.parametrize(("what", "lines", "shares"), SHARING, ids=[case[0] for case in SHARING])
def test_order_totals_when_lines_come_one_by_one(warehouse, what, lines, shares):
    rows = [line(1, n, price=price, total=total) for n, (price, total) in enumerate(lines, 1)]
    for row in rows:
        warehouse.load(table_batch(ORDERS, [row]))
    assert list(amounts(warehouse).values()) == [D(share) for share in shares]
    report = warehouse.load(table_batch(ORDERS, rows))
    assert (report.accepted, report.unchanged) == (0, len(rows)), "all together they say the same"
    for row in rows:
        assert warehouse.load(table_batch(ORDERS, [row])).accepted == 0, "and each alone too"


def test_sums_of_totals_are_exact_over_many_orders(warehouse):
    dice = random.Random(7)
    rows, wanted, number = [], D(0), 0
    for order in range(1, 301):
        prices = [D(dice.randint(100, 30000)) / 100 for _ in range(dice.randint(1, 5))]
        total = (sum(prices) * D(dice.randint(80, 100)) / 100).quantize(D("0.01"))
        wanted += total
        for price in prices:
            number += 1
            rows.append(line(order, number, price=str(price), total=str(total)))
    dice.shuffle(rows)
    for start in range(0, len(rows), 200):
        warehouse.load(table_batch(ORDERS, rows[start : start + 200]))
    assert one(warehouse, "SELECT sum(payable_amount) FROM order_line") == wanted
    assert one(warehouse, "SELECT count(*) FILTER (is_head) FROM order_line") == 300


def test_exactly_one_head_an_order_over_all_batches(warehouse, tmp_path):
    dice = random.Random(3)
    rows = [line(dice.randint(1, 60), n) for n in range(1, 201)]
    for n, start in enumerate(range(0, 200, 50)):
        warehouse.load(text_batch(tmp_path, ORDERS, csv_text(rows[start : start + 60]), name=f"{n}.csv"))
    heads = warehouse.read("SELECT order_id, count(*) FILTER (is_head) AS heads FROM order_line GROUP BY 1").to_pylist()
    assert {row["heads"] for row in heads} == {1}
    assert one(warehouse, "SELECT count(*) FILTER (is_head) = count(DISTINCT order_id) FROM order_line")


def test_equal_order_numbers_of_two_shops_are_two_orders(warehouse):
    warehouse.load(table_batch(ORDERS, [line(1)], shop="A"))
    warehouse.load(table_batch(ORDERS, [line(1)], shop="B"))
    assert one(warehouse, "SELECT count(*) FILTER (is_head) FROM order_line") == 2


def known(n):
    products = table_batch(PRODUCTS, [{"product_id": 7, "category": "饮料"}])
    costs = table_batch(
        UNIT_COSTS,
        [
            {"sku_id": "S1", "valid_from": "2026-01-01", "amount": "3.5"},
            {"sku_id": "S1", "valid_from": "2026-06-01", "amount": "4"},
        ],
    )
    campaigns = table_batch(
        CAMPAIGNS,
        [
            {"campaign": "春季", "starts_at": "2026-02-01", "ends_at": "2026-04-01"},
            {"campaign": "女神节", "starts_at": "2026-03-01", "ends_at": "2026-03-09", "on_platform": "douyin"},
            {"campaign": "京东日", "starts_at": "2026-03-01", "ends_at": "2026-03-09", "on_platform": "jd"},
        ],
    )
    orders = table_batch(
        ORDERS,
        [
            line(1, shipped_at=DAY + timedelta(days=1)),
            line(2, created_at=datetime(2026, 7, 1), paid_at=datetime(2026, 7, 1)),
        ],
    )
    refunds = table_batch(
        REFUNDS,
        [
            {
                "refund_id": "r1",
                "order_id": 1,
                "line_id": 1,
                "amount": 5,
                "applied_at": "2026-03-03",
                "success_at": "2026-03-04",
            },
            {"refund_id": "r2", "order_id": 2, "amount": 5, "applied_at": "2026-07-02", "success_at": "2026-07-03"},
        ],
    )
    batches = [products, costs, campaigns, orders, refunds]
    random.Random(n).shuffle(batches)
    return batches


@pytest.mark.parametrize("order", range(8))
def test_dimensions_are_filled_whatever_comes_first(warehouse, order):
    batches = known(order)
    for batch in batches:
        warehouse.load(batch)
    lines = warehouse.read("SELECT category, unit_cost, campaign FROM order_line ORDER BY line_id").to_pylist()
    assert [tuple(row.values()) for row in lines] == [("饮料", D("3.5"), "女神节"), ("饮料", D("4"), None)]
    refunds = warehouse.read(
        "SELECT product_id, category, province, unit_cost, campaign, order_paid_at, before_ship,"
        " buyer = (SELECT any_value(buyer) FROM order_line WHERE order_line.order_id = refund.order_id) AS same"
        " FROM refund ORDER BY refund_id"
    ).to_pylist()
    assert [tuple(row.values()) for row in refunds] == [
        ("7", "饮料", "广东", D("3.5"), "女神节", DAY + timedelta(minutes=2), False, True),
        ("7", "饮料", "广东", D("4"), None, datetime(2026, 7, 1), True, True),
    ]
    for batch in batches:
        assert warehouse.load(batch).accepted == 0, batch.spec.kind


def test_filled_values_follow_their_source(warehouse):
    for batch in known(0):
        warehouse.load(batch)
    later = DAY + timedelta(days=30)
    warehouse.load(table_batch(PRODUCTS, [{"product_id": 7, "category": "水"}], observed=later))
    warehouse.load(
        table_batch(
            CAMPAIGNS,
            [{"campaign": "女神节", "starts_at": "2026-03-05", "ends_at": "2026-03-09", "on_platform": "douyin"}],
            observed=later,
        )
    )
    assert one(warehouse, "SELECT list(DISTINCT category) FROM order_line") == ["水"]
    assert one(warehouse, "SELECT list(DISTINCT category) FROM refund") == ["水"]
    assert one(warehouse, "SELECT campaign FROM order_line WHERE line_id = '1'") == "春季", "the one around it again"
    assert one(warehouse, "SELECT campaign FROM refund WHERE refund_id = 'r1'") == "春季"


def test_a_category_that_the_export_brings_stays_and_loads_once(warehouse):
    rows = [line(1, category="自带"), line(2, product_id=8, category="别的")]
    warehouse.load(table_batch(PRODUCTS, [{"product_id": 7, "category": "饮料"}]))
    warehouse.load(table_batch(ORDERS, rows))
    assert amounts(warehouse, "category") == {"1": "饮料", "2": "别的"}, "the product list rules where it knows"
    assert warehouse.load(table_batch(ORDERS, rows)).accepted == 0


def test_touched_days_reach_the_rollups_old_and_new(warehouse, monkeypatch):
    import warehouse.load as loading

    seen = []
    monkeypatch.setattr(loading, "refresh_rollups", lambda connection, touched: seen.append(touched))
    warehouse.load(table_batch(ORDERS, [line(1)]))
    moved = line(1, paid_at=DAY + timedelta(days=3))
    warehouse.load(table_batch(ORDERS, [moved], observed=DAY + timedelta(days=4)))
    assert seen[0].of("order_line", "paid_at") == {DAY.date()}
    assert seen[1].of("order_line", "paid_at") == {DAY.date(), (DAY + timedelta(days=3)).date()}
    assert seen[1].of("refund", "success_at") == set()
