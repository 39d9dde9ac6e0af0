"""How fast an export of two million rows is loaded, against DuckDB's own reading of the same file.

    uv run python bench/load.py [--rows 2000000] [--keep FOLDER]

Both are measured in this run, on this machine, on the same file: (a) `create table as select * from read_csv(file)`
into a fresh database file, DuckDB finding out delimiter and types by itself; (b) the product: the file recognised, its
bytes archived, rows typed, checked, merged, rolled up and committed. Peak memory is that of a process that only loads.
Processor seconds stand beside wall seconds: they stay meaningful on a machine that is busy with other things.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# fmt: off
HEADERS = [
    "主订单编号", "子订单编号", "选购商品", "商品规格", "商品数量", "商品ID", "商家编码", "商品单价",
    "订单应付金额", "运费", "优惠总金额", "平台优惠", "商家优惠", "达人优惠", "商家改价", "支付优惠", "红包抵扣",
    "支付方式", "手续费", "收件人", "收件人手机号", "省", "市", "区", "街道", "详细地址", "是否修改过地址",
    "地址修改时段", "买家留言", "订单提交时间", "旗帜颜色", "商家备注", "订单完成时间", "支付完成时间", "APP渠道",
    "流量来源", "订单状态", "承诺发货时间", "订单类型", "鲁班落地页ID", "达人ID", "达人昵称", "所属门店ID",
    "售后状态", "取消原因", "预约发货时间", "仓库ID", "仓库名称", "序列号", "是否安心购", "广告渠道", "流量类型",
    "流量体裁", "流量渠道", "发货主体", "发货主体明细", "发货时间", "降价类优惠", "平台实际承担优惠金额",
    "商家实际承担优惠金额", "达人实际承担优惠金额", "预计送达时间", "是否平台仓自流转", "车型", "商品69码",
    "发货SN码", "发货IMEI码1", "发货IMEI码2", "预约送达时间", "建议发货时间（起）", "建议发货时间（止）",
    "物流SN码", "物流IMEI码1", "物流IMEI码2",
]
# fmt: on

VALUES = {
    "主订单编号": "6900000000000000000 + first",
    "子订单编号": "6900000000000000000 + n",
    "选购商品": "'【旗舰】夏季轻薄透气商品 第' || sku || '款'",
    "商品规格": "'颜色分类:' || (sku % 7) || ';尺码:' || (sku % 5)",
    "商品数量": "quantity",
    "商品ID": "3500000000000000000 + sku // 3",
    "商家编码": "'SKU' || lpad(sku::VARCHAR, 6, '0')",
    "商品单价": "price",
    "订单应付金额": "total",
    "运费": "0.00",
    "优惠总金额": "0.00",
    "平台优惠": "0.00",
    "商家优惠": "0.00",
    "达人优惠": "0.00",
    "商家改价": "0.00",
    "支付优惠": "0.00",
    "红包抵扣": "0.00",
    "支付方式": "'微信'",
    "手续费": "0.00",
    "收件人": "'王**'",
    "收件人手机号": "'1' || (3000000000 + buyer)",
    "省": "province",
    "市": "province || '市'",
    "区": "'中心区'",
    "街道": "'人民路街道'",
    "详细地址": "'****'",
    "是否修改过地址": "'否'",
    "地址修改时段": "'-'",
    "买家留言": "''",
    "订单提交时间": "strftime(created, '%Y-%m-%d %H:%M:%S')",
    "旗帜颜色": "'-'",
    "订单完成时间": "CASE WHEN n % 10 < 6 THEN strftime(created + INTERVAL 9 DAY, '%Y-%m-%d %H:%M:%S') ELSE '-' END",
    "支付完成时间": "CASE WHEN n % 10 < 9"
    " THEN strftime(created + INTERVAL 40 SECOND, '%Y-%m-%d %H:%M:%S') ELSE '-' END",
    "APP渠道": "'抖音'",
    "流量来源": "'-'",
    "订单状态": "CASE WHEN n % 10 < 6 THEN '已完成' WHEN n % 10 < 9 THEN '已发货' ELSE '已关闭' END",
    "承诺发货时间": "strftime(created + INTERVAL 2 DAY, '%Y-%m-%d %H:%M:%S')",
    "订单类型": "'普通订单'",
    "达人ID": "CASE WHEN n % 3 = 0 THEN (70000 + n % 500)::VARCHAR ELSE '-' END",
    "售后状态": "'-'",
    "广告渠道": "'-'",
    "流量类型": "'-'",
    "流量体裁": "['直播', '短视频', '商品卡', '其他'][1 + n % 4]",
    "流量渠道": "'-'",
    "发货时间": "CASE WHEN n % 10 < 9 THEN strftime(created + INTERVAL 20 HOUR, '%Y-%m-%d %H:%M:%S') ELSE '-' END",
    "是否安心购": "'是'",
    "发货主体": "'商家'",
}


def make_file(path: Path, rows: int) -> None:
    """A realistic 抖店 export: two years, one order in four with two lines, order totals repeated on both."""
    columns = ", ".join(f'{VALUES.get(header, chr(39) * 2)} AS "{header}"' for header in HEADERS)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute(f"""
            COPY (WITH lines AS (
                SELECT range AS n, range - CASE WHEN range % 5 = 4 THEN 1 ELSE 0 END AS first FROM range({rows})),
              valued AS (
                SELECT *, hash(n) % 5000 AS sku, 1 + hash(n * 7) % 3 AS quantity, hash(first * 3) % 3000000 AS buyer,
                  (10 + (hash(n) % 5000) % 290)::DECIMAL(18,2) + 0.90 AS price,
                  ['广东省','江苏省','浙江省','山东省','四川省','内蒙古自治区','广西壮族自治区','北京']
                    [1 + (hash(first) % 8)::BIGINT]
                  AS province,
                  TIMESTAMP '2024-11-01' + to_seconds((first * {63072000 / rows})::BIGINT) AS created FROM lines),
              totalled AS (SELECT *, sum(price * quantity) OVER (PARTITION BY first) AS total FROM valued)
            SELECT {columns} FROM totalled ORDER BY n) TO '{path}' (HEADER, DELIMITER ',')""")


def read_by_duckdb(path: Path, folder: Path) -> tuple[float, float]:
    """Wall and processor seconds for DuckDB alone, all columns, into a fresh file."""
    begun, used = time.perf_counter(), time.process_time()
    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        connection.execute("SET threads = 2")
        connection.execute("SET memory_limit = '1GB'")
        connection.execute(f"SET temp_directory = '{folder}/spill'")
        connection.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}')")
        connection.execute("CHECKPOINT")
    return time.perf_counter() - begun, time.process_time() - used


def peak_mb() -> float:
    """The most memory this process held. Linux hands a parent's `ru_maxrss` on through fork and exec, but not VmHWM."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def load_by_product(path: Path, home: Path) -> dict[str, float]:
    """Seconds for the product, in this process; for the child process of `main`."""
    from config import Settings
    from connectors import read_file
    from warehouse import Warehouse

    settings = Settings(home=home, threads=2)
    with Warehouse.open(settings) as warehouse:
        idle = peak_mb()
        begun, used = time.perf_counter(), time.process_time()
        marks: list[tuple[str, float]] = []
        for batch in read_file(path, settings=settings):
            report = warehouse.load(batch, lambda stage, _: marks.append((stage, time.perf_counter() - begun)))
        seconds, cpu = time.perf_counter() - begun, time.process_time() - used
        print(f"  {report}", file=sys.stderr)
        print(f"  {[(stage, round(at, 2)) for stage, at in marks]}", file=sys.stderr)

    return {"seconds": seconds, "cpu": cpu, "peak_mb": peak_mb(), "idle_mb": idle}


def main() -> None:
    """Make the file, measure both, print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--load", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load:
        print(json.dumps(load_by_product(*arguments.load)))
        return
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="cockpit-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"doudian_orders_{arguments.rows}.csv"
    if not path.exists():
        make_file(path, arguments.rows)
    for leftover in ("plain.duckdb", "plain.duckdb.wal"):
        (folder / leftover).unlink(missing_ok=True)
    shutil.rmtree(folder / "home", ignore_errors=True)
    print(f"file: {path.stat().st_size / 1e6:.0f} MB, {arguments.rows:,} rows, {len(HEADERS)} columns")
    path.read_bytes()  # both meet a warm file
    plain, plain_cpu = read_by_duckdb(path, folder)
    print(f"DuckDB read_csv into a table: {plain:.2f} s ({arguments.rows / plain:,.0f} rows/s)")
    child = subprocess.run(
        [sys.executable, __file__, "--load", str(path), str(folder / "home")],
        capture_output=True,
        text=True,
        check=False,
    )
    print(child.stderr, end="")
    ours = json.loads(child.stdout)
    print(f"loaded by the product:        {ours['seconds']:.2f} s ({arguments.rows / ours['seconds']:,.0f} rows/s)")
    print(f"processor seconds: {plain_cpu:.1f} and {ours['cpu']:.1f}, ratio {plain_cpu / ours['cpu']:.2f}")
    print(f"ratio {plain / ours['seconds']:.2f} (goal >= 0.5), peak memory {ours['peak_mb']:.0f} MB (goal <= 1500)")
    if not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
