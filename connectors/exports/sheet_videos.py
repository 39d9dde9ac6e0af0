"""A sheet of short videos by day: plays, what viewers did, and what was sold."""

from connectors.exports._words import place_of
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

_COUNTS = (
    ("plays", ("播放次数", "播放量", "plays")),
    ("finishes", ("完播次数", "完播量", "finishes")),
    ("likes", ("点赞次数", "点赞量", "点赞数", "likes")),
    ("comments", ("评论次数", "评论量", "评论数", "comments")),
    ("shares", ("分享次数", "分享量", "分享数", "shares")),
    ("favourites", ("收藏次数", "收藏量", "收藏数", "favourites")),
    ("new_followers", ("新增粉丝数", "涨粉量", "粉丝增量", "new_followers")),
    ("product_exposures", ("商品曝光次数", "product_exposures")),
    ("product_clicks", ("商品点击次数", "product_clicks")),
    ("orders", ("成交订单数", "orders")),
)

KIND = ExportKind(
    id="sheet_videos",
    zh="短视频表",
    en="Video sheet",
    platform=None,
    description_zh="自制表格：一行一条视频的一天，视频ID、日期、播放次数，"
    "可带达人、标题、发布时间、时长(秒)、完播、互动、商品曝光与点击、"
    "成交、平台、店铺。",
    description_en="Your own sheet: one day of a video a row, with id, day, plays; also creator, title, published,"
    " seconds, finishes, interactions, product exposures and clicks, sales, platform, shop.",
    columns=(
        Column("video", "id", ("视频ID", "视频编号", "作品ID", "video"), required=True),
        Column("day", "date", ("统计日期", "日期", "day", "date"), required=True),
        Column("title", "text", ("视频标题", "标题", "title")),
        Column("creator", "id", ("达人ID", "达人", "作者", "creator")),
        Column("published_at", "time", ("发布时间", "published_at")),
        Column("seconds", "number", ("时长(秒)", "视频时长(秒)", "时长秒", "seconds")),
        *(Column(name, "int", headers) for name, headers in _COUNTS),
        Column("gmv", "money", ("成交金额", "成交额", "gmv")),
        Column("platform_name", "text", ("平台", "platform")),
        Column("shop_name", "text", ("店铺", "店铺名称", "shop")),
    ),
    key=("video", "day", "plays"),
    checks=(Check("plays < 0", "negative_amount", "plays"),),
    into=(
        Into(
            "video_day",
            {
                **place_of("platform_name", "shop_name"),
                **same("video", "day", "title", "creator", "published_at", "seconds", "gmv"),
                **same(*(name for name, _ in _COUNTS)),
            },
        ),
    ),
    event_time="CAST(day AS TIMESTAMP)",
    totals=TOTALS,
)
