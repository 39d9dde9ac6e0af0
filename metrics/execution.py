"""Execution metrics: live rooms, ads, stock, shipping, the buyers' funnel. Declarations only."""

from __future__ import annotations

from functools import partial

from metrics.declare import Metric

_live = partial(Metric, layer="execution", owner="operations", direction="up")
_ads = partial(Metric, layer="execution", owner="operations")
_stock = partial(Metric, layer="execution", owner="warehouse")
_ship = partial(Metric, layer="execution", owner="warehouse")
_service = partial(Metric, layer="execution", owner="service")
_funnel = partial(Metric, layer="execution", owner="operations", unit="count", direction="up")

METRICS: tuple[Metric, ...] = (
    _ship(
        "pay_seconds", "下单到支付时长", "Seconds to pay", unit="seconds", direction="down",
        formula="pay_seconds_sum / orders",
        definition_zh="从下单到付款的平均秒数,按订单。",
        definition_en="Mean seconds from creation to payment, by order.",
    ),
    _service(
        "refund_before_ship_share", "发货前退款占比", "Refunded before shipping", unit="rate", direction="down",
        formula="before_ship_orders / refund_orders",
        definition_zh="退款订单中发货前退款的占比。",
        definition_en="Of refunded orders, the share refunded before shipping.",
    ),
    _service(
        "refund_hours", "退款时长", "Hours to refund", unit="hours", direction="down",
        formula="refund_seconds_sum / refunds_timed / 3600",
        definition_zh="从申请到退款成功的平均小时数。",
        definition_en="Mean hours from application to success.",
    ),
    _live(
        "interactions", "互动量", "Interactions", unit="count",
        definition_zh="点赞、评论、分享之和。",
        definition_en="Likes, comments and shares.",
    ),
    _live(
        "interaction_rate", "互动率", "Interaction rate", unit="rate", formula="interactions / views",
        definition_zh="互动量除以观看。",
        definition_en="Interactions over views.",
    ),
    _live(
        "new_followers", "涨粉", "New followers", unit="count",
        definition_zh="新增粉丝。",
        definition_en="New followers.",
    ),
    _live(
        "live_sessions", "场次", "Live sessions", unit="count",
        definition_zh="期内开播的场次。",
        definition_en="Sessions started in the period.",
    ),
    _live(
        "live_minutes", "开播时长", "Live minutes", unit="minutes",
        definition_zh="开播分钟之和。",
        definition_en="Minutes on air.",
    ),
    _live(
        "live_exposures", "直播曝光", "Live exposures", unit="count",
        definition_zh="直播间曝光之和。",
        definition_en="Times the live room was shown.",
    ),
    _live(
        "live_entries", "进入人次", "Live entries", unit="count",
        definition_zh="进入直播间的人次。",
        definition_en="Entries into the live room.",
    ),
    _live(
        "live_enter_rate", "曝光进入率", "Live enter rate", unit="rate", formula="live_entries / live_exposures",
        definition_zh="进入人次除以直播曝光。",
        definition_en="Entries over live exposures.",
    ),
    _live(
        "acu", "平均在线", "Average viewers", unit="count", formula="acu_minutes / acu_weight",
        definition_zh="平均在线人数,按开播时长加权。",
        definition_en="Average concurrent viewers, weighted by minutes on air.",
    ),
    _live(
        "pcu", "最高在线", "Peak viewers", unit="count",
        definition_zh="最高在线人数。",
        definition_en="Highest concurrent viewers.",
    ),
    _live(
        "watch_seconds", "人均停留", "Seconds watched", unit="seconds", formula="watch_sum / watch_weight",
        definition_zh="人均停留秒数,按观看人数加权。",
        definition_en="Mean seconds watched, weighted by viewers.",
    ),
    _live(
        "live_interaction_rate", "直播互动率", "Live interaction rate", unit="rate",
        formula="live_interactions / live_viewers",
        definition_zh="点赞、评论、分享之和除以观看人数。",
        definition_en="Likes, comments and shares over viewers.",
    ),
    _live(
        "live_follow_rate", "转粉率", "Follow rate", unit="rate", formula="live_new_followers / live_viewers",
        definition_zh="新增粉丝除以观看人数。",
        definition_en="New followers over viewers.",
    ),
    _live(
        "live_click_rate", "商品点击率", "Product click rate", unit="rate",
        formula="live_product_clickers / live_viewers",
        definition_zh="点击商品的人数除以观看人数。",
        definition_en="Product clickers over viewers.",
    ),
    _live(
        "live_pay_rate", "点击支付率", "Click-to-pay rate", unit="rate",
        formula="live_buyers / live_product_clickers",
        definition_zh="成交人数除以点击商品的人数。",
        definition_en="Buyers over product clickers.",
    ),
    _live(
        "live_gmv", "直播成交额", "Live GMV", unit="yuan",
        definition_zh="直播间成交额,以平台报表为准。",
        definition_en="GMV of sessions as the platform reports it.",
    ),
    _live(
        "live_gmv_per_hour", "每小时直播成交", "Live GMV per hour", unit="yuan",
        formula="live_gmv / live_minutes * 60",
        definition_zh="直播成交额除以开播小时。",
        definition_en="Live GMV per hour on air.",
    ),
    _live(
        "live_gpm", "直播千次观看成交", "Live GMV per 1,000 entries", unit="yuan",
        formula="live_gmv / live_entries * 1000",
        definition_zh="直播成交额除以进入人次,乘以1000。",
        definition_en="Live GMV per thousand entries.",
    ),
    _ads(
        "ad_spend", "消耗", "Ad spend", unit="yuan", direction="none",
        definition_zh="广告消耗之和。",
        definition_en="Cost of ads.",
    ),
    _ads(
        "ad_exposures", "展示", "Ad exposures", unit="count", direction="up",
        definition_zh="广告展示次数。",
        definition_en="Times ads were shown.",
    ),
    _ads(
        "ad_clicks", "广告点击", "Ad clicks", unit="count", direction="up",
        definition_zh="广告点击次数。",
        definition_en="Clicks on ads.",
    ),
    _ads(
        "ad_ctr", "广告点击率", "Ad click rate", unit="rate", direction="up", formula="ad_clicks / ad_exposures",
        definition_zh="广告点击除以展示。",
        definition_en="Ad clicks over ad exposures.",
    ),
    _ads(
        "ad_cpc", "点击成本", "Cost per click", unit="yuan", direction="down", formula="ad_spend / ad_clicks",
        definition_zh="消耗除以广告点击。",
        definition_en="Ad spend per click.",
    ),
    _ads(
        "ad_cpm", "千次展示成本", "Cost per 1,000 exposures", unit="yuan", direction="down",
        formula="ad_spend / ad_exposures * 1000",
        definition_zh="消耗除以展示,乘以1000。",
        definition_en="Ad spend per thousand exposures.",
    ),
    _ads(
        "ad_orders", "广告成交订单", "Ad orders", unit="count", direction="up",
        definition_zh="广告平台归因的订单。",
        definition_en="Orders as the ad platform attributes them.",
    ),
    _ads(
        "ad_gmv", "广告成交额", "Ad GMV", unit="yuan", direction="up",
        definition_zh="广告平台归因的成交额。",
        definition_en="GMV as the ad platform attributes it.",
    ),
    _ads(
        "ad_cvr", "广告转化率", "Ad conversion rate", unit="rate", direction="up", formula="ad_orders / ad_clicks",
        definition_zh="广告成交订单除以广告点击。",
        definition_en="Ad orders over ad clicks.",
    ),
    _ads(
        "ad_cpa", "成交成本", "Cost per ad order", unit="yuan", direction="down", formula="ad_spend / ad_orders",
        definition_zh="消耗除以广告成交订单。",
        definition_en="Ad spend per ad order.",
    ),
    _ads(
        "ad_roi", "投产比", "Ad ROI", unit="ratio", direction="up", formula="ad_gmv / ad_spend",
        definition_zh="广告成交额除以消耗。",
        definition_en="Ad GMV over ad spend.",
    ),
    _ads(
        "campaign_roi", "活动 ROI", "Campaign ROI", unit="ratio", direction="up",
        formula="campaign_gmv / (coalesce(campaign_ad_spend, 0) + coalesce(subsidies, 0))",
        definition_zh="活动成交额除以活动的广告消耗与补贴之和;补贴按活动开始日计入。",
        definition_en="GMV of campaigns over their ad spend and subsidies; a subsidy counts on the day its "
        "campaign starts.",
    ),
    _stock(
        "stock_on_hand", "在库", "On hand", unit="count", direction="none",
        definition_zh="期内各 SKU 最后一次快照的在库件数。",
        definition_en="Items on hand in each SKU's last snapshot of the period.",
    ),
    _stock(
        "stock_available", "可售", "Available", unit="count", direction="none",
        definition_zh="期内最后一次快照的可售件数(在库减占用)。",
        definition_en="Items available (on hand less reserved) in the last snapshot.",
    ),
    _stock(
        "stock_value", "库存金额", "Stock value", unit="yuan", direction="none",
        definition_zh="在库件数乘单位成本。",
        definition_en="On hand times unit cost.",
    ),
    _stock(
        "stockout_skus", "断货 SKU", "SKUs out of stock", unit="count", direction="down",
        definition_zh="在售但无可售库存的 SKU 数。",
        definition_en="Active SKUs with nothing available.",
    ),
    _stock(
        "stockout_rate", "缺货率", "Stock-out rate", unit="rate", direction="down",
        formula="stockout_skus / skus_active",
        definition_zh="断货 SKU 除以在售 SKU。",
        definition_en="SKUs out of stock over active SKUs.",
    ),
    _stock(
        "days_of_cover", "可售天数", "Days of cover", unit="days", direction="none",
        formula="stock_available / daily_items",
        definition_zh="可售件数除以最近14天的日均售出件数(断货日不计)。",
        definition_en="Available over mean daily items of the last 14 days, days out of stock left out.",
    ),
    _stock(
        "slow_skus", "滞销 SKU", "Slow SKUs", unit="count", direction="down",
        definition_zh="有库存且30天未售出的 SKU 数。",
        definition_en="SKUs in stock and unsold for 30 days.",
    ),
    _stock(
        "slow_stock_value", "滞销金额", "Slow stock value", unit="yuan", direction="down",
        definition_zh="滞销 SKU 的库存金额。",
        definition_en="Stock value of slow SKUs.",
    ),
    _ship(
        "orders_to_ship", "待发货", "Orders to ship", unit="count", direction="down", formula="waiting_orders",
        definition_zh="期内付款、尚未发货的订单数。",
        definition_en="Orders paid in the period and not shipped yet.",
    ),
    _ship(
        "late_orders", "超时未发", "Late orders", unit="count", direction="down",
        definition_zh="期内付款、承诺发货时间已过而未发货的订单数。",
        definition_en="Orders paid in the period, not shipped though the promised time has passed.",
    ),
    _ship(
        "ship_on_time_rate", "准时发货率", "On-time shipping", unit="rate", direction="up",
        formula="on_time_lines / due_lines",
        definition_zh="已发货或已到承诺时间的订单行中,按承诺时间发货的占比。",
        definition_en="Of lines shipped or due, the share shipped by the promised time.",
    ),
    _ship(
        "ship_hours", "发货时长", "Hours to ship", unit="hours", direction="down",
        formula="ship_seconds_sum / shipped_lines / 3600",
        definition_zh="从付款到发货的平均小时数。",
        definition_en="Mean hours from payment to shipping.",
    ),
    _ship(
        "logistics_cost_per_order", "单均物流成本", "Logistics cost per order", unit="yuan", direction="down",
        formula="logistics_cost / orders",
        definition_zh="物流成本除以支付订单数。",
        definition_en="Logistics cost per paid order.",
    ),
    _funnel(
        "behaviour_events", "行为事件数", "Behaviour events", formula="log_events",
        definition_zh="行为日志的事件数。",
        definition_en="Events of the behaviour log.",
    ),
    _funnel(
        "view_events", "浏览事件", "View events", formula="log_views",
        definition_zh="行为日志中的浏览事件数。",
        definition_en="View events of the behaviour log.",
    ),
    _funnel(
        "cart_events", "加购事件", "Cart events", formula="log_carts",
        definition_zh="行为日志中的加购事件数。",
        definition_en="Cart events of the behaviour log.",
    ),
    _funnel(
        "favourite_events", "收藏事件", "Favourite events", formula="log_favourites",
        definition_zh="行为日志中的收藏事件数。",
        definition_en="Favourite events of the behaviour log.",
    ),
    _funnel(
        "buy_events", "购买事件", "Buy events", formula="log_buys",
        definition_zh="行为日志中的购买事件数。",
        definition_en="Buy events of the behaviour log.",
    ),
    _funnel(
        "funnel_view_users", "漏斗:浏览用户", "Funnel: viewers",
        definition_zh="有浏览的用户数。",
        definition_en="Users with a view.",
    ),
    _funnel(
        "funnel_interest_users", "漏斗:加购或收藏用户", "Funnel: interested",
        definition_zh="有浏览、且加购或收藏的用户数,不论先后。",
        definition_en="Of them, users with a cart or favourite event, in any order.",
    ),
    _funnel(
        "funnel_buy_users", "漏斗:购买用户", "Funnel: buyers",
        definition_zh="其中购买的用户数,不论先后。",
        definition_en="Of those, users with a buy event, in any order.",
    ),
    _funnel(
        "funnel_view_pairs", "漏斗:浏览(用户×商品)", "Funnel pairs: viewed",
        definition_zh="有浏览的用户与商品对。",
        definition_en="(User, item) pairs with a view.",
    ),
    _funnel(
        "funnel_interest_pairs", "漏斗:浏览后加购或收藏", "Funnel pairs: then interested",
        definition_zh="首次浏览之后加购或收藏的用户与商品对。",
        definition_en="Pairs with a cart or favourite at or after the first view.",
    ),
    _funnel(
        "funnel_buy_pairs", "漏斗:再后购买", "Funnel pairs: then bought",
        definition_zh="该次加购或收藏之后购买的用户与商品对。",
        definition_en="Pairs with a buy at or after that cart or favourite.",
    ),
    _funnel(
        "funnel_direct_buy_pairs", "漏斗:浏览后直接购买", "Funnel pairs: bought directly",
        definition_zh="首次浏览之后未经加购收藏而购买的用户与商品对。",
        definition_en="Pairs with a buy at or after the first view, without that step.",
    ),
)
