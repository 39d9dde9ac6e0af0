"""视频号助手 视频数据: one row a video, counters since publication; the day of publication without a time."""

from connectors.exports._content import COUNTS, PUBLISHED, RATE, counters, finishes
from connectors.kinds import TOTALS, Column, ExportKind
from warehouse.batch import Into

KIND = ExportKind(
    id="wechat_works",
    zh="视频号 视频数据",
    en="WeChat Channels videos",
    platform="wechat",
    description_zh="视频号助手 → 数据中心 → 视频数据 → 导出。一行一个视频，各数为发布至今的累计，"
    "记在发布当天；重新导出会更新。",
    description_en="Videos of WeChat Channels. One row a video; counters since publication, kept on its day,"
    " replaced by a later export.",
    columns=(
        Column("title", "text", ("视频描述",)),
        Column("video", "id", ("视频ID",), required=True),
        Column("published_at", "time", ("发布时间",), required=True),
        RATE,
        Column("plays", "int", ("播放量",), required=True),
        Column("recommended", "int", ("推荐",)),
        Column("likes", "int", ("喜欢",)),
        Column("comments", "int", ("评论量",)),
        Column("shares", "int", ("分享量",)),
        Column("new_followers", "int", ("关注量",)),
        Column("forwards", "int", ("转发聊天和朋友圈",)),
        Column("ringtones", "int", ("设为铃声",)),
        Column("statuses", "int", ("设为状态",)),
    ),
    key=("video", "published_at", "plays", "recommended|likes"),
    into=(
        Into(
            "video_day",
            {"video": "video", "finishes": finishes("plays", "finish_rate"), **counters("plays", *COUNTS)},
        ),
    ),
    event_time=PUBLISHED,
    totals=TOTALS,
    epoch_in_name=True,
)
