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


def write(world: World, shop: int, path: Path, *, since: int = 0) -> int:
    """Hours that ended after second `since`; those that a late source holds back at the world's end are missing."""
    frame = world.traffic[world.traffic["shop"] == shop]
    frame = pd.concat([frame, visits.totals(world, frame).assign(channel=-1)], ignore_index=True)
    late, through = held_back_from(world, shop), seconds(world.end)
    frame = frame[(frame["at"] + 3600 > _first(world, shop, since)) & (frame["at"] < (late or through))]
    names = pd.DataFrame({"channel": list(NAMES), "name": list(NAMES.values())})
    return write_csv(
        path,
        COLUMNS,
        "frame JOIN names USING (channel)",
        {"frame": frame, "names": names},
        bom=True,
        order='"at", channel',
    )


def held_back_from(world: World, shop: int) -> int | None:
    """The second from which a late source withholds hours at the world's end; None when it is in time."""
    now = seconds(world.end)
    late = [
        row.starts
        for row in world.planned
        if row.kind == "late_source" and row.shop == shop and row.starts <= now < row.ends
    ]
    return min(late, default=None)


def _first(world: World, shop: int, since: int) -> int:
    """From when hours are told: hours that were withheld at `since` and are not any more come along."""
    withheld = [
        row.starts
        for row in world.planned
        if row.kind == "late_source" and row.shop == shop and row.starts <= since < row.ends
    ]
    return min([since, *withheld])
