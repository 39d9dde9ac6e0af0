"""Buyer behaviour log: user, item, category, behaviour, time; the Tianchi UserBehavior file has no header."""

from connectors.exports._words import cases
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

_EVENTS = {
    "view": ("pv", "view", "click", "浏览", "点击", "1"),
    "favourite": ("fav", "favourite", "favorite", "collect", "收藏", "2"),
    "cart": ("cart", "加购", "加购物车", "3"),
    "buy": ("buy", "purchase", "购买", "支付", "4"),
}
_EVENT = cases("event", _EVENTS)
_AT = "coalesce(seconds, moment)"

KIND = ExportKind(
    id="behaviour_log",
    zh="用户行为日志",
    en="Buyer behaviour log",
    platform="taobao",
    description_zh="用户、商品、类目、行为（pv/cart/fav/buy）、时间（Unix 秒或日期时间）；可以没有表头。",
    description_en="User, item, category, behaviour (pv, cart, fav, buy), time (Unix seconds or date and time);"
    " a header is optional.",
    columns=(
        Column("buyer", "person", ("user_id", "用户ID", "用户", "userid", "user"), required=True),
        Column("product_id", "id", ("item_id", "商品ID", "商品", "itemid", "item"), required=True),
        Column("category", "id", ("category_id", "类目ID", "类目", "item_category", "categoryid", "category")),
        Column(
            "event",
            "text",
            ("behavior_type", "behaviour_type", "行为类型", "行为", "behavior", "behaviour"),
            required=True,
        ),
        Column("seconds", "epoch", ("timestamp", "时间戳", "timestamps", "unix_time")),
        Column("moment", "time", ("time", "时间", "datetime", "行为时间")),
    ),
    key=("buyer", "product_id", "event", "seconds|moment"),
    checks=(
        Check(f"({_AT}) IS NULL", "missing", "seconds"),
        Check(f"({_EVENT}) IS NULL", "unknown_value", "event"),
    ),
    into=(
        Into(
            "behaviour",
            {"event": f"coalesce({_EVENT}, event)", "at": _AT, **same("buyer", "product_id", "category")},
        ),
    ),
    event_time=_AT,
    stray_days=True,
    shape=(
        ("buyer", r"\d{1,20}"),
        ("product_id", r"\d{1,20}"),
        ("category", r"\d{1,20}"),
        ("event", r"pv|cart|fav|buy"),
        ("seconds", r"1\d{9}"),
    ),
)
