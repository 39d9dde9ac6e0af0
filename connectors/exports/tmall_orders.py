"""Tmall and Taobao 订单报表: one row an order, in its small form and in the classic ExportOrderList.

In paid rows 总金额 = 买家实际支付金额 + 退款金额: the pay column is already net of refunds, so 总金额 is the gross.
An order without pay time is unpaid, whatever its amount. There is no refund time: refunds stand at the payment time.
"""

from connectors.exports._taobao import whole_order
from connectors.kinds import Column, ExportKind
from warehouse.batch import Check

# A report saved from a data frame has a row index where the order number was. The index is unique in its file only,
# so the payment second is part of the id that stands for it.
_ID = "coalesce(order_id, 'idx-' || row_index || coalesce('-' || strftime(paid_at, '%Y%m%d%H%M%S'), ''))"

KIND = ExportKind(
    id="tmall_orders",
    zh="天猫/淘宝 订单报表",
    en="Tmall/Taobao order report",
    platform="tmall",
    description_zh="千牛后台 → 交易 → 订单导出。一行一单；总金额为退款前金额，退款按付款时间计入并标为估计。",
    description_en="Order report of the Qianniu back office. One row an order; 总金额 is before refunds;"
    " refunds stand at the payment time, marked as estimated.",
    columns=(
        Column("order_id", "id", ("订单编号", "订单号", "主订单编号", "order_id")),
        Column("row_index", "id", ("", "Unnamed: 0", "index", "序号")),
        Column("total", "money", ("总金额", "总金额(旧版)"), required=True),
        Column("net_paid", "money", ("买家实际支付金额", "买家实付金额")),
        Column("freight", "money", ("买家应付邮费",)),
        Column("address", "province", ("收货地址", "收货人省份", "省份")),
        Column("created_at", "time", ("订单创建时间", "创建时间")),
        Column("paid_at", "time", ("订单付款时间", "付款时间", "支付时间")),
        Column("refund", "money", ("退款金额",)),
        Column("status", "status", ("订单状态",)),
        Column("title", "text", ("宝贝标题", "商品标题")),
        Column("quantity", "int", ("宝贝总数量", "商品数量")),
        Column("buyer", "person", ("买家会员名", "买家昵称", "买家支付宝账号")),
        Column("shop_name", "text", ("店铺名称",)),
    ),
    key=("order_id|row_index", "total", "net_paid", "paid_at"),
    statuses={
        "等待买家付款": "unpaid",
        "买家已付款，等待卖家发货": "paid",
        "买家已付款,等待卖家发货": "paid",
        "卖家部分发货": "part_shipped",
        "卖家已发货，等待买家确认": "shipped",
        "卖家已发货,等待买家确认": "shipped",
        "交易成功": "finished",
        "交易关闭": "closed",
    },
    checks=(
        Check("order_id is null and row_index is null", "missing", "order_id"),
        Check("total < 0", "negative_amount", "total"),
        Check("refund < 0", "negative_amount", "refund"),
    ),
    into=whole_order(_ID),
    event_time="coalesce(paid_at, created_at)",
)
