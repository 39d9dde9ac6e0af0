"""抖音罗盘 直播明细: one row a session, 54 columns. It has no session number: creator and start time stand for it."""

from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Into

KIND = ExportKind(
    id="compass_live",
    zh="抖音罗盘 直播明细",
    en="Douyin Compass live sessions",
    platform="douyin",
    description_zh="抖音罗盘 → 直播 → 直播明细 → 导出。一行一场直播。",
    description_en="Live session export of Douyin Compass. One row a session.",
    columns=(
        Column("live_session", "id", ("直播间ID", "直播场次ID", "场次ID", "room_id")),
        Column("nickname", "text", ("主播昵称", "达人昵称")),
        Column("creator", "id", ("主播抖音号", "主播ID", "达人ID", "抖音号"), required=True),
        Column("title", "text", ("直播标题", "直播间标题", "直播主题")),
        Column("started_at", "time", ("直播开始时间", "开播时间"), required=True),
        Column("ended_at", "time", ("直播结束时间", "下播时间")),
        Column("minutes", "number", ("直播时长(分钟)", "直播时长（分钟）", "直播时长")),
        Column("exposures", "int", ("直播间曝光次数",)),
        Column("viewers", "int", ("直播间观看人数",)),
        Column("entries", "int", ("直播间观看次数",)),
        Column("pcu", "int", ("最高在线人数",)),
        Column("acu", "number", ("平均在线人数",)),
        Column("watch_minutes", "number", ("人均观看时长(分钟)", "人均观看时长（分钟）")),
        Column("comments", "int", ("评论次数",)),
        Column("likes", "int", ("点赞次数",)),
        Column("shares", "int", ("分享次数",)),
        Column("new_followers", "int", ("新增粉丝数",)),
        Column("product_exposures", "int", ("直播间商品曝光次数",)),
        Column("product_clickers", "int", ("直播间商品点击人数",)),
        Column("orders", "int", ("直播间成交订单数",)),
        Column("deal", "money", ("直播间成交金额",)),
        Column("paid", "money", ("直播间用户支付金额",)),
        Column("buyers", "int", ("直播间成交人数",)),
        Column("refund_amount", "money", ("直播间退款金额",)),
        Column("ad_bound", "money", ("投放消耗(店铺绑定)", "投放消耗（店铺绑定）")),
        Column("ad_received", "money", ("投放消耗(店铺被投)", "投放消耗（店铺被投）")),
    ),
    key=("creator", "started_at", "viewers|entries", "orders|paid|deal"),
    into=(
        Into(
            "live_session",
            {
                "live_session": "coalesce(live_session, creator || '-' || strftime(started_at, '%Y%m%d%H%M%S'))",
                "title": "coalesce(title, nickname)",
                "watch_seconds": "watch_minutes * 60",
                "gmv": "coalesce(paid, deal)",
                "ad_cost": "coalesce(ad_bound, ad_received)",
                **same(
                    "creator",
                    "started_at",
                    "ended_at",
                    "minutes",
                    "exposures",
                    "entries",
                    "viewers",
                    "acu",
                    "pcu",
                ),
                **same(
                    "comments", "likes", "shares", "new_followers", "product_exposures", "product_clickers"
                ),
                **same("orders", "buyers", "refund_amount"),
            },
            keep=("creator", "title"),
        ),
    ),
    event_time="started_at",
    totals=TOTALS,
    epoch_in_name=True,
)
