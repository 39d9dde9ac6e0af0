# ruff: noqa: E501 - rows of files stand as they are
"""Ads, traffic and content of one day as other back offices write them: each file in its platform's own dress.

What was sold, spent and played is the world's own: products with their buyers and sales, plans' money shared out over
creatives, channels of the Tmall shop, videos. JD, Pinduoduo and Tmall have no visits and ads in the world: lookers and
costs of their products are drawn around what the world sold. `write_all` leaves these files out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from simulator import rng, videos
from simulator.calendar import DAY, EPOCH, day_of
from simulator.exports import old_excel
from simulator.shops import CHANNELS, CREATORS, PLANS
from simulator.world import World

ROWS = 12
DOUYIN, TMALL, JD, PDD = 0, 2, 3, 4
CREATIVES = (50, 30, 20)  # percent of a plan that each of its creatives spends and sells
Rows = list[list[str]]
_SOURCES = {
    "search": ("淘内免费", "手淘搜索"), "card": ("淘内免费", "手淘推荐"), "ad": ("付费流量", "直通车"),
    "live": ("淘内免费", "淘宝直播"), "video": ("淘内免费", "短视频"), "other": ("自主访问", "我的淘宝"),
}  # fmt: skip


def write_day(world: World, folder: Path) -> dict[str, Path]:
    """A file of each kind for the world's last whole day, of those platforms that are in it: kind → path."""
    on = (world.end - timedelta(1)).date()
    day, number = f"{on:%Y-%m-%d}", day_of(on)
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, Path] = {}
    notes: Rows = [["生意参谋平台导出"], [f"统计时间：{day}"], ["说明：本数据仅供参考"], [""]]
    if TMALL in world.shops:
        # old Excel under the wrong name, as it happens
        made["sycm_products"] = folder / f"【生意参谋平台】商品_{day}_{day}.csv"
        made["sycm_sources"] = folder / f"【生意参谋平台】流量来源_{day}_{day}.xls"
        old_excel.write(made["sycm_products"], notes + _products(day, products_of(world, TMALL, number)))
        old_excel.write(made["sycm_sources"], notes + _sources(channels_of(world, TMALL, number)))
    if JD in world.shops:
        made["jd_ads"] = folder / "京准通_商品.csv"
        _write_csv(made["jd_ads"], _jd(day, products_of(world, JD, number)), "gb18030")
    if PDD in world.shops:
        made["pdd_ads"] = folder / "推广报表.csv"
        _write_csv(made["pdd_ads"], _pdd(day, products_of(world, PDD, number)), "utf-8-sig")
    if DOUYIN in world.shops:
        films = videos_of(world, DOUYIN, number)
        for kind, name in (("qianchuan_materials", "素材报表.xlsx"), ("douyin_works", "作品列表.xlsx"),
                           ("wechat_works", "视频数据.csv"), ("xiaohongshu_notes", "笔记列表明细表.xlsx")):  # fmt: skip
            made[kind] = folder / name
        _write_xlsx(made["qianchuan_materials"], _materials(day, creatives_of(world, DOUYIN, number)))
        _write_xlsx(made["douyin_works"], _works(day, films))
        _write_csv(made["wechat_works"], _videos(day, films), "utf-8-sig")
        _write_xlsx(made["xiaohongshu_notes"], [["笔记列表明细表"], *_notes(day, films)])
    return made


def _paid(world: World, shop: int, day: int) -> pd.DataFrame:
    lines = world.lines
    lines = lines[(lines["shop"] == shop) & (lines["paid"] // DAY == day) & (lines["paid"] > 0)]
    return lines.assign(product=world.catalogue.sku_product[lines["sku"].to_numpy()])


def products_of(world: World, shop: int, day: int) -> pd.DataFrame:
    """The products that sold most: id, sku_id, name, buyers, orders, items, gmv (fen); seen, clicked, cost (fen)."""
    frame = _paid(world, shop, day).groupby("product").agg(
        buyers=("buyer", "nunique"), orders=("order", "nunique"), items=("quantity", "sum"), gmv=("spent", "sum"),
        sku=("sku", "first"),
    )  # fmt: skip
    frame = frame.nlargest(ROWS, "gmv").reset_index()
    key = rng.keys(world.seed, 91, shop, day, frame["product"])
    clicked = frame["buyers"] + (frame["buyers"] * (4 + 20 * rng.uniform(key, "clicked"))).astype("int64")
    return frame.assign(
        id=world.catalogue.product_id(shop)[frame["product"]],
        sku_id=world.catalogue.sku_id(shop)[frame["sku"]],
        name=[world.catalogue.product_name[number] for number in frame["product"]],
        clicked=clicked,
        seen=clicked + (clicked * (8 + 30 * rng.uniform(key, "seen"))).astype("int64"),
        cost=(frame["gmv"] * (0.03 + 0.09 * rng.uniform(key, "cost"))).astype("int64"),
    )


def channels_of(world: World, shop: int, day: int) -> pd.DataFrame:
    """What each channel sold: channel, buyers, gmv (fen), and drawn visitors."""
    frame = _paid(world, shop, day).groupby("channel").agg(buyers=("buyer", "nunique"), gmv=("spent", "sum"))
    frame = frame.reset_index()
    key = rng.keys(world.seed, 92, shop, day, frame["channel"])
    return frame.assign(seen=frame["buyers"] + (frame["buyers"] * (15 + 30 * rng.uniform(key, "seen"))).astype("int64"))


def creatives_of(world: World, shop: int, first: int, last: int | None = None) -> pd.DataFrame:
    """Every plan's days shared out over its creatives, to the fen: day, id, name, cost, exposures, clicks, orders, gmv."""
    report = world.ad_report
    report = report[(report["shop"] == shop) & report["day"].between(first, first if last is None else last)]
    whole = report.groupby(["day", "plan"])[["cost", "exposures", "clicks", "orders", "gmv"]].sum()
    parts = []
    for place, share in enumerate(CREATIVES):
        part = whole * share // 100 if place else whole - sum(whole * other // 100 for other in CREATIVES[1:])
        plans = whole.index.get_level_values("plan")
        ids = [7_300_000_000_000_000_000 + int(plan) * 10 + place for plan in plans]
        names = [f"{PLANS[plan].name} 素材{place + 1}" for plan in plans]
        parts.append(part.assign(id=ids, name=names))
    return pd.concat(parts).reset_index()


def write_creatives(world: World, shop: int, path: Path, *, since: int = 0) -> int:
    """千川 素材报表 as CSV: every day that was not over at second `since`."""
    frame = creatives_of(world, shop, since // DAY, day_of(world.end))
    days = {day: f"{EPOCH + timedelta(int(day)):%Y-%m-%d}" for day in frame["day"].unique()}
    head, total = _materials("", frame)[:2]
    rows = [row for day, part in frame.groupby("day") for row in _materials(days[day], part)[2:]]
    _write_csv(path, [head, total, *rows], "utf-8-sig")
    return len(rows)


def videos_of(world: World, shop: int, day: int) -> pd.DataFrame:
    """The videos that sold that day, with the counts of `simulator.videos`, and a title."""
    frame = videos.days(world)
    frame = frame[(frame["shop"] == shop) & (frame["day"] == day)].nlargest(ROWS, "plays").reset_index(drop=True)
    who = [CREATORS[creator].name if creator >= 0 else "云杉" for creator in frame["creator"]]
    return frame.assign(title=[f"{name} 第{number}期" for name, number in zip(who, frame["number"], strict=True)])


def _each(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows, their columns as attributes."""
    yield from frame.itertuples(index=False)


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"


def _products(day: str, frame: pd.DataFrame) -> Rows:
    head = ["统计日期", "商品ID", "商品名称", "商品访客数", "商品浏览量", "平均停留时长", "商品加购人数", "支付买家数", "支付件数",
            "支付金额", "支付转化率"]  # fmt: skip
    return [head] + [
        [day, str(row.id), row.name, f"{row.clicked / 10_000:.1f}万" if row.clicked >= 10_000 else f"{row.clicked:,}",
         f"{row.clicked * 2:,}", "12.3", f"{row.clicked // 9:,}", f"{row.buyers:,}", f"{row.items:,}", _yuan(row.gmv),
         f"{row.buyers / row.clicked:.2%}"]
        for row in _each(frame)
    ]  # fmt: skip


def _sources(frame: pd.DataFrame) -> Rows:
    head = ["一级来源", "二级来源", "三级来源", "四级来源", "访客数", "支付买家数", "支付金额", "支付转化率"]
    rows = [
        [*_SOURCES[CHANNELS[row.channel]], "汇总", "汇总", f"{row.seen:,}", f"{row.buyers:,}", _yuan(row.gmv),
         f"{row.buyers / row.seen:.2%}"]
        for row in _each(frame)
    ]  # fmt: skip
    tops = [
        [name, "汇总", "汇总", "汇总", f"{frame['seen'].sum():,}", "-", "-", "-"] for name in ("淘内免费", "付费流量")
    ]
    return [head, *tops, *rows]


def _materials(day: str, frame: pd.DataFrame) -> Rows:
    head = ["日期", "素材ID", "\t素材\n名称", "整体消耗", "基础\n消耗", "追投调控消耗", "追投调控支付ROI", "整体支付ROI",
            "整体展现次数", "整体点击次数", "整体成交订单数", "整体成交金额"]  # fmt: skip
    rows = [
        [day, f"\t{row.id}", row.name, _yuan(row.cost), _yuan(row.cost // 2), _yuan(row.cost - row.cost // 2), "2.1",
         f"{row.gmv / max(row.cost, 1):.2f}", f"{row.exposures:,}", f"{row.clicks:,}", str(row.orders), _yuan(row.gmv)]
        for row in _each(frame)
    ]  # fmt: skip
    return [head, ["总计", "-", "-", _yuan(int(frame["cost"].sum())), *"--------"], *rows]


def _jd(day: str, frame: pd.DataFrame) -> Rows:
    head = ["日期", "跟单SKU\xa0ID", "跟单SKU名称", "SPU\xa0ID", "展现数", "点击数", "点击率(%)", "花费", "千次展现成本",
            "平均点击成本", "总订单行", "总订单金额"]  # fmt: skip
    span = day.replace("-", "")
    return [head] + [
        [f"{span}~{span}", f"{row.sku_id}.0", row.name, f"{row.id}.0", f"{row.seen:,}", f"{row.clicked:,}",
         f"{100 * row.clicked / row.seen:.2f}", _yuan(row.cost), _yuan(row.cost * 1000 // row.seen),
         _yuan(row.cost // max(row.clicked, 1)), str(row.orders), _yuan(row.gmv)]
        for row in _each(frame)
    ]  # fmt: skip


def _pdd(day: str, frame: pd.DataFrame) -> Rows:
    head = ["日期", "商品ID", "商品名称", "推广场景", "推广名称", "成交花费(元)", "交易额(元)", "实际投产比", "总花费(元)", "曝光量",
            "点击量"]  # fmt: skip
    rows = [
        [day, str(row.id), row.name, "全站推广", f"推广{number}", _yuan(row.cost), _yuan(row.gmv),
         f"{row.gmv / max(row.cost, 1):.2f}", _yuan(row.cost + 100), f"{row.seen:,}", f"{row.clicked:,}"]
        for number, row in enumerate(_each(frame))
    ]  # fmt: skip
    more = int(frame["cost"].sum()) + 100 * len(frame) + 777  # the platform's total exceeds the sum of its rows
    return [["拼多多推广报表"], head, *rows, ["总计", *"-----", "-", "-", _yuan(more), "-", "-"]]


def _works(day: str, frame: pd.DataFrame) -> Rows:
    head = ["作品名称", "发布时间", "体裁", "审核状态", "播放量", "完播率", "封面点击率", "点赞量", "分享量", "评论量", "收藏量", "主页访问量",
            "粉丝增量"]  # fmt: skip
    return [head] + [
        [row.title, f"{day} {8 + number:02}:00:00", "视频", "已通过", str(row.plays), f"{row.finishes / row.plays:.4f}", "-",
         str(row.likes), str(row.shares), str(row.comments), str(row.favourites), "12", str(row.new_followers)]
        for number, row in enumerate(_each(frame))
    ]  # fmt: skip


def _videos(day: str, frame: pd.DataFrame) -> Rows:
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
    return [head] + [
        [row.title, f"export/UzFf{number:06}", day.replace("-", "/"), f"{row.finishes / row.plays:.2%}",
         f"{row.seconds:.2f}秒", str(row.plays), str(row.likes // 2), str(row.likes), str(row.comments), str(row.shares),
         str(row.new_followers)]
        for number, row in enumerate(_each(frame))
    ]  # fmt: skip


def _notes(day: str, frame: pd.DataFrame) -> Rows:
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
    return [head] + [
        [row.title, f"{year}年{month}月{date}日{8 + number:02}时30分52秒", "图文", str(row.plays * 6), str(row.plays), "0.166",
         str(row.likes), str(row.comments), str(row.favourites), str(row.new_followers), str(row.shares), "12", "0"]
        for number, row in enumerate(_each(frame))
    ]  # fmt: skip


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
