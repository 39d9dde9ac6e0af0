"""JD 对账单: one row a fee of an order, in three layouts: of 2026-08, the one before, the older short one."""

from connectors.exports._money import DIRECTIONS, directed, item_of, numbered, settles
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Into

_AMOUNT = directed("amount", "direction")
_AT = "coalesce(settled_at, arrived_at, billed_at)"
_ITEM = item_of("concat_ws(' ', fee, fee_class)")
_LINE = "order_id || '-' || product_id"

KIND = ExportKind(
    id="jd_settlement",
    zh="京东 对账单",
    en="JD settlement statement",
    platform="jd",
    description_zh="京东商家后台 → 结算 → 对账单，三种版式都可。一行一笔费用：货款、佣金、运费…，收入为正，支出为负。"
    "带售后服务单号和退款时间的货款支出同时记为退款：订单导出不说退了多少。",
    description_en="Settlement statement of the JD back office, in any of its three layouts. One row a fee:"
    " goods, commission, freight …; incomes are positive, payments negative."
    " Goods paid back under an after-sale number count as a refund too: order exports do not tell what went back.",
    columns=(
        Column("order_id", "id", ("订单编号", "订单号"), required=True),
        Column("parent_id", "id", ("父单号",)),
        Column("status", "text", ("订单状态",)),
        Column("ordered_at", "time", ("订单下单时间", "下单时间")),
        Column("finished_at", "time", ("订单完成时间",)),
        Column("refund_id", "id", ("售后服务单号",)),
        Column("refunded_at", "time", ("售后退款时间",)),
        Column("product_id", "id", ("商品编号", "商品编码")),
        Column("product_name", "text", ("商品名称",)),
        Column("quantity", "int", ("商品数量",)),
        Column("price", "money", ("商品单价",)),
        Column("fee", "text", ("费用名称", "费用项"), required=True),
        Column("fee_class", "text", ("费用分类",)),
        Column("bill_sort", "text", ("结算单类型", "单据类型")),
        Column("bill_id", "id", ("结算单号",)),
        Column("amount", "money", ("应结金额", "金额"), required=True),
        Column("direction", "status", ("收支方向",)),
        Column("settled_at", "time", ("结算时间", "费用结算时间")),
        Column("arrived_at", "time", ("到账时间",)),
        Column("billed_at", "time", ("账单生成时间",)),
        Column("foreseen_at", "time", ("预计结算时间",)),
        Column("note", "text", ("资金动账备注",)),
    ),
    key=("order_id", "fee", "amount", "direction"),
    statuses=DIRECTIONS,
    into=(
        settles(
            _ITEM,
            _AMOUNT,
            "statement",
            {
                "settlement_id": numbered(
                    "bill_id", "order_id", "product_id", "refund_id", "fee", f"coalesce({_AT}, foreseen_at)", "amount"
                ),
                "line_id": _LINE,
                "settled_at": _AT,
                **same("order_id", "refund_id", "product_id", "ordered_at"),
            },
            detail="fee",
        ),
        Into(
            "refund",
            {
                "refund_id": "refund_id || '-' || product_id",
                "line_id": _LINE,
                "kind": "'other'",
                "status": "'success'",
                "amount": f"-{_AMOUNT}",
                "success_at": "refunded_at",
                **same("order_id", "product_id"),
            },
            where=f"refund_id IS NOT NULL AND refunded_at IS NOT NULL AND {_AMOUNT} < 0"
            f" AND {_ITEM} IN ('income', 'refund')",
        ),
    ),
    event_time=f"coalesce({_AT}, ordered_at)",
    totals_lack=("fee", "direction"),
)
