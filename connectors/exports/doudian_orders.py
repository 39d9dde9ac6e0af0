"""抖店 订单导出: one row a sub-order. What was to be paid and the freight are the order's and repeat on its rows."""

from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

SOLD = "status IN ('paid', 'part_shipped', 'shipped', 'finished')"
# without a pay time a closed order was paid only if money went back
_PAID_BY_STATUS = (
    f"coalesce({SOLD} OR (status = 'closed' AND after_sale IN ('退款成功', '已全额退款', '部分退款')), false)"
)
_PAID = "coalesce(payable, 0) - coalesce(pay_discount, 0)"
_LIST = "price * quantity"
_OWN = " + ".join(f"coalesce({whose}_discount, 0)" for whose in ("platform", "shop", "talent"))
NET = f"{_LIST} - coalesce(discount, {_OWN})"

# where a sale came from and what was sold does not become unknown again; 流量体裁 is told a day late
KNOWN = ("product_id", "sku_id", "product_name", "channel", "creator", "province", "city", "buyer")

CHANNEL = """CASE
    WHEN ad_channel IS NOT NULL AND ad_channel NOT IN ('其他', '非广告', '自然流量') THEN 'ad'
    WHEN traffic_channel LIKE '%广告%' OR traffic_channel LIKE '%千川%' OR traffic_channel LIKE '%付费%' THEN 'ad'
    WHEN traffic_channel LIKE '%搜索%' THEN 'search'
    WHEN traffic_form = '直播' THEN 'live'
    WHEN traffic_form IN ('短视频', '图文', '视频') THEN 'video'
    WHEN traffic_form IN ('商品卡', '商城') THEN 'card'
    WHEN traffic_form = '其他' THEN 'other' END"""

STATUSES = {
    "待确认": "unpaid",
    "待支付": "unpaid",
    "未支付": "unpaid",
    "已支付": "paid",
    "待发货": "paid",
    "备货中": "paid",
    "部分发货": "part_shipped",
    "已发货": "shipped",
    "已完成": "finished",
    "已关闭": "closed",
    "已取消": "closed",
}

KIND = ExportKind(
    id="doudian_orders",
    zh="抖店 订单导出",
    en="Doudian order export",
    platform="douyin",
    description_zh="抖店后台 → 订单 → 订单管理 → 导出。一行一个子订单；订单应付金额和运费按单重复，分摊到各行。",
    description_en="Order export of the Doudian back office. One row a sub-order; payable and freight repeat on each"
    " row of an order and are shared out over its rows.",
    columns=(
        Column("order_id", "id", ("主订单编号", "订单号", "主订单号", "订单编号"), required=True),
        Column("line_id", "id", ("子订单编号", "子订单号", "商品单号"), required=True),
        Column("product_name", "text", ("选购商品", "商品名称", "商品")),
        Column("quantity", "int", ("商品数量", "数量"), required=True),
        Column("product_id", "id", ("商品ID", "商品编号")),
        Column("sku_id", "id", ("商家编码", "货号", "商家SKU编码")),
        Column("price", "money", ("商品单价", "商品金额", "单价")),
        Column("payable", "money", ("订单应付金额",)),
        Column("freight", "money", ("运费",)),
        Column("discount", "money", ("优惠总金额",)),
        Column("platform_discount", "money", ("平台优惠",)),
        Column("shop_discount", "money", ("商家优惠",)),
        Column("talent_discount", "money", ("达人优惠",)),
        Column("pay_discount", "money", ("支付优惠",)),
        Column("buyer", "person", ("收件人手机号", "收件人手机")),
        Column("province", "province", ("省", "省份")),
        Column("city", "text", ("市", "城市")),
        Column("created_at", "time", ("订单提交时间", "下单时间", "创建时间"), required=True),
        Column("finished_at", "time", ("订单完成时间",)),
        Column("paid_at", "time", ("支付完成时间", "支付时间")),
        Column("status", "status", ("订单状态",)),
        Column("promised_ship_at", "time", ("承诺发货时间",)),
        Column("creator", "id", ("达人ID",)),
        Column("after_sale", "text", ("售后状态",)),
        Column("ad_channel", "text", ("广告渠道",)),
        Column("traffic_form", "text", ("流量体裁",)),
        Column("traffic_channel", "text", ("流量渠道",)),
        Column("shipped_at", "time", ("发货时间",)),
        Column("shop_name", "text", ("店铺名称",)),
    ),
    key=("order_id", "line_id", "payable", "created_at", "status"),
    statuses=STATUSES,
    checks=(
        Check("payable < 0", "negative_amount", "payable"),
        Check("quantity < 0", "negative_amount", "quantity"),
    ),
    into=(
        Into(
            "order_line",
            {
                "shop": "coalesce(shop_name, shop)",
                "list_amount": _LIST,
                "payable_amount": "payable",
                "paid_amount": f"CASE WHEN paid_at IS NOT NULL THEN {_PAID} END",
                "freight_amount": "freight",
                "channel": CHANNEL,
                **same(
                    "order_id",
                    "line_id",
                    "product_id",
                    "sku_id",
                    "product_name",
                    "quantity",
                    "creator",
                    "province",
                    "city",
                ),
                **same(
                    "buyer",
                    "status",
                    "created_at",
                    "paid_at",
                    "promised_ship_at",
                    "shipped_at",
                    "finished_at",
                ),
            },
            order_totals=("payable_amount", "paid_amount", "freight_amount"),
            weight=NET,
            keep=KNOWN,
        ),
    ),
    without={
        "paid_at": {
            "order_line": {
                "paid_at": f"CASE WHEN {_PAID_BY_STATUS} THEN created_at END",
                "paid_amount": f"CASE WHEN {_PAID_BY_STATUS} THEN {_PAID} END",
                "time_estimated": _PAID_BY_STATUS,
            }
        }
    },
    event_time="coalesce(paid_at, created_at)",
    epoch_in_name=True,
)
