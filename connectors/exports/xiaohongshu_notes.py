"""小红书 笔记数据: one row a note, a title row above the header; counters since publication, notes have no number."""

from connectors.exports._content import COUNTS, PUBLISHED, counters, video_id
from connectors.kinds import TOTALS, Column, ExportKind
from warehouse.batch import Into

KIND = ExportKind(
    id="xiaohongshu_notes",
    zh="小红书 笔记数据",
    en="Xiaohongshu notes",
    platform="xiaohongshu",
    description_zh="小红书创作服务平台 → 笔记数据 → 导出。一行一篇笔记，各数为发布至今的累计，"
    "记在首次发布当天；重新导出会更新。",
    description_en="Notes of Xiaohongshu. One row a note; counters since publication, kept on its day,"
    " replaced by a later export.",
    columns=(
        Column("video", "id", ("笔记ID",)),
        Column("title", "text", ("笔记标题",), required=True),
        Column("published_at", "time", ("首次发布时间",), required=True),
        Column("genre", "text", ("体裁",)),
        Column("exposures", "int", ("曝光",)),
        Column("plays", "int", ("观看量", "阅读量"), required=True),
        Column("cover_rate", "rate", ("封面点击率",)),
        Column("likes", "int", ("点赞",)),
        Column("comments", "int", ("评论",)),
        Column("favourites", "int", ("收藏",)),
        Column("new_followers", "int", ("涨粉",)),
        Column("shares", "int", ("分享",)),
        Column("watch_seconds", "number", ("人均观看时长",)),
        Column("bullets", "int", ("弹幕",)),
    ),
    key=("title", "published_at", "plays"),
    into=(
        Into(
            "video_day",
            {"video": f"coalesce(video, {video_id('title')})", **counters("plays", "favourites", *COUNTS)},
        ),
    ),
    event_time=PUBLISHED,
    totals=TOTALS,
    epoch_in_name=True,
)
