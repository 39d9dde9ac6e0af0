"""Sheets of what happens around orders: parcels, sessions, reviews, purchases, videos; all shops in one file each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator import fulfilment, videos
from simulator.calendar import DAY
from simulator.exports.common import write_csv
from simulator.exports.dimensions import creators
from simulator.exports.pdd_files import NUMBER
from simulator.exports.sheets import PLATFORM_NAMES
from simulator.fulfilment import CARRIERS, EXCEPTIONS, STAFF, SUPPLIERS, TOPICS, WAREHOUSES
from simulator.shops import SHOPS
from simulator.world import World

_PLACE = {"平台": "platform", "店铺": "shop_name"}
_ORDER = f"""chr(9) || CASE WHEN platform = '{PLATFORM_NAMES["pdd"]}' THEN {NUMBER} ELSE "order"::VARCHAR END"""


def _names(*words: str) -> pd.DataFrame:
    return pd.DataFrame({"number": range(len(words)), "word": words})


def _shops() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "shop": [shop.number for shop in SHOPS],
            "platform": [PLATFORM_NAMES[shop.platform] for shop in SHOPS],
            "shop_name": [shop.name for shop in SHOPS],
            "warehouse": WAREHOUSES,
        }
    )


def _heads(world: World) -> pd.DataFrame:
    """Orders and when they were made: what a platform's own order number is written from."""
    return world.lines.drop_duplicates("order")[["order", "created"]]


def _since(frame: pd.DataFrame, since: int, *events: str) -> pd.DataFrame:
    """Rows to which something happened from `since` on."""
    return frame[frame[list(events)].max(axis=1) >= since]


def write_shipments(world: World, path: Path, since: int = 0) -> int:
    """快递单号, 订单编号, 仓库, 快递公司, 拣货时间, 发货时间, 签收时间, 异常类型, 异常时间, 运费."""
    parcels = _since(fulfilment.parcels(world), since, "shipped", "delivered", "happened")
    return write_csv(
        path,
        {
            "快递单号": "'YS' || (\"order\" - 6900000000000000000) || nth",
            "订单编号": _ORDER,
            "仓库": "warehouse",
            "快递公司": "c.word",
            "拣货时间": "wall(picked)",
            "发货时间": "wall(shipped)",
            "签收时间": "wall_or_dash(delivered)",
            "异常类型": "coalesce(e.word, '正常')",
            "异常时间": "wall_or_dash(happened)",
            "运费": "yuan(cost)",
            **_PLACE,
        },
        """p JOIN shops USING (shop) JOIN l USING ("order") JOIN c ON c.number = p.carrier
            LEFT JOIN e ON e.number = p.exception""",
        {
            "p": parcels.rename(columns={"number": "nth"}),
            "shops": _shops(),
            "l": _heads(world),
            "c": _names(*CARRIERS),
            "e": _names(*EXCEPTIONS),
        },
        bom=True,
        order='shipped, "order", nth',
    )


def write_tickets(world: World, path: Path, since: int = 0) -> int:
    """会话编号, 客服, 问题类型, 进线时间, 首次响应时间, 解决时间, 是否投诉, 评价分, 订单编号."""
    tickets = _since(fulfilment.tickets(world), since, "opened", "replied", "resolved")
    return write_csv(
        path,
        {
            "会话编号": "'HH' || (\"order\" - 6900000000000000000)",
            "客服": "s.word",
            "问题类型": "t.word",
            "进线时间": "wall(opened)",
            "首次响应时间": "wall_or_dash(replied)",
            "解决时间": "wall_or_dash(resolved)",
            "是否投诉": "CASE WHEN complaint THEN '是' ELSE '否' END",
            "评价分": "CASE WHEN score > 0 THEN score END",
            "订单编号": _ORDER,
            **_PLACE,
        },
        'k JOIN shops USING (shop) JOIN l USING ("order") JOIN s ON s.number = k.staff JOIN t ON t.number = k.topic',
        {"k": tickets, "shops": _shops(), "l": _heads(world), "s": _names(*STAFF), "t": _names(*TOPICS)},
        bom=True,
        order='opened, "order"',
    )


def write_reviews(world: World, path: Path, since: int = 0) -> int:
    """评价编号, 评价时间, 评分, 订单编号, 子订单编号, 商家编码."""
    return write_csv(
        path,
        {
            "评价编号": "'PJ' || (line - 6900000000000000000)",
            "评价时间": "wall(reviewed)",
            "评分": "stars",
            "订单编号": _ORDER,
            "子订单编号": "chr(9) || line",
            "商家编码": "codes.word",
            **_PLACE,
        },
        'r JOIN shops USING (shop) JOIN l USING ("order") JOIN codes ON codes.number = r.sku',
        {
            "r": _since(fulfilment.reviews(world), since, "reviewed"),
            "shops": _shops(),
            "l": _heads(world),
            "codes": _names(*world.catalogue.sku_code),
        },
        bom=True,
        order="reviewed, line",
    )


def write_purchases(world: World, path: Path, since: int = 0) -> int:
    """采购单号, SKU编码, 供应商, 仓库, 采购数量, 下单时间, 预计到货, 实际到货."""
    return write_csv(
        path,
        {
            "采购单号": "'CG' || shop || '-' || supplier || '-' || (ordered // 86400)",
            "SKU编码": "codes.word",
            "供应商": "s.word",
            "仓库": "warehouse",
            "采购数量": "quantity",
            "下单时间": "wall(ordered)",
            "预计到货": "wall(expected)",
            "实际到货": "wall_or_dash(arrived)",
            **_PLACE,
        },
        "p JOIN shops USING (shop) JOIN codes ON codes.number = p.sku JOIN s ON s.number = p.supplier",
        {
            "p": _since(fulfilment.purchases(world), since, "ordered", "arrived"),
            "shops": _shops(),
            "codes": _names(*world.catalogue.sku_code),
            "s": _names(*SUPPLIERS),
        },
        bom=True,
        order="ordered, shop, sku",
    )


def write_videos(world: World, path: Path, since: int = 0) -> int:
    """视频ID, 统计日期, 达人ID, 发布时间, 时长(秒), 播放次数 …: a day is told again until it is over."""
    frame = videos.days(world)
    counts = {
        "播放次数": "plays",
        "完播次数": "finishes",
        "点赞次数": "likes",
        "评论次数": "comments",
        "分享次数": "shares",
        "收藏次数": "favourites",
        "新增粉丝数": "new_followers",
        "商品曝光次数": "product_exposures",
        "商品点击次数": "product_clicks",
        "成交订单数": "orders",
    }
    return write_csv(
        path,
        {
            "视频ID": "'V' || shop || '-' || coalesce(creator_id, '0') || '-' || number",
            "统计日期": "strftime(make_timestamp(day * 86400000000), '%Y-%m-%d')",
            "达人ID": "creator_id",
            "发布时间": "wall(published)",
            "时长(秒)": "seconds",
            **counts,
            "成交金额": "yuan(gmv)",
            **_PLACE,
        },
        "v JOIN shops USING (shop) LEFT JOIN creators USING (creator)",
        {"v": frame[frame["day"] >= since // DAY], "shops": _shops(), "creators": creators()},
        bom=True,
        order="day, shop, creator, number",
    )
