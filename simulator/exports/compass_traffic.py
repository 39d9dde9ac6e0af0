"""抖音罗盘 流量 by hour: a row a channel, and one marked 全部 for the shop. A late source stops before its delay."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator import visits
from simulator.calendar import seconds
from simulator.exports.common import write_csv
from simulator.world import World

NAMES = {-1: "全部", 0: "直播", 1: "短视频", 2: "商品卡", 3: "搜索", 4: "千川广告", 5: "其他"}
COLUMNS = {
    "日期": "strftime(make_timestamp(\"at\" * 1000000), '%Y-%m-%d')",
    "小时": "strftime(make_timestamp(\"at\" * 1000000), '%H:00-%H:59')",
    "流量渠道": "name",
    "曝光次数": "exposures",
    "点击次数": "clicks",
    "访客数": "visitors",
    "浏览量": "page_views",
    "加购人数": "add_to_cart",
    "收藏人数": "favourites",
    "成交人数": "buyers",
    "用户支付金额": "yuan_commas(gmv)",
}


def write(world: World, shop: int, path: Path, *, since: int = 0) -> Path:
    """Hours that ended after second `since`; those that a late source holds back at the world's end are missing."""
    frame = world.traffic[world.traffic["shop"] == shop]
    frame = pd.concat([frame, visits.totals(world, frame).assign(channel=-1)], ignore_index=True)
    frame = frame[(frame["at"] + 3600 > since) & ~_held_back(world, shop, frame)]
    names = pd.DataFrame({"channel": list(NAMES), "name": list(NAMES.values())})
    return write_csv(
        path,
        COLUMNS,
        "frame JOIN names USING (channel)",
        {"frame": frame, "names": names},
        bom=True,
        order='"at", channel',
    )


def _held_back(world: World, shop: int, frame: pd.DataFrame) -> pd.Series:
    held = pd.Series(False, index=frame.index)
    for row in world.planned:
        if row.kind == "late_source" and row.shop == shop and row.starts <= seconds(world.end) < row.ends:
            held |= frame["at"] >= row.starts
    return held
