"""Vintages of pulls every five minutes stay few, and what was known at kept moments stays what it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.warehouse.samples import settings_in
from warehouse import Warehouse
from warehouse.model import Touched
from warehouse.squash import HOURLY, kept_by, squash
from warehouse.vintage import as_of_coverage, forget

FIRST = datetime(2026, 1, 1)
DAYS = 150
END = FIRST + timedelta(days=DAYS)


def _pulled(warehouse: Warehouse) -> None:
    """Every five minutes a pull that adds to its day, and corrects the day before; by two shops, one of the demo."""

    def work(connection: Any) -> None:
        connection.execute(
            """CREATE TEMP TABLE pull AS SELECT number, source, shop, TIMESTAMP '2026-01-01' + to_minutes(5 * number)
               + to_seconds(source_number) AS told,
               (number * 2 + source_number)::BIGINT AS batch_id
               FROM range(1, $1) t(number),
               (VALUES ('api', 'a', 0), ('demo', 'b', 1)) s(source, shop, source_number)""",
            [DAYS * 288],
        ).fetchall()
        connection.execute(
            """INSERT INTO load_batch BY NAME SELECT batch_id, source, 'orders' AS kind, 'douyin' AS platform, shop,
               'f' AS file_name, 'x' AS sha256, '{}' AS options, 1 AS rows_read, 1 AS accepted, 0 AS unchanged,
               0 AS quarantined, told - INTERVAL 1 MINUTE AS last_event_at, told AS loaded_at, 1 AS seconds,
               1 AS data_version FROM pull"""
        ).fetchall()
        for table, more in (("vintage_sales", ""), ("vintage_sales_category", ", NULL AS category")):
            connection.execute(
                f"""INSERT INTO {table} BY NAME
                    SELECT (told - to_days(back::INTEGER))::DATE AS day, 'douyin' AS platform,
                    shop, told AS known_at, batch_id, 1 - back AS line_count, (number % 7) - back * 2 AS paid_amount,
                    1 - back AS paid_amount_n{more} FROM pull, range(2) b(back)"""
            ).fetchall()
        connection.execute(
            """INSERT INTO vintage_coverage BY NAME SELECT 'sales' AS subject, told::DATE AS day, 'douyin' AS platform,
               shop, told AS known_at, batch_id, 1 AS row_count, told::DATE AS first_at, told AS last_at FROM pull"""
        ).fetchall()
        connection.execute("DROP TABLE pull")

    warehouse.write(work)


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Warehouse.open(settings_in(tmp_path_factory.mktemp("home"))) as warehouse:
        _pulled(warehouse)
        yield warehouse


MOMENTS = [
    *(END - timedelta(minutes=number * 37) for number in range(60)),  # all of the last two days
    *(kept_by(END - timedelta(hours=5 * number + 49), END) for number in range(600)),
    *(FIRST + timedelta(days=number) for number in range(DAYS)),
    # an hour after the first pull that told of a day that was over, and the first that told of the new one
    *(FIRST + timedelta(days=number, hours=1, minutes=5 * step) for number in (3, 40, 140) for step in (0, 1)),
]


def _known(warehouse: Warehouse) -> list[Any]:
    """What was known at each moment: sums by day and shop, and how far each day was covered."""
    moments = "(SELECT DISTINCT unnest($1::TIMESTAMP[]) AS moment)"
    found = []
    for table in ("vintage_sales", "vintage_sales_category"):
        found.append(
            warehouse.read(
                f"SELECT moment, shop, day, sum(paid_amount) AS paid, sum(line_count) AS n FROM {moments}"
                f" JOIN {table} ON known_at <= moment AND day >= moment - INTERVAL 3 DAY GROUP BY ALL ORDER BY ALL",
                [MOMENTS],
            ).to_pylist()
        )
    for moment in MOMENTS[::40]:
        where = f"known_at <= TIMESTAMP '{moment}'"
        found.append(warehouse.read(f"SELECT * FROM ({as_of_coverage(where)}) ORDER BY ALL").to_pylist())
    return found


def _rows(warehouse: Warehouse, table: str = "vintage_sales") -> int:
    return int(warehouse.read(f"SELECT count(*) AS n FROM {table}").to_pylist()[0]["n"])


def test_few_rows_stay_and_kept_moments_answer_as_before(pulled: Warehouse) -> None:
    before = _known(pulled)
    grown = _rows(pulled)
    gone = pulled.write(lambda connection: squash(connection, END))
    assert _known(pulled) == before
    assert gone > 0.8 * 3 * grown / 2, "three tables, of which one has half the rows"
    # a shop's day and its day before: each pull of two days, each hour (and two publications) of 128, days before
    bound = 2 * 2 * (2 * 288 + 24 + (HOURLY.days - 2) * (24 + 2) + (DAYS - HOURLY.days) * 3)
    assert _rows(pulled) <= bound
    assert pulled.write(lambda connection: squash(connection, END)) == 0, "once is enough"
    later = pulled.write(lambda connection: squash(connection, END + timedelta(days=400)))
    assert later > 0 and _rows(pulled) <= 2 * 2 * (DAYS + 1) * (1 + 2 * 2), (
        "the end of a day, two publications a source"
    )


def test_a_source_that_is_removed_leaves_the_others_whole(pulled: Warehouse) -> None:
    pulled.write(lambda connection: squash(connection, END))
    own = pulled.read("SELECT day, sum(paid_amount) AS paid FROM vintage_sales WHERE shop = 'a' GROUP BY 1 ORDER BY 1")

    def work(connection: Any) -> None:
        forget(connection, "SELECT batch_id FROM load_batch WHERE source = 'demo'", Touched())

    pulled.write(work)
    left = pulled.read("SELECT day, sum(paid_amount) AS paid FROM vintage_sales GROUP BY 1 ORDER BY 1")
    assert left.to_pylist() == own.to_pylist()


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        (timedelta(hours=30), datetime(2026, 5, 30, 10, 7)),
        (timedelta(days=9), datetime(2026, 5, 30, 10)),
        (timedelta(days=200), datetime(2026, 5, 30)),
    ],
)
def test_the_last_kept_moment(age: timedelta, kept: datetime) -> None:
    moment = datetime(2026, 5, 30, 10, 7)
    assert kept_by(moment, moment + age) == kept
