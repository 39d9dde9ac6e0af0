"""Every text form of every field type, as tables: (text, value) or (text, BAD)."""

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from warehouse import parse

BAD = object()
D = Decimal

CASES = {
    "id": [
        ("123", "123"),
        ("\t456\t", "456"),
        (' ="789" ', "789"),
        ('="0012"', "0012"),
        ("'12", "12"),
        ("`5", "5"),
        ("10160070484512.0", "10160070484512"),
        ("6.93E+18", BAD),
        ("6.93e18", BAD),
        ("7E+05", BAD),
        ("12E5", "12E5"),
        ("A-1E", "A-1E"),
        ("200222-123", "200222-123"),
        ("001.50", "001.50"),
        ("-", None),
        ("", None),
        (" ", None),
        ("6900000000000000001", "6900000000000000001"),
    ],
    "text": [("a", "a"), (" 夏季 \t", "夏季"), ("\u3000全角\u3000", "全角"), ("--", None), ("无", None), ("-5", "-5")],
    "int": [
        ("1", 1),
        ("1,234", 1234),
        ("1，234,567", 1234567),
        ("3.0", 3),
        ("3.7", BAD),
        ("2.5万", 25000),
        ("１２", 12),
        ("x", BAD),
        ("-", None),
        ("-5", -5),
        ("1,23", BAD),
        ("9999999999999", BAD),
    ],
    "number": [("1", 1.0), ("1,000.5", 1000.5), ("1.2亿", 1.2e8), ("nan", BAD), ("inf", BAD), ("—", None)],
    "money": [
        ("1", D("1.00")),
        ("¥1,234.50", D("1234.50")),
        ("￥ 3", D("3.00")),
        ("1，234", D("1234.00")),
        ("1,5", BAD),
        ("2.5万", D("25000.00")),
        ("1.2亿", D("120000000.00")),
        ("12.345", D("12.35")),
        ("-3.2", D("-3.20")),
        ("--5", BAD),
        ("12元", D("12.00")),
        (".5", D("0.50")),
        ("无退款申请", None),
        ("/", None),
        ("-", None),
        ("12 345", BAD),
        ("99999999999", BAD),
        ("8.00\t", D("8.00")),
        ("一百", BAD),
    ],
    "fen": [("100", D("1.00")), ("12345", D("123.45")), ("1.5", BAD), ("-", None)],
    "rate": [("12.5%", 0.125), ("0.5", 0.5), ("１２％", 0.12), ("x%", BAD), ("-", None)],
    "percent": [("12.5", 0.125), ("50%", 0.5), ("x", BAD)],
    "time": [
        ("2020-02-21 00:00:00", datetime(2020, 2, 21)),
        ("2020/2/21 0:00", datetime(2020, 2, 21)),
        ("2020-2-1", datetime(2020, 2, 1)),
        ("2020.02.03 10:11", datetime(2020, 2, 3, 10, 11)),
        ("2020年2月1日 1时2分3秒", datetime(2020, 2, 1, 1, 2, 3)),
        ("2020年2月1日", datetime(2020, 2, 1)),
        ("2020年02月01日 10:11", datetime(2020, 2, 1, 10, 11)),
        ("20200221", datetime(2020, 2, 21)),
        ("20200221153001", datetime(2020, 2, 21, 15, 30, 1)),
        ("20200221 15:30", datetime(2020, 2, 21, 15, 30)),
        ("43882", datetime(2020, 2, 21)),
        ("43882.5", datetime(2020, 2, 21, 12)),
        ("2020-02-01T10:00:00", datetime(2020, 2, 1, 10)),
        ("2020-02-01T10:00:00Z", datetime(2020, 2, 1, 18)),
        ("2020-02-01 10:00:00+08:00", datetime(2020, 2, 1, 10)),
        ("2020-02-01~2020-02-03", datetime(2020, 2, 1)),
        ("20260601~20260630", datetime(2026, 6, 1)),
        ("2020-02-21 \t", datetime(2020, 2, 21)),
        ("2020-02-01 10:00:00.5", datetime(2020, 2, 1, 10, 0, 0, 500000)),
        ("0000-00-00 00:00:00", None),
        ("-", None),
        ("0202-01-01", BAD),
        ("2020-02-30", BAD),
        ("99999", BAD),
        ("2020-02-01 25:00", BAD),
        ("infinity", BAD),
        ("昨天", BAD),
        ("10:00", BAD),
    ],
    "date": [("2020-02-01", date(2020, 2, 1)), ("2020年2月1日", date(2020, 2, 1)), ("x", BAD)],
    "epoch": [
        ("1511544070", datetime(2017, 11, 25, 1, 21, 10)),
        ("1511544070000", datetime(2017, 11, 25, 1, 21, 10)),
        ("0", None),
        ("x", BAD),
        ("12", BAD),
    ],
    "bool": [("是", True), ("0", False), ("TRUE", True), ("也许", BAD), ("-", None)],
    "province": [
        ("江苏省", "江苏"),
        ("内蒙古自治区", "内蒙古"),
        ("黑龙江", "黑龙江"),
        ("广西壮族自治区", "广西"),
        ("中国香港特别行政区", "香港"),
        ("上海市 浦东新区", "上海"),
        ("海外", None),
        ("-", None),
    ],
    "status": [(" 已完成 ", "finished"), ("别的", None), ("-", None)],
}


@pytest.mark.parametrize("kind", CASES)
def test_every_form(kind):
    zone = parse.Zone.of("Asia/Shanghai")
    quick = parse.quick(kind, "x", zone) or "NULL"
    sql = (
        f"SELECT v, {parse.bad(kind, 'p', 'v') or 'false'} FROM (SELECT p,"
        f" coalesce(q, {parse.slow(kind, 'p', zone, {'已完成': 'finished'})}) AS v FROM (SELECT {quick} AS q,"
        f" CASE WHEN {quick} IS NULL AND NOT {parse.is_null_token(kind, 'x')} THEN {parse.plain(kind, 'x')} END AS p"
        f" FROM (SELECT CAST(? AS VARCHAR) AS x)))"
    )
    with duckdb.connect() as connection:
        for text, wanted in CASES[kind]:
            value, bad = connection.execute(sql, [text]).fetchone()
            if wanted is BAD:
                assert bad, f"{kind} {text!r} gave {value!r}"
            else:
                assert (value, bool(bad)) == (wanted, False), f"{kind} {text!r}"


def test_every_type_has_its_cases():
    from typing import get_args

    from warehouse.batch import FieldType

    assert set(get_args(FieldType)) - {"person"} == set(CASES)


def test_a_zone_with_summer_time_is_not_taken_for_a_constant():
    assert parse.Zone.of("Asia/Shanghai").offset == 28800
    assert parse.Zone.of("Europe/Berlin").offset is None
    with duckdb.connect() as connection:
        sql = parse.slow("epoch", "x", parse.Zone.of("Europe/Berlin"), {})
        row = connection.execute(f"SELECT {sql} FROM (SELECT '1751364000' AS x)").fetchone()
    assert row == (datetime(2025, 7, 1, 12),)


def test_persons_are_hashed_by_key_and_a_hash_stands_for_itself():
    zone = parse.Zone.of("Asia/Shanghai")
    with duckdb.connect() as connection:

        def value(text, key):
            connection.execute(f"SET VARIABLE {parse.PERSON_KEY} = '{key}'")
            sql = parse.slow("person", "x", zone, {})
            return connection.execute(f"SELECT {sql} FROM (SELECT CAST(? AS VARCHAR) AS x)", [text]).fetchone()[0]

        first = value("张三", "k")
        assert first == value("张三", "k") != value("李四", "k")
        assert first != value("张三", "other key")
        told = connection.execute(
            f"SELECT {parse.person_text('v')} FROM (SELECT CAST(? AS UBIGINT) AS v)", [first]
        ).fetchone()[0]
        assert value(told, "k") == first
        assert value("-", "k") is None
