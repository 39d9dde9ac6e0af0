"""千牛's new order form: one row an order, a tab behind every value, one payment number for each way of paying."""

from connectors.exports._taobao import STATUSES, whole_order
from connectors.kinds import Column, ExportKind
from warehouse.batch import Check

KIND = ExportKind(
    id="taobao_orders_qianniu",
    zh="千牛 新版订单报表",
    en="Qianniu new order form",
    platform="tmall",
    description_zh="千牛后台 → 交易 → 已卖出的宝贝 → 新版导出（每个值后带制表符）。一行一单；"
    "与宝贝报表同时载入时让位于子订单。",
    description_en="The new order export of Qianniu (a tab behind every value). One row an order;"
    " gives way to sub-orders when the item report is loaded too.",
    columns=(
        Column("order_id", "id", ("订单编号",), required=True),
        Column("payment_id", "id", ("支付单号",)),
        Column("payment", "text", ("支付详情",)),
        Column("due", "money", ("买家应付货款",)),
        Column("freight", "money", ("买家应付邮费",)),
        Column("total", "money", ("总金额", "总金额(旧版)"), required=True),
        Column("net_paid", "money", ("买家实付金额", "买家实际支付金额")),
        Column("status", "status", ("订单状态",)),
        Column("created_at", "time", ("订单创建时间",), required=True),
        Column("paid_at", "time", ("订单付款时间",)),
        Column("title", "text", ("商品标题", "宝贝标题")),
        Column("quantity", "int", ("宝贝总数量", "商品数量")),
        Column("buyer", "person", ("买家会员名", "买家昵称")),
        Column("address", "province", ("收货地址", "收货人省份")),
        Column("refund", "money", ("退款金额",)),
        Column("sku", "text", ("商品属性SKU", "商品属性")),
        Column("received", "money", ("确认收货打款金额",)),
        Column("compensated", "bool", ("是否主动赔付",)),
        Column("compensation", "money", ("主动赔付金额",)),
        Column("shop_name", "text", ("店铺名称",)),
    ),
    key=("order_id", "payment_id|payment", "total", "net_paid", "paid_at"),
    statuses=STATUSES,
    checks=(
        Check("total < 0", "negative_amount", "total"),
        Check("refund < 0", "negative_amount", "refund"),
    ),
    into=whole_order(),
    event_time="coalesce(paid_at, created_at)",
)
