"""抖音创作者中心 作品数据: one row a work, counters since publication; works have no number."""

from connectors.exports._content import COUNTS, PUBLISHED, RATE, counters, finishes, video_id
from connectors.kinds import TOTALS, Column, ExportKind
from warehouse.batch import Into

KIND = ExportKind(
    id="douyin_works",
    zh="抖音 作品数据",
    en="Douyin works",
    platform="douyin",
    description_zh="抖音创作者中心 → 数据 → 作品 → 导出。一行一个作品，各数为发布至今的累计，"
    "记在发布当天；重新导出会更新。",
    description_en="Works of the Douyin creator centre. One row a work; counters since publication, kept on its day,"
    " replaced by a later export.",
    columns=(
        Column("video", "id", ("作品ID", "作品id", "视频ID")),
        Column("title", "text", ("作品名称", "作品标题"), required=True),
        Column("published_at", "time", ("发布时间",), required=True),
        Column("genre", "text", ("体裁",)),
        Column("review", "text", ("审核状态",)),
        Column("plays", "int", ("播放量", "播放次数"), required=True),
        RATE,
        Column("cover_rate", "rate", ("封面点击率",)),
        Column("likes", "int", ("点赞量", "点赞数")),
        Column("shares", "int", ("分享量", "分享数")),
        Column("comments", "int", ("评论量", "评论数")),
        Column("favourites", "int", ("收藏量", "收藏数")),
        Column("new_followers", "int", ("粉丝增量", "涨粉量")),
    ),
    key=("title", "published_at", "plays"),
    into=(
        Into(
            "video_day",
            {
                "video": f"coalesce(video, {video_id('title')})",
                "finishes": finishes("plays", "finish_rate"),
                **counters("plays", "favourites", *COUNTS),
            },
        ),
    ),
    event_time=PUBLISHED,
    totals=TOTALS,
    epoch_in_name=True,
)
