"""Management metrics: conversion, spend per buyer, refunds, cost lines. Declarations only."""

from __future__ import annotations

from functools import partial

from metrics.declare import Metric

_sales = partial(Metric, layer="management", owner="operations")
_finance = partial(Metric, layer="management", owner="finance")
_service = partial(Metric, layer="management", owner="service")

METRICS: tuple[Metric, ...] = (
    _sales(
        "order_amount", "下单金额", "Order amount", unit="yuan", direction="up",
        definition_zh="期内创建的订单行的应付金额之和,不论是否付款。",
        definition_en="Payable amount of lines created in the period, paid or not.",
    ),
    _sales(
        "orders_created", "下单订单数", "Orders created", unit="count", direction="up",
        definition_zh="期内创建的订单数,去重。",
        definition_en="Distinct orders created in the period.",
    ),
    _sales(
        "payment_rate", "支付成功率", "Payment rate", unit="rate", direction="up",
        formula="created_paid / orders_created",
        definition_zh="期内创建的订单中,最终付款的占比。",
        definition_en="Of orders created in the period, the share ever paid.",
    ),
    _sales(
        "cancel_rate", "取消率", "Cancel rate", unit="rate", direction="down",
        formula="created_cancelled / orders_created",
        definition_zh="期内创建的订单中,未付款而关闭的占比。",
        definition_en="Of orders created in the period, the share closed unpaid.",
    ),
    _sales(
        "items", "支付件数", "Items", unit="count", direction="up",
        definition_zh="期内付款行的件数之和。",
        definition_en="Quantity on lines paid in the period.",
    ),
    _sales(
        "aov", "客单价", "Spend per buyer", unit="yuan", direction="up", formula="gmv / buyers",
        definition_zh="成交额除以支付买家数(按买家)。",
        definition_en="GMV per buyer.",
    ),
    _sales(
        "order_value", "笔单价", "Order value", unit="yuan", direction="up", formula="gmv / orders",
        definition_zh="成交额除以支付订单数。",
        definition_en="GMV per paid order.",
    ),
    _sales(
        "unit_price", "件单价", "Unit price", unit="yuan", direction="none", formula="gmv / items",
        definition_zh="成交额除以支付件数。",
        definition_en="GMV per item.",
    ),
    _sales(
        "units_per_order", "连带率", "Units per order", unit="ratio", direction="up", formula="items / orders",
        definition_zh="支付件数除以支付订单数。",
        definition_en="Items per paid order.",
    ),
    _sales(
        "orders_per_buyer", "人均订单数", "Orders per buyer", unit="ratio", direction="up",
        formula="orders / buyers",
        definition_zh="支付订单数除以支付买家数。",
        definition_en="Paid orders per buyer.",
    ),
    _sales(
        "discount_amount", "优惠金额", "Discount", unit="yuan", direction="none",
        formula="list_amount - listed_paid",
        definition_zh="标价金额减实付金额,只计有标价的行。",
        definition_en="List amount less paid amount, over lines whose list price is known.",
    ),
    _sales(
        "discount_rate", "优惠率", "Discount rate", unit="rate", direction="none",
        formula="discount_amount / list_amount",
        definition_zh="优惠金额除以标价金额。",
        definition_en="Discount over list amount.",
    ),
    _sales(
        "new_buyers", "新客数", "New buyers", unit="count", direction="up",
        definition_zh="期内付款、且在所问店铺范围内首单落在期内的买家数;按时间粒度看时,首单落在该时段内。",
        definition_en="Buyers of the period whose first paid order ever in the shops asked for falls in it (in "
        "the bucket, with a grain).",
    ),
    _sales(
        "new_buyer_share", "新客占比", "New buyer share", unit="rate", direction="none",
        formula="new_buyers / buyers",
        definition_zh="新客数除以支付买家数。",
        definition_en="New buyers over buyers.",
    ),
    _sales(
        "new_buyer_gmv", "新客成交", "New buyer GMV", unit="yuan", direction="up",
        definition_zh="新客在期内的成交额。",
        definition_en="GMV of new buyers.",
    ),
    _sales(
        "returning_buyer_gmv", "老客成交", "Returning buyer GMV", unit="yuan", direction="up",
        formula="gmv - new_buyer_gmv",
        definition_zh="成交额减新客成交。",
        definition_en="GMV less that of new buyers.",
    ),
    _sales(
        "repeat_rate", "复购率(期内)", "Repeat rate", unit="rate", direction="up", formula="repeat_buyers / buyers",
        definition_zh="期内付款两单及以上的买家占支付买家的比例。没有订单时取行为日志中购买两次及以上的用户。",
        definition_en="Buyers with two or more paid orders in the period over buyers. Without orders: users with "
        "two or more buy events.",
    ),
    _sales(
        "repurchase_rate_30", "30日复购率", "30-day repurchase rate", unit="rate", direction="up",
        formula="repurchase_30_again / repurchase_30_able",
        definition_zh="期内首单距数据截止满30日的买家中,首单后30日内再次付款的占比。",
        definition_en="Of buyers whose first order of the period lies 30 days or more before the data's end, the "
        "share with another paid order within 30 days.",
    ),
    _sales(
        "repurchase_rate_90", "90日复购率", "90-day repurchase rate", unit="rate", direction="up",
        formula="repurchase_90_again / repurchase_90_able",
        definition_zh="期内首单距数据截止满90日的买家中,首单后90日内再次付款的占比。",
        definition_en="Of buyers whose first order of the period lies 90 days or more before the data's end, the "
        "share with another paid order within 90 days.",
    ),
    _service(
        "refund_orders", "退款订单数", "Refunded orders", unit="count", direction="down",
        definition_zh="期内有成功退款的订单数,去重。",
        definition_en="Distinct orders with a successful refund in the period.",
    ),
    _service(
        "refund_rate", "退款率(期间)", "Refund rate", unit="rate", direction="down", formula="refund_amount / gmv",
        definition_zh="退款金额除以成交额,各按自己的时间。",
        definition_en="Refunds over GMV, each by its own time.",
    ),
    _service(
        "refund_rate_cohort", "退款率(支付口径)", "Refund rate of paid orders", unit="rate", direction="down",
        formula="cohort_refund_amount / gmv",
        definition_zh="期内付款的成交额中,至今已退款的占比。",
        definition_en="Of GMV paid in the period, the share refunded up to now.",
    ),
    _service(
        "return_rate", "退货率", "Return rate", unit="rate", direction="down", formula="returned_orders / orders",
        definition_zh="期内付款的订单中,有退货的占比。",
        definition_en="Of orders paid in the period, the share with goods returned.",
    ),
    _finance(
        "platform_fee", "平台扣点", "Platform fee", unit="yuan", direction="down",
        definition_zh="平台扣点之和,按费用日期。",
        definition_en="Platform fees by their day.",
    ),
    _finance(
        "creator_commission", "达人佣金", "Creator commission", unit="yuan", direction="down",
        formula="sheet_commission",
        definition_zh="费用表中的达人佣金;没有费用表时取订单行上的佣金。",
        definition_en="Creator commission of the cost sheet; without one, the commission on the order lines.",
    ),
    _finance(
        "logistics_cost", "物流成本", "Logistics cost", unit="yuan", direction="down",
        definition_zh="物流费用之和,按费用日期。",
        definition_en="Logistics cost by its day.",
    ),
    _finance(
        "other_cost", "其他成本", "Other cost", unit="yuan", direction="down", formula="other_items",
        definition_zh="其他费用之和,按费用日期。",
        definition_en="Other cost by its day.",
    ),
    _finance(
        "cac", "获客成本", "Cost per new buyer", unit="yuan", direction="down", formula="ad_spend / new_buyers",
        definition_zh="广告消耗除以新客数。",
        definition_en="Ad spend per new buyer.",
    ),
    _sales(
        "exposures", "曝光", "Exposures", unit="count", direction="up",
        definition_zh="曝光次数之和。",
        definition_en="Times shown.",
    ),
    _sales(
        "clicks", "点击", "Clicks", unit="count", direction="up",
        definition_zh="点击次数之和。",
        definition_en="Times clicked.",
    ),
    _sales(
        "ctr", "点击率", "Click rate", unit="rate", direction="up", formula="clicks / exposures",
        definition_zh="点击除以曝光。",
        definition_en="Clicks over exposures.",
    ),
    _sales(
        "visitors", "访客数 UV", "Visitors", unit="count", direction="up",
        definition_zh="来源统计的去重访客,只能按平台、店铺、日相加,其余为空;没有流量数据时取行为日志的用户数。",
        definition_en="Distinct visitors as the source counts them: they add up over platform, shop and day "
        "only, else null. Without traffic: users of the behaviour log.",
    ),
    _sales(
        "page_views", "浏览量 PV", "Page views", unit="count", direction="up",
        definition_zh="浏览次数之和;没有流量数据时取行为日志的浏览事件。",
        definition_en="Pages viewed. Without traffic: view events of the behaviour log.",
    ),
    _sales(
        "add_to_cart", "加购", "Add-to-cart users", unit="count", direction="up",
        definition_zh="加购人数,相加规则同访客。",
        definition_en="Users who added to cart; adds up as visitors do.",
    ),
    _sales(
        "add_to_cart_rate", "加购率", "Add-to-cart rate", unit="rate", direction="up",
        formula="add_to_cart / visitors",
        definition_zh="加购人数除以访客数。",
        definition_en="Add-to-cart users over visitors.",
    ),
    _sales(
        "favourites", "收藏", "Favourite users", unit="count", direction="up",
        definition_zh="收藏人数,相加规则同访客。",
        definition_en="Users who marked a favourite; adds up as visitors do.",
    ),
    _sales(
        "cvr", "支付转化率", "Conversion rate", unit="rate", direction="up", formula="buyers / visitors",
        definition_zh="支付买家数除以访客数。",
        definition_en="Buyers over visitors.",
    ),
    _sales(
        "uv_value", "UV 价值", "Value per visitor", unit="yuan", direction="up", formula="gmv / visitors",
        definition_zh="成交额除以访客数。",
        definition_en="GMV per visitor.",
    ),
    _sales(
        "gpm", "千次曝光成交", "GMV per 1,000 exposures", unit="yuan", direction="up",
        formula="gmv / exposures * 1000",
        definition_zh="成交额除以曝光,乘以1000。",
        definition_en="GMV per thousand exposures.",
    ),
    _sales(
        "skus_active", "在售 SKU", "Active SKUs", unit="count", direction="up",
        definition_zh="期内最后一次库存快照中在售的 SKU 数。",
        definition_en="SKUs on sale in the last stock snapshot of the period.",
    ),
    _sales(
        "skus_sold", "动销 SKU", "SKUs sold", unit="count", direction="up",
        definition_zh="期内有付款的 SKU 数。",
        definition_en="Distinct SKUs paid for in the period.",
    ),
    _sales(
        "sell_through_rate", "动销率", "Sell-through rate", unit="rate", direction="up",
        formula="skus_sold / skus_active",
        definition_zh="动销 SKU 除以在售 SKU。",
        definition_en="SKUs sold over active SKUs.",
    ),
)
