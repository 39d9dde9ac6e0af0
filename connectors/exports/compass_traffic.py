"""抖音罗盘 流量: exposure to payment by hour or day, channel and product. Headers differ between its pages."""

from connectors.exports._words import channel_of, hour_start, span_of
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

_AT = hour_start("moment", "day", "hour")

KIND = ExportKind(
    id="compass_traffic",
    zh="抖音罗盘 流量",
    en="Douyin Compass traffic",
    platform="douyin",
    description_zh="抖音罗盘 → 流量 → 导出，按小时或按日。渠道为“全部/整体”的行是全店合计，不与各渠道相加。",
    description_en="Traffic export of Douyin Compass, by hour or day."
    " A row whose channel is 全部/整体 is the shop's own total.",
    columns=(
        Column("moment", "time", ("统计时间", "数据时间", "时间")),
        Column("day", "time", ("日期", "统计日期", "数据日期", "date")),
        Column("hour", "text", ("小时", "时段", "小时段", "hour")),
        Column(
            "channel",
            "text",
            ("流量渠道", "渠道", "流量来源", "流量载体", "载体", "渠道名称", "流量体裁", "channel"),
        ),
        Column("product_id", "id", ("商品ID", "商品编号")),
        Column("category", "text", ("商品类目", "类目", "商品分类")),
        Column("exposures", "int", ("曝光次数", "商品曝光次数", "曝光量", "曝光")),
        Column("clicks", "int", ("点击次数", "商品点击次数", "点击量", "点击")),
        Column("visitors", "int", ("访客数", "商品访客数", "访客人数", "商品点击人数", "点击人数", "UV")),
        Column("page_views", "int", ("浏览量", "商品浏览量", "访问次数", "浏览次数", "PV")),
        Column("add_to_cart", "int", ("加购人数", "商品加购人数", "加购数", "加购次数")),
        Column("favourites", "int", ("收藏人数", "商品收藏人数", "收藏数", "收藏次数")),
        Column("buyers", "int", ("成交人数", "支付买家数", "成交买家数", "支付人数")),
        Column("gmv", "money", ("用户支付金额", "成交金额", "支付金额", "成交金额(元)", "支付金额(元)")),
        Column("views", "int", ("观看次数", "播放量", "播放次数", "内容观看次数")),
        Column("likes", "int", ("点赞次数", "点赞数", "点赞量")),
        Column("comments", "int", ("评论次数", "评论数", "评论量")),
        Column("shares", "int", ("分享次数", "分享数", "分享量")),
        Column("new_followers", "int", ("新增粉丝数", "涨粉数", "新增粉丝")),
    ),
    key=("moment|day", "exposures|visitors", "clicks|visitors|page_views", "gmv|buyers|add_to_cart"),
    checks=(Check(f"({_AT}) IS NULL", "missing", "day"),),
    into=(
        Into(
            "traffic",
            {
                "at": _AT,
                "span": span_of("moment", "hour"),
                "channel": channel_of("channel"),
                **same("product_id", "category", "exposures", "clicks", "visitors", "page_views", "add_to_cart"),
                **same("favourites", "buyers", "gmv", "views", "likes", "comments", "shares", "new_followers"),
            },
        ),
    ),
    event_time=_AT,
    totals=TOTALS,
    epoch_in_name=True,
)
