"""Loading: accounting, idempotence, overlap, order of versions and columns, quarantine, events."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.warehouse.samples import (
    DAY,
    EVENTS,
    ORDERS,
    PRODUCTS,
    SHARED,
    csv_text,
    line,
    one,
    table_batch,
    text_batch,
)
from warehouse import Batch, Field, Into, RowSpec, TextRows


def counts(report):
    return report.rows_read, report.accepted, report.unchanged, report.quarantined


def test_loading_twice_changes_nothing(warehouse, tmp_path):
    batch = text_batch(tmp_path, ORDERS, csv_text([line(n) for n in range(1, 51)] + [line(60, total="x")]))
    heard = []
    warehouse.on_change(heard.append)
    assert counts(warehouse.load(batch)) == (51, 50, 0, 1)
    version, facts = warehouse.data_version, warehouse.read("SELECT * FROM order_line ORDER BY line_id")
    assert counts(warehouse.load(batch)) == (51, 0, 50, 1)
    assert warehouse.data_version == version == 1 and heard == [1]
    assert warehouse.read("SELECT * FROM order_line ORDER BY line_id") == facts
    assert one(warehouse, "SELECT count(*) FROM quarantine") == 1
    assert one(warehouse, "SELECT count(*) FROM load_batch") == 2


def test_overlapping_files_end_in_the_union(warehouse, tmp_path):
    warehouse.load(text_batch(tmp_path, ORDERS, csv_text([line(n) for n in range(1, 31)]), name="a.csv"))
    report = warehouse.load(text_batch(tmp_path, ORDERS, csv_text([line(n) for n in range(21, 51)]), name="b.csv"))
    assert counts(report) == (30, 20, 10, 0)
    assert (
        one(warehouse, "SELECT count(DISTINCT line_id) FROM order_line")
        == one(warehouse, "SELECT count(*) FROM order_line")
        == 50
    )


def test_columns_may_come_in_any_order_and_unneeded_ones_are_passed_over(warehouse, tmp_path):
    rows = [line(n, remark="注") for n in range(1, 11)]
    warehouse.load(text_batch(tmp_path, ORDERS, csv_text(rows), name="a.csv"))
    names = sorted(rows[0], reverse=True)
    assert counts(warehouse.load(text_batch(tmp_path, ORDERS, csv_text(rows, names), name="b.csv"))) == (10, 0, 10, 0)


def test_the_later_version_wins_whatever_comes_first(warehouse, tmp_path):
    new = csv_text([line(1, status="已完成"), line(2, status="已关闭")])
    old = csv_text([line(1), line(2), line(3)])
    warehouse.load(text_batch(tmp_path, ORDERS, new, observed=DAY + timedelta(days=9), name="new.csv"))
    report = warehouse.load(text_batch(tmp_path, ORDERS, old, observed=DAY, name="old.csv"))
    assert counts(report) == (3, 1, 2, 0)
    found = warehouse.read("SELECT status FROM order_line ORDER BY line_id").to_pylist()
    assert [row["status"] for row in found] == ["finished", "closed", "paid"]
    report = warehouse.load(
        text_batch(
            tmp_path, ORDERS, csv_text([line(1, status="已关闭")]), observed=DAY + timedelta(days=10), name="newest.csv"
        )
    )
    assert counts(report) == (1, 1, 0, 0)


def test_what_was_seen_again_unchanged_is_not_overtaken_by_an_older_state(warehouse, tmp_path):
    days = [DAY + timedelta(days=n) for n in range(3)]
    warehouse.load(text_batch(tmp_path, ORDERS, csv_text([line(1)]), observed=days[0], name="a.csv"))
    warehouse.load(text_batch(tmp_path, ORDERS, csv_text([line(1)]), observed=days[2], name="c.csv"))
    warehouse.load(text_batch(tmp_path, ORDERS, csv_text([line(1, status="已关闭")]), observed=days[1], name="b.csv"))
    assert one(warehouse, "SELECT status FROM order_line") == "paid"


def test_a_file_says_nothing_about_columns_it_lacks(warehouse, tmp_path):
    warehouse.load(text_batch(tmp_path, ORDERS, csv_text([line(1)]), name="a.csv"))
    short = {key: value for key, value in line(1, status="已完成").items() if key not in ("province", "buyer")}
    assert counts(warehouse.load(text_batch(tmp_path, ORDERS, csv_text([short]), name="b.csv"))) == (1, 1, 0, 0)
    row = warehouse.read("SELECT province, buyer, status FROM order_line").to_pylist()[0]
    assert row["province"] == "广东" and row["buyer"] is not None and row["status"] == "finished"


def test_within_a_file_the_later_row_of_a_key_wins(warehouse, tmp_path):
    text = csv_text([line(1), line(2), line(1, status="已完成")])
    assert counts(warehouse.load(text_batch(tmp_path, ORDERS, text))) == (3, 2, 1, 0)
    row = warehouse.read("SELECT status, source_row FROM order_line WHERE line_id = '1'").to_pylist()[0]
    assert row == {"status": "finished", "source_row": 4}


def test_source_rows_are_lines_of_the_file(warehouse, tmp_path):
    rows = [line(n) for n in range(1, 3001)]
    random.Random(4).shuffle(rows)
    warehouse.load(text_batch(tmp_path, ORDERS, csv_text(rows)))
    found = {
        int(row["line_id"]): row["source_row"]
        for row in warehouse.read("SELECT line_id, source_row FROM order_line").to_pylist()
    }
    assert found == {row["line_id"]: number for number, row in enumerate(rows, 2)}


def test_reasons_fields_and_raw_rows(warehouse, tmp_path):
    text = csv_text(
        [
            line(1, total="abc"),
            line(2, created_at="不明"),
            line(3, order_id="6.93E+18"),
            line(4, created_at=""),
            line(5, total="-3"),
            line(6, quantity="1.5"),
            line(7),
        ]
    )
    assert counts(warehouse.load(text_batch(tmp_path, ORDERS, text))) == (7, 1, 0, 6)
    found = warehouse.read("SELECT source_row, reason, field, value FROM quarantine ORDER BY source_row").to_pylist()
    assert [tuple(row.values()) for row in found] == [
        (2, "bad_money", "total", "abc"),
        (3, "bad_time", "created_at", "不明"),
        (4, "bad_id", "order_id", "6.93E+18"),
        (5, "missing", "created_at", None),
        (6, "negative_amount", "total", "-3"),
        (7, "bad_int", "quantity", "1.5"),
    ]
    raw = one(warehouse, "SELECT raw FROM quarantine WHERE source_row = 2")
    assert '"total":"abc"' in raw.replace(" ", "") and "买家" not in raw, "the person stands there as a hash"


def test_torn_lines_cost_themselves_only(warehouse, tmp_path):
    text = csv_text([line(n) for n in range(1, 11)]).encode().split(b"\n")
    text[3] = text[3][:20]  # too few cells
    text[5] += b",more"  # too many
    text[7] = text[7].replace(b"7,", b'"7,', 1)  # a quote that never closes
    text[8] = text[8].replace(b"\xe4", b"\xff", 1).replace("广东省".encode(), "广东".encode("gb18030"))
    text[9] = text[9].replace(b"S1", b"S\x001")
    report = warehouse.load(text_batch(tmp_path, ORDERS, b"\n".join(text)))
    assert counts(report) == (10, 5, 0, 5)
    found = warehouse.read("SELECT source_row, reason FROM quarantine ORDER BY source_row").to_pylist()
    assert [tuple(row.values()) for row in found] == [
        (4, "torn"),
        (6, "torn"),
        (8, "torn"),
        (9, "bad_encoding"),
        (10, "torn"),
    ]


def test_a_quoted_line_feed_is_part_of_its_cell_on_both_roads(warehouse, tmp_path):
    good = csv_text([line(1, category='"饮料\n和水"'), line(2)])
    assert counts(warehouse.load(text_batch(tmp_path, ORDERS, good, name="a.csv"))) == (2, 2, 0, 0)
    torn = good + "9,9\n"
    assert counts(warehouse.load(text_batch(tmp_path, ORDERS, torn, name="b.csv"))) == (3, 0, 2, 1)


def test_total_rows_are_no_rows(warehouse, tmp_path):
    text = csv_text([line(1)]) + "合计" + "," * 13 + "\n"
    columns = text.split("\n", 1)[0].count(",")
    text = text.replace("合计" + "," * 13, "合计" + "," * columns)
    first = warehouse.load(text_batch(tmp_path, ORDERS, text))
    assert counts(first) == (1, 1, 0, 0) and first.notes == ("total_rows|count=1",)
    torn = warehouse.load(text_batch(tmp_path, ORDERS, text + "# 结束\n", name="b.csv"))
    assert counts(torn) == (1, 0, 1, 0) and torn.notes == ("total_rows|count=2",)


def test_unknown_statuses_become_null_with_a_note(warehouse, tmp_path):
    report = warehouse.load(text_batch(tmp_path, ORDERS, csv_text([line(1, status="怪"), line(2)])))
    assert report.accepted == 2 and any("怪" in note for note in report.notes)
    assert one(warehouse, "SELECT count(*) FROM order_line WHERE status IS NULL") == 1


def test_a_row_that_fills_two_facts_counts_once(warehouse, tmp_path):
    both = RowSpec(
        "both",
        (Field("order_id", "id", True), Field("total", "money"), Field("refund", "money"), Field("at", "time")),
        (
            Into(
                "order_line", {"order_id": "order_id", "line_id": "order_id", "paid_amount": "total", "paid_at": '"at"'}
            ),
            Into(
                "refund",
                {"refund_id": "order_id", "order_id": "order_id", "amount": "refund", "success_at": '"at"'},
                where="refund > 0",
            ),
        ),
    )
    first = "order_id,total,refund,at\n1,10,3,2026-03-01\n2,10,0,2026-03-01\n"
    assert counts(warehouse.load(text_batch(tmp_path, both, first, name="a.csv"))) == (2, 2, 0, 0)
    later = first.replace("1,10,3", "1,10,4")
    assert counts(warehouse.load(text_batch(tmp_path, both, later, name="b.csv"))) == (2, 1, 1, 0)


def test_a_key_part_that_is_null_equals_null(warehouse):
    spec = RowSpec(
        "goals",
        (Field("day", "date", True), Field("amount", "number", True)),
        (Into("target", {"metric": "'gmv'", "period": "'day'", "period_start": "day", "amount": "amount"}),),
    )
    assert counts(warehouse.load(table_batch(spec, [{"day": "2026-03-01", "amount": 5}]))) == (1, 1, 0, 0)
    assert counts(warehouse.load(table_batch(spec, [{"day": "2026-03-01", "amount": 6}]))) == (1, 1, 0, 0)
    assert warehouse.read("SELECT amount FROM target").to_pylist() == [{"amount": Decimal("6.0000")}]


def test_equal_events_of_one_log_all_count_and_a_second_load_adds_none(warehouse, tmp_path):
    text = "user,item,event,seconds\n" + "a,1,pv,1511544070\n" * 3 + "b,1,buy,1511544071\n"
    assert counts(warehouse.load(text_batch(tmp_path, EVENTS, text, name="a.csv"))) == (4, 4, 0, 0)
    assert counts(warehouse.load(text_batch(tmp_path, EVENTS, text, name="b.csv"))) == (4, 0, 4, 0)
    more = text + "a,1,pv,1511544070\n"
    assert counts(warehouse.load(text_batch(tmp_path, EVENTS, more, name="c.csv"))) == (5, 1, 4, 0)


def test_days_that_stand_apart_are_strays(warehouse, tmp_path):
    start = int(datetime(2017, 11, 25).timestamp())
    rows = [f"u{n},1,pv,{start + day * 86400 + n}" for day in range(5) for n in range(100)]
    rows += [f"x,1,pv,{start - 40 * 86400}", f"x,1,pv,{start + 30 * 86400}"]
    report = warehouse.load(text_batch(tmp_path, EVENTS, "user,item,event,seconds\n" + "\n".join(rows) + "\n"))
    assert counts(report) == (502, 500, 0, 2)
    assert one(warehouse, "SELECT count(*) FROM quarantine WHERE reason = 'stray_day'") == 2


def test_watermark_and_cursor_move_with_the_data(warehouse):
    first = replace(table_batch(ORDERS, [line(1)]), cursor_after="c1", complete_through=datetime(2026, 3, 5))
    warehouse.load(first)
    warehouse.load(replace(table_batch(ORDERS, [line(2)]), cursor_after="c2", complete_through=datetime(2026, 3, 4)))
    row = warehouse.read("SELECT complete_through, cursor_value FROM source_state").to_pylist()
    assert row == [{"complete_through": datetime(2026, 3, 5), "cursor_value": "c2"}], "never back"


def test_a_failing_batch_leaves_nothing_behind(warehouse, monkeypatch):
    import warehouse.load as loading

    warehouse.load(table_batch(ORDERS, [line(1)]))
    before = warehouse.read("SELECT * FROM order_line"), warehouse.data_version
    monkeypatch.setattr(loading, "_event_span", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        warehouse.load(table_batch(ORDERS, [line(2), line(1, status="已关闭")]))
    monkeypatch.undo()
    assert (warehouse.read("SELECT * FROM order_line"), warehouse.data_version) == before
    assert one(warehouse, "SELECT count(*) FROM load_batch") == 1
    assert warehouse.load(table_batch(ORDERS, [line(2)])).accepted == 1


def test_amounts_too_large_for_their_column_are_quarantined(warehouse):
    rows = [line(1, price="9999999999", quantity="99999999999"), line(2)]
    assert counts(warehouse.load(table_batch(ORDERS, rows))) == (2, 1, 0, 1)
    assert one(warehouse, "SELECT reason FROM quarantine") == "bad_range"


def test_a_wrong_declaration_is_told_and_nothing_is_loaded(warehouse):
    from errors import FatalError

    wrong = RowSpec("wrong", (Field("product_id", "id", True),), (Into("product", {"product_id": "no_such_field"}),))
    with pytest.raises(FatalError) as told:
        warehouse.load(table_batch(wrong, [{"product_id": 1}]))
    assert told.value.code == "spec_wrong"
    assert warehouse.load(table_batch(PRODUCTS, [{"product_id": 1, "category": "a"}])).accepted == 1


def test_removing_a_source_takes_its_rows_and_gives_orders_their_heads_back(warehouse):
    warehouse.load(table_batch(ORDERS, [line(1, 11), line(2, 21)], source="demo_files"))
    warehouse.load(table_batch(ORDERS, [line(1, 12), line(3, 31)], source="file"))
    assert warehouse.remove_batches("demo") == 1
    assert one(warehouse, "SELECT list(line_id ORDER BY line_id) FROM order_line") == ["12", "31"]
    assert one(warehouse, "SELECT bool_and(is_head) FROM order_line") is True
    assert one(warehouse, "SELECT count(*) FROM source_state") == 1
    assert warehouse.remove_batches("demo") == 0


@pytest.mark.skipif(not (SHARED / "datasets/taobao_userbehavior_2017").exists(), reason="no shared data sets here")
def test_the_behaviour_log_of_taobao(warehouse):
    path = SHARED / "datasets/taobao_userbehavior_2017/UserBehavior.csv"
    spec = RowSpec(
        "log",
        (*EVENTS.fields[:3], Field("category", "id"), EVENTS.fields[3]),
        EVENTS.into,
        statuses={"pv": "view", "buy": "buy", "cart": "cart", "fav": "favourite"},
        event_time="seconds",
        stray_days=True,
    )
    columns = ("user", "item", "category", "event", "seconds")
    batch = Batch("file", spec, "taobao", "s", path, path.name, TextRows(path, ",", 1, columns, columns), DAY)
    assert counts(warehouse.load(batch)) == (84476, 84440, 0, 36)
    assert counts(warehouse.load(batch)) == (84476, 0, 84440, 36)
