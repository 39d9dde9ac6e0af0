"""抖音罗盘 直播明细: one row a session, 54 columns, dates with slashes, percents as bare numbers, `-` for nothing."""

from __future__ import annotations

from pathlib import Path

from simulator.calendar import seconds
from simulator.exports.common import write_csv
from simulator.exports.dimensions import creators
from simulator.live import room_id
from simulator.world import World


def _slashed(second: str) -> str:
    return f"strftime(make_timestamp({second} * 1000000), '%Y/%-m/%-d %-H:%M:%S')"


def _share(part: str, whole: str) -> str:
    return f"round(100.0 * {part} / greatest({whole}, 1), 2)"


COLUMNS = {
    "主播头像": "'https://p3.example.invalid/' || creator_id || '.jpeg'",
    "主播昵称": "creator_name",
    "主播抖音号": "creator_id",
    "直播开始时间": _slashed("starts"),
    "直播结束时间": _slashed("ends"),
    "直播时长(分钟)": "minutes",
    "直播间曝光人数": "exposed",
    "直播间曝光次数": "exposures",
    "直播间观看人数": "viewers",
    "单小时观看人数": "round(viewers * 60.0 / minutes, 2)",
    "直播间观看次数": "entries",
    "最高在线人数": "pcu",
    "平均在线人数": "acu",
    "人均观看时长(分钟)": "round(stay, 2)",
    "评论次数": "comments",
    "新加直播团人数": "fans",
    "新增粉丝数": "followers",
    "取关粉丝数": "unfollowers",
    "观看老粉占比": "round(18 + 20 * (session % 7) / 7.0, 2)",
    "带货商品数": "products + 12",
    "直播间商品曝光人数": "shown",
    "直播间商品点击人数": "clicked",
    "直播间商品曝光次数": "shown * 5",
    "直播间商品点击次数": "clicked * 2",
    "直播间成交订单数": "orders",
    "直播间成交金额": "yuan(gmv)",
    "直播间用户支付金额": "yuan(gmv)",
    "单小时用户支付金额": "round(gmv * 0.6 / minutes, 2)",
    "直播间成交件数": "items",
    "直播间成交人数": "buyers",
    "直播间退款订单数": "refund_orders",
    "直播间退款金额": "yuan(refunds)",
    "直播间退款人数": "refund_buyers",
    "预估佣金支出": "yuan(gmv * commission // 100)",
    "商品曝光-点击率(次数)": _share("clicked * 2", "shown * 5"),
    "商品曝光-点击率(人数)": _share("clicked", "shown"),
    "商品点击-成交率(次数)": _share("orders", "clicked * 2"),
    "商品点击-成交率(人数)": _share("buyers", "clicked"),
    "观看-成交率(次数)": _share("orders", "entries"),
    "观看-成交率(人数)": _share("buyers", "viewers"),
    "预售订单数": "0",
    "预售全款金额": "0",
    "新加购物团人数": "fans // 2",
    "投放消耗(店铺绑定)": "0",
    "投放消耗(店铺被投)": "0",
    "净成交金额": "yuan(gmv - refunds)",
    "净成交订单数": "orders - refund_orders",
    "1小时退款金额": "0",
    "1小时退款订单数": "0",
    "1小时退款率": "0",
    "消费券引导支付金额": "'-'",
    "消费券引导支付占比": "'-'",
    "消费券补贴金额": "'-'",
    "消费券使用量": "'-'",
}
HEADERS = tuple(COLUMNS)


def write(world: World, shop: int, path: Path, *, since: int = 0, with_room: bool = False) -> int:
    """Sessions that ran after second `since`; `with_room` adds the column 直播间ID, which people may tick."""
    report = world.live_report
    report = report[(report["shop"] == shop) & (report["ends"] >= since)]
    report = report.assign(room=room_id(report["session"].to_numpy()))
    running = f"CASE WHEN ends >= {seconds(world.end)} THEN '-' ELSE {COLUMNS['直播结束时间']} END"  # still on air
    columns = COLUMNS | {"直播结束时间": running}
    columns |= {"直播间ID": "chr(9) || room"} if with_room else {}
    return write_csv(
        path,
        columns,
        "report JOIN creators USING (creator)",
        {"report": report, "creators": creators()},
        bom=True,
        order="starts",
    )
