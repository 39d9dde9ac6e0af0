"""Dimensions by which numbers can be cut, and how a filter value is brought to the form the facts hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from errors import UserError


@dataclass(frozen=True)
class Dimension:
    """A way to cut: values are codes or names as the facts hold them; hour is 0–23, weekday 1 (Monday) – 7."""

    id: str
    zh: str
    en: str
    number: bool = False


DIMENSIONS: dict[str, Dimension] = {
    item.id: item
    for item in (
        Dimension("platform", "平台", "Platform"),
        Dimension("shop", "店铺", "Shop"),
        Dimension("channel", "渠道", "Channel"),
        Dimension("live_session", "直播场次", "Live session"),
        Dimension("video", "短视频", "Video"),
        Dimension("creator", "达人", "Creator"),
        Dimension("campaign", "活动", "Campaign"),
        Dimension("category", "类目", "Category"),
        Dimension("product", "商品", "Product"),
        Dimension("sku", "SKU", "SKU"),
        Dimension("province", "省份", "Province"),
        Dimension("city", "城市", "City"),
        Dimension("hour", "小时", "Hour of day", number=True),
        Dimension("weekday", "星期", "Weekday", number=True),
        Dimension("ad_plan", "广告计划", "Ad plan"),
        Dimension("creative", "创意", "Creative"),
        Dimension("warehouse", "仓库", "Warehouse"),
        Dimension("carrier", "快递公司", "Carrier"),
        Dimension("supplier", "供应商", "Supplier"),
        Dimension("staff", "客服", "Staff"),
        Dimension("length_band", "时长段", "Length band"),
        Dimension("source", "来源", "Source"),
        Dimension("segment", "客群", "Buyer segment"),
        Dimension("rfm", "RFM 分类", "RFM class"),
        Dimension("cohort", "首购月份", "Month of first order"),
    )
}
PERSONAL = frozenset({"segment", "rfm", "cohort"})
"""Dimensions that tell who bought, as of the end of a period (`buyer_cuts.py`): no column of a fact holds them."""

_PROVINCES = (
    *("北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽"),
    *("福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州"),
    *("云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "台湾", "香港", "澳门"),
)


def dimensions() -> dict[str, Dimension]:
    """Every dimension by id."""
    return dict(DIMENSIONS)


def check_dimension(name: str) -> Dimension:
    """The dimension of that name.

    Raises:
        UserError: `unknown_dimension`, with the nearest names.
    """
    if name not in DIMENSIONS:
        raise UserError("unknown_dimension", name=name, near=suggest(name, DIMENSIONS))
    return DIMENSIONS[name]


def suggest(name: str, known: Collection[str]) -> str:
    """Names close to what was typed, or the first few of all."""
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    return ", ".join(near or sorted(known)[:8])


def province(value: str) -> str:
    """Standard short name: 江苏省 → 江苏, 广西壮族自治区 → 广西; anything else stays as it is."""
    text = value.strip()
    return next((name for name in _PROVINCES if text.startswith(name)), text)


def filter_value(dimension: str, value: object) -> str | int:
    """A filter value in the form the facts hold.

    Raises:
        UserError: `filter_value` when hour or weekday is not a whole number.
    """
    if DIMENSIONS[dimension].number:
        try:
            return int(str(value))
        except ValueError:
            raise UserError("filter_value", dimension=dimension, value=value) from None
    return province(str(value)) if dimension == "province" else str(value)
