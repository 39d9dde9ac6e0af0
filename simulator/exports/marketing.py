# ruff: noqa: E501 - rows of files stand as they are
"""Ads, traffic and content of one day as other back offices write them: each file in its platform's own dress.

The numbers hang together within a file (clicks below exposures, buyers below visitors) and are drawn from the seed; they
are not the world's orders, and `write_all` leaves these files out.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np

from simulator import rng
from simulator.exports import old_excel
from simulator.world import World

ROWS = 12
Rows = list[list[str]]


def write_day(world: World, folder: Path) -> dict[str, Path]:
    """A file of each kind for the world's last whole day: kind → path."""
    day = f"{(world.end - timedelta(1)):%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "sycm_products": folder
        / f"【生意参谋平台】商品_{day}_{day}.csv",  # old Excel under the wrong name, as it happens
        "sycm_sources": folder / f"【生意参谋平台】流量来源_{day}_{day}.xls",
        "qianchuan_materials": folder / "素材报表.xlsx",
        "jd_ads": folder / "京准通_商品.csv",
        "pdd_ads": folder / "推广报表.csv",
        "douyin_works": folder / "作品列表.xlsx",
        "wechat_works": folder / "视频数据.csv",
        "xiaohongshu_notes": folder / "笔记列表明细表.xlsx",
    }
    key = rng.keys(world.seed, 91, np.arange(ROWS))
    seen = rng.integers(key, "seen", 2_000, 60_000)
    numbers = {
        "seen": seen,
        "clicked": (seen * (0.01 + 0.05 * rng.uniform(key, "clicked"))).astype(np.int64),
        "spent": rng.integers(key, "spent", 2_000, 300_000),
        "liked": rng.integers(key, "liked", 5, 900),
        "share": rng.integers(key, "share", 5, 60),
    }
    names = [world.catalogue.product_name[number] for number in range(ROWS)]
    notes: Rows = [["生意参谋平台导出"], [f"统计时间：{day}"], ["说明：本数据仅供参考"], [""]]
    old_excel.write(made["sycm_products"], notes + _products(day, names, numbers))
    old_excel.write(made["sycm_sources"], notes + _sources(numbers))
    _write_xlsx(made["qianchuan_materials"], _materials(day, numbers))
    _write_csv(made["jd_ads"], _jd(day, names, numbers), "gb18030")
    _write_csv(made["pdd_ads"], _pdd(day, names, numbers), "utf-8-sig")
    _write_xlsx(made["douyin_works"], _works(day, names, numbers))
    _write_csv(made["wechat_works"], _videos(day, names, numbers), "utf-8-sig")
    _write_xlsx(made["xiaohongshu_notes"], [["笔记列表明细表"], *_notes(day, names, numbers)])
    return made


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"


def _each(numbers: dict[str, np.ndarray]) -> list[tuple[int, int, int, int, int, int]]:
    """position, seen, clicked, spent (fen), liked, share (percent) of each row."""
    columns = (numbers[name].tolist() for name in ("seen", "clicked", "spent", "liked", "share"))
    return [(number, *values) for number, values in enumerate(zip(*columns, strict=True))]


def _products(day: str, names: list[str], numbers: dict[str, np.ndarray]) -> Rows:
    head = [
        "统计日期",
        "商品ID",
        "商品名称",
        "商品访客数",
        "商品浏览量",
        "平均停留时长",
        "商品加购人数",
        "支付买家数",
        "支付件数",
        "支付金额",
        "支付转化率",
    ]
    rows = [
        [day, str(610_000_000_000 + n), names[n], f"{seen / 10_000:.1f}万" if seen >= 10_000 else f"{seen:,}", f"{seen * 2:,}", "12.3",
         f"{clicked:,}", f"{clicked // 5:,}", f"{clicked // 4:,}", _yuan(spent * 4), f"{clicked // 5 / seen:.2%}"]
        for n, seen, clicked, spent, _, _ in _each(numbers)
    ]  # fmt: skip
    return [head, *rows]


def _sources(numbers: dict[str, np.ndarray]) -> Rows:
    head = ["一级来源", "二级来源", "三级来源", "四级来源", "访客数", "支付买家数", "支付金额", "支付转化率"]
    rows = [
        ["淘内免费" if n % 2 else "付费流量", f"来源{n}", "汇总", "汇总", f"{seen:,}", f"{clicked // 5:,}", _yuan(spent * 4), f"{clicked // 5 / seen:.2%}"]
        for n, seen, clicked, spent, _, _ in _each(numbers)
    ]  # fmt: skip
    tops = [
        [name, "汇总", "汇总", "汇总", f"{numbers['seen'].sum():,}", "-", "-", "-"] for name in ("淘内免费", "付费流量")
    ]
    return [head, *tops, *rows]


def _materials(day: str, numbers: dict[str, np.ndarray]) -> Rows:
    head = [
        "日期",
        "素材ID",
        "\t素材\n名称",
        "整体消耗",
        "基础\n消耗",
        "追投调控消耗",
        "追投调控支付ROI",
        "整体支付ROI",
    ]
    rows = [
        [day, f"\t{7_300_000_000_000_000_000 + n}", f"口播 {n}", _yuan(spent), _yuan(spent // 2), _yuan(spent - spent // 2), "2.1", "3.2"]
        for n, _, _, spent, _, _ in _each(numbers)
    ]  # fmt: skip
    return [head, ["总计", "-", "-", _yuan(int(numbers["spent"].sum())), "-", "-", "-", "-"], *rows]


def _jd(day: str, names: list[str], numbers: dict[str, np.ndarray]) -> Rows:
    head = [
        "日期",
        "跟单SKU\xa0ID",
        "跟单SKU名称",
        "SPU\xa0ID",
        "展现数",
        "点击数",
        "点击率(%)",
        "花费",
        "千次展现成本",
        "平均点击成本",
    ]
    span = day.replace("-", "")
    rows = [
        [f"{span}~{span}", f"{10_160_070_484_512 + n}.0", names[n], f"{10_025_512_345 + n}.0", f"{seen:,}", f"{clicked:,}",
         f"{100 * clicked / seen:.2f}", _yuan(spent), _yuan(spent * 1000 // seen), _yuan(spent // max(clicked, 1))]
        for n, seen, clicked, spent, _, _ in _each(numbers)
    ]  # fmt: skip
    return [head, *rows]


def _pdd(day: str, names: list[str], numbers: dict[str, np.ndarray]) -> Rows:
    head = [
        "日期",
        "商品ID",
        "商品名称",
        "推广场景",
        "推广名称",
        "成交花费(元)",
        "交易额(元)",
        "实际投产比",
        "总花费(元)",
        "曝光量",
        "点击量",
    ]
    rows = [
        [day, str(6_100_001 + n), names[n], "全站推广", f"推广{n}", _yuan(spent), _yuan(spent * 3), "3.00", _yuan(spent + 100), f"{seen:,}", f"{clicked:,}"]
        for n, seen, clicked, spent, _, _ in _each(numbers)
    ]  # fmt: skip
    more = int(numbers["spent"].sum()) + 100 * ROWS + 777  # the platform's total exceeds the sum of its rows
    return [["拼多多推广报表"], head, *rows, ["总计", *"-----", "-", "-", _yuan(more), "-", "-"]]


def _works(day: str, names: list[str], numbers: dict[str, np.ndarray]) -> Rows:
    head = [
        "作品名称",
        "发布时间",
        "体裁",
        "审核状态",
        "播放量",
        "完播率",
        "封面点击率",
        "点赞量",
        "分享量",
        "评论量",
        "收藏量",
        "主页访问量",
        "粉丝增量",
    ]
    rows = [
        [names[n], f"{day} {8 + n:02}:00:00", "视频", "已通过", str(seen), f"{share / 100}", "-", str(liked), str(liked // 9), str(liked // 7),
         str(liked // 3), "12", str(liked // 20)]
        for n, seen, _, _, liked, share in _each(numbers)
    ]  # fmt: skip
    return [head, *rows]


def _videos(day: str, names: list[str], numbers: dict[str, np.ndarray]) -> Rows:
    head = [
        "视频描述",
        "视频ID",
        "发布时间",
        "完播率",
        "平均播放时长",
        "播放量",
        "推荐",
        "喜欢",
        "评论量",
        "分享量",
        "关注量",
    ]
    rows = [
        [names[n], f"export/UzFf{n:06}", day.replace("-", "/"), f"{share:.2f}%", "32.50秒", str(seen), str(liked // 2), str(liked),
         str(liked // 7), str(liked // 9), str(liked // 20)]
        for n, seen, _, _, liked, share in _each(numbers)
    ]  # fmt: skip
    return [head, *rows]


def _notes(day: str, names: list[str], numbers: dict[str, np.ndarray]) -> Rows:
    head = [
        "笔记标题",
        "首次发布时间",
        "体裁",
        "曝光",
        "观看量",
        "封面点击率",
        "点赞",
        "评论",
        "收藏",
        "涨粉",
        "分享",
        "人均观看时长",
        "弹幕",
    ]
    year, month, date = day.split("-")
    rows = [
        [names[n], f"{year}年{month}月{date}日{8 + n:02}时30分52秒", "图文", str(seen * 6), str(seen), "0.166", str(liked), str(liked // 7),
         str(liked // 3), str(liked // 20), str(liked // 9), "12", "0"]
        for n, seen, _, _, liked, _ in _each(numbers)
    ]  # fmt: skip
    return [head, *rows]


def _write_csv(path: Path, rows: Rows, encoding: str) -> None:
    import csv

    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)


def _write_xlsx(path: Path, rows: Rows) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
