"""Sheets that people keep: unit costs, other costs, targets, campaigns, benchmarks, category owners."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from simulator import calendar, costs
from simulator.calendar import EPOCH, day_of
from simulator.catalogue import LEAVES
from simulator.exports.common import write_csv, write_frame, write_xlsx
from simulator.shops import SHOPS
from simulator.world import World

PLATFORM_NAMES = {"douyin": "抖音", "tmall": "天猫", "jd": "京东", "pdd": "拼多多"}
_ITEM = {"platform_fee": "平台扣点", "creator_commission": "达人佣金", "logistics": "物流", "other": "其他"}
_CHANNEL = {"live": "直播", "video": "短视频", "": "-"}
_OWNERS = {
    "女装": "陈思雨",
    "美妆护肤": "林晓彤",
    "食品": "王建国",
    "家居日用": "赵敏",
    "数码配件": "李浩然",
    "母婴": "周婷",
    "运动户外": "吴磊",
    "个护家电": "郑凯",
}
_USUAL = {
    "payment_rate": ("87.5%", "85.9%"),
    "refund_rate": ("13.8%", "11.2%"),
    "cvr": ("3.1%", None),
    "aov": ("186.00", "205.00"),
    "repeat_rate": ("9.5%", "8.0%"),
    "gross_margin": ("46.0%", "48.0%"),
    "ad_roi": ("3.2", None),
    "marketing_ratio": ("9.0%", None),
}


def write_unit_costs(world: World, path: Path) -> int:
    """SKU编码, 生效日期, 单位成本."""
    table = costs.unit_costs(world)
    day = EPOCH + timedelta(int(world.days[0]))
    return write_csv(
        path,
        {"SKU编码": "sku", "生效日期": f"'{day}'", "单位成本": "yuan(amount)"},
        "costs",
        {"costs": table},
        bom=True,
    )


def write_other_costs(world: World, path: Path, *, first: date | None = None) -> int:
    """日期, 平台, 店铺, 费用项目, 渠道, 金额: every day and shop from `first` on."""
    table = costs.other_costs(world)
    table = table[table["day"] >= (day_of(first) if first else 0)]
    table = table.assign(
        date=[f"{EPOCH + timedelta(int(day))}" for day in table["day"]],
        platform=[PLATFORM_NAMES[SHOPS[shop].platform] for shop in table["shop"]],
        shop_name=[SHOPS[shop].name for shop in table["shop"]],
        item_name=[_ITEM[item] for item in table["item"]],
        channel_name=[_CHANNEL.get(channel, "-") for channel in table["channel"]],
    )
    columns = {
        "日期": "date",
        "平台": "platform",
        "店铺": "shop_name",
        "费用项目": "item_name",
        "渠道": "channel_name",
        "金额": "yuan(amount)",
    }
    return write_csv(path, columns, "costs", {"costs": table}, bom=True, order="day, shop, item, channel")


def write_targets(world: World, path: Path) -> int:
    """指标, 周期, 开始日期, 目标值: gmv and net sales by month to two months on, by day around the end."""
    last = world.end.date()
    days = np.arange(day_of(world.start.date().replace(day=1)), day_of(last) + 100)
    expected = np.sum([world.demand.shop_day(shop, days) for shop in world.shops], axis=0)
    value = (
        world.lines.loc[world.lines["paid"] > 0, "spent"].sum()
        / 100
        / expected[: day_of(world.end) - days[0] + 1].sum()
    )
    frame = pd.DataFrame({"day": [EPOCH + timedelta(int(day)) for day in days], "amount": expected * value * 1.04})
    frame["month"] = [day.replace(day=1) for day in frame["day"]]
    monthly = frame.groupby("month")["amount"].sum().iloc[:-1]
    near = frame[(frame["day"] >= (last - timedelta(45)).replace(day=1)) & (frame["day"] <= last + timedelta(60))]
    rows = []
    for metric, share, step in (("gmv", 1.0, 1000), ("net_sales", 0.87, 1000)):
        rows += [(metric, "月", str(month), round(amount * share / step) * step) for month, amount in monthly.items()]
        rows += [
            (metric, "日", str(day), round(amount * share / 100) * 100)
            for day, amount in zip(near["day"], near["amount"], strict=True)
        ]
    sheet = pd.DataFrame([tuple(map(str, row)) for row in rows], columns=["指标", "周期", "开始日期", "目标值"])
    return write_xlsx(path, sheet) if path.suffix == ".xlsx" else write_frame(path, sheet, bom=True)


def write_campaigns(world: World, path: Path) -> int:
    """活动, 大促类型, 开始时间, 结束时间, 补贴: the last, this and the next year's."""
    rows = []
    for campaign in calendar.campaigns(world.start.year, world.end.year + 1):
        days = (campaign.ends - campaign.starts).days + 1
        subsidy = round(world.scale * days * 9, -2) if campaign.family in ("618", "double11") else 0
        family = "spring_festival" if campaign.family == "new_year" else campaign.family
        rows.append(
            (campaign.name, family, f"{campaign.starts}", f"{campaign.ends - timedelta(seconds=1)}", f"{subsidy:.2f}")
        )
    return write_frame(path, pd.DataFrame(rows, columns=["活动", "大促类型", "开始时间", "结束时间", "补贴"]), bom=True)


def write_benchmarks(world: World, path: Path) -> int:
    """指标, 月份, 平台, 行业值."""
    first, months = world.start.date().replace(day=1), []
    while first <= world.end.date():
        months.append(first)
        first = (first + timedelta(32)).replace(day=1)
    rows = [
        (metric, f"{month:%Y-%m}", PLATFORM_NAMES[platform], value)
        for month in months
        for metric, values in _USUAL.items()
        for platform, value in zip(("douyin", "tmall"), values, strict=True)
        if value and platform in world.platforms
    ]
    return write_frame(path, pd.DataFrame(rows, columns=["指标", "月份", "平台", "行业值"]), bom=True)


def write_owners(path: Path) -> int:
    """类目, 负责人."""
    rows = [(leaf.name, _OWNERS[leaf.top]) for leaf in LEAVES]
    return write_frame(path, pd.DataFrame(rows, columns=["类目", "负责人"]), bom=True)
