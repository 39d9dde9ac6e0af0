"""Taobao's classic ExportOrderList: one row an order, GBK, every cell quoted, names and addresses in plain sight.

Only the province, and hashes of who bought, are kept of what is personal in it.
"""

from connectors.exports._taobao import STATUSES, parcel, waybill_of, whole_order
from connectors.kinds import Column, ExportKind
from warehouse.batch import Check

KIND = ExportKind(
    id="taobao_orders_classic",
    zh="淘宝 ExportOrderList 订单报表（旧版）",
    en="Taobao ExportOrderList (classic)",
    platform="tmall",
    description_zh="千牛旧版订单报表 ExportOrderList*.csv，GBK。一行一单；与宝贝报表同时载入时让位于子订单。",
    description_en="The classic ExportOrderList*.csv of Qianniu, in GBK. One row an order;"
    " gives way to sub-orders when the item report is loaded too.",
    columns=(
        Column("order_id", "id", ("订单编号",), required=True),
        Column("buyer", "person", ("买家会员名", "买家昵称")),
        Column("due", "money", ("买家应付货款",)),
        Column("freight", "money", ("买家应付邮费",)),
        Column("total", "money", ("总金额",), required=True),
        Column("net_paid", "money", ("买家实际支付金额",)),
        Column("points", "int", ("买家支付积分",)),
        Column("status", "status", ("订单状态",)),
        Column("address", "province", ("收货地址", "收货地址 ")),
        Column("shipping", "text", ("运送方式",)),
        Column("created_at", "time", ("订单创建时间",), required=True),
        Column("paid_at", "time", ("订单付款时间",)),
        Column("title", "text", ("宝贝标题",)),
        Column("sorts", "int", ("宝贝种类",)),
        Column("waybill", "text", ("物流单号",)),
        Column("carrier", "text", ("物流公司",)),
        Column("quantity", "int", ("宝贝总数量",)),
        Column("shop_name", "text", ("店铺名称",)),
        Column("closed_why", "text", ("订单关闭原因",)),
        Column("service_fee", "money", ("卖家服务费",)),
        Column("refund", "money", ("退款金额",)),
    ),
    key=("order_id", "buyer", "total", "net_paid", "paid_at", "sorts|points|shipping"),
    statuses=STATUSES,
    checks=(
        Check("total < 0", "negative_amount", "total"),
        Check("refund < 0", "negative_amount", "refund"),
    ),
    into=(
        *whole_order(),
        parcel(waybill_of("waybill"), "carrier", shop="coalesce(shop_name, shop)"),
    ),
    event_time="coalesce(paid_at, created_at)",
)
