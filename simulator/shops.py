"""The merchant's shops, live-room slots, creators and ad plans: what stands still while days pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CHANNELS = ("live", "video", "card", "search", "ad", "other")
LIVE, VIDEO, CARD, SEARCH, AD, OTHER = range(6)


@dataclass(frozen=True)
class Shop:
    """One shop. `number` never changes, so that a world with fewer platforms holds the same orders in those it has."""

    number: int
    platform: str
    name: str
    platform_id: int
    share: float  # of the merchant's orders
    assortment: float  # share of the products it carries
    organic: tuple[float, ...]  # by CHANNELS: share of its orders that need neither live room nor ad plan
    live: float = 0.0  # share from its own live rooms
    ads: float = 0.0  # share from its ad plans
    fee: int = 5  # platform commission, percent of what was paid


_DOUYIN = (0.0, 0.16, 0.19, 0.09, 0.0, 0.05)
_SHELF = (0.04, 0.0, 0.33, 0.45, 0.06, 0.12)
SHOPS = (
    Shop(0, "douyin", "云杉官方旗舰店", 4463798, 0.42, 0.80, _DOUYIN, 0.37, 0.14),
    Shop(1, "douyin", "云杉严选店", 7719402, 0.18, 0.45, _DOUYIN, 0.37, 0.14),
    Shop(2, "tmall", "云杉天猫旗舰店", 58501236, 0.25, 0.70, _SHELF),
    Shop(3, "jd", "云杉京东旗舰店", 10233471, 0.08, 0.50, _SHELF, fee=6),
    Shop(4, "pdd", "云杉品牌工厂店", 82640157, 0.07, 0.40, _SHELF, fee=2),
)


@dataclass(frozen=True)
class Slot:
    """A live room's usual hour. `odds` is how often it is on air."""

    shop: int
    start: int  # minute of the day
    minutes: int
    share: float  # of the shop's live orders
    odds: float
    creators: tuple[int, ...]
    title: str


@dataclass(frozen=True)
class Creator:
    """Who sells: an anchor of the house or an outside creator on commission (percent)."""

    id: int
    name: str
    commission: int


CREATORS = tuple(
    Creator(88_000_000_000 + number * 1_234_567, name, commission)
    for number, (name, commission) in enumerate(
        (
            ("云杉主播小满", 0),
            ("云杉主播阿棠", 0),
            ("云杉主播可可", 0),
            ("云杉严选小林", 0),
            ("云杉严选木木", 0),
            ("居家好物说", 20),
            ("北北的日常", 18),
            ("辰妈育儿记", 22),
            ("测评老周", 15),
            ("美妆师艾琳", 25),
            ("吃货阿斌", 16),
            ("露营少年", 18),
            ("穿搭课代表", 20),
            ("数码小站", 12),
            ("健身教练大雷", 18),
            ("生活家许愿", 20),
            ("南方姑娘在北方", 22),
            ("厂长来了", 10),
        )
    )
)

SLOTS = (
    Slot(0, 600, 180, 0.26, 0.96, (0, 1, 2), "上午场·居家好物"),
    Slot(0, 870, 150, 0.18, 0.93, (1, 2, 5, 7, 10), "下午场·达人专场"),
    Slot(0, 1170, 240, 0.56, 0.98, (0, 1, 6, 9, 12, 16), "晚场·品牌大促"),
    Slot(1, 720, 120, 0.25, 0.60, (3, 4), "午间场·严选上新"),
    Slot(1, 1140, 210, 0.75, 0.97, (3, 4, 8, 13, 15), "晚场·严选好价"),
)


@dataclass(frozen=True)
class Plan:
    """One 千川 plan: `share` of its shop's ad budget, `cpa` yuan for an order."""

    id: int
    name: str
    shop: int
    share: float
    cpa: float
    goal: str


PLANS = tuple(
    Plan(1_790_000_000_000_000 + number * 73_501_877, name, shop, share, cpa, goal)
    for number, (name, shop, share, cpa, goal) in enumerate(
        (
            ("直播间成交-晚场放量", 0, 0.26, 33.0, "直播"),
            ("直播间成交-上午稳投", 0, 0.14, 36.0, "直播"),
            ("商品卡-爆款收割", 0, 0.18, 30.0, "商品"),
            ("短视频带货-素材A组", 0, 0.16, 41.0, "短视频"),
            ("短视频带货-素材B组", 0, 0.10, 47.0, "短视频"),
            ("新客拉新-达人相似", 0, 0.16, 58.0, "短视频"),
            ("严选-直播间成交", 1, 0.40, 37.0, "直播"),
            ("严选-商品卡", 1, 0.30, 32.0, "商品"),
            ("严选-短视频测试", 1, 0.18, 52.0, "短视频"),
            ("严选-老客召回", 1, 0.12, 24.0, "商品"),
        )
    )
)

AUDIENCE = np.cumsum(
    np.concatenate(
        [np.linspace(0.3, 1, 10), np.linspace(1, 1.25, 25), np.linspace(1.25, 0.9, 15), np.linspace(0.9, 0.25, 10)]
    )
)
AUDIENCE = np.concatenate([[0.0], AUDIENCE / AUDIENCE[-1]])  # share of a session's sales made by each sixtieth of it
